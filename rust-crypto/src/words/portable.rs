//! The operations word by word, for native tests.

use core::array::from_fn;

use crate::block::Block;

/// Four words.
#[derive(Clone, Copy)]
pub(crate) struct Words([u32; 4]);

impl Words {
    /// All zeros.
    pub(crate) const ZERO: Self = Self([0; 4]);

    pub(crate) fn splat(word: u32) -> Self {
        Self([word; 4])
    }

    pub(crate) fn from_array(words: [u32; 4]) -> Self {
        Self(words)
    }

    /// Words of big-endian bytes.
    pub(crate) fn load(bytes: &[u8; 16]) -> Self {
        let (words, _) = bytes.as_chunks();
        Self(from_fn(|at| u32::from_be_bytes(words[at])))
    }

    /// The words as big-endian bytes.
    pub(crate) fn to_block(self) -> Block {
        let number = self.0.iter().fold(0, |number, word| number << 32 | u128::from(*word));
        Block::from_number(number)
    }

    /// Writes the words, lowest bytes first.
    pub(crate) fn store(self, bytes: &mut [u8; 16]) {
        let (words, _) = bytes.as_chunks_mut();
        for (bytes, word) in words.iter_mut().zip(self.0) {
            *bytes = word.to_le_bytes();
        }
    }

    pub(super) fn plus(self, other: Self) -> Self {
        Self(from_fn(|at| self.0[at].wrapping_add(other.0[at])))
    }

    pub(super) fn xor(self, other: Self) -> Self {
        Self(from_fn(|at| self.0[at] ^ other.0[at]))
    }

    pub(super) fn and(self, other: Self) -> Self {
        Self(from_fn(|at| self.0[at] & other.0[at]))
    }

    pub(super) fn or(self, other: Self) -> Self {
        Self(from_fn(|at| self.0[at] | other.0[at]))
    }

    pub(crate) fn rotate_left(self, bits: u32) -> Self {
        Self(self.0.map(|word| word.rotate_left(bits)))
    }

    /// The last three words of `self`, and the first one of `next`.
    pub(crate) fn skip_one(self, next: Self) -> Self {
        let ([_, b, c, d], [e, ..]) = (self.0, next.0);
        Self([b, c, d, e])
    }

    /// The last two words of `self`, and the first two of `next`.
    pub(crate) fn skip_two(self, next: Self) -> Self {
        let ([_, _, c, d], [e, f, ..]) = (self.0, next.0);
        Self([c, d, e, f])
    }

    /// First words to the first vector, second ones to the second, and so on.
    pub(crate) fn transpose(vectors: [Self; 4]) -> [Self; 4] {
        from_fn(|row| Self(from_fn(|column| vectors[column].0[row])))
    }
}
