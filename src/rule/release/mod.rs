//! Rules about a tarball and the tag of which it is said to be made.

mod differs_from_tag;
mod not_in_tag;

use super::Rule;

/// The rules of this domain, in the order of their ids.
pub(super) static RULES: &[&Rule] = &[&differs_from_tag::RULE, &not_in_tag::RULE];
