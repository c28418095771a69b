//! The folders in which systemd looks for units and drop-ins, the first of them first.

use std::collections::{BTreeMap, BTreeSet};

use super::super::configuration::mask;
use super::super::line::Place;
use super::super::reading::Reading;
use super::{DropIn, UnitFile};
use crate::text;
use crate::text::Text;
use crate::tree::{Entry, EntryKind, TreePath};

/// The folders of the system's units (`systemd.unit(5)`, Unit File Load Path).
const FOLDERS: [&str; 13] = [
    "etc/systemd/system.control",
    "run/systemd/system.control",
    "run/systemd/transient",
    "run/systemd/generator.early",
    "etc/systemd/system",
    "etc/systemd/system.attached",
    "run/systemd/system",
    "run/systemd/system.attached",
    "run/systemd/generator",
    "usr/local/lib/systemd/system",
    "usr/lib/systemd/system",
    "lib/systemd/system",
    "run/systemd/generator.late",
];

/// The endings of units.
const ENDINGS: [&str; 11] =
    ["service", "socket", "target", "timer", "path", "mount", "automount", "swap", "slice", "scope", "device"];

/// How many units are read.
const MAX_UNITS: usize = 50_000;

/// How many beginnings of a name may share drop-ins.
const MAX_PREFIXES: usize = 16;

/// What stands in the folders.
#[derive(Debug, Default)]
pub(super) struct Folders {
    /// Files and links by the name of the unit, the first of them first.
    units: BTreeMap<String, Vec<Entry>>,
    /// Folders of drop-ins by what stands before `.d`, likewise, with their files.
    drop_ins: BTreeMap<String, Vec<Vec<Entry>>>,
    /// Links that want units, by the unit and by who wants it; a link to `/dev/null` masks those in later folders.
    wanted: BTreeMap<String, BTreeMap<String, Option<TreePath>>>,
}

impl Folders {
    pub(super) fn list(reading: &Reading<'_>) -> Self {
        let mut out = Self::default();
        let mut seen = BTreeSet::new();
        for folder in FOLDERS {
            let Some(folder) = TreePath::new(folder.as_bytes()) else { continue };
            let Ok(Some(real)) = reading.real(&folder) else { continue };
            if !seen.insert(real.path) {
                continue;
            }
            for entry in reading.list(&folder).unwrap_or_default() {
                if out.units.len() + out.drop_ins.len() >= MAX_UNITS {
                    let found = Text::trusted("more");
                    reading.malformed(&Place::file(&folder), text!("at most {} units", MAX_UNITS), found);
                    return out;
                }
                out.take(reading, entry);
            }
        }
        out
    }

    fn take(&mut self, reading: &Reading<'_>, entry: Entry) {
        let Ok(name) = std::str::from_utf8(entry.path.file_name()).map(str::to_owned) else { return };
        if let Some(unit) = name.strip_suffix(".d") {
            let files = reading.list(&entry.path).unwrap_or_default();
            self.drop_ins.entry(unit.to_owned()).or_default().push(files);
        } else if let Some(unit) = [".wants", ".requires", ".upholds"].iter().find_map(|end| name.strip_suffix(end)) {
            for link in reading.list(&entry.path).unwrap_or_default() {
                let is_mask = mask(reading, &link).is_some();
                let Ok(wanted) = std::str::from_utf8(link.path.file_name()).map(str::to_owned) else { continue };
                let by = self.wanted.entry(wanted).or_default().entry(unit.to_owned());
                by.or_insert((!is_mask).then_some(link.path));
            }
        } else if is_unit(&name) && entry.kind != EntryKind::Folder {
            self.units.entry(name).or_default().push(entry);
        }
    }

    /// Returns the names of all units: of those with a file, with drop-ins of their own, and those that are wanted.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        let drop_ins = self.drop_ins.keys().filter(|name| is_unit(name) && !is_prefix(name));
        let all: BTreeSet<&str> =
            self.units.keys().chain(drop_ins).chain(self.wanted.keys()).map(String::as_str).collect();
        all.into_iter()
    }

    /// Returns the entries of a unit's name, or of its template's.
    pub(super) fn entries(&self, name: &str) -> &[Entry] {
        let own = self.units.get(name).map(Vec::as_slice);
        let template = || self.units.get(&template(name)?).map(Vec::as_slice);
        own.or_else(template).unwrap_or_default()
    }

    /// Returns the links that count, by the names they bear.
    pub(super) fn links(&self) -> impl Iterator<Item = (&str, &Entry)> {
        let first = self.units.iter().filter_map(|(name, entries)| Some((name.as_str(), entries.first()?)));
        first.filter(|(_, entry)| matches!(entry.kind, EntryKind::Link(_)))
    }

    /// Whether a file bears the name itself.
    pub(super) fn has_own(&self, name: &str) -> bool {
        self.units.contains_key(name) || self.drop_ins.contains_key(name)
    }

    pub(super) fn wanted_by(&self, name: &str) -> Vec<TreePath> {
        self.wanted.get(name).into_iter().flat_map(BTreeMap::values).flatten().cloned().collect()
    }

    /// Returns the drop-ins of a unit in the order in which they count.
    pub(super) fn drop_ins(&self, reading: &Reading<'_>, names: &[&str]) -> Vec<DropIn> {
        let mut keys: Vec<String> = Vec::new();
        for name in names {
            keys.push((*name).to_owned());
            keys.extend(template(name));
        }
        for name in names {
            keys.extend(prefixes(name));
        }
        keys.extend(names.first().and_then(|name| name.rsplit('.').next()).map(str::to_owned));
        let mut found: BTreeMap<Vec<u8>, Vec<Entry>> = BTreeMap::new();
        for entry in keys.iter().filter_map(|key| self.drop_ins.get(key)).flatten().flatten() {
            let name = entry.path.file_name();
            if name.ends_with(b".conf") && !name.starts_with(b".") && entry.kind != EntryKind::Folder {
                found.entry(name.to_owned()).or_default().push(entry.clone());
            }
        }
        let drop_in = |entries: Vec<Entry>| {
            let mut entries = entries.into_iter();
            let first = entries.next()?;
            let mask = mask(reading, &first);
            let real = match mask {
                Some(_) => None,
                None => reading.real(&first.path).ok().flatten().map(|entry| entry.path),
            };
            Some(DropIn { path: first.path, real, mask, hides: entries.map(|entry| entry.path).collect() })
        };
        found.into_values().filter_map(drop_in).collect()
    }
}

fn is_unit(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(stem, ending)| !stem.is_empty() && ENDINGS.contains(&ending))
}

/// Whether it is the beginning of names that share drop-ins: `foo-.service`.
fn is_prefix(name: &str) -> bool {
    name.rsplit_once('.').is_some_and(|(stem, _)| stem.ends_with('-'))
}

/// Returns the template of an instance: `getty@.service` of `getty@tty1.service`.
pub(super) fn template(name: &str) -> Option<String> {
    let (stem, ending) = name.rsplit_once('.')?;
    let (before, instance) = stem.split_once('@')?;
    (!instance.is_empty()).then(|| format!("{before}@.{ending}"))
}

/// Returns the beginnings of a name that end in a dash, the longest first: `foo-bar-.service`, `foo-.service`.
fn prefixes(name: &str) -> Vec<String> {
    let Some((stem, ending)) = name.rsplit_once('.') else { return Vec::new() };
    let stem = stem.split('@').next().unwrap_or(stem);
    let mut out: Vec<String> = stem
        .match_indices('-')
        .take(MAX_PREFIXES)
        .filter_map(|(at, dash)| stem.get(..at + dash.len()))
        .filter(|prefix| prefix.len() < stem.len())
        .map(|prefix| format!("{prefix}.{ending}"))
        .collect();
    out.reverse();
    out
}

/// Returns a file of a unit, links followed; `None` where there is none, or it cannot be looked at.
pub(super) fn file(reading: &Reading<'_>, entry: &Entry) -> Option<UnitFile> {
    let real = reading.real(&entry.path).ok().flatten()?;
    Some(UnitFile { path: entry.path.clone(), real: real.path })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_share_templates_and_prefixes() {
        let check = |name: &str, expected: &[&str]| {
            let found: Vec<String> = template(name).into_iter().chain(prefixes(name)).collect();
            assert_eq!(found, expected, "{name}");
        };
        check("ssh.service", &[]);
        check("getty@tty1.service", &["getty@.service"]);
        check("getty@.service", &[]);
        check("foo-bar-baz.service", &["foo-bar-.service", "foo-.service"]);
        check("foo-.service", &[]);
        check("a", &[]);
    }
}
