//! How single values are written.

/// What begins the identifier of an element.
const ELEMENT: &str = "SPDXRef-";

/// What begins the identifier of another document.
const DOCUMENT: &str = "DocumentRef-";

/// Whether a text is the identifier of an element (section 7.2).
pub(super) fn is_element(text: &str) -> bool {
    text.strip_prefix(ELEMENT).is_some_and(|rest| is_name(rest, b".-"))
}

/// Whether a text is the identifier of another document (section 6.6).
pub(super) fn is_document(text: &str) -> bool {
    text.strip_prefix(DOCUMENT).is_some_and(|rest| is_name(rest, b".-+"))
}

fn is_name(text: &str, marks: &[u8]) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || marks.contains(&byte))
}

/// Whether a text is a time: `YYYY-MM-DDThh:mm:ssZ`.
pub(super) fn is_time(text: &str) -> bool {
    const FORM: &[u8] = b"0000-00-00T00:00:00Z";
    let is_formed = text.len() == FORM.len()
        && text.bytes().zip(FORM).all(|(byte, form)| if *form == b'0' { byte.is_ascii_digit() } else { byte == *form });
    is_formed && text.parse::<jiff::Timestamp>().is_ok()
}

/// Whether a text says who made something.
pub(super) fn is_creator(text: &str) -> bool {
    is_party(text) || has_name(text, "Tool:")
}

/// Whether a text names a person or an organisation.
pub(super) fn is_party(text: &str) -> bool {
    has_name(text, "Person:") || has_name(text, "Organization:")
}

fn has_name(text: &str, word: &str) -> bool {
    text.strip_prefix(word).is_some_and(|rest| !rest.trim().is_empty())
}

/// Whether a text is an address on the web or another URI.
pub(super) fn is_uri(text: &str) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
        && !rest.is_empty()
        && !text.contains(|c: char| c.is_whitespace() || c.is_control())
}

/// Whether a text says where something can be had: a URI, or a place of a version control system (section 7.7).
pub(super) fn is_location(text: &str) -> bool {
    let is_host = |text: &str| text.split('/').next().is_some_and(|host| host.contains('.') && !host.contains(':'));
    is_uri(text) || (!text.contains(char::is_whitespace) && (text.contains('@') || is_host(text)))
}

/// Whether a text is a version of the licence list (section 6.7).
pub(super) fn is_list_version(text: &str) -> bool {
    text.split('.').all(|part| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether a text is so many hexadecimal digits, in small letters.
pub(super) fn is_hexadecimal(text: &str, digits: Option<usize>) -> bool {
    digits.is_none_or(|digits| text.len() == digits)
        && !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(ask: fn(&str) -> bool, sound: &[&str], unsound: &[&str]) {
        sound.iter().for_each(|text| assert!(ask(text), "{text}"));
        unsound.iter().for_each(|text| assert!(!ask(text), "{text}"));
    }

    #[test]
    fn knows_identifiers() {
        check(is_element, &["SPDXRef-a", "SPDXRef-A.1-b"], &["SPDXRef-", "SPDXRef-a_b", "a", "SPDXRef-ä", "SPDXref-a"]);
        check(is_document, &["DocumentRef-a+1", "DocumentRef-a.b"], &["DocumentRef-", "DocumentRef-a_b", "a"]);
    }

    #[test]
    fn knows_times() {
        check(
            is_time,
            &["2010-01-29T18:30:22Z"],
            &["", "2010-01-29", "2010-01-29T18:30:22.1Z", "2010-13-29T18:30:22Z", "2010-01-29T18:30:22+01"],
        );
    }

    #[test]
    fn knows_who_made_something() {
        check(
            is_creator,
            &["Tool: a-1", "Person: Jane Doe ()", "Organization: ACME (a@example.com)"],
            &["", "Tool:", "Person: ", "person: x", "Jane Doe"],
        );
        check(is_party, &["Person: x"], &["Tool: x", "NOASSERTION"]);
    }

    #[test]
    fn knows_addresses() {
        check(is_uri, &["urn:uuid:1", "https://example.com/a#b"], &["", "a", "https:", "https://exa mple.com", "1a:b"]);
        check(
            is_location,
            &["git+https://example.com/a.git@main", "git+git@example.com:a/b.git", "bzr+lp:a", "www.example.com/a"],
            &["", "somewhere", "a b", "/a/b"],
        );
        check(is_list_version, &["3.9", "3.25.0"], &["", "3.", "v3.9"]);
    }

    #[test]
    fn knows_digests() {
        check(|text| is_hexadecimal(text, Some(4)), &["00af"], &["", "00AF", "00af0", "00ag"]);
        check(|text| is_hexadecimal(text, None), &["0", "00af"], &["", "x"]);
    }
}
