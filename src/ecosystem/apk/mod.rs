//! apk, the package manager of Alpine and its kin: its database, `installed`, a stanza a package.
//!
//! Each line is a letter, a colon and a value (`apk_db_read` and `apk-installed(5)` in apk-tools). The lines of files and
//! their digests (`F`, `R`, `Z`, `a`) are read where somebody asks about files. The checksum `C` is that of the part
//! of a package that describes it, no digest of the archive.

mod files;
#[cfg(test)]
mod tests;

use crate::component::{Capability, FileList, Package, SourcePackage, one_line};
use crate::document::{Fault, Span};
use crate::ecosystem::installed::{FileLists, Packages, Reader, Record, Stands, last_line};
use crate::ecosystem::{File, Unread};
use crate::text::Text;

pub(super) static RECORD: Record = Record {
    id: "apk-installed",
    ecosystem: "apk",
    stands: Stands::At(&["lib/apk/db/installed", "usr/lib/apk/db/installed", "var/lib/apk/db/installed"]),
    capability: Capability {
        transitive: true,
        digests: false,
        install_scripts: false,
        scope: false,
        licenses: true,
        edges: true,
        exact_requirements: false,
    },
    summary: "apk's database, lib/apk/db/installed",
    read: Reader::Text(packages),
    resolve: None,
    gives_way_to: &[],
    files: FileLists::Bytes(files::lists),
};

fn packages(file: &File<'_>, out: &mut Packages) -> Result<(), Unread> {
    let mut stanza: Option<Stanza<'_>> = None;
    let mut at = 0;
    for line in file.text.split_inclusive('\n') {
        let start = at;
        at += line.len();
        let line = line.trim_end_matches(['\n', '\r']);
        if line.is_empty() {
            finish(stanza.take(), file, out);
        } else {
            stanza.get_or_insert_with(|| Stanza::new(start)).line(line, start);
        }
    }
    finish(stanza, file, out);
    last_line(file)
}

/// A value and where it stands.
type Value<'a> = (&'a str, Span);

/// What is read of one stanza.
struct Stanza<'a> {
    span: Span,
    name: Option<Value<'a>>,
    version: Option<Value<'a>>,
    architecture: Option<&'a str>,
    origin: Option<&'a str>,
    license: Option<&'a str>,
    maintainer: Option<&'a str>,
    depends: Option<&'a str>,
    provides: Option<&'a str>,
    /// What is wrong with it first.
    fault: Option<Fault>,
}

impl<'a> Stanza<'a> {
    fn new(start: usize) -> Self {
        Self {
            span: Span { start, end: start },
            name: None,
            version: None,
            architecture: None,
            origin: None,
            license: None,
            maintainer: None,
            depends: None,
            provides: None,
            fault: None,
        }
    }

    fn line(&mut self, line: &'a str, start: usize) {
        let at = Span { start, end: start + line.len() };
        self.span.end = at.end;
        let field = line.split_once(':').filter(|(key, _)| matches!(key.as_bytes(), [b'a'..=b'z' | b'A'..=b'Z']));
        let Some((key, value)) = field else {
            self.fault.get_or_insert_with(|| {
                Fault::new(at, Text::trusted("a letter, a colon and a value"), crate::text!("`{}`", line))
            });
            return;
        };
        let place = Span { start: start + 2, end: at.end };
        let is_again = match key {
            "P" => self.name.replace((value, place)).is_some(),
            "V" => self.version.replace((value, place)).is_some(),
            "A" => self.architecture.replace(value).is_some(),
            "o" => self.origin.replace(value).is_some(),
            "L" => self.license.replace(value).is_some(),
            "m" => self.maintainer.replace(value).is_some(),
            "D" => self.depends.replace(value).is_some(),
            "p" => self.provides.replace(value).is_some(),
            _ => false,
        };
        if is_again {
            self.fault.get_or_insert_with(|| {
                let expected = crate::text!("`{}` once in a stanza", key);
                Fault::new(at, expected, Text::trusted("it again"))
            });
        }
    }
}

/// Tells the package of a stanza, and what is wrong with it.
fn finish(stanza: Option<Stanza<'_>>, file: &File<'_>, out: &mut Packages) {
    let Some(stanza) = stanza else { return };
    let mut gap = |fault: Fault| out.gap_of_entry(file, fault, stanza.span);
    if let Some(fault) = stanza.fault {
        gap(fault);
    }
    let start = Span { start: stanza.span.start, end: stanza.span.start };
    let Some((name, at)) = stanza.name.filter(|(name, _)| !name.is_empty()) else {
        return gap(Fault::new(start, Text::trusted("a name, as in `P:name`, in each stanza"), Text::trusted("none")));
    };
    let Some((version, _)) = stanza.version.filter(|(version, _)| !version.is_empty()) else {
        let expected = crate::text!("a version, as in `V:1.0-r0`, of `{}`", name);
        return gap(Fault::new(at, expected, Text::trusted("none")));
    };
    let mut package = Package::new(name, Some(version), file.places.at(at));
    let text = |value: Option<&str>| value.filter(|value| !value.is_empty()).map(Box::from);
    package.license = stanza.license.and_then(one_line);
    package.needs = stanza.depends.unwrap_or_default().split_ascii_whitespace().filter_map(need).collect();
    package.provides =
        stanza.provides.unwrap_or_default().split_ascii_whitespace().filter_map(without_version).collect();
    package.installed.architecture = text(stanza.architecture);
    package.installed.maintainer = stanza.maintainer.and_then(one_line);
    package.installed.built_from = text(stanza.origin).map(|name| SourcePackage { name, version: None });
    package.installed.files =
        Some(FileList::Within { path: file.path.clone(), at: u64::try_from(stanza.span.start).unwrap_or(u64::MAX) });
    out.packages.push(package);
}

/// Returns what a dependency asks for; a conflict asks for nothing.
fn need(text: &str) -> Option<Vec<Box<str>>> {
    if text.starts_with('!') {
        return None;
    }
    Some(vec![without_version(text)?])
}

/// Returns the name in `name>=1.0`, `so:libc.so=1` or `name@repository`.
fn without_version(text: &str) -> Option<Box<str>> {
    text.split(['<', '>', '=', '~', '@']).next().filter(|name| !name.is_empty()).map(Into::into)
}
