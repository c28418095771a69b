//! A CycloneDX tree brought to another version.
//!
//! What two versions say in different words is said anew; whatever else the version does not know is taken out by its
//! schema, and counted.

use crate::document::{Node, Object, Value};
use crate::sbom::model::Losses;
use crate::sbom::{Origin, Written, schema};

/// The newest version, in which trees are made.
pub(super) const NEWEST: &str = "1.7";

/// Returns a tree in another version.
pub(super) fn to_version<'n>(mut root: Node<'n>, version: &'static str) -> Written<'n> {
    let mut losses = Losses::default();
    revise(&mut root, version, Origin::Document, &mut losses);
    Written { root, losses: losses.into_list() }
}

/// Brings a tree to another version.
pub(super) fn revise(root: &mut Node<'_>, version: &'static str, origin: Origin, losses: &mut Losses) {
    root.set("specVersion", version.into());
    match schema_address(version) {
        Some(address) if root.get("$schema").is_some() => root.set("$schema", address.into()),
        Some(_) => {}
        None => drop(root.take("$schema")),
    }
    // Versions are compared as texts: all are `1.` and a digit.
    if version < "1.5" && root.get("version").is_none() {
        root.set("version", 1.into());
    }
    if let Some(metadata) = root.member_mut("metadata") {
        if version < "1.5" {
            tools_as_list(metadata);
        }
        if version < "1.6" {
            rename(metadata, "manufacturer", "manufacture");
        }
        if let Some(subject) = metadata.member_mut("component") {
            component(subject, version, losses);
        }
    }
    for one in root.items_mut("components").into_iter().flatten() {
        component(one, version, losses);
    }
    if (origin == Origin::Document || version < "1.6")
        && let Some(schema) = schema::cyclonedx(version)
    {
        schema.fit(root, losses);
    }
}

/// Returns the address of a version's schema, where documents of the version may name it.
fn schema_address(version: &str) -> Option<&'static str> {
    Some(match version {
        "1.2" | "1.3" => return None,
        "1.4" => "http://cyclonedx.org/schema/bom-1.4.schema.json",
        "1.5" => "http://cyclonedx.org/schema/bom-1.5.schema.json",
        "1.6" => "http://cyclonedx.org/schema/bom-1.6.schema.json",
        _ => "http://cyclonedx.org/schema/bom-1.7.schema.json",
    })
}

/// Says of a component, and of those inside it, what an older version says in other words.
pub(super) fn component(component: &mut Node<'_>, version: &str, losses: &mut Losses) {
    if version < "1.7" {
        licenses(component, version, losses);
    }
    if version < "1.6" {
        if component.get("author").is_none() {
            authors_as_text(component, losses);
        }
        if let Some(evidence) = component.member_mut("evidence") {
            first_identity(evidence, losses);
        }
    }
    // Until 1.3 a version was required.
    if version < "1.4" && component.get("version").is_none() {
        component.set("version", "".into());
    }
    for inner in component.items_mut("components").into_iter().flatten() {
        self::component(inner, version, losses);
    }
}

/// Until 1.6 a list of licences is either of identifiers and names or a single expression, and until 1.5 nobody says whether
/// one was declared or concluded.
fn licenses(component: &mut Node<'_>, version: &str, losses: &mut Losses) {
    let Some(list) = component.items_mut("licenses") else { return };
    let is_concluded = |choice: &Node<'_>| {
        let word = choice.get("acknowledgement").or_else(|| choice.get("license")?.get("acknowledgement"));
        word.is_some_and(|word| matches!(&word.value, Value::String(word) if word == "concluded"))
    };
    let is_expression = |choice: &Node<'_>| choice.get("expression").is_some();
    let is_mixed = list.len() > 1 && list.iter().any(is_expression);
    let is_said_twice = list.iter().any(is_concluded) && !list.iter().all(is_concluded);
    if (version < "1.6" || is_mixed) && is_said_twice {
        let before = list.len();
        list.retain(|choice| !is_concluded(choice));
        losses.note_many("components[].licenses[] concluded", before - list.len());
    }
    if version < "1.6" {
        for choice in list.iter_mut() {
            drop(choice.take("acknowledgement"));
            if let Some(license) = choice.member_mut("license") {
                drop(license.take("acknowledgement"));
            }
        }
    }
    if list.len() > 1 && list.iter().any(is_expression) {
        let as_operand = |choice: &Node<'_>| match (choice.get("expression"), choice.get("license")) {
            (Some(Node { value: Value::String(text), .. }), _) if text.contains(' ') => Some(format!("({text})")),
            (Some(Node { value: Value::String(text), .. }), _) => Some(text.to_string()),
            (_, Some(license)) => match license.get("id").map(|id| &id.value) {
                Some(Value::String(id)) => Some(id.to_string()),
                _ => None,
            },
            _ => None,
        };
        let operands: Vec<String> = list.iter().filter_map(as_operand).collect();
        losses.note_many("components[].licenses[] beside an expression", list.len() - operands.len());
        let word = list.first().and_then(|choice| choice.get("acknowledgement").cloned());
        let joined = Object::new().with("expression", operands.join(" AND ")).with_some("acknowledgement", word);
        list.clear();
        list.push(joined.into());
    }
}

/// Until 1.5 the author is one text.
fn authors_as_text(component: &mut Node<'_>, losses: &mut Losses) {
    let Some(authors) = component.take("authors") else { return };
    let Value::Sequence(people) = &authors.value else { return };
    let name = |person: &Node<'_>| match person.get("name").map(|name| &name.value) {
        Some(Value::String(name)) => Some(name.to_string()),
        _ => None,
    };
    let names: Vec<String> = people.iter().filter_map(name).collect();
    losses.note_many("components[].authors[].email", people.iter().filter(|one| one.get("email").is_some()).count());
    if !names.is_empty() {
        component.set("author", names.join(", ").into());
    }
}

/// Until 1.5 there is one identity.
fn first_identity(evidence: &mut Node<'_>, losses: &mut Losses) {
    let Some(identity) = evidence.member_mut("identity") else { return };
    let Value::Sequence(all) = &mut identity.value else { return };
    losses.note_many("components[].evidence.identity[]", all.len().saturating_sub(1));
    if !all.is_empty() {
        *identity = all.swap_remove(0);
    }
}

/// Until 1.4 tools are a list of their own kind.
fn tools_as_list(metadata: &mut Node<'_>) {
    let Some(tools) = metadata.member_mut("tools") else { return };
    let Value::Mapping(kinds) = &mut tools.value else { return };
    let listed = kinds.iter_mut().filter_map(|kind| match &mut kind.value.value {
        Value::Sequence(items) => Some(std::mem::take(items)),
        _ => None,
    });
    let listed: Vec<Node<'_>> = listed
        .flatten()
        .map(|mut tool| {
            let vendor = ["manufacturer", "supplier", "provider"]
                .iter()
                .find_map(|key| tool.take(key))
                .and_then(|mut maker| maker.take("name"));
            Object::new()
                .with_some("vendor", vendor.or_else(|| tool.take("publisher")))
                .with_some("name", tool.take("name"))
                .with_some("version", tool.take("version"))
                .with_some("hashes", tool.take("hashes"))
                .into()
        })
        .collect();
    tools.value = Value::Sequence(listed);
}

fn rename(node: &mut Node<'_>, key: &str, to: &'static str) {
    if let Some(value) = node.take(key) {
        node.set(to, value);
    }
}
