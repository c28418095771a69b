//! Long lists of a document, rendered side by side.

use std::io;
use std::{panic, thread};

use serde::Serialize;
use serde_json::Serializer;
use serde_json::ser::{Formatter as _, PrettyFormatter};

/// Fewer values than this are rendered before another thread has started.
const WORTH_A_THREAD: usize = 128;

/// The most threads that render one list.
const MAX_THREADS: usize = 4;

/// Returns the values of a list as they stand, behind `[` and before `]`, in a pretty-printed document whose outermost
/// value is an object with that list: in parts that follow one another.
///
/// # Errors
/// When a value cannot be rendered.
pub(super) fn render<T: Sync, V: Serialize>(items: &[T], value: impl Fn(&T) -> V + Sync) -> io::Result<Vec<Vec<u8>>> {
    if items.is_empty() {
        return Ok(Vec::new());
    }
    let threads = thread::available_parallelism().map_or(1, usize::from).min(MAX_THREADS);
    let each = items.len().div_ceil(threads).max(WORTH_A_THREAD);
    let chunks: Vec<&[T]> = items.chunks(each).collect();
    let (last, others) = chunks.split_last().unwrap_or((&items, &[]));
    let render = |at: usize, chunk: &[T]| some(chunk, at == 0, &value);
    let mut parts = thread::scope(|scope| {
        let started: Vec<_> =
            others.iter().enumerate().map(|(at, chunk)| scope.spawn(move || render(at, chunk))).collect();
        let own = render(others.len(), last);
        let theirs =
            started.into_iter().map(|thread| thread.join().unwrap_or_else(|fault| panic::resume_unwind(fault)));
        theirs.chain([own]).collect::<io::Result<Vec<_>>>()
    })?;
    parts.push(b"\n  ".to_vec());
    Ok(parts)
}

fn some<T, V: Serialize>(items: &[T], is_first: bool, value: impl Fn(&T) -> V) -> io::Result<Vec<u8>> {
    let mut formatter = PrettyFormatter::new();
    formatter.begin_object(&mut io::sink())?;
    formatter.begin_array(&mut io::sink())?;
    let mut out = Vec::new();
    for (at, item) in items.iter().enumerate() {
        formatter.begin_array_value(&mut out, is_first && at == 0)?;
        value(item).serialize(&mut Serializer::with_formatter(&mut out, formatter.clone()))?;
    }
    Ok(out)
}
