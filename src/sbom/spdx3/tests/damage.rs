//! A document with each of its values replaced by others in turn: nothing panics, nothing that the schema of the specification
//! refuses is taken for sound, and what is written from it is sound.

use crate::document::{Node, Span, Value, render_json};
use crate::sbom::model::Unread;
use crate::sbom::spdx3::write;
use crate::sbom::{Document, Origin, schema};

const SMALL: &str = include_str!("../../../../tests/fixtures/sbom/spdx3-json/valid-package.json");

/// What a value is replaced by; `None` takes it out.
fn damages<'a>() -> Vec<Option<Value<'a>>> {
    let text = |text: &'a str| Value::String(text.into());
    vec![
        None,
        Some(Value::Null),
        Some(Value::Number("7".into())),
        Some(text("")),
        Some(text("urn:x y")),
        Some(text("http://spdx.example.com/Package1")),
        Some(text("NoneElement")),
        Some(text("software_Package")),
        Some(text("1970-01-01T00:00:00Z")),
        Some(Value::Sequence(Vec::new())),
        Some(Value::Sequence(vec![text("_:creationinfo").into()])),
        Some(Value::Mapping(Vec::new())),
    ]
}

/// Counts the values of a tree.
fn count(node: &Node<'_>) -> usize {
    1 + match &node.value {
        Value::Mapping(members) => members.iter().map(|member| count(&member.value)).sum(),
        Value::Sequence(items) => items.iter().map(count).sum(),
        _ => 0,
    }
}

/// Replaces the value at a place in the order of the tree; `left` counts down to it.
fn replace<'a>(node: &mut Node<'a>, left: &mut usize, damage: &Option<Value<'a>>) {
    let mut is_kept = |value: &mut Node<'a>| {
        if *left == 0 {
            *left = usize::MAX;
            match damage {
                Some(other) => value.value = other.clone(),
                None => return false,
            }
        } else {
            *left -= 1;
            replace(value, left, damage);
        }
        true
    };
    match &mut node.value {
        Value::Mapping(members) => members.retain_mut(|member| is_kept(&mut member.value)),
        Value::Sequence(items) => items.retain_mut(is_kept),
        _ => {}
    }
}

#[test]
fn a_damaged_document_is_told_of_and_never_taken_for_sound() {
    let sound = Document::read(SMALL).expect("a document").root;
    let schema = schema::spdx("3.0.1").expect("the schema");
    for place in 0..count(&sound) - 1 {
        for damage in damages() {
            let mut root = sound.clone();
            replace(&mut root, &mut { place }, &damage);
            let text = String::from_utf8(render_json(&root)).expect("text");
            let Ok(document) = Document::read(&text) else { continue };
            let violations = document.violations();
            for one in violations.iter().chain(&document.inconsistencies()) {
                assert!(text.get(one.span.start..one.span.end).is_some(), "{one:?} in {text}");
                assert!(one.span != Span::default(), "{one:?} in {text}");
                assert!(
                    document.root.span == one.span
                        || one.pointer == crate::sbom::pointer(&document.root, one.span)
                        || one.found.as_str() == "none",
                    "{one:?} in {text}"
                );
            }
            if violations.is_empty() {
                assert_eq!(schema.judge(&document.root), [], "{text}");
            }
            let unread = Unread::remembered();
            let bom = document.model(&unread);
            let written = write::document(&bom, "3.0.1", Origin::Document);
            let written = String::from_utf8(render_json(&written.root)).expect("text");
            let again = Document::read(&written).expect("what is written is a document");
            assert_eq!(again.violations(), [], "{text} as {written}");
        }
    }
}
