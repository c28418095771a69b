//! What whoever asks trusts and expects.

use jiff::Timestamp;

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
    /// Whether forms are accepted that prove less than today's: minisign's unhashed one, and Sigstore's bundles without an
    /// inclusion proof or with a log entry of the kind `intoto`.
    pub allows_legacy: bool,
    /// Whether a key that has expired by now is accepted for what it signed before, by the signature's own word.
    pub accepts_expired: bool,
    /// The time of the judgement.
    pub at: Timestamp,
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
    /// Whether an attestation is judged without an artifact at hand.
    pub attestation_only: bool,
    /// The artifact's name without its folder, where it has one.
    pub artifact_name: Option<Vec<u8>>,
}
