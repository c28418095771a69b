//! Bytes that are written as a backslash and three octal digits, as in fstab, mountinfo and mtree.

/// Reads `\NNN`, a byte in three octal digits: `\040` is a blank. A backslash before anything else is itself.
#[must_use]
pub fn unescaped_octal(field: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(field.len());
    let mut rest = field;
    while let [first, after @ ..] = rest {
        rest = after;
        if let (b'\\', [high @ b'0'..=b'3', middle @ b'0'..=b'7', low @ b'0'..=b'7', behind @ ..]) = (first, after) {
            out.push((high - b'0') * 64 + (middle - b'0') * 8 + (low - b'0'));
            rest = behind;
        } else {
            out.push(*first);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn three_octal_digits_are_a_byte() {
        let check = |text: &[u8], expected: &[u8]| assert_eq!(unescaped_octal(text), expected, "{text:?}");
        check(b"a\\040b", b"a b");
        check(b"\\377", b"\xff");
        check(b"\\134", b"\\");
        check(b"\\400", b"\\400");
        check(b"\\09", b"\\09");
        check(b"\\", b"\\");
        check(b"", b"");
    }
}
