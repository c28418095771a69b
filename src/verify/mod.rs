//! Artifacts judged by their signatures: what is asked, the files that belong to each artifact, and the report.
#![warn(clippy::wildcard_enum_match_arm)]

mod against;
mod beside;
mod demanded;
mod judge;
mod ledger;
mod list;
mod object;
mod output;
mod report;
pub mod show;
mod trusted;
mod watch;

use std::collections::BTreeSet;
use std::io::Write;
use std::os::unix::ffi::OsStrExt as _;
use std::path::PathBuf;
use std::sync::Arc;

use jiff::Timestamp;
use jiff::civil::Date;

pub use beside::is_signature_name;
pub use ledger::{LEDGER_FILE, Ledger, Recording};
pub use trusted::PolicyFolder;
pub use watch::{Reached, Watch};

use crate::finding::Verdict;
use crate::gate::{GateError, Report};
use crate::parallel;
use crate::policy::Policy;
use crate::signature::{Artifact, Expected, Fault, FaultKind, Function, Material, Trust};
use crate::text;
use crate::text::Text;
use crate::tree::{GitEnvironment, NamedFile, Repository, Stands, files_below, stands_at};

/// What is asked.
pub struct Request {
    /// What is judged.
    pub artifacts: Vec<Asked>,
    /// The signatures, instead of those beside the artifacts.
    pub signatures: Vec<Named>,
    /// A list of digests in which the artifacts must stand; the signatures then are the list's.
    pub checksums: Option<Named>,
    /// The repository of the tags and commits that are asked for.
    pub repository: Option<(Named, GitEnvironment)>,
    /// The tag of the repository with which the one tarball that is asked for is compared.
    pub against_tag: Option<String>,
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
    /// Where the files are read that the policy names.
    pub policy_folder: PolicyFolder,
    /// The ledger of signers in that folder, whether it is there or not.
    pub ledger: Named,
    /// Whether what is accepted is to be recorded there.
    pub records: bool,
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

/// The answer, and what is to be recorded.
#[derive(Debug)]
pub struct Answer {
    /// The answer.
    pub report: Report,
    /// What comes of the recording, where one is asked for.
    pub recording: Option<Recording>,
}

/// Judges artifacts. Writes nothing.
///
/// # Errors
/// When what the command line names, or the ledger of signers, cannot be read.
pub fn run(request: &Request) -> Result<Answer, GateError> {
    Ok(answer(request, None)?.0)
}

/// Judges the one message that is asked about, and writes its text to a sink. What was written counts for nothing unless
/// it is [`Verified::Yes`].
///
/// # Errors
/// When something other than one message that holds its own signatures is asked about, or what the command line names
/// cannot be read.
pub fn run_for_text(request: &Request, sink: &mut (dyn Write + Send)) -> Result<(Answer, Verified), GateError> {
    let found = match request.artifacts.as_slice() {
        [_] if !request.signatures.is_empty() => Some(Text::trusted("--signature")),
        [_] if request.checksums.is_some() => Some(Text::trusted("--checksums")),
        [Asked::Path(named)] if stands_at(&named.path) == Stands::Folder => Some(text!("the folder `{}`", named.shown)),
        [Asked::Path(_)] => None,
        [Asked::Digest(..)] => Some(Text::trusted("a digest")),
        [Asked::Nothing] => Some(Text::trusted("--attestation-only")),
        [Asked::Tag(_)] => Some(Text::trusted("--git-tag")),
        [Asked::Commits(_)] => Some(Text::trusted("--git-commit")),
        several => Some(text!("{} artifacts", several.len())),
    };
    if let Some(found) = found {
        return Err(GateError::NoMessage { found });
    }
    answer(request, Some(output::Output::new(sink)))
}

/// Whether the text of a message is what somebody trusted signed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verified {
    /// It is: the message is accepted, by no waiver and no lowered level.
    Yes,
    /// It is not, whatever the verdict is.
    No,
}

fn answer<'a>(request: &'a Request, output: Option<output::Output<'a>>) -> Result<(Answer, Verified), GateError> {
    against::check(request)?;
    let trusted = trusted::Trusted::read(request)?;
    let signatures = request.signatures.iter().map(Named::read).collect::<Result<Vec<_>, _>>()?;
    let list = match &request.checksums {
        Some(named) => Some(list::SignedList::read(named, &signatures)?),
        None => None,
    };
    let ledger = ledger::Opened::read(&request.ledger, &request.policy_folder, &trusted)?;
    let wants_sha256 = ledger.is_there() || request.records;
    let sources = judge::Sources {
        signatures,
        list,
        lists: list::Lists::default(),
        trusted,
        output,
        wants_sha256,
        watch: &request.watch,
    };
    let Expanded { asked, inside } = expanded(&request.artifacts)?;
    let judged = parallel::map(&asked, |one| judge::artifact(one, &sources));
    let judged = judged.into_iter().enumerate().map(|(at, judged)| match judged {
        Err(GateError::File { file, found }) if inside.contains(&at) => match asked.get(at) {
            Some(Asked::Path(named)) => Ok(unreadable(named, &file, &found)),
            Some(Asked::Digest(..) | Asked::Nothing | Asked::Tag(_) | Asked::Commits(_)) | None => {
                Err(GateError::File { file, found })
            }
        },
        judged => judged,
    });
    let mut artifacts = judged.collect::<Result<Vec<_>, _>>()?;
    against::add(request, &sources.trusted, &mut artifacts)?;
    artifacts.extend(objects(request, &sources.trusted)?);
    if artifacts.is_empty() {
        return Err(GateError::NothingJudged);
    }
    // Objects of git stand behind what else is asked for, under their own names.
    let path = |at: usize, artifact: &Artifact| match asked.get(at) {
        Some(Asked::Path(named)) => named.path.clone(),
        Some(Asked::Digest(..) | Asked::Nothing | Asked::Tag(_) | Asked::Commits(_)) | None => {
            PathBuf::from(artifact.name.as_str())
        }
    };
    let asks = artifacts.iter().enumerate().map(|(at, one)| sources.trusted.of(&path(at, one)));
    let asks = asks.collect::<Result<Vec<_>, _>>()?;
    if ledger.is_there() {
        for (artifact, asks) in artifacts.iter_mut().zip(&asks) {
            artifact.ledger = Some(ledger.compare(artifact, asks));
        }
    }
    let report = report::report(request, &artifacts, notes(request, &asked, &sources.trusted));
    let recording = match (request.records, report.verdict) {
        (false, _) => None,
        (true, Verdict::Pass) => Some(ledger.record(artifacts.iter().zip(asks), request.stated_at.as_ref())?),
        (true, _) => Some(Recording::Refused(Text::trusted("not everything is accepted"))),
    };
    let is_verified = report.verdict == Verdict::Pass && artifacts.iter().all(Artifact::is_accepted);
    Ok((Answer { report, recording }, if is_verified { Verified::Yes } else { Verified::No }))
}

/// Returns what is known of a file of a folder that cannot be read, or whose signature cannot be.
fn unreadable(named: &Named, file: &Text, found: &Text) -> Artifact {
    let message = text!("expected a readable file as `{}`, found {}", *file, *found);
    let fault = Fault::undetermined(FaultKind::Malformed, message);
    Artifact { faults: vec![fault], ..Artifact::new("artifact", named.shown.clone()) }
}

/// Says which options count for nothing, because the policy says who may sign.
fn notes(request: &Request, asked: &[Asked], trusted: &trusted::Trusted) -> Vec<Text> {
    let of_policy = asked.iter().find_map(|one| match one {
        Asked::Path(named) if trusted.is_of_policy(&named.path) => Some(&named.shown),
        Asked::Path(_) | Asked::Digest(..) | Asked::Nothing | Asked::Tag(_) | Asked::Commits(_) => None,
    });
    let Some(artifact) = of_policy else { return Vec::new() };
    let given = &request.trusted;
    let options = [
        ("--key", !given.keys.is_empty()),
        ("--allowed-signers", !given.allowed_signers.is_empty()),
        ("--trusted-root", !given.trusted_roots.is_empty()),
        ("--any-identity", request.expected.any_identity),
        ("--allow-legacy", request.allows_legacy),
    ];
    let options = options.into_iter().filter(|(_, is_given)| *is_given);
    options
        .map(|(option, _)| text!("the policy says who may sign `{}`: {} counts for nothing there", artifact, option))
        .collect()
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

/// What is asked for, with the files of folders in their places.
struct Expanded {
    asked: Vec<Asked>,
    /// Which of them nobody named: a folder holds them.
    inside: BTreeSet<usize>,
}

/// Returns every file of the folders that are asked for, but those that are signatures of others.
fn expanded(asked: &[Asked]) -> Result<Expanded, GateError> {
    let (mut found, mut inside) = (Vec::new(), BTreeSet::new());
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
        let names: BTreeSet<&PathBuf> = files.iter().map(|file| &file.path).collect();
        // Whatever bears the name of a signature and is none is an artifact like the others.
        let of_others = |path: &PathBuf| {
            beside::signed_by(path).is_some_and(|signed| names.contains(&signed)) && beside::is_signature(path)
        };
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
        inside.extend(before..found.len());
    }
    Ok(Expanded { asked: found, inside })
}
