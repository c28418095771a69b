//! Where one policy is weaker than another.

use super::{Catalogue, Origin, Policy, SECTIONS};
use crate::text::Text;

/// One respect in which a policy is weaker than before.
#[derive(Clone, Debug)]
pub struct Weakening {
    /// The key of the policy file.
    pub key: Text,
    /// What became weaker.
    pub message: Text,
    /// The value before, `None` where there was none.
    pub was: Option<Text>,
    /// The value now.
    pub found: Text,
    /// Where the weaker value is set.
    pub origin: Origin,
}

/// Returns every respect in which `now` is weaker than `before`.
#[must_use]
pub fn weakenings(catalogue: &Catalogue<'_>, before: &Policy, now: &Policy) -> Vec<Weakening> {
    let mut out = Vec::new();
    for section in SECTIONS {
        (section.weakened)(catalogue, before, now, &mut out);
    }
    out
}
