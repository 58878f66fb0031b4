//! Four words of 32 bits and the few operations on them that SHA-1 is made of: WebAssembly's SIMD, or
//! a portable imitation for `cargo test`.

use core::ops::{Add, BitAnd, BitOr, BitXor};

#[cfg(not(target_arch = "wasm32"))]
mod portable;
#[cfg(target_arch = "wasm32")]
mod wasm;

#[cfg(not(target_arch = "wasm32"))]
pub(crate) use portable::Words;
#[cfg(target_arch = "wasm32")]
pub(crate) use wasm::Words;

/// Words side by side.
pub(crate) const WORDS: usize = 4;

impl Add for Words {
    type Output = Self;

    #[inline(always)]
    fn add(self, other: Self) -> Self {
        self.plus(other)
    }
}

impl BitXor for Words {
    type Output = Self;

    #[inline(always)]
    fn bitxor(self, other: Self) -> Self {
        self.xor(other)
    }
}

impl BitAnd for Words {
    type Output = Self;

    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        self.and(other)
    }
}

impl BitOr for Words {
    type Output = Self;

    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        self.or(other)
    }
}

impl Words {
    /// Each word where `mask` is all ones, the other's where it is zero.
    #[inline(always)]
    pub(crate) fn select(self, other: Self, mask: Self) -> Self {
        other ^ ((self ^ other) & mask)
    }
}
