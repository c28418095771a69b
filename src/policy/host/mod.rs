//! What is expected of hosts: the facts of the built-in policies under `policies/host/`, and what a policy says of them.

mod benchmark;
mod expectation;
mod reference;
mod table;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use crate::host::number;
pub use benchmark::{BENCHMARKS, Benchmark, Chosen};
pub use expectation::{Operator, Value};
pub use table::{Capable, GivesAway, Setid, Table, table};

use super::Sourced;
use crate::finding::{Level, Reference};

/// How much a fact weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// For information.
    Info,
    /// A layer less.
    Low,
    /// Eases an attack.
    Medium,
    /// Opens a way.
    High,
    /// Gives the host away.
    Critical,
}

impl Severity {
    /// Returns the word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
            Self::Critical => "critical",
        }
    }
}

/// Which facts are expected, and how strictly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Deserialize, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// What every host should have.
    #[default]
    Base,
    /// What a host should have that does one thing, and no more.
    Strict,
    /// What a host should have that must do as FIPS 140 says.
    Fips,
}

impl Profile {
    /// Every profile that can be chosen, with its name.
    pub const NAMES: [(&'static str, Self); 3] = [("base", Self::Base), ("strict", Self::Strict), ("fips", Self::Fips)];

    /// Returns the name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Base => "base",
            Self::Strict => "strict",
            Self::Fips => "fips",
        }
    }

    /// Returns the profile of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::NAMES.iter().find(|(known, _)| *known == name).map(|(_, profile)| *profile)
    }
}

/// A fact that is expected of hosts.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Fact {
    /// Its id: `host.sysctl.kernel.kptr_restrict`.
    pub id: String,
    /// The rule that judges it by files, or on a running system where files do not tell.
    pub rule: String,
    /// How much it weighs.
    pub severity: Severity,
    /// The level of a failure, where that is another than the severity's.
    #[serde(default)]
    level: Option<LevelWord>,
    /// The level of a failure in stricter profiles, where that is another than the level.
    #[serde(default)]
    strict_level: Option<LevelWord>,
    /// The profile from which on it is expected.
    #[serde(default)]
    pub profile: Profile,
    /// Why it matters, in a few words.
    #[serde(default)]
    pub why: String,
    /// What else a reader should know.
    #[serde(default)]
    pub note: Option<String>,
    /// What may break.
    #[serde(default)]
    pub caution: Option<String>,
    /// The strictest value there is.
    #[serde(default)]
    pub hardest: Option<String>,
    /// Published controls: `SCHEME:ID` or `SCHEME ID`, ` =N` behind it where the source wants another value.
    #[serde(rename = "references")]
    references_text: Vec<String>,
    /// The key of a setting.
    #[serde(default)]
    pub key: Option<String>,
    /// The path of a file, or of a mount point.
    #[serde(default)]
    pub path: Option<String>,
    /// How a value is compared.
    #[serde(rename = "op", default)]
    pub operator: Operator,
    /// With what.
    #[serde(default)]
    value: Value,
    /// With what in stricter profiles.
    #[serde(default)]
    strict: Option<Value>,
    /// Options of a mount.
    #[serde(default)]
    pub options: Vec<String>,
    /// From which profile on a file system of its own is expected.
    #[serde(default)]
    pub separate_mount: Option<Profile>,
    /// The most that a file's mode may allow, in octal; none where there must be no such file.
    #[serde(default)]
    pub max_mode: Option<String>,
    /// The same in stricter profiles.
    #[serde(default)]
    strict_max_mode: Option<String>,
    /// What a file's mode may allow where the file is of a group.
    #[serde(default)]
    pub group_mode: BTreeMap<String, String>,
    /// Who may own a file, one of several separated by `|`.
    #[serde(default)]
    pub owner: Option<String>,
    /// Which group may, likewise.
    #[serde(default)]
    pub group: Option<String>,
    /// What it means where a key is not there on a running system: `fail`, `pass`, `not-applicable`, `not-determined`, or what
    /// holds where the kernel was built without an option (`kconfig:OPTION=n->pass`) or is older (`before:6.2->fail`).
    #[serde(default)]
    pub absent: Option<String>,
    /// How the kernel puts together the values of all interfaces and of one: `max`, `and`, `or`.
    #[serde(default)]
    pub combine: Option<String>,
    /// When it is expected at all.
    #[serde(default)]
    pub when: Option<String>,
    /// Values that an architecture wants instead.
    #[serde(default)]
    pub arch: BTreeMap<String, i64>,
    /// Distributions that have it.
    #[serde(default)]
    pub distro: Vec<String>,
    /// Bits of which each is a failure.
    #[serde(default)]
    pub fail_bits: Vec<u32>,
    /// Bits of which each is worth a warning.
    #[serde(default)]
    pub warn_bits: Vec<u32>,
    /// What is let pass.
    #[serde(default)]
    pub allow: Option<String>,
    /// What arouses suspicion.
    #[serde(default)]
    pub pattern: Vec<String>,
    /// Of what it is expected.
    #[serde(default)]
    pub scope: Option<String>,
    /// The controls, read.
    #[serde(skip)]
    references: Vec<Control>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case")]
enum LevelWord {
    Allow,
    Warn,
    Deny,
}

/// A published control that wants a fact.
#[derive(Clone, Debug, PartialEq)]
pub struct Control {
    /// Who published it: `CIS-Debian12`.
    pub scheme: String,
    /// Its number there.
    pub id: String,
    /// The value it wants, where that is another.
    pub wants: Option<String>,
    /// The same, read.
    wanted: Option<Value>,
}

impl Fact {
    /// Returns the level of a failure: critical and high deny, medium warns, low allows, unless the fact says otherwise. In
    /// stricter profiles medium denies, and low warns.
    #[must_use]
    pub fn level(&self, profile: Profile) -> Level {
        let level = if profile == Profile::Base { self.level } else { self.strict_level.or(self.level) };
        match (level, self.severity, profile) {
            (Some(LevelWord::Allow), ..) => Level::Allow,
            (Some(LevelWord::Warn), ..) => Level::Warn,
            (Some(LevelWord::Deny), ..) => Level::Deny,
            (None, Severity::Critical | Severity::High, _) => Level::Deny,
            (None, Severity::Medium, Profile::Base) => Level::Warn,
            (None, Severity::Medium, _) => Level::Deny,
            (None, Severity::Low, Profile::Base) | (None, Severity::Info, _) => Level::Allow,
            (None, Severity::Low, _) => Level::Warn,
        }
    }

    /// Returns the value that a profile expects.
    #[must_use]
    pub fn value(&self, profile: Profile) -> &Value {
        match (&self.strict, profile) {
            (Some(strict), Profile::Strict | Profile::Fips) => strict,
            _ => &self.value,
        }
    }

    /// Returns the most that a file's mode may allow in a profile.
    #[must_use]
    pub fn max_mode(&self, profile: Profile) -> Option<&str> {
        let strict = self.strict_max_mode.as_deref().filter(|_| profile != Profile::Base);
        strict.or(self.max_mode.as_deref())
    }

    /// Returns the controls that want it.
    #[must_use]
    pub fn controls(&self) -> &[Control] {
        &self.references
    }

    /// Returns the controls as references of a finding.
    pub fn references(&'static self) -> impl Iterator<Item = Reference> {
        self.references.iter().map(|control| Reference { scheme: &control.scheme, id: &control.id })
    }
}

/// What a policy says of hosts.
#[derive(Clone, Debug, Default)]
pub struct HostPolicy {
    /// Whether facts of a running system must be known.
    pub live_required: Option<Sourced<bool>>,
    /// Whether jobs of a runner reach the metadata of the cloud. No packet is sent to find out.
    pub metadata_reachable: Option<Sourced<bool>>,
    /// The profile, or the benchmark.
    pub profile: Option<Sourced<Chosen>>,
    /// What it says of single facts.
    pub facts: BTreeMap<String, FactSetting>,
}

/// What a policy says of a fact.
#[derive(Clone, Debug, Default)]
pub struct FactSetting {
    /// The level of a failure.
    pub level: Option<Sourced<Level>>,
    /// The value that is expected instead.
    pub value: Option<Sourced<Value>>,
}

impl HostPolicy {
    /// Returns what was chosen.
    #[must_use]
    pub fn chosen(&self) -> Chosen {
        self.profile.as_ref().map_or_else(Chosen::default, |profile| profile.value)
    }

    /// Returns the profile in force. A benchmark has values of its own, and no grades: it is laid over the first profile.
    #[must_use]
    pub fn profile(&self) -> Profile {
        match self.chosen() {
            Chosen::Profile(profile) => profile,
            Chosen::Benchmark(_) => Profile::Base,
        }
    }

    /// Whether facts of a running system must be known.
    #[must_use]
    pub fn is_live_required(&self) -> bool {
        self.live_required.as_ref().is_some_and(|required| required.value)
    }

    /// Returns the facts that a rule is to judge.
    pub fn expected<'a>(&'a self, rule: &'a str) -> impl Iterator<Item = Expected<'a>> + 'a {
        let facts = table().facts.iter().filter(move |fact| fact.rule == rule && self.expects(fact));
        facts.map(move |fact| self.of(fact))
    }

    /// Returns one fact, if it is expected.
    #[must_use]
    pub fn fact(&self, id: &str) -> Option<Expected<'_>> {
        let fact = table().fact(id)?;
        self.expects(fact).then(|| self.of(fact))
    }

    fn of(&self, fact: &'static Fact) -> Expected<'_> {
        let setting = self.facts.get(&fact.id);
        Expected { fact, profile: self.profile(), benchmark: self.benchmark(), setting }
    }
}

/// A fact as a policy expects it.
#[derive(Clone, Copy, Debug)]
pub struct Expected<'a> {
    /// The fact.
    pub fact: &'static Fact,
    /// The profile in force.
    pub profile: Profile,
    benchmark: Option<&'static Benchmark>,
    setting: Option<&'a FactSetting>,
}

impl Expected<'_> {
    /// Returns the level of a failure.
    #[must_use]
    pub fn level(&self) -> Level {
        let set = self.setting.and_then(|setting| setting.level.as_ref());
        let own = || if self.is_of_benchmark() { Level::Deny } else { self.fact.level(self.profile) };
        set.map_or_else(own, |level| level.value)
    }

    /// Returns the value that is expected.
    #[must_use]
    pub fn value(&self) -> &Value {
        match self.setting.and_then(|setting| setting.value.as_ref()) {
            Some(value) => &value.value,
            None => self.wanted().unwrap_or_else(|| self.fact.value(self.profile)),
        }
    }

    /// Whether a value is as expected, `None` where that cannot be told of such a value.
    #[must_use]
    pub fn accepts(&self, found: &str) -> Option<bool> {
        self.operator().accepts(self.value(), found)
    }

    /// Returns what is expected, in words.
    #[must_use]
    pub fn words(&self) -> String {
        self.operator().words(self.value())
    }

    /// Returns the values of a list.
    #[must_use]
    pub fn list(&self) -> Vec<String> {
        self.value().list()
    }
}
