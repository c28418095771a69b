//! Flatpak: programs that are deployed, by the metadata of AppStream that each of them exports.
//!
//! A deployment lies at `flatpak/app/ID/ARCH/BRANCH/COMMIT`, below /var/lib for all users and below ~/.local/share for one.
//! What it exports is a copy of what stands among its files, and `current`, `active` and `exports` lead there by links: the
//! copy alone is read, so that a program is told once. Runtimes are not told.

#[cfg(test)]
mod tests;

use crate::component::{Capability, InstalledKind, Package, one_line};
use crate::document::xml::Element;
use crate::document::{Fault, Span, xml};
use crate::ecosystem::installed::{FileLists, Packages, Reader, Record, Stands};
use crate::ecosystem::{File, Unread};
use crate::text::Text;

pub(super) static RECORD: Record = Record {
    id: "flatpak-metainfo",
    ecosystem: "flatpak",
    stands: Stands::Anywhere(&[
        "flatpak/app/*/*/*/*/export/share/metainfo/*.metainfo.xml",
        "flatpak/app/*/*/*/*/export/share/metainfo/*.appdata.xml",
        "flatpak/app/*/*/*/*/export/share/appdata/*.appdata.xml",
    ]),
    capability: Capability {
        transitive: true,
        digests: false,
        install_scripts: false,
        scope: false,
        licenses: true,
        edges: false,
        exact_requirements: false,
    },
    summary: "programs of Flatpak, by their metainfo.xml",
    read: Reader::Text(packages),
    resolve: None,
    gives_way_to: &[],
    files: FileLists::None,
};

fn packages(file: &File<'_>, out: &mut Packages) -> Result<(), Unread> {
    let root = xml(file.text)?;
    // Before AppStream 0.6 the root was `application`.
    if !matches!(root.local(), "component" | "application") {
        let found = crate::text!("`{}`", root.local());
        return Err(Fault::new(root.start_tag(), Text::trusted("the element `component`"), found).into());
    }
    let Some(id) = first(&root, "id") else {
        return Err(Fault::new(root.start_tag(), Text::trusted("an `id` in it"), Text::trusted("none")).into());
    };
    let text = id.text();
    let name = text.trim();
    if name.is_empty() {
        return Err(Fault::new(id.start_tag(), Text::trusted("an `id`"), Text::trusted("an empty one")).into());
    }
    // The newest release stands first.
    let release = first(&root, "releases").and_then(|releases| first(releases, "release"));
    let version = release.and_then(|release| release.attribute(None, "version")).map(|version| version.value.trim());
    let at = id.runs().next().map_or(id.start_tag(), |run| {
        let span = run.span();
        let blanks = run.text.len() - run.text.trim_start().len();
        Span { start: span.start + blanks, end: span.start + blanks + name.len() }
    });
    let mut package = Package::new(name, version, file.places.at(at));
    package.license = first(&root, "project_license").and_then(|license| one_line(&license.text()));
    package.installed.kind = InstalledKind::Application;
    package.installed.architecture = architecture(file);
    out.packages.push(package);
    Ok(())
}

/// Returns the first element of a name right inside another.
fn first<'e, 'a>(element: &'e Element<'a>, name: &str) -> Option<&'e Element<'a>> {
    element.elements().find(|inner| inner.local() == name)
}

/// Returns the architecture, which the path of a deployment has behind the program's id.
fn architecture(file: &File<'_>) -> Option<Box<str>> {
    let parts: Vec<&[u8]> = file.path.parts().collect();
    let at = parts.len().checked_sub(7)?;
    std::str::from_utf8(parts.get(at)?).ok().map(Into::into)
}
