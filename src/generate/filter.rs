//! What is left out of a document because whoever asks for it does not want it.

use std::collections::BTreeSet;

use crate::component::Scope;
use crate::evidence::Evidence;

/// What is left out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Patterns of files that were not read.
    pub exclude: Vec<String>,
    /// Whether what only development needs is left out.
    pub no_dev: bool,
    /// The ecosystems that are listed, all where none is named.
    pub only: BTreeSet<String>,
}

impl Filter {
    /// Takes out of evidence what belongs to other ecosystems.
    pub fn apply(&self, evidence: &mut Evidence) {
        if self.only.is_empty() {
            return;
        }
        let is_wanted = |ecosystem: &str| self.only.contains(ecosystem);
        evidence.inventories.retain(|inventory| is_wanted(&inventory.ecosystem));
        evidence.manifests.retain(|manifest| is_wanted(&manifest.ecosystem));
        evidence.lock_files.retain(|file| is_wanted(&file.ecosystem));
    }

    /// Whether a component of a scope is listed.
    pub(super) fn lists(&self, scope: Scope) -> bool {
        !(self.no_dev && scope == Scope::Dev)
    }

    /// Returns what is left out, in words.
    pub(super) fn words(&self) -> Vec<String> {
        let mut out: Vec<String> = self.exclude.iter().map(|pattern| format!("files that match {pattern}")).collect();
        if self.no_dev {
            out.push("what only development needs".to_owned());
        }
        if !self.only.is_empty() {
            let names: Vec<&str> = self.only.iter().map(String::as_str).collect();
            out.push(format!("ecosystems other than {}", names.join(", ")));
        }
        out
    }
}
