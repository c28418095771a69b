//! One layer of an image, or a tarball of a root: read once, as a stream.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufReader, Cursor, Read as _};
use std::rc::Rc;

use sha2::{Digest as _, Sha256, Sha512};

use super::super::super::limits::MAX_FOLDERS;
use super::super::super::{Attribute, EntryKind, Owner, ReadFault, ReadSeek, TreePath};
use super::super::window::Window;
use super::super::{
    Asked, Contents, EXECUTABLE_HEAD, ImageDamage, RootWants, Visit, begins_executable, reads_executable,
};
use super::blob::{Blob, unpacked};
use super::overlay::{LayerEntry, LayerKind, MAX_DAMAGES, Node, Removal};
use super::stream::{Hashed, Hasher, Replay};
use super::{
    Budget, MAX_DATABASE_BYTES, MAX_ENTRIES, MAX_HELD_BYTES, MAX_LARGE_AGAIN, MAX_LAYER_BYTES, MAX_RATIO,
    MIN_LAYER_BYTES,
};
use crate::archive::{self, Bounds, Unpacked, damaged, is_compressed, peeked};
use crate::text;
use crate::text::Text;
use crate::tree::Entry;

/// How many bytes of memory an entry takes, beside its names.
const ENTRY_BYTES: usize = 200;

/// A layer of an image.
pub(super) struct Layer {
    /// Its name in the image.
    name: TreePath,
    blob: Option<Blob>,
    /// The digest of its bytes as they lie there.
    packed: Option<Checked>,
    /// The digest of its unpacked bytes.
    unpacked: Option<Checked>,
    /// Whether names that begin with `.wh.` take away what lies below.
    takes_away: bool,
}

/// A digest that is to be found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Checked {
    algorithm: Algorithm,
    pub(super) hex: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Algorithm {
    Sha256,
    Sha512,
    Unknown,
}

impl Checked {
    /// Reads a digest as images write it: `sha256:HEX`.
    pub(super) fn of(text: Option<&str>) -> Option<Self> {
        let text = text?;
        let (algorithm, hex) = text.split_once(':').unwrap_or(("", text));
        let algorithm = match (algorithm, hex.len()) {
            ("sha256", 64) => Algorithm::Sha256,
            ("sha512", 128) => Algorithm::Sha512,
            _ => Algorithm::Unknown,
        };
        Some(Self { algorithm, hex: hex.to_owned() })
    }

    /// Returns the digest of some bytes by the same algorithm.
    pub(super) fn of_bytes(&self, bytes: &[u8]) -> String {
        let Some(mut hasher) = self.hasher() else { return "none that can be computed".to_owned() };
        hasher.update(bytes);
        hasher.finish()
    }

    fn hasher(&self) -> Option<Hasher> {
        match self.algorithm {
            Algorithm::Sha256 => Some(Hasher::Sha256(Sha256::new())),
            Algorithm::Sha512 => Some(Hasher::Sha512(Box::new(Sha512::new()))),
            Algorithm::Unknown => None,
        }
    }
}

/// What was read of a layer.
pub(super) struct Reading<T> {
    pub(super) entries: Vec<LayerEntry>,
    pub(super) removals: Vec<Removal>,
    pub(super) files: u64,
    pub(super) excluded: BTreeSet<TreePath>,
    pub(super) damages: Vec<ImageDamage>,
    /// What was made of the files that were looked into, by their ordinals.
    pub(super) made: BTreeMap<usize, Vec<T>>,
}

/// Takes a file that is to be held, by the number of its layer and its place there.
type Hold<'a> = &'a (dyn Fn((usize, usize), &TreePath, Vec<u8>) + Sync);

impl Layer {
    pub(super) fn new(name: &str, blob: Option<Blob>, packed: Option<Checked>, unpacked: Option<Checked>) -> Self {
        Self { name: TreePath::named(name.as_bytes()), blob, packed, unpacked, takes_away: true }
    }

    /// Returns the tarball of a root as its only layer.
    pub(super) fn of_root(blob: Blob) -> Self {
        Self { name: TreePath::root(), blob: Some(blob), packed: None, unpacked: None, takes_away: false }
    }

    /// Reads all of it.
    pub(super) fn read<T>(
        &self,
        number: usize,
        wants: &RootWants,
        visit: Visit<'_, T>,
        hold: Hold<'_>,
        budget: &Budget,
    ) -> Reading<T> {
        let mut reading = Reading {
            entries: Vec::new(),
            removals: Vec::new(),
            files: 0,
            excluded: BTreeSet::new(),
            damages: Vec::new(),
            made: BTreeMap::new(),
        };
        let outcome = match &self.blob {
            Some(blob) => {
                let mut pass = LayerPass {
                    layer: self,
                    blob,
                    window: None,
                    number,
                    wants,
                    visit,
                    hold,
                    budget,
                    reading: &mut reading,
                };
                pass.run()
            }
            None => Err(Text::trusted("nothing")),
        };
        if let Err(found) = outcome {
            let expected = Text::trusted(if self.takes_away { "a whole layer" } else { "a whole tarball" });
            reading.damages.push(ImageDamage { path: self.name.clone(), expected, found });
        }
        reading
    }

    /// Opens a file of it, to be read here and there.
    pub(super) fn open(&self, node: &Node) -> Result<Box<dyn ReadSeek>, ReadFault> {
        let blob = self.blob.as_ref().ok_or(ReadFault::Absent)?;
        match (blob.window(), self.is_plain(blob)) {
            (Some(window), true) => Ok(Box::new(window.part(node.offset, node.size))),
            _ => Ok(Box::new(Replay::new(blob.clone(), node.offset, node.size))),
        }
    }

    fn is_plain(&self, blob: &Blob) -> bool {
        blob.head().is_ok_and(|head| !is_compressed(&head))
    }
}

/// The reading of a layer.
struct LayerPass<'a, T> {
    layer: &'a Layer,
    blob: &'a Blob,
    /// The file in which its unpacked bytes lie, where they do.
    window: Option<Window>,
    number: usize,
    wants: &'a RootWants,
    visit: Visit<'a, T>,
    hold: Hold<'a>,
    budget: &'a Budget,
    reading: &'a mut Reading<T>,
}

impl<T> LayerPass<'_, T> {
    fn run(&mut self) -> Result<(), Text> {
        let Layer { packed, unpacked, .. } = self.layer;
        let (head, raw) = self.blob.open().and_then(peeked).map_err(|error| damaged(&error))?;
        let is_plain = !is_compressed(&head);
        self.window = self.blob.window().filter(|_| is_plain).cloned();
        // Both are digests of the same bytes.
        let packed = packed.as_ref().filter(|packed| !(is_plain && unpacked.as_ref() == Some(*packed)));
        let hasher = |checked: Option<&Checked>| Rc::new(RefCell::new(checked.and_then(Checked::hasher)));
        let (of_packed, of_unpacked) = (hasher(packed), hasher(unpacked.as_ref()));
        let raw = Hashed::new(raw, of_packed.clone());
        let stream = Unpacked::new(&head, BufReader::with_capacity(64 << 10, raw)).map_err(|error| damaged(&error))?;
        let mut stream = Hashed::new(stream, of_unpacked.clone());
        let most = MIN_LAYER_BYTES.max(self.blob.size().saturating_mul(MAX_RATIO)).min(MAX_LAYER_BYTES);
        // Where a digest tells that nothing is missing, an end without its mark is one, as for whoever loads the image.
        let may_end_early = self.layer.takes_away && (packed.is_some() || unpacked.is_some());
        let bounds = Bounds { bytes: most, entries: MAX_ENTRIES, may_end_early };
        let end = archive::walk(&mut stream, bounds, &mut |entry, contents| {
            let attributes: usize = entry.attributes.iter().map(|(name, value)| name.len() + value.len()).sum();
            if !self.budget.take(ENTRY_BYTES + 2 * entry.name.len() + entry.target.len() + attributes) {
                return Err(Text::trusted("more entries than are read"));
            }
            self.entry(entry, contents);
            Ok(())
        })?;
        // Some readers go on behind the end, where of a root no digest tells what belongs to it.
        let behind = end.trailing_bytes.saturating_add(stream.reader.trailing_bytes);
        if !self.layer.takes_away && behind > 0 {
            self.damage(Text::trusted("nothing behind its end"), text!("{} bytes", behind));
        }
        check(packed, &of_packed)?;
        check(unpacked.as_ref(), &of_unpacked)
    }

    fn damage(&mut self, expected: Text, found: Text) {
        if self.reading.damages.len() < MAX_DAMAGES {
            self.reading.damages.push(ImageDamage { path: self.layer.name.clone(), expected, found });
        }
    }

    fn entry(&mut self, entry: &archive::Entry, contents: &mut archive::Contents<'_>) {
        let Some(path) = inside(&entry.name) else {
            return self.damage(Text::trusted("names inside the root"), text!("`{}`", entry.name.as_slice()));
        };
        if path.is_root() {
            if entry.kind != archive::EntryKind::Folder {
                self.damage(Text::trusted("names of entries"), text!("`{}`", entry.name.as_slice()));
            }
            return;
        }
        if self.layer.takes_away {
            match Removal::of(&path) {
                Some(Ok(removal)) => return self.reading.removals.push(removal),
                Some(Err(())) => {
                    return self.damage(Text::trusted("the name of what is taken away"), text!("`{}`", path));
                }
                None => {}
            }
        }
        let kind = match entry.kind {
            archive::EntryKind::File => LayerKind::Is(EntryKind::File),
            archive::EntryKind::Folder => LayerKind::Is(EntryKind::Folder),
            archive::EntryKind::Link => LayerKind::Is(EntryKind::Link(entry.target.clone().into())),
            archive::EntryKind::Special(what) => LayerKind::Is(EntryKind::Other(what)),
            archive::EntryKind::HardLink => match inside(&entry.target) {
                Some(target) => LayerKind::AnotherName(target),
                None => {
                    let expected = Text::trusted("hard links to names inside the root");
                    return self.damage(expected, text!("`{}`", entry.target.as_slice()));
                }
            },
        };
        if kind != LayerKind::Is(EntryKind::Folder) {
            self.reading.files += 1;
        }
        let id = |number: u64| u32::try_from(number).unwrap_or(u32::MAX);
        let attribute = |(name, value): &(Vec<u8>, Vec<u8>)| Attribute {
            name: name.as_slice().into(),
            value: value.as_slice().into(),
        };
        let read = LayerEntry {
            path,
            kind,
            mode: entry.mode & 0o7777,
            owner: Owner { user: id(entry.owner.0), group: id(entry.owner.1) },
            device: entry.device,
            attributes: entry.attributes.iter().map(attribute).collect(),
            size: entry.size,
            offset: entry.offset,
            ordinal: entry.ordinal,
        };
        if read.kind == LayerKind::Is(EntryKind::File) {
            self.file(&read, contents);
        }
        self.reading.entries.push(read);
    }

    /// Looks into a file, if somebody wants that.
    fn file(&mut self, read: &LayerEntry, contents: &mut archive::Contents<'_>) {
        let name = read.path.file_name();
        let may_execute = read.size > 0 && self.wants.may_execute(name, read.mode);
        let may_mean = self.wants.visited.may_mean(name) || self.wants.held.may_mean(name);
        if !(may_execute || may_mean) {
            return;
        }
        if self.wants.excludes(&read.path) {
            self.reading.excluded.insert(read.path.clone());
            return;
        }
        let mut contents = LayerContents {
            layer: self.layer,
            node: read.node(self.number),
            window: self.window.as_ref().map(|window| window.part(read.offset, read.size)),
            stream: contents,
            held: Vec::new(),
        };
        let entry =
            Entry { mode: Some(read.mode), size: Some(read.size), ..Entry::new(read.path.clone(), EntryKind::File) };
        let mut made: Vec<T> = Vec::new();
        for at in self.wants.visited.matching(&read.path) {
            made.extend((self.visit)(&entry, Asked::Pattern(at), &mut contents));
        }
        if may_execute && contents.begins_executable() {
            made.extend((self.visit)(&entry, Asked::Executable, &mut contents));
        }
        // What lies in a file that can be read here and there need not be held.
        if self.window.is_none()
            && self.wants.held.matching(&read.path).next().is_some()
            && read.size <= MAX_DATABASE_BYTES
            && self.budget.hold(read.size)
            && contents.fill(read.size).is_ok()
        {
            (self.hold)((self.number, read.ordinal), &read.path, std::mem::take(&mut contents.held));
        }
        if !made.is_empty() {
            self.reading.made.insert(read.ordinal, made);
        }
    }
}

/// Compares a digest with the one that is expected.
fn check(expected: Option<&Checked>, found: &Rc<RefCell<Option<Hasher>>>) -> Result<(), Text> {
    let Some(expected) = expected else { return Ok(()) };
    match found.borrow_mut().take().map(Hasher::finish) {
        Some(found) if found.eq_ignore_ascii_case(&expected.hex) => Ok(()),
        Some(found) => Err(text!("contents with the digest {} instead of {}", found, expected.hex.as_str())),
        None => Err(text!("a digest that cannot be checked, `{}`", expected.hex.as_str())),
    }
}

/// Returns where a name of an archive stands in the root, `None` where it leads upwards, too deep, or is none.
fn inside(name: &[u8]) -> Option<TreePath> {
    if name.contains(&0) {
        return None;
    }
    let parts: Vec<&[u8]> = name.split(|byte| *byte == b'/').filter(|part| !matches!(*part, b"" | b".")).collect();
    if parts.contains(&&b".."[..]) || parts.len() > MAX_FOLDERS { None } else { TreePath::new(&parts.join(&b'/')) }
}

/// The contents of a file in the stream of a layer.
struct LayerContents<'a, 'b> {
    layer: &'a Layer,
    node: Node,
    window: Option<Window>,
    stream: &'a mut archive::Contents<'b>,
    /// What of it was taken from the stream.
    held: Vec<u8>,
}

impl LayerContents<'_, '_> {
    /// Takes so many bytes of it from the stream, less what was taken before.
    fn fill(&mut self, bytes: u64) -> Result<(), ReadFault> {
        let wanted = usize::try_from(bytes.min(self.node.size)).map_err(|_error| ReadFault::Unreadable)?;
        let mut buffer = [0; 16 << 10];
        while self.held.len() < wanted {
            let length = (wanted - self.held.len()).min(buffer.len());
            let part = buffer.get_mut(..length).unwrap_or_default();
            let count = self.stream.part(part).map_err(|_text| ReadFault::Unreadable)?;
            if count == 0 {
                return Err(ReadFault::Unreadable);
            }
            self.held.extend_from_slice(part.get(..count).unwrap_or_default());
        }
        Ok(())
    }

    fn begins_executable(&mut self) -> bool {
        if let Some(window) = &self.window {
            return reads_executable(window.clone());
        }
        self.fill(EXECUTABLE_HEAD as u64).is_ok() && begins_executable(&self.held)
    }
}

impl Contents for LayerContents<'_, '_> {
    fn size(&self) -> u64 {
        self.node.size
    }

    fn open(&mut self) -> Result<Box<dyn ReadSeek + '_>, ReadFault> {
        if let Some(window) = &self.window {
            return Ok(Box::new(window.clone()));
        }
        if self.node.size > MAX_HELD_BYTES {
            return self.layer.open(&self.node).map(|opened| opened as Box<dyn ReadSeek>);
        }
        self.fill(self.node.size)?;
        Ok(Box::new(Cursor::new(self.held.as_slice())))
    }
}

/// The contents of a file of a layer that has been read.
struct Again<'a> {
    layer: &'a Layer,
    node: &'a Node,
    /// All of it, where it is held.
    held: Option<&'a [u8]>,
}

impl Contents for Again<'_> {
    fn size(&self) -> u64 {
        self.node.size
    }

    fn open(&mut self) -> Result<Box<dyn ReadSeek + '_>, ReadFault> {
        match self.held {
            Some(bytes) => Ok(Box::new(Cursor::new(bytes))),
            None => self.layer.open(self.node).map(|opened| opened as Box<dyn ReadSeek>),
        }
    }
}

/// Files by the name each has in the end, as some of a layer are looked into once more.
type Nodes<'a> = Vec<(&'a TreePath, &'a Node)>;

impl Layer {
    /// Looks into files of the layer under names that were not known when it was read. A compressed layer is unpacked once
    /// more for all of them.
    pub(super) fn look_again<T>(
        &self,
        mut nodes: Nodes<'_>,
        wants: &RootWants,
        visit: Visit<'_, T>,
        made: &mut Vec<(TreePath, T)>,
        faults: &mut Vec<(TreePath, ReadFault)>,
    ) {
        nodes.sort_by_key(|(path, node)| (node.offset, *path));
        let Some(blob) = self.blob.as_ref().filter(|_| !nodes.is_empty()) else { return };
        let is_plain = blob.window().is_some() && self.is_plain(blob);
        let mut stream = if is_plain { None } else { blob.open().and_then(unpacked).ok() };
        let (mut at, mut large) = (0, 0);
        for same in nodes.chunk_by(|(_, a), (_, b)| a.offset == b.offset) {
            let Some((_, node)) = same.first() else { continue };
            let mut held = None;
            if !is_plain && node.size <= MAX_HELD_BYTES {
                let mut bytes = Vec::new();
                let read = stream.as_mut().map_or(Err(std::io::ErrorKind::UnexpectedEof.into()), |stream| {
                    std::io::copy(&mut stream.by_ref().take(node.offset.saturating_sub(at)), &mut std::io::sink())?;
                    stream.by_ref().take(node.size).read_to_end(&mut bytes)
                });
                at = node.offset.saturating_add(node.size);
                if !read.is_ok_and(|count| count as u64 == node.size) {
                    faults.extend(same.iter().map(|(path, _)| ((*path).clone(), ReadFault::Unreadable)));
                    continue;
                }
                held = Some(bytes);
            } else if !is_plain {
                large += same.len();
                if large > MAX_LARGE_AGAIN {
                    let fault = ReadFault::TooMany { max_files: MAX_LARGE_AGAIN as u64 };
                    faults.extend(same.iter().map(|(path, _)| ((*path).clone(), fault)));
                    continue;
                }
            }
            for (path, node) in same {
                let mut contents = Again { layer: self, node, held: held.as_deref() };
                let entry = node.entry(path);
                for at in wants.visited.matching(path) {
                    made.extend(visit(&entry, Asked::Pattern(at), &mut contents).map(|one| ((*path).clone(), one)));
                }
                if wants.may_execute(path.file_name(), node.mode) && contents.open().is_ok_and(reads_executable) {
                    made.extend(visit(&entry, Asked::Executable, &mut contents).map(|one| ((*path).clone(), one)));
                }
            }
        }
    }
}
