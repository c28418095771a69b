//! File systems that are mounted at boot, with the options of each: `/etc/fstab` and mount units.

mod fstab;
mod options;
mod units;

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

pub use fstab::{Line, read};
pub use options::effective;
pub use units::mount_point;

use super::Family;
use super::init::Init;
use super::line::Place;
use super::reading::{Reading, Unread};
use crate::text::Text;
use crate::tree::TreePath;

/// The family of mounts.
pub(super) static FAMILY: Family = Family {
    id: "mounts",
    summary: "file systems that are mounted at boot, with their options",
    reads: &[
        "etc/fstab",
        "etc/systemd/system/*.mount",
        "etc/systemd/system/*.mount.d/*",
        "etc/systemd/system/mount.d/*",
        "run/systemd/system/*.mount",
        "run/systemd/system/*.mount.d/*",
        "usr/local/lib/systemd/system/*.mount",
        "usr/local/lib/systemd/system/*.mount.d/*",
        "usr/lib/systemd/system/*.mount",
        "usr/lib/systemd/system/*.mount.d/*",
        "lib/systemd/system/*.mount",
        "lib/systemd/system/*.mount.d/*",
    ],
};

/// What is known of mounts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mounts {
    /// What is mounted, in the order of mount points.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mounts: Vec<Mount>,
    /// Mount points of units that are masked: nothing is mounted there.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub masked: BTreeMap<TreePath, Place>,
    /// What could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
}

/// A file system that is mounted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mount {
    /// The mount point.
    pub path: TreePath,
    /// The type of the file system.
    pub kind: Text,
    /// The options in force: of those that contradict each other the last.
    pub options: BTreeSet<Text>,
    /// What says so.
    pub source: Source,
    /// When it is mounted.
    pub starts: Starts,
    /// Where the options stand.
    pub place: Place,
    /// What would give others, and does not count.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub losers: Vec<Loser>,
}

/// Options of a mount point that do not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Loser {
    /// The options.
    pub options: BTreeSet<Text>,
    /// Where they stand.
    pub place: Place,
}

/// What says that a file system is mounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Source {
    /// A line of `/etc/fstab`.
    Fstab,
    /// A mount unit.
    Unit,
}

/// When a file system is mounted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Starts {
    /// At boot, or when it is first used.
    Boot,
    /// When somebody asks for it (`noauto`).
    OnRequest,
    /// When another unit asks for it, which is not known.
    Unknown,
}

impl Mounts {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        let mut out = Self::default();
        let is_systemd = Init::of(reading) == Init::Systemd;
        let mut found: BTreeMap<TreePath, Mount> = BTreeMap::new();
        match reading.read("etc/fstab") {
            Ok(Some(file)) => {
                for line in read(&file.bytes) {
                    let Some(path) = at(reading, &line.mount_point) else { continue };
                    let mount = Mount {
                        path: path.clone(),
                        kind: Text::of(&line.kind),
                        options: effective(&line.options),
                        source: Source::Fstab,
                        starts: if options::is_on_request(&line.options) { Starts::OnRequest } else { Starts::Boot },
                        place: file.at(line.number),
                        losers: Vec::new(),
                    };
                    // systemd keeps the first line of a mount point, and mount(8) mounts the last over the others.
                    match found.remove(&path) {
                        Some(mut before) if is_systemd => {
                            before.beats(mount);
                            found.insert(path, before);
                        }
                        before => drop(found.insert(path, mount.over(before))),
                    }
                }
            }
            Ok(None) => {}
            Err(unread) => out.unread.push(unread),
        }
        if is_systemd {
            units::lay(reading, &mut out, &mut found);
        }
        out.mounts = found.into_values().collect();
        out
    }

    /// Returns the mount of a mount point.
    #[must_use]
    pub fn at(&self, path: &TreePath) -> Option<&Mount> {
        self.mounts.iter().find(|mount| mount.path == *path)
    }

    /// Returns the mount on which a path lies at boot: the one whose mount point is the nearest above it.
    #[must_use]
    pub fn covering(&self, path: &TreePath) -> Option<&Mount> {
        let starts = self.mounts.iter().filter(|mount| mount.starts == Starts::Boot);
        let above = starts.filter(|mount| path.below(&mount.path).is_some());
        above.max_by_key(|mount| mount.path.as_bytes().len())
    }
}

/// How many losers of a mount point are kept.
const MAX_LOSERS: usize = 16;

impl Mount {
    /// Notes that another does not count beside it, nor what that beat.
    fn beats(&mut self, other: Self) {
        let Self { options, place, losers, .. } = other;
        self.beats_all([Loser { options, place }].into_iter().chain(losers));
    }

    fn beats_all(&mut self, losers: impl IntoIterator<Item = Loser>) {
        let room = MAX_LOSERS.saturating_sub(self.losers.len());
        self.losers.extend(losers.into_iter().take(room));
    }

    /// Returns it in the place of another.
    fn over(mut self, before: Option<Self>) -> Self {
        before.into_iter().for_each(|before| self.beats(before));
        self
    }

    /// Whether an option is in force: `nosuid`, `hidepid=2`.
    #[must_use]
    pub fn has(&self, option: &str) -> bool {
        self.options.iter().any(|one| one.as_str() == option)
    }
}

/// Returns where a mount point is, links followed as far as they lead.
fn at(reading: &Reading<'_>, mount_point: &[u8]) -> Option<TreePath> {
    let relative = mount_point.strip_prefix(b"/")?;
    let path = TreePath::root().join(relative)?;
    Some(reading.root().real(&path).map_or(path, |entry| entry.path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lost_is_remembered() {
        let mount = |line: u32| Mount {
            path: TreePath::new(b"tmp").unwrap(),
            kind: Text::trusted("tmpfs"),
            options: BTreeSet::new(),
            source: Source::Fstab,
            starts: Starts::Boot,
            place: Place { path: TreePath::new(b"etc/fstab").unwrap(), line: Some(line) },
            losers: Vec::new(),
        };
        let lines = |mount: &Mount| mount.losers.iter().filter_map(|loser| loser.place.line).collect::<Vec<_>>();
        assert!(mount(1).over(None).losers.is_empty());
        let last = mount(3).over(Some(mount(2).over(Some(mount(1)))));
        assert_eq!(lines(&last), [2, 1]);
        let many = (1..100).fold(mount(0), |before, line| mount(line).over(Some(before)));
        assert_eq!(many.losers.len(), MAX_LOSERS);
    }
}
