//! One unit: its file and drop-ins put together, as systemd reads them.

use std::collections::BTreeMap;
use std::rc::Rc;

use super::super::command::{self, Program, Variable};
use super::super::configuration::{configuration, mask, open};
use super::super::files::Asked;
use super::super::line::Place;
use super::super::reading::Reading;
use super::super::settings::{Settings, settings};
use super::folders::{Folders, file, template};
use super::{Command, Mask, Setting, Unit, UnitFile};
use crate::text;
use crate::text::Text;
use crate::tree::{Entry, EntryKind, TreePath};

/// Where systemd looks for programs that are named without a folder.
const SEARCH: &str = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// The settings that start programs.
const COMMANDS: [&str; 9] = [
    "ExecCondition",
    "ExecStartPre",
    "ExecStart",
    "ExecStartPost",
    "ExecReload",
    "ExecReloadPost",
    "ExecStop",
    "ExecStopPre",
    "ExecStopPost",
];

/// The settings that harden a service, as far as they are compared.
pub(super) const HARDENING: [&str; 33] = [
    "User",
    "DynamicUser",
    "NoNewPrivileges",
    "ProtectSystem",
    "ProtectHome",
    "PrivateTmp",
    "PrivateDevices",
    "PrivateNetwork",
    "PrivateUsers",
    "PrivateMounts",
    "ProtectKernelTunables",
    "ProtectKernelModules",
    "ProtectKernelLogs",
    "ProtectControlGroups",
    "ProtectClock",
    "ProtectHostname",
    "ProtectProc",
    "RestrictRealtime",
    "RestrictSUIDSGID",
    "RestrictNamespaces",
    "LockPersonality",
    "MemoryDenyWriteExecute",
    "CapabilityBoundingSet",
    "SystemCallFilter",
    "RestrictAddressFamilies",
    "SystemCallArchitectures",
    "IPAddressDeny",
    "ReadOnlyPaths",
    "InaccessiblePaths",
    "NoExecPaths",
    "ProcSubset",
    "DevicePolicy",
    "RemoveIPC",
];

/// How many commands of a unit are told.
const MAX_COMMANDS: usize = 200;

/// How many drop-ins are put together, over all units.
const MAX_DROP_INS: usize = 200_000;

/// How many other names of a unit count.
const MAX_NAMES: usize = 20;

/// Reads units.
pub(super) struct Reader<'a, 'b> {
    reading: &'a Reading<'b>,
    folders: &'a Folders,
    parsed: BTreeMap<TreePath, Rc<[Settings]>>,
    search: Vec<TreePath>,
    /// The other names of units.
    other_names: BTreeMap<String, Vec<String>>,
    /// How many drop-ins were put together.
    drop_ins: usize,
    /// Which unit names which other as one it wants.
    pub(super) pulls: Vec<(Text, Text)>,
}

impl<'a, 'b> Reader<'a, 'b> {
    pub(super) fn new(reading: &'a Reading<'b>, folders: &'a Folders) -> Self {
        let search = command::search_path(SEARCH);
        let mut other_names: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (name, entry) in folders.links() {
            if mask(reading, entry).is_none()
                && let Some(other) = alias(name, entry, file(reading, entry).as_ref())
            {
                other_names.entry(other.as_str().to_owned()).or_default().push(name.to_owned());
            }
        }
        Self { reading, folders, parsed: BTreeMap::new(), search, other_names, drop_ins: 0, pulls: Vec::new() }
    }

    /// Reads a unit; `None` for an instance of which nothing more is known than its template.
    pub(super) fn unit(&mut self, name: &str) -> Option<Unit> {
        let entries = self.folders.entries(name);
        let mut unit = Unit { name: Text::of(name), wanted_by: self.folders.wanted_by(name), ..Unit::default() };
        let mut rest = entries.iter();
        if let Some(first) = rest.next() {
            if let Some(is) = mask(self.reading, first) {
                unit.mask = Some(Mask { path: first.path.clone(), is });
            } else {
                unit.file = file(self.reading, first);
                unit.alias_of = alias(name, first, unit.file.as_ref());
            }
            let in_force = unit.file.as_ref().map(|file| file.real.clone());
            let other = rest.filter_map(|entry| file(self.reading, entry));
            unit.hidden = other.filter(|file| Some(&file.real) != in_force.as_ref()).collect();
        }
        if unit.alias_of.is_some() {
            return Some(unit);
        }
        // Systemd takes the folders of drop-ins of every name of a unit.
        let other_names = self.other_names.get(name).into_iter().flatten().map(String::as_str);
        let names: Vec<&str> = std::iter::once(name).chain(other_names.take(MAX_NAMES)).collect();
        unit.other_names = names.iter().skip(1).map(Text::of).collect();
        unit.drop_ins = self.folders.drop_ins(self.reading, &names);
        self.drop_ins += unit.drop_ins.len();
        if self.drop_ins > MAX_DROP_INS {
            if let Some(first) = unit.drop_ins.first() {
                let expected = text!("at most {} drop-ins over all units", MAX_DROP_INS);
                self.reading.malformed(&Place::file(&first.path), expected, Text::trusted("more"));
            }
            unit.drop_ins.clear();
        }
        if !self.folders.has_own(name) && template(name).is_some() {
            // An instance that is only wanted is its template in all else.
            unit.drop_ins.clear();
            unit.hidden.clear();
            return Some(unit);
        }
        self.fill(&mut unit);
        Some(unit)
    }

    fn fill(&mut self, unit: &mut Unit) {
        let mut commands = Vec::new();
        let hider = unit.file.as_ref().map(|file| &file.path).or(unit.mask.as_ref().map(|mask| &mask.path)).cloned();
        for hidden in unit.hidden.clone() {
            self.reading.ask(&hidden.path, Asked::Package);
            self.take(unit, &hidden.path, hider.as_ref(), &mut commands);
        }
        if let Some(UnitFile { path, .. }) = unit.file.clone() {
            self.reading.ask(&path, Asked::Contents);
            self.take(unit, &path, None, &mut commands);
        }
        for drop_in in unit.drop_ins.clone() {
            for hidden in &drop_in.hides {
                self.take(unit, hidden, Some(&drop_in.path), &mut commands);
            }
            if drop_in.mask.is_none() {
                self.reading.ask(&drop_in.path, Asked::Package);
                self.take(unit, &drop_in.path, None, &mut commands);
            }
        }
        commands.truncate(MAX_COMMANDS);
        unit.commands = commands;
    }

    /// Takes what a file says; where another stands in its place, only what is worth comparing.
    fn take(&mut self, unit: &mut Unit, path: &TreePath, hidden_by: Option<&TreePath>, commands: &mut Vec<Command>) {
        for one in self.settings(path).iter() {
            let place = Place { path: path.clone(), line: Some(one.line) };
            match (&*one.section, &*one.key) {
                ("Unit", "Wants" | "Requires" | "BindsTo" | "Upholds") if hidden_by.is_none() => {
                    let names = one.value.split_ascii_whitespace().take(MAX_COMMANDS);
                    self.pulls.extend(names.map(|name| (unit.name.clone(), Text::of(name))));
                }
                ("Unit" | "Install", _) => {}
                (_, key) if COMMANDS.contains(&key) => self.command(unit, one, place, hidden_by, commands),
                (_, "Environment") if hidden_by.is_none() => {
                    if one.value.is_empty() {
                        unit.environment.clear();
                    }
                    unit.environment.extend(variables(&one.value, &place));
                }
                (_, "EnvironmentFile") if hidden_by.is_none() => {
                    let path = one.value.trim_start_matches('-').trim_matches('"');
                    unit.environment.extend(environment_file(self.reading, path));
                }
                (_, "Group") if hidden_by.is_none() => {
                    unit.group = (!one.value.is_empty()).then(|| Text::of(&one.value));
                }
                (_, key) if HARDENING.contains(&key) => {
                    if key == "User" && hidden_by.is_none() {
                        // A number stands for the user that has it.
                        let number = one.value.parse().ok().map(|id| text!("{}", self.reading.names().user(id)));
                        unit.user = number.or_else(|| (!one.value.is_empty()).then(|| Text::of(&one.value)));
                    }
                    unit.settings.push(Setting {
                        key: Text::of(key),
                        value: Text::of(&one.value).shortened(400),
                        place,
                        hidden_by: hidden_by.cloned(),
                    });
                }
                _ => {}
            }
        }
    }

    fn command(
        &self,
        unit: &Unit,
        one: &Settings,
        place: Place,
        hidden_by: Option<&TreePath>,
        commands: &mut Vec<Command>,
    ) {
        if one.value.is_empty() {
            let is_open = |command: &&mut Command| command.setting.as_str() == one.key && command.replaced_by.is_none();
            for command in commands.iter_mut().filter(is_open) {
                command.replaced_by = Some(place.clone());
            }
            return;
        }
        let name = unit.name.as_str();
        for line in words(&one.value).split(|word| word == ";").take(MAX_COMMANDS) {
            let [first, rest @ ..] = line else { continue };
            let program = first.trim_start_matches(['@', '-', ':', '+', '!', '|']);
            let prefix = first.strip_suffix(program).unwrap_or_default();
            let is_privileged = prefix.contains(['+', '!']);
            // Behind `@` stands the name that the program is told, which is no argument.
            let rest = if prefix.contains('@') { rest.get(1..).unwrap_or_default() } else { rest };
            let line: Vec<String> = std::iter::once(program)
                .chain(rest.iter().map(String::as_str))
                .map(|word| expanded(word, name))
                .collect();
            let main = line.first().cloned();
            for (program, folder) in command::programs_of_words(&line) {
                if commands.len() >= MAX_COMMANDS {
                    return;
                }
                let folder = folder.and_then(|folder| TreePath::root().join(folder.trim_start_matches('/').as_bytes()));
                let found = Program::find(self.reading, &program, &self.search, folder.as_ref(), Asked::Package);
                let Some(found) = found else { continue };
                commands.push(Command {
                    setting: Text::of(&one.key),
                    is_main: Some(&program) == main.as_ref(),
                    program: found,
                    is_privileged,
                    place: place.clone(),
                    replaced_by: hidden_by.map(Place::file),
                });
            }
        }
    }

    fn settings(&mut self, path: &TreePath) -> Rc<[Settings]> {
        if let Some(known) = self.parsed.get(path) {
            return Rc::clone(known);
        }
        let read = open(self.reading, path).map(|file| settings(&file.bytes)).unwrap_or_default();
        let read: Rc<[Settings]> = read.into();
        // Only what several units share is read more than once.
        if path.file_name().ends_with(b".conf") {
            self.parsed.insert(path.clone(), Rc::clone(&read));
        }
        read
    }
}

/// Returns the unit whose other name a link is.
fn alias(name: &str, entry: &Entry, file: Option<&UnitFile>) -> Option<Text> {
    let EntryKind::Link(_) = entry.kind else { return None };
    let other = std::str::from_utf8(file?.real.file_name()).ok()?;
    let is_instance = template(name).as_deref() == Some(other);
    (other != name && !is_instance && other.rsplit('.').next() == name.rsplit('.').next()).then(|| Text::of(other))
}

/// Returns the words of a command line of a unit, quotes and escapes resolved (`systemd.service(5)`, Command Lines).
#[must_use]
pub fn words(value: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut characters = value.chars();
    while let Some(character) = characters.next() {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '"' | '\'') => {
                quote = Some(character);
                word.get_or_insert_default();
            }
            (None, _) if character.is_ascii_whitespace() => out.extend(word.take()),
            (_, '\\') => {
                let escaped = match characters.next() {
                    Some('n') => '\n',
                    Some('t') => '\t',
                    Some('s') => ' ',
                    Some(other) => other,
                    None => continue,
                };
                word.get_or_insert_default().push(escaped);
            }
            _ => word.get_or_insert_default().push(character),
        }
    }
    out.extend(word);
    out
}

/// Expands the specifiers whose value files tell (`systemd.unit(5)`, Specifiers).
fn expanded(word: &str, unit: &str) -> String {
    if !word.contains('%') {
        return word.to_owned();
    }
    let stem = unit.rsplit_once('.').map_or(unit, |(stem, _)| stem);
    let (prefix, instance) = stem.split_once('@').unwrap_or((stem, ""));
    let mut out = String::new();
    let mut characters = word.chars();
    while let Some(character) = characters.next() {
        if character != '%' {
            out.push(character);
            continue;
        }
        match characters.next() {
            Some('%') => out.push('%'),
            Some('n') => out.push_str(unit),
            Some('N') => out.push_str(stem),
            Some('p' | 'P') => out.push_str(prefix),
            Some('i' | 'I') if !instance.is_empty() => out.push_str(instance),
            Some('t') => out.push_str("/run"),
            Some('S') => out.push_str("/var/lib"),
            Some('C') => out.push_str("/var/cache"),
            Some('L') => out.push_str("/var/log"),
            Some('E') => out.push_str("/etc"),
            Some('T') => out.push_str("/tmp"),
            Some('V') => out.push_str("/var/tmp"),
            // A mark for what is not known; no path holds it.
            Some(_) | None => out.push('\0'),
        }
    }
    out
}

/// Returns the variables of `Environment=` that make programs load code.
fn variables(value: &str, place: &Place) -> Vec<Variable> {
    let words = words(value);
    let loading = words.iter().filter_map(|word| command::assignment(word));
    let loading = loading.filter(|(name, value)| command::is_loading(name) && !value.is_empty());
    loading.take(MAX_COMMANDS).map(|(name, value)| Variable::new(name, value, place.clone())).collect()
}

fn environment_file(reading: &Reading<'_>, path: &str) -> Vec<Variable> {
    // A pattern, or a specifier, stands for files that are not looked for.
    let Some(path) = path.strip_prefix('/').filter(|path| !path.contains(['*', '?', '%'])) else { return Vec::new() };
    let Ok(Some(file)) = reading.read(path) else { return Vec::new() };
    file.lines()
        .filter(|line| !matches!(line.trimmed().first(), Some(b'#' | b';')))
        .flat_map(|line| variables(line.text().trim(), &file.at(line.number)))
        .collect()
}

/// Returns the variables that systemd gives to every service (`systemd-system.conf(5)`).
pub(super) fn manager(reading: &Reading<'_>) -> Vec<Variable> {
    let said = configuration(reading, "systemd/system.conf");
    let given = said.iter().filter(|(one, _)| matches!(&*one.key, "DefaultEnvironment" | "ManagerEnvironment"));
    given.flat_map(|(one, place)| variables(&one.value, place)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn command_lines_are_read() {
        let check = |text: &str, expected: &[&str]| assert_eq!(words(text), expected, "{text:?}");
        check("", &[]);
        check("/bin/x -a  b", &["/bin/x", "-a", "b"]);
        check("\"/opt/a b\" 'c d'", &["/opt/a b", "c d"]);
        check("/bin/sh -c 'x; y' ; /bin/z", &["/bin/sh", "-c", "x; y", ";", "/bin/z"]);
        check("/bin/a\\ b", &["/bin/a b"]);
        check("/bin/a \"b", &["/bin/a", "b"]);
    }

    #[test]
    fn specifiers_are_expanded() {
        let check = |word: &str, expected: &str| assert_eq!(expanded(word, "app@one.service"), expected, "{word}");
        check("/opt/x", "/opt/x");
        check("%t/x%%", "/run/x%");
        check("/opt/%i/%p", "/opt/one/app");
        check("/opt/%q", "/opt/\0");
    }
}
