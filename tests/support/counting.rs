//! An allocator that counts, for each thread by itself, how often memory is asked for and given
//! back, and how much of it is held at most. Whoever includes this file has it.

#![allow(
    dead_code,
    clippy::allow_attributes,
    reason = "everybody takes the part that is needed"
)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static ASKED: Cell<u64> = const { Cell::new(0) };
    static RETURNED: Cell<u64> = const { Cell::new(0) };
    /// Bytes, now and at most. What another thread gives back is not known here.
    static HELD: Cell<i64> = const { Cell::new(0) };
    static MOST: Cell<i64> = const { Cell::new(0) };
}

/// How often this thread has asked for memory so far, and given some back.
pub(crate) fn counted() -> (u64, u64) {
    (ASKED.get(), RETURNED.get())
}

/// How many bytes this thread holds at most while something is done, beyond those it holds now.
pub(crate) async fn held<T>(work: impl Future<Output = T>) -> (i64, T) {
    let before = HELD.get();
    MOST.set(before);
    let done = work.await;
    (MOST.get() - before, done)
}

fn hold(bytes: i64) {
    HELD.set(HELD.get() + bytes);
    MOST.set(MOST.get().max(HELD.get()));
}

struct Counting;

#[expect(unsafe_code, reason = "an allocator cannot be written without")]
// SAFETY: it counts, and leaves the rest to the allocator of the system.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        ASKED.set(ASKED.get() + 1);
        hold(layout.size() as i64);
        // SAFETY: the caller promises what the system asks for.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        RETURNED.set(RETURNED.get() + 1);
        hold(-(layout.size() as i64));
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }

    // A large piece grows where it is, or is moved without a copy.
    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        ASKED.set(ASKED.get() + 1);
        hold(size as i64 - layout.size() as i64);
        // SAFETY: as above.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static COUNTING: Counting = Counting;
