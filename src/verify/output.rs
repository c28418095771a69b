//! The text of a message, on its way to whoever asked for it.

use std::io::{self, Write};
use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::signature::{Function, Hashes, Hashing};

/// Where the text goes.
pub(super) struct Output<'a> {
    sink: Mutex<&'a mut (dyn Write + Send)>,
}

/// One reading of a message, of which there may be several: only the first is given on, and a digest tells whether the
/// others were of the same text.
pub(super) struct Reading<'a, 'b> {
    sink: Option<MutexGuard<'b, &'a mut (dyn Write + Send)>>,
    hashes: Hashes,
}

impl<'a> Output<'a> {
    pub(super) fn new(sink: &'a mut (dyn Write + Send)) -> Self {
        Self { sink: Mutex::new(sink) }
    }

    /// Begins the first reading.
    fn first(&self) -> MutexGuard<'_, &'a mut (dyn Write + Send)> {
        self.sink.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a, 'b> Reading<'a, 'b> {
    /// Begins a reading of `count`, the first of which has the number 0.
    pub(super) fn begin(output: Option<&'b Output<'a>>, number: usize, count: usize) -> Self {
        let is_compared = output.is_some() && count > 1;
        Self {
            sink: output.filter(|_| number == 0).map(Output::first),
            hashes: Hashes::new(is_compared.then(|| Hashing::plain(Function::Sha256))),
        }
    }

    /// Returns the digest of what was read, where there are several readings to compare.
    pub(super) fn digest(&self) -> Option<Vec<u8>> {
        self.hashes.plain(Function::Sha256)
    }
}

impl Write for Reading<'_, '_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if let Some(sink) = &mut self.sink {
            sink.write_all(bytes)?;
        }
        self.hashes.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
