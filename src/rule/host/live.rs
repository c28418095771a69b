//! Rules that only a running system can answer for.

use super::question::{Question, not_applicable, not_determined};
use super::unseen;
use crate::host::running::Running;
use crate::policy::host::Expected;
use crate::rule::Answers;
use crate::text::Text;

/// Returns what the running system tells; where none was asked, answers for each fact of the rule as [`judge`] does.
pub(super) fn running<'a>(question: &Question<'a>, answers: &mut Answers) -> Option<&'a Running> {
    if question.host.running.is_none() {
        judge(question, answers);
    }
    question.host.running.as_ref()
}

/// Answers for each fact of a rule that nothing was asked of a running system: an offline root has none, and neither files
/// under the root's own `/proc` nor the inspecting machine's count for it. Where the policy requires facts of the running
/// system, they are not determined.
pub(super) fn judge(question: &Question<'_>, answers: &mut Answers) {
    judge_facts(question, question.facts(), answers);
}

/// Answers likewise for facts that are those of another rule where files tell of them.
pub(super) fn judge_facts<'a>(
    question: &Question<'_>,
    facts: impl Iterator<Item = Expected<'a>>,
    answers: &mut Answers,
) {
    let reason = Text::trusted("an offline root runs nothing: its running values cannot be known");
    for expected in facts {
        let subject = unseen::subject(&expected);
        answers.add(match question.policy.is_live_required() {
            true => not_determined(&expected, subject, crate::text!("{}, and the policy requires them", reason)),
            false => not_applicable(&expected, subject, reason.clone()),
        });
    }
}

/// Whether a policy says something of a fact itself, which makes it required where it would be left out else.
pub(super) fn is_required(question: &Question<'_>, expected: &Expected<'_>) -> bool {
    question.policy.facts.get(&expected.fact.id).is_some_and(|set| set.value.is_some() || set.level.is_some())
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::finding::State;
    use crate::host::Host;
    use crate::policy::host::{Chosen, HostPolicy, Profile};
    use crate::policy::{Origin, Sourced};
    use crate::rule::{Judge, Rule};

    /// Returns a running host of which something is known.
    pub(in crate::rule::host) fn host(tell: impl FnOnce(&mut Running)) -> Host {
        let mut running = Running::default();
        tell(&mut running);
        Host { running: Some(running), ..Host::default() }
    }

    /// Returns what a rule answers, in order: `pass`, or the state and the subject.
    pub(in crate::rule::host) fn answers(rule: &'static Rule, host: &Host) -> Vec<String> {
        answers_in(rule, host, Profile::Base)
    }

    /// Returns the same in a profile.
    pub(in crate::rule::host) fn answers_in(rule: &'static Rule, host: &Host, profile: Profile) -> Vec<String> {
        let answers = ask(rule, host, profile);
        let mut out: Vec<String> = answers.drafts.iter().map(shown).collect();
        out.extend((0..answers.passes).map(|_| "pass".to_owned()));
        out.sort();
        out
    }

    /// Returns what a rule answers of one fact.
    pub(in crate::rule::host) fn answers_of(rule: &'static Rule, host: &Host, fact: &str) -> Vec<String> {
        let answers = ask(rule, host, Profile::Base);
        let of_fact = answers.drafts.iter().filter(|draft| draft.facts.iter().any(|one| one == fact));
        let mut out: Vec<String> = of_fact.map(shown).collect();
        if out.is_empty() && answers.passed.contains(fact) {
            out.push("pass".to_owned());
        }
        out.sort();
        out
    }

    fn ask(rule: &'static Rule, host: &Host, profile: Profile) -> Answers {
        let origin = Origin::whole(Text::trusted("a test"));
        let policy =
            HostPolicy { profile: Some(Sourced { value: Chosen::Profile(profile), origin }), ..HostPolicy::default() };
        let question = Question { rule: rule.id, host, policy: &policy, today: jiff::civil::date(2026, 1, 1) };
        let mut answers = Answers::default();
        let Judge::Host { judge, .. } = rule.judge else { panic!("{} is no rule about hosts", rule.id) };
        judge(&question, &mut answers);
        answers
    }

    fn shown(draft: &crate::rule::Draft) -> String {
        let state = match draft.state {
            State::Fail => "fail",
            State::NotDetermined => "not-determined",
            State::NotApplicable => "not-applicable",
            _ => "pass",
        };
        format!("{state} {}", draft.subject.id)
    }
}
