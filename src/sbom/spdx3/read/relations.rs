//! Relationships: what components need and hold, their licences, and how much of it is told.

use std::collections::{BTreeMap, HashMap, HashSet};

use super::component::has_only;
use super::{Reader, many};
use crate::document::Node;
use crate::sbom::model::{
    Aggregate, Bom, Completeness, End, Facet, Fields, License, Relation, RelationKind, RelationScope, Stated,
};
use crate::sbom::spdx3::graph::{Element, reference_id};
use crate::sbom::spdx3::vocabulary::{OWN_RELATIONS, RELATIONS, Way};

/// The classes of the relationships that are read.
const CLASSES: &[&str] = &["Relationship", "LifecycleScopedRelationship"];

/// How a relationship is told in the model.
struct Meaning {
    kind: RelationKind<'static>,
    way: Way,
    scope: RelationScope,
    /// Whether the scope that is written is told with it.
    tells_scope: bool,
}

impl<'n> Reader<'n> {
    fn relationships<'g>(&'g self) -> impl Iterator<Item = &'g Element<'n>> {
        self.graph.elements.iter().filter(|element| CLASSES.contains(&&*element.class))
    }

    /// Returns the files of which no more is told than that a package is distributed as them: their name is one of the
    /// package's.
    pub(super) fn distribution_files(&self) -> HashSet<String> {
        let mut mentioned: HashMap<String, (usize, bool)> = HashMap::new();
        for relationship in self.relationships() {
            let is_distribution = text(relationship.node, "relationshipType") == Some("hasDistributionArtifact");
            let from = many(relationship.node.get("from")).iter().map(|end| (end, false));
            let to = many(relationship.node.get("to")).iter().map(|end| (end, is_distribution));
            for (end, is_file) in from.chain(to) {
                let Some(id) = reference_id(end) else { continue };
                if self.graph.find(&id).is_some_and(|element| element.class == "software_File") {
                    let entry = mentioned.entry(id.into_owned()).or_default();
                    entry.0 += 1;
                    entry.1 |= is_file;
                }
            }
        }
        let is_bare = |id: &str| {
            let keys = ["type", "@type", "spdxId", "@id", "creationInfo", "name"];
            self.graph.find(id).is_some_and(|file| has_only(file.node, &keys) && text(file.node, "name").is_some())
        };
        let roots = self.root_ids();
        let once = mentioned.into_iter().filter(|(_, (count, is_file))| *count == 1 && *is_file);
        once.map(|(id, _)| id).filter(|id| is_bare(id) && !roots.contains(id)).collect()
    }

    /// Returns what the collections of the document are about.
    fn root_ids(&self) -> HashSet<String> {
        let roots = self.graph.elements.iter().flat_map(|element| many(element.node.get("rootElement")));
        roots.filter_map(reference_id).map(|id| id.into_owned()).collect()
    }

    pub(super) fn relations(&self, bom: &mut Bom<'n>) {
        let mut told: BTreeMap<(usize, Facet), Aggregate> = BTreeMap::new();
        for relationship in self.relationships() {
            let Some(word) = text(relationship.node, "relationshipType") else { continue };
            let Some(from) = relationship.node.get("from") else { continue };
            let is_read = match (word, self.place(from)) {
                ("hasDeclaredLicense", Some(at)) => self.licenses(relationship, at, Says::Declared, bom),
                ("hasConcludedLicense", Some(at)) => self.licenses(relationship, at, Says::Concluded, bom),
                ("hasDistributionArtifact", Some(at)) if self.file_name(relationship, at, bom) => true,
                ("describes", None) if self.end(from) == Some(End::Document) => self.subjects(relationship, bom),
                _ => self.relation(relationship, word, bom, &mut told),
            };
            if is_read {
                let fields = self.fields(relationship);
                fields.pass_over(&["relationshipType", "from", "to"]);
            }
        }
        let told = told.into_iter();
        bom.completeness = told.map(|((at, what), aggregate)| Completeness { of: Some(at), what, aggregate }).collect();
    }

    fn place(&self, end: &'n Node<'n>) -> Option<usize> {
        self.places.get(&reference_id(end)?).copied()
    }

    /// Returns the end of a relation, `None` where it is an element of a kind that the model does not hold.
    fn end(&self, end: &'n Node<'n>) -> Option<End<'n>> {
        let id = reference_id(end)?;
        if let Some(place) = self.places.get(&id) {
            return Some(End::Component(*place));
        }
        match (&*id, self.graph.find(&id)) {
            ("NoneElement", _) => Some(End::None),
            ("NoAssertionElement", _) => Some(End::Unknown),
            (_, Some(element)) => {
                matches!(&*element.class, "SpdxDocument" | "software_Sbom" | "Bom").then_some(End::Document)
            }
            (_, None) => Some(End::Elsewhere(id)),
        }
    }

    fn licenses(&self, relationship: &Element<'n>, at: usize, says: Says, bom: &mut Bom<'n>) -> bool {
        let listed = many(relationship.node.get("to")).iter().map(|license| self.license(license));
        let Some(listed) = listed.collect::<Option<Vec<Stated<License<'n>>>>>() else { return false };
        let Some(component) = bom.components.get_mut(at) else { return false };
        let stated = match says {
            Says::Declared => &mut component.declared,
            Says::Concluded => &mut component.concluded,
        };
        for license in listed {
            match (license, &mut *stated) {
                (Stated::Value(license), Stated::Value(all)) => all.push(license),
                (Stated::Value(license), _) => *stated = Stated::Value(vec![license]),
                (_, Stated::Value(_)) => {}
                (Stated::None, _) => *stated = Stated::None,
                (Stated::Unknown | Stated::Withheld | Stated::Absent, _) => *stated = Stated::Unknown,
            }
        }
        true
    }

    /// Takes the name of the file that a component is distributed as, where nothing else is told of the file.
    fn file_name(&self, relationship: &Element<'n>, at: usize, bom: &mut Bom<'n>) -> bool {
        let [file] = many(relationship.node.get("to")) else { return false };
        let Some(element) = self.graph.resolve(file) else { return false };
        let Some(component) = bom.components.get_mut(at) else { return false };
        if component.file_name.is_some() || element.class != "software_File" {
            return false;
        }
        if self.places.contains_key(&element.id) {
            // The file is a component of its own, and the relation stays.
            component.file_name = text(element.node, "name").map(Into::into);
            return false;
        }
        component.file_name = self.fields(&element).text("name");
        true
    }

    fn subjects(&self, relationship: &Element<'n>, bom: &mut Bom<'n>) -> bool {
        let places = many(relationship.node.get("to")).iter().map(|end| self.place(end));
        let Some(places) = places.collect::<Option<Vec<usize>>>() else { return false };
        bom.roots.extend(places);
        true
    }

    fn relation(
        &self,
        relationship: &Element<'n>,
        word: &'n str,
        bom: &mut Bom<'n>,
        told: &mut BTreeMap<(usize, Facet), Aggregate>,
    ) -> bool {
        let Some(from) = relationship.node.get("from").and_then(|from| self.end(from)) else { return false };
        let to = many(relationship.node.get("to")).iter().map(|to| self.end(to));
        let Some(to) = to.collect::<Option<Vec<End<'n>>>>() else { return false };
        let Some(meaning) = meaning(relationship, word) else { return false };
        let fields = self.fields(relationship);
        if meaning.tells_scope {
            fields.pass_over(&["scope"]);
        }
        let facet = match meaning.kind {
            RelationKind::DependsOn => Some(Facet::Dependencies),
            RelationKind::Contains => Some(Facet::Contents),
            RelationKind::Provides | RelationKind::Other(_) => None,
        };
        let mut is_said = false;
        if let (Some(facet), End::Component(at)) = (facet, &from) {
            if let Some(aggregate) = aggregate(&fields) {
                is_said = true;
                let least = |known: Aggregate| if order(aggregate) < order(known) { aggregate } else { known };
                told.entry((*at, facet)).and_modify(|known| *known = least(*known)).or_insert(aggregate);
            }
        }
        let comment = fields.text("comment");
        // That nothing is known of it is told by the word on how much is told.
        let told_by_word = |to: &End<'n>| is_said && *to == End::Unknown && comment.is_none();
        bom.relations.extend(to.into_iter().filter(|to| !told_by_word(to)).map(|to| {
            let (from, to) = match meaning.way {
                Way::Along => (from.clone(), to),
                Way::Against => (to, from.clone()),
            };
            Relation { from, kind: meaning.kind.clone(), to, scope: meaning.scope, comment: comment.clone() }
        }));
        true
    }
}

/// Who says of a licence that it holds.
#[derive(Clone, Copy)]
enum Says {
    /// Who made the component.
    Declared,
    /// Who made the document.
    Concluded,
}

/// Returns how a relationship is told in the model, `None` where it has no place there.
fn meaning(relationship: &Element<'_>, word: &str) -> Option<Meaning> {
    let scope = match text(relationship.node, "scope") {
        Some("build") => RelationScope::Build,
        Some("development") => RelationScope::Development,
        Some("runtime") => RelationScope::Runtime,
        Some("test") => RelationScope::Test,
        _ => RelationScope::Unstated,
    };
    let tells_scope = scope != RelationScope::Unstated;
    let along = |kind| Some(Meaning { kind, way: Way::Along, scope, tells_scope });
    let of_dependency =
        |scope| Some(Meaning { kind: RelationKind::DependsOn, way: Way::Along, scope, tells_scope: false });
    let tool = |word: &'static str| {
        let kind = RelationKind::Other(word.into());
        Some(Meaning { kind, way: Way::Against, scope: RelationScope::Unstated, tells_scope })
    };
    match (word, scope) {
        ("dependsOn", _) => along(RelationKind::DependsOn),
        ("hasOptionalDependency", _) => of_dependency(RelationScope::Optional),
        ("hasProvidedDependency", _) => of_dependency(RelationScope::Provided),
        ("contains", _) => along(RelationKind::Contains),
        ("hasSpecification", _) => along(RelationKind::Provides),
        ("usesTool", RelationScope::Build) => tool("BUILD_TOOL_OF"),
        ("usesTool", RelationScope::Development) => tool("DEV_TOOL_OF"),
        ("usesTool", RelationScope::Test) => tool("TEST_TOOL_OF"),
        _ => {
            let known = RELATIONS.iter().find(|(known, ..)| *known == word);
            let own = || OWN_RELATIONS.iter().find(|known| **known == word).map(|word| (*word, Way::Along));
            let (word, way) = known.map(|(_, word, way)| (*word, *way)).or_else(own)?;
            Some(Meaning { kind: RelationKind::Other(word.into()), way, scope, tells_scope })
        }
    }
}

fn aggregate(fields: &Fields<'_, '_>) -> Option<Aggregate> {
    match fields.text("completeness").as_deref() {
        Some("complete") => Some(Aggregate::Complete),
        Some("incomplete") => Some(Aggregate::Incomplete),
        Some("noAssertion") => Some(Aggregate::Unknown),
        _ => None,
    }
}

/// Of several words on the same, that holds which promises least.
fn order(aggregate: Aggregate) -> u8 {
    match aggregate {
        Aggregate::Incomplete => 0,
        Aggregate::Unknown => 1,
        Aggregate::Unstated => 2,
        Aggregate::Complete => 3,
    }
}

fn text<'n>(node: &'n Node<'n>, key: &str) -> Option<&'n str> {
    node.get(key).and_then(|value| value.string("").ok())
}
