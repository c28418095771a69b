//! The components by their licences.

use std::collections::{BTreeMap, BTreeSet};

use super::label;
use crate::sbom::model::{Bom, License, Stated};
use crate::text::Text;

/// How a component without a licence is told.
const SILENT: &str = "(nothing stated)";

/// Returns each licence with the components under it; a concluded licence counts where no other is declared.
#[must_use]
pub fn licenses(bom: &Bom<'_>) -> String {
    let mut groups: BTreeMap<Text, BTreeSet<Text>> = BTreeMap::new();
    for component in bom.components.iter().filter(|component| component.kind != "file") {
        let named = |licenses: &[License<'_>]| licenses.iter().map(|one| Text::of(one.label())).collect::<Vec<_>>();
        let licenses = match (&component.declared, &component.concluded) {
            (Stated::Value(all), _) | (_, Stated::Value(all)) if !all.is_empty() => named(all),
            (Stated::None, _) | (_, Stated::None) => vec![Text::trusted("NONE")],
            (Stated::Unknown | Stated::Withheld, _) | (_, Stated::Unknown | Stated::Withheld) => {
                vec![Text::trusted("NOASSERTION")]
            }
            _ => vec![Text::trusted(SILENT)],
        };
        for license in licenses {
            groups.entry(license).or_default().insert(label(component));
        }
    }
    let mut out = String::new();
    for (license, components) in groups {
        out.push_str(&format!("{license} ({})\n", components.len()));
        components.iter().for_each(|component| out.push_str(&format!("  {component}\n")));
    }
    out
}
