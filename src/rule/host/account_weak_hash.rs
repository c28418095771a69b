//! `host/account-weak-hash`: a password is hashed by a method that is guessed quickly.

use super::question::{Question, at, fail, pass};
use super::unreadable::rests_on;
use crate::finding::{Level, Reference, Subject};
use crate::host::accounts::Password;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "host/account-weak-hash",
    level: Level::Deny,
    summary: "a password is hashed by a method that is guessed quickly",
    why: "DES and MD5 hashes fall to a single graphics card",
    help: "let `/etc/login.defs` say `ENCRYPT_METHOD YESCRYPT` (or SHA512) and set the password anew: `passwd NAME`",
    page: include_str!("account_weak_hash.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-916" }],
    judge: Judge::Host { family: "accounts", judge },
};

/// Fails for each account with a hash, not behind a lock, whose method is not among those expected.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.account.weak_hash") else { return };
    let accounts = &question.host.accounts;
    let (Some(passwd), Some(shadow)) = (TreePath::new(b"etc/passwd"), TreePath::new(b"etc/shadow")) else { return };
    if accounts.is_unread("etc/passwd") {
        return answers.add(rests_on(question, &expected, Question::subject_of_file(&passwd), &passwd));
    }
    let may = expected.list();
    for account in &accounts.accounts {
        let subject = Subject::new("account", account.name.clone());
        let (method, place) = match (&account.password, &account.secret) {
            (Password::Hash { method }, _) => (method, &account.place),
            (Password::Shadowed, Some(secret)) => match &secret.password {
                Password::Hash { method } => (method, &secret.place),
                _ => {
                    pass(&expected, answers);
                    continue;
                }
            },
            (Password::Shadowed, None) if accounts.is_unread("etc/shadow") => {
                answers.add(rests_on(question, &expected, subject, &shadow));
                continue;
            }
            _ => {
                pass(&expected, answers);
                continue;
            }
        };
        if may.iter().any(|prefix| *prefix == method.as_str()) {
            pass(&expected, answers);
            continue;
        }
        let message = text!(
            "the password of `{}` is hashed by {} in {}: expected {}",
            account.name,
            words(method.as_str()),
            place.shown(),
            expected.words()
        );
        answers.add(at(fail(&expected, subject, message).found(method.clone()), place));
    }
}

/// Returns what a method is called, with its prefix (`crypt(5)`).
fn words(method: &str) -> Text {
    let name = match method {
        "$1$" => "MD5",
        "$2$" | "$2a$" | "$2x$" => "a bcrypt with known faults",
        "$2b$" | "$2y$" => "bcrypt",
        "$3$" => "NT",
        "$5$" => "SHA-256",
        "$6$" => "SHA-512",
        "$7$" => "scrypt",
        "$md5$" => "Sun MD5",
        "$sha1$" => "SHA-1",
        "$y$" => "yescrypt",
        "$gy$" => "gost-yescrypt",
        _ => return text!("{}", *method),
    };
    text!("{} (`{}`)", *name, *method)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn methods_are_told_by_their_names() {
        assert_eq!(words("$1$").as_str(), "MD5 (`$1$`)");
        assert_eq!(words("DES").as_str(), "DES");
        assert_eq!(words("$x$").as_str(), "$x$");
    }
}
