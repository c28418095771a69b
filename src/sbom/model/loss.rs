//! What a conversion does not carry over, counted by kind.

use std::collections::BTreeMap;

/// A kind of information that was not carried over, and how often.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Loss {
    /// What: the members that lead there (`components[].pedigree`), or its name.
    pub what: String,
    /// How many.
    pub count: usize,
}

/// Losses that are being counted.
#[derive(Debug, Default)]
pub struct Losses(BTreeMap<String, usize>);

impl Losses {
    /// Counts one.
    pub fn note(&mut self, what: &str) {
        self.note_many(what, 1);
    }

    /// Counts one where something is so.
    pub fn note_if(&mut self, what: &str, is_so: bool) {
        self.note_many(what, usize::from(is_so));
    }

    /// Counts several, or none.
    pub fn note_many(&mut self, what: &str, count: usize) {
        if count > 0 {
            *self.0.entry(what.to_owned()).or_insert(0) += count;
        }
    }

    /// Counts what was counted elsewhere.
    pub fn add(&mut self, others: Vec<Loss>) {
        others.into_iter().for_each(|loss| self.note_many(&loss.what, loss.count));
    }

    /// Returns them in the order of their names.
    #[must_use]
    pub fn into_list(self) -> Vec<Loss> {
        self.0.into_iter().map(|(what, count)| Loss { what, count }).collect()
    }
}
