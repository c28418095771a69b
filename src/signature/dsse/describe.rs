//! What files of envelopes, statements and plain keys hold. Nothing is judged.

use super::envelope::Envelope;
use super::is_signature;
use crate::document::Node;
use crate::signature::attestation::{Json, documents, string};
use crate::signature::description::{Described, Description, Part, Parts};
use crate::signature::{Fault, Material, provenance, public_key, statement};
use crate::text;
use crate::text::{Text, find};

/// Says what a file holds.
pub(super) fn describe(file: &Material) -> Described {
    if let Some(described) = public_key::describe(file) {
        return Some(described);
    }
    let is_envelope = is_signature(&file.bytes);
    if !is_envelope && !public_key::starts_object(&file.bytes) {
        return None;
    }
    let documents = match documents(&file.bytes) {
        Ok(documents) => documents,
        // Of which kind a document would be that cannot be read, nobody knows.
        Err(_) if !is_envelope && !is_statement(&file.bytes) => return None,
        Err(fault) => return Some(Err(named(file, fault))),
    };
    if is_envelope {
        let mut description = Description::new("dsse-envelope");
        description.parts.list(&documents, of_envelope);
        return Some(Ok(description));
    }
    if documents.iter().all(|json| string(&json.node, "_type").is_some()) {
        let mut description = Description::new("in-toto-statement");
        description.parts.list(&documents, |json| {
            statement::describe_node(&json.node).unwrap_or_else(|fault| Part::not_read(&fault))
        });
        return Some(Ok(description));
    }
    match documents.as_slice() {
        [json] => of_document(&json.node).map(Ok),
        _ => None,
    }
}

fn is_statement(bytes: &[u8]) -> bool {
    find(bytes, b"\"predicateType\"").is_some()
}

fn named(file: &Material, fault: Fault) -> Fault {
    Fault { message: text!("{}: {}", file.name, fault.message), ..fault }
}

fn of_envelope(json: &Json<'_>) -> Part {
    let envelope = match Envelope::of(&json.node) {
        Ok(envelope) => envelope,
        Err(fault) => return Part::not_read(&fault),
    };
    let mut part = Part::new("envelope", Text::of(&envelope.payload_type));
    part.parts.list(&envelope.signatures, |signature| {
        let mut part = Part::new("signature", text!("{} bytes", signature.bytes.len()));
        if !signature.key_id.is_empty() {
            part.parts.add("key-id", text!("{} (a hint: not signed)", signature.key_id));
        }
        if signature.has_certificate {
            part.parts.add("certificate", Text::trusted("stands beside it"));
        }
        part
    });
    part.parts.push(statement::describe(&envelope.payload));
    part
}

/// Says what a document holds that is known to be the predicate of statements.
fn of_document(node: &Node<'_>) -> Option<Description> {
    let (kind, describe): (_, fn(&Node<'_>, &mut Parts)) = if string(node, "bomFormat") == Some("CycloneDX") {
        ("cyclonedx", provenance::describe_cyclonedx)
    } else if string(node, "spdxVersion").is_some() {
        ("spdx", provenance::describe_spdx)
    } else if string(node, "@context").is_some_and(|context| context.starts_with("https://openvex.dev/ns")) {
        ("openvex", provenance::describe_openvex)
    } else {
        return None;
    };
    let mut description = Description::new(kind);
    describe(node, &mut description.parts);
    Some(description)
}
