//! Identifiers of elements: `SPDXRef-` and letters, digits, `.` and `-` (SPDX 2.3, section 7.2).

use std::collections::{HashMap, HashSet};

use crate::sbom::model::Bom;
use crate::sbom::spdx2::DOCUMENT_ID;

/// What begins each.
const PREFIX: &str = "SPDXRef-";

/// Returns the identifiers of the components of a model, in their order: as they are where they suit SPDX 2, else made from
/// what they were.
pub(super) fn all(bom: &Bom<'_>) -> Vec<String> {
    let mut taken = Taken::default();
    taken.take(DOCUMENT_ID);
    // Those that stay as they are come first, whatever they stand behind.
    let kept: Vec<bool> = bom.components.iter().map(|one| is_sound(&one.id) && taken.take(&one.id)).collect();
    bom.components
        .iter()
        .zip(kept)
        .map(|(one, is_kept)| {
            if is_kept {
                return one.id.to_string();
            }
            let basis = if one.id.is_empty() { &one.name } else { &one.id };
            let basis = basis.strip_prefix(PREFIX).unwrap_or(basis);
            taken.unique(&format!("{PREFIX}{}", sanitised(basis)))
        })
        .collect()
}

/// Whether an identifier suits SPDX 2.
pub(in crate::sbom::spdx2) fn is_sound(id: &str) -> bool {
    id.strip_prefix(PREFIX).is_some_and(|rest| {
        !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
    })
}

/// Returns a text with `-` in place of each run of characters that no identifier holds.
pub(super) fn sanitised(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_ascii_alphanumeric() || c == '.' {
            out.push(c);
        } else if !out.ends_with('-') {
            out.push('-');
        }
    }
    let trimmed = out.trim_matches('-');
    if trimmed.is_empty() { "element".to_owned() } else { trimmed.to_owned() }
}

/// The identifiers that are taken.
#[derive(Default)]
pub(super) struct Taken {
    all: HashSet<String>,
    /// The number that the next of one name is given.
    next: HashMap<String, usize>,
}

impl Taken {
    /// Takes an identifier; says whether it was free.
    pub(super) fn take(&mut self, id: &str) -> bool {
        self.all.insert(id.to_owned())
    }

    /// Takes an identifier, or the first with a number behind it that is free, and returns it.
    pub(super) fn unique(&mut self, id: &str) -> String {
        if self.take(id) {
            return id.to_owned();
        }
        let mut number = self.next.get(id).copied().unwrap_or(2);
        loop {
            let candidate = format!("{id}-{number}");
            number += 1;
            if self.take(&candidate) {
                self.next.insert(id.to_owned(), number);
                return candidate;
            }
        }
    }
}
