//! `host/lockdown`: root may change the running kernel, or nothing vouched for what was booted.

use super::live;
use super::question::{Question, fail, not_applicable, not_determined, pass};
use crate::finding::{Level, Reference};
use crate::host::running::kernel::{ID, SecureBoot};
use crate::host::running::{Known, Running};
use crate::policy::host::Expected;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/lockdown",
    level: Level::Deny,
    summary: "root may change the running kernel, or nothing vouched for what was booted",
    why: "who becomes root once can then hide inside the kernel, below every check that runs on top of it",
    help: "start the kernel with `lockdown=integrity`, and switch Secure Boot on in the firmware",
    page: include_str!("lockdown.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Host { family: ID, judge },
};

/// Fails where root may change the running kernel, and where the firmware verifies nothing.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(running) = live::running(question, answers) else { return };
    for expected in question.facts() {
        match &*expected.fact.id {
            "host.kernel.secureboot" => secure_boot(running, &expected, answers),
            _ => lockdown(running, &expected, answers),
        }
    }
}

fn lockdown(running: &Running, expected: &Expected<'_>, answers: &mut Answers) {
    let wanted = expected.list();
    let help = || text!("start the kernel with `lockdown=integrity`; modules that are built here must be signed then");
    match (&running.mac.lockdown, &running.mac.modules) {
        (Known::Is(mode), _) if wanted.iter().any(|one| one == mode.as_str()) => pass(expected, answers),
        (Known::Is(mode), _) => {
            let message = text!(
                "root may change the running kernel: /sys/kernel/security/lockdown marks `{}`, expected one of {}",
                *mode,
                wanted.join(", ")
            );
            answers.add(fail(expected, Question::subject_of_fact(expected), message).help(help()).found(mode.clone()));
        }
        (Known::Absent, Known::Is(_)) => {
            let message = text!(
                "the running kernel knows no lockdown: securityfs is mounted and has no `lockdown`, expected one of {}",
                wanted.join(", ")
            );
            let help = text!("use a kernel that was built with CONFIG_SECURITY_LOCKDOWN_LSM");
            answers.add(
                fail(expected, Question::subject_of_fact(expected), message).help(help).found(Text::trusted("absent")),
            );
        }
        (Known::Absent, _) => {
            let message = text!(
                "the mode of lockdown is not known: there is no /sys/kernel/security/lockdown, as securityfs is not mounted"
            );
            answers.add(not_determined(expected, Question::subject_of_fact(expected), message));
        }
        (Known::Unknown(reason), _) => {
            let message = text!("the mode of lockdown is not known: {}", *reason);
            answers.add(not_determined(expected, Question::subject_of_fact(expected), message));
        }
    }
}

fn secure_boot(running: &Running, expected: &Expected<'_>, answers: &mut Answers) {
    match &running.kernel.secure_boot {
        SecureBoot::On => pass(expected, answers),
        SecureBoot::Off => {
            let message = text!("the firmware verifies nothing of what it starts: Secure Boot is off");
            let help = text!("switch Secure Boot on in the firmware; `mokutil --sb-state` shows it");
            answers.add(
                fail(expected, Question::subject_of_fact(expected), message).help(help).found(Text::trusted("off")),
            );
        }
        SecureBoot::NoEfi => {
            let reason = text!("this machine was not started by EFI: there is no /sys/firmware/efi");
            answers.add(not_applicable(expected, Question::subject_of_fact(expected), reason));
        }
        SecureBoot::NotShown => {
            let message =
                text!("whether Secure Boot is on is not known: /sys/firmware/efi/efivars is not mounted here");
            answers.add(not_determined(expected, Question::subject_of_fact(expected), message));
        }
        SecureBoot::Unknown(reason) => {
            let message = text!("whether Secure Boot is on is not known: {}", *reason);
            answers.add(not_determined(expected, Question::subject_of_fact(expected), message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::host::live::tests::{answers, host};

    #[test]
    fn what_the_kernel_shows_is_judged() {
        let check = |lockdown: Known<&str>, has_modules: bool, secure_boot: SecureBoot, expected: [&str; 2]| {
            let host = host(|running| {
                running.mac.lockdown = lockdown.clone().map(Text::trusted);
                running.mac.modules = if has_modules { Known::Is([].into()) } else { Known::Absent };
                running.kernel.secure_boot = secure_boot.clone();
            });
            assert_eq!(answers(&RULE, &host), expected, "{lockdown:?} {has_modules} {secure_boot:?}");
        };
        let on = || SecureBoot::On;
        let [bad, unsure] = ["fail host.kernel.lockdown", "not-determined host.kernel.lockdown"];
        check(Known::Is("integrity"), true, on(), ["pass", "pass"]);
        check(Known::Is("confidentiality"), true, on(), ["pass", "pass"]);
        check(Known::Is("none"), true, on(), [bad, "pass"]);
        check(Known::Absent, true, on(), [bad, "pass"]);
        check(Known::Absent, false, on(), [unsure, "pass"]);
        check(Known::Unknown(Text::trusted("denied")), true, on(), [unsure, "pass"]);
        check(Known::Is("integrity"), true, SecureBoot::Off, ["fail host.kernel.secureboot", "pass"]);
        check(Known::Is("integrity"), true, SecureBoot::NoEfi, ["not-applicable host.kernel.secureboot", "pass"]);
        check(Known::Is("integrity"), true, SecureBoot::NotShown, ["not-determined host.kernel.secureboot", "pass"]);
    }
}
