//! `host/audit-rule`: a change that should be recorded is not.

use super::question::{Question, at, fail, pass, unread};
use super::running::{install, is_below};
use crate::fact::{Gap, Location};
use crate::finding::{Level, Reference, Subject};
use crate::host::audit::AuditRule;
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
        let missing = wanted.missing(question);
        match (missing, gap) {
            (None, _) => pass(&expected, answers),
            (Some(_), Some(gap)) => answers.add(unread(&expected, subject, gap)),
            (Some(found), None) => {
                let message = text!("{}: {}", wanted.words(), found);
                let draft = fail(&expected, subject, message).help(wanted.mend()).found(found);
                let switch = audit.switch.as_ref().filter(|_| matches!(wanted, Wanted::Locked));
                let folder = TreePath::new(b"etc/audit/rules.d").map(Location::file);
                answers.add(match switch {
                    Some(switch) => at(draft, &switch.place),
                    None => draft.at(folder),
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

    /// Returns what is missing, in words.
    fn missing(&self, question: &Question<'_>) -> Option<Text> {
        let audit = &question.host.audit;
        let rules = || audit.rules.iter().filter(|rule| !rule.is_never);
        match self {
            Self::Locked => match &audit.switch {
                Some(switch) if switch.value.as_str() == "2" => None,
                Some(switch) => Some(text!("`-e {}` in {}", switch.value, switch.place.shown())),
                None => Some(Text::trusted("no rule says `-e 2`")),
            },
            Self::Path(path) => {
                let watching: Vec<&AuditRule> =
                    rules().filter(|rule| rule.calls.is_empty() && watches(rule, path)).collect();
                let has = |permission: char| watching.iter().any(|rule| rule.permissions.contains(permission));
                match (watching.first(), has('w') && has('a')) {
                    (_, true) => None,
                    (Some(rule), false) => Some(text!("`{}` is for `{}` alone", rule.name, rule.permissions)),
                    (None, false) => Some(text!("no rule watches it")),
                }
            }
            Self::Calls(calls) => {
                let is_recorded = |call: &&&str| {
                    let has = |rule: &&AuditRule| {
                        rule.watches.is_none()
                            && rule.calls.iter().any(|one| matches!(one.as_str(), "all") || one.as_str() == **call)
                    };
                    rules().any(|rule| has(&rule))
                };
                let lacking: Vec<&str> = calls.iter().filter(|call| !is_recorded(call)).copied().collect();
                (!lacking.is_empty()).then(|| text!("no rule is for {}", lacking.join(", ")))
            }
        }
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

/// Whether a rule watches a path, or a folder above it.
fn watches(rule: &AuditRule, path: &str) -> bool {
    rule.watches.as_ref().is_some_and(|watched| {
        let watched = watched.as_str().trim_end_matches('/');
        path.strip_prefix(watched).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    })
}
