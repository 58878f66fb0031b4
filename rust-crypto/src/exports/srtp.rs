//! SRTP. Rows are those of [`rtp_row`]: offset, length, rollover counter or index, and status, which
//! says of each packet what became of it; a row that leaves its arena is malformed. The answers are 1,
//! or 0 when nothing was done, for want of such keys, arenas or rows.
//!
//! The keystream can be made by the host, whose AES may be faster, in three steps:
//!
//! 1. [`srtp_counters`] writes the counter blocks of some rows to the bytes of another arena, the
//!    *scratch*, from its beginning on, and returns how many bytes they take: `16·(g + ⌈n ∕ 16⌉)` for
//!    each packet that is not malformed, in the order of the rows, where `n` bytes of it are encrypted
//!    and `g` is 1 with GCM, whose first block masks the tag, and 0 in counter mode. When they do not
//!    fit, the answer is 0 and the scratch is worth nothing: the host asks for fewer rows. 64 packets
//!    of 1600 bytes take 103 424 bytes.
//! 2. The host encrypts these bytes where they are, with AES in ECB mode under the key of RTP.
//! 3. [`srtp_protect_with`] or [`srtp_unprotect_with`] work on the same rows, which together with their
//!    packets must not have changed in between. A packet for which keystream is missing is left alone,
//!    with the status "refused".
//!
//! Blocks need not come from [`srtp_counters`]: a host that knows the next sequence numbers can encrypt
//! `(SSRC·2^64 + ROC·2^32 + sequence number·2^16) ^ (salt·2^16)`, plus the number of the block, or with
//! GCM the blocks from 1 on of `(SSRC·2^80 + ROC·2^48 + sequence number·2^32) ^ (salt·2^32)` ahead, and
//! put them into the scratch in the same order.

use wasm_bindgen::prelude::wasm_bindgen;

use super::{CORE, Core, DONE, SRTP_WORK, UNKNOWN};
use crate::memory::wipe;
use crate::rtp_row::Row;
use crate::srtp::{Direction, Srtp, Work, session_key_bytes};

/// Prepares session keys of one direction, which lie at the beginning of an arena and are wiped there:
/// key, salt and authentication key of RTP, then those of RTCP. `profile` is its number in DTLS:
///
/// | profile                        | number | bytes           |
/// | ------------------------------ | ------ | --------------- |
/// | `SRTP_AES128_CM_HMAC_SHA1_80`  |      1 | 2·(16 + 14 + 20) |
/// | `SRTP_AES128_CM_HMAC_SHA1_32`  |      2 | 2·(16 + 14 + 20) |
/// | `SRTP_AEAD_AES_128_GCM`        |      7 | 2·(16 + 12)      |
/// | `SRTP_AEAD_AES_256_GCM`        |      8 | 2·(32 + 12)      |
///
/// Returns a handle, or 0 for another profile or when there is no room.
#[wasm_bindgen]
#[must_use]
pub fn srtp_new(arena: usize, profile: u32, cryptex: bool) -> usize {
    CORE.with(|core| {
        let length = session_key_bytes(profile);
        let bytes = core.arenas.get(arena).and_then(|arena| arena.bytes().get_mut(..length?));
        let Some(bytes) = bytes else { return 0 };
        let prepared = Srtp::new(profile, bytes, cryptex);
        wipe(bytes);
        core.srtp.insert(prepared)
    })
}

/// Wipes and forgets the session keys of a handle.
#[wasm_bindgen]
pub fn srtp_free(srtp: usize) {
    CORE.with(|core| core.srtp.remove(srtp));
}

/// Protects the RTP packets of the first `rows` rows of an arena.
#[wasm_bindgen]
#[must_use]
pub fn srtp_protect(srtp: usize, arena: usize, rows: usize) -> u32 {
    on_batch(srtp, arena, rows, Srtp::protect)
}

/// Unprotects the SRTP packets of the first `rows` rows of an arena, and fills the rows of those that
/// are authentic.
#[wasm_bindgen]
#[must_use]
pub fn srtp_unprotect(srtp: usize, arena: usize, rows: usize) -> u32 {
    on_batch(srtp, arena, rows, Srtp::unprotect)
}

/// Protects the RTCP packets of the first `rows` rows of an arena.
#[wasm_bindgen]
#[must_use]
pub fn srtp_protect_control(srtp: usize, arena: usize, rows: usize) -> u32 {
    on_batch(srtp, arena, rows, Srtp::protect_control)
}

/// Unprotects the SRTCP packets of the first `rows` rows of an arena.
#[wasm_bindgen]
#[must_use]
pub fn srtp_unprotect_control(srtp: usize, arena: usize, rows: usize) -> u32 {
    on_batch(srtp, arena, rows, Srtp::unprotect_control)
}

/// Writes the counter blocks of `rows` rows from row `first` on to the scratch: of RTP packets to
/// protect, or, when `received`, of SRTP packets to unprotect. Returns their length in bytes; 0 when
/// there are none, when the scratch is too small, and for want of keys, arenas or rows.
#[wasm_bindgen]
#[must_use]
pub fn srtp_counters(
    srtp: usize,
    arena: usize,
    first: usize,
    rows: usize,
    scratch: usize,
    received: bool,
) -> usize {
    let direction = if received { Direction::In } else { Direction::Out };
    CORE.with(|core| {
        let (batch, scratch) = core.srtp_batch_and_scratch(srtp, arena, first, rows, scratch)?;
        batch.srtp.counters(direction, batch.memory, batch.rows, scratch)
    })
    .unwrap_or(0)
}

/// [`srtp_protect`] of `rows` rows from row `first` on, with keystream from the scratch.
#[wasm_bindgen]
#[must_use]
pub fn srtp_protect_with(
    srtp: usize,
    arena: usize,
    first: usize,
    rows: usize,
    scratch: usize,
) -> u32 {
    on_batch_and_scratch(srtp, arena, first, rows, scratch, Srtp::protect_with)
}

/// [`srtp_unprotect`] of `rows` rows from row `first` on, with keystream from the scratch.
#[wasm_bindgen]
#[must_use]
pub fn srtp_unprotect_with(
    srtp: usize,
    arena: usize,
    first: usize,
    rows: usize,
    scratch: usize,
) -> u32 {
    on_batch_and_scratch(srtp, arena, first, rows, scratch, Srtp::unprotect_with)
}

/// What is done to a batch.
type Task = fn(&mut Srtp, &mut Work, &mut [u8], &mut [Row]);

/// What is done to a batch with keystream from a scratch.
type TaskWith = fn(&mut Srtp, &[u8], &mut Work, &mut [u8], &mut [Row]);

struct Batch<'a> {
    srtp: &'a mut Srtp,
    memory: &'a mut [u8],
    rows: &'a mut [Row],
}

#[inline(never)]
fn on_batch(srtp: usize, arena: usize, rows: usize, task: Task) -> u32 {
    CORE.with(|core| {
        let Some(srtp) = core.srtp.get(srtp) else { return UNKNOWN };
        let batch = core.arenas.get(arena).and_then(|arena| arena.batch(rows));
        let Some((memory, rows)) = batch else { return UNKNOWN };
        SRTP_WORK.with(|work| task(srtp, work, memory, rows));
        DONE
    })
}

#[inline(never)]
fn on_batch_and_scratch(
    srtp: usize,
    arena: usize,
    first: usize,
    rows: usize,
    scratch: usize,
    task: TaskWith,
) -> u32 {
    CORE.with(|core| {
        let found = core.srtp_batch_and_scratch(srtp, arena, first, rows, scratch);
        let Some((batch, scratch)) = found else { return UNKNOWN };
        SRTP_WORK.with(|work| task(batch.srtp, scratch, work, batch.memory, batch.rows));
        DONE
    })
}

impl Core {
    #[inline(never)]
    fn srtp_batch_and_scratch(
        &mut self,
        srtp: usize,
        arena: usize,
        first: usize,
        rows: usize,
        scratch: usize,
    ) -> Option<(Batch<'_>, &mut [u8])> {
        let srtp = self.srtp.get(srtp)?;
        let (arena, scratch) = self.arenas.get_two(arena, scratch)?;
        let (memory, all) = arena.batch(first.checked_add(rows)?)?;
        Some((Batch { srtp, memory, rows: all.get_mut(first..)? }, scratch.bytes()))
    }
}
