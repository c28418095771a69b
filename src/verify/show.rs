//! What files of keys, signatures and attestations hold, as it is shown. Nothing is judged, and nothing is verified.

use std::fmt::Write as _;

use serde::Serialize;

use super::Named;
use crate::gate::GateError;
use crate::signature::description::{Part, Parts};
use crate::signature::{Description, describe};
use crate::text;
use crate::text::{Text, printable_json};

/// The version of the shape of [`json`].
const VERSION: u32 = 1;

/// What stands above everything that is shown.
const HEADING: &str = "nothing was verified: this is what the files say of themselves\n";

/// What is expected of a file.
const EXPECTED: &str = "a key, a signature, a signed message, an attestation, a trusted root, a list of signers, of \
                        revoked keys or of digests";

/// A file and what it holds.
#[derive(Debug)]
pub struct Shown {
    /// How the file was named.
    pub file: Text,
    /// What stands in it, where it is of a kind that is known and could be read.
    pub held: Option<Description>,
    /// What is wrong with it, or a part of it.
    pub fault: Option<Text>,
}

/// Reads a file for what it holds.
///
/// # Errors
/// When it cannot be read. A file that is damaged or of no known kind is no error: its fault says so.
pub fn show(named: &Named) -> Result<Shown, GateError> {
    let file = named.read()?;
    let (held, fault) = match describe(&file) {
        Some(Ok(held)) => {
            let fault = held.damage().map(|why| with_name(&file.name, why));
            (Some(held), fault)
        }
        Some(Err(fault)) => (None, Some(with_name(&file.name, &fault.message))),
        None => (None, Some(text!("{}: expected {}, found none of them", file.name, EXPECTED))),
    };
    Ok(Shown { file: file.name, held, fault })
}

/// Returns what is wrong with the file's name before it. Some faults name the file by themselves, and some do not.
fn with_name(name: &Text, why: &Text) -> Text {
    let is_named = why.as_str().strip_prefix(name.as_str()).is_some_and(|rest| rest.starts_with(':'));
    if is_named { why.clone() } else { text!("{}: {}", *name, *why) }
}

/// Returns what files hold as people read it: a name and a value a line, indented by what stands in what.
#[must_use]
pub fn human(all: &[Shown]) -> String {
    let mut out = HEADING.to_owned();
    for shown in all {
        let Some(held) = &shown.held else { continue };
        // Writing to a String cannot fail.
        let _infallible = writeln!(out, "file: {}\n  kind: {}", shown.file, held.kind);
        lines(&held.parts, 1, &mut out);
    }
    out
}

fn lines(parts: &Parts, depth: usize, out: &mut String) {
    for part in parts.listed() {
        let space = if part.value.as_str().is_empty() { "" } else { " " };
        let _infallible = writeln!(out, "{:indent$}{}:{space}{}", "", part.name, part.value, indent = 2 * depth);
        lines(&part.parts, depth + 1, out);
    }
    if parts.more() > 0 {
        let _infallible = writeln!(out, "{:indent$}and {} more", "", parts.more(), indent = 2 * depth);
    }
}

/// Returns what files hold as JSON, in the shape that `docs/signatures.md` states.
///
/// # Errors
/// None that can happen: it is written to memory.
pub fn json(all: &[Shown]) -> Result<Vec<u8>, serde_json::Error> {
    let files = all.iter().map(|shown| FileLine {
        path: &shown.file,
        kind: shown.held.as_ref().map(|held| held.kind),
        fault: shown.fault.as_ref(),
        parts: shown.held.as_ref().map(|held| part_lines(&held.parts)).unwrap_or_default(),
        more: shown.held.as_ref().map_or(0, |held| held.parts.more()),
    });
    let document = Document { version: VERSION, verified: false, files: files.collect() };
    let mut bytes = serde_json::to_vec_pretty(&document)?;
    bytes.push(b'\n');
    Ok(printable_json(bytes))
}

#[derive(Serialize)]
struct Document<'a> {
    version: u32,
    verified: bool,
    files: Vec<FileLine<'a>>,
}

#[derive(Serialize)]
struct FileLine<'a> {
    path: &'a Text,
    kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    fault: Option<&'a Text>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<PartLine<'a>>,
    #[serde(skip_serializing_if = "is_none_more")]
    more: usize,
}

#[derive(Serialize)]
struct PartLine<'a> {
    name: &'static str,
    value: &'a Text,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    parts: Vec<Self>,
    #[serde(skip_serializing_if = "is_none_more")]
    more: usize,
}

fn part_lines(parts: &Parts) -> Vec<PartLine<'_>> {
    let all = parts.listed().iter();
    all.map(|Part { name, value, parts }| PartLine { name, value, parts: part_lines(parts), more: parts.more() })
        .collect()
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde asks for it")]
fn is_none_more(more: &usize) -> bool {
    *more == 0
}
