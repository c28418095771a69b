//! Rules that only a running system can answer for.

use super::question::{Question, not_applicable, not_determined};
use crate::finding::Subject;
use crate::host::running::Running;
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
    let reason = match question.host.is_live {
        true => Text::trusted("files were read, and the running system was not asked"),
        false => Text::trusted("an offline root runs nothing: its running values cannot be known"),
    };
    for expected in question.facts() {
        let subject =
            Subject::new("fact", crate::text!("{}", *expected.fact.key.as_ref().unwrap_or(&expected.fact.id)));
        answers.add(match question.policy.is_live_required() {
            true => not_determined(&expected, subject, crate::text!("{}, and the policy requires them", reason)),
            false => not_applicable(&expected, subject, reason.clone()),
        });
    }
}
