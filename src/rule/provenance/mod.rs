//! Rules about where an artifact was built, and from what.

mod builder;
mod source;

use super::Rule;

/// The rules of this domain, in the order of their ids.
pub(super) static RULES: &[&Rule] = &[&builder::RULE, &source::RULE];
