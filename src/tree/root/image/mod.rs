//! Root filesystems that lie in archives: a tarball of one, `docker save`'s tarball, an OCI layout.
//!
//! Layers are read as streams, side by side; what lies in several is taken from the topmost. A layer whose digest is not
//! the one it is known by, or that is cut off, is told; what of it could be read is used all the same.

mod blob;
mod docker;
mod layer;
mod members;
mod oci;
mod overlay;
mod platform;
mod stream;

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

pub use platform::Platform;

use super::super::ahead::lock;
use super::super::{Census, Entry, EntryKind, FileIdentity, Input, ReadFault, ReadSeek, TreeError, TreePath};
use super::folder::OF_THE_KERNEL;
use super::survey::{CAPABILITIES, Met, MetKind, Notice, Survey};
use super::{ImageDamage, Pass, RootKind, RootWants, Visit};
use crate::archive;
use crate::parallel;
use crate::text::Text;
use blob::Blob;
use layer::{Layer, Reading};
use members::Members;
use overlay::{Node, Overlay};

/// How many entries all layers of an image may have.
const MAX_ENTRIES: usize = 2_000_000;

/// How many bytes of memory their names, links and attributes may take.
const MAX_INDEX_BYTES: usize = 768 << 20;

/// How many bytes a layer may unpack to in any case.
const MIN_LAYER_BYTES: u64 = 1 << 30;

/// How many times its own size it may unpack to, above that.
const MAX_RATIO: u64 = 100;

/// How many bytes a layer may unpack to, whatever its size.
const MAX_LAYER_BYTES: u64 = 64 << 30;

/// The largest file of a compressed layer that is held in memory to be read here and there; a larger one is unpacked
/// anew where it is looked into.
const MAX_HELD_BYTES: u64 = 32 << 20;

/// The largest database of a compressed layer that is held until the pass is over.
const MAX_DATABASE_BYTES: u64 = 256 << 20;

/// How many bytes of databases are held together; more is told, and nothing is read of the image.
const MAX_HELD_TOGETHER: usize = 512 << 20;

/// How many files of more than [`MAX_HELD_BYTES`] are looked into under another name.
const MAX_LARGE_AGAIN: usize = 64;

/// The largest manifest, index or configuration of an image.
const MAX_JSON_BYTES: u64 = 8 << 20;

/// How many layers an image may have (`overlayfs` and docker allow fewer).
const MAX_LAYERS: usize = 1_000;

/// A root filesystem in archives.
pub(super) struct Image {
    name: Text,
    /// What the image calls itself.
    reference: Option<Text>,
    digest: Option<Text>,
    kind: RootKind,
    layers: Vec<Layer>,
    index: OnceLock<Index>,
}

/// What an image is found to be, before it is named.
struct Found {
    reference: Option<Text>,
    digest: Option<Text>,
    layers: Vec<Layer>,
}

/// What a pass leaves behind.
#[derive(Default)]
struct Index {
    overlay: Overlay,
    held: Held,
}

/// Files that are held, each with the layer it is from and its place there: of several of one name the last counts.
type Held = HashMap<TreePath, ((usize, usize), Arc<[u8]>)>;

/// Opens what lies at a path, `None` where it is a directory that is no OCI layout.
pub(super) fn open(path: &Path, name: &Text, platform: Option<&Platform>) -> Result<Option<Image>, TreeError> {
    let failed = |reason: Text| TreeError::Image { path: name.clone(), reason, hint: None };
    let opened = match blob::open(path) {
        Ok(opened) => opened,
        Err(reason) => return Err(failed(reason)),
    };
    let (kind, found) = match opened {
        blob::Opened::Folder(folder) => {
            if !oci::is_layout(&folder) {
                return Ok(match platform {
                    None => None,
                    Some(_) => {
                        return Err(failed(Text::trusted("expected an image for --platform, found a directory")));
                    }
                });
            }
            (RootKind::Image, oci::find(&folder, platform))
        }
        blob::Opened::File(file) => of_file(&Arc::new(file), platform),
    };
    let found =
        found.map_err(|fault| TreeError::Image { path: name.clone(), reason: fault.reason, hint: fault.hint })?;
    let Found { reference, digest, layers } = found;
    if layers.is_empty() || layers.len() > MAX_LAYERS {
        return Err(failed(crate::text!("expected between 1 and {} layers, found {}", MAX_LAYERS, layers.len())));
    }
    Ok(Some(Image { name: name.clone(), reference, digest, kind, layers, index: OnceLock::new() }))
}

/// Finds out what a file is by the names in it.
fn of_file(file: &Arc<File>, platform: Option<&Platform>) -> (RootKind, Result<Found, NoImage>) {
    let whole = match Blob::whole(file) {
        Ok(whole) if whole.size() == 0 => {
            let reason = Text::trusted("expected a directory, a tarball or an image, found an empty file");
            return (RootKind::Tarball, Err(reason.into()));
        }
        Ok(whole) => whole,
        Err(reason) => return (RootKind::Tarball, Err(reason.into())),
    };
    match Members::of(&whole) {
        Ok(Some(members)) if oci::is_layout(&members) && !docker::is_archive(&members) => {
            (RootKind::Image, oci::find(&members, platform))
        }
        Ok(Some(members)) => (RootKind::Image, docker::find(&members, platform)),
        Ok(None) => {
            let layer = Layer::of_root(whole);
            let found = match platform {
                None => Ok(Found { reference: None, digest: None, layers: vec![layer] }),
                Some(_) => {
                    Err(Text::trusted("expected an image for --platform, found a tarball of a directory").into())
                }
            };
            (RootKind::Tarball, found)
        }
        Err(reason) => (RootKind::Tarball, Err(reason.into())),
    }
}

/// Why a file is no image that can be read.
#[derive(Debug)]
struct NoImage {
    reason: Text,
    hint: Option<&'static str>,
}

impl From<Text> for NoImage {
    fn from(reason: Text) -> Self {
        Self { reason, hint: None }
    }
}

/// Something in which the parts of an image lie under names.
trait Parts {
    /// Returns the part of a name, `None` where there is none.
    fn part(&self, name: &str) -> Option<Blob>;
}

/// Reads a small part of an image.
fn small(parts: &dyn Parts, name: &str) -> Result<Option<Vec<u8>>, Text> {
    let Some(blob) = parts.part(name) else { return Ok(None) };
    blob.bytes(MAX_JSON_BYTES).map(Some).map_err(|reason| crate::text!("`{}`: {}", name, reason))
}

impl Image {
    pub(super) fn kind(&self) -> RootKind {
        self.kind
    }

    pub(super) fn input(&self) -> Input {
        let kind = if self.kind == RootKind::Image { "image" } else { "root" };
        Input { kind, name: self.name.clone(), digest: self.digest.clone() }
    }

    pub(super) fn reference(&self) -> Option<&Text> {
        self.reference.as_ref()
    }

    pub(super) fn pass<T: Send>(&self, wants: &RootWants, visit: Visit<'_, T>) -> Result<Pass<T>, TreeError> {
        let budget = Budget::default();
        let held: Mutex<Held> = Mutex::new(HashMap::new());
        let numbered: Vec<(usize, &Layer)> = self.layers.iter().enumerate().collect();
        let hold = |at: (usize, usize), path: &TreePath, bytes: Vec<u8>| {
            let mut held = lock(&held);
            // Only the topmost is kept.
            let (kept, freed) = match held.get(path) {
                Some((other, bytes_of_other)) if *other < at => (true, bytes_of_other.len()),
                Some(_) => (false, bytes.len()),
                None => (true, 0),
            };
            budget.release(freed);
            if kept {
                held.insert(path.clone(), (at, bytes.into()));
            }
        };
        let readings: Vec<Reading<T>> =
            parallel::map(&numbered, |(number, layer)| layer.read(*number, wants, visit, &hold, &budget));
        if budget.is_spent() {
            return Ok(too_many());
        }
        let held = held.into_inner().unwrap_or_else(PoisonError::into_inner);
        let (mut overlay, mut damages, mut census) = (Overlay::default(), Vec::new(), Census::default());
        let mut made = Vec::new();
        let mut entries = 0;
        for (number, reading) in readings.into_iter().enumerate() {
            entries += reading.entries.len();
            census.files += reading.files;
            census.excluded_files.extend(reading.excluded);
            damages.extend(reading.damages);
            made.push(reading.made);
            overlay.add(number, reading.entries, reading.removals, &mut damages);
        }
        if entries == 0 && damages.is_empty() {
            let reason = Text::trusted("expected a root filesystem, found an archive without entries");
            return Err(TreeError::Image { path: self.name.clone(), reason, hint: None });
        }
        let found = Self::standing(&overlay, made, wants);
        let is_odd = |path: &&TreePath| wants.visited.matching(path).next().is_some() && !wants.excludes(path);
        let odd: Vec<TreePath> = overlay.others().filter(is_odd).cloned().collect();
        damages.sort();
        damages.dedup();
        // A second pass finds the same.
        let index = self.index.get_or_init(|| Index { overlay, held });
        let mut faults = Vec::new();
        let mut again = Vec::new();
        for (number, layer) in self.layers.iter().enumerate() {
            let nodes = found.unseen.iter().filter_map(|path| Some((path, index.overlay.get(path)?)));
            let here: Vec<(&TreePath, &Node)> = nodes.filter(|(_, node)| node.layer == number).collect();
            layer.look_again(here, wants, visit, &mut again, &mut faults);
        }
        let mut found = found.made;
        found.extend(again);
        found.sort_by(|(a, _), (b, _)| a.cmp(b));
        faults.sort();
        Ok(Pass { found, faults, closed: Vec::new(), odd, damages, census })
    }

    /// Returns what was made of the files that stand in the end.
    fn standing<T>(overlay: &Overlay, mut made: Vec<BTreeMap<usize, Vec<T>>>, wants: &RootWants) -> Standing<T> {
        let mut out = Standing { made: Vec::new(), unseen: Vec::new() };
        let mut take = |node: &Node| made.get_mut(node.layer).and_then(|layer| layer.remove(&node.ordinal));
        let is_meant = |path: &TreePath| wants.visited.matching(path).next().is_some();
        for (path, node) in overlay.files().filter(|(_, node)| !node.is_another_name) {
            let all = take(node);
            if wants.excludes(path) {
                continue;
            }
            // Through a link above it, it may stand where it has another meaning.
            if all.is_none() && *path != node.written && (is_meant(path) || may_execute(wants, path, node)) {
                out.unseen.push(path.clone());
            }
            out.made.extend(all.into_iter().flatten().map(|one| (path.clone(), one)));
        }
        for (path, node) in overlay.files().filter(|(_, node)| node.is_another_name) {
            let all = take(node);
            if wants.excludes(path) {
                continue;
            }
            // The name under which it was looked into is gone, or it was not looked into under that.
            match all {
                Some(all) => out.made.extend(all.into_iter().map(|one| (path.clone(), one))),
                None if is_meant(path) || (wants.excludes(&node.written) && may_execute(wants, path, node)) => {
                    out.unseen.push(path.clone());
                }
                None => {}
            }
        }
        out
    }

    /// Shows what stands in the end; a pass must have been made.
    pub(super) fn survey<T>(&self, notice: Notice<'_, T>) -> Survey<T> {
        let mut survey = Survey::default();
        let Some(index) = self.index.get() else { return survey };
        let mut names: HashMap<(usize, usize), u64> = HashMap::new();
        for (_, node) in index.overlay.files() {
            *names.entry((node.layer, node.ordinal)).or_default() += 1;
        }
        for (path, node) in index.overlay.all() {
            survey.census.files += 1;
            let kind = match &node.kind {
                EntryKind::File => MetKind::File,
                EntryKind::Folder => MetKind::Folder,
                EntryKind::Other(archive::BLOCK_DEVICE) => MetKind::BlockDevice,
                EntryKind::Other(archive::CHARACTER_DEVICE) => MetKind::CharacterDevice,
                EntryKind::Other(_) => MetKind::Channel,
                EntryKind::Link(_) | EntryKind::Submodule(_) => continue,
            };
            survey.folders += u64::from(kind == MetKind::Folder);
            let is_of_kernel = path.parts().next().is_some_and(|first| OF_THE_KERNEL.contains(&first));
            if is_of_kernel {
                continue;
            }
            let capabilities = || {
                let named = |attribute: &&super::super::Attribute| *attribute.name == *CAPABILITIES;
                Ok(node.attributes.iter().find(named).map(|attribute| attribute.value.clone()))
            };
            let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
            let folder = path.parent().unwrap_or_default();
            let met = Met {
                folder: &folder,
                name: path.file_name(),
                kind,
                mode: node.mode,
                owner: node.owner,
                device: node.device.unwrap_or_default(),
                // A layer and a place in it are to an image what a device and an inode are to a machine.
                identity: FileIdentity { device: number(node.layer), inode: number(node.ordinal) },
                names: names.get(&(node.layer, node.ordinal)).copied().unwrap_or(1),
                capabilities: &capabilities,
                asked: std::cell::OnceCell::new(),
            };
            if let Some(noted) = notice(&met) {
                survey.found.push((path.clone(), noted));
            }
        }
        survey.sorted()
    }

    pub(super) fn look(&self, path: &TreePath) -> Option<Entry> {
        if path.is_root() {
            return Some(Entry::new(path.clone(), EntryKind::Folder));
        }
        self.index.get()?.overlay.get(path).map(|node| node.entry(path))
    }

    pub(super) fn list(&self, folder: &TreePath) -> Vec<Entry> {
        self.index.get().map(|index| index.overlay.list(folder)).unwrap_or_default()
    }

    pub(super) fn open_file(&self, path: &TreePath) -> Result<(u64, Box<dyn ReadSeek + '_>), ReadFault> {
        let index = self.index.get().ok_or(ReadFault::Absent)?;
        let node = index.overlay.get(path).ok_or(ReadFault::Absent)?;
        if let Some((at, bytes)) = index.held.get(&node.written)
            && *at == (node.layer, node.ordinal)
        {
            return Ok((bytes.len() as u64, Box::new(std::io::Cursor::new(bytes.clone()))));
        }
        let layer = self.layers.get(node.layer).ok_or(ReadFault::Absent)?;
        Ok((node.size, layer.open(node)?))
    }
}

/// How much the layers that are read side by side may hold together.
#[derive(Default)]
struct Budget {
    entries: AtomicUsize,
    bytes: AtomicUsize,
    held: AtomicUsize,
}

impl Budget {
    /// Takes an entry of so many bytes. Answers false where there is no room left for it.
    fn take(&self, bytes: usize) -> bool {
        self.entries.fetch_add(1, Ordering::Relaxed);
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        !self.is_spent()
    }

    /// Takes room for a file that is held. Answers false where there is none.
    fn hold(&self, bytes: u64) -> bool {
        let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
        let before = self.held.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > MAX_HELD_TOGETHER {
            // It stays spent.
            self.entries.fetch_max(MAX_ENTRIES + 1, Ordering::Relaxed);
            return false;
        }
        true
    }

    /// Gives back the room of a file that is no longer held.
    fn release(&self, bytes: usize) {
        self.held.fetch_sub(bytes, Ordering::Relaxed);
    }

    fn is_spent(&self) -> bool {
        self.entries.load(Ordering::Relaxed) > MAX_ENTRIES || self.bytes.load(Ordering::Relaxed) > MAX_INDEX_BYTES
    }
}

/// Returns what is told of an image with too many entries: which of them were read depends on which layer came first, so
/// that none is told.
fn too_many<T>() -> Pass<T> {
    let expected = crate::text!(
        "at most {} entries, names of at most {} MiB and databases of at most {} MiB",
        MAX_ENTRIES,
        MAX_INDEX_BYTES >> 20,
        MAX_HELD_TOGETHER >> 20
    );
    let damage = ImageDamage { path: TreePath::root(), expected, found: Text::trusted("more") };
    let (found, faults, closed, odd) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    Pass { found, faults, closed, odd, damages: vec![damage], census: Census::default() }
}

fn may_execute(wants: &RootWants, path: &TreePath, node: &Node) -> bool {
    node.size > 0 && wants.may_execute(path.file_name(), node.mode)
}

/// What was made of files in a pass.
struct Standing<T> {
    made: Vec<(TreePath, T)>,
    /// Other names of files, which were not looked into under these.
    unseen: Vec<TreePath>,
}
