//! Sigstore's bundles, offline, under a given trusted root.
//!
//! The library verifies the chain of certificates, the certificate's and the signature's place in their logs, the
//! timestamps, and that the log's entry is of this signature. What it leaves to its caller is judged here: who may
//! sign, which artifact a statement is about, where it was built, and which forms are too old to prove what they say.

mod bundle;
mod certificate;
mod container;
mod judge;
mod python;
mod show;
mod verify;

use std::collections::BTreeSet;

use self::bundle::{Content, Stated};
use self::container::Found;
use self::judge::Judge;
use super::attestation::documents;
use super::public_key::{self, PublicKey};
use super::{
    Claim, Expected, Fault, FaultKind, Function, Hashes, Hashing, Material, Pending, Scheme, Signer, Trust, Unreadable,
    vouched,
};
use crate::text;
use crate::text::{Text, find};

/// Sigstore's bundles.
pub static SCHEME: Scheme = Scheme {
    id: ID,
    summary: "Sigstore bundles, offline, under a trusted root",
    is_signature,
    read,
    keys,
    message: None,
    describe: show::describe,
};

const ID: &str = "sigstore";

const MARKS: [&[u8]; 5] = [
    b"application/vnd.dev.sigstore.bundle",
    b"\"verificationMaterial\"",
    b"\"verification_material\"",
    b"\"attestation_bundles\"",
    b"\"base64Signature\"",
];

fn is_signature(bytes: &[u8]) -> bool {
    public_key::starts_object(bytes) && MARKS.iter().any(|mark| find(bytes, mark).is_some())
}

/// Returns the given keys, and whom a certificate must name: its key is new each time.
fn keys(trust: &Trust) -> Result<Vec<Signer>, Fault> {
    let mut keys: Vec<Signer> = public_key::read_all(&trust.keys)?.iter().map(PublicKey::signer).collect();
    if !trust.trusted_roots.is_empty() {
        let Expected { identity, issuer, source, builder, .. } = &trust.expected;
        let whom = match (identity, source, builder) {
            (Some(identity), _, _) => Text::of(identity),
            (None, Some(source), Some(builder)) => text!("{} of {}", builder, source),
            (None, Some(one), None) | (None, None, Some(one)) => Text::of(one),
            (None, None, None) => Text::trusted("*"),
        };
        let by = Text::of(issuer.as_deref().unwrap_or("*"));
        keys.push(Signer { fingerprint: vouched(by.as_str(), whom.as_str()), name: whom });
    }
    Ok(keys)
}

/// Reads a file of bundles, or one that holds bundles.
fn read(file: &Material, trust: &Trust) -> Result<Box<dyn Pending>, Unreadable> {
    let mut found = Vec::new();
    for json in documents(&file.bytes)? {
        found.extend(container::bundles(&json)?);
    }
    // A single bundle that cannot be read is a file that says nothing; one among others is answered for.
    if let [Found { read: Err(fault), .. }] = found.as_slice()
        && matches!(fault.kind, FaultKind::Malformed | FaultKind::Unsupported)
    {
        return Err(Unreadable { fault: fault.clone() });
    }
    let roots = verify::roots(&trust.trusted_roots)?;
    let keys = public_key::read_all(&trust.keys)?;
    let judge = Judge {
        file: file.name.clone(),
        roots,
        keys,
        expected: trust.expected.clone(),
        allows_legacy: trust.allows_legacy,
        at: trust.at,
    };
    Ok(Box::new(Bundles { found, judge }))
}

struct Bundles {
    found: Vec<Found>,
    judge: Judge,
}

impl Pending for Bundles {
    fn hashings(&self) -> Vec<Hashing> {
        if self.judge.expected.attestation_only {
            return Vec::new();
        }
        let mut functions = BTreeSet::new();
        for read in self.found.iter().filter_map(|found| found.read.as_ref().ok()) {
            match &read.content {
                Content::Artifact(_) => {
                    functions.insert(Function::Sha256);
                }
                Content::Statement(stated) => functions.extend(stated.statement.functions()),
            }
        }
        functions.into_iter().map(Hashing::plain).collect()
    }

    fn finish(self: Box<Self>, hashes: &Hashes) -> Vec<Claim> {
        let Self { found, judge } = *self;
        let published = found.iter().find_map(|found| found.stated()?.published.clone());
        let names: Vec<String> = found.iter().filter_map(Found::stated).map(Stated::only_name).collect();
        let mut claims: Vec<Claim> = found.into_iter().map(|found| judge.claim(found, hashes)).collect();
        if let Some(published) = published {
            whole_package(&published, &names, &mut claims);
        }
        claims
    }
}

/// Judges the attestations of an npm package together: what the registry says it published and where it was built are
/// about one package, and if one of them does not hold, the answer is not the registry's.
fn whole_package(published: &str, names: &[String], claims: &mut [Claim]) {
    let other = names.iter().find(|name| name.replace("%40", "@") != published);
    let mut fault = other.map(|name| {
        let name = Text::of(name).shortened(200);
        let message = text!("the registry published `{}`, an attestation is about `{}`", published, name);
        Fault::new(FaultKind::SubjectMismatch, message)
    });
    let is_broken = |fault: &&Fault| {
        let is_kind = matches!(fault.kind, FaultKind::Bad | FaultKind::Malformed | FaultKind::SubjectMismatch);
        is_kind && !fault.is_undetermined
    };
    if let Some(broken) = claims.iter().flat_map(|claim| &claim.faults).find(is_broken) {
        let message = text!("an attestation of the same package does not hold: {}", broken.message);
        fault = fault.or(Some(Fault::new(broken.kind, message)));
    }
    if let Some(fault) = fault {
        for claim in claims.iter_mut().filter(|claim| claim.faults.is_empty()) {
            claim.faults.push(fault.clone());
        }
    }
}

#[cfg(test)]
mod tests;
