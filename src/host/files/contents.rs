//! Whether files are as they were packaged.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io::{self, Read};

use digest::DynDigest;

use super::owners::{Owned, Owner, Owners};
use super::{Asked, Changed, Compare, Contents, Difference};
use crate::component::{Algorithm, Digest};
use crate::ecosystem::installed::FileRole;
use crate::host::names::Principal;
use crate::host::reading::Reading;
use crate::host::setid::capability::Capabilities;
use crate::parallel;
use crate::text;
use crate::text::{Text, hex};
use crate::tree::root::{Asked as Visited, CAPABILITIES, PathPattern, Root, RootKind, RootWants, Unreal};
use crate::tree::{Entry, EntryKind, Owner as Owning, ReadFault, TreePath};

/// How many bytes are read at once.
const CHUNK: usize = 128 << 10;

/// What the comparison found.
#[derive(Default)]
pub(super) struct Compared {
    contents: HashMap<TreePath, Contents>,
    /// Files that differ, in the order of their paths.
    pub(super) changed: Vec<Changed>,
}

impl Compared {
    /// Returns what is known of the contents of a file that somebody asked about.
    pub(super) fn contents(&self, path: &TreePath) -> Contents {
        self.contents.get(path).cloned().unwrap_or(Contents::Unrecorded)
    }
}

/// A file that is compared.
struct Job<'a> {
    /// Where the package has it.
    path: &'a TreePath,
    owned: &'a Owned,
    /// What stands there, links followed; `None` where nothing does.
    entry: Option<Entry>,
    /// Where a link leads that stands there itself.
    target: Option<Box<[u8]>>,
    /// The attribute of its capabilities, where the package records them and it has one.
    capabilities: Option<Result<Box<[u8]>, ReadFault>>,
}

/// Compares the files that somebody asked about, and those that are compared anyway.
pub(super) fn compare(
    reading: &Reading<'_>,
    owners: &Owners,
    asked: &BTreeMap<TreePath, Asked>,
    compare: Compare,
) -> Compared {
    let mut paths: BTreeMap<&TreePath, &Owned> = owners.compared().into_iter().collect();
    for (path, _) in asked.iter().filter(|(_, asked)| **asked == Asked::Contents) {
        paths.extend(owners.file(path).map(|owned| (path, owned)));
    }
    let root = reading.root();
    let jobs: Vec<(&TreePath, &Owned)> = paths.into_iter().collect();
    let jobs = parallel::map(&jobs, |(path, owned)| job(root, path, owned));
    let mut out = Compared::default();
    let mut ready = Vec::new();
    for job in jobs {
        match job {
            Ok(job) => ready.push(job),
            Err((path, owned, fault)) => {
                reading.unread(path.clone(), fault);
                out.contents.insert(path.clone(), Contents::Unread);
                out.add(path, owned, Difference::Unread);
            }
        }
    }
    ready.retain(|job| match &job.entry {
        Some(entry) => {
            let is_asked = asked.get(job.path) == Some(&Asked::Contents);
            is_asked || compare.takes(job.path.as_bytes(), entry.size.unwrap_or(0))
        }
        None => {
            let is_missed = compare == Compare::All
                && matches!(job.owned.role, FileRole::Plain | FileRole::Documentation)
                && job.target.is_none()
                && !owners.left_out.means(job.path.as_bytes());
            if is_missed {
                out.add(job.path, job.owned, Difference::Missing);
            }
            false
        }
    });
    let found = digests(root, &ready);
    let may_compare_owners = is_of_root(root);
    for (job, found) in ready.iter().zip(found) {
        out.judge(reading, job, found, may_compare_owners);
    }
    out.changed.sort_by(|a, b| a.path.cmp(&b.path));
    out
}

/// Whether the files of a root have the owners that they had: what an ordinary user unpacked is all that user's.
fn is_of_root(root: &Root) -> bool {
    let folder = ["usr", "etc"].iter().filter_map(|path| TreePath::new(path.as_bytes()));
    let owner = folder.filter_map(|path| root.look(&path).ok().flatten()?.owner).next();
    owner.is_some_and(|owner| owner.user == 0)
}

type Refused<'a> = (&'a TreePath, &'a Owned, ReadFault);

fn job<'a>(root: &Root, path: &'a TreePath, owned: &'a Owned) -> Result<Job<'a>, Refused<'a>> {
    let entry = root.look(path).map_err(|fault| (path, owned, fault))?;
    let (entry, target) = match entry {
        Some(Entry { kind: EntryKind::Link(target), .. }) => match root.real(path) {
            Ok(entry) => (Some(entry), Some(target)),
            Err(Unreal::Nothing(_)) => (None, Some(target)),
            Err(Unreal::Circle(_)) => return Err((path, owned, ReadFault::NotRegular)),
            Err(Unreal::Unread(_, fault)) => return Err((path, owned, fault)),
        },
        entry => (entry, None),
    };
    match entry {
        // A folder where a package has a file of the same name is no file that can be compared.
        Some(Entry { kind: EntryKind::Folder, .. }) => {
            Ok(Job { path, owned, entry: None, target: Some(Box::default()), capabilities: None })
        }
        Some(Entry { kind: EntryKind::Other(_), .. }) if !owned.digests.is_empty() => {
            Err((path, owned, ReadFault::NotRegular))
        }
        entry => {
            let is_file = |entry: &&Entry| entry.kind == EntryKind::File && owned.capabilities.is_some();
            let attribute = entry.as_ref().filter(is_file).map(|entry| root.attribute(entry, CAPABILITIES));
            Ok(Job { path, owned, entry, target, capabilities: attribute.and_then(Result::transpose) })
        }
    }
}

impl Compared {
    fn add(&mut self, path: &TreePath, owned: &Owned, difference: Difference) {
        if matches!(owned.role, FileRole::Configuration | FileRole::Ghost) {
            return;
        }
        // What differs of one file is added in a row.
        match self.changed.last_mut().filter(|changed| changed.path == *path) {
            Some(changed) => changed.differences.push(difference),
            None => self.changed.push(Changed {
                path: path.clone(),
                package: owned.package.clone(),
                differences: vec![difference],
            }),
        }
    }

    fn judge(
        &mut self,
        reading: &Reading<'_>,
        job: &Job<'_>,
        found: Option<Result<Vec<Digest>, ReadFault>>,
        may_compare_owners: bool,
    ) {
        let contents = match found {
            _ if job.owned.digests.is_empty() => Contents::Unrecorded,
            None => Contents::Unrecorded,
            Some(Err(fault)) => {
                reading.unread(job.path.clone(), fault);
                self.add(job.path, job.owned, Difference::Unread);
                Contents::Unread
            }
            Some(Ok(found)) => compared(job, &found),
        };
        if let Contents::Changed { recorded, found } = &contents {
            let difference = Difference::Contents { recorded: recorded.clone(), found: found.clone() };
            self.add(job.path, job.owned, difference);
        }
        self.contents.insert(job.path.clone(), contents);
        let Some(entry) = &job.entry else { return };
        // A link has no rights of its own.
        if job.target.is_some() {
            return;
        }
        if let (Some(recorded), Some(found)) = (job.owned.mode, entry.mode)
            && found & !recorded != 0
        {
            self.add(job.path, job.owned, Difference::Mode { recorded, found });
        }
        if let (Some(recorded), Some(value)) = (&job.owned.capabilities, &job.capabilities) {
            match value {
                Err(fault) => {
                    reading.unread(job.path.clone(), *fault);
                    self.add(job.path, job.owned, Difference::Unread);
                }
                Ok(value) => {
                    if let Some(found) = Capabilities::beyond(recorded.as_str(), value) {
                        let recorded = recorded.clone();
                        self.add(job.path, job.owned, Difference::Capabilities { recorded, found });
                    }
                }
            }
        }
        if let (Some(Owning { user, group }), true) = (entry.owner, may_compare_owners) {
            let (user, group) = (reading.names().user(user), reading.names().group(group));
            if let Some((recorded, found)) = other(job.owned.user.as_ref(), &user) {
                self.add(job.path, job.owned, Difference::Owner { recorded, found });
            }
            if let Some((recorded, found)) = other(job.owned.group.as_ref(), &group) {
                self.add(job.path, job.owned, Difference::Group { recorded, found });
            }
        }
    }
}

/// Returns the user or group that a package records and the one found, where they differ.
fn other(recorded: Option<&Owner>, found: &Principal) -> Option<(Text, Text)> {
    let (is_same, recorded) = match recorded? {
        Owner::Number(number) => (*number == found.id, text!("{}", *number)),
        Owner::Name(name) => {
            // The root's own files may name nobody.
            let is_root = found.name.is_none() && found.id == 0 && name.as_str() == "root";
            (is_root || found.name.as_ref() == Some(name), name.clone())
        }
    };
    (!is_same).then(|| (recorded, Text::of(found)))
}

/// Compares the digests of a file with those that packages record.
fn compared(job: &Job<'_>, found: &[Digest]) -> Contents {
    let recorded = &job.owned.digests;
    if recorded.iter().any(|one| found.contains(one)) {
        return Contents::AsPackaged;
    }
    // apk records of a link the digest of where it leads.
    if let Some(target) = &job.target
        && let Ok(of_target) = digests_of(&mut &**target, &algorithms(recorded))
        && recorded.iter().any(|one| of_target.contains(one))
    {
        return Contents::AsPackaged;
    }
    let Some(first) = recorded.first() else { return Contents::Unrecorded };
    let found = found.iter().find(|one| one.algorithm == first.algorithm);
    Contents::Changed { recorded: shown(first), found: found.map(shown).unwrap_or_default() }
}

fn shown(digest: &Digest) -> Text {
    text!("{}:{}", Text::trusted(digest.algorithm.name()), digest.hex)
}

fn algorithms(digests: &[Digest]) -> BTreeSet<Algorithm> {
    digests.iter().map(|digest| digest.algorithm).collect()
}

type Digests = Result<Vec<Digest>, ReadFault>;

/// Returns the digests of files, in the order of the jobs; of an image all in one pass, since each layer is unpacked as a
/// whole.
fn digests(root: &Root, jobs: &[Job<'_>]) -> Vec<Option<Digests>> {
    if root.kind() == RootKind::Folder {
        return parallel::map(jobs, |job| {
            let entry = job.entry.as_ref().filter(|_| !job.owned.digests.is_empty())?;
            Some(root.open_file(entry).and_then(|(_, mut contents)| {
                digests_of(&mut *contents, &algorithms(&job.owned.digests)).map_err(|_error| ReadFault::Unreadable)
            }))
        });
    }
    let mut wanted: BTreeMap<TreePath, BTreeSet<Algorithm>> = BTreeMap::new();
    for (entry, job) in jobs.iter().filter_map(|job| Some((job.entry.as_ref()?, job))) {
        if !job.owned.digests.is_empty() {
            wanted.entry(entry.path.clone()).or_default().extend(algorithms(&job.owned.digests));
        }
    }
    let listed: Vec<&BTreeSet<Algorithm>> = wanted.values().collect();
    let patterns: Vec<PathPattern> = wanted.keys().map(PathPattern::exactly).collect();
    let mut found: HashMap<TreePath, Digests> = HashMap::new();
    let wants = RootWants::new([], patterns, false, &[]);
    let pass = wants.ok().filter(|_| !wanted.is_empty()).and_then(|wants| {
        root.pass(&wants, &|_, visited, contents| {
            let Visited::Pattern(at) = visited else { return None };
            let algorithms = listed.get(at)?;
            let digests = contents.open().and_then(|mut contents| {
                digests_of(&mut *contents, algorithms).map_err(|_error| ReadFault::Unreadable)
            });
            Some(digests)
        })
        .ok()
    });
    if let Some(pass) = pass {
        found.extend(pass.faults.into_iter().map(|(path, fault)| (path, Err(fault))));
        found.extend(pass.found);
    }
    let one = |job: &Job<'_>| {
        let entry = job.entry.as_ref().filter(|_| !job.owned.digests.is_empty())?;
        Some(found.get(&entry.path).cloned().unwrap_or(Err(ReadFault::Unreadable)))
    };
    jobs.iter().map(one).collect()
}

/// Returns the digests of what is read.
fn digests_of(contents: &mut dyn Read, algorithms: &BTreeSet<Algorithm>) -> io::Result<Vec<Digest>> {
    let mut hashers: Vec<(Algorithm, Hasher)> =
        algorithms.iter().filter_map(|algorithm| Some((*algorithm, Hasher::new(*algorithm)?))).collect();
    let mut buffer = vec![0; CHUNK];
    loop {
        let count = match contents.read(&mut buffer) {
            Ok(0) => break,
            Ok(count) => count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        let part = buffer.get(..count).unwrap_or_default();
        for (_, hasher) in &mut hashers {
            hasher.update(part);
        }
    }
    let read = |(algorithm, hasher): (Algorithm, Hasher)| Digest::from_hex(algorithm, &hasher.finish());
    Ok(hashers.into_iter().filter_map(read).collect())
}

enum Hasher {
    Sha1(sha1_smol::Sha1),
    Other(Box<dyn DynDigest>),
}

impl Hasher {
    fn new(algorithm: Algorithm) -> Option<Self> {
        Some(match algorithm {
            Algorithm::Md5 => Self::Other(Box::new(md5::Md5::default())),
            Algorithm::Sha1 => Self::Sha1(sha1_smol::Sha1::new()),
            Algorithm::Sha256 => Self::Other(Box::new(sha2::Sha256::default())),
            Algorithm::Sha384 => Self::Other(Box::new(sha2::Sha384::default())),
            Algorithm::Sha512 => Self::Other(Box::new(sha2::Sha512::default())),
            Algorithm::H1 => return None,
        })
    }

    fn update(&mut self, bytes: &[u8]) {
        match self {
            Self::Sha1(hasher) => hasher.update(bytes),
            Self::Other(hasher) => hasher.update(bytes),
        }
    }

    fn finish(self) -> String {
        match self {
            Self::Sha1(hasher) => hasher.digest().to_string(),
            Self::Other(hasher) => hex(&hasher.finalize()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digests_of_nothing_are_the_known_ones() {
        let check = |algorithm: Algorithm, expected: &str| {
            let found = digests_of(&mut &b""[..], &BTreeSet::from([algorithm])).unwrap();
            assert_eq!(found.first().map(|digest| &*digest.hex), Some(expected), "{algorithm:?}");
        };
        check(Algorithm::Md5, "d41d8cd98f00b204e9800998ecf8427e");
        check(Algorithm::Sha1, "da39a3ee5e6b4b0d3255bfef95601890afd80709");
        check(Algorithm::Sha256, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    }
}
