//! Sixteen bytes and the few operations on them that everything here is made of: WebAssembly's
//! SIMD, or a portable imitation with which `cargo test` runs the same algorithms natively.

use core::ops::BitXor;

#[cfg(not(target_arch = "wasm32"))]
mod portable;
#[cfg(target_arch = "wasm32")]
mod wasm;

#[cfg(not(target_arch = "wasm32"))]
pub use portable::Block;
#[cfg(target_arch = "wasm32")]
pub use wasm::Block;

/// Bytes of a block of AES and GHASH.
pub const BLOCK_BYTES: usize = 16;

impl BitXor for Block {
    type Output = Self;

    #[inline(always)]
    fn bitxor(self, other: Self) -> Self {
        self.xor(other)
    }
}

impl core::fmt::Debug for Block {
    /// Says nothing about the bytes, which may be secret.
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.write_str("Block { .. }")
    }
}

impl Block {
    /// The block of the first 16 bytes from `at` on, with zeros where `bytes` has ended.
    #[inline(always)]
    #[must_use]
    pub fn load_padded(bytes: &[u8], at: usize) -> Self {
        let rest = bytes.get(at..).unwrap_or_default();
        rest.first_chunk().map_or_else(|| Self::load_short(rest), Self::load)
    }

    /// Fewer than 16 bytes, in two or three loads that may overlap.
    #[inline(never)]
    fn load_short(bytes: &[u8]) -> Self {
        let bits = |missing: usize| u32::try_from(8 * missing).unwrap_or(0);
        if let (Some(first), Some(last)) = (bytes.first_chunk::<8>(), bytes.last_chunk::<8>()) {
            // What is behind the first eight is on top of the last eight.
            let last = u64::from_le_bytes(*last).checked_shr(bits(BLOCK_BYTES - bytes.len()));
            return Self::from_halves(u64::from_le_bytes(*first), last.unwrap_or(0));
        }
        let low = if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
            let last = u64::from(u32::from_le_bytes(*last)) >> bits(8 - bytes.len());
            u64::from(u32::from_le_bytes(*first)) | last << 32
        } else {
            let byte = |at: usize| bytes.get(at).map_or(0, |byte| u64::from(*byte) << (8 * at));
            byte(0) | byte(1) | byte(2)
        };
        Self::from_halves(low, 0)
    }

    /// The bytes.
    #[inline(always)]
    #[must_use]
    pub fn to_bytes(self) -> [u8; BLOCK_BYTES] {
        let mut bytes = [0; BLOCK_BYTES];
        self.store(&mut bytes);
        bytes
    }
}

/// XORs blocks into `text`, as far as both go.
#[inline(always)]
pub(crate) fn xor_all(text: &mut [u8], blocks: impl Iterator<Item = Block>) {
    let (whole, rest) = text.as_chunks_mut();
    let mut blocks = blocks;
    for bytes in whole {
        let Some(block) = blocks.next() else { return };
        (block ^ Block::load(bytes)).store(bytes);
    }
    if !rest.is_empty()
        && let Some(block) = blocks.next()
    {
        for (to, from) in rest.iter_mut().zip(block.to_bytes()) {
            *to ^= from;
        }
    }
}
