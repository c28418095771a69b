//! pacman, the package manager of Arch and its kin: its database of local packages, a folder a package, of which `desc` is
//! read (`local_db_read` in libalpm).

mod files;
#[cfg(test)]
mod tests;

use crate::component::{Capability, FileList, Package, SourcePackage, one_line};
use crate::document::{Fault, Span};
use crate::ecosystem::installed::{FileLists, Packages, Reader, Record, Stands};
use crate::ecosystem::{File, Unread};
use crate::text::Text;

pub(super) static RECORD: Record = Record {
    id: "pacman-desc",
    ecosystem: "alpm",
    stands: Stands::At(&["var/lib/pacman/local/*/desc"]),
    capability: Capability {
        transitive: true,
        digests: false,
        install_scripts: false,
        scope: false,
        licenses: true,
        edges: true,
        exact_requirements: false,
    },
    summary: "pacman's database, var/lib/pacman/local",
    read: Reader::Text(packages),
    resolve: None,
    gives_way_to: &[],
    files: FileLists::Bytes(files::lists),
};

fn packages(file: &File<'_>, out: &mut Packages) -> Result<(), Unread> {
    let (desc, fault) = Desc::read(file.text);
    let whole = Span { start: 0, end: file.text.len() };
    if let Some(fault) = fault {
        out.gap_of_entry(file, fault, whole);
    }
    let missing = |what: &str, at: Span| {
        let folder = file.path.parent().unwrap_or_default();
        let name = String::from_utf8_lossy(folder.file_name()).into_owned();
        Fault::new(at, crate::text!("{} of the package `{}`", what, name), Text::trusted("none"))
    };
    let Some((name, at)) = desc.name else { return Err(missing("the `%NAME%`", Span::default()).into()) };
    let Some((version, _)) = desc.version else { return Err(missing("the `%VERSION%`", at).into()) };
    let mut package = Package::new(name, Some(version), file.places.at(at));
    package.license = one_line(&desc.licenses.join(" AND "));
    package.needs = desc.depends.iter().filter_map(|need| Some(vec![without_version(need)?])).collect();
    package.provides = desc.provides.iter().filter_map(|name| without_version(name)).collect();
    package.installed.architecture = desc.architecture.map(|(text, _)| text.into());
    package.installed.maintainer = desc.packager.and_then(|(text, _)| one_line(text));
    package.installed.built_from = desc.base.map(|(name, _)| SourcePackage { name: name.into(), version: None });
    package.installed.files = file.path.parent().map(|folder| FileList::Own { path: folder.child(b"files") });
    out.packages.push(package);
    Ok(())
}

/// A value and where it stands.
type Value<'a> = (&'a str, Span);

/// What is read of a `desc`.
#[derive(Default)]
struct Desc<'a> {
    name: Option<Value<'a>>,
    version: Option<Value<'a>>,
    base: Option<Value<'a>>,
    architecture: Option<Value<'a>>,
    packager: Option<Value<'a>>,
    licenses: Vec<&'a str>,
    depends: Vec<&'a str>,
    provides: Vec<&'a str>,
}

/// Where a line of a `desc` stands.
enum Section<'a> {
    /// Behind a heading whose value is one line.
    One(&'a str),
    /// Behind a heading whose values go on to an empty line.
    List(&'a str),
    /// Behind a heading that is not read.
    Other,
    /// Between two sections.
    Between,
}

impl<'a> Desc<'a> {
    /// Reads the sections, and what is wrong with them first.
    fn read(text: &'a str) -> (Self, Option<Fault>) {
        let (mut desc, mut fault, mut section, mut at) = (Self::default(), None, Section::Between, 0);
        for line in text.split_inclusive('\n') {
            let span = Span { start: at, end: at + line.trim_end().len() };
            at += line.len();
            let line = line.trim_end();
            section = match (section, heading(line)) {
                (_, _) if line.is_empty() => Section::Between,
                (Section::List(name), _) => {
                    desc.list(name).push(line);
                    Section::List(name)
                }
                (Section::One(name), _) => {
                    if desc.one(name).replace((line, span)).is_some() {
                        let expected = crate::text!("`%{}%` once", name);
                        fault = fault.or(Some(Fault::new(span, expected, Text::trusted("it again"))));
                    }
                    Section::Between
                }
                (Section::Between | Section::Other, Some(name)) => match name {
                    "NAME" | "VERSION" | "BASE" | "ARCH" | "PACKAGER" => Section::One(name),
                    "LICENSE" | "DEPENDS" | "PROVIDES" => Section::List(name),
                    _ => Section::Other,
                },
                (Section::Other, None) => Section::Other,
                (Section::Between, None) => {
                    let expected = Text::trusted("a heading, as in `%NAME%`");
                    fault = fault.or_else(|| Some(Fault::new(span, expected, crate::text!("`{}`", line))));
                    Section::Between
                }
            };
        }
        (desc, fault)
    }

    fn one(&mut self, name: &str) -> &mut Option<Value<'a>> {
        match name {
            "NAME" => &mut self.name,
            "VERSION" => &mut self.version,
            "BASE" => &mut self.base,
            "ARCH" => &mut self.architecture,
            _ => &mut self.packager,
        }
    }

    fn list(&mut self, name: &str) -> &mut Vec<&'a str> {
        match name {
            "LICENSE" => &mut self.licenses,
            "DEPENDS" => &mut self.depends,
            _ => &mut self.provides,
        }
    }
}

/// Returns the name in a heading.
fn heading(line: &str) -> Option<&str> {
    let name = line.strip_prefix('%')?.strip_suffix('%')?;
    (!name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit())).then_some(name)
}

/// Returns the name in `name>=1.0`.
fn without_version(text: &str) -> Option<Box<str>> {
    text.split(['<', '>', '=']).next().map(str::trim).filter(|name| !name.is_empty()).map(Into::into)
}
