//! Boot entries of extlinux and syslinux.

use crate::host::line::lines;

/// A boot entry as it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Label {
    /// Its name.
    pub name: String,
    /// The kernel.
    pub kernel: String,
    /// The arguments.
    pub arguments: String,
    /// The line of the arguments, or of the label.
    pub line: u32,
}

/// Reads the labels of a configuration. `APPEND` in front of all labels holds for those without one of their own, and
/// `APPEND -` stands for none.
#[must_use]
pub fn read(bytes: &[u8]) -> Vec<Label> {
    let mut out: Vec<(Label, bool)> = Vec::new();
    let mut general = String::new();
    for line in lines(bytes) {
        let text = line.text();
        let text = text.trim();
        let (key, value) = text.split_once(|character: char| character.is_ascii_whitespace()).unwrap_or((text, ""));
        let value = value.trim();
        match (key.to_ascii_lowercase().as_str(), out.last_mut()) {
            ("label", _) => {
                out.push((Label { name: value.to_owned(), line: line.number, ..Label::default() }, false));
            }
            ("linux" | "kernel", Some((label, _))) => value.clone_into(&mut label.kernel),
            ("append", Some((label, is_own))) => {
                (if value == "-" { "" } else { value }).clone_into(&mut label.arguments);
                (label.line, *is_own) = (line.number, true);
            }
            ("append", None) => value.clone_into(&mut general),
            _ => {}
        }
    }
    out.into_iter()
        .filter(|(label, _)| !label.kernel.is_empty() && !label.kernel.ends_with(".c32"))
        .map(|(label, is_own)| if is_own { label } else { Label { arguments: general.clone(), ..label } })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_read() {
        let check = |text: &str, expected: &[(&str, &str, u32)]| {
            let found = read(text.as_bytes());
            let found: Vec<(&str, &str, u32)> =
                found.iter().map(|one| (&*one.name, &*one.arguments, one.line)).collect();
            assert_eq!(found, expected, "{text:?}");
        };
        check("", &[]);
        check("DEFAULT a\nlabel a\n  kernel vmlinuz\n  append ro quiet\n", &[("a", "ro quiet", 4)]);
        check("append x\nLABEL a\nLINUX /v\nLABEL b\nLINUX /v\nAPPEND -\n", &[("a", "x", 2), ("b", "", 6)]);
        check("label a\nkernel menu.c32\nlabel b\n", &[]);
        check("# label a\n", &[]);
    }
}
