//! `os-release`: the operating system, as assignments that a shell could read (os-release(5)).
//!
//! Read as systemd reads it: quotes and backslashes as in a shell, but nothing is expanded; of two assignments the later one
//! holds; lines that are no assignment are passed over.

use std::iter::Peekable;
use std::str::CharIndices;

use crate::component::OperatingSystem;
use crate::document::{Fault, Span};
use crate::ecosystem::{File, Unread};
use crate::text::Text;

/// Reads one `os-release`.
///
/// # Errors
/// Where a value does not end, where nothing is assigned at all, and where `ID` is no name that may stand there.
pub fn os_release(file: &File<'_>) -> Result<OperatingSystem, Unread> {
    let mut values = Values::default();
    let mut reader = Reader { text: file.text, characters: file.text.char_indices().peekable() };
    let mut is_empty = true;
    while let Some(assignment) = reader.next()? {
        is_empty = false;
        values.assign(assignment);
    }
    if is_empty {
        let span = Span { start: 0, end: 0 };
        return Err(Fault::new(span, Text::trusted("assignments, as in `ID=debian`"), Text::trusted("none")).into());
    }
    // "If not set, a default of `ID=linux` may be used."
    let (id, at) = values.id.unwrap_or_else(|| ("linux".to_owned(), Span::default()));
    let id = id.to_ascii_lowercase();
    let is_permitted =
        |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'.' | b'_' | b'-');
    if id.is_empty() || !id.bytes().all(is_permitted) || id.bytes().all(|byte| byte == b'.') {
        let expected = Text::trusted("an `ID` of letters, digits, `.`, `_` and `-`");
        return Err(Fault::new(at, expected, crate::text!("`{}`", id)).into());
    }
    let text = |value: Option<String>| value.filter(|value| !value.is_empty()).map(Into::into);
    Ok(OperatingSystem {
        id: id.into(),
        like: values.like.split_ascii_whitespace().map(Into::into).collect(),
        version: text(values.version),
        codename: text(values.codename),
        build: text(values.build),
        name: text(values.pretty_name).or(text(values.name)),
        cpe: text(values.cpe),
        home: text(values.home),
        place: file.places.at(at),
    })
}

/// The values that are read.
#[derive(Default)]
struct Values {
    id: Option<(String, Span)>,
    like: String,
    version: Option<String>,
    codename: Option<String>,
    build: Option<String>,
    pretty_name: Option<String>,
    name: Option<String>,
    cpe: Option<String>,
    home: Option<String>,
}

impl Values {
    fn assign(&mut self, assignment: Assignment<'_>) {
        let Assignment { name, value, at } = assignment;
        match name {
            "ID" => self.id = Some((value, at)),
            "ID_LIKE" => self.like = value,
            "VERSION_ID" => self.version = Some(value),
            "VERSION_CODENAME" => self.codename = Some(value),
            "BUILD_ID" => self.build = Some(value),
            "PRETTY_NAME" => self.pretty_name = Some(value),
            "NAME" => self.name = Some(value),
            "CPE_NAME" => self.cpe = Some(value),
            "HOME_URL" => self.home = Some(value),
            _ => {}
        }
    }
}

/// A name with its value, and where the value stands.
struct Assignment<'a> {
    name: &'a str,
    value: String,
    at: Span,
}

/// Parts a text into assignments.
struct Reader<'a> {
    text: &'a str,
    characters: Peekable<CharIndices<'a>>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<Option<Assignment<'a>>, Fault> {
        loop {
            let Some((start, _)) = self.characters.peek().copied() else { return Ok(None) };
            let rest = self.text.get(start..).unwrap_or_default();
            let line = rest.split('\n').next().unwrap_or_default();
            let name = line.split_once('=').map(|(name, _)| name).filter(|name| is_name(name.trim_start()));
            let Some(name) = name else {
                self.skip_to(start + line.len() + 1);
                continue;
            };
            self.skip_to(start + name.len() + 1);
            let begin = start + name.len() + 1;
            let value = self.value(begin)?;
            let end = self.characters.peek().map_or(self.text.len(), |(at, _)| *at);
            return Ok(Some(Assignment { name: name.trim_start(), value, at: Span { start: begin, end } }));
        }
    }

    /// Reads a value to the end of its line, which quotes may put off.
    fn value(&mut self, begin: usize) -> Result<String, Fault> {
        let mut value = String::new();
        // What blanks at the end of the line leave; those in quotes stay.
        let mut kept = 0;
        while let Some((_, character)) = self.characters.next_if(|(_, character)| *character != '\n') {
            match character {
                '\'' | '"' => {
                    self.quoted(character, begin, &mut value)?;
                    kept = value.len();
                }
                '\\' => match self.characters.next() {
                    Some((_, '\n')) | None => {}
                    Some((_, escaped)) => {
                        value.push(escaped);
                        kept = value.len();
                    }
                },
                '#' if value.len() > kept => {
                    while self.characters.next_if(|(_, character)| *character != '\n').is_some() {}
                }
                blank if blank.is_ascii_whitespace() => {
                    if !value.is_empty() {
                        value.push(blank);
                    }
                }
                character => {
                    value.push(character);
                    kept = value.len();
                }
            }
        }
        value.truncate(kept);
        Ok(value)
    }

    /// Reads to the closing quote.
    fn quoted(&mut self, quote: char, begin: usize, value: &mut String) -> Result<(), Fault> {
        while let Some((_, character)) = self.characters.next() {
            match character {
                _ if character == quote => return Ok(()),
                '\\' if quote == '"' => match self.characters.next() {
                    Some((_, escaped @ ('"' | '\\' | '$' | '`'))) => value.push(escaped),
                    Some((_, '\n')) | None => {}
                    Some((_, other)) => value.extend(['\\', other]),
                },
                '\r' => {}
                _ => value.push(character),
            }
        }
        let line = self.text.get(begin..).unwrap_or_default().lines().next().unwrap_or_default();
        let at = Span { start: begin, end: begin + line.len() };
        Err(Fault::new(at, Text::trusted("the quote that ends a value"), crate::text!("none behind `{}`", line)))
    }

    fn skip_to(&mut self, offset: usize) {
        while self.characters.next_if(|(at, _)| *at < offset).is_some() {}
    }
}

/// Whether a text may stand before `=`.
fn is_name(text: &str) -> bool {
    !text.starts_with(|first: char| first.is_ascii_digit())
        && !text.is_empty()
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Places;
    use crate::tree::TreePath;

    fn read(text: &str) -> Result<OperatingSystem, String> {
        let path = TreePath::new(b"etc/os-release").unwrap();
        let places = Places::new(&path, text);
        os_release(&File { path: &path, text, places: &places })
            .map_err(|Unread { fault, .. }| format!("{}: {}, {}", fault.span.start, fault.expected, fault.found))
    }

    #[test]
    fn debian_is_read_with_its_place() {
        let text = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nNAME=\"Debian GNU/Linux\"\nVERSION_ID=\"12\"\n\
                    VERSION_CODENAME=bookworm\nID=debian\nHOME_URL=\"https://www.debian.org/\"\n";
        let system = read(text).unwrap();
        assert_eq!((&*system.id, system.version.as_deref()), ("debian", Some("12")));
        assert_eq!(system.codename.as_deref(), Some("bookworm"));
        assert_eq!(system.name.as_deref(), Some("Debian GNU/Linux 12 (bookworm)"));
        assert_eq!(system.home.as_deref(), Some("https://www.debian.org/"));
        assert_eq!(system.place.to_string(), "etc/os-release:5:4");
        assert_eq!(system.place.width, 6);
        assert_eq!((&system.build, &system.cpe), (&None, &None));
    }

    #[test]
    fn values_are_read_as_a_shell_would_without_expansion() {
        let check = |value: &str, expected: &str| {
            let system = read(&format!("ID=x\nPRETTY_NAME={value}\nVERSION_ID=1\n")).unwrap();
            assert_eq!(system.name.as_deref().unwrap_or_default(), expected, "{value}");
            assert_eq!(system.version.as_deref(), Some("1"), "{value}");
        };
        check("a", "a");
        check("a b  ", "a b");
        check("  a", "a");
        check("\"a b \"", "a b ");
        check("'a \"b\" \\n'", "a \"b\" \\n");
        check(r#""a \"b\" \\ \$c \` \n""#, "a \"b\" \\ $c ` \\n");
        check(r"a\ b\#c", "a b#c");
        check("'a'\"b\"c", "abc");
        check("$HOME`id`$(id)", "$HOME`id`$(id)");
        check("a # a comment", "a");
        check("a#b", "a#b");
        check("\"two\nlines\"", "two\nlines");
        check("\"a\"\r", "a");
        check("ü", "ü");
        check("", "");
    }

    #[test]
    fn what_is_no_assignment_is_passed_over() {
        let system = read("# ID=a\n\nID=B\n text\n1D=c\n  VERSION_ID=2\r\nA B=c\nID=Fedora\n").unwrap();
        assert_eq!((&*system.id, system.version.as_deref()), ("fedora", Some("2")));
        let system = read("NAME=x\nID_LIKE=\"rhel centos  fedora\"\nBUILD_ID=rolling").unwrap();
        assert_eq!((&*system.id, system.build.as_deref()), ("linux", Some("rolling")));
        assert_eq!(system.like, ["rhel".into(), "centos".into(), Box::<str>::from("fedora")]);
    }

    #[test]
    fn what_tells_nothing_is_a_fault() {
        let check = |text: &str, expected: &str| assert_eq!(read(text).unwrap_err(), expected, "{text:?}");
        check("", "0: assignments, as in `ID=debian`, none");
        check("debian\n", "0: assignments, as in `ID=debian`, none");
        check("ID=\"deb\nNAME=x\n", "3: the quote that ends a value, none behind `\"deb`");
        check("ID='deb", "3: the quote that ends a value, none behind `'deb`");
        let id = "an `ID` of letters, digits, `.`, `_` and `-`";
        check("ID=../../etc\n", &format!("3: {id}, `../../etc`"));
        check("NAME=a\nID=\n", &format!("10: {id}, ``"));
        check("ID=..\n", &format!("3: {id}, `..`"));
        check("ID=\"a b\"\n", &format!("3: {id}, `a b`"));
    }
}
