//! What is trusted for which artifact: the policy's signers, or what the command line names.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;
use std::sync::OnceLock;

use semver::VersionReq;

use super::Request;
use crate::gate::GateError;
use crate::policy::{NotRead, PolicyError, PolicySigner, SignerException, Sourced, read_unlinked};
use crate::signature::{Cache, Expected, Fault, Material, Trust};
use crate::text;
use crate::text::Text;
use crate::tree::{EntryKind, ReadFault, Tree, TreePath, limits};

/// Everything that is trusted.
pub(super) struct Trusted {
    signers: Vec<(PolicySigner, Ask)>,
    of_request: Ask,
}

/// What one signer is asked.
#[derive(Clone, Debug)]
pub(super) struct Ask {
    /// Which of all that can be asked it is.
    pub(super) number: usize,
    pub(super) trust: Trust,
    /// How many keys must have signed.
    pub(super) threshold: u32,
    /// The scheme that must be used.
    pub(super) scheme: Option<String>,
    /// The fingerprints of the keys that may sign; empty for all.
    pub(super) fingerprints: Vec<String>,
    /// The signer's name in the policy.
    pub(super) name: Option<Text>,
    /// The weakest hash function that is accepted.
    pub(super) min_hash: Option<String>,
    /// The versions that may be signed.
    pub(super) versions: Option<VersionReq>,
    /// The exceptions that do not hold any more.
    pub(super) past_exceptions: Vec<SignerException>,
    /// Where the command line asks for something else than the policy.
    conflict: Option<Conflict>,
    /// The keys that may sign files, once somebody asked for them.
    pub(super) keyring: Keyring,
    /// The same of tags.
    pub(super) keyring_of_tags: Keyring,
}

/// Where the command line asks for something else than the policy.
#[derive(Clone, Debug)]
struct Conflict {
    option: &'static str,
    stated: Text,
    asked: Text,
}

/// Where the files are read that a policy names.
pub struct PolicyFolder {
    /// The tree in which the policy stands.
    pub tree: Box<dyn Tree>,
    /// The policy's folder in it.
    pub folder: TreePath,
}

impl PolicyFolder {
    /// Reads a file below the folder, `None` where there is none, else what stands there instead of one that can be
    /// read. No link leads to it: a link of a pull request could lead to a file of the machine.
    pub(super) fn file(&self, name: &str, max_bytes: u64) -> Result<Option<Vec<u8>>, NotRead> {
        let path = self.folder.join(name.as_bytes()).filter(|_| !name.starts_with('/'));
        let path = path.ok_or_else(|| Text::trusted("a path that leads out of the policy's tree"))?;
        // A folder that is a link leads elsewhere, and there the file might well be absent.
        for above in path.ancestors().filter(|above| !above.is_root() && *above != path) {
            match self.tree.entry(&above).map_err(|error| NotRead::from(error.fault()))?.map(|entry| entry.kind) {
                Some(EntryKind::Link(target)) => {
                    return Err(text!("a link to `{}` above it, which is not followed", *target).into());
                }
                Some(EntryKind::Folder) => {}
                Some(EntryKind::File | EntryKind::Submodule(_) | EntryKind::Other(_)) | None => return Ok(None),
            }
        }
        read_unlinked(self.tree.as_ref(), &path, max_bytes)
    }

    /// Reads a file that a policy names.
    fn read(&self, file: &Sourced<String>) -> Result<Material, PolicyError> {
        let found = match self.file(&file.value, limits::MAX_FILE_BYTES) {
            Ok(Some(bytes)) => return Ok(Material { name: Text::of(file.value.as_str()), bytes }),
            Ok(None) => ReadFault::Absent.into(),
            Err(not_read) => not_read,
        };
        Err(PolicyError {
            file: file.origin.file.clone(),
            position: file.origin.position,
            message: text!("expected a readable file at `{}`, found {}", file.value, found.found),
            hint: found.hint.map(Text::trusted),
        })
    }

    fn read_all(&self, files: &[Sourced<String>]) -> Result<Vec<Material>, PolicyError> {
        files.iter().map(|file| self.read(file)).collect()
    }
}

/// Keys that may sign, listed once.
pub(super) type Keyring = OnceLock<Result<BTreeSet<String>, Fault>>;

impl Trusted {
    /// Reads all files of keys.
    pub(super) fn read(request: &Request) -> Result<Self, GateError> {
        let of_request = request.trusted.read()?;
        let mut signers = Vec::new();
        for (number, signer) in request.policy.signers.iter().enumerate() {
            signers.push((signer.value.clone(), of_policy(number, &signer.value, request, &of_request.revoked)?));
        }
        let trust = Trust {
            expected: request.expected.clone(),
            allows_legacy: request.allows_legacy,
            at: request.at,
            ..of_request
        };
        let of_request = Ask {
            number: signers.len(),
            trust,
            threshold: request.threshold,
            scheme: None,
            fingerprints: Vec::new(),
            name: None,
            min_hash: None,
            versions: None,
            past_exceptions: Vec::new(),
            conflict: None,
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
    ///
    /// # Errors
    /// When the command line asks for something else than the policy.
    pub(super) fn of(&self, artifact: &Path) -> Result<Vec<&Ask>, GateError> {
        let of_policy: Vec<&Ask> = self.signers_of(artifact).map(|(_, ask)| ask).collect();
        let conflict = of_policy.iter().find_map(|ask| Some((ask.name.clone()?, ask.conflict.clone()?)));
        match conflict {
            Some((signer, Conflict { option, stated, asked })) => {
                Err(GateError::Signer { signer, option, stated, asked })
            }
            None if of_policy.is_empty() => Ok(vec![&self.of_request]),
            None => Ok(of_policy),
        }
    }

    /// Whether the policy says who may sign an artifact of this name.
    pub(super) fn is_of_policy(&self, artifact: &Path) -> bool {
        self.signers_of(artifact).next().is_some()
    }

    fn signers_of(&self, artifact: &Path) -> impl Iterator<Item = &(PolicySigner, Ask)> {
        let name = artifact.file_name().map_or(artifact.as_os_str().as_bytes(), OsStrExt::as_bytes).to_vec();
        self.signers.iter().filter(move |(signer, _)| signer.is_for(Path::new(std::ffi::OsStr::from_bytes(&name))))
    }
}

fn of_policy(number: usize, signer: &PolicySigner, request: &Request, revoked: &[Material]) -> Result<Ask, GateError> {
    let folder = &request.policy_folder;
    // Who is asked may know of more keys that are revoked than the policy does, and may ask for more to be stated.
    let mut all_revoked = folder.read_all(&signer.revoked)?;
    all_revoked.extend_from_slice(revoked);
    let asked = &request.expected;
    let mut conflict = None;
    let mut stated = |option: &'static str, asked: Option<&String>| {
        let Some(stated) = signer.stated(option) else { return asked.cloned() };
        if let Some(asked) = asked.filter(|asked| *asked != stated) {
            conflict = Some(Conflict { option, stated: Text::of(stated), asked: Text::of(asked) });
        }
        Some(stated.to_owned())
    };
    let (past_exceptions, exceptions): (Vec<_>, Vec<_>) = signer
        .exceptions
        .iter()
        .map(|exception| exception.value.clone())
        .partition(|exception| !exception.holds(request.today));
    let trust = Trust {
        keys: folder.read_all(&signer.certificates)?,
        allowed_signers: folder.read_all(&signer.allowed_signers)?,
        revoked: all_revoked,
        trusted_roots: folder.read_all(&signer.trusted_roots)?,
        expected: Expected {
            identity: stated("identity", asked.identity.as_ref()),
            issuer: stated("issuer", asked.issuer.as_ref()),
            namespace: stated("namespace", asked.namespace.as_ref()),
            key_id: stated("key-id", asked.key_id.as_ref()),
            source: stated("source", asked.source.as_ref()),
            source_branch: stated("source-branch", asked.source_branch.as_ref()),
            source_tag: stated("source-tag", asked.source_tag.as_ref()),
            source_versioned_tag: stated("source-versioned-tag", asked.source_versioned_tag.as_ref()),
            builder: stated("builder", asked.builder.as_ref()),
            build_config: stated("build-config", asked.build_config.as_ref()),
            trigger: stated("trigger", None),
            workflow: stated("workflow", None),
            runner_environment: stated("runner-environment", None),
            parameters: signer.parameters.clone(),
            materials: signer.materials.clone(),
            attestation_only: asked.attestation_only,
            any_identity: false,
            artifact_name: None,
        },
        exceptions: exceptions.into_iter().map(|exception| (exception.fingerprint, exception.kind)).collect(),
        accepts_expired: signer.accepts_expired,
        known_time: None,
        allows_legacy: signer.allows_legacy,
        at: request.at,
        cache: Cache::default(),
    };
    Ok(Ask {
        number,
        trust,
        threshold: signer.threshold.max(request.threshold),
        scheme: signer.scheme.clone(),
        fingerprints: signer.fingerprints.clone(),
        name: Some(Text::of(&signer.name)),
        min_hash: signer.min_hash.clone(),
        versions: signer.versions.clone(),
        past_exceptions,
        conflict,
        keyring: Keyring::default(),
        keyring_of_tags: Keyring::default(),
    })
}
