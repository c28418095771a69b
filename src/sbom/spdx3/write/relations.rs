//! Relations as relationships: one for everything that one element does to others in the same way.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Writer, element};
use crate::document::{Node, Object};
use crate::sbom::model::{Aggregate, End, Facet, Relation, RelationKind, RelationScope};
use crate::sbom::spdx3::vocabulary::{OWN_RELATIONS, RELATIONS, Way};

const NOTHING: &str = "NoneElement";
const UNTOLD: &str = "NoAssertionElement";

/// Relations that become one relationship.
struct Group<'n> {
    from: String,
    /// The component they begin at, where it is one.
    of: Option<usize>,
    kind: &'static str,
    scope: Option<&'static str>,
    comment: Option<&'n str>,
    to: Vec<String>,
}

/// What makes relations of one group: where they begin, their type, scope and remark.
type Key<'n> = (String, &'static str, Option<&'static str>, Option<&'n str>);

/// Relations in the order in which the first of each group came.
#[derive(Default)]
struct Groups<'n> {
    list: Vec<Group<'n>>,
    places: HashMap<Key<'n>, usize>,
}

impl<'n> Groups<'n> {
    fn add(&mut self, one: Group<'n>) {
        let key = (one.from.clone(), one.kind, one.scope, one.comment);
        match self.places.get(&key).and_then(|at| self.list.get_mut(*at)) {
            Some(group) => group.to.extend(one.to),
            None => {
                self.places.insert(key, self.list.len());
                self.list.push(one);
            }
        }
    }
}

impl<'n> Writer<'n> {
    /// Adds the relations of the document, with how much is told.
    pub(super) fn relations(&mut self) {
        let bom = self.bom;
        let mut groups = Groups::default();
        for relation in &bom.relations {
            match self.group(relation) {
                Some(group) => groups.add(group),
                None => self.losses.note(&format!("relations {}", relation.kind.word())),
            }
        }
        let completeness = self.completeness();
        let told: BTreeSet<(usize, Facet)> =
            groups.list.iter().filter_map(|group| Some((group.of?, facet(group.kind)?))).collect();
        for ((of, what), aggregate) in
            completeness.iter().filter(|(of, _)| !told.contains(of)).map(|(of, how)| (*of, how))
        {
            let Some(from) = self.components.get(of).cloned() else { continue };
            let kind = match what {
                Facet::Contents => "contains",
                Facet::Dependencies => "dependsOn",
            };
            let to = if *aggregate == "complete" { NOTHING } else { UNTOLD };
            groups.add(Group { from, of: Some(of), kind, scope: None, comment: None, to: vec![to.to_owned()] });
        }
        for group in groups.list {
            let stated = group.of.zip(facet(group.kind)).and_then(|key| completeness.get(&key).copied());
            let is_to_nothing = group.to.iter().all(|to| to == NOTHING);
            let is_leaf = facet(group.kind).is_some() && is_to_nothing;
            // A relationship to nothing leads to nothing else (Core, Relationship).
            let is_contradiction = !is_to_nothing && group.to.iter().any(|to| to == NOTHING);
            self.losses.note_if("relations to nothing beside others", is_contradiction);
            let completeness = stated.or(is_leaf.then_some("complete"));
            let mut seen = BTreeSet::new();
            let to = group
                .to
                .into_iter()
                .filter(|to| !(is_contradiction && to == NOTHING) && seen.insert(to.clone()))
                .map(Node::from)
                .collect();
            let class = if group.scope.is_some() { "LifecycleScopedRelationship" } else { "Relationship" };
            let relationship = self
                .relationship(class, group.kind, &group.from, to)
                .with_some("completeness", completeness)
                .with_some("scope", group.scope)
                .with_some("comment", group.comment);
            self.relationships.push(relationship.into());
        }
    }

    /// Returns a relationship.
    pub(super) fn relationship(
        &mut self,
        class: &'static str,
        kind: &'static str,
        from: &str,
        to: Vec<Node<'n>>,
    ) -> Object<'n> {
        let id = self.iris.of_element("", "relationship");
        element(class, id).with("from", from.to_owned()).with("relationshipType", kind).with("to", to)
    }

    fn group(&mut self, relation: &'n Relation<'n>) -> Option<Group<'n>> {
        let (kind, way, mut scope) = written(&relation.kind)?;
        let (from, to) = match way {
            Way::Along => (&relation.from, &relation.to),
            Way::Against => (&relation.to, &relation.from),
        };
        if matches!(from, End::None | End::Unknown) {
            return None;
        }
        let kind = match (&relation.kind, relation.scope) {
            (RelationKind::DependsOn, RelationScope::Optional) => "hasOptionalDependency",
            (RelationKind::DependsOn, RelationScope::Provided) => "hasProvidedDependency",
            (_, RelationScope::Optional | RelationScope::Provided) => {
                self.losses.note("relations.scope");
                kind
            }
            (_, stated) => {
                scope = scope.or(match stated {
                    RelationScope::Runtime => Some("runtime"),
                    RelationScope::Build => Some("build"),
                    RelationScope::Development => Some("development"),
                    RelationScope::Test => Some("test"),
                    RelationScope::Unstated | RelationScope::Optional | RelationScope::Provided => None,
                });
                kind
            }
        };
        let of = match from {
            End::Component(at) => Some(*at),
            _ => None,
        };
        let comment = relation.comment.as_deref();
        Some(Group { from: self.end(from)?, of, kind, scope, comment, to: vec![self.end(to)?] })
    }

    fn end(&self, end: &End<'n>) -> Option<String> {
        match end {
            End::Component(at) => self.components.get(*at).cloned(),
            End::Document => Some(self.document.clone()),
            End::None => Some(NOTHING.to_owned()),
            End::Unknown => Some(UNTOLD.to_owned()),
            End::Elsewhere(id) => Some(self.iris.reference(id)),
        }
    }

    /// Returns how much is told of which component.
    fn completeness(&mut self) -> BTreeMap<(usize, Facet), &'static str> {
        let mut out = BTreeMap::new();
        for one in &self.bom.completeness {
            let word = match one.aggregate {
                Aggregate::Complete => "complete",
                Aggregate::Incomplete => "incomplete",
                Aggregate::Unknown => "noAssertion",
                Aggregate::Unstated => {
                    self.losses.note("completeness not_specified");
                    continue;
                }
            };
            match one.of {
                Some(at) => drop(out.entry((at, one.what)).or_insert(word)),
                None => self.losses.note("completeness of the document"),
            }
        }
        out
    }

    /// Returns what the document tells of elements that it does not hold: their identifiers.
    pub(super) fn imports(&self) -> Vec<Node<'n>> {
        let ends = self.bom.relations.iter().flat_map(|relation| [&relation.from, &relation.to]);
        let elsewhere: BTreeSet<String> = ends
            .filter_map(|end| match end {
                End::Elsewhere(id) => Some(self.iris.reference(id)),
                _ => None,
            })
            .collect();
        elsewhere
            .into_iter()
            .map(|id| Object::new().with("type", "ExternalMap").with("externalSpdxId", id).into())
            .collect()
    }

    /// Notes which components are said to be distributed as files that are components themselves: which of what name.
    pub(super) fn note_distributions(&mut self) {
        let bom = self.bom;
        for relation in &bom.relations {
            let (End::Component(of), End::Component(file)) = (&relation.from, &relation.to) else { continue };
            if matches!(&relation.kind, RelationKind::Other(word) if word == "DISTRIBUTION_ARTIFACT") {
                self.distributions.extend(bom.components.get(*file).map(|file| (*of, &*file.name)));
            }
        }
    }
}

/// Returns how a kind of relations is written: its type, which way, and the scope it implies.
fn written(kind: &RelationKind<'_>) -> Option<(&'static str, Way, Option<&'static str>)> {
    let word = match kind {
        RelationKind::DependsOn => return Some(("dependsOn", Way::Along, None)),
        RelationKind::Contains => return Some(("contains", Way::Along, None)),
        RelationKind::Provides => return Some(("hasSpecification", Way::Along, None)),
        RelationKind::Other(word) => &**word,
    };
    match word {
        "BUILD_TOOL_OF" => return Some(("usesTool", Way::Against, Some("build"))),
        "DEV_TOOL_OF" => return Some(("usesTool", Way::Against, Some("development"))),
        "TEST_TOOL_OF" => return Some(("usesTool", Way::Against, Some("test"))),
        _ => {}
    }
    let known = RELATIONS.iter().find(|(_, known, _)| *known == word);
    let own = || OWN_RELATIONS.iter().find(|known| **known == word);
    known.map(|(kind, _, way)| (*kind, *way, None)).or_else(|| own().map(|kind| (*kind, Way::Along, None)))
}

/// Returns what the completeness of a type of relationships is said of.
fn facet(kind: &str) -> Option<Facet> {
    match kind {
        "contains" => Some(Facet::Contents),
        "dependsOn" | "hasOptionalDependency" | "hasProvidedDependency" => Some(Facet::Dependencies),
        _ => None,
    }
}
