//! `host/package-source-unsigned`: a source of packages is trusted without a signature.

use std::collections::BTreeMap;

use super::question::{Question, at, fail, pass};
use super::source_list::{no_source, unread_lists};
use crate::finding::{Level, Reference};
use crate::host::Place;
use crate::host::package::Setting;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "host/package-source-unsigned",
    level: Level::Deny,
    summary: "a source of packages is trusted without a signature",
    why: "whoever stands between the machine and the source, or takes over its server, installs programs as root",
    help: "take the setting out, and name the key that signs the source: `Signed-By` for apt, `gpgcheck=1` and `gpgkey` for dnf",
    page: include_str!("package_source_unsigned.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-347" }],
    judge: Judge::Host { family: "package", judge },
};

/// Fails for each file that lets packages in without a signature, once.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.package.signature_required") else { return };
    unread_lists(question, &expected, answers);
    let package = &question.host.package;
    let mut faults: BTreeMap<&TreePath, Vec<(&Setting, Option<&Text>)>> = BTreeMap::new();
    for setting in &package.settings {
        if setting.is_unsigned {
            faults.entry(&setting.place.path).or_default().push((setting, None));
        } else {
            pass(&expected, answers);
        }
    }
    for source in &package.sources {
        match &source.unsigned {
            None => pass(&expected, answers),
            // A setting for all sources is told where it stands; a default, by each list that rests on it.
            Some(setting) if package.settings.contains(setting) => {}
            Some(setting) => faults.entry(&source.place.path).or_default().push((setting, Some(&source.name))),
        }
    }
    for (path, faults) in faults {
        let Some((first, source)) = faults.first() else { continue };
        let is_set = !first.value.as_str().is_empty();
        let what = match source {
            Some(source) => text!("the source `{}` in /{}", **source, *path),
            None => text!("/{}", *path),
        };
        let more = match faults.len() {
            1 => Text::default(),
            count => text!(" (and {} more in this file)", count - 1),
        };
        let message = if is_set {
            text!(
                "{} says `{}` `{}`: packages are installed though nobody signed them{}",
                what,
                first.key,
                first.value,
                more
            )
        } else {
            text!(
                "{} does not set `{}`: by default packages are installed though nobody signed them{}",
                what,
                first.key,
                more
            )
        };
        let place = if is_set { first.place.clone() } else { place_of(question, path, *source) };
        let draft = fail(&expected, Question::subject_of_file(path), message);
        answers.add(at(draft, &place).found(text!("{} {}", first.key, first.value)).help(mend(path)));
    }
    if package.sources.is_empty() && package.settings.is_empty() {
        no_source(&expected, answers);
    }
}

fn place_of(question: &Question<'_>, path: &TreePath, source: Option<&Text>) -> Place {
    let mut sources = question.host.package.sources.iter();
    let found = sources.find(|one| one.place.path == *path && source.is_none_or(|name| one.name == *name));
    found.map_or_else(|| Place::file(path), |source| source.place.clone())
}

fn mend(path: &TreePath) -> Text {
    let is = |start: &str| path.as_bytes().starts_with(start.as_bytes());
    Text::trusted(if is("etc/apt/apt.conf") {
        "take the setting out, and name the key of each source: `Signed-By: /etc/apt/keyrings/NAME.gpg`"
    } else if is("etc/apt/") {
        "take the option out, put the source's key below /etc/apt/keyrings, and name it: `Signed-By: \
         /etc/apt/keyrings/NAME.gpg`, or `[signed-by=…]` in a line"
    } else if is("etc/zypp/") {
        "set `gpgcheck=1`: `zypper modifyrepo --gpgcheck NAME`, and import the key: `rpm --import FILE`"
    } else if is("etc/pacman") {
        "set `SigLevel = Required DatabaseOptional` in /etc/pacman.conf, and sign the key: `pacman-key --lsign-key ID`"
    } else if is("etc/opkg") {
        "write `option check_signature` into /etc/opkg.conf, and add the key: `opkg-key add FILE`"
    } else {
        "set `gpgcheck=1`, in `[main]` of /etc/dnf/dnf.conf too, name the key by `gpgkey=`, and import it: `rpm --import FILE`"
    })
}
