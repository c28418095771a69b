//! What is read, and read again from what was written of it.

use super::each_published;
use crate::document::{Node, render_json};
use crate::sbom::model::{Bom, Unread};
use crate::sbom::spdx2::{FAMILY, VERSIONS};
use crate::sbom::{Document, Origin, schema};

/// Returns the text of a tree.
fn text(root: &Node<'_>) -> String {
    String::from_utf8(render_json(root)).unwrap()
}

/// Returns what two models differ in.
fn differences(a: &Bom<'_>, b: &Bom<'_>) -> Vec<String> {
    let show = |bom: &Bom<'_>| -> Vec<String> {
        let mut bom = bom.clone();
        bom.components.iter_mut().for_each(|one| one.span = Default::default());
        format!("{bom:#?}").lines().map(str::to_owned).collect()
    };
    let (a, b) = (show(a), show(b));
    a.iter().zip(&b).filter(|(a, b)| a != b).take(8).map(|(a, b)| format!("{a} | {b}")).collect()
}

#[test]
fn what_is_written_is_sound_and_read_as_it_was() {
    each_published(|path, document| {
        let unread = Unread::remembered();
        let bom = document.model(&unread);
        eprintln!("{path}: {:?}", unread.losses(&document.root));
        for version in VERSIONS {
            let written = (FAMILY.write)(&bom, version, Origin::Document);
            let text = text(&written.root);
            eprintln!("  {version}: {:?}", written.losses);
            let again = Document::read(&text).unwrap();
            assert_eq!(again.version, *version, "{path}");
            assert_eq!(schema::spdx(version).unwrap().judge(&again.root), [], "{path} {version}");
            assert_eq!(again.violations(), [], "{path} {version}");
            let unread = Unread::remembered();
            let bom_again = again.model(&unread);
            assert_eq!(unread.losses(&again.root), [], "{path} {version}");
            if *version == "2.3" {
                eprintln!("  {:#?}", differences(&bom, &bom_again));
            }
        }
    });
}
