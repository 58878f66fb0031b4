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
    // SAFETY: the reference is valid for writes, and `Plain` makes zeros a value of `T`.
    unsafe { wipe_bytes(values.as_mut_ptr().cast(), size_of_val(values)) }
}

/// One for all types: small matters more than fast.
///
/// # Safety
///
/// `length` bytes from `at` on can be written, and zero is right for each of them.
#[inline(never)]
unsafe fn wipe_bytes(at: *mut u8, length: usize) {
    for offset in 0..length {
        // SAFETY: the caller promises it.
        unsafe { ptr::write_volatile(at.add(offset), 0) }
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
    use core::cell::UnsafeCell;
    use core::ptr::{self, NonNull};

    use linked_list_allocator::Heap;

    /// Bytes of a page of WebAssembly's memory.
    const PAGE_BYTES: usize = 64 << 10;

    unsafe extern "C" {
        /// Set by the linker behind everything static.
        static __heap_base: u8;
    }

    /// What keys and arenas live in. There are few of them, so that a list of holes serves, which has a
    /// third of the size of a general allocator.
    struct Memory(UnsafeCell<Heap>);

    // SAFETY: the build has no `atomics` feature, so no second thread can share the memory.
    #[cfg(not(target_feature = "atomics"))]
    unsafe impl Sync for Memory {}

    #[global_allocator]
    static MEMORY: Memory = Memory(UnsafeCell::new(Heap::empty()));

    impl Memory {
        /// The heap: from where the linker says that it begins to the end of the memory, which does
        /// not grow.
        #[expect(clippy::mut_from_ref, reason = "the allocator's interface shares it")]
        fn heap(&self) -> &mut Heap {
            // SAFETY: one thread, and neither the callers below nor `Heap` come back here.
            let heap = unsafe { &mut *self.0.get() };
            if heap.size() == 0 {
                let base = (&raw const __heap_base).cast_mut();
                let room = memory_size(0) * PAGE_BYTES - base.addr();
                // SAFETY: nobody else uses this memory, and it is given to the heap once.
                unsafe { heap.init(base, room) }
            }
            heap
        }
    }

    // SAFETY: `Heap` gives out pieces that do not overlap, and does not allocate in turn.
    unsafe impl GlobalAlloc for Memory {
        unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
            self.heap().allocate_first_fit(layout).map_or(ptr::null_mut(), NonNull::as_ptr)
        }

        unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
            let Some(place) = NonNull::new(place) else { return };
            // SAFETY: the caller promises that `alloc` gave the place for this layout.
            unsafe { self.heap().deallocate(place, layout) }
        }
    }

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
