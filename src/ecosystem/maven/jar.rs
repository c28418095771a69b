//! Archives of Java: what each says of itself, the packages that were merged into it, and the archives in it.
//!
//! Each `META-INF/maven/GROUP/ARTIFACT/pom.properties` is a package. Where none of them is that of the archive itself, its
//! manifest and the name of its file tell what it is; where these give no version either, it is a package only if it has a
//! manifest and holds no other. All packages of a file stand at the file itself, those in inner archives too. No digest is
//! taken: the file would have to be read whole.

use std::collections::HashMap;

use rawzip::ReaderAt;

use super::archive::{Archive, Entry, Part, Whole};
use super::identity::{FileName, Identity};
use super::properties::Properties;
use crate::component::{Capability, Package};
use crate::ecosystem::installed::{Damage, FileLists, Opened, Packages, Reader, Record, Stands};
use crate::fact::{GapReason, Location};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(in crate::ecosystem) static RECORD: Record = Record {
    id: "java-archive",
    ecosystem: "maven",
    stands: Stands::Anywhere(&[
        "*.jar", "*.war", "*.ear", "*.jpi", "*.hpi", "*.kar", "*.nar", "*.par", "*.rar", "*.sar",
    ]),
    capability: Capability {
        transitive: true,
        digests: false,
        install_scripts: false,
        scope: false,
        licenses: true,
        edges: false,
        exact_requirements: false,
    },
    summary: "archives of Java, and those in them",
    read: Reader::Random(read),
    resolve: None,
    gives_way_to: &[],
    files: FileLists::None,
};

/// The endings of files that are archives of Java, whatever they hold.
const JAVA: [&str; 5] = [".jar", ".war", ".ear", ".jpi", ".hpi"];

/// The endings that other formats share: a file that is no ZIP archive is one of these.
const SHARED: [&str; 5] = [".kar", ".nar", ".par", ".rar", ".sar"];

/// The limits of what is read of one file.
const LIMITS: Limits = Limits {
    depth: 8,
    entries: 2_000_000,
    archives: 10_000,
    archive_bytes: 256 << 20,
    inflated_bytes: 1 << 30,
    text_bytes: 1 << 20,
};

/// Limits of what is read of one file.
#[derive(Clone, Copy)]
pub(super) struct Limits {
    /// How deep archives may lie in one another.
    pub(super) depth: u32,
    /// How many files all archives may list.
    pub(super) entries: u64,
    /// How many archives may lie in it, at any depth.
    pub(super) archives: u32,
    /// How large an inner archive may be that has to be held in memory, and all that are held at once.
    pub(super) archive_bytes: u64,
    /// How many bytes may be decompressed in all.
    pub(super) inflated_bytes: u64,
    /// How much of one text is read.
    pub(super) text_bytes: u64,
}

fn read(opened: &mut Opened<'_>, packages: &mut Packages) -> Result<(), Damage> {
    read_within(opened, packages, LIMITS)
}

/// Reads a file within limits.
pub(super) fn read_within(opened: &mut Opened<'_>, packages: &mut Packages, limits: Limits) -> Result<(), Damage> {
    // What was made and never written is no archive, and holds nothing.
    if opened.size == 0 {
        return Ok(());
    }
    let whole = Whole::new(opened.contents);
    let mut reading = Reading { path: opened.path, packages, seen: HashMap::new(), left: limits, refused: 0 };
    let bytes = Part { of: &whole, start: 0, size: opened.size };
    let first = reading.packages.packages.len();
    let read = reading.archive(bytes, opened.path.as_bytes(), None);
    for package in reading.packages.packages.iter_mut().skip(first) {
        package.needs_at.sort_unstable();
        package.needs_at.dedup();
    }
    read?;
    if reading.refused > 0 {
        let expected =
            text!("at most {} inner archives, of {} MiB in all", limits.archives, limits.inflated_bytes >> 20);
        let found = text!("{} more", reading.refused);
        packages.gap(opened.path, Damage { reason: GapReason::TooLarge, expected, found });
    }
    Ok(())
}

struct Reading<'a> {
    path: &'a TreePath,
    packages: &'a mut Packages,
    /// What was found: name and version, and its place among the packages.
    seen: HashMap<(Box<str>, Option<Box<str>>), usize>,
    /// What is left of the limits.
    left: Limits,
    /// How many archives were not looked into for want of it.
    refused: u64,
}

impl Reading<'_> {
    /// Reads an archive whose file bears a name, and connects its packages with the one it lies in.
    fn archive(&mut self, bytes: Part<'_>, name: &[u8], outer: Option<usize>) -> Result<(), Damage> {
        let Some(mut archive) = Archive::open(bytes)? else { return self.no_archive(bytes, name) };
        let entries = archive.wanted(&mut self.left.entries, |path| Kind::of(path).is_some())?;
        let mut manifest = None;
        let mut poms = Vec::new();
        let mut inner = Vec::new();
        for entry in &entries {
            match Kind::of(&entry.path) {
                Some(Kind::Manifest) => {
                    manifest = self.text(&archive, entry, name).map(|text| Properties::of_manifest(&text)).or(manifest);
                }
                Some(Kind::Pom { group, artifact }) => {
                    let read = self.text(&archive, entry, name);
                    poms.extend(read.map(|text| Pom::new(&Properties::of_pom(&text), group, artifact)));
                }
                Some(Kind::Archive) => inner.push(entry),
                None => {}
            }
        }
        let own = self.own(&FileName::of(name), manifest.as_ref(), &poms);
        self.connect(outer, own);
        for pom in &poms {
            let package = self.add(&pom.name, pom.version.as_deref());
            self.connect(own.or(outer), Some(package));
        }
        for entry in inner {
            self.inner(&archive, entry, name, own.or(outer));
        }
        Ok(())
    }

    /// What looks like an archive by its name alone.
    fn no_archive(&self, bytes: Part<'_>, name: &[u8]) -> Result<(), Damage> {
        let mut start = [0; 4];
        let length = bytes.read_at(&mut start, 0)?;
        let is_zip = start.get(..length).is_some_and(|start| start.starts_with(b"PK"));
        if has_ending(name, &SHARED) && !is_zip {
            return Ok(());
        }
        let found = if is_zip { "one that has no end" } else { "something else" };
        Err(Damage::malformed(Text::trusted("a ZIP archive"), Text::trusted(found)))
    }

    /// Reads a short file in an archive; what cannot be read is a gap.
    fn text(&mut self, archive: &Archive<'_>, entry: &Entry, name: &[u8]) -> Option<Vec<u8>> {
        let limit = self.left.text_bytes.min(self.left.inflated_bytes);
        match archive.read(entry, limit) {
            Ok(mut text) => {
                // A manifest lists every file of the archive, but says in its beginning what it is.
                text.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
                self.left.inflated_bytes = self.left.inflated_bytes.saturating_sub(length(&text));
                Some(text)
            }
            Err(damage) => {
                self.gap_within(name, &entry.path, damage);
                None
            }
        }
    }

    /// Adds the package that an archive itself is.
    fn own(&mut self, file: &FileName, manifest: Option<&Properties>, poms: &[Pom]) -> Option<usize> {
        let exactly = poms.iter().find(|pom| file.name.as_deref() == Some(&*pom.artifact));
        let pom = exactly.or_else(|| poms.iter().find(|pom| file.is_of(&pom.artifact)));
        let none = Properties::default();
        let stated = manifest.unwrap_or(&none);
        let identity = match pom {
            Some(pom) => Identity { name: pom.name.clone(), version: pom.version.clone() },
            None => Identity::of(file, stated)
                .filter(|found| found.version.is_some() || (manifest.is_some() && poms.is_empty()))?,
        };
        let at = self.add(&identity.name, identity.version.as_deref());
        if let Some(package) = self.packages.packages.get_mut(at) {
            let license = stated.get("bundle-license").or_else(|| stated.get("plugin-license-name"));
            package.license = license.and_then(one_license).map(Into::into).or(package.license.take());
            let vendor = stated.get("implementation-vendor").or_else(|| stated.get("bundle-vendor"));
            package.installed.vendor = vendor.map(Into::into).or(package.installed.vendor.take());
        }
        Some(at)
    }

    /// Looks into an archive in an archive; what cannot be read is a gap.
    fn inner(&mut self, archive: &Archive<'_>, entry: &Entry, name: &[u8], outer: Option<usize>) {
        let (Some(archives), Some(depth)) = (self.left.archives.checked_sub(1), self.left.depth.checked_sub(1)) else {
            self.refused += 1;
            return;
        };
        let before = self.left;
        self.left = Limits { archives, depth, ..before };
        let outcome = match archive.stored(entry) {
            Ok(Some(bytes)) => self.archive(bytes, &entry.path, outer),
            Ok(None) => self.held(archive, entry, outer),
            Err(damage) => Err(damage),
        };
        self.left = Limits { depth: before.depth, archive_bytes: before.archive_bytes, ..self.left };
        if let Err(damage) = outcome {
            self.gap_within(name, &entry.path, damage);
        }
    }

    /// Looks into a compressed archive, which is held in memory for that long.
    fn held(&mut self, archive: &Archive<'_>, entry: &Entry, outer: Option<usize>) -> Result<(), Damage> {
        let limit = self.left.archive_bytes.min(self.left.inflated_bytes);
        let bytes = archive.read(entry, limit)?;
        let size = length(&bytes);
        self.left.inflated_bytes = self.left.inflated_bytes.saturating_sub(size);
        if size > limit {
            let expected = text!("inner archives of at most {} MiB", LIMITS.archive_bytes >> 20);
            return Err(Damage { reason: GapReason::TooLarge, expected, found: Text::trusted("more") });
        }
        self.left.archive_bytes = self.left.archive_bytes.saturating_sub(size);
        self.archive(Part { of: &bytes, start: 0, size }, &entry.path, outer)
    }

    /// Adds a package unless it is there, and returns its place.
    fn add(&mut self, name: &str, version: Option<&str>) -> usize {
        let next = self.packages.packages.len();
        let at = *self.seen.entry((name.into(), version.map(Into::into))).or_insert(next);
        if at == next {
            self.packages.packages.push(Package::new(name, version, Location::file(self.path.clone())));
        }
        at
    }

    /// Says that one package holds another.
    fn connect(&mut self, outer: Option<usize>, inner: Option<usize>) {
        let (Some(outer), Some(inner)) = (outer, inner) else { return };
        if let Some(package) = self.packages.packages.get_mut(outer).filter(|_| outer != inner) {
            package.needs_at.push(inner);
        }
    }

    /// Adds a gap of what lies in an archive.
    fn gap_within(&mut self, archive: &[u8], path: &[u8], damage: Damage) {
        let found = match archive == self.path.as_bytes() {
            true => text!("{} in `{}`", damage.found, path),
            false => text!("{} in `{}` of `{}`", damage.found, path, archive),
        };
        self.packages.gap(self.path, Damage { found: found.shortened(400), ..damage });
    }
}

/// What `pom.properties` says.
struct Pom {
    artifact: String,
    name: String,
    version: Option<String>,
}

impl Pom {
    /// The folders it lies in bear group and artifact too.
    fn new(properties: &Properties, group: &[u8], artifact: &[u8]) -> Self {
        let or = |name: &str, folder: &[u8]| {
            let stated = properties.get(name).map(str::to_owned);
            stated.unwrap_or_else(|| String::from_utf8_lossy(folder).into_owned())
        };
        let artifact = or("artifactId", artifact);
        let name = format!("{}/{artifact}", or("groupId", group));
        Self { artifact, name, version: properties.get("version").map(str::to_owned) }
    }
}

/// What a file in an archive is wanted for.
enum Kind<'a> {
    Manifest,
    Pom { group: &'a [u8], artifact: &'a [u8] },
    Archive,
}

impl<'a> Kind<'a> {
    fn of(path: &'a [u8]) -> Option<Self> {
        if path.eq_ignore_ascii_case(b"META-INF/MANIFEST.MF") {
            return Some(Self::Manifest);
        }
        if path.ends_with(b"/pom.properties") {
            let mut parts = path.rsplit(|byte| *byte == b'/').skip(1);
            let (artifact, group) = (parts.next()?, parts.next()?);
            let is_maven = parts.next() == Some(b"maven") && parts.next() == Some(b"META-INF");
            return is_maven.then_some(Self::Pom { group, artifact });
        }
        (has_ending(path, &JAVA) || has_ending(path, &SHARED)).then_some(Self::Archive)
    }
}

fn has_ending(name: &[u8], endings: &[&str]) -> bool {
    endings.iter().any(|ending| {
        name.len()
            .checked_sub(ending.len())
            .and_then(|at| name.get(at..))
            .is_some_and(|end| end.eq_ignore_ascii_case(ending.as_bytes()))
    })
}

/// Returns the licence of OSGi's `Bundle-License`, without what stands behind a semicolon; `None` where it only points to
/// itself.
fn one_license(text: &str) -> Option<&str> {
    let name = text.split(';').next().unwrap_or(text).trim().trim_matches('"').trim();
    (!name.is_empty() && name != "<<EXTERNAL>>").then_some(name)
}

fn length(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}
