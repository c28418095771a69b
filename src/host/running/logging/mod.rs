//! Logs, and what in them looks as if somebody had taken something out: zeroes between lines, times that leap, files that
//! are empty though they should not be. Of long logs the end is read.

mod records;
mod times;

use std::collections::BTreeSet;
use std::io::{Read as _, Seek as _, SeekFrom};

use serde::{Deserialize, Serialize};

use super::source::Running as Source;
use crate::host::reading::{Reading, Unread};
use crate::text::Text;
use crate::tree::{EntryKind, ReadFault, TreePath};

pub use records::{Records, lastlog, records};
pub use times::{Leap, Stamp, Told, told};

/// The id of the family.
pub const ID: &str = "logging";

/// How much of the end of a log is read.
const MAX_BYTES: u64 = 4 << 20;

/// The logs of lines.
const LOGS: [&str; 13] = [
    "var/log/audit/audit.log",
    "var/log/auth.log",
    "var/log/cron",
    "var/log/cron.log",
    "var/log/daemon.log",
    "var/log/kern.log",
    "var/log/mail.log",
    "var/log/maillog",
    "var/log/messages",
    "var/log/secure",
    "var/log/syslog",
    "var/log/ufw.log",
    "var/log/user.log",
];

/// The logs of logins: records of one length.
const RECORDS: [&str; 2] = ["var/log/btmp", "var/log/wtmp"];

/// The log of last logins, a record a user.
const LAST: &str = "var/log/lastlog";

/// The length of a record of last logins.
const LAST_BYTES: u64 = 292;

/// How long a log may stay empty while others go on.
const MAX_SILENCE_SECONDS: i64 = 24 * 60 * 60;

/// What is known of logs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logging {
    /// Whether the journal outlives the machine: files of it stand in `/var/log/journal`.
    pub has_journal: bool,
    /// The logs that were looked at.
    pub looked: BTreeSet<TreePath>,
    /// Logs of lines in which something is missing.
    pub logs: Vec<Log>,
    /// Logs of logins in which something is missing.
    pub logins: Vec<Logins>,
    /// The logs that could not be read.
    pub unread: BTreeSet<TreePath>,
}

/// A log of lines in which something is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Log {
    /// Where it stands.
    pub path: TreePath,
    /// What of its lines tells.
    pub told: Told,
    /// The log before it, which is not empty while this one is and others have gone on since for more than a day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub emptied_after: Option<TreePath>,
}

/// A log of logins in which something is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logins {
    /// Where it stands.
    pub path: TreePath,
    /// What of its records tells.
    pub records: Records,
    /// Whether it is empty though the system noted its start.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_emptied: bool,
}

/// The end of a log.
struct Tail {
    bytes: Vec<u8>,
    /// Whether it is all of it.
    is_whole: bool,
}

impl Logging {
    pub(super) fn collect(reading: &Reading<'_>, _source: &Source<'_>) -> Self {
        let mut out = Self { has_journal: has_journal(reading), ..Self::default() };
        let mut newest: Option<Stamp> = None;
        let mut empty = Vec::new();
        for path in LOGS.iter().filter_map(|path| TreePath::new(path.as_bytes())) {
            let Some(tail) = out.tail(reading, &path, 1) else { continue };
            if tail.bytes.is_empty() {
                empty.push(path);
                continue;
            }
            let found = told(&tail.bytes, tail.is_whole);
            newest = Stamp::later(newest, found.last);
            if !found.is_sound() {
                out.logs.push(Log { path, told: found, emptied_after: None });
            }
        }
        for path in empty {
            let Some(before) = TreePath::new(&[path.as_bytes(), b".1"].concat()) else { continue };
            let Ok(Some(tail)) = tail(reading, &before, 1) else { continue };
            let last = told(&tail.bytes, tail.is_whole).last;
            if Stamp::between(last, newest).is_some_and(|seconds| seconds > MAX_SILENCE_SECONDS) {
                out.logs.push(Log { path, told: Told::default(), emptied_after: Some(before) });
            }
        }
        out.logs.sort_by(|one, other| one.path.cmp(&other.path));
        out.logins(reading);
        out
    }

    fn logins(&mut self, reading: &Reading<'_>) {
        for path in RECORDS.iter().filter_map(|path| TreePath::new(path.as_bytes())) {
            let Some(tail) = self.tail(reading, &path, records::STEP) else { continue };
            let found = records(&tail.bytes);
            let is_emptied = tail.bytes.is_empty() && path.file_name() == b"wtmp" && has_started(reading);
            if !found.is_sound() || is_emptied {
                self.logins.push(Logins { path, records: found, is_emptied });
            }
        }
        let Some(path) = TreePath::new(LAST.as_bytes()) else { return };
        if let Some(tail) = self.tail(reading, &path, LAST_BYTES) {
            let found = lastlog(&tail.bytes);
            if !found.is_sound() {
                self.logins.push(Logins { path, records: found, is_emptied: false });
            }
        }
    }

    fn tail(&mut self, reading: &Reading<'_>, path: &TreePath, step: u64) -> Option<Tail> {
        match tail(reading, path, step) {
            Ok(tail) => {
                let tail = tail?;
                self.looked.insert(path.clone());
                Some(tail)
            }
            Err(_) => {
                self.unread.insert(path.clone());
                None
            }
        }
    }
}

/// Reads the end of a file, from a multiple of `step` on.
fn tail(reading: &Reading<'_>, path: &TreePath, step: u64) -> Result<Option<Tail>, Unread> {
    let Some(entry) = reading.real(path)? else { return Ok(None) };
    if entry.kind != EntryKind::File {
        return Err(reading.unread(path.clone(), ReadFault::NotRegular));
    }
    let (size, mut file) = reading.root().open_file(&entry).map_err(|fault| reading.unread(path.clone(), fault))?;
    let start = size.saturating_sub(MAX_BYTES).div_ceil(step.max(1)) * step.max(1);
    let mut bytes = Vec::new();
    let read = file.seek(SeekFrom::Start(start)).and_then(|_| file.take(MAX_BYTES).read_to_end(&mut bytes));
    match read {
        Ok(_) => Ok(Some(Tail { bytes, is_whole: start == 0 })),
        Err(_) => Err(reading.unread(path.clone(), ReadFault::Unreadable)),
    }
}

/// Whether files of the journal of this machine outlive it.
fn has_journal(reading: &Reading<'_>) -> bool {
    let Ok(Some(machine)) = reading.read("etc/machine-id") else { return false };
    let folder = [b"var/log/journal/".as_slice(), machine.bytes.trim_ascii()].concat();
    let Some(folder) = TreePath::new(&folder) else { return false };
    reading.list(&folder).unwrap_or_default().iter().any(|entry| entry.path.file_name().ends_with(b".journal"))
}

/// Whether the system noted its own start among those who are logged in, and no older log of logins stands there that may
/// have the note.
fn has_started(reading: &Reading<'_>) -> bool {
    let older = reading.list_at("var/log").unwrap_or_default();
    if older.iter().any(|entry| entry.path.file_name().starts_with(b"wtmp") && entry.path.file_name() != b"wtmp") {
        return false;
    }
    reading.read("run/utmp").ok().flatten().is_some_and(|file| records::has_start(&file.bytes))
}

impl Logging {
    /// Returns the logs of lines, or of logins, that are looked for, in one text.
    #[must_use]
    pub fn sought(is_of_logins: bool) -> Text {
        let paths: Vec<&str> =
            if is_of_logins { RECORDS.iter().copied().chain([LAST]).collect() } else { LOGS.to_vec() };
        Text::trusted(paths.iter().map(|path| format!("/{path}")).collect::<Vec<_>>().join(", "))
    }
}
