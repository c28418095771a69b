//! Workflows and actions of GitHub Actions: what stands under the name of a variable, wherever, and assignments in what
//! is run.
//!
//! A name is looked for in the whole file, so an anchor hides none, and the mapping need not be understood.

use std::borrow::Cow;

use super::assignment::{Value, assignments};
use super::{Assignment, Format, MAX_ASSIGNMENTS, known};
use crate::document::{self, Fault, Scalar, Span};

pub(super) static FORMAT: Format = Format {
    id: "github-workflow",
    names: &[".github/workflows/*.yaml", ".github/workflows/*.yml", "action.yaml", "action.yml"],
    summary: "workflows and actions of GitHub Actions",
    collect,
};

fn collect(text: &str) -> Result<Vec<Assignment<'_>>, Fault> {
    let mut found = Vec::new();
    for scalar in document::yaml_scalars(text)? {
        match scalar.key.as_deref().and_then(known) {
            Some(name) => found.push(Assignment { name, value: scalar.text, span: scalar.span }),
            None => found.extend(in_script(text, &scalar)),
        }
        if found.len() > MAX_ASSIGNMENTS {
            break;
        }
    }
    Ok(found)
}

/// Returns what a script sets, at its place in the file where it stands there as it is read, else at that of the script.
fn in_script<'a>(text: &str, scalar: &Scalar<'_>) -> Vec<Assignment<'a>> {
    let read = assignments(&scalar.text, Value::Word);
    if read.is_empty() {
        return Vec::new();
    }
    let written = assignments(text.get(scalar.span.start..scalar.span.end).unwrap_or_default(), Value::Word);
    let is_alike = read.len() == written.len();
    let spans = written
        .iter()
        .map(|one| Span { start: scalar.span.start + one.span.start, end: scalar.span.start + one.span.end });
    let spans: Vec<Span> = if is_alike { spans.collect() } else { vec![scalar.span; read.len()] };
    let owned = read.into_iter().zip(spans);
    owned.map(|(one, span)| Assignment { name: one.name, value: Cow::Owned(one.value.into_owned()), span }).collect()
}
