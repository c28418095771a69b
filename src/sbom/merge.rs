//! Documents of suppliers taken into one.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};

use super::model::{Bom, Component, End, LicenseText, Relation, RelationKind, RelationScope, Words};

/// Takes what another document lists into a document. `name` is that of the other, for references that both use.
///
/// A component that both list with the same purl and version is one, unless their digests differ; what the other is about
/// becomes a part of what this one is about.
pub fn merge<'a>(bom: &mut Bom<'a>, other: Bom<'a>, name: &str) {
    let mut places: HashMap<Identity, Vec<usize>> = HashMap::new();
    for (at, component) in bom.components.iter().enumerate() {
        if let Some(identity) = identity(component) {
            places.entry(identity).or_default().push(at);
        }
    }
    let mut taken: HashSet<String> = bom.components.iter().map(|component| component.id.to_string()).collect();
    let mut now_at = Vec::with_capacity(other.components.len());
    let renamed = rename_texts(&mut bom.license_texts, other.license_texts, name);
    for mut component in other.components {
        let same = identity(&component).and_then(|identity| places.get(&identity)).into_iter().flatten();
        let same = same.copied().find(|at| bom.components.get(*at).is_some_and(|known| agree(known, &component)));
        if let Some(at) = same {
            if let Some(known) = bom.components.get_mut(at) {
                complete(known, component);
            }
            now_at.push(at);
            continue;
        }
        if component.id.is_empty() || taken.contains(&*component.id) {
            component.id = Cow::Owned(free(&component, name, &taken));
        }
        taken.insert(component.id.to_string());
        rename_licenses(&mut component, &renamed);
        let at = bom.components.len();
        if let Some(identity) = identity(&component) {
            places.entry(identity).or_default().push(at);
        }
        bom.components.push(component);
        now_at.push(at);
    }
    let moved = |end: End<'a>| match end {
        End::Component(at) => now_at.get(at).map_or(End::Unknown, |at| End::Component(*at)),
        end => end,
    };
    let mut relations: Vec<Relation<'a>> = other
        .relations
        .into_iter()
        .filter(|relation| relation.from != End::Document)
        .map(|relation| Relation { from: moved(relation.from), to: moved(relation.to), ..relation })
        .collect();
    let subjects: BTreeSet<usize> = other.roots.iter().filter_map(|at| now_at.get(*at)).copied().collect();
    for own in &bom.roots {
        let parts = subjects.iter().filter(|part| *part != own);
        relations.extend(parts.flat_map(|part| {
            [RelationKind::DependsOn, RelationKind::Contains].map(|kind| Relation {
                from: End::Component(*own),
                kind,
                to: End::Component(*part),
                scope: RelationScope::Unstated,
                comment: None,
            })
        }));
    }
    let edge = |relation: &Relation<'_>| match (&relation.from, &relation.to, &relation.kind) {
        (End::Component(from), End::Component(to), RelationKind::DependsOn) => Some((*from, *to, 0)),
        (End::Component(from), End::Component(to), RelationKind::Contains) => Some((*from, *to, 1)),
        _ => None,
    };
    let known: HashSet<(usize, usize, u8)> = bom.relations.iter().filter_map(edge).collect();
    relations.retain(|relation| edge(relation).is_none_or(|edge| !known.contains(&edge)));
    // To need something is to contradict that nothing is needed.
    let needing: HashSet<usize> = bom
        .relations
        .iter()
        .chain(&relations)
        .filter(|relation| relation.kind == RelationKind::DependsOn)
        .filter_map(|relation| match (&relation.from, &relation.to) {
            (End::Component(from), End::Component(_)) => Some(*from),
            _ => None,
        })
        .collect();
    bom.relations.append(&mut relations);
    bom.relations.retain(|relation| match (&relation.from, &relation.to) {
        (End::Component(from), End::None) if relation.kind == RelationKind::DependsOn => !needing.contains(from),
        _ => true,
    });
    bom.completeness.extend(other.completeness.into_iter().filter_map(|mut one| {
        one.of = Some(*now_at.get(one.of?)?);
        Some(one)
    }));
}

/// What makes two components one: purl and version.
type Identity = (String, Option<String>);

fn identity(component: &Component<'_>) -> Option<Identity> {
    let purl = component.purls.first()?.to_string();
    Some((purl, component.version.value().map(ToString::to_string)))
}

/// Whether no digest of one algorithm differs between two components.
fn agree(known: &Component<'_>, other: &Component<'_>) -> bool {
    other.hashes.iter().all(|hash| {
        let mut same = known.hashes.iter().filter(|one| one.algorithm == hash.algorithm).peekable();
        same.peek().is_none() || same.any(|one| one.value.eq_ignore_ascii_case(&hash.value))
    })
}

/// Adds to a component what only the other knows.
fn complete<'a>(known: &mut Component<'a>, other: Component<'a>) {
    use super::model::Stated;
    fn fill<T>(slot: &mut Stated<T>, other: Stated<T>) {
        if slot.value().is_none() && other.value().is_some() {
            *slot = other;
        }
    }
    fill(&mut known.supplier, other.supplier);
    fill(&mut known.producer, other.producer);
    fill(&mut known.declared, other.declared);
    fill(&mut known.concluded, other.concluded);
    fill(&mut known.copyright, other.copyright);
    fill(&mut known.download, other.download);
    if known.authors.is_empty() {
        known.authors = other.authors;
    }
    known.publisher = known.publisher.take().or(other.publisher);
    known.description = known.description.take().or(other.description);
    known.file_name = known.file_name.take().or(other.file_name);
    let hashes =
        other.hashes.into_iter().filter(|hash| !known.hashes.iter().any(|one| one.algorithm == hash.algorithm));
    let hashes: Vec<_> = hashes.collect();
    known.hashes.extend(hashes);
    let add = |list: &mut Vec<Words<'a>>, more: Vec<Words<'a>>| {
        for one in more {
            if !list.contains(&one) {
                list.push(one);
            }
        }
    };
    add(&mut known.cpes, other.cpes);
    for one in other.identifiers {
        if !known.identifiers.contains(&one) {
            known.identifiers.push(one);
        }
    }
    for one in other.references {
        if !known.references.contains(&one) {
            known.references.push(one);
        }
    }
    for one in other.properties {
        if !known.properties.contains(&one) {
            known.properties.push(one);
        }
    }
}

/// Returns a reference that no component has yet.
fn free(component: &Component<'_>, name: &str, taken: &HashSet<String>) -> String {
    let stem = match (component.id.is_empty(), component.purls.first()) {
        (false, _) => format!("{name}#{}", component.id),
        (true, Some(purl)) => purl.to_string(),
        (true, None) => format!("{name}#{}", component.name),
    };
    let numbered = (2..).map(|number: usize| format!("{stem}#{number}"));
    std::iter::once(stem.clone()).chain(numbered).find(|id| !taken.contains(id)).unwrap_or(stem)
}

/// Adds the licences that the other document explains; one whose identifier stands for another text here is renamed.
fn rename_texts<'a>(
    known: &mut Vec<LicenseText<'a>>,
    others: Vec<LicenseText<'a>>,
    name: &str,
) -> HashMap<String, String> {
    let mut renamed = HashMap::new();
    let word: String = name.chars().map(|c| if c.is_ascii_alphanumeric() || c == '.' { c } else { '-' }).collect();
    for mut other in others {
        match known.iter().find(|one| one.id == other.id) {
            Some(one) if one.text == other.text => continue,
            Some(_) => {
                let mut id = format!("{}-{word}", other.id);
                let mut number = 2;
                while known.iter().any(|one| one.id == id.as_str()) {
                    id = format!("{}-{word}-{number}", other.id);
                    number += 1;
                }
                renamed.insert(other.id.to_string(), id.clone());
                other.id = Cow::Owned(id);
                known.push(other);
            }
            None => known.push(other),
        }
    }
    renamed
}

fn rename_licenses(component: &mut Component<'_>, renamed: &HashMap<String, String>) {
    use super::model::{License, Stated};
    if renamed.is_empty() {
        return;
    }
    for stated in [&mut component.declared, &mut component.concluded] {
        let Stated::Value(licenses) = stated else { continue };
        for license in licenses {
            if let License::Expression(text) = license {
                let words = text.split(' ').map(|word| {
                    let bare = word.trim_matches(['(', ')']);
                    renamed.get(bare).map_or_else(|| word.to_owned(), |new| word.replace(bare, new))
                });
                *text = Cow::Owned(words.collect::<Vec<_>>().join(" "));
            }
        }
    }
}
