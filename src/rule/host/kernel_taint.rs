//! `host/kernel-taint`: the running kernel marks itself as changed or unstable.

use super::live;
use super::question::{Question, fail, joined, not_determined, pass};
use crate::finding::{Level, Reference, Subject};
use crate::host::running::kernel::ID;
use crate::host::running::{Known, Running};
use crate::policy::host::{Expected, Value};
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/kernel-taint",
    level: Level::Deny,
    summary: "the running kernel marks itself as changed or unstable",
    why: "a module that was forced in or that nobody signed has every right of the kernel, and can make it say anything",
    help: "see in the log which module it was (`dmesg`), and start again without it; the marks stay until then",
    page: include_str!("kernel_taint.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-347" }],
    judge: Judge::Host { family: ID, judge },
};

/// How many modules are named.
const MAX_NAMED: usize = 8;

/// Fails for marks that the fact says are a failure, and warns of those that it says are worth it.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(running) = live::running(question, answers) else { return };
    for expected in question.facts() {
        one(running, &expected, answers);
    }
}

fn one(running: &Running, expected: &Expected<'_>, answers: &mut Answers) {
    let fact = expected.fact;
    let subject = Subject::new("setting", Text::trusted("kernel.tainted"));
    let bits = match &running.kernel.taint {
        Known::Is(bits) => bits,
        Known::Absent => {
            let message = text!("how the kernel marks itself is not known: there is no /proc/sys/kernel/tainted");
            return answers.add(not_determined(expected, subject, message));
        }
        Known::Unknown(reason) => {
            let message = text!("how the kernel marks itself is not known: {}", *reason);
            return answers.add(not_determined(expected, subject, message));
        }
    };
    let told: Vec<u32> =
        bits.iter().copied().filter(|bit| fact.fail_bits.contains(bit) || fact.warn_bits.contains(bit)).collect();
    if told.is_empty() {
        return pass(expected, answers);
    }
    let words: Vec<Text> = told.iter().map(|bit| text!("{} (bit {})", name(expected, *bit), *bit)).collect();
    let marked =
        running.kernel.modules.value().into_iter().flatten().filter(|(_, module)| !module.marks.as_str().is_empty());
    let modules: Vec<Text> =
        marked.take(MAX_NAMED).map(|(name, module)| text!("`{}` ({})", *name, module.marks)).collect();
    let modules = match modules.is_empty() {
        true => text!("; no loaded module bears a mark, so that it was taken out, or hides"),
        false => text!("; modules with marks: {}", joined(&modules)),
    };
    // Only marks of modules are a module's.
    let is_of_module = told.iter().any(|bit| [0, 1, 12, 13].contains(bit));
    let modules = if is_of_module { modules } else { Text::default() };
    let message = text!("the kernel marks itself: {}{}", joined(&words), modules);
    let number: u64 = bits.iter().map(|bit| 1_u64.checked_shl(*bit).unwrap_or(0)).sum();
    let is_failure = told.iter().any(|bit| fact.fail_bits.contains(bit));
    let level = if is_failure { expected.level() } else { expected.level().min(Level::Warn) };
    let help =
        text!("see in `dmesg | grep -i taint` what it was, and start again without it; the marks stay until then");
    answers.add(fail(expected, subject, message).at_most(level).help(help).found(Text::trusted(number.to_string())));
}

fn name(expected: &Expected<'_>, bit: u32) -> Text {
    match expected.value() {
        Value::Names(names) => names.get(&bit.to_string()).map_or_else(Text::default, Text::of),
        Value::Word(_) | Value::Number(_) | Value::Flag(_) | Value::List(_) | Value::None => Text::default(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::host::live::tests::{answers, host};

    #[test]
    fn marks_are_judged() {
        let check = |bits: &[u32], expected: &str| {
            let host = host(|running| running.kernel.taint = Known::Is(bits.iter().copied().collect()));
            assert_eq!(answers(&RULE, &host), [expected], "{bits:?}");
        };
        check(&[], "pass");
        check(&[15], "pass");
        check(&[9, 16, 17], "pass");
        check(&[13], "fail kernel.tainted");
        check(&[1, 12], "fail kernel.tainted");
        check(&[0], "fail kernel.tainted");
        assert_eq!(answers(&RULE, &host(|_| {})), ["not-determined kernel.tainted"]);
    }
}
