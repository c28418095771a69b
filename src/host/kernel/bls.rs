//! Boot entries as the Boot Loader Specification has them, and the variables in them that GRUB fills in.

use std::collections::BTreeMap;

use super::Arguments;
use crate::host::line::lines;

/// How long a line may become, more or less; a kernel reads some thousand bytes.
const MAX_EXPANDED_BYTES: usize = 64 << 10;

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

/// Puts lines of arguments together, variables filled in. Returns with them at which argument, from zero, each line begins but
/// the first.
pub(super) fn joined(options: &[(String, u32)], variables: &BTreeMap<String, String>) -> (String, Vec<(usize, u32)>) {
    let (mut out, mut further) = (String::new(), Vec::new());
    let mut count = 0;
    for (at, (text, line)) in options.iter().enumerate() {
        if out.len() > MAX_EXPANDED_BYTES {
            break;
        }
        let text = expanded(text, variables);
        let own = Arguments::read(&text).iter().count();
        if at > 0 && own > 0 {
            further.push((count, *line));
        }
        count += own;
        if at > 0 {
            out.push(' ');
        }
        out.push_str(&text);
    }
    (out, further)
}

/// Fills in variables: `$name` and `${name}`. One that is not known is empty, and what stands in one is taken as it is.
pub(super) fn expanded(text: &str, variables: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('$') {
        if out.len() > MAX_EXPANDED_BYTES {
            return out;
        }
        out.push_str(before);
        let (name, behind) = match after.strip_prefix('{').and_then(|inside| inside.split_once('}')) {
            Some((name, behind)) => (name, behind),
            None => {
                let end = after
                    .find(|character: char| !character.is_ascii_alphanumeric() && character != '_')
                    .unwrap_or(after.len());
                after.split_at_checked(end).unwrap_or((after, ""))
            }
        };
        if name.is_empty() {
            out.push('$');
        }
        out.push_str(variables.get(name).map(String::as_str).unwrap_or_default());
        rest = behind;
    }
    out.push_str(rest);
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

    #[test]
    fn lines_of_arguments_are_put_together() {
        let variables = BTreeMap::from([("more".to_owned(), "x y".to_owned())]);
        let check = |options: &[(&str, u32)], expected: &str, further: &[(usize, u32)]| {
            let options: Vec<(String, u32)> = options.iter().map(|(text, line)| ((*text).to_owned(), *line)).collect();
            assert_eq!(joined(&options, &variables), (expected.to_owned(), further.to_vec()), "{options:?}");
        };
        check(&[], "", &[]);
        check(&[("ro a", 3)], "ro a", &[]);
        check(&[("ro $more", 3), ("", 4), ("b", 5), ("c", 7)], "ro x y  b c", &[(3, 5), (4, 7)]);
    }

    #[test]
    fn variables_are_filled_in() {
        let variables = BTreeMap::from([("kernelopts".to_owned(), "ro $x".to_owned())]);
        let check = |text: &str, expected: &str| assert_eq!(expanded(text, &variables), expected, "{text}");
        check("a $kernelopts b", "a ro $x b");
        check("${kernelopts}$tuned_params", "ro $x");
        check("cost=5$", "cost=5$");
        check("none", "none");
    }
}
