//! Published benchmarks, each a profile of its own: the facts that its controls name, and the values they want.

use super::{Expected, Fact, HostPolicy, Operator, Profile, Value};

/// What is expected of hosts as a whole: a profile of our own, or a published benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Chosen {
    /// A profile of our own.
    Profile(Profile),
    /// A published benchmark.
    Benchmark(&'static Benchmark),
}

/// A published benchmark.
#[derive(Debug, PartialEq, Eq)]
pub struct Benchmark {
    /// The name by which it is chosen: `cis-debian12`.
    pub name: &'static str,
    /// The scheme under which facts name its controls: `CIS-Debian12`.
    pub scheme: &'static str,
    /// What it is called, with the edition whose numbers count.
    pub title: &'static str,
    /// The distribution it is written for, where it is for one.
    pub distribution: Option<&'static str>,
}

/// The benchmarks, in the order of their names. The editions are those whose numbers the facts name.
pub static BENCHMARKS: &[Benchmark] = &[
    Benchmark { name: "anssi-bp28", scheme: "ANSSI", title: "ANSSI-BP-028 v2.0", distribution: None },
    Benchmark {
        name: "cis-debian12",
        scheme: "CIS-Debian12",
        title: "CIS Debian Linux 12 Benchmark v1.1.0",
        distribution: Some("debian12"),
    },
    Benchmark {
        name: "cis-rhel9",
        scheme: "CIS-RHEL9",
        title: "CIS Red Hat Enterprise Linux 9 Benchmark v2.0.0",
        distribution: Some("rhel9"),
    },
    Benchmark {
        name: "cis-ubuntu2404",
        scheme: "CIS-Ubuntu2404",
        title: "CIS Ubuntu Linux 24.04 LTS Benchmark v1.0.0",
        distribution: Some("ubuntu2404"),
    },
    Benchmark {
        name: "kspp",
        scheme: "KSPP",
        title: "Kernel Self Protection Project, recommended settings",
        distribution: None,
    },
    Benchmark {
        name: "stig-rhel9",
        scheme: "STIG-RHEL9",
        title: "DISA STIG for Red Hat Enterprise Linux 9 V2R9",
        distribution: Some("rhel9"),
    },
    Benchmark {
        name: "stig-ubuntu2404",
        scheme: "STIG-Ubuntu2404",
        title: "DISA STIG for Canonical Ubuntu 24.04 LTS V1R5",
        distribution: Some("ubuntu2404"),
    },
];

/// The rule that tells what could not be read, which every answer rests on: no choice of facts leaves it out.
const ALWAYS: &str = "host/walk-incomplete";

impl Default for Chosen {
    fn default() -> Self {
        Self::Profile(Profile::default())
    }
}

impl Chosen {
    /// Returns every name that can be chosen.
    #[must_use]
    pub fn names() -> Vec<&'static str> {
        Profile::NAMES.iter().map(|(name, _)| *name).chain(BENCHMARKS.iter().map(|benchmark| benchmark.name)).collect()
    }

    /// Returns the choice of a name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let benchmark = || BENCHMARKS.iter().find(|benchmark| benchmark.name == name).map(Self::Benchmark);
        Profile::named(name).map(Self::Profile).or_else(benchmark)
    }

    /// Returns the name.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Profile(profile) => profile.name(),
            Self::Benchmark(benchmark) => benchmark.name,
        }
    }

    /// Whether something that was expected before may be expected no longer. Profiles hold each other; a benchmark has
    /// facts of its own, and no other choice is known to hold them.
    #[must_use]
    pub fn is_weaker_than(self, before: Self) -> bool {
        match (self, before) {
            (Self::Profile(now), Self::Profile(before)) => now < before,
            (now, before) => now != before,
        }
    }
}

impl Benchmark {
    /// Whether a control of it names a fact.
    #[must_use]
    pub fn names(&self, fact: &Fact) -> bool {
        fact.controls().iter().any(|control| control.scheme == self.scheme)
    }

    /// Returns the value that a control of it wants, where that is another than the fact's.
    fn wanted(&self, fact: &'static Fact) -> Option<&'static Value> {
        let own = fact.controls().iter().filter(|control| control.scheme == self.scheme);
        own.into_iter().find_map(|control| control.wanted.as_ref())
    }
}

impl HostPolicy {
    /// Returns the benchmark in force, if one is.
    #[must_use]
    pub fn benchmark(&self) -> Option<&'static Benchmark> {
        match self.chosen() {
            Chosen::Benchmark(benchmark) => Some(benchmark),
            Chosen::Profile(_) => None,
        }
    }

    /// Whether a fact is expected at all.
    #[must_use]
    pub fn expects(&self, fact: &Fact) -> bool {
        match self.chosen() {
            Chosen::Profile(profile) => fact.profile <= profile,
            Chosen::Benchmark(benchmark) => fact.rule == ALWAYS || benchmark.names(fact),
        }
    }
}

impl Expected<'_> {
    /// Whether a benchmark asks for the fact: what it asks for is not graded.
    pub(super) fn is_of_benchmark(&self) -> bool {
        self.benchmark.is_some_and(|benchmark| benchmark.names(self.fact))
    }

    /// Returns the value that the benchmark in force wants, where that is another than the fact's.
    pub(super) fn wanted(&self) -> Option<&'static Value> {
        self.benchmark.and_then(|benchmark| benchmark.wanted(self.fact))
    }

    /// Returns how a value is compared. What a benchmark wants is that very value, or one of several; where the fact sets a
    /// bound the one value is the bound, so that a stricter one passes.
    #[must_use]
    pub fn operator(&self) -> Operator {
        let own = self.fact.operator;
        let is_set = self.setting.is_some_and(|setting| setting.value.is_some());
        match self.wanted().filter(|_| !is_set) {
            None => own,
            Some(_) if own == Operator::Own => own,
            Some(Value::List(_)) => Operator::OneOf,
            Some(_) if matches!(own, Operator::AtLeast | Operator::AtMost) => own,
            Some(_) => Operator::Equal,
        }
    }
}

/// Reads what a control wants: a value, or several with `|` between them.
pub(super) fn wanted(text: &str) -> Value {
    let one = |text: &str| match text.trim().parse() {
        Ok(number) => Value::Number(number),
        Err(_) => Value::Word(text.trim().to_owned()),
    };
    match text.contains('|') {
        true => Value::List(text.split('|').map(one).collect()),
        false => one(text),
    }
}

#[cfg(test)]
mod tests {
    use super::super::{FactSetting, table};
    use super::*;
    use crate::policy::{Origin, Sourced};
    use crate::text::Text;

    fn policy(name: &str) -> HostPolicy {
        let value = Chosen::named(name).unwrap_or_else(|| panic!("{name}"));
        let profile = Sourced { value, origin: Origin::whole(Text::trusted("test")) };
        HostPolicy { profile: Some(profile), ..HostPolicy::default() }
    }

    #[test]
    fn every_benchmark_names_facts_of_every_profile() {
        for benchmark in BENCHMARKS {
            let policy = policy(benchmark.name);
            let facts: Vec<&Fact> = table().facts.iter().filter(|fact| policy.expects(fact)).collect();
            assert!(facts.iter().filter(|fact| benchmark.names(fact)).count() > 20, "{}", benchmark.name);
            assert!(facts.iter().any(|fact| fact.id == "host.walk.complete"), "{}", benchmark.name);
        }
        let has_strict = |name: &str| {
            let policy = policy(name);
            table().facts.iter().any(|fact| fact.profile == Profile::Strict && policy.expects(fact))
        };
        assert!(has_strict("kspp") && has_strict("cis-debian12"));
    }

    #[test]
    fn every_scheme_of_a_numbered_source_is_a_benchmark() {
        let known = ["SSG", "devsec", "lynis", "portcullis", "GTFOBins", "KHC"];
        for control in table().facts.iter().flat_map(Fact::controls) {
            let is_benchmark = BENCHMARKS.iter().any(|benchmark| benchmark.scheme == control.scheme);
            assert!(is_benchmark != known.contains(&control.scheme.as_str()), "{}", control.scheme);
        }
    }

    #[test]
    fn what_a_control_wants_beats_the_facts_own_value_and_the_policy_beats_both() {
        let check = |name: &str, id: &str, found: &str, expected: bool| {
            let policy = policy(name);
            let fact = policy.fact(id).unwrap_or_else(|| panic!("{name} has no {id}"));
            assert_eq!(fact.accepts(found), Some(expected), "{name} {id} {found}: {}", fact.words());
        };
        check("base", "host.sysctl.kernel.kptr_restrict", "1", true);
        check("kspp", "host.sysctl.kernel.kptr_restrict", "1", false);
        check("kspp", "host.sysctl.kernel.kptr_restrict", "2", true);
        check("stig-rhel9", "host.sysctl.kernel.kptr_restrict", "1", true);
        // A bound stays one.
        check("kspp", "host.sysctl.kernel.perf_event_paranoid", "2", false);
        check("kspp", "host.sysctl.kernel.perf_event_paranoid", "4", true);
        let mut set = policy("kspp");
        let value = Sourced { value: Value::Number(0), origin: Origin::whole(Text::trusted("test")) };
        let id = "host.sysctl.kernel.kptr_restrict";
        set.facts.insert(id.to_owned(), FactSetting { value: Some(value), level: None });
        assert_eq!(set.fact(id).map(|fact| fact.accepts("0")), Some(Some(true)));
    }

    #[test]
    fn values_that_controls_want_are_read() {
        assert_eq!(wanted("2"), Value::Number(2));
        assert_eq!(wanted("no"), Value::Word("no".to_owned()));
        assert_eq!(wanted("2|3"), Value::List(vec![Value::Number(2), Value::Number(3)]));
    }

    #[test]
    fn a_choice_is_weaker_where_something_may_be_expected_no_longer() {
        let check = |before: &str, now: &str, expected: bool| {
            let (Some(before), Some(now)) = (Chosen::named(before), Chosen::named(now)) else {
                panic!("{before} {now}")
            };
            assert_eq!(now.is_weaker_than(before), expected, "{before:?} {now:?}");
        };
        check("base", "strict", false);
        check("strict", "base", true);
        check("base", "kspp", true);
        check("kspp", "strict", true);
        check("kspp", "kspp", false);
        check("kspp", "cis-rhel9", true);
        assert_eq!(Chosen::named("cis"), None);
    }
}
