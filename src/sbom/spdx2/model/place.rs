//! Where a package was found, as the information on its source (SPDX 2.3, section 7.12).

use std::borrow::Cow;

use crate::sbom::model::{FoundAt, Words};

/// What begins such a text: a place a line follows.
const BEGINNING: &str = "found in:";

/// What stands before the number of a line.
const LINE: &str = ", line ";

/// Reads the places from a text that [`render`] wrote.
pub(super) fn read<'n>(text: &str) -> Option<Vec<FoundAt<'n>>> {
    let rest = text.strip_prefix(BEGINNING)?.strip_prefix('\n')?;
    Some(rest.split('\n').map(one).collect())
}

fn one<'n>(text: &str) -> FoundAt<'n> {
    let owned = |text: &str| -> Words<'n> { Cow::Owned(text.to_owned()) };
    let parted = text.rsplit_once(LINE).and_then(|(path, line)| Some((path, line.parse().ok()?)));
    match parted {
        Some((path, line)) => FoundAt { path: owned(path), line: Some(line) },
        None => FoundAt { path: owned(text), line: None },
    }
}

/// Writes places; `None` where there are none, or where they could not be told from the text again.
pub(super) fn render(places: &[FoundAt<'_>]) -> Option<String> {
    if places.is_empty() {
        return None;
    }
    let mut out = BEGINNING.to_owned();
    for place in places {
        out.push('\n');
        out.push_str(&place.path);
        if let Some(line) = place.line {
            out.push_str(&format!("{LINE}{line}"));
        }
    }
    (read(&out).as_deref() == Some(places)).then_some(out)
}
