//! Published controls, as facts name them.

use super::{Control, Fact, benchmark};

/// Reads the controls of a fact: `SCHEME:ID` or `SCHEME ID`, and ` =N` behind it where the source wants another value.
/// A source that has no numbers knows the setting by its own name.
pub(super) fn controls(fact: &Fact) -> Vec<Control> {
    let read = |text: &String| {
        let (text, wants) = match text.split_once(" =") {
            Some((text, wants)) => (text, Some(wants.to_owned())),
            None => (text.as_str(), None),
        };
        let own = fact.key.as_deref().or(fact.path.as_deref()).unwrap_or(&fact.id);
        let (scheme, id) = match text.find([':', ' ']) {
            Some(at) => (text.get(..at).unwrap_or(text), text.get(at + 1..).unwrap_or_default().trim()),
            None => (text, own),
        };
        let wanted = wants.as_deref().map(benchmark::wanted);
        Control { scheme: scheme.to_owned(), id: id.to_owned(), wants, wanted }
    };
    fact.references_text.iter().map(read).collect()
}
