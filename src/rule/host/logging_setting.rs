//! `host/logging-setting`: what keeps a trail is not set as it should be.

use super::question::{Question, at, fail, not_applicable, not_determined, pass, unread};
use super::running::{install, is_below};
use crate::fact::{Gap, Location};
use crate::finding::{Level, Reference, Subject};
use crate::host::logging::Clock;
use crate::policy::host::Expected;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "host/logging-setting",
    level: Level::Deny,
    summary: "what keeps a trail is not set as it should be",
    why: "logs that end with the boot, or that the host itself can erase, tell nothing after an intrusion",
    help: "set it in a drop-in of the program's configuration, and start the program again",
    page: include_str!("logging_setting.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-778" }],
    judge: Judge::Host { family: "logging", judge },
};

/// How a fact is judged.
type Judged = fn(&Question<'_>, &Expected<'_>, &mut Answers);

fn judge(question: &Question<'_>, answers: &mut Answers) {
    let facts: [(&str, Judged); 5] = [
        ("host.evidence.journald", journal),
        ("host.evidence.remote_log", remote),
        ("host.evidence.time_sync", time),
        ("host.evidence.aide", baseline),
        ("host.systemd.coredump", core_dumps),
    ];
    for (id, judge) in facts {
        if let Some(expected) = question.fact(id) {
            judge(question, &expected, answers);
        }
    }
}

fn setting(name: &str) -> Subject {
    Subject::new("setting", Text::of(name))
}

/// Returns the gap of a file on which an answer rests.
fn gap_below<'a>(question: &Question<'a>, places: &[&str]) -> Option<&'a Gap> {
    question.host.gaps_of("logging").iter().find(|gap| is_below(&gap.location.path, places))
}

fn journal(question: &Question<'_>, expected: &Expected<'_>, answers: &mut Answers) {
    let logging = &question.host.logging;
    let subject = setting("journald.conf Storage");
    let places = [
        "etc/systemd/journald.conf",
        "etc/systemd/journald.conf.d",
        "run/systemd/journald.conf.d",
        "usr/lib/systemd/journald.conf.d",
        "usr/local/lib/systemd/journald.conf.d",
    ];
    if let Some(gap) = gap_below(question, &places) {
        return answers.add(unread(expected, subject, gap));
    }
    let set = logging.setting("journald.conf Storage");
    if set.is_none() && !logging.has_journal {
        let reason = "no journal is there: looked for `/usr/lib/systemd/systemd-journald`";
        return answers.add(not_applicable(expected, subject, Text::trusted(reason)));
    }
    let value = set.map_or("auto", |set| set.value.as_str());
    // `auto` keeps the journal where the folder is there.
    if expected.accepts(value) == Some(true) || (value == "auto" && logging.has_journal_folder) {
        return pass(expected, answers);
    }
    let message = match set {
        Some(set) => {
            text!("Storage is {} in {}: the journal does not outlive the next boot", set.value, set.place.shown())
        }
        None => text!(
            "no file sets Storage, and `/var/log/journal` is not there: the journal does not outlive the next boot"
        ),
    };
    let mend =
        text!("write `[Journal]` and `Storage={}` into `/etc/systemd/journald.conf.d/storage.conf`", expected.words());
    let draft = fail(expected, subject, message).help(mend).found(Text::of(value));
    answers.add(match set {
        Some(set) => at(draft, &set.place),
        None => draft.at(TreePath::new(b"etc/systemd/journald.conf").map(Location::file)),
    });
}

fn remote(question: &Question<'_>, expected: &Expected<'_>, answers: &mut Answers) {
    let subject = setting("forwarding");
    let forwards = &question.host.logging.forwards;
    if forwards.iter().any(|forward| forward.is_encrypted) {
        return pass(expected, answers);
    }
    let places = [
        "etc/rsyslog.conf",
        "etc/rsyslog.d",
        "etc/syslog-ng",
        "etc/systemd/journal-upload.conf",
        "etc/systemd/journal-upload.conf.d",
    ];
    if let Some(gap) = gap_below(question, &places) {
        return answers.add(unread(expected, subject, gap));
    }
    let mend = text!(
        "{}, and send the logs over TLS: `action(type=\"omfwd\" protocol=\"tcp\" StreamDriver=\"gtls\" StreamDriverMode=\"1\" …)`",
        install(question, "rsyslog-gnutls", "rsyslog-gnutls", "rsyslog-tls")
    );
    let draft = match forwards.first() {
        Some(forward) => {
            let message = text!("{} sends logs in clear text, by {}", forward.sender, forward.place.shown());
            at(fail(expected, subject, message).found(Text::trusted("in clear text")), &forward.place)
        }
        None => {
            let message = "logs stay on the host: rsyslog, syslog-ng and systemd-journal-upload send them nowhere";
            fail(expected, subject, Text::trusted(message)).found(Text::trusted("nowhere"))
        }
    };
    answers.add(draft.help(mend));
}

fn time(question: &Question<'_>, expected: &Expected<'_>, answers: &mut Answers) {
    let subject = setting("time-synchronisation");
    let clocks = &question.host.logging.clocks;
    let systemd = &question.host.systemd;
    let is_unknown = systemd.is_there && !question.host.has("systemd");
    let unit = |clock: &Clock| {
        let names = match clock.name.as_str() {
            "chrony" => ["chrony.service", "chronyd.service"].as_slice(),
            "ntp" => &["ntpsec.service", "ntp.service", "ntpd.service"],
            "openntpd" => &["openntpd.service"],
            _ => &["systemd-timesyncd.service"],
        };
        names.iter().find_map(|name| systemd.unit(name))
    };
    let runs = |clock: &&Clock| {
        clock.is_in_runlevel || unit(clock).is_some_and(|unit| unit.is_startable() && systemd.is_enabled(unit))
    };
    let mend = install(question, "chrony", "chrony", "chrony");
    match (clocks.iter().find(runs), clocks.first()) {
        (Some(_), _) => pass(expected, answers),
        (None, Some(_)) if is_unknown || !question.host.has("systemd") => {
            let message = "the family systemd was left out, which tells whether the clock is set";
            answers.add(not_determined(expected, subject, Text::trusted(message)));
        }
        (None, Some(clock)) => {
            let masked = unit(clock).is_some_and(|unit| unit.mask.is_some());
            let word = if masked { "masked" } else { "not enabled" };
            let message = text!("`{}` is installed and {}: nothing sets the clock", clock.name, *word);
            let draft = fail(expected, subject, message).found(Text::of(word));
            answers.add(
                draft
                    .at(Some(Location::file(clock.path.clone())))
                    .help(text!("`systemctl enable --now {}`", clock.name)),
            );
        }
        (None, None) => {
            let message = "nothing sets the clock: chrony, systemd-timesyncd and ntpd are not installed";
            answers
                .add(fail(expected, subject, Text::trusted(message)).help(mend).found(Text::trusted("not installed")));
        }
    }
}

fn baseline(question: &Question<'_>, expected: &Expected<'_>, answers: &mut Answers) {
    let subject = setting("aide");
    match &question.host.logging.baseline {
        Some(baseline) if baseline.database.is_some() => pass(expected, answers),
        Some(baseline) => {
            let message = "AIDE is installed and has no database: `/var/lib/aide/aide.db` is not there";
            let draft = fail(expected, subject, Text::trusted(message)).found(Text::trusted("no database"));
            let mend = super::running::distribution_words(
                question,
                "`aideinit`",
                "`aide --init` and move the database",
                "`aide --init`",
            );
            answers.add(draft.at(Some(Location::file(baseline.path.clone()))).help(Text::trusted(mend)));
        }
        None => {
            let message = Text::trusted("no baseline of files is kept: AIDE is not installed");
            let draft = fail(expected, subject, message).found(Text::trusted("not installed"));
            answers.add(draft.help(install(question, "aide", "aide", "aide")));
        }
    }
}

fn core_dumps(question: &Question<'_>, expected: &Expected<'_>, answers: &mut Answers) {
    let logging = &question.host.logging;
    for wanted in expected.list() {
        let Some((key, value)) = wanted.split_once('=') else { continue };
        let subject = setting(&format!("coredump.conf {key}"));
        if !logging.has_core_dumps {
            let reason = "systemd collects no core dumps here: looked for `/usr/lib/systemd/systemd-coredump`";
            answers.add(not_applicable(expected, subject, Text::trusted(reason)));
            continue;
        }
        let places = ["etc/systemd/coredump.conf", "etc/systemd/coredump.conf.d", "usr/lib/systemd/coredump.conf.d"];
        if let Some(gap) = gap_below(question, &places) {
            answers.add(unread(expected, subject, gap));
            continue;
        }
        let set = logging.setting(&format!("coredump.conf {key}"));
        if set.is_some_and(|set| set.value.as_str().eq_ignore_ascii_case(value)) {
            pass(expected, answers);
            continue;
        }
        let mend = text!("write `[Coredump]` and `{}` into `/etc/systemd/coredump.conf.d/none.conf`", wanted);
        let message = match set {
            Some(set) => text!("{} is {} in {}, not {}", *key, set.value, set.place.shown(), *value),
            None => text!("no file sets {}: it should be {}", *key, *value),
        };
        let draft = fail(expected, subject, message).help(mend);
        answers.add(match set {
            Some(set) => at(draft, &set.place).found(set.value.clone()),
            None => draft
                .at(TreePath::new(b"etc/systemd/coredump.conf").map(Location::file))
                .found(Text::trusted("not set")),
        });
    }
}
