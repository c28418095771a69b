//! Rules about lists of digests.

mod mismatch;
mod missing_entry;
mod unsigned;

use super::Rule;

/// The rules of this domain, in the order of their ids.
pub(super) static RULES: &[&Rule] = &[&mismatch::RULE, &missing_entry::RULE, &unsigned::RULE];
