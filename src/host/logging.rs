//! What keeps a trail: the journal, forwarding of logs, time, core dumps, and a baseline of files (`journald.conf(5)`,
//! `rsyslog.conf(5)`, `journal-upload.conf(5)`, `coredump.conf(5)`).

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::configuration::{configuration, open};
use super::line::Place;
use super::reading::Reading;
use super::{Family, HostFile};
use crate::text;
use crate::text::Text;
use crate::tree::{EntryKind, TreePath};

/// The family of logs.
pub(super) static FAMILY: Family = Family {
    id: "logging",
    summary: "the journal, forwarding, time, core dumps, a baseline of files",
    reads: &[
        "etc/systemd/journald.conf",
        "etc/systemd/journald.conf.d/*",
        "etc/systemd/coredump.conf",
        "etc/systemd/coredump.conf.d/*",
        "etc/systemd/journal-upload.conf",
        "etc/systemd/journal-upload.conf.d/*",
        "run/systemd/*.conf.d/*",
        "usr/local/lib/systemd/*.conf.d/*",
        "usr/lib/systemd/*.conf",
        "usr/lib/systemd/*.conf.d/*",
        "etc/rsyslog.conf",
        "etc/rsyslog.d/*",
        "etc/syslog-ng/syslog-ng.conf",
        "etc/syslog-ng/conf.d/*",
    ],
};

/// How many files of a configuration are read.
const MAX_FILES: usize = 1_000;

/// What is known of logs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Logging {
    /// Whether the journal's daemon is there.
    pub has_journal: bool,
    /// Whether the folder is there in which the journal outlives the next boot.
    pub has_journal_folder: bool,
    /// Whether the collector of core dumps is there.
    pub has_core_dumps: bool,
    /// The settings of these, by the file and the key: `journald.conf Storage`.
    pub settings: Vec<LogSetting>,
    /// Where logs are sent.
    pub forwards: Vec<Forward>,
    /// What sets the clock.
    pub clocks: Vec<Clock>,
    /// What compares files with a baseline.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<BaselineOfFiles>,
}

/// A setting in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LogSetting {
    /// Which, behind the configuration it is of: `journald.conf Storage`.
    pub key: Text,
    /// Its value.
    pub value: Text,
    /// Where it is set.
    pub place: Place,
}

/// A place that logs are sent to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Forward {
    /// What sends, and where it is told to: `rsyslog by /etc/rsyslog.conf`.
    pub name: Text,
    /// What sends: `rsyslog`.
    pub sender: Text,
    /// Whether what is sent is encrypted.
    pub is_encrypted: bool,
    /// Where it is set.
    pub place: Place,
}

/// What sets the clock.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Clock {
    /// Its name.
    pub name: Text,
    /// The program.
    pub path: TreePath,
    /// Whether an init other than systemd starts it.
    pub is_in_runlevel: bool,
}

/// What compares files with a baseline.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BaselineOfFiles {
    /// The program.
    pub path: TreePath,
    /// The database it compares with.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub database: Option<TreePath>,
}

/// Programs that set the clock, and the units that start them.
const CLOCKS: [(&str, &str); 6] = [
    ("chrony", "usr/sbin/chronyd"),
    ("systemd-timesyncd", "usr/lib/systemd/systemd-timesyncd"),
    ("systemd-timesyncd", "lib/systemd/systemd-timesyncd"),
    ("ntp", "usr/sbin/ntpd"),
    ("openntpd", "usr/sbin/openntpd"),
    ("ntp", "sbin/ntpd"),
];

impl Forward {
    fn new(sender: &str, is_encrypted: bool, place: Place) -> Self {
        Self { name: text!("{} by /{}", *sender, place.path), sender: Text::of(sender), is_encrypted, place }
    }
}

impl Logging {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        let find = |path: &str| {
            let path = TreePath::new(path.as_bytes())?;
            matches!(reading.real(&path), Ok(Some(_))).then_some(path)
        };
        let any = |paths: &[&str]| paths.iter().find_map(|path| find(path));
        let mut settings = Vec::new();
        for (file, keys) in [
            ("journald.conf", ["Storage", "Compress", "ForwardToSyslog"].as_slice()),
            ("coredump.conf", ["Storage", "ProcessSizeMax"].as_slice()),
        ] {
            let said = configuration(reading, &format!("systemd/{file}"));
            for key in keys {
                let last = said.iter().rev().find(|(one, _)| one.key == *key && !one.value.is_empty());
                settings.extend(last.map(|(one, place)| LogSetting {
                    key: Text::trusted(format!("{file} {key}")),
                    value: Text::of(&one.value).shortened(100),
                    place: place.clone(),
                }));
            }
        }
        let mut clocks: Vec<Clock> = Vec::new();
        for (name, path) in CLOCKS {
            if let Some(path) = find(path)
                && clocks.iter().all(|clock| clock.name.as_str() != name)
            {
                clocks.push(Clock { name: Text::of(name), path, is_in_runlevel: is_in_runlevel(reading, name) });
            }
        }
        let baseline = any(&["usr/bin/aide", "usr/sbin/aide"])
            .map(|path| BaselineOfFiles { path, database: any(&["var/lib/aide/aide.db", "var/lib/aide/aide.db.gz"]) });
        Self {
            has_journal: any(&["usr/lib/systemd/systemd-journald", "lib/systemd/systemd-journald"]).is_some(),
            has_journal_folder: find("var/log/journal").is_some(),
            has_core_dumps: any(&["usr/lib/systemd/systemd-coredump", "lib/systemd/systemd-coredump"]).is_some(),
            settings,
            forwards: forwards(reading),
            clocks,
            baseline,
        }
    }

    /// Returns a setting.
    #[must_use]
    pub fn setting(&self, key: &str) -> Option<&LogSetting> {
        self.settings.iter().find(|setting| setting.key.as_str() == key)
    }
}

/// Whether an init of scripts starts something: a link in a folder of a runlevel.
fn is_in_runlevel(reading: &Reading<'_>, name: &str) -> bool {
    ["etc/runlevels/default", "etc/runlevels/boot", "etc/rc2.d", "etc/rc3.d", "etc/rc5.d", "etc/rc.d/rc3.d"].iter().any(
        |folder| {
            reading.list_at(folder).unwrap_or_default().iter().any(|entry| {
                let link = String::from_utf8_lossy(entry.path.file_name()).into_owned();
                let bare = link.trim_start_matches('S').trim_start_matches(|digit: char| digit.is_ascii_digit());
                !link.starts_with('K') && bare.starts_with(name)
            })
        },
    )
}

fn forwards(reading: &Reading<'_>) -> Vec<Forward> {
    let mut out = Vec::new();
    let upload = configuration(reading, "systemd/journal-upload.conf");
    let url = upload.iter().rev().find(|(one, _)| one.key == "URL" && !one.value.is_empty());
    out.extend(
        url.map(|(one, place)| {
            Forward::new("systemd-journal-upload", !one.value.starts_with("http://"), place.clone())
        }),
    );
    let mut ahead: Vec<TreePath> = TreePath::new(b"etc/rsyslog.conf").into_iter().collect();
    let mut seen = BTreeSet::new();
    let mut sent: Vec<(Sent, Place)> = Vec::new();
    let mut has_driver = false;
    while let Some(path) = ahead.pop() {
        if seen.len() >= MAX_FILES || !seen.insert(path.clone()) {
            continue;
        }
        let Some(file) = open(reading, &path) else { continue };
        let said = rsyslog(&file.bytes);
        has_driver |= said.is_encrypted;
        sent.extend(said.sent.into_iter().map(|one| {
            let place = file.at(one.line);
            (one, place)
        }));
        for pattern in said.includes {
            ahead.extend(included(reading, &pattern));
        }
    }
    out.extend(
        sent.into_iter()
            .map(|(one, place)| Forward::new("rsyslog", one.is_encrypted || (one.is_stream && has_driver), place)),
    );
    let mut files: Vec<Option<HostFile>> = vec![reading.read("etc/syslog-ng/syslog-ng.conf").ok().flatten()];
    for entry in reading.list_at("etc/syslog-ng/conf.d").unwrap_or_default().into_iter().take(MAX_FILES) {
        if entry.kind != EntryKind::Folder && entry.path.file_name().ends_with(b".conf") {
            files.push(open(reading, &entry.path));
        }
    }
    for file in files.into_iter().flatten() {
        out.extend(
            syslog_ng(&file.bytes)
                .into_iter()
                .map(|(line, is_encrypted)| Forward::new("syslog-ng", is_encrypted, file.at(line))),
        );
    }
    out
}

/// Returns the files that an include of rsyslog means: `*` and `?` in the name of the file alone.
fn included(reading: &Reading<'_>, pattern: &str) -> Vec<TreePath> {
    let Some((folder, name)) = pattern.strip_prefix('/').and_then(|path| path.rsplit_once('/')) else {
        return Vec::new();
    };
    let Ok(glob) = globset::Glob::new(name) else { return Vec::new() };
    let glob = glob.compile_matcher();
    let entries = reading.list_at(folder).unwrap_or_default();
    let fits = entries.into_iter().filter(|entry| entry.kind != EntryKind::Folder);
    let fits = fits.filter(|entry| glob.is_match(&*String::from_utf8_lossy(entry.path.file_name())));
    fits.take(MAX_FILES).map(|entry| entry.path).collect()
}

/// What a file of rsyslog says of sending.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Rsyslog {
    /// Where it sends logs to.
    pub sent: Vec<Sent>,
    /// Whether streams are encrypted unless an action says otherwise.
    pub is_encrypted: bool,
    /// Patterns of more files.
    pub includes: Vec<String>,
}

/// A place that rsyslog sends to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sent {
    /// The line, from one.
    pub line: u32,
    /// Whether it is a stream (TCP).
    pub is_stream: bool,
    /// Whether the action itself asks for encryption.
    pub is_encrypted: bool,
}

/// Reads a file of rsyslog, in its old form and in RainerScript.
#[must_use]
pub fn rsyslog(bytes: &[u8]) -> Rsyslog {
    let mut out = Rsyslog::default();
    let (mut has_driver, mut has_mode) = (false, false);
    for (line, statement) in statements(bytes) {
        let lower = statement.to_ascii_lowercase();
        let words: Vec<&str> = lower.split_ascii_whitespace().collect();
        match words.as_slice() {
            ["$defaultnetstreamdriver", driver, ..] => has_driver |= matches!(*driver, "gtls" | "ossl"),
            ["$actionsendstreamdrivermode", mode, ..] => has_mode |= *mode == "1",
            ["$includeconfig", ..] => {
                out.includes.extend(statement.split_ascii_whitespace().nth(1).map(str::to_owned));
            }
            [first, ..] if first.starts_with("include(") => out.includes.extend(parameter(&statement, "file")),
            _ => {
                if let Some(at) = lower.find("action(") {
                    let action = statement.get(at..).unwrap_or_default();
                    let value = |name: &str| parameter(action, name).unwrap_or_default().to_ascii_lowercase();
                    let (is_forward, is_relp) = (value("type") == "omfwd", value("type") == "omrelp");
                    if is_forward || is_relp {
                        let is_stream = is_relp || value("protocol") == "tcp";
                        let by_driver =
                            matches!(&*value("streamdriver"), "gtls" | "ossl") || value("streamdriver").is_empty();
                        let is_encrypted = if is_relp {
                            value("tls") == "on"
                        } else {
                            is_stream && by_driver && value("streamdrivermode") == "1"
                        };
                        out.sent.push(Sent { line, is_stream: is_forward && is_stream, is_encrypted });
                    }
                } else if let Some(target) = words.get(1).filter(|target| target.starts_with('@')) {
                    let is_stream = target.starts_with("@@") || target.starts_with("@(o)");
                    out.sent.push(Sent { line, is_stream, is_encrypted: false });
                } else if let Some(target) = words.get(1).filter(|target| target.starts_with(":omrelp:")) {
                    let is_stream = !target.is_empty();
                    out.sent.push(Sent { line, is_stream, is_encrypted: false });
                }
                has_driver |= lower.contains("defaultnetstreamdriver=\"gtls\"")
                    || lower.contains("defaultnetstreamdriver=\"ossl\"");
            }
        }
    }
    out.is_encrypted = has_driver && has_mode;
    out
}

/// Returns the value of a parameter, `name="value"`, whatever the case of its name.
fn parameter(statement: &str, name: &str) -> Option<String> {
    let mut rest = statement;
    while let Some((before, behind)) = rest.split_once('"') {
        let (value, behind) = behind.split_once('"').unwrap_or((behind, ""));
        let key = before.trim_end().trim_end_matches('=').trim_end();
        let key = key.rsplit(|character: char| !character.is_ascii_alphanumeric() && character != '.').next();
        if key.is_some_and(|key| key.eq_ignore_ascii_case(name)) {
            return Some(value.to_owned());
        }
        rest = behind;
    }
    None
}

/// Returns the statements of a file with the lines they begin on: a line, or all up to the closing parenthesis.
fn statements(bytes: &[u8]) -> Vec<(u32, String)> {
    let mut out = Vec::new();
    let mut open: Option<(u32, String, usize)> = None;
    for line in super::line::lines(bytes) {
        let text = line.text();
        let mut is_quoted = false;
        let comment = text.char_indices().find(|(_, character)| {
            if *character == '"' {
                is_quoted = !is_quoted;
            }
            *character == '#' && !is_quoted
        });
        let text = comment.map_or(&*text, |(at, _)| text.get(..at).unwrap_or_default()).trim();
        if text.is_empty() {
            continue;
        }
        let (start, mut whole, mut depth) = open.take().unwrap_or((line.number, String::new(), 0));
        whole.push(' ');
        whole.push_str(text);
        depth = (depth + text.matches('(').count()).saturating_sub(text.matches(')').count());
        if depth > 0 {
            open = Some((start, whole, depth));
        } else {
            out.push((start, whole.trim().to_owned()));
        }
    }
    out.extend(open.map(|(start, whole, _)| (start, whole.trim().to_owned())));
    out
}

/// Returns where syslog-ng sends logs to, and whether that is encrypted.
#[must_use]
pub fn syslog_ng(bytes: &[u8]) -> Vec<(u32, bool)> {
    let mut out = Vec::new();
    for (line, statement) in statements(bytes) {
        let lower = statement.to_ascii_lowercase();
        let is_destination = ["network(", "syslog(", "tcp("].iter().any(|driver| lower.contains(driver));
        if is_destination && !lower.starts_with("source") {
            out.push((line, lower.contains("transport(\"tls\")") || lower.contains("transport(tls)")));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forwarding_of_rsyslog_is_read() {
        let check = |text: &str, expected: &[(bool, bool)], is_encrypted: bool| {
            let found = rsyslog(text.as_bytes());
            let sent: Vec<(bool, bool)> = found.sent.iter().map(|one| (one.is_stream, one.is_encrypted)).collect();
            assert_eq!((sent.as_slice(), found.is_encrypted), (expected, is_encrypted), "{text:?}");
        };
        check("", &[], false);
        check("*.* @@loghost.example:514\n", &[(true, false)], false);
        check("# *.* @@loghost.example\n*.* /var/log/all\n", &[], false);
        check("*.* @loghost.example\n", &[(false, false)], false);
        check("$DefaultNetstreamDriver gtls\n$ActionSendStreamDriverMode 1\n*.* @@h\n", &[(true, false)], true);
        let action = "action(type=\"omfwd\" target=\"h\"\n  protocol=\"tcp\" StreamDriver=\"gtls\" # x\n StreamDriverMode=\"1\")\n";
        check(action, &[(true, true)], false);
        check("action(type=\"omfwd\" target=\"h\" protocol=\"udp\")", &[(false, false)], false);
        check("action(type=\"omfile\" file=\"/x\")", &[], false);
    }

    #[test]
    fn forwarding_of_syslog_ng_is_read() {
        let check = |text: &str, expected: &[(u32, bool)]| assert_eq!(syslog_ng(text.as_bytes()), expected, "{text:?}");
        check("destination d { network(\"h\" transport(\"tls\")); };", &[(1, true)]);
        check("destination d { network(\"h\" port(514)); };", &[(1, false)]);
        check("destination d { file(\"/x\"); };", &[]);
    }
}
