//! `portcullis verify`.

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Error;
use clap::{Args, Subcommand};

use super::environment::Environment;
use super::gate::{Output, deliver, output_of, stated, usual};
use super::growing_file::GrowingFile;
use super::progress::Progress;
use super::target;
use super::verify_show::Show;
use super::{Complaint, output};
use crate::gate::{PolicyChoice, load_policy, policy_in};
use crate::policy::{POLICY_FILE, Policy};
use crate::signature::{Expected, Function};
use crate::text;
use crate::text::{Text, unhex};
use crate::tree::{Directory, Repository, TreePath};
use crate::verify::{self, Asked, LEDGER_FILE, Named, PolicyFolder, Recording, Request, TrustedFiles, Verified};

/// Judges who signed an artifact, and whether they may.
#[derive(Debug, Args)]
#[command(
    args_conflicts_with_subcommands = true,
    subcommand_negates_reqs = true,
    subcommand_value_name = "COMMAND",
    disable_help_subcommand = true,
    after_help = "Without --signature the files beside an artifact are used (.asc, .sig, .minisig, .sigstore.json and \
                        their kin);\nwithout any the artifact is read as a message that holds its own signatures.\n\n\
                        Examples:\n  \
                        portcullis verify app-1.4.0.tar.gz --key release.asc\n  \
                        portcullis verify dist/                     by the signers of the policy\n  \
                        portcullis verify InRelease --key archive.gpg --output Release\n  \
                        portcullis verify app.tar.gz --allowed-signers allowed_signers --identity release@acme.example\n  \
                        portcullis verify app-1.4.0.tar.gz --against-tag v1.4.0\n  \
                        portcullis verify app.tar.gz --trusted-root root.json \\\n    \
                        --identity 'https://git.example/acme/*' --issuer https://token.example"
)]
pub(super) struct Verify {
    #[command(subcommand)]
    command: Option<Command>,

    /// Files, folders of files, or digests (sha256:HEX, sha512:HEX)
    #[arg(value_name = "ARTIFACT", required_unless_present_any = ["attestation_only", "git_tag", "git_commit"])]
    artifacts: Vec<PathBuf>,

    /// A detached signature, bundle, envelope or attestation; may be repeated
    #[arg(long = "signature", value_name = "FILE")]
    signatures: Vec<PathBuf>,

    /// A list of digests in which the artifacts must stand; --signature then is the list's
    #[arg(long, value_name = "FILE")]
    checksums: Option<PathBuf>,

    /// A signed tag of the repository; may be repeated
    #[arg(long, value_name = "TAG")]
    git_tag: Vec<String>,

    /// Signed commits of the repository: a revision, or a range A..B; may be repeated
    #[arg(long, value_name = "REV")]
    git_commit: Vec<String>,

    /// Compare the one tarball that is given with this tag of the repository
    #[arg(long, value_name = "TAG", requires = "artifacts")]
    against_tag: Option<String>,

    /// The repository of --git-tag, --git-commit, --against-tag and --base
    #[arg(long, value_name = "DIR", default_value = ".", hide_default_value = true)]
    repo: PathBuf,

    /// Keys or certificates that may sign when no policy says; may be repeated
    #[arg(long = "key", visible_alias = "keyring", value_name = "FILE")]
    keys: Vec<PathBuf>,

    /// SSH signers, as `ssh-keygen -Y verify -f` reads them
    #[arg(long, value_name = "FILE")]
    allowed_signers: Vec<PathBuf>,

    /// Revoked SSH keys: a list or a KRL
    #[arg(long, value_name = "FILE")]
    revoked: Vec<PathBuf>,

    /// A trusted root of Sigstore
    #[arg(long, value_name = "FILE")]
    trusted_root: Vec<PathBuf>,

    /// Who must have signed: an SSH principal, or the identity of a certificate (`*` for any characters)
    #[arg(long, value_name = "WHO")]
    identity: Option<String>,

    /// Who must vouch for the identity
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,

    /// Accept whoever the certificate names
    #[arg(long, conflicts_with_all = ["identity", "issuer"])]
    any_identity: bool,

    /// The namespace of an SSH signature
    #[arg(long, value_name = "NS")]
    namespace: Option<String>,

    /// The key id that must have signed an envelope
    #[arg(long, value_name = "ID")]
    key_id: Option<String>,

    /// The repository that must have been built
    #[arg(long, value_name = "URI")]
    source: Option<String>,

    /// The branch that must have been built
    #[arg(long, value_name = "BRANCH")]
    source_branch: Option<String>,

    /// The tag that must have been built
    #[arg(long, value_name = "TAG")]
    source_tag: Option<String>,

    /// The version of the tag that must have been built; parts may be left out
    #[arg(long, value_name = "VERSION")]
    source_versioned_tag: Option<String>,

    /// The builder that must have built
    #[arg(long, value_name = "ID")]
    builder: Option<String>,

    /// The path of the build's definition
    #[arg(long, value_name = "PATH")]
    build_config: Option<String>,

    /// Judge an attestation without an artifact at hand
    #[arg(long, requires = "signatures", conflicts_with = "artifacts")]
    attestation_only: bool,

    /// How many keys must have signed
    #[arg(long, value_name = "N", default_value_t = 1, value_parser = clap::value_parser!(u32).range(1..))]
    threshold: u32,

    /// Accept the unhashed form of minisign
    #[arg(long)]
    allow_legacy: bool,

    /// Add who signed what is accepted to the ledger of signers, .portcullis/signers.toml beside the policy
    #[arg(long, conflicts_with_all = ["attestation_only", "git_commit", "base"])]
    record: bool,

    /// Judge keys and waivers as of this day or time
    #[arg(long, value_name = "TIME")]
    at: Option<String>,

    /// Write the text of a message that holds its own signature, once it is accepted
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,

    /// Take the policy, and the keys it names, from this revision of --repo
    #[arg(long, value_name = "REV", conflicts_with = "policy")]
    base: Option<String>,

    /// The policy: a file, or the name of a built-in one
    #[arg(long, value_name = "FILE|NAME")]
    policy: Option<String>,

    /// The report's format, on stdout or into a file; may be repeated
    #[arg(long = "format", value_name = "FMT[=FILE]", value_parser = output_of)]
    formats: Vec<Output>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Print what keys, signatures, messages and attestations hold, without judging
    Show(Show),
}

impl Verify {
    pub(super) fn run(self, environment: &Environment) -> Result<u8, Error> {
        if let Some(Command::Show(show)) = self.command {
            return show.run(environment);
        }
        let named = |path: &PathBuf| Named { path: environment.directory.join(path), shown: output::shown(path) };
        let all = |paths: &[PathBuf]| paths.iter().map(named).collect::<Vec<_>>();
        let repository = named(&self.repo);
        let Judge { policy, policy_folder, ledger } =
            judge(self.base.as_deref(), &repository, self.policy.as_deref(), environment)?;
        let at = match self.at.as_deref() {
            Some(at) => environment.stated_time(Some(at))?.unwrap_or(environment.now),
            None => environment.now,
        };
        let mut artifacts =
            self.artifacts.iter().map(|path| asked(path, named(path))).collect::<Result<Vec<_>, _>>()?;
        if self.attestation_only {
            artifacts.push(Asked::Nothing);
        }
        artifacts.extend(self.git_tag.iter().cloned().map(Asked::Tag));
        artifacts.extend(self.git_commit.iter().cloned().map(Asked::Commits));
        let asks_git = !(self.git_tag.is_empty() && self.git_commit.is_empty()) || self.against_tag.is_some();
        let named_artifacts = self.artifacts;
        let request = Request {
            ledger,
            records: self.record,
            checksums: self.checksums.as_ref().map(named),
            repository: asks_git.then(|| (repository, environment.git.clone())),
            artifacts,
            against_tag: self.against_tag,
            signatures: all(&self.signatures),
            trusted: TrustedFiles {
                keys: all(&self.keys),
                allowed_signers: all(&self.allowed_signers),
                revoked: all(&self.revoked),
                trusted_roots: all(&self.trusted_root),
            },
            expected: Expected {
                identity: self.identity,
                issuer: self.issuer,
                any_identity: self.any_identity,
                namespace: self.namespace,
                key_id: self.key_id,
                source: self.source,
                source_branch: self.source_branch,
                source_tag: self.source_tag,
                source_versioned_tag: self.source_versioned_tag,
                builder: self.builder,
                build_config: self.build_config,
                attestation_only: self.attestation_only,
                ..Expected::default()
            },
            allows_legacy: self.allow_legacy,
            threshold: self.threshold,
            policy,
            policy_folder,
            at,
            today: environment.day(self.at.as_deref())?,
            stated_at: stated(&self.formats, self.at.as_deref(), environment)?,
            watch: Arc::default(),
        };
        refuse_anybody(&request)?;
        let mut text = self.output.as_deref().map(|path| text_file(path, &named_artifacts, environment)).transpose()?;
        let (answer, verified) = {
            let watch = Arc::clone(&request.watch);
            let _progress = Progress::watch("reading the artifacts", move || {
                watch.reached().map(|reached| (reached.name, reached.done, reached.all))
            });
            match &mut text {
                Some(file) => verify::run_for_text(&request, file)?,
                None => (verify::run(&request)?, Verified::No),
            }
        };
        let mut outputs = self.formats;
        if outputs.iter().all(Output::is_file) {
            outputs.extend(usual(environment));
        }
        let code = deliver(&answer.report, &outputs, None)?;
        if let Some(text) = text {
            text_of(text, code, verified)?;
        }
        match answer.recording {
            Some(recording) => Ok(code.max(record(&recording, &request.ledger)?)),
            None => Ok(code),
        }
    }
}

/// Begins the file that is to hold the text of a message.
fn text_file(path: &Path, artifacts: &[PathBuf], environment: &Environment) -> Result<GrowingFile, Complaint> {
    if path.as_os_str() == "-" {
        return Err(Complaint::new(Text::trusted("--output: expected a file, found `-`"))
            .hint(Text::trusted("standard output is the report's; a file of that name is `./-`")));
    }
    let target = environment.directory.join(path);
    if is_same(&target, artifacts, environment) {
        return Err(Complaint::new(text!(
            "--output: expected another file than the message, found `{}`",
            output::shown(path)
        )));
    }
    GrowingFile::begin(target, output::shown(path))
}

/// Whether a path leads to one of the artifacts.
fn is_same(target: &Path, artifacts: &[PathBuf], environment: &Environment) -> bool {
    let target = output::resolved(target);
    let leads_there = |artifact: &PathBuf| output::resolved(&environment.directory.join(artifact)) == target;
    target.is_some() && artifacts.iter().any(leads_there)
}

/// Keeps the text of a message that is accepted, and says of any other why it is not kept.
fn text_of(text: GrowingFile, code: u8, verified: Verified) -> Result<(), Complaint> {
    match (code, verified) {
        (0, Verified::Yes) => text.keep(),
        (0, Verified::No) => Err(Complaint::new(Text::trusted(
            "--output: expected a message that is accepted by its signature, found one that only a waiver or the policy's levels let pass",
        ))),
        _ => {
            output::complain("--output: nothing was written, since the message is not accepted");
            Ok(())
        }
    }
}

/// Writes the ledger, and says what is new in it. Returns the exit code.
fn record(recording: &Recording, ledger: &Named) -> Result<u8, Error> {
    match recording {
        Recording::Refused(why) => {
            output::complain(text!("nothing is recorded: {}", *why).as_str());
            return Ok(1);
        }
        Recording::Known => output::complain(text!("nothing new: {} has it all", ledger.shown).as_str()),
        Recording::New { contents, added } => {
            output::write_file_in_new_folder(&ledger.path, &ledger.shown, contents.as_bytes())?;
            for line in added {
                output::complain(text!("recorded in {}: {}", ledger.shown, *line).as_str());
            }
        }
    }
    Ok(0)
}

/// Whoever has a certificate of Sigstore could sign: it must be said who may.
fn refuse_anybody(request: &Request) -> Result<(), Complaint> {
    let expected = &request.expected;
    let says_who = (expected.identity.is_some() && expected.issuer.is_some())
        || (expected.source.is_some() && expected.builder.is_some())
        || expected.any_identity
        || !request.policy.signers.is_empty();
    // A key says who may sign by itself.
    match request.trusted.trusted_roots.is_empty() || !request.trusted.keys.is_empty() || says_who {
        true => Ok(()),
        false => Err(Complaint::new(Text::trusted("--trusted-root: expected who may sign, found nobody named")).hint(
            Text::trusted("give --identity and --issuer, or --source and --builder, or a policy; or --any-identity"),
        )),
    }
}

/// Reads what is asked for: a digest, or a path.
fn asked(path: &Path, named: Named) -> Result<Asked, Complaint> {
    let text = path.to_str().unwrap_or_default();
    for function in [Function::Sha256, Function::Sha384, Function::Sha512] {
        let Some(digits) = text.strip_prefix(function.name()).and_then(|rest| rest.strip_prefix(':')) else { continue };
        return match unhex(digits.as_bytes()).filter(|bytes| bytes.len() == function.length()) {
            Some(bytes) => Ok(Asked::Digest(function, bytes)),
            None => Err(Complaint::new(text!(
                "{}: expected {} hexadecimal digits behind `{}:`",
                text,
                2 * function.length(),
                function.name()
            ))),
        };
    }
    Ok(Asked::Path(named))
}

/// By what is judged.
struct Judge {
    policy: Policy,
    policy_folder: PolicyFolder,
    ledger: Named,
}

/// Returns by what is judged: by the policy of the base, where one is named; else by what `--policy` names, else by the
/// policy file of the current folder, else by the built-in one. Keys and the ledger stand beside it.
fn judge(
    base: Option<&str>,
    repository: &Named,
    named: Option<&str>,
    environment: &Environment,
) -> Result<Judge, Error> {
    let shown = Text::trusted(LEDGER_FILE);
    if let Some(base) = base {
        let opened = Repository::open(&repository.path, repository.shown.clone(), &environment.git)?;
        let revision = opened.revision(base)?;
        let policy = policy_in(&revision, "base")?;
        let policy_folder = PolicyFolder { tree: Box::new(revision), folder: TreePath::root() };
        return Ok(Judge { policy, policy_folder, ledger: Named { path: repository.path.join(LEDGER_FILE), shown } });
    }
    let choice = match named {
        None if output::is_there(&environment.directory.join(POLICY_FILE)) => PolicyChoice::File {
            shown: POLICY_FILE.to_owned(),
            root: environment.directory.clone(),
            path: TreePath::new(POLICY_FILE.as_bytes()).unwrap_or_default(),
        },
        named => target::policy(named, environment)?,
    };
    let policy = load_policy(&choice)?;
    let (root, folder, shown) = match choice {
        PolicyChoice::File { shown: name, root, path } => {
            let shown = name.rsplit_once('/').map_or(shown, |(folder, _)| text!("{}/{}", folder, LEDGER_FILE));
            (root, path.parent().unwrap_or_default(), shown)
        }
        PolicyChoice::OfTree | PolicyChoice::Builtin(_) => (environment.directory.clone(), TreePath::root(), shown),
    };
    let tree = Box::new(Directory::open_as(&root, Text::trusted("."))?);
    let path = root.join(OsStr::from_bytes(folder.as_bytes())).join(LEDGER_FILE);
    Ok(Judge { policy, policy_folder: PolicyFolder { tree, folder }, ledger: Named { path, shown } })
}
