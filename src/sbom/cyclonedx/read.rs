//! A CycloneDX tree read into the model.

use std::borrow::Cow;
use std::collections::HashMap;

use super::component::{FILE_NAME, HELD_BY, IDENTIFIER, UNKNOWN, WITHHELD};
use crate::document::{Node, Value};
use crate::sbom::model::{
    Aggregate, Bom, Completeness, Component, ComponentScope, End, Facet, Fields, FoundAt, Hash, HashAlgorithm, License,
    Party, PartyKind, Reference, Relation, RelationKind, RelationScope, Stated, Tool, Unread, Words, words,
};

/// Returns what a tree says.
pub(super) fn model<'n>(root: &'n Node<'_>, _version: &str, unread: &'n Unread) -> Bom<'n> {
    let top = Fields::of(root, unread);
    top.pass_over(&["$schema", "bomFormat", "specVersion"]);
    let mut bom = Bom {
        id: top.text("serialNumber"),
        edition: top.text("version").and_then(|number| number.parse().ok()),
        is_signed: top.whole("signature").is_some(),
        vulnerabilities: top.get("vulnerabilities").map(items).unwrap_or_default().len(),
        references: top.objects("externalReferences").map(reference).collect(),
        properties: properties(&top),
        ..Bom::default()
    };
    let mut nested = Vec::new();
    if let Some(metadata) = top.object("metadata") {
        self::metadata(&metadata, &mut bom);
        if let Some(subject) = metadata.object("component") {
            bom.roots.push(0);
            add(&subject, &mut bom, &mut nested);
        }
    }
    for one in top.objects("components") {
        add(&one, &mut bom, &mut nested);
    }
    let places: HashMap<&str, usize> = bom
        .components
        .iter()
        .enumerate()
        .rev()
        .filter(|(_, one)| !one.id.is_empty())
        .map(|(at, one)| (&*one.id, at))
        .collect();
    let end = |reference: Words<'n>| match places.get(&*reference) {
        Some(at) => End::Component(*at),
        None => End::Elsewhere(reference),
    };
    let mut relations: Vec<Relation<'n>> = nested
        .into_iter()
        .map(|(from, to)| relation(End::Component(from), RelationKind::Contains, End::Component(to)))
        .collect();
    for (held, component) in bom.components.iter().enumerate() {
        let holders = component.properties.iter().filter(|(name, _)| name == HELD_BY);
        let from = holders.map(|(_, holder)| end(holder.clone()));
        relations.extend(from.map(|from| relation(from, RelationKind::Contains, End::Component(held))));
    }
    let mut leaves = Vec::new();
    for dependency in top.objects("dependencies") {
        let Some(from) = dependency.text("ref").map(&end) else { continue };
        let needs = dependency.texts("dependsOn");
        if needs.is_empty() {
            leaves.push(relation(from.clone(), RelationKind::DependsOn, End::None));
        }
        relations.extend(needs.into_iter().map(|to| relation(from.clone(), RelationKind::DependsOn, end(to))));
        let provides = dependency.texts("provides");
        relations.extend(provides.into_iter().map(|to| relation(from.clone(), RelationKind::Provides, end(to))));
    }
    relations.append(&mut leaves);
    let mut completeness = Vec::new();
    for composition in top.objects("compositions") {
        let aggregate = match composition.text("aggregate").as_deref() {
            Some("complete") => Aggregate::Complete,
            Some(word) if word.starts_with("incomplete") => Aggregate::Incomplete,
            Some("unknown") => Aggregate::Unknown,
            _ => Aggregate::Unstated,
        };
        let mut note = |key, what| {
            completeness.extend(composition.texts(key).iter().filter_map(|reference| {
                let of = places.get(&**reference).copied();
                // One that leads elsewhere says nothing of this document.
                (of.is_some() || bom.id.as_deref() == Some(reference)).then_some(Completeness { of, what, aggregate })
            }));
        };
        note("assemblies", Facet::Contents);
        note("dependencies", Facet::Dependencies);
    }
    for component in &mut bom.components {
        // Said by a relation now. In another document the reference would lead nowhere.
        component.properties.retain(|(name, _)| name != HELD_BY);
    }
    bom.relations = relations;
    bom.completeness = completeness;
    bom
}

fn relation<'n>(from: End<'n>, kind: RelationKind<'n>, to: End<'n>) -> Relation<'n> {
    Relation { from, kind, to, scope: RelationScope::Unstated, comment: None }
}

fn items<'n, 'a>(node: &'n Node<'a>) -> &'n [Node<'a>] {
    match &node.value {
        Value::Sequence(items) => items,
        _ => &[],
    }
}

fn metadata<'n>(metadata: &Fields<'n, '_>, bom: &mut Bom<'n>) {
    bom.created = metadata.text("timestamp");
    bom.lifecycles =
        metadata.objects("lifecycles").filter_map(|one| one.text("phase").or_else(|| one.text("name"))).collect();
    bom.authors = metadata.objects("authors").map(|one| person(&one)).collect();
    let makers = ["manufacturer", "manufacture"].into_iter().filter_map(|key| metadata.object(key));
    bom.authors.extend(makers.map(|one| organization(&one)));
    bom.supplier = metadata.object("supplier").map(|one| organization(&one));
    bom.properties.extend(properties(metadata));
    bom.data_license = licenses(metadata).first().map(|(license, _)| Cow::Owned(license.label().to_owned()));
    let tools = match metadata.object("tools") {
        Some(tools) => {
            let listed = tools.objects("components").chain(tools.objects("services"));
            listed.map(|one| tool(&one)).collect()
        }
        None => metadata.objects("tools").map(|one| tool(&one)).collect(),
    };
    bom.tools = tools;
}

fn tool<'n>(tool: &Fields<'n, '_>) -> Tool<'n> {
    tool.pass_over(&["type"]);
    Tool {
        vendor: tool.text("vendor").or_else(|| tool.text("publisher")).or_else(|| {
            let maker =
                tool.object("manufacturer").or_else(|| tool.object("supplier")).or_else(|| tool.object("provider"));
            maker.and_then(|maker| maker.text("name"))
        }),
        name: tool.text("name").unwrap_or_default(),
        version: tool.text("version"),
    }
}

fn person<'n>(contact: &Fields<'n, '_>) -> Party<'n> {
    Party {
        kind: PartyKind::Person,
        name: contact.text("name"),
        emails: contact.text("email").into_iter().collect(),
        urls: Vec::new(),
    }
}

fn organization<'n>(entity: &Fields<'n, '_>) -> Party<'n> {
    Party {
        kind: PartyKind::Organization,
        name: entity.text("name"),
        emails: entity.objects("contact").filter_map(|contact| contact.text("email")).collect(),
        urls: entity.texts("url"),
    }
}

/// Adds a component and those inside it, and returns its place. `nested` gets who contains whom.
///
/// The depth is bounded by that of the document.
fn add<'n>(fields: &Fields<'n, '_>, bom: &mut Bom<'n>, nested: &mut Vec<(usize, usize)>) -> usize {
    let at = bom.components.len();
    bom.components.push(component(fields));
    for inner in fields.objects("components") {
        let inside = add(&inner, bom, nested);
        nested.push((at, inside));
    }
    at
}

fn component<'n>(fields: &Fields<'n, '_>) -> Component<'n> {
    let properties = properties(fields);
    let silent = |what: &str| -> Option<Stated<()>> {
        // The taxonomy has the field's whole name (`Component Version`), documents often its last word.
        let is_named = |value: &str| {
            let value = value.replace([' ', '_'], "-").to_ascii_lowercase();
            value.strip_prefix("component-").unwrap_or(&value) == what
        };
        let says = |name: &str| properties.iter().any(|(key, value)| key == name && is_named(value));
        if says(WITHHELD) { Some(Stated::Withheld) } else { says(UNKNOWN).then_some(Stated::Unknown) }
    };
    let mut declared = Vec::new();
    let mut concluded = Vec::new();
    for (license, is_concluded) in licenses(fields) {
        if is_concluded { concluded.push(license) } else { declared.push(license) }
    }
    let identified = |kind: &'static str| {
        let others = properties.iter().filter(move |(key, value)| key == IDENTIFIER && value.starts_with(kind));
        others.map(|(_, value)| value.clone()).collect::<Vec<_>>()
    };
    let file_name = properties.iter().find(|(key, _)| key == FILE_NAME).map(|(_, value)| value.clone());
    let kind = fields.text("type");
    Component {
        id: fields.text("bom-ref").unwrap_or_default(),
        is_kind_stated: kind.is_some(),
        kind: kind.unwrap_or(Cow::Borrowed("library")),
        group: fields.text("group"),
        name: fields.text("name").unwrap_or_default(),
        version: stated(fields.text("version"), silent("version")),
        purls: fields.text("purl").into_iter().chain(identified("pkg:")).collect(),
        cpes: fields.text("cpe").into_iter().chain(identified("cpe:")).collect(),
        identifiers: identifiers(fields),
        supplier: stated(fields.object("supplier").map(|one| organization(&one)), silent("supplier")),
        producer: stated(fields.object("manufacturer").map(|one| organization(&one)), silent("producer")),
        authors: fields
            .objects("authors")
            .map(|one| person(&one))
            .chain(fields.text("author").map(|name| Party {
                kind: PartyKind::Person,
                name: Some(name),
                ..Party::default()
            }))
            .collect(),
        publisher: fields.text("publisher"),
        hashes: hashes(fields),
        declared: stated(Some(declared).filter(|all| !all.is_empty()), silent("license")),
        concluded: stated(Some(concluded).filter(|all| !all.is_empty()), None),
        copyright: fields.text("copyright").into(),
        description: fields.text("description"),
        comment: None,
        scope: fields.text("scope").as_deref().and_then(ComponentScope::named),
        download: Stated::Absent,
        file_name,
        is_external: fields.is_true("isExternal"),
        references: fields.objects("externalReferences").map(reference).collect(),
        places: places(fields),
        properties,
        span: fields.node().span,
    }
}

fn stated<T>(value: Option<T>, silent: Option<Stated<()>>) -> Stated<T> {
    match (value, silent) {
        (Some(value), _) => Stated::Value(value),
        (None, Some(Stated::Withheld)) => Stated::Withheld,
        (None, Some(_)) => Stated::Unknown,
        (None, None) => Stated::Absent,
    }
}

fn identifiers<'n>(fields: &Fields<'n, '_>) -> Vec<(Words<'n>, Words<'n>)> {
    let mut out = Vec::new();
    if let Some(tag) = fields.object("swid").and_then(|swid| swid.text("tagId")) {
        out.push((Cow::Borrowed("swid"), tag));
    }
    for (key, kind) in [("swhid", "swhid"), ("omniborId", "gitoid")] {
        out.extend(fields.texts(key).into_iter().map(|value| (Cow::Borrowed(kind), value)));
    }
    out
}

fn hashes<'n>(fields: &Fields<'n, '_>) -> Vec<Hash<'n>> {
    fields
        .objects("hashes")
        .filter_map(|hash| {
            Some(Hash { algorithm: HashAlgorithm::named(hash.text("alg")?), value: hash.text("content")? })
        })
        .collect()
}

/// Returns the licences, each with whether it was concluded.
fn licenses<'n>(fields: &Fields<'n, '_>) -> Vec<(License<'n>, bool)> {
    // Until 1.2 of the XML form, and in nothing written since, a licence may be one object in place of a list.
    fields.objects("licenses").filter_map(|choice| license(&choice)).collect()
}

fn license<'n>(choice: &Fields<'n, '_>) -> Option<(License<'n>, bool)> {
    let is_concluded = |fields: &Fields<'n, '_>| fields.text("acknowledgement").as_deref() == Some("concluded");
    if let Some(expression) = choice.text("expression") {
        return Some((License::Expression(expression), is_concluded(choice)));
    }
    let license = choice.object("license")?;
    let concluded = is_concluded(&license);
    let named = license.text("name");
    let one = match license.text("id") {
        Some(id) => License::Expression(id),
        None => License::Named {
            name: named?,
            url: license.text("url"),
            // A text in base64 stays where it is.
            text: license
                .object("text")
                .filter(|text| text.get("encoding").is_none())
                .and_then(|text| text.text("content")),
        },
    };
    Some((one, concluded))
}

fn reference<'n>(fields: Fields<'n, '_>) -> Reference<'n> {
    Reference {
        kind: fields.text("type").unwrap_or(Cow::Borrowed("other")),
        other_kind: None,
        url: fields.text("url").unwrap_or_default(),
        comment: fields.text("comment"),
        hashes: hashes(&fields),
    }
}

fn places<'n>(fields: &Fields<'n, '_>) -> Vec<FoundAt<'n>> {
    let Some(evidence) = fields.object("evidence") else { return Vec::new() };
    evidence
        .objects("occurrences")
        .filter_map(|place| {
            let line = place.text("line").and_then(|line| line.parse().ok());
            Some(FoundAt { path: place.text("location")?, line })
        })
        .collect()
}

fn properties<'n>(fields: &Fields<'n, '_>) -> Vec<(Words<'n>, Words<'n>)> {
    fields
        .objects("properties")
        .filter_map(|property| {
            let value = property.get("value").map(|value| words(value).unwrap_or_default()).unwrap_or_default();
            Some((property.text("name")?, value))
        })
        .collect()
}
