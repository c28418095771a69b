//! `host/ca-bundle`: a bundle of certificate authorities holds one that it was not made from.

use super::authority::{allowed, who};
use super::question::{Question, at, fail, not_applicable, not_determined, pass, shown, unread};
use crate::finding::{Level, Reference, Subject};
use crate::host::catrust::Bundle;
use crate::host::{Belongs, Contents, FileFact, Place};
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/ca-bundle",
    level: Level::Deny,
    summary: "a bundle of certificate authorities holds one that it was not made from",
    why: "programs read the bundle: an authority that somebody wrote into it by hand is in no list that anybody looks at",
    help: "make the bundle again: `update-ca-certificates --fresh`, `update-ca-trust extract`",
    page: include_str!("ca_bundle.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-295" }],
    judge: Judge::Host { family: "catrust", judge },
};

/// Fails for each bundle with a certificate that stands in none of the files from which bundles are made. One that lacks some
/// is nobody's loss.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.catrust.bundle_diff") else { return };
    let trust = &question.host.catrust;
    let allowed = allowed(&expected);
    for gap in question.host.gaps_of("catrust") {
        if trust.unread_bundles.contains(&gap.location.path) {
            answers.add(unread(&expected, Question::subject_of_file(&gap.location.path), gap));
        }
    }
    for bundle in &trust.bundles {
        let mut strangers = bundle.strangers.iter().filter(|(print, _)| !allowed.contains(&***print)).peekable();
        let as_packaged = matches!(
            question.file(&bundle.real),
            Some(FileFact { belongs: Belongs::Package { .. }, contents: Contents::AsPackaged, .. })
        );
        if as_packaged || strangers.peek().is_none() {
            pass(&expected, answers);
            continue;
        }
        let subject = Question::subject_of_file(&bundle.path);
        let path = match bundle.real == bundle.path {
            true => shown(&bundle.path),
            false => text!("{} (a link to {})", shown(&bundle.path), shown(&bundle.real)),
        };
        let count = bundle.strangers.len();
        let first = strangers.min_by_key(|(_, place)| (*place).clone());
        let who = first.map(|(print, _)| who(question, print)).unwrap_or_default();
        let place = first.map_or_else(|| Place::file(&bundle.path), |(_, place)| place.clone());
        let draft = if let Some(missing) = trust.unread.first() {
            let message = text!(
                "{} holds {} that stands in no file from which it is made, as far as these could be read: /{} could not",
                path,
                who,
                *missing
            );
            not_determined(&expected, subject, message)
        } else if let Some(owner) = owner(question, bundle) {
            fail(&expected, subject, text!("{} holds {}, and is not as the package `{}` shipped it", path, who, owner))
        } else if trust.anchors.is_empty() && question.has_no_packages() {
            Question::without_packages(&expected, subject)
        } else if trust.anchors.is_empty() {
            let message = text!(
                "{} holds {} certificates, and nothing says which belong in it: no package lists it, and there are no files \
                 from which it was made",
                path,
                count
            );
            not_determined(&expected, subject, message)
        } else {
            let message = match count {
                1 => text!("{} holds {}, which stands in no file from which it is made", path, who),
                _ => text!(
                    "{} holds {} certificates that stand in no file from which it is made, the first {}",
                    path,
                    count,
                    who
                ),
            };
            fail(&expected, subject, message)
        };
        answers.add(at(draft, &place).found(text!("{} certificates of no source", count)));
    }
    if trust.bundles.is_empty() && trust.unread_bundles.is_empty() {
        let reason = Text::trusted(
            "no bundle of certificates stands at /etc/ssl/certs/ca-certificates.crt, /etc/ssl/cert.pem, \
             /etc/pki/tls/certs/ca-bundle.crt, /etc/ssl/ca-bundle.pem or another known place",
        );
        answers.add(not_applicable(&expected, Subject::new("bundle", Text::trusted("all")), reason));
    }
}

/// Returns the package that a changed bundle is of.
fn owner(question: &Question<'_>, bundle: &Bundle) -> Option<Text> {
    match question.file(&bundle.real) {
        Some(FileFact { belongs: Belongs::Package { name, .. }, contents: Contents::Changed { .. }, .. }) => {
            Some(name.clone())
        }
        _ => None,
    }
}
