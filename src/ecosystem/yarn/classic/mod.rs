//! `yarn.lock` of yarn 1, whose only version is 1.
//!
//! What the entries mean is documented by yarn's `src/lockfile/index.js`. They name no project: which of
//! them a manifest asks for is told by the patterns. `resolutions` leave no trace in them.

mod resolved;
mod syntax;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use self::resolved::{Origin, digests, origin};
use self::syntax::{Entry, Property, Token};
use super::FORMAT;
use super::only::OnlyOnes;
use crate::component::{Component, InventoryBuilder, Source, npm};
use crate::document::{Fault, Span};
use crate::ecosystem::{Facts, File, Unread};
use crate::fact::{FactKind, Gap, Spot};
use crate::text;
use crate::text::Text;

/// Reads one file.
pub(super) fn collect(file: &File<'_>, facts: &mut Facts) -> Result<(), Unread> {
    let entries = syntax::parse(file.text)?;
    let mut lock = Lock {
        file,
        builder: InventoryBuilder::default(),
        gaps: Vec::new(),
        answers: HashMap::new(),
        only: OnlyOnes::default(),
    };
    for entry in &entries {
        if let Err(unread) = lock.add(entry) {
            lock.gap(unread);
        }
    }
    for entry in &entries {
        lock.connect(entry);
    }
    facts.gaps.append(&mut lock.gaps);
    let builder = lock.builder;
    facts.inventories.push(builder.finish(file.path.clone(), "yarn-classic-lock", FORMAT.ecosystem, FORMAT.capability));
    Ok(())
}

struct Lock<'a> {
    file: &'a File<'a>,
    builder: InventoryBuilder,
    gaps: Vec<Gap>,
    /// Which component each pattern is locked to.
    answers: HashMap<&'a str, u32>,
    /// Which component each name is locked to, where there is but one.
    only: OnlyOnes<'a>,
}

/// What an entry states, each at most once.
#[derive(Default)]
struct Stated<'e, 'a> {
    name: Option<&'e Token<'a>>,
    version: Option<&'e Token<'a>>,
    resolved: Option<&'e Token<'a>>,
    integrity: Option<&'e Token<'a>>,
}

/// A pattern: `NAME@RANGE`.
struct Pattern<'a> {
    text: &'a str,
    /// The name that is asked for.
    name: &'a str,
    /// The package that stands for it: another one where the range is `npm:PACKAGE@RANGE`.
    package: &'a str,
    source: Source,
}

impl<'a> Lock<'a> {
    fn add(&mut self, entry: &'a Entry<'a>) -> Result<(), Unread> {
        let stated = stated(entry)?;
        let patterns: Vec<Pattern<'a>> = entry.patterns.iter().map(|token| pattern(&token.text)).collect();
        let Some(first) = entry.patterns.first() else { return Ok(()) };
        if let Some(metadata) = entry.patterns.iter().find(|token| token.text == "__metadata") {
            let found = Text::trusted("the key of yarn 2 and later in quotes");
            return Err(Fault::new(metadata.span, Text::trusted("a pattern such as `name@^1.0.0`"), found).into());
        }
        let Some(version) = stated.version else {
            let found = Text::trusted("one without");
            return Err(Fault::new(first.span, Text::trusted("an entry with `version`"), found).into());
        };
        sound_name(&stated, &patterns)?;
        let Origin { source, resolved, fragment } = match stated.resolved {
            Some(resolved) => origin(resolved)?,
            None => {
                let exotic = patterns.iter().find(|it| !matches!(it.source, Source::Registry { .. }));
                let source = exotic.map_or(Source::Registry { registry: None }, |it| it.source.clone());
                Origin { source, resolved: None, fragment: None }
            }
        };
        let digests = digests(stated.integrity, fragment)?;
        let digest_at = stated.integrity.or(stated.resolved.filter(|_| !digests.is_empty()));
        let mut handles: BTreeMap<&str, u32> = BTreeMap::new();
        for (pattern, token) in patterns.iter().zip(&entry.patterns) {
            // The range of a registry says what the package is called; an address leaves it to the package.
            let name = match (&pattern.source, stated.name) {
                (Source::Registry { .. }, _) | (_, None) => pattern.package,
                (_, Some(name)) => &name.text,
            };
            let handle = match handles.get(name) {
                Some(handle) => *handle,
                None => {
                    let place = self.file.places.at(first.span);
                    let component = Component {
                        resolved: resolved.clone(),
                        digests: digests.clone(),
                        version_at: Some(self.spot(version.span)),
                        digest_at: digest_at.map(|token| self.spot(token.span)),
                        source_at: stated.resolved.map(|token| self.spot(token.span)),
                        ..Component::new("npm", name, Some(&version.text), source.clone(), place)
                    };
                    let at = digest_at.unwrap_or(version).span;
                    let handle = self.builder.add(component, at).map_err(Unread::contradiction)?;
                    handles.insert(name, handle);
                    handle
                }
            };
            self.only.add(pattern.name, handle);
            self.builder.answer(pattern.text, handle);
            if self.answers.insert(pattern.text, handle).is_some() {
                let found = text!("`{}` a second time", pattern.text);
                self.gap(Fault::new(token.span, Text::trusted("each pattern once"), found));
            }
        }
        Ok(())
    }

    /// Draws the edges of an entry.
    ///
    /// They start at its first pattern: of an honest entry all stand for one component, and of a hostile one
    /// with many names the edges from each would be more than there is room for.
    fn connect(&mut self, entry: &'a Entry<'a>) {
        let Some(from) = entry.patterns.first().and_then(|it| self.answers.get(&*it.text).copied()) else { return };
        let mut pattern = String::new();
        let blocks = entry.properties.iter().filter(|(name, _)| is_dependencies(&name.text));
        for (name, range) in blocks.flat_map(|(_, property)| match property {
            Property::Block(pairs) => pairs.as_slice(),
            Property::Value(_) => &[],
        }) {
            pattern.clear();
            pattern.extend([&name.text, "@", &range.text]);
            let found = self.answers.get(pattern.as_str()).copied().or_else(|| self.only.get(&name.text));
            if let Some(to) = found {
                self.builder.needs(from, to);
            }
        }
    }

    fn gap(&mut self, unread: impl Into<Unread>) {
        let Unread { reason, fault } = unread.into();
        self.gaps.push(self.file.places.gap(FactKind::Component, reason, fault));
    }

    fn spot(&self, span: Span) -> Spot {
        self.file.places.spot(span)
    }
}

fn is_dependencies(name: &str) -> bool {
    matches!(name, "dependencies" | "optionalDependencies")
}

/// Reads the properties of an entry; yarn takes the last of several, other readers the first.
fn stated<'e, 'a>(entry: &'e Entry<'a>) -> Result<Stated<'e, 'a>, Fault> {
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    let mut stated = Stated::default();
    for (name, property) in &entry.properties {
        if !seen.insert(&name.text) {
            return Err(second(name));
        }
        let slot = match name.text.as_ref() {
            "name" => &mut stated.name,
            "version" => &mut stated.version,
            "resolved" => &mut stated.resolved,
            "integrity" => &mut stated.integrity,
            _ => {
                block(name, property)?;
                continue;
            }
        };
        match property {
            Property::Value(token) => *slot = Some(token),
            Property::Block(_) => {
                let expected = text!("`{}` with a value", name.text);
                return Err(Fault::new(name.span, expected, Text::trusted("a block")));
            }
        }
    }
    Ok(stated)
}

/// Checks what stands in a block of dependencies.
fn block(name: &Token<'_>, property: &Property<'_>) -> Result<(), Fault> {
    if !is_dependencies(&name.text) {
        return Ok(());
    }
    let Property::Block(pairs) = property else {
        return Err(Fault::new(name.span, text!("`{}` with a block", name.text), Text::trusted("a value")));
    };
    let mut seen: BTreeSet<&str> = BTreeSet::new();
    match pairs.iter().find(|(name, _)| !seen.insert(&name.text)) {
        Some((name, _)) => Err(second(name)),
        None => Ok(()),
    }
}

fn second(name: &Token<'_>) -> Fault {
    Fault::new(name.span, Text::trusted("each key once"), text!("the key `{}` a second time", name.text))
}

/// Splits a pattern as yarn does (`src/util/normalize-pattern.js`): at the first `@` behind the scope's.
fn pattern(text: &str) -> Pattern<'_> {
    let end = text.get(1..).and_then(|rest| rest.find('@')).map_or(text.len(), |at| at + 1);
    let name = text.get(..end).unwrap_or(text);
    if name.contains('/') && !name.starts_with('@') {
        // Yarn 0 kept what it was asked to add: an address or a repository without a name.
        return Pattern { text, name: text, package: text, source: npm::specifier(text).source };
    }
    let specifier = npm::specifier(text.get(end + 1..).unwrap_or_default());
    Pattern { text, name, package: specifier.package.unwrap_or(name), source: specifier.source }
}

/// Checks `name`, which yarn writes where a pattern's name is not the package's.
///
/// It is shown, while the package is fetched from the address. For a package of the registry it is the name
/// or the alias that a pattern has anyway; any other would hide which package that is.
fn sound_name(stated: &Stated<'_, '_>, patterns: &[Pattern<'_>]) -> Result<(), Unread> {
    let Some(name) = stated.name else { return Ok(()) };
    let mut of_registry = patterns.iter().filter(|it| matches!(it.source, Source::Registry { .. })).peekable();
    if of_registry.peek().is_none() || of_registry.any(|it| it.name == name.text || it.package == name.text) {
        return Ok(());
    }
    let expected = Text::trusted("a name that one of the patterns has");
    Err(Unread::contradiction(Fault::new(name.span, expected, text!("`{}`", name.text))))
}
