//! Packages: which of their files are not as they were packaged, and where packages may come from.

mod apt;
mod apt_conf;
mod ini;
mod others;
mod statoverride;
mod yum;

use serde::{Deserialize, Serialize};

pub use apt::{lines as apt_lines, stanzas as apt_stanzas};
pub use apt_conf::read as apt_conf;
pub use ini::{Assigned, read as ini};
pub use statoverride::Statoverride;

use super::files::{Changed, Compare, Database};
use super::line::Place;
use super::reading::Reading;
use super::{Family, Found};
use crate::text::Text;

/// The family of packages.
pub(super) static FAMILY: Family = Family {
    id: "package",
    summary: "which package files are of, which of them were changed, and where packages come from",
    reads: &[
        "etc/apt/sources.list",
        "etc/apt/sources.list.d/*",
        "etc/apt/apt.conf",
        "etc/apt/apt.conf.d/*",
        "etc/dnf/dnf.conf",
        "etc/yum.conf",
        "etc/dnf/libdnf5.conf.d/*.conf",
        "usr/share/dnf5/libdnf.conf.d/*.conf",
        "etc/yum.repos.d/*.repo",
        "etc/distro.repos.d/*.repo",
        "usr/share/dnf5/repos.d/*.repo",
        "etc/zypp/zypp.conf",
        "etc/zypp/repos.d/*.repo",
        "etc/pacman.conf",
        "etc/pacman.d/*",
        "etc/apk/repositories",
        "etc/apk/repositories.d/*.list",
        "etc/opkg.conf",
        "etc/opkg/*.conf",
        "var/lib/dpkg/statoverride",
    ],
};

/// What is known of packages.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Packages {
    /// The databases that were read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub databases: Vec<Database>,
    /// Files that are not as they were packaged, as far as they were compared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub changed: Vec<Changed>,
    /// Owners and modes that an administrator gave files of packages.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub statoverrides: Vec<Statoverride>,
    /// Where packages come from.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub sources: Vec<Source>,
    /// Settings of package managers about signatures, for all sources.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub settings: Vec<Setting>,
}

/// A place that packages come from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Its address, without a user or a password in it, and what is taken from there.
    pub name: Text,
    /// Its addresses, likewise.
    pub uris: Vec<Text>,
    /// Where it is written.
    pub place: Place,
    /// What lets packages in from there without a signature.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unsigned: Option<Setting>,
}

/// A setting that says whether signatures count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setting {
    /// Its name, as its file has it.
    pub key: Text,
    /// Its value, empty where it is not set and the default counts.
    pub value: Text,
    /// Where it is written.
    pub place: Place,
    /// Whether it lets packages in without a signature.
    pub is_unsigned: bool,
}

impl Packages {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        reading.compare_packages(if reading.wants().deep { Compare::All } else { Compare::Programs });
        let mut out = Self { statoverrides: statoverride::collect(reading), ..Self::default() };
        apt::collect(reading, &mut out);
        yum::collect(reading, &mut out);
        others::collect(reading, &mut out);
        out.sources.sort_by(|a, b| (&a.place, &a.name).cmp(&(&b.place, &b.name)));
        out
    }

    /// Adds what the comparison found, which is made for all families together.
    pub(super) fn add(&mut self, found: &mut Found) {
        self.databases = std::mem::take(&mut found.databases);
        self.changed = std::mem::take(&mut found.changed);
    }
}

/// Returns an address without the user and the password in it.
#[must_use]
pub fn without_secret(uri: &str) -> Text {
    let Some((scheme, rest)) = uri.split_once("://") else { return Text::of(uri) };
    let end = rest.find('/').unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).unwrap_or((rest, ""));
    let host = authority.rsplit_once('@').map_or(authority, |(_, host)| host);
    crate::text!("{}://{}{}", scheme, host, path)
}

/// Reads yes or no as package managers do; `None` for what is neither.
fn flag(text: &str) -> Option<bool> {
    match text.trim().to_ascii_lowercase().as_str() {
        "1" | "yes" | "true" | "on" | "with" | "enable" => Some(true),
        "0" | "no" | "false" | "off" | "without" | "disable" => Some(false),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_bear_no_password() {
        let check = |uri: &str, expected: &str| assert_eq!(without_secret(uri).as_str(), expected);
        check("https://bob:secret@host.example/debian", "https://host.example/debian");
        check("https://host.example/a@b", "https://host.example/a@b");
        check("file:/srv/mirror", "file:/srv/mirror");
    }
}
