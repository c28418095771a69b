//! Rules about what files of the tree tell the tools.

mod verification_disabled;

use super::Rule;

/// The rules of this domain, in the order of their ids.
pub(super) static RULES: &[&Rule] = &[&verification_disabled::RULE];
