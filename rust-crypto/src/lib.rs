//! SRTP (RFC 3711, RFC 7714), AES-GCM (NIST SP 800-38D) and CRC32c in WebAssembly SIMD.
//!
//! One call works on a batch of packets or records that lie in linear memory and are described by rows
//! of numbers: [`rtp_row`] says what a row of SRTP is, [`gcm`] what one of AES-GCM, the same that
//! TypeScript's `SrtpBatch` and `AeadBatch` have.
//!
//! # Constant time
//!
//! No memory index and no branch depends on a key, a plaintext or a keystream: AES's S-box and
//! GHASH's multiplications are lookups inside of SIMD registers (`swizzle`), whose engines use
//! instructions of constant time for it. WebAssembly itself promises nothing about time. The
//! portable build of [`block`], which only `cargo test` runs, makes no such claim.
//!
//! # Unsafe code
//!
//! All of it is in `memory.rs`; everywhere else it is an error.

// Natively, a dynamic library would need an allocator and a panic handler; `std` brings them.
#![cfg_attr(target_arch = "wasm32", no_std)]

extern crate alloc;

pub mod aes;
pub mod arena;
pub mod block;
pub mod crc32c;
mod ctr;
#[cfg(target_arch = "wasm32")]
pub mod exports;
mod field;
pub mod gcm;
pub mod ghash;
mod ghash_wide;
mod memory;
pub mod rtp_row;
pub mod sctp_row;
pub mod sha1;
mod sha1_lanes;
pub mod srtp;
mod words;

pub use gcm::{COLUMNS, GcmKey, Row};
