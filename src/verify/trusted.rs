//! What is trusted for which artifact: the policy's signers, or what the command line names.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::OnceLock;

use super::{Named, Request, TrustedFiles};
use crate::gate::GateError;
use crate::policy::PolicySigner;
use crate::signature::{Expected, Fault, Trust};
use crate::text::Text;

/// Everything that is trusted.
pub(super) struct Trusted {
    signers: Vec<(PolicySigner, Ask)>,
    of_request: Ask,
}

/// What one signer is asked.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    pub(super) trust: Trust,
    /// How many keys must have signed.
    pub(super) threshold: u32,
    /// The scheme that must be used.
    pub(super) scheme: Option<String>,
    /// The fingerprints of the keys that may sign; empty for all.
    pub(super) fingerprints: Vec<String>,
    /// The signer's name in the policy.
    pub(super) name: Option<Text>,
    /// The keys that may sign files, once somebody asked for them.
    pub(super) keyring: Keyring,
    /// The same of tags.
    pub(super) keyring_of_tags: Keyring,
}

/// Keys that may sign, listed once.
pub(super) type Keyring = OnceLock<Result<BTreeSet<String>, Fault>>;

impl Trusted {
    /// Reads all files of keys.
    pub(super) fn read(request: &Request) -> Result<Self, GateError> {
        let mut signers = Vec::new();
        for signer in &request.policy.signers {
            signers.push((signer.value.clone(), of_policy(&signer.value, request)?));
        }
        let trust = Trust {
            expected: request.expected.clone(),
            allows_legacy: request.allows_legacy,
            at: request.at,
            ..request.trusted.read()?
        };
        let of_request = Ask {
            trust,
            threshold: request.threshold,
            scheme: None,
            fingerprints: Vec::new(),
            name: None,
            keyring: Keyring::default(),
            keyring_of_tags: Keyring::default(),
        };
        Ok(Self { signers, of_request })
    }

    /// Returns everybody who may sign anything.
    pub(super) fn asks(&self) -> impl Iterator<Item = &Ask> {
        self.signers.iter().map(|(_, ask)| ask).chain([&self.of_request])
    }

    /// Returns who may sign an artifact of this name: one of them must be satisfied.
    pub(super) fn of(&self, artifact: &Path) -> Vec<&Ask> {
        let name = artifact.file_name().map_or(artifact, Path::new);
        let of_policy: Vec<&Ask> =
            self.signers.iter().filter(|(signer, _)| signer.is_for(name)).map(|(_, ask)| ask).collect();
        if of_policy.is_empty() { vec![&self.of_request] } else { of_policy }
    }
}

fn of_policy(signer: &PolicySigner, request: &Request) -> Result<Ask, GateError> {
    let named = |file: &str| Named { path: request.policy_folder.join(file), shown: Text::of(file) };
    let is_root = signer.scheme.as_deref() == Some("sigstore");
    let certificates: Vec<Named> = signer.certificates.iter().map(|file| named(&file.value)).collect();
    let (keys, trusted_roots) = if is_root { (Vec::new(), certificates) } else { (certificates, Vec::new()) };
    let files = TrustedFiles {
        keys,
        trusted_roots,
        allowed_signers: signer.stated("allowed-signers").map(named).into_iter().collect(),
        revoked: Vec::new(),
    };
    let stated = |key: &str| signer.stated(key).map(str::to_owned);
    let trust = Trust {
        expected: Expected {
            identity: stated("identity"),
            issuer: stated("issuer"),
            namespace: stated("namespace"),
            key_id: stated("key-id"),
            source: stated("source"),
            source_branch: stated("source-branch"),
            source_tag: stated("source-tag"),
            builder: stated("builder"),
            build_config: stated("build-config"),
            attestation_only: request.expected.attestation_only,
            ..Expected::default()
        },
        accepts_expired: signer.accepts_expired,
        allows_legacy: request.allows_legacy,
        at: request.at,
        ..files.read()?
    };
    Ok(Ask {
        trust,
        threshold: signer.threshold,
        scheme: signer.scheme.clone(),
        fingerprints: signer.fingerprints.clone(),
        name: Some(Text::of(&signer.name)),
        keyring: Keyring::default(),
        keyring_of_tags: Keyring::default(),
    })
}
