//! Rules about hosts.

mod account_uid0;
mod audit_rule;
mod credential_file;
mod cron_suspicious;
mod cron_writable;
mod hardening;
mod ld_preload;
mod logging_setting;
mod question;
mod running;
mod startup_script;
mod unit_command_overridden;
mod unit_drop_in_masked;
mod unit_forbidden;
mod unit_required;
mod unit_sandbox;
mod unit_unpackaged;
mod unit_writable;

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
    &audit_rule::RULE,
    &credential_file::RULE,
    &cron_suspicious::RULE,
    &cron_writable::RULE,
    &ld_preload::RULE,
    &logging_setting::RULE,
    &startup_script::RULE,
    &unit_command_overridden::RULE,
    &unit_drop_in_masked::RULE,
    &unit_forbidden::RULE,
    &unit_required::RULE,
    &unit_sandbox::RULE,
    &unit_unpackaged::RULE,
    &unit_writable::RULE,
];
