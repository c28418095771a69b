//! A sign of life on stderr, when a terminal watches and the work lasts over a second.

use std::io::{self, Write as _};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::output;
use crate::text::Text;

/// Shows that work goes on, until it is dropped.
pub(super) struct Progress {
    done: Option<Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

/// How long work may last without a sign.
const PATIENCE: Duration = Duration::from_secs(1);

/// How often the sign changes.
const BEAT: Duration = Duration::from_millis(120);

/// How wide the bar is.
const WIDTH: usize = 24;

impl Progress {
    /// Begins to watch over work that is described by `what`.
    pub(super) fn start(what: &'static str) -> Self {
        Self::watch(what, || None)
    }

    /// Begins to watch over work of which it is told, where that is known, how far a part has come: its name, the bytes
    /// done, and all.
    pub(super) fn watch(what: &'static str, reached: impl Fn() -> Option<(Text, u64, u64)> + Send + 'static) -> Self {
        if !output::is_watched() {
            return Self { done: None, thread: None };
        }
        let (done, signal) = channel();
        let thread = std::thread::spawn(move || {
            if !matches!(signal.recv_timeout(PATIENCE), Err(RecvTimeoutError::Timeout)) {
                return;
            }
            let mut at = 0;
            while matches!(signal.recv_timeout(BEAT), Err(RecvTimeoutError::Timeout)) {
                let line = reached().map_or_else(|| wandering(what, at), |(name, done, all)| filling(name, done, all));
                let _nobody_watches = write!(io::stderr().lock(), "\r\x1b[2K{line}");
                at += 1;
            }
            let _nobody_watches = write!(io::stderr().lock(), "\r\x1b[2K");
        });
        Self { done: Some(done), thread: Some(thread) }
    }
}

/// Returns a bar through which a block wanders: how much there is to read is not known beforehand.
fn wandering(what: &str, at: usize) -> String {
    let position = at % (2 * WIDTH);
    let position = if position < WIDTH { position } else { 2 * WIDTH - 1 - position };
    let bar: String = (0..WIDTH).map(|cell| if cell.abs_diff(position) <= 2 { '=' } else { ' ' }).collect();
    format!("{what} [{bar}]")
}

/// Returns a bar that fills as an artifact is read. It fits into a line of 80 columns.
fn filling(name: Text, done: u64, all: u64) -> String {
    let parts = |whole: u64| (u128::from(done.min(all)) * u128::from(whole)) / u128::from(all.max(1));
    let filled = parts(WIDTH as u64);
    let bar: String = (0..WIDTH as u128).map(|cell| if cell < filled { '=' } else { ' ' }).collect();
    format!("{} [{bar}] {}% of {} MiB", name.shortened(24), parts(100), all >> 20)
}

impl Drop for Progress {
    fn drop(&mut self) {
        drop(self.done.take());
        if let Some(thread) = self.thread.take() {
            // It only draws; whether it ended well does not matter.
            let _ended = thread.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bar_fills_as_an_artifact_is_read() {
        let line = |done| filling(Text::trusted("app.tar"), done, 200 << 20);
        assert_eq!(line(0), "app.tar [                        ] 0% of 200 MiB");
        assert_eq!(line(100 << 20), "app.tar [============            ] 50% of 200 MiB");
        assert_eq!(line(u64::MAX), "app.tar [========================] 100% of 200 MiB");
        let name = Text::trusted("a".repeat(300));
        assert!(filling(name, 1, u64::MAX).chars().count() < 80);
    }
}
