//! What WebAssembly's host calls: numbers only. Rows and records lie in memory that [`reserve`] makes
//! and [`rows_at`] and [`bytes_at`] locate; offsets in rows count from [`bytes_at`].

use alloc::boxed::Box;
use alloc::vec;
use alloc::vec::Vec;

use dlmalloc::GlobalDlmalloc;
use wasm_bindgen::prelude::wasm_bindgen;

use crate::crc32c::Crc32c;
use crate::gcm::{COLUMNS, GcmKey, Row};
use crate::memory::{Single, wipe};

#[global_allocator]
static ALLOCATOR: GlobalDlmalloc = GlobalDlmalloc;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

struct Core {
    rows: Vec<Row>,
    bytes: Vec<u8>,
    /// By handle minus 1.
    keys: Vec<Option<Box<GcmKey>>>,
    crc32c: Option<Crc32c>,
}

static CORE: Single<Core> =
    Single::new(Core { rows: Vec::new(), bytes: Vec::new(), keys: Vec::new(), crc32c: None });

impl Core {
    /// The key of a handle, the memory, and the first `rows` rows; `None` for a handle that was not
    /// given out or is freed, or for more rows than there is room for.
    fn batch(
        &mut self,
        handle: usize,
        rows: usize,
    ) -> Option<(&mut GcmKey, &mut [u8], &mut [Row])> {
        let key = self.keys.get_mut(handle.wrapping_sub(1))?.as_mut()?;
        Some((key, &mut self.bytes, self.rows.get_mut(..rows)?))
    }
}

/// Makes room for at least `rows` rows and `bytes` bytes of records. Both may move, and the memory
/// may grow, which detaches views of it. What was there is gone.
#[wasm_bindgen]
pub fn reserve(rows: usize, bytes: usize) {
    CORE.with(|core| {
        if core.rows.len() < rows {
            core.rows = vec![[0; COLUMNS]; rows];
        }
        if core.bytes.len() < bytes {
            core.bytes = vec![0; bytes];
        }
    });
}

/// Address of the rows.
#[wasm_bindgen]
#[must_use]
pub fn rows_at() -> usize {
    CORE.with(|core| core.rows.as_ptr().addr())
}

/// Address of the records.
#[wasm_bindgen]
#[must_use]
pub fn bytes_at() -> usize {
    CORE.with(|core| core.bytes.as_ptr().addr())
}

/// Prepares the key in the first `length` bytes of the records and wipes it there. Returns its
/// handle, or 0 when no key has that length.
#[wasm_bindgen]
#[must_use]
pub fn gcm_new(length: usize) -> usize {
    CORE.with(|core| {
        let Some(bytes) = core.bytes.get_mut(..length) else { return 0 };
        let Some(key) = GcmKey::new(bytes) else { return 0 };
        wipe(bytes);
        let free = core.keys.iter().position(Option::is_none);
        let at = free.unwrap_or(core.keys.len());
        if free.is_none() {
            core.keys.push(None);
        }
        core.keys[at] = Some(key);
        at + 1
    })
}

/// Wipes and forgets the key of a handle.
#[wasm_bindgen]
pub fn gcm_free(handle: usize) {
    CORE.with(|core| {
        if let Some(key) = core.keys.get_mut(handle.wrapping_sub(1)) {
            *key = None;
        }
    });
}

/// Seals the first `rows` rows. `false` means that nothing was done, for want of such a key or rows.
#[wasm_bindgen]
#[must_use]
pub fn gcm_seal(handle: usize, rows: usize) -> bool {
    CORE.with(|core| {
        core.batch(handle, rows).map(|(key, bytes, rows)| key.seal(bytes, rows)).is_some()
    })
}

/// Opens the first `rows` rows and marks those that were right. `false` as with [`gcm_seal`].
#[wasm_bindgen]
#[must_use]
pub fn gcm_open(handle: usize, rows: usize) -> bool {
    CORE.with(|core| {
        core.batch(handle, rows).map(|(key, bytes, rows)| key.open(bytes, rows)).is_some()
    })
}

/// CRC32c of the first `length` bytes of the records; 0 when there are not that many.
#[wasm_bindgen]
#[must_use]
pub fn crc32c(length: usize) -> u32 {
    CORE.with(|core| {
        let Some(bytes) = core.bytes.get(..length) else { return 0 };
        core.crc32c.get_or_insert_default().checksum(bytes)
    })
}
