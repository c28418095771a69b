//! Services that are started with the system, and whether they are at work. Nothing is asked over a socket: what tells are
//! the links of enabled units, the note that systemd leaves when it starts one, and the groups of processes.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::source::Running as Source;
use crate::host::reading::Reading;
use crate::host::settings::settings;
use crate::text;
use crate::text::Text;
use crate::tree::{EntryKind, TreePath};

/// The id of the family.
pub const ID: &str = "state";

/// Where units stand, the first that has one counts (`systemd.unit(5)`).
const FOLDERS: [&str; 5] = [
    "etc/systemd/system",
    "run/systemd/system",
    "usr/local/lib/systemd/system",
    "usr/lib/systemd/system",
    "lib/systemd/system",
];

/// How many services are told.
const MAX_UNITS: usize = 10_000;

/// What starts services.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Manager {
    /// systemd.
    Systemd,
    /// OpenRC.
    Openrc,
    /// None that leaves notes of what it started.
    #[default]
    Other,
}

/// Services, and whether they are at work.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Units {
    /// What starts them.
    pub manager: Manager,
    /// Those that are started with the system.
    pub units: Vec<UnitState>,
    /// Why it cannot be known which have a process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Text>,
}

/// A service that is started with the system.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct UnitState {
    /// Its name.
    pub name: Text,
    /// Its file.
    pub path: TreePath,
    /// Whether it does its work and ends.
    pub is_oneshot: bool,
    /// Whether it was started since the system was.
    pub was_started: bool,
    /// Whether it has a process; of OpenRC, whether it is noted as started and not as failed.
    pub is_at_work: bool,
}

impl Units {
    pub(super) fn collect(reading: &Reading<'_>, source: &Source<'_>) -> Self {
        let is_there =
            |path: &str| TreePath::new(path.as_bytes()).is_some_and(|path| matches!(reading.real(&path), Ok(Some(_))));
        // `sd_booted(3)`.
        if is_there("run/systemd/system") {
            return Self::of_systemd(reading, source);
        }
        if is_there("run/openrc/softlevel") {
            return Self::of_openrc(reading);
        }
        Self::default()
    }

    fn of_systemd(reading: &Reading<'_>, source: &Source<'_>) -> Self {
        let processes = source.processes();
        let at_work = processes.units();
        let mut units = Vec::new();
        for name in enabled(reading).into_iter().take(MAX_UNITS) {
            let Some((path, is_oneshot)) = unit(reading, &name) else { continue };
            let note = [b"run/systemd/units/invocation:".as_slice(), &name].concat();
            let was_started = TreePath::new(&note).is_some_and(|note| matches!(reading.look(&note), Ok(Some(_))));
            let is_at_work = std::str::from_utf8(&name).is_ok_and(|name| at_work.contains(name));
            units.push(UnitState { name: Text::of(&*name), path, is_oneshot, was_started, is_at_work });
        }
        Self { manager: Manager::Systemd, units, hidden: processes.hidden.clone() }
    }

    fn of_openrc(reading: &Reading<'_>) -> Self {
        let names = |folder: &str| -> BTreeSet<Vec<u8>> {
            let entries = reading.list_at(folder).unwrap_or_default();
            entries.iter().map(|entry| entry.path.file_name().to_vec()).collect()
        };
        let (started, failed) = (names("run/openrc/started"), names("run/openrc/failed"));
        let mut enabled = names("etc/runlevels/boot");
        enabled.extend(names("etc/runlevels/default"));
        enabled.extend(names("etc/runlevels/sysinit"));
        let state = |name: &Vec<u8>| {
            let path = TreePath::new(b"etc/init.d")?.child(name);
            let is_failed = failed.contains(name);
            Some(UnitState {
                name: text!("{}.service", **name),
                path,
                is_oneshot: false,
                was_started: is_failed || started.contains(name),
                is_at_work: started.contains(name) && !is_failed,
            })
        };
        Self {
            manager: Manager::Openrc,
            units: enabled.iter().take(MAX_UNITS).filter_map(state).collect(),
            hidden: None,
        }
    }
}

/// Returns the services that some unit wants or requires by a link.
fn enabled(reading: &Reading<'_>) -> BTreeSet<Vec<u8>> {
    let mut out = BTreeSet::new();
    let mut seen = BTreeSet::new();
    for folder in FOLDERS {
        for entry in reading.list_at(folder).unwrap_or_default() {
            let name = entry.path.file_name();
            if entry.kind != EntryKind::Folder || !(name.ends_with(b".wants") || name.ends_with(b".requires")) {
                continue;
            }
            // `/lib` may be a link to `/usr/lib`.
            let real = reading.real(&entry.path).ok().flatten().map(|entry| entry.path);
            if real.is_none_or(|real| !seen.insert(real)) {
                continue;
            }
            for link in reading.list(&entry.path).unwrap_or_default() {
                let name = link.path.file_name();
                if name.ends_with(b".service") {
                    out.insert(name.to_vec());
                }
            }
        }
    }
    out
}

/// Returns the file of a service, and whether it does its work and ends; `None` where it is not there or masked.
fn unit(reading: &Reading<'_>, name: &[u8]) -> Option<(TreePath, bool)> {
    let name = match name.iter().position(|byte| *byte == b'@') {
        Some(at) => [name.get(..=at)?, b".service"].concat(),
        None => name.to_vec(),
    };
    for folder in FOLDERS {
        let path = TreePath::new(folder.as_bytes())?.child(&name);
        let entry = match reading.look(&path) {
            Ok(Some(entry)) => entry,
            Ok(None) => continue,
            Err(_) => return None,
        };
        if matches!(&entry.kind, EntryKind::Link(target) if **target == *b"/dev/null") || entry.size == Some(0) {
            return None;
        }
        let file = reading.read_at(&path).ok().flatten()?;
        let found = settings(&file.bytes);
        let kind = found.iter().rev().find(|setting| setting.section == "Service" && setting.key == "Type");
        return Some((path, kind.is_some_and(|kind| kind.value == "oneshot")));
    }
    None
}
