//! Signatures: which key signed which bytes, and what speaks against it. One file (or folder) a scheme, one line to
//! register it.
//!
//! A scheme reads what stands in a file of signatures, says by which hash functions the artifact is to be digested, and
//! answers with one [`Claim`] for each signature once that is done. A claim lists everything that speaks against it; by
//! which of that an artifact is refused is judged elsewhere, by rules under a policy.
//!
//! One law over all: verify, then use the very bytes that were verified. No name, time or key hint is taken from what is
//! not signed.
#![warn(clippy::wildcard_enum_match_arm)]

mod attestation;
pub mod checksums;
mod commented;
pub mod description;
pub mod dsse;
mod ed25519;
pub mod git;
mod hash;
mod minisign;
mod openpgp;
mod provenance;
mod public_key;
mod signify;
pub mod sigstore;
mod ssh;
mod statement;
mod trust;

#[cfg(test)]
mod key_cases;
#[cfg(test)]
mod published;
#[cfg(test)]
mod trial;

pub use description::Description;
pub use hash::{Function, Hashes, Hashing, Lines};
pub use trust::{Cache, Expected, Material, Trust};

pub use crate::artifact::{
    AcceptsExpired, Artifact, Claim, Fault, FaultKind, Objection, SignedTime, Signer, TimeSource, vouched,
};
use crate::text::Text;

/// Every scheme, in the order in which a file is offered to them.
pub static SCHEMES: &[&Scheme] =
    &[&minisign::SCHEME, &openpgp::SCHEME, &signify::SCHEME, &sigstore::SCHEME, &dsse::SCHEME, &ssh::SCHEME];

/// A scheme of signatures.
pub struct Scheme {
    /// Its id, as reports and policies name it.
    pub id: &'static str,
    /// What it is, in one line.
    pub summary: &'static str,
    /// Whether a file holds signatures of the scheme that stand beside what is signed. Names count for nothing.
    pub is_signature: fn(&[u8]) -> bool,
    /// Reads a file of signatures.
    #[expect(clippy::type_complexity, reason = "a scheme is written out in one place")]
    pub read: fn(&Material, &Trust) -> Result<Box<dyn Pending>, Unreadable>,
    /// Returns every key that is trusted, whether it signed or not, each as [`Claim::stable_key`] would name it.
    pub keys: fn(&Trust) -> Result<Vec<Signer>, Fault>,
    /// How it reads messages that hold what is signed, if it knows any.
    pub message: Option<MessageScheme>,
    /// Says what a file holds that is of the scheme: signatures, messages, keys, what is trusted. Nothing is judged.
    pub describe: fn(&Material) -> description::Described,
}

/// How a scheme reads messages that hold what is signed.
pub struct MessageScheme {
    /// Whether a file that begins so is such a message.
    pub is_message: fn(&[u8]) -> bool,
    /// Reads a message to its end, writes what is signed to the sink, and answers for its signatures. What was written
    /// counts for nothing until the claims are judged.
    #[expect(clippy::type_complexity, reason = "a scheme is written out in one place")]
    pub read: fn(&Text, &mut dyn std::io::BufRead, &Trust, &mut dyn std::io::Write) -> Result<Vec<Claim>, Unreadable>,
}

/// Signatures that wait for the artifact to be hashed.
pub trait Pending: Send {
    /// Returns how the artifact is to be hashed.
    fn hashings(&self) -> Vec<Hashing>;

    /// Answers for each signature, in the order in which they stand in the file. Never an empty answer: a file without
    /// signatures is unreadable.
    fn finish(self: Box<Self>, hashes: &Hashes) -> Vec<Claim>;
}

/// Why a file of signatures, or a message, says nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreadable {
    /// What is wrong, as rules judge it: [`FaultKind::Malformed`], or that the scheme is not known here.
    pub fault: Fault,
}

impl From<Fault> for Unreadable {
    fn from(fault: Fault) -> Self {
        Self { fault }
    }
}

/// Returns what a file holds, of whatever scheme it is. Nothing is judged.
#[must_use]
pub fn describe(file: &Material) -> description::Described {
    let schemes = SCHEMES.iter().find_map(|scheme| (scheme.describe)(file));
    // A list of digests may hold anything in its names, and is asked last.
    schemes.or_else(|| checksums::describe(file))
}

/// Returns the scheme whose signatures a file holds.
#[must_use]
pub fn scheme_of(bytes: &[u8]) -> Option<&'static Scheme> {
    SCHEMES.iter().copied().find(|scheme| (scheme.is_signature)(bytes))
}

/// Returns the scheme of a message that begins so.
#[must_use]
pub fn scheme_of_message(head: &[u8]) -> Option<(&'static Scheme, &'static MessageScheme)> {
    SCHEMES.iter().copied().find_map(|scheme| {
        let message = scheme.message.as_ref()?;
        (message.is_message)(head).then_some((scheme, message))
    })
}
