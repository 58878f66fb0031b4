//! GHASH of sixteen messages side by side: vector `i` holds byte `i` of sixteen sums. The product of
//! H with one nibble of a sum has sixteen bytes, each of which is one lookup for all messages.

use alloc::boxed::Box;
use core::hint::black_box;

use crate::block::{BLOCK_BYTES, Block};
use crate::ghash::{LANES, Message, multiply_by_x};
use crate::memory::wipe;

/// Nibbles of a block.
const NIBBLES: usize = 32;

/// Bytes of the product that are summed up in one pass; more sums than this leave the registers.
const HALF: usize = 8;

/// By half of the product, nibble of the factor (lower one of byte 0 first) and byte of the half: the
/// byte of the product, by the nibble's value.
pub(crate) struct WideTable {
    products: [[[Block; HALF]; NIBBLES]; BLOCK_BYTES / HALF],
}

impl Drop for WideTable {
    fn drop(&mut self) {
        wipe(self.products.as_flattened_mut().as_flattened_mut());
    }
}

impl WideTable {
    pub(crate) fn new(key: u128) -> Box<Self> {
        let zero = [[[Block::ZERO; HALF]; NIBBLES]; BLOCK_BYTES / HALF];
        let mut table = Box::new(Self { products: zero });
        let mut power = key;
        for byte in 0..BLOCK_BYTES {
            // The upper nibble comes first in powers of x.
            for nibble in [2 * byte + 1, 2 * byte] {
                table.set_nibble(nibble, &mut power);
            }
        }
        wipe(core::slice::from_mut(&mut power));
        table
    }

    /// Fills in one nibble, whose highest bit stands for `power`, and leaves the next power there.
    fn set_nibble(&mut self, nibble: usize, power: &mut u128) {
        let mut values = [0u128; 16];
        for bit in [8, 4, 2, 1] {
            for value in 0..16 {
                if value & bit != 0 {
                    values[value] ^= *power;
                }
            }
            *power = multiply_by_x(*power);
        }
        let bytes = values.map(u128::to_be_bytes);
        for at in 0..BLOCK_BYTES {
            let column = core::array::from_fn(|value| bytes[value][at]);
            self.products[at / HALF][nibble][at % HALF] = Block::load(&column);
        }
        wipe(&mut values);
    }

    /// The hashes of up to 16 messages of at most `longest` blocks.
    #[inline(never)]
    pub(crate) fn hash_all(
        &self,
        messages: &[Message<'_>],
        longest: usize,
        hashes: &mut [Block; LANES],
    ) {
        let mut sums = [Block::ZERO; LANES];
        // Shorter messages begin later.
        let mut next = [0isize; LANES];
        for (next, message) in next.iter_mut().zip(messages) {
            *next = message.blocks().cast_signed() - longest.cast_signed();
        }
        for _ in 0..longest {
            let mut blocks = [Block::ZERO; LANES];
            for ((block, message), next) in blocks.iter_mut().zip(messages).zip(&mut next) {
                *block = message.block(*next);
                *next += 1;
            }
            transpose(&mut blocks);
            for (sum, block) in sums.iter_mut().zip(blocks) {
                *sum = *sum ^ block;
            }
            self.multiply(&mut sums);
        }
        transpose(&mut sums);
        *hashes = sums;
    }

    /// Each sum times H.
    #[inline(always)]
    fn multiply(&self, sums: &mut [Block; LANES]) {
        let mut nibbles = [Block::ZERO; NIBBLES];
        for (pair, sum) in nibbles.chunks_exact_mut(2).zip(&*sums) {
            pair[0] = sum.low_nibbles();
            pair[1] = sum.high_nibbles();
        }
        // A loop whose length the compiler knows is unrolled, and a long body runs slower.
        let nibbles = &nibbles[..black_box(NIBBLES)];
        for (sums, products) in sums.chunks_exact_mut(HALF).zip(&self.products) {
            let mut halves = [Block::ZERO; HALF];
            for (nibble, tables) in nibbles.iter().zip(products) {
                for at in 0..HALF {
                    halves[at] = halves[at] ^ tables[at].lookup(*nibble);
                }
            }
            sums.copy_from_slice(&halves);
        }
    }
}

/// Sixteen messages' bytes to sixteen bytes' messages, or back. Each of four passes moves one bit of
/// a byte's place in its vector to the number of its vector.
#[inline(always)]
fn transpose(blocks: &mut [Block; LANES]) {
    for _ in 0..4 {
        let before = *blocks;
        for at in 0..LANES / 2 {
            let (one, other) = (before[at], before[at + LANES / 2]);
            blocks[2 * at] = one.interleave_low(other);
            blocks[2 * at + 1] = one.interleave_high(other);
        }
    }
}
