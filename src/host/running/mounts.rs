//! The file systems that are mounted now, with the options of the mount and of the file system together
//! (`proc_pid_mountinfo(5)`).

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::source::{Known, Running as Source};
use crate::document::unescaped_octal;
use crate::host::line::lines;
use crate::host::reading::Reading;
use crate::text::Text;
use crate::tree::{Shown, TreePath};

/// The id of the family.
pub const ID: &str = "mounts";

/// How many mounts are kept.
const MAX_MOUNTS: usize = 100_000;

/// How many characters of an option are kept: an overlay names all of its folders.
const MAX_CHARACTERS: usize = 300;

/// The file systems that are mounted.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mounts {
    /// Each by its mount point; of several the last, which covers the others.
    #[serde(default)]
    pub mounts: Known<BTreeMap<TreePath, Mount>>,
}

/// A file system that is mounted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mount {
    /// The type of the file system.
    pub kind: Text,
    /// What is mounted.
    pub source: Text,
    /// The options of the mount and of the file system.
    pub options: BTreeSet<Text>,
}

impl Mount {
    /// Whether an option is in force: `nosuid`, `hidepid=invisible`.
    #[must_use]
    pub fn has(&self, option: &str) -> bool {
        self.options.iter().any(|one| one.as_str() == option)
    }
}

impl Mounts {
    pub(super) fn collect(_reading: &Reading<'_>, source: &Source<'_>) -> Self {
        Self { mounts: source.read(Shown::Proc, &source.own("mountinfo")).map(|bytes| read(&bytes)) }
    }
}

/// Reads the mounts of a process. A mount point that is no path of a tree is left out.
#[must_use]
pub fn read(bytes: &[u8]) -> BTreeMap<TreePath, Mount> {
    let mut out = BTreeMap::new();
    for line in lines(bytes) {
        let mut fields = line.bytes.split(|byte| *byte == b' ');
        let (Some(point), Some(own)) = (fields.nth(4), fields.next()) else { continue };
        // Optional fields follow, then a hyphen, the type, what is mounted, and the options of the file system.
        let mut behind = fields.skip_while(|field| *field != b"-").skip(1);
        let (Some(kind), Some(source)) = (behind.next(), behind.next()) else { continue };
        let shared = behind.next().unwrap_or_default();
        let point = unescaped_octal(point);
        let Some(point) = point.strip_prefix(b"/").and_then(|point| TreePath::root().join(point)) else { continue };
        if out.len() < MAX_MOUNTS || out.contains_key(&point) {
            let kind = Text::of(unescaped_octal(kind).as_slice());
            let source = Text::of(unescaped_octal(source).as_slice()).shortened(MAX_CHARACTERS);
            out.insert(point, Mount { kind, source, options: options(own, shared) });
        }
    }
    out
}

/// Puts the options together. That a mount is read-only holds where only the file system may be written, and the other way
/// round.
fn options(own: &[u8], shared: &[u8]) -> BTreeSet<Text> {
    let split = |options: &[u8]| -> Vec<Text> {
        let options = options.split(|byte| *byte == b',').filter(|option| !option.is_empty());
        options.map(|option| Text::of(unescaped_octal(option).as_slice()).shortened(MAX_CHARACTERS)).collect()
    };
    let mut out: BTreeSet<Text> = split(own).into_iter().chain(split(shared)).collect();
    if out.contains(&Text::trusted("ro")) {
        out.remove(&Text::trusted("rw"));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mounts_are_read() {
        let check = |text: &str, expected: &[(&str, &str, &str)]| {
            let found = read(text.as_bytes());
            let found: Vec<(String, String, String)> = found
                .iter()
                .map(|(path, mount)| {
                    let options: Vec<&str> = mount.options.iter().map(Text::as_str).collect();
                    (path.to_string(), mount.kind.to_string(), options.join(","))
                })
                .collect();
            let expected: Vec<(String, String, String)> = expected
                .iter()
                .map(|(path, kind, options)| ((*path).to_owned(), (*kind).to_owned(), (*options).to_owned()))
                .collect();
            assert_eq!(found, expected, "{text}");
        };
        check("", &[]);
        check(
            "22 27 0:21 / /proc rw,relatime - proc proc rw,hidepid=invisible\n",
            &[("proc", "proc", "hidepid=invisible,relatime,rw")],
        );
        check("1 0 8:1 / / rw shared:1 master:2 - ext4 /dev/vda ro\n", &[(".", "ext4", "ro")]);
        check("1 0 8:1 / /a\\040b rw - tmpfs none rw,size=4k\n", &[("a b", "tmpfs", "rw,size=4k")]);
        check("1 0 8:1 / /a\\9x rw - tmpfs none rw\n", &[("a\\\\9x", "tmpfs", "rw")]);
        // The last one covers the one before.
        check(
            "1 0 8:1 / /tmp rw - ext4 a rw\n2 1 0:2 / /tmp rw,nosuid - tmpfs b rw\n",
            &[("tmp", "tmpfs", "nosuid,rw")],
        );
        check("1 0 8:1 / /tmp rw\n1 0 8:1 / /x rw - tmpfs\n1 0\n", &[]);
        check("1 0 8:1 / ../x rw - tmpfs a rw\n", &[]);
    }
}
