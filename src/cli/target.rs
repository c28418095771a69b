//! The options that say what is judged, and against what: the same for every command that judges.
#![expect(clippy::disallowed_methods, reason = "a path of the command line is made absolute here")]

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::Error;
use clap::Args;

use super::environment::Environment;
use super::{Complaint, output};
use crate::gate::{Against, PolicyChoice, Target};
use crate::policy::BUILTIN;
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;
use crate::tree::root::Platform;

/// The largest snapshot that is read.
pub(super) const MAX_SNAPSHOT_BYTES: u64 = 1 << 30;

/// What is judged.
#[derive(Debug, Args)]
pub(super) struct Place {
    /// The directory to judge
    #[arg(value_name = "PATH", default_value = ".", hide_default_value = true)]
    pub path: PathBuf,

    /// Judge a repository instead of a directory (a bare one needs --head)
    #[arg(long, value_name = "DIR", conflicts_with = "path")]
    pub repo: Option<PathBuf>,
}

/// What it is compared with.
#[derive(Debug, Args)]
pub(super) struct Compare {
    /// Compare with the merge base of this revision; its policy judges
    #[arg(long, value_name = "REV", conflicts_with_all = ["staged", "baseline"])]
    pub base: Option<String>,

    /// Judge this revision instead of the directory
    #[arg(long, value_name = "REV", conflicts_with = "staged")]
    pub head: Option<String>,

    /// Judge what is staged, against the last commit
    #[arg(long, conflicts_with = "baseline")]
    pub staged: bool,

    /// Compare with what `portcullis baseline` wrote, or `host snapshot` where --host is given
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
}

impl Place {
    /// Returns the target, compared with `against`.
    pub(super) fn target(
        &self,
        head: Option<String>,
        against: Against,
        environment: &Environment,
    ) -> Result<Target, Error> {
        let absolute = directory(&environment.directory.join(&self.path), &self.path)?;
        // Also as it was named, so that no report holds an absolute path when the command line has none.
        let repository = self.repo.as_ref().map(|path| {
            let absolute = environment.directory.join(path);
            (path.clone(), fs::canonicalize(&absolute).unwrap_or(absolute))
        });
        Ok(Target { path: self.path.clone(), absolute, repository, head, against, git: environment.git.clone() })
    }
}

impl Compare {
    pub(super) fn against(&self) -> Result<Against, Error> {
        if self.staged {
            return Ok(Against::Staged);
        }
        if let Some(base) = &self.base {
            return Ok(Against::Base(base.clone()));
        }
        let Some(file) = &self.baseline else { return Ok(Against::Nothing) };
        let bytes = output::read_file(file, MAX_SNAPSHOT_BYTES)?;
        let text = String::from_utf8(bytes).map_err(|_error| {
            Complaint::new(text!("{}: expected UTF-8 text, found other bytes", output::shown(file)))
        })?;
        Ok(Against::Snapshot { file: output::shown(file), text })
    }
}

/// Reads the platform of an image: `OS/ARCH`.
pub(super) fn platform_of(text: &str) -> Result<Platform, String> {
    text.parse().map_err(|message: Text| message.to_string())
}

/// Returns a directory, absolute and without links.
fn directory(path: &Path, as_named: &Path) -> Result<PathBuf, Complaint> {
    let complaint =
        |found: &str| Complaint::new(text!("{}: expected a directory, found {}", output::shown(as_named), found));
    let absolute = fs::canonicalize(path).map_err(|error| complaint(&output::io_words(&error)))?;
    match absolute.is_dir() {
        true => Ok(absolute),
        false => Err(complaint(if absolute.is_file() { "a file" } else { "something else" })),
    }
}

/// Returns the policy that `--policy` names: a built-in one, or a file.
pub(super) fn policy(named: Option<&str>, environment: &Environment) -> Result<PolicyChoice, Error> {
    let Some(named) = named else { return Ok(PolicyChoice::OfTree) };
    // Whatever the directory holds: a pull request must not be able to put its own file in front of a built-in
    // policy. `./NAME` names the file.
    if named.starts_with("builtin:") || BUILTIN.iter().any(|builtin| builtin.name == named) {
        return Ok(PolicyChoice::Builtin(named.to_owned()));
    }
    let path = environment.directory.join(named);
    let complaint = |found: &str| {
        let names: Vec<&str> = BUILTIN.iter().map(|builtin| builtin.name).collect();
        Complaint::new(text!("{}: expected a policy file, found {}", output::shown(Path::new(named)), found))
            .hint(text!("the built-in policies are {}", names.join(", ")))
    };
    let absolute = fs::canonicalize(&path).map_err(|error| complaint(&output::io_words(&error)))?;
    if !absolute.is_file() {
        return Err(complaint(if absolute.is_dir() { "a folder" } else { "something else" }).into());
    }
    // What it extends may lie anywhere in its repository, and nowhere else.
    let folder = absolute.parent().unwrap_or(Path::new("/"));
    let root = folder.ancestors().find(|folder| folder.join(".git").exists()).unwrap_or(folder);
    let below = absolute.strip_prefix(root).ok().and_then(|below| {
        use std::os::unix::ffi::OsStrExt as _;
        TreePath::new(below.as_os_str().as_bytes())
    });
    match below {
        Some(path) => Ok(PolicyChoice::File { shown: named.to_owned(), root: root.to_owned(), path }),
        None => Err(complaint("a path that is none").into()),
    }
}
