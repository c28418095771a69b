//! Names that one component answers to.

use std::collections::HashMap;

/// The components that are the only ones to answer to their name.
///
/// `resolutions` of the root replace what dependencies ask for, and leave those texts as they are: where a
/// name is locked but once, that once is meant all the same.
#[derive(Default)]
pub(super) struct OnlyOnes<'a>(HashMap<&'a str, Option<u32>>);

impl<'a> OnlyOnes<'a> {
    /// Says that a component answers to a name.
    pub(super) fn add(&mut self, name: &'a str, handle: u32) {
        self.0.entry(name).and_modify(|known| *known = known.filter(|known| *known == handle)).or_insert(Some(handle));
    }

    /// Returns the only component that answers to a name.
    pub(super) fn get(&self, name: &str) -> Option<u32> {
        self.0.get(name).copied().flatten()
    }
}
