//! The distributions, as far as the words of a mend differ.

use crate::host::Host;
use crate::policy::host::Fact;
use crate::text;
use crate::text::Text;

/// A kin of distributions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kin {
    /// Debian, Ubuntu and theirs.
    Debian,
    /// Red Hat Enterprise Linux, Fedora and theirs.
    Rhel,
    /// Alpine.
    Alpine,
    /// Another, or not known.
    Other,
}

impl Kin {
    pub(super) fn of(host: &Host) -> Self {
        let Some(system) = &host.system else { return Self::Other };
        let is =
            |names: &[&str]| names.contains(&&*system.id) || system.like.iter().any(|like| names.contains(&&**like));
        if is(&["debian", "ubuntu"]) {
            Self::Debian
        } else if is(&["rhel", "fedora", "centos", "almalinux", "rocky", "ol"]) {
            Self::Rhel
        } else if is(&["alpine"]) {
            Self::Alpine
        } else {
            Self::Other
        }
    }
}

/// Why a fact is not expected of a host: that only some distributions have what it is about (`ubuntu>=23.10`).
pub(super) fn is_of_another(fact: &Fact, host: &Host) -> Option<Text> {
    if fact.distro.is_empty() {
        return None;
    }
    let Some(system) = &host.system else {
        return Some(text!(
            "only {} has this setting, and no os-release tells the distribution",
            fact.distro.join(", ")
        ));
    };
    let version = |text: &str| -> Vec<u32> { text.split('.').filter_map(|part| part.parse().ok()).collect() };
    let own = version(system.version.as_deref().unwrap_or_default());
    let is_named = fact.distro.iter().any(|distro| match distro.split_once(">=") {
        Some((id, least)) => id == &*system.id && own >= version(least),
        None => **distro == *system.id,
    });
    (!is_named).then(|| text!("only {} has this setting", fact.distro.join(", ")))
}
