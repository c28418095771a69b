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

/// Returns a hint that names the nearest of the words that would have been right, or all of them where none is
/// near and they are few.
#[must_use]
pub(super) fn nearest<'a>(found: &str, right: impl IntoIterator<Item = &'a str>) -> Option<Text> {
    let right: Vec<&str> = right.into_iter().collect();
    let distances = right.iter().map(|word| (strsim::damerau_levenshtein(found, word), *word));
    match distances.min() {
        Some((distance, word)) if distance <= 2 + found.chars().count() / 4 => {
            Some(crate::text!("did you mean `{}`?", word))
        }
        Some((_, only)) if right.len() == 1 => Some(crate::text!("expected `{}`", only)),
        Some(_) if right.len() <= FEW => Some(crate::text!("expected one of {}", right.join(", "))),
        Some(_) | None => None,
    }
}

/// How many words a hint lists.
const FEW: usize = 12;

/// Returns a hint about the id of a rule.
#[must_use]
pub(super) fn nearest_rule<'a>(found: &str, ids: impl IntoIterator<Item = &'a str>) -> Option<Text> {
    nearest(found, ids).or_else(|| Some(Text::trusted("`portcullis explain` lists the rules")))
}
