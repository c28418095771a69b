//! Units of systemd, as it finds them: folders by precedence, masks, drop-ins, and what they start (`systemd.unit(5)`,
//! `systemd.service(5)`).

mod folders;
mod unit;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Family;
use super::command::{Program, Variable};
use super::line::Place;
use super::reading::Reading;
use crate::text::Text;
use crate::tree::TreePath;

pub use unit::words;

/// The family of units.
pub(super) static FAMILY: Family = Family {
    id: "systemd",
    summary: "units, their drop-ins, and what they start",
    reads: &[
        "etc/systemd/system.conf",
        "etc/systemd/system.conf.d/*",
        "etc/systemd/system/*",
        "etc/systemd/system/*/*",
        "etc/systemd/system.control/*",
        "etc/systemd/system.control/*/*",
        "run/systemd/*/*",
        "run/systemd/*/*/*",
        "usr/local/lib/systemd/system/*",
        "usr/local/lib/systemd/system/*/*",
        "usr/lib/systemd/system/*",
        "usr/lib/systemd/system/*/*",
        "lib/systemd/system/*",
        "lib/systemd/system/*/*",
        "usr/lib/systemd/systemd",
        "lib/systemd/systemd",
    ],
};

/// What is known of units.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Systemd {
    /// Whether systemd itself is there.
    pub is_there: bool,
    /// The units, by name.
    pub units: Vec<Unit>,
    /// Variables that systemd gives to every service.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<Variable>,
}

/// A unit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unit {
    /// Its name.
    pub name: Text,
    /// The file in force.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<UnitFile>,
    /// What masks it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<Mask>,
    /// The unit whose other name it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub alias_of: Option<Text>,
    /// Its other names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub other_names: Vec<Text>,
    /// Files of this name that do not count, because the one in force comes first.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hidden: Vec<UnitFile>,
    /// Its drop-ins, in the order in which they count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub drop_ins: Vec<DropIn>,
    /// The links in the `.wants` and `.requires` folders of other units that have it started.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wanted_by: Vec<TreePath>,
    /// The units that name it as one they want or require.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pulled_by: Vec<Text>,
    /// What it starts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<Command>,
    /// The user it runs as.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub user: Option<Text>,
    /// The group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub group: Option<Text>,
    /// Settings that harden it, in the order in which they count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<Setting>,
    /// Variables that make programs load code.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub environment: Vec<Variable>,
}

impl Unit {
    /// Whether it is installed, and nothing masks it.
    #[must_use]
    pub fn is_startable(&self) -> bool {
        self.file.is_some() && self.mask.is_none()
    }
}

/// A file of a unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitFile {
    /// Where systemd finds it.
    pub path: TreePath,
    /// Where it stands, links followed.
    pub real: TreePath,
}

/// What masks a unit or a drop-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mask {
    /// Where it stands.
    pub path: TreePath,
    /// What it is: `a link to /dev/null`, `an empty file`.
    pub is: Text,
}

/// A drop-in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DropIn {
    /// Where systemd finds it.
    pub path: TreePath,
    /// Where it stands, links followed; `None` for one that leads nowhere, or cannot be read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub real: Option<TreePath>,
    /// What it is, where it only masks others: `a link to /dev/null`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mask: Option<Text>,
    /// Drop-ins of the same name that it masks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub hides: Vec<TreePath>,
}

/// A program that a unit starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Command {
    /// The setting: `ExecStart`.
    pub setting: Text,
    /// The program, or a script that it runs.
    pub program: Program,
    /// Whether it is the program itself, rather than what it runs.
    pub is_main: bool,
    /// Whether it runs as root, whatever the unit's user is.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_privileged: bool,
    /// Where it is set.
    pub place: Place,
    /// What takes it back: a reset, or a file that comes first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replaced_by: Option<Place>,
}

/// A setting that hardens a unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Which.
    pub key: Text,
    /// Its value.
    pub value: Text,
    /// Where it is set.
    pub place: Place,
    /// What comes first in its place, so that it does not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden_by: Option<TreePath>,
}

impl Systemd {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        let is_there =
            |path: &str| TreePath::new(path.as_bytes()).is_some_and(|path| matches!(reading.real(&path), Ok(Some(_))));
        let is_there = is_there("usr/lib/systemd/systemd") || is_there("lib/systemd/systemd");
        let folders = folders::Folders::list(reading);
        let mut reader = unit::Reader::new(reading, &folders);
        let mut units: Vec<Unit> = folders.names().filter_map(|name| reader.unit(name)).collect();
        units.sort_by(|a, b| a.name.cmp(&b.name));
        let mut pulled: BTreeMap<Text, Vec<Text>> = BTreeMap::new();
        for (unit, other) in reader.pulls {
            pulled.entry(other).or_default().push(unit);
        }
        for unit in &mut units {
            unit.pulled_by = pulled.remove(&unit.name).unwrap_or_default();
            unit.pulled_by.sort();
            unit.pulled_by.dedup();
        }
        Self { is_there, units, environment: unit::manager(reading) }
    }

    /// Returns a unit by its name, other names followed.
    #[must_use]
    pub fn unit(&self, name: &str) -> Option<&Unit> {
        let unit = self.named(name)?;
        match &unit.alias_of {
            Some(other) => self.named(other.as_str()),
            None => Some(unit),
        }
    }

    fn named(&self, name: &str) -> Option<&Unit> {
        let at = self.units.binary_search_by(|unit| unit.name.as_str().cmp(name)).ok()?;
        self.units.get(at)
    }

    /// Whether a unit starts by itself: links want it, or a unit that does so wants it.
    #[must_use]
    pub fn is_enabled(&self, unit: &Unit) -> bool {
        let is_wanted = |unit: &Unit| !unit.wanted_by.is_empty();
        is_wanted(unit)
            || unit.other_names.iter().filter_map(|name| self.named(name.as_str())).any(is_wanted)
            || unit
                .pulled_by
                .iter()
                .any(|name| self.unit(name.as_str()).is_some_and(|by| by.is_startable() && is_wanted(by)))
    }
}
