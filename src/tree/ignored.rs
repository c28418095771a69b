//! What git passes over in a work tree: `.gitignore` files, `info/exclude` and the user's own list (`gitignore(5)`).
//!
//! The patterns are those of the crate `ignore`; the files are read here. A `.gitignore` may be a link to a device
//! that never ends, or a FIFO that nobody writes to: as git does, only a regular file is read, and no link followed.
//! A file that cannot be read ignores nothing, so that more is looked at, never less.

use std::borrow::Cow;
use std::collections::HashMap;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

use super::beneath::Beneath;
use super::{TreePath, limits};

/// What git passes over in a work tree. Paths are relative to the work tree's root.
#[derive(Debug)]
pub(super) struct Ignored {
    root: Beneath,
    case: Case,
    /// The patterns that stand in no folder of the tree, the stronger last.
    general: Vec<Gitignore>,
    folders: Mutex<HashMap<Box<[u8]>, Folder>>,
}

/// Whether `core.ignoreCase` is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Matters,
    Ignored,
}

/// A folder, as far as it matters to what is ignored in it.
#[derive(Clone, Debug)]
pub(super) enum Folder {
    /// All of it is ignored.
    Ignored,
    /// The nearest patterns hold, and then those above them.
    Under(Option<Arc<Patterns>>),
}

/// The patterns of one folder.
#[derive(Debug)]
pub(super) struct Patterns {
    folder: TreePath,
    patterns: Gitignore,
    above: Option<Arc<Self>>,
}

impl Ignored {
    /// Takes the texts of the lists that stand in no folder, the stronger last, and reads nothing yet.
    pub(super) fn new(root: Beneath, case: Case, general: &[Vec<u8>]) -> Self {
        let general = general.iter().map(|text| patterns(text, case)).filter(|patterns| !patterns.is_empty());
        Self { root, case, general: general.collect(), folders: Mutex::default() }
    }

    /// Whether git passes over what stands at a path, unless it is tracked.
    pub(super) fn covers(&self, path: &TreePath, is_folder: bool) -> bool {
        let Some(parent) = path.parent() else { return false };
        self.covers_in(&self.folder(parent.as_bytes()), path.as_bytes(), is_folder)
    }

    /// Whether git passes over what stands at a path of a folder.
    pub(super) fn covers_in(&self, folder: &Folder, path: &[u8], is_folder: bool) -> bool {
        let mut patterns = match folder {
            Folder::Ignored => return true,
            Folder::Under(patterns) => patterns.as_ref(),
        };
        // The nearest first: the first that speak of the path decide.
        while let Some(nearest) = patterns {
            let below = match nearest.folder.as_bytes().len() {
                0 => path,
                length => path.get(length + 1..).unwrap_or_default(),
            };
            match nearest.patterns.matched(Path::new(OsStr::from_bytes(below)), is_folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => patterns = nearest.above.as_ref(),
            }
        }
        for patterns in self.general.iter().rev() {
            match patterns.matched(Path::new(OsStr::from_bytes(path)), is_folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => {}
            }
        }
        false
    }

    /// Returns a folder. Its patterns are read once.
    pub(super) fn folder(&self, path: &[u8]) -> Folder {
        if let Some(folder) = self.known().get(path) {
            return folder.clone();
        }
        let folder = self.read(path);
        self.known().insert(path.into(), folder.clone());
        folder
    }

    fn known(&self) -> MutexGuard<'_, HashMap<Box<[u8]>, Folder>> {
        self.folders.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, path: &[u8]) -> Folder {
        let Some(whole) = TreePath::new(path) else { return Folder::Under(None) };
        let Some(parent) = whole.parent() else { return self.enter(Folder::Under(None), &whole) };
        let above = self.folder(parent.as_bytes());
        if self.covers_in(&above, path, true) { Folder::Ignored } else { self.enter(above, &whole) }
    }

    /// Goes from what is ignored above a folder to what is ignored in it.
    pub(super) fn enter(&self, above: Folder, path: &TreePath) -> Folder {
        let Folder::Under(above) = above else { return Folder::Ignored };
        let text = self.root.read(&path.child(b".gitignore"), limits::MAX_IGNORE_BYTES).unwrap_or_default();
        let patterns = patterns(&text, self.case);
        if patterns.is_empty() {
            return Folder::Under(above);
        }
        Folder::Under(Some(Arc::new(Patterns { folder: path.clone(), patterns, above })))
    }
}

/// Reads patterns. One that is none matches nothing, as in git.
fn patterns(text: &[u8], case: Case) -> Gitignore {
    let mut builder = GitignoreBuilder::new("");
    if builder.case_insensitive(case == Case::Ignored).is_err() {
        return Gitignore::empty();
    }
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(text);
    for line in text.split(|byte| *byte == b'\n') {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        // The library's patterns are text. One that is not names files that are not; they stay visible.
        let Ok(line) = std::str::from_utf8(line) else { continue };
        if builder.add_line(None, &literal_braces(line)).is_err() {
            continue;
        }
    }
    builder.build().unwrap_or_else(|_error| Gitignore::empty())
}

/// Escapes braces outside of brackets: they mean alternatives to the library, and themselves to git.
fn literal_braces(line: &str) -> Cow<'_, str> {
    if !line.contains(['{', '}']) {
        return Cow::Borrowed(line);
    }
    let mut out = String::with_capacity(line.len() + 2);
    let (mut escaped, mut bracket) = (false, false);
    for character in line.chars() {
        if matches!(character, '{' | '}') && !escaped && !bracket {
            out.push('\\');
        }
        out.push(character);
        bracket = match character {
            '[' if !escaped => true,
            ']' => false,
            _ => bracket,
        };
        escaped = character == '\\' && !escaped;
    }
    Cow::Owned(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn braces_mean_themselves() {
        let ignores = |pattern: &str, path: &str| {
            matches!(patterns(pattern.as_bytes(), Case::Matters).matched(Path::new(path), false), Match::Ignore(_))
        };
        assert!(!ignores("{Cargo.lock,x}", "Cargo.lock"));
        assert!(ignores("{Cargo.lock,x}", "{Cargo.lock,x}"));
        assert!(ignores("[{]a", "{a"));
        assert!(ignores("\\{a", "{a"));
        assert!(ignores("a\r\n", "a"));
        assert!(ignores("\u{feff}a", "a"));
    }
}
