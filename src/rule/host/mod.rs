//! Rules about hosts.

mod account_uid0;
mod device_node;
mod file_unowned;
mod filecap_dangerous;
mod filecap_unexpected;
mod question;
mod setid;
mod setid_modified;
mod setid_unexpected;
mod setid_unpackaged;
mod setid_writable;
mod walk_incomplete;
mod world_writable;

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
    &device_node::RULE,
    &file_unowned::RULE,
    &filecap_dangerous::RULE,
    &filecap_unexpected::RULE,
    &setid_modified::RULE,
    &setid_unexpected::RULE,
    &setid_unpackaged::RULE,
    &setid_writable::RULE,
    &walk_incomplete::RULE,
    &world_writable::RULE,
];
