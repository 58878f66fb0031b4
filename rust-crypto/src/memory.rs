//! Everything that is `unsafe`: loads and stores of vectors, wiping, static values, and the allocator.
#![allow(unsafe_code)]

use alloc::alloc::{Layout, alloc};
use alloc::boxed::Box;
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

/// A box, or `None` when there is no memory for it: `Box::new` would end the program.
pub(crate) fn try_box<T>(value: T) -> Option<Box<T>> {
    const { assert!(size_of::<T>() > 0) };
    // SAFETY: the type has a size.
    let place = unsafe { alloc(Layout::new::<T>()) }.cast::<T>();
    if place.is_null() {
        return None;
    }
    // SAFETY: the allocator gave the place for one `T`, to be written to.
    unsafe { place.write(value) };
    // SAFETY: nobody else has the place, it comes from the allocator of boxes, and holds a `T`.
    Some(unsafe { Box::from_raw(place) })
}

#[cfg(target_arch = "wasm32")]
pub(crate) use wasm::{Single, load, store};

#[cfg(target_arch = "wasm32")]
mod wasm {
    use alloc::alloc::{GlobalAlloc, Layout};
    use core::arch::wasm32::{memory_size, v128, v128_load, v128_store};
    use core::cell::{Cell, UnsafeCell};
    use core::ptr;

    use dlmalloc::{Allocator, Dlmalloc};

    /// Bytes of a page of WebAssembly's memory.
    const PAGE_BYTES: usize = 64 << 10;

    unsafe extern "C" {
        /// Set by the linker behind everything static.
        static __heap_base: u8;
    }

    /// The memory between [`__heap_base`] and its end, given out once: the memory does not grow.
    struct Rest {
        taken: Cell<bool>,
    }

    // SAFETY: the one region that `alloc` gives out begins where the linker says that the heap does,
    // ends with the memory, and is never taken back.
    unsafe impl Allocator for Rest {
        fn alloc(&self, size: usize) -> (*mut u8, usize, u32) {
            let base = (&raw const __heap_base).cast_mut();
            let room = memory_size(0) * PAGE_BYTES - base.addr();
            if size > room || self.taken.replace(true) {
                return (ptr::null_mut(), 0, 0);
            }
            (base, room, 0)
        }

        fn remap(&self, _: *mut u8, _: usize, _: usize, _: bool) -> *mut u8 {
            ptr::null_mut()
        }

        fn free_part(&self, _: *mut u8, _: usize, _: usize) -> bool {
            false
        }

        fn free(&self, _: *mut u8, _: usize) -> bool {
            false
        }

        fn can_release_part(&self, _: u32) -> bool {
            false
        }

        fn allocates_zeros(&self) -> bool {
            true
        }

        fn page_size(&self) -> usize {
            PAGE_BYTES
        }
    }

    struct Heap(UnsafeCell<Dlmalloc<Rest>>);

    // SAFETY: the build has no `atomics` feature, so no second thread can share the memory.
    #[cfg(not(target_feature = "atomics"))]
    unsafe impl Sync for Heap {}

    // SAFETY: `Dlmalloc` keeps the contract of an allocator, and does not allocate in turn.
    unsafe impl GlobalAlloc for Heap {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            // SAFETY: one thread, and `Dlmalloc` does not call its users.
            unsafe { (*self.0.get()).malloc(layout.size(), layout.align()) }
        }

        unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
            // SAFETY: as above; the caller promises that `alloc` gave the place for this layout.
            unsafe { (*self.0.get()).free(place, layout.size(), layout.align()) }
        }

        unsafe fn realloc(&self, place: *mut u8, layout: Layout, size: usize) -> *mut u8 {
            // SAFETY: as above.
            unsafe { (*self.0.get()).realloc(place, layout.size(), layout.align(), size) }
        }
    }

    #[global_allocator]
    static HEAP: Heap =
        Heap(UnsafeCell::new(Dlmalloc::new_with_allocator(Rest { taken: Cell::new(false) })));

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
