//! `host/credential-file`: a credential lies in a file, or a private key is open to others.

use super::question::{Question, at, fail, not_determined, octal, owner, pass, shown};
use super::running::{is_below, unread_files};
use crate::fact::Location;
use crate::finding::{Level, Reference};
use crate::host::FileFact;
use crate::host::ci_runner::{Credential, PrivateKey};
use crate::policy::host::Expected;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/credential-file",
    level: Level::Deny,
    summary: "a credential lies in a file, or a private key is open to others",
    why: "whoever comes next on the host, or gets hold of the image, can be whom it lets in",
    help: "remove the file and revoke the credential; give jobs tokens that expire with them",
    page: include_str!("credential_file.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-522" }],
    judge: Judge::Host { family: "ci-runner", judge },
};

fn judge(question: &Question<'_>, answers: &mut Answers) {
    let evidence = &question.host.ci_runner;
    let facts = [("host.ci.persisted_credentials", false), ("host.ci.service_account_token", true)];
    for (id, is_service_account) in facts {
        let Some(expected) = question.fact(id) else { continue };
        let credentials = evidence.credentials.iter().filter(|one| one.is_service_account == is_service_account);
        let mut has_any = false;
        for credential in credentials {
            has_any = true;
            of_credential(question, &expected, credential, answers);
        }
        let is_token = |path: &crate::tree::TreePath| is_below(path, &["var/run/secrets", "run/secrets"]);
        let is_key = |path: &crate::tree::TreePath| is_below(path, &["etc"]);
        let is_meant = |path: &crate::tree::TreePath| is_token(path) == is_service_account && !is_key(path);
        if !unread_files(question, "ci-runner", &expected, is_meant, answers) && !has_any {
            pass(&expected, answers);
        }
    }
    if let Some(expected) = question.fact("host.catrust.keys_world_readable") {
        for key in &evidence.keys {
            of_key(question, &expected, key, answers);
        }
        let is_meant = |path: &crate::tree::TreePath| is_below(path, &["etc"]);
        if !unread_files(question, "ci-runner", &expected, is_meant, answers) && evidence.keys.is_empty() {
            pass(&expected, answers);
        }
    }
}

fn of_credential(question: &Question<'_>, expected: &Expected<'_>, credential: &Credential, answers: &mut Answers) {
    let subject = Question::subject_of_file(&credential.path);
    let path = shown(&credential.path);
    let Some(file) = credential.real.as_ref().and_then(|real| question.file(real)) else {
        let message = text!("`{}` holds {}, and cannot be looked at", path, credential.kind);
        return answers.add(not_determined(expected, subject, message));
    };
    let message = text!("`{}` holds {}; {}", path, credential.kind, state(file));
    let mend = text!("`shred -u {}`, and revoke what it holds: it was read by whoever had the host or its image", path);
    let draft = fail(expected, subject, message).help(mend).found(credential.kind.clone());
    answers.add(match &credential.place {
        Some(place) => at(draft, place),
        None => draft.at(Some(Location::file(credential.path.clone()))),
    });
}

fn of_key(question: &Question<'_>, expected: &Expected<'_>, key: &PrivateKey, answers: &mut Answers) {
    let Some(file) = key.real.as_ref().and_then(|real| question.file(real)) else { return };
    let most = expected.fact.max_mode.as_deref().and_then(|mode| u32::from_str_radix(mode, 8).ok()).unwrap_or(0o640);
    if file.mode & 0o7777 & !most == 0 {
        return pass(expected, answers);
    }
    let guard = if key.is_encrypted { "a private key, which a passphrase guards" } else { "a private key" };
    let path = shown(&key.path);
    let message = text!("`{}` holds {}; {}, at most {} is expected", path, *guard, state(file), octal(most));
    let draft = fail(expected, Question::subject_of_file(&key.path), message);
    let mend = text!("`chmod {} {}`; a key that others could read is known to them: make a new one", octal(most), path);
    answers.add(draft.at(Some(Location::file(key.path.clone()))).help(mend).found(octal(file.mode)));
}

/// Returns owner and mode, and who may read it.
fn state(file: &FileFact) -> Text {
    let who = match file.mode {
        mode if mode & 0o004 != 0 => ", which everyone may read",
        mode if mode & 0o040 != 0 => ", which its group may read",
        _ => "",
    };
    text!("it is of {} with mode {}{}", owner(&file.user, &file.group), octal(file.mode), *who)
}
