//! Everything that is `unsafe`: loads and stores of vectors, wiping, and the one static value.
#![allow(unsafe_code)]

use core::ptr;

/// Types that may hold any bits, zeros among them, and own nothing.
///
/// # Safety
///
/// All zeros must be a valid value of the type, which must not need to be dropped.
pub(crate) unsafe trait Plain: Copy {}

// SAFETY: an integer.
unsafe impl Plain for u8 {}
// SAFETY: an integer.
unsafe impl Plain for u32 {}
// SAFETY: an integer.
unsafe impl Plain for u128 {}
// SAFETY: sixteen bytes or a vector of 128 bits.
unsafe impl Plain for crate::block::Block {}

/// Overwrites secrets with zeros in a way that the optimizer must keep.
pub(crate) fn wipe<T: Plain>(values: &mut [T]) {
    for value in values {
        // SAFETY: the reference is valid for writes, and `Plain` makes zeros a value of `T`.
        unsafe { ptr::write_volatile(value, core::mem::zeroed()) }
    }
}

#[cfg(target_arch = "wasm32")]
pub(crate) use wasm::{Single, load, store};

#[cfg(target_arch = "wasm32")]
mod wasm {
    use core::arch::wasm32::{v128, v128_load, v128_store};
    use core::cell::UnsafeCell;
    use core::ptr;

    /// The 16 bytes as a vector.
    #[inline(always)]
    pub(crate) fn load(bytes: &[u8; 16]) -> v128 {
        // SAFETY: 16 readable bytes; WebAssembly's loads need no alignment.
        unsafe { v128_load(ptr::from_ref(bytes).cast()) }
    }

    /// Writes the vector to the 16 bytes.
    #[inline(always)]
    pub(crate) fn store(bytes: &mut [u8; 16], vector: v128) {
        // SAFETY: 16 writable bytes; WebAssembly's stores need no alignment.
        unsafe { v128_store(ptr::from_mut(bytes).cast(), vector) }
    }

    /// A static value of a module that has one thread.
    pub(crate) struct Single<T>(UnsafeCell<T>);

    // SAFETY: the build has no `atomics` feature, so no second thread can share the memory.
    #[cfg(not(target_feature = "atomics"))]
    unsafe impl<T> Sync for Single<T> {}

    impl<T> Single<T> {
        pub(crate) const fn new(value: T) -> Self {
            Self(UnsafeCell::new(value))
        }

        /// Lends the value. `body` must not come back here.
        pub(crate) fn with<R>(&self, body: impl FnOnce(&mut T) -> R) -> R {
            // SAFETY: one thread, and no `body` in `exports.rs`, which has all of them, calls an
            // export: the module imports nothing through which the host could.
            body(unsafe { &mut *self.0.get() })
        }
    }
}
