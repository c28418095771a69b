//! Files that dpkg was told to leave out when it installs packages: `path-exclude` and `path-include` in its configuration
//! (`dpkg.cfg(5)`), as images use them for documentation.

use globset::{GlobBuilder, GlobMatcher};

use crate::host::line::lines;

/// Where dpkg is configured, in the order in which it reads.
pub(super) const PATHS: [&str; 2] = ["etc/dpkg/dpkg.cfg.d/*", "etc/dpkg/dpkg.cfg"];

/// Patterns of paths, each with whether it leaves out or takes in.
#[derive(Debug, Default)]
pub(super) struct LeftOut(Vec<(bool, GlobMatcher)>);

impl LeftOut {
    /// Adds what a file of the configuration says.
    pub(super) fn read(&mut self, bytes: &[u8]) {
        for line in lines(bytes) {
            let text = line.text();
            let text = text.trim();
            let at = text.find(|c: char| c == '=' || c.is_ascii_whitespace()).unwrap_or(text.len());
            let (key, value) = text.split_at_checked(at).unwrap_or_default();
            let value = value.trim_start_matches(|c: char| c == '=' || c.is_ascii_whitespace());
            let value = value.strip_prefix('"').and_then(|value| value.strip_suffix('"')).unwrap_or(value);
            let is_out = match key.trim_start_matches("--") {
                "path-exclude" => true,
                "path-include" => false,
                _ => continue,
            };
            self.0.extend(pattern(value).map(|pattern| (is_out, pattern)));
        }
    }

    /// Whether a path, from the root on, was left out: the last pattern that means it decides.
    pub(super) fn means(&self, path: &[u8]) -> bool {
        let path = format!("/{}", String::from_utf8_lossy(path));
        self.0.iter().rev().find(|(_, pattern)| pattern.is_match(&path)).is_some_and(|(is_out, _)| *is_out)
    }
}

/// Returns a pattern as `fnmatch(3)` has it without flags: `*` means slashes too, and braces mean themselves.
fn pattern(text: &str) -> Option<GlobMatcher> {
    let text = text.replace('{', "[{]").replace('}', "[}]");
    let glob = GlobBuilder::new(&text).literal_separator(false).backslash_escape(true).build().ok()?;
    Some(glob.compile_matcher())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_pattern_decides() {
        let mut left_out = LeftOut::default();
        left_out.read(b"# path-exclude=/etc/*\nforce-unsafe-io\npath-exclude=/usr/share/doc/*\n");
        left_out.read(b"path-include /usr/share/doc/*/copyright\n");
        let check = |path: &str, expected: bool| assert_eq!(left_out.means(path.as_bytes()), expected, "{path}");
        check("usr/share/doc/a/changelog.gz", true);
        check("usr/share/doc/a/copyright", false);
        check("etc/passwd", false);
        check("usr/share/docs", false);
    }
}
