//! The model written as an SPDX 3 graph.
//!
//! What SPDX 3 has no member for is said by properties, for which it has a place that came from CycloneDX.

mod component;
mod fit;
mod iris;
mod license;
mod party;
mod relations;

use std::collections::{BTreeMap, HashMap, HashSet};

use self::iris::Iris;
use super::CONTEXT;
use super::read::name_and_version;
use super::vocabulary::{
    EDITION, LIFECYCLE, NO_AUTHOR_REMARK, NO_TIME, NO_TIME_REMARK, SBOM_TYPES, SUPPLIER, TOOL_NAME, TOOL_VENDOR,
    sbom_type,
};
use crate::document::{Node, Object};
use crate::sbom::model::{Bom, License, Losses, Party, Tool, Words};
use crate::sbom::{Origin, Written};

/// The one object that says who made every element of the document, and when.
const CREATION: &str = "_:creationInfo";

/// A document that is being written.
struct Writer<'n> {
    bom: &'n Bom<'n>,
    iris: Iris,
    /// The identifiers of the components, in their order.
    components: Vec<String>,
    /// The identifier of the document.
    document: String,
    agents: Vec<Node<'n>>,
    agent_ids: BTreeMap<&'n Party<'n>, String>,
    licenses: Vec<Node<'n>>,
    license_ids: BTreeMap<&'n License<'n>, String>,
    /// The elements of the licences that the document explains itself, by their identifiers there.
    license_texts: HashMap<&'n str, String>,
    files: Vec<Node<'n>>,
    /// Which components are distributed as files that are components themselves, and their names.
    distributions: HashSet<(usize, &'n str)>,
    relationships: Vec<Node<'n>>,
    losses: Losses,
}

/// Returns the tree of a version that says what the model does.
pub(super) fn document<'n>(bom: &'n Bom<'_>, _version: &'static str, origin: Origin) -> Written<'n> {
    let mut iris = Iris::of(bom);
    let document = iris.document();
    let components = bom.components.iter().map(|component| iris.of_element(&component.id, "component")).collect();
    let mut writer = Writer {
        bom,
        iris,
        components,
        document,
        agents: Vec::new(),
        agent_ids: BTreeMap::new(),
        licenses: Vec::new(),
        license_ids: BTreeMap::new(),
        license_texts: HashMap::new(),
        files: Vec::new(),
        distributions: HashSet::new(),
        relationships: Vec::new(),
        losses: Losses::default(),
    };
    let mut graph = writer.graph();
    if origin == Origin::Document {
        graph.iter_mut().for_each(|object| fit::fit(object, &mut writer.losses));
    }
    let root = Object::new().with("@context", CONTEXT).with("@graph", graph).into();
    Written { root, losses: writer.losses.into_list() }
}

impl<'n> Writer<'n> {
    fn graph(&mut self) -> Vec<Node<'n>> {
        let bom = self.bom;
        self.beyond();
        let creation = self.creation();
        self.explain_licenses();
        self.note_distributions();
        let packages: Vec<Node<'n>> = (0..bom.components.len()).filter_map(|at| self.component(at)).collect();
        self.relations();
        let sbom = self.iris.of_element("", "sbom");
        let document = self.spdx_document(&sbom);
        let sbom = self.sbom(sbom);
        let mut graph = vec![creation];
        graph.append(&mut self.agents);
        graph.push(document);
        graph.push(sbom);
        graph.extend(packages);
        graph.append(&mut self.files);
        graph.append(&mut self.licenses);
        graph.append(&mut self.relationships);
        graph
    }

    /// Counts what of a document SPDX 3 has no place for.
    fn beyond(&mut self) {
        self.losses.note_if("signature", self.bom.is_signed);
        self.losses.note_many("vulnerabilities", self.bom.vulnerabilities);
    }

    /// Returns who made the document, with what and when, and adds those.
    fn creation(&mut self) -> Node<'n> {
        let bom = self.bom;
        let mut authors: Vec<Node<'n>> = bom.authors.iter().map(|author| self.party(author).into()).collect();
        if authors.is_empty() {
            let id = self.iris.of_element("", "author");
            let nobody = element("Agent", id.clone()).with("comment", NO_AUTHOR_REMARK).with("name", "unknown");
            self.agents.push(nobody.into());
            authors.push(id.into());
        }
        let tools: Vec<Node<'n>> = bom.tools.iter().map(|tool| self.tool(tool).into()).collect();
        let created = bom.created.as_deref().map(|created| time(created).map_or(Timed::Unfit, Timed::At));
        self.losses.note_if("document.created", matches!(created, Some(Timed::Unfit)));
        let (created, remark) = match created {
            Some(Timed::At(created)) => (created, None),
            _ => (NO_TIME.into(), Some(NO_TIME_REMARK)),
        };
        Object::new()
            .with("type", "CreationInfo")
            .with("@id", CREATION)
            .with_some("comment", remark)
            .with("specVersion", "3.0.1")
            .with("created", created)
            .with("createdBy", authors)
            .with_list("createdUsing", tools)
            .into()
    }

    fn tool(&mut self, tool: &'n Tool<'n>) -> String {
        let id = self.iris.of_element("", "tool");
        let written: Node<'n> = match &tool.version {
            Some(version) => format!("{}-{version}", tool.name).into(),
            None => (&tool.name).into(),
        };
        let read_back = written.string("").ok().and_then(name_and_version);
        let is_read_back = read_back == tool.version.as_deref().map(|version| (&*tool.name, version));
        let name = (!is_read_back).then(|| property(TOOL_NAME, &*tool.name));
        let vendor = tool.vendor.as_ref().map(|vendor| property(TOOL_VENDOR, &**vendor));
        let node = element("Tool", id.clone())
            .with("name", written)
            .with_list("extension", extension(name.into_iter().chain(vendor).collect()));
        self.agents.push(node.into());
        id
    }

    fn spdx_document(&mut self, sbom: &str) -> Node<'n> {
        let bom = self.bom;
        let mut properties = Vec::new();
        properties.extend(bom.edition.map(|edition| property(EDITION, edition.to_string())));
        // In words of SPDX alone the types of the SBOM say it.
        if !bom.lifecycles.iter().all(|phase| SBOM_TYPES.contains(&&**phase)) {
            properties.extend(bom.lifecycles.iter().map(|phase| property(LIFECYCLE, &**phase)));
        }
        if let Some(supplier) = &bom.supplier {
            properties.push(property(SUPPLIER, self.party(supplier)));
        }
        properties.extend(bom.properties.iter().map(|(name, value)| entry(name, &**value)));
        let data_license = bom.data_license.as_ref().map(|license| self.data_license(license));
        let references = self.references(&bom.references, "document.references.hashes");
        element("SpdxDocument", self.document.clone())
            .with_some("name", bom.name.as_ref())
            .with_some("comment", bom.comment.as_ref())
            .with_list("externalRef", references)
            .with_list("extension", extension(properties))
            .with("profileConformance", self.profiles())
            .with_list("import", self.imports())
            .with_some("dataLicense", data_license)
            .with("rootElement", vec![sbom.to_owned().into()])
            .into()
    }

    fn sbom(&mut self, id: String) -> Node<'n> {
        let mut types: Vec<&'static str> = Vec::new();
        for word in self.bom.lifecycles.iter().filter_map(|phase| sbom_type(phase)) {
            if !types.contains(&word) {
                types.push(word);
            }
        }
        let roots = self.bom.roots.iter().filter_map(|root| self.components.get(*root));
        let roots: Vec<Node<'n>> = roots.map(|id| id.clone().into()).collect();
        // A collection that lists what it holds must say what it is about.
        let is_about = !roots.is_empty();
        let listed = self.components.iter().filter(|_| is_about).map(|id| id.clone().into()).collect();
        element("software_Sbom", id)
            .with("profileConformance", self.profiles())
            .with_list("rootElement", roots)
            .with_list("element", listed)
            .with_list("software_sbomType", types.into_iter().map(Node::from).collect())
            .into()
    }

    fn profiles(&self) -> Vec<Node<'n>> {
        ["core", "software", "simpleLicensing", "expandedLicensing"].into_iter().map(Node::from).collect()
    }
}

/// A time as it can be written.
enum Timed<'n> {
    At(Words<'n>),
    Unfit,
}

/// Returns a time in the form that SPDX demands, UTC and whole seconds (`DateTime`).
fn time(written: &str) -> Option<Words<'_>> {
    let bytes = written.as_bytes();
    let is_fit = bytes.len() == 20
        && bytes.iter().enumerate().all(|(at, byte)| match at {
            4 | 7 => *byte == b'-',
            10 => *byte == b'T',
            13 | 16 => *byte == b':',
            19 => *byte == b'Z',
            _ => byte.is_ascii_digit(),
        });
    let time: jiff::Timestamp = written.parse().ok()?;
    if is_fit {
        return Some(written.into());
    }
    let seconds = jiff::Timestamp::from_second(time.as_second()).ok()?;
    Some(seconds.to_string().into())
}

/// Returns the beginning of an element.
fn element<'n>(class: &'static str, id: String) -> Object<'n> {
    Object::new().with("type", class).with("spdxId", id).with("creationInfo", CREATION)
}

/// Returns a property that stands for a member of the model.
fn property<'n>(name: &'static str, value: impl Into<Node<'n>>) -> Node<'n> {
    entry(name, value)
}

fn entry<'n>(name: &'n str, value: impl Into<Node<'n>>) -> Node<'n> {
    Object::new()
        .with("type", "extension_CdxPropertyEntry")
        .with("extension_cdxPropName", name)
        .with("extension_cdxPropValue", value)
        .into()
}

/// Returns the extension that holds properties, where there are any.
fn extension(properties: Vec<Node<'_>>) -> Vec<Node<'_>> {
    if properties.is_empty() {
        return Vec::new();
    }
    let one = Object::new().with("type", "extension_CdxPropertiesExtension").with("extension_cdxProperty", properties);
    vec![one.into()]
}
