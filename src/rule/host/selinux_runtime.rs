//! `host/selinux-runtime`: the running system's SELinux does not enforce its policy.

use super::live;
use super::question::{Question, fail, not_applicable, not_determined, pass};
use super::selinux_words::is_used;
use crate::finding::{Level, Reference, Subject};
use crate::host::running::mac::ID;
use crate::host::running::{Known, Running};
use crate::policy::host::Expected;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/selinux-runtime",
    level: Level::Deny,
    summary: "the running system's SELinux does not enforce its policy",
    why: "a permissive SELinux only writes down what a service should not have done, and an absent one not even that",
    help: "`setenforce 1`; where the kernel was started without it, take `selinux=0` from its command line and start again",
    page: include_str!("selinux_runtime.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Host { family: ID, judge },
};

/// Fails where SELinux is here and does not enforce a policy.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(running) = live::running(question, answers) else { return };
    for expected in question.facts() {
        one(question, running, &expected, answers);
    }
}

fn one(question: &Question<'_>, running: &Running, expected: &Expected<'_>, answers: &mut Answers) {
    let selinux = &running.mac.selinux;
    let subject = || Subject::new("setting", Text::trusted("enforce"));
    match (&selinux.enforce, &selinux.is_loaded) {
        (Known::Is(_), Known::Is(false)) => {
            let message = text!("SELinux is active and has no policy: every process bears the context `kernel`");
            let help =
                text!("set `SELINUX=enforcing` in /etc/selinux/config, run `fixfiles -F onboot`, and start again");
            answers.add(fail(expected, subject(), message).help(help).found(Text::trusted("no policy")));
        }
        (Known::Is(enforce), _) if expected.accepts(enforce.as_str()) == Some(true) => pass(expected, answers),
        (Known::Is(enforce), _) => {
            let message = text!(
                "SELinux only logs what its policy forbids: `/sys/fs/selinux/enforce` is {}, expected {}",
                *enforce,
                expected.words()
            );
            let file = crate::tree::TreePath::new(super::selinux_words::CONFIG.as_bytes());
            let place = question.host.mac.selinux.config.as_ref().and(file).map(|path| crate::host::Place::file(&path));
            let help =
                text!("run `setenforce 1`; `getenforce` shows what holds, /etc/selinux/config what the next boot does");
            let draft = fail(expected, subject(), message).help(help).found(enforce.clone());
            answers.add(draft.at(place.map(|place| place.location())));
        }
        (Known::Unknown(reason), _) => {
            let message = text!("whether SELinux enforces its policy is not known: {}", *reason);
            answers.add(not_determined(expected, subject(), message));
        }
        (Known::Absent, _) => not_there(question, running, expected, answers),
    }
}

/// Answers where the kernel shows no state of SELinux.
fn not_there(question: &Question<'_>, running: &Running, expected: &Expected<'_>, answers: &mut Answers) {
    let subject = Subject::new("setting", Text::trusted("enforce"));
    let is_wanted = is_used(question) || live::is_required(question, expected);
    let is_active = running.mac.modules.value().map(|modules| modules.contains(&Text::trusted("selinux")));
    answers.add(match (&running.mac.selinux.is_in_kernel, is_active) {
        _ if !running.mac.is_sys_shown => {
            not_determined(expected, subject, text!("whether SELinux enforces its policy is not known: /sys shows nothing"))
        }
        // In a container the state is the host's, and hidden.
        (Known::Is(true), _) | (_, Some(true)) if running.sysctl.is_in_container() => {
            let message =
                text!("the kernel has SELinux, and this container does not show its state: there is no /sys/fs/selinux/enforce");
            not_determined(expected, subject, message)
        }
        (Known::Is(true), _) | (_, Some(true)) => {
            let message =
                text!("SELinux is in the kernel and has no policy: there is no /sys/fs/selinux/enforce, as `SELINUX=disabled` leaves it");
            let help = text!("set `SELINUX=enforcing` in /etc/selinux/config, run `fixfiles -F onboot`, and start again");
            fail(expected, subject, message).help(help).found(Text::trusted("no policy"))
        }
        (Known::Is(false), _) if is_wanted => {
            let off = running.kernel.arguments.value().and_then(|arguments| arguments.last("selinux"));
            let off = off.or_else(|| running.kernel.arguments.value().and_then(|arguments| arguments.last("lsm")));
            let because = off.map_or_else(Text::default, |argument| text!(": it was started with `{}`", argument.shown()));
            let message = text!(
                "the running kernel has no SELinux{}; neither /sys/fs/selinux/enforce nor `selinuxfs` in /proc/filesystems is there",
                because
            );
            let help = text!("take `selinux=0` and `lsm=` off the kernel's command line, and start again");
            fail(expected, subject, message).help(help).found(Text::trusted("absent"))
        }
        (Known::Is(false), _) => {
            let reason = text!(
                "the running kernel has no SELinux: neither /sys/fs/selinux/enforce nor `selinuxfs` in /proc/filesystems is \
                 there, and nothing here configures it"
            );
            not_applicable(expected, subject, reason)
        }
        (Known::Absent, _) => {
            not_determined(expected, subject, text!("whether the kernel has SELinux is not known: /proc shows no `filesystems`"))
        }
        (Known::Unknown(reason), _) => {
            not_determined(expected, subject, text!("whether the kernel has SELinux is not known: {}", *reason))
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rule::host::live::tests::{answers, host};

    #[test]
    fn what_the_kernel_shows_is_judged() {
        let known = |text: Option<&str>| text.map_or(Known::Absent, |text| Known::Is(Text::trusted(text)));
        let check = |enforce: Option<&str>, is_loaded: bool, is_in_kernel: bool, is_used: bool, expected: &[&str]| {
            let mut host = host(|running| {
                running.mac.is_sys_shown = true;
                running.mac.selinux.enforce = known(enforce);
                running.mac.selinux.is_loaded = Known::Is(is_loaded);
                running.mac.selinux.is_in_kernel = Known::Is(is_in_kernel);
            });
            if is_used {
                host.mac.selinux.other_types.insert(Text::trusted("targeted"));
            }
            assert_eq!(answers(&RULE, &host), expected, "{enforce:?} {is_loaded} {is_in_kernel} {is_used}");
        };
        check(Some("1"), true, true, true, &["pass"]);
        check(Some("0"), true, true, true, &["fail enforce"]);
        check(Some("1"), false, true, true, &["fail enforce"]);
        check(None, true, true, true, &["fail enforce"]);
        check(None, true, false, true, &["fail enforce"]);
        check(None, true, false, false, &["not-applicable enforce"]);
        let unseen = host(|running| running.mac.selinux.is_in_kernel = Known::Is(false));
        assert_eq!(answers(&RULE, &unseen), ["not-determined enforce"]);
        let denied = host(|running| running.mac.selinux.enforce = Known::Unknown(Text::trusted("denied")));
        assert_eq!(answers(&RULE, &denied), ["not-determined enforce"]);
    }
}
