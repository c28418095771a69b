//! `host/package-modified`: a file of a package is not as it was packaged.

use super::databases;
use super::question::{Question, fail, joined, not_applicable, not_determined, octal, pass, shown, unread};
use crate::component::OperatingSystem;
use crate::fact::Location;
use crate::finding::{Level, Reference, Subject};
use crate::host::{Changed, Difference};
use crate::policy::host::Expected;
use crate::rule::{Answers, Draft, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/package-modified",
    level: Level::Deny,
    summary: "a file of a package is not as it was packaged",
    why: "a program with other contents than its package shipped does what somebody else wants",
    help: "find out who changed it, and install the package again: `apt-get install --reinstall NAME`, \
           `dnf reinstall NAME`, `apk fix NAME`",
    page: include_str!("package_modified.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-353" }],
    judge: Judge::Host { family: "package", judge },
};

/// The fact of a database.
fn fact_of(ecosystem: &str) -> &'static str {
    if ecosystem == "rpm" { "host.package.rpm_verify" } else { "host.package.dpkg_verify" }
}

/// Fails for each file of a package that differs from what the package's database records.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let package = &question.host.package;
    let has_rpm = package.databases.iter().any(|database| database.ecosystem.as_str() == "rpm");
    let has_others = package.databases.iter().any(|database| database.ecosystem.as_str() != "rpm");
    let of_changed = question.fact(fact_of(if has_rpm && !has_others { "rpm" } else { "" }));
    for ecosystem in ["deb", "rpm"] {
        let Some(expected) = question.fact(fact_of(ecosystem)) else { continue };
        let has = if ecosystem == "rpm" { has_rpm } else { has_others };
        if !has && !has_rpm && !has_others {
            nothing_to_compare(question, &expected, answers);
        } else if has && package.changed.is_empty() {
            pass(&expected, answers);
        }
    }
    let Some(expected) = of_changed else { return };
    for changed in &package.changed {
        answers.add(answer(question, &expected, changed));
    }
    if has_rpm || has_others {
        for gap in databases::gaps(question) {
            answers.add(unread(&expected, Question::subject_of_file(&gap.location.path), gap));
        }
    }
    for database in package.databases.iter().filter(|database| !database.has_files) {
        let subject = Question::subject_of_file(&database.path);
        let message = text!("/{} says which packages there are, and not which files they have", database.path);
        answers.add(not_determined(&expected, subject, message).at(Some(Location::file(database.path.clone()))));
    }
}

/// Answers for a root in which no database of packages was read: where one could not be, nothing is known.
fn nothing_to_compare(question: &Question<'_>, expected: &Expected<'_>, answers: &mut Answers) {
    let gap = databases::gaps(question).next();
    let subject = Subject::new("database", Text::trusted("packages"));
    answers.add(match gap {
        Some(gap) => unread(expected, subject, gap),
        None => not_applicable(expected, subject, Text::trusted(databases::NONE)),
    });
}

fn answer(question: &Question<'_>, expected: &Expected<'_>, changed: &Changed) -> Draft {
    let subject = Question::subject_of_file(&changed.path);
    let path = shown(&changed.path);
    let differences: Vec<Text> = changed.differences.iter().map(words).collect();
    let message = text!("{} of the package `{}` {}", path, changed.package, joined(&differences));
    let draft = if changed.differences.contains(&Difference::Unread) {
        not_determined(expected, subject, message)
    } else {
        fail(expected, subject, message)
    };
    let name = &changed.package;
    let system = question.host.system.as_ref();
    draft.at(Some(Location::file(changed.path.clone()))).found(joined(&differences)).help(mend(system, name))
}

fn words(difference: &Difference) -> Text {
    match difference {
        Difference::Contents { recorded, found } => {
            text!("has other contents than it shipped: {} instead of {}", found, recorded)
        }
        Difference::Mode { recorded, found } => text!("has the mode {} instead of {}", octal(*found), octal(*recorded)),
        Difference::Owner { recorded, found } => text!("is owned by {} instead of {}", found, recorded),
        Difference::Group { recorded, found } => text!("has the group {} instead of {}", found, recorded),
        Difference::Capabilities { recorded, found } => {
            let recorded = if recorded.as_str().is_empty() { "none" } else { recorded.as_str() };
            text!("has the capabilities {} instead of {}", found, *recorded)
        }
        Difference::Missing => Text::trusted("is not there"),
        Difference::Unread => Text::trusted("cannot be read, so that nobody knows whether it was changed"),
    }
}

fn mend(system: Option<&OperatingSystem>, name: &Text) -> Text {
    match system.map(|system| &*system.id) {
        Some("debian" | "ubuntu") => {
            text!("find out who changed it, and install the package again: `apt-get install --reinstall {}`", *name)
        }
        Some("alpine") => {
            text!("find out who changed it, and install the package again: `apk fix --reinstall {}`", *name)
        }
        Some("rhel" | "fedora" | "centos" | "rocky" | "almalinux" | "ol" | "amzn") => {
            text!(
                "find out who changed it (`rpm -V {}`), and install the package again: `dnf reinstall {}`",
                *name,
                *name
            )
        }
        Some("sles" | "opensuse-leap" | "opensuse-tumbleweed") => {
            text!(
                "find out who changed it (`rpm -V {}`), and install the package again: `zypper install -f {}`",
                *name,
                *name
            )
        }
        Some("arch") => text!("find out who changed it, and install the package again: `pacman -S {}`", *name),
        _ => text!("find out who changed it, and install the package `{}` again", *name),
    }
}
