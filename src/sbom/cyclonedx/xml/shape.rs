//! How an element looks in JSON, by its type in the schema, and what the two forms name differently.

use crate::sbom::schema::xsd::{Allowed, Builtin, Complex, Declaration, Model, Schema, Type};

/// How an element looks in JSON.
pub(super) enum Shape<'s> {
    /// A text, number or boolean.
    Value(Option<Builtin>),
    /// An object of the attributes and the text.
    Marked(&'s Complex, Option<Builtin>),
    /// A text, which stands in the attribute `ref`.
    Reference,
    /// A list of what is inside.
    List(&'s Model),
    /// A list of `tool`, or an object of `components` and `services`.
    Tools(&'s Complex, &'s Model),
    /// What is inside the one element inside: an organization, a person or a reference.
    Party(&'s Model),
    /// A dependency with those that it depends on inside.
    Dependency(&'s Model),
    /// An object where there are elements inside, else a text.
    Mixed(&'s Complex, &'s Model),
    /// An object of the attributes and the elements inside.
    Record(&'s Complex, Option<&'s Model>),
}

/// Lists whose items are of several kinds, or are wrapped in JSON only.
const LISTS: &[&str] = &["licenses", "datasets", "environmentVars", "patents", "copyright"];

/// Elements that hold one of several elements, which JSON has in their place.
const PARTIES: &[&str] = &["asserter", "patentAssignee"];

pub(super) fn shape<'s>(schema: &'s Schema, declaration: &'s Declaration) -> Shape<'s> {
    let complex = match declaration.kind {
        Type::Any => return Shape::Value(None),
        Type::Simple(number) => return Shape::Value(schema.primitive(number)),
        Type::Complex(number) => match schema.complex(number) {
            Some(complex) => complex,
            None => return Shape::Value(None),
        },
    };
    let name = declaration.name.as_str();
    match &complex.content {
        Allowed::Nothing => match complex.attributes.as_slice() {
            [only] if only.name == "ref" => Shape::Reference,
            _ => Shape::Record(complex, None),
        },
        Allowed::Text(number) => Shape::Marked(complex, schema.primitive(*number)),
        Allowed::Elements { model, is_mixed: true } => Shape::Mixed(complex, model),
        Allowed::Elements { model, is_mixed: false } => {
            let has = |wanted: &str| model.elements().any(|(_, inner)| inner.name == wanted);
            let mut elements = model.elements();
            let only = elements.next().filter(|_| elements.next().is_none());
            let is_list = complex.attributes.is_empty() && only.is_some_and(|(position, _)| position.is_repeated);
            match name {
                "tools" if has("components") => Shape::Tools(complex, model),
                "dependency" if has("dependency") => Shape::Dependency(model),
                "data" if has("dataflow") => Shape::List(model),
                _ if LISTS.contains(&name) || is_list => Shape::List(model),
                _ if PARTIES.contains(&name) => Shape::Party(model),
                _ => Shape::Record(complex, Some(model)),
            }
        }
    }
}

/// Returns the member of JSON that holds an attribute.
pub(super) fn attribute_member(attribute: &str) -> &str {
    match attribute {
        "content-type" => "contentType",
        "license-identifier" => "licenseIdentifier",
        _ => attribute,
    }
}

/// Returns the member of JSON that holds an element inside another; `None` where JSON has none.
pub(super) fn member<'n>(parent: &str, element: &'n str) -> Option<&'n str> {
    Some(match (parent, element) {
        ("callstack", "tools") => return None,
        ("analysis", "responses") => "response",
        ("expression-detailed", "details") => "expressionDetails",
        ("protocolProperties", "cryptoRef") => "cryptoRefArray",
        ("custodian" | "steward" | "owner", "individual") => "contact",
        _ => element,
    })
}

/// Returns the member of JSON that holds the text of an element with attributes.
pub(super) fn text_member(element: &str) -> &'static str {
    match element {
        "property" | "environmentVar" => "value",
        "classification" => "classification",
        "expression" => "expression",
        _ => "content",
    }
}

/// Whether JSON has a list for an element that may be repeated by itself; 1.2 lets some be repeated that JSON has once.
/// The data of a component is a list in JSON throughout, and once in XML of 1.5.
pub(super) fn is_list(parent: &str, is_repeated_itself: bool, name: &str) -> bool {
    match name {
        "email" | "phone" | "manufacture" | "supplier" => false,
        "data" if parent == "component" => true,
        _ => is_repeated_itself,
    }
}

/// Returns the object member that JSON puts around an item of a list.
pub(super) fn wrapper(list: &str, item: &str) -> Option<&'static str> {
    match (list, item) {
        ("licenses", "license") => Some("license"),
        ("datasets", "ref") => Some("ref"),
        ("copyright", "text") => Some("text"),
        _ => None,
    }
}
