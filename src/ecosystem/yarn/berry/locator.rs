//! How berry names packages: descriptors `NAME@RANGE` ask for one, a locator `NAME@REFERENCE` is one.
//!
//! The forms are documented by yarn's `packages/yarnpkg-core/sources/structUtils.ts` and by its plugins.

use std::borrow::Cow;

/// Splits a descriptor or locator, `None` where it is none (`tryParseDescriptor`, strict).
pub(super) fn split(text: &str) -> Option<(&str, &str)> {
    let scope = match text.strip_prefix('@') {
        Some(rest) => rest.find('/').filter(|at| *at > 0)? + 2,
        None => 0,
    };
    let at = scope + 1 + text.get(scope + 1..)?.find('@')?;
    let (name, reference) = (text.get(..at)?, text.get(at + 1..)?);
    let bare = name.get(scope..)?;
    (!bare.contains('/') && !reference.is_empty()).then_some((name, reference))
}

/// Splits the bindings off a reference: what yarn writes behind `::` for its own use.
pub(super) fn bindings(reference: &str) -> (&str, &str) {
    reference.split_once("::").unwrap_or((reference, ""))
}

/// Returns the value of a binding, decoded.
pub(super) fn binding<'a>(bindings: &'a str, key: &str) -> Option<Cow<'a, str>> {
    bindings.split('&').find_map(|pair| pair.strip_prefix(key)?.strip_prefix('=')).map(decoded)
}

/// Returns the package's own name and range where a range gives it another: `npm:NAME@RANGE`.
pub(super) fn alias(range: &str) -> Option<(&str, &str)> {
    split(range.strip_prefix("npm:")?)
}

/// Returns a range as a manifest has it: berry writes `npm:` in front of what comes from the registry.
pub(super) fn as_in_manifest(range: &str) -> &str {
    match range.strip_prefix("npm:") {
        Some(bare) if alias(range).is_none() => bare,
        _ => range,
    }
}

/// Undoes the percent-encoding; what is not encoded properly stays as it is.
pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let escaped = match after {
            [high, low, ..] if *first == b'%' => hexadecimal(*high).zip(hexadecimal(*low)),
            _ => None,
        };
        match escaped {
            Some((high, low)) => {
                bytes.push(high << 4 | low);
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

fn hexadecimal(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok())
}

/// Appends a text as yarn writes it in a binding (`querystring.escape` of Node.js).
pub(super) fn escape(text: &str, out: &mut String) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    let digit = |nibble: u8| DIGITS.get(usize::from(nibble)).copied().map_or('0', char::from);
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.!~*'()".contains(&byte) {
            out.push(char::from(byte));
        } else {
            out.extend(['%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_references_are_split() {
        let check = |text: &str, expected: Option<(&str, &str)>| assert_eq!(split(text), expected, "{text}");
        check("a@npm:^1", Some(("a", "npm:^1")));
        check("@s/n@npm:@t/u@1", Some(("@s/n", "npm:@t/u@1")));
        check("$utils@link:./x::locator=a%40b", Some(("$utils", "link:./x::locator=a%40b")));
        check("a", None);
        check("a@", None);
        check("@s", None);
        check("@/n@1", None);
        check("a/b@1", None);
        check("@s/n/m@1", None);
        check("", None);
    }

    #[test]
    fn ranges_are_as_in_the_manifest() {
        let check = |range: &str, expected: &str| assert_eq!(as_in_manifest(range), expected, "{range}");
        check("npm:^1.0.0", "^1.0.0");
        check("npm:latest", "latest");
        check("npm:a@^1.0.0", "npm:a@^1.0.0");
        check("npm:@s/n@^1.0.0", "npm:@s/n@^1.0.0");
        check("workspace:^", "workspace:^");
        check("^1.0.0", "^1.0.0");
    }

    #[test]
    fn bindings_are_decoded_and_encoded() {
        let (reference, bindings) = bindings("npm:1.0.0::__archiveUrl=https%3A%2F%2Fa.example%2Fx&b=%zz%4");
        assert_eq!(reference, "npm:1.0.0");
        assert_eq!(binding(bindings, "__archiveUrl").as_deref(), Some("https://a.example/x"));
        assert_eq!(binding(bindings, "b").as_deref(), Some("%zz%4"));
        assert_eq!(binding(bindings, "c"), None);
        let mut out = String::new();
        escape("@s/ü@workspace:.", &mut out);
        assert_eq!(out, "%40s%2F%C3%BC%40workspace%3A.");
        assert_eq!(decoded(&out), "@s/ü@workspace:.");
    }
}
