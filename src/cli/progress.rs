//! A sign of life on stderr, when a terminal watches and the work lasts over a second.

use std::io::{self, Write as _};
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::thread::JoinHandle;
use std::time::Duration;

use super::output;

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
                draw(what, at);
                at += 1;
            }
            let _nobody_watches = write!(io::stderr().lock(), "\r\x1b[2K");
        });
        Self { done: Some(done), thread: Some(thread) }
    }
}

/// Draws a bar through which a block wanders: how much there is to read is not known beforehand.
fn draw(what: &str, at: usize) {
    let position = at % (2 * WIDTH);
    let position = if position < WIDTH { position } else { 2 * WIDTH - 1 - position };
    let bar: String = (0..WIDTH).map(|cell| if cell.abs_diff(position) <= 2 { '=' } else { ' ' }).collect();
    let _nobody_watches = write!(io::stderr().lock(), "\r\x1b[2K{what} [{bar}]");
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
