//! `host/ca-weak`: a trusted certificate authority has run out, or can be forged.

use std::collections::BTreeMap;

use super::question::{Question, fail, not_applicable, pass, shown};
use crate::fact::Location;
use crate::finding::{Level, Reference, Subject};
use crate::host::catrust::Authority;
use crate::policy::host::Expected;
use crate::rule::{Answers, Draft, Judge, Rule};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "host/ca-weak",
    level: Level::Deny,
    summary: "a trusted certificate authority has run out, or can be forged",
    why: "a short key or a broken digest lets others sign in its name; one that has run out is no longer looked after",
    help: "remove the certificate, or put one with a longer key in its place, and make the bundle again",
    page: include_str!("ca_weak.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-326" }],
    judge: Judge::Host { family: "catrust", judge },
};

/// Digests that others can make the same signature for.
const BROKEN: [&str; 4] = ["MD2", "MD4", "MD5", "SHA-1"];

/// Fails for each certificate that is trusted, and weak or run out.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let trust = &question.host.catrust;
    let (expired, weak) = (question.fact("host.catrust.expired"), question.fact("host.catrust.weak_key"));
    let mut stands: BTreeMap<&str, &TreePath> = BTreeMap::new();
    for bundle in &trust.bundles {
        stands.extend(bundle.strangers.keys().map(|print| (&**print, &bundle.path)));
    }
    for anchor in &trust.anchors {
        stands.extend(anchor.certificates.iter().map(|print| (&**print, &anchor.path)));
    }
    let today = question.today.to_string();
    let standing = stands.iter().filter_map(|(print, path)| Some((*print, *path, trust.authorities.get(*print)?)));
    for (print, path, authority) in standing {
        if let Some(expected) = &expired {
            if authority.not_after.as_str() < today.as_str() {
                let message = text!(
                    "{} trusts `{}`, which ran out on {} (SHA-256 {})",
                    shown(path),
                    authority.name,
                    authority.not_after,
                    print
                );
                answers.add(answer(expected, print, path, message, authority.not_after.clone()));
            } else {
                pass(expected, answers);
            }
        }
        if let Some(expected) = &weak {
            match weakness(expected, authority) {
                Some(weakness) => {
                    let message = text!(
                        "{} trusts `{}`, which has {} (SHA-256 {})",
                        shown(path),
                        authority.name,
                        weakness,
                        print
                    );
                    answers.add(answer(expected, print, path, message, weakness));
                }
                None => pass(expected, answers),
            }
        }
    }
    if trust.authorities.is_empty() {
        let reason = Text::trusted("no certificate of an authority stands at any place from which programs trust them");
        for expected in [expired, weak].into_iter().flatten() {
            let subject = Subject::new("authority", Text::trusted("all"));
            answers.add(not_applicable(&expected, subject, reason.clone()));
        }
    }
}

fn answer(expected: &Expected<'_>, print: &str, path: &TreePath, message: Text, found: Text) -> Draft {
    let subject = Subject::new("certificate", text!("{}", print));
    fail(expected, subject, message).at(Some(Location::file(path.clone()))).found(found)
}

/// Returns what is weak about a certificate. The signature of one that signed itself is looked at by nobody.
fn weakness(expected: &Expected<'_>, authority: &Authority) -> Option<Text> {
    let least: u32 = expected.list().first().and_then(|word| word.parse().ok()).unwrap_or(2048);
    if let Some(bits) = authority.bits.filter(|bits| authority.key.as_str() == "RSA" && *bits < least) {
        return Some(text!("an RSA key of {} bits, less than {}", bits, least));
    }
    if let Some(bits) = authority.bits.filter(|bits| authority.key.as_str() == "ECDSA" && *bits < 224) {
        return Some(text!("an ECDSA key of {} bits, less than 224", bits));
    }
    let is_broken = BROKEN.contains(&authority.signature.as_str()) && !authority.is_self_signed;
    is_broken.then(|| text!("a signature over {}", authority.signature))
}
