//! Runs by turns, and what they took.

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::{self, Stdio};
use std::time::Instant;

/// How often each program runs.
pub(crate) const RUNS: usize = 15;

/// A program, where it runs, and how it may end.
pub(crate) struct Command {
    program: PathBuf,
    folder: PathBuf,
    arguments: Vec<OsString>,
    codes: &'static [i32],
}

impl Command {
    pub(crate) fn new(program: &Path, folder: &Path, arguments: &[&str]) -> Self {
        Self {
            program: program.to_owned(),
            folder: folder.to_owned(),
            arguments: arguments.iter().map(OsString::from).collect(),
            codes: &[0],
        }
    }

    pub(crate) fn exits_with(self, codes: &'static [i32]) -> Self {
        Self { codes, ..self }
    }

    fn start(&self, program: &Path, arguments: &[OsString]) -> process::Command {
        let mut command = process::Command::new(program);
        command.args(arguments).current_dir(&self.folder).stdin(Stdio::null()).stdout(Stdio::null());
        command.env("GIT_OPTIONAL_LOCKS", "0");
        command
    }

    /// Returns the seconds of one run.
    fn seconds(&self) -> f64 {
        let mut command = self.start(&self.program, &self.arguments);
        let start = Instant::now();
        let status = command.status().unwrap();
        let seconds = start.elapsed().as_secs_f64();
        let code = status.code().unwrap_or(-1);
        assert!(self.codes.contains(&code), "{} {:?}: exit code {code}", self.program.display(), self.arguments);
        seconds
    }
}

/// Returns where a program of a name is found on the path.
pub(crate) fn program(name: &str) -> Option<PathBuf> {
    std::env::split_paths(&std::env::var_os("PATH")?).map(|folder| folder.join(name)).find(|path| path.is_file())
}

/// Returns the fastest of so many runs of each of two programs that take turns, in seconds.
pub(crate) fn ratio(runs: usize, ours: &Command, theirs: &Command) -> (f64, f64) {
    let (mut mine, mut other) = (f64::INFINITY, f64::INFINITY);
    for _ in 0..runs {
        mine = mine.min(ours.seconds());
        other = other.min(theirs.seconds());
    }
    (mine, other)
}

/// Returns the fastest run, in seconds.
pub(crate) fn fastest(command: &Command) -> f64 {
    (0..RUNS).map(|_| command.seconds()).fold(f64::INFINITY, f64::min)
}

/// Returns the most memory that one run held, in kilobytes.
pub(crate) fn peak_kilobytes(command: &Command) -> f64 {
    let own = std::env::current_exe().unwrap();
    let mut arguments: Vec<OsString> = ["probe", "peak"].map(OsString::from).to_vec();
    arguments.push(command.program.clone().into());
    arguments.extend(command.arguments.iter().cloned());
    let output = command.start(&own, &arguments).stdout(Stdio::piped()).output().unwrap();
    String::from_utf8(output.stdout).unwrap().trim().parse().unwrap()
}
