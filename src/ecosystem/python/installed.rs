//! What installed Python packages leave of themselves: `METADATA` in `*.dist-info`, `PKG-INFO` in `*.egg-info`, and
//! `*.egg-info` where that is a file.
//!
//! The fields are those of the packaging guide, "Core metadata specifications". They end at the first empty line; the
//! description behind it is not read. What setuptools of old wrote into `requires.txt` beside is not read either, so
//! that such a package needs nothing. A file that is no UTF-8 is read as Latin-1, which setuptools once wrote.

use std::io::{BufRead, BufReader, Read};

use super::ECOSYSTEM;
use super::name::normalised;
use super::requirement;
use crate::component::{Capability, FileList, Package};
use crate::ecosystem::installed::{Damage, FileLists, Opened, Packages, Reader, Record, Stands};
use crate::fact::{GapReason, Location};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(in crate::ecosystem) static RECORD: Record = Record {
    id: "python-metadata",
    ecosystem: ECOSYSTEM,
    stands: Stands::Anywhere(&["*.dist-info/METADATA", "*.egg-info/PKG-INFO", "EGG-INFO/PKG-INFO", "*.egg-info"]),
    capability: Capability {
        transitive: true,
        digests: false,
        install_scripts: false,
        scope: false,
        licenses: true,
        edges: true,
        exact_requirements: false,
    },
    summary: "metadata of installed Python packages",
    read: Reader::Random(read),
    resolve: None,
    gives_way_to: &[],
    files: FileLists::None,
};

/// How much of a file its fields may take: some hold the text of a licence, and old ones the description.
const MAX_FIELDS_BYTES: u64 = 4 << 20;

/// The longest licence that is taken for a name rather than for a text.
const MAX_LICENSE_CHARACTERS: usize = 200;

fn read(opened: &mut Opened<'_>, packages: &mut Packages) -> Result<(), Damage> {
    let mut gaps = Vec::new();
    let fields = Fields::read(&mut opened.contents, &mut gaps)?;
    for damage in gaps {
        packages.gap(opened.path, damage);
    }
    let Some(name) = fields.first("name") else {
        return Err(Damage::malformed(Text::trusted("metadata with a `Name`"), Text::trusted("none")));
    };
    let version = fields.first("version");
    if version.is_none() {
        let expected = Text::trusted("metadata with a `Version`");
        packages.gap(opened.path, Damage::malformed(expected, text!("none of `{}`", name)));
    }
    let mut package = Package::new(name, version, Location::file(opened.path.clone()));
    let needed_as = normalised(name);
    if *needed_as != *name {
        package.provides.push(needed_as);
    }
    package.license = fields.license();
    package.installed.maintainer = fields.person("maintainer").or_else(|| fields.person("author"));
    package.installed.files = file_list(opened.path).map(|path| FileList::Own { path });
    for text in fields.all("requires-dist").filter(|text| !is_extra(text)) {
        match requirement::parse(text) {
            Some(asked) => package.needs.push(vec![asked.name]),
            None => packages.gap(opened.path, Damage::malformed(Text::trusted("a requirement"), text!("`{}`", text))),
        }
    }
    packages.packages.push(package);
    Ok(())
}

/// Whether a requirement is one of an extra, which the package does without.
fn is_extra(requirement: &str) -> bool {
    let marker = requirement.split_once(';').map_or("", |(_, marker)| marker);
    marker.split(|c: char| !c.is_ascii_alphanumeric() && c != '_').any(|word| word == "extra")
}

/// Returns where the files of the package are listed that has its metadata at this path: by pip in `RECORD`, of old in
/// `installed-files.txt`. Distributions leave such lists out.
fn file_list(metadata: &TreePath) -> Option<TreePath> {
    let folder = metadata.parent()?;
    match metadata.file_name() {
        b"METADATA" => Some(folder.child(b"RECORD")),
        b"PKG-INFO" if folder.file_name().ends_with(b".egg-info") => Some(folder.child(b"installed-files.txt")),
        _ => None,
    }
}

/// The fields of a file: names in lower case, values without the blanks around them.
struct Fields(Vec<(String, String)>);

impl Fields {
    fn read(contents: &mut impl Read, gaps: &mut Vec<Damage>) -> Result<Self, Damage> {
        let mut reader = BufReader::new(contents.take(MAX_FIELDS_BYTES));
        let mut fields: Vec<(String, String)> = Vec::new();
        let mut line = Vec::new();
        let mut read = 0;
        loop {
            line.clear();
            read += reader.read_until(b'\n', &mut line)?;
            if read == 0 || line.trim_ascii().is_empty() && !line.starts_with(b" ") && !line.starts_with(b"\t") {
                break;
            }
            let text = decoded(line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line));
            match (text.split_once(':'), fields.last_mut()) {
                (_, Some((_, value))) if text.starts_with([' ', '\t']) => {
                    value.push('\n');
                    value.push_str(text.trim());
                }
                (Some((name, value)), _) if is_field_name(name) => {
                    fields.push((name.to_ascii_lowercase(), value.trim().to_owned()));
                }
                // Whoever reads it in Python takes what follows for the description.
                _ => {
                    let expected = Text::trusted("a field, `NAME: VALUE`");
                    gaps.push(Damage::malformed(expected, text!("`{}`", text.trim_end()).shortened(200)));
                    break;
                }
            }
        }
        if u64::try_from(read).is_ok_and(|read| read >= MAX_FIELDS_BYTES) {
            gaps.push(Damage {
                reason: GapReason::TooLarge,
                expected: text!("fields of at most {} MiB", MAX_FIELDS_BYTES >> 20),
                found: Text::trusted("more"),
            });
        }
        Ok(Self(fields))
    }

    fn all<'a>(&'a self, name: &'static str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    fn first(&self, name: &str) -> Option<&str> {
        let found = self.0.iter().find(|(field, value)| field == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// Returns the licence: the expression, else the name, else what the classifiers say.
    fn license(&self) -> Option<Box<str>> {
        let is_name = |text: &&str| {
            !text.contains('\n')
                && !text.eq_ignore_ascii_case("unknown")
                && text.chars().count() <= MAX_LICENSE_CHARACTERS
        };
        if let Some(stated) = self.first("license-expression").or_else(|| self.first("license").filter(is_name)) {
            return Some(stated.into());
        }
        let classified: Vec<&str> = self
            .all("classifier")
            .filter_map(|text| text.strip_prefix("License ::"))
            .filter_map(|text| text.rsplit("::").next().map(str::trim))
            .filter(|text| *text != "OSI Approved")
            .collect();
        (!classified.is_empty()).then(|| classified.join(", ").into())
    }

    /// Returns name and address of a person.
    fn person(&self, role: &str) -> Option<Box<str>> {
        let known = |text: &&str| !text.eq_ignore_ascii_case("unknown");
        let name = self.first(role).filter(known);
        let address = self.first(&format!("{role}-email")).filter(known);
        match (name, address) {
            (Some(name), Some(address)) if !address.contains('<') => Some(format!("{name} <{address}>").into()),
            (_, Some(address)) => Some(address.into()),
            (name, None) => name.map(Into::into),
        }
    }
}

fn is_field_name(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
}

fn decoded(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.to_owned(),
        Err(_) => bytes.iter().copied().map(char::from).collect(),
    }
}
