//! Files of sections, as yum, dnf, zypper and pacman write them. A value goes on in lines that begin with a blank.

use crate::host::line::lines;

/// A value of a section.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Assigned {
    /// The section.
    pub section: String,
    /// The key; empty where the section begins.
    pub key: String,
    /// The value.
    pub value: String,
    /// The line.
    pub line: u32,
}

/// Returns the values of a file, in their order, and the beginning of each section.
#[must_use]
pub fn read(bytes: &[u8]) -> Vec<Assigned> {
    let mut out: Vec<Assigned> = Vec::new();
    let mut section = String::new();
    for line in lines(bytes) {
        let text = line.text();
        let trimmed = text.trim();
        if trimmed.is_empty() || trimmed.starts_with(['#', ';']) {
            continue;
        }
        if text.starts_with([' ', '\t'])
            && let Some(last) = out.last_mut().filter(|last| !last.key.is_empty())
        {
            last.value.push(' ');
            last.value.push_str(trimmed);
        } else if let Some(name) = trimmed.strip_prefix('[').and_then(|rest| rest.split(']').next()) {
            name.trim().clone_into(&mut section);
            out.push(Assigned { section: section.clone(), line: line.number, ..Assigned::default() });
        } else {
            let (key, value) = trimmed.split_once('=').unwrap_or((trimmed, ""));
            out.push(Assigned {
                section: section.clone(),
                key: key.trim().to_owned(),
                value: value.trim().to_owned(),
                line: line.number,
            });
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stand_in_sections() {
        let check = |text: &str, expected: &[&str]| {
            let one = |one: &Assigned| format!("{} [{}] {}={}", one.line, one.section, one.key, one.value);
            assert_eq!(read(text.as_bytes()).iter().map(one).collect::<Vec<_>>(), expected, "{text}");
        };
        check("[main]\ngpgcheck = 1\n# gpgcheck=0\n", &["1 [main] =", "2 [main] gpgcheck=1"]);
        check("[a]\nbaseurl=http://x\n  http://y\n", &["1 [a] =", "2 [a] baseurl=http://x http://y"]);
        check("a=1\n", &["1 [] a=1"]);
        check("", &[]);
    }
}
