//! What answering costs: processor time of the thread, memory of the process.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

/// Counts what is held, and notes large pieces.
struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);
/// Pieces of a MiB and more since the last look, by MiB; the last counts all that are larger.
static LARGE: [AtomicUsize; 64] = [const { AtomicUsize::new(0) }; 64];

fn took(bytes: usize) {
    let held = HELD.fetch_add(bytes, Ordering::Relaxed) + bytes;
    MOST.fetch_max(held, Ordering::Relaxed);
    if let Some(place) = (bytes >> 20).checked_sub(1) {
        LARGE[place.min(LARGE.len() - 1)].fetch_add(1, Ordering::Relaxed);
    }
}

// Counting what is allocated has to stand where allocations are made; everything is handed on to the system's.
#[allow(unsafe_code)]
// SAFETY: each call is passed on unchanged to the system's allocator; only numbers are kept beside it.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        took(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(at, layout) }
    }

    unsafe fn realloc(&self, at: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        // Both pieces exist for a moment, unless the system moves pages instead of bytes; the worse is counted.
        took(size);
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.realloc(at, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// What a piece of work cost.
pub struct Cost {
    /// Processor time of this thread.
    pub millis: f64,
    /// Most memory held beyond what was held before.
    pub bytes: usize,
    large: Vec<usize>,
}

impl Cost {
    /// How many pieces of about that size were taken.
    pub fn n_large(&self, bytes: usize) -> usize {
        let place = (bytes >> 20) - 1;
        self.large.iter().enumerate().filter(|(at, _)| at.abs_diff(place) <= 1).map(|(_, n)| n).sum()
    }
}

/// Runs the work and says what it cost.
pub fn measured<T>(work: impl FnOnce() -> T) -> (T, Cost) {
    for place in &LARGE {
        place.store(0, Ordering::Relaxed);
    }
    let before = HELD.load(Ordering::Relaxed);
    MOST.store(before, Ordering::Relaxed);
    let began = nanos();
    let done = work();
    let millis = (nanos() - began) as f64 / 1e6;
    let bytes = MOST.load(Ordering::Relaxed).saturating_sub(before);
    let large = LARGE.iter().map(|place| place.load(Ordering::Relaxed)).collect();
    (done, Cost { millis, bytes, large })
}

/// Processor time of this thread so far.
#[allow(unsafe_code)] // The kernel is asked for the thread's clock; nothing in the standard library does.
fn nanos() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the call writes the one structure it is given.
    unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &raw mut time) };
    u64::try_from(time.tv_sec * 1_000_000_000 + time.tv_nsec).unwrap_or(0)
}

/// No other test of this file runs meanwhile.
pub fn alone() -> MutexGuard<'static, ()> {
    static ONE: Mutex<()> = Mutex::new(());
    ONE.lock().unwrap_or_else(PoisonError::into_inner)
}
