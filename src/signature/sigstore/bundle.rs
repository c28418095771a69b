//! Bundles as they are read, before anything is verified: of a version that is known, with one signature by one key and
//! one entry of one log, within bounds.

use sigstore_verify::types::bundle::VerificationMaterialContent;
use sigstore_verify::types::{Bundle, HashAlgorithm, KindVersion, MediaType, SignatureContent};

use super::certificate;
use crate::document::Node;
use crate::signature::attestation::{Json, at, items, malformed, string, string_at};
use crate::signature::provenance::{self, Provenance};
use crate::signature::statement::{self, Statement};
use crate::signature::{Claim, Fault, FaultKind};
use crate::text;
use crate::text::Text;

/// How many timestamps one bundle may have.
const MAX_TIMESTAMPS: usize = 32;

/// How many certificates one bundle may have.
const MAX_CERTIFICATES: usize = 16;

/// What is read of a bundle.
pub(super) struct Read {
    pub(super) bundle: Bundle,
    pub(super) content: Content,
    /// Why it is refused where only today's forms are accepted.
    pub(super) legacy: Vec<(FaultKind, Text)>,
}

/// What is signed.
pub(super) enum Content {
    /// The artifact itself.
    Artifact(Option<HashAlgorithm>),
    /// A statement about artifacts, and what its predicate says.
    Statement(Box<Stated>),
}

/// A statement, before its signature is verified.
pub(super) struct Stated {
    pub(super) statement: Statement,
    pub(super) provenance: Option<Provenance>,
    /// What its predicate states, and what in it speaks against the artifact.
    pub(super) read: Claim,
    /// The package that npm's registry says it took in.
    pub(super) published: Option<String>,
}

impl Read {
    /// Reads a bundle.
    pub(super) fn of(text: &str, node: &Node<'_>) -> Result<Self, Fault> {
        shape(node)?;
        let bundle = Bundle::from_json(text).map_err(|error| {
            malformed(text!("the bundle cannot be read: {}", Text::of(&error.to_string()).shortened(200)))
        })?;
        let mut legacy = Vec::new();
        let material = &bundle.verification_material;
        if let VerificationMaterialContent::X509CertificateChain { certificates } = &material.content {
            if certificates.is_empty() {
                return Err(malformed(Text::trusted("the bundle's certificate chain is empty")));
            }
            if certificates.iter().any(|certificate| certificate::is_root(certificate.raw_bytes.as_bytes())) {
                let message = "the bundle brings a root certificate of its own";
                legacy.push((FaultKind::Unsupported, Text::trusted(message)));
            }
        }
        for entry in &material.tlog_entries {
            if let Some(proof) = &entry.inclusion_proof {
                let checkpoint = proof.checkpoint.checkpoint();
                if checkpoint.is_some_and(|checkpoint| checkpoint.tree_size() != proof.tree_size) {
                    let message = "the checkpoint is of another size of the log than the inclusion proof";
                    return Err(Fault::new(FaultKind::LogProof, Text::trusted(message)));
                }
            } else if bundle.media_type == MediaType::Bundle0_1 {
                let message = "the bundle has the transparency log's promise to include the signature, but no proof";
                legacy.push((FaultKind::LogProof, Text::trusted(message)));
            }
            let is_timed = !material.timestamp_verification_data.rfc3161_timestamps.is_empty();
            if entry.kind_version == KindVersion::IntotoV002 && !is_timed {
                let message = "the transparency log's entry is of the old kind `intoto`, whose time is no evidence";
                legacy.push((FaultKind::LogProof, Text::trusted(message)));
            }
        }
        let content = match &bundle.content {
            SignatureContent::MessageSignature(signature) => {
                Content::Artifact(signature.message_digest.as_ref().map(|digest| digest.algorithm))
            }
            SignatureContent::DsseEnvelope(envelope) => {
                if envelope.payload_type != statement::PAYLOAD_TYPE {
                    let found = Text::of(&envelope.payload_type).shortened(200);
                    let message = text!("the payload is a `{}`, not `{}`", found, statement::PAYLOAD_TYPE);
                    return Err(Fault::new(FaultKind::Unsupported, message));
                }
                Content::Statement(Box::new(Stated::of(envelope.payload.as_bytes())?))
            }
            _ => return Err(unsupported(Text::trusted("a bundle of a content that is not known here"))),
        };
        Ok(Self { bundle, content, legacy })
    }
}

impl Stated {
    /// Returns the name of the one subject, nothing where there are others.
    pub(super) fn only_name(&self) -> String {
        match self.statement.subjects.as_slice() {
            [only] => only.name.clone(),
            _ => String::new(),
        }
    }

    fn of(payload: &[u8]) -> Result<Self, Fault> {
        let text = std::str::from_utf8(payload).map_err(|_utf8| malformed(Text::trusted("the payload is no UTF-8")))?;
        let json = Json::parse(text)?;
        let statement = Statement::of(&json.node)?;
        let mut read = Claim::new(super::ID, Text::default());
        let provenance = provenance::read(&statement, &json.node, &mut read);
        provenance::add(&mut read.details, "predicate-type", Some(&statement.predicate_type));
        let predicate = |key: &str| string_at(&json.node, &["predicate", key]);
        let published = statement.predicate_type.ends_with("/specs/publish/v0.1").then(|| {
            format!("pkg:npm/{}@{}", predicate("name").unwrap_or_default(), predicate("version").unwrap_or_default())
        });
        Ok(Self { statement, provenance, read, published })
    }
}

/// Refuses what the library would read in its own way: unknown versions, and two of what there is one of.
fn shape(node: &Node<'_>) -> Result<(), Fault> {
    match string(node, "mediaType") {
        None => return Err(malformed(Text::trusted("the bundle's `mediaType` is missing"))),
        Some(
            "application/vnd.dev.sigstore.bundle+json;version=0.1"
            | "application/vnd.dev.sigstore.bundle+json;version=0.2"
            | "application/vnd.dev.sigstore.bundle+json;version=0.3"
            | "application/vnd.dev.sigstore.bundle.v0.3+json",
        ) => {}
        Some(other) => return Err(unsupported(text!("a bundle of the version `{}`", Text::of(other).shortened(200)))),
    }
    one_of(node, &["messageSignature", "dsseEnvelope"])?;
    let Some(material) = at(node, &["verificationMaterial"]) else {
        return Err(malformed(Text::trusted("the bundle's `verificationMaterial` is missing")));
    };
    one_of(material, &["certificate", "x509CertificateChain", "publicKey"])?;
    let chain = at(material, &["x509CertificateChain"]).map_or(0, |chain| items(chain, "certificates").len());
    bounded("certificates", chain, MAX_CERTIFICATES)?;
    let timestamps = at(material, &["timestampVerificationData"]);
    bounded("timestamps", timestamps.map_or(0, |data| items(data, "rfc3161Timestamps").len()), MAX_TIMESTAMPS)?;
    let signatures = at(node, &["dsseEnvelope"]).map_or(1, |envelope| items(envelope, "signatures").len());
    if signatures != 1 {
        let message = text!("the envelope of a bundle has one signature, this one has {}", signatures);
        return Err(malformed(message));
    }
    match items(material, "tlogEntries") {
        [entry] => {
            let kind = string_at(entry, &["kindVersion", "kind"]).unwrap_or_default();
            let version = string_at(entry, &["kindVersion", "version"]).unwrap_or_default();
            let known = [("hashedrekord", "0.0.1"), ("hashedrekord", "0.0.2"), ("dsse", "0.0.1"), ("intoto", "0.0.2")];
            if !known.contains(&(kind, version)) {
                let shown = Text::of(&format!("{kind} {version}")).shortened(100);
                return Err(unsupported(text!("an entry of a transparency log of the kind `{}`", shown)));
            }
            Ok(())
        }
        [] => {
            let message = "the bundle has no entry of a transparency log";
            Err(Fault::new(FaultKind::LogProof, Text::trusted(message)))
        }
        more => Err(malformed(text!("a bundle has one entry of a transparency log, this one has {}", more.len()))),
    }
}

fn one_of(node: &Node<'_>, keys: &[&str]) -> Result<(), Fault> {
    let found = keys.iter().filter(|key| node.get(key).is_some()).count();
    if found == 1 { Ok(()) } else { Err(malformed(text!("the bundle has {} of {}, not one", found, keys.join(", ")))) }
}

fn bounded(what: &str, found: usize, most: usize) -> Result<(), Fault> {
    if found <= most { Ok(()) } else { Err(malformed(text!("the bundle has {} {}, more than {}", found, what, most))) }
}

fn unsupported(message: Text) -> Fault {
    Fault::new(FaultKind::Unsupported, message)
}
