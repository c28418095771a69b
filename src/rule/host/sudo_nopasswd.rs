//! `host/sudo-nopasswd`: somebody runs commands as another without a password.

use std::collections::BTreeMap;

use super::question::{Question, at, fail, not_applicable, pass};
use super::unreadable::rests_on;
use crate::finding::{Level, Reference, Subject};
use crate::host::accounts::sudo::{DefaultLine, Grant, Sudo};
use crate::policy::host::Expected;
use crate::rule::{Answers, Draft, Judge, Rule};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "host/sudo-nopasswd",
    level: Level::Deny,
    summary: "somebody runs commands as another without a password",
    why: "whoever gets hold of that account, by a key or an open terminal, has what it may run at once",
    help: "take the word NOPASSWD away with `visudo -f FILE`, or leave single commands that take no arguments",
    page: include_str!("sudo_nopasswd.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-306" }],
    judge: Judge::Host { family: "accounts", judge },
};

/// Fails for each user, group or alias with a grant in force that asks for no password.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    each_fact(question, answers, |expected, sudo, answers| {
        if expected.fact.id == "host.sudoers.nopasswd" {
            grants(expected, sudo, answers);
        } else {
            switched_off(expected, sudo, answers);
        }
    });
}

/// Judges each fact of a rule by the statements of sudo: not where there are none, and not without saying what of them could
/// not be read.
pub(super) fn each_fact(
    question: &Question<'_>,
    answers: &mut Answers,
    judge: impl Fn(&Expected<'_>, &Sudo, &mut Answers),
) {
    let sudo = &question.host.accounts.sudo;
    for expected in question.facts() {
        if !sudo.is_there {
            answers.add(no_sudo(&expected));
            continue;
        }
        for path in &sudo.unread {
            answers.add(rests_on(question, &expected, Question::subject_of_file(path), path));
        }
        judge(&expected, sudo, answers);
    }
}

/// The answer where there are no statements of sudo.
fn no_sudo(expected: &Expected<'_>) -> Draft {
    let path = TreePath::new(b"etc/sudoers").unwrap_or_default();
    let reason = Text::trusted("neither `/etc/sudoers` nor `/usr/etc/sudoers` is there: sudo grants nothing");
    not_applicable(expected, Question::subject_of_file(&path), reason)
}

fn grants(expected: &Expected<'_>, sudo: &Sudo, answers: &mut Answers) {
    let later = Later::of(&sudo.grants);
    let mut by_name: BTreeMap<&Text, Vec<&Grant>> = BTreeMap::new();
    for (number, grant) in sudo.grants.iter().enumerate() {
        if grant.no_password && !grant.is_denied && !grant.is_root && !later.overrides(number, grant) {
            by_name.entry(&grant.user).or_default().push(grant);
        } else {
            pass(expected, answers);
        }
    }
    for (name, grants) in by_name {
        let Some(first) = grants.first() else { continue };
        let ignored = sudo
            .passed_over
            .get(&first.place.path)
            .map_or_else(Text::default, |reason| text!("; sudo passes over the file as it stands, since {}", *reason));
        let more = if grants.len() > 1 { text!(", and by {} more grants", grants.len() - 1) } else { Text::default() };
        let message = text!(
            "`{}` runs `{}` as {} without a password, by {}{}{}",
            *name,
            first.command,
            first.run_as,
            first.place.shown(),
            more,
            ignored
        );
        let related = grants.iter().skip(1).take(20).map(|grant| grant.place.location());
        let draft = fail(expected, Subject::new("principal", name.clone()), message).with_related(related);
        answers.add(at(draft.found(Text::trusted("NOPASSWD")), &first.place));
    }
}

/// The last grant or denial that asks for a password, by whom it is for: of several that fit, sudo takes the last.
struct Later<'a> {
    last: BTreeMap<(&'a str, &'a str), Vec<(usize, &'a Grant)>>,
}

/// How many later statements of one name are looked at.
const MAX_LATER: usize = 100;

impl<'a> Later<'a> {
    fn of(grants: &'a [Grant]) -> Self {
        let mut last: BTreeMap<(&str, &str), Vec<(usize, &Grant)>> = BTreeMap::new();
        for (number, grant) in grants.iter().enumerate().rev() {
            let is_wide = grant.is_all && !grant.no_password;
            let command = if is_wide { "ALL" } else { grant.command.as_str() };
            if !grant.no_password {
                let of_name = last.entry((grant.user.as_str(), command)).or_default();
                if of_name.len() < MAX_LATER {
                    of_name.push((number, grant));
                }
            }
        }
        Self { last }
    }

    /// Whether a later statement for the same, on the same machines and as the same or all, covers a grant.
    fn overrides(&self, number: usize, grant: &Grant) -> bool {
        let names = [grant.user.as_str(), "ALL"];
        let commands = ["ALL", grant.command.as_str()];
        let all = names.iter().flat_map(|name| commands.iter().map(move |command| (*name, *command)));
        all.filter_map(|key| self.last.get(&key)).flatten().any(|(at, later)| {
            *at > number
                && (later.hosts.as_str() == "ALL" || later.hosts == grant.hosts)
                && (later.run_as.as_str() == "ALL" || later.run_as == grant.run_as)
        })
    }
}

/// Judges settings that switch the password off: the last of each scope counts.
fn switched_off(expected: &Expected<'_>, sudo: &Sudo, answers: &mut Answers) {
    let mut last: BTreeMap<(&Text, &Text), &DefaultLine> = BTreeMap::new();
    for line in &sudo.defaults {
        if matches!(line.name.as_str(), "authenticate" | "exempt_group") {
            last.insert((&line.scope, &line.name), line);
        }
    }
    let mut is_clean = true;
    for line in last.into_values() {
        let is_group = line.name.as_str() == "exempt_group";
        let (who, what) = match &line.value {
            Some(group) if is_group && !line.is_off => (text!("%{}", *group), text!("exempt_group={}", *group)),
            _ if !is_group && line.is_off => (scope(&line.scope), Text::trusted("!authenticate")),
            _ => continue,
        };
        is_clean = false;
        let message = text!("`{}` in {} lets sudo ask `{}` for no password", what, line.place.shown(), who);
        let help = text!("remove `{}` with `visudo -f /{}`", what, line.place.path);
        let draft = fail(expected, Subject::new("principal", who), message).found(what).help(help);
        answers.add(at(draft, &line.place));
    }
    if is_clean {
        pass(expected, answers);
    }
}

/// Returns for whom a setting is: the name alone where it is a user's.
pub(super) fn scope(scope: &Text) -> Text {
    match scope.as_str() {
        "" => Text::trusted("ALL"),
        scope => Text::trusted(scope.strip_prefix(':').unwrap_or(scope)),
    }
}
