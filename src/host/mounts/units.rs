//! Mount units, as systemd reads them: the first folder's file counts, drop-ins lie over it, and a link to `/dev/null` masks
//! it together with the line of `/etc/fstab` for the same mount point.

use std::collections::{BTreeMap, BTreeSet};

use super::{Loser, MAX_LOSERS, Mount, Mounts, Source, Starts, effective, options};
use crate::host::layers::{Contents, Hidden, Layers, is_null, read_quietly};
use crate::host::line::Place;
use crate::host::reading::Reading;
use crate::host::settings::settings;
use crate::text::Text;
use crate::tree::{EntryKind, TreePath};

/// The folders of units that come before what is made of `/etc/fstab`, the strongest first.
const BEFORE: [&str; 5] = [
    "etc/systemd/system.control",
    "run/systemd/system.control",
    "run/systemd/transient",
    "etc/systemd/system",
    "run/systemd/system",
];

/// Those that come behind it.
const BEHIND: [&str; 3] = ["usr/local/lib/systemd/system", "usr/lib/systemd/system", "lib/systemd/system"];

/// How long the name of a unit may be (`UNIT_NAME_MAX` of systemd).
const MAX_NAME_BYTES: usize = 255;

/// Returns the mount point of a unit's name: `var-tmp.mount`, `srv-a\x2db.mount` (`systemd-escape(1)`).
#[must_use]
pub fn mount_point(name: &[u8]) -> Option<Vec<u8>> {
    let name = name.strip_suffix(b".mount").filter(|name| !name.is_empty() && name.len() <= MAX_NAME_BYTES)?;
    if name == b"-" {
        return Some(b"/".to_vec());
    }
    let mut out = vec![b'/'];
    let mut rest = name;
    while let [first, after @ ..] = rest {
        rest = after;
        match (first, after) {
            (b'-', _) => out.push(b'/'),
            (b'\\', [b'x', high, low, behind @ ..]) => {
                let digit = |byte: &u8| char::from(*byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
                out.push(digit(high)? * 16 + digit(low)?);
                rest = behind;
            }
            (other, _) => out.push(*other),
        }
    }
    Some(out)
}

/// What the files of a unit say.
#[derive(Default)]
struct Unit {
    kind: Option<String>,
    options: Option<(String, Place)>,
    /// Options that a later line sets anew.
    lost: Vec<(String, Place)>,
}

/// Lays units over what `/etc/fstab` says.
pub(super) fn lay(reading: &Reading<'_>, out: &mut Mounts, found: &mut BTreeMap<TreePath, Mount>) {
    let links = links(reading, out);
    let mut seen: BTreeSet<Vec<u8>> = BTreeSet::new();
    // A folder that is reached by two names, as /lib on merged systems, beats nothing of itself.
    let mut files: BTreeSet<TreePath> = BTreeSet::new();
    for (folders, is_before) in [(BEFORE.as_slice(), true), (BEHIND.as_slice(), false)] {
        for folder in folders {
            for path in units(reading, out, folder) {
                let is_new = reading.root().real(&path).is_ok_and(|real| files.insert(real.path));
                let is_first = seen.insert(path.file_name().to_vec());
                let Some(point) = mount_point(path.file_name()).and_then(|point| super::at(reading, &point)) else {
                    continue;
                };
                if !is_first || (!is_before && found.contains_key(&point)) {
                    if let (Some(mount), true) = (found.get_mut(&point), is_new) {
                        mount.beats_all(lost(reading, &path));
                    }
                    continue;
                }
                if is_null(reading, &path) {
                    found.remove(&point);
                    out.masked.insert(point, Place::file(&path));
                    continue;
                }
                // A line of /etc/fstab has the unit of its mount point wanted, whoever describes it.
                let is_in_fstab = found.get(&point).is_some_and(|mount| mount.starts == Starts::Boot);
                if let Some(mut mount) = unit(reading, out, &path, &point, &links) {
                    if is_in_fstab {
                        mount.starts = Starts::Boot;
                    }
                    let mount = mount.over(found.remove(&point));
                    found.insert(point, mount);
                }
            }
        }
    }
    for (point, mount) in found.iter_mut().filter(|(_, mount)| mount.source == Source::Fstab) {
        if let Some(name) = unit_name(point).filter(|name| links.has_drop_ins(name)) {
            let mut unit = Unit::default();
            drop_ins(reading, out, &name, &mut unit);
            if let Some((options, place)) = unit.options {
                let options = std::mem::replace(&mut mount.options, effective(&options));
                let place = std::mem::replace(&mut mount.place, place);
                mount.beats_all(unit.lost.into_iter().map(loser).chain([Loser { options, place }]));
            }
        }
    }
}

/// Returns the options of a unit that does not count.
fn lost(reading: &Reading<'_>, path: &TreePath) -> Option<Loser> {
    let bytes = read_quietly(reading, path)?;
    let mut unit = Unit::default();
    unit.take(path, &bytes);
    unit.options.map(loser)
}

fn loser((options, place): (String, Place)) -> Loser {
    Loser { options: effective(&options), place }
}

fn units(reading: &Reading<'_>, out: &mut Mounts, folder: &str) -> Vec<TreePath> {
    match reading.list_at(folder) {
        Ok(entries) => entries
            .into_iter()
            .filter(|entry| entry.kind != EntryKind::Folder && entry.path.file_name().ends_with(b".mount"))
            .map(|entry| entry.path)
            .collect(),
        Err(unread) => {
            out.unread.push(unread);
            Vec::new()
        }
    }
}

/// What stands in the folders of units beside them.
#[derive(Default)]
struct Links {
    /// Units that another one wants at boot, by a link.
    wanted: BTreeSet<Vec<u8>>,
    /// Folders of drop-ins.
    dropped: BTreeSet<Vec<u8>>,
}

fn links(reading: &Reading<'_>, out: &mut Mounts) -> Links {
    let mut found = Links::default();
    for folder in BEFORE.iter().chain(&BEHIND) {
        let entries = reading.list_at(folder).unwrap_or_default();
        for entry in entries {
            let name = entry.path.file_name();
            if name.ends_with(b"mount.d") {
                found.dropped.insert(name.to_vec());
            }
            if !name.ends_with(b".wants") && !name.ends_with(b".requires") {
                continue;
            }
            match reading.list(&entry.path) {
                Ok(links) => found.wanted.extend(links.iter().map(|link| link.path.file_name().to_vec())),
                Err(unread) => out.unread.push(unread),
            }
        }
    }
    found
}

impl Links {
    /// Whether there may be drop-ins for a unit, so that most are not looked for.
    fn has_drop_ins(&self, name: &[u8]) -> bool {
        self.dropped.contains(b"mount.d".as_slice()) || self.dropped.contains([name, b".d"].concat().as_slice())
    }
}

fn unit(reading: &Reading<'_>, out: &mut Mounts, path: &TreePath, point: &TreePath, links: &Links) -> Option<Mount> {
    let file = match reading.read_at(path) {
        Ok(file) => file?,
        Err(unread) => {
            out.unread.push(unread);
            return None;
        }
    };
    let mut unit = Unit::default();
    unit.take(&file.path, &file.bytes);
    let name = path.file_name().to_vec();
    if links.has_drop_ins(&name) {
        drop_ins(reading, out, &name, &mut unit);
    }
    let automount = name.strip_suffix(b".mount").map(|name| [name, b".automount"].concat());
    let is_wanted = links.wanted.contains(&name) || automount.is_some_and(|name| links.wanted.contains(&name));
    let (text, place) = unit.options.unwrap_or_else(|| (String::new(), Place::file(&file.path)));
    Some(Mount {
        path: point.clone(),
        kind: Text::of(&unit.kind.unwrap_or_default()),
        options: effective(&text),
        source: Source::Unit,
        starts: if is_wanted && !options::is_on_request(&text) { Starts::Boot } else { Starts::Unknown },
        place,
        losers: unit.lost.into_iter().map(loser).take(MAX_LOSERS).collect(),
    })
}

fn drop_ins(reading: &Reading<'_>, out: &mut Mounts, name: &[u8], unit: &mut Unit) {
    let name = String::from_utf8_lossy(name);
    for below in ["mount.d".to_owned(), format!("{name}.d")] {
        let folders: Vec<String> = BEFORE.iter().chain(&BEHIND).map(|folder| format!("{folder}/{below}")).collect();
        let folders: Vec<&str> = folders.iter().map(String::as_str).collect();
        let layers = Layers::read(reading, &folders, b".conf", Hidden::LeftOut);
        out.unread.extend(layers.unread);
        for layer in layers.files {
            match layer.contents {
                Contents::Nothing => {}
                Contents::File(file) => unit.take(&file.path, &file.bytes),
                Contents::Unread(unread) => out.unread.push(unread),
            }
        }
    }
}

impl Unit {
    fn take(&mut self, path: &TreePath, bytes: &[u8]) {
        for setting in settings(bytes).into_iter().filter(|setting| setting.section == "Mount") {
            match setting.key.as_str() {
                "Type" => self.kind = Some(setting.value),
                "Options" => {
                    let place = Place { path: path.clone(), line: Some(setting.line) };
                    self.lost.extend(self.options.replace((setting.value, place)));
                }
                _ => {}
            }
        }
    }
}

/// Returns the name of the unit that is made of a line of `/etc/fstab`.
fn unit_name(point: &TreePath) -> Option<Vec<u8>> {
    if point.is_root() {
        return Some(b"-.mount".to_vec());
    }
    let mut out = String::new();
    for (at, byte) in point.as_bytes().iter().enumerate() {
        match byte {
            b'/' => out.push('-'),
            b'.' if at == 0 => out.push_str("\\x2e"),
            byte if byte.is_ascii_alphanumeric() || b":_.".contains(byte) => out.push(char::from(*byte)),
            byte => out.push_str(&format!("\\x{byte:02x}")),
        }
    }
    out.push_str(".mount");
    (out.len() <= MAX_NAME_BYTES).then(|| out.into_bytes())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_units_stand_for_mount_points() {
        let check = |name: &str, expected: Option<&str>| {
            let found = mount_point(name.as_bytes()).map(|point| String::from_utf8(point).unwrap());
            assert_eq!(found.as_deref(), expected, "{name}");
            if let Some(point) = &found {
                let path = TreePath::root().join(point.trim_start_matches('/').as_bytes()).unwrap();
                assert_eq!(unit_name(&path).unwrap(), name.as_bytes(), "{point}");
            }
        };
        check("tmp.mount", Some("/tmp"));
        check("var-tmp.mount", Some("/var/tmp"));
        check("srv-a\\x2db.mount", Some("/srv/a-b"));
        check("-.mount", Some("/"));
        check(".mount", None);
        check("tmp.service", None);
    }

    #[test]
    fn the_last_options_of_a_unit_count_and_those_before_are_remembered() {
        let path = TreePath::new(b"etc/systemd/system/tmp.mount").unwrap();
        let mut unit = Unit::default();
        unit.take(&path, b"[Mount]\nOptions=nosuid\nOptions=mode=1777\n[Other]\nOptions=nodev\n");
        let shown = |(options, place): &(String, Place)| format!("{options} {}", place.shown());
        assert_eq!(unit.options.as_ref().map(shown).as_deref(), Some("mode=1777 /etc/systemd/system/tmp.mount:3"));
        let lost: Vec<String> = unit.lost.iter().map(shown).collect();
        assert_eq!(lost, ["nosuid /etc/systemd/system/tmp.mount:2"]);
    }
}
