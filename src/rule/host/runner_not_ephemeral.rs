//! `host/runner-not-ephemeral`: a job of the runner reaches other jobs or the host.

use super::live;
use super::question::{Question, fail, joined, not_applicable, octal, pass};
use super::unseen::{no_job, subject, unseen};
use crate::finding::{Level, Reference};
use crate::host::running::Known;
use crate::host::running::ci_runner::{CiRunner, Limits};
use crate::policy::host::Expected;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/runner-not-ephemeral",
    level: Level::Deny,
    summary: "a job of the runner reaches other jobs or the host",
    why: "whoever may propose a change may run code on the runner, and from there reaches what comes after, or what \
           lies below",
    help: "give each job a machine or a container of its own, without namespaces, paths or capabilities of the host, \
           and remove it afterwards",
    page: include_str!("runner_not_ephemeral.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-653" }],
    judge: Judge::Host { family: crate::host::running::ci_runner::ID, judge },
};

/// What is known of a fact about a job.
enum Told {
    /// It is as expected.
    Sound,
    /// It is not: what was found, in a message.
    Faulty(Text, Text),
    /// It does not concern this job, for a reason.
    Nothing(Text),
    /// It cannot be known, for a reason.
    Unknown(Text),
}

/// Fails for each fact about what holds the job back that is not as expected.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(running) = live::running(question, answers) else { return };
    let runner = &running.ci_runner;
    for expected in question.facts() {
        if runner.service.is_none() {
            answers.add(not_applicable(&expected, subject(&expected), no_job()));
            continue;
        }
        match told(question, &expected, runner) {
            Told::Sound => pass(&expected, answers),
            Told::Faulty(message, found) => answers.add(fail(&expected, subject(&expected), message).found(found)),
            Told::Nothing(reason) => answers.add(not_applicable(&expected, subject(&expected), reason)),
            Told::Unknown(reason) => unseen(&expected, answers, &reason),
        }
    }
}

fn told(question: &Question<'_>, expected: &Expected<'_>, runner: &CiRunner) -> Told {
    match expected.fact.id.as_str() {
        "host.ci.ephemeral" => ephemeral(runner),
        "host.ci.privileged" => privileged(expected, runner),
        "host.ci.seccomp" => of_limits(runner, |limits| {
            let filter = limits.filter.map(u32::from)?;
            let is_sound = expected.accepts(&filter.to_string()).unwrap_or(false);
            Some((is_sound, Text::trusted("no filter holds back what the job asks of the kernel"), text!("{}", filter)))
        }),
        "host.ci.no_new_privs" => of_limits(runner, |limits| {
            let message = Text::trusted("setuid programs give the job more rights than it has");
            limits.has_no_new_privileges.map(|is_set| (is_set, message, Text::trusted(if is_set { "1" } else { "0" })))
        }),
        "host.ci.root_user" => of_limits(runner, |limits| {
            Some((limits.user != 0, Text::trusted("the job runs as root"), text!("{}", limits.user)))
        }),
        "host.ci.host_namespaces" => namespaces(expected, runner),
        "host.ci.host_mounts" => mounts(expected, runner),
        "host.ci.runner_home" => runner_home(runner),
        "host.ci.workspace_shared" => workspace(runner),
        "host.ci.metadata_service" => metadata(question),
        "host.ci.ptrace_siblings" => siblings(expected, runner),
        _ => Told::Unknown(Text::trusted("nothing is known of it")),
    }
}

fn ephemeral(runner: &CiRunner) -> Told {
    let by = runner.told_by.clone().unwrap_or_default();
    match &runner.is_ephemeral {
        Known::Is(true) => Told::Sound,
        Known::Is(false) => {
            Told::Faulty(text!("the machine of the job is kept for the next one, by {}", by), Text::trusted("false"))
        }
        Known::Absent => Told::Unknown(Text::trusted("nothing tells whether the machine is thrown away")),
        Known::Unknown(reason) => Told::Unknown(reason.clone()),
    }
}

fn of_limits(runner: &CiRunner, one: impl Fn(&Limits) -> Option<(bool, Text, Text)>) -> Told {
    let limits = match &runner.limits {
        Known::Is(limits) => limits,
        Known::Absent => return Told::Unknown(Text::trusted("`/proc/self/status` is not there")),
        Known::Unknown(reason) => return Told::Unknown(reason.clone()),
    };
    match one(limits) {
        Some((true, ..)) => Told::Sound,
        Some((false, message, found)) => Told::Faulty(message, found),
        None => Told::Unknown(Text::trusted(
            "`/proc/self/status` does not tell: the kernel is too old, or built without it",
        )),
    }
}

fn privileged(expected: &Expected<'_>, runner: &CiRunner) -> Told {
    match &runner.is_of_machine {
        // What a namespace of users gives away counts in it alone.
        Known::Is(false) => return Told::Sound,
        Known::Is(true) | Known::Absent => {}
        Known::Unknown(reason) => return Told::Unknown(reason.clone()),
    }
    of_limits(runner, |limits| {
        let capabilities = limits.capabilities?;
        let list = expected.list();
        let has = |name: &&String| number_of(name).is_some_and(|bit| capabilities >> bit & 1 == 1);
        let found: Vec<&String> = list.iter().filter(has).collect();
        let found = joined(&found);
        Some((found.as_str().is_empty(), text!("the job has capabilities of the machine: {}", found), found))
    })
}

/// Returns the number of a capability (`linux/capability.h`).
fn number_of(name: &str) -> Option<u32> {
    const NAMES: [(&str, u32); 10] = [
        ("cap_dac_override", 1),
        ("cap_dac_read_search", 2),
        ("cap_sys_module", 16),
        ("cap_sys_rawio", 17),
        ("cap_sys_ptrace", 19),
        ("cap_sys_admin", 21),
        ("cap_sys_boot", 22),
        ("cap_mknod", 27),
        ("cap_net_admin", 12),
        ("cap_bpf", 39),
    ];
    NAMES.iter().find(|(known, _)| *known == name).map(|(_, number)| *number)
}

/// Why a fact about containers says nothing of this job.
fn uncontained() -> Told {
    Told::Nothing(Text::trusted("the job runs in no container, but on the machine itself"))
}

fn namespaces(expected: &Expected<'_>, runner: &CiRunner) -> Told {
    if !runner.is_contained {
        return uncontained();
    }
    let shared = match &runner.shared {
        Known::Is(shared) => shared,
        Known::Absent => return Told::Unknown(Text::trusted("`/proc/self/ns` is not there")),
        Known::Unknown(reason) => return Told::Unknown(reason.clone()),
    };
    let list = expected.list();
    let found: Vec<&Text> = shared.iter().filter(|name| list.iter().any(|one| *one == name.as_str())).collect();
    if found.is_empty() {
        return Told::Sound;
    }
    let found = joined(&found);
    Told::Faulty(text!("the container of the job shares namespaces with the machine: {}", found), found)
}

fn mounts(expected: &Expected<'_>, runner: &CiRunner) -> Told {
    if !runner.is_contained {
        return uncontained();
    }
    let mounts = match &runner.mounts {
        Known::Is(mounts) => mounts,
        Known::Absent => return Told::Unknown(Text::trusted("`/proc/self/mountinfo` is not there")),
        Known::Unknown(reason) => return Told::Unknown(reason.clone()),
    };
    let list = expected.list();
    let unwanted = mounts.iter().filter(|(_, what)| list.iter().any(|one| *one == what.as_str()));
    let found: Vec<Text> = unwanted.map(|(at, what)| text!("{} at {}", *what, *at)).collect();
    if found.is_empty() {
        return Told::Sound;
    }
    let found = joined(&found);
    Told::Faulty(text!("the container of the job has parts of the machine mounted in: {}", found), found)
}

fn runner_home(runner: &CiRunner) -> Told {
    if runner.is_ephemeral == Known::Is(true) {
        return Told::Sound;
    }
    if !runner.has_runner {
        return Told::Nothing(Text::trusted(
            "no settings of a runner (`.runner`) stand above the folder in which the job works",
        ));
    }
    let found: Vec<Text> = runner.runner_files.iter().map(|file| text!("/{}", file.path)).collect();
    if found.is_empty() {
        return Told::Sound;
    }
    let found = joined(&found);
    Told::Faulty(text!("the job may change the runner that starts the next one: {}", found), found)
}

fn workspace(runner: &CiRunner) -> Told {
    let Some(folder) = &runner.workspace else {
        return Told::Unknown(Text::trusted(
            "no variable of the job names the folder in which it works, or it is not there",
        ));
    };
    let mode = octal(folder.mode);
    if folder.is_own && folder.mode & 0o002 == 0 {
        return Told::Sound;
    }
    let message = match folder.is_own {
        true => text!("everyone may write the folder `/{}` in which the job works ({})", folder.path, mode),
        false => {
            text!("the folder `/{}` in which the job works is another's: the user {} owns it", folder.path, folder.user)
        }
    };
    Told::Faulty(message, mode)
}

fn metadata(question: &Question<'_>) -> Told {
    match question.policy.metadata_reachable.as_ref().map(|set| set.value) {
        Some(false) => Told::Sound,
        Some(true) => Told::Faulty(
            Text::trusted("the policy declares that jobs reach the metadata of the cloud, and the credentials in it"),
            Text::trusted("metadata-reachable = true"),
        ),
        None => Told::Unknown(Text::trusted(
            "whether the job reaches the metadata of the cloud: no packet is sent to find out, and the policy does not \
             declare it ([host] metadata-reachable)",
        )),
    }
}

fn siblings(expected: &Expected<'_>, runner: &CiRunner) -> Told {
    let found = match &runner.ptrace_scope {
        Known::Is(scope) => *scope,
        // Without Yama everyone reads the memory of what is theirs.
        Known::Absent => 0,
        Known::Unknown(reason) => return Told::Unknown(reason.clone()),
    };
    if expected.accepts(&found.to_string()) == Some(true) {
        return Told::Sound;
    }
    let message = text!("steps of one user read each other's memory: kernel.yama.ptrace_scope is {}", found);
    Told::Faulty(message, text!("{}", found))
}
