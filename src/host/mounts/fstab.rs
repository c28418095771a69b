//! The lines of `/etc/fstab` (`fstab(5)`).

use crate::document::unescaped_octal;
use crate::host::line::lines;

/// A line of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// Where it is mounted.
    pub mount_point: Vec<u8>,
    /// The type of the file system.
    pub kind: String,
    /// The options, as they are written.
    pub options: String,
    /// Its number, from one.
    pub number: u32,
}

/// Reads the file: fields between blanks, in which `\040` is a blank and `\011` a tab. What is mounted nowhere, as swap, is
/// left out.
#[must_use]
pub fn read(bytes: &[u8]) -> Vec<Line> {
    let one = |line: crate::host::line::Line<'_>| {
        let text = line.trimmed();
        if text.first() == Some(&b'#') {
            return None;
        }
        let mut fields = text.split(|byte| *byte == b' ' || *byte == b'\t').filter(|field| !field.is_empty());
        let mount_point = unescaped_octal(fields.nth(1)?);
        let kind = String::from_utf8_lossy(&unescaped_octal(fields.next()?)).into_owned();
        let options = fields.next().map(unescaped_octal).unwrap_or_default();
        if !mount_point.starts_with(b"/") || kind == "swap" || kind == "ignore" {
            return None;
        }
        let options = String::from_utf8_lossy(&options).into_owned();
        Some(Line { mount_point, kind, options, number: line.number })
    };
    lines(bytes).filter_map(one).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_read() {
        let check = |text: &str, expected: &[(&str, &str, &str, u32)]| {
            let found = read(text.as_bytes());
            let found: Vec<(String, &str, &str, u32)> = found
                .iter()
                .map(|one| {
                    (String::from_utf8_lossy(&one.mount_point).into_owned(), &*one.kind, &*one.options, one.number)
                })
                .collect();
            let expected: Vec<(String, &str, &str, u32)> =
                expected.iter().map(|(point, kind, options, at)| ((*point).to_owned(), *kind, *options, *at)).collect();
            assert_eq!(found, expected, "{text:?}");
        };
        check("", &[]);
        check("# /dev/x /tmp ext4 defaults 0 0\n", &[]);
        check(
            "UUID=1\t/\text4  defaults\t0 1\n  tmpfs /tmp tmpfs\n",
            &[("/", "ext4", "defaults", 1), ("/tmp", "tmpfs", "", 2)],
        );
        check("/dev/x /srv/a\\040b ext4 nosuid\n", &[("/srv/a b", "ext4", "nosuid", 1)]);
        check("/dev/x none swap sw 0 0\n/dev/y swap swap sw\n/dev/z\n", &[]);
        check("x /a\\9 ext4\n", &[("/a\\9", "ext4", "", 1)]);
    }
}
