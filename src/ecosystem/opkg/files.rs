//! Which files a package of opkg has: `info/NAME.list` names them, and the field `Conffiles` those that are to be edited.

use crate::component::{Head, Unstated};
use crate::document::stanzas;
use crate::ecosystem::installed::{Beside, Damage, FileRole, Listed, Lists, Take, from_root, lines_of, text_of_list};
use crate::tree::TreePath;

pub(super) fn lists(path: &TreePath, bytes: &[u8], out: &mut Lists<'_>) {
    let folder = path.parent().unwrap_or_default().child(b"info");
    let text = text_of_list(bytes);
    for stanza in stanzas(&text) {
        let Some(package) = Head::read(&stanza, Unstated::Fault, &mut Vec::new()) else { continue };
        let package = package.name.value;
        out.packages += 1;
        let name = format!("{package}.list");
        if name.contains('/') {
            continue;
        }
        let field = stanza.fields.iter().find(|field| field.name.eq_ignore_ascii_case("Conffiles"));
        let edited = field.map_or("", |field| field.value).lines();
        let edited = edited.filter_map(|line| from_root(line.trim().rsplit_once(' ')?.0.trim_end().as_bytes()));
        out.beside.push(Beside {
            package: package.into(),
            files: vec![(folder.child(name.as_bytes()), true)],
            otherwise: Vec::new(),
            configuration: edited.map(Box::from).collect(),
            read,
        });
    }
}

/// Each line is a path; newer versions write its mode, and where a link leads, behind tabs.
fn read(beside: &Beside, contents: &[Option<Vec<u8>>], take: &mut Take<'_>) -> Result<(), (TreePath, Damage)> {
    for line in contents.iter().flatten().flat_map(|list| lines_of(list)) {
        let path = line.split(|byte| *byte == b'\t').next().unwrap_or_default();
        if let Some(path) = from_root(path) {
            take(&beside.package, &Listed { path, ..Listed::default() });
        }
    }
    for path in &beside.configuration {
        take(&beside.package, &Listed { path, role: FileRole::Configuration, ..Listed::default() });
    }
    Ok(())
}
