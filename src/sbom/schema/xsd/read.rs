//! A schema read into types. What is not known here is refused.

use std::collections::BTreeMap;

use super::XSD_NAMESPACE;
use super::model::Particle;
use super::part::{attribute, facets, known_attributes, occurs, parts, required, unique_attribute, unknown, wildcard};
use super::{Allowed, AttributeUse, Builtin, Complex, Declaration, Model, Schema, Simple, Term, Type};
use crate::document::Fault;
use crate::document::xml::{Element, xml};
use crate::text::Text;

pub(super) fn schema(texts: &[&str]) -> Result<Schema, Fault> {
    let roots: Vec<Element<'_>> = texts.iter().map(|text| xml(text)).collect::<Result<_, _>>()?;
    let documents: Vec<Document<'_, '_>> = roots.iter().map(Document::new).collect::<Result<_, _>>()?;
    let mut reader = Reader::new(documents.first().map_or("", |document| document.target));
    for document in &documents {
        reader.name_types(document)?;
    }
    for document in &documents {
        reader.fill_types(document)?;
    }
    // Only the first document's elements may be roots.
    if let Some(document) = documents.first() {
        for element in parts(document.root).filter(|part| part.local() == "element") {
            let declaration = reader.element(document, element)?;
            reader.schema.elements.insert(declaration.name.clone(), declaration);
        }
    }
    Ok(reader.schema)
}

/// One text of a schema.
struct Document<'e, 't> {
    root: &'e Element<'t>,
    target: &'e str,
    groups: BTreeMap<&'e str, &'e Element<'t>>,
}

impl<'e, 't> Document<'e, 't> {
    fn new(root: &'e Element<'t>) -> Result<Self, Fault> {
        if !root.is(XSD_NAMESPACE, "schema") {
            return Err(unknown(root, "a schema"));
        }
        if attribute(root, "elementFormDefault") != Some("qualified") {
            return Err(unknown(root, "elements that are qualified by default"));
        }
        known_attributes(root, &["elementFormDefault", "targetNamespace", "version"])?;
        let target = required(root, "targetNamespace")?;
        let mut groups = BTreeMap::new();
        for part in parts(root) {
            match part.local() {
                "attributeGroup" => {
                    groups.insert(required(part, "name")?, part);
                }
                "element" | "complexType" | "simpleType" | "import" => {}
                _ => return Err(unknown(part, "an element, a type, a group of attributes or an import")),
            }
        }
        Ok(Self { root, target, groups })
    }

    /// Returns the namespace and local name that a value stands for.
    fn resolved<'v>(&'v self, at: &Element<'_>, value: &'v str) -> Result<(&'v str, &'v str), Fault> {
        let (prefix, local) = value.split_once(':').unwrap_or(("", value));
        let declaration = self.root.declarations().iter().find(|declaration| declaration.prefix == prefix);
        match declaration {
            Some(declaration) => Ok((&declaration.namespace, local)),
            None => Err(unknown(at, "a prefix that the schema declares")),
        }
    }
}

struct Reader {
    schema: Schema,
}

impl Reader {
    fn new(target: &str) -> Self {
        let mut schema = Schema {
            target: target.to_owned(),
            elements: BTreeMap::new(),
            named: BTreeMap::new(),
            simple: Vec::new(),
            complex: Vec::new(),
        };
        for (number, (name, builtin)) in Builtin::ALL.into_iter().enumerate() {
            schema.simple.push(Simple::Builtin(builtin));
            schema.named.insert((XSD_NAMESPACE.to_owned(), name.to_owned()), Type::Simple(number));
        }
        Self { schema }
    }

    /// Gives every named type a number, so that types may name each other in any order.
    fn name_types(&mut self, document: &Document<'_, '_>) -> Result<(), Fault> {
        for part in parts(document.root) {
            let kind = match part.local() {
                "simpleType" => Type::Simple(self.new_simple()),
                "complexType" => Type::Complex(self.new_complex()),
                _ => continue,
            };
            let name = (document.target.to_owned(), required(part, "name")?.to_owned());
            if self.schema.named.insert(name, kind).is_some() {
                return Err(unknown(part, "each type once"));
            }
        }
        Ok(())
    }

    fn fill_types(&mut self, document: &Document<'_, '_>) -> Result<(), Fault> {
        for part in parts(document.root).filter(|part| part.local().ends_with("Type")) {
            match self.named(document, part, required(part, "name")?, true)? {
                Type::Simple(number) => {
                    let simple = self.simple_type(document, part)?;
                    self.set_simple(number, simple);
                }
                Type::Any => {}
                Type::Complex(number) => {
                    let complex = self.complex_type(document, part)?;
                    self.set_complex(number, complex);
                }
            }
        }
        Ok(())
    }

    fn new_simple(&mut self) -> usize {
        self.schema.simple.push(Simple::Union(Vec::new()));
        self.schema.simple.len() - 1
    }

    fn new_complex(&mut self) -> usize {
        self.schema.complex.push(Complex::default());
        self.schema.complex.len() - 1
    }

    fn set_simple(&mut self, number: usize, simple: Simple) {
        if let Some(slot) = self.schema.simple.get_mut(number) {
            *slot = simple;
        }
    }

    fn set_complex(&mut self, number: usize, complex: Complex) {
        if let Some(slot) = self.schema.complex.get_mut(number) {
            *slot = complex;
        }
    }

    fn named(&self, document: &Document<'_, '_>, at: &Element<'_>, name: &str, is_own: bool) -> Result<Type, Fault> {
        let (namespace, local) = if is_own { (document.target, name) } else { document.resolved(at, name)? };
        let found = self.schema.named.get(&(namespace.to_owned(), local.to_owned()));
        found.copied().ok_or_else(|| unknown(at, "a type that is declared"))
    }

    fn named_simple(&self, document: &Document<'_, '_>, at: &Element<'_>, name: &str) -> Result<usize, Fault> {
        match self.named(document, at, name, false)? {
            Type::Simple(number) => Ok(number),
            Type::Complex(_) | Type::Any => Err(unknown(at, "a type of text")),
        }
    }

    fn element(&mut self, document: &Document<'_, '_>, element: &Element<'_>) -> Result<Declaration, Fault> {
        known_attributes(element, &["name", "type", "minOccurs", "maxOccurs", "default"])?;
        let mut kind = match attribute(element, "type") {
            Some(name) => Some(self.named(document, element, name, false)?),
            None => None,
        };
        let mut unique = Vec::new();
        for part in parts(element) {
            match part.local() {
                "unique" => unique.push(unique_attribute(part)?),
                "complexType" if kind.is_none() => {
                    let complex = self.complex_type(document, part)?;
                    let number = self.new_complex();
                    self.set_complex(number, complex);
                    kind = Some(Type::Complex(number));
                }
                "simpleType" if kind.is_none() => kind = Some(Type::Simple(self.inline_simple(document, part)?)),
                _ => return Err(unknown(part, "one type, or what is unique")),
            }
        }
        let name = required(element, "name")?.to_owned();
        Ok(Declaration {
            name,
            kind: kind.unwrap_or(Type::Any),
            default: attribute(element, "default").map(str::to_owned),
            unique,
        })
    }

    fn complex_type(&mut self, document: &Document<'_, '_>, from: &Element<'_>) -> Result<Complex, Fault> {
        known_attributes(from, &["name", "mixed"])?;
        let is_mixed = match attribute(from, "mixed") {
            None => false,
            Some("true") => true,
            Some(_) => return Err(unknown(from, "`true` for mixed")),
        };
        let mut complex = Complex::default();
        for part in parts(from) {
            match part.local() {
                "sequence" | "choice" => {
                    let group = self.particle(document, part)?;
                    let model = Model::new(group).map_err(|name| {
                        let expected = Text::trusted("a model in which a child matches one particle");
                        Fault::new(part.start_tag(), expected, crate::text!("two for `{}`", name))
                    })?;
                    let is_first = matches!(complex.content, Allowed::Nothing);
                    if !is_first || model.positions.is_empty() {
                        return Err(unknown(part, "one group of elements"));
                    }
                    complex.content = Allowed::Elements { model, is_mixed };
                }
                "simpleContent" if !is_mixed => complex = self.simple_content(document, part)?,
                _ => self.attributes(document, part, &mut complex)?,
            }
        }
        if is_mixed && !matches!(complex.content, Allowed::Elements { .. }) {
            return Err(unknown(from, "elements between which text is mixed"));
        }
        Ok(complex)
    }

    fn simple_content(&mut self, document: &Document<'_, '_>, from: &Element<'_>) -> Result<Complex, Fault> {
        known_attributes(from, &[])?;
        let mut complex = Complex::default();
        for extension in parts(from) {
            if extension.local() != "extension" {
                return Err(unknown(extension, "an extension"));
            }
            known_attributes(extension, &["base"])?;
            complex.content = Allowed::Text(self.named_simple(document, extension, required(extension, "base")?)?);
            for part in parts(extension) {
                self.attributes(document, part, &mut complex)?;
            }
        }
        match complex.content {
            Allowed::Text(_) => Ok(complex),
            Allowed::Nothing | Allowed::Elements { .. } => Err(unknown(from, "an extension")),
        }
    }

    fn attributes(
        &mut self,
        document: &Document<'_, '_>,
        part: &Element<'_>,
        complex: &mut Complex,
    ) -> Result<(), Fault> {
        match part.local() {
            "attribute" => {
                known_attributes(part, &["name", "type", "use", "default"])?;
                let mut kind = match attribute(part, "type") {
                    Some(name) => Some(self.named_simple(document, part, name)?),
                    None => None,
                };
                for inner in parts(part) {
                    match (inner.local(), kind) {
                        ("simpleType", None) => kind = Some(self.inline_simple(document, inner)?),
                        _ => return Err(unknown(inner, "one type")),
                    }
                }
                let Some(kind) = kind else { return Err(unknown(part, "a type")) };
                let is_required = match attribute(part, "use") {
                    None | Some("optional") => false,
                    Some("required") => true,
                    Some(_) => return Err(unknown(part, "`optional` or `required`")),
                };
                complex.attributes.push(AttributeUse { name: required(part, "name")?.to_owned(), kind, is_required });
                Ok(())
            }
            "attributeGroup" => {
                known_attributes(part, &["ref"])?;
                let (namespace, local) = document.resolved(part, required(part, "ref")?)?;
                let group = document.groups.get(local).filter(|_| namespace == document.target);
                let Some(group) = group else { return Err(unknown(part, "a group that is declared")) };
                for inner in parts(group) {
                    if inner.local() == "attributeGroup" {
                        return Err(unknown(inner, "attributes"));
                    }
                    self.attributes(document, inner, complex)?;
                }
                Ok(())
            }
            "anyAttribute" => {
                complex.other_attributes = Some(wildcard(part)?);
                Ok(())
            }
            _ => Err(unknown(part, "attributes")),
        }
    }

    fn particle(&mut self, document: &Document<'_, '_>, from: &Element<'_>) -> Result<Particle, Fault> {
        let occurs = occurs(from)?;
        match from.local() {
            "element" => Ok(Particle::Term(Term::Element(self.element(document, from)?), occurs)),
            "any" => Ok(Particle::Term(Term::Any(wildcard(from)?), occurs)),
            group @ ("sequence" | "choice") => {
                known_attributes(from, &["minOccurs", "maxOccurs"])?;
                let particles = parts(from).map(|part| self.particle(document, part)).collect::<Result<Vec<_>, _>>()?;
                Ok(if group == "choice" {
                    Particle::Choice(particles, occurs)
                } else {
                    Particle::Sequence(particles, occurs)
                })
            }
            _ => Err(unknown(from, "an element, a sequence, a choice or any")),
        }
    }

    fn inline_simple(&mut self, document: &Document<'_, '_>, from: &Element<'_>) -> Result<usize, Fault> {
        let simple = self.simple_type(document, from)?;
        let number = self.new_simple();
        self.set_simple(number, simple);
        Ok(number)
    }

    fn simple_type(&mut self, document: &Document<'_, '_>, from: &Element<'_>) -> Result<Simple, Fault> {
        known_attributes(from, &["name", "final"])?;
        let mut found = None;
        for part in parts(from) {
            if found.is_some() {
                return Err(unknown(part, "one restriction or union"));
            }
            found = Some(match part.local() {
                "restriction" => {
                    known_attributes(part, &["base"])?;
                    let base = self.named_simple(document, part, required(part, "base")?)?;
                    Simple::Narrowed { base, facets: Box::new(facets(part)?) }
                }
                "union" => {
                    known_attributes(part, &["memberTypes"])?;
                    let names = required(part, "memberTypes")?.split_ascii_whitespace();
                    let members =
                        names.map(|name| self.named_simple(document, part, name)).collect::<Result<_, _>>()?;
                    Simple::Union(members)
                }
                _ => return Err(unknown(part, "a restriction or a union")),
            });
        }
        found.ok_or_else(|| unknown(from, "a restriction or a union"))
    }
}
