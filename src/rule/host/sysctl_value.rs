//! `host/sysctl-value`: a kernel setting in force is weaker than expected.

use super::distribution::is_of_another;
use super::interface::{Interfaces, combined};
use super::question::{Question, at, fail, joined, not_applicable, not_determined, pass};
use super::{live, running_kernel};
use crate::finding::{Level, Reference, Subject};
use crate::host::running::sysctl::{ID, Values};
use crate::host::running::{Known, Running};
use crate::host::sysctl::{Effective, normal};
use crate::policy::host::{Expected, number};
use crate::rule::{Answers, Draft, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/sysctl-value",
    level: Level::Deny,
    summary: "a kernel setting in force is weaker than expected",
    why: "the kernel does what it was told last, whatever the files say that were read when it started",
    help: "set it now and for the next boot: `sysctl -w KEY=VALUE`, and the same line in a file of `/etc/sysctl.d`",
    page: include_str!("sysctl_value.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Host { family: ID, judge },
};

/// The rule that judges the same facts by files.
const BY_FILES: &str = "host/sysctl-persisted";

/// The fact about addresses in the list of the kernel's symbols, which two settings decide.
const MASKED: &str = "host.kernel.kallsyms.masked";

/// How many interfaces are named in a message, and how many have an answer of their own.
const MAX_NAMED: usize = 4;
const MAX_INTERFACES: usize = 32;

/// Judges the value in force of each key, and what interfaces make of it.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let facts = || question.facts().chain(question.policy.expected(BY_FILES));
    let Some(running) = &question.host.running else { return live::judge_facts(question, facts(), answers) };
    let interfaces = Interfaces::of(&running.sysctl);
    for expected in facts() {
        if expected.fact.id == MASKED {
            masked(running, &expected, answers);
        } else if let Some(key) = expected.fact.key.as_deref() {
            let key = Key { key, expected, question, running, interfaces: &interfaces };
            key.judge(answers);
        }
    }
}

/// A key that is judged.
struct Key<'a> {
    /// With dots.
    key: &'a str,
    expected: Expected<'a>,
    question: &'a Question<'a>,
    running: &'a Running,
    interfaces: &'a Interfaces<'a>,
}

impl<'a> Key<'a> {
    fn values(&self) -> &'a Values {
        &self.running.sysctl
    }

    fn judge(&self, answers: &mut Answers) {
        if let Some(reason) = self.left_out() {
            return answers.add(not_applicable(&self.expected, subject(self.key), reason));
        }
        match self.values().get(self.key) {
            Known::Is(value) => match self.accepts(value.as_str()) {
                Some(true) => {
                    pass(&self.expected, answers);
                    self.judge_interfaces(answers);
                }
                Some(false) => self.weak(value, answers),
                None => {
                    let message = text!(
                        "`{}` is `{}`, and whether that is the highest value depends on the architecture, which is not known",
                        *self.key,
                        *value
                    );
                    answers.add(not_determined(&self.expected, subject(self.key), message).found(value.clone()));
                }
            },
            Known::Unknown(reason) => {
                let message = text!("the value of `{}` is not known: {}; root may read it", *self.key, reason);
                answers.add(not_determined(&self.expected, subject(self.key), message));
            }
            Known::Absent => self.absent(answers),
        }
    }

    /// Why a fact is not expected here.
    fn left_out(&self) -> Option<Text> {
        if self.expected.fact.when.as_deref() == Some("ipv6-enabled") && self.values().is_shown() {
            match self.values().number("net.ipv6.conf.all.disable_ipv6") {
                None => return Some(text!("IPv6 is off: the kernel shows no /proc/sys/net/ipv6")),
                Some(0) => {}
                Some(_) => return Some(text!("IPv6 is off: `net.ipv6.conf.all.disable_ipv6` is 1")),
            }
        }
        is_of_another(self.expected.fact, self.question.host)
    }

    /// Whether a value is as expected, `None` where that depends on what is not known.
    fn accepts(&self, value: &str) -> Option<bool> {
        let fact = self.expected.fact;
        let machine = self.values().get("kernel.arch");
        let machine = machine.value().copied().or(self.question.host.sysctl.architecture.as_ref());
        let own = machine.and_then(|name| fact.arch.get(name.as_str()));
        if let (Some(least), true) = (own, self.expected.value() == fact.value(self.expected.profile)) {
            return Some(number(value).is_some_and(|found| found >= *least));
        }
        if self.expected.list().iter().any(|word| word == "MAX") {
            return None;
        }
        // Programs with setuid may dump core as root where that is not written into a folder that somebody chose.
        if self.key == "fs.suid_dumpable" && number(value) == Some(2) {
            let pattern = self.values().get("kernel.core_pattern");
            return Some(pattern.value().is_some_and(|pattern| pattern.as_str().starts_with(['|', '/'])));
        }
        Some(self.expected.accepts(value) == Some(true))
    }

    fn is_good(&self, value: i64) -> bool {
        self.accepts(&value.to_string()) == Some(true)
    }

    /// Answers for a value that is not as expected; for one of all interfaces only where it takes effect on any.
    fn weak(&self, value: &Text, answers: &mut Answers) {
        let on = match self.interfaces_of_all() {
            Some(interfaces) => {
                let (good, weak): (Vec<_>, Vec<_>) =
                    interfaces.into_iter().partition(|(_, _, effective)| self.is_good(*effective));
                if weak.is_empty() && !good.is_empty() {
                    return pass(&self.expected, answers);
                }
                let names: Vec<Text> = weak.iter().take(MAX_NAMED).map(|(name, ..)| text!("`{}`", **name)).collect();
                let more = match weak.len().saturating_sub(MAX_NAMED) {
                    0 => Text::default(),
                    more => text!(" and {} more", more),
                };
                if names.is_empty() {
                    Text::default()
                } else {
                    text!(", as it takes effect on {}{}", joined(&names), more)
                }
            }
            None => Text::default(),
        };
        answers.add(self.failure(self.key, value, &on));
    }

    fn failure(&self, key: &str, value: &Text, on: &Text) -> Draft {
        let fact = self.expected.fact;
        let is_of_host = self.values().is_of_host(key);
        let whose = if is_of_host { ", a setting of the host that this container shares," } else { "" };
        let why = if fact.why.is_empty() { String::new() } else { format!("; {}", fact.why) };
        let message =
            text!("`{}`{} is `{}` now{}, expected {}{}", *key, *whose, *value, *on, self.expected.words(), why);
        let wanted = self.expected.list().into_iter().next().unwrap_or_default();
        let help = match is_of_host {
            true => text!("set it on the host: `sysctl -w {}={}`, and in a file of its /etc/sysctl.d", *key, wanted),
            false => text!(
                "run `sysctl -w {}={}`, and write `{} = {}` into a file of /etc/sysctl.d that ends in .conf",
                *key,
                wanted,
                *key,
                wanted
            ),
        };
        let draft = fail(&self.expected, subject(key), message).found(value.clone()).help(help);
        // The line that makes it so at every boot is the place to edit.
        match self.question.host.sysctl.effective(&normal(key)) {
            Effective::Set { value: set, place, .. } if set == value => at(draft, place),
            Effective::Set { .. } | Effective::NotSet { .. } | Effective::Unknown(_) => draft,
        }
    }

    /// Answers for a key that is not there, as its fact says.
    fn absent(&self, answers: &mut Answers) {
        let subject = || subject(self.key);
        let known = |message: Text| not_determined(&self.expected, subject(), message);
        if !self.values().is_shown() {
            return answers.add(known(text!("`{}` is not known: /proc/sys shows no setting", *self.key)));
        }
        let is_first = self.values().is_first.get(&crate::host::running::sysctl::Namespace::Net);
        if self.key.starts_with("net.core.") && is_first == Some(&false) {
            let message =
                text!("`{}` is shown in the network namespace of the host alone, and this is another", *self.key);
            return answers.add(known(message));
        }
        let missing = text!("the running kernel has no `{}`", *self.key);
        let told = self.expected.fact.absent.as_deref().unwrap_or_default();
        if told == "pass" {
            return pass(&self.expected, answers);
        }
        if told == "not-applicable" {
            return answers.add(not_applicable(&self.expected, subject(), missing));
        }
        if let Some(least) = told.strip_prefix("before:").and_then(|rest| rest.strip_suffix("->fail")) {
            return answers.add(
                match self.values().release().map(|release| running_kernel::is_before(release, least)) {
                    Some(true) => {
                        let message = text!(
                            "{}, which came with Linux {}: without it {} cannot be had",
                            missing,
                            *least,
                            self.expected.fact.why
                        );
                        fail(&self.expected, subject(), message)
                            .help(text!("use a kernel of Linux {} or later", *least))
                    }
                    Some(false) | None => known(missing),
                },
            );
        }
        if let Some(option) = told.strip_prefix("kconfig:").and_then(|rest| rest.strip_suffix("=n->pass")) {
            return match running_kernel::is_built_without(self.question.host, self.running, option) {
                Some(true) => pass(&self.expected, answers),
                Some(false) => answers.add(known(text!("{}, though it was built with CONFIG_{}", missing, *option))),
                None => answers.add(known(text!(
                    "{}, and whether it was built with CONFIG_{} is not known",
                    missing,
                    *option
                ))),
            };
        }
        if told != "fail" {
            return answers.add(known(missing));
        }
        let modules = self.running.mac.modules.value();
        let because = match modules {
            Some(modules) if self.key.starts_with("kernel.yama.") && !modules.contains(&Text::trusted("yama")) => {
                let names: Vec<Text> = modules.iter().cloned().collect();
                text!(": Yama is not among its security modules, which are {}", joined(&names))
            }
            _ => Text::default(),
        };
        let message = text!("{}{}, expected {}", missing, because, self.expected.words());
        answers.add(fail(&self.expected, subject(), message).help(text!("use a kernel that has the setting")));
    }

    /// Returns the interfaces for which a key of all is combined with their own, each with its own value and the effective
    /// one; `None` where the key is none of all interfaces, or counts for itself alone.
    fn interfaces_of_all(&self) -> Option<Vec<(&'a str, i64, i64)>> {
        self.expected.fact.combine.as_ref()?;
        Some(self.each_interface())
    }

    fn each_interface(&self) -> Vec<(&'a str, i64, i64)> {
        let Some((before, setting)) = self.key.split_once(".conf.all.") else { return Vec::new() };
        let Some(all) = self.values().number(self.key) else { return Vec::new() };
        let mut out = Vec::new();
        for name in self.interfaces.of_keys(before) {
            let Some(own) = self.values().number(&format!("{before}.conf.{name}.{setting}")) else { continue };
            let forwards = self.values().number(&format!("{before}.conf.{name}.forwarding")).unwrap_or(0) != 0;
            let how = self.expected.fact.combine.as_deref();
            out.push((*name, own, combined(self.key, how, all, own, forwards)));
        }
        out
    }

    /// Judges what single interfaces make of a key that is as expected for all.
    fn judge_interfaces(&self, answers: &mut Answers) {
        let Some((before, setting)) = self.key.split_once(".conf.all.") else { return };
        let weak = self
            .each_interface()
            .into_iter()
            .filter(|(_, own, effective)| !self.is_good(*own) && !self.is_good(*effective));
        for (name, own, effective) in weak.take(MAX_INTERFACES) {
            let key = format!("{before}.conf.{name}.{setting}");
            let value = Text::trusted(own.to_string());
            let on = if own == effective { Text::default() } else { text!(" and {} takes effect", effective) };
            answers.add(self.failure(&key, &value, &on).with("effective", Text::trusted(effective.to_string())));
        }
    }
}

/// Judges whether ordinary users see addresses in `/proc/kallsyms`: what this process sees, which may be root's, says nothing
/// of that (`kallsyms_show_value` of the kernel).
fn masked(running: &Running, expected: &Expected<'_>, answers: &mut Answers) {
    let values = &running.sysctl;
    let subject = Subject::new("file", Text::trusted("/proc/kallsyms"));
    let (pointers, perf) = (values.number("kernel.kptr_restrict"), values.number("kernel.perf_event_paranoid"));
    match (pointers, perf) {
        (Some(1..), _) | (Some(_), Some(2..)) => pass(expected, answers),
        (Some(_), None) if values.get("kernel.perf_event_paranoid") == Known::Absent => pass(expected, answers),
        (Some(pointers), Some(perf)) => {
            let message = text!(
                "every user sees the kernel's addresses in /proc/kallsyms: `kernel.kptr_restrict` is {} and \
                 `kernel.perf_event_paranoid` is {}, expected one of at least 1, or the other of at least 2",
                pointers,
                perf
            );
            let help = text!("run `sysctl -w kernel.kptr_restrict=2`, and write the same into a file of /etc/sysctl.d");
            answers.add(fail(expected, subject, message).help(help).found(Text::trusted("addresses")));
        }
        _ => {
            let message = text!(
                "whether users see the kernel's addresses is not known: /proc/sys does not show `kernel.kptr_restrict` and \
                 `kernel.perf_event_paranoid`"
            );
            answers.add(not_determined(expected, subject, message));
        }
    }
}

fn subject(key: &str) -> Subject {
    Subject::new("key", text!("{}", *key))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::Host;
    use crate::host::running::sysctl::Namespace;
    use crate::rule::host::live::tests::{answers_of, host};

    fn with(values: &[(&str, &str)]) -> Host {
        host(|running| {
            running.sysctl.values.insert(Text::of("kernel.osrelease"), Text::of("6.1.0-18-amd64"));
            running.sysctl.values.insert(Text::of("net.ipv6.conf.all.disable_ipv6"), Text::of("0"));
            for (key, value) in values {
                running.sysctl.values.insert(Text::of(*key), Text::of(*value));
            }
        })
    }

    #[test]
    fn the_value_in_force_is_judged() {
        let check = |fact: &str, values: &[(&str, &str)], expected: &[&str]| {
            assert_eq!(answers_of(&RULE, &with(values), &format!("host.sysctl.{fact}")), expected, "{fact} {values:?}");
        };
        let kptr = "kernel.kptr_restrict";
        check(kptr, &[(kptr, "1")], &["pass"]);
        check(kptr, &[(kptr, "0")], &["fail kernel.kptr_restrict"]);
        check(kptr, &[], &["fail kernel.kptr_restrict"]);
        check("kernel.pid_max", &[], &[]);
        let dump = "fs.suid_dumpable";
        check(dump, &[(dump, "2"), ("kernel.core_pattern", "|/bin/false")], &["pass"]);
        check(dump, &[(dump, "2"), ("kernel.core_pattern", "core")], &["fail fs.suid_dumpable"]);
        let low = "vm.mmap_min_addr";
        check(low, &[(low, "32768"), ("kernel.arch", "x86_64")], &["fail vm.mmap_min_addr"]);
        check(low, &[(low, "32768"), ("kernel.arch", "arm")], &["pass"]);
        // Absent: what the fact says.
        check("kernel.kexec_load_disabled", &[], &["not-determined kernel.kexec_load_disabled"]);
        check("dev.tty.legacy_tiocsti", &[], &["fail dev.tty.legacy_tiocsti"]);
        check("kernel.ctrl-alt-del", &[], &["not-applicable kernel.ctrl-alt-del"]);
        check("net.ipv4.ip_forward", &[], &["not-determined net.ipv4.ip_forward"]);
        // IPv6.
        let v6 = "net.ipv6.conf.all.accept_redirects";
        check(v6, &[(v6, "1")], &["fail net.ipv6.conf.all.accept_redirects"]);
        check(
            v6,
            &[(v6, "1"), ("net.ipv6.conf.all.disable_ipv6", "1")],
            &["not-applicable net.ipv6.conf.all.accept_redirects"],
        );
        check(v6, &[(v6, "0"), ("net.ipv6.conf.lo.accept_redirects", "1")], &["pass"]);
        check(
            v6,
            &[(v6, "0"), ("net.ipv6.conf.eth0.accept_redirects", "1")],
            &["fail net.ipv6.conf.eth0.accept_redirects"],
        );
    }

    #[test]
    fn what_takes_effect_on_interfaces_counts() {
        let check = |key: &str, all: &str, eth0: &str, expected: &str| {
            let (first, own) = (format!("net.ipv4.conf.all.{key}"), format!("net.ipv4.conf.eth0.{key}"));
            let host = with(&[(&first, all), (&own, eth0), ("net.ipv4.conf.eth0.forwarding", "0")]);
            assert_eq!(answers_of(&RULE, &host, &format!("host.sysctl.{first}")), [expected], "{key} {all} {eth0}");
        };
        // The larger of the two.
        check("rp_filter", "0", "1", "pass");
        check("rp_filter", "1", "0", "pass");
        check("rp_filter", "0", "0", "fail net.ipv4.conf.all.rp_filter");
        // One is enough.
        check("send_redirects", "0", "0", "pass");
        check("send_redirects", "0", "1", "fail net.ipv4.conf.eth0.send_redirects");
        check("send_redirects", "1", "0", "fail net.ipv4.conf.all.send_redirects");
        // Both are needed.
        check("accept_source_route", "1", "0", "pass");
        check("accept_source_route", "0", "1", "pass");
        check("accept_source_route", "1", "1", "fail net.ipv4.conf.all.accept_source_route");
    }

    #[test]
    fn a_kernel_that_was_built_without_is_no_fault() {
        let fact = "host.sysctl.kernel.kexec_load_disabled";
        let built = |options: &[&str]| {
            let mut host = with(&[]);
            if let Some(running) = &mut host.running {
                let options = options.iter().map(|option| (Text::of(*option), Text::of("y")));
                running.kernel.config = Known::Is(options.collect());
            }
            answers_of(&RULE, &host, fact)
        };
        assert_eq!(built(&[]), ["pass"]);
        assert_eq!(built(&["KEXEC_CORE"]), ["not-determined kernel.kexec_load_disabled"]);
    }

    #[test]
    fn what_cannot_be_read_or_is_hidden_is_not_determined() {
        let mut shown = with(&[("net.core.somaxconn", "4096")]);
        let key = Text::of("kernel.kptr_restrict");
        if let Some(running) = &mut shown.running {
            running.sysctl.unknown.insert(key, Text::of("denied"));
            running.sysctl.is_first.insert(Namespace::Net, false);
        }
        let answers = |fact: &str| answers_of(&RULE, &shown, fact);
        assert_eq!(answers("host.sysctl.kernel.kptr_restrict"), ["not-determined kernel.kptr_restrict"]);
        assert_eq!(answers("host.sysctl.net.core.bpf_jit_harden"), ["not-determined net.core.bpf_jit_harden"]);
        let nothing = host(|_| {});
        let found = answers_of(&RULE, &nothing, "host.sysctl.kernel.kptr_restrict");
        assert_eq!(found, ["not-determined kernel.kptr_restrict"]);
    }

    #[test]
    fn addresses_are_seen_where_two_settings_let_them() {
        let check = |pointers: &str, perf: Option<&str>, expected: &str| {
            let mut values = vec![("kernel.kptr_restrict", pointers)];
            values.extend(perf.map(|perf| ("kernel.perf_event_paranoid", perf)));
            assert_eq!(answers_of(&RULE, &with(&values), MASKED), [expected], "{pointers} {perf:?}");
        };
        check("1", Some("-1"), "pass");
        check("2", Some("2"), "pass");
        check("0", Some("2"), "pass");
        check("0", Some("1"), "fail /proc/kallsyms");
        check("0", None, "pass");
    }
}
