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
use std::sync::{Arc, Mutex, PoisonError};

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
    folders: Mutex<HashMap<TreePath, Arc<Folder>>>,
}

/// Whether `core.ignoreCase` is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Case {
    Matters,
    Ignored,
}

#[derive(Debug)]
struct Folder {
    path: TreePath,
    above: Option<Arc<Self>>,
    patterns: Gitignore,
    is_ignored: bool,
}

impl Ignored {
    /// Reads nothing yet but takes the texts of the lists that stand in no folder, the stronger last.
    pub(super) fn new(root: Beneath, case: Case, general: &[Vec<u8>]) -> Self {
        let general = general.iter().map(|text| patterns(text, case)).collect();
        Self { root, case, general, folders: Mutex::default() }
    }

    /// Whether git passes over what stands at a path, unless it is tracked.
    pub(super) fn covers(&self, path: &TreePath, is_folder: bool) -> bool {
        let Some(parent) = path.parent() else { return false };
        let folder = self.folder(&parent);
        folder.is_ignored || self.decides(Some(&folder), path, is_folder)
    }

    /// Returns a folder with its patterns, which are read once.
    fn folder(&self, path: &TreePath) -> Arc<Folder> {
        let known = || self.folders.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(folder) = known().get(path) {
            return Arc::clone(folder);
        }
        let above = path.parent().map(|parent| self.folder(&parent));
        let is_ignored = above.as_ref().is_some_and(|above| above.is_ignored || self.decides(Some(above), path, true));
        let text = if is_ignored { Vec::new() } else { self.read(&path.child(b".gitignore")) };
        let folder = Arc::new(Folder { path: path.clone(), above, patterns: patterns(&text, self.case), is_ignored });
        known().insert(path.clone(), Arc::clone(&folder));
        folder
    }

    fn read(&self, path: &TreePath) -> Vec<u8> {
        self.root.read(path, limits::MAX_IGNORE_BYTES).unwrap_or_default()
    }

    /// Asks the nearest patterns first: the first that speak of the path decide.
    fn decides(&self, mut folder: Option<&Arc<Folder>>, path: &TreePath, is_folder: bool) -> bool {
        while let Some(at) = folder {
            let below = path.below(&at.path).unwrap_or_default();
            match at.patterns.matched(Path::new(OsStr::from_bytes(below)), is_folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => folder = at.above.as_ref(),
            }
        }
        for patterns in self.general.iter().rev() {
            match patterns.matched(Path::new(OsStr::from_bytes(path.as_bytes())), is_folder) {
                Match::Ignore(_) => return true,
                Match::Whitelist(_) => return false,
                Match::None => {}
            }
        }
        false
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
