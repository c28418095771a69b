//! `host/module-loaded`: a kernel module is loaded that should not be, or an old kernel still runs.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::live;
use super::question::{Question, at, fail, not_applicable, not_determined, pass};
use super::running_kernel::{compare, flavour};
use crate::finding::{Level, Reference, Subject};
use crate::host::kernel::modprobe::underscored;
use crate::host::running::kernel::ID;
use crate::host::running::{Known, Running};
use crate::policy::host::Expected;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/module-loaded",
    level: Level::Deny,
    summary: "a kernel module is loaded that should not be, or an old kernel still runs",
    why: "a forbidden module was loaded all the same, and a kernel that was updated on disk keeps its old faults \
           until the start",
    help: "`modprobe -r MODULE`, and forbid it by `install MODULE /bin/false` in `/etc/modprobe.d`; start again into \
           the new kernel",
    page: include_str!("module_loaded.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-1125" }],
    judge: Judge::Host { family: ID, judge },
};

/// Fails for each loaded module that should not be, and where a newer kernel of the kind that runs is installed.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(running) = live::running(question, answers) else { return };
    for expected in question.facts() {
        match &*expected.fact.id {
            "host.kernel.kernel.latest" => latest(question, running, &expected, answers),
            _ => loaded(question, running, &expected, answers),
        }
    }
}

fn loaded(question: &Question<'_>, running: &Running, expected: &Expected<'_>, answers: &mut Answers) {
    let whole = || Question::subject_of_fact(expected);
    let modules = match &running.kernel.modules {
        Known::Is(modules) => modules,
        Known::Unknown(reason) => {
            return answers.add(not_determined(
                expected,
                whole(),
                text!("which modules are loaded is not known: {}", *reason),
            ));
        }
        Known::Absent if running.kernel.release.value().is_some() => {
            let reason = text!("the running kernel takes no modules: there is no /proc/modules");
            return answers.add(not_applicable(expected, whole(), reason));
        }
        Known::Absent => {
            let message = text!("which modules are loaded is not known: /proc shows nothing of the kernel");
            return answers.add(not_determined(expected, whole(), message));
        }
    };
    let mut told = BTreeSet::new();
    for name in expected.list() {
        let own = Text::of(&underscored(&name));
        if !modules.contains_key(&own) {
            pass(expected, answers);
            continue;
        }
        let message = text!("the module `{}` is loaded, which hardly any host needs", *name);
        let help = text!(
            "run `modprobe -r {}`, and write `install {} /bin/false` and `blacklist {}` into a file of /etc/modprobe.d",
            *name,
            *name,
            *name
        );
        answers.add(fail(expected, Subject::new("module", text!("{}", *name)), message).help(help));
        told.insert(own);
    }
    // That a file forbids a module does not unload it.
    for name in modules.keys().filter(|name| !told.contains(*name)) {
        let Some((_, install)) = question.host.kernel.modprobe.instead_of(name.as_str()) else { continue };
        if install.does_nothing() {
            let message = text!("the module `{}` is loaded, though {} forbids it", *name, install.place.shown());
            let help = text!("find out who loaded it, and run `modprobe -r {}`", *name);
            answers.add(at(fail(expected, Subject::new("module", name.clone()), message), &install.place).help(help));
        }
    }
}

fn latest(question: &Question<'_>, running: &Running, expected: &Expected<'_>, answers: &mut Answers) {
    let subject = || Subject::new("kernel", Text::trusted("running"));
    let Some(release) = running.kernel.release.value() else {
        let reason = running.kernel.release.reason().cloned();
        let reason = reason.unwrap_or_else(|| Text::trusted("there is no /proc/sys/kernel/osrelease"));
        let message = text!("which kernel runs is not known: {}", reason);
        return answers.add(not_determined(expected, subject(), message));
    };
    if running.sysctl.is_in_container() {
        let reason = text!("this is a container, which has no kernel of its own");
        return answers.add(not_applicable(expected, subject(), reason));
    }
    let kind = flavour(release.as_str());
    let installed = question.host.kernel.modules.keys().filter(|installed| flavour(installed.as_str()) == kind);
    match installed.max_by(|one, other| compare(one.as_str(), other.as_str())) {
        None if !question.host.gaps_of(ID).is_empty() => {
            let message = text!("which kernels are installed is not known: not all of /lib/modules could be read");
            answers.add(not_determined(expected, subject(), message));
        }
        None => {
            let reason = text!("no kernel of the kind of {} is installed below /lib/modules", *release);
            answers.add(not_applicable(expected, subject(), reason));
        }
        Some(newest) if compare(newest.as_str(), release.as_str()) == Ordering::Greater => {
            let message = text!(
                "the kernel {} runs, and {} is installed: what it mends holds after the next start",
                *release,
                *newest
            );
            let help = text!("start the machine again");
            answers.add(fail(expected, subject(), message).help(help).found(release.clone()));
        }
        Some(_) => pass(expected, answers),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::kernel::KernelModules;
    use crate::rule::host::live::tests::{answers_of, host};

    #[test]
    fn modules_are_judged() {
        let check = |modules: Option<&[&str]>, expected: &[&str]| {
            let host = host(|running| {
                running.kernel.release = Known::Is(Text::trusted("6.1.0-18-amd64"));
                running.kernel.modules = modules.map_or(Known::Absent, |names| {
                    Known::Is(names.iter().map(|name| (Text::trusted(*name), Default::default())).collect())
                });
            });
            let found = answers_of(&RULE, &host, "host.kernel.modules.loaded");
            let found: Vec<&String> = found.iter().filter(|answer| *answer != "pass").collect();
            assert_eq!(found, expected, "{modules:?}");
        };
        check(Some(&[]), &[]);
        check(Some(&["xt_dccp"]), &[]);
        check(Some(&["dccp"]), &["fail dccp"]);
        check(Some(&["usb_storage", "firewire_core"]), &["fail firewire-core", "fail usb-storage"]);
        check(None, &["not-applicable host.kernel.modules.loaded"]);
    }

    #[test]
    fn the_newest_kernel_should_run() {
        let check = |release: &str, installed: &[&str], expected: &str| {
            let mut host = host(|running| running.kernel.release = Known::Is(Text::trusted(release)));
            for one in installed {
                host.kernel.modules.insert(Text::trusted(*one), KernelModules::default());
            }
            assert_eq!(answers_of(&RULE, &host, "host.kernel.kernel.latest"), [expected], "{release} {installed:?}");
        };
        check("6.1.0-18-amd64", &["6.1.0-18-amd64"], "pass");
        check("6.1.0-18-amd64", &["6.1.0-9-amd64", "6.1.0-18-amd64"], "pass");
        check("6.1.0-9-amd64", &["6.1.0-18-amd64", "6.1.0-9-amd64"], "fail running");
        check("6.1.0-9-amd64", &["6.1.0-18-cloud-amd64", "6.1.0-9-amd64"], "pass");
        check("6.18.44-fc-v595", &["6.1.0-18-amd64"], "not-applicable running");
        check("6.1.0-18-amd64", &[], "not-applicable running");
    }
}
