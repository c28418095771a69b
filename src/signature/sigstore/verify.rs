//! The verification itself: the library's, under each trusted root, and its answers in our words.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sigstore_verify::bundle::Error as BundleError;
use sigstore_verify::trust_root::TrustedRoot;
use sigstore_verify::types::{ArtifactDigest, Bundle, DerPublicKey};
use sigstore_verify::{
    CertificateError, Error, PublicKeyVerificationPolicy, TimestampError, TransparencyLogError, VerificationPolicy,
    VerificationResult, Verifier,
};

use crate::signature::attestation::{documents, malformed};
use crate::signature::public_key::{self, PublicKey};
use crate::signature::{Fault, FaultKind, Material, Signer};
use crate::text;
use crate::text::Text;

/// A trusted root, ready to verify.
pub(super) struct Root {
    verifier: Verifier,
    trusted: TrustedRoot,
}

/// Reads trusted roots, one or several a file.
///
/// # Errors
/// A fault where a file holds none, or one that cannot be used.
pub(super) fn roots(materials: &[Material]) -> Result<Vec<Root>, Fault> {
    let mut out = Vec::new();
    for material in materials {
        let refused = |why: &Text| malformed(text!("the trusted root {}: {}", material.name, why));
        for json in documents(&material.bytes).map_err(|fault| refused(&fault.message))? {
            let trusted = TrustedRoot::from_json(json.text).map_err(|error| refused(&detail(&error)))?;
            let verifier = Verifier::new(&trusted).map_err(|error| refused(&detail(&error)))?;
            out.push(Root { verifier, trusted });
        }
    }
    Ok(out)
}

/// Verifies a bundle signed by the key of a certificate.
///
/// # Errors
/// What speaks against it under the root that knows most of it.
pub(super) fn by_certificate(
    bundle: &Bundle,
    digest: &ArtifactDigest,
    roots: &[Root],
) -> Result<VerificationResult, Fault> {
    // Who may sign is judged here and not by the library, which knows neither patterns nor other names.
    let policy = VerificationPolicy::any_identity();
    under_any(roots, |root| {
        let result = root.verifier.verify(digest.clone(), bundle, &policy);
        let result = result.map_err(|error| fault(&error, bundle, root))?;
        let is_whole = result.certificate_verified() && result.sct_verified() && result.tlog_verified();
        if is_whole { Ok(result) } else { Err(bad(Text::trusted("not every part of the bundle was verified"))) }
    })
}

/// Verifies a bundle signed by a key of which it holds no more than a hint.
///
/// # Errors
/// What speaks against it under the root and key that know most of it.
pub(super) fn by_key(
    bundle: &Bundle,
    hint: &str,
    digest: &ArtifactDigest,
    roots: &[Root],
    keys: &[PublicKey],
) -> Result<(VerificationResult, Signer), (Fault, Option<Signer>)> {
    let answer = under_any(roots, |root| {
        let mut worst: Option<Fault> = None;
        for key in keys {
            let policy = PublicKeyVerificationPolicy::new(DerPublicKey::new(key.spki.clone()));
            match root.verifier.verify(digest.clone(), bundle, &policy) {
                Ok(result) => return Ok((result, key.signer())),
                // By another key, or by one that the library cannot compute with.
                Err(Error::SignatureInvalid(_) | Error::Crypto(_)) => {}
                Err(error) => worst = worst.or(Some(fault(&error, bundle, root))),
            }
        }
        let unknown = || Fault::new(FaultKind::UnknownSigner, Text::trusted("none of the given keys signed this"));
        Err(worst.unwrap_or_else(unknown))
    });
    answer.map_err(|fault| {
        let hinted = keys.iter().find(|key| key.is_hinted_by(hint)).map(PublicKey::signer);
        match (fault.kind, hinted) {
            (FaultKind::UnknownSigner, _) if roots.is_empty() => (fault, None),
            (FaultKind::UnknownSigner, Some(signer)) => {
                let message = text!("the signature is not by the key {} it names", signer.name);
                (bad(message), Some(signer))
            }
            (FaultKind::UnknownSigner, None) => (stranger(bundle, hint, digest, roots, keys), None),
            _ => (fault, None),
        }
    })
}

/// Says what is to be said of a signature by a key that nobody gave. The transparency log names the key: that makes
/// nobody a signer, but a signature that is not even by that key is damage or forgery.
fn stranger(bundle: &Bundle, hint: &str, digest: &ArtifactDigest, roots: &[Root], keys: &[PublicKey]) -> Fault {
    if let Some(key) = logged_key(bundle) {
        let policy = PublicKeyVerificationPolicy::new(DerPublicKey::new(key));
        let consistent = under_any(roots, |root| {
            root.verifier.verify(digest.clone(), bundle, &policy).map_err(|error| fault(&error, bundle, root))
        });
        if let Err(fault) = consistent
            && !fault.is_undetermined
        {
            return fault;
        }
    }
    if !keys.is_empty() {
        return Fault::new(FaultKind::UnknownSigner, Text::trusted("none of the given keys signed this"));
    }
    let message = text!("signed by a key of which the bundle holds only a hint, `{}`", Text::of(hint).shortened(200));
    Fault::undetermined(FaultKind::UnknownSigner, message)
        .help(Text::trusted("give the signer's public key with --key"))
}

/// Returns the key that the log's entry names.
fn logged_key(bundle: &Bundle) -> Option<Vec<u8>> {
    let entry = bundle.verification_material.tlog_entries.first()?;
    let body: serde_json::Value = serde_json::from_slice(entry.canonicalized_body.as_bytes()).ok()?;
    let places = [
        "/spec/signature/publicKey/content",
        "/spec/signatures/0/verifier",
        "/spec/content/envelope/signatures/0/publicKey",
    ];
    let pem = places.iter().find_map(|place| STANDARD.decode(body.pointer(place)?.as_str()?).ok())?;
    let file = Material { name: Text::trusted("the log's entry"), bytes: pem };
    public_key::read(&file).ok()?.into_iter().next().map(|key| key.spki)
}

fn under_any<T>(roots: &[Root], verify: impl Fn(&Root) -> Result<T, Fault>) -> Result<T, Fault> {
    let mut best: Option<Fault> = None;
    for root in roots {
        match verify(root) {
            Ok(result) => return Ok(result),
            // A root that does not know the signer says less than one that knows the signature to be wrong.
            Err(fault) => match &best {
                Some(before) if !before.is_undetermined || fault.is_undetermined => {}
                _ => best = Some(fault),
            },
        }
    }
    let none = || {
        let message = Text::trusted("no trusted root says whose signatures and logs are to be believed");
        Fault::undetermined(FaultKind::UnknownSigner, message).help(Text::trusted(
            "give Sigstore's trusted root (`trusted_root.json` of its TUF repository) with --trusted-root",
        ))
    };
    Err(best.unwrap_or_else(none))
}

/// Says what the library found in our words.
fn fault(error: &Error, bundle: &Bundle, root: &Root) -> Fault {
    let why = detail(error);
    match error {
        Error::SignatureInvalid(_) => bad(Text::trusted("the signature does not hold")),
        Error::ArtifactMismatch(_) => bad(Text::trusted("the signature is over other contents")),
        Error::UnsupportedArtifact(_) | Error::Crypto(_) | Error::ArtifactRead(_) => {
            let message = text!("the key's kind of signature cannot be verified by a digest: {}", why);
            Fault::undetermined(FaultKind::Unsupported, message)
        }
        Error::Certificate(error) => certificate(error, &why),
        Error::TransparencyLog(error) => log(error, &why, bundle, root),
        Error::Timestamp(error) => timestamp(error, &why, root),
        Error::Bundle(
            BundleError::MissingInclusionPromise(_)
            | BundleError::MissingInclusionProof(_)
            | BundleError::MissingSigningTimeEvidence
            | BundleError::MissingTimestamp
            | BundleError::MissingCheckpoint
            | BundleError::LogIndexOutOfRange { .. }
            | BundleError::CheckpointRootMismatch,
        ) => proof(&why),
        Error::UnsupportedBundle(_) => Fault::new(FaultKind::Unsupported, text!("the bundle: {}", why)),
        Error::InvalidTrustRoot(_) | Error::TrustRoot(_) | Error::TrustedCertificate(_) => {
            newer(Fault::undetermined(FaultKind::UnknownSigner, text!("the trusted root cannot be used: {}", why)))
        }
        Error::IdentityMismatch { .. } | Error::IssuerMismatch { .. } => Fault::new(FaultKind::IdentityMismatch, why),
        Error::InvalidBundle(_) | Error::Types(_) | Error::Bundle(_) => malformed(text!("the bundle: {}", why)),
        _ => bad(why),
    }
}

fn certificate(error: &CertificateError, why: &Text) -> Fault {
    match error {
        CertificateError::Malformed(_) => malformed(why.clone()),
        CertificateError::ChainInvalid(chain) if chain.contains("UnknownIssuer") => {
            let message = Text::trusted("the trusted root does not know the authority that issued the certificate");
            newer(Fault::undetermined(FaultKind::UnknownSigner, message))
        }
        CertificateError::NoValidAuthority { time } => {
            let message = text!("no certificate authority of the trusted root was in force at {}", time.to_string());
            newer(Fault::new(FaultKind::UnknownSigner, message))
        }
        CertificateError::NotYetValid { .. } | CertificateError::Expired { .. } => {
            Fault::new(FaultKind::Expired, text!("the certificate was not valid when this was signed: {}", why))
        }
        CertificateError::ChainInvalid(chain) if chain.contains("Expired") || chain.contains("NotValidYet") => {
            Fault::new(FaultKind::Expired, text!("the certificate was not valid when this was signed: {}", why))
        }
        CertificateError::ChainInvalid(_) => bad(text!("the certificate does not hold: {}", why)),
        CertificateError::Sct(sct) if sct.contains("key not found") => {
            let message = Text::trusted("the trusted root does not know the certificate transparency log");
            newer(Fault::undetermined(FaultKind::LogProof, message))
        }
        CertificateError::Sct(_) => {
            Fault::new(FaultKind::LogProof, text!("the certificate is not proved to be logged: {}", why))
        }
        _ => bad(why.clone()),
    }
}

fn log(error: &TransparencyLogError, why: &Text, bundle: &Bundle, root: &Root) -> Fault {
    let entries = &bundle.verification_material.tlog_entries;
    let is_known =
        entries.iter().all(|entry| root.trusted.tlogs.iter().any(|log| log.log_id.key_id == entry.log_id.key_id));
    match error {
        TransparencyLogError::UnknownLog { .. } | TransparencyLogError::InclusionPromise(_) if !is_known => {
            let message = Text::trusted("the trusted root does not know the transparency log");
            newer(Fault::undetermined(FaultKind::LogProof, message))
        }
        TransparencyLogError::Checkpoint(found) if found.contains("No matching") => {
            let message = Text::trusted("no log that the trusted root knows signed the checkpoint");
            newer(Fault { is_undetermined: !is_known, ..Fault::new(FaultKind::LogProof, message) })
        }
        TransparencyLogError::EntryMismatch(_) => {
            let message = text!("the transparency log's entry is of another signature: {}", why);
            Fault::new(FaultKind::LogProof, message)
        }
        TransparencyLogError::UnknownLog { .. }
        | TransparencyLogError::InclusionPromise(_)
        | TransparencyLogError::InclusionProof(_)
        | TransparencyLogError::Checkpoint(_)
        | TransparencyLogError::IntegratedTime(_)
        | TransparencyLogError::MalformedEntry(_) => proof(why),
        _ => proof(why),
    }
}

fn timestamp(error: &TimestampError, why: &Text, root: &Root) -> Fault {
    let is_unknown = root.trusted.timestamp_authorities.is_empty();
    match error {
        TimestampError::Invalid(found) if is_unknown || found.contains("does not match any trusted") => {
            let message = Text::trusted("the trusted root does not know the authority of the bundle's timestamp");
            newer(Fault::undetermined(FaultKind::LogProof, message))
        }
        TimestampError::Invalid(_)
        | TimestampError::OutsideAuthorityValidity { .. }
        | TimestampError::NoVerifiedTimestamp(_) => {
            Fault::new(FaultKind::LogProof, text!("nothing proves when this was signed: {}", why))
        }
        _ => Fault::new(FaultKind::LogProof, text!("nothing proves when this was signed: {}", why)),
    }
}

fn proof(why: &Text) -> Fault {
    Fault::new(FaultKind::LogProof, text!("the transparency log does not prove the signature: {}", why))
}

fn bad(message: Text) -> Fault {
    Fault::new(FaultKind::Bad, message)
}

/// Keys of logs and authorities change; a root cannot know those that came after it.
fn newer(fault: Fault) -> Fault {
    fault.help(Text::trusted("a newer trusted root may know it; one of another Sigstore never will"))
}

fn detail(error: &dyn std::error::Error) -> Text {
    Text::of(&error.to_string()).shortened(300)
}
