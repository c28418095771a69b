//! Root filesystems, wherever they lie: a directory, a tarball of one, an image of a container.
//!
//! Every path is resolved inside the root, links included, as for a process whose root it is: a link that begins with a
//! slash begins at the root, and `..` never leads above it. Only regular files are opened. Nothing is unpacked, run or
//! written.

mod folder;
mod image;
mod pattern;
mod real;
mod survey;
mod window;

use std::collections::HashMap;
use std::io::Read as _;
use std::path::Path;
use std::sync::Mutex;

use globset::GlobSet;

pub use image::Platform;
pub use pattern::PathPattern;
pub use real::Unreal;
pub use survey::{CAPABILITIES, Elsewhere, Met, MetKind, Notice, Survey};

use super::ahead::lock;
use super::wants::exclusions;
use super::{Census, Entry, EntryKind, Input, ReadFault, ReadSeek, TreeError, TreePath, WantsError};
use crate::text::Text;
use folder::FolderRoot;
use image::Image;
use pattern::PathPatterns;

/// A root filesystem.
pub struct Root {
    source: Source,
    /// Where folders stand that were asked for, links followed.
    folders: Mutex<HashMap<TreePath, TreePath>>,
}

enum Source {
    Folder(FolderRoot),
    Image(Box<Image>),
}

/// What kind of thing a root is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RootKind {
    /// A directory of the machine.
    Folder,
    /// A tarball of a directory.
    Tarball,
    /// An image of a container.
    Image,
}

/// What a pass over a root is made for.
pub struct RootWants {
    /// Files whose contents are read after the pass. A root that is read as a stream holds them.
    held: PathPatterns,
    /// Files that are looked into in the course of the pass, wherever they stand.
    visited: PathPatterns,
    /// Whether programs and libraries are looked into.
    executables: bool,
    exclude: GlobSet,
}

/// What asks for the contents of a file in the course of a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The pattern at this place of the list.
    Pattern(usize),
    /// That it is a program or a library.
    Executable,
}

/// The contents of a file in the course of a pass.
pub trait Contents {
    /// Returns how many bytes it has.
    fn size(&self) -> u64;

    /// Opens it, to be read here and there.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn open(&mut self) -> Result<Box<dyn ReadSeek + '_>, ReadFault>;

    /// Reads all of it, if it has at most `max_bytes`.
    ///
    /// # Errors
    /// Why it cannot be read.
    fn bytes(&mut self, max_bytes: u64) -> Result<Vec<u8>, ReadFault> {
        let size = self.size();
        if size > max_bytes {
            return Err(ReadFault::TooLarge { max_bytes });
        }
        bounded(self.open()?, size, max_bytes)
    }
}

/// Reads all of something that says that it has so many bytes, if it has at most `max_bytes`.
fn bounded(contents: Box<dyn ReadSeek + '_>, size: u64, max_bytes: u64) -> Result<Vec<u8>, ReadFault> {
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    contents.take(max_bytes.saturating_add(1)).read_to_end(&mut bytes).map_err(|_error| ReadFault::Unreadable)?;
    if bytes.len() as u64 > max_bytes { Err(ReadFault::TooLarge { max_bytes }) } else { Ok(bytes) }
}

/// What is done with a file in the course of a pass; it may be asked on several threads.
pub type Visit<'a, T> = &'a (dyn Fn(&Entry, Asked, &mut dyn Contents) -> Option<T> + Sync);

/// What a pass found.
pub struct Pass<T> {
    /// What was made of the visited files, in the order of their paths.
    pub found: Vec<(TreePath, T)>,
    /// Files that could not be looked into.
    pub faults: Vec<(TreePath, ReadFault)>,
    /// Folders that could not be listed: anything may stand in them.
    pub closed: Vec<(TreePath, ReadFault)>,
    /// What bears the name of a file that would be looked into, and is none: links, and what is neither.
    pub odd: Vec<TreePath>,
    /// What of an image cannot be known, and why.
    pub damages: Vec<ImageDamage>,
    /// How much was met and passed over.
    pub census: Census,
}

/// What of an image cannot be known.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ImageDamage {
    /// The layer or the entry.
    pub path: TreePath,
    /// What was expected.
    pub expected: Text,
    /// What was found.
    pub found: Text,
}

impl RootWants {
    /// Wants nothing that matches `exclude`; else to hold some files, and to look into others, and into programs and
    /// libraries.
    ///
    /// # Errors
    /// An exclusion that is no pattern.
    pub fn new(
        held: impl IntoIterator<Item = PathPattern>,
        visited: impl IntoIterator<Item = PathPattern>,
        executables: bool,
        exclude: &[String],
    ) -> Result<Self, WantsError> {
        Ok(Self {
            held: PathPatterns::new(held.into_iter()),
            visited: PathPatterns::new(visited.into_iter()),
            executables,
            exclude: exclusions(exclude)?,
        })
    }

    /// Whether nothing of a path is wanted.
    #[must_use]
    pub fn excludes(&self, path: &TreePath) -> bool {
        !self.exclude.is_empty() && self.exclude.is_match(super::wants::os_path(path))
    }

    /// Whether it may be that a file of this name and mode is looked into as a program or a library.
    fn may_execute(&self, name: &[u8], mode: u32) -> bool {
        const LIBRARIES: [&[u8]; 6] = [b".so", b".dll", b".dylib", b".exe", b".node", b".pyd"];
        let is_library = || {
            LIBRARIES.iter().any(|ending| name.ends_with(ending))
                || name.windows(4).any(|part| part == b".so.".as_slice())
        };
        self.executables && (mode & 0o111 != 0 || is_library())
    }
}

/// How many bytes tell whether a file is a program or a library.
const EXECUTABLE_HEAD: usize = 8;

/// Whether what is read begins as a program or a library does; false where it cannot be read.
fn reads_executable(reader: impl std::io::Read) -> bool {
    let mut head = Vec::new();
    reader.take(EXECUTABLE_HEAD as u64).read_to_end(&mut head).is_ok() && begins_executable(&head)
}

/// Whether a file begins as a program or a library does: ELF, PE, Mach-O.
fn begins_executable(head: &[u8]) -> bool {
    match head {
        [0x7f, b'E', b'L', b'F', ..] | [b'M', b'Z', ..] => true,
        [0xfe, 0xed, 0xfa, 0xce | 0xcf, ..] | [0xce | 0xcf, 0xfa, 0xed, 0xfe, ..] => true,
        // A class of Java begins so too, with a version where the number of architectures stands.
        [0xca, 0xfe, 0xba, 0xbe | 0xbf, 0, 0, 0, count, ..] => *count < 40,
        _ => false,
    }
}

impl Root {
    /// Opens a directory, a tarball of one, or an image: `docker save`'s tarball, an OCI layout or a tarball of one.
    ///
    /// # Errors
    /// When there is none, or none for the platform.
    pub fn open(path: &Path, name: Text, platform: Option<&Platform>) -> Result<Self, TreeError> {
        let source = match image::open(path, &name, platform)? {
            Some(image) => Source::Image(Box::new(image)),
            None => Source::Folder(FolderRoot::open(path, name)?),
        };
        Ok(Self { source, folders: Mutex::default() })
    }

    /// Returns what kind of thing it is.
    #[must_use]
    pub fn kind(&self) -> RootKind {
        match &self.source {
            Source::Folder(_) => RootKind::Folder,
            Source::Image(image) => image.kind(),
        }
    }

    /// Returns what this root is, for the report.
    #[must_use]
    pub fn input(&self) -> Input {
        match &self.source {
            Source::Folder(folder) => folder.input(),
            Source::Image(image) => image.input(),
        }
    }

    /// Returns the name that an image bears by itself.
    #[must_use]
    pub fn reference(&self) -> Option<&Text> {
        match &self.source {
            Source::Folder(_) => None,
            Source::Image(image) => image.reference(),
        }
    }

    /// Reads all of it once.
    ///
    /// # Errors
    /// When it holds nothing, or cannot be read at all.
    pub fn pass<T: Send>(&self, wants: &RootWants, visit: Visit<'_, T>) -> Result<Pass<T>, TreeError> {
        match &self.source {
            Source::Folder(folder) => folder.pass(wants, visit),
            Source::Image(image) => image.pass(wants, visit),
        }
    }

    /// Reads what must be held of a root that is read as a stream, so that files can be asked for: first of all that is done
    /// with it, unless there is a pass. Returns what of an image cannot be known.
    ///
    /// # Errors
    /// When it holds nothing, or cannot be read at all.
    pub fn hold(&self, wants: &RootWants) -> Result<Vec<ImageDamage>, TreeError> {
        match &self.source {
            Source::Folder(folder) => folder.expect_something().map(|()| Vec::new()),
            Source::Image(image) => Ok(image.pass::<()>(wants, &|_, _, _| None)?.damages),
        }
    }

    /// Shows every name to somebody, and opens no file.
    pub fn survey<T: Send>(&self, notice: Notice<'_, T>) -> Survey<T> {
        match &self.source {
            Source::Folder(folder) => folder.survey(notice),
            Source::Image(image) => image.survey(notice),
        }
    }

    /// Looks up one path, following no link, not even on the way.
    ///
    /// # Errors
    /// Why it cannot be looked at.
    pub fn look(&self, path: &TreePath) -> Result<Option<Entry>, ReadFault> {
        match &self.source {
            Source::Folder(folder) => folder.look(path),
            Source::Image(image) => Ok(image.look(path)),
        }
    }

    /// Follows every link of a path, and returns what stands at its end.
    ///
    /// # Errors
    /// Where it leads to nothing, in a circle, or where nobody may look.
    pub fn real(&self, path: &TreePath) -> Result<Entry, Unreal> {
        let Some(above) = path.parent() else { return Ok(Entry::new(path.clone(), EntryKind::Folder)) };
        let folder = self.folder(&above).map_err(|unreal| match unreal {
            Unreal::Circle(_) => Unreal::Circle(path.clone()),
            Unreal::Nothing(at) if at == above => Unreal::Nothing(path.clone()),
            other => other,
        })?;
        let at = folder.child(path.file_name());
        match self.look(&at) {
            Ok(Some(Entry { kind: EntryKind::Link(_), .. })) => self.followed(path),
            Ok(Some(entry)) => Ok(entry),
            Ok(None) => Err(Unreal::Nothing(at)),
            Err(fault) => Err(Unreal::Unread(at, fault)),
        }
    }

    /// Returns where a folder stands, links followed. Most of what is asked for stands in a folder in which something was
    /// asked for before: one that was found once is not looked at again.
    ///
    /// # Errors
    /// Where there is no folder, or nobody may look.
    pub fn folder(&self, path: &TreePath) -> Result<TreePath, Unreal> {
        if path.is_root() {
            return Ok(path.clone());
        }
        if let Some(known) = lock(&self.folders).get(path) {
            return Ok(known.clone());
        }
        match self.followed(path)? {
            Entry { kind: EntryKind::Folder, path: found, .. } => {
                lock(&self.folders).insert(path.clone(), found.clone());
                Ok(found)
            }
            _ => Err(Unreal::Nothing(path.clone())),
        }
    }

    /// Follows a path from the root on. Nothing stands at one that is longer than any the system takes.
    fn followed(&self, path: &TreePath) -> Result<Entry, Unreal> {
        if path.as_bytes().len() as u64 > super::limits::MAX_LINK_BYTES {
            return Err(Unreal::Nothing(path.clone()));
        }
        real::real(&|path| self.look(path), path)
    }

    /// Lists what stands directly in a folder, in the order of names; no part of its path may be a link.
    ///
    /// # Errors
    /// Why it cannot be listed.
    pub fn list(&self, folder: &TreePath) -> Result<Vec<Entry>, ReadFault> {
        match &self.source {
            Source::Folder(root) => root.list(folder),
            Source::Image(image) => Ok(image.list(folder)),
        }
    }

    /// Returns the names in a folder as far as some are wanted by name, in their order: folders, and files whose names are
    /// wanted; no part of its path may be a link. Nothing else in it is looked at.
    ///
    /// # Errors
    /// Why it cannot be listed.
    pub fn list_some(&self, folder: &TreePath, is_wanted: fn(&[u8]) -> bool) -> Result<Vec<Entry>, ReadFault> {
        match &self.source {
            Source::Folder(root) => root.list_some(folder, is_wanted),
            Source::Image(image) => {
                let is_one = |entry: &Entry| entry.kind == EntryKind::Folder || is_wanted(entry.path.file_name());
                Ok(image.list(folder).into_iter().filter(is_one).collect())
            }
        }
    }

    /// Opens a regular file, to be read here and there.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn open_file(&self, entry: &Entry) -> Result<(u64, Box<dyn ReadSeek + '_>), ReadFault> {
        if entry.kind != EntryKind::File {
            return Err(ReadFault::NotRegular);
        }
        match &self.source {
            Source::Folder(folder) => folder.open_file(entry),
            Source::Image(image) => image.open_file(&entry.path),
        }
    }

    /// Returns an extended attribute of what stands at a path, which is not opened; `None` where it has none.
    ///
    /// # Errors
    /// Why it cannot be known.
    pub fn attribute(&self, entry: &Entry, name: &[u8]) -> Result<Option<Box<[u8]>>, ReadFault> {
        match &self.source {
            Source::Folder(folder) => folder.attribute(&entry.path, name),
            Source::Image(_) => {
                Ok(entry.attributes.iter().find(|known| *known.name == *name).map(|known| known.value.clone()))
            }
        }
    }

    /// Whether a regular file may not be changed, or only be added to, whoever asks; `None` where that is not kept: an
    /// archive does not.
    ///
    /// # Errors
    /// Why it cannot be known.
    pub fn is_locked(&self, entry: &Entry) -> Result<Option<bool>, ReadFault> {
        match &self.source {
            Source::Folder(folder) => folder.is_locked(&entry.path),
            Source::Image(_) => Ok(None),
        }
    }

    /// Reads a regular file of at most `max_bytes`.
    ///
    /// # Errors
    /// Why it cannot be read.
    pub fn read(&self, entry: &Entry, max_bytes: u64) -> Result<Vec<u8>, ReadFault> {
        let (size, contents) = self.open_file(entry)?;
        if size > max_bytes {
            return Err(ReadFault::TooLarge { max_bytes });
        }
        bounded(contents, size, max_bytes)
    }

    /// Returns the regular files that a pattern of paths from the root on means, links followed: each with the path by
    /// which it was found. What stands there and is no regular file, or cannot be looked at, is a fault.
    #[must_use]
    pub fn expand(&self, pattern: &'static str) -> Expanded {
        let mut out = Expanded::default();
        let mut at = vec![TreePath::root()];
        for part in pattern.split('/') {
            let mut next = Vec::new();
            for folder in at {
                if !part.contains('*') {
                    next.push(folder.child(part.as_bytes()));
                    continue;
                }
                match self.real(&folder).map(|real| self.list(&real.path).map_err(|fault| (real.path, fault))) {
                    Ok(Ok(entries)) => {
                        let names = entries.into_iter().map(|entry| entry.path.file_name().to_vec());
                        let named = names.filter(|name| super::wants::is_named(part.as_bytes(), name));
                        next.extend(named.map(|name| folder.child(&name)));
                    }
                    Ok(Err((path, ReadFault::Denied))) => out.faults.push((path, ReadFault::Denied)),
                    Ok(Err((_, _))) => {}
                    Err(unreal) => out.faults.extend(unreal.fault()),
                }
            }
            at = next;
        }
        for path in at {
            match self.real(&path) {
                Ok(entry) if entry.kind == EntryKind::File => out.files.push((path, entry)),
                Ok(_) => out.faults.push((path, ReadFault::NotRegular)),
                Err(Unreal::Nothing(_)) => {
                    // A link that leads to nothing stands there all the same.
                    if matches!(self.look(&path), Ok(Some(Entry { kind: EntryKind::Link(_), .. }))) {
                        out.faults.push((path, ReadFault::Absent));
                    }
                }
                Err(unreal) => out.faults.extend(unreal.fault().map(|(_, fault)| (path, fault))),
            }
        }
        out
    }
}

/// What a pattern of paths means.
#[derive(Debug, Default)]
pub struct Expanded {
    /// Regular files: the path by which each was found, and what stands at its end.
    pub files: Vec<(TreePath, Entry)>,
    /// What stands there and cannot be read.
    pub faults: Vec<(TreePath, ReadFault)>,
}

#[cfg(test)]
mod tests;
