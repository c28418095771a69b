//! dpkg, the package manager of Debian and what is made of it: its database, and the files that stand for one in images
//! without dpkg.

mod files;
pub(super) mod status;
pub(super) mod status_d;
#[cfg(test)]
mod tests;

use crate::component::{Capability, Control, FileList, Package, Unstated};
use crate::document::stanzas;
use crate::ecosystem::installed::Packages;
use crate::ecosystem::{File, Unread};
use crate::tree::TreePath;

/// What the database tells.
const CAPABILITY: Capability = Capability {
    transitive: true,
    digests: false,
    install_scripts: false,
    scope: false,
    // They stand in texts beside it, under usr/share/doc.
    licenses: false,
    edges: true,
    exact_requirements: false,
};

/// Reads the stanzas of a file; `files` says where the files of a package are listed.
fn read(
    file: &File<'_>,
    out: &mut Packages,
    unstated: Unstated,
    files: impl Fn(&Package, bool) -> Option<TreePath>,
) -> Result<(), Unread> {
    for stanza in stanzas(file.text) {
        let Control { package, is_multi_arch, faults } = Control::read(&stanza, file.places, unstated);
        for fault in faults {
            out.gap_of_entry(file, fault, stanza.span);
        }
        if let Some(mut package) = package {
            package.installed.files = files(&package, is_multi_arch).map(|path| FileList::Own { path });
            out.packages.push(package);
        }
    }
    Ok(())
}
