//! Statements of in-toto: what is said about which artifacts (v0.1, v1), and the links and layouts of before.

use std::collections::BTreeSet;

use super::attestation::{Json, items, malformed, string};
use super::description::Part;
use super::provenance;
use super::{Fault, FaultKind, Function, Hashes};
use crate::document::{Node, Value};
use crate::text;
use crate::text::{Text, hex};

/// The type of a payload that is a statement.
pub(super) const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";

/// How many artifacts a statement may be about, and how many digests each may have: as sigstore-go has it.
const MAX_SUBJECTS: usize = 1024;
const MAX_DIGESTS: usize = 32;

/// What is said about which artifacts.
#[derive(Clone, Debug)]
pub(super) struct Statement {
    /// What it is about. Empty for links and layouts, and where the statement says so: then it is about nothing.
    pub(super) subjects: Vec<Subject>,
    /// Of what kind that is which it says.
    pub(super) predicate_type: String,
}

/// An artifact a statement is about.
#[derive(Clone, Debug)]
pub(super) struct Subject {
    /// Its name, which proves nothing.
    pub(super) name: String,
    /// Its digests, by the names of in-toto.
    pub(super) digests: Vec<(String, String)>,
}

/// Whether a statement is about an artifact.
pub(super) enum Match<'a> {
    /// It is: the subject, and the digest that matched.
    Subject(&'a Subject, (&'static str, String)),
    /// It is not.
    Nothing(Fault),
}

impl Statement {
    /// Reads a statement.
    ///
    /// # Errors
    /// A fault where it is no statement, or one of a version that is not known here.
    pub(super) fn of(node: &Node<'_>) -> Result<Self, Fault> {
        let Some(kind) = string(node, "_type") else {
            return Err(malformed(Text::trusted("the payload is no statement: `_type` is missing")));
        };
        match kind {
            "https://in-toto.io/Statement/v0.1" | "https://in-toto.io/Statement/v1" => {}
            // What in-toto signed before there were statements.
            "link" | "layout" => return Ok(Self { subjects: Vec::new(), predicate_type: kind.to_owned() }),
            _ => return Err(Fault::new(FaultKind::Unsupported, text!("a statement of the type `{}`", kind))),
        }
        let listed = items(node, "subject");
        if listed.len() > MAX_SUBJECTS {
            return Err(malformed(text!("the statement has {} subjects, more than {}", listed.len(), MAX_SUBJECTS)));
        }
        let subjects = listed.iter().map(Subject::of).collect::<Result<_, _>>()?;
        let predicate_type = string(node, "predicateType").unwrap_or_default().to_owned();
        Ok(Self { subjects, predicate_type })
    }

    /// Returns the functions by which the artifact is to be hashed.
    pub(super) fn functions(&self) -> BTreeSet<Function> {
        let digests = self.subjects.iter().flat_map(|subject| &subject.digests);
        digests.filter_map(|(name, _)| function(name)).collect()
    }

    /// Finds the artifact among the subjects. Only digests count, and all of a subject's that are known must agree.
    pub(super) fn matching(&self, hashes: &Hashes) -> Match<'_> {
        if self.subjects.is_empty() {
            let message = Text::trusted("the statement is about nothing: it has no subjects");
            return Match::Nothing(Fault::new(FaultKind::SubjectMismatch, message));
        }
        let (mut is_any_strong, mut is_any_known) = (false, false);
        for subject in &self.subjects {
            let strong = subject.digests.iter().filter_map(|(name, value)| Some((function(name)?, value)));
            let mut matched: Option<(Function, String)> = None;
            let mut is_other = false;
            for (function, value) in strong {
                is_any_strong = true;
                let Some(actual) = hashes.plain(function).map(|digest| hex(&digest)) else { continue };
                is_any_known = true;
                if actual.eq_ignore_ascii_case(value) {
                    matched = Some((function, actual));
                } else {
                    is_other = true;
                }
            }
            match matched {
                Some((function, value)) if !is_other => return Match::Subject(subject, (function.name(), value)),
                Some((function, _)) => {
                    let message = text!("a subject has the artifact's {} digest, but another besides", function.name());
                    return Match::Nothing(Fault::new(FaultKind::SubjectMismatch, message));
                }
                None => {}
            }
        }
        let fault = match (is_any_strong, is_any_known) {
            (false, _) => Fault::new(
                FaultKind::SubjectMismatch,
                Text::trusted("no subject has a digest that tells one artifact from another"),
            )
            .help(Text::trusted("with --attestation-only the statement is judged without an artifact")),
            (true, false) => Fault::undetermined(
                FaultKind::SubjectMismatch,
                Text::trusted("the artifact's digest is given by another function than those of the statement"),
            ),
            (true, true) => Fault::new(
                FaultKind::SubjectMismatch,
                text!("the statement is about {}, not about the artifact", self.shown_subjects()),
            ),
        };
        Match::Nothing(fault)
    }

    /// Returns the names of the first subjects.
    pub(super) fn shown_subjects(&self) -> Text {
        match self.subjects.as_slice() {
            [] => Text::trusted("nothing"),
            [subject] => text!("`{}`", Text::of(&subject.name).shortened(200)),
            [subject, rest @ ..] => text!("`{}` and {} more", Text::of(&subject.name).shortened(200), rest.len()),
        }
    }

    /// Returns a digest of any subject by SHA-256 or SHA-512.
    pub(super) fn any_digest(&self) -> Option<(Function, &str)> {
        let digests = self.subjects.iter().flat_map(|subject| &subject.digests);
        digests
            .filter_map(|(name, value)| Some((function(name)?, value.as_str())))
            .find(|(function, _)| matches!(function, Function::Sha256 | Function::Sha512))
    }
}

impl Subject {
    fn of(node: &Node<'_>) -> Result<Self, Fault> {
        let name = string(node, "name").unwrap_or_default().to_owned();
        let Some(Value::Mapping(members)) = node.get("digest").map(|digest| &digest.value) else {
            return Err(malformed(Text::trusted("a subject of the statement has no digests")));
        };
        if members.len() > MAX_DIGESTS {
            return Err(malformed(text!("a subject has {} digests, more than {}", members.len(), MAX_DIGESTS)));
        }
        let digests = members
            .iter()
            .map(|member| match &member.value.value {
                Value::String(value) => Ok((member.key.clone().into_owned(), value.clone().into_owned())),
                Value::Null
                | Value::Boolean(_)
                | Value::Number(_)
                | Value::Datetime(_)
                | Value::Sequence(_)
                | Value::Mapping(_) => Err(malformed(Text::trusted("a digest of a subject is no string"))),
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { name, digests })
    }
}

/// Returns the function of a name of in-toto's, `None` where its digests prove nothing, or nothing about a file.
fn function(name: &str) -> Option<Function> {
    Some(match name {
        "sha256" => Function::Sha256,
        "sha384" => Function::Sha384,
        "sha512" => Function::Sha512,
        "sha512_256" => Function::Sha512_256,
        "sha3_256" => Function::Sha3_256,
        "sha3_384" => Function::Sha3_384,
        "sha3_512" => Function::Sha3_512,
        _ => return None,
    })
}

/// Says what a payload holds. Nothing is judged.
pub(super) fn describe(payload: &[u8]) -> Part {
    let read = std::str::from_utf8(payload)
        .map_err(|_utf8| malformed(Text::trusted("the payload is no UTF-8")))
        .and_then(Json::parse)
        .and_then(|json| describe_node(&json.node));
    read.unwrap_or_else(|fault| Part::not_read(&fault))
}

/// Says what a statement holds.
///
/// # Errors
/// As [`Statement::of`].
pub(super) fn describe_node(node: &Node<'_>) -> Result<Part, Fault> {
    let statement = Statement::of(node)?;
    let mut part = Part::new("statement", Text::of(string(node, "_type").unwrap_or_default()));
    part.parts.list(&statement.subjects, |subject| {
        let mut part = Part::new("subject", Text::of(&subject.name));
        part.parts.list(&subject.digests, |(name, value)| Part::new("digest", text!("{} {}", *name, *value)));
        part
    });
    if let Some(predicate) = node.get("predicate") {
        part.parts.push(provenance::describe(&statement.predicate_type, predicate));
    }
    Ok(part)
}
