//! How each format names a place: a JSON pointer, an XPath, or the tag that stands there.

use crate::sbom::spdx2::tag;
use crate::sbom::{Document, Violation};
use crate::text::Text;

/// Names the places of violations as the format of their document does.
pub(super) fn named(document: &Document<'_>, mut found: Vec<Violation>) -> Vec<Violation> {
    match document.format.id {
        "spdx-tag" => {
            for one in &mut found {
                if let Some(name) = Some(&one.pointer).filter(|pointer| !pointer.as_str().is_empty()) {
                    one.pointer = tag::name_at(document.text, one.span).unwrap_or_else(|| name.clone());
                }
            }
        }
        "spdx-xml" => found.iter_mut().for_each(|one| one.pointer = Text::of(&path(one.pointer.as_str()))),
        _ => {}
    }
    found
}

/// Returns a JSON pointer as an XPath: items of lists are elements of one name, counted from one.
fn path(pointer: &str) -> String {
    let mut out = String::from("/Document");
    for step in pointer.split('/').skip(1) {
        match step.parse::<usize>() {
            Ok(at) => out.push_str(&format!("[{}]", at.saturating_add(1))),
            Err(_) => {
                out.push('/');
                out.push_str(step);
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::path;

    #[test]
    fn a_pointer_becomes_a_path() {
        for (pointer, expected) in [
            ("", "/Document"),
            ("/name", "/Document/name"),
            ("/packages/0/checksums/1/algorithm", "/Document/packages[1]/checksums[2]/algorithm"),
        ] {
            assert_eq!(path(pointer), expected);
        }
    }
}
