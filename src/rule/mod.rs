//! The rules: one judgement each, over evidence and policy.
//!
//! A rule is a pure function. It reads no file, no clock and no environment, and knows no format and no other
//! rule. Each domain is a folder with a registry of its own; [`rules`] joins them.

mod against_tag;
mod answer;
mod change;
mod checksum;
mod config;
mod custom;
pub mod host;
mod judge;
mod policy;
mod provenance;
mod release;
mod sbom;
mod signature;
mod signer;
mod source;
mod workflow;

use std::sync::LazyLock;

pub use against_tag::{BUILD_SCRIPT, let_pass};
pub use answer::{Answer, Answers, Draft};
pub use judge::{Context, Outcome, PolicyChange, WaiverUse, judge, judge_waivers};

use crate::artifact::{DifferenceKind, FaultKind};
use crate::component::{Component, Requirement, Source, purl};
use crate::diff::{Change, Sighting};
use crate::fact::FactKind;
use crate::finding::{Level, Reference, Subject};
use crate::policy::{Catalogue, Parameter, RuleInfo};
use crate::sbom::SbomFile;
use crate::text;

/// A rule.
pub struct Rule {
    /// Its id: `domain/what-is-wrong`.
    pub id: &'static str,
    /// What a failure does unless the policy says otherwise.
    pub level: Level,
    /// What is wrong, in one lower-case line without a full stop.
    pub summary: &'static str,
    /// Why it matters, in one line.
    pub why: &'static str,
    /// What to do about it, where the answer says nothing more fitting.
    pub help: &'static str,
    /// The page that `portcullis explain` shows.
    pub page: &'static str,
    /// The kinds of facts it rests on: a gap in one of them leaves it undetermined.
    pub needs: &'static [FactKind],
    /// Its parameters in the policy, beside `allow`.
    pub parameters: &'static [Parameter],
    /// Identifiers in other lists.
    pub references: &'static [Reference],
    /// How it judges.
    pub judge: Judge,
}

/// How a rule judges.
#[derive(Clone, Copy)]
pub enum Judge {
    /// Each change of a component.
    ComponentChange(fn(&Change<'_>, &Context<'_>) -> Answer),
    /// What became of the tree as a whole.
    Changes(fn(&Context<'_>, &mut Answers)),
    /// Each component of the tree.
    Component(fn(Sighting<'_>, &Context<'_>) -> Answer),
    /// The tree as a whole.
    Tree(fn(&Context<'_>, &mut Answers)),
    /// Each SBOM of the tree.
    Sbom(fn(&SbomFile, &Context<'_>, &mut Answers)),
    /// What a change does to the policy.
    Policy(fn(&PolicyChange<'_>, &Context<'_>, &mut Answers)),
    /// The policy's waivers, when all other rules have answered.
    Waivers(fn(&[WaiverUse<'_>], &Context<'_>, &mut Answers)),
    /// What speaks against each artifact, as far as it is of one of these kinds.
    Artifact(&'static [FaultKind]),
    /// What is otherwise in a tarball than in its tag, as far as it is of one of these kinds.
    AgainstTag(&'static [DifferenceKind]),
    /// What is known of a host by a family of facts.
    Host {
        /// The family it rests on.
        family: &'static str,
        /// How.
        judge: fn(&host::Question<'_>, &mut Answers),
    },
}

impl Judge {
    /// Whether the rule judges a difference, and so needs something to compare with.
    #[must_use]
    pub fn needs_baseline(&self) -> bool {
        matches!(self, Self::ComponentChange(_) | Self::Changes(_) | Self::Policy(_))
    }

    /// Whether the rule judges artifacts, rather than a tree or a host.
    #[must_use]
    pub fn is_of_artifacts(&self) -> bool {
        matches!(self, Self::Artifact(_) | Self::AgainstTag(_))
    }

    /// Whether the rule judges a host, rather than a tree.
    #[must_use]
    pub fn is_of_host(&self) -> bool {
        matches!(self, Self::Host { .. })
    }

    /// Whether the rule judges the tree as it is, so that the same can be asked of the tree before.
    #[must_use]
    pub fn is_of_state(&self) -> bool {
        matches!(self, Self::Component(_) | Self::Tree(_) | Self::Sbom(_) | Self::Host { .. })
    }
}

/// Every rule, in the order of their ids.
pub fn rules() -> impl Iterator<Item = &'static Rule> {
    [
        change::RULES,
        checksum::RULES,
        config::RULES,
        host::RULES,
        policy::RULES,
        provenance::RULES,
        release::RULES,
        sbom::RULES,
        signature::RULES,
        signer::RULES,
        source::RULES,
        workflow::RULES,
    ]
    .into_iter()
    .flatten()
    .copied()
}

/// Returns the rule of an id.
#[must_use]
pub fn rule(id: &str) -> Option<&'static Rule> {
    rules().find(|rule| rule.id == id)
}

/// Returns the rules by which an SBOM is judged against the specification of its version.
#[must_use]
pub fn of_specification() -> &'static [&'static Rule] {
    &sbom::OF_SPECIFICATION
}

/// Returns the rule by which an SBOM is judged against a profile, by the profile's id.
#[must_use]
pub fn of_profile(id: &str) -> Option<&'static Rule> {
    sbom::OF_PROFILES.iter().find(|(profile, _)| *profile == id).map(|(_, rule)| *rule)
}

/// Returns the domain of a rule: what stands before the slash of its id.
#[must_use]
pub fn domain(id: &str) -> &str {
    id.split('/').next().unwrap_or(id)
}

/// What rules judge.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Judged {
    /// Trees, and what a change does to them.
    Trees,
    /// Artifacts.
    Artifacts,
    /// Hosts.
    Hosts,
}

impl Rule {
    /// Returns what the rule judges.
    #[must_use]
    pub fn judged(&self) -> Judged {
        match self.judge {
            Judge::Artifact(_) | Judge::AgainstTag(_) => Judged::Artifacts,
            Judge::Host { .. } => Judged::Hosts,
            _ => Judged::Trees,
        }
    }
}

/// Returns the domains whose rules judge one of these, in order; that of the policy's own rules is one of trees.
#[must_use]
pub fn domains(judged: &[Judged]) -> Vec<&'static str> {
    let own = judged.contains(&Judged::Trees).then_some(custom::DOMAIN);
    let ours = rules().filter(|rule| judged.contains(&rule.judged()));
    let mut domains: Vec<&str> = ours.map(|rule| domain(rule.id)).chain(own).collect();
    domains.sort_unstable();
    domains.dedup();
    domains
}

/// Returns what a policy may say of rules.
#[must_use]
pub fn catalogue() -> Catalogue<'static> {
    static INFO: LazyLock<Vec<RuleInfo>> = LazyLock::new(|| {
        rules()
            .map(|rule| RuleInfo {
                id: rule.id,
                level: rule.level,
                undetermined: host::undetermined(rule.id),
                summary: rule.summary,
                parameters: rule.parameters,
            })
            .collect()
    });
    Catalogue { rules: &INFO }
}

/// Returns a component as a subject, in the very version.
fn component_subject(component: &Component) -> Subject {
    Subject::new("component", text!("{}", component.purl)).named(text!("{}", component.name))
}

/// Returns a component as a subject, whatever its version.
fn package_subject(component: &Component) -> Subject {
    let subject =
        Subject::new("component", text!("{}", component.versionless_purl())).named(text!("{}", component.name));
    Subject { exact: Some(text!("{}", component.purl)), ..subject }
}

/// Returns what a manifest asks for as a subject.
fn requirement_subject(ecosystem: &str, requirement: &Requirement) -> Subject {
    let id = purl(ecosystem, &requirement.package, None, &Source::Registry { registry: None });
    Subject::new("component", text!("{}", id)).named(text!("{}", requirement.package))
}

#[cfg(test)]
mod tests;
