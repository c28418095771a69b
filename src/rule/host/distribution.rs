//! The distributions, as far as the words of a mend differ.

use crate::host::Host;

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
        let is = |names: &[&str]| {
            names.contains(&&*system.id) || system.like.iter().any(|like| names.contains(&&**like))
        };
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
