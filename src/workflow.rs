//! What a CI definition runs: its jobs and steps, and the actions and images they use.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::component::is_commit;
use crate::fact::Location;
use crate::tree::TreePath;

/// A file that says what a CI system runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    /// The file.
    pub path: TreePath,
    /// What kind of file it is.
    pub kind: WorkflowKind,
    /// Its jobs, in the order of the file; an action is one job.
    pub jobs: Vec<Job>,
}

/// The kinds of CI definitions.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum WorkflowKind {
    /// A workflow of GitHub Actions.
    GithubWorkflow,
    /// An action of GitHub Actions (`action.yml`), for the workflows that use it.
    GithubAction,
}

/// What runs on one machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// Its id in the file; `runs` of an action.
    pub id: Box<str>,
    /// Where it stands.
    pub place: Location,
    /// The workflow that is run in its place.
    pub calls: Option<Use>,
    /// The images its steps run in and beside.
    pub images: Vec<Image>,
    /// Its steps, in their order.
    pub steps: Vec<Step>,
}

/// One step of a job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its id, where it has one.
    pub id: Option<Box<str>>,
    /// Where it stands.
    pub place: Location,
    /// The action it runs.
    pub uses: Option<Use>,
}

/// A use of something that lies elsewhere (`uses`).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Use {
    /// As it is written.
    pub text: Box<str>,
    /// Where it stands.
    pub place: Location,
    /// What it is.
    pub target: Target,
}

/// What is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Target {
    /// Something of the repository itself, or of what was checked out before.
    Local {
        /// Its folder or file.
        path: Box<str>,
    },
    /// An image.
    Image {
        /// Which.
        reference: ImageReference,
    },
    /// A repository, or a folder or file of one.
    Repository {
        /// Whose.
        owner: Box<str>,
        /// Its name.
        name: Box<str>,
        /// The folder or file, where it is not the root.
        path: Option<Box<str>>,
        /// At which commit.
        reference: Reference,
    },
}

/// Which commit of a repository is used.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", content = "name", rename_all = "kebab-case", deny_unknown_fields)]
pub enum Reference {
    /// The one of this full id.
    Commit(Box<str>),
    /// Whichever the tag or branch of this name, or a commit whose id begins so, is today.
    Named(Box<str>),
}

/// An image that is run.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// What it is for: `container`, or the name of a service.
    pub role: Box<str>,
    /// Where it stands.
    pub place: Location,
    /// Which.
    pub reference: ImageReference,
}

/// The name of an image, as it is written in a CI definition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case", deny_unknown_fields)]
pub enum ImageReference {
    /// An image by name.
    Named {
        /// Registry and repository, as they are written.
        name: Box<str>,
        /// The tag.
        tag: Option<Box<str>>,
        /// The digest (`sha256:…`).
        digest: Option<Box<str>>,
    },
    /// Whatever an expression comes to.
    Expression {
        /// As it is written.
        text: Box<str>,
    },
}

impl Job {
    /// Returns everything it uses that lies elsewhere, in the order of the file.
    pub fn uses(&self) -> impl Iterator<Item = &Use> {
        self.calls.iter().chain(self.steps.iter().filter_map(|step| step.uses.as_ref()))
    }
}

impl Target {
    /// Returns the repository, with the folder or file in it, as it is written.
    #[must_use]
    pub fn repository(&self) -> Option<String> {
        match self {
            Self::Repository { owner, name, path, .. } => Some(match path {
                Some(path) => format!("{owner}/{name}/{path}"),
                None => format!("{owner}/{name}"),
            }),
            Self::Local { .. } | Self::Image { .. } => None,
        }
    }
}

impl Reference {
    /// Reads what stands behind the `@`.
    #[must_use]
    pub fn new(text: &str) -> Self {
        if is_commit(text) { Self::Commit(text.into()) } else { Self::Named(text.into()) }
    }

    /// Returns the name or id.
    #[must_use]
    pub fn as_str(&self) -> &str {
        match self {
            Self::Commit(text) | Self::Named(text) => text,
        }
    }
}

impl ImageReference {
    /// Reads the name of an image: `[REGISTRY[:PORT]/]REPOSITORY[:TAG][@DIGEST]` (OCI distribution specification,
    /// "Pulling manifests"; the grammar is that of `github.com/distribution/reference`).
    #[must_use]
    pub fn new(text: &str) -> Self {
        if text.contains("${{") {
            return Self::Expression { text: text.into() };
        }
        let (name, digest) = match text.split_once('@') {
            Some((name, digest)) => (name, Some(digest)),
            None => (text, None),
        };
        // A colon before a slash belongs to the port of the registry.
        let (name, tag) = match name.rsplit_once(':') {
            Some((name, tag)) if !tag.contains('/') => (name, Some(tag)),
            _ => (name, None),
        };
        Self::Named { name: name.into(), tag: tag.map(Into::into), digest: digest.map(Into::into) }
    }

    /// Returns the name without tag and digest, or the expression.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Named { name, .. } => name,
            Self::Expression { text } => text,
        }
    }

    /// Whether the contents of the image are pinned: by a digest whose algorithm holds.
    #[must_use]
    pub fn is_pinned(&self) -> bool {
        let digits = |hex: &str, count: usize| hex.len() == count && hex.bytes().all(|byte| byte.is_ascii_hexdigit());
        match self {
            Self::Named { digest: Some(digest), .. } => match digest.split_once(':') {
                Some(("sha256", hex)) => digits(hex, 64),
                Some(("sha512", hex)) => digits(hex, 128),
                _ => false,
            },
            Self::Named { digest: None, .. } | Self::Expression { .. } => false,
        }
    }
}

impl fmt::Display for ImageReference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Named { name, tag, digest } => {
                f.write_str(name)?;
                if let Some(tag) = tag {
                    write!(f, ":{tag}")?;
                }
                if let Some(digest) = digest {
                    write!(f, "@{digest}")?;
                }
                Ok(())
            }
            Self::Expression { text } => f.write_str(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn images_are_read_by_their_parts() {
        let hex = "0123456789abcdef".repeat(4);
        let check = |text: &str, name: &str, tag: Option<&str>, is_pinned: bool| {
            let reference = ImageReference::new(text);
            assert_eq!(reference.to_string(), text);
            assert_eq!((reference.name(), reference.is_pinned()), (name, is_pinned), "{text}");
            match reference {
                ImageReference::Named { tag: found, .. } => assert_eq!(found.as_deref(), tag, "{text}"),
                ImageReference::Expression { .. } => assert_eq!(tag, None, "{text}"),
            }
        };
        check("alpine", "alpine", None, false);
        check("alpine:3.22", "alpine", Some("3.22"), false);
        check("registry.example:5000/a/b", "registry.example:5000/a/b", None, false);
        check("registry.example:5000/a/b:1", "registry.example:5000/a/b", Some("1"), false);
        check(&format!("a/b:1@sha256:{hex}"), "a/b", Some("1"), true);
        check(&format!("a/b@sha512:{hex}{hex}"), "a/b", None, true);
        check(&format!("a/b@sha256:{hex}0"), "a/b", None, false);
        check(&format!("a/b@md5:{hex}"), "a/b", None, false);
        check("${{ matrix.image }}:1", "${{ matrix.image }}:1", None, false);
    }

    #[test]
    fn only_a_full_id_is_a_commit() {
        let id = "0123456789abcdef0123456789abcdef01234567";
        assert_eq!(Reference::new(id), Reference::Commit(id.into()));
        assert_eq!(Reference::new("0123456"), Reference::Named("0123456".into()));
        assert_eq!(Reference::new("v4"), Reference::Named("v4".into()));
    }
}
