//! How somebody is let in: the lines of `pam.d(5)`.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Family;
use super::files::Asked;
use super::line::Place;
use super::reading::{HostFile, Reading};
use crate::text::Text;
use crate::tree::{EntryKind, TreePath};

/// The family of PAM.
pub(super) static FAMILY: Family = Family {
    id: "pam",
    summary: "how logins are checked",
    reads: &[
        "etc/pam.d/*",
        "etc/pam.conf",
        "usr/lib/pam.d/*",
        "usr/etc/pam.d/*",
        "etc/security/faillock.conf",
        "lib/security/*",
        "lib64/security/*",
        "usr/lib/security/*",
        "usr/lib64/security/*",
        "usr/lib/*/security/*",
    ],
};

/// The folders of services: one in the first hides one of the same name in the others.
const FOLDERS: [&str; 3] = ["etc/pam.d", "usr/etc/pam.d", "usr/lib/pam.d"];

/// The folders of modules, beside those of architectures.
const MODULE_FOLDERS: [&str; 4] = ["usr/lib64/security", "usr/lib/security", "lib64/security", "lib/security"];

/// How many files and lines are read.
const MAX_FILES: usize = 10_000;
const MAX_LINES: usize = 100_000;

/// What is known of PAM.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pam {
    /// Whether there are services.
    pub is_there: bool,
    /// The lines.
    pub lines: Vec<PamLine>,
    /// The modules that they name, and where each stands.
    pub modules: BTreeMap<Text, Vec<TreePath>>,
    /// How many failures `faillock.conf` allows, and where it says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failures: Option<(u32, Place)>,
    /// The files that stand there and cannot be read.
    pub unread: Vec<TreePath>,
}

/// A line that runs a module.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PamLine {
    /// Service, type and module.
    pub name: Text,
    /// The type: `auth`.
    pub kind: Text,
    /// What its answer does, as it is written.
    pub control: Text,
    /// Whether its success ends the check.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_sufficient: bool,
    /// The module, as it is written.
    pub module: Text,
    /// The arguments that say something here.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub arguments: Vec<Text>,
    /// Where.
    pub place: Place,
}

/// A line of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// It runs a module.
    Module {
        /// The type.
        kind: String,
        /// What its answer does.
        control: String,
        /// The module.
        module: String,
        /// Its arguments.
        arguments: Vec<String>,
    },
    /// It puts in another file.
    Include(String),
    /// It cannot be understood.
    Broken,
}

impl Pam {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        let mut pam = Self::default();
        let mut files: BTreeMap<Vec<u8>, TreePath> = BTreeMap::new();
        let mut has_folder = false;
        for folder in FOLDERS {
            match reading.list_at(folder) {
                Ok(entries) => {
                    for entry in entries.into_iter().filter(|entry| entry.kind != EntryKind::Folder).take(MAX_FILES) {
                        has_folder |= folder == "etc/pam.d";
                        let name = entry.path.file_name().to_vec();
                        if !is_left_over(&name) {
                            files.entry(name).or_insert(entry.path);
                        }
                    }
                }
                Err(unread) => pam.unread.push(unread.path),
            }
        }
        let mut ahead: Vec<TreePath> = files.into_values().rev().collect();
        let mut seen: std::collections::BTreeSet<TreePath> = ahead.iter().cloned().collect();
        while let Some(path) = ahead.pop() {
            let Some(file) = pam.file(reading, &path) else { continue };
            for included in pam.lines(reading, &file, false) {
                if seen.len() < MAX_FILES && seen.insert(included.clone()) {
                    ahead.push(included);
                }
            }
        }
        // The one file counts only where there is no folder.
        if !has_folder && let Some(file) = TreePath::new(b"etc/pam.conf").and_then(|path| pam.file(reading, &path)) {
            pam.lines(reading, &file, true);
        }
        pam.modules(reading);
        pam.failures = pam.faillock(reading);
        pam
    }

    fn file(&mut self, reading: &Reading<'_>, path: &TreePath) -> Option<HostFile> {
        match reading.read_at(path) {
            Ok(file) => {
                self.is_there |= file.is_some();
                file
            }
            Err(unread) => {
                self.unread.push(unread.path);
                None
            }
        }
    }

    /// Takes the lines of a file, and returns the files elsewhere that they put in.
    fn lines(&mut self, reading: &Reading<'_>, file: &HostFile, has_service: bool) -> Vec<TreePath> {
        let mut included = Vec::new();
        for (number, line) in read(&file.bytes, has_service) {
            match line {
                Line::Module { kind, control, module, arguments } if self.lines.len() < MAX_LINES => {
                    let service = Text::of(file.path.file_name());
                    self.lines.push(PamLine {
                        name: crate::text!("{} {} {}", service, kind, module),
                        is_sufficient: is_sufficient(&control),
                        kind: Text::of(kind.as_str()),
                        control: Text::of(control.as_str()),
                        arguments: arguments
                            .iter()
                            .filter(|word| is_kept(&module, word))
                            .map(|word| Text::of(word.as_str()))
                            .collect(),
                        module: Text::of(module.as_str()),
                        place: file.at(number),
                    });
                }
                Line::Module { .. } => {}
                Line::Include(name) => {
                    let below = name.strip_prefix('/').and_then(|below| TreePath::root().join(below.as_bytes()));
                    included.extend(below);
                }
                Line::Broken => {
                    let expected = Text::trusted("a type, a control and a module");
                    reading.malformed(&file.at(number), expected, Text::trusted("another line"));
                }
            }
        }
        included
    }

    fn modules(&mut self, reading: &Reading<'_>) {
        let mut folders: Vec<TreePath> =
            MODULE_FOLDERS.iter().filter_map(|folder| TreePath::new(folder.as_bytes())).collect();
        for entry in reading.list_at("usr/lib").unwrap_or_default() {
            if entry.path.file_name().windows(6).any(|part| part == b"-linux") {
                folders.push(entry.path.child(b"security"));
            }
        }
        for line in &self.lines {
            if self.modules.contains_key(&line.module) {
                continue;
            }
            let module = line.module.as_str();
            let paths: Vec<TreePath> = match module.strip_prefix('/') {
                Some(below) => TreePath::root().join(below.as_bytes()).into_iter().collect(),
                None => folders.iter().filter_map(|folder| folder.join(module.as_bytes())).collect(),
            };
            let mut real: Vec<TreePath> = paths.iter().filter_map(|path| reading.ask(path, Asked::Package)).collect();
            real.sort();
            real.dedup();
            self.modules.insert(line.module.clone(), real);
        }
    }

    fn faillock(&mut self, reading: &Reading<'_>) -> Option<(u32, Place)> {
        let path = TreePath::new(b"etc/security/faillock.conf")?;
        let file = match reading.read_at(&path) {
            Ok(file) => file?,
            Err(unread) => {
                self.unread.push(unread.path);
                return None;
            }
        };
        let mut found = None;
        for line in file.lines() {
            let text = line.text();
            let text = text.split('#').next().unwrap_or_default();
            if let Some((key, value)) = text.split_once('=')
                && key.trim() == "deny"
            {
                found = value.trim().parse().ok().map(|deny| (deny, file.at(line.number))).or(found);
            }
        }
        found
    }
}

/// Whether a name is one that package managers and editors leave behind, which no service has.
fn is_left_over(name: &[u8]) -> bool {
    let name = String::from_utf8_lossy(name);
    name.ends_with('~') || [".dpkg-", ".rpm", ".bak", ".ucf-", ".pam-"].iter().any(|part| name.contains(part))
}

/// Whether an argument is kept: others may hold secrets.
fn is_kept(module: &str, word: &str) -> bool {
    let is_of_exec = module.ends_with("pam_exec.so") && word.starts_with('/');
    is_of_exec || word.starts_with("nullok") || word.starts_with("deny=")
}

/// Whether the success of a module ends the check: `sufficient`, or `success=done` in brackets.
fn is_sufficient(control: &str) -> bool {
    let control = control.to_ascii_lowercase();
    let Some(list) = control.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) else {
        return control == "sufficient";
    };
    let action = |wanted: &str| {
        list.split_ascii_whitespace()
            .filter_map(|word| word.split_once('='))
            .find(|(name, _)| *name == wanted)
            .map(|(_, action)| action)
    };
    action("success").or_else(|| action("default")) == Some("done")
}

/// Reads a file of services; in `pam.conf` the name of the service stands in front.
#[must_use]
pub fn read(bytes: &[u8], has_service: bool) -> Vec<(u32, Line)> {
    let mut out = Vec::new();
    let mut open: Option<(u32, String)> = None;
    for line in super::line::lines(bytes) {
        let text = line.text();
        let text = text.split('#').next().unwrap_or_default();
        let (goes_on, part) = match text.trim_end().strip_suffix('\\') {
            Some(part) => (true, part),
            None => (false, text),
        };
        let (start, mut whole) = open.take().unwrap_or((line.number, String::new()));
        whole.push(' ');
        whole.push_str(part);
        if goes_on {
            open = Some((start, whole));
        } else {
            out.extend(statement(&whole, has_service).map(|line| (start, line)));
        }
    }
    if let Some((start, whole)) = open {
        out.extend(statement(&whole, has_service).map(|line| (start, line)));
    }
    out
}

fn statement(text: &str, has_service: bool) -> Option<Line> {
    let mut words = words(text).into_iter();
    if has_service {
        words.next()?;
    }
    let kind = words.next()?;
    if kind.eq_ignore_ascii_case("@include") {
        return Some(words.next().map_or(Line::Broken, Line::Include));
    }
    let kind = kind.strip_prefix('-').unwrap_or(&kind).to_ascii_lowercase();
    let (Some(control), Some(module)) = (words.next(), words.next()) else { return Some(Line::Broken) };
    Some(if !["auth", "account", "password", "session"].contains(&kind.as_str()) {
        Line::Broken
    } else if control.eq_ignore_ascii_case("include") || control.eq_ignore_ascii_case("substack") {
        Line::Include(module)
    } else {
        Line::Module { kind, control, module, arguments: words.collect() }
    })
}

/// Takes words apart; brackets hold blanks together. Those of arguments are taken away, those of controls are kept.
fn words(text: &str) -> Vec<String> {
    let mut out: Vec<String> = Vec::new();
    let mut rest = text.trim();
    while !rest.is_empty() {
        let end = match rest.strip_prefix('[') {
            Some(inner) => inner.find(']').map_or(rest.len(), |at| at + 2),
            None => rest.find(char::is_whitespace).unwrap_or(rest.len()),
        };
        let Some((word, after)) = rest.split_at_checked(end) else { return out };
        out.push(word.split_ascii_whitespace().collect::<Vec<_>>().join(" "));
        rest = after.trim_start();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read_as_pam_reads_them() {
        let check = |text: &str, expected: &[&str]| {
            let shown = |line: &Line| match line {
                Line::Module { kind, control, module, arguments } => {
                    format!("{kind} {control} {module} {}", arguments.join("|"))
                }
                Line::Include(name) => format!("include {name}"),
                Line::Broken => "broken".to_owned(),
            };
            let found: Vec<String> = read(text.as_bytes(), false).iter().map(|(_, line)| shown(line)).collect();
            assert_eq!(found, expected, "{text:?}");
        };
        check("auth required pam_unix.so nullok", &["auth required pam_unix.so nullok"]);
        check(
            "-auth [success=1  default=ignore] pam_unix.so a b # nullok",
            &["auth [success=1 default=ignore] pam_unix.so a|b"],
        );
        check("auth \\\n  sufficient pam_permit.so", &["auth sufficient pam_permit.so "]);
        check("@include common-auth", &["include common-auth"]);
        check("auth substack /etc/other", &["include /etc/other"]);
        check("# auth sufficient pam_permit.so\n\n", &[]);
        check("auth required", &["broken"]);
        check("what required pam_unix.so", &["broken"]);
    }

    #[test]
    fn what_ends_the_check_is_told() {
        let check = |control: &str, expected: bool| assert_eq!(is_sufficient(control), expected, "{control}");
        check("sufficient", true);
        check("[success=done default=ignore]", true);
        check("[default=done]", true);
        check("required", false);
        check("[success=1 default=ignore]", false);
        check("[success=ok default=bad]", false);
    }
}
