//! What the SSH server allows (`sshd_config(5)`): the settings in force, as `sshd -T` gives them, and those of single
//! `Match` blocks.

mod config;
mod default;
mod effective;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use config::{Directive, read};

use super::Family;
use super::line::Place;
use super::reading::Reading;
use super::version;
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

/// The family of the SSH server.
pub(super) static FAMILY: Family = Family {
    id: "sshd",
    summary: "settings of the SSH server",
    reads: &[
        "etc/ssh/*",
        "etc/ssh/sshd_config.d/*",
        "usr/etc/ssh/*",
        "usr/etc/ssh/sshd_config.d/*",
        "etc/crypto-policies/back-ends/*",
        "usr/share/crypto-policies/*/*",
        "var/lib/dpkg/status",
        "lib/apk/db/installed",
    ],
};

/// Where sshd stands.
pub const PROGRAM: &str = "usr/sbin/sshd";

/// Where its settings stand: the first that is there.
pub const SETTINGS: [&str; 2] = ["etc/ssh/sshd_config", "usr/etc/ssh/sshd_config"];

/// The keywords that are kept.
pub const KEPT: [&str; 22] = [
    "allowtcpforwarding",
    "authorizedkeysfile",
    "ciphers",
    "clientaliveinterval",
    "disableforwarding",
    "gssapiauthentication",
    "hostbasedauthentication",
    "ignorerhosts",
    "kbdinteractiveauthentication",
    "kexalgorithms",
    "logingracetime",
    "loglevel",
    "macs",
    "maxauthtries",
    "maxsessions",
    "passwordauthentication",
    "permitemptypasswords",
    "permitrootlogin",
    "permituserenvironment",
    "strictmodes",
    "usepam",
    "x11forwarding",
];

/// What is known of the SSH server.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sshd {
    /// Whether the server or a file of its settings is there.
    pub is_there: bool,
    /// The file of its settings that is read first.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<TreePath>,
    /// Its version, as the database of packages has it or the distribution ships it: `9.2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<Text>,
    /// The settings in force for everybody, by their keyword in lower case.
    pub settings: BTreeMap<String, Setting>,
    /// The settings that hold for some only.
    pub matches: Vec<Narrow>,
}

/// A setting in force.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "from", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Setting {
    /// A file sets it.
    File {
        /// The value; a list of algorithms is put together with the default where it says so.
        value: Text,
        /// Where.
        place: Place,
        /// The older name by which it stands there.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        word: Option<Text>,
    },
    /// Nothing sets it: that is what sshd does then.
    Default {
        /// The value.
        value: Text,
    },
    /// Nothing sets it, and what sshd does then rests on its version, which is not known.
    Version,
    /// A file that could not be read may set it.
    Unread {
        /// The file.
        path: TreePath,
    },
}

/// A setting of a `Match` block.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Narrow {
    /// For whom, as the file says: `User sftp`; and the keyword.
    pub name: Text,
    /// For whom.
    pub criteria: Text,
    /// The keyword in lower case.
    pub keyword: String,
    /// The value.
    pub value: Text,
    /// Where.
    pub place: Place,
    /// The older name by which it stands there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub word: Option<Text>,
}

impl Sshd {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        let path = |path: &str| TreePath::new(path.as_bytes()).unwrap_or_default();
        let stands = |at: &str| !matches!(reading.look(&path(at)), Ok(None));
        let file = SETTINGS.iter().copied().find(|at| stands(at));
        if file.is_none() && !stands(PROGRAM) {
            return Self::default();
        }
        let version = version_of(reading);
        let read = effective::read(reading, file);
        let (settings, matches) = read.settled(version);
        let version = version.map(|(major, minor)| text!("{}.{}", major, minor));
        Self { is_there: true, file: file.map(path), version, settings, matches }
    }
}

/// Returns the settings that say where the keys of users stand, as [`Sshd::settings`] has them.
pub(super) fn authorized_keys_files(reading: &Reading<'_>) -> Vec<String> {
    let sshd = Sshd::collect(reading);
    let value = match sshd.settings.get("authorizedkeysfile") {
        Some(Setting::File { value, .. } | Setting::Default { value }) => value.to_string(),
        Some(Setting::Version | Setting::Unread { .. }) | None => {
            default::default("authorizedkeysfile", None).unwrap_or_default().to_owned()
        }
    };
    value.split_ascii_whitespace().map(str::to_owned).collect()
}

fn version_of(reading: &Reading<'_>) -> Option<(u32, u32)> {
    let packages = ["openssh-server", "openssh-server-common", "openssh"];
    let installed = packages.iter().find_map(|name| version::numbers(&version::of_package(reading, name)?));
    installed.or_else(|| {
        let system = reading.system()?;
        let version = system.version.as_deref().unwrap_or_default();
        let mut parts = version.split('.');
        let major = parts.next().unwrap_or_default();
        default::shipped(&match &*system.id {
            "rhel" | "almalinux" | "rocky" | "centos" | "ol" => format!("rhel{major}"),
            "ubuntu" | "alpine" => format!("{}{major}{}", system.id, parts.next().unwrap_or_default()),
            id => format!("{id}{major}"),
        })
    })
}
