//! Whether a text is what it is given out as: the forms that documents of every family share.

use jiff::Timestamp;

use crate::component::Purl;
use crate::text::Text;

/// Returns why a text is no package URL.
pub(super) fn purl_fault(text: &str) -> Option<Text> {
    Purl::parse(text).err().map(|fault| Text::trusted(fault.to_string()))
}

/// Whether a text is a CPE name: of 2.2 as a URI, or of 2.3 as a formatted string (NISTIR 7695, section 6).
pub(crate) fn is_cpe(text: &str) -> bool {
    match text.strip_prefix("cpe:2.3:") {
        Some(rest) => is_formatted_cpe(rest),
        None => is_cpe_uri(text),
    }
}

/// Whether a text is the eleven values of a formatted string: a part, and ten that hold no bare punctuation.
fn is_formatted_cpe(text: &str) -> bool {
    let mut values = 1;
    let mut is_empty = true;
    let mut is_escaped = false;
    for byte in text.bytes() {
        let is_bare = byte.is_ascii_alphanumeric() || b"_-.*?".contains(&byte);
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' => is_escaped = true,
            b':' if is_empty => return false,
            b':' => {
                values += 1;
                is_empty = true;
                continue;
            }
            // Names in the wild leave these bare, and no reader minds.
            b'+' | b'/' | b'~' | b'!' | b'@' | b'(' | b')' | b',' | b'%' | b'\'' => {}
            _ if !is_bare => return false,
            _ => {}
        }
        is_empty = false;
    }
    let is_part =
        text.as_bytes().first().is_some_and(|part| b"aoh*-".contains(part)) && text.as_bytes().get(1) == Some(&b':');
    is_part && values == 11 && !is_empty && !is_escaped
}

/// Whether a text is a URI of CPE 2.2: a part and at most six values.
fn is_cpe_uri(text: &str) -> bool {
    let is_scheme = text.get(..5).is_some_and(|scheme| scheme.eq_ignore_ascii_case("cpe:/"));
    let Some(rest) = text.get(5..).filter(|_| is_scheme) else { return false };
    let mut values = rest.split(':');
    let is_part = values.next().is_some_and(|part| ["a", "o", "h"].contains(&&*part.to_ascii_lowercase()));
    let is_plain = rest.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"<>\\^`{|}".contains(&byte));
    is_part && is_plain && values.next().is_some_and(|vendor| !vendor.is_empty()) && values.count() <= 5
}

/// Returns why a text is no licence expression of SPDX. Identifiers that the list deprecates count.
pub(super) fn expression_fault(text: &str) -> Option<Text> {
    let mode = spdx::ParseMode { allow_deprecated: true, ..spdx::ParseMode::STRICT };
    spdx::Expression::parse_mode(text, mode).err().map(|fault| {
        let part = text.get(fault.span).unwrap_or_default();
        crate::text!("`{}`: {} at `{}`", text, fault.reason.to_string(), part)
    })
}

/// The version of SPDX's licence list that expressions are read by.
pub(super) const LICENSE_LIST: &str = spdx::identifiers::VERSION;

/// Whether a text is a date and time of RFC 3339.
pub(super) fn is_timestamp(text: &str) -> bool {
    // jiff reads more of ISO 8601 than RFC 3339 allows: week dates, hours without minutes, no time at all.
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let is = |at: usize, marks: &[u8]| bytes.get(at).is_some_and(|byte| marks.contains(byte));
    let is_shaped = [0, 1, 2, 3, 5, 6, 8, 9, 11, 12, 14, 15, 17, 18].into_iter().all(is_digit)
        && [4, 7].into_iter().all(|at| is(at, b"-"))
        && is(10, b"Tt ")
        && [13, 16].into_iter().all(|at| is(at, b":"))
        && !text.contains('[');
    is_shaped && text.parse::<Timestamp>().is_ok()
}

/// Whether a text is a link to another CycloneDX document, or to something in it.
pub(super) fn is_bom_link(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("urn:cdx:") else { return false };
    let Some((id, rest)) = rest.split_once('/') else { return false };
    let (version, element) = rest.split_once('#').map_or((rest, None), |(version, element)| (version, Some(element)));
    let is_id = id.len() == 36
        && id.bytes().enumerate().all(|(at, byte)| match at {
            8 | 13 | 18 | 23 => byte == b'-',
            _ => byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte),
        });
    let is_version =
        version.starts_with(|c: char| ('1'..='9').contains(&c)) && version.bytes().all(|b| b.is_ascii_digit());
    is_id && is_version && element != Some("")
}

#[cfg(test)]
mod tests {
    use super::{expression_fault, is_bom_link, is_cpe, is_timestamp, purl_fault};

    /// Checks what is sound and what is not, by texts that differ by little.
    #[track_caller]
    fn check(is_sound: impl Fn(&str) -> bool, sound: &[&str], unsound: &[&str]) {
        for text in sound {
            assert!(is_sound(text), "{text} is sound");
        }
        for text in unsound {
            assert!(!is_sound(text), "{text} is not sound");
        }
    }

    #[test]
    fn timestamps_are_those_of_rfc_3339() {
        check(
            is_timestamp,
            &["2026-01-02T03:04:05Z", "2026-01-02t03:04:05.6789+01:00", "2024-02-29T00:00:00-00:00"],
            &[
                "2026-01-02",
                "2026-01-02T03:04Z",
                "2026-01-02T03:04:05",
                "2026-02-29T03:04:05Z",
                "2026-01-02T25:04:05Z",
                "2026-01-02T03:04:05Z[UTC]",
                "",
            ],
        );
    }

    #[test]
    fn cpe_names_have_two_forms() {
        check(
            is_cpe,
            &[
                "cpe:2.3:a:acme:a:1:*:*:*:*:*:*:*",
                r"cpe:2.3:a:acme:a\:b:1.0\+2:-:*:*:*:*:*:*",
                "cpe:/a:acme:a:1",
                "cpe:/o:acme",
                "cpe:/a:acme:a:1::~~~node.js~~",
            ],
            &[
                "cpe:2.3:a:acme:a:1:*:*:*:*:*:*",
                "cpe:2.3:a:acme:a:1:*:*:*:*:*:*:*:*",
                "cpe:2.3:x:acme:a:1:*:*:*:*:*:*:*",
                "cpe:2.3:a:acme::1:*:*:*:*:*:*:*",
                "cpe:2.3:a:ac me:a:1:*:*:*:*:*:*:*",
                "cpe:/x:acme:a",
                "cpe:/a",
                "cpe:/a:acme:a:1:2:3:4:5",
                "cpe:a:acme",
                "",
            ],
        );
    }

    #[test]
    fn links_to_documents_have_a_serial_number_and_a_version() {
        check(
            is_bom_link,
            &["urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1", "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/12#part"],
            &[
                "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79",
                "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/0",
                "urn:cdx:3e671687-395b-41f5-a30f-a58921a69b79/1#",
                "urn:cdx:3e671687395b41f5a30fa58921a69b79/1",
                "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
            ],
        );
    }

    #[test]
    fn expressions_are_read_by_the_licence_list() {
        check(
            |text| expression_fault(text).is_none(),
            &["MIT", "MIT OR Apache-2.0", "GPL-2.0 WITH Classpath-exception-2.0", "LicenseRef-acme AND (MIT OR ISC)"],
            &["MIT OR", "MIT Apache-2.0", "Apache 2", "(MIT", "Mit-ish", ""],
        );
    }

    #[test]
    fn purls_have_a_type_and_a_name() {
        check(
            |text| purl_fault(text).is_none(),
            &["pkg:npm/a@1", "pkg:npm/%40scope/a@1", "pkg:generic/a?checksum=sha256:00"],
            &["pkg:npm", "npm/a@1", "pkg:npm/a@1\u{1b}", "pkg:/a", ""],
        );
    }
}
