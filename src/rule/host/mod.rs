//! Rules about hosts.

mod account_uid0;
mod apparmor_boot;
mod apparmor_profile_mode;
mod boot;
mod bootloader_password;
mod distribution;
mod kernel_cmdline;
mod kernel_config;
mod module_loadable;
mod mount_option;
mod question;
mod selinux_boot;
mod selinux_enforcing;
mod selinux_permissive_domain;
mod selinux_policy;
mod selinux_words;
mod sysctl_persisted;

pub use question::Question;

use super::Rule;

/// The domain of these rules.
pub const DOMAIN: &str = "host";

/// The rules that only a running system can answer for.
const LIVE: &[&str] = &[];

/// Whether only a running system can answer for a rule.
#[must_use]
pub fn is_live(id: &str) -> bool {
    LIVE.contains(&id)
}

/// The rules of this domain, in the order of their ids.
pub(super) static RULES: &[&Rule] = &[
    &account_uid0::RULE,
    &apparmor_boot::RULE,
    &apparmor_profile_mode::RULE,
    &bootloader_password::RULE,
    &kernel_cmdline::RULE,
    &kernel_config::RULE,
    &module_loadable::RULE,
    &mount_option::RULE,
    &selinux_boot::RULE,
    &selinux_enforcing::RULE,
    &selinux_permissive_domain::RULE,
    &selinux_policy::RULE,
    &sysctl_persisted::RULE,
];
