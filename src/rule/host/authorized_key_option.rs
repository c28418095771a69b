//! `host/authorized-key-option`: a key that logs in sets variables, or is too weak.

use std::collections::BTreeMap;

use super::question::{Question, at, fail, joined, not_applicable, pass};
use super::unreadable::rests_on;
use crate::finding::{Level, Reference, Subject};
use crate::host::ssh_keys::Key;
use crate::host::sshd::Setting;
use crate::policy::host::Expected;
use crate::rule::{Answers, Draft, Judge, Rule};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "host/authorized-key-option",
    level: Level::Deny,
    summary: "a key that logs in sets variables, or is too weak",
    why: "a variable such as LD_PRELOAD gets around the command that the key is held to",
    help: "remove the `environment=` option or the key from the file",
    page: include_str!("authorized_key_option.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-427" }],
    judge: Judge::Host { family: "ssh-keys", judge },
};

/// Judges each file of keys.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let keys = &question.host.ssh_keys;
    let mut by_file: BTreeMap<&TreePath, Vec<&Key>> = keys.files.iter().map(|file| (&file.path, Vec::new())).collect();
    for key in &keys.keys {
        by_file.entry(&key.place.path).or_default().push(key);
    }
    for expected in question.facts() {
        for path in &keys.unread {
            answers.add(rests_on(question, &expected, Question::subject_of_file(path), path));
        }
        if by_file.is_empty() && keys.unread.is_empty() {
            answers.add(no_keys(&expected));
        }
        for (path, keys) in &by_file {
            let judged = match expected.fact.id.as_str() {
                "host.ssh_keys.environment" => variables(question, &expected, path, keys),
                _ => strength(&expected, path, keys),
            };
            match judged {
                Some(draft) => answers.add(draft),
                None => pass(&expected, answers),
            }
        }
    }
}

/// The answer where no account has keys.
pub(super) fn no_keys(expected: &Expected<'_>) -> Draft {
    let reason = Text::trusted("no account of /etc/passwd has a file where sshd looks for keys (AuthorizedKeysFile)");
    not_applicable(expected, Subject::new("file", Text::trusted("authorized_keys")), reason)
}

fn variables(question: &Question<'_>, expected: &Expected<'_>, path: &TreePath, keys: &[&Key]) -> Option<Draft> {
    let setting: Vec<&&Key> = keys.iter().filter(|key| !key.variables.is_empty()).collect();
    let first = setting.first()?;
    let heeded = match question.host.sshd.settings.get("permituserenvironment") {
        Some(Setting::File { value, .. } | Setting::Default { value }) if value.as_str().eq_ignore_ascii_case("no") => {
            "sshd does not heed it as long as PermitUserEnvironment is no"
        }
        Some(Setting::File { .. }) => "PermitUserEnvironment lets sshd heed it",
        _ => "sshd heeds it where PermitUserEnvironment lets it",
    };
    let message = text!(
        "the key {} of `{}` sets {} by `environment=` in {}: {}",
        first.fingerprint,
        first.account,
        joined(&first.variables),
        first.place.shown(),
        *heeded
    );
    let related = setting.iter().skip(1).take(20).map(|key| key.place.location());
    let draft = fail(expected, Question::subject_of_file(path), message).with_related(related);
    Some(at(draft.found(text!("environment={}", joined(&first.variables))), &first.place))
}

fn strength(expected: &Expected<'_>, path: &TreePath, keys: &[&Key]) -> Option<Draft> {
    let is_weak = |key: &&&Key| {
        let is_short = key.bits.is_some_and(|bits| expected.accepts(&bits.to_string()) == Some(false));
        is_short || key.kind.as_str().starts_with("ssh-dss")
    };
    let weak: Vec<&&Key> = keys.iter().filter(is_weak).collect();
    let first = weak.first()?;
    let what = match first.bits {
        Some(bits) => text!("{} of {} bits", first.kind, bits),
        None => first.kind.clone(),
    };
    let message = text!(
        "the key {} of `{}` in {} is {}: expected an RSA key of {} bits, or another kind than DSA",
        first.fingerprint,
        first.account,
        first.place.shown(),
        what,
        expected.words()
    );
    let help = text!("let its owner make another with `ssh-keygen -t ed25519`, and remove this one");
    let related = weak.iter().skip(1).take(20).map(|key| key.place.location());
    let draft = fail(expected, Question::subject_of_file(path), message).with_related(related).help(help);
    Some(at(draft.found(what), &first.place))
}
