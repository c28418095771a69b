//! What a policy may say of rules.

use crate::finding::Level;

/// The rules there are.
#[derive(Clone, Copy, Debug)]
pub struct Catalogue<'a> {
    /// The rules, in the order of their ids.
    pub rules: &'a [RuleInfo],
}

/// What a policy needs to know of a rule.
#[derive(Clone, Copy, Debug)]
pub struct RuleInfo {
    /// Its id.
    pub id: &'static str,
    /// What a failure does unless a policy says otherwise.
    pub level: Level,
    /// What it does when it cannot be determined, where that is another level.
    pub undetermined: Option<Level>,
    /// What it says, in one line.
    pub summary: &'static str,
    /// Its parameters, beside `allow`, which every rule has.
    pub parameters: &'static [Parameter],
}

/// A number or list that a rule can be given.
#[derive(Debug)]
pub struct Parameter {
    /// The key in the policy.
    pub name: &'static str,
    /// What it holds.
    pub kind: ParameterKind,
    /// What it does, in one line.
    pub help: &'static str,
}

/// What a parameter holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParameterKind {
    /// Patterns of what the rule lets pass; more of them is weaker.
    Allowed,
    /// A number, and what it is by default; a smaller one is weaker.
    AtLeast(u32),
}

/// The parameter of every rule: names that are let pass.
pub(super) static ALLOW: Parameter =
    Parameter { name: "allow", kind: ParameterKind::Allowed, help: "patterns of names that the rule lets pass" };

impl<'a> Catalogue<'a> {
    /// Returns the rule of an id.
    #[must_use]
    pub fn rule(&self, id: &str) -> Option<&'a RuleInfo> {
        self.rules.iter().find(|rule| rule.id == id)
    }
}

impl RuleInfo {
    /// Returns all parameters.
    pub fn parameters(&self) -> impl Iterator<Item = &'static Parameter> + use<> {
        std::iter::once(&ALLOW).chain(self.parameters)
    }
}
