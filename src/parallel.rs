//! The same asked of many things, on several threads.

use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, available_parallelism, scope};

/// The most threads that work at once.
const MAX_THREADS: usize = 16;

/// Asks the same of each item, on as many threads as the machine has processors. The answers stand in the order of the
/// items, whichever came first.
pub(crate) fn map<'a, T: Sync, R: Send>(items: &'a [T], one: impl Fn(&'a T) -> R + Sync) -> Vec<R> {
    let threads = available_parallelism().map_or(1, NonZero::get).min(items.len()).min(MAX_THREADS);
    if threads < 2 {
        return items.iter().map(one).collect();
    }
    let next = AtomicUsize::new(0);
    let work = || {
        let mut mine = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = items.get(at) else { return mine };
            mine.push((at, one(item)));
        }
    };
    let mut done = scope(|scope| {
        // Where no more threads may be started, those there are do it all.
        let others: Vec<_> = (1..threads).map_while(|_| Builder::new().spawn_scoped(scope, work).ok()).collect();
        let mut done = work();
        for other in others {
            match other.join() {
                Ok(theirs) => done.extend(theirs),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, answer)| answer).collect()
}

/// A piece of work that is done once.
pub(crate) type Work<'a> = Box<dyn FnOnce() + Send + 'a>;

/// Does pieces of work on as many threads as the machine has processors, beginning with the first.
pub(crate) fn all(work: Vec<Work<'_>>) {
    let work: Vec<Mutex<Option<Work<'_>>>> = work.into_iter().map(|one| Mutex::new(Some(one))).collect();
    map(&work, |one| {
        let one = one.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(one) = one {
            one();
        }
    });
}

/// Gives back what something large holds while other work goes on.
pub(crate) fn drop_aside<T: Send + 'static>(large: T) {
    // Where no more threads may be started, it is dropped with the work that would have done it.
    drop(Builder::new().spawn(move || drop(large)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_stand_in_the_order_of_the_items() {
        for count in [0, 1, 1_000] {
            let items: Vec<usize> = (0..count).collect();
            assert_eq!(map(&items, |item| item * 2), items.iter().map(|item| item * 2).collect::<Vec<_>>());
        }
    }

    #[test]
    fn each_piece_of_work_is_done_once() {
        let mut done = vec![0; 100];
        all(done.iter_mut().map(|one| Box::new(move || *one += 1) as Work<'_>).collect());
        assert_eq!(done, vec![1; 100]);
    }
}
