//! Accounts, groups, and who may become whom (`passwd(5)`, `shadow(5)`, `group(5)`, `sudoers(5)`).

mod login;
mod password;
mod record;
pub mod sudo;

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

pub use login::{Login, SearchFolder, Umask};
pub use password::Password;
pub use record::{Members, Record, User, groups, secrets, users};

use super::Family;
use super::line::Place;
use super::reading::{HostFile, Reading};
use crate::text::Text;
use crate::tree::TreePath;

/// The family of accounts.
pub(super) static FAMILY: Family = Family {
    id: "accounts",
    summary: "accounts, groups, passwords and sudo",
    reads: &[
        "etc/passwd",
        "etc/shadow",
        "etc/group",
        "etc/gshadow",
        "etc/login.defs",
        "etc/nsswitch.conf",
        "etc/environment",
        "etc/profile",
        "etc/profile.d/*",
        "etc/bashrc",
        "etc/bash.bashrc",
        "root/.*",
        "etc/sudoers",
        "etc/sudoers.d/*",
        "usr/etc/sudoers",
        "usr/etc/sudoers.d/*",
        "usr/etc/login.defs",
        "var/lib/dpkg/status",
        "lib/apk/db/installed",
    ],
};

/// What is known of accounts.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accounts {
    /// The accounts, in the order of the file.
    pub accounts: Vec<Account>,
    /// The groups, in the order of the file.
    pub groups: Vec<Group>,
    /// The files of accounts and groups that stand there and cannot be read.
    pub unread: Vec<TreePath>,
    /// The first line of each file that lets in names from NIS.
    pub nis: Vec<NisLine>,
    /// Whether names are looked up in such a way that these lines count (`compat` in nsswitch.conf).
    pub is_compat: bool,
    /// What is set for logins.
    pub login: Login,
    /// What sudo allows.
    pub sudo: sudo::Sudo,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// Its name.
    pub name: Text,
    /// Where it stands.
    pub place: Place,
    /// Its number.
    pub user: u32,
    /// The number of its primary group.
    pub group: u32,
    /// Its home folder, as it is written.
    pub home: Text,
    /// What is started at login; `/bin/sh` where nothing is written.
    pub shell: Text,
    /// Where the shell stands, links followed; `None` where it is not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shell_file: Option<TreePath>,
    /// What passwd says of its password.
    pub password: Password,
    /// What shadow says of it; `None` where it says nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub secret: Option<Secret>,
}

/// What shadow says of a password.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Secret {
    /// Where.
    pub place: Place,
    /// What.
    pub password: Password,
}

/// A group.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Group {
    /// Its name.
    pub name: Text,
    /// Where it stands.
    pub place: Place,
    /// Its number.
    pub group: u32,
    /// Who is in it, beside those whose primary group it is.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<Text>,
}

/// A line that lets in names from elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NisLine {
    /// The file.
    pub path: TreePath,
    /// The line.
    pub place: Place,
    /// What stands in its place of a name: `+`, `+@admins`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<Text>,
}

impl Accounts {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        let mut accounts = Self::default();
        accounts.read_users(reading);
        accounts.read_groups(reading);
        accounts.is_compat = accounts.file(reading, "etc/nsswitch.conf").is_some_and(|file| is_compat(&file));
        accounts.sudo = sudo::Sudo::collect(reading);
        accounts.login = Login::collect(reading, accounts.sudo.search_path.as_ref());
        accounts
    }

    fn file(&mut self, reading: &Reading<'_>, path: &str) -> Option<HostFile> {
        match reading.read(path) {
            Ok(file) => file,
            Err(unread) => {
                self.unread.push(unread.path);
                None
            }
        }
    }

    /// Takes the records of a file apart: what is of NIS, and what is none.
    fn records<T>(
        &mut self,
        reading: &Reading<'_>,
        file: &HostFile,
        records: impl Iterator<Item = (u32, Record<T>)>,
        mut take: impl FnMut(&mut Self, Place, T),
    ) {
        for (line, record) in records {
            let place = file.at(line);
            match record {
                Record::Own(record) => take(self, place, record),
                Record::Nis { lets_in: name } => {
                    if let Some(name) = name
                        && !self.nis.iter().any(|line| line.path == file.path)
                    {
                        self.nis.push(NisLine { path: file.path.clone(), place, name: Some(name) });
                    }
                }
                Record::Broken => {
                    let expected = Text::trusted("fields separated by colons, numbers where numbers stand");
                    reading.malformed(&place, expected, Text::trusted("a line that is passed over"));
                }
            }
        }
    }

    fn read_users(&mut self, reading: &Reading<'_>) {
        let mut secrets: HashMap<Text, Secret> = HashMap::new();
        if let Some(file) = self.file(reading, "etc/shadow") {
            self.records(reading, &file, record::secrets(&file.bytes), |_, place, (name, password)| {
                secrets.entry(name).or_insert(Secret { place, password });
            });
        }
        let Some(file) = self.file(reading, "etc/passwd") else { return };
        let mut shells: HashMap<Vec<u8>, Option<TreePath>> = HashMap::new();
        self.records(reading, &file, users(&file.bytes), |accounts, place, user| {
            let shell: Vec<u8> = if user.shell.is_empty() { b"/bin/sh".to_vec() } else { user.shell };
            let shell_file = shells.entry(shell.clone()).or_insert_with(|| shell_file(reading, &shell)).clone();
            let secret = secrets.get(&user.name).cloned();
            accounts.accounts.push(Account {
                name: user.name,
                place,
                user: user.user,
                group: user.group,
                home: Text::of(user.home.as_slice()),
                shell: Text::of(shell.as_slice()),
                shell_file,
                password: user.password,
                secret,
            });
        });
    }

    fn read_groups(&mut self, reading: &Reading<'_>) {
        let Some(file) = self.file(reading, "etc/group") else { return };
        self.records(reading, &file, groups(&file.bytes), |accounts, place, group| {
            let Members { name, group, members } = group;
            accounts.groups.push(Group { name, place, group, members });
        });
    }

    /// Whether a file could not be read.
    #[must_use]
    pub fn is_unread(&self, path: &str) -> bool {
        self.unread.iter().any(|unread| unread.as_bytes() == path.as_bytes())
    }
}

/// Where a shell stands. One that cannot be looked at is taken for one that is there by its name.
fn shell_file(reading: &Reading<'_>, shell: &[u8]) -> Option<TreePath> {
    let path = TreePath::root().join(shell.strip_prefix(b"/")?)?;
    reading.root().real(&path).ok().map(|entry| entry.path)
}

fn is_compat(file: &HostFile) -> bool {
    file.lines().any(|line| {
        let text = line.text();
        let text = text.split('#').next().unwrap_or_default();
        let Some((database, sources)) = text.split_once(':') else { return false };
        ["passwd", "group", "shadow"].contains(&database.trim())
            && sources.split_ascii_whitespace().any(|source| source == "compat")
    })
}

/// A home folder with the account it is of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Home {
    /// The account.
    pub(super) name: Text,
    /// Its number.
    pub(super) user: u32,
    /// The number of its primary group.
    pub(super) group: u32,
    /// The folder.
    pub(super) folder: TreePath,
    /// Whether the account is one of people, or root's.
    pub(super) is_login: bool,
}

/// Returns the home folders of accounts, each once, those of the first account that has it. The root folder is none.
pub(super) fn homes(reading: &Reading<'_>) -> Vec<Home> {
    let Ok(Some(file)) = reading.read("etc/passwd") else { return Vec::new() };
    let mut seen = std::collections::HashSet::new();
    let mut homes = Vec::new();
    for (_, record) in users(&file.bytes) {
        let Record::Own(user) = record else { continue };
        let Some(folder) = user.home.strip_prefix(b"/").and_then(|home| TreePath::root().join(home)) else { continue };
        if folder.is_root() || !seen.insert(folder.clone()) {
            continue;
        }
        let shell = user.shell.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let is_login = !matches!(shell, b"nologin" | b"false" | b"sync" | b"halt" | b"shutdown");
        homes.push(Home { name: user.name, user: user.user, group: user.group, folder, is_login });
    }
    homes
}
