//! What git's environment variables say, and which repository they mean.

use std::path::{Path, PathBuf};

use super::{Repository, RepositoryError};
use crate::text::Text;

/// What git's environment variables say (`git(1)`, "The Git Repository"), and where the program was run. They speak
/// of the repository around that place, and of no other that the command line may name.
#[derive(Clone, Debug, Default)]
pub struct GitEnvironment {
    /// The directory the program was run in, absolute and without links.
    pub directory: PathBuf,
    /// `GIT_DIR`.
    pub dir: Option<PathBuf>,
    /// `GIT_WORK_TREE`.
    pub work_tree: Option<PathBuf>,
    /// `GIT_INDEX_FILE`.
    pub index_file: Option<PathBuf>,
    /// The user's own list of ignored files, where `core.excludesFile` names no other.
    pub excludes_file: Option<PathBuf>,
}

impl Repository {
    /// Opens the repository at `path`: a work tree's root, or a git directory. Errors call it `name`.
    ///
    /// # Errors
    /// When there is none, or it cannot be read.
    pub fn open(path: &Path, name: Text, environment: &GitEnvironment) -> Result<Self, RepositoryError> {
        Ok(Self::at(path, name)?.obeying(environment))
    }

    /// Opens the repository in whose work tree `directory` lies, `None` where it lies in none: the one that
    /// `GIT_DIR` names, if it does, else the nearest around it. Errors call it `name`.
    ///
    /// `directory` is absolute and without links.
    ///
    /// # Errors
    /// When there is one and it cannot be read.
    pub fn around(
        directory: &Path,
        name: &Text,
        environment: &GitEnvironment,
    ) -> Result<Option<Self>, RepositoryError> {
        if let Some(git_dir) = &environment.dir {
            // Without `GIT_WORK_TREE` it is where git ran the program, as a hook in a linked work tree finds it.
            let work_tree = environment.work_tree.as_deref().unwrap_or(&environment.directory);
            let repository = Self::of_parts(git_dir, work_tree, Text::trusted("GIT_DIR"))?;
            let lies_in = repository.work_tree().is_some_and(|root| directory.starts_with(root));
            if lies_in || directory == environment.directory {
                return Ok(Some(repository.obeying(environment)));
            }
        }
        Ok(Self::discover(directory, name)?.map(|repository| repository.obeying(environment)))
    }

    fn obeying(self, environment: &GitEnvironment) -> Self {
        let repository = self.with_excludes(environment.excludes_file.clone());
        match &environment.index_file {
            Some(file) if repository.is_meant_by(environment) => repository.with_index(file.clone()),
            _ => repository,
        }
    }

    /// Whether the variables speak of this repository.
    fn is_meant_by(&self, environment: &GitEnvironment) -> bool {
        let meant = match &environment.dir {
            Some(git_dir) => Self::of_parts(git_dir, &environment.directory, Text::default()).map(Some),
            None => Self::discover(&environment.directory, &Text::default()),
        };
        meant.is_ok_and(|meant| meant.is_some_and(|meant| meant.git_dir() == self.git_dir()))
    }
}
