//! Boot entries as the Boot Loader Specification has them.

use crate::host::line::lines;

/// A boot entry as it is read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Entry {
    /// The title.
    pub title: Option<String>,
    /// The kernel, or the program that starts one; an entry without is none.
    pub kernel: Option<String>,
    /// The arguments, variables as they are written.
    pub options: Option<String>,
    /// The line of the first options, from one.
    pub line: Option<u32>,
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
            "options" => {
                let before = out.options.take().map(|before| before + " ").unwrap_or_default();
                out.options = Some(before + value);
                out.line.get_or_insert(line.number);
            }
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
        let check = |text: &str, kernel: Option<&str>, options: Option<&str>, line: Option<u32>| {
            let entry = read(text.as_bytes());
            let found = (entry.kernel.as_deref(), entry.options.as_deref(), entry.line);
            assert_eq!(found, (kernel, options, line), "{text:?}");
        };
        check("", None, None, None);
        check("title x\nlinux /vmlinuz\noptions ro a\noptions b\n", Some("/vmlinuz"), Some("ro a b"), Some(3));
        check("# linux /x\n  options\tro\n", None, Some("ro"), Some(2));
        check("linuxes /x\n", None, None, None);
    }
}
