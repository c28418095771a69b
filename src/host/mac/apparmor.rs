//! AppArmor: the profiles that are loaded at boot, and what each of them does.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::host::line::{Place, lines};
use crate::host::reading::{Reading, Unread};
use crate::text::Text;
use crate::tree::{EntryKind, TreePath};

/// The folder of profiles.
pub const FOLDER: &str = "etc/apparmor.d";

/// Endings of names that no profile has (`apparmor.d(5)`, `rc.apparmor.functions`).
const ENDINGS: [&[u8]; 9] =
    [b".dpkg-new", b".dpkg-old", b".dpkg-dist", b".dpkg-bak", b".dpkg-remove", b".rpmnew", b".rpmsave", b".orig", b"~"];

/// How many characters of a name are kept.
const MAX_NAME: usize = 512;

/// How deep profiles and hats may be nested.
const MAX_DEPTH: usize = 32;

/// What is known of AppArmor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Apparmor {
    /// Its profiles, in the order of their files.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub profiles: Vec<Profile>,
    /// What could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
}

/// A profile.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Profile {
    /// Its name; that of one inside another stands behind it: `sshd//hat`.
    pub name: Text,
    /// What it does.
    pub mode: Mode,
    /// Where it stands.
    pub place: Place,
    /// The link that keeps it from being loaded, or makes it complain.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<Place>,
}

/// What a profile does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// What is not allowed is refused.
    Enforce,
    /// What is not allowed is logged.
    Complain,
    /// All is allowed.
    Unconfined,
    /// It is not loaded.
    Disabled,
}

impl Mode {
    /// Returns its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Complain => "complain",
            Self::Unconfined => "unconfined",
            Self::Disabled => "disabled",
        }
    }
}

/// A head of a profile as it is read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The name.
    pub name: String,
    /// What it does.
    pub mode: Mode,
    /// The line, from one.
    pub line: u32,
}

impl Apparmor {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        let mut out = Self::default();
        let disabled = out.names(reading, "disable");
        let complaining = out.names(reading, "force-complain");
        let entries = match reading.list_at(FOLDER) {
            Ok(entries) => entries,
            Err(unread) => {
                out.unread.push(unread);
                return out;
            }
        };
        for entry in entries {
            let name = entry.path.file_name();
            let is_left =
                name.first() == Some(&b'.') || name == b"README" || ENDINGS.iter().any(|end| name.ends_with(end));
            if is_left || is_folder(reading, &entry.path, &entry.kind) {
                continue;
            }
            match reading.read_at(&entry.path) {
                Ok(Some(file)) => {
                    for head in read(&file.bytes) {
                        let (mode, link) = settled(head.mode, disabled.get(name), complaining.get(name));
                        let link = link.map(Place::file);
                        out.profiles.push(Profile {
                            name: Text::of(&head.name),
                            mode,
                            place: file.at(head.line),
                            link,
                        });
                    }
                }
                Ok(None) => {}
                Err(unread) => out.unread.push(unread),
            }
        }
        out
    }

    /// Returns what stands in a folder, by the names of the files of profiles that it is about.
    fn names(&mut self, reading: &Reading<'_>, folder: &str) -> BTreeMap<Vec<u8>, TreePath> {
        match reading.list_at(&format!("{FOLDER}/{folder}")) {
            Ok(entries) => entries.into_iter().map(|entry| (entry.path.file_name().to_vec(), entry.path)).collect(),
            Err(unread) => {
                self.unread.push(unread);
                BTreeMap::new()
            }
        }
    }
}

/// Returns what a profile does in the end, with the link that makes it so.
fn settled<'a>(
    mode: Mode,
    disabled: Option<&'a TreePath>,
    complaining: Option<&'a TreePath>,
) -> (Mode, Option<&'a TreePath>) {
    match (disabled, complaining) {
        (Some(link), _) => (Mode::Disabled, Some(link)),
        (None, Some(link)) if mode == Mode::Enforce => (Mode::Complain, Some(link)),
        (None, _) => (mode, None),
    }
}

/// Whether a folder stands there, be it through a link.
fn is_folder(reading: &Reading<'_>, path: &TreePath, kind: &EntryKind) -> bool {
    match kind {
        EntryKind::Folder => true,
        EntryKind::Link(_) => reading.root().real(path).is_ok_and(|real| real.kind == EntryKind::Folder),
        EntryKind::File | EntryKind::Submodule(_) | EntryKind::Other(_) => false,
    }
}

/// Reads the heads of the profiles in a file (`apparmor.d(5)`): `profile NAME PATH flags=(complain) {`, `/path {`, and hats
/// and profiles inside of others.
#[must_use]
pub fn read(bytes: &[u8]) -> Vec<Head> {
    let mut out = Vec::new();
    let mut outer: Vec<String> = Vec::new();
    let mut open: Option<(u32, String)> = None;
    for line in lines(bytes) {
        let text = line.text();
        let code = without_comment(&text).trim();
        if code.is_empty() {
            continue;
        }
        let (start, whole) = match open.take() {
            Some((start, before)) => (start, format!("{before} {code}")),
            None => (line.number, code.to_owned()),
        };
        let Some((head, inside)) = split_head(&whole) else {
            if begins_a_head(&whole) && may_go_on(&whole) && whole.len() < 4096 {
                open = Some((start, whole));
            } else if whole.ends_with('}') && !whole.contains('{') {
                outer.pop();
            }
            continue;
        };
        let Some((name, mode)) = name_and_mode(head) else {
            // A block that is no profile, as `if … {`.
            if !inside.ends_with('}') && outer.len() < MAX_DEPTH {
                outer.push(outer.last().cloned().unwrap_or_default());
            }
            continue;
        };
        let name = match outer.last() {
            Some(parent) if !parent.is_empty() => format!("{parent}//{name}"),
            _ => name,
        };
        let name: String = name.chars().take(MAX_NAME).collect();
        out.push(Head { name: name.clone(), mode, line: start });
        if !inside.ends_with('}') && outer.len() < MAX_DEPTH {
            outer.push(name);
        }
    }
    out
}

/// A head may go on in the next line: a rule ends in a comma, but a comma in a list of flags ends nothing, nor does the brace
/// of an alternative.
fn may_go_on(whole: &str) -> bool {
    let count = |one: char| whole.matches(one).count();
    match whole.chars().next_back() {
        Some(',') => count('(') > count(')'),
        Some('}') => count('{') == count('}'),
        _ => true,
    }
}

/// A comment begins with `#` at the start or behind a blank; `#include` is none, and no head.
fn without_comment(line: &str) -> &str {
    let mut before = ' ';
    for (at, character) in line.char_indices() {
        if character == '#' && before.is_ascii_whitespace() {
            return line.get(..at).unwrap_or_default();
        }
        before = character;
    }
    line
}

/// Splits a head from what stands inside: a brace behind a blank, or behind the flags, opens the profile. Braces inside of
/// words are alternatives or variables.
fn split_head(whole: &str) -> Option<(&str, &str)> {
    let mut before = ' ';
    for (at, character) in whole.char_indices() {
        let rest = whole.get(at + 1..).unwrap_or_default();
        let is_opening = character == '{' && (before.is_ascii_whitespace() || before == ')');
        if is_opening && (rest.is_empty() || rest.starts_with(|next: char| next.is_ascii_whitespace() || next == '}')) {
            return Some((whole.get(..at)?.trim(), rest.trim()));
        }
        before = character;
    }
    None
}

fn begins_a_head(text: &str) -> bool {
    let is_rule = text.contains('=') && !text.contains("flags");
    ["profile ", "hat ", "^", "/", "\"/", "@{"].iter().any(|start| text.starts_with(start)) && !is_rule
}

fn name_and_mode(head: &str) -> Option<(String, Mode)> {
    if !begins_a_head(head) {
        return None;
    }
    let (named, flags) = match head.find("flags") {
        Some(at) => (head.get(..at)?, head.get(at..)?),
        None => (head, head.rfind('(').and_then(|at| head.get(at..)).unwrap_or_default()),
    };
    let rest = named.strip_prefix("profile ").or_else(|| named.strip_prefix("hat ")).unwrap_or(named).trim();
    let name = match rest.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next()?,
        None => rest.split_ascii_whitespace().next()?,
    };
    let words: Vec<&str> =
        flags.split(|character: char| !character.is_ascii_alphanumeric() && character != '_').collect();
    let mode = if words.contains(&"complain") {
        Mode::Complain
    } else if words.contains(&"unconfined") || words.contains(&"default_allow") {
        Mode::Unconfined
    } else {
        Mode::Enforce
    };
    Some((name.trim_start_matches('^').to_owned(), mode))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_of_profiles_are_read() {
        let check = |text: &str, expected: &[(&str, Mode, u32)]| {
            let found = read(text.as_bytes());
            let found: Vec<(&str, Mode, u32)> = found.iter().map(|head| (&*head.name, head.mode, head.line)).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("", &[]);
        check("abi <abi/4.0>,\ninclude <tunables/global>\n@{X} = /a /b\n", &[]);
        check("profile cupsd /usr/sbin/cupsd {\n  /etc/cups/** r,\n}\n", &[("cupsd", Mode::Enforce, 1)]);
        check("/usr/sbin/x flags=(complain) {\n}\n", &[("/usr/sbin/x", Mode::Complain, 1)]);
        check("/usr/sbin/x flags=(attach_disconnected,complain){\n}\n", &[("/usr/sbin/x", Mode::Complain, 1)]);
        check("profile a /usr/bin/{b,c} flags=(unconfined) {\n  userns,\n}\n", &[("a", Mode::Unconfined, 1)]);
        check("profile a (complain) {\n}\n", &[("a", Mode::Complain, 1)]);
        check("# profile a flags=(complain) {\nprofile complain {\n}\n", &[("complain", Mode::Enforce, 2)]);
        check("profile a\n  /usr/bin/a\n  flags=(complain)\n{\n}\n", &[("a", Mode::Complain, 1)]);
        check(
            "profile a\n  /usr/bin/{a,b}\n  flags=(attach_disconnected,\n   complain)\n{\n}\n",
            &[("a", Mode::Complain, 1)],
        );
        check(
            "profile a {\n  /x/{y,z} r,\n  /x/{y,z}\n   r,\n}\nprofile b (complain,\n kill) {\n}\n",
            &[("a", Mode::Enforce, 1), ("b", Mode::Complain, 6)],
        );
        check("/usr/bin/a\t# flags=(complain)\n{\n}\n", &[("/usr/bin/a", Mode::Enforce, 1)]);
        check("/usr/bin/a#b flags=(complain) {\n}\n", &[("/usr/bin/a#b", Mode::Complain, 1)]);
        check(
            "profile a {\n  /x/@{y}{,z} r,\n  ^hat flags=(complain) {\n  }\n}\nprofile b {\n}\n",
            &[("a", Mode::Enforce, 1), ("a//hat", Mode::Complain, 3), ("b", Mode::Enforce, 6)],
        );
        check("profile \"a b\" { /x r, }\nprofile c {}\n", &[("a b", Mode::Enforce, 1), ("c", Mode::Enforce, 2)]);
        check("profile a {\n  if $x {\n  }\n}\nprofile b {\n}\n", &[("a", Mode::Enforce, 1), ("b", Mode::Enforce, 5)]);
    }

    #[test]
    fn a_link_decides_before_the_head_does() {
        let path = |path: &str| TreePath::new(path.as_bytes()).unwrap();
        let (disable, complain) = (path("etc/apparmor.d/disable/a"), path("etc/apparmor.d/force-complain/a"));
        let check = |mode: Mode, is_disabled: bool, is_complaining: bool, expected: (Mode, Option<&TreePath>)| {
            let found = settled(mode, is_disabled.then_some(&disable), is_complaining.then_some(&complain));
            assert_eq!(found, expected, "{mode:?} {is_disabled} {is_complaining}");
        };
        check(Mode::Enforce, false, false, (Mode::Enforce, None));
        check(Mode::Enforce, true, true, (Mode::Disabled, Some(&disable)));
        check(Mode::Enforce, false, true, (Mode::Complain, Some(&complain)));
        // Its own head says so already.
        check(Mode::Complain, false, true, (Mode::Complain, None));
        check(Mode::Unconfined, false, true, (Mode::Unconfined, None));
    }
}
