//! What the process's environment says. Nothing else reads it, nor the clock.
#![expect(clippy::disallowed_methods, reason = "this is where the environment and the clock are read")]

use std::env;
use std::path::PathBuf;

use jiff::civil::Date;
use jiff::{Timestamp, tz::TimeZone};

use crate::host::running::ci_runner::Variables;
use crate::text;
use crate::text::Text;
use crate::tree::GitEnvironment;

use super::Complaint;

/// What the process's environment says.
pub(super) struct Environment {
    /// The current directory.
    pub directory: PathBuf,
    /// What git's variables say.
    pub git: GitEnvironment,
    /// The time of the clock.
    pub now: Timestamp,
    /// `SOURCE_DATE_EPOCH`.
    pub source_date_epoch: Option<String>,
    /// Where programs are looked for.
    pub path: Option<std::ffi::OsString>,
    /// The user's home, and cargo's.
    pub home: Option<PathBuf>,
    /// Cargo's own home, where it is set.
    pub cargo_home: Option<PathBuf>,
    /// Rustup's home, where it is set.
    pub rustup_home: Option<PathBuf>,
    /// The toolchain that rustup is told to use.
    pub toolchain: Option<String>,
    /// The program itself.
    pub program: Option<PathBuf>,
    /// Whether the program runs in a step of GitHub Actions, whose log is read for commands.
    pub in_github_actions: bool,
    /// The file to which a step of GitHub Actions appends what the page of the job shows.
    pub step_summary: Option<PathBuf>,
    /// The names of all variables, and the values of a few that are no secrets.
    pub variables: Variables,
}

impl Environment {
    pub(super) fn of_process() -> Self {
        let path = |name: &str| env::var_os(name).filter(|value| !value.is_empty()).map(PathBuf::from);
        let directory = env::current_dir().unwrap_or_else(|_error| PathBuf::from("."));
        // Relative ones are relative to where git ran the program.
        let absolute = |name: &str| path(name).map(|value| directory.join(value));
        let work_tree = absolute("GIT_WORK_TREE").map(|root| std::fs::canonicalize(&root).unwrap_or(root));
        Self {
            git: GitEnvironment {
                directory: directory.clone(),
                dir: absolute("GIT_DIR"),
                work_tree,
                index_file: absolute("GIT_INDEX_FILE"),
                // `gitignore(5)`: `$XDG_CONFIG_HOME/git/ignore`, or `$HOME/.config/git/ignore`.
                excludes_file: path("XDG_CONFIG_HOME")
                    .or_else(|| path("HOME").map(|home| home.join(".config")))
                    .map(|folder| folder.join("git/ignore")),
            },
            now: Timestamp::now(),
            source_date_epoch: env::var("SOURCE_DATE_EPOCH").ok().filter(|value| !value.is_empty()),
            path: env::var_os("PATH"),
            home: path("HOME"),
            cargo_home: path("CARGO_HOME"),
            rustup_home: path("RUSTUP_HOME"),
            toolchain: env::var("RUSTUP_TOOLCHAIN").ok(),
            program: env::current_exe().ok(),
            // GitHub's documentation, "Variables reference": always `true` in a workflow.
            in_github_actions: env::var_os("GITHUB_ACTIONS").is_some_and(|value| value == "true"),
            step_summary: absolute("GITHUB_STEP_SUMMARY"),
            variables: Variables::of(
                env::vars_os()
                    .map(|(name, value)| (name.to_string_lossy().into_owned(), value.to_string_lossy().into_owned())),
            ),
            directory,
        }
    }

    /// Returns the time the user states, by option or by `SOURCE_DATE_EPOCH`.
    pub(super) fn stated_time(&self, at: Option<&str>) -> Result<Option<Timestamp>, Complaint> {
        if let Some(text) = at {
            return parse_time(text).map(Some);
        }
        let Some(text) = &self.source_date_epoch else { return Ok(None) };
        let time = text.trim().parse::<i64>().ok().and_then(|seconds| Timestamp::from_second(seconds).ok());
        match time {
            Some(time) => Ok(Some(time)),
            None => Err(Complaint::new(text!("SOURCE_DATE_EPOCH: expected seconds since 1970, found `{}`", text))),
        }
    }

    /// Returns the time that a document states: that of the clock where the user says `now`.
    pub(super) fn stated_or_now(&self, at: Option<&str>) -> Result<Option<Timestamp>, Complaint> {
        match at {
            Some("now") => Ok(self.now_in_seconds()),
            at => self.stated_time(at),
        }
    }

    /// Returns the time of the clock, in whole seconds: RFC 3339 lets fractions of a second stand, and SPDX does not.
    pub(super) fn now_in_seconds(&self) -> Option<Timestamp> {
        Timestamp::from_second(self.now.as_second()).ok()
    }

    /// Returns the day of the judgement: of the time the user states with `--at`, else of the clock.
    pub(super) fn day(&self, at: Option<&str>) -> Result<Date, Complaint> {
        let time = match at {
            Some(text) => parse_time(text)?,
            None => self.now,
        };
        Ok(time.to_zoned(TimeZone::UTC).date())
    }
}

/// Reads `2026-11-25`, or a time with an offset.
fn parse_time(text: &str) -> Result<Timestamp, Complaint> {
    let day = || Date::strptime("%Y-%m-%d", text).ok()?.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    match text.parse::<Timestamp>().ok().or_else(day) {
        Some(time) => Ok(time),
        None => {
            Err(Complaint::new(text!("--at: expected a date or a time such as 2026-11-25T12:00:00Z, found `{}`", text))
                .hint(Text::trusted("a time needs an offset: `Z`, or `+02:00`")))
        }
    }
}
