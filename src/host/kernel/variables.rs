//! Variables that GRUB fills into what it starts. Each remembers where its parts stand, so that a finding can name the line that
//! holds an argument.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::host::line::Place;

/// How long a line may become, more or less; a kernel reads some thousand bytes.
pub(super) const MAX_EXPANDED_BYTES: usize = 64 << 10;

/// How many places of a value are remembered.
const MAX_SOURCES: usize = 16;

/// Variables, by their names.
pub type Variables = BTreeMap<String, Filled>;

/// Text with its variables filled in.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filled {
    /// The text.
    pub text: String,
    /// Where its parts stand: what each variable brought, then what was written there.
    pub sources: Vec<Source>,
}

/// A part of a text, as it stands in one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Source {
    /// Where.
    pub place: Place,
    /// What stands there, variables left out.
    pub text: Arc<str>,
}

impl Filled {
    /// Returns text that nothing was filled into, without a place of its own.
    #[must_use]
    pub fn plain(text: &str) -> Self {
        Self { text: text.to_owned(), sources: Vec::new() }
    }

    /// Returns text that stands in one place.
    #[must_use]
    pub fn at(text: &str, place: Place) -> Self {
        Self { text: text.to_owned(), sources: vec![Source { place, text: Arc::from(text) }] }
    }

    /// Returns a text that stands in one place, with its variables filled in.
    pub(super) fn of(text: &str, place: &Place, variables: &Variables) -> Self {
        let mut out = Self::plain(&expanded(text, variables));
        out.take_sources(text, variables);
        out.sources.extend(Self::at(&written(text), place.clone()).sources);
        out
    }

    /// Returns texts behind each other.
    pub(super) fn joined(all: impl IntoIterator<Item = Self>) -> Self {
        let all: Vec<Self> = all.into_iter().collect();
        let text = all.iter().map(|one| &*one.text).collect::<Vec<_>>().join(" ");
        Self { text, sources: all.into_iter().flat_map(|one| one.sources).take(MAX_SOURCES).collect() }
    }

    /// Remembers the places of what variables bring that are named in a text.
    pub(super) fn take_sources(&mut self, text: &str, variables: &Variables) {
        fill(text, |name| {
            for source in variables.get(name).map(|variable| &*variable.sources).unwrap_or_default() {
                if self.sources.len() < MAX_SOURCES && !self.sources.contains(source) {
                    self.sources.push(source.clone());
                }
            }
            ""
        });
    }
}

/// Fills in variables: `$name` and `${name}`. One that is not known is empty, and what stands in one is taken as it is.
pub(super) fn expanded(text: &str, variables: &Variables) -> String {
    fill(text, |name| variables.get(name).map(|variable| &*variable.text).unwrap_or_default())
}

/// Leaves variables out of a text: what stands there itself.
pub(super) fn written(text: &str) -> String {
    fill(text, |_| "")
}

fn fill<'a>(text: &str, mut value: impl FnMut(&str) -> &'a str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        if out.len() > MAX_EXPANDED_BYTES {
            return out;
        }
        out.push_str(before);
        let (name, behind) = match after.strip_prefix('{').and_then(|inside| inside.split_once('}')) {
            Some((name, behind)) => (name, behind),
            None => {
                let end = after
                    .find(|character: char| !character.is_ascii_alphanumeric() && character != '_')
                    .unwrap_or(after.len());
                after.split_at_checked(end).unwrap_or((after, ""))
            }
        };
        if name.is_empty() {
            out.push('$');
        }
        out.push_str(value(name));
        rest = behind;
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::TreePath;

    fn place(line: u32) -> Place {
        Place { path: TreePath::new(b"boot/grub2/grubenv").unwrap(), line: Some(line) }
    }

    #[test]
    fn variables_are_filled_in() {
        let variables = Variables::from([("kernelopts".to_owned(), Filled::plain("ro $x"))]);
        let check = |text: &str, expected: &str| assert_eq!(expanded(text, &variables), expected, "{text}");
        check("a $kernelopts b", "a ro $x b");
        check("${kernelopts}$tuned_params", "ro $x");
        check("cost=5$", "cost=5$");
        check("none", "none");
        assert_eq!(written("a $kernelopts ${b}c"), "a  c");
    }

    #[test]
    fn places_of_what_is_filled_in_are_remembered_once() {
        let variables = Variables::from([
            ("a".to_owned(), Filled::at("ro", place(2))),
            ("b".to_owned(), Filled::at("quiet", place(3))),
        ]);
        let check = |text: &str, expected: &[u32]| {
            let mut filled = Filled::plain(text);
            filled.take_sources(text, &variables);
            let found: Vec<u32> = filled.sources.iter().filter_map(|source| source.place.line).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("$a x ${b} $a", &[2, 3]);
        check("$b $c", &[3]);
        check("a b", &[]);
    }
}
