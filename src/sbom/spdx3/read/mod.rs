//! An SPDX 3 graph read into the model.
//!
//! What the model does not hold is not asked for, so that it counts as unread: elements of other classes, and members that
//! no place in the model says.

mod component;
mod license;
mod party;
mod relations;

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use super::graph::{Element, Graph, reference_id};
use super::vocabulary::{
    COMPONENT_CLASSES, EDITION, LIFECYCLE, NO_AUTHOR_REMARK, NO_TIME, NO_TIME_REMARK, SUPPLIER, TOOL_NAME, TOOL_VENDOR,
};
use crate::document::{Node, Value};
use crate::sbom::model::{Bom, Fields, Tool, Unread, Words};

/// What is being read, and what has been read of it.
struct Reader<'n> {
    graph: Graph<'n>,
    unread: &'n Unread,
    /// The places of components by their identifiers.
    places: HashMap<Cow<'n, str>, usize>,
    /// The identifiers that expressions give to licences of their own.
    license_ids: HashMap<Cow<'n, str>, Words<'n>>,
}

/// Returns what a tree says.
pub(super) fn model<'n>(root: &'n Node<'_>, _version: &str, unread: &'n Unread) -> Bom<'n> {
    let top = Fields::of(root, unread);
    top.pass_over(&["@context"]);
    top.enter(&["@graph"]);
    let graph = Graph::of(root);
    let mut reader = Reader { graph, unread, places: HashMap::new(), license_ids: HashMap::new() };
    let mut bom = Bom::default();
    let components: Vec<Element<'n>> = reader.component_elements();
    for (at, element) in components.iter().enumerate() {
        reader.places.entry(element.id.clone()).or_insert(at);
    }
    reader.license_ids = reader.own_license_ids();
    bom.components = components.iter().map(|element| reader.component(element)).collect();
    bom.vulnerabilities = reader.graph.of_class("security_Vulnerability").count();
    bom.license_texts = reader.license_texts();
    bom.license_list_version = reader.license_list_version();
    reader.document(&mut bom);
    reader.relations(&mut bom);
    let mut seen = HashSet::new();
    bom.roots.retain(|root| seen.insert(*root));
    bom
}

impl<'n> Reader<'n> {
    /// Returns the elements that are components: packages and files, but for a file of which there is no more to tell than
    /// that a package is distributed as it.
    fn component_elements(&self) -> Vec<Element<'n>> {
        let names = self.distribution_files();
        let is_component = |element: &&Element<'n>| {
            COMPONENT_CLASSES.contains(&&*element.class)
                && !(element.class == "software_File" && names.contains(&*element.id))
        };
        self.graph.elements.iter().filter(is_component).cloned().collect()
    }

    /// Returns the members of an element; those that make it an element count as read.
    fn fields(&self, element: &Element<'n>) -> Fields<'n, 'n> {
        let fields = Fields::of(element.node, self.unread);
        fields.pass_over(&["type", "@type", "spdxId", "@id"]);
        // Who made which element when is not carried over but for the document.
        fields.enter(&["creationInfo"]);
        fields
    }

    /// Returns the values under a key, a single one too.
    fn values(&self, fields: &Fields<'n, 'n>, key: &str) -> &'n [Node<'n>] {
        many(fields.get(key))
    }

    fn document(&self, bom: &mut Bom<'n>) {
        let document = self.graph.of_class("SpdxDocument").next();
        if let Some(document) = document {
            let fields = self.fields(document);
            fields.pass_over(&["profileConformance", "namespaceMap", "element"]);
            self.imports(&fields);
            bom.id = Some(document.id.clone()).filter(|id| !id.is_empty());
            bom.name = fields.text("name");
            bom.comment = fields.text("comment");
            bom.references = self.references(&fields);
            bom.data_license = fields.get("dataLicense").and_then(|license| self.license_label(license));
            self.own_properties(self.properties(&fields), bom);
            self.roots(&fields, bom);
            self.creation(document, bom);
        }
        let mut types = Vec::new();
        for sbom in self.graph.elements.iter().filter(|one| matches!(&*one.class, "software_Sbom" | "Bom")) {
            let fields = self.fields(sbom);
            fields.pass_over(&["profileConformance", "element"]);
            types.extend(many(fields.get("software_sbomType")).iter().filter_map(crate::sbom::model::words));
            self.roots(&fields, bom);
            if bom.name.is_none() {
                bom.name = fields.text("name");
            }
            if document.is_none() {
                self.creation(sbom, bom);
            }
        }
        if bom.lifecycles.is_empty() {
            bom.lifecycles = types;
        }
    }

    /// An import that says no more than that an element stands elsewhere says nothing beside the relation that leads there.
    fn imports(&self, fields: &Fields<'n, 'n>) {
        let imports = many(fields.node().get("import"));
        if imports.iter().all(|import| component::has_only(import, &["type", "@type", "externalSpdxId"])) {
            fields.pass_over(&["import"]);
        }
    }

    /// Notes the components that a collection is about.
    fn roots(&self, fields: &Fields<'n, 'n>, bom: &mut Bom<'n>) {
        for root in self.values(fields, "rootElement") {
            if let Some(place) = reference_id(root).and_then(|id| self.places.get(&id).copied()) {
                bom.roots.push(place);
            }
        }
    }

    /// Reads who made the document, with what, and when.
    fn creation(&self, of: &Element<'n>, bom: &mut Bom<'n>) {
        let Some(information) = of.node.get("creationInfo").and_then(|one| self.graph.resolve(one)) else { return };
        let fields = Fields::of(information.node, self.unread);
        fields.pass_over(&["type", "@type", "@id", "specVersion"]);
        let remark = information.node.get("comment").and_then(|comment| comment.string("").ok());
        let is_timeless = remark == Some(NO_TIME_REMARK);
        let created = fields.text("created");
        bom.created = created.filter(|created| !(is_timeless && created == NO_TIME));
        if is_timeless {
            fields.pass_over(&["comment"]);
        } else if bom.comment.is_none() {
            bom.comment = fields.text("comment");
        }
        let authors = self.values(&fields, "createdBy").iter().filter(|author| !self.is_stand_in(author));
        bom.authors = authors.filter_map(|author| self.party(author)).collect();
        bom.tools = self.values(&fields, "createdUsing").iter().filter_map(|tool| self.tool(tool)).collect();
    }

    /// Whether an agent stands in for an author whom nobody names.
    fn is_stand_in(&self, author: &'n Node<'n>) -> bool {
        let Some(agent) = self.graph.resolve(author) else { return false };
        let is_one = agent.node.get("comment").is_some_and(|comment| comment.string("") == Ok(NO_AUTHOR_REMARK));
        if is_one {
            self.unread.note_all(agent.node);
        }
        is_one
    }

    fn tool(&self, tool: &'n Node<'n>) -> Option<Tool<'n>> {
        let tool = self.graph.resolve(tool)?;
        let fields = self.fields(&tool);
        let name = fields.text("name").unwrap_or_default();
        let properties = self.properties(&fields);
        let said = |key: &str| properties.iter().find(|(name, _)| name == key).map(|(_, value)| value.clone());
        let (name, version) = match said(TOOL_NAME) {
            Some(known) => {
                let version = name.strip_prefix(&*known).and_then(|rest| rest.strip_prefix('-'));
                let version = version.map(|version| Cow::Owned(version.to_owned()));
                (known, version)
            }
            None => match name_and_version(&name) {
                Some((name, version)) => (Cow::Owned(name.to_owned()), Some(Cow::Owned(version.to_owned()))),
                None => (name, None),
            },
        };
        Some(Tool { vendor: said(TOOL_VENDOR), name, version })
    }

    /// Takes what stands for members of the model out of the properties of the document.
    fn own_properties(&self, properties: Vec<(Words<'n>, Words<'n>)>, bom: &mut Bom<'n>) {
        for (name, value) in properties {
            match &*name {
                EDITION if value.parse::<u64>().is_ok() => bom.edition = value.parse().ok(),
                LIFECYCLE => bom.lifecycles.push(value),
                SUPPLIER => bom.supplier = self.graph.find(&value).map(|agent| self.agent(agent)),
                _ => bom.properties.push((name, value)),
            }
        }
    }

    /// Returns the properties of an element: those of CycloneDX, which have a place of their own in SPDX 3.
    fn properties(&self, fields: &Fields<'n, 'n>) -> Vec<(Words<'n>, Words<'n>)> {
        let mut out = Vec::new();
        let is_of_properties = |node: &Node<'n>| {
            super::graph::element(node).is_some_and(|one| one.class == "extension_CdxPropertiesExtension")
        };
        // Another extension keeps its members unread.
        let Some(extensions) = fields.node().get("extension") else { return out };
        if !many(Some(extensions)).iter().any(is_of_properties) {
            return out;
        }
        for extension in self.values(fields, "extension").iter().filter(|one| is_of_properties(one)) {
            let extension = Fields::of(extension, self.unread);
            extension.pass_over(&["type", "@type"]);
            for entry in self.values(&extension, "extension_cdxProperty") {
                let entry = Fields::of(entry, self.unread);
                entry.pass_over(&["type", "@type"]);
                if let Some(name) = entry.text("extension_cdxPropName") {
                    out.push((name, entry.text("extension_cdxPropValue").unwrap_or_default()));
                }
            }
        }
        out
    }
}

/// Returns the items of a list, or the one value that stands in its place.
fn many<'n>(value: Option<&'n Node<'n>>) -> &'n [Node<'n>] {
    match value {
        Some(Node { value: Value::Sequence(items), .. }) => items,
        Some(one) => std::slice::from_ref(one),
        None => &[],
    }
}

/// Returns the name and version of `name-version`, where what stands behind the last hyphen begins with a digit.
pub(super) fn name_and_version(text: &str) -> Option<(&str, &str)> {
    text.rsplit_once('-')
        .filter(|(name, version)| !name.is_empty() && version.starts_with(|c: char| c.is_ascii_digit()))
}
