//! What holds bundles: a file of them, the attestations of a Python package (PEP 740), and a registry's answer about an
//! npm package.

use serde_json::{Value, json};

use super::bundle::{Content, Read, Stated};
use crate::document::{Node, Value as NodeValue};
use crate::signature::attestation::{Json, MAX_DOCUMENTS, at, items, malformed};
use crate::signature::{Fault, FaultKind};
use crate::text;
use crate::text::Text;

/// A bundle, and what it stands in.
pub(super) struct Found {
    pub(super) origin: Origin,
    pub(super) read: Result<Read, Fault>,
}

impl Found {
    /// Returns the statement of a bundle that could be read and holds one.
    pub(super) fn stated(&self) -> Option<&Stated> {
        match &self.read.as_ref().ok()?.content {
            Content::Artifact(_) => None,
            Content::Statement(stated) => Some(stated),
        }
    }
}

/// What a bundle stands in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Origin {
    /// Nothing: it is one itself.
    Bundle,
    /// An attestation of a Python package.
    Python,
    /// An answer about attestations.
    Answer,
}

/// Finds the bundles of a document.
///
/// # Errors
/// A fault where there are none, or more than are read.
pub(super) fn bundles(json: &Json<'_>) -> Result<Vec<Found>, Fault> {
    let node = &json.node;
    if is_set(node, "verificationMaterial") || is_set(node, "mediaType") {
        return Ok(vec![Found { origin: Origin::Bundle, read: Read::of(json.source(node), node) }]);
    }
    if is_set(node, "verification_material") {
        return Ok(vec![python(json, node)]);
    }
    if is_set(node, "attestation_bundles") {
        let bundles = items(node, "attestation_bundles").iter();
        return several(bundles.flat_map(|bundle| items(bundle, "attestations")), |node| python(json, node));
    }
    if is_set(node, "attestations") {
        return several(items(node, "attestations").iter(), |node| match at(node, &["bundle"]) {
            Some(bundle) => Found { origin: Origin::Answer, read: Read::of(json.source(bundle), bundle) },
            None => found(malformed(Text::trusted("an attestation of the answer has no bundle"))),
        });
    }
    if is_set(node, "base64Signature") {
        let message = Text::trusted("a signature in the form of cosign before there were bundles");
        let fault = Fault::new(FaultKind::Unsupported, message);
        return Ok(vec![found(fault.help(Text::trusted("sign with `cosign sign-blob --new-bundle-format`")))]);
    }
    Err(malformed(Text::trusted("no Sigstore bundle, and nothing that holds one")))
}

fn found(fault: Fault) -> Found {
    Found { origin: Origin::Answer, read: Err(fault) }
}

fn several<'a, 'b: 'a>(
    nodes: impl Iterator<Item = &'a Node<'b>>,
    read: impl Fn(&'a Node<'b>) -> Found,
) -> Result<Vec<Found>, Fault> {
    let nodes: Vec<_> = nodes.take(MAX_DOCUMENTS + 1).collect();
    match nodes.len() {
        0 => Err(malformed(Text::trusted("the file holds no attestations"))),
        many if many > MAX_DOCUMENTS => Err(malformed(text!("more than {} attestations", MAX_DOCUMENTS))),
        _ => Ok(nodes.into_iter().map(read).collect()),
    }
}

fn is_set(node: &Node<'_>, key: &str) -> bool {
    node.get(key).is_some()
}

/// Reads an attestation of a Python package: a bundle whose parts have other names.
fn python(json: &Json<'_>, node: &Node<'_>) -> Found {
    let read = rebuilt(json.source(node)).and_then(|text| {
        let json = Json::parse(&text)?;
        Read::of(&text, &json.node)
    });
    let is_first =
        matches!(node.get("version").map(|version| &version.value), Some(NodeValue::Number(one)) if one == "1");
    let read = if is_first {
        read
    } else {
        let message = Text::trusted("an attestation of a Python package of a version that is not 1");
        Err(Fault::new(FaultKind::Unsupported, message))
    };
    Found { origin: Origin::Python, read }
}

fn rebuilt(text: &str) -> Result<String, Fault> {
    let unreadable = |what: &str| malformed(text!("`{}` of the attestation cannot be read", what));
    let mut whole: Value = serde_json::from_str(text).map_err(|_json| unreadable("the JSON"))?;
    let mut take = |pointer: &str| whole.pointer_mut(pointer).map(Value::take).ok_or_else(|| unreadable(pointer));
    let bundle = json!({
        "mediaType": "application/vnd.dev.sigstore.bundle.v0.3+json",
        "verificationMaterial": {
            "certificate": { "rawBytes": take("/verification_material/certificate")? },
            "tlogEntries": take("/verification_material/transparency_entries")?,
        },
        "dsseEnvelope": {
            "payload": take("/envelope/statement")?,
            "payloadType": crate::signature::statement::PAYLOAD_TYPE,
            "signatures": [{ "sig": take("/envelope/signature")? }],
        },
    });
    Ok(bundle.to_string())
}
