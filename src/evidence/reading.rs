//! Files turned into facts: each by every reader that its name calls for, several files side by side.

use crate::ecosystem::{self, Facts};
use crate::fact::FactKind;
use crate::parallel;
use crate::sbom::{self, SbomFile};
use crate::tree::TreePath;
use crate::variable::{self, DisabledCheck};

/// The readers of a file. One file may be a workflow and set variables.
#[derive(Clone, Copy)]
pub(super) struct Readers {
    /// The format of manifests, lock files or workflows.
    pub(super) format: Option<&'static ecosystem::Format>,
    variables: Option<&'static variable::Format>,
    /// What the name says of an SBOM.
    sbom: Option<sbom::Name>,
}

impl PartialEq for Readers {
    fn eq(&self, other: &Self) -> bool {
        is_same(self.format, other.format) && is_same(self.variables, other.variables) && self.sbom == other.sbom
    }
}

/// Whether two entries of a registry are one.
fn is_same<T>(a: Option<&T>, b: Option<&T>) -> bool {
    a.map(std::ptr::from_ref) == b.map(std::ptr::from_ref)
}

impl Readers {
    /// Returns the readers of the file at this path, if it has any.
    pub(super) fn of(path: &TreePath) -> Option<Self> {
        let (format, variables) = (ecosystem::format_of(path), variable::format_of(path));
        let sbom = sbom::name_of(path);
        (format.is_some() || variables.is_some() || sbom.is_some()).then_some(Self { format, variables, sbom })
    }

    /// Returns the kinds of facts that are missing where the file cannot be read.
    pub(super) fn kinds(self) -> impl Iterator<Item = FactKind> {
        let variables = self.variables.map(|_| FactKind::Variable);
        self.kinds_of_files().chain(variables)
    }

    /// Returns the kinds of facts that are missing where no regular file stands: no variable is set there, whatever its
    /// name.
    pub(super) fn kinds_of_files(self) -> impl Iterator<Item = FactKind> {
        let sbom = self.sbom.map(|_| FactKind::Sbom);
        self.format.map(|format| format.role.fact()).into_iter().chain(sbom)
    }

    /// Reads the contents of the file.
    pub(super) fn read(self, path: &TreePath, bytes: &[u8]) -> Read {
        let mut facts = self.format.map(|format| ecosystem::read(format, path, bytes)).unwrap_or_default();
        let mut disabled_checks = Vec::new();
        if let Some(format) = self.variables {
            let (found, gap) = variable::read(format, path, bytes);
            disabled_checks = found;
            facts.gaps.extend(gap);
        }
        let asked = sbom::Asked { listing: true, profiles: sbom::profile::PROFILES };
        let sbom = self.sbom.and_then(|name| sbom::read(path, name, bytes, asked)).map(|judged| judged.file);
        Read { facts, disabled_checks, sbom }
    }
}

/// What was read from one file.
#[derive(Clone, Default)]
pub(super) struct Read {
    /// What it tells of components and workflows, and what of it cannot be known.
    pub(super) facts: Facts,
    /// The checks that its variables switch off.
    pub(super) disabled_checks: Vec<DisabledCheck>,
    /// The SBOM it is.
    pub(super) sbom: Option<SbomFile>,
}

/// The contents of one file that is to be read.
pub(super) struct Job {
    /// What reads it.
    pub(super) readers: Readers,
    /// Where it stands.
    pub(super) path: TreePath,
    /// What stands in it.
    pub(super) bytes: Vec<u8>,
}

/// Below this many bytes threads cost more than they save.
const MIN_PARALLEL_BYTES: usize = 64 << 10;

/// Reads the contents of several files, on several threads where that pays. The answers stand in the order of the jobs.
pub(super) fn read_all(jobs: &[Job]) -> Vec<Read> {
    let one = |job: &Job| job.readers.read(&job.path, &job.bytes);
    let total: usize = jobs.iter().map(|job| job.bytes.len()).sum();
    if total < MIN_PARALLEL_BYTES {
        return jobs.iter().map(one).collect();
    }
    parallel::map(jobs, one)
}
