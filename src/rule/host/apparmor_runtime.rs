//! `host/apparmor-runtime`: the running kernel confines nothing by AppArmor or another security module.

use super::live;
use super::question::{Question, fail, joined, not_applicable, not_determined, pass};
use crate::finding::{Level, Reference, Subject};
use crate::host::running::mac::ID;
use crate::host::running::{Known, Running};
use crate::policy::host::Expected;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/apparmor-runtime",
    level: Level::Deny,
    summary: "the running kernel confines nothing by AppArmor or another security module",
    why: "a service that is taken over then does whatever its user may do, and as root that is everything",
    help: "start the kernel with `apparmor=1 security=apparmor`, and load the profiles: `systemctl enable --now apparmor`",
    page: include_str!("apparmor_runtime.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Host { family: ID, judge },
};

/// Fails where AppArmor is in the kernel and off, where no module confines anything, and where loaded profiles only complain.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(running) = live::running(question, answers) else { return };
    for expected in question.facts() {
        match &*expected.fact.id {
            "host.kernel.apparmor.runtime" => enabled(question, running, &expected, answers),
            _ => active(running, &expected, answers),
        }
    }
    if let Some(expected) = question.fact("host.kernel.apparmor.profiles") {
        profiles(running, &expected, answers);
    }
}

const ENABLED: &str = "/sys/module/apparmor/parameters/enabled";

fn enabled(question: &Question<'_>, running: &Running, expected: &Expected<'_>, answers: &mut Answers) {
    let is_selinux = running.mac.selinux.enforce.value().is_some()
        || running.mac.modules.value().is_some_and(|modules| modules.contains(&Text::trusted("selinux")));
    let help = || text!("start the kernel with `apparmor=1 security=apparmor`, and run `systemctl enable apparmor`");
    match &running.mac.apparmor.enabled {
        Known::Is(word) if expected.accepts(word.as_str()) == Some(true) => pass(expected, answers),
        Known::Is(_) if is_selinux && !live::is_required(question, expected) => {
            let reason = text!("SELinux is active in the place of AppArmor");
            answers.add(not_applicable(expected, Question::subject_of_fact(expected), reason));
        }
        Known::Is(word) => {
            let message =
                text!("AppArmor is in the kernel and off: `{}` is {}, expected {}", *ENABLED, *word, expected.words());
            answers.add(fail(expected, Question::subject_of_fact(expected), message).help(help()).found(word.clone()));
        }
        Known::Unknown(reason) => {
            let message = text!("whether AppArmor is active is not known: {}", *reason);
            answers.add(not_determined(expected, Question::subject_of_fact(expected), message));
        }
        Known::Absent if !running.mac.is_sys_shown => {
            let message = text!("whether AppArmor is active is not known: /sys shows nothing");
            answers.add(not_determined(expected, Question::subject_of_fact(expected), message));
        }
        Known::Absent if live::is_required(question, expected) => {
            let message =
                text!("the running kernel has no AppArmor, which the policy requires: there is no {}", *ENABLED);
            answers.add(
                fail(expected, Question::subject_of_fact(expected), message)
                    .help(help())
                    .found(Text::trusted("absent")),
            );
        }
        Known::Absent => {
            let reason = text!("the running kernel has no AppArmor: there is no {}", *ENABLED);
            answers.add(not_applicable(expected, Question::subject_of_fact(expected), reason));
        }
    }
}

fn active(running: &Running, expected: &Expected<'_>, answers: &mut Answers) {
    let wanted = expected.list();
    let mac = &running.mac;
    match &mac.modules {
        Known::Is(modules) if modules.iter().any(|name| wanted.iter().any(|one| one == name.as_str())) => {
            pass(expected, answers);
        }
        Known::Is(modules) => {
            let names: Vec<Text> = modules.iter().cloned().collect();
            let message = text!(
                "no security module confines services: active are {}, expected one of {}",
                joined(&names),
                wanted.join(", ")
            );
            let help = text!(
                "start the kernel with `security=apparmor` (Debian, Ubuntu) or without `selinux=0` (RHEL), and look at `lsm=` on \
                 its command line"
            );
            answers.add(
                fail(expected, Question::subject_of_fact(expected), message)
                    .help(help)
                    .found(text!("{}", joined(&names))),
            );
        }
        // Either shows by itself that it is active.
        Known::Absent | Known::Unknown(_)
            if mac.selinux.enforce.value().is_some()
                || mac.apparmor.enabled.value().is_some_and(|word| word.as_str() == "Y") =>
        {
            pass(expected, answers);
        }
        Known::Absent => {
            let message = text!(
                "which security modules are active is not known: there is no /sys/kernel/security/lsm, as securityfs is not mounted"
            );
            let help = text!("run `mount -t securityfs securityfs /sys/kernel/security`");
            answers.add(not_determined(expected, Question::subject_of_fact(expected), message).help(help));
        }
        Known::Unknown(reason) => {
            let message = text!("which security modules are active is not known: {}", *reason);
            answers.add(not_determined(expected, Question::subject_of_fact(expected), message));
        }
    }
}

/// Judges the mode of each loaded profile, where AppArmor is active.
fn profiles(running: &Running, expected: &Expected<'_>, answers: &mut Answers) {
    let apparmor = &running.mac.apparmor;
    if apparmor.enabled.value().is_none_or(|word| word.as_str() != "Y") {
        return;
    }
    match &apparmor.profiles {
        Known::Is(profiles) => {
            for (name, mode) in profiles {
                if mode.as_str() != "complain" {
                    pass(expected, answers);
                    continue;
                }
                let message = text!("the loaded profile `{}` only complains, and keeps nothing from happening", *name);
                let help = text!("run `aa-enforce {}`", *name);
                let subject = Subject::new("profile", name.clone());
                answers.add(fail(expected, subject, message).help(help).found(mode.clone()));
            }
        }
        Known::Absent => {
            let message = text!("the modes of loaded profiles are not known: securityfs is not mounted");
            answers.add(not_determined(expected, Question::subject_of_fact(expected), message));
        }
        Known::Unknown(reason) => {
            let message = text!("the modes of loaded profiles are not known: {}; root may read them", *reason);
            answers.add(not_determined(expected, Question::subject_of_fact(expected), message));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::host::Profile;
    use crate::rule::host::live::tests::{answers, answers_in, host};

    const RUNTIME: &str = "host.kernel.apparmor.runtime";
    const ACTIVE: &str = "host.kernel.lsm.active";

    #[test]
    fn what_the_kernel_shows_is_judged() {
        let check = |enabled: Option<&str>, modules: Option<&[&str]>, expected: [String; 2]| {
            let host = host(|running| {
                running.mac.is_sys_shown = true;
                running.mac.apparmor.enabled = enabled.map_or(Known::Absent, |word| Known::Is(Text::trusted(word)));
                running.mac.modules =
                    modules.map_or(Known::Absent, |names| Known::Is(names.iter().map(Text::of).collect()));
            });
            let mut expected = expected;
            expected.sort();
            assert_eq!(answers(&RULE, &host), expected, "{enabled:?} {modules:?}");
        };
        let pass = || "pass".to_owned();
        let of = |state: &str, fact: &str| format!("{state} {fact}");
        check(Some("Y"), Some(&["yama", "apparmor"]), [pass(), pass()]);
        check(Some("Y"), None, [pass(), pass()]);
        check(Some("N"), Some(&["yama"]), [of("fail", RUNTIME), of("fail", ACTIVE)]);
        check(Some("N"), Some(&["yama", "selinux"]), [of("not-applicable", RUNTIME), pass()]);
        check(None, Some(&["capability"]), [of("not-applicable", RUNTIME), of("fail", ACTIVE)]);
        check(None, None, [of("not-applicable", RUNTIME), of("not-determined", ACTIVE)]);
        assert_eq!(answers(&RULE, &host(|_| {})), [of("not-determined", RUNTIME), of("not-determined", ACTIVE)]);
    }

    #[test]
    fn loaded_profiles_that_complain_are_told() {
        let host = host(|running| {
            running.mac.is_sys_shown = true;
            running.mac.apparmor.enabled = Known::Is(Text::trusted("Y"));
            let profiles = [("a", "enforce"), ("b", "complain")];
            running.mac.apparmor.profiles =
                Known::Is(profiles.iter().map(|(name, mode)| (Text::trusted(*name), Text::trusted(*mode))).collect());
        });
        assert_eq!(answers(&RULE, &host), ["pass", "pass"]);
        assert_eq!(answers_in(&RULE, &host, Profile::Strict), ["fail b", "pass", "pass", "pass"]);
    }
}
