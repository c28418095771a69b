//! What is wrong with a document, told place by place.

use super::subject;
use crate::fact::Location;
use crate::rule::{Answers, Draft};
use crate::sbom::{Complaint, Complaints, SbomFile};
use crate::text;
use crate::text::Text;

/// How many characters of what was expected stand under the place; the message has it whole.
const SHOWN: usize = 60;

/// Fails for each complaint about a document, and once more for those that are not told one by one; `what` is what the
/// document does: `breaks its specification`.
pub(super) fn tell(sbom: &SbomFile, complaints: &Complaints, what: &'static str, answers: &mut Answers) {
    if complaints.told.is_empty() && complaints.left_out == 0 {
        return answers.pass();
    }
    for complaint in &complaints.told {
        answers.add(draft(sbom, complaint));
    }
    if complaints.left_out > 0 {
        let places = if complaints.left_out == 1 { "place" } else { "places" };
        let message = text!("`{}` {} at {} more {}", sbom.path, what, complaints.left_out, places);
        let draft = Draft::fail(subject(sbom), message).at(Some(Location::file(sbom.path.clone())));
        // One more of them is something new.
        answers.add(draft.with("left_out", text!("{}", complaints.left_out)).fact(complaints.left_out.to_string()));
    }
}

fn draft(sbom: &SbomFile, complaint: &Complaint) -> Draft {
    let Complaint { at, pointer, expected, found, source } = complaint;
    let place = if pointer.as_str().is_empty() { Text::trusted("the document") } else { text!("`{}`", *pointer) };
    let draft = Draft::fail(subject(sbom), text!("{}: expected {}, found {}", place, *expected, *found))
        .at(Some(sbom.at(*at)))
        .label(text!("expected {}", expected.clone().shortened(SHOWN)))
        .with("pointer", pointer.clone())
        .with("expected", expected.clone())
        .found(found.clone())
        .fact(kind_of_place(pointer.as_str()))
        .fact(expected.as_str())
        .fact(found.as_str());
    match source {
        Some(source) => draft.with("source", source.clone()),
        None => draft,
    }
}

/// Returns a pointer or path without the numbers of items, which say only in what order they stand.
fn kind_of_place(pointer: &str) -> String {
    let step = |step: &str| {
        let name = step.split_once('[').map_or(step, |(name, _)| name);
        if !step.is_empty() && step.bytes().all(|byte| byte.is_ascii_digit()) {
            "*".to_owned()
        } else {
            name.to_owned()
        }
    };
    pointer.split('/').map(step).collect::<Vec<_>>().join("/")
}

#[cfg(test)]
mod tests {
    use super::kind_of_place;

    #[test]
    fn the_kind_of_a_place_does_not_rest_on_order() {
        let check = |pointer: &str, expected: &str| assert_eq!(kind_of_place(pointer), expected);
        check("/components/12/hashes/0/alg", "/components/*/hashes/*/alg");
        check("/bom/components/component[12]/purl", "/bom/components/component/purl");
        check("/properties/1a", "/properties/1a");
        check("PackageVersion", "PackageVersion");
        check("", "");
    }
}
