//! Documents changed a little, by a sequence of numbers that is the same each time.

use crate::document::Span;
use crate::document::xml::{Element, xml};

/// A sequence of numbers that is the same each time.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap() % bound.max(1)
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> Option<&'a T> {
        of.get(self.below(of.len()))
    }
}

/// Returns a document in which one element, attribute or text was deleted, doubled, swapped, renamed or replaced.
pub(super) fn change(text: &str, dice: &mut Dice) -> String {
    fn all<'e, 't>(element: &'e Element<'t>, out: &mut Vec<&'e Element<'t>>) {
        out.push(element);
        element.elements().for_each(|inner| all(inner, out));
    }
    let root = xml(text).unwrap();
    let mut elements = Vec::new();
    all(&root, &mut elements);
    let element = *dice.one(&elements).unwrap();
    let other = *dice.one(&elements).unwrap();
    let children: Vec<&Element<'_>> = element.elements().collect();
    let attributes = element.attributes();
    let at = |span: Span| text[span.start..span.end].to_owned();
    let replaced = |span: Span, with: &str| format!("{}{with}{}", &text[..span.start], &text[span.end..]);
    let inside = {
        let end = at(element.span()).rfind("</").map_or(element.span().end, |end| element.span().start + end);
        Span { start: element.start_tag().end, end: end.max(element.start_tag().end) }
    };
    let values = [
        "",
        " ",
        "0",
        "1",
        "-1",
        "true",
        "yes",
        "2024-02-30T00:00:00Z",
        "2024-01-01T24:00:00",
        "MIT",
        "a b",
        "urn:x",
        "http://[",
        "1.5",
        "+7",
        "x@y.z",
        "999999999999",
        "required",
        "library",
        "sha",
        "a%zz",
        "::",
        "//a:b",
        "\n\t1\n",
        "<![CDATA[ ]]>",
        "<![CDATA[1]]>",
        "<!-- c -->",
        "&#10;",
        "en-US",
        "text/plain",
        "&lt;x&gt;",
        "#a#b",
        "1:2",
        "?q=[1]",
        "\u{fc}",
    ];
    match dice.below(14) {
        0 => replaced(element.span(), ""),
        1 => replaced(element.span(), &at(element.span()).repeat(2)),
        2 if children.len() > 1 => {
            let first = dice.below(children.len() - 1);
            let (one, two) = (children[first].span(), children[first + 1].span());
            let between = &text[one.end..two.start];
            replaced(Span { start: one.start, end: two.end }, &format!("{}{between}{}", at(two), at(one)))
        }
        3 if element.span() != root.span() => {
            let name = other.local();
            let old = element.local();
            let renamed = at(element.span()).replacen(&format!("<{old}"), &format!("<{name}"), 1);
            let renamed = match renamed.strip_suffix(&format!("</{old}>")) {
                Some(start) => format!("{start}</{name}>"),
                None => renamed,
            };
            replaced(element.span(), &renamed)
        }
        4 | 5 if !attributes.is_empty() => replaced(dice.one(attributes).unwrap().span(), ""),
        6 if !attributes.is_empty() => {
            let attribute = dice.one(attributes).unwrap();
            let name = dice.one(&["type", "bom-ref", "ref", "x", "xml:lang", "name", "mime-type"]).unwrap();
            replaced(attribute.span(), &format!("{name}=\"{}\"", attribute.value))
        }
        7 if !attributes.is_empty() => {
            let value = dice.one(&values).unwrap();
            let value = if value.starts_with("<") { "1" } else { value };
            replaced(dice.one(attributes).unwrap().value_span(), &format!("\"{value}\""))
        }
        8 => replaced(Span { start: element.span().end, end: element.span().end }, &at(other.span())),
        9 => {
            let start =
                element.start_tag().start + 1 + at(element.start_tag())[1..].find([' ', '>', '/', '\n']).unwrap();
            let new = dice.one(&[" type=\"library\"", " bom-ref=\"a\"", " xmlns:y=\"urn:y\" y:z=\"\"", " ref=\"acme-lib\"", " zz=\"\"",
                " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:type=\"string\"", " xml:space=\"preserve\"",
                " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xsi:nil=\"false\"",
                " xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\" xmlns:xs=\"http://www.w3.org/2001/XMLSchema\" xsi:type=\"xs:token\"",
            ]).unwrap();
            replaced(Span { start, end: start }, new)
        }
        10 => {
            let new = dice
                .one(&[
                    "<y xmlns=\"urn:y\"><z/></y>",
                    "<y xmlns=\"\"/>",
                    "<nothing/>",
                    "<name>a</name>",
                    "<properties/>",
                ])
                .unwrap();
            replaced(Span { start: inside.start, end: inside.start }, new)
        }
        11 => {
            let new = dice
                .one(&[
                    "<y xmlns=\"urn:y\"/>",
                    "<y xmlns=\"\"/>",
                    "<properties><property name=\"a\"/></properties>",
                    "x",
                ])
                .unwrap();
            replaced(Span { start: inside.end, end: inside.end }, new)
        }
        12 if inside.end > inside.start && element.start_tag() != element.span() => {
            replaced(inside, dice.one(&values).unwrap())
        }
        _ => {
            let leaf = elements
                .iter()
                .filter(|element| element.elements().next().is_none() && element.runs().next().is_some());
            let leaves: Vec<_> = leaf.collect();
            match dice.one(&leaves) {
                Some(leaf) => replaced(leaf.runs().next().unwrap().span(), dice.one(&values).unwrap()),
                None => text.to_owned(),
            }
        }
    }
}
