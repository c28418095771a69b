//! What the rules about setid programs and capabilities share.

use super::question::{Question, octal, owner, shown};
use crate::finding::{Level, Subject};
use crate::host::setid::{Program, SETID};
use crate::policy::host::{Capable as ExpectedCapable, Setid as ExpectedSetid, table};
use crate::rule::Draft;
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

/// Returns a setid program with its rights: `/usr/bin/su (4755 root:root)`.
pub(super) fn program_words(path: &TreePath, program: &Program) -> Text {
    text!("`{}` ({} {})", shown(path), octal(program.mode), owner(&program.user, &program.group))
}

/// Returns in words whose rights a program gives.
pub(super) fn rights(program: &Program) -> Text {
    match (program.mode & 0o4000 != 0, program.mode & 0o2000 != 0) {
        (true, true) => text!("the rights of {} and of the group {}", program.user, program.group),
        (true, false) => text!("the rights of {}", program.user),
        (false, _) => text!("the rights of the group {}", program.group),
    }
}

/// Returns what is said of the other names of a file, empty where it has none.
pub(super) fn other_names(names: &[TreePath]) -> Text {
    match names {
        [] => Text::default(),
        names => {
            let names: Vec<Text> = names.iter().map(|name| text!("`{}`", shown(name))).collect();
            text!("; another name of {}", super::question::joined(&names))
        }
    }
}

/// Completes an answer about a setid program: where the bit has no effect, the answer is only worth telling.
pub(super) fn finished(question: &Question<'_>, draft: Draft, path: &TreePath, program: &Program) -> Draft {
    let draft = draft
        .at(Some(crate::fact::Location::file(path.clone())))
        .with("mode", octal(program.mode))
        .with("owner", owner(&program.user, &program.group));
    without_effect(question, draft, path)
}

/// Lowers an answer about rights that a mount takes away.
pub(super) fn without_effect(question: &Question<'_>, draft: Draft, path: &TreePath) -> Draft {
    match super::question::mounted_with(question, path, "nosuid") {
        Some(mount) => draft
            .at_most(Level::Allow)
            .with("mount", text!("{} is mounted with nosuid: the bit has no effect there", mount)),
        None => draft,
    }
}

/// The table of a distribution.
pub(super) enum Distribution {
    /// Its own.
    Own(String),
    /// That of the nearest version or relative, with the name of this one.
    Near {
        /// What it is.
        name: String,
        /// Whose table is taken.
        table: &'static str,
    },
    /// None.
    None(String),
    /// It is not known which one it is.
    Unknown,
}

/// The distributions of the tables, with the ids that are theirs or near.
const TABLES: [(&str, &[&str]); 3] = [
    ("ubuntu2404", &["ubuntu"]),
    ("debian12", &["debian"]),
    ("rhel9", &["rhel", "fedora", "centos", "almalinux", "rocky", "ol"]),
];

impl Distribution {
    /// Returns the table for a host.
    pub(super) fn of(question: &Question<'_>) -> Self {
        let Some((system, name)) = question.host.system.as_ref().zip(question.host.distribution()) else {
            return Self::Unknown;
        };
        if TABLES.iter().any(|(table, _)| *table == name) {
            return Self::Own(name);
        }
        let ids = std::iter::once(&system.id).chain(&system.like);
        let near =
            ids.filter_map(|id| TABLES.iter().find(|(_, ids)| ids.contains(&&**id)).map(|(table, _)| *table)).next();
        match near {
            Some(table) => Self::Near { name, table },
            None => Self::None(name),
        }
    }

    fn table(&self) -> Option<&str> {
        match self {
            Self::Own(name) => Some(name),
            Self::Near { table, .. } => Some(table),
            Self::None(_) | Self::Unknown => None,
        }
    }

    /// Returns why a program that no table has cannot be judged, `None` where that is a failure.
    pub(super) fn doubt(&self) -> Option<Text> {
        match self {
            Self::Own(_) => None,
            Self::Near { name, table } => {
                Some(text!("there is no table of what {} ships, and that of {} does not have it", *name, *table))
            }
            Self::None(name) => Some(text!("there is no table of what {} ships", *name)),
            Self::Unknown => {
                Some(Text::trusted("no os-release tells which distribution it is, so that nothing says what it ships"))
            }
        }
    }

    /// Returns what the table says of a setid program.
    pub(super) fn row(&self, path: &TreePath) -> Option<&'static ExpectedSetid> {
        self.rows(path).next()
    }

    fn rows<'a>(&'a self, path: &'a TreePath) -> impl Iterator<Item = &'static ExpectedSetid> + use<'a> {
        let is_it = |row: &&ExpectedSetid| {
            row.path.trim_start_matches('/').as_bytes() == path.as_bytes()
                && self.table().is_some_and(|distribution| row.distros.iter().any(|name| name == distribution))
        };
        table().setid.iter().filter(is_it)
    }

    /// Whether the table has a setid program with this owner, group and at most these rights.
    pub(super) fn ships(&self, path: &TreePath, program: &Program) -> bool {
        let named = |principal: &crate::host::Principal, name: &str| principal.to_string() == name;
        self.rows(path).any(|row| {
            let most = u32::from_str_radix(&row.mode, 8).unwrap_or(0);
            // Fewer rights for others are never a fault; of setuid and setgid none may be more.
            let is_less = program.mode & !most & (SETID | 0o022) == 0;
            let is_owned = named(&program.user, &row.owner) || program.mode & 0o4000 == 0;
            let is_grouped = named(&program.group, &row.group) || program.mode & 0o2000 == 0;
            is_less && is_owned && is_grouped
        })
    }

    /// Returns the capabilities that the table gives a program, as their names.
    pub(super) fn capabilities(&self, path: &TreePath) -> Vec<&'static str> {
        let Some(distribution) = self.table() else { return Vec::new() };
        let is_it = |row: &&ExpectedCapable| {
            row.path.trim_start_matches('/').as_bytes() == path.as_bytes()
                && row.distros.iter().any(|name| name == distribution)
        };
        let names = |row: &'static ExpectedCapable| row.caps.split('=').next().unwrap_or_default().split(',');
        table().capable.iter().filter(is_it).flat_map(names).map(str::trim).collect()
    }
}

/// Whether a program hands on the rights it has, by its name: a shell, an interpreter, an editor. Versions behind the name
/// count for nothing: `python3.11`.
pub(super) fn gives_away(path: &TreePath) -> bool {
    let name = String::from_utf8_lossy(path.file_name()).into_owned();
    let bare = name.trim_end_matches(|character: char| character.is_ascii_digit() || matches!(character, '.' | '-'));
    let has = |list: &[String]| list.iter().any(|known| *known == name || (*known == bare && !bare.is_empty()));
    has(&table().gives_away.shell) || has(&table().gives_away.files)
}

/// The subject of a file.
pub(super) fn subject(path: &TreePath) -> Subject {
    Question::subject_of_file(path)
}
