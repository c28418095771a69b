//! Types of text: built-in ones, narrowed ones and unions.

use std::borrow::Cow;

use super::pattern::Pattern;
use super::{Builtin, Schema, builtin};
use crate::text::Text;

/// A type of text.
#[derive(Debug)]
pub(crate) enum Simple {
    /// One that XML Schema brings along.
    Builtin(Builtin),
    /// Another one, narrowed.
    Narrowed {
        /// The number of the other.
        base: usize,
        /// What is demanded beyond it.
        facets: Box<Facets>,
    },
    /// What is of one of several types, by their numbers.
    Union(Vec<usize>),
}

/// What a narrowed type demands.
#[derive(Debug, Default)]
pub(crate) struct Facets {
    /// The values, in the order of the schema; none where every value is allowed.
    pub values: Vec<String>,
    /// The values in the order of letters, to be looked up.
    pub(super) sorted: Vec<String>,
    /// Patterns, of which one has to match.
    pub patterns: Vec<Pattern>,
    /// The least number of characters.
    pub min_length: Option<usize>,
    /// The greatest number of characters.
    pub max_length: Option<usize>,
    /// The least value.
    pub min: Option<String>,
    /// The greatest value.
    pub max: Option<String>,
}

/// How many allowed values a message names.
const NAMED_VALUES: usize = 24;

impl Schema {
    /// Returns the built-in type that a type narrows; `None` for a union, and for what narrows one.
    #[must_use]
    pub(crate) fn primitive(&self, number: usize) -> Option<Builtin> {
        match self.simple(number)? {
            Simple::Builtin(builtin) => Some(*builtin),
            Simple::Narrowed { base, .. } => self.primitive(*base),
            Simple::Union(_) => None,
        }
    }

    /// Holds a text to a type.
    ///
    /// # Errors
    /// What was expected where it is not of the type.
    pub(crate) fn text(&self, number: usize, text: &str) -> Result<(), Text> {
        let value = self.primitive(number).map_or(Cow::Borrowed(text), |builtin| builtin.normalized(text));
        match self.simple(number) {
            None => Err(Text::trusted("a type that is known")),
            Some(Simple::Builtin(builtin)) if builtin.holds(&value) => Ok(()),
            Some(Simple::Builtin(builtin)) => Err(Text::trusted(builtin.described())),
            Some(Simple::Narrowed { base, facets }) => {
                self.text(*base, &value)?;
                facets.hold(&value)
            }
            Some(Simple::Union(members)) => {
                let mut expected = Vec::new();
                for member in members {
                    match self.text(*member, text) {
                        Ok(()) => return Ok(()),
                        Err(why) => expected.push(why.to_string()),
                    }
                }
                expected.dedup();
                Err(Text::trusted(expected.join(", or ")))
            }
        }
    }
}

impl Facets {
    fn hold(&self, value: &str) -> Result<(), Text> {
        if !self.values.is_empty() && self.sorted.binary_search_by(|known| known.as_str().cmp(value)).is_err() {
            return Err(self.one_of());
        }
        if !self.patterns.is_empty() && !self.patterns.iter().any(|pattern| pattern.matches(value)) {
            let sources: Vec<&str> = self.patterns.iter().map(|pattern| pattern.source.as_str()).collect();
            return Err(crate::text!("a text of the pattern `{}`", sources.join("` or `")));
        }
        let length = if self.min_length.is_some() || self.max_length.is_some() { value.chars().count() } else { 0 };
        if let Some(least) = self.min_length.filter(|least| length < *least) {
            return Err(crate::text!("a text of at least {}", characters(least)));
        }
        if let Some(greatest) = self.max_length.filter(|greatest| length > *greatest) {
            return Err(crate::text!("a text of at most {}", characters(greatest)));
        }
        let is_ordered = |one: &str, other: &str| builtin::compare(one, other).is_some_and(std::cmp::Ordering::is_le);
        if let Some(least) = self.min.as_ref().filter(|least| !is_ordered(least, value)) {
            return Err(crate::text!("a number of at least {}", least));
        }
        if let Some(greatest) = self.max.as_ref().filter(|greatest| !is_ordered(value, greatest)) {
            return Err(crate::text!("a number of at most {}", greatest));
        }
        Ok(())
    }

    fn one_of(&self) -> Text {
        let named: Vec<&str> = self.values.iter().map(String::as_str).take(NAMED_VALUES).collect();
        match self.values.len().saturating_sub(named.len()) {
            0 => crate::text!("one of `{}`", named.join("`, `")),
            more => crate::text!("one of `{}` and {} more", named.join("`, `"), more),
        }
    }
}

fn characters(count: usize) -> String {
    if count == 1 { "1 character".to_owned() } else { format!("{count} characters") }
}
