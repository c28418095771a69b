//! Licences of the model written as CycloneDX has them.

use std::borrow::Cow;

use crate::document::{Node, Object};
use crate::sbom::model::{Bom, Component, License, LicenseText, Losses, Stated};

/// Returns the licences of a component, declared ones before concluded ones.
///
/// Until 1.6 a list holds either identifiers and names, or one expression; where both a declared and a concluded
/// expression are there, the concluded one is left to the revision, which tells that it goes.
pub(super) fn nodes<'n>(bom: &'n Bom<'_>, component: &'n Component<'_>, losses: &mut Losses) -> Vec<Node<'n>> {
    let mut out = Vec::new();
    for (stated, word) in [(&component.declared, "declared"), (&component.concluded, "concluded")] {
        let Stated::Value(licenses) = stated else { continue };
        for license in licenses {
            for part in parts(license) {
                let text = bom.license_texts.iter().find(|text| *text.id == *part.label());
                losses.note_if(
                    "license texts",
                    text.is_none() && part.label().contains("LicenseRef-") && part.label().contains(' '),
                );
                out.push(node_of(part, text, Some(word)));
            }
        }
    }
    out
}

/// Returns a licence with its text and the word on who says so.
pub(super) fn node<'n>(
    license: &License<'n>,
    text: Option<&'n LicenseText<'_>>,
    word: Option<&'static str>,
) -> Node<'n> {
    node_of(license.clone(), text, word)
}

/// Returns the licences that an expression requires all of, where each is a plain identifier; else the expression.
fn parts<'n>(license: &'n License<'_>) -> Vec<License<'n>> {
    match license {
        License::Expression(text) => {
            let operands: Vec<&str> = text.split(" AND ").map(str::trim).collect();
            let is_plain = |operand: &&str| {
                !operand.is_empty() && !operand.contains([' ', '(', ')']) && !operand.contains("DocumentRef-")
            };
            if operands.iter().all(is_plain) {
                operands.into_iter().map(|operand| License::Expression(Cow::Borrowed(operand))).collect()
            } else {
                vec![License::Expression(Cow::Borrowed(text))]
            }
        }
        License::Named { name, url, text } => vec![License::Named {
            name: Cow::Borrowed(name),
            url: url.as_deref().map(Cow::Borrowed),
            text: text.as_deref().map(Cow::Borrowed),
        }],
    }
}

fn node_of<'n>(license: License<'n>, text: Option<&'n LicenseText<'_>>, word: Option<&'static str>) -> Node<'n> {
    let content = |text: Cow<'n, str>| Object::new().with("content", text);
    let named = |name: Cow<'n, str>, text: Option<Cow<'n, str>>, url: Option<Cow<'n, str>>| {
        let license = Object::new()
            .with("name", name)
            .with_some("acknowledgement", word)
            .with_some("text", text.map(content))
            .with_some("url", url);
        Object::new().with("license", license).into()
    };
    match license {
        License::Named { name, url, text } => named(name, text, url),
        License::Expression(id) if !id.contains([' ', '(']) => match text {
            Some(LicenseText { name, text, urls, .. }) => {
                let name = name.as_deref().map_or(id, Cow::Borrowed);
                // A text that only repeats the name says nothing.
                let text = text.as_deref().filter(|text| *text != name).map(Cow::Borrowed);
                named(name, text, urls.first().map(|url| Cow::Borrowed(&**url)))
            }
            None if spdx::license_id(&id).is_some_and(|known| known.name == id) => {
                let license = Object::new().with("id", id).with_some("acknowledgement", word);
                Object::new().with("license", license).into()
            }
            None if id.starts_with("LicenseRef-") || spdx::Expression::parse(&id).is_err() => named(id, None, None),
            None => Object::new().with("expression", id).with_some("acknowledgement", word).into(),
        },
        License::Expression(expression) => {
            Object::new().with("expression", expression).with_some("acknowledgement", word).into()
        }
    }
}
