//! Rules about what CI definitions run.

mod unpinned_action;
mod unpinned_image;

use super::Rule;

/// The rules of this domain, in the order of their ids.
pub(super) static RULES: &[&Rule] = &[&unpinned_action::RULE, &unpinned_image::RULE];
