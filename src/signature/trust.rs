//! What whoever asks trusts and expects.

use std::any::Any;
use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use jiff::Timestamp;

use crate::artifact::{AcceptsExpired, FaultKind, SignedTime};
use crate::text::Text;

/// A file that was read whole, within a bound: keys, lists of signers, signatures.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Material {
    /// Its name, as it was given.
    pub name: Text,
    /// What stands in it.
    pub bytes: Vec<u8>,
}

/// What is trusted and expected, for every scheme alike. Each takes from it what it knows.
#[derive(Clone, Debug, Default)]
pub struct Trust {
    /// Keys and certificates that may sign: OpenPGP, minisign, signify, SSH, PEM.
    pub keys: Vec<Material>,
    /// Lists of SSH signers, as `ssh-keygen -Y verify -f` reads them.
    pub allowed_signers: Vec<Material>,
    /// Revoked SSH keys: a list or a KRL.
    pub revoked: Vec<Material>,
    /// Trusted roots of Sigstore.
    pub trusted_roots: Vec<Material>,
    /// What must be stated beside the signature.
    pub expected: Expected,
    /// What is accepted of some keys of OpenPGP although it is weak, by the whole fingerprint of the certificate.
    pub exceptions: Vec<(String, FaultKind)>,
    /// Whether forms are accepted that prove less than today's: minisign's unhashed one, and Sigstore's bundles without an
    /// inclusion proof or with a log entry of the kind `intoto`.
    pub allows_legacy: bool,
    /// Whether a key that has expired by now is accepted for what it signed before.
    pub accepts_expired: AcceptsExpired,
    /// When a signature is known to have been made, by somebody else's word than the signer's.
    pub known_time: Option<SignedTime>,
    /// The time of the judgement.
    pub at: Timestamp,
    /// What was read of the keys for other artifacts.
    pub cache: Cache,
}

/// Certificates that were read out of trusted keys and serve again for the next artifact, by their bytes. It changes no
/// answer.
#[derive(Clone, Default)]
pub struct Cache(Arc<Mutex<HashMap<Vec<u8>, Read>>>);

/// What was read.
type Read = Arc<dyn Any + Send + Sync>;

/// How many certificates are kept.
const MOST_KEPT: usize = 1_000;

impl Cache {
    /// Returns what was read of these bytes before, or reads it.
    ///
    /// # Errors
    /// What comes of the reading.
    pub(super) fn read<T: Send + Sync + 'static, E>(
        &self,
        bytes: Vec<u8>,
        read: impl FnOnce() -> Result<T, E>,
    ) -> Result<Arc<T>, E> {
        let kept = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let known = kept().get(&bytes).cloned();
        if let Some(known) = known.and_then(|known| known.downcast::<T>().ok()) {
            return Ok(known);
        }
        let read = Arc::new(read()?);
        let mut kept = kept();
        if kept.len() < MOST_KEPT {
            kept.insert(bytes, Arc::<T>::clone(&read));
        }
        Ok(read)
    }
}

impl fmt::Debug for Cache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Cache")
    }
}

/// What must be stated beside the signature.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expected {
    /// Who: the principal of an SSH signature, or the identity in a certificate, in which `*` stands for any
    /// characters.
    pub identity: Option<String>,
    /// Who vouches for the identity, exactly.
    pub issuer: Option<String>,
    /// Whether any identity will do.
    pub any_identity: bool,
    /// The namespace of an SSH signature.
    pub namespace: Option<String>,
    /// The id of the key of a DSSE envelope or a VSA.
    pub key_id: Option<String>,
    /// The source repository.
    pub source: Option<String>,
    /// The branch built from.
    pub source_branch: Option<String>,
    /// The tag built from.
    pub source_tag: Option<String>,
    /// The version of the tag built from, of which parts may be left out.
    pub source_versioned_tag: Option<String>,
    /// The builder.
    pub builder: Option<String>,
    /// The path of the build's definition.
    pub build_config: Option<String>,
    /// What started the build.
    pub trigger: Option<String>,
    /// The name of the workflow that was built by.
    pub workflow: Option<String>,
    /// On what kind of machine was built.
    pub runner_environment: Option<String>,
    /// What the build was told, by the name of the parameter.
    pub parameters: Vec<(String, String)>,
    /// Patterns of what the build used: each must match something.
    pub materials: Vec<String>,
    /// Whether an attestation is judged without an artifact at hand.
    pub attestation_only: bool,
    /// The artifact's name without its folder, where it has one.
    pub artifact_name: Option<Vec<u8>>,
}
