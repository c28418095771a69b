//! `host/startup-script`: a script that runs by itself is of no package, was changed, or may be written by others.

use super::question::{Question, at, fail, not_determined, pass, shown, unread};
use super::running::{is_below, is_own, owner_query, writable_words};
use crate::fact::Location;
use crate::finding::{Level, Reference, Subject};
use crate::host::persistence::{Script, When};
use crate::host::{Belongs, Contents, FileFact};
use crate::policy::host::Expected;
use crate::rule::{Answers, Draft, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/startup-script",
    level: Level::Deny,
    summary: "a script that runs by itself is of no package, was changed, or may be written by others",
    why: "it runs at each login, boot, device, installation or commit, mostly as root",
    help: "find out who put it there; name it under `allow` where it is meant",
    page: include_str!("startup_script.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-506" }],
    judge: Judge::Host { family: "persistence", judge },
};

/// The facts, with what they are about, and the places where that is looked for.
const FACTS: [(&str, &[When], &[&str]); 6] = [
    (
        "host.persistence.profile",
        &[When::Login, When::OwnLogin],
        &[
            "etc/profile",
            "etc/profile.d",
            "etc/bash.bashrc",
            "etc/bashrc",
            "etc/update-motd.d",
            "etc/X11",
            "etc/xdg/autostart",
            "etc/systemd/user-generators",
            "usr/lib/systemd/user-generators",
            "etc/zsh",
            "home",
        ],
    ),
    (
        "host.persistence.rc",
        &[When::Boot],
        &[
            "etc/rc.local",
            "etc/rc.d",
            "etc/init.d",
            "etc/local.d",
            "etc/network",
            "etc/NetworkManager",
            "etc/networkd-dispatcher",
            "etc/dhcp",
            "etc/ppp",
            "etc/systemd/system-generators",
            "usr/lib/systemd/system-generators",
            "etc/systemd/system-sleep",
            "usr/lib/systemd/system-sleep",
        ],
    ),
    (
        "host.persistence.udev",
        &[When::Device],
        &["etc/udev", "run/udev", "usr/local/lib/udev", "usr/lib/udev", "lib/udev"],
    ),
    ("host.persistence.apt_dnf_hooks", &[When::Install], &["etc/apt", "etc/dpkg", "etc/kernel", "etc/apk", "etc/dnf"]),
    ("host.persistence.git_hooks", &[When::Git], &["etc/gitconfig", "usr/share/git-core"]),
    ("host.persistence.binfmt", &[When::Start], &["etc/binfmt.d", "run/binfmt.d", "usr/lib/binfmt.d"]),
];

fn judge(question: &Question<'_>, answers: &mut Answers) {
    for (id, whens, places) in FACTS {
        let Some(expected) = question.fact(id) else { continue };
        let (mut unknown, mut is_left_out) = (0_usize, false);
        let is_one = |script: &&Script| whens.contains(&script.when);
        if question.host.persistence.scripts.iter().find(is_one).is_none() {
            pass(&expected, answers);
        }
        for script in question.host.persistence.scripts.iter().filter(|script| whens.contains(&script.when)) {
            match of_script(question, &expected, script) {
                Verdict::Fails(draft) => answers.add(*draft),
                Verdict::Passes => pass(&expected, answers),
                Verdict::Unknown => unknown += 1,
                Verdict::LeftOut => is_left_out = true,
            }
        }
        if unknown > 0 {
            let message = text!("no database of packages tells which package owns {} scripts", unknown);
            let subject = Subject::new("file", Text::trusted("scripts"));
            answers.add(not_determined(&expected, subject, message));
        }
        if is_left_out {
            answers.add(Question::without_packages(&expected, Question::subject_of_fact(&expected)));
        }
        for gap in question.host.gaps_of("persistence") {
            if is_below(&gap.location.path, places) {
                answers.add(unread(&expected, Question::subject_of_file(&gap.location.path), gap));
            }
        }
    }
}

enum Verdict {
    Fails(Box<Draft>),
    Passes,
    Unknown,
    LeftOut,
}

fn of_script(question: &Question<'_>, expected: &Expected<'_>, script: &Script) -> Verdict {
    let Some((real, file)) = script.real.as_ref().and_then(|real| Some((real, question.file(real)?))) else {
        return Verdict::Unknown;
    };
    let fails = |words: Text, found: Text| Verdict::Fails(Box::new(draft(question, expected, script, words, found)));
    let user = script.owner.as_ref().map_or("root", Text::as_str);
    if let Some(writable) = file.writable.as_ref().filter(|writable| !is_own(writable, user)) {
        let words = writable_words(real, writable);
        return fails(words.clone(), words);
    }
    if script.when == When::OwnLogin || script.is_copy {
        return Verdict::Passes;
    }
    if script.when == When::Start {
        return fails(
            Text::trusted("registers an interpreter that gets the rights of the program"),
            Text::trusted("C"),
        );
    }
    match &file.belongs {
        Belongs::Nobody { .. } => fails(Text::trusted("is of no package"), Text::trusted("of no package")),
        Belongs::Package { name, .. } => match changed(file) {
            Some(found) => fails(text!("is not as the package {} ships it", *name), found),
            None => Verdict::Passes,
        },
        Belongs::Unknown => Verdict::Unknown,
        Belongs::Unasked => Verdict::LeftOut,
    }
}

fn changed(file: &FileFact) -> Option<Text> {
    match &file.contents {
        Contents::Changed { found, .. } => Some(found.clone()),
        Contents::Unasked | Contents::AsPackaged | Contents::Unrecorded | Contents::Unread => None,
    }
}

fn draft(question: &Question<'_>, expected: &Expected<'_>, script: &Script, words: Text, found: Text) -> Draft {
    let path = shown(&script.path);
    let message = match script.runs.first() {
        Some(run) => text!("`{}`, which has `{}` run {}, {}", path, run.what, *script.when.words(), words),
        None => text!("`{}`, which runs {}, {}", path, *script.when.words(), words),
    };
    let mend = text!(
        "`{} {}` tells which package owns it; remove it, or name it under `allow` of the rule",
        *owner_query(question),
        path
    );
    let draft = fail(expected, Question::subject_of_file(&script.path), message).help(mend).found(found);
    match script.runs.first() {
        Some(run) => at(draft, &run.place),
        None => draft.at(Some(Location::file(script.path.clone()))),
    }
}
