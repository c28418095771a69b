//! The lines of authorized_keys, as sshd reads them (`sshd(8)`, AUTHORIZED_KEYS FILE FORMAT).

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD};
use sha2::{Digest as _, Sha256};

use crate::host::line::lines;

/// A key that may log in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyLine {
    /// The line, from one.
    pub line: u32,
    /// The options in front of the key: names in lower case, values without their quotes.
    pub options: Vec<(String, Option<String>)>,
    /// The type: `ssh-ed25519`.
    pub kind: String,
    /// `SHA256:…`, as `ssh-keygen -l` shows it.
    pub fingerprint: String,
    /// The length of an RSA key in bits.
    pub bits: Option<u32>,
}

/// How many keys of a file are read.
const MAX_KEYS: usize = 100_000;

/// Reads a file; lines that hold no key are passed over, as sshd does.
#[must_use]
pub fn read(bytes: &[u8]) -> Vec<KeyLine> {
    let read = |line: crate::host::line::Line<'_>| {
        let text = line.text();
        let text = text.trim_matches([' ', '\t']);
        if text.is_empty() || text.starts_with('#') {
            return None;
        }
        if let Some((kind, fingerprint, bits)) = key(text) {
            return Some(KeyLine { line: line.number, options: Vec::new(), kind, fingerprint, bits });
        }
        let (front, rest) = text.split_at_checked(end_of_options(text))?;
        let (kind, fingerprint, bits) = key(rest.trim_start_matches([' ', '\t']))?;
        Some(KeyLine { line: line.number, options: options(front), kind, fingerprint, bits })
    };
    lines(bytes).filter_map(read).take(MAX_KEYS).collect()
}

/// Where the first blank outside of quotes stands.
fn end_of_options(text: &str) -> usize {
    let mut is_quoted = false;
    let mut is_escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            '"' if !is_escaped => is_quoted = !is_quoted,
            ' ' | '\t' if !is_quoted => return at,
            _ => {}
        }
        is_escaped = character == '\\' && !is_escaped;
    }
    text.len()
}

/// Takes options apart: names separated by commas, values in quotes.
fn options(text: &str) -> Vec<(String, Option<String>)> {
    let mut out = Vec::new();
    let mut name = String::new();
    let mut value: Option<String> = None;
    let mut is_quoted = false;
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '\\' if characters.peek() == Some(&'"') => value.as_mut().unwrap_or(&mut name).extend(characters.next()),
            '"' => is_quoted = !is_quoted,
            ',' if !is_quoted => out.push((std::mem::take(&mut name).to_ascii_lowercase(), value.take())),
            '=' if !is_quoted && value.is_none() => value = Some(String::new()),
            other => value.as_mut().unwrap_or(&mut name).push(other),
        }
    }
    out.push((name.to_ascii_lowercase(), value));
    out.retain(|(name, _)| !name.is_empty());
    out
}

/// Reads a key: its type, and in base64 what begins with the type once more.
fn key(text: &str) -> Option<(String, String, Option<u32>)> {
    let mut words = text.split([' ', '\t']).filter(|word| !word.is_empty());
    let (kind, encoded) = (words.next()?, words.next()?);
    let blob = STANDARD.decode(encoded).or_else(|_| STANDARD_NO_PAD.decode(encoded)).ok()?;
    let (named, rest) = part(&blob)?;
    if named != kind.as_bytes() {
        return None;
    }
    let bits = if kind == "ssh-rsa" {
        part(rest).and_then(|(_, rest)| part(rest)).map(|(modulus, _)| length(modulus))
    } else {
        None
    };
    let fingerprint = format!("SHA256:{}", STANDARD_NO_PAD.encode(Sha256::digest(&blob)));
    Some((kind.to_owned(), fingerprint, bits))
}

/// Takes a part with its length in front.
fn part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

/// How many bits a number has.
fn length(number: &[u8]) -> u32 {
    let start = number.iter().position(|byte| *byte != 0).unwrap_or(number.len());
    let digits = number.get(start..).unwrap_or_default();
    let whole = u32::try_from(digits.len()).unwrap_or(u32::MAX).saturating_mul(8);
    whole.saturating_sub(digits.first().map_or(0, |first| first.leading_zeros()))
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

    #[test]
    fn lines_are_read_as_sshd_reads_them() {
        let check = |line: &str, expected: Option<&[(&str, Option<&str>)]>| {
            let found = read(line.as_bytes()).pop().map(|key| key.options);
            let expected = expected.map(|options| {
                options.iter().map(|(name, value)| ((*name).to_owned(), value.map(str::to_owned))).collect::<Vec<_>>()
            });
            assert_eq!(found, expected, "{line}");
        };
        check(KEY, Some(&[]));
        check(&format!("{KEY} somebody@example # not"), Some(&[]));
        check(&format!("No-PTY,environment=\"A=b\" {KEY}"), Some(&[("no-pty", None), ("environment", Some("A=b"))]));
        check(
            &format!("from=\"10.0.0.0/8\",command=\"echo \\\"environment=1, # no\\\" ssh-rsa\" {KEY}"),
            Some(&[("from", Some("10.0.0.0/8")), ("command", Some("echo \"environment=1, # no\" ssh-rsa"))]),
        );
        check(&format!("cert-authority {KEY}"), Some(&[("cert-authority", None)]));
        check(&format!("# environment=\"A=b\" {KEY}"), None);
        check("ssh-ed25519 AAAA", None);
        check("ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", None);
        check(&format!("command=\"open {KEY}"), None);
        check("", None);
    }

    #[test]
    fn numbers_have_a_length() {
        let check = |number: &[u8], expected: u32| assert_eq!(length(number), expected, "{number:?}");
        check(&[0, 0x80, 0], 16);
        check(&[1], 1);
        check(&[0], 0);
        check(&[], 0);
    }
}
