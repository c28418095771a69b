//! How components relate, as CycloneDX writes it: nested in one another, and in the list of dependencies.

use std::collections::{BTreeMap, BTreeSet};

use crate::document::{Node, Object};
use crate::sbom::model::{Bom, End, Losses, RelationKind, RelationScope};

/// How many components may stand inside one another, each in the next.
const MAX_DEPTH: usize = 32;

/// The relations of a document by component.
pub(super) struct Edges {
    /// The component the document is about, where it is one.
    pub(super) subject: Option<usize>,
    /// What each component holds that is written inside it.
    pub(super) inside: BTreeMap<usize, Vec<usize>>,
    /// What else holds a component: told by a property.
    pub(super) held_by: BTreeMap<usize, Vec<usize>>,
    /// What each needs.
    needs: BTreeMap<usize, BTreeSet<usize>>,
    /// What each provides.
    provides: BTreeMap<usize, BTreeSet<usize>>,
    /// Those that stand inside another.
    nested: Vec<bool>,
}

impl Edges {
    pub(super) fn of(bom: &Bom<'_>, losses: &mut Losses) -> Self {
        let mut edges = Self {
            subject: match bom.roots.as_slice() {
                [one] => Some(*one),
                _ => None,
            },
            inside: BTreeMap::new(),
            held_by: BTreeMap::new(),
            needs: BTreeMap::new(),
            provides: BTreeMap::new(),
            nested: vec![false; bom.components.len()],
        };
        let mut holder: Vec<Option<usize>> = vec![None; bom.components.len()];
        for relation in &bom.relations {
            let End::Component(from) = relation.from else {
                losses.note_if("relations of the document", relation.from != End::Document);
                continue;
            };
            losses.note_if("relations.comment", relation.comment.is_some());
            losses.note_if(
                "relations.scope",
                !matches!(relation.scope, RelationScope::Unstated | RelationScope::Runtime),
            );
            let to = match (&relation.kind, &relation.to) {
                (_, End::Component(to)) => *to,
                (RelationKind::DependsOn, End::None) => {
                    edges.needs.entry(from).or_default();
                    continue;
                }
                (kind, _) => {
                    losses.note(&format!("relations {} to what the document does not hold", kind.word()));
                    continue;
                }
            };
            match &relation.kind {
                RelationKind::DependsOn => drop(edges.needs.entry(from).or_default().insert(to)),
                RelationKind::Provides => drop(edges.provides.entry(from).or_default().insert(to)),
                RelationKind::Contains => {
                    let is_part = bom.components.get(to).is_some_and(|one| one.kind == "application");
                    edges.hold(from, to, is_part, &mut holder);
                }
                kind @ RelationKind::Other(_) => losses.note(&format!("relations {}", kind.word())),
            }
        }
        edges
    }

    /// Returns the components of the list at the top.
    pub(super) fn top_level(&self) -> impl Iterator<Item = usize> {
        (0..self.nested.len()).filter(|at| Some(*at) != self.subject && !self.nested.get(*at).copied().unwrap_or(false))
    }

    /// Notes that one component holds another: inside it where that gives a tree. What the subject holds stands at the top,
    /// where every reader looks for it, but for applications, which are parts of it.
    fn hold(&mut self, from: usize, to: usize, is_application: bool, holder: &mut [Option<usize>]) {
        let above = std::iter::successors(Some(from), |at| holder.get(*at).copied().flatten()).take(MAX_DEPTH);
        let above: Vec<usize> = above.collect();
        let is_tree = above.len() < MAX_DEPTH && !above.contains(&to);
        let is_subject = (Some(from) == self.subject && !is_application) || Some(to) == self.subject;
        match (holder.get_mut(to), self.nested.get_mut(to)) {
            (Some(slot @ None), Some(mark)) if is_tree && !is_subject => {
                *slot = Some(from);
                *mark = true;
                self.inside.entry(from).or_default().push(to);
            }
            _ => self.held_by.entry(to).or_default().push(from),
        }
    }
}

/// Returns the components that need or provide something, in their order, the subject first.
pub(super) fn dependents(edges: &Edges) -> Vec<usize> {
    let all: BTreeSet<usize> = edges.needs.keys().chain(edges.provides.keys()).copied().collect();
    let first = edges.subject.filter(|at| all.contains(at));
    first.into_iter().chain(all.into_iter().filter(|at| Some(*at) != first)).collect()
}

/// Returns what a component needs and provides.
pub(super) fn dependency<'n>(bom: &'n Bom<'_>, edges: &Edges, at: usize) -> Option<Node<'n>> {
    let id = |at: &usize| bom.components.get(*at).map(|one| Node::from(&one.id));
    let list = |of: &BTreeMap<usize, BTreeSet<usize>>| of.get(&at).into_iter().flatten().filter_map(id).collect();
    Some(
        Object::new()
            .with("ref", id(&at)?)
            .with_list("dependsOn", list(&edges.needs))
            .with_list("provides", list(&edges.provides))
            .into(),
    )
}
