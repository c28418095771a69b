//! Where one policy is weaker than another.

use std::collections::BTreeSet;

use super::{Catalogue, Origin, Policy, SECTIONS};
use crate::text;
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
    let mut out = extends(before, now);
    for section in SECTIONS {
        (section.weakened)(catalogue, before, now, &mut out);
    }
    out
}

/// What a policy extends may get stricter tomorrow: who no longer extends it does not follow.
fn extends(before: &Policy, now: &Policy) -> Vec<Weakening> {
    let dropped: BTreeSet<&Text> =
        before.extends.iter().filter(|name| **name != before.name && !now.extends.contains(name)).collect();
    let weakening = |name: &Text| Weakening {
        key: Text::trusted("extends"),
        message: text!("the policy no longer extends `{}`", *name),
        was: Some(name.clone()),
        found: Text::trusted("not extended"),
        origin: Origin::whole(now.name.clone()),
    };
    dropped.into_iter().map(weakening).collect()
}
