//! From the headers of a database to packages.

use std::collections::{BTreeMap, BTreeSet};

use super::header::{Header, Tag};
use super::{MAX_NAMES, MAX_PACKAGES};
use crate::component::{FileList, Installed, Package, SourcePackage};
use crate::ecosystem::installed::{Damage, Packages};
use crate::fact::{GapReason, Location};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) const NAME: Tag = Tag(1000, "name");
const VERSION: Tag = Tag(1001, "version");
const RELEASE: Tag = Tag(1002, "release");
const EPOCH: Tag = Tag(1003, "epoch");
const VENDOR: Tag = Tag(1011, "vendor");
const LICENSE: Tag = Tag(1014, "licence");
const PACKAGER: Tag = Tag(1015, "packager");
const ARCHITECTURE: Tag = Tag(1022, "architecture");
const SOURCE: Tag = Tag(1044, "source package");
const PROVIDES: Tag = Tag(1047, "provided names");
const NEEDS: Tag = Tag(1049, "needed names");
pub(super) const FOLDER_NUMBERS: Tag = Tag(1116, "numbers of the files' folders");
pub(super) const FILE_NAMES: Tag = Tag(1117, "names of the files");
pub(super) const FOLDERS: Tag = Tag(1118, "folders of the files");

/// The name of entries that are keys.
pub(super) const KEY: &str = "gpg-pubkey";

/// Takes the headers of a database.
pub(super) trait Headers {
    /// Takes the header with a number. The error is one that ends reading.
    fn add(&mut self, number: u64, header: &[u8]) -> Result<(), Damage>;

    /// Says of a header that it, or something in it, cannot be known.
    fn lose_header(&mut self, number: u64, damage: Damage) {
        let found = text!("{} in header {}", damage.found, number);
        self.lose(Damage { found, ..damage });
    }

    /// Says of a part of the database that it cannot be known.
    fn lose(&mut self, damage: Damage);
}

/// The packages of one database, as its headers are read.
pub(super) struct Gathered<'a> {
    path: &'a TreePath,
    out: &'a mut Packages,
    /// The packages, each with the number of its header.
    packages: Vec<(u64, Package)>,
    /// Files that others may need, each with the place of its owner in `packages`.
    files: Vec<(Box<str>, usize)>,
    /// How many more names are read.
    names: usize,
}

impl<'a> Gathered<'a> {
    /// Returns the packages of a database of which no header was read.
    pub(super) fn new(path: &'a TreePath, out: &'a mut Packages) -> Self {
        Self { path, out, packages: Vec::new(), files: Vec::new(), names: MAX_NAMES }
    }

    /// Hands over the packages, in the order of their numbers.
    pub(super) fn finish(mut self) {
        self.name_needed_files();
        // Stable, so that two headers of one number stay in the order in which they were found.
        self.packages.sort_by_key(|(number, _)| *number);
        self.out.packages.extend(self.packages.into_iter().map(|(_, package)| package));
    }

    /// Returns the package of a header, as far as it is named; `None` for a key.
    fn package(&self, number: u64, header: Header<'_>) -> Result<Option<Package>, Damage> {
        let name = required(header, NAME)?;
        if name == KEY {
            return Ok(None);
        }
        let version = required(header, VERSION)?;
        let release = required(header, RELEASE)?;
        // An epoch that is stated is written, a zero too: what the database says, and rpm compares both alike.
        let version = match header.numbers(EPOCH)?.and_then(|mut numbers| numbers.next()) {
            Some(epoch) => format!("{epoch}:{version}-{release}"),
            None => format!("{version}-{release}"),
        };
        let files = Some(FileList::Within { path: self.path.clone(), at: number });
        let package = Package::new(name, Some(&version), Location::file(self.path.clone()));
        Ok(Some(Package { installed: Installed { files, ..Installed::default() }, ..package }))
    }

    fn provided(&mut self, header: Header<'_>, package: &mut Package) -> Result<(), Damage> {
        package.provides = self.names(header, PROVIDES)?;
        package.provides.retain(|name| *name != package.name);
        Ok(())
    }

    /// Sets what a package needs of others: what it provides itself, and what it asks of rpm, is left out, and so are
    /// conditions (`(a or b)`).
    fn needed(&mut self, header: Header<'_>, package: &mut Package) -> Result<(), Damage> {
        let mut needs = self.names(header, NEEDS)?;
        needs.retain(|name| {
            let is_own = *name == package.name || package.provides.binary_search(name).is_ok();
            !(is_own || name.starts_with("rpmlib(") || name.starts_with('('))
        });
        package.needs = needs.into_iter().map(|name| vec![name]).collect();
        Ok(())
    }

    /// Returns the names that a tag holds, sorted, each once.
    fn names(&mut self, header: Header<'_>, tag: Tag) -> Result<Vec<Box<str>>, Damage> {
        let Some(names) = header.strings(tag)? else { return Ok(Vec::new()) };
        self.take_names(names.len())?;
        let mut names: Vec<&[u8]> = names.filter(|name| !name.is_empty()).collect();
        names.sort_unstable();
        names.dedup();
        let mut names: Vec<Box<str>> =
            names.into_iter().map(|name| String::from_utf8_lossy(name).into_owned().into_boxed_str()).collect();
        // What is no UTF-8 may sort otherwise once it is text.
        names.sort_unstable();
        Ok(names)
    }

    fn take_names(&mut self, count: usize) -> Result<(), Damage> {
        self.names = self.names.checked_sub(count).ok_or_else(|| too_many(MAX_NAMES, "names in one database"))?;
        Ok(())
    }

    /// Notes the files of a package that others need by their paths: programs and settings, those that repositories list
    /// for this purpose.
    fn owned(&mut self, header: Header<'_>) -> Result<(), Damage> {
        let (Some(folders), Some(numbers), Some(names)) =
            (header.strings(FOLDERS)?, header.numbers(FOLDER_NUMBERS)?, header.strings(FILE_NAMES)?)
        else {
            return Ok(());
        };
        let is_needed = |folder: &[u8]| folder.starts_with(b"/etc/") || folder.ends_with(b"bin/");
        let folders: BTreeMap<usize, &[u8]> = folders.enumerate().filter(|(_, folder)| is_needed(folder)).collect();
        if folders.is_empty() {
            return Ok(());
        }
        let owner = self.packages.len();
        for (number, name) in numbers.zip(names) {
            let Some(folder) = folders.get(&super::bytes::place(number)) else { continue };
            self.take_names(1)?;
            let path = [*folder, name].concat();
            self.files.push((String::from_utf8_lossy(&path).into(), owner));
        }
        Ok(())
    }

    /// Adds to what packages provide the paths of their files that others need.
    fn name_needed_files(&mut self) {
        let is_path = |name: &&str| name.starts_with('/');
        let packages = || self.packages.iter().map(|(_, package)| package);
        let mut unmet: BTreeSet<&str> =
            packages().flat_map(|package| &package.needs).flatten().map(|name| &**name).filter(is_path).collect();
        for name in packages().flat_map(|package| &package.provides) {
            unmet.remove(&**name);
        }
        let mut owners: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (path, owner) in &self.files {
            owners.entry(path).or_default().push(*owner);
        }
        let mut provided: Vec<(usize, Box<str>)> = Vec::new();
        for need in unmet {
            // Where `/bin` is a link to `/usr/bin`, both paths are one file.
            let other = need.strip_prefix("/usr").map_or_else(|| format!("/usr{need}"), str::to_owned);
            let found = owners.get(need).or_else(|| owners.get(other.as_str()));
            provided.extend(found.into_iter().flatten().map(|owner| (*owner, need.into())));
        }
        for (owner, path) in provided {
            if let Some((_, package)) = self.packages.get_mut(owner) {
                package.provides.push(path);
            }
        }
    }
}

impl Headers for Gathered<'_> {
    fn add(&mut self, number: u64, header: &[u8]) -> Result<(), Damage> {
        let read =
            Header::parse(header).and_then(|header| Ok(self.package(number, header)?.map(|found| (header, found))));
        let (header, mut package) = match read {
            Ok(Some(read)) => read,
            Ok(None) => return Ok(()),
            Err(damage) => {
                self.lose_header(number, damage);
                return Ok(());
            }
        };
        if self.packages.len() >= MAX_PACKAGES {
            return Err(too_many(MAX_PACKAGES, "packages"));
        }
        // What is beside its name and version may be damaged, and the package is told all the same.
        let filled = [
            describe(header, &mut package),
            self.provided(header, &mut package),
            self.needed(header, &mut package),
            self.owned(header),
        ];
        for damage in filled.into_iter().filter_map(Result::err) {
            self.lose_header(number, damage);
        }
        self.packages.push((number, package));
        Ok(())
    }

    fn lose(&mut self, damage: Damage) {
        self.out.gap(self.path, damage);
    }
}

/// Sets what a header says of a package beside its name.
fn describe(header: Header<'_>, package: &mut Package) -> Result<(), Damage> {
    let text = |tag| -> Result<Option<Box<str>>, Damage> {
        Ok(header.text(tag)?.filter(|text| !text.is_empty()).map(|text| text.into_owned().into_boxed_str()))
    };
    package.installed.architecture = text(ARCHITECTURE)?;
    package.installed.built_from = text(SOURCE)?.map(|name| SourcePackage { name, version: None });
    package.license = text(LICENSE)?;
    package.installed.vendor = text(VENDOR)?;
    package.installed.maintainer = text(PACKAGER)?;
    Ok(())
}

/// Returns the text of a tag that every package has.
fn required<'a>(header: Header<'a>, tag: Tag) -> Result<&'a str, Damage> {
    let value = header.strings(tag)?.and_then(|mut values| values.next()).unwrap_or_default();
    match std::str::from_utf8(value) {
        Ok("") => Err(Damage::malformed(text!("the {} of a package", Text::trusted(tag.1)), Text::trusted("none"))),
        Ok(value) => Ok(value),
        Err(_) => Err(Damage::malformed(text!("the {} of a package in UTF-8", Text::trusted(tag.1)), Text::of(value))),
    }
}

fn too_many(limit: usize, what: &'static str) -> Damage {
    Damage {
        reason: GapReason::TooLarge,
        expected: text!("at most {} {}", limit, Text::trusted(what)),
        found: Text::trusted("more"),
    }
}
