//! What sudo allows (`sudoers(5)`): grants, settings, and the files they stand in.

mod grammar;
mod token;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use grammar::{Default as SudoDefault, Member, Saying, read};

use crate::host::files::Asked;
use crate::host::line::Place;
use crate::host::reading::{HostFile, Reading};
use crate::host::version;
use crate::text;
use crate::text::Text;
use crate::tree::{EntryKind, TreePath};

/// Where the statements stand: the first that is there.
const FILES: [&str; 2] = ["etc/sudoers", "usr/etc/sudoers"];

/// How deep and how many files may be included (sudo: 128 deep).
const MAX_DEPTH: usize = 128;
const MAX_FILES: usize = 1_000;

/// How many grants are kept.
const MAX_GRANTS: usize = 100_000;

/// How many commands a grant may name through aliases.
const MAX_PROGRAMS: usize = 1_000;

/// The settings that are kept.
const KEPT: [&str; 8] = [
    "authenticate",
    "exempt_group",
    "log_input",
    "log_output",
    "logfile",
    "secure_path",
    "timestamp_timeout",
    "use_pty",
];

/// What sudo allows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sudo {
    /// Whether there are statements.
    pub is_there: bool,
    /// The version, where a database of packages has it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Text>,
    /// The file that is read first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<TreePath>,
    /// The files that stand there and cannot be read.
    pub unread: Vec<TreePath>,
    /// The files that sudo passes over, and why.
    pub passed_over: BTreeMap<TreePath, Text>,
    /// The grants, in their order: of several that fit, the last counts.
    pub grants: Vec<Grant>,
    /// The settings, in their order: of several, the last counts.
    pub defaults: Vec<DefaultLine>,
    /// The programs that grants name, and where each stands.
    pub programs: BTreeMap<Text, TreePath>,
    /// The search path that holds under sudo.
    #[serde(skip)]
    pub(super) search_path: Option<(String, Place)>,
}

/// A grant to one user, group or alias.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Grant {
    /// To whom and what.
    pub name: Text,
    /// To whom, as it is written.
    pub user: Text,
    /// Whether that is root alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_root: bool,
    /// On which machines.
    pub hosts: Text,
    /// As whom.
    pub run_as: Text,
    /// Whether root is among them.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub as_root: bool,
    /// What, as it is written.
    pub command: Text,
    /// Whether that is every command.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_all: bool,
    /// Whether it is forbidden rather than allowed.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_denied: bool,
    /// Whether without a password.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_password: bool,
    /// The programs, aliases resolved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub programs: Vec<Text>,
    /// Where.
    pub place: Place,
}

/// A setting.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DefaultLine {
    /// Its name.
    pub name: Text,
    /// For whom: `:alice`; empty for everybody.
    pub scope: Text,
    /// The value, where it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Text>,
    /// Whether it is switched off.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_off: bool,
    /// Where.
    pub place: Place,
}

/// What was read, before aliases are resolved.
struct Reader<'a, 'b> {
    reading: &'a Reading<'b>,
    sudo: Sudo,
    files: usize,
    /// What aliases mean, by kind and name.
    aliases: BTreeMap<(String, String), Vec<Member>>,
    grants: Vec<(Place, Saying)>,
}

impl Sudo {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        let path = |path: &str| TreePath::new(path.as_bytes()).unwrap_or_default();
        let stands = |at: &&&str| !matches!(reading.look(&path(at)), Ok(None));
        let Some(first) = FILES.iter().find(stands).map(|first| path(first)) else { return Self::default() };
        let sudo = Self { is_there: true, file: Some(first.clone()), ..Self::default() };
        let mut reader = Reader { reading, sudo, files: 0, aliases: BTreeMap::new(), grants: Vec::new() };
        reader.file(&first, 0);
        let mut sudo = reader.resolved();
        sudo.version = version::of_package(reading, "sudo")
            .or_else(|| version::of_package(reading, "sudo-ldap"))
            .map(|version| Text::of(version.as_str()));
        sudo
    }
}

impl Reader<'_, '_> {
    fn file(&mut self, path: &TreePath, depth: usize) {
        self.files += 1;
        if depth > MAX_DEPTH || self.files > MAX_FILES {
            if !self.sudo.unread.contains(path) {
                let expected = text!("at most {} files included, {} deep", MAX_FILES, MAX_DEPTH);
                self.reading.malformed(&Place::file(path), expected, Text::trusted("more"));
                self.sudo.unread.push(path.clone());
            }
            return;
        }
        match self.reading.read_at(path) {
            Ok(Some(file)) => self.statements(&file, depth),
            Ok(None) => {}
            Err(unread) => self.sudo.unread.push(unread.path),
        }
    }

    fn statements(&mut self, file: &HostFile, depth: usize) {
        if let Some(reason) = passed_over(file) {
            self.sudo.passed_over.insert(file.path.clone(), reason);
        }
        let (sayings, broken) = read(&file.bytes);
        for line in broken {
            let expected = Text::trusted("a statement of sudoers(5)");
            self.reading.malformed(&file.at(line), expected, Text::trusted("another line"));
        }
        for (line, saying) in sayings {
            match saying {
                Saying::Include { path, is_folder } => self.include(file, &path, is_folder, depth),
                Saying::Defaults { scope, settings } => {
                    for setting in settings.into_iter().filter(|setting| KEPT.contains(&setting.name.as_str())) {
                        self.default(file.at(line), &scope, setting);
                    }
                }
                Saying::Alias { kind, name, members } => {
                    self.aliases.entry((kind, name)).or_default().extend(members);
                }
                Saying::Grant { .. } if self.grants.len() < MAX_GRANTS => self.grants.push((file.at(line), saying)),
                Saying::Grant { .. } => {
                    if !self.sudo.unread.contains(&file.path) {
                        let expected = text!("at most {} grants", MAX_GRANTS);
                        self.reading.malformed(&file.at(line), expected, Text::trusted("more"));
                        self.sudo.unread.push(file.path.clone());
                    }
                }
            }
        }
    }

    fn default(&mut self, place: Place, scope: &str, setting: SudoDefault) {
        if setting.name == "secure_path" && scope.is_empty() {
            self.sudo.search_path = setting.value.clone().map(|value| (value, place.clone()));
        }
        self.sudo.defaults.push(DefaultLine {
            name: Text::of(setting.name.as_str()),
            scope: Text::of(scope),
            value: setting.value.map(|value| Text::of(value.as_str())),
            is_off: setting.is_off,
            place,
        });
    }

    fn include(&mut self, file: &HostFile, named: &str, is_folder: bool, depth: usize) {
        let named = if named.contains("%h") { named.replace("%h", &self.host_name()) } else { named.to_owned() };
        let path = match named.strip_prefix('/') {
            Some(below) => TreePath::root().join(below.as_bytes()),
            None => file.path.parent().unwrap_or_default().join(named.as_bytes()),
        };
        let Some(path) = path else { return };
        if !is_folder {
            return self.file(&path, depth + 1);
        }
        match self.reading.list(&path) {
            Ok(entries) => {
                for entry in entries.iter().filter(|entry| entry.kind != EntryKind::Folder) {
                    let name = entry.path.file_name();
                    if !name.contains(&b'.') && !name.ends_with(b"~") && self.files <= MAX_FILES {
                        self.file(&entry.path, depth + 1);
                    }
                }
            }
            Err(unread) => self.sudo.unread.push(unread.path),
        }
    }

    fn host_name(&self) -> String {
        let file = self.reading.read("etc/hostname").ok().flatten();
        let name = file.map(|file| String::from_utf8_lossy(file.bytes.trim_ascii()).into_owned()).unwrap_or_default();
        name.split('.').next().unwrap_or_default().to_owned()
    }

    fn resolved(mut self) -> Sudo {
        for (place, saying) in std::mem::take(&mut self.grants) {
            let Saying::Grant { users, hosts, run_as, is_group_only, command, no_password } = saying else { continue };
            let as_users = self.plain("Runas_Alias", &run_as);
            let is_root = |name: &String| matches!(name.as_str(), "root" | "#0" | "ALL");
            let excludes_root = as_users.iter().any(|(name, is_not)| *is_not && is_root(name));
            let has_root = as_users.iter().any(|(name, is_not)| !is_not && is_root(name));
            let as_root = if run_as.is_empty() { !is_group_only } else { has_root && !excludes_root };
            let commands = self.plain("Cmnd_Alias", std::slice::from_ref(&command));
            let is_all = commands.iter().any(|(name, is_not)| !is_not && name == "ALL");
            let programs = self.programs(&commands);
            for user in users.iter().filter(|user| !user.is_not) {
                if self.sudo.grants.len() >= MAX_GRANTS {
                    return self.too_many(place);
                }
                let names = self.plain("User_Alias", std::slice::from_ref(user));
                self.sudo.grants.push(Grant {
                    name: text!("{}: {}", user.text, command.text),
                    user: Text::of(user.text.as_str()),
                    is_root: names.iter().all(|(name, _)| name == "root" || name == "#0"),
                    hosts: list(&hosts),
                    run_as: if run_as.is_empty() { Text::trusted("root") } else { list(&run_as) },
                    as_root,
                    command: Text::of(command.text.as_str()),
                    is_all,
                    is_denied: command.is_not,
                    no_password,
                    programs: programs.clone(),
                    place: place.clone(),
                });
            }
        }
        self.sudo
    }

    fn too_many(mut self, place: Place) -> Sudo {
        let expected = text!("at most {} grants", MAX_GRANTS);
        self.reading.malformed(&place, expected, Text::trusted("more"));
        self.sudo.unread.push(place.path);
        self.sudo
    }

    /// Finds the programs that commands name.
    fn programs(&mut self, commands: &[(String, bool)]) -> Vec<Text> {
        let mut programs = Vec::new();
        for (command, _) in commands.iter().filter(|(_, is_not)| !is_not) {
            let Some(program) = command.split(' ').next().filter(|program| program.starts_with('/')) else { continue };
            let name = Text::of(program);
            if !self.sudo.programs.contains_key(&name) {
                let path = program.strip_prefix('/').and_then(|below| TreePath::root().join(below.as_bytes()));
                let real = path
                    .filter(|_| !program.contains(['*', '?', '[']))
                    .and_then(|path| self.reading.ask(&path, Asked::State));
                self.sudo.programs.extend(real.map(|real| (name.clone(), real)));
            }
            programs.push(name);
        }
        programs
    }

    /// Resolves the aliases of a list.
    fn plain(&self, kind: &str, members: &[Member]) -> Vec<(String, bool)> {
        let mut out = Vec::new();
        let mut seen: Vec<String> = Vec::new();
        let mut ahead: Vec<Member> = members.iter().rev().cloned().collect();
        while let Some(Member { text, is_not }) = ahead.pop() {
            match self.aliases.get(&(kind.to_owned(), text.clone())) {
                Some(members) if !seen.contains(&text) => {
                    seen.push(text);
                    let turned =
                        |member: &Member| Member { text: member.text.clone(), is_not: member.is_not != is_not };
                    ahead.extend(members.iter().rev().map(turned));
                }
                Some(_) => {}
                None if out.len() < MAX_PROGRAMS => out.push((text, is_not)),
                None => break,
            }
        }
        out
    }
}

fn list(members: &[Member]) -> Text {
    let one = |member: &Member| format!("{}{}", if member.is_not { "!" } else { "" }, member.text);
    Text::of(members.iter().map(one).collect::<Vec<_>>().join(", ").as_str())
}

/// Why sudo itself passes over a file: it must be root's, and no other may write it (`sudo_secure_file` of sudo).
fn passed_over(file: &HostFile) -> Option<Text> {
    if file.user.id != 0 {
        Some(text!("it is owned by {}", file.user))
    } else if file.mode & 0o002 != 0 {
        Some(Text::trusted("everyone may write it"))
    } else if file.mode & 0o020 != 0 && file.group.id != 0 {
        Some(text!("the group {} may write it", file.group))
    } else {
        None
    }
}
