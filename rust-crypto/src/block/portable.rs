//! The operations byte by byte, for native tests. Not constant time.

/// Sixteen bytes.
#[derive(Clone, Copy)]
#[repr(align(16))]
pub struct Block([u8; 16]);

/// The bytes of `a` and `b` in the order of `indices`; 16 and above name `b`.
fn shuffle(a: Block, b: Block, indices: impl Fn(usize) -> usize) -> Block {
    Block(core::array::from_fn(|i| {
        let index = indices(i);
        if index < 16 { a.0[index] } else { b.0[index - 16] }
    }))
}

impl Block {
    /// All zeros.
    pub const ZERO: Self = Self([0; 16]);

    /// Every byte `value`.
    #[must_use]
    pub fn splat(value: u8) -> Self {
        Self([value; 16])
    }

    /// The block of these bytes.
    #[must_use]
    pub fn load(bytes: &[u8; 16]) -> Self {
        Self(*bytes)
    }

    /// Writes the bytes.
    pub fn store(self, bytes: &mut [u8; 16]) {
        *bytes = self.0;
    }

    /// The bytes as a number, the first one on top.
    #[must_use]
    pub fn to_number(self) -> u128 {
        u128::from_be_bytes(self.0)
    }

    /// The bytes of two numbers, each from its bottom.
    pub(super) fn from_halves(first: u64, second: u64) -> Self {
        Self((u128::from(first) | u128::from(second) << 64).to_le_bytes())
    }

    /// The bytes of a number, the first one from its top.
    #[must_use]
    pub fn from_number(number: u128) -> Self {
        Self(number.to_be_bytes())
    }

    pub(super) fn xor(self, other: Self) -> Self {
        Self(core::array::from_fn(|i| self.0[i] ^ other.0[i]))
    }

    /// Whether every bit is zero.
    #[must_use]
    pub fn is_zero(self) -> bool {
        self.0 == [0; 16]
    }

    /// The lower four bits of each byte.
    #[must_use]
    pub fn low_nibbles(self) -> Self {
        Self(self.0.map(|byte| byte & 15))
    }

    /// The upper four bits of each byte, moved down.
    #[must_use]
    pub fn high_nibbles(self) -> Self {
        Self(self.0.map(|byte| byte >> 4))
    }

    /// Byte `i` of the result is `self[index[i]]`, or 0 when the top bit of `index[i]` is set.
    ///
    /// # Panics
    ///
    /// For any other index above 15, which `relaxed-simd` leaves to the machine.
    #[must_use]
    pub fn lookup(self, index: Self) -> Self {
        Self(index.0.map(|at| if at >= 0x80 { 0 } else { self.0[usize::from(at)] }))
    }

    /// `a0 b0 a1 b1 … a7 b7`.
    #[must_use]
    pub fn interleave_low(self, other: Self) -> Self {
        shuffle(self, other, |i| i / 2 + 16 * (i % 2))
    }

    /// `a8 b8 a9 b9 … a15 b15`.
    #[must_use]
    pub fn interleave_high(self, other: Self) -> Self {
        shuffle(self, other, |i| 8 + i / 2 + 16 * (i % 2))
    }

    /// `a0 a1 b0 b1 … a6 a7 b6 b7`.
    #[must_use]
    pub fn interleave_pairs_low(self, other: Self) -> Self {
        shuffle(self, other, |i| i / 4 * 2 + i % 2 + 16 * (i / 2 % 2))
    }

    /// `a8 a9 b8 b9 … a14 a15 b14 b15`.
    #[must_use]
    pub fn interleave_pairs_high(self, other: Self) -> Self {
        shuffle(self, other, |i| 8 + i / 4 * 2 + i % 2 + 16 * (i / 2 % 2))
    }

    /// The last byte of `self`, then the first fifteen of `next`.
    #[must_use]
    pub fn shift_into(self, next: Self) -> Self {
        shuffle(self, next, |i| 15 + i)
    }
}
