//! `[[waiver]]`: reasoned, owned, expiring exceptions.

use globset::{Glob, GlobBuilder, GlobMatcher};
use jiff::civil::Date;

use super::super::error::nearest_rule;
use super::super::{Catalogue, Policy, PolicyError, Weakening};
use super::{Cursor, Section, Shown, quoted};
use crate::document::{Member, Node, Value};
use crate::finding::{Finding, Subject};
use crate::text;
use crate::text::Text;

pub(super) static SECTION: Section =
    Section { key: "waiver", summary: "findings that are excused, by whom, why and until when", read, weakened, show };

/// An exception for findings.
#[derive(Clone, Debug)]
pub struct Waiver {
    /// The rules it is for: an id, or a pattern such as `change/*`.
    pub rule: String,
    /// The subjects it is for, as a report shows them, or a pattern.
    pub subject: Option<String>,
    /// The finding it is for, by its fingerprint or the first digits of it.
    pub fingerprint: Option<String>,
    /// Who answers for it.
    pub owner: String,
    /// Why.
    pub reason: String,
    /// The last day it holds.
    pub expires: Date,
    matchers: Option<(GlobMatcher, Option<GlobMatcher>)>,
}

/// The keys of a waiver.
const KEYS: [&str; 6] = ["rule", "subject", "fingerprint", "owner", "reason", "expires"];

/// How many digits of a fingerprint a waiver must name.
const MIN_FINGERPRINT: usize = 12;

impl Waiver {
    /// Whether it is for a finding, whatever the date.
    #[must_use]
    pub fn is_for(&self, finding: &Finding) -> bool {
        self.is_for_rule(finding.rule.as_str())
            && self.is_for_subject(&finding.subject)
            && self.fingerprint.as_deref().is_none_or(|start| finding.fingerprint.starts_with(start))
    }

    /// Whether it is for findings of a rule.
    #[must_use]
    pub fn is_for_rule(&self, id: &str) -> bool {
        self.matchers.as_ref().is_some_and(|(rule, _)| rule.is_match(id))
    }

    /// Whether it is for findings about a subject.
    #[must_use]
    pub fn is_for_subject(&self, subject: &Subject) -> bool {
        std::iter::once(&subject.id).chain(&subject.exact).any(|id| self.names(id.as_str()))
    }

    /// Whether it is for what bears an id.
    #[must_use]
    pub fn names(&self, id: &str) -> bool {
        let pattern = self.matchers.as_ref().and_then(|(_, subject)| subject.as_ref());
        self.subject.as_deref().is_none_or(|exact| exact == id || pattern.is_some_and(|pattern| pattern.is_match(id)))
    }

    /// Whether it holds on a day; it does on the day it names.
    #[must_use]
    pub fn holds(&self, today: Date) -> bool {
        today <= self.expires
    }

    /// Returns what it is for, in one line.
    #[must_use]
    pub fn label(&self) -> Text {
        match (&self.subject, &self.fingerprint) {
            (Some(subject), _) => text!("{} on {}", self.rule, subject),
            (None, Some(fingerprint)) => text!("{} {}", self.rule, fingerprint),
            (None, None) => text!("{}", self.rule),
        }
    }

    /// Returns the same for a message.
    #[must_use]
    pub fn quoted(&self) -> Text {
        match (&self.subject, &self.fingerprint) {
            (Some(subject), _) => text!("`{}` on `{}`", self.rule, subject),
            (None, Some(fingerprint)) => text!("`{}` of the fingerprint `{}`", self.rule, fingerprint),
            (None, None) => text!("`{}`", self.rule),
        }
    }

    /// Whether another waiver is for the same findings.
    #[must_use]
    pub fn same_subject(&self, other: &Self) -> bool {
        (&self.rule, &self.subject, &self.fingerprint) == (&other.rule, &other.subject, &other.fingerprint)
    }
}

fn read(cursor: &Cursor<'_>, node: &Node<'_>, policy: &mut Policy) -> Result<(), PolicyError> {
    for item in cursor.tables(node, "waiver")? {
        let waiver = read_one(cursor, item, policy)?;
        cursor.add(&mut policy.waivers, cursor.sourced(waiver, item.span));
    }
    Ok(())
}

fn read_one(cursor: &Cursor<'_>, item: &Node<'_>, policy: &Policy) -> Result<Waiver, PolicyError> {
    let mut found: [Option<&Member<'_>>; 6] = [None; 6];
    for member in cursor.try_members(item, "[[waiver]]")? {
        match KEYS.iter().position(|key| *key == member.key).and_then(|at| found.get_mut(at)) {
            Some(slot) => *slot = Some(member),
            None => return Err(cursor.unknown_key(member, "[[waiver]]", KEYS)),
        }
    }
    let [rule, subject, fingerprint, owner, reason, expires] = found;
    let required = |member: Option<&Member<'_>>, key: &str| match member {
        Some(member) => cursor.filled(&member.value, &format!("`{key}`")).map(str::to_owned),
        None => Err(cursor.error(item.span, text!("expected `{}` in [[waiver]], found none", key))),
    };
    let optional = |member: Option<&Member<'_>>, key: &str| {
        member.map(|member| cursor.filled(&member.value, &format!("`{key}`")).map(str::to_owned)).transpose()
    };
    let rule_text = required(rule, "rule")?;
    let (subject, fingerprint) = (optional(subject, "subject")?, optional(fingerprint, "fingerprint")?);
    if subject.is_none() && fingerprint.is_none() {
        return Err(
            cursor.error(item.span, Text::trusted("expected `subject` or `fingerprint` in [[waiver]], found neither"))
        );
    }
    if let (Some(text), Some(member)) = (&fingerprint, found.get(2).copied().flatten()) {
        let sound = text.len() >= MIN_FINGERPRINT
            && text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
        if !sound {
            return Err(cursor.error(
                member.value.span,
                text!("expected at least {} digits of a fingerprint, found `{}`", MIN_FINGERPRINT, text),
            ));
        }
    }
    let matchers = Some((
        known_rules(cursor, rule, &rule_text, policy)?,
        subject.as_deref().and_then(|subject| Some(glob(subject).ok()?.compile_matcher())),
    ));
    Ok(Waiver {
        rule: rule_text,
        subject,
        fingerprint,
        owner: required(owner, "owner")?,
        reason: required(reason, "reason")?,
        expires: date(cursor, item, expires, "[[waiver]]")?,
        matchers,
    })
}

/// Reads the last day on which something holds.
pub(super) fn date(
    cursor: &Cursor<'_>,
    item: &Node<'_>,
    member: Option<&Member<'_>>,
    place: &str,
) -> Result<Date, PolicyError> {
    let Some(member) = member else {
        return Err(cursor.error(item.span, text!("expected `expires` in {}, found none", place)));
    };
    let parsed = match &member.value.value {
        Value::Datetime(text) => text.parse().ok(),
        Value::Null
        | Value::Boolean(_)
        | Value::Number(_)
        | Value::String(_)
        | Value::Sequence(_)
        | Value::Mapping(_) => None,
    };
    parsed.ok_or_else(|| PolicyError {
        hint: Some(Text::trusted("write the last day it holds without quotes: `expires = 2027-01-31`")),
        ..cursor.unfit(&member.value, "`expires` to be a date")
    })
}

/// Returns the matcher of a rule's id or pattern, which must be for a rule there is.
fn known_rules(
    cursor: &Cursor<'_>,
    member: Option<&Member<'_>>,
    text: &str,
    policy: &Policy,
) -> Result<GlobMatcher, PolicyError> {
    let span = member.map_or(Default::default(), |member| member.value.span);
    let custom: Vec<String> = policy.custom.iter().map(|custom| custom.value.rule_id()).collect();
    let ids = || cursor.catalogue.rules.iter().map(|rule| rule.id).chain(custom.iter().map(String::as_str));
    let pattern = glob(text).map_err(|error| {
        cursor
            .error(span, text!("expected a rule or a pattern of rules, found `{}`: {}", text, error.kind().to_string()))
    })?;
    let matcher = pattern.compile_matcher();
    if ids().any(|id| matcher.is_match(id)) {
        return Ok(matcher);
    }
    let error = cursor.error(span, text!("unknown rule `{}` in [[waiver]]", text));
    Err(PolicyError { hint: nearest_rule(text, ids()), ..error })
}

fn glob(pattern: &str) -> Result<Glob, globset::Error> {
    GlobBuilder::new(pattern).build()
}

fn weakened(_: &Catalogue<'_>, before: &Policy, now: &Policy, out: &mut Vec<Weakening>) {
    for waiver in &now.waivers {
        let known = before
            .waivers
            .iter()
            .filter(|old| old.value.same_subject(&waiver.value))
            .map(|old| old.value.expires)
            .max();
        let (message, was) = match known {
            Some(expires) if waiver.value.expires <= expires => continue,
            Some(expires) => (
                text!("the waiver for {} is extended to {}", waiver.value.quoted(), waiver.value.expires.to_string()),
                Some(text!("{}", expires.to_string())),
            ),
            None => (text!("a waiver is added for {}", waiver.value.quoted()), None),
        };
        out.push(Weakening {
            key: text!("waiver.{}", waiver.value.label()),
            message,
            was,
            found: text!("{}", waiver.value.expires.to_string()),
            origin: waiver.origin.clone(),
        });
    }
}

fn show(policy: &Policy, out: &mut Vec<Shown>) {
    for waiver in &policy.waivers {
        let Waiver { rule, subject, fingerprint, owner, reason, expires, .. } = &waiver.value;
        let mut line = format!("waiver += {{ rule = {}", quoted(rule));
        for (key, value) in [
            ("subject", subject.as_deref()),
            ("fingerprint", fingerprint.as_deref()),
            ("owner", Some(owner)),
            ("reason", Some(reason)),
        ] {
            if let Some(value) = value {
                line.push_str(&format!(", {key} = {}", quoted(value)));
            }
        }
        line.push_str(&format!(", expires = {expires} }}"));
        out.push(Shown { line: Text::trusted(line), origin: waiver.origin.clone() });
    }
}
