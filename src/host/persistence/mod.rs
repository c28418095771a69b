//! What runs by itself: timed jobs, what the loader loads into every program, and scripts at login, at boot and around
//! other programs.

mod apt;
mod cron;
mod loader;
mod startup;

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::Family;
use super::command::{Program, Sign, Variable};
use super::line::Place;
use super::reading::Reading;
use crate::text::Text;
use crate::tree::TreePath;

pub use apt::{Assignment, assignments};
pub use cron::{Fields as CrontabFields, Line as CrontabLine, crontab};
pub use loader::{LoaderLine, folders as loader_folders, libraries};
pub use startup::{binary_format, runs as udev_runs};

/// The family of what runs by itself.
pub(super) static FAMILY: Family = Family {
    id: "persistence",
    summary: "timed jobs, preloaded libraries, scripts at login and at boot",
    reads: &[
        "etc/crontab",
        "etc/anacrontab",
        "etc/debian_version",
        "etc/default/cron",
        "etc/cron.d/*",
        "etc/cron.hourly/*",
        "etc/cron.daily/*",
        "etc/cron.weekly/*",
        "etc/cron.monthly/*",
        "etc/cron.yearly/*",
        "etc/crontabs/*",
        "etc/periodic/*/*",
        "var/spool/cron/*",
        "var/spool/cron/*/*",
        "var/spool/at/*",
        "etc/ld.so.preload",
        "etc/ld.so.conf",
        "etc/ld.so.conf.d/*",
        "etc/environment",
        "etc/environment.d/*",
        "usr/lib/environment.d/*",
        "etc/security/pam_env.conf",
        "etc/profile",
        "etc/profile.d/*",
        "etc/bash.bashrc",
        "etc/bashrc",
        "etc/zshenv",
        "etc/zshrc",
        "etc/zprofile",
        "etc/zsh/*",
        "etc/csh.cshrc",
        "etc/csh.login",
        "usr/share/base-files/profile",
        "etc/apt/apt.conf",
        "etc/apt/apt.conf.d/*",
        "etc/dpkg/dpkg.cfg",
        "etc/dpkg/dpkg.cfg.d/*",
        "etc/gitconfig",
        "home/*/.gitconfig",
        "etc/udev/rules.d/*",
        "run/udev/rules.d/*",
        "usr/local/lib/udev/rules.d/*",
        "usr/lib/udev/rules.d/*",
        "lib/udev/rules.d/*",
        "etc/binfmt.d/*",
        "run/binfmt.d/*",
        "usr/local/lib/binfmt.d/*",
        "usr/lib/binfmt.d/*",
    ],
};

/// What is known of what runs by itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Persistence {
    /// Tables of timed jobs, and scripts that run at times.
    pub crontabs: Vec<Crontab>,
    /// What the loader loads into every program.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub preload: Option<Preload>,
    /// Where the loader looks for libraries.
    pub library_folders: Vec<LibraryFolder>,
    /// Variables that make programs load code.
    pub environment: Vec<Variable>,
    /// Scripts that run at login, at boot, or around other programs.
    pub scripts: Vec<Script>,
}

/// A table of timed jobs, or a script that runs at times.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Crontab {
    /// Where it was found.
    pub path: TreePath,
    /// Where it stands, links followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub real: Option<TreePath>,
    /// Whose it is, where it is not root's; that user may write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Text>,
    /// What it is.
    pub kind: CrontabKind,
    /// Its jobs.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub jobs: Vec<Job>,
}

/// What runs jobs at times.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum CrontabKind {
    /// A table of the system.
    System,
    /// A table of a user.
    User,
    /// A script in a folder that is run at times.
    Script,
    /// A job that `at` runs once.
    Once,
}

/// A job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// When it runs and what: `17 * * * * /opt/x`.
    pub name: Text,
    /// Where it stands.
    pub place: Place,
    /// As whom.
    pub user: Text,
    /// What it starts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub programs: Vec<Program>,
    /// What is worth telling of it.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub signs: BTreeSet<Sign>,
}

/// The file that names libraries for every program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Preload {
    /// Where it stands.
    pub path: TreePath,
    /// Where it stands, links followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub real: Option<TreePath>,
    /// The libraries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub libraries: Vec<Library>,
}

/// A library that is loaded into every program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Library {
    /// Its name as it is written.
    pub name: Text,
    /// Where.
    pub place: Place,
}

/// A folder in which the loader looks for libraries.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LibraryFolder {
    /// Which, and where it is named: `/opt/lib in /etc/ld.so.conf`.
    pub name: Text,
    /// As it is written.
    pub written: Text,
    /// Where.
    pub place: Place,
    /// The folder; `None` for one that is relative.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub folder: Option<Program>,
}

/// A script that runs at login, at boot, or around other programs; or a file that says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Script {
    /// Where it was found.
    pub path: TreePath,
    /// Where it stands, links followed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub real: Option<TreePath>,
    /// When it runs.
    pub when: When,
    /// What runs then, where the file names it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub runs: Vec<Run>,
    /// The user whose own it is, who may write it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<Text>,
    /// Whether its contents are those of the file that the distribution copies there.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_copy: bool,
}

/// Something that a file has run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Run {
    /// What.
    pub what: Text,
    /// Where the file says so.
    pub place: Place,
}

/// When a script runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum When {
    /// At a login.
    Login,
    /// At the login of the user whose home it lies in.
    OwnLogin,
    /// At boot.
    Boot,
    /// When a device appears.
    Device,
    /// When packages are installed.
    Install,
    /// When somebody uses git.
    Git,
    /// When a program of a kind is started, with the rights of that program.
    Start,
}

impl When {
    /// Returns when that is, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Login => "at every login",
            Self::OwnLogin => "at the login of its user",
            Self::Boot => "at boot",
            Self::Device => "when a device appears",
            Self::Install => "when packages are installed",
            Self::Git => "when somebody uses git",
            Self::Start => "with the rights of the program that is started",
        }
    }
}

impl Persistence {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        let loader = loader::read(reading);
        Self {
            crontabs: cron::read(reading),
            preload: loader.preload,
            library_folders: loader.folders,
            environment: loader.environment,
            scripts: startup::read(reading),
        }
    }
}
