//! GHASH of sixteen messages side by side: vector `i` holds byte `i` of sixteen sums. The product of
//! H with one nibble of a sum has sixteen bytes, each of which is one lookup for all messages.

use alloc::boxed::Box;
use core::hint::black_box;

use crate::block::{BLOCK_BYTES, Block};
use crate::ghash::{BYTES, LANES, Message, multiply_by_x};
use crate::memory::{try_box, wipe};

/// Bytes of the product that are summed up in one pass; more sums than this leave the registers.
const HALF: usize = 8;

/// Bytes of the products of one byte of the factor, of its lower and of its upper nibble, each by the
/// nibble's value.
type ByteProducts = [[Block; HALF]; 2];

/// By half of the product and byte of the factor.
pub(crate) struct WideTable {
    products: [[ByteProducts; BLOCK_BYTES]; BLOCK_BYTES / HALF],
}

impl Drop for WideTable {
    fn drop(&mut self) {
        wipe(self.products.as_flattened_mut().as_flattened_mut().as_flattened_mut());
    }
}

impl WideTable {
    /// The table of a key, or `None` when there is no memory for it.
    #[cold]
    #[inline(never)]
    pub(crate) fn new(key: u128) -> Option<Box<Self>> {
        let zero = [[[[Block::ZERO; HALF]; 2]; BLOCK_BYTES]; BLOCK_BYTES / HALF];
        let mut table = try_box(Self { products: zero })?;
        let mut power = key;
        for byte in 0..BLOCK_BYTES {
            // The upper nibble comes first in powers of x.
            for nibble in [1, 0] {
                table.set_nibble(byte, nibble, &mut power);
            }
        }
        wipe(core::slice::from_mut(&mut power));
        Some(table)
    }

    /// Fills in one nibble of a byte, whose highest bit stands for `power`, and leaves the next power there.
    #[inline(never)]
    fn set_nibble(&mut self, byte: usize, nibble: usize, power: &mut u128) {
        let mut values = [0u128; 16];
        for bit in 0..black_box(4) {
            let bit = 8 >> bit;
            for value in 0..black_box(16) {
                if value & bit != 0 {
                    values[value] ^= *power;
                }
            }
            *power = multiply_by_x(*power);
        }
        for at in 0..black_box(BLOCK_BYTES) {
            let mut column = [0; BLOCK_BYTES];
            for (byte, value) in column.iter_mut().zip(values).take(black_box(BLOCK_BYTES)) {
                *byte = value.to_be_bytes()[at % BLOCK_BYTES];
            }
            self.products[at / HALF][byte][nibble][at % HALF] = Block::load(&column);
        }
        wipe(&mut values);
    }

    /// The hashes of up to 16 messages of at most `longest` blocks.
    #[inline(never)]
    pub(crate) fn hash_all(&self, messages: &[Message<'_>], longest: usize, hashes: &mut [Block]) {
        let mut sums = [Block::ZERO; LANES];
        let mut blocks = [Block::ZERO; LANES];
        let mut others = [Block::ZERO; LANES];
        let mut factors = [(Block::ZERO, Block::ZERO); BLOCK_BYTES];
        // Shorter messages begin later.
        let mut next = [0isize; LANES];
        for (next, message) in next.iter_mut().zip(messages) {
            *next = message.start() - BYTES * (longest - message.blocks()).cast_signed();
        }
        for _ in 0..longest {
            for ((block, message), next) in blocks.iter_mut().zip(messages).zip(&mut next) {
                *block = message.block(*next);
                *next += BYTES;
            }
            transpose(&mut blocks, &mut others);
            for at in 0..BLOCK_BYTES {
                let sum = sums[at] ^ blocks[at];
                factors[at] = (sum.low_nibbles(), sum.high_nibbles());
            }
            self.multiply(&factors, &mut sums);
        }
        transpose(&mut sums, &mut others);
        for (hash, sum) in hashes.iter_mut().zip(sums) {
            *hash = sum;
        }
    }

    /// What was added up, as lower and upper nibbles, times H.
    #[inline(always)]
    fn multiply(&self, factors: &[(Block, Block); BLOCK_BYTES], sums: &mut [Block; LANES]) {
        // A loop whose length the compiler knows is unrolled, and a long body runs slower.
        let factors = &factors[..black_box(BLOCK_BYTES)];
        let (to, _) = sums.as_chunks_mut::<HALF>();
        for (sums, products) in to.iter_mut().zip(&self.products) {
            let mut halves = [Block::ZERO; HALF];
            for ((low, high), tables) in factors.iter().zip(products) {
                for at in 0..HALF {
                    let (low, high) = (tables[0][at].lookup(*low), tables[1][at].lookup(*high));
                    halves[at] = halves[at] ^ (low ^ high);
                }
            }
            for (sum, half) in sums.iter_mut().zip(halves) {
                *sum = half;
            }
        }
    }
}

/// Sixteen messages' bytes to sixteen bytes' messages, or back. Each of four passes moves one bit of
/// a byte's place in its vector to the number of its vector.
#[inline(never)]
fn transpose(blocks: &mut [Block; LANES], others: &mut [Block; LANES]) {
    interleave(blocks, others);
    interleave(others, blocks);
    interleave(blocks, others);
    interleave(others, blocks);
}

#[inline(always)]
fn interleave(from: &[Block; LANES], to: &mut [Block; LANES]) {
    for at in 0..LANES / 2 {
        let (one, other) = (from[at], from[at + LANES / 2]);
        to[2 * at] = one.interleave_low(other);
        to[2 * at + 1] = one.interleave_high(other);
    }
}
