//! Patterns of paths as glob(3) reads them, inside the root.

use globset::{GlobBuilder, GlobMatcher};

use super::reading::{Reading, Unread};
use crate::tree::{TreePath, limits};

/// How many paths a pattern may mean.
const MAX_PATHS: usize = 10_000;

/// Returns what matches names by a pattern with `*`, `?` and sets; `None` where it is none.
pub(super) fn matcher(pattern: &str) -> Option<GlobMatcher> {
    // Braces and doubled stars mean nothing to glob(3).
    let mut plain = String::new();
    for character in pattern.chars() {
        match character {
            '{' => plain.push_str("[{]"),
            '}' => plain.push_str("[}]"),
            '*' if plain.ends_with('*') => {}
            other => plain.push(other),
        }
    }
    let glob = GlobBuilder::new(&plain).literal_separator(true).backslash_escape(true).build().ok()?;
    Some(glob.compile_matcher())
}

/// Whether a name holds a sign of a pattern.
pub(super) fn is_pattern(text: &str) -> bool {
    text.contains(['*', '?', '['])
}

/// Returns the paths that a pattern from the root on means, in the order of bytes. Names with a dot in front are meant only
/// where the pattern says so. A path without signs is returned whether something stands there or not.
///
/// # Errors
/// The folder that cannot be listed.
pub(super) fn expand(reading: &Reading<'_>, pattern: &str) -> Result<Vec<TreePath>, Unread> {
    // Nothing stands at a path that is longer than any the system takes.
    if pattern.len() as u64 > limits::MAX_LINK_BYTES {
        return Ok(Vec::new());
    }
    let mut at = vec![TreePath::root()];
    for part in pattern.split('/').filter(|part| !part.is_empty() && *part != ".") {
        if part == ".." {
            at = at.iter().map(|folder| folder.parent().unwrap_or_default()).collect();
            continue;
        }
        if !is_pattern(part) {
            at = at.iter().map(|folder| folder.child(part.as_bytes())).collect();
            continue;
        }
        let Some(matcher) = matcher(part) else { return Ok(Vec::new()) };
        let mut next = Vec::new();
        for folder in at {
            for entry in reading.list(&folder)? {
                let name = entry.path.file_name();
                let is_hidden = name.first() == Some(&b'.') && !part.starts_with('.');
                if !is_hidden && next.len() < MAX_PATHS && matcher.is_match(&*String::from_utf8_lossy(name)) {
                    next.push(folder.child(name));
                }
            }
        }
        at = next;
    }
    at.sort();
    Ok(at)
}
