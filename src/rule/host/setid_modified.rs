//! `host/setid-modified`: a setuid or setgid program, or one with capabilities, is not the one its package shipped.

use super::databases::why_unknown;
use super::question::{Question, fail, not_determined, pass, shown};
use super::setid::{subject, without_effect};
use crate::fact::Location;
use crate::finding::{Level, Reference};
use crate::host::{Belongs, Contents};
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/setid-modified",
    level: Level::Deny,
    summary: "a program with rights of its own is not the one its package shipped",
    why: "its place, owner and mode are as they should be, and it does something else with the rights it has",
    help: "install the package again, and find out who changed the program",
    page: include_str!("setid_modified.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-353" }],
    judge: Judge::Host { family: "setid", judge },
};

/// Fails for each file with rights of its own whose bytes are not its package's.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact_of_packages("host.setid.modified", answers) else { return };
    let setid = &question.host.setid;
    let mut paths: Vec<_> = setid.programs.keys().chain(setid.capable.keys()).collect();
    paths.sort();
    paths.dedup();
    for path in paths {
        let Some(file) = question.file(path) else { continue };
        let name = match &file.belongs {
            Belongs::Package { name, .. } => name,
            Belongs::Nobody { .. } | Belongs::Unasked => continue,
            Belongs::Unknown => {
                let why = why_unknown(question);
                let message = text!("no digest tells whether `{}` is what its package shipped: {}", shown(path), why);
                let draft = not_determined(&expected, subject(path), message);
                answers.add(without_effect(question, draft.at(Some(Location::file(path.clone()))), path));
                continue;
            }
        };
        let draft = match &file.contents {
            Contents::AsPackaged => {
                pass(&expected, answers);
                continue;
            }
            Contents::Changed { recorded, found } => {
                let message = text!(
                    "`{}` is not the file that the package {} shipped: expected {}, found {}",
                    shown(path),
                    *name,
                    *recorded,
                    *found
                );
                let help = text!("{}, and find out who changed the program", reinstall(question, name));
                fail(&expected, subject(path), message).found(found.clone()).help(help)
            }
            Contents::Unread => {
                let message =
                    text!("`{}` of the package {} could not be read to compare it with its digest", shown(path), *name);
                not_determined(&expected, subject(path), message)
            }
            // That is no digest to compare with: whoever owns a file may leave it out.
            Contents::Unrecorded => {
                let message = text!("the package {} records no digest of `{}`", *name, shown(path));
                not_determined(&expected, subject(path), message).at_most(Level::Warn)
            }
            Contents::Unasked => continue,
        };
        let draft = draft.at(Some(Location::file(path.clone()))).with("package", name.clone());
        answers.add(without_effect(question, draft, path));
    }
}

/// Returns how a package is installed again.
fn reinstall(question: &Question<'_>, package: &Text) -> Text {
    let ids = question.host.system.iter().flat_map(|system| std::iter::once(&system.id).chain(&system.like));
    for id in ids {
        match &**id {
            "debian" | "ubuntu" => return text!("install it again: `apt-get install --reinstall {}`", *package),
            "rhel" | "fedora" | "centos" => return text!("install it again: `dnf reinstall {}`", *package),
            "suse" | "opensuse" => return text!("install it again: `zypper install --force {}`", *package),
            "alpine" => return text!("install it again: `apk fix {}`", *package),
            "arch" => return text!("install it again: `pacman -S {}`", *package),
            _ => {}
        }
    }
    text!("install the package {} again", *package)
}
