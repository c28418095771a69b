//! Licences as resources, and the expressions that say the same.

use super::graph::{Graph, Object, Resource};
use crate::sbom::spdx2::{NO_ASSERTION, NONE};

/// How deep sets may stand in one another: resources can stand in themselves.
const MAX_DEPTH: usize = 64;

/// How long an expression may become: one that holds another twice doubles with each step.
const MAX_LENGTH: usize = 1 << 16;

/// Returns the expression for a licence; `None` where it would be without bounds.
pub(super) fn expression(graph: &Graph<'_>, object: &Object<'_>) -> Option<String> {
    let mut budget = MAX_LENGTH;
    one(graph, object, MAX_DEPTH, &mut budget).map(|(text, _)| text)
}

/// Returns the expression and whether it is one of several licences. Each call costs a part of the budget.
fn one(graph: &Graph<'_>, object: &Object<'_>, depth: usize, budget: &mut usize) -> Option<(String, bool)> {
    let depth = depth.checked_sub(1)?;
    let id = match object {
        Object::Text(text) => {
            let text = text.trim().to_owned();
            *budget = budget.checked_sub(text.len())?;
            let is_several = text.contains(' ');
            return Some((text, is_several));
        }
        Object::Resource(id) => id,
    };
    *budget = budget.checked_sub(id.len().max(1))?;
    let Some(resource) = graph.get(id) else { return Some((name(id), false)) };
    let is = |kind: &str| resource.types.iter().any(|known| known == kind);
    let mut part = |property: &str| -> Option<Vec<String>> {
        let said = resource.statements.iter().filter(|said| said.property == property);
        let parts = said.map(|said| one(graph, &said.object, depth, budget));
        parts.map(|part| part.map(|(text, is_several)| if is_several { format!("({text})") } else { text })).collect()
    };
    if is("ConjunctiveLicenseSet") {
        let parts = part("member")?;
        return Some((parts.join(" AND "), parts.len() > 1));
    }
    if is("DisjunctiveLicenseSet") {
        let parts = part("member")?;
        return Some((parts.join(" OR "), parts.len() > 1));
    }
    if is("WithExceptionOperator") {
        let exceptions = part("licenseException")?;
        return Some((format!("{} WITH {}", part("member")?.join(" AND "), exceptions.join(" ")), false));
    }
    if is("OrLaterOperator") {
        return Some((format!("{}+", part("member")?.join(" AND ")), false));
    }
    Some((identifier(resource), false))
}

/// Returns the identifier that a licence or an exception states, or that its address ends with.
fn identifier(resource: &Resource<'_>) -> String {
    let stated = resource.statements.iter().find_map(|said| match (said.property, &said.object) {
        ("licenseId" | "licenseExceptionId", Object::Text(text)) => Some(text.trim().to_owned()),
        _ => None,
    });
    stated.unwrap_or_else(|| name(&resource.id))
}

/// Returns what the address of a licence ends with.
fn name(address: &str) -> String {
    let name = address.rsplit(['#', '/']).next().unwrap_or(address);
    match name {
        "none" => NONE.to_owned(),
        "noassertion" => NO_ASSERTION.to_owned(),
        other => other.to_owned(),
    }
}
