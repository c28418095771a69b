//! The folders of a walk, shared between its threads.

use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::thread;

/// The most threads that list folders; more only wait for the same disk.
const MAX_THREADS: usize = 8;

/// Does the same on as many threads as the machine has processors.
pub(super) fn on_all_threads(work: impl Fn() + Copy + Send) {
    thread::scope(|scope| {
        for _ in 1..thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS) {
            // Where no more threads may be started, this one does it all.
            if thread::Builder::new().spawn_scoped(scope, work).is_err() {
                break;
            }
        }
        work();
    });
}

/// The folders that are yet to be listed, shared between the threads.
pub(super) struct Ahead<T> {
    state: Mutex<State<T>>,
    changed: Condvar,
}

struct State<T> {
    folders: Vec<T>,
    /// How many threads are listing one, and may come with more.
    listing: usize,
    /// How many threads wait for one: they need not be called where nobody does.
    waiting: usize,
}

impl<T> Ahead<T> {
    /// Starts with one folder.
    pub(super) fn new(start: T) -> Self {
        Self { state: Mutex::new(State { folders: vec![start], listing: 0, waiting: 0 }), changed: Condvar::new() }
    }

    /// Takes a folder, `None` when all are listed.
    pub(super) fn next(&self) -> Option<T> {
        let mut state = lock(&self.state);
        loop {
            if let Some(folder) = state.folders.pop() {
                state.listing += 1;
                return Some(folder);
            }
            if state.listing == 0 {
                return None;
            }
            state.waiting += 1;
            state = self.changed.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting -= 1;
        }
    }

    /// Adds what was found in the folder that was taken.
    pub(super) fn add(&self, folders: Vec<T>) {
        let mut state = lock(&self.state);
        state.folders.extend(folders);
        state.listing -= 1;
        let is_awaited = state.waiting > 0 && (!state.folders.is_empty() || state.listing == 0);
        drop(state);
        if is_awaited {
            self.changed.notify_all();
        }
    }
}

/// Locks, whatever became of another thread.
pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
