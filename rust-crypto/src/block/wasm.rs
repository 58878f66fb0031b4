//! The operations as WebAssembly's `simd128` and, where it is enabled, `relaxed-simd`.

#[cfg(target_feature = "relaxed-simd")]
use core::arch::wasm32::i8x16_relaxed_swizzle as swizzle;
#[cfg(not(target_feature = "relaxed-simd"))]
use core::arch::wasm32::u8x16_swizzle as swizzle;
use core::arch::wasm32::{
    u8x16_shuffle, u8x16_splat, u16x8_shuffle, u32x4_shr, u64x2, u64x2_extract_lane, v128,
    v128_and, v128_any_true, v128_xor,
};

use crate::memory;

/// Sixteen bytes in a SIMD register.
#[derive(Clone, Copy)]
#[repr(transparent)]
pub struct Block(v128);

impl Block {
    /// All zeros.
    pub const ZERO: Self = Self(u64x2(0, 0));

    /// Every byte `value`.
    #[inline(always)]
    #[must_use]
    pub fn splat(value: u8) -> Self {
        Self(u8x16_splat(value))
    }

    /// The block of these bytes.
    #[inline(always)]
    #[must_use]
    pub fn load(bytes: &[u8; 16]) -> Self {
        Self(memory::load(bytes))
    }

    /// Writes the bytes.
    #[inline(always)]
    pub fn store(self, bytes: &mut [u8; 16]) {
        memory::store(bytes, self.0);
    }

    /// The bytes as a number, the first one on top.
    #[inline(always)]
    #[must_use]
    pub fn to_number(self) -> u128 {
        let reversed = Self::reverse(self.0);
        let low = u128::from(u64x2_extract_lane::<0>(reversed));
        low | u128::from(u64x2_extract_lane::<1>(reversed)) << 64
    }

    /// The bytes of two numbers, each from its bottom.
    #[inline(always)]
    pub(super) fn from_halves(first: u64, second: u64) -> Self {
        Self(u64x2(first, second))
    }

    /// The bytes of a number, the first one from its top.
    #[inline(always)]
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "halves")]
    pub fn from_number(number: u128) -> Self {
        Self(Self::reverse(u64x2(number as u64, (number >> 64) as u64)))
    }

    /// The compiler would swap the bytes of integers one by one.
    #[inline(always)]
    fn reverse(vector: v128) -> v128 {
        u8x16_shuffle::<15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0>(vector, vector)
    }

    #[inline(always)]
    pub(super) fn xor(self, other: Self) -> Self {
        Self(v128_xor(self.0, other.0))
    }

    /// Whether every bit is zero.
    #[inline(always)]
    #[must_use]
    pub fn is_zero(self) -> bool {
        !v128_any_true(self.0)
    }

    /// The lower four bits of each byte.
    #[inline(always)]
    #[must_use]
    pub fn low_nibbles(self) -> Self {
        Self(v128_and(self.0, u8x16_splat(15)))
    }

    /// The upper four bits of each byte, moved down.
    #[inline(always)]
    #[must_use]
    pub fn high_nibbles(self) -> Self {
        // x86-64 cannot shift bytes: shifting words and masking takes two instructions, not four.
        Self(v128_and(u32x4_shr(self.0, 4), u8x16_splat(15)))
    }

    /// Byte `i` of the result is `self[index[i]]`, or 0 when the top bit of `index[i]` is set. Other
    /// indices above 15 must not occur: `relaxed-simd` leaves the result to the machine.
    #[inline(always)]
    #[must_use]
    pub fn lookup(self, index: Self) -> Self {
        Self(swizzle(self.0, index.0))
    }

    /// `a0 b0 a1 b1 … a7 b7`.
    #[inline(always)]
    #[must_use]
    pub fn interleave_low(self, other: Self) -> Self {
        Self(u8x16_shuffle::<0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23>(
            self.0, other.0,
        ))
    }

    /// `a8 b8 a9 b9 … a15 b15`.
    #[inline(always)]
    #[must_use]
    pub fn interleave_high(self, other: Self) -> Self {
        Self(u8x16_shuffle::<8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31>(
            self.0, other.0,
        ))
    }

    /// `a0 a1 b0 b1 … a6 a7 b6 b7`.
    #[inline(always)]
    #[must_use]
    pub fn interleave_pairs_low(self, other: Self) -> Self {
        Self(u16x8_shuffle::<0, 8, 1, 9, 2, 10, 3, 11>(self.0, other.0))
    }

    /// `a8 a9 b8 b9 … a14 a15 b14 b15`.
    #[inline(always)]
    #[must_use]
    pub fn interleave_pairs_high(self, other: Self) -> Self {
        Self(u16x8_shuffle::<4, 12, 5, 13, 6, 14, 7, 15>(self.0, other.0))
    }

    /// The last byte of `self`, then the first fifteen of `next`.
    #[inline(always)]
    #[must_use]
    pub fn shift_into(self, next: Self) -> Self {
        Self(u8x16_shuffle::<15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30>(
            self.0, next.0,
        ))
    }
}
