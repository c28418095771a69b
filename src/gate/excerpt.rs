//! The lines that findings point to, read once more from the tree for those who look at them.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::Lines;
use crate::finding::{Finding, State};
use crate::tree::{EntryKind, Tree, TreePath};

/// How many files are read again for their lines.
const MAX_FILES: usize = 64;

/// The largest file that is read again.
const MAX_BYTES: u64 = 32 << 20;

/// The longest line that is shown: of a file in one line a reader would see nothing.
const MAX_LINE: usize = 64 << 10;

/// Returns the lines that findings point to, as they stand in their files. A line that cannot be read is left
/// out: the finding names its place all the same.
pub(super) fn excerpts(tree: &dyn Tree, findings: &[Finding]) -> BTreeMap<(TreePath, u32), String> {
    let mut wanted: BTreeMap<&TreePath, BTreeSet<u32>> = BTreeMap::new();
    for finding in findings.iter().filter(|finding| matches!(finding.state, State::Fail | State::NotDetermined)) {
        if let Some((path, position)) =
            finding.location.as_ref().and_then(|location| Some((&location.path, location.position?)))
        {
            wanted.entry(path).or_default().insert(position.line);
        }
    }
    let mut out = BTreeMap::new();
    for (path, numbers) in wanted.into_iter().take(MAX_FILES) {
        let Ok(Some(entry)) = tree.entry(path) else { continue };
        if entry.kind != EntryKind::File {
            continue;
        }
        let Ok(bytes) = tree.read(&entry, MAX_BYTES) else { continue };
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        out.extend(lines(path, &String::from_utf8_lossy(bytes), &numbers));
    }
    out
}

/// Returns the lines of some numbers of a text, but those that are too long to be shown.
#[must_use]
pub fn lines(path: &TreePath, text: &str, numbers: &BTreeSet<u32>) -> BTreeMap<(TreePath, u32), String> {
    let lines = Lines::new(text);
    let wanted = numbers.iter().filter_map(|number| Some((*number, lines.line(*number)?)));
    let shown = wanted.filter(|(_, line)| line.len() <= MAX_LINE);
    shown.map(|(number, line)| ((path.clone(), number), line.to_owned())).collect()
}
