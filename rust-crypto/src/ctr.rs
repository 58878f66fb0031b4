//! AES in counter mode (NIST SP 800-38A §6.5): GCM's, with a nonce of 12 bytes and a counter of 32 bits
//! (SP 800-38D §6.5), and SRTP's, with 14 bytes and 16 bits (RFC 3711 §4.1.1).
//!
//! Counter blocks that differ in their last byte only share most of their first two rounds. Round 1
//! spreads that byte over the first column; what it adds there depends on the key alone and stands in
//! a table. Round 2 spreads each byte of the first column over a column of its own, so that it needs
//! four substitutions per block instead of sixteen, and the rest of it is shared.

use core::ops::Range;

use crate::aes::{AesKey, Rows, row_of_groups};
use crate::block::{BLOCK_BYTES, Block, xor_all};
use crate::memory::wipe;

/// Blocks that are made at once.
const CHUNK: usize = 16;

/// Values of the last byte, and room to read a chunk from each of them on.
const DELTAS: usize = 256 + CHUNK;

/// A key for counter mode.
pub(crate) struct CtrKey {
    aes: AesKey,
    /// By the last byte of the counter block: what it adds to the four bytes of the first column after
    /// round 1, compared with a last byte of zero.
    deltas: [[u8; DELTAS]; 4],
}

impl Drop for CtrKey {
    fn drop(&mut self) {
        wipe(self.deltas.as_flattened_mut());
    }
}

impl CtrKey {
    pub(crate) const ZERO: Self = Self { aes: AesKey::ZERO, deltas: [[0; DELTAS]; 4] };

    /// Sets a key of 16 or 32 bytes.
    #[cold]
    #[inline(never)]
    pub(crate) fn set(&mut self, key: &[u8]) {
        self.aes.set(key);
        let zero = self.aes.substitute(self.aes.start_last_byte(Block::ZERO));
        for first in (0u8..=255).step_by(CHUNK) {
            let mut counters = [0; CHUNK];
            for (counter, value) in counters.iter_mut().zip(first..=255) {
                *counter = value;
            }
            let bytes = self.aes.start_last_byte(Block::load(&counters));
            let (once, twice) = self.aes.substitute(bytes);
            let (once, twice) = (once ^ zero.0, twice ^ zero.1);
            // MixColumns' coefficients of the last row: 1, 1, 3, 2. ShiftRows has moved it from the
            // last column to the first.
            for (deltas, delta) in self.deltas.iter_mut().zip([once, once, once ^ twice, twice]) {
                if let Some(to) = deltas[usize::from(first)..].first_chunk_mut() {
                    delta.store(to);
                }
            }
        }
    }

    /// Encrypts one block; GHASH's key is made so (SP 800-38D §7.1 step 1).
    pub(crate) fn encrypt(&self, block: Block) -> Block {
        self.aes.encrypt(block)
    }
}

/// What counter blocks share that differ in their last byte only.
struct Page {
    /// After round 2, of a last byte of zero.
    state: Rows,
    /// The four bytes of the first column after round 1, each 16 times.
    column: [Block; 4],
    /// What they give in the S-box, once and twice: contained in `state`, to be taken out again.
    substituted: [(Block, Block); 4],
}

/// Where keystream is made: lent, because to begin with zeros costs a third of a small packet's time.
pub(crate) struct Workspace {
    page: Page,
    blocks: [Rows; CHUNK / 4],
}

impl Workspace {
    pub(crate) const ZERO: Self = Self {
        page: Page {
            state: [Block::ZERO; 4],
            column: [Block::ZERO; 4],
            substituted: [(Block::ZERO, Block::ZERO); 4],
        },
        blocks: [[Block::ZERO; 4]; CHUNK / 4],
    };

    /// Turns to the page of a counter.
    #[inline(never)]
    fn turn(&mut self, key: &CtrKey, initial: Block, counter: u32) {
        let page = &mut self.page;
        let mut states = [key.aes.start(counter_block(initial, counter & !0xff))];
        key.aes.round(&mut states, 1);
        for row in 0..4 {
            page.column[row] = states[0][row].lookup(Block::ZERO);
            page.substituted[row] = key.aes.substitute(page.column[row]);
        }
        key.aes.round(&mut states, 2);
        page.state = states[0];
    }

    /// Sixteen blocks after round 2, with last bytes from `low` on.
    #[inline(always)]
    fn start(&mut self, key: &CtrKey, low: usize) {
        let mut once = [Block::ZERO; 4];
        let mut twice = [Block::ZERO; 4];
        for row in 0..4 {
            let bytes = self.page.column[row] ^ Block::load_padded(&key.deltas[row], low);
            let (one, two) = key.aes.substitute(bytes);
            once[row] = one ^ self.page.substituted[row].0;
            twice[row] = two ^ self.page.substituted[row].1;
        }
        for row in 0..4 {
            // ShiftRows moves row r of the first column to column 4 − r.
            let part = |from: usize| match (4 + from - row) % 4 {
                0 => twice[from],
                1 => once[from] ^ twice[from],
                _ => once[from],
            };
            let added = row_of_groups([part(0), part(3), part(2), part(1)]);
            for group in 0..CHUNK / 4 {
                self.blocks[group][row] = self.page.state[row] ^ added[group];
            }
        }
    }
}

/// Counter block number `counter`, whose initial one ends with the zeros that are counted in.
#[inline(always)]
pub(crate) fn counter_block(initial: Block, counter: u32) -> Block {
    initial ^ Block::from_number(u128::from(counter))
}

/// The keystream of one text, block after block.
pub(crate) struct Keystream<'a> {
    key: &'a CtrKey,
    work: &'a mut Workspace,
    initial: Block,
    counter: u32,
    /// Blocks that are not made yet.
    wanted: usize,
    /// Which blocks in the workspace are made and not given out.
    ready: Range<usize>,
}

impl<'a> Keystream<'a> {
    /// `wanted` blocks, of which at least one, from number `counter` on.
    #[inline(always)]
    pub(crate) fn new(
        key: &'a CtrKey,
        work: &'a mut Workspace,
        initial: Block,
        counter: u32,
        wanted: usize,
    ) -> Self {
        work.turn(key, initial, counter);
        let mut stream = Self { key, work, initial, counter, wanted, ready: 0..0 };
        stream.make();
        stream
    }

    /// The next block: in GCM, the first one masks the tag (SP 800-38D §7.1 step 6).
    #[inline(always)]
    pub(crate) fn block(&mut self) -> Block {
        if self.ready.is_empty() {
            self.make();
        }
        let at = self.ready.start % CHUNK;
        self.ready.start += 1;
        self.work.blocks.as_flattened()[at]
    }

    /// XORs what follows into `text`, whose blocks must be all that are still wanted.
    #[inline(never)]
    pub(crate) fn apply(&mut self, text: &mut [u8]) {
        let mut rest = text;
        while !rest.is_empty() {
            if self.ready.is_empty() {
                self.make();
            }
            let length = rest.len().min(BLOCK_BYTES * self.ready.len());
            let (now, later) = rest.split_at_mut(length);
            let blocks = &self.work.blocks.as_flattened()[self.ready.start..];
            xor_all(now, blocks.iter().copied());
            self.ready = 0..0;
            rest = later;
        }
    }

    /// Makes the next blocks, up to 16.
    #[inline(never)]
    fn make(&mut self) {
        let low = (self.counter & 0xff) as usize;
        if low == 0 {
            self.work.turn(self.key, self.initial, self.counter);
        }
        let count = self.wanted.clamp(1, CHUNK).min(256 - low);
        self.work.start(self.key, low);
        let (pairs, _) = self.work.blocks.as_chunks_mut::<2>();
        for (at, pair) in pairs.iter_mut().enumerate() {
            let left = count.saturating_sub(8 * at);
            if left > 4 {
                self.key.aes.finish(pair, 3);
            } else if left > 0
                && let Some(first) = pair.first_chunk_mut::<1>()
            {
                self.key.aes.finish(first, 3);
            }
        }
        // A text that makes this wrap is longer than the memory.
        self.counter = self.counter.wrapping_add(u32::try_from(count).unwrap_or(0));
        self.wanted = self.wanted.saturating_sub(count);
        self.ready = 0..count;
    }
}
