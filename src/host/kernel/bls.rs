//! Boot entries as the Boot Loader Specification has them.

use crate::host::line::lines;

/// A boot entry as it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The title.
    pub title: Option<String>,
    /// The kernel, or the program that starts one; an entry without is none.
    pub kernel: Option<String>,
    /// The lines of arguments, variables as they are written, each with its number from one.
    pub options: Vec<(String, u32)>,
}

/// Reads a boot entry: a key and a value a line, of which `options` may be given again.
#[must_use]
pub fn read(bytes: &[u8]) -> Entry {
    let mut out = Entry::default();
    for line in lines(bytes) {
        let text = line.text();
        let text = text.trim();
        let (key, value) = text.split_once(|character: char| character.is_ascii_whitespace()).unwrap_or((text, ""));
        let value = value.trim();
        match key {
            "title" => out.title = Some(value.to_owned()),
            "linux" | "efi" | "uki" => out.kernel = Some(value.to_owned()),
            "options" => out.options.push((value.to_owned(), line.number)),
            _ => {}
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_are_read() {
        let check = |text: &str, kernel: Option<&str>, options: &[(&str, u32)]| {
            let entry = read(text.as_bytes());
            let found: Vec<(&str, u32)> = entry.options.iter().map(|(text, line)| (text.as_str(), *line)).collect();
            assert_eq!((entry.kernel.as_deref(), found.as_slice()), (kernel, options), "{text:?}");
        };
        check("", None, &[]);
        check("title x\nlinux /vmlinuz\noptions ro a\noptions b\n", Some("/vmlinuz"), &[("ro a", 3), ("b", 4)]);
        check("# linux /x\n  options\tro\n", None, &[("ro", 2)]);
        check("linuxes /x\n", None, &[]);
    }
}
