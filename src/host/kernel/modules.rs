//! The modules of the kernels that are installed, as depmod lists them.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::modprobe::underscored;
use crate::host::line::lines;
use crate::host::reading::{Reading, Unread};
use crate::text::Text;
use crate::tree::{EntryKind, TreePath};

/// The modules of a kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KernelModules {
    /// Those that can be loaded; `None` where no list was found.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub loadable: Option<BTreeSet<Text>>,
    /// Those that are part of the kernel.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub built_in: BTreeSet<Text>,
    /// Lists that could not be read.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unread: Vec<Unread>,
}

/// Reads a list of modules: a path a line, what it depends on behind a colon. Returns their names.
#[must_use]
pub fn read(bytes: &[u8]) -> BTreeSet<Text> {
    let name = |line: crate::host::line::Line<'_>| {
        let text = line.text();
        let path = text.split(':').next()?.trim();
        let file = path.rsplit('/').next()?;
        let (name, _) = file.split_once(".ko")?;
        Some(Text::of(&underscored(name)))
    };
    lines(bytes).filter_map(name).collect()
}

pub(super) fn collect(reading: &Reading<'_>) -> BTreeMap<Text, KernelModules> {
    let mut out = BTreeMap::new();
    let mut kernels: BTreeMap<Vec<u8>, TreePath> = BTreeMap::new();
    for folder in ["lib/modules", "usr/lib/modules"] {
        for entry in reading.list_at(folder).unwrap_or_default() {
            let is_folder = reading.root().real(&entry.path).is_ok_and(|real| real.kind == EntryKind::Folder);
            if is_folder {
                kernels.entry(entry.path.file_name().to_vec()).or_insert(entry.path);
            }
        }
    }
    for (name, folder) in kernels {
        let mut modules = KernelModules::default();
        let mut list = |file: &str| match reading.read_at(&folder.child(file.as_bytes())) {
            Ok(file) => file.map(|file| read(&file.bytes)),
            Err(unread) => {
                modules.unread.push(unread);
                None
            }
        };
        let loadable = list("modules.dep");
        let built_in = list("modules.builtin");
        // A folder that is left of a kernel that was removed holds neither.
        if loadable.is_some() || built_in.is_some() || !modules.unread.is_empty() {
            modules.loadable = loadable;
            modules.built_in = built_in.unwrap_or_default();
            out.insert(Text::of(name.as_slice()), modules);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_of_modules_are_read() {
        let check = |text: &str, expected: &[&str]| {
            let found = read(text.as_bytes());
            let found: Vec<&str> = found.iter().map(Text::as_str).collect();
            assert_eq!(found, expected, "{text:?}");
        };
        check("", &[]);
        check("kernel/fs/cramfs/cramfs.ko.xz: kernel/lib/zlib.ko.xz\n", &["cramfs"]);
        check("kernel/drivers/usb/storage/usb-storage.ko:\n", &["usb_storage"]);
        check("kernel/x\n# comment\n", &[]);
    }
}
