//! What a document lists, as a table.

use super::label;
use crate::sbom::Document;
use crate::sbom::model::{Bom, Component, ComponentScope, License};
use crate::text::Text;

/// The widest a column gets.
const MAX_WIDTH: usize = 48;

/// Returns what the document says of itself, and a line for each component.
#[must_use]
pub fn table(document: &Document<'_>, bom: &Bom<'_>) -> String {
    let mut out = String::new();
    let mut about = |key: &str, value: Option<Text>| {
        if let Some(value) = value {
            out.push_str(&format!("{:<12}{value}\n", format!("{key}:")));
        }
    };
    about("format", Some(crate::text!("{} {}", document.format.id, document.version)));
    about("identifier", bom.id.as_deref().map(Text::of));
    about("subject", joined(bom.roots.iter().filter_map(|at| bom.components.get(*at)).map(label)));
    about("created", bom.created.as_deref().map(Text::of));
    let parties =
        bom.authors.iter().filter_map(|author| author.name.as_deref().or(author.emails.first().map(|mail| &**mail)));
    about("authors", joined(parties.map(Text::of)));
    about(
        "tools",
        joined(bom.tools.iter().map(|tool| {
            let version = tool.version.as_deref().map(|version| format!(" {version}")).unwrap_or_default();
            Text::of(&format!("{}{version}", tool.name))
        })),
    );
    let others: Vec<&Component<'_>> =
        bom.components.iter().enumerate().filter(|(at, _)| !bom.roots.contains(at)).map(|(_, one)| one).collect();
    about("components", Some(crate::text!("{}", others.len())));
    if others.is_empty() {
        return out;
    }
    out.push('\n');
    let mut rows: Vec<[String; 5]> = others.iter().map(|component| row(component)).collect();
    rows.sort();
    rows.insert(0, ["NAME", "VERSION", "TYPE", "SCOPE", "LICENCE"].map(str::to_owned));
    let width = |column: usize| {
        rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..5).map(width).collect();
    for row in &rows {
        let line: Vec<String> =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:<width$}", width = *width)).collect();
        out.push_str(line.join("  ").trim_end());
        out.push('\n');
    }
    out
}

fn row(component: &Component<'_>) -> [String; 5] {
    let licenses: Vec<&str> = component.licenses().unwrap_or_default().iter().map(License::label).collect();
    let cell = |text: &str| Text::of(text).shortened(MAX_WIDTH).to_string();
    [
        cell(&component.full_name()),
        cell(component.version.value().map_or("", |version| version)),
        cell(component.purl_type().unwrap_or(&component.kind)),
        component.scope.map_or("", ComponentScope::word).to_owned(),
        cell(&licenses.join(", ")),
    ]
}

fn joined(texts: impl Iterator<Item = Text>) -> Option<Text> {
    let all: Vec<String> = texts.map(|text| text.to_string()).collect();
    (!all.is_empty()).then(|| Text::trusted(all.join(", ")))
}
