//! What one signature says, and what speaks against it.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use crate::text::Text;

/// One signature over an artifact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// The scheme's id.
    pub scheme: &'static str,
    /// The file it stands in.
    pub file: Text,
    /// The key that made it, where it is one of those that are trusted; `None` where it is another, or unknown.
    pub signer: Option<Signer>,
    /// When it was made, and who says so.
    pub time: Option<SignedTime>,
    /// The digest of the artifact that it is over: the function's name and the value in hexadecimal.
    pub digest: Option<(&'static str, String)>,
    /// What speaks against it, the weightiest first. Empty: it is good.
    pub faults: Vec<Fault>,
    /// What a reader should know although nothing speaks against it.
    pub notes: Vec<Text>,
    /// What it states beside, verified: identity, issuer, source repository, builder and their kin.
    pub details: BTreeMap<&'static str, Text>,
}

/// A trusted key that signed.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
pub struct Signer {
    /// Whose it is, as the trusted material says.
    pub name: Text,
    /// The whole fingerprint of the certificate or key; of a signing subkey, that of its primary key. Thresholds count
    /// these.
    pub fingerprint: Text,
}

/// When a signature was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct SignedTime {
    /// The time.
    pub at: Timestamp,
    /// Who says so.
    pub source: TimeSource,
}

/// Who says when a signature was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum TimeSource {
    /// The signer, which is no evidence.
    Signer,
    /// A transparency log.
    TransparencyLog,
    /// A timestamp authority.
    TimestampAuthority,
    /// The commit that a signed tag names.
    Commit,
}

impl TimeSource {
    /// Returns who it is, in words.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Signer => "the signer alone",
            Self::TransparencyLog => "a transparency log",
            Self::TimestampAuthority => "a timestamp authority",
            Self::Commit => "the commit that the tag names",
        }
    }
}

/// One thing that speaks against a signature.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// What kind of thing, by which a rule judges it.
    pub kind: FaultKind,
    /// What it is, in one line.
    pub message: Text,
    /// What to do about it, where the rule's own words do not fit.
    pub help: Option<Text>,
    /// Whether it is only not known that nothing speaks against it.
    pub is_undetermined: bool,
    /// Whether it refuses the artifact whoever else signed it, if a trusted key says so of this very artifact.
    pub is_final: bool,
}

/// The kinds of things that speak against a signature; each has a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum FaultKind {
    /// There is no signature.
    Missing,
    /// Fewer signers than must have signed it.
    Threshold,
    /// The mathematics do not hold, or the file is no signature: other contents, another key, damage.
    Bad,
    /// The file cannot be read as what it says it is.
    Malformed,
    /// The scheme, version or algorithm is not known here.
    Unsupported,
    /// No trusted key made it.
    UnknownSigner,
    /// A key that is known, but may not sign this.
    NotAllowedSigner,
    /// The key, or the signature itself, has expired.
    Expired,
    /// The key is revoked.
    Revoked,
    /// Made by a hash function whose collisions are known.
    WeakHash,
    /// Made by a key that is too short.
    WeakKey,
    /// The key is bound to its certificate by a weak signature, or without the key's own consent.
    WeakBinding,
    /// Made after the time of the judgement.
    Future,
    /// No signature over a document.
    WrongType,
    /// Beside what is signed stands what is not.
    UnsignedContent,
    /// Another identity than the one that is expected.
    IdentityMismatch,
    /// Another issuer of the identity than the one that is expected.
    IssuerMismatch,
    /// The transparency log does not prove it.
    LogProof,
    /// It is about something else.
    SubjectMismatch,
    /// Built by another builder than the one that is expected.
    Builder,
    /// Built from another source, branch or tag than is expected.
    Source,
    /// The artifact has another digest than the list says.
    ChecksumMismatch,
    /// The list of digests is not signed.
    ChecksumUnsigned,
    /// The list of digests does not hold the artifact.
    ChecksumMissing,
    /// Signed by nobody who signed the release before, or the contents are others than were recorded.
    SignerChanged,
    /// Nothing is recorded of whoever signed it.
    SignerNew,
    /// A key is trusted that was not when the release before was recorded.
    KeyringWidened,
}

impl FaultKind {
    /// Whether only the ledger of signers tells it.
    #[must_use]
    pub fn is_of_ledger(self) -> bool {
        matches!(self, Self::SignerChanged | Self::SignerNew | Self::KeyringWidened)
    }
}

/// Returns what identifies a signer whose keys change: whoever vouches for them, and for whom.
#[must_use]
pub fn vouched(by: &str, whom: &str) -> Text {
    // Behind the first blank begins whom.
    let by = by.replace(char::is_whitespace, "%20");
    crate::text!("{} {}", Text::trusted(if by.is_empty() { "*" } else { &by }), Text::trusted(whom))
}

/// Returns an identity without the tag that it names: of each release it is another.
fn without_tag(identity: &str) -> String {
    match identity.split_once("@refs/tags/") {
        Some((before, _)) => format!("{before}@refs/tags/*"),
        None => identity.to_owned(),
    }
}

impl FaultKind {
    /// Returns what to do about it, where the words of its rule do not fit.
    #[must_use]
    pub fn help(self) -> Option<Text> {
        let help = match self {
            Self::Unsupported => "have it signed in a form that is known here: docs/signatures.md lists them",
            Self::Malformed => "fetch the file anew from where it is published: it is damaged, or another file",
            Self::Missing
            | Self::Threshold
            | Self::Bad
            | Self::UnknownSigner
            | Self::NotAllowedSigner
            | Self::Expired
            | Self::Revoked
            | Self::WeakHash
            | Self::WeakKey
            | Self::WeakBinding
            | Self::Future
            | Self::WrongType
            | Self::UnsignedContent
            | Self::IdentityMismatch
            | Self::IssuerMismatch
            | Self::LogProof
            | Self::SubjectMismatch
            | Self::Builder
            | Self::Source
            | Self::ChecksumMismatch
            | Self::ChecksumUnsigned
            | Self::ChecksumMissing
            | Self::SignerChanged
            | Self::SignerNew
            | Self::KeyringWidened => return None,
        };
        Some(Text::trusted(help))
    }
}

impl Fault {
    /// Returns a fault.
    #[must_use]
    pub fn new(kind: FaultKind, message: Text) -> Self {
        Self { kind, message, help: None, is_undetermined: false, is_final: false }
    }

    /// Returns the fault of something that cannot be known.
    #[must_use]
    pub fn undetermined(kind: FaultKind, message: Text) -> Self {
        Self { is_undetermined: true, ..Self::new(kind, message) }
    }

    /// Makes it refuse the artifact whoever else signed it.
    #[must_use]
    pub fn finally(self) -> Self {
        Self { is_final: true, ..self }
    }

    /// Says what to do about it.
    #[must_use]
    pub fn help(self, help: Text) -> Self {
        Self { help: Some(help), ..self }
    }
}

impl Claim {
    /// Returns the claim of a signature about which nothing is known yet.
    #[must_use]
    pub fn new(scheme: &'static str, file: Text) -> Self {
        Self {
            scheme,
            file,
            signer: None,
            time: None,
            digest: None,
            faults: Vec::new(),
            notes: Vec::new(),
            details: BTreeMap::new(),
        }
    }

    /// Adds something that speaks against it.
    #[must_use]
    pub fn against(mut self, fault: Fault) -> Self {
        self.faults.push(fault);
        self
    }

    /// Returns what identifies its signer from one release to the next, `None` where nothing does: the fingerprint of
    /// a key; of a certificate, whose key is new each time, whoever vouches for it and for whom.
    #[must_use]
    pub fn stable_key(&self) -> Option<Text> {
        let signer = self.signer.as_ref()?;
        let detail = |name| self.details.get(name).filter(|value| !value.as_str().is_empty());
        if let Some(authority) = detail("certificate-authority") {
            return Some(vouched(authority.as_str(), signer.name.as_str()));
        }
        match (detail("identity"), detail("issuer")) {
            (Some(identity), Some(issuer)) => Some(vouched(issuer.as_str(), &without_tag(identity.as_str()))),
            (None, None) => Some(signer.fingerprint.clone()),
            (Some(_), None) | (None, Some(_)) => None,
        }
    }

    /// Whether it is a good signature by a trusted key.
    #[must_use]
    pub fn is_good(&self) -> bool {
        self.faults.is_empty() && self.signer.is_some()
    }
}
