//! Rules about the files of a tree.

mod symlink_escape;

use super::Rule;

/// The rules of this domain, in the order of their ids.
pub(super) static RULES: &[&Rule] = &[&symlink_escape::RULE];
