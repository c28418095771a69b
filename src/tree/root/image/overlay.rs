//! What stands in the end where layers lie over each other (`layer.md` of the OCI image specification).

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::atomic::{AtomicU64, Ordering};

use super::super::super::{Attribute, Entry, EntryKind, Owner, ReadFault, TreePath};
use super::super::ImageDamage;
use super::super::real::{Unreal, real};
use crate::text;
use crate::text::Text;

/// How many damages of one layer are told.
pub(super) const MAX_DAMAGES: usize = 100;

/// How many folders are made that no layer has an entry of.
const MAX_MADE: usize = 1_000_000;

/// How many names are looked up on the ways of links, of all layers together: thousands of times what an image needs.
const MAX_LOOKS: u64 = 50_000_000;

/// An entry of a layer.
pub(super) struct LayerEntry {
    /// Where its name says that it stands.
    pub(super) path: TreePath,
    pub(super) kind: LayerKind,
    pub(super) mode: u32,
    pub(super) owner: Owner,
    /// The major and minor number of a device.
    pub(super) device: Option<(u32, u32)>,
    pub(super) attributes: Vec<Attribute>,
    pub(super) size: u64,
    /// At which unpacked byte of the layer its contents begin.
    pub(super) offset: u64,
    pub(super) ordinal: usize,
}

/// What an entry of a layer is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum LayerKind {
    Is(EntryKind),
    /// Another name of a file.
    AnotherName(TreePath),
}

/// What a layer takes away of those below it.
pub(super) enum Removal {
    /// What stands at a path.
    One(TreePath),
    /// All that stands in a folder.
    AllIn(TreePath),
}

impl Removal {
    /// Returns what a name takes away, `None` where it does not, an error where it is none.
    pub(super) fn of(path: &TreePath) -> Option<Result<Self, ()>> {
        let name = path.file_name().strip_prefix(b".wh.")?;
        let folder = path.parent().unwrap_or_default();
        if name == b".wh..opq" {
            return Some(Ok(Self::AllIn(folder)));
        }
        if matches!(name, b"" | b"." | b"..") {
            return Some(Err(()));
        }
        // Others that begin so are aufs' own, and take nothing away.
        Some(Ok(Self::One(folder.child(name))))
    }
}

/// What stands at a path in the end.
#[derive(Clone, Debug)]
pub(super) struct Node {
    pub(super) kind: EntryKind,
    pub(super) mode: u32,
    pub(super) owner: Owner,
    /// The major and minor number of a device.
    pub(super) device: Option<(u32, u32)>,
    pub(super) attributes: Vec<Attribute>,
    pub(super) size: u64,
    pub(super) layer: usize,
    pub(super) offset: u64,
    pub(super) ordinal: usize,
    /// The name under which the layer has the contents.
    pub(super) written: TreePath,
    /// Whether this is another name of a file.
    pub(super) is_another_name: bool,
}

impl LayerEntry {
    /// Returns it as it stands, if nothing lies over it.
    pub(super) fn node(&self, layer: usize) -> Node {
        let kind = match &self.kind {
            LayerKind::Is(kind) => kind.clone(),
            LayerKind::AnotherName(_) => EntryKind::File,
        };
        Node {
            kind,
            mode: self.mode,
            owner: self.owner,
            device: self.device,
            attributes: self.attributes.clone(),
            size: self.size,
            layer,
            offset: self.offset,
            ordinal: self.ordinal,
            written: self.path.clone(),
            is_another_name: false,
        }
    }
}

/// Layers over each other.
#[derive(Default)]
pub(super) struct Overlay {
    nodes: BTreeMap<TreePath, Node>,
    /// How many folders were made.
    made: usize,
    /// How many names were looked up on the ways of links.
    looks: AtomicU64,
}

impl Overlay {
    /// Lays a layer over those there are.
    pub(super) fn add(
        &mut self,
        layer: usize,
        entries: Vec<LayerEntry>,
        removals: Vec<Removal>,
        damages: &mut Vec<ImageDamage>,
    ) {
        // A folder of this layer takes the place of a link below it before anything is taken away: else what is taken away
        // of the folder would be taken from where the link leads.
        for entry in &entries {
            let is_folder = entry.kind == LayerKind::Is(EntryKind::Folder);
            let is_link = |node: &Node| matches!(node.kind, EntryKind::Link(_));
            if is_folder && self.nodes.get(&entry.path).is_some_and(is_link) {
                self.nodes.insert(entry.path.clone(), entry.node(layer));
            }
        }
        // What is taken away is of the layers below, wherever in this layer that is said.
        for removal in removals {
            match removal {
                Removal::One(path) => {
                    if let Ok(path) = self.place(&path) {
                        self.remove(&path);
                    }
                }
                Removal::AllIn(folder) => {
                    if let Ok(entry) = self.real(&folder) {
                        self.remove_below(&entry.path);
                    }
                }
            }
        }
        let mut told = 0;
        for entry in entries {
            if let Err((expected, found)) = self.put(layer, &entry)
                && told < MAX_DAMAGES
            {
                told += 1;
                damages.push(ImageDamage { path: entry.path, expected, found });
            }
        }
    }

    fn put(&mut self, layer: usize, entry: &LayerEntry) -> Result<(), (Text, Text)> {
        let path = self.place(&entry.path)?;
        let node = match &entry.kind {
            LayerKind::Is(_) => entry.node(layer),
            LayerKind::AnotherName(target) => {
                let found = self.place(target).ok().and_then(|target| self.nodes.get(&target));
                match found
                    .filter(|node| matches!(node.kind, EntryKind::File | EntryKind::Link(_) | EntryKind::Other(_)))
                {
                    Some(node) => Node { is_another_name: true, ..node.clone() },
                    None => {
                        let expected = text!("`{}`, of which this is another name", target);
                        return Err((expected, Text::trusted("no such file")));
                    }
                }
            }
        };
        if self.nodes.get(&path).is_some_and(|old| old.kind == EntryKind::Folder) && node.kind != EntryKind::Folder {
            self.remove_below(&path);
        }
        self.nodes.insert(path, node);
        Ok(())
    }

    /// Returns where a name of a layer stands: links above it are followed, and folders that no layer has are made.
    fn place(&mut self, path: &TreePath) -> Result<TreePath, (Text, Text)> {
        let Some(folder) = path.parent().filter(|folder| !folder.is_root()) else { return Ok(path.clone()) };
        if self.nodes.get(&folder).is_some_and(|node| node.kind == EntryKind::Folder) {
            return Ok(path.clone());
        }
        let mut at = TreePath::root();
        for part in folder.parts() {
            let next = at.child(part);
            at = match self.nodes.get(&next).map(|node| &node.kind) {
                Some(EntryKind::Folder) => next,
                Some(EntryKind::Link(_)) => match self.real(&next) {
                    Ok(Entry { path, kind: EntryKind::Folder, .. }) => path,
                    Ok(_) | Err(_) => return Err(no_folder(&next)),
                },
                None if self.made < MAX_MADE => {
                    self.made += 1;
                    self.nodes.insert(next.clone(), folder_node());
                    next
                }
                None | Some(_) => return Err(no_folder(&next)),
            };
        }
        Ok(at.child(path.file_name()))
    }

    fn real(&self, path: &TreePath) -> Result<Entry, Unreal> {
        let look = |path: &TreePath| {
            if self.looks.fetch_add(1, Ordering::Relaxed) >= MAX_LOOKS {
                return Err(ReadFault::Unreadable);
            }
            Ok(self.nodes.get(path).map(|node| Entry::new(path.clone(), node.kind.clone())))
        };
        real(&look, path)
    }

    fn remove(&mut self, path: &TreePath) {
        if self.nodes.remove(path).is_some_and(|node| node.kind == EntryKind::Folder) {
            self.remove_below(path);
        }
    }

    fn remove_below(&mut self, folder: &TreePath) {
        let gone: Vec<TreePath> = self.below(folder).map(|(path, _)| path.clone()).collect();
        for path in gone {
            self.nodes.remove(&path);
        }
    }

    fn below<'a>(&'a self, folder: &'a TreePath) -> impl Iterator<Item = (&'a TreePath, &'a Node)> {
        let mut start = folder.as_bytes().to_vec();
        if !folder.is_root() {
            start.push(b'/');
        }
        let from: (Bound<&[u8]>, Bound<&[u8]>) = (Bound::Excluded(start.as_slice()), Bound::Unbounded);
        let range = self.nodes.range::<[u8], _>(from);
        range.take_while(move |(path, _)| path.below(folder).is_some())
    }

    /// Returns what stands at a path.
    pub(super) fn get(&self, path: &TreePath) -> Option<&Node> {
        self.nodes.get(path)
    }

    /// Returns everything, in the order of the paths.
    pub(super) fn all(&self) -> impl Iterator<Item = (&TreePath, &Node)> {
        self.nodes.iter()
    }

    /// Returns the regular files, in the order of their paths.
    pub(super) fn files(&self) -> impl Iterator<Item = (&TreePath, &Node)> {
        self.nodes.iter().filter(|(_, node)| node.kind == EntryKind::File)
    }

    /// Returns what is neither a regular file nor a folder, in the order of the paths.
    pub(super) fn others(&self) -> impl Iterator<Item = &TreePath> {
        let is_other = |node: &Node| matches!(node.kind, EntryKind::Link(_) | EntryKind::Other(_));
        self.nodes.iter().filter(move |(_, node)| is_other(node)).map(|(path, _)| path)
    }

    /// Lists what stands directly in a folder.
    pub(super) fn list(&self, folder: &TreePath) -> Vec<Entry> {
        let direct = |path: &TreePath| path.below(folder).is_some_and(|rest| !rest.contains(&b'/'));
        self.below(folder).filter(|(path, _)| direct(path)).map(|(path, node)| node.entry(path)).collect()
    }
}

fn no_folder(at: &TreePath) -> (Text, Text) {
    (Text::trusted("a folder above it"), text!("something else at `{}`", at))
}

/// A folder that no layer has an entry of.
fn folder_node() -> Node {
    Node {
        kind: EntryKind::Folder,
        mode: 0o755,
        owner: Owner { user: 0, group: 0 },
        device: None,
        attributes: Vec::new(),
        size: 0,
        layer: 0,
        offset: 0,
        ordinal: usize::MAX,
        written: TreePath::root(),
        is_another_name: false,
    }
}

impl Node {
    /// Returns what is known of it, as it stands at a path.
    pub(super) fn entry(&self, path: &TreePath) -> Entry {
        Entry {
            mode: Some(self.mode),
            size: Some(self.size),
            owner: Some(self.owner),
            attributes: self.attributes.clone(),
            ..Entry::new(path.clone(), self.kind.clone())
        }
    }
}
