//! Rules about hosts.

mod account_duplicate;
mod account_empty_password;
mod account_nis;
mod account_system_shell;
mod account_uid0;
mod account_unshadowed;
mod account_weak_hash;
mod authorized_key_option;
mod authorized_key_unknown;
mod file_permission;
mod login_umask;
mod pam_setting;
mod path_directory;
mod question;
mod root_equivalent_group;
mod sshd_match;
mod sshd_setting;
mod sudo_nopasswd;
mod sudo_setting;
mod unreadable;

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
    &account_duplicate::RULE,
    &account_empty_password::RULE,
    &account_nis::RULE,
    &account_system_shell::RULE,
    &account_uid0::RULE,
    &account_unshadowed::RULE,
    &account_weak_hash::RULE,
    &authorized_key_option::RULE,
    &authorized_key_unknown::RULE,
    &file_permission::RULE,
    &login_umask::RULE,
    &pam_setting::RULE,
    &path_directory::RULE,
    &root_equivalent_group::RULE,
    &sshd_match::RULE,
    &sshd_setting::RULE,
    &sudo_nopasswd::RULE,
    &sudo_setting::RULE,
];
