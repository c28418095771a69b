//! The lines of a file of kernel settings.

use crate::host::line::lines;
use crate::text::Text;

/// A line that says something of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Assignment {
    /// The key, with slashes and none in front.
    pub key: Text,
    /// What is said of it.
    pub told: Told,
    /// Whether a failure to set it is let pass (`-key = value`).
    pub ignores_failure: bool,
    /// The line, from one.
    pub line: u32,
}

/// What a line says of a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// It has this value, be it empty.
    Value(Text),
    /// It is taken out of what patterns set (`-key`).
    Removed,
}

impl Assignment {
    /// Whether the key is a pattern of keys.
    #[must_use]
    pub fn is_pattern(&self) -> bool {
        is_pattern(self.key.as_str())
    }
}

/// Whether a key is a pattern of keys.
pub(super) fn is_pattern(key: &str) -> bool {
    key.contains(['*', '?', '['])
}

/// Reads a file of kernel settings. Lines that begin with `#` or `;` are comments, and those that assign nothing say nothing.
#[must_use]
pub fn read(bytes: &[u8]) -> Vec<Assignment> {
    let one = |line: crate::host::line::Line<'_>| {
        let text = line.text();
        let text = text.trim();
        if text.is_empty() || text.starts_with(['#', ';']) {
            return None;
        }
        let (left, value) = match text.split_once('=') {
            Some((left, value)) => (left, Some(value)),
            None => (text, None),
        };
        let (ignores_failure, left) = match left.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, left),
        };
        let told = match value {
            Some(value) => Told::Value(Text::of(value.trim())),
            None if ignores_failure => Told::Removed,
            None => return None,
        };
        let key = normal(left.trim());
        let is_key = !key.is_empty();
        is_key.then(|| Assignment { key: Text::of(&key), told, ignores_failure, line: line.number })
    };
    lines(bytes).filter_map(one).collect()
}

/// Returns a key with slashes: the first separator decides, and in the notation with dots the two change places.
#[must_use]
pub fn normal(key: &str) -> String {
    let turned = match key.find(['/', '.']).and_then(|at| key.as_bytes().get(at)) {
        Some(b'.') => turned(key),
        _ => key.to_owned(),
    };
    let parts: Vec<&str> = turned.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    parts.join("/")
}

/// Returns a key that has slashes in the notation with dots.
#[must_use]
pub fn dotted(key: &str) -> String {
    turned(key)
}

fn turned(key: &str) -> String {
    let turn = |character: char| match character {
        '.' => '/',
        '/' => '.',
        other => other,
    };
    key.chars().map(turn).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_separator_decides() {
        let check = |key: &str, expected: &str| assert_eq!(normal(key), expected, "{key}");
        check("kernel.kptr_restrict", "kernel/kptr_restrict");
        check("kernel/kptr_restrict", "kernel/kptr_restrict");
        check("/kernel/kptr_restrict", "kernel/kptr_restrict");
        check("net.ipv4.conf.eth0/10.rp_filter", "net/ipv4/conf/eth0.10/rp_filter");
        check("net/ipv4/conf/eth0.10/rp_filter", "net/ipv4/conf/eth0.10/rp_filter");
        check("net//ipv4/./conf", "net/ipv4/conf");
        check("", "");
        assert_eq!(dotted("net/ipv4/conf/eth0.10/rp_filter"), "net.ipv4.conf.eth0/10.rp_filter");
    }

    #[test]
    fn lines_are_read() {
        let check = |text: &str, expected: &[(&str, Option<&str>, u32)]| {
            let found = read(text.as_bytes());
            let found: Vec<(&str, Option<&str>, u32)> = found
                .iter()
                .map(|one| {
                    let value = match &one.told {
                        Told::Value(value) => Some(value.as_str()),
                        Told::Removed => None,
                    };
                    (one.key.as_str(), value, one.line)
                })
                .collect();
            assert_eq!(found, expected, "{text:?}");
        };
        check("", &[]);
        check("# a = 1\n;b=2\n  # c = 3\n", &[]);
        check("a.b\n", &[]);
        check("a.b = 1\n", &[("a/b", Some("1"), 1)]);
        check("\n  a/b=1 # text\n", &[("a/b", Some("1 # text"), 2)]);
        check("-a.b = 1\n", &[("a/b", Some("1"), 1)]);
        check("-a.b\n", &[("a/b", None, 1)]);
        check("- a.b\n", &[("a/b", None, 1)]);
        check("a.b =\n", &[("a/b", Some(""), 1)]);
        check("a.b = c=d\n", &[("a/b", Some("c=d"), 1)]);
        check("= 1\n-\n", &[]);
        check("a.* = 1\n", &[("a/*", Some("1"), 1)]);
    }
}
