//! `host/audit-rule`: a change that should be recorded is not.

use super::question::{Question, at, fail, pass, unread};
use super::running::{install, is_below};
use crate::fact::{Gap, Location};
use crate::finding::{Level, Reference, Subject};
use crate::host::audit::{Audit, AuditRule, Switch};
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "host/audit-rule",
    level: Level::Deny,
    summary: "a change that should be recorded is not",
    why: "who changed accounts, sudo, modules, mounts or the clock cannot be told afterwards",
    help: "add the rule to a file in `/etc/audit/rules.d`, and load it: `augenrules --load`",
    page: include_str!("audit_rule.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-778" }],
    judge: Judge::Host { family: "audit", judge },
};

/// What is wanted.
enum Wanted<'a> {
    /// Changes of a file or folder.
    Path(&'a str),
    /// System calls, all of them.
    Calls(Vec<&'a str>),
    /// That the rules are locked in the end.
    Locked,
}

fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.evidence.auditd_rules") else { return };
    let audit = &question.host.audit;
    let gap: Option<&Gap> =
        question.host.gaps_of("audit").iter().find(|gap| is_below(&gap.location.path, &["etc/audit"]));
    for word in expected.list() {
        let subject = Subject::new("audit-rule", Text::of(&word));
        let wanted = match word.as_str() {
            "-e 2" => Wanted::Locked,
            path if path.starts_with('/') => Wanted::Path(path),
            calls => Wanted::Calls(calls.split_ascii_whitespace().collect()),
        };
        if audit.daemon.is_none() {
            let words = install(question, "auditd", "audit", "audit");
            let message = text!("{}: auditd is not installed, so that nothing is recorded", wanted.words());
            answers.add(fail(&expected, subject, message).help(words).found(Text::trusted("auditd is not installed")));
            continue;
        }
        let missing = wanted.missing(audit);
        match (missing, gap) {
            (None, _) => pass(&expected, answers),
            (Some(_), Some(gap)) => answers.add(unread(&expected, subject, gap)),
            (Some((found, rule)), None) => {
                let message = text!("{}: {}", wanted.words(), found);
                let draft = fail(&expected, subject, message).help(wanted.mend()).found(found);
                let switch =
                    audit.switch.as_ref().filter(|_| matches!(wanted, Wanted::Locked)).map(|switch| &switch.place);
                answers.add(match switch.or(rule.and_then(|rule| rule.place.as_ref())) {
                    Some(place) => at(draft, place),
                    None => draft.at(TreePath::new(b"etc/audit/rules.d").map(Location::file)),
                });
            }
        }
    }
}

impl Wanted<'_> {
    fn words(&self) -> Text {
        match self {
            Self::Path(path) => text!("changes of `{}` are not recorded", *path),
            Self::Calls(calls) => text!("the system calls {} are not recorded", calls.join(", ")),
            Self::Locked => Text::trusted("the rules can be changed while the system runs"),
        }
    }

    /// Returns what is missing, in words, and where a rule stands that does not do.
    fn missing<'a>(&self, audit: &'a Audit) -> Option<(Text, Option<&'a AuditRule>)> {
        let switch = |switch: &Switch| text!("`-e {}` in {}", switch.value, switch.place.shown());
        let faults = match self {
            Self::Locked => {
                return match &audit.switch {
                    Some(found) if found.value.as_str() == "2" => None,
                    Some(found) => Some((switch(found), None)),
                    None => Some((Text::trusted("no rule says `-e 2`"), None)),
                };
            }
            Self::Path(path) => {
                vec![recorded(audit, "it", Text::trusted("no rule watches it"), |rule| is_for_path(rule, path))]
            }
            Self::Calls(calls) => calls
                .iter()
                .map(|call| recorded(audit, call, text!("no rule is for {}", *call), |rule| is_for_call(rule, call)))
                .collect(),
        };
        let faults: Vec<(Text, Option<&AuditRule>)> = faults.into_iter().filter_map(Result::err).collect();
        let place = faults.iter().find_map(|(_, rule)| *rule);
        let words: Vec<Text> = faults.into_iter().map(|(words, _)| words).collect();
        (!words.is_empty()).then(|| (super::question::joined(&words), place))
    }

    fn mend(&self) -> Text {
        match self {
            Self::Path(path) => text!("add `-w {} -p wa -k changes` to a file in `/etc/audit/rules.d`", *path),
            Self::Calls(calls) => {
                text!(
                    "add `-a always,exit -F arch=b64 -S {} -k changes` to a file in `/etc/audit/rules.d`",
                    calls.join(",")
                )
            }
            Self::Locked => Text::trusted("write `-e 2` into `/etc/audit/rules.d/99-finalize.rules`"),
        }
    }
}

/// Which rules are for something, and for how much of it.
enum For {
    /// Not for it.
    Nothing,
    /// For a part of what is to be recorded: this one.
    Part(Text),
    /// For all of it.
    All,
}

/// Looks for a rule by which something is recorded: of several the first counts (`auditctl(8)`). Where there is none, says why
/// and which rule does not do, or that there is `none` for it.
fn recorded<'a>(
    audit: &'a Audit,
    what: &str,
    none: Text,
    is_for: impl Fn(&AuditRule) -> For,
) -> Result<(), (Text, Option<&'a AuditRule>)> {
    let mut part: Option<(Text, &AuditRule)> = None;
    let mut parts = String::new();
    for rule in &audit.rules {
        match is_for(rule) {
            For::Nothing => {}
            For::All if rule.is_never => {
                return Err((text!("`{}` comes first and keeps {} out", rule.name, *what), Some(rule)));
            }
            For::All => return Ok(()),
            For::Part(_) if rule.is_never => {}
            For::Part(words) => {
                // Several watches together may be for all that is to be recorded.
                if rule.only.is_none() && !rule.is_of_32_bits {
                    parts.push_str(&rule.permissions);
                }
                part = part.or(Some((words, rule)));
            }
        }
    }
    if parts.contains('w') && parts.contains('a') {
        return Ok(());
    }
    if let Some((words, rule)) = part {
        return Err((text!("`{}` is for {} alone", rule.name, words), Some(rule)));
    }
    match audit.behind_lock.iter().find(|rule| !matches!(is_for(rule), For::Nothing)) {
        Some(rule) => Err((text!("`{}` stands behind `-e 2`, where no rule is taken any more", rule.name), Some(rule))),
        None => Err((none, None)),
    }
}

/// For how much of what becomes of a path a rule is: that of a watch, and of a rule for every call.
fn is_for_path(rule: &AuditRule, path: &str) -> For {
    let is_of_all_calls =
        rule.is_never && rule.watches.is_none() && rule.calls.iter().any(|call| call.as_str() == "all");
    match &rule.only {
        _ if !(watches(rule, path) || is_of_all_calls) => For::Nothing,
        Some(only) => For::Part(text!("`{}`", *only)),
        None if is_of_all_calls => For::All,
        None if !rule.calls.is_empty() => For::Nothing,
        None if rule.is_of_32_bits => For::Part(Text::trusted("programs of 32 bits")),
        None if rule.permissions.contains('w') && rule.permissions.contains('a') => For::All,
        None => For::Part(text!("`{}`", rule.permissions)),
    }
}

/// For how much of a system call a rule is.
fn is_for_call(rule: &AuditRule, call: &str) -> For {
    let is_it = |one: &Text| one.as_str() == "all" || one.as_str() == call;
    match &rule.only {
        _ if rule.watches.is_some() || !rule.calls.iter().any(is_it) => For::Nothing,
        Some(only) => For::Part(text!("`{}`", *only)),
        None if rule.is_of_32_bits => For::Part(Text::trusted("programs of 32 bits")),
        None => For::All,
    }
}

/// Whether a rule watches a path, or a folder above it.
fn watches(rule: &AuditRule, path: &str) -> bool {
    rule.watches.as_ref().is_some_and(|watched| {
        let watched = watched.as_str().trim_end_matches('/');
        path.strip_prefix(watched).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}
