//! The relationships of a document, read into relations and written from them.
//!
//! That a component is optional, or no part of what is delivered, stands in an annotation of its own; the edges that lead to
//! it are written as `OPTIONAL_DEPENDENCY_OF` and `DEV_DEPENDENCY_OF`, so that others see it too, and read back as plain
//! ones.

use std::collections::{HashMap, HashSet};

use super::relation::{Meaning, meaning, word};
use crate::document::{Node, Object};
use crate::sbom::model::{
    Aggregate, Bom, Completeness, ComponentScope, End, Facet, Fields, Losses, Relation, RelationKind, RelationScope,
    Words,
};
use crate::sbom::spdx2::{DOCUMENT_ID, NO_ASSERTION, NONE};

/// The annotation that says how much is told of what a component needs.
const DEPENDENCIES: &str = "portcullis:dependencies";

/// The annotation that says how much is told of what a component holds.
const CONTENTS: &str = "portcullis:contents";

/// Reads the relationships; `held` are the files that packages name as theirs.
pub(super) fn read<'n>(top: &Fields<'n, '_>, held: Vec<(usize, Words<'n>)>, bom: &mut Bom<'n>) {
    let places: HashMap<String, usize> = bom
        .components
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, one)| !one.id.is_empty())
        .map(|(at, one)| (one.id.to_string(), at))
        .collect();
    let end = |text: Words<'n>| match &*text {
        DOCUMENT_ID => End::Document,
        NONE => End::None,
        NO_ASSERTION => End::Unknown,
        id => places.get(id).map_or_else(|| End::Elsewhere(text.clone()), |at| End::Component(*at)),
    };
    let mut roots = Roots::default();
    for id in top.texts("documentDescribes") {
        match end(id) {
            End::Component(at) => roots.add(at),
            to => bom.relations.push(described(to)),
        }
    }
    let mut holds: HashSet<(usize, usize)> = HashSet::new();
    for one in top.objects("relationships") {
        let (Some(from), Some(kind), Some(to)) =
            (one.text("spdxElementId"), one.text("relationshipType"), one.text("relatedSpdxElement"))
        else {
            continue;
        };
        let (from, to) = (end(from), end(to));
        let (from, kind, to, scope) = match meaning(&kind) {
            Meaning::DependsOn => (from, RelationKind::DependsOn, to, RelationScope::Unstated),
            Meaning::DependencyOf(scope) => (to, RelationKind::DependsOn, from, scope),
            Meaning::Contains => (from, RelationKind::Contains, to, RelationScope::Unstated),
            Meaning::ContainedBy => (to, RelationKind::Contains, from, RelationScope::Unstated),
            Meaning::SpecificationFor => (to, RelationKind::Provides, from, RelationScope::Unstated),
            Meaning::Describes if from == End::Document => match to {
                End::Component(at) => {
                    roots.add(at);
                    continue;
                }
                // Every document must describe something; that it is not known what is no relation.
                End::Unknown => continue,
                to => (from, RelationKind::Other(kind), to, RelationScope::Unstated),
            },
            Meaning::DescribedBy if to == End::Document => match from {
                End::Component(at) => {
                    roots.add(at);
                    continue;
                }
                from => (to, RelationKind::Other("DESCRIBES".into()), from, RelationScope::Unstated),
            },
            Meaning::InverseOf(other) => (to, RelationKind::Other(other.into()), from, RelationScope::Unstated),
            Meaning::Own | Meaning::Describes | Meaning::DescribedBy => {
                (from, RelationKind::Other(kind), to, RelationScope::Unstated)
            }
        };
        let scope = plain(scope, &to, bom);
        match (&from, &kind, &to) {
            (End::Component(at), RelationKind::DependsOn | RelationKind::Contains, End::Unknown) => {
                let what = if kind == RelationKind::Contains { Facet::Contents } else { Facet::Dependencies };
                bom.completeness.push(Completeness { of: Some(*at), what, aggregate: Aggregate::Unknown });
                continue;
            }
            (End::Component(from), RelationKind::Contains, End::Component(to)) => {
                holds.insert((*from, *to));
            }
            _ => {}
        }
        bom.relations.push(Relation { from, kind, to, scope, comment: one.text("comment") });
    }
    for (from, file) in held {
        let to = end(file);
        // Most documents say it twice.
        if let End::Component(to) = to
            && !holds.insert((from, to))
        {
            continue;
        }
        let kind = RelationKind::Contains;
        bom.relations.push(Relation {
            from: End::Component(from),
            kind,
            to,
            scope: RelationScope::Unstated,
            comment: None,
        });
    }
    bom.roots = roots.list;
    stated_completeness(bom);
}

/// The components that the document is about, each once.
#[derive(Default)]
struct Roots {
    list: Vec<usize>,
    seen: HashSet<usize>,
}

impl Roots {
    fn add(&mut self, at: usize) {
        if self.seen.insert(at) {
            self.list.push(at);
        }
    }
}

fn described(to: End<'_>) -> Relation<'_> {
    let kind = RelationKind::Other("DESCRIBES".into());
    Relation { from: End::Document, kind, to, scope: RelationScope::Unstated, comment: None }
}

/// Returns the scope of an edge, unstated where the component it leads to says it of itself.
fn plain(scope: RelationScope, to: &End<'_>, bom: &Bom<'_>) -> RelationScope {
    let End::Component(at) = to else { return scope };
    let own = bom.components.get(*at).and_then(|one| one.scope);
    if own.is_some_and(|own| shown(own) == scope) { RelationScope::Unstated } else { scope }
}

/// Returns how an edge shows the scope of the component that it leads to.
fn shown(scope: ComponentScope) -> RelationScope {
    match scope {
        ComponentScope::Required => RelationScope::Unstated,
        ComponentScope::Optional => RelationScope::Optional,
        ComponentScope::Excluded => RelationScope::Development,
    }
}

/// Reads how much is told from the annotations that say so.
fn stated_completeness(bom: &mut Bom<'_>) {
    let aggregate = |word: &str| match word {
        "complete" => Some(Aggregate::Complete),
        "incomplete" => Some(Aggregate::Incomplete),
        "unknown" => Some(Aggregate::Unknown),
        "not_specified" => Some(Aggregate::Unstated),
        _ => None,
    };
    let document = (None, &mut bom.properties);
    let components = bom.components.iter_mut().enumerate().map(|(at, one)| (Some(at), &mut one.properties));
    for (of, properties) in std::iter::once(document).chain(components) {
        for (name, what) in [(CONTENTS, Facet::Contents), (DEPENDENCIES, Facet::Dependencies)] {
            properties.retain(|(known, value)| match aggregate(value).filter(|_| known == name) {
                Some(aggregate) => {
                    bom.completeness.push(Completeness { of, what, aggregate });
                    false
                }
                None => true,
            });
        }
    }
}

/// What is written of relations.
pub(super) struct Written<'n> {
    /// The relationships.
    pub(super) nodes: Vec<Node<'n>>,
    /// The annotations on completeness, by component.
    pub(super) completeness: HashMap<usize, Vec<(&'static str, &'static str)>>,
    /// Those of the document.
    pub(super) of_document: Vec<(&'static str, &'static str)>,
}

/// Writes the relations; `ids` are the identifiers of the components, `documents` those of the documents referred to.
pub(super) fn write<'n>(
    bom: &'n Bom<'_>,
    ids: &[String],
    documents: &HashSet<String>,
    losses: &mut Losses,
) -> Written<'n> {
    let mut out = Written { nodes: Vec::new(), completeness: HashMap::new(), of_document: Vec::new() };
    let id = |at: usize| ids.get(at).cloned();
    for root in &bom.roots {
        out.nodes.extend(id(*root).map(|to| relationship(DOCUMENT_ID.into(), "DESCRIBES".into(), to.into(), None)));
    }
    if bom.roots.is_empty() {
        // Of more than one package a document must say which it is about (section 11.1).
        out.nodes.push(relationship(DOCUMENT_ID.into(), "DESCRIBES".into(), NO_ASSERTION.into(), None));
    }
    for relation in &bom.relations {
        let what = |kind: &RelationKind<'_>| match kind {
            RelationKind::DependsOn => "relations DEPENDS_ON to what the document does not hold".to_owned(),
            RelationKind::Contains => "relations CONTAINS to what the document does not hold".to_owned(),
            RelationKind::Provides => "relations PROVIDES to what the document does not hold".to_owned(),
            RelationKind::Other(word) => format!("relations {word} to what the document does not hold"),
        };
        let end = |end: &End<'_>| match end {
            End::Component(at) => id(*at),
            End::Document => Some(DOCUMENT_ID.to_owned()),
            End::None => Some(NONE.to_owned()),
            End::Unknown => Some(NO_ASSERTION.to_owned()),
            End::Elsewhere(text) => {
                let (document, element) = text.split_once(':')?;
                (documents.contains(document) && super::id::is_sound(element)).then(|| text.to_string())
            }
        };
        let is_open = |end: &End<'_>| matches!(end, End::None | End::Unknown);
        // What is said to be nobody cannot stand first.
        let (Some(from), Some(to), false) = (end(&relation.from), end(&relation.to), is_open(&relation.from)) else {
            losses.note(&what(&relation.kind));
            continue;
        };
        let mut scope = relation.scope;
        if let (End::Component(at), RelationScope::Unstated) = (&relation.to, scope) {
            scope = bom.components.get(*at).and_then(|one| one.scope).map_or(scope, shown);
        }
        let comment = relation.comment.as_ref().map(Node::from);
        out.nodes.push(match word(&relation.kind, scope) {
            Some((word, true)) if !is_open(&relation.to) => relationship(to, word.into(), from.into(), comment),
            // Only the plain type has a place for nobody.
            Some((_, true)) => {
                losses.note_if("relations.scope", scope != RelationScope::Unstated);
                relationship(from, "DEPENDS_ON".into(), to.into(), comment)
            }
            Some((word, false)) => relationship(from, word.into(), to.into(), comment),
            None => {
                let RelationKind::Other(word) = &relation.kind else { continue };
                losses.note(&format!("relations {word}"));
                let comment = match relation.comment.as_deref() {
                    Some(comment) => format!("{word}: {comment}"),
                    None => word.to_string(),
                };
                relationship(from, "OTHER".into(), to.into(), Some(comment.into()))
            }
        });
    }
    for one in &bom.completeness {
        let annotation = if one.what == Facet::Contents { CONTENTS } else { DEPENDENCIES };
        let word = match one.aggregate {
            Aggregate::Complete => "complete",
            Aggregate::Incomplete => "incomplete",
            Aggregate::Unknown => "unknown",
            Aggregate::Unstated => "not_specified",
        };
        match (one.of, one.aggregate) {
            (Some(at), Aggregate::Unknown) => {
                let kind = if one.what == Facet::Contents { "CONTAINS" } else { "DEPENDS_ON" };
                out.nodes.extend(id(at).map(|from| relationship(from, kind.into(), NO_ASSERTION.into(), None)));
            }
            (Some(at), _) => out.completeness.entry(at).or_default().push((annotation, word)),
            (None, _) => out.of_document.push((annotation, word)),
        }
    }
    out
}

fn relationship<'n>(from: String, kind: Node<'n>, to: Node<'n>, comment: Option<Node<'n>>) -> Node<'n> {
    Object::new()
        .with("spdxElementId", from)
        .with_some("comment", comment)
        .with("relatedSpdxElement", to)
        .with("relationshipType", kind)
        .into()
}
