//! What one form cannot hold is counted, and what looks like it but has a place is not.

use super::*;

fn told(lost: &[Loss]) -> Vec<(String, usize)> {
    lost.iter().map(|lost| (lost.what.clone(), lost.count)).collect()
}

fn check(told: &[(String, usize)], expected: &[(&str, usize)], what: &str) {
    let expected: Vec<(String, usize)> = expected.iter().map(|(kind, count)| ((*kind).to_owned(), *count)).collect();
    assert_eq!(told, expected, "{what}");
}

#[test]
fn what_json_cannot_hold_is_counted() {
    let component = |inside: &str| {
        format!("<components><component type=\"library\"><name>a</name>{inside}</component></components>")
    };
    let cases: &[(String, &[(&str, usize)])] = &[
        (component(""), &[]),
        (component("<!-- a --><?b c?><!-- d -->"), &[("a comment", 2), ("a processing instruction", 1)]),
        (component("<x:y xmlns:x=\"urn:x\"><x:z/></x:y>"), &[("the element `x:y` of `component`", 1)]),
        (component("<name>b</name>"), &[("a second `name` of `component`", 1)]),
        (component("<nothing/>b"), &[("text in `component`", 1), ("the element `nothing` of `component`", 1)]),
        (component("<purl>a<b/></purl>"), &[("the element `b` of `purl`", 1)]),
        ("<components x=\"1\" xmlns:y=\"urn:y\" y:z=\"2\"/>".to_owned(),
         &[("the attribute `x` of `components`", 1), ("the attribute `y:z` of `components`", 1)]),
        (component("<evidence><callstack><tools><tool ref=\"a\"/></tools></callstack></evidence>"),
         &[("the element `tools` of `callstack`", 1)]),
        ("<dependencies><dependency ref=\"a\"><dependency ref=\"b\"><dependency ref=\"c\"/></dependency></dependency></dependencies>".to_owned(), &[]),
        ("<dependencies><dependency ref=\"a\"><other/></dependency></dependencies>".to_owned(), &[("the element `other` of `dependency`", 1)]),
        ("<definitions><patents><patent><patentAssignee><individual><name>a</name></individual></patentAssignee></patent></patents></definitions>".to_owned(),
         &[("that `patentAssignee` is a person", 1)]),
        ("<definitions><patents><patent><patentAssignee><individual><email>a</email></individual></patentAssignee></patent></patents></definitions>".to_owned(), &[]),
    ];
    for (inside, expected) in cases {
        let text = format!("<bom xmlns=\"http://cyclonedx.org/schema/bom/1.7\">{inside}</bom>");
        check(&told(&read(&xml(&text).unwrap()).unwrap().lost), expected, inside);
    }
}

#[test]
fn what_xml_cannot_hold_is_counted() {
    let cases: &[(&str, &[(&str, usize)])] = &[
        (r#""version": 1"#, &[]),
        (r#""$schema": "a", "x": null"#, &[("`$schema` of `bom`", 1), ("`x` of `bom`", 1)]),
        (
            r#""components": [{"type": "library", "name": "a\u0001b", "description": "c\nd"}]"#,
            &[("a character that XML does not allow", 1), ("white space in `description`", 1)],
        ),
        (
            r#""components": [{"type": "library", "name": ["a"], "scope": {}}]"#,
            &[("a list in `name`", 1), ("a table in `scope`", 1)],
        ),
        (
            r#""components": [{"type": "library", "name": "a", "version": "1", "versionRange": "vers:npm/1"}]"#,
            &[("`versionRange` of `component`", 1)],
        ),
        (
            r#""dependencies": [{"ref": "a", "dependsOn": [], "provides": ["b", 1], "other": true}]"#,
            &[
                ("`other` of `dependency`", 1),
                ("a number in `provides` of `dependency`", 1),
                ("an empty list `dependsOn` of `dependency`", 1),
            ],
        ),
        (
            r#""metadata": {"supplier": {"name": "a", "url": []}, "properties": [{"name": "b", "value": ""}, {"name": "c"}]}"#,
            &[("an empty `value` of `property`", 1), ("an empty list `url` of `supplier`", 1)],
        ),
        (
            r#""metadata": {"licenses": [{"license": {"id": "MIT"}, "other": 1}]}"#,
            &[("`other` of an item of `licenses`", 1)],
        ),
        (
            r#""services": [{"name": "a", "data": [{"flow": "inbound", "classification": "b"}, {"flow": "inbound", "classification": "c", "name": "d"}]}]"#,
            &[],
        ),
    ];
    for (inside, expected) in cases {
        let text = format!("{{\"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.7\", {inside}}}");
        let written = write(&json(&text).unwrap(), "1.7").unwrap();
        check(&told(&written.lost), expected, inside);
        assert!(xml(std::str::from_utf8(&written.xml).unwrap()).is_ok(), "{inside}");
    }
}

#[test]
fn places_are_those_of_the_xml_text() {
    let text = "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.6\" version=\"3\"><components><component type=\"library\">\
                <name>a</name></component></components></bom>";
    let root = xml(text).unwrap();
    let read = read(&root).unwrap();
    let at = |node: &Node<'_>| text[node.span.start..node.span.end].to_owned();
    assert_eq!(at(read.node.get("version").unwrap()), "\"3\"");
    let component = &read.node.get("components").unwrap().items("components").unwrap()[0];
    assert_eq!(at(component.get("name").unwrap()), "a");
    assert_eq!(at(component.get("type").unwrap()), "\"library\"");
    assert_eq!(component.span, root.elements().next().unwrap().elements().next().unwrap().span());
}

#[test]
fn other_roots_and_versions_are_faults() {
    for text in [
        "<bom/>",
        "<bom xmlns=\"http://cyclonedx.org/schema/bom/1.1\"/>",
        "<x xmlns=\"http://cyclonedx.org/schema/bom/1.6\"/>",
    ] {
        assert!(read(&xml(text).unwrap()).is_err(), "{text}");
    }
    assert!(write(&json("{}").unwrap(), "1.1").is_err());
    assert!(write(&json("[]").unwrap(), "1.6").is_err());
}
