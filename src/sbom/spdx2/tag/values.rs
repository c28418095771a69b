//! The values of tags as the nodes that JSON has in their place.

use std::borrow::Cow;

use super::lines::Piece;
use crate::document::{Member, Node, Span, Value};

pub(super) fn hull(nodes: &[Node<'_>]) -> Span {
    let start = nodes.iter().map(|node| node.span.start).min().unwrap_or_default();
    let end = nodes.iter().map(|node| node.span.end).max().unwrap_or_default();
    Span { start, end }
}

pub(super) fn member<'a>(key: &'static str, key_span: Span, value: Node<'a>) -> Member<'a> {
    Member { key: Cow::Borrowed(key), key_span, value }
}

pub(super) fn string(piece: Piece<'_>) -> Node<'_> {
    Node { span: piece.span(), value: Value::String(Cow::Borrowed(piece.text)) }
}

pub(super) fn object<'a>(span: Span, members: Vec<Member<'a>>) -> Node<'a> {
    Node { span, value: Value::Mapping(members) }
}

/// `SHA1: d6a7…`
pub(super) fn checksum(piece: Piece<'_>) -> Option<Node<'_>> {
    let (algorithm, value) = piece.split(":").map(|(algorithm, value)| (algorithm.trim(), value.trim()))?;
    (!algorithm.text.is_empty() && !value.text.is_empty()).then(|| {
        let members = vec![
            member("algorithm", algorithm.span(), string(algorithm)),
            member("checksumValue", value.span(), string(value)),
        ];
        object(piece.span(), members)
    })
}

/// `d6a7… (excludes: ./package.spdx, ./other)`
pub(super) fn code(piece: Piece<'_>) -> Node<'_> {
    let parted = piece.split("(").filter(|(_, rest)| rest.text.ends_with(')'));
    let value = parted.map_or(piece, |(value, _)| value.trim());
    let mut members = vec![member("packageVerificationCodeValue", value.span(), string(value))];
    if let Some((_, mut rest)) = parted {
        if let Some((inner, _)) = rest.split(")") {
            rest = inner;
        }
        if let Some((_, files)) = rest.split("excludes:").filter(|(before, _)| before.trim().text.is_empty()) {
            rest = files;
        }
        let mut files = Vec::new();
        while let Some((file, more)) = rest.split(",") {
            files.push(string(file.trim()));
            rest = more;
        }
        files.push(string(rest.trim()));
        let span = hull(&files);
        let list = Node { span, value: Value::Sequence(files) };
        members.push(member("packageVerificationCodeExcludedFiles", span, list));
    }
    object(piece.span(), members)
}

/// `SECURITY cpe23Type cpe:2.3:…`
pub(super) fn reference(piece: Piece<'_>, is_2_2: bool) -> Option<Node<'_>> {
    let (category, rest) = piece.word()?;
    let (kind, locator) = rest.word()?;
    // The schemas of the two versions write the one category differently.
    let word = match (category.text, is_2_2) {
        ("PACKAGE-MANAGER", true) => "PACKAGE_MANAGER",
        (word, _) => word,
    };
    let category = Node { span: category.span(), value: Value::String(Cow::Borrowed(word)) };
    let members = vec![
        member("referenceCategory", category.span, category),
        member("referenceType", kind.span(), string(kind)),
        member("referenceLocator", locator.span(), string(locator)),
    ];
    Some(object(piece.span(), members))
}

/// `310:420`
pub(super) fn range<'a>(piece: Piece<'a>, unit: &'static str) -> Option<Node<'a>> {
    let (first, last) = piece.split(":").map(|(first, last)| (first.trim(), last.trim()))?;
    let pointer = |number: Piece<'a>| {
        let is_number = !number.text.is_empty() && number.text.bytes().all(|byte| byte.is_ascii_digit());
        let plain = number.text.trim_start_matches('0');
        let plain = if plain.is_empty() { "0" } else { plain };
        let node = Node { span: number.span(), value: Value::Number(Cow::Borrowed(plain)) };
        is_number.then(|| object(number.span(), vec![member(unit, number.span(), node)]))
    };
    let (first, last) = (pointer(first)?, pointer(last)?);
    let members = vec![member("startPointer", first.span, first), member("endPointer", last.span, last)];
    Some(object(piece.span(), members))
}
