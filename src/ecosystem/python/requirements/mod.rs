//! Requirements and constraints files of pip.
//!
//! The grammar is pip's "Requirements File Format" and its reader, `req/req_file.py`. What names one version, an archive
//! or a repository is pinned; the rest is asked for. The file is read by itself: what `-r` and `-c` lead to is read
//! under its own name.

mod lines;
mod options;

use self::lines::{Line, lines, options_at, words};
use self::options::{Given, Kind};
use super::name::{is_name, normalised};
use super::{ECOSYSTEM, artifact, inventory, requirement};
use crate::component::{
    Algorithm, Capability, Component, Digest, InventoryBuilder, LockedRequirement, Manifest, Project, RemoteUrl,
    Requirement, Scope, Setting, SettingKind, Source,
};
use crate::document::{Fault, Span};
use crate::ecosystem::{Facts, File, Format, Include, Role, Unread};
use crate::fact::{FactKind, GapReason, Location};
use crate::text;
use crate::text::Text;
use crate::tree::NamePattern;

pub(in crate::ecosystem) static FORMAT: Format = Format {
    id: "requirements",
    ecosystem: ECOSYSTEM,
    role: Role::Mixed,
    names: &[
        "*requirements*.txt",
        "*constraints*.txt",
        // Rye's, and what `uv pip compile` is often told to write.
        "*requirements*.lock",
        // Of a project that has a folder for them.
        "**/requirements/*.txt",
    ],
    capability: Capability {
        transitive: true,
        digests: true,
        install_scripts: false,
        scope: false,
        licenses: false,
        edges: false,
        exact_requirements: false,
    },
    summary: "pip's requirements and constraints files",
    collect,
};

/// The names that stand for nothing else.
const SURE_NAMES: [&str; 4] = ["requirements*.txt", "*requirements.txt", "constraints*.txt", "*constraints.txt"];

fn collect(file: &File<'_>, facts: &mut Facts) -> Result<(), Unread> {
    let mut reader = Reader { file, facts, index: None, pinned: Vec::new(), asked: Vec::new() };
    let mut unread = Vec::new();
    let lines = lines(file.text);
    for line in &lines {
        if let Err(why) = reader.line(line) {
            unread.push(file.gap_of_entry(FactKind::Component, why, line.whole()));
        }
    }
    // Prose and data may bear the other names too; pip would take no line of them.
    let is_sure = NamePattern::any(&SURE_NAMES, file.path);
    let is_other =
        !is_sure && unread.len() == lines.len() && unread.iter().all(|gap| gap.reason == GapReason::Malformed);
    if !is_other {
        reader.facts.gaps.append(&mut unread);
    }
    reader.finish();
    Ok(())
}

struct Reader<'a, 'f> {
    file: &'a File<'a>,
    facts: &'f mut Facts,
    /// The index of the whole file: the last that is named.
    index: Option<(RemoteUrl, Span)>,
    pinned: Vec<Pinned>,
    asked: Vec<Requirement>,
}

/// What a line pins.
struct Pinned {
    name: Box<str>,
    version: Option<Box<str>>,
    version_at: Span,
    /// Where it comes from, `None` for the index of the file.
    source: Option<Source>,
    digests: Vec<(Digest, Span)>,
    line: Span,
}

impl Reader<'_, '_> {
    fn line(&mut self, line: &Line) -> Result<(), Unread> {
        let at = options_at(&line.text);
        let (asked, options) = line.text.split_at_checked(at).unwrap_or((&line.text, ""));
        let expected = || Text::trusted("a requirement, or an option of pip");
        let words = words(options, at).ok_or_else(|| {
            Fault::new(line.whole(), Text::trusted("a quote that is closed"), text!("`{}`", line.text))
        })?;
        let given = options::read(words).map_err(|word| {
            Fault::new(line.span(word.start, word.text.len()), expected(), text!("`{}`", word.text.as_str()))
        })?;
        let mut digests = Vec::new();
        let mut editable = None;
        for option in given {
            let span = line.span(option.start, option.length);
            match option.kind {
                Kind::Hash => digests.push(digest(&option.value, span)?),
                Kind::Editable => editable = Some(option.value),
                // Behind a requirement pip takes only what belongs to it.
                _ if !asked.trim().is_empty() => {
                    if option.kind != Kind::Other {
                        return Err(Fault::new(
                            span,
                            Text::trusted("an option of a requirement"),
                            text!("`{}`", option.name),
                        )
                        .into());
                    }
                }
                _ => self.option(option, span)?,
            }
        }
        let asked = asked.trim();
        match (asked.is_empty(), &editable) {
            (false, _) => self.requirement(asked, digests, line),
            (true, Some(editable)) => self.requirement(editable, digests, line),
            (true, None) => Ok(()),
        }
    }

    fn option(&mut self, option: Given, span: Span) -> Result<(), Unread> {
        let Given { kind, name, value, .. } = option;
        let address = || RemoteUrl::new(&value);
        let kind = match kind {
            Kind::IndexUrl => {
                self.index = Some((address(), span));
                SettingKind::Index { url: address(), option: name.into() }
            }
            Kind::ExtraIndexUrl => SettingKind::FurtherIndex { url: address(), option: name.into() },
            // A folder beside the file is part of what is reviewed.
            Kind::FindLinks if value.contains("://") && !value.starts_with("file:") => {
                SettingKind::FurtherIndex { url: address(), option: name.into() }
            }
            Kind::TrustedHost => SettingKind::Unchecked {
                // A host has no user in front of it; a line that gives it one shall not print a password.
                option: text!("{} {}", name, value.rsplit('@').next().unwrap_or_default()),
                what: "the certificate of the host".into(),
            },
            Kind::RequireHashes => SettingKind::Checked { option: name.into() },
            Kind::Include => return self.include(&value, span),
            Kind::FindLinks | Kind::Editable | Kind::Hash | Kind::Other => return Ok(()),
        };
        self.facts.settings.push(Setting { ecosystem: ECOSYSTEM.into(), kind, place: self.file.places.at(span) });
        Ok(())
    }

    /// Notes another file. It is read where its own name says what it is; else what it holds cannot be known.
    fn include(&mut self, value: &str, span: Span) -> Result<(), Unread> {
        let dangling = |expected: Text, found: Text| {
            Err(Unread { reason: GapReason::Dangling, fault: Fault::new(span, expected, found) })
        };
        let inside = || Text::trusted("a file of the tree that is called *requirements*.txt or *constraints*.txt");
        if value.contains("://") || value.starts_with("file:") {
            return dangling(inside(), text!("the address `{}`", RemoteUrl::new(value)));
        }
        let folder = self.file.path.parent().unwrap_or_default();
        let Some(path) = folder.join(value.as_bytes()) else {
            return dangling(inside(), text!("`{}`, which leads out of it", value));
        };
        if !NamePattern::any(FORMAT.names, &path) {
            return dangling(inside(), text!("`{}`, whose name does not say so", value));
        }
        self.facts.includes.push(Include { path, place: self.file.places.at(span) });
        Ok(())
    }

    fn requirement(&mut self, text: &str, mut digests: Vec<(Digest, Span)>, line: &Line) -> Result<(), Unread> {
        let span = line.whole();
        if let Some(asked) = requirement::parse(text) {
            let version = requirement::pinned(asked.specifier);
            let source = asked.url.map(requirement::source_of);
            if let Some(url) = asked.url {
                digests.extend(digest_in(url, span)?);
            }
            if version.is_some() || source.is_some() {
                let of_archive = || artifact::named(artifact::file_name(asked.url?)).map(|(_, version)| version);
                // The version's digits may stand in the name too.
                let version_at = version.and_then(|version| {
                    let at = line.text.find(asked.specifier)? + asked.specifier.find(version)?;
                    Some(line.span(at, version.len()))
                });
                self.pinned.push(Pinned {
                    name: asked.name,
                    version: version.or_else(of_archive).map(Into::into),
                    version_at: version_at.unwrap_or(span),
                    source,
                    digests,
                    line: span,
                });
            } else {
                let specifier = requirement::canonical(asked.specifier);
                self.ask(asked.name, specifier, Source::Registry { registry: None }, span);
            }
            return Ok(());
        }
        // The marker of an address stands behind a blank; a semicolon may belong to it.
        let address = text.split("; ").next().unwrap_or(text).split(" ;").next().unwrap_or(text).trim();
        let is_file = artifact::ARCHIVES.iter().any(|suffix| address.ends_with(suffix));
        let is_path = address.contains('/') || address.starts_with('.') || address.starts_with("file:") || is_file;
        if (address.contains("://") || is_path) && !address.contains(char::is_whitespace) {
            return self.direct(address, digests, span);
        }
        Err(Fault::new(span, Text::trusted("a requirement"), text!("`{}`", text)).into())
    }

    /// Notes what is named by its address alone: an archive, a repository or a folder.
    fn direct(&mut self, address: &str, mut digests: Vec<(Digest, Span)>, span: Span) -> Result<(), Unread> {
        let source = requirement::source_of(address);
        digests.extend(digest_in(address, span)?);
        let file = artifact::file_name(address);
        let of_file = artifact::named(file);
        let egg = fragment(address, "egg").map(|egg| egg.split(['[', '=', '>', '<', '!', '~']).next().unwrap_or(egg));
        let last = match &source {
            Source::Git { repository, .. } => {
                artifact::file_name(repository.as_str()).trim_end_matches(".git").to_owned()
            }
            _ => address
                .split(['#', '?', '['])
                .next()
                .unwrap_or(address)
                .trim_end_matches(['/', '\\'])
                .rsplit(['/', '\\'])
                .next()
                .unwrap_or_default()
                .to_owned(),
        };
        let name = egg.filter(|egg| is_name(egg)).or(of_file.map(|(name, _)| name)).unwrap_or(&last);
        let version = of_file.map(|(_, version)| version.into()).filter(|_| !matches!(source, Source::Git { .. }));
        // A folder without a name (`.`) is the project itself.
        if matches!(source, Source::Path { .. }) && !is_name(name) {
            return Ok(());
        }
        let name = normalised(name);
        match source {
            Source::Path { .. } => self.ask(name, None, source, span),
            _ => {
                self.pinned.push(Pinned { name, version, version_at: span, source: Some(source), digests, line: span });
            }
        }
        Ok(())
    }

    fn ask(&mut self, name: Box<str>, specifier: Option<Box<str>>, source: Source, span: Span) {
        self.asked.push(Requirement {
            name: name.clone(),
            package: name,
            specifier,
            scope: Scope::Unknown,
            source,
            inherited: false,
            place: self.file.places.at(span),
        });
    }

    fn finish(self) {
        let Self { file, facts, index, pinned, asked } = self;
        let mut builder = InventoryBuilder::default();
        let mut requirements = Vec::new();
        for pinned in pinned {
            let of_index = || Source::Registry { registry: index.as_ref().map(|(url, _)| url.clone()) };
            let source_at = match &pinned.source {
                Some(_) => Some(pinned.line),
                None => index.as_ref().map(|(_, span)| *span),
            };
            let source = pinned.source.unwrap_or_else(of_index);
            let version = pinned.version.as_deref();
            let mut component = Component::new(ECOSYSTEM, &pinned.name, version, source, file.places.at(pinned.line));
            component.version_at = Some(file.places.spot(pinned.version_at));
            component.source_at = source_at.map(|span| file.places.spot(span));
            component.digest_at = pinned.digests.first().map(|(_, span)| file.places.spot(*span));
            component.digests = pinned.digests.into_iter().map(|(digest, _)| digest.of_any_artifact()).collect();
            match builder.add(component, pinned.line) {
                Ok(handle) => requirements.push(LockedRequirement {
                    name: pinned.name,
                    specifier: None,
                    scope: Scope::Unknown,
                    component: Some(handle),
                }),
                Err(fault) => {
                    let unread = Unread::contradiction(fault);
                    facts.gaps.push(file.gap_of_entry(FactKind::Component, unread, pinned.line));
                }
            }
        }
        let pins = !requirements.is_empty();
        // The file is its own manifest: no other is expected to agree with it.
        builder.project(Project { requirements, ..Project::new(Location::file(file.path.clone())) });
        if pins {
            let manifest = String::from_utf8_lossy(file.path.file_name());
            facts.inventories.push(inventory(builder, file, &FORMAT, &manifest));
        }
        if !asked.is_empty() {
            let manifest = Manifest::new(file.path.clone(), ECOSYSTEM, FORMAT.id);
            facts.manifests.push(Manifest { requirements: asked, ..manifest });
        }
    }
}

/// Reads `ALGORITHM:HEX`; pip takes no weaker algorithms than these.
fn digest(text: &str, span: Span) -> Result<(Digest, Span), Fault> {
    let digest = artifact::digest(text, span)?;
    if digest.algorithm < Algorithm::Sha256 {
        let expected = Text::trusted("a digest of sha256, sha384 or sha512");
        return Err(Fault::new(span, expected, text!("one of {}", digest.algorithm.name())));
    }
    Ok((digest, span))
}

/// Returns the digest in the fragment of an address (`#sha256=…`).
fn digest_in(address: &str, span: Span) -> Result<Option<(Digest, Span)>, Fault> {
    for algorithm in ["sha256", "sha384", "sha512", "sha1", "md5"] {
        if let Some(hex) = fragment(address, algorithm) {
            return Ok(Some((artifact::digest(&format!("{algorithm}:{hex}"), span)?, span)));
        }
    }
    Ok(None)
}

/// Returns a value of an address's fragment: `#egg=NAME&subdirectory=…`.
fn fragment<'a>(address: &'a str, key: &str) -> Option<&'a str> {
    let (_, fragment) = address.split_once('#')?;
    fragment.split('&').find_map(|pair| pair.split_once('=').filter(|(name, _)| *name == key)).map(|(_, value)| value)
}
