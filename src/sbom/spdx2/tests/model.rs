//! What is read, and read again from what was written of it.

use super::{each_published, text};
use crate::sbom::model::{Bom, Losses, Unread};
use crate::sbom::spdx2::{FAMILY, VERSIONS};
use crate::sbom::{Document, Origin, schema};

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
        let unread = Unread::forgotten();
        let bom = document.model(&unread);
        for version in VERSIONS {
            let written = (FAMILY.write)(&bom, version, Origin::Document);
            let text = text(&written.root);
            let again = Document::read(&text).unwrap();
            assert_eq!(again.version, *version, "{path}");
            assert_eq!(schema::spdx(version).unwrap().judge(&again.root), [], "{path} {version}");
            assert_eq!(again.violations(), [], "{path} {version}");
            let unread = Unread::remembered();
            let bom_again = again.model(&unread);
            assert_eq!(unread.losses(&again.root), [], "{path} {version}");
            // An unsound document may say what no sound one can.
            if *version == "2.3" && document.violations().is_empty() && document.inconsistencies().is_empty() {
                assert_eq!(differences(&bom, &bom_again), [] as [String; 0], "{path}");
                assert_eq!(written.losses, [], "{path}");
            }
        }
    });
}

#[test]
fn what_is_read_is_written_again_in_its_own_format() {
    each_published(|path, document| {
        let (render, version) = (document.format.render, document.version);
        let bytes = render(&document.root, version, &mut Losses::default());
        let again = String::from_utf8(bytes).unwrap();
        match document.format.id {
            "spdx-json" => {
                let value = |text: &str| -> serde_json::Value { serde_json::from_str(text).unwrap() };
                let whole = value(document.text);
                let inner = whole.get("Document").unwrap_or(&whole);
                assert_eq!(*inner, value(&again), "{path}");
            }
            "spdx-tag" => {
                let read = Document::read(&again).unwrap_or_else(|error| panic!("{path}: {error:?}\n{again}"));
                let value = |root| -> serde_json::Value { serde_json::from_str(&text(root)).unwrap() };
                let (mut one, mut other) = (value(&document.root), value(&read.root));
                super::sort(&mut one);
                super::sort(&mut other);
                assert_eq!(one, other, "{path}\n{again}");
            }
            _ => {}
        }
        // What is written of another format is the JSON of the same tree, and loses nothing as tags.
        let tags = String::from_utf8((crate::sbom::spdx2::TAG.render)(&document.root, version, &mut Losses::default()))
            .unwrap();
        let unread = Unread::forgotten();
        let read = Document::read(&tags).unwrap();
        let (bom, again) = (document.model(&unread), read.model(&unread));
        assert_eq!(bom.components.len(), again.components.len(), "{path}");
        assert_eq!(bom.roots.len(), again.roots.len(), "{path}");
        assert_eq!(bom.relations.len(), again.relations.len(), "{path}");
    });
}
