//! What can be wrong with a policy.

use crate::document::Position;
use crate::text::Text;

/// A policy that cannot be read or understood.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{}{message}", at(file, position))]
pub struct PolicyError {
    /// The file, or `builtin:NAME`.
    pub file: Text,
    /// The place in it.
    pub position: Option<Position>,
    /// What was expected and what was found.
    pub message: Text,
    /// The nearest right name, or another way out.
    pub hint: Option<Text>,
}

fn at(file: &Text, position: &Option<Position>) -> String {
    match position {
        Some(Position { line, column }) => format!("{file}:{line}:{column}: "),
        None => format!("{file}: "),
    }
}

/// Returns a hint that names the nearest of the words that would have been right.
#[must_use]
pub(super) fn nearest<'a>(found: &str, right: impl IntoIterator<Item = &'a str>) -> Option<Text> {
    let candidates = right.into_iter().map(|word| (strsim::damerau_levenshtein(found, word), word));
    let (distance, word) = candidates.min()?;
    (distance <= 2 + found.chars().count() / 4).then(|| crate::text!("did you mean `{}`?", word))
}
