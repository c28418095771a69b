//! `host/sysctl-persisted`: the next boot sets a kernel setting to a value that weakens it.

use std::collections::BTreeSet;

use super::question::{Question, at, fail, joined, not_applicable, not_determined, pass};
use crate::finding::{Level, Reference, Subject};
use crate::host::Place;
use crate::host::glob::matches;
use crate::host::sysctl::{Effective, Loser, Program, Sysctl, Unused, dotted, normal};
use crate::policy::host::{Expected, number};
use crate::rule::{Answers, Draft, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/sysctl-persisted",
    level: Level::Deny,
    summary: "the next boot sets a kernel setting to a value that weakens it",
    why: "of all the files that set it one line counts, and it is not always the one that was meant",
    help: "set the value in a file of /etc/sysctl.d whose name sorts behind the one that counts",
    page: include_str!("sysctl_persisted.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "man", id: "sysctl.d(5)" }],
    judge: Judge::Host { family: "sysctl", judge },
};

/// How many losing lines are named.
const MAX_NAMED: usize = 4;

/// Judges the value that the next boot gives each key, and what interfaces make of it.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    for expected in question.facts() {
        let Some(key) = expected.fact.key.as_deref() else { continue };
        if let Some(reason) = left_out(question, &expected) {
            answers.add(not_applicable(&expected, subject(&normal(key)), reason));
            continue;
        }
        let key = Key { key: normal(key), question, expected };
        key.judge(answers);
        key.judge_interfaces(answers);
    }
}

/// Why a fact is not expected here.
fn left_out(question: &Question<'_>, expected: &Expected<'_>) -> Option<Text> {
    if expected.fact.when.as_deref() == Some("ipv6-enabled") {
        let is_off = |argument: &crate::host::kernel::BootEntry| {
            let last = argument.arguments.last("ipv6.disable");
            last.and_then(|last| last.value.as_ref()).and_then(|value| number(value.as_str())) == Some(1)
        };
        let entries = &question.host.kernel.boot.entries;
        if !entries.is_empty() && question.host.kernel.boot.unread.is_empty() && entries.iter().all(is_off) {
            return Some(text!("every boot entry has ipv6.disable=1"));
        }
        if let Effective::Set { value, place, .. } = question.host.sysctl.effective("net/ipv6/conf/all/disable_ipv6")
            && number(value.as_str()) == Some(1)
        {
            return Some(text!("IPv6 is off: net.ipv6.conf.all.disable_ipv6 is 1 in {}", place.shown()));
        }
    }
    super::distribution::is_of_another(expected.fact, question.host)
}

/// What would set a key to another value and does not count.
#[derive(Default)]
struct Lost {
    /// Lines of files that are read.
    lines: Vec<Text>,
    /// Files that are not.
    files: Vec<Text>,
    /// Where they stand.
    places: Vec<Place>,
}

/// A key that is judged.
struct Key<'a> {
    /// With slashes.
    key: String,
    question: &'a Question<'a>,
    expected: Expected<'a>,
}

impl<'a> Key<'a> {
    fn sysctl(&self) -> &'a Sysctl {
        &self.question.host.sysctl
    }

    fn judge(&self, answers: &mut Answers) {
        if let Some(place) = &self.sysctl().is_off {
            let message = text!("nothing sets `{}`: {} masks systemd-sysctl.service", dotted(&self.key), place.shown());
            return answers.add(at(not_determined(&self.expected, subject(&self.key), message), place));
        }
        match self.sysctl().effective(&self.key) {
            Effective::Set { value, place, losers, pattern } => match self.accepts(value) {
                Some(true) => pass(&self.expected, answers),
                Some(false) => answers.add(self.failure(&self.key, value, place, losers, pattern)),
                None => {
                    let message = text!(
                        "`{}` is {} in {}, and whether that is the highest value depends on the architecture, which no file tells",
                        dotted(&self.key),
                        *value,
                        place.shown()
                    );
                    answers.add(
                        at(not_determined(&self.expected, subject(&self.key), message), place).found(value.clone()),
                    );
                }
            },
            Effective::NotSet { removed } => {
                if self.is_not_built() {
                    pass(&self.expected, answers);
                } else {
                    answers.add(self.not_set(removed));
                }
            }
            Effective::Unknown(unread) => {
                let named: Vec<Text> = unread
                    .iter()
                    .take(MAX_NAMED)
                    .map(|unread| text!("`/{}` ({})", unread.path, unread.found))
                    .collect();
                let message =
                    text!("what sets `{}` is not known: {} could not be read", dotted(&self.key), joined(&named));
                answers.add(not_determined(&self.expected, subject(&self.key), message));
            }
        }
    }

    /// Whether a value is as expected, `None` where that depends on what is not known.
    fn accepts(&self, value: &Text) -> Option<bool> {
        let fact = self.expected.fact;
        let own = self.sysctl().architecture.as_ref().and_then(|name| fact.arch.get(name.as_str()));
        let is_policy_of_fact = self.expected.value() == fact.value(self.expected.profile);
        if let (Some(least), true) = (own, is_policy_of_fact) {
            return Some(number(value.as_str()).is_some_and(|found| found >= *least));
        }
        if self.expected.list().iter().any(|word| word == "MAX") {
            return None;
        }
        // Programs with setuid may dump core as root where that is not written into a folder that somebody chose.
        if self.key == "fs/suid_dumpable" && number(value.as_str()) == Some(2) {
            let pattern = self.sysctl().effective("kernel/core_pattern");
            return Some(matches!(pattern, Effective::Set { value, .. } if value.as_str().starts_with(['|', '/'])));
        }
        Some(self.expected.accepts(value.as_str()) == Some(true))
    }

    fn failure(&self, key: &str, value: &Text, place: &Place, losers: &[Loser], pattern: Option<&Text>) -> Draft {
        let by = pattern.map_or_else(Text::default, |pattern| text!(" by the pattern `{}`", dotted(pattern.as_str())));
        let lost = self.lost(key, value, place, losers);
        let others = if lost.lines.is_empty() { Text::default() } else { text!(", and not {}", joined(&lost.lines)) };
        let unused = if lost.files.is_empty() { Text::default() } else { text!("; {}", joined(&lost.files)) };
        let is_number =
            number(value.as_str()).is_some() || self.expected.list().iter().all(|word| number(word).is_none());
        let refused = if is_number { "" } else { " (no number: the kernel refuses it, and its default holds)" };
        let message = text!(
            "the next boot sets `{}` to `{}`{}{}, expected {}: {} counts{}{}",
            dotted(key),
            *value,
            *refused,
            by,
            self.expected.words(),
            place.shown(),
            others,
            unused
        );
        let draft = at(fail(&self.expected, subject(key), message), place);
        draft.with_related(lost.places.iter().map(Place::location)).help(self.mend(key, place)).found(value.clone())
    }

    /// Returns what would set a key to another value and does not count, of each kind the last ones.
    fn lost(&self, key: &str, value: &Text, place: &Place, losers: &[Loser]) -> Lost {
        let mut out = Lost::default();
        for loser in losers.iter().rev().filter(|loser| loser.value.as_ref() != Some(value)).take(MAX_NAMED) {
            out.lines.push(match &loser.value {
                Some(value) => text!("{} ({})", loser.place.shown(), *value),
                None => text!("{} (taken out)", loser.place.shown()),
            });
        }
        // Lines that say the same want to be mended too.
        out.places.extend(losers.iter().rev().take(MAX_NAMED).map(|loser| loser.place.clone()));
        // There may be very many interfaces, and very many patterns.
        if key != self.key {
            return out;
        }
        let patterns = self.sysctl().patterns_of(key);
        for pattern in patterns.filter(|pattern| pattern.place != *place && pattern.value != *value).take(MAX_NAMED) {
            let name = dotted(pattern.key.as_str());
            out.lines.push(text!("{} ({} by the pattern `{}`)", pattern.place.shown(), pattern.value, name));
            out.places.push(pattern.place.clone());
        }
        let unused = self.sysctl().would_set(key).filter(|(_, would)| *would != value);
        for (unused, value) in unused.take(MAX_NAMED) {
            out.files.push(self.unused(unused, value));
            out.places.push(Place::file(&unused.path));
        }
        out
    }

    /// Says why a file that would set the key counts for nothing.
    fn unused(&self, unused: &Unused, value: &Text) -> Text {
        match &unused.hidden_by {
            Some(by) => {
                let hides = if unused.by_null { "is a link to /dev/null and hides it" } else { "hides it" };
                text!("/{} would set it to `{}`, but /{} of the same name {}", unused.path, *value, *by, *hides)
            }
            None => text!(
                "/{} sets it to `{}`, but {} does not read that file without a link in /etc/sysctl.d",
                unused.path,
                *value,
                *self.sysctl().program.name()
            ),
        }
    }

    fn mend(&self, key: &str, place: &Place) -> Text {
        let wanted = self.expected.list().into_iter().next().unwrap_or_default();
        let apply = match self.sysctl().program {
            Program::Systemd => "systemctl restart systemd-sysctl",
            Program::Procps => "sysctl --system",
            Program::Busybox => "rc-service sysctl restart",
        };
        let is_vendor = !place.path.as_bytes().starts_with(b"etc/");
        if is_vendor {
            text!(
                "write `{} = {}` into a file of /etc/sysctl.d whose name sorts behind `{}`, then run `{}`",
                dotted(key),
                wanted,
                *place.path.file_name(),
                *apply
            )
        } else {
            text!(
                "write `{} = {}` in {}, or take the line out, then run `{}`",
                dotted(key),
                wanted,
                place.shown(),
                *apply
            )
        }
    }

    fn not_set(&self, removed: Option<&Place>) -> Draft {
        let name = dotted(&self.key);
        let pattern = self.sysctl().patterns_of(&self.key).next();
        let mut words: Vec<Text> = Vec::new();
        if let Some(place) = removed {
            words.push(text!("{} takes it out", place.shown()));
            if let Some(pattern) = pattern {
                let (shown, name) = (pattern.place.shown(), dotted(pattern.key.as_str()));
                words.push(text!("{} would set it to `{}` by the pattern `{}`", shown, pattern.value, name));
            }
        }
        for (unused, value) in self.sysctl().would_set(&self.key).take(MAX_NAMED) {
            words.push(self.unused(unused, value));
        }
        let words = if words.is_empty() { Text::default() } else { text!("; {}", joined(&words)) };
        let message = text!(
            "no file sets `{}`, so the kernel's default decides, expected {}{}",
            name,
            self.expected.words(),
            words
        );
        let wanted = self.expected.list().into_iter().next().unwrap_or_default();
        let help = text!("write `{} = {}` into a file of /etc/sysctl.d that ends in .conf", name, wanted);
        let draft = not_determined(&self.expected, subject(&self.key), message).help(help);
        match removed {
            Some(place) => at(draft, place).with_related(pattern.map(|pattern| pattern.place.location())),
            None => draft,
        }
    }

    /// Whether every kernel was built without what the key belongs to: `kconfig:OPTION=n->pass`.
    fn is_not_built(&self) -> bool {
        let told = self.expected.fact.absent.as_deref().and_then(|told| told.strip_prefix("kconfig:"));
        let option = told.and_then(|told| told.strip_suffix("=n->pass"));
        option.is_some_and(|option| self.question.host.kernel.is_built_without(option) == Some(true))
    }

    /// Judges what single interfaces make of a key that is set for all.
    fn judge_interfaces(&self, answers: &mut Answers) {
        let Some((before, setting)) = self.key.split_once("/conf/all/") else { return };
        let (before, behind) = (format!("{before}/conf/"), format!("/{setting}"));
        let (all, of_all) = match self.sysctl().effective(&self.key) {
            Effective::Set { value, pattern, .. } => (number(value.as_str()), pattern),
            Effective::NotSet { .. } | Effective::Unknown(_) => (None, None),
        };
        let is_interface = |key: &str| {
            let middle = key.strip_prefix(&before).and_then(|rest| rest.strip_suffix(&behind));
            middle.is_some_and(|name| !name.is_empty() && name != "all" && name != "default" && !name.contains('/'))
        };
        let from = Text::of(&before);
        for (key, found) in self.sysctl().settings.range(from..) {
            if !key.as_str().starts_with(&before) {
                break;
            }
            if let (true, Some(value), true) = (is_interface(key.as_str()), &found.value, found.undone_by.is_empty()) {
                self.interface(key.as_str(), value, &found.place, &found.losers, all, answers);
            }
        }
        let mut seen: BTreeSet<&str> = BTreeSet::new();
        for pattern in self.sysctl().patterns.iter().rev() {
            let key = pattern.key.as_str();
            // One that sets the key for all is judged there.
            let is_of_all = of_all == Some(&pattern.key);
            if !is_interface(key) || is_of_all || seen.iter().any(|later| *later == key || matches(later, key)) {
                continue;
            }
            self.interface(key, &pattern.value, &pattern.place, &[], all, answers);
            // A later pattern that means all that this one does takes its place.
            if seen.len() < MAX_PATTERNS {
                seen.insert(key);
            }
        }
    }

    fn interface(
        &self,
        key: &str,
        value: &Text,
        place: &Place,
        losers: &[Loser],
        all: Option<i64>,
        answers: &mut Answers,
    ) {
        let Some(own) = number(value.as_str()) else { return };
        let Some(effective) = self.combined(all, own) else { return };
        let is_good = |value: i64| self.accepts(&Text::trusted(value.to_string())) != Some(false);
        if is_good(effective) || is_good(own) {
            return;
        }
        let draft = self.failure(key, value, place, losers, None);
        answers.add(draft.with("effective", Text::trusted(effective.to_string())));
    }

    /// Puts together the values of all interfaces and of one, as the kernel does (`include/linux/inetdevice.h`).
    fn combined(&self, all: Option<i64>, own: i64) -> Option<i64> {
        let is_on = |value: i64| i64::from(value != 0);
        // A host that forwards asks both before it takes a redirect.
        let forwards = || {
            let forwarding = self.sysctl().effective("net/ipv4/ip_forward");
            matches!(forwarding, Effective::Set { value, .. } if number(value.as_str()).is_some_and(|value| value != 0))
        };
        let how = match self.expected.fact.combine.as_deref() {
            Some("or") if self.key == "net/ipv4/conf/all/accept_redirects" && forwards() => Some("and"),
            how => how,
        };
        match how {
            Some("max") => all.map(|all| all.max(own)),
            Some("min") if own <= 0 => Some(own),
            Some("min") => all.map(|all| all.min(own)),
            Some("or") if own != 0 => Some(1),
            Some("or") => all.map(is_on),
            Some("and") if own == 0 => Some(0),
            Some("and") => all.map(is_on),
            _ => Some(own),
        }
    }
}

/// How many patterns of interfaces are compared with each other.
const MAX_PATTERNS: usize = 100;

fn subject(key: &str) -> Subject {
    Subject::new("key", text!("{}", dotted(key)))
}
