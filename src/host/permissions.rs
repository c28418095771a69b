//! Owners and modes of files that must be held back, or must not be there.

use serde::{Deserialize, Serialize};

use super::names::Principal;
use super::reading::Reading;
use super::{Family, accounts, pattern};
use crate::text::Text;
use crate::tree::{Entry, EntryKind, Owner, TreePath};

/// The family of permissions.
pub(super) static FAMILY: Family = Family {
    id: "permissions",
    summary: "owners and modes of files that must be held back",
    reads: &["etc/passwd", "etc/group"],
};

/// The files that are looked at. `~` is the home folder of each account.
pub const LOOKED_AT: [&str; 44] = [
    "/boot/grub*/grub.cfg",
    "/boot/grub*/user.cfg",
    "/etc/apt/trusted.gpg.d/*",
    "/etc/audit/auditd.conf",
    "/etc/cron.d",
    "/etc/cron.daily",
    "/etc/cron.hourly",
    "/etc/cron.monthly",
    "/etc/cron.weekly",
    "/etc/crontab",
    "/etc/group",
    "/etc/group-",
    "/etc/gshadow",
    "/etc/gshadow-",
    "/etc/hosts.equiv",
    "/etc/ld.so.conf.d/*",
    "/etc/ld.so.preload",
    "/etc/login.defs",
    "/etc/passwd",
    "/etc/passwd-",
    "/etc/security/opasswd",
    "/etc/shadow",
    "/etc/shadow-",
    "/etc/ssh/ssh_host_*_key",
    "/etc/ssh/ssh_host_*_key.pub",
    "/etc/ssh/sshd_config",
    "/etc/ssh/sshd_config.d/*",
    "/etc/ssl/private",
    "/etc/sudoers",
    "/etc/sudoers.d/*",
    "/root",
    "/usr/etc/sudoers",
    "/usr/etc/ssh/sshd_config",
    "/var/log/audit",
    "/var/spool/cron",
    "/var/spool/cron/crontabs",
    "~",
    "~/.netrc",
    "~/.rhosts",
    "~/.shosts",
    "~/.ssh",
    "~/.ssh/authorized_keys*",
    "~/.ssh/id_*",
    "~/.ssh/config",
];

/// How many files are kept.
const MAX_FILES: usize = 200_000;

/// What is known of permissions.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Permissions {
    /// The files that are there.
    pub files: Vec<Standing>,
    /// What could not be looked at, and by which pattern it was looked for.
    pub unread: Vec<Unseen>,
}

/// Something that stands there.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Standing {
    /// Where it was looked for.
    pub path: TreePath,
    /// By which pattern.
    pub pattern: Text,
    /// The permission bits, with setuid, setgid and sticky.
    pub mode: u32,
    /// Who owns it.
    pub user: Principal,
    /// Its group.
    pub group: Principal,
    /// The account in whose home folder it stands, with its number and that of its primary group.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<(Text, u32, u32)>,
    /// A folder above it that others may write, with its mode.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub open_folder: Option<(TreePath, u32)>,
}

/// Something that could not be looked at.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unseen {
    /// Where.
    pub path: TreePath,
    /// By which pattern it was looked for.
    pub pattern: Text,
}

impl Permissions {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        let mut permissions = Self::default();
        let (of_homes, others): (Vec<&str>, Vec<&str>) = LOOKED_AT.iter().partition(|pattern| pattern.starts_with('~'));
        for at in others {
            let below = at.strip_prefix('/').unwrap_or(at);
            permissions.look(reading, at, below, None);
        }
        for home in accounts::homes(reading) {
            let is_there = matches!(reading.real(&home.folder), Ok(Some(entry)) if entry.kind == EntryKind::Folder);
            if !is_there {
                continue;
            }
            for at in &of_homes {
                let rest = at.trim_start_matches('~');
                // The home folder itself is judged for people alone: accounts of the system share folders, and root's has
                // a line of its own.
                if rest.is_empty() && (!home.is_login || home.folder.as_bytes() == b"root") {
                    continue;
                }
                permissions.look_at_home(reading, at, rest, &home);
            }
        }
        permissions
    }

    fn look_at_home(&mut self, reading: &Reading<'_>, at: &str, rest: &str, home: &accounts::Home) {
        // The folder's own name may hold signs of patterns: it is no part of one.
        let mut paths = vec![home.folder.clone()];
        for part in rest.split('/').filter(|part| !part.is_empty()) {
            paths = paths.iter().flat_map(|folder| self.named(reading, at, folder, part)).collect();
        }
        for path in paths {
            self.take(reading, at, &path, Some(home));
        }
    }

    /// Returns what in a folder bears a name.
    fn named(&mut self, reading: &Reading<'_>, at: &str, folder: &TreePath, part: &str) -> Vec<TreePath> {
        if !pattern::is_pattern(part) {
            return vec![folder.child(part.as_bytes())];
        }
        let Some(matcher) = pattern::matcher(part) else { return Vec::new() };
        match reading.list(folder) {
            Ok(entries) => {
                let paths = entries.into_iter().map(|entry| entry.path);
                paths.filter(|path| matcher.is_match(&*String::from_utf8_lossy(path.file_name()))).collect()
            }
            Err(unread) => {
                self.unread.push(Unseen { path: unread.path, pattern: Text::of(at) });
                Vec::new()
            }
        }
    }

    fn look(&mut self, reading: &Reading<'_>, at: &str, below: &str, home: Option<&accounts::Home>) {
        match pattern::expand(reading, below) {
            Ok(paths) => paths.iter().for_each(|path| self.take(reading, at, path, home)),
            Err(unread) => self.unread.push(Unseen { path: unread.path, pattern: Text::of(at) }),
        }
    }

    fn take(&mut self, reading: &Reading<'_>, at: &str, path: &TreePath, home: Option<&accounts::Home>) {
        if self.files.len() >= MAX_FILES || is_passed_over(at, path) {
            return;
        }
        let entry = match reading.real(path) {
            Ok(Some(entry)) => entry,
            Ok(None) => return,
            Err(unread) => return self.unread.push(Unseen { path: unread.path, pattern: Text::of(at) }),
        };
        if at.ends_with('*') && entry.kind == EntryKind::Folder {
            return;
        }
        let owner = entry.owner.unwrap_or(Owner { user: 0, group: 0 });
        let is_of_keys = at.ends_with("authorized_keys*");
        self.files.push(Standing {
            path: path.clone(),
            pattern: Text::of(at),
            mode: entry.mode.unwrap_or(0),
            user: reading.names().user(owner.user),
            group: reading.names().group(owner.group),
            of: home.map(|home| (home.name.clone(), home.user, home.group)),
            open_folder: if is_of_keys { open_folder(reading, &entry) } else { None },
        });
    }
}

/// Whether a name that a pattern means is one that its readers pass over.
fn is_passed_over(pattern: &str, path: &TreePath) -> bool {
    let name = path.file_name();
    match pattern {
        "/etc/sudoers.d/*" => name.contains(&b'.') || name.ends_with(b"~"),
        "~/.ssh/id_*" => name.ends_with(b".pub"),
        _ => false,
    }
}

/// Returns the nearest folder above a file that others may write; a sticky one keeps the names in it.
fn open_folder(reading: &Reading<'_>, entry: &Entry) -> Option<(TreePath, u32)> {
    let folder = entry.path.parent()?;
    folder.ancestors().filter(|folder| !folder.is_root()).find_map(|folder| {
        let mode = reading.look(&folder).ok().flatten()?.mode?;
        (mode & 0o022 != 0 && mode & 0o1000 == 0).then_some((folder, mode))
    })
}
