//! What the policy, or the command line, demands of a signature that holds.

use semver::{Prerelease, Version};

use super::ledger::Product;
use super::trusted::Ask;
use crate::signature::{Artifact, Claim, Expected, Fault, FaultKind, Function};
use crate::text;
use crate::text::Text;

/// Lays over a signature what the policy says of its signer.
pub(super) fn allowed(mut claim: Claim, ask: &Ask) -> Claim {
    if let Some(scheme) = ask.scheme.as_deref().filter(|scheme| *scheme != claim.scheme) {
        let message = text!("`{}` is signed by {}, where the policy asks for {}", claim.file, claim.scheme, scheme);
        claim.faults.push(Fault::new(FaultKind::NotAllowedSigner, message));
    }
    if let Some(signer) = &claim.signer
        && !ask.fingerprints.is_empty()
        && !ask.fingerprints.iter().any(|known| is_fingerprint(known, signer.fingerprint.as_str()))
    {
        let message = text!(
            "`{}` is signed by {} ({}), which the policy does not name",
            claim.file,
            signer.name,
            signer.fingerprint
        );
        claim.faults.push(Fault::new(FaultKind::NotAllowedSigner, message));
    }
    if claim.signer.is_some() {
        claim.faults.extend(not_stated(&claim, &ask.trust.expected));
    }
    if let Some(least) = &ask.min_hash
        && claim.signer.is_some()
    {
        claim.faults.extend(weak_hash(&claim, least));
    }
    for past in &ask.past_exceptions {
        let is_of =
            claim.signer.as_ref().is_some_and(|signer| is_fingerprint(&past.fingerprint, signer.fingerprint.as_str()));
        for fault in claim.faults.iter_mut().filter(|fault| is_of && fault.kind == past.kind) {
            fault.help = Some(text!("the exception that the policy made of it ended on {}", past.expires.to_string()));
        }
    }
    if let Some(name) = &ask.name {
        claim.details.entry("policy-signer").or_insert_with(|| name.clone());
    }
    claim
}

/// Returns what is expected and cannot be stated beside a signature of this scheme. To pass it over would be to accept
/// what nobody said.
fn not_stated(claim: &Claim, expected: &Expected) -> Vec<Fault> {
    let is_of = |schemes: &[&str]| schemes.contains(&claim.scheme);
    let (builds, certificates) = (is_of(&["sigstore", "dsse"]), is_of(&["sigstore"]));
    let asked = [
        ("identity", expected.identity.is_some(), is_of(&["sigstore", "ssh"]), FaultKind::IdentityMismatch),
        ("issuer", expected.issuer.is_some(), certificates, FaultKind::IssuerMismatch),
        ("namespace", expected.namespace.is_some(), is_of(&["ssh"]), FaultKind::WrongType),
        ("key id", expected.key_id.is_some(), builds, FaultKind::NotAllowedSigner),
        ("source", expected.source.is_some(), builds, FaultKind::Source),
        ("source branch", expected.source_branch.is_some(), builds, FaultKind::Source),
        ("source tag", expected.source_tag.is_some(), builds, FaultKind::Source),
        ("source version", expected.source_versioned_tag.is_some(), builds, FaultKind::Source),
        ("material", !expected.materials.is_empty(), builds, FaultKind::Source),
        ("builder", expected.builder.is_some(), builds, FaultKind::Builder),
        ("build definition", expected.build_config.is_some(), builds, FaultKind::Builder),
        ("trigger", expected.trigger.is_some(), builds, FaultKind::Builder),
        ("workflow", expected.workflow.is_some(), builds, FaultKind::Builder),
        ("runner environment", expected.runner_environment.is_some(), builds, FaultKind::Builder),
        ("parameter", !expected.parameters.is_empty(), builds, FaultKind::Builder),
    ];
    let missing = asked.into_iter().filter(|(_, is_expected, can_state, _)| *is_expected && !can_state);
    missing
        .map(|(what, _, _, kind)| {
            let help = text!("ask without it, or for a signature of a scheme that states a {}", what);
            let message =
                text!("`{}` is signed by {}, which states no {}, and one is expected", claim.file, claim.scheme, what);
            Fault::new(kind, message).help(help)
        })
        .collect()
}

/// Returns what speaks against a signature that is made by a weaker hash function than the policy asks for.
fn weak_hash(claim: &Claim, least: &str) -> Option<Fault> {
    let named = claim.details.get("hash").map(Text::as_str).or(claim.digest.as_ref().map(|(name, _)| *name));
    let Some(found) = named.and_then(Function::named) else {
        let message =
            text!("`{}` does not say by which hash function it is made; the policy asks for {}", claim.file, least);
        return Some(Fault::undetermined(FaultKind::WeakHash, message));
    };
    let is_enough = Function::named(least).is_some_and(|least| found.is_strong() && found.length() >= least.length());
    (!is_enough).then(|| {
        let message =
            text!("`{}` is made with {}, where the policy asks for {} at least", claim.file, found.name(), least);
        Fault::new(FaultKind::WeakHash, message)
    })
}

/// Whether two fingerprints are the same: one in hexadecimal digits in either case, any other to the letter.
pub(super) fn is_fingerprint(known: &str, found: &str) -> bool {
    match known.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        true => known.eq_ignore_ascii_case(found),
        false => known == found,
    }
}

/// Lays over an artifact, with its signatures judged, how many must have signed it, and whether its version is one that the
/// signer may sign.
pub(super) fn demanded(artifact: Artifact, ask: &Ask) -> Artifact {
    let mut artifact = Artifact { threshold: ask.threshold, ..artifact };
    let Some(versions) = &ask.versions else { return artifact };
    let stated = Product::of(&artifact).and_then(|product| product.version);
    let fault = match stated.as_deref().map(|stated| (stated, whole_version(stated))) {
        Some((_, Some(version))) if versions.matches(&version) => return artifact,
        Some((stated, Some(_))) => {
            let message = text!("its signer may sign the versions `{}`, and it is `{}`", versions.to_string(), stated);
            Fault::new(FaultKind::NotAllowedSigner, message)
        }
        Some((_, None)) | None => {
            let message = text!(
                "its signer may sign the versions `{}`, and the name of `{}` states none",
                versions.to_string(),
                artifact.name
            );
            Fault::undetermined(FaultKind::NotAllowedSigner, message)
        }
    };
    let of_signers = artifact.claims.iter_mut().filter(|claim| claim.signer.is_some());
    of_signers.for_each(|claim| claim.faults.push(fault.clone()));
    artifact
}

/// Reads the version in a name: parts may be left out, and whatever stands behind the numbers makes it a candidate, which
/// is in a range only where the range names one.
fn whole_version(text: &str) -> Option<Version> {
    let end = text.find(|character: char| character != '.' && !character.is_ascii_digit()).unwrap_or(text.len());
    let (numbers, behind) = text.split_at(end);
    let mut parts = numbers.split('.').filter(|part| !part.is_empty()).map(str::parse::<u64>);
    let first = parts.next()?.ok()?;
    let mut next = || parts.next().transpose().ok().map(Option::unwrap_or_default);
    let mut version = Version::new(first, next()?, next()?);
    let candidate = behind.trim_start_matches(['-', '_', '~', '+', '.']);
    if !candidate.is_empty() {
        version.pre = Prerelease::new(&candidate.replace(['_', '~', '+'], "-")).ok()?;
    }
    Some(version)
}
