//! The small parts of a schema: facets, occurrences, wildcards, what is unique. What is not known is refused.

use super::model::Occurs;
use super::pattern::Pattern;
use super::{Facets, Wildcard, XSD_NAMESPACE, builtin};
use crate::document::Fault;
use crate::document::xml::Element;
use crate::text::Text;

pub(super) fn facets(from: &Element<'_>) -> Result<Facets, Fault> {
    let mut facets = Facets::default();
    for part in parts(from) {
        known_attributes(part, &["value"])?;
        let value = required(part, "value")?;
        let number = || value.parse::<usize>().ok().ok_or_else(|| unknown(part, "a number"));
        let decimal = || {
            let is_decimal = builtin::compare(value, "0").is_some();
            if is_decimal { Ok(Some(value.to_owned())) } else { Err(unknown(part, "a number")) }
        };
        match part.local() {
            "enumeration" => facets.values.push(value.to_owned()),
            "pattern" => match Pattern::new(value) {
                Some(pattern) => facets.patterns.push(pattern),
                None => return Err(unknown(part, "a pattern that can be translated")),
            },
            "minLength" => facets.min_length = Some(number()?),
            "maxLength" => facets.max_length = Some(number()?),
            "minInclusive" => facets.min = decimal()?,
            "maxInclusive" => facets.max = decimal()?,
            _ => return Err(unknown(part, "a facet")),
        }
    }
    facets.sorted = facets.values.clone();
    facets.sorted.sort_unstable();
    Ok(facets)
}

/// Returns the attribute that is unique among all elements inside: the one form of uniqueness that is known.
pub(super) fn unique_attribute(from: &Element<'_>) -> Result<String, Fault> {
    known_attributes(from, &["name"])?;
    let mut attribute_name = None;
    for part in parts(from) {
        known_attributes(part, &["xpath"])?;
        match (part.local(), required(part, "xpath")?) {
            ("selector", ".//*") => {}
            ("field", path) if attribute_name.is_none() && path.starts_with('@') && !path.contains([':', '/', '*']) => {
                attribute_name = path.strip_prefix('@');
            }
            _ => return Err(unknown(part, "one attribute of all elements inside")),
        }
    }
    attribute_name.map(str::to_owned).ok_or_else(|| unknown(from, "an attribute"))
}

pub(super) fn wildcard(from: &Element<'_>) -> Result<Wildcard, Fault> {
    known_attributes(from, &["namespace", "processContents", "minOccurs", "maxOccurs"])?;
    if attribute(from, "processContents") != Some("lax") {
        return Err(unknown(from, "contents that are processed laxly"));
    }
    match attribute(from, "namespace") {
        Some("##any") => Ok(Wildcard::Any),
        Some("##other") => Ok(Wildcard::Other),
        _ => Err(unknown(from, "`##any` or `##other`")),
    }
}

pub(super) fn occurs(from: &Element<'_>) -> Result<Occurs, Fault> {
    let is_optional = match attribute(from, "minOccurs") {
        None | Some("1") => false,
        Some("0") => true,
        Some(_) => return Err(unknown(from, "0 or 1 for minOccurs")),
    };
    let is_repeated = match attribute(from, "maxOccurs") {
        None | Some("1") => false,
        Some("unbounded") => true,
        Some(_) => return Err(unknown(from, "1 or unbounded for maxOccurs")),
    };
    Ok(Occurs { is_optional, is_repeated })
}

/// Returns the elements inside one, without those that explain it.
pub(super) fn parts<'e, 't>(from: &'e Element<'t>) -> impl Iterator<Item = &'e Element<'t>> {
    from.elements().filter(|part| !part.is(XSD_NAMESPACE, "annotation"))
}

pub(super) fn attribute<'e>(from: &'e Element<'_>, name: &str) -> Option<&'e str> {
    from.attribute(None, name).map(|attribute| attribute.value.as_ref())
}

pub(super) fn required<'e>(from: &'e Element<'_>, name: &str) -> Result<&'e str, Fault> {
    attribute(from, name).ok_or_else(|| unknown(from, "an attribute that is missing"))
}

pub(super) fn known_attributes(from: &Element<'_>, known: &[&str]) -> Result<(), Fault> {
    if from.namespace() != Some(XSD_NAMESPACE) {
        return Err(unknown(from, "an element of XML Schema"));
    }
    let other = from
        .attributes()
        .iter()
        .find(|attribute| attribute.name().namespace().is_none() && !known.contains(&attribute.name().local()));
    match other {
        None => Ok(()),
        Some(other) => {
            let expected = Text::trusted("an attribute that is known");
            Err(Fault::new(other.span(), expected, crate::text!("`{}`", other.name().local())))
        }
    }
}

pub(super) fn unknown(at: &Element<'_>, expected: &str) -> Fault {
    Fault::new(at.start_tag(), Text::trusted(expected), crate::text!("`{}`", at.local()))
}
