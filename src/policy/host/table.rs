//! The built-in policies about hosts, read once.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::{Fact, reference};

/// The files, in the order of their names.
static FILES: &[(&str, &str)] = &[
    ("account", include_str!("../../../policies/host/account.toml")),
    ("catrust", include_str!("../../../policies/host/catrust.toml")),
    ("ci", include_str!("../../../policies/host/ci.toml")),
    ("evidence", include_str!("../../../policies/host/evidence.toml")),
    ("file", include_str!("../../../policies/host/file.toml")),
    ("kernel", include_str!("../../../policies/host/kernel.toml")),
    ("mount", include_str!("../../../policies/host/mount.toml")),
    ("network", include_str!("../../../policies/host/network.toml")),
    ("package", include_str!("../../../policies/host/package.toml")),
    ("pam", include_str!("../../../policies/host/pam.toml")),
    ("persistence", include_str!("../../../policies/host/persistence.toml")),
    ("process", include_str!("../../../policies/host/process.toml")),
    ("setid", include_str!("../../../policies/host/setid.toml")),
    ("sshd", include_str!("../../../policies/host/sshd.toml")),
    ("sysctl", include_str!("../../../policies/host/sysctl.toml")),
    ("systemd", include_str!("../../../policies/host/systemd.toml")),
    ("walk", include_str!("../../../policies/host/walk.toml")),
];

/// What the built-in policies expect of hosts.
#[derive(Debug, Default)]
pub struct Table {
    /// The facts, in the order of the files and of their places in these.
    pub facts: Vec<Fact>,
    by_id: HashMap<String, usize>,
    /// The setid programs of distributions.
    pub setid: Vec<Setid>,
    /// The programs of distributions that have capabilities.
    pub capable: Vec<Capable>,
    /// Programs that hand on the rights they have.
    pub gives_away: GivesAway,
    /// Setid programs that are better off without.
    pub discouraged: Vec<String>,
}

/// A setid program of distributions.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Setid {
    /// Where it stands, links resolved.
    pub path: String,
    /// The package it is of.
    pub package: String,
    /// The mode it has at most, in octal.
    pub mode: String,
    /// Who owns it.
    pub owner: String,
    /// Its group.
    pub group: String,
    /// The distributions that have it.
    pub distros: Vec<String>,
    /// What else a reader should know.
    #[serde(default)]
    pub note: Option<String>,
}

/// A program of distributions that has capabilities.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capable {
    /// Where it stands, links resolved.
    pub path: String,
    /// The capabilities, as `getcap` shows them.
    pub caps: String,
    /// The distributions that have it.
    pub distros: Vec<String>,
}

/// Programs that hand on the rights they have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct GivesAway {
    /// To a shell or a command.
    pub shell: Vec<String>,
    /// To read or write any file.
    pub files: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct File {
    #[serde(default)]
    fact: Vec<Fact>,
    #[serde(default)]
    setid: Vec<Setid>,
    #[serde(default)]
    capability: Vec<Capable>,
    gives_away: Option<GivesAway>,
    discouraged: Option<Discouraged>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Discouraged {
    paths: Vec<String>,
}

impl Table {
    fn read() -> Result<Self, String> {
        let mut table = Self::default();
        for (name, text) in FILES {
            let file: File = toml::from_str(text).map_err(|error| format!("policies/host/{name}.toml: {error}"))?;
            table.facts.extend(file.fact);
            table.setid.extend(file.setid);
            table.capable.extend(file.capability);
            table.gives_away = file.gives_away.unwrap_or(table.gives_away);
            table.discouraged.extend(file.discouraged.into_iter().flat_map(|discouraged| discouraged.paths));
        }
        for fact in &mut table.facts {
            fact.references = reference::controls(fact);
        }
        table.by_id = table.facts.iter().enumerate().map(|(at, fact)| (fact.id.clone(), at)).collect();
        Ok(table)
    }

    /// Returns the fact of an id.
    #[must_use]
    pub fn fact(&self, id: &str) -> Option<&Fact> {
        self.facts.get(*self.by_id.get(id)?)
    }
}

/// Returns what the built-in policies expect of hosts.
#[must_use]
pub fn table() -> &'static Table {
    // A test reads them: what the binary holds can be read.
    static TABLE: LazyLock<Table> = LazyLock::new(|| Table::read().unwrap_or_default());
    &TABLE
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_policies_can_be_read() {
        let table = Table::read().unwrap_or_else(|error| panic!("{error}"));
        assert!(table.facts.len() > 250, "{}", table.facts.len());
        assert_eq!(table.by_id.len(), table.facts.len(), "an id stands twice");
        assert!(!table.setid.is_empty() && !table.capable.is_empty() && !table.gives_away.shell.is_empty());
    }

    #[test]
    fn every_fact_names_a_control() {
        for fact in &table().facts {
            assert!(!fact.controls().is_empty(), "{}", fact.id);
            for control in fact.controls() {
                assert!(!control.scheme.is_empty() && !control.id.is_empty(), "{}: {control:?}", fact.id);
            }
        }
    }
}
