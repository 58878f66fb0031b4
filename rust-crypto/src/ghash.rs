//! GHASH (NIST SP 800-38D §6.4): a polynomial in the hash key H over GF(2^128).
//!
//! Bit 7 of byte 0 is the coefficient of x^0, bit 0 of byte 15 that of x^127, and x^128 is
//! 1 + x + x² + x^7 (§6.3). As numbers with the first byte on top, multiplication by x is a shift to
//! the right.
//!
//! One message is taken eight blocks at a time, each block times its own power of H, with one
//! reduction for all. Byte `i` of a power is multiplied with the sixteen bytes of a block at once: the
//! product of two bytes, of 15 bits, is the sum of four lookups, by the lower and the upper nibble,
//! of its first and of its second byte. Products with byte `i` belong `i` bytes further on, which
//! Horner's rule does with one shift by a byte for each `i`.

use alloc::boxed::Box;
use core::hint::black_box;

use crate::block::{BLOCK_BYTES, Block};
use crate::ghash_wide::WideTable;
use crate::memory::wipe;

/// Blocks that are reduced together.
const POWERS: usize = 8;

/// Bytes of a block, as a distance.
pub(crate) const BYTES: isize = BLOCK_BYTES.cast_signed();

/// Messages that are hashed side by side.
pub const LANES: usize = 16;

/// For one byte of a power of H: first byte of the product by lower and by upper nibble, then its
/// second byte likewise.
type ByteTables = [Block; 4];

/// A hash key.
pub struct GhashKey {
    key: u128,
    /// Four bytes of each power, after four of each power, in the order of their use: element `n`
    /// belongs to H to the power of `POWERS − n`.
    powers: [[[ByteTables; 4]; POWERS]; BLOCK_BYTES / 4],
    /// Made when the first batch comes for which it pays.
    wide: Option<Box<WideTable>>,
}

impl core::fmt::Debug for GhashKey {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("GhashKey { .. }")
    }
}

impl Drop for GhashKey {
    fn drop(&mut self) {
        wipe(core::slice::from_mut(&mut self.key));
        wipe(self.powers.as_flattened_mut().as_flattened_mut().as_flattened_mut());
    }
}

/// What one tag covers: additional data and ciphertext (SP 800-38D §7.1 steps 4 and 5).
#[derive(Clone, Copy, Debug, Default)]
pub struct Message<'a> {
    /// Additional authenticated data.
    pub aad: &'a [u8],
    /// The ciphertext.
    pub text: &'a [u8],
}

impl Message<'_> {
    /// How many blocks are hashed: both parts padded, and their lengths.
    #[inline(always)]
    pub(crate) fn blocks(&self) -> usize {
        self.aad.len().div_ceil(BLOCK_BYTES) + self.text.len().div_ceil(BLOCK_BYTES) + 1
    }

    /// Where the first block is, as [`Message::block`] counts.
    #[inline(always)]
    pub(crate) fn start(&self) -> isize {
        -self.aad.len().next_multiple_of(BLOCK_BYTES).cast_signed()
    }

    /// The block `at` bytes behind the start of the text; zero in front of the first, which changes
    /// nothing as long as the sum is zero.
    #[inline(always)]
    pub(crate) fn block(&self, at: isize) -> Block {
        // One comparison for the usual block; a negative place is too high a number.
        match self.text.get(at.cast_unsigned()..).and_then(<[u8]>::first_chunk) {
            Some(whole) => Block::load(whole),
            None => self.edge(at),
        }
    }

    #[cold]
    #[inline(never)]
    fn edge(&self, at: isize) -> Block {
        if let Ok(at) = usize::try_from(at) {
            if at < self.text.len() { Block::load_padded(self.text, at) } else { self.lengths() }
        } else {
            let from_start = usize::try_from(at - self.start());
            from_start.map_or(Block::ZERO, |at| Block::load_padded(self.aad, at))
        }
    }

    /// The lengths of both parts in bits.
    fn lengths(&self) -> Block {
        let bits = |bytes: &[u8]| 8 * bytes.len() as u128;
        Block::from_number(bits(self.aad) << 64 | bits(self.text))
    }
}

impl GhashKey {
    /// A key that has not been set.
    pub const ZERO: Self =
        Self { key: 0, powers: [[[[Block::ZERO; 4]; 4]; POWERS]; BLOCK_BYTES / 4], wide: None };

    /// Sets the hash key: the encrypted zero block.
    #[cold]
    #[inline(never)]
    pub fn set(&mut self, key: Block) {
        self.wide = None;
        self.key = key.to_number();
        let mut power = self.key;
        for n in (0..POWERS).rev() {
            for (at, byte) in power.to_be_bytes().into_iter().enumerate() {
                self.powers[at / 4][n][at % 4] = byte_tables(byte);
            }
            power = multiply(power, self.key);
        }
        wipe(core::slice::from_mut(&mut power));
    }

    /// The hash of one message.
    #[must_use]
    #[inline(never)]
    pub fn hash(&self, message: &Message<'_>) -> Block {
        let mut at = message.start();
        let mut sum = Block::ZERO;
        let mut nibbles = [(Block::ZERO, Block::ZERO); POWERS];
        let mut left = message.blocks();
        while left > 0 {
            // The first ones are those that do not fill a group.
            let count = (left - 1) % POWERS + 1;
            left -= count;
            for nibbles in &mut nibbles[..count] {
                let block = message.block(at) ^ sum;
                at += BYTES;
                *nibbles = (block.low_nibbles(), block.high_nibbles());
                sum = Block::ZERO;
            }
            sum = self.sum(&nibbles[..count]);
        }
        sum
    }

    /// The hashes of up to 16 messages, whose lengths may differ. Where they differ little and there
    /// are many of them, they are hashed side by side.
    pub fn hash_all(&mut self, messages: &[Message<'_>], hashes: &mut [Block]) {
        let mut total = 0;
        let mut longest = 0;
        for message in messages {
            let blocks = message.blocks();
            total += blocks;
            longest = blocks.max(longest);
        }
        // The time of a step side by side does not depend on how many lanes are in use; it is that
        // of six to nine blocks of single messages.
        if total >= 9 * longest && messages.len() > 1 {
            if self.wide.is_none() {
                self.wide = WideTable::new(self.key);
            }
            // Without memory for the table, one after the other will do.
            if let Some(wide) = &self.wide {
                wide.hash_all(messages, longest, hashes);
                return;
            }
        }
        for (message, hash) in messages.iter().zip(hashes) {
            *hash = self.hash(message);
        }
    }

    /// Blocks, the last one times H, the one before times H^2, and so on.
    #[inline(always)]
    fn sum(&self, nibbles: &[(Block, Block)]) -> Block {
        // 32 bytes, `near` first. `before` are the first bytes of the products with the byte of the
        // power behind the current one: they stand where the current second bytes stand.
        let (mut near, mut far) = (Block::ZERO, Block::ZERO);
        let mut before = Block::ZERO;
        for powers in self.powers.iter().rev() {
            let mut first = [Block::ZERO; 4];
            let mut second = [Block::ZERO; 4];
            for (power, (low, high)) in powers[POWERS - nibbles.len()..].iter().zip(nibbles) {
                for q in 0..4 {
                    let tables = &power[q];
                    first[q] = first[q] ^ (tables[0].lookup(*low) ^ tables[1].lookup(*high));
                    second[q] = second[q] ^ (tables[2].lookup(*low) ^ tables[3].lookup(*high));
                }
            }
            let mut add = |first, second| {
                near = near ^ before ^ second;
                far = near.shift_into(far);
                near = Block::ZERO.shift_into(near);
                before = first;
            };
            // Written out: indexed by a variable, the sums would not stay in registers.
            add(first[3], second[3]);
            add(first[2], second[2]);
            add(first[1], second[1]);
            add(first[0], second[0]);
        }
        reduce(near ^ before, far)
    }
}

/// The products of one byte of a power with each nibble. The nibbles are public, the byte is not.
fn byte_tables(byte: u8) -> ByteTables {
    // x^0 on top; the upper nibble of the other factor has x^0 to x^3, the lower one x^4 to x^7.
    let top = u16::from(byte) << 8;
    let mut products = [[0u16; 16]; 2];
    let mut bytes = [[0; BLOCK_BYTES]; 4];
    for nibble in 1..black_box(16usize) {
        let rest = nibble & (nibble - 1);
        let single = top >> (3 ^ nibble.trailing_zeros() & 3);
        for (half, single) in [single >> 4, single].into_iter().enumerate() {
            products[half][nibble % 16] = products[half][rest % 16] ^ single;
            let [first, second] = products[half][nibble % 16].to_be_bytes();
            bytes[half][nibble % 16] = first;
            bytes[half + 2][nibble % 16] = second;
        }
    }
    bytes.map(|bytes| Block::load(&bytes))
}

/// 1 + x + x² + x^7 times `value`, without what passes x^127.
const fn fold(value: u128) -> u128 {
    value ^ value >> 1 ^ value >> 2 ^ value >> 7
}

/// The remainder of `near + far·x^128`.
#[inline(always)]
fn reduce(near: Block, far: Block) -> Block {
    let (near, far) = (near.to_number(), far.to_number());
    // What passes x^127 on the way is folded together with the rest.
    let far = far ^ far << 127 ^ far << 126 ^ far << 121;
    Block::from_number(near ^ fold(far))
}

/// `value·x`.
pub(crate) const fn multiply_by_x(value: u128) -> u128 {
    value >> 1 ^ (value & 1).wrapping_neg() & fold(1 << 127)
}

/// The product, bit by bit, for setting keys.
fn multiply(mut a: u128, mut b: u128) -> u128 {
    let mut product = 0;
    for _ in 0..128 {
        product ^= b & (a >> 127).wrapping_neg();
        a <<= 1;
        b = multiply_by_x(b);
    }
    product
}
