//! The folder `status.d`: a file a package, or for several, in images that have packages of Debian and no dpkg.

use super::{CAPABILITY, read};
use crate::component::Unstated;
use crate::ecosystem::installed::{FileLists, Packages, Reader, Record, Stands};
use crate::ecosystem::{File, Unread};

pub(in crate::ecosystem) static RECORD: Record = Record {
    id: "dpkg-status-d",
    ecosystem: "deb",
    stands: Stands::At(&["var/lib/dpkg/status.d/*"]),
    capability: CAPABILITY,
    summary: "var/lib/dpkg/status.d, of images without dpkg",
    read: Reader::Text(packages),
    resolve: None,
    gives_way_to: &[],
    files: FileLists::Bytes(super::files::of_status_d),
};

/// How the files end that list the contents of the packages beside them.
pub(super) const CONTENTS: &str = ".md5sums";

fn packages(file: &File<'_>, out: &mut Packages) -> Result<(), Unread> {
    if file.path.file_name().ends_with(CONTENTS.as_bytes()) {
        return Ok(());
    }
    let folder = file.path.parent().unwrap_or_default();
    // Who writes these files does not always end the last line.
    read(file, out, Unstated::Installed, |package, _| {
        let name = format!("{}{CONTENTS}", package.name);
        (!name.contains('/')).then(|| folder.child(name.as_bytes()))
    })
}
