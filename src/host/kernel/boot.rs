//! What can be started: the entries of every boot loader, with the arguments each gives its kernel, and whether a stranger at
//! the machine may change them.

use serde::{Deserialize, Serialize};

use super::variables::{Filled, MAX_EXPANDED_BYTES, Source, Variables, expanded};
use super::{Arguments, bls, extlinux, grub};
use crate::executable::{self, Executable};
use crate::fact::{FactKind, Gap, GapReason, Location};
use crate::host::line::Place;
use crate::host::reading::{HostFile, Reading, Unread};
use crate::text;
use crate::text::Text;
use crate::tree::{EntryKind, TreePath};

/// The configurations of GRUB, each with the folder of its other files.
const GRUB: [&str; 2] = ["boot/grub", "boot/grub2"];

/// Where systems with UEFI keep them, a folder each.
const EFI: [&str; 2] = ["boot/efi/EFI", "efi/EFI"];

/// Folders of boot entries.
const ENTRIES: [&str; 3] = ["boot/loader/entries", "boot/efi/loader/entries", "efi/loader/entries"];

/// Folders of kernels that bear their arguments.
const UNIFIED: [&str; 3] = ["boot/efi/EFI/Linux", "boot/EFI/Linux", "efi/EFI/Linux"];

/// Configurations of systemd-boot.
const LOADER: [&str; 3] = ["boot/loader/loader.conf", "boot/efi/loader/loader.conf", "efi/loader/loader.conf"];

const EXTLINUX: [&str; 3] = ["boot/extlinux.conf", "boot/extlinux/extlinux.conf", "boot/syslinux/syslinux.cfg"];

/// Arguments in a file of one line, as the firmware of some boards reads them.
const LINES: [&str; 2] = ["boot/cmdline.txt", "boot/firmware/cmdline.txt"];

/// How many boot entries are read.
const MAX_ENTRIES: usize = 1_000;

/// The longest line of arguments in a kernel that bears them.
const MAX_LINE_BYTES: u64 = 64 << 10;

/// What is known of how kernels are started.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Boot {
    /// What can be started.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<BootEntry>,
    /// What could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
    /// Whether entries may be changed by whoever stands before the machine, for each boot loader that was found.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub editing: Vec<Editing>,
}

/// Something that can be started.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BootEntry {
    /// What it is known by: the file, and the title where a file holds several.
    pub name: Text,
    /// Where the arguments stand.
    pub place: Place,
    /// The arguments of its kernel.
    pub arguments: Arguments,
    /// Where they stand, where that is more than one line or variables bring some of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// Whether it is there for rescue: its title says so.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_for_recovery: bool,
    /// Whether nothing starts it yet: it is what the next entries will be made of.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_source: bool,
}

/// Arguments of a boot entry that stand in one place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Part {
    /// Where.
    pub place: Place,
    /// What stands there.
    pub arguments: Arguments,
}

impl Part {
    fn of(source: &Source) -> Self {
        Self { place: source.place.clone(), arguments: Arguments::read(&source.text) }
    }
}

impl BootEntry {
    /// Returns where an argument stands, given as it is written: the last line that gives it, be it that of a variable.
    #[must_use]
    pub fn place_of(&self, argument: &Text) -> &Place {
        let holds = |part: &&Part| part.arguments.iter().any(|one| one.shown() == *argument);
        self.parts.iter().rev().find(holds).map_or(&self.place, |part| &part.place)
    }
}

/// Whether the entries of a boot loader may be changed by whoever stands before the machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Editing {
    /// The configuration of the boot loader.
    pub path: TreePath,
    /// What keeps them from it.
    pub lock: Lock,
    /// Where that stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
}

/// What keeps boot entries from being changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Lock {
    /// Nothing.
    None,
    /// A password that is kept as a digest.
    Digest,
    /// A password that whoever reads the file knows.
    Plain,
    /// The editor is switched off.
    NoEditor,
}

impl Boot {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        let mut out = Self::default();
        let mut variables = Variables::new();
        for folder in out.grub_folders(reading) {
            out.grub(reading, &folder, &mut variables);
        }
        for folder in ENTRIES {
            for path in out.listed(reading, folder, b".conf") {
                if out.entries.len() > MAX_ENTRIES {
                    out.too_much(reading, &path);
                    break;
                }
                out.entry(reading, &path, &variables);
            }
        }
        for folder in UNIFIED {
            for path in out.listed(reading, folder, b".efi") {
                out.unified(reading, &path);
            }
        }
        for path in EXTLINUX {
            if let Some(file) = out.file(reading, path) {
                for label in extlinux::read(&file.bytes) {
                    out.add(&file, &label.name, &Filled::plain(&label.arguments), label.line);
                }
            }
        }
        for path in LINES {
            if let Some(file) = out.file(reading, path) {
                let line = String::from_utf8_lossy(&file.bytes).into_owned();
                out.add(&file, "", &Filled::plain(line.lines().next().unwrap_or_default()), 1);
            }
        }
        for path in LOADER {
            if let Some(file) = out.file(reading, path) {
                out.loader(&file);
            }
        }
        if out.entries.is_empty() {
            out.sources(reading);
        }
        out
    }

    /// Returns the folders in which a configuration of GRUB may stand.
    fn grub_folders(&mut self, reading: &Reading<'_>) -> Vec<TreePath> {
        let mut out: Vec<TreePath> = GRUB.iter().filter_map(|folder| TreePath::new(folder.as_bytes())).collect();
        for folder in EFI {
            match reading.list_at(folder) {
                Ok(entries) => {
                    let folders = entries.into_iter().filter(|entry| entry.kind == EntryKind::Folder);
                    out.extend(folders.map(|entry| entry.path));
                }
                Err(unread) => self.unread.push(unread),
            }
        }
        out
    }

    fn grub(&mut self, reading: &Reading<'_>, folder: &TreePath, variables: &mut Variables) {
        let saved = self.file_at(reading, &folder.child(b"grubenv"));
        let saved = saved.map(|file| grub::read_environment(&file.path, &file.bytes)).unwrap_or_default();
        for (name, value) in &saved {
            variables.entry(name.clone()).or_insert_with(|| value.clone());
        }
        let mut lock: Option<(Lock, Place)> = None;
        let mut main = None;
        let mut has_entries = false;
        for name in ["grub.cfg", "custom.cfg", "user.cfg"] {
            let path = folder.child(name.as_bytes());
            let Some(file) = self.file_at(reading, &path) else { continue };
            let read = grub::read(&file.path, &file.bytes, &saved);
            has_entries |= read.shows_entries || !read.entries.is_empty();
            for entry in &read.entries {
                let title = if entry.title.is_empty() { &entry.kernel } else { &entry.title };
                self.add(&file, title, &entry.arguments, entry.line);
                if self.entries.len() > MAX_ENTRIES {
                    self.too_much(reading, &file.path);
                    break;
                }
            }
            if read.is_cut {
                self.too_much(reading, &file.path);
            }
            // A password is asked for where its user is one of the superusers.
            let superusers = [read.variables.get("superusers"), variables.get("superusers")];
            let is_super = |user: &str| {
                let names = superusers.iter().flatten();
                names.flat_map(|names| names.text.split([' ', ',', ';', '&', '|'])).any(|name| name == user)
            };
            for (user, is_digest, line) in &read.passwords {
                let found = if *is_digest { Lock::Digest } else { Lock::Plain };
                let is_weaker = found == Lock::Plain || lock.is_none();
                if is_super(user) && is_weaker {
                    lock = Some((found, file.at(*line)));
                }
            }
            // `grub2-setpassword` writes what the configuration takes for the password of root.
            let set = read.variables.get("GRUB2_PASSWORD").filter(|value| value.text.starts_with("grub.pbkdf2."));
            if let (Some(_), None) = (set, &lock) {
                lock = Some((Lock::Digest, Place::file(&file.path)));
            }
            for (name, value) in read.variables {
                variables.entry(name).or_insert(value);
            }
            if name == "grub.cfg" {
                main = Some(file.path.clone());
            }
        }
        // A small file of UEFI only names the real one.
        let is_stub = EFI.iter().any(|efi| folder.as_bytes().starts_with(efi.as_bytes())) && !has_entries;
        if let (Some(path), false) = (main, is_stub) {
            let (lock, place) = lock.map_or((Lock::None, None), |(lock, place)| (lock, Some(place)));
            self.editing.push(Editing { path, lock, place });
        }
    }

    fn entry(&mut self, reading: &Reading<'_>, path: &TreePath, variables: &Variables) {
        let Some(file) = self.file_at(reading, path) else { return };
        let entry = bls::read(&file.bytes);
        if entry.kernel.is_none_or(|kernel| kernel.is_empty()) {
            return;
        }
        let lines: Vec<(String, Place)> = entry.options.into_iter().map(|(text, line)| (text, file.at(line))).collect();
        let place = lines.first().map_or_else(|| Place::file(&file.path), |(_, place)| place.clone());
        let arguments = options(&lines, variables);
        let title = entry.title.unwrap_or_default();
        self.push(&file, String::new(), &title, &arguments, place);
    }

    /// Reads the arguments that a kernel bears, in the section `.cmdline`.
    fn unified(&mut self, reading: &Reading<'_>, path: &TreePath) {
        let entry = match reading.real(path) {
            Ok(Some(entry)) if entry.kind == EntryKind::File => entry,
            Ok(_) => return,
            Err(unread) => return self.unread.push(unread),
        };
        let found = match reading.root().open_file(&entry) {
            Ok((_, mut contents)) => Executable::read(&mut contents).map(|executables| {
                let part = executables.first().and_then(|executable| executable.section(b".cmdline")).cloned();
                part.map(|part| executable::bytes(&mut contents, part.offset, part.size.min(MAX_LINE_BYTES)))
            }),
            Err(fault) => {
                let unread = reading.unread(path.clone(), fault);
                return self.unread.push(unread);
            }
        };
        let line = match found {
            Ok(Some(Ok(bytes))) => bytes,
            Ok(None) => return,
            Ok(Some(Err(_))) | Err(_) => {
                let (kind, reason) = (FactKind::Host, GapReason::Malformed);
                let found = Text::trusted("one that ends before");
                let location = Location::file(path.clone());
                let expected = Text::trusted("a kernel that bears its arguments");
                self.unread.push(Unread { path: path.clone(), found: found.clone() });
                return reading.gap(Gap { kind, location, reason, expected, found, contents: None });
            }
        };
        let text = line.split(|byte| *byte == 0).next().unwrap_or_default();
        self.entries.push(BootEntry {
            name: text!("/{}", *path),
            place: Place::file(path),
            arguments: Arguments::read(&String::from_utf8_lossy(text)),
            parts: Vec::new(),
            is_for_recovery: false,
            is_source: false,
        });
    }

    /// systemd-boot lets entries be changed unless told otherwise (`loader.conf(5)`).
    fn loader(&mut self, file: &HostFile) {
        let mut lock = (Lock::None, None);
        for line in file.lines() {
            let text = line.text();
            let mut words = text.split_ascii_whitespace();
            if words.next() == Some("editor") {
                let is_off = words.next().is_some_and(|word| ["no", "0", "off", "false", "n", "f"].contains(&word));
                lock = (if is_off { Lock::NoEditor } else { Lock::None }, Some(file.at(line.number)));
            }
        }
        let (lock, place) = lock;
        self.editing.push(Editing { path: file.path.clone(), lock, place });
    }

    /// Where nothing can be started yet, what the entries will be made of tells their arguments.
    fn sources(&mut self, reading: &Reading<'_>) {
        self.defaults(reading);
        for path in ["etc/kernel/cmdline", "usr/lib/kernel/cmdline"] {
            if let Some(file) = self.file(reading, path) {
                let lines = file.lines().map(|line| (line.text().into_owned(), file.at(line.number)));
                let arguments = Filled::joined(lines.map(|(text, place)| Filled::at(&text, place)));
                self.source(&file, &arguments);
                break;
            }
        }
    }

    /// Reads what `grub-mkconfig` takes in: `/etc/default/grub`, and behind it, where the distribution has them read, the files
    /// of `/etc/default/grub.d`, each of which may build on what stands before.
    fn defaults(&mut self, reading: &Reading<'_>) {
        let mut variables = Variables::new();
        let mut first = None;
        let dropped = self.listed(reading, "etc/default/grub.d", b".cfg");
        let dropped = dropped.into_iter().filter(|path| path.file_name().first() != Some(&b'.'));
        for path in TreePath::new(b"etc/default/grub").into_iter().chain(dropped) {
            if let Some(file) = self.file_at(reading, &path) {
                variables = grub::read_defaults(&file.path, &file.bytes, variables);
                first.get_or_insert(file);
            }
        }
        let names = ["GRUB_CMDLINE_LINUX", "GRUB_CMDLINE_LINUX_DEFAULT"];
        let values: Vec<Filled> = names.iter().filter_map(|name| variables.get(*name).cloned()).collect();
        if let (Some(file), false) = (first, values.is_empty()) {
            self.source(&file, &Filled::joined(values));
        }
    }

    fn source(&mut self, file: &HostFile, arguments: &Filled) {
        let place = arguments.sources.first().map_or_else(|| Place::file(&file.path), |source| source.place.clone());
        self.push(file, String::new(), "", arguments, place);
        if let Some(last) = self.entries.last_mut() {
            last.is_source = true;
        }
    }

    fn add(&mut self, file: &HostFile, title: &str, arguments: &Filled, line: u32) {
        let behind = if title.is_empty() { String::new() } else { format!(": {title}") };
        self.push(file, behind, title, arguments, file.at(line));
    }

    fn push(&mut self, file: &HostFile, behind: String, title: &str, arguments: &Filled, place: Place) {
        self.entries.push(BootEntry {
            name: text!("/{}{}", file.path, behind),
            place,
            arguments: Arguments::read(&arguments.text),
            parts: arguments.sources.iter().filter(|source| !source.text.trim().is_empty()).map(Part::of).collect(),
            is_for_recovery: title.to_lowercase().contains("recovery"),
            is_source: false,
        });
    }

    /// Notes that more can be started than is read.
    fn too_much(&mut self, reading: &Reading<'_>, path: &TreePath) {
        let (kind, reason) = (FactKind::Host, GapReason::Malformed);
        let expected = text!("at most {} boot entries, with variables of a sound size", MAX_ENTRIES);
        let found = Text::trusted("more");
        self.unread.push(Unread { path: path.clone(), found: found.clone() });
        let location = Location::file(path.clone());
        reading.gap(Gap { kind, location, reason, expected, found, contents: None });
    }

    fn file(&mut self, reading: &Reading<'_>, path: &str) -> Option<HostFile> {
        self.file_at(reading, &TreePath::new(path.as_bytes())?)
    }

    fn file_at(&mut self, reading: &Reading<'_>, path: &TreePath) -> Option<HostFile> {
        reading.read_at(path).unwrap_or_else(|unread| {
            self.unread.push(unread);
            None
        })
    }

    fn listed(&mut self, reading: &Reading<'_>, folder: &str, ending: &[u8]) -> Vec<TreePath> {
        match reading.list_at(folder) {
            Ok(entries) => {
                let paths = entries.into_iter().map(|entry| entry.path);
                paths.filter(|path| path.file_name().ends_with(ending)).collect()
            }
            Err(unread) => {
                self.unread.push(unread);
                Vec::new()
            }
        }
    }
}

/// Returns the arguments of an entry of the Boot Loader Specification, with what the variables of GRUB bring. One without
/// options has those that GRUB keeps for it.
fn options(lines: &[(String, Place)], variables: &Variables) -> Filled {
    let Some((_, first)) = lines.first() else {
        let kept = variables.get("default_kernelopts").cloned().unwrap_or_default();
        let mut out = Filled { text: expanded(&kept.text, variables), sources: kept.sources };
        out.take_sources(&kept.text, variables);
        return out;
    };
    let mut length = 0;
    let filled = lines.iter().map_while(|(text, place)| {
        let filled = Filled::of(text, place, variables);
        let is_short = length <= MAX_EXPANDED_BYTES;
        length += filled.text.len();
        is_short.then_some(filled)
    });
    let mut out = Filled::joined(filled);
    // What stands in one line needs no place but that.
    if out.sources.iter().all(|source| source.place == *first) {
        out.sources.clear();
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(path: &str, line: u32) -> Place {
        Place { path: TreePath::new(path.as_bytes()).unwrap(), line: Some(line) }
    }

    #[test]
    fn arguments_stand_on_the_line_that_gives_them_last() {
        let check = |written: &[&str], argument: &str, expected: &str| {
            let variables = Variables::from([
                ("kernelopts".to_owned(), Filled::at("ro selinux=0", place("boot/grub2/grubenv", 2))),
                ("default_kernelopts".to_owned(), Filled::at("quiet nopti", place("boot/grub2/grub.cfg", 9))),
            ]);
            let own = |line: u32| place("boot/loader/entries/a.conf", line);
            let lines: Vec<(String, Place)> =
                written.iter().zip(3..).map(|(text, line)| ((*text).to_owned(), own(line))).collect();
            let filled = options(&lines, &variables);
            let entry = BootEntry {
                name: Text::default(),
                arguments: Arguments::read(&filled.text),
                parts: filled.sources.iter().map(Part::of).collect(),
                place: own(3),
                is_for_recovery: false,
                is_source: false,
            };
            assert!(entry.arguments.iter().any(|one| one.shown() == Text::of(argument)), "{written:?}");
            assert_eq!(entry.place_of(&Text::of(argument)).shown(), Text::of(expected), "{written:?}");
        };
        check(&["$kernelopts"], "selinux=0", "/boot/grub2/grubenv:2");
        check(&["selinux=0 ro"], "selinux=0", "/boot/loader/entries/a.conf:3");
        check(&["selinux=0 $kernelopts"], "selinux=0", "/boot/loader/entries/a.conf:3");
        check(&["nopti $kernelopts"], "nopti", "/boot/loader/entries/a.conf:3");
        check(&["ro a=1", "a=1 b", "$kernelopts b"], "a=1", "/boot/loader/entries/a.conf:4");
        check(&["ro a=1", "a=1 b", "$kernelopts b"], "b", "/boot/loader/entries/a.conf:5");
        check(&["ro a=1", "a=1 b", "$kernelopts b"], "selinux=0", "/boot/grub2/grubenv:2");
        check(&[], "nopti", "/boot/grub2/grub.cfg:9");
    }
}
