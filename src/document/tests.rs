//! Behaviour of the three readers.

use proptest::prelude::*;

use super::*;

fn position(text: &str, span: Span) -> (u32, u32) {
    let position = Lines::new(text).position(span.start);
    (position.line, position.column)
}

#[test]
fn the_three_languages_give_one_tree() {
    let texts = [
        ("{\"a\": {\"b\": [\"x\", true, 1]}}", json("{\"a\": {\"b\": [\"x\", true, 1]}}").unwrap()),
        ("a:\n  b: [x, true, 1]\n", yaml("a:\n  b: [x, true, 1]\n").unwrap().remove(0)),
        ("a.b = [\"x\", true, 1]\n", toml("a.b = [\"x\", true, 1]\n").unwrap()),
    ];
    for (text, node) in texts {
        let items = node.get("a").and_then(|a| a.get("b")).unwrap().items("b").unwrap();
        let values: Vec<_> = items.iter().map(|item| item.value.clone()).collect();
        assert_eq!(values, [Value::String("x".into()), Value::Boolean(true), Value::Number("1".into())], "{text}");
    }
}

#[test]
fn positions_come_from_the_parser() {
    let text = "{\n  \"ü\": \"x\",\n  \"b\": 1\n}";
    let node = json(text).unwrap();
    assert_eq!(position(text, node.get("ü").unwrap().span), (2, 8));
    assert_eq!(position(text, node.members("it").unwrap()[1].key_span), (3, 3));

    let text = "# ü\nü: x\nb:\n  c: 'd'\n";
    let node = yaml(text).unwrap().remove(0);
    assert_eq!(position(text, node.get("ü").unwrap().span), (2, 4));
    assert_eq!(position(text, node.get("b").and_then(|b| b.get("c")).unwrap().span), (4, 6));

    let text = "[[package]]\nname = \"ü\"\nx = { y = 1 }\n";
    let node = toml(text).unwrap();
    let package = &node.get("package").unwrap().items("package").unwrap()[0];
    assert_eq!(position(text, package.span), (1, 1));
    assert_eq!(position(text, package.get("x").and_then(|x| x.get("y")).unwrap().span), (3, 11));
}

#[test]
fn repeated_keys_are_faults_at_the_second() {
    let at = |text: &str, fault: Fault| (position(text, fault.span), fault.found.to_string());
    let text = "{\"a\": 1,\n \"a\": 2}";
    assert_eq!(at(text, json(text).unwrap_err()), ((2, 2), "the key `a` a second time".to_owned()));
    let text = "a: 1\nb: 2\na: 3\n";
    assert_eq!(at(text, yaml(text).unwrap_err()), ((3, 1), "the key `a` a second time".to_owned()));
    let text = "a = 1\na = 2\n";
    assert_eq!(at(text, toml(text).unwrap_err()), ((2, 1), "duplicate key".to_owned()));
}

#[test]
fn json_has_no_control_characters_in_strings() {
    for text in ["\"a\0b\"", "\"a\nb\"", "\"a\tb\"", "{\"a\\n\rb\": 1}", "[1, \"\\u0041\u{1f}\"]"] {
        let fault = json(text).unwrap_err();
        assert_eq!(fault.found.as_str(), "a control character in a string", "{text}");
    }
    for text in ["\"a\\nb\\u0000\"", "\t[\n\r \"a\u{7f}\"]"] {
        assert!(json(text).is_ok(), "{text}");
    }
}

#[test]
fn depth_is_bounded() {
    let deep = |open: &str, close: &str| format!("{}{}", open.repeat(10_000), close.repeat(10_000));
    assert!(json(&deep("[", "]")).is_err());
    assert!(json(&deep("{\"a\":", "")).is_err());
    assert!(yaml(&deep("[", "]")).is_err());
    assert!(yaml(&(0..10_000).map(|n| format!("{}a:\n", " ".repeat(n))).collect::<String>()).is_err());
    assert!(toml(&format!("a = {}", deep("[", "]"))).is_err());
    assert!(toml(&format!("a = {}", deep("{a=", "}"))).is_err());
}

#[test]
fn yaml_that_grows_is_refused() {
    for text in ["a: &x [1]\nb: *x\n", "a: !!str 1\n", "? [a]\n: b\n", "<<: *x\n"] {
        assert!(yaml(text).is_err(), "{text}");
    }
    assert_eq!(yaml("---\na: 1\n---\nb: 2\n").unwrap().len(), 2);
    assert!(yaml(&"--- a\n".repeat(17)).is_err());
}

#[test]
fn a_single_long_line_is_indexed_by_characters() {
    let text = format!("ü{}", "aü".repeat(5_000));
    let lines = Lines::new(&text);
    for offset in [0, 2, 3, 1_500, 14_999, text.len()] {
        if text.is_char_boundary(offset) {
            let expected = text.get(..offset).unwrap().chars().count() + 1;
            assert_eq!(lines.position(offset).column as usize, expected, "{offset}");
        }
    }
}

proptest! {
    #[test]
    fn no_text_panics(text in "\\PC*|[\\[\\]{}:,\"'\\n #&*!|>-]{0,200}") {
        drop(json(&text));
        drop(json_with_comments(&text));
        drop(yaml(&text));
        drop(toml(&text));
    }

    #[test]
    fn offsets_and_positions_agree(text in "[aü\\n😀]{0,3000}") {
        let lines = Lines::new(&text);
        for (offset, _) in text.char_indices() {
            let position = lines.position(offset);
            prop_assert_eq!(lines.offset(position.line as usize, position.column as usize - 1), offset);
        }
    }
}
