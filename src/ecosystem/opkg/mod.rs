//! opkg, the package manager of small systems (OpenWrt, Yocto, Entware): its database, which has the form of dpkg's.

mod files;
#[cfg(test)]
mod tests;

use crate::component::{Capability, Control, FileList, Unstated};
use crate::document::stanzas;
use crate::ecosystem::installed::{FileLists, Packages, Reader, Record, Stands, last_line};
use crate::ecosystem::{File, Unread};

pub(super) static RECORD: Record = Record {
    id: "opkg-status",
    ecosystem: "opkg",
    // OpenWrt's place, opkg's own default, and Entware's.
    stands: Stands::At(&["usr/lib/opkg/status", "var/lib/opkg/status", "opt/lib/opkg/status"]),
    capability: Capability {
        transitive: true,
        digests: false,
        install_scripts: false,
        scope: false,
        licenses: true,
        edges: true,
        exact_requirements: false,
    },
    summary: "opkg's database, usr/lib/opkg/status",
    read: Reader::Text(packages),
    resolve: None,
    gives_way_to: &[],
    files: FileLists::Bytes(files::lists),
};

fn packages(file: &File<'_>, out: &mut Packages) -> Result<(), Unread> {
    let folder = file.path.parent().unwrap_or_default().child(b"info");
    for stanza in stanzas(file.text) {
        let Control { package, faults, .. } = Control::read(&stanza, file.places, Unstated::Fault);
        for fault in faults {
            out.gap_of_entry(file, fault, stanza.span);
        }
        if let Some(mut package) = package {
            let name = format!("{}.list", package.name);
            package.installed.files =
                (!name.contains('/')).then(|| FileList::Own { path: folder.child(name.as_bytes()) });
            out.packages.push(package);
        }
    }
    last_line(file)
}
