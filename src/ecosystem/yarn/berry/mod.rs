//! `yarn.lock` of yarn 2 to 4: YAML with `__metadata`, versions 4 to 10.
//!
//! What the entries mean is documented by `setupResolutions` in yarn's `packages/yarnpkg-core/sources/
//! Project.ts`. `resolutions` leave no trace in them, and scripts and development dependencies are not
//! told apart from others.

mod edge;
mod locator;
mod long_keys;
mod resolution;

use std::collections::{HashMap, HashSet};

use self::long_keys::Marked;
use self::resolution::{Resolution, resolution};
use super::FORMAT;
use super::only::OnlyOnes;
use crate::component::{Algorithm, Component, Digest, InstallScript, InventoryBuilder};
use crate::document::{self, Fault, Member, Node, Span, Value};
use crate::ecosystem::{Facts, File, Unread};
use crate::fact::{FactKind, Gap, Location, Missing, Spot};
use crate::text;
use crate::text::Text;

/// The versions that are read here: 4 is yarn 2's, 5 and 6 yarn 3's, 8 yarn 4's, 9 that of 4.14 and 10 that
/// of 4.17 (7 was written by previews of 4). Their entries have the same keys; up to 6 ranges may lack `npm:`,
/// and any of them may have a checksum without the cache's key.
const VERSIONS: std::ops::RangeInclusive<u32> = 4..=10;

/// Reads one file.
pub(super) fn collect(file: &File<'_>, facts: &mut Facts) -> Result<(), Unread> {
    let marked = Marked::new(file.text);
    let documents = document::yaml(&marked.text).map_err(|fault| marked.fault(fault))?;
    read(file, &marked, &documents, facts).map_err(|unread| marked.unread(unread))
}

fn read<'a>(
    file: &'a File<'a>,
    marked: &'a Marked<'a>,
    documents: &'a [Node<'a>],
    facts: &mut Facts,
) -> Result<(), Unread> {
    if let Some(excess) = documents.get(1) {
        return Err(Fault::new(excess.span, Text::trusted("one document"), Text::trusted("one more")).into());
    }
    let Some(root) = documents.first() else {
        return Err(Fault::new(Span::default(), Text::trusted("a lock file"), Text::trusted("nothing")).into());
    };
    let members = root.members("a lock file")?;
    let mut lock = Lock {
        file,
        marked,
        builder: InventoryBuilder::default(),
        gaps: Vec::new(),
        missing: Missing::default(),
        entry: root.span,
        cache_key: metadata(root)?,
        descriptors: HashMap::new(),
        only: OnlyOnes::default(),
        names: members.iter().flat_map(|it| descriptors(&it.key)).filter_map(locator::split).map(|it| it.0).collect(),
    };
    // The project itself is always one.
    if members.len() < 2 {
        return Err(Fault::new(root.span, Text::trusted("an entry beside `__metadata`"), Text::trusted("none")).into());
    }
    let mut entries = Vec::with_capacity(members.len());
    for member in members.iter().filter(|member| member.key != "__metadata") {
        lock.entry = member.span();
        match lock.add(member) {
            Ok(entry) => entries.push(entry),
            Err(unread) => lock.gap(unread),
        }
    }
    for entry in entries {
        lock.entry = entry.member.span();
        lock.connect(entry);
    }
    lock.gaps.extend(std::mem::take(&mut lock.missing).gap(FactKind::Component, file.places));
    facts.gaps.append(&mut lock.gaps);
    let builder = lock.builder;
    facts.inventories.push(builder.finish(file.path.clone(), "yarn-berry-lock", FORMAT.ecosystem, FORMAT.capability));
    Ok(())
}

/// Reads `__metadata`: checks the version and returns the key of the cache, whose archives are digested.
fn metadata<'n>(root: &'n Node<'_>) -> Result<Option<&'n str>, Unread> {
    let Some(metadata) = root.get("__metadata") else {
        return Err(Fault::new(root.span, Text::trusted("`__metadata`"), Text::trusted("a file without")).into());
    };
    metadata.members("`__metadata`")?;
    let Some(node) = metadata.get("version") else {
        let found = Text::trusted("one without");
        return Err(Fault::new(metadata.span, Text::trusted("`__metadata` with `version`"), found).into());
    };
    let version = node.scalar("`version`")?;
    if !version.parse().is_ok_and(|version| VERSIONS.contains(&version)) {
        let expected = text!("a lock file of version {} to {}", *VERSIONS.start(), *VERSIONS.end());
        return Err(Unread::version(node.span, expected, text!("version {}", version)));
    }
    Ok(metadata.get("cacheKey").map(|key| key.scalar("`cacheKey`")).transpose()?)
}

struct Lock<'a> {
    file: &'a File<'a>,
    marked: &'a Marked<'a>,
    builder: InventoryBuilder,
    gaps: Vec<Gap>,
    missing: Missing,
    /// The entry that is being read.
    entry: Span,
    cache_key: Option<&'a str>,
    /// Which component each descriptor is locked to; the root's has none.
    descriptors: HashMap<&'a str, Option<u32>>,
    /// Which component each name is locked to, where there is but one.
    only: OnlyOnes<'a>,
    /// The names that are locked at all, also by entries that cannot be read.
    names: HashSet<&'a str>,
}

/// An entry whose edges are still to be drawn.
struct Entry<'a> {
    member: &'a Member<'a>,
    locator: &'a str,
    name: &'a str,
    component: Option<u32>,
    /// Where its workspace lies, where it is one.
    workspace: Option<Box<str>>,
}

impl<'a> Lock<'a> {
    fn add(&mut self, member: &'a Member<'a>) -> Result<Entry<'a>, Unread> {
        let node = &member.value;
        node.members("an entry")?;
        let Some(resolution_node) = node.get("resolution") else {
            let found = Text::trusted("one without");
            return Err(Fault::new(member.key_span, Text::trusted("an entry with `resolution`"), found).into());
        };
        let locator = resolution_node.string("`resolution`")?;
        let Some((name, reference)) = locator::split(locator) else {
            let expected = Text::trusted("a resolution such as `name@npm:1.0.0`");
            return Err(Fault::new(resolution_node.span, expected, text!("`{}`", locator)).into());
        };
        let resolution = resolution(name, reference, resolution_node.span)?;
        self.answers_to(member, name, resolution_node.span)?;
        let version_node = node.get("version").filter(|node| node.value != Value::Null);
        let version = version_node.map(|node| node.scalar("`version`")).transpose()?;
        if let (Some(fetched), Some(at)) = (&resolution.version, version_node)
            && version != Some(&**fetched)
        {
            // Yarn fetches by the resolution, whatever `version` shows.
            let expected = text!("`{}`, as the resolution has it", fetched);
            let found = text!("`{}`", version.unwrap_or_default());
            return Err(Unread::contradiction(Fault::new(at.span, expected, found)));
        }
        let component = match &resolution.workspace {
            Some(folder) if folder.as_ref() == "." => None,
            _ => Some(self.component(member, &resolution, version, version_node, resolution_node)?),
        };
        for text in descriptors(&member.key) {
            if let (Some(component), Some((name, range))) = (component, locator::split(text)) {
                self.only.add(name, component);
                self.builder.answer(text, component);
                let plain = locator::as_in_manifest(range);
                if plain != range {
                    self.builder.answer(&format!("{name}@{plain}"), component);
                }
            }
            if self.descriptors.insert(text, component).is_some() {
                let found = text!("`{}` a second time", text);
                self.gap(Fault::new(member.key_span, Text::trusted("each descriptor once"), found));
            }
        }
        Ok(Entry { member, locator, name, component, workspace: resolution.workspace })
    }

    /// Checks that the descriptors in a key ask for the package of the resolution.
    fn answers_to(&self, member: &Member<'_>, name: &str, at: Span) -> Result<(), Unread> {
        for text in descriptors(&member.key) {
            let Some((asked, range)) = locator::split(text) else {
                let expected = Text::trusted("a descriptor such as `name@npm:^1.0.0`");
                return Err(Fault::new(member.key_span, expected, text!("`{}`", text)).into());
            };
            let asked = locator::alias(range).map_or(asked, |(package, _)| package);
            if asked != name && !range.starts_with("jsr:") {
                let expected = text!("a resolution of `{}`", asked);
                return Err(Unread::contradiction(Fault::new(at, expected, text!("one of `{}`", name))));
            }
        }
        Ok(())
    }

    fn component(
        &mut self,
        member: &'a Member<'a>,
        resolution: &Resolution,
        version: Option<&str>,
        version_node: Option<&Node<'_>>,
        resolution_node: &Node<'_>,
    ) -> Result<u32, Unread> {
        let checksum = member.value.get("checksum").filter(|node| node.value != Value::Null);
        let digest = checksum.map(|node| self.digest(node, resolution.patch.as_deref())).transpose()?;
        let source = resolution.source.clone();
        let component = Component {
            resolved: resolution.resolved.clone(),
            digests: digest.into_iter().collect(),
            install_script: if resolution.is_generated { InstallScript::Runs } else { InstallScript::Unrecorded },
            version_at: version_node.map(|node| self.spot(node.span)),
            digest_at: checksum.map(|node| self.spot(node.span)),
            source_at: Some(self.spot(resolution_node.span)),
            ..Component::new("npm", &resolution.name, version, source, self.at(member.key_span))
        };
        let at = checksum.map_or(member.key_span, |node| node.span);
        self.builder.add(component, at).map_err(Unread::contradiction)
    }

    /// Reads `checksum`: the SHA-512 digest of the archive in yarn's cache, which is not the registry's, with
    /// the key of the cache in front. A patched package has an archive of its own.
    fn digest(&self, node: &Node<'_>, patch: Option<&str>) -> Result<Digest, Fault> {
        let text = node.scalar("`checksum`")?;
        let (key, hex) = text.split_once('/').map_or((self.cache_key, text), |(key, hex)| (Some(key), hex));
        let digest = Digest::from_hex(Algorithm::Sha512, hex).ok_or_else(|| {
            let expected = Text::trusted("a SHA-512 digest of 128 hexadecimal digits");
            Fault::new(node.span, expected, text!("`{}`", text))
        })?;
        let mut artifact = "yarn cache".to_owned();
        key.into_iter().for_each(|key| artifact.extend([" ", key]));
        patch.into_iter().for_each(|patch| artifact.extend([", patched by ", patch]));
        Ok(digest.of_artifact(&artifact))
    }

    fn gap(&mut self, unread: impl Into<Unread>) {
        let (unread, entry) = (self.marked.unread(unread.into()), self.marked.original(self.entry));
        self.gaps.push(self.file.gap_of_entry(FactKind::Component, unread, entry));
    }

    fn at(&self, span: Span) -> Location {
        self.file.places.at(self.marked.original(span))
    }

    fn spot(&self, span: Span) -> Spot {
        self.file.places.spot(self.marked.original(span))
    }
}

/// Returns the descriptors in a key, which yarn separates by commas.
fn descriptors(key: &str) -> impl Iterator<Item = &str> {
    key.split(',').map(|descriptor| descriptor.trim_matches(' '))
}
