//! Rules about hosts.

mod account_uid0;
mod authority;
mod ca_bundle;
mod ca_unpackaged;
mod ca_weak;
mod package_modified;
mod package_source_unknown;
mod package_source_unsigned;
mod question;
mod source_list;

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
    &ca_bundle::RULE,
    &ca_unpackaged::RULE,
    &ca_weak::RULE,
    &package_modified::RULE,
    &package_source_unknown::RULE,
    &package_source_unsigned::RULE,
];
