//! What every element of every profile is asked of: the document, its model, and how its components hang together.

use std::borrow::Cow;

use super::score::State;
use super::told::Told;
use crate::document::{Node, Span};
use crate::sbom::Document;
use crate::sbom::model::{Aggregate, Bom, Component, End, Facet, Relation, RelationKind};
use crate::text::Text;

/// A document and its model, with what is asked of them over and over.
pub(super) struct Facts<'f> {
    /// The document.
    pub(super) document: &'f Document<'f>,
    /// What it says.
    pub(super) bom: &'f Bom<'f>,
    /// How each component hangs together with others, in the order of the list.
    links: Vec<Links>,
    /// What is said to be complete of the document as a whole.
    whole: Links,
    /// Whether anything is said to need anything.
    pub(super) has_needs: bool,
}

/// How a component hangs together with others.
#[derive(Clone, Debug, Default)]
pub(super) struct Links {
    /// What it needs, as places in the list.
    needs: Vec<usize>,
    /// What it holds, as places in the list.
    holds: Vec<usize>,
    /// What it is distributed as (SPDX), as places in the list.
    artifacts: Vec<usize>,
    /// Whether it needs or holds something that the document does not hold.
    pub(super) leads_elsewhere: bool,
    /// Whether something needs or holds it.
    pub(super) is_led_to: bool,
    /// Whether it is said to need or hold nothing.
    pub(super) has_none: bool,
    /// Whether it is said not to be known what it needs or holds.
    pub(super) is_unknown: bool,
    /// How much is told of what it needs.
    pub(super) needs_told: Option<Aggregate>,
    /// How much is told of what it holds.
    pub(super) holds_told: Option<Aggregate>,
}

impl Links {
    /// Whether an edge leads from it.
    pub(super) fn leads_on(&self) -> bool {
        !self.needs.is_empty() || !self.holds.is_empty() || self.leads_elsewhere
    }

    /// Returns whatever it leads to.
    pub(super) fn all(&self) -> impl Iterator<Item = usize> {
        self.needs.iter().chain(&self.holds).chain(&self.artifacts).copied()
    }

    /// Whether it is said how complete its edges are, be it that this is not known.
    pub(super) fn is_completeness_told(&self) -> bool {
        [self.needs_told, self.holds_told].into_iter().flatten().any(|told| told != Aggregate::Unstated)
    }
}

impl<'f> Facts<'f> {
    /// Gathers them, in linear time.
    pub(super) fn of(document: &'f Document<'f>, bom: &'f Bom<'f>) -> Self {
        let mut facts = Self {
            document,
            bom,
            links: vec![Links::default(); bom.components.len()],
            whole: Links::default(),
            has_needs: false,
        };
        for relation in &bom.relations {
            facts.link(relation);
        }
        for said in &bom.completeness {
            let links = match said.of {
                Some(at) => facts.links.get_mut(at),
                None => Some(&mut facts.whole),
            };
            let Some(links) = links else { continue };
            let slot = match said.what {
                Facet::Contents => &mut links.holds_told,
                Facet::Dependencies => &mut links.needs_told,
            };
            // Of several words on the same the most cautious holds.
            *slot = Some(slot.map_or(said.aggregate, |known| known.max(said.aggregate)));
        }
        facts
    }

    fn link(&mut self, relation: &Relation<'_>) {
        let is_need = match &relation.kind {
            RelationKind::DependsOn => true,
            RelationKind::Contains => false,
            RelationKind::Other(word) if ARTIFACT.contains(&&**word) => {
                if let (End::Component(from), End::Component(to)) = (&relation.from, &relation.to)
                    && let Some(links) = self.links.get_mut(*from)
                {
                    links.artifacts.push(*to);
                }
                return;
            }
            RelationKind::Other(word) if NEEDS.contains(&&**word) => true,
            RelationKind::Provides | RelationKind::Other(_) => return,
        };
        let End::Component(from) = relation.from else { return };
        if let End::Component(to) = relation.to
            && let Some(target) = self.links.get_mut(to)
        {
            target.is_led_to |= from != to;
        }
        let Some(links) = self.links.get_mut(from) else { return };
        match relation.to {
            End::Component(to) if to == from => {}
            End::Component(to) => {
                self.has_needs |= is_need;
                if is_need { links.needs.push(to) } else { links.holds.push(to) }
            }
            End::Elsewhere(_) => {
                self.has_needs |= is_need;
                links.leads_elsewhere = true;
            }
            End::None => links.has_none = true,
            End::Unknown => links.is_unknown = true,
            End::Document => {}
        }
    }

    /// Returns how a component hangs together with others.
    pub(super) fn links(&self, at: usize) -> &Links {
        self.links.get(at).unwrap_or(&self.whole)
    }

    /// Returns what is said to be complete of the document as a whole.
    pub(super) fn whole(&self) -> &Links {
        &self.whole
    }

    /// Returns the id of the family of its format.
    pub(super) fn family(&self) -> &'static str {
        self.document.format.family.id
    }

    /// Whether it is CycloneDX.
    pub(super) fn is_cyclonedx(&self) -> bool {
        self.family() == "cyclonedx"
    }

    /// Returns a value of the document's tree, by the members that lead there.
    pub(super) fn node(&self, path: &[&str]) -> Option<&'f Node<'f>> {
        path.iter().try_fold(&self.document.root, |node, key| node.get(key))
    }

    /// Returns where what is said of the document stands.
    pub(super) fn place(&self) -> Span {
        let member = match self.family() {
            "cyclonedx" => "metadata",
            "spdx2" => "creationInfo",
            _ => return Span::default(),
        };
        self.node(&[member]).map(|node| Span { start: node.span.start, end: node.span.start }).unwrap_or_default()
    }

    /// Returns what a component is distributed as (SPDX).
    pub(super) fn artifacts(&self, at: usize) -> impl Iterator<Item = &'f Component<'f>> {
        let bom = self.bom;
        self.links(at).artifacts.iter().filter_map(move |at| bom.components.get(*at))
    }

    /// Whether a component is the subject of the document.
    pub(super) fn is_root(&self, at: usize) -> bool {
        self.bom.roots.contains(&at)
    }
}

/// The relations of SPDX by which one thing needs another, beside `DEPENDS_ON`.
const NEEDS: &[&str] = &["DYNAMIC_LINK", "HAS_PREREQUISITE", "PREREQUISITE", "STATIC_LINK", "HAS_STATIC_LINK"];

/// The relations of SPDX from a package to the file it is distributed as.
const ARTIFACT: &[&str] = &["DISTRIBUTION_ARTIFACT", "HAS_DISTRIBUTION_ARTIFACT"];

/// Whether a component is a file or a cryptographic asset, of which only a name is asked.
pub(super) fn is_mere_file(component: &Component<'_>) -> bool {
    matches!(&*component.kind, "file" | "snippet" | "cryptographic-asset")
}

/// What was found of an element.
#[derive(Clone, Debug)]
pub(super) struct Found {
    /// What is told.
    pub(super) told: Told,
    /// How that is judged, where it does not follow from the element.
    pub(super) state: Option<State>,
    /// What is to be added.
    pub(super) note: Option<Cow<'static, str>>,
    /// Where it stands, where that is narrower than its subject.
    pub(super) span: Option<Span>,
}

impl Found {
    /// Returns that something is told.
    pub(super) fn of(told: Told) -> Self {
        Self { told, state: None, note: None, span: None }
    }

    /// Returns that a value is told.
    pub(super) fn value() -> Self {
        Self::of(Told::Value)
    }

    /// Returns that nothing is told.
    pub(super) fn absent() -> Self {
        Self::of(Told::Absent)
    }

    /// Returns that the element is not asked of this subject, and why.
    pub(super) fn exempt(reason: &'static str) -> Self {
        Self { state: Some(State::NotApplicable), ..Self::absent() }.noted(reason)
    }

    /// Returns a value where a condition holds, else nothing.
    pub(super) fn where_(holds: bool) -> Self {
        if holds { Self::value() } else { Self::absent() }
    }

    /// Adds a note of our own words.
    pub(super) fn noted(self, note: &'static str) -> Self {
        Self { note: Some(Cow::Borrowed(note)), ..self }
    }

    /// Adds a note of our own words where there is none yet and nothing passes.
    pub(super) fn noted_if(self, condition: bool, note: &'static str) -> Self {
        if condition { self.noted(note) } else { self }
    }

    /// Adds a note that holds text of the document.
    pub(super) fn detailed(self, note: Text) -> Self {
        Self { note: Some(Cow::Owned(note.as_str().to_owned())), ..self }
    }

    /// Returns it judged as a warning, whatever the element says.
    pub(super) fn doubted(self) -> Self {
        Self { state: Some(State::Warn), ..self }
    }

    /// Returns it judged so, whatever the element says.
    pub(super) fn judged(self, state: State) -> Self {
        Self { state: Some(state), ..self }
    }

    /// Returns it as what the file cannot decide where nothing is told, because it is only asked where it exists.
    pub(super) fn if_it_exists(self) -> Self {
        match self.told {
            Told::Absent | Told::None | Told::Unknown => Self { state: Some(State::NotDetermined), ..self }
                .noted("asked for where it exists, which the file alone does not tell"),
            _ => self,
        }
    }

    /// Returns it with its place.
    pub(super) fn at(self, span: Span) -> Self {
        Self { span: Some(span), ..self }
    }
}
