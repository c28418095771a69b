//! Kernel settings that the next boot makes (`sysctl.d(5)`, `sysctl.conf(5)`): what each file says, which line counts, and
//! what the others would have set.

mod assignment;
mod order;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Family;
use super::glob::matches;
use super::init::Init;
use super::layers::{Contents, Hidden, Layers, is_null, read_quietly};
use super::line::Place;
use super::reading::{HostFile, Reading, Unread};
use crate::fact::{FactKind, Gap, GapReason, Location};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;
pub use assignment::{Assignment, Told, dotted, normal, read};
use order::Order;

/// The family of kernel settings.
pub(super) static FAMILY: Family = Family {
    id: "sysctl",
    summary: "kernel settings that the next boot makes",
    reads: &[
        "etc/sysctl.conf",
        "etc/sysctl.d/*",
        "run/sysctl.d/*",
        "usr/local/lib/sysctl.d/*",
        "usr/lib/sysctl.d/*",
        "lib/sysctl.d/*",
        "etc/apk/arch",
        "var/lib/dpkg/arch",
    ],
};

/// The folders, the strongest first.
const FOLDERS: [&str; 5] =
    ["etc/sysctl.d", "run/sysctl.d", "usr/local/lib/sysctl.d", "usr/lib/sysctl.d", "lib/sysctl.d"];

/// How many lines that lost are told of one key.
const MAX_LOSERS: usize = 8;

/// How many files that could not be read are told of one key.
const MAX_UNREAD: usize = 3;

/// How many keys are kept, and how many patterns of keys.
const MAX_KEYS: usize = 500_000;
const MAX_PATTERNS: usize = 10_000;

/// What is known of kernel settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sysctl {
    /// The program that makes them.
    pub program: Program,
    /// Why that program is never started.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub is_off: Option<Place>,
    /// The settings, by their keys with slashes.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<Text, Setting>,
    /// Patterns of keys that are set, in the order in which they are.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub patterns: Vec<Pattern>,
    /// Files that count for nothing, and what they would have set.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unused: Vec<Unused>,
    /// Files that could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
    /// The architecture, where a file tells it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub architecture: Option<Text>,
}

/// A program that makes kernel settings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Program {
    /// `systemd-sysctl`: the folders alone.
    #[default]
    Systemd,
    /// `sysctl --system`: the folders, then `/etc/sysctl.conf`.
    Procps,
    /// The `sysctl` of BusyBox, called by OpenRC in the same order: it knows no patterns.
    Busybox,
}

impl Program {
    /// Returns its name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Systemd => "systemd-sysctl",
            Self::Procps => "sysctl --system",
            Self::Busybox => "the sysctl of BusyBox",
        }
    }
}

/// What the files say of a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// The value; `None` where the line that counts takes the key out (`-key`).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Text>,
    /// The line that counts.
    pub place: Place,
    /// Files that come later and could not be read: what they say may undo it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub undone_by: Vec<Unread>,
    /// Lines that set it to another value, and do not count: the last ones.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub losers: Vec<Loser>,
}

/// A line that sets a key and does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loser {
    /// The value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Text>,
    /// Where it stands.
    pub place: Place,
}

/// A pattern of keys that is set.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Pattern {
    /// The pattern, with slashes.
    pub key: Text,
    /// The value.
    pub value: Text,
    /// Where it stands.
    pub place: Place,
}

/// A file that counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unused {
    /// Which.
    pub path: TreePath,
    /// The file of its name that hides it; `None` where no program reads it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden_by: Option<TreePath>,
    /// Whether that is a link to `/dev/null`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_null: bool,
    /// What it would have set.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub keys: BTreeMap<Text, Text>,
}

/// What is known of the value of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effective<'a> {
    /// It is set.
    Set {
        /// To what.
        value: &'a Text,
        /// The line that counts.
        place: &'a Place,
        /// Lines that do not.
        losers: &'a [Loser],
        /// The pattern by which it is set, where no line names it.
        pattern: Option<&'a Text>,
    },
    /// No line that counts sets it.
    NotSet {
        /// The line that takes it out.
        removed: Option<&'a Place>,
    },
    /// A file could not be read that may set it.
    Unknown(&'a [Unread]),
}

impl Sysctl {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        let program = program(reading);
        let mut out = Self { program, architecture: architecture(reading), ..Self::default() };
        if program == Program::Systemd {
            out.is_off = switched_off(reading);
        }
        let mut order = Order::default();
        // sysctl of procps looks at the ending of a name alone.
        let hidden = if program == Program::Procps { Hidden::Read } else { Hidden::LeftOut };
        let layers = Layers::read(reading, &FOLDERS, b".conf", hidden);
        let mut reads_conf = false;
        for layer in layers.files {
            match layer.contents {
                Contents::Nothing => {}
                Contents::File(file) => {
                    reads_conf |= file.real.as_bytes() == b"etc/sysctl.conf";
                    out.take(reading, &file, &mut order);
                }
                Contents::Unread(unread) => out.unread(unread, &mut order),
            }
        }
        out.conf(reading, reads_conf, &mut order);
        for masked in layers.masked {
            out.unused(reading, masked.path, Some(masked.by), masked.by_null);
        }
        // What a folder holds may stand anywhere in the order.
        for unread in layers.unread {
            out.unread(unread, &mut order);
        }
        out.order(&order);
        out
    }

    /// `/etc/sysctl.conf` comes last, but systemd reads it through a link in a folder alone.
    fn conf(&mut self, reading: &Reading<'_>, is_read: bool, order: &mut Order) {
        let Some(conf) = TreePath::new(b"etc/sysctl.conf") else { return };
        if self.program == Program::Systemd {
            if !is_read {
                self.unused(reading, conf, None, false);
            }
            return;
        }
        if is_null(reading, &conf) {
            return;
        }
        match reading.read_at(&conf) {
            Ok(Some(file)) => self.take(reading, &file, order),
            Ok(None) => {}
            Err(unread) => self.unread(unread, order),
        }
    }

    fn unread(&mut self, unread: Unread, order: &mut Order) {
        self.unread.push(unread);
        order.unread.push(order.lines);
    }

    fn unused(&mut self, reading: &Reading<'_>, path: TreePath, hidden_by: Option<TreePath>, by_null: bool) {
        let Some(bytes) = read_quietly(reading, &path) else { return };
        let mut keys = BTreeMap::new();
        for assignment in read(&bytes) {
            if let (Told::Value(value), true) = (assignment.told, keys.len() < MAX_KEYS) {
                keys.insert(assignment.key, value);
            }
        }
        if !keys.is_empty() {
            self.unused.push(Unused { path, hidden_by, by_null, keys });
        }
    }

    /// Takes the lines of a file that counts.
    fn take(&mut self, reading: &Reading<'_>, file: &HostFile, order: &mut Order) {
        for assignment in read(&file.bytes) {
            order.lines += 1;
            if self.settings.len() >= MAX_KEYS || self.patterns.len() >= MAX_PATTERNS {
                let expected = text!("at most {} keys and {} patterns", MAX_KEYS, MAX_PATTERNS);
                let found = Text::trusted("more");
                let (kind, reason) = (FactKind::Host, GapReason::Malformed);
                self.unread(Unread { path: file.path.clone(), found: found.clone() }, order);
                let location = Location::file(file.path.clone());
                return reading.gap(Gap { kind, location, reason, expected, found, contents: None });
            }
            let place = file.at(assignment.line);
            self.assign(assignment, place, order);
        }
    }

    fn assign(&mut self, assignment: Assignment, place: Place, order: &mut Order) {
        let is_pattern = assignment.is_pattern() && self.program != Program::Busybox;
        match assignment.told {
            Told::Value(value) if is_pattern => self.pattern(assignment.key, value, place, order),
            Told::Value(value) => self.set(assignment.key, Some(value), place, order),
            // What is taken out of patterns is no setting: procps keeps one that was made before (measured).
            Told::Removed if self.program == Program::Procps => {
                if !self.settings.contains_key(&assignment.key) {
                    self.set(assignment.key, None, place, order);
                }
            }
            Told::Removed if self.program == Program::Busybox => {}
            Told::Removed => self.set(assignment.key, None, place, order),
        }
    }

    fn pattern(&mut self, key: Text, value: Text, place: Place, order: &mut Order) {
        if self.program == Program::Systemd {
            // The same pattern with the same value keeps its place, with another it moves to the end.
            if let Some(at) = self.patterns.iter().rposition(|one| one.key == key) {
                if self.patterns.get(at).is_some_and(|one| one.value == value) {
                    return;
                }
                self.patterns.remove(at);
                order.patterns.remove(at);
            }
        }
        self.patterns.push(Pattern { key, value, place });
        order.patterns.push(order.lines);
    }

    fn set(&mut self, key: Text, value: Option<Text>, place: Place, order: &mut Order) {
        // systemd leaves a key that is set to the same again where it stands in the order (measured with 252).
        let stays = self.program == Program::Systemd && self.settings.get(&key).is_some_and(|set| set.value == value);
        order.told(&key, stays);
        let Some(before) = self.settings.get_mut(&key) else {
            self.settings.insert(key, Setting { value, place, undone_by: Vec::new(), losers: Vec::new() });
            return;
        };
        let loser = Loser { value: before.value.take(), place: before.place.clone() };
        if before.losers.len() == MAX_LOSERS {
            before.losers.remove(0);
        }
        before.losers.push(loser);
        before.value = value;
        before.place = place;
    }

    /// Returns what is known of a key, given with slashes.
    #[must_use]
    pub fn effective(&self, key: &str) -> Effective<'_> {
        if let Some(Setting { value, place, undone_by, losers }) = self.settings.get(&Text::of(key)) {
            if !undone_by.is_empty() {
                return Effective::Unknown(undone_by);
            }
            return match value {
                Some(value) => Effective::Set { value, place, losers, pattern: None },
                None => Effective::NotSet { removed: Some(place) },
            };
        }
        // A line that names the key beats every pattern, wherever it stands.
        if !self.unread.is_empty() {
            return Effective::Unknown(&self.unread);
        }
        match self.patterns_of(key).next() {
            Some(Pattern { key, value, place }) => Effective::Set { value, place, losers: &[], pattern: Some(key) },
            None => Effective::NotSet { removed: None },
        }
    }

    /// Returns the patterns that mean a key, given with slashes: first the one that counts where no line names the key.
    pub fn patterns_of<'a>(&'a self, key: &str) -> impl Iterator<Item = &'a Pattern> {
        self.patterns.iter().rev().filter(move |pattern| matches(pattern.key.as_str(), key))
    }

    /// Returns the files that count for nothing and would have set a key, with the value.
    pub fn would_set<'a>(&'a self, key: &'a str) -> impl Iterator<Item = (&'a Unused, &'a Text)> + 'a {
        let own = Text::of(key);
        self.unused.iter().filter_map(move |unused| {
            let by_pattern = || {
                unused
                    .keys
                    .iter()
                    .find(|(pattern, _)| assignment::is_pattern(pattern.as_str()) && matches(pattern.as_str(), key))
            };
            let (_, value) = unused.keys.get_key_value(&own).or_else(by_pattern)?;
            Some((unused, value))
        })
    }
}

/// Which program makes the settings: that of the init system.
fn program(reading: &Reading<'_>) -> Program {
    match Init::of(reading) {
        Init::Systemd => Program::Systemd,
        Init::Busybox => Program::Busybox,
        Init::Other => Program::Procps,
    }
}

/// Whether the unit that makes the settings is masked.
fn switched_off(reading: &Reading<'_>) -> Option<Place> {
    let path = TreePath::new(b"etc/systemd/system/systemd-sysctl.service")?;
    is_null(reading, &path).then(|| Place::file(&path))
}

/// Returns the architecture, as the kernel calls it.
fn architecture(reading: &Reading<'_>) -> Option<Text> {
    let first = |path: &str| {
        let bytes = read_quietly(reading, &TreePath::root().join(path.as_bytes())?)?;
        let line = super::line::lines(&bytes).next()?.text().trim().to_owned();
        Some(line)
    };
    let named = first("var/lib/dpkg/arch").or_else(|| first("etc/apk/arch"));
    let by_loader = || {
        let loaders = [
            ("lib64/ld-linux-x86-64.so.2", "x86_64"),
            ("lib/ld-linux-aarch64.so.1", "aarch64"),
            ("lib/ld-linux-armhf.so.3", "arm"),
            ("lib/ld-musl-x86_64.so.1", "x86_64"),
            ("lib/ld-musl-aarch64.so.1", "aarch64"),
        ];
        let there = loaders.iter().find(|(path, _)| {
            TreePath::root().join(path.as_bytes()).is_some_and(|path| reading.root().real(&path).is_ok())
        });
        there.map(|(_, name)| (*name).to_owned())
    };
    let named = named.or_else(by_loader)?;
    Some(Text::of(match named.as_str() {
        "amd64" => "x86_64",
        "arm64" => "aarch64",
        "armhf" | "armel" | "armv7" => "arm",
        other => other,
    }))
}
