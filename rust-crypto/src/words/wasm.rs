//! The operations as WebAssembly's `simd128`.

use core::arch::wasm32::{
    u8x16_shuffle, u32x4, u32x4_add, u32x4_extract_lane, u32x4_shl, u32x4_shr, u32x4_shuffle,
    u32x4_splat, u64x2_shuffle, v128, v128_and, v128_or, v128_xor,
};

use crate::block::Block;
use crate::memory;

/// Four words in a SIMD register.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub(crate) struct Words(v128);

/// The bytes of each word in the other order.
#[inline(always)]
fn swap(vector: v128) -> v128 {
    u8x16_shuffle::<3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12>(vector, vector)
}

impl Words {
    /// All zeros.
    pub(crate) const ZERO: Self = Self(u32x4(0, 0, 0, 0));

    #[inline(always)]
    pub(crate) fn splat(word: u32) -> Self {
        Self(u32x4_splat(word))
    }

    #[inline(always)]
    pub(crate) fn from_array([a, b, c, d]: [u32; 4]) -> Self {
        Self(u32x4(a, b, c, d))
    }

    /// Words of big-endian bytes.
    #[inline(always)]
    pub(crate) fn load(bytes: &[u8; 16]) -> Self {
        Self(swap(memory::load(bytes)))
    }

    /// The words as big-endian bytes.
    #[inline(always)]
    pub(crate) fn to_block(self) -> Block {
        let mut bytes = [0; 16];
        memory::store(&mut bytes, swap(self.0));
        Block::load(&bytes)
    }

    /// Writes the words, lowest bytes first.
    #[inline(always)]
    pub(crate) fn store(self, bytes: &mut [u8; 16]) {
        memory::store(bytes, self.0);
    }

    #[inline(always)]
    pub(super) fn plus(self, other: Self) -> Self {
        Self(u32x4_add(self.0, other.0))
    }

    #[inline(always)]
    pub(super) fn xor(self, other: Self) -> Self {
        Self(v128_xor(self.0, other.0))
    }

    #[inline(always)]
    pub(super) fn and(self, other: Self) -> Self {
        Self(v128_and(self.0, other.0))
    }

    #[inline(always)]
    pub(super) fn or(self, other: Self) -> Self {
        Self(v128_or(self.0, other.0))
    }

    #[inline(always)]
    pub(crate) fn rotate_left(self, bits: u32) -> Self {
        Self(v128_or(u32x4_shl(self.0, bits), u32x4_shr(self.0, 32 - bits)))
    }

    /// The last three words of `self`, and the first one of `next`.
    #[inline(always)]
    pub(crate) fn skip_one(self, next: Self) -> Self {
        Self(u32x4_shuffle::<1, 2, 3, 4>(self.0, next.0))
    }

    /// The last two words of `self`, and the first two of `next`.
    #[inline(always)]
    pub(crate) fn skip_two(self, next: Self) -> Self {
        Self(u64x2_shuffle::<1, 2>(self.0, next.0))
    }

    /// First words to the first vector, second ones to the second, and so on.
    #[inline(always)]
    pub(crate) fn transpose([a, b, c, d]: [Self; 4]) -> [Self; 4] {
        let (e, f) = (u32x4_shuffle::<0, 4, 1, 5>(a.0, b.0), u32x4_shuffle::<2, 6, 3, 7>(a.0, b.0));
        let (g, h) = (u32x4_shuffle::<0, 4, 1, 5>(c.0, d.0), u32x4_shuffle::<2, 6, 3, 7>(c.0, d.0));
        [
            Self(u64x2_shuffle::<0, 2>(e, g)),
            Self(u64x2_shuffle::<1, 3>(e, g)),
            Self(u64x2_shuffle::<0, 2>(f, h)),
            Self(u64x2_shuffle::<1, 3>(f, h)),
        ]
    }
}
