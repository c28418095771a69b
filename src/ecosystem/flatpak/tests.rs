//! The metadata that programs of Flatpak export.

use crate::component::InstalledKind;
use crate::ecosystem::installed::tests::{gaps, read, shown};

const PATH: &str =
    "var/lib/flatpak/app/org.gimp.GIMP/x86_64/stable/0f1e/export/share/metainfo/org.gimp.GIMP.metainfo.xml";

#[track_caller]
fn check(text: &str, expected: &[&str], expected_gaps: &[&str]) {
    let found = read("flatpak-metainfo", PATH, text.as_bytes());
    assert_eq!(shown(&found), expected, "{text}");
    assert_eq!(gaps(&found), expected_gaps, "{text}");
}

#[test]
fn a_program_is_read_with_its_newest_release() {
    let text = "<?xml version=\"1.0\"?>\n<component type=\"desktop\">\n  <id> org.gimp.GIMP </id>\n  <name>GIMP</name>\n  \
                <project_license>GPL-3.0+ AND LGPL-3.0+</project_license>\n  <releases>\n    \
                <release version=\"2.10.38\"><description><p>x</p></description></release>\n    \
                <release version=\"2.10.36\"/>\n  </releases>\n</component>\n";
    check(text, &["org.gimp.GIMP 2.10.38 x86_64"], &[]);
    let found = read("flatpak-metainfo", PATH, text.as_bytes());
    let package = &found.packages[0];
    assert_eq!((package.place.position.unwrap().line, package.place.position.unwrap().column), (3, 8));
    assert_eq!(package.place.width, 13);
    assert_eq!(package.license.as_deref(), Some("GPL-3.0+ AND LGPL-3.0+"));
    assert_eq!(package.installed.kind, InstalledKind::Application);
}

#[test]
fn a_program_may_have_no_release() {
    check("<component><id>a.B</id></component>", &["a.B - x86_64"], &[]);
    check("<application><id>a.B</id><releases/></application>", &["a.B - x86_64"], &[]);
    check("<component><id>a.B</id><releases><release/></releases></component>", &["a.B - x86_64"], &[]);
}

#[test]
fn what_is_no_metadata_is_told() {
    check("<component/>", &[], &["1: an `id` in it, none"]);
    check("<component><id> </id></component>", &[], &["1: an `id`, an empty one"]);
    check("<component><x><id>a</id></x></component>", &[], &["1: an `id` in it, none"]);
    check("<html/>", &[], &["1: the element `component`, `html`"]);
    let found = read("flatpak-metainfo", PATH, b"<component><id>a</id>");
    assert_eq!((found.packages.len(), found.gaps.len()), (0, 1));
    let found = read("flatpak-metainfo", PATH, b"<component><id>\xff</id></component>");
    assert_eq!((found.packages.len(), found.gaps.len()), (0, 1));
}
