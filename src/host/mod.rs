//! What the files of a host say of its hardening, as evidence: one file (or folder) a family of facts.
//!
//! A family reads, and judges nothing. It asks for files through [`Reading`], which resolves every path inside the root,
//! and notes what cannot be read as a gap of the family. A family may also ask what becomes of a file: who may write it,
//! which package it is of, and whether its contents are the package's; that is looked up for all families together, in
//! [`Files`].

mod configuration;
mod files;
mod home_folders;
mod init;
mod layers;
mod line;
mod names;
mod number;
mod pattern;
mod reading;
mod settings;
mod version;

pub mod accounts;
pub mod acl;
pub mod audit;
pub mod catrust;
pub mod ci_runner;
pub mod command;
pub mod glob;
pub mod kernel;
pub mod logging;
pub mod mac;
pub mod mounts;
pub mod package;
pub mod pam;
pub mod permissions;
pub mod persistence;
pub mod readers;
pub mod running;
pub mod setid;
pub mod ssh_keys;
pub mod sshd;
pub mod sysctl;
pub mod systemd;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};

pub use files::{Belongs, Changed, Contents, Database, Difference, FileFact, Files, Writable};
pub use line::{Line, Place, lines};
pub use names::{Names, Principal};
pub use number::number;
pub use reading::{HostFile, OF_THE_ROOT, Reading, Unread};
pub use settings::{Settings, settings};

use files::Found;
use reading::{Inspection, Looked};

use crate::component::OperatingSystem;
use crate::fact::{FactKind, Gap};
use crate::parallel;
use crate::text::Text;
use crate::tree::root::{PathPattern, Root, RootWants};
use crate::tree::{Census, ReadFault, Shown, System, TreeError, TreePath, WantsError};

/// A family of facts.
pub struct Family {
    /// Its id, by which `--skip` leaves it out.
    pub id: &'static str,
    /// What it tells, in one line.
    pub summary: &'static str,
    /// Where its files stand, from the root on; a `*` stands for any characters of one part. A root that is read as a
    /// stream holds them; others are found all the same, and take longer.
    pub reads: &'static [&'static str],
}

/// The families that take longest, which are read first.
const LONG: [&str; 6] = [
    running::network::ID,
    setid::FAMILY.id,
    running::sysctl::ID,
    systemd::FAMILY.id,
    catrust::FAMILY.id,
    ci_runner::FAMILY.id,
];

/// Registers the families: each is a module with a `FAMILY`, and a type of evidence with `collect`.
macro_rules! families {
    ($($module:ident: $facts:ident),* $(,)?) => {
        /// What is known of a host.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(deny_unknown_fields)]
        pub struct Host {
            /// The operating system, as its files tell.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub system: Option<OperatingSystem>,
            /// What the running system tells, where it is this machine.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub running: Option<running::Running>,
            /// The families that were left out.
            #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
            pub skipped: BTreeSet<Box<str>>,
            /// What cannot be known, by family.
            #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
            pub gaps: BTreeMap<Box<str>, Vec<Gap>>,
            /// What is known of the files that families asked about.
            #[serde(default, skip_serializing_if = "Files::is_empty")]
            pub files: Files,
            $(
                #[doc = concat!("What the family `", stringify!($module), "` tells.")]
                #[serde(default)]
                pub $module: $module::$facts,
            )*
        }

        /// Every family, in the order of their ids.
        pub static FAMILIES: &[&Family] = &[$(&$module::FAMILY),*];

        impl Host {
            /// Reads each family, all at once.
            fn read(&mut self, inspection: &Inspection<'_>) {
                let wants = inspection.wants();
                let source = wants.system.as_deref().map(running::Source::new);
                self.running = source.as_ref().map(|_| running::Running::default());
                let asked = self.running.as_mut().zip(source.as_ref());
                let mut work = asked.map_or_else(Vec::new, |(running, source)| running.work(inspection, source));
                $(
                    if !wants.skip.contains($module::FAMILY.id) {
                        let facts = &mut self.$module;
                        work.push(($module::FAMILY.id, Box::new(|| {
                            *facts = $module::$facts::collect(&inspection.family($module::FAMILY.id));
                        })));
                    }
                )*
                work.sort_by_key(|(id, _)| LONG.iter().position(|long| long == id).unwrap_or(LONG.len()));
                parallel::all(work.into_iter().map(|(_, work)| work).collect());
            }
        }
    };
}

families! {
    accounts: Accounts,
    audit: Audit,
    catrust: CaTrust,
    ci_runner: CiRunner,
    kernel: Kernel,
    logging: Logging,
    mac: Mac,
    mounts: Mounts,
    package: Packages,
    pam: Pam,
    permissions: Permissions,
    persistence: Persistence,
    setid: Setid,
    ssh_keys: SshKeys,
    sshd: Sshd,
    sysctl: Sysctl,
    systemd: Systemd,
}

/// Returns the ids by which families can be left out, in order.
#[must_use]
pub fn family_ids() -> Vec<&'static str> {
    let mut ids: Vec<&str> = FAMILIES.iter().map(|family| family.id).chain(running::IDS.iter().copied()).collect();
    ids.sort_unstable();
    ids.dedup();
    ids
}

/// How a host is read.
#[derive(Clone, Debug, Default)]
pub struct HostWants {
    /// The running system whose root it is; `None` for a root filesystem that runs nothing.
    pub system: Option<Arc<System>>,
    /// Families that are left out.
    pub skip: BTreeSet<Box<str>>,
    /// Whether every file of every package is compared with it.
    pub deep: bool,
    /// Patterns of paths that are left out of the walk.
    pub exclude: Vec<String>,
    /// The variables of the job in which this runs.
    pub variables: running::ci_runner::Variables,
}

/// Why a host cannot be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum HostError {
    /// The root cannot be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// An exclusion is no pattern.
    #[error(transparent)]
    Wants(#[from] WantsError),
}

/// Reads what the files of a host tell.
///
/// # Errors
/// When the root as a whole cannot be read, or holds nothing.
pub fn collect_host(root: &Root, wants: &HostWants) -> Result<(Host, Census), HostError> {
    let asked = FAMILIES.iter().filter(|family| !wants.skip.contains(family.id));
    let patterns = asked.flat_map(|family| family.reads).chain(&reading::READS).chain([&NAME_FILE]);
    let held = patterns.map(|pattern| PathPattern::from_root(pattern)).chain(files::held());
    let held = RootWants::new(held, [], false, &wants.exclude)?;
    let damages = root.hold(&held)?;
    let inspection = Inspection::new(root, wants);
    for damage in damages {
        inspection.damaged(damage);
    }
    let mut host = Host { system: inspection.system().cloned(), skipped: wants.skip.clone(), ..Host::default() };
    host.read(&inspection);
    if host.setid.has_only_folders {
        let reason = Text::trusted("expected a root filesystem, found nothing but folders");
        return Err(TreeError::Directory { path: root.input().name, reason }.into());
    }
    let Looked { mut found, aside, gaps, census } = inspection.finish();
    host.package.add(&mut found);
    if let Some(running) = &mut host.running {
        running.process.settle(&mut found.files, aside);
    }
    host.files = found.files;
    host.gaps = gaps;
    Ok((host, census))
}

/// Where a host keeps its name.
const NAME_FILE: &str = "etc/hostname";

/// The largest file of a name that is read, and the longest name: that of a domain.
const MAX_NAME_BYTES: u64 = 4096;
const MAX_NAME: usize = 253;

/// Returns what a host calls itself, once it was read: the running system by its kernel, a root by its file (`hostname(5)`:
/// the first line that is no comment). It is no fact that is judged, and not kept.
#[must_use]
pub fn host_name(root: &Root, wants: &HostWants) -> Option<Text> {
    let bytes = match &wants.system {
        Some(system) => system.read(Shown::Proc, "sys/kernel/hostname").ok().flatten()?,
        None => {
            let entry = root.real(&TreePath::new(NAME_FILE.as_bytes())?).ok()?;
            root.read(&entry, MAX_NAME_BYTES).ok()?
        }
    };
    let mut lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    let name = lines.find(|line| !line.is_empty() && !line.starts_with(b"#"))?;
    Some(Text::of(name).shortened(MAX_NAME))
}

impl Host {
    /// Returns what cannot be known of a family.
    #[must_use]
    pub fn gaps_of(&self, family: &str) -> &[Gap] {
        self.gaps.get(family).map(Vec::as_slice).unwrap_or_default()
    }

    /// Returns the gap of a file, whichever family asked for it.
    #[must_use]
    pub fn gap_at(&self, path: &TreePath) -> Option<&Gap> {
        self.gaps.values().flatten().find(|gap| gap.location.path == *path)
    }

    /// Whether a family was asked.
    #[must_use]
    pub fn has(&self, family: &str) -> bool {
        !self.skipped.contains(family)
    }

    /// Returns the distribution with its major version, as the tables of the built-in policies name it: `debian12`.
    #[must_use]
    pub fn distribution(&self) -> Option<String> {
        let system = self.system.as_ref()?;
        let version = system.version.as_deref().unwrap_or_default();
        Some(match &*system.id {
            "ubuntu" => format!("ubuntu{}", version.replace('.', "")),
            "rhel" | "almalinux" | "rocky" | "centos" | "ol" => {
                format!("rhel{}", version.split('.').next().unwrap_or_default())
            }
            id => format!("{id}{}", version.split('.').next().unwrap_or_default()),
        })
    }
}

/// Returns the gap of a file of a host that cannot be read.
fn unread(path: TreePath, fault: ReadFault) -> Gap {
    Gap::unread(FactKind::Host, path, fault)
}
