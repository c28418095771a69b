//! Artifacts judged by their signatures: what is asked, the files that belong to each artifact, and the report.
#![warn(clippy::wildcard_enum_match_arm)]

mod beside;
mod judge;
mod list;
mod object;
mod trusted;
mod watch;

use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use jiff::Timestamp;
use jiff::civil::Date;

pub use beside::is_signature_name;
pub use watch::{Reached, Watch};

use crate::component::KnownSources;
use crate::evidence::Evidence;
use crate::finding::{Finding, Level, State, Verdict};
use crate::gate::{ArtifactLine, GateError, Levels, PolicySummary, Report, SignerLine, Summary};
use crate::policy::Policy;
use crate::rule::{self, Context};
use crate::signature::{Artifact, Expected, Function, Material, Trust};
use crate::text;
use crate::text::Text;
use crate::tree::{GitEnvironment, Input, NamedFile, Repository, Stands, files_below, stands_at};

/// What is asked.
#[derive(Debug)]
pub struct Request {
    /// What is judged.
    pub artifacts: Vec<Asked>,
    /// The signatures, instead of those beside the artifacts.
    pub signatures: Vec<Named>,
    /// A list of digests in which the artifacts must stand; the signatures then are the list's.
    pub checksums: Option<Named>,
    /// The repository of the tags and commits that are asked for.
    pub repository: Option<(Named, GitEnvironment)>,
    /// What is trusted where no signer of the policy is for an artifact.
    pub trusted: TrustedFiles,
    /// What must be stated beside a signature, where no signer of the policy is for an artifact.
    pub expected: Expected,
    /// Whether minisign's unhashed form is accepted.
    pub allows_legacy: bool,
    /// How many signers must have signed, where no signer of the policy is for an artifact.
    pub threshold: u32,
    /// The policy that judges.
    pub policy: Policy,
    /// The folder from which the policy's own files are read.
    pub policy_folder: PathBuf,
    /// The time of the judgement.
    pub at: Timestamp,
    /// The day of the judgement.
    pub today: Date,
    /// The time the report states, where the user gave one.
    pub stated_at: Option<Text>,
    /// Where others may see how far the reading of large artifacts has come.
    pub watch: Arc<Watch>,
}

/// Something that is judged.
#[derive(Clone, Debug)]
pub enum Asked {
    /// A file, or every file of a folder.
    Path(Named),
    /// Whatever has this digest.
    Digest(Function, Vec<u8>),
    /// What an attestation says, without an artifact at hand.
    Nothing,
    /// A tag of the repository, by its name or id.
    Tag(String),
    /// The commits that a revision or a range of revisions names.
    Commits(String),
}

/// A file as the command line names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Named {
    /// Where it is.
    pub path: PathBuf,
    /// How it was named.
    pub shown: Text,
}

/// Files of what is trusted.
#[derive(Clone, Debug, Default)]
pub struct TrustedFiles {
    /// Keys and certificates.
    pub keys: Vec<Named>,
    /// Lists of SSH signers.
    pub allowed_signers: Vec<Named>,
    /// Revoked SSH keys.
    pub revoked: Vec<Named>,
    /// Trusted roots of Sigstore.
    pub trusted_roots: Vec<Named>,
}

/// The largest file of keys or signatures that is read.
const MAX_MATERIAL_BYTES: u64 = 64 << 20;

impl Named {
    /// Reads it whole.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn read(&self) -> Result<Material, GateError> {
        let bytes = NamedFile::open(&self.path).and_then(|file| file.read(MAX_MATERIAL_BYTES));
        match bytes {
            Ok(bytes) => Ok(Material { name: self.shown.clone(), bytes }),
            Err(fault) => Err(GateError::File { file: self.shown.clone(), found: Text::of(&fault) }),
        }
    }
}

impl TrustedFiles {
    /// Reads them all.
    fn read(&self) -> Result<Trust, GateError> {
        let all = |files: &[Named]| files.iter().map(Named::read).collect::<Result<Vec<_>, _>>();
        Ok(Trust {
            keys: all(&self.keys)?,
            allowed_signers: all(&self.allowed_signers)?,
            revoked: all(&self.revoked)?,
            trusted_roots: all(&self.trusted_roots)?,
            ..Trust::default()
        })
    }
}

/// Judges artifacts.
///
/// # Errors
/// When what the command line names cannot be read.
pub fn run(request: &Request) -> Result<Report, GateError> {
    let trusted = trusted::Trusted::read(request)?;
    let signatures = request.signatures.iter().map(Named::read).collect::<Result<Vec<_>, _>>()?;
    let list = match &request.checksums {
        Some(named) => Some(list::SignedList::read(named, &signatures)?),
        None => None,
    };
    let sources = judge::Sources { signatures, list, lists: list::Lists::default(), trusted, watch: &request.watch };
    let asked = expanded(&request.artifacts)?;
    let mut artifacts = all(&asked, |one| judge::artifact(one, &sources))?;
    artifacts.extend(objects(request, &sources.trusted)?);
    if artifacts.is_empty() {
        return Err(GateError::NothingJudged);
    }
    Ok(report(request, &artifacts))
}

/// Judges the tags and commits that are asked for.
fn objects(request: &Request, trusted: &trusted::Trusted) -> Result<Vec<Artifact>, GateError> {
    let mut artifacts = Vec::new();
    let Some((folder, environment)) = &request.repository else { return Ok(artifacts) };
    let repository = Repository::open(&folder.path, folder.shown.clone(), environment)?;
    for asked in &request.artifacts {
        match asked {
            Asked::Tag(name) => artifacts.push(object::tag(&repository, name, trusted)?),
            Asked::Commits(revisions) => artifacts.extend(object::commits(&repository, revisions, trusted)?),
            Asked::Path(_) | Asked::Digest(..) | Asked::Nothing => {}
        }
    }
    Ok(artifacts)
}

/// Returns every file of the folders that are asked for, but those that are signatures of others.
fn expanded(asked: &[Asked]) -> Result<Vec<Asked>, GateError> {
    let mut found = Vec::new();
    for one in asked {
        let named = match one {
            Asked::Path(named) => named,
            Asked::Tag(_) | Asked::Commits(_) => continue,
            Asked::Digest(..) | Asked::Nothing => {
                found.push(one.clone());
                continue;
            }
        };
        if stands_at(&named.path) != Stands::Folder {
            found.push(one.clone());
            continue;
        }
        let files = files_below(&named.path).map_err(|(path, fault)| GateError::File {
            file: Text::of(path.as_os_str().as_bytes()),
            found: Text::of(&fault),
        })?;
        let names: std::collections::BTreeSet<&PathBuf> = files.iter().map(|file| &file.path).collect();
        let of_others = |path: &PathBuf| beside::signed_by(path).is_some_and(|signed| names.contains(&signed));
        let before = found.len();
        found.extend(files.iter().filter(|file| !of_others(&file.path)).map(|file| {
            let below = file.path.strip_prefix(&named.path).unwrap_or(&file.path);
            let shown =
                text!("{}/{}", named.shown.as_str().trim_end_matches('/'), Text::of(below.as_os_str().as_bytes()));
            Asked::Path(Named { path: file.path.clone(), shown })
        }));
        if found.len() == before {
            return Err(GateError::EmptyTree { tree: named.shown.clone() });
        }
    }
    Ok(found)
}

/// Asks the same of everything, on several threads. The answers stand in the order of what was asked.
fn all<T: Sync, R: Send>(asked: &[T], one: impl Fn(&T) -> Result<R, GateError> + Sync) -> Result<Vec<R>, GateError> {
    let threads = std::thread::available_parallelism().map_or(1, usize::from).min(asked.len());
    let next = AtomicUsize::new(0);
    let work = || {
        let mut mine = Vec::new();
        loop {
            let at = next.fetch_add(1, Ordering::Relaxed);
            let Some(item) = asked.get(at) else { return mine };
            mine.push((at, one(item)));
        }
    };
    let mut done = std::thread::scope(|scope| {
        let others: Vec<_> = (1..threads).map(|_| scope.spawn(work)).collect();
        let mut done = work();
        for other in others {
            match other.join() {
                Ok(theirs) => done.extend(theirs),
                Err(panic) => std::panic::resume_unwind(panic),
            }
        }
        done
    });
    done.sort_by_key(|(at, _)| *at);
    done.into_iter().map(|(_, answer)| answer).collect()
}

/// Asks the rules, and puts the report together.
fn report(request: &Request, artifacts: &[Artifact]) -> Report {
    let policy = &request.policy;
    let (nothing, known) = (Evidence::default(), KnownSources::of(&[]));
    let context = Context {
        now: &nothing,
        before: None,
        changes: &[],
        known: &known,
        policy,
        policies: None,
        artifacts,
        today: request.today,
    };
    let mut outcome = rule::judge(&context, rule::Judge::is_of_artifacts);
    excuse(&mut outcome.findings, policy, request.today);
    outcome.findings.sort_by_cached_key(Finding::order);
    let summary = summary(&outcome.findings, outcome.passes, artifacts.len());
    Report {
        verdict: Verdict::over(&outcome.findings, true),
        policy: PolicySummary { name: policy.name.clone(), digest: Text::of(&policy.digest), origin: policy.origin },
        inputs: artifacts.iter().map(input).collect(),
        at: request.stated_at.clone(),
        summary,
        artifacts: Some(artifacts.iter().map(|artifact| line(artifact, &outcome.findings)).collect()),
        findings: outcome.findings,
        changes: None,
        notes: Vec::new(),
        excerpts: std::collections::BTreeMap::new(),
        counts_old: true,
    }
}

fn excuse(findings: &mut [Finding], policy: &Policy, today: Date) {
    for waiver in policy.waivers.iter().map(|waiver| &waiver.value).filter(|waiver| waiver.holds(today)) {
        let open = |finding: &&mut Finding| matches!(finding.state, State::Fail | State::NotDetermined);
        for finding in findings.iter_mut().filter(open).filter(|finding| waiver.is_for(finding)) {
            finding.state = State::Waived;
            finding.waiver = Some(crate::finding::WaiverNote::of(waiver));
        }
    }
}

fn summary(findings: &[Finding], pass: u64, files: usize) -> Summary {
    let mut summary = Summary { pass, files: files as u64, ..Summary::default() };
    let count = |levels: &mut Levels, level| match level {
        Level::Deny => levels.deny += 1,
        Level::Warn => levels.warn += 1,
        Level::Allow => levels.allow += 1,
    };
    for finding in findings {
        match finding.state {
            State::Fail => count(&mut summary.fail, finding.level),
            State::NotDetermined => count(&mut summary.not_determined, finding.level),
            State::NotApplicable => summary.not_applicable += 1,
            State::Waived => summary.waived += 1,
            State::Error => summary.error += 1,
        }
    }
    summary
}

fn digest_of(artifact: &Artifact) -> Option<Text> {
    artifact.digest.as_ref().map(|(function, value)| text!("{}:{}", *function, *value))
}

fn input(artifact: &Artifact) -> Input {
    Input { kind: "artifact", name: artifact.name.clone(), digest: digest_of(artifact) }
}

fn line(artifact: &Artifact, findings: &[Finding]) -> ArtifactLine {
    let about = |finding: &&Finding| finding.subject.kind == artifact.kind && finding.subject.id == artifact.name;
    let mut notes: Vec<Text> = artifact.good_claims().flat_map(|claim| claim.notes.iter().cloned()).collect();
    notes.dedup();
    ArtifactLine {
        path: artifact.name.clone(),
        digest: digest_of(artifact),
        verdict: match findings.iter().filter(about).any(|finding| finding.blocks(true)) {
            true => Verdict::Fail,
            false => Verdict::Pass,
        },
        signers: artifact
            .good_claims()
            .filter_map(|claim| {
                let signer = claim.signer.as_ref()?;
                Some(SignerLine {
                    name: signer.name.clone(),
                    scheme: claim.scheme,
                    fingerprint: signer.fingerprint.clone(),
                    time: claim.time.map(|time| text!("{}", time.at.to_string())),
                    time_source: claim.time.map(|time| time.source),
                })
            })
            .collect(),
        notes,
    }
}
