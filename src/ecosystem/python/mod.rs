//! Python: the lock files of uv, poetry, Pipenv and PEP 751, pip's requirements, `pyproject.toml` and `Pipfile`.

mod artifact;
mod git;
mod name;
pub(super) mod pipfile;
pub(super) mod pipfile_lock;
pub(super) mod poetry;
pub(super) mod pylock;
pub(super) mod pyproject;
mod requirement;
pub(super) mod requirements;
pub(super) mod uv;

#[cfg(test)]
mod tests;

/// The ecosystem's name, which is also the purl type of its packages.
const ECOSYSTEM: &str = "pypi";
