//! What WebAssembly's host calls: numbers only. Packets and rows lie in arenas that [`arena_new`]
//! makes; offsets in rows count from [`arena_bytes_at`]. Nothing here traps: what cannot be done, for
//! want of memory or because a number makes no sense, is answered and leaves everything as it was.
//! The memory never grows, so that the host's views of it stay valid.

use alloc::boxed::Box;

use wasm_bindgen::prelude::wasm_bindgen;

use crate::arena::{Arena, Slots};
use crate::crc32c::Crc32c;
use crate::gcm::{self, GcmKey};
use crate::memory::{Single, wipe};
use crate::srtp::{Srtp, Work};
use crate::{rtp_row, sctp_row};

pub mod srtp;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    core::arch::wasm32::unreachable()
}

struct Core {
    arenas: Slots<Arena>,
    gcm_keys: Slots<Box<GcmKey>>,
    srtp: Slots<Box<Srtp>>,
}

static CORE: Single<Core> =
    Single::new(Core { arenas: Slots::new(), gcm_keys: Slots::new(), srtp: Slots::new() });

/// Beside the rest, for the reason below.
static SRTP_WORK: Single<Work> = Single::new(Work::new());

/// Beside the rest: all zeros at first, it takes no room in the module.
static CRC32C: Single<Crc32c> = Single::new(Crc32c::new());

/// Answer: there is no such key or arena, or no room in it for so many rows. Nothing was done.
const UNKNOWN: u32 = 0;
/// Answer: done.
const DONE: u32 = 1;
/// Answer: a row leaves the memory of its arena. Nothing was done.
const OUTSIDE: u32 = 2;

/// Makes an arena of `bytes` bytes with rows of `numbers` numbers altogether. Returns its handle, or
/// 0 when there is no room for it.
#[wasm_bindgen]
#[must_use]
pub fn arena_new(numbers: usize, bytes: usize) -> usize {
    CORE.with(|core| core.arenas.insert(Arena::new(numbers, bytes)))
}

/// Address of an arena's rows, or 0 when there is no such arena.
#[wasm_bindgen]
#[must_use]
pub fn arena_rows_at(arena: usize) -> usize {
    CORE.with(|core| core.arenas.get(arena).map_or(0, |arena| arena.numbers_at()))
}

/// Address of an arena's bytes, or 0 when there is no such arena.
#[wasm_bindgen]
#[must_use]
pub fn arena_bytes_at(arena: usize) -> usize {
    CORE.with(|core| core.arenas.get(arena).map_or(0, |arena| arena.bytes_at()))
}

/// Takes the memory of an arena back.
#[wasm_bindgen]
pub fn arena_free(arena: usize) {
    CORE.with(|core| core.arenas.remove(arena));
}

/// Prepares the key in the first `length` bytes of an arena and wipes it there. Returns its handle,
/// or 0 when no key has that length or there is no room for one.
#[wasm_bindgen]
#[must_use]
pub fn gcm_new(arena: usize, length: usize) -> usize {
    CORE.with(|core| {
        let bytes = core.arenas.get(arena).and_then(|arena| arena.bytes().get_mut(..length));
        let Some(bytes) = bytes else { return 0 };
        let key = GcmKey::new(bytes);
        wipe(bytes);
        core.gcm_keys.insert(key)
    })
}

/// Wipes and forgets the key of a handle.
#[wasm_bindgen]
pub fn gcm_free(key: usize) {
    CORE.with(|core| core.gcm_keys.remove(key));
}

/// Seals the first `rows` rows of an arena. Returns 1, or 0 or 2 when nothing was done: for want of
/// such a key, arena or rows, or because a row leaves the arena.
#[wasm_bindgen]
#[must_use]
pub fn gcm_seal(key: usize, arena: usize, rows: usize) -> u32 {
    CORE.with(|core| core.with_gcm(key, arena, rows, |key, bytes, rows| key.seal(bytes, rows)))
}

/// Opens the first `rows` rows of an arena and marks those that were right. Returns what
/// [`gcm_seal`] does.
#[wasm_bindgen]
#[must_use]
pub fn gcm_open(key: usize, arena: usize, rows: usize) -> u32 {
    CORE.with(|core| {
        core.with_gcm(key, arena, rows, |key, bytes, rows| {
            key.open(bytes, rows);
        })
    })
}

/// Opens as [`gcm_open`] does, and parses each text that was right as an SCTP packet into a row of its
/// own; these rows begin at number `packets` of the arena's rows. Returns what [`gcm_seal`] does.
#[wasm_bindgen]
#[must_use]
pub fn gcm_open_sctp(key: usize, arena: usize, rows: usize, packets: usize) -> u32 {
    CORE.with(|core| {
        let Some(key) = core.gcm_keys.get(key) else { return UNKNOWN };
        let batch = core.arenas.get(arena).and_then(|arena| arena.batch_with(rows, packets));
        let Some((bytes, rows, packets)) = batch else { return UNKNOWN };
        if !gcm::all_within(rows, bytes) {
            return OUTSIDE;
        }
        key.open(bytes, rows);
        parse_opened(bytes, rows, packets);
        DONE
    })
}

/// CRC32c of `length` bytes of an arena from `at` on; 0 when they are not there.
#[wasm_bindgen]
#[must_use]
pub fn crc32c(arena: usize, at: usize, length: usize) -> u32 {
    CORE.with(|core| {
        let bytes = core.arenas.get(arena).and_then(|arena| arena.bytes().get(at..)?.get(..length));
        bytes.map_or(0, |bytes| CRC32C.with(|crc| crc.checksum(bytes)))
    })
}

/// Parses the RTP packets that the first `rows` rows of an arena describe, and sets their status.
/// Returns 1, or 0 when there is no such arena or no room in it for so many rows.
#[wasm_bindgen]
#[must_use]
pub fn rtp_parse(arena: usize, rows: usize) -> u32 {
    CORE.with(|core| {
        let batch = core.arenas.get(arena).and_then(|arena| arena.batch(rows));
        let Some((bytes, rows)) = batch else { return UNKNOWN };
        rtp_row::parse_all(bytes, rows);
        DONE
    })
}

/// Parses each text of the first `rows` rows that was opened, as [`gcm_open_sctp`] does. Returns 1, or
/// 0 when there is no such arena or no room in it for so many rows.
#[wasm_bindgen]
#[must_use]
pub fn sctp_parse(arena: usize, rows: usize, packets: usize) -> u32 {
    CORE.with(|core| {
        let batch = core.arenas.get(arena).and_then(|arena| arena.batch_with(rows, packets));
        let Some((bytes, rows, packets)) = batch else { return UNKNOWN };
        parse_opened(bytes, rows, packets);
        DONE
    })
}

fn parse_opened(bytes: &[u8], rows: &[gcm::Row], packets: &mut [sctp_row::Row]) {
    CRC32C.with(|crc| {
        for (row, packet) in rows.iter().zip(packets) {
            let text = gcm::opened_text(row, bytes).unwrap_or_default();
            sctp_row::parse(crc, text, row[gcm::TEXT_AT] as usize, packet);
        }
    });
}

impl Core {
    fn with_gcm(
        &mut self,
        key: usize,
        arena: usize,
        rows: usize,
        work: impl FnOnce(&mut GcmKey, &mut [u8], &mut [gcm::Row]),
    ) -> u32 {
        let Some(key) = self.gcm_keys.get(key) else { return UNKNOWN };
        let batch = self.arenas.get(arena).and_then(|arena| arena.batch(rows));
        let Some((bytes, rows)) = batch else { return UNKNOWN };
        if !gcm::all_within(rows, bytes) {
            return OUTSIDE;
        }
        work(key, bytes, rows);
        DONE
    }
}
