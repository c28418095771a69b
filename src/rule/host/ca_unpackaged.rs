//! `host/ca-unpackaged`: a certificate authority is trusted that no package brought.

use super::authority::{allowed, who};
use super::question::{Question, fail, joined, not_applicable, not_determined, pass, shown, unread};
use crate::fact::Location;
use crate::finding::{Level, Reference, Subject};
use crate::host::catrust::Anchor;
use crate::host::{Belongs, Contents, FileFact};
use crate::policy::host::Expected;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/ca-unpackaged",
    level: Level::Deny,
    summary: "a certificate authority is trusted that no package brought",
    why: "whoever holds its key can pass for any server, also for those that programs come from",
    help: "remove the file and make the bundle again (`update-ca-certificates`, `update-ca-trust`), or name its SHA-256 in \
           the policy",
    page: include_str!("ca_unpackaged.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-295" }],
    judge: Judge::Host { family: "catrust", judge },
};

/// Fails for each file from which bundles are made that is of no package, or not as its package shipped it.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.catrust.not_from_package") else { return };
    let trust = &question.host.catrust;
    let allowed = allowed(&expected);
    for gap in question.host.gaps_of("catrust") {
        if trust.unread.contains(&gap.location.path) {
            answers.add(unread(&expected, Question::subject_of_file(&gap.location.path), gap));
        }
    }
    // Where packages put theirs, only they can tell. Anywhere else somebody put what is there.
    let is_anybodys =
        |anchor: &&Anchor| question.has_no_packages() && anchor.path.as_bytes().starts_with(b"usr/share/");
    if trust.anchors.iter().any(|anchor| is_anybodys(&anchor)) {
        answers.add(Question::without_packages(&expected, Question::subject_of_fact(&expected)));
    }
    for anchor in trust.anchors.iter().filter(|anchor| !is_anybodys(anchor)) {
        if anchor.certificates.iter().all(|print| allowed.contains(&**print)) {
            pass(&expected, answers);
            continue;
        }
        judge_one(question, &expected, anchor, answers);
    }
    if trust.anchors.is_empty() && trust.unread.is_empty() {
        let reason = Text::trusted(
            "no file of a certificate authority stands at /usr/local/share/ca-certificates, /usr/share/ca-certificates, \
             /etc/pki/ca-trust/source, /usr/share/pki or /etc/ca-certificates",
        );
        answers.add(not_applicable(&expected, Subject::new("authority", Text::trusted("all")), reason));
    }
}

fn judge_one(question: &Question<'_>, expected: &Expected<'_>, anchor: &Anchor, answers: &mut Answers) {
    let subject = Question::subject_of_file(&anchor.path);
    let path = shown(&anchor.path);
    let who = everybody(question, anchor);
    let draft = match question.file(&anchor.real) {
        Some(FileFact { belongs: Belongs::Package { name, .. }, contents: Contents::Changed { .. }, .. }) => {
            let message = text!("{} trusts {}, and is not as the package `{}` shipped it", path, who, *name);
            fail(expected, subject, message)
        }
        Some(FileFact { belongs: Belongs::Package { .. }, .. }) => return pass(expected, answers),
        _ if question.has_no_packages() => {
            let message = text!(
                "{} trusts {}, and stands where no distribution puts its own: packages, which might excuse it, were left out",
                path,
                who
            );
            fail(expected, subject, message)
        }
        _ if is_local(anchor) && !is_owned(question, anchor) => {
            fail(expected, subject, text!("{} trusts {}, and is of no package that is known", path, who))
        }
        Some(FileFact { belongs: Belongs::Unknown | Belongs::Unasked, .. }) | None => {
            let message = text!(
                "{} trusts {}, and which package it is of cannot be known: no database of packages could be read whole ({})",
                path,
                who,
                super::databases::why_unknown(question)
            );
            not_determined(expected, subject, message)
        }
        Some(FileFact { belongs: Belongs::Nobody { .. }, .. }) => {
            fail(expected, subject, text!("{} trusts {}, and is of no package", path, who))
        }
    };
    let prints: Vec<Text> = anchor.certificates.iter().map(|one| text!("{}", *one)).collect();
    answers.add(draft.at(Some(Location::file(anchor.path.clone()))).found(joined(&prints)).help(mend(anchor)));
}

/// Whether a file stands where administrators add authorities: what is there is theirs, unless a package says otherwise.
fn is_local(anchor: &Anchor) -> bool {
    let places = ["usr/local/", "etc/pki/ca-trust/source/", "etc/pki/trust/", "etc/ca-certificates/trust-source/"];
    places.iter().any(|place| anchor.path.as_bytes().starts_with(place.as_bytes()))
}

fn is_owned(question: &Question<'_>, anchor: &Anchor) -> bool {
    matches!(question.file(&anchor.real), Some(FileFact { belongs: Belongs::Package { .. }, .. }))
}

/// Returns who is trusted by a file.
fn everybody(question: &Question<'_>, anchor: &Anchor) -> Text {
    let shown: Vec<Text> = anchor.certificates.iter().take(8).map(|print| who(question, print)).collect();
    match anchor.certificates.len() {
        0..=8 => joined(&shown),
        count => text!("{}, and {} more", joined(&shown), count - 8),
    }
}

fn mend(anchor: &Anchor) -> Text {
    let path = shown(&anchor.path);
    let is = |start: &str| anchor.path.as_bytes().starts_with(start.as_bytes());
    if is("etc/pki/trust") || is("usr/share/pki/trust") {
        text!("`rm {} && update-ca-certificates`; or name its SHA-256 in the policy", path)
    } else if is("etc/pki/") || is("usr/share/pki/") {
        text!("`rm {} && update-ca-trust extract`; or name its SHA-256 in the policy", path)
    } else if is("etc/ca-certificates/") {
        text!("`rm {} && update-ca-trust`; or name its SHA-256 in the policy", path)
    } else {
        text!("`rm {} && update-ca-certificates --fresh`; or name its SHA-256 in the policy", path)
    }
}
