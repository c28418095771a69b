//! `host/root-equivalent-group`: somebody is in a group that is as good as root.

use super::question::{Question, at, fail, pass};
use super::unreadable::rests_on;
use crate::finding::{Level, Reference, Subject};
use crate::host::Place;
use crate::host::accounts::{Account, Accounts, Group};
use crate::policy::host::Expected;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "host/root-equivalent-group",
    level: Level::Deny,
    summary: "somebody is in a group that is as good as root",
    why: "docker, disk, shadow and their kin read and write what only root should, without a word in the log",
    help: "take them out with `gpasswd -d NAME GROUP`, or let the rule's `allow` list name them: \"docker:alice\"",
    page: include_str!("root_equivalent_group.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-269" }],
    judge: Judge::Host { family: "accounts", judge },
};

/// Fails for each member of a group that is listed, and for each account whose primary group is root's.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let accounts = &question.host.accounts;
    for file in ["etc/passwd", "etc/group"] {
        if let (true, Some(path)) = (accounts.is_unread(file), TreePath::new(file.as_bytes())) {
            for expected in question.facts() {
                answers.add(rests_on(question, &expected, Question::subject_of_file(&path), &path));
            }
            return;
        }
    }
    for expected in question.facts() {
        if expected.fact.id == "host.account.gid0" {
            primary(&expected, accounts, answers);
        } else {
            members(&expected, accounts, answers);
        }
    }
}

/// Judges accounts whose primary group has the number 0.
fn primary(expected: &Expected<'_>, accounts: &Accounts, answers: &mut Answers) {
    let may = expected.list();
    for account in &accounts.accounts {
        // Another account with the number 0 is told of that.
        if account.group != 0 || account.user == 0 || may.iter().any(|name| *name == account.name.as_str()) {
            pass(expected, answers);
            continue;
        }
        let message = text!("the account `{}` has root's group as its own, in {}", account.name, account.place.shown());
        let help = text!("give it a group of its own: `usermod -g GROUP {}`", account.name);
        let draft = fail(expected, Subject::new("account", account.name.clone()), message).help(help);
        answers.add(at(draft.found(Text::trusted("0")), &account.place));
    }
}

fn members(expected: &Expected<'_>, accounts: &Accounts, answers: &mut Answers) {
    let listed = expected.list();
    for group in accounts.groups.iter().filter(|group| listed.iter().any(|name| *name == group.name.as_str())) {
        let named = group.members.iter().map(|name| (name, &group.place));
        let of_primary = |account: &&Account| account.group == group.group && account.user != 0 && group.group != 0;
        let by_primary = accounts.accounts.iter().filter(of_primary).map(|account| (&account.name, &account.place));
        let found: Vec<(&Text, &Place)> = named.chain(by_primary).filter(|(name, _)| name.as_str() != "root").collect();
        if found.is_empty() {
            pass(expected, answers);
        }
        for (name, place) in found {
            answers.add(member(expected, group, name, place));
        }
    }
    if accounts.groups.iter().all(|group| !listed.iter().any(|name| *name == group.name.as_str())) {
        pass(expected, answers);
    }
}

fn member(expected: &Expected<'_>, group: &Group, name: &Text, place: &Place) -> crate::rule::Draft {
    let message = text!(
        "`{}` is in the group `{}` in {}, which is {}",
        *name,
        group.name,
        place.shown(),
        *meaning(group.name.as_str())
    );
    let subject = Subject::new("member", text!("{}:{}", group.name, *name));
    let help = text!("take it out with `gpasswd -d {} {}`, or let the rule's `allow` list name it", *name, group.name);
    at(fail(expected, subject, message).found(name.clone()).help(help), place)
}

fn meaning(group: &str) -> &'static str {
    match group {
        "docker" | "podman" | "lxd" | "incus-admin" => "as good as root: a container may mount the whole file system",
        "disk" => "as good as root: it reads and writes disks as such",
        "shadow" => "let read the hashes of all passwords",
        "sudo" | "wheel" => "let run every command as root",
        "adm" => "let read the logs of the system",
        "kvm" | "libvirt" => "as good as root: a machine of its own may use the host's disks",
        _ => "as good as root",
    }
}
