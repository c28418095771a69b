//! The keyed diff: two sets of facts turned into what was added, removed and changed.
//!
//! Facts with the same key are one subject. What has no partner under its own key may be paired by the
//! caller's rule (an update of a package is one change, not a removal and an addition).

mod components;
pub mod document;

use std::collections::BTreeMap;

pub use components::{Change, ChangeKind, Field, Sighting, changes};

/// One subject on both sides.
#[derive(Debug)]
pub struct Pair<'a, T> {
    /// What was there before.
    pub before: Option<&'a T>,
    /// What is there now.
    pub now: Option<&'a T>,
}

/// Pairs facts by their keys, in the order of the keys. Of several facts under one key each finds a partner of
/// its own, in the order given.
pub fn keyed<'a, T, K: Ord>(
    before: impl IntoIterator<Item = &'a T>,
    now: impl IntoIterator<Item = &'a T>,
    key: impl Fn(&'a T) -> K,
) -> Vec<Pair<'a, T>> {
    let mut sides: BTreeMap<K, (Vec<&'a T>, Vec<&'a T>)> = BTreeMap::new();
    for fact in before {
        sides.entry(key(fact)).or_default().0.push(fact);
    }
    for fact in now {
        sides.entry(key(fact)).or_default().1.push(fact);
    }
    let mut pairs = Vec::new();
    for (before, now) in sides.into_values() {
        let longest = before.len().max(now.len());
        pairs.extend(
            (0..longest).map(|index| Pair { before: before.get(index).copied(), now: now.get(index).copied() }),
        );
    }
    pairs
}
