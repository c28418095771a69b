//! Files of sections and `key = value` lines, as systemd and its kin write them (`systemd.syntax(7)`).

use super::line::{Line, lines};

/// An assignment in a file of sections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The section it stands in, empty before the first.
    pub section: String,
    /// The key.
    pub key: String,
    /// The value, lines that go on put together with a blank; empty where the key is reset.
    pub value: String,
    /// The line it begins on, from one.
    pub line: u32,
}

/// How many bytes the value of one assignment may have.
const MAX_VALUE_BYTES: usize = 1 << 20;

/// Returns the assignments of a file, in their order. Lines that begin with `#` or `;` are comments, also between lines
/// that go on; a line that ends in a backslash goes on.
#[must_use]
pub fn settings(bytes: &[u8]) -> Vec<Settings> {
    let mut out = Vec::new();
    let mut section = String::new();
    let mut open: Option<(u32, String)> = None;
    let is_comment = |line: &Line<'_>| matches!(line.trimmed().first(), Some(b'#' | b';'));
    for line in lines(bytes) {
        if is_comment(&line) {
            continue;
        }
        let text = line.text();
        let (goes_on, part) = match text.strip_suffix('\\') {
            Some(part) => (true, part.to_owned()),
            None => (false, text.into_owned()),
        };
        let (start, whole) = match open.take() {
            Some((start, before)) if before.len() < MAX_VALUE_BYTES => (start, format!("{before} {}", part.trim_start())),
            Some((start, before)) => (start, before),
            None => (line.number, part),
        };
        if goes_on {
            open = Some((start, whole));
            continue;
        }
        take(&whole, start, &mut section, &mut out);
    }
    if let Some((start, whole)) = open {
        take(&whole, start, &mut section, &mut out);
    }
    out
}

fn take(whole: &str, line: u32, section: &mut String, out: &mut Vec<Settings>) {
    let whole = whole.trim();
    if let Some(name) = whole.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        name.clone_into(section);
    } else if let Some((key, value)) = whole.split_once('=') {
        out.push(Settings {
            section: section.clone(),
            key: key.trim_end().to_owned(),
            value: value.trim().to_owned(),
            line,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn assignments_are_read_with_their_sections() {
        let check = |text: &str, expected: &[(&str, &str, &str, u32)]| {
            let found = settings(text.as_bytes());
            let found: Vec<(&str, &str, &str, u32)> =
                found.iter().map(|one| (&*one.section, &*one.key, &*one.value, one.line)).collect();
            assert_eq!(found, expected, "{text:?}");
        };
        check("", &[]);
        check("[Service]\nExecStart=\nExecStart=/bin/x -a\n", &[
            ("Service", "ExecStart", "", 2),
            ("Service", "ExecStart", "/bin/x -a", 3),
        ]);
        check("# x\n;y=1\nA = b\n", &[("", "A", "b", 3)]);
        check("[S]\nA=b \\\n# between\n  c\nD=e", &[("S", "A", "b  c", 2), ("S", "D", "e", 5)]);
        check("A=b\\", &[("", "A", "b", 1)]);
    }
}
