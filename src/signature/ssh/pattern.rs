//! Lists of patterns (`ssh_config(5)`, "PATTERNS").

/// Whether a list of patterns, parted by commas, matches: one of them does, and none of those behind a `!`.
pub(super) fn list_matches(text: &[u8], list: &[u8]) -> bool {
    let mut does_match = false;
    for pattern in list.split(|byte| *byte == b',') {
        match pattern.strip_prefix(b"!") {
            Some(pattern) if matches(text, pattern) => return false,
            Some(_) => {}
            None => does_match |= matches(text, pattern),
        }
    }
    does_match
}

/// Whether a pattern matches: `*` stands for any bytes, `?` for one.
fn matches(mut text: &[u8], mut pattern: &[u8]) -> bool {
    // Where the last `*` may take one byte more.
    let mut again: Option<(&[u8], &[u8])> = None;
    loop {
        (text, pattern) = match (text, pattern) {
            (_, [b'*', rest @ ..]) => {
                again = Some((text, rest));
                (text, rest)
            }
            ([_, text @ ..], [b'?', pattern @ ..]) => (text, pattern),
            ([a, text @ ..], [b, pattern @ ..]) if a == b => (text, pattern),
            ([], []) => return true,
            _ => match again {
                Some(([_, text @ ..], pattern)) => {
                    again = Some((text, pattern));
                    (text, pattern)
                }
                _ => return false,
            },
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_ssh_matches_them() {
        let cases: [(&[u8], &[u8], bool); 16] = [
            (b"a@b", b"a@b", true),
            (b"a@b", b"A@b", false),
            (b"a@b", b"*@b", true),
            (b"a@b", b"?@b", true),
            (b"@b", b"?@b", false),
            (b"a@b", b"*", true),
            (b"", b"*", true),
            (b"", b"", true),
            (b"a", b"", false),
            (b"a@b", b"c,*@b", true),
            (b"a@b", b"*@b,!a@b", false),
            (b"a@b", b"!a@b,*@b", false),
            (b"c@b", b"!a@b,*@b", true),
            // To deny is not to allow.
            (b"c@b", b"!a@b", false),
            (b"aXbXc", b"a*b*c", true),
            (b"aXbXd", b"a*b*c", false),
        ];
        for (text, list, expected) in cases {
            assert_eq!(list_matches(text, list), expected, "{} {}", text.escape_ascii(), list.escape_ascii());
        }
    }

    #[test]
    fn many_stars_take_no_more_than_a_moment() {
        assert!(!matches(&[b'a'; 20_000], &[&b"*a".repeat(50)[..], b"b"].concat()));
    }
}
