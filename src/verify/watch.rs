//! How far the reading of large artifacts has come, for whoever watches.

use std::io::{self, Read};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::text::Text;

/// From how many bytes on the reading of an artifact is worth watching.
const LARGE: u64 = 64 << 20;

/// The large artifacts that are being read.
#[derive(Debug, Default)]
pub struct Watch {
    reading: Mutex<Vec<Arc<Large>>>,
}

/// How far the reading of one artifact has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reached {
    /// The artifact, as it was named.
    pub name: Text,
    /// How many bytes of it are read.
    pub done: u64,
    /// How many there are to read.
    pub all: u64,
}

#[derive(Debug)]
struct Large {
    name: Text,
    done: AtomicU64,
    all: u64,
}

/// One artifact that is being read, until this is dropped.
pub(super) struct Watched<'a> {
    watch: &'a Watch,
    large: Option<Arc<Large>>,
}

impl Watch {
    /// Returns how far the artifact has come whose reading began first, of those that are being read.
    #[must_use]
    pub fn reached(&self) -> Option<Reached> {
        let reading = self.reading.lock().unwrap_or_else(PoisonError::into_inner);
        let large = reading.first()?;
        Some(Reached { name: large.name.clone(), done: large.done.load(Ordering::Relaxed), all: large.all })
    }

    /// Begins to watch an artifact of this size.
    pub(super) fn begin(&self, name: &Text, bytes: u64) -> Watched<'_> {
        let large =
            (bytes >= LARGE).then(|| Arc::new(Large { name: name.clone(), done: AtomicU64::new(0), all: bytes }));
        self.reading.lock().unwrap_or_else(PoisonError::into_inner).extend(large.clone());
        Watched { watch: self, large }
    }
}

impl Watched<'_> {
    /// Takes down that so many bytes more are read.
    pub(super) fn add(&self, bytes: usize) {
        if let Some(large) = &self.large {
            large.done.fetch_add(bytes as u64, Ordering::Relaxed);
        }
    }

    /// Returns a reader that takes down what is read of it.
    pub(super) fn over<R: Read>(&self, reader: R) -> impl Read {
        Counted { reader, watched: self }
    }
}

impl Drop for Watched<'_> {
    fn drop(&mut self) {
        if let Some(large) = &self.large {
            let mut reading = self.watch.reading.lock().unwrap_or_else(PoisonError::into_inner);
            reading.retain(|other| !Arc::ptr_eq(other, large));
        }
    }
}

struct Counted<'a, R> {
    reader: R,
    watched: &'a Watched<'a>,
}

impl<R: Read> Read for Counted<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let count = self.reader.read(buffer)?;
        self.watched.add(count);
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_large_artifacts_are_watched_and_each_as_long_as_it_is_read() {
        let watch = Watch::default();
        let small = watch.begin(&Text::trusted("small"), LARGE - 1);
        small.add(1);
        assert_eq!(watch.reached(), None);
        let first = watch.begin(&Text::trusted("first"), LARGE);
        let second = watch.begin(&Text::trusted("second"), LARGE + 1);
        first.add(3);
        io::copy(&mut second.over(&b"12345"[..]), &mut io::sink()).unwrap();
        assert_eq!(watch.reached(), Some(Reached { name: Text::trusted("first"), done: 3, all: LARGE }));
        drop(first);
        assert_eq!(watch.reached(), Some(Reached { name: Text::trusted("second"), done: 5, all: LARGE + 1 }));
        drop(second);
        assert_eq!(watch.reached(), None);
    }
}
