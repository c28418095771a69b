//! Why a request cannot be carried out.

use crate::evidence::SnapshotError;
use crate::policy::PolicyError;
use crate::text::Text;
use crate::tree::{RepositoryError, TreeError, WantsError};

/// Why a request cannot be carried out.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum GateError {
    /// A repository or revision cannot be used.
    #[error(transparent)]
    Repository(#[from] RepositoryError),
    /// A tree cannot be read.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// The policy cannot be read or understood.
    #[error(transparent)]
    Policy(#[from] PolicyError),
    /// An exclusion is no pattern.
    #[error(transparent)]
    Wants(#[from] WantsError),
    /// The baseline is no snapshot.
    #[error("{file}{}", source.position().map(|(line, column)| format!(":{line}:{column}")).unwrap_or_default())]
    Snapshot {
        /// The file.
        file: Text,
        /// What is wrong with it.
        source: SnapshotError,
    },
    /// The baseline of a tree is a snapshot of a host.
    #[error("{file}: expected a snapshot of a tree, found one of a host")]
    HostAlone {
        /// The file.
        file: Text,
    },
    /// A file the command line names cannot be read.
    #[error("{file}: expected a readable file, found {found}")]
    File {
        /// The file.
        file: Text,
        /// What was found instead.
        found: Text,
    },
    /// There is nothing to judge.
    #[error("{tree}: expected a tree with files in it, found an empty one")]
    EmptyTree {
        /// The tree.
        tree: Text,
    },
    /// The policy lets everything pass.
    #[error("{policy}: expected a policy that denies or warns of something, found every rule at level allow")]
    NothingSelected {
        /// The policy.
        policy: Text,
    },
    /// No rule could be asked.
    #[error("expected at least one rule that can be judged, found none")]
    NothingJudged,
    /// The text of something other than one message is asked for.
    #[error("--output: expected one message that holds its own signature, found {found}")]
    NoMessage {
        /// What was asked about instead.
        found: Text,
    },
    /// A range of revisions holds no commit.
    #[error("range `{range}`: expected at least one commit, found none")]
    NoCommits {
        /// The range, as it was given.
        range: Text,
    },
    /// The command line asks for something else than the policy.
    #[error("--{option} {asked}: the signer `{signer}` of the policy states `{stated}`")]
    Signer {
        /// The signer's name.
        signer: Text,
        /// The option.
        option: &'static str,
        /// What the policy states.
        stated: Text,
        /// What is asked for.
        asked: Text,
    },
    /// Something else than one tarball is to be compared with a tag.
    #[error("--against-tag: expected one tarball, found {found}")]
    OneTarball {
        /// What was asked for instead.
        found: Text,
    },
    /// The request lacks a repository.
    #[error("{path}: expected a git repository for {option}, found none")]
    NoRepository {
        /// Where it was looked for.
        path: Text,
        /// The option that needs one.
        option: &'static str,
    },
    /// A bare repository has no files of its own.
    #[error("{path}: expected a revision to be judged, found a bare repository alone")]
    HeadNeeded {
        /// The repository.
        path: Text,
    },
    /// A bare repository has no index.
    #[error("{path}: expected a work tree for --staged, found a bare repository")]
    WorkTreeNeeded {
        /// The repository.
        path: Text,
    },
}

impl GateError {
    /// Returns what the user can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<String> {
        match self {
            Self::Repository(error) => error.hint(),
            Self::Tree(error) => error.hint().map(str::to_owned),
            Self::Policy(error) => error.hint.as_ref().map(ToString::to_string),
            Self::HeadNeeded { .. } => Some("name it: `gate --head main`, `changes BASE..main`".to_owned()),
            Self::WorkTreeNeeded { .. } => Some("compare two revisions: --base main --head topic".to_owned()),
            Self::HostAlone { .. } => {
                Some("judge the host as well with --host; `host check` judges it alone".to_owned())
            }
            Self::Signer { .. } => Some("leave the option out, or name another policy with --policy".to_owned()),
            Self::NoMessage { .. } => Some(
                "it writes the text of one clear-signed or inline-signed file, and takes no other signature".to_owned(),
            ),
            Self::Wants(_)
            | Self::Snapshot { .. }
            | Self::File { .. }
            | Self::EmptyTree { .. }
            | Self::NothingSelected { .. }
            | Self::NothingJudged
            | Self::NoCommits { .. }
            | Self::OneTarball { .. }
            | Self::NoRepository { .. } => None,
        }
    }
}
