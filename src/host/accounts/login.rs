//! What is set for logins: where numbers of people begin, the mask of new files, and where root's commands are searched.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::host::files::Asked;
use crate::host::line::Place;
use crate::host::reading::{HostFile, Reading};
use crate::text::Text;
use crate::tree::TreePath;

/// Files of shells that are read at a login of root.
const SCRIPTS: [&str; 6] =
    ["etc/profile", "etc/bash.bashrc", "etc/bashrc", "root/.profile", "root/.bash_profile", "root/.bashrc"];

/// How many masks and folders are kept.
const MAX_KEPT: usize = 1_000;

/// What is set for logins.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// The lowest number of a person (`UID_MIN` of login.defs, 1000 where nothing says so).
    pub first_person: u32,
    /// The file that could not be read and might say so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unread: Option<TreePath>,
    /// The masks of new files.
    pub masks: Vec<Umask>,
    /// The folders in which commands of root are searched.
    pub folders: Vec<SearchFolder>,
}

/// A mask of new files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Umask {
    /// The file that sets it.
    pub path: TreePath,
    /// Where.
    pub place: Place,
    /// The bits that are taken away.
    pub mask: u32,
    /// As it is written.
    pub value: Text,
}

/// A folder in which commands of root are searched.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SearchFolder {
    /// As it is written; empty and `.` mean the folder at hand.
    pub name: Text,
    /// Where it is set.
    pub place: Place,
    /// Where it stands, links followed; `None` where it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub real: Option<TreePath>,
}

impl Login {
    pub(super) fn collect(reading: &Reading<'_>, sudo: Option<&(String, Place)>) -> Self {
        let mut login = Self { first_person: 1_000, ..Self::default() };
        let mut folders: BTreeMap<String, Place> = BTreeMap::new();
        let definitions = match reading.read("etc/login.defs") {
            Ok(None) => reading.read("usr/etc/login.defs"),
            other => other,
        };
        match definitions {
            Ok(Some(file)) => login.definitions(&file, &mut folders),
            Ok(None) => {}
            Err(unread) => login.unread = Some(unread.path),
        }
        let mut scripts: Vec<TreePath> = SCRIPTS.iter().filter_map(|path| TreePath::new(path.as_bytes())).collect();
        for entry in reading.list_at("etc/profile.d").unwrap_or_default() {
            if entry.path.file_name().ends_with(b".sh") {
                scripts.push(entry.path);
            }
        }
        scripts.extend(TreePath::new(b"etc/environment"));
        for path in scripts {
            if let Ok(Some(file)) = reading.read_at(&path) {
                login.script(&file, &mut folders);
            }
        }
        if let Some((path, place)) = sudo {
            search(path, place, &mut folders);
        }
        login.folders = folders.into_iter().take(MAX_KEPT).map(|(name, place)| folder(reading, &name, place)).collect();
        login
    }

    fn definitions(&mut self, file: &HostFile, folders: &mut BTreeMap<String, Place>) {
        for line in file.lines() {
            let text = line.text();
            let mut words = text.split_ascii_whitespace();
            let (Some(key), Some(value)) = (words.next(), words.next()) else { continue };
            match key {
                "UID_MIN" => self.first_person = number(value).unwrap_or(self.first_person),
                // The last of several counts.
                "UMASK" => {
                    self.masks.retain(|mask| mask.path != file.path);
                    self.mask(file, line.number, value);
                }
                "ENV_SUPATH" => {
                    search(value.strip_prefix("PATH=").unwrap_or(value), &file.at(line.number), folders);
                }
                _ => {}
            }
        }
    }

    fn mask(&mut self, file: &HostFile, line: u32, value: &str) {
        if let (Some(mask), true) = (mask(value), self.masks.len() < MAX_KEPT) {
            let place = file.at(line);
            self.masks.push(Umask { path: file.path.clone(), place, mask, value: Text::of(value) });
        }
    }

    fn script(&mut self, file: &HostFile, folders: &mut BTreeMap<String, Place>) {
        for line in file.lines() {
            let text = line.text();
            let text = text.trim();
            if text.starts_with('#') {
                continue;
            }
            for command in text.split([';', '&', '|']) {
                let command = command.trim();
                let words: Vec<&str> = command.split_ascii_whitespace().collect();
                let words = match words.as_slice() {
                    ["then" | "else" | "do", rest @ ..] => rest,
                    all => all,
                };
                match words {
                    ["umask", value, ..] if !value.starts_with('-') => self.mask(file, line.number, value),
                    ["umask", "-S", value, ..] => self.mask(file, line.number, value),
                    ["export" | "declare" | "readonly", assignment, ..] | [assignment, ..] => {
                        if let Some(path) = assignment.strip_prefix("PATH=") {
                            search(path, &file.at(line.number), folders);
                        }
                    }
                    [] => {}
                }
            }
        }
    }
}

/// Takes the folders of a search path. Those that variables name are passed over.
fn search(path: &str, place: &Place, folders: &mut BTreeMap<String, Place>) {
    let path = path.trim_matches(['"', '\'']);
    for name in path.split(':') {
        if !name.contains(['$', '`', '~']) && folders.len() <= MAX_KEPT {
            folders.entry(name.to_owned()).or_insert_with(|| place.clone());
        }
    }
}

fn folder(reading: &Reading<'_>, name: &str, place: Place) -> SearchFolder {
    let path = name.strip_prefix('/').and_then(|below| TreePath::root().join(below.as_bytes()));
    let real = path.and_then(|path| reading.ask(&path, Asked::State));
    SearchFolder { name: Text::of(name), place, real }
}

/// Reads a number of login.defs: octal behind `0`, hexadecimal behind `0x` (`strtol` with base 0).
fn number(value: &str) -> Option<u32> {
    if let Some(hexadecimal) = value.strip_prefix("0x") {
        return u32::from_str_radix(hexadecimal, 16).ok();
    }
    if value.len() > 1 && value.starts_with('0') { u32::from_str_radix(value, 8).ok() } else { value.parse().ok() }
}

/// Reads a mask: octal digits, or what is allowed in letters (`u=rwx,g=rx,o=`).
fn mask(value: &str) -> Option<u32> {
    let value = value.trim_matches(['"', '\'']);
    if value.bytes().all(|byte| byte.is_ascii_digit()) {
        return u32::from_str_radix(value, 8).ok().filter(|mask| *mask <= 0o7777);
    }
    let mut mask = 0o022;
    for clause in value.split(',') {
        let at = clause.find(['=', '+', '-'])?;
        let (who, rest) = clause.split_at_checked(at)?;
        let bits = rest.chars().skip(1).try_fold(0, |bits, letter| match letter {
            'r' => Some(bits | 4),
            'w' => Some(bits | 2),
            'x' => Some(bits | 1),
            _ => None,
        })?;
        for (letter, shift) in [('u', 6), ('g', 3), ('o', 0)] {
            if !who.is_empty() && !who.contains(letter) && !who.contains('a') {
                continue;
            }
            mask = match rest.chars().next()? {
                '=' => (mask & !(7 << shift)) | ((7 & !bits) << shift),
                '+' => mask & !(bits << shift),
                _ => mask | (bits << shift),
            };
        }
    }
    Some(mask)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn masks_are_read() {
        let check = |value: &str, expected: Option<u32>| assert_eq!(mask(value), expected, "{value}");
        check("022", Some(0o022));
        check("27", Some(0o027));
        check("\"077\"", Some(0o077));
        check("u=rwx,g=rx,o=", Some(0o027));
        check("go-rwx", Some(0o077));
        check("a+r", Some(0o022));
        check("089", None);
        check("$mask", None);
    }

    #[test]
    fn search_paths_are_taken_apart() {
        let check = |path: &str, expected: &[&str]| {
            let mut folders = BTreeMap::new();
            search(path, &Place::file(&TreePath::root()), &mut folders);
            assert_eq!(folders.keys().map(String::as_str).collect::<Vec<_>>(), expected, "{path}");
        };
        check("/usr/bin:/bin", &["/bin", "/usr/bin"]);
        check("\"/usr/bin::.\"", &["", ".", "/usr/bin"]);
        check("$PATH:/opt/bin", &["/opt/bin"]);
    }
}
