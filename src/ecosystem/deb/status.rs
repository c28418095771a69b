//! dpkg's `status`: a stanza for each package that is installed, or was and left something.

use super::{CAPABILITY, read};
use crate::component::Unstated;
use crate::ecosystem::installed::{FileLists, Packages, Reader, Record, Stands, last_line};
use crate::ecosystem::{File, Unread};
use crate::tree::TreePath;

pub(in crate::ecosystem) static RECORD: Record = Record {
    id: "dpkg-status",
    ecosystem: "deb",
    stands: Stands::At(&["var/lib/dpkg/status"]),
    capability: CAPABILITY,
    summary: "dpkg's database, var/lib/dpkg/status",
    read: Reader::Text(packages),
    resolve: None,
    gives_way_to: &[],
    files: FileLists::Bytes(super::files::of_status),
};

fn packages(file: &File<'_>, out: &mut Packages) -> Result<(), Unread> {
    let folder = file.path.parent().unwrap_or_default().child(b"info");
    read(file, out, Unstated::Fault, |package, is_multi_arch| {
        list(&folder, &package.name, package.installed.architecture.as_deref(), is_multi_arch)
    })?;
    last_line(file)
}

/// Returns where dpkg lists the files of a package (`pkg_infodb_get_file`): the architecture is part of the name where the
/// package may be installed for several at once. Before 1.16.2, of 2012, it never was.
pub(super) fn list(
    folder: &TreePath,
    package: &str,
    architecture: Option<&str>,
    is_multi_arch: bool,
) -> Option<TreePath> {
    let name = match architecture {
        Some(architecture) if is_multi_arch => format!("{package}:{architecture}.list"),
        _ => format!("{package}.list"),
    };
    (!name.contains('/')).then(|| folder.child(name.as_bytes()))
}
