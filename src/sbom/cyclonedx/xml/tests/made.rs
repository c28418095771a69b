//! Documents made from the schemas, so that every element of every version is read and written.

use super::*;
use crate::document::xml::Writer;
use crate::sbom::schema::cyclonedx::VERSIONS;
use crate::sbom::schema::xsd::{Allowed, Builtin, Complex, Declaration, Schema, Term, Type};

/// Values of which one fits each type.
const VALUES: &[&str] = &[
    "a b",
    "7",
    "0.5",
    "true",
    "2024-01-31T12:00:00Z",
    "2024-01-31",
    "en-US",
    "text/plain",
    "US",
    "US1234567",
    "urn:uuid:3e671687-395b-41f5-a30f-a58921a69b79",
    "2342c2eaf1feb9a80195dbaddf2ebaa3",
    "cpe:/a:b:c:1",
    "CRE:1-2",
    "1",
    "urn:cdx:f08a6ccd-4dce-4759-bd84-c626675d60a7/1",
];

/// Elements that lists have several of, beside others.
const ITEMS: &[&str] = &[
    "license",
    "expression",
    "expression-detailed",
    "dataset",
    "ref",
    "environmentVar",
    "value",
    "patent",
    "patentFamily",
    "classification",
    "dataflow",
    "dependency",
    "provides",
    "tool",
];

#[test]
fn documents_made_from_the_schemas_are_read_and_written() {
    let (mut whole, mut faults) = (0, Vec::new());
    for version in &VERSIONS {
        let schema = version.schema().unwrap();
        let declaration = schema.element("bom").unwrap();
        for seed in 0..40 {
            let mut maker = Maker { schema, writer: Writer::new(), dice: seed, count: 0, elements: 0 };
            maker.writer.start("bom");
            maker.writer.attribute("xmlns", version.namespace);
            maker.inside(declaration, "", 0);
            maker.writer.end("bom");
            let text = String::from_utf8(maker.writer.finish()).unwrap();
            let root = xml(&text).unwrap();
            let judgement = judge(&root);
            assert!(judgement.is_valid(), "{:?}\n{text}", judgement.violations);
            let first = read(&root).unwrap();
            let written = write(&first.node, version.version).unwrap();
            let out = String::from_utf8(written.xml).unwrap();
            let again = xml(&out).unwrap();
            let is_whole = first.lost.is_empty() && written.lost.is_empty();
            let (mut before, mut after) = (Vec::new(), Vec::new());
            canonical("", &root, version.namespace, &[], &mut before);
            canonical("", &again, version.namespace, &[], &mut after);
            for lines in [&mut before, &mut after] {
                // The order of what may stand in any order, and the forms that are the same to JSON.
                let one = |line: &String| {
                    line.replace("expression-detailed/@expression", "expression")
                        .replace("expression-detailed", "expression")
                        .replace("dataflow/classification", "classification")
                        .replace("dataflow", "classification")
                };
                *lines = lines.iter().map(one).collect();
                lines.sort();
                lines.dedup();
            }
            if is_whole {
                whole += 1;
                let gone: Vec<_> = before.iter().filter(|line| !after.contains(line)).collect();
                let come: Vec<_> = after.iter().filter(|line| !before.contains(line)).collect();
                if !gone.is_empty() || !come.is_empty() {
                    faults.push(format!("{} {seed}: only before {gone:?}, only after {come:?}", version.version));
                }
                let judgement = judge(&again);
                if !judgement.is_valid() {
                    faults.push(format!("{} {seed}: {:?}", version.version, judgement.violations.first()));
                }
            }
            // What is told as lost the first time is not lost a second time.
            let second = read(&again).unwrap();
            if !second.lost.is_empty() || (written.lost.is_empty() && plain(&second.node) != plain(&first.node)) {
                faults.push(format!("{} {seed}: again it differs {:?}", version.version, second.lost));
            }
        }
    }
    assert!(whole > 100, "{whole}");
    assert!(faults.is_empty(), "{} faults\n{}", faults.len(), faults.join("\n"));
}

struct Maker<'s> {
    schema: &'s Schema,
    writer: Writer,
    dice: u64,
    count: usize,
    elements: usize,
}

impl Maker<'_> {
    fn below(&mut self, bound: usize) -> usize {
        self.dice = self.dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.dice >> 33).unwrap() % bound.max(1)
    }

    fn inside(&mut self, declaration: &Declaration, parent: &str, depth: usize) {
        match declaration.kind {
            Type::Any => self.writer.text("any"),
            Type::Simple(number) => {
                let value = self.value(number);
                self.writer.text(&value);
            }
            Type::Complex(number) => {
                let complex = self.schema.complex(number).unwrap();
                self.attributes(complex);
                match &complex.content {
                    Allowed::Nothing => {}
                    Allowed::Text(number) => {
                        let value = self.value(*number);
                        self.writer.text(&value);
                    }
                    // Deeper ones are put beside it.
                    Allowed::Elements { .. } if declaration.name == "dependency" && parent == "dependency" => {}
                    Allowed::Elements { model, .. } => {
                        let mut state = None;
                        let mut seen = Vec::new();
                        for step in 0..60 {
                            let is_enough = depth > 7 || step > 30 || self.elements > 400 || self.below(12) == 0;
                            if model.may_end(state) && is_enough {
                                break;
                            }
                            let next: Vec<_> = model
                                .after(state)
                                .iter()
                                .filter_map(|place| {
                                    let position = &model.positions[*place];
                                    let Term::Element(inner) = &position.term else { return None };
                                    // What JSON has once is not made twice.
                                    let once = !position.is_repeated_itself && seen.contains(&inner.name.as_str());
                                    let is_item = model.elements().count() == 1 || ITEMS.contains(&inner.name.as_str());
                                    (!once || is_item || !model.may_end(state)).then_some((*place, inner))
                                })
                                .collect();
                            if next.is_empty() {
                                break;
                            }
                            let (place, inner) =
                                next[if depth > 7 || self.elements > 400 { 0 } else { self.below(next.len().min(3)) }];
                            state = Some(place);
                            seen.push(&inner.name);
                            self.elements += 1;
                            self.writer.start(&inner.name);
                            self.inside(inner, &declaration.name, depth + 1);
                            self.writer.end(&inner.name);
                        }
                    }
                }
            }
        }
    }

    fn attributes(&mut self, complex: &Complex) {
        for declared in &complex.attributes {
            if !declared.is_required && self.below(2) == 0 {
                continue;
            }
            let value = if declared.name == "bom-ref" {
                self.count += 1;
                format!("ref-{}", self.count)
            } else {
                self.value(declared.kind)
            };
            self.writer.attribute(&declared.name, &value);
        }
    }

    fn value(&mut self, number: usize) -> String {
        if self.schema.primitive(number) == Some(Builtin::Boolean) {
            return "true".to_owned();
        }
        let start = self.below(VALUES.len());
        let fitting =
            VALUES.iter().cycle().skip(start).take(VALUES.len()).find(|value| self.schema.text(number, value).is_ok());
        match (fitting, self.schema.text(number, "")) {
            (Some(value), _) => (*value).to_owned(),
            // A type of listed values says which.
            (None, _) => {
                let expected = self.schema.text(number, "\u{1}").unwrap_err().to_string();
                let named: Vec<&str> = expected.split('`').skip(1).step_by(2).collect();
                named[self.below(named.len())].to_owned()
            }
        }
    }
}
