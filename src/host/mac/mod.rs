//! Mandatory access control: what SELinux and AppArmor will do at the next boot, as their files say.

pub mod apparmor;
pub mod selinux;

use serde::{Deserialize, Serialize};

use super::Family;
use super::reading::Reading;
use apparmor::Apparmor;
use selinux::Selinux;

/// The family of mandatory access control.
pub(super) static FAMILY: Family = Family {
    id: "mac",
    summary: "SELinux and AppArmor: mode, policy, permissive domains, profiles",
    reads: &[
        "etc/selinux/config",
        "etc/selinux/*/policy/policy.*",
        "etc/selinux/*/modules/active/modules/*",
        "var/lib/selinux/*/active/modules/*/*/cil",
        "var/lib/selinux/*/active/modules/*/*/hll",
        "var/lib/selinux/*/active/modules/*/*/lang_ext",
        "var/lib/selinux/*/active/modules/disabled/*",
        "etc/apparmor.d/*",
        "etc/apparmor.d/disable/*",
        "etc/apparmor.d/force-complain/*",
    ],
};

/// What is known of mandatory access control.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mac {
    /// What is known of SELinux.
    #[serde(default)]
    pub selinux: Selinux,
    /// What is known of AppArmor.
    #[serde(default)]
    pub apparmor: Apparmor,
}

impl Mac {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        Self { selinux: Selinux::collect(reading), apparmor: Apparmor::collect(reading) }
    }
}
