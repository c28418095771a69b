//! What rules about programs that run by themselves share: who may write them, whose they are, and words for the mend.

use super::distribution::Kin;
use super::question::{Question, not_applicable, octal, shown, unread};
use crate::fact::Gap;
use crate::finding::Subject;
use crate::host::{Belongs, FileFact, Writable};
use crate::policy::host::Expected;
use crate::rule::{Answers, Draft};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

/// Returns how others may write a file, in words that follow its name.
pub(in crate::rule) fn writable_words(path: &TreePath, writable: &Writable) -> Text {
    let Writable { path: at, mode, by } = writable;
    if at == path {
        text!("may be written by {}: mode {} of `{}`", *by, octal(*mode), shown(at))
    } else {
        text!("may be replaced by {} through `{}`: mode {}", *by, shown(at), octal(*mode))
    }
}

/// Whether only this user may write a file, beside root: as whom it runs is no more than that user has anyway.
pub(in crate::rule) fn is_own(writable: &Writable, user: &str) -> bool {
    user != "root" && writable.by.as_str() == format!("the user {user}")
}

/// Whether a package ships a file; where no database tells, whether it stands where packages put theirs.
pub(in crate::rule) fn is_packaged(question: &Question<'_>, path: &TreePath, real: &TreePath) -> bool {
    match question.file(real).map(|file| &file.belongs) {
        Some(Belongs::Package { .. }) => true,
        // Nobody is excused by packages that were left out.
        Some(Belongs::Nobody { .. } | Belongs::Unasked) => false,
        Some(Belongs::Unknown) | None => {
            [b"usr/lib/".as_slice(), b"lib/"].iter().any(|folder| path.as_bytes().starts_with(folder))
        }
    }
}

/// Whether no package has a file; `None` where that cannot be known.
pub(in crate::rule) fn is_nobodys(file: &FileFact) -> Option<bool> {
    match file.belongs {
        Belongs::Nobody { .. } => Some(true),
        Belongs::Package { .. } => Some(false),
        Belongs::Unknown | Belongs::Unasked => None,
    }
}

/// Answers for each file of a family that could not be read, as far as a fact rests on it.
pub(in crate::rule) fn unread_files(
    question: &Question<'_>,
    family: &str,
    expected: &Expected<'_>,
    is_meant: impl Fn(&TreePath) -> bool,
    answers: &mut Answers,
) -> bool {
    let mut has_any = false;
    for gap in question.host.gaps_of(family) {
        if is_meant(&gap.location.path) {
            has_any = true;
            answers.add(unread(expected, Question::subject_of_file(&gap.location.path), gap));
        }
    }
    has_any
}

/// Returns the gap of a family at a path.
pub(in crate::rule) fn gap_at<'a>(question: &Question<'a>, family: &str, path: &TreePath) -> Option<&'a Gap> {
    question.host.gaps_of(family).iter().find(|gap| gap.location.path == *path)
}

/// Whether a path is one of these, or lies below one of them.
pub(in crate::rule) fn is_below(path: &TreePath, folders: &[&str]) -> bool {
    let bytes = path.as_bytes();
    folders.iter().any(|folder| {
        bytes.strip_prefix(folder.as_bytes()).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"/"))
    })
}

/// Returns how a package is installed here.
pub(in crate::rule) fn install(question: &Question<'_>, debian: &str, rhel: &str, alpine: &str) -> Text {
    let words = distribution_words(question, "apt-get install", "dnf install", "apk add");
    let package = distribution_words(question, debian, rhel, alpine);
    text!("`{} {}`", *words, *package)
}

/// Returns how the package of a file is looked up here.
pub(in crate::rule) fn owner_query(question: &Question<'_>) -> &'static str {
    distribution_words(question, "dpkg -S", "rpm -qf", "apk info --who-owns")
}

/// Returns the words of the distribution at hand.
pub(in crate::rule) fn distribution_words<'a>(
    question: &Question<'_>,
    debian: &'a str,
    rhel: &'a str,
    alpine: &'a str,
) -> &'a str {
    match Kin::of(question.host) {
        Kin::Alpine => alpine,
        Kin::Rhel => rhel,
        Kin::Debian | Kin::Other => debian,
    }
}

/// Returns the subject of a unit.
pub(in crate::rule) fn unit_subject(name: &Text) -> Subject {
    Subject::new("unit", name.clone())
}

/// The folders whose contents decide whether a unit is there, masked and enabled.
pub(in crate::rule) const UNIT_FOLDERS: [&str; 5] = [
    "etc/systemd/system",
    "run/systemd",
    "usr/local/lib/systemd/system",
    "usr/lib/systemd/system",
    "lib/systemd/system",
];

/// Returns the answer where there is no systemd that would start units.
pub(in crate::rule) fn no_systemd(expected: &Expected<'_>) -> Draft {
    let reason = "no systemd is there: looked for `/usr/lib/systemd/systemd` and `/lib/systemd/systemd`";
    not_applicable(expected, Subject::new("unit", Text::trusted("systemd")), Text::trusted(reason))
}

/// Returns the name of a unit that is named with or without its ending.
pub(in crate::rule) fn unit_named(name: &str) -> String {
    if name.contains('.') { name.to_owned() } else { format!("{name}.service") }
}

/// Returns the gap of a folder or file that leaves open what becomes of a unit.
pub(in crate::rule) fn open_question<'a>(question: &Question<'a>, name: &str) -> Option<&'a Gap> {
    let is_of = |path: &TreePath| {
        let is_folder = UNIT_FOLDERS.iter().any(|folder| path.as_bytes() == folder.as_bytes());
        let file = path.file_name();
        let is_wants = file.ends_with(b".wants") || file.ends_with(b".requires");
        is_folder || (is_below(path, &UNIT_FOLDERS) && (file == name.as_bytes() || is_wants))
    };
    question.host.gaps_of("systemd").iter().find(|gap| is_of(&gap.location.path))
}

/// The files and folders of timed jobs.
pub(in crate::rule) const CRON_PLACES: [&str; 12] = [
    "etc/crontab",
    "etc/anacrontab",
    "etc/cron.d",
    "etc/cron.hourly",
    "etc/cron.daily",
    "etc/cron.weekly",
    "etc/cron.monthly",
    "etc/cron.yearly",
    "etc/crontabs",
    "etc/periodic",
    "var/spool/cron",
    "var/spool/at",
];
