//! The model written as a CycloneDX tree.
//!
//! It is made in the newest version and then brought to the one that is asked for, so that one place knows what a version
//! holds.

use std::collections::HashSet;

use uuid::Uuid;

use super::component;
use super::edges::{Edges, dependency, dependents};
use super::revise::{NEWEST, revise};
use crate::document::{Node, Object};
use crate::sbom::model::{Aggregate, Bom, Facet, Losses, PartyKind, Tool};
use crate::sbom::{Origin, Written};

/// The namespace of serial numbers that follow from the identifier of another format (RFC 9562, section 5.5).
const SERIAL_NUMBERS: Uuid = Uuid::from_u128(0x0d3f_7c1a_5b0e_5f6e_8a53_c1d0_7be2_94a6);

/// The phases that CycloneDX names; another is written as a name of its own.
const PHASES: &[&str] = &["design", "pre-build", "build", "post-build", "operations", "discovery", "decommission"];

/// Returns the tree of a version that says what the model does.
pub(super) fn document<'n>(bom: &'n Bom<'_>, version: &'static str, origin: Origin) -> Written<'n> {
    let mut losses = Losses::default();
    let mut root = tree(bom, &mut losses);
    revise(&mut root, version, origin, &mut losses);
    Written { root, losses: losses.into_list() }
}

fn tree<'n>(bom: &'n Bom<'_>, losses: &mut Losses) -> Node<'n> {
    let edges = Edges::of(bom, losses);
    beyond(bom, losses);
    let components: Vec<Node<'n>> = edges.top_level().map(|at| component::node(bom, at, &edges, losses)).collect();
    let dependencies: Vec<Node<'n>> =
        dependents(&edges).into_iter().filter_map(|at| dependency(bom, &edges, at)).collect();
    let mut root = frame(bom, &edges, losses);
    root.set("components", components.into());
    root.set("dependencies", dependencies.into());
    root
}

/// Returns a document whose lists of components and dependencies are still empty.
pub(super) fn frame<'n>(bom: &'n Bom<'_>, edges: &Edges, losses: &mut Losses) -> Node<'n> {
    Object::new()
        .with("$schema", "http://cyclonedx.org/schema/bom-1.7.schema.json")
        .with("bomFormat", "CycloneDX")
        .with("specVersion", NEWEST)
        .with_some("serialNumber", bom.id.as_deref().map(serial_number))
        .with("version", bom.edition.unwrap_or(1))
        .with("metadata", metadata(bom, edges.subject, edges, losses))
        .with("components", Vec::new())
        .with_list("externalReferences", component::references(&bom.references, None))
        .with("dependencies", Vec::new())
        .with_list("compositions", compositions(bom))
        .into()
}

/// Returns an identifier as a serial number: as it is, or one that follows from it.
fn serial_number(id: &str) -> Node<'_> {
    let is_one = id.strip_prefix("urn:uuid:").is_some_and(|rest| rest.len() == 36 && Uuid::parse_str(rest).is_ok());
    if is_one { id.into() } else { Uuid::new_v5(&SERIAL_NUMBERS, id.as_bytes()).urn().to_string().into() }
}

/// Counts what of a document CycloneDX has no place for.
fn beyond(bom: &Bom<'_>, losses: &mut Losses) {
    let subject = bom.roots.first().and_then(|at| bom.components.get(*at)).map(|subject| &*subject.name);
    losses.note_if("document.name", bom.name.as_deref().is_some_and(|name| Some(name) != subject));
    losses.note_if("document.comment", bom.comment.is_some());
    losses.note_if("document.license-list-version", bom.license_list_version.is_some());
    losses.note_many("document.subjects", bom.roots.len().saturating_sub(1));
    let used: HashSet<&str> = bom
        .components
        .iter()
        .flat_map(|one| [&one.declared, &one.concluded])
        .filter_map(|licenses| licenses.value())
        .flatten()
        .map(|license| license.label())
        .collect();
    losses.note_many("license texts", bom.license_texts.iter().filter(|license| !used.contains(&*license.id)).count());
    losses.note_if("vulnerabilities", bom.vulnerabilities > 0);
    losses.note_if("signature", bom.is_signed);
}

fn metadata<'n>(bom: &'n Bom<'_>, subject: Option<usize>, edges: &Edges, losses: &mut Losses) -> Node<'n> {
    let (people, others): (Vec<_>, Vec<_>) = bom.authors.iter().partition(|author| author.kind == PartyKind::Person);
    losses.note_many("document.authors", others.len().saturating_sub(1));
    let lifecycles = bom.lifecycles.iter().map(|phase| {
        let key = if PHASES.contains(&&**phase) { "phase" } else { "name" };
        Object::new().with(key, phase).into()
    });
    let tools: Vec<Node<'n>> = bom.tools.iter().map(tool).collect();
    Object::new()
        .with_some("timestamp", bom.created.as_ref())
        .with_list("lifecycles", lifecycles.collect())
        .with_some("tools", (!tools.is_empty()).then(|| Object::new().with("components", tools)))
        .with_list("authors", people.into_iter().map(component::person).collect())
        .with_some("component", subject.map(|at| component::node(bom, at, edges, losses)))
        .with_some("manufacturer", others.first().map(|party| component::organization(party)))
        .with_some("supplier", bom.supplier.as_ref().map(component::organization))
        .with_list("licenses", bom.data_license.iter().map(|id| component::data_license(id)).collect())
        .with_list("properties", component::properties(&bom.properties))
        .into()
}

fn tool<'n>(tool: &'n Tool<'_>) -> Node<'n> {
    let vendor = tool.vendor.as_ref().map(|vendor| Object::new().with("name", vendor));
    Object::new()
        .with("type", "application")
        .with_some("manufacturer", vendor)
        .with("name", &tool.name)
        .with_some("version", tool.version.as_ref())
        .into()
}

/// States what the document tells of in full: one entry a word, in the order of the words.
fn compositions<'n>(bom: &'n Bom<'_>) -> Vec<Node<'n>> {
    let words = [
        (Aggregate::Complete, "complete"),
        (Aggregate::Incomplete, "incomplete"),
        (Aggregate::Unknown, "unknown"),
        (Aggregate::Unstated, "not_specified"),
    ];
    let of = |aggregate, facet| -> Vec<Node<'n>> {
        bom.completeness
            .iter()
            .filter(|one| one.aggregate == aggregate && one.what == facet)
            .filter_map(|one| bom.components.get(one.of?))
            .map(|component| (&component.id).into())
            .collect()
    };
    words
        .into_iter()
        .filter_map(|(aggregate, word)| {
            let (assemblies, dependencies) = (of(aggregate, Facet::Contents), of(aggregate, Facet::Dependencies));
            (!assemblies.is_empty() || !dependencies.is_empty()).then(|| {
                Object::new()
                    .with("aggregate", word)
                    .with_list("assemblies", assemblies)
                    .with_list("dependencies", dependencies)
                    .into()
            })
        })
        .collect()
}
