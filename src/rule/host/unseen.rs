//! What rules about a running system share: the answer about what cannot be seen, given once for a fact, and lists of names
//! with wildcards.

use globset::{Glob, GlobSet, GlobSetBuilder};

use super::question::not_determined;
use crate::finding::Subject;
use crate::policy::host::Expected;
use crate::rule::Answers;
use crate::text;
use crate::text::Text;

/// Returns the subject of an answer about a fact as a whole.
pub(super) fn subject(expected: &Expected<'_>) -> Subject {
    Subject::new("fact", text!("{}", *expected.fact.key.as_ref().unwrap_or(&expected.fact.id)))
}

/// Answers once for a fact that some of what it is about cannot be seen.
pub(super) fn unseen(expected: &Expected<'_>, answers: &mut Answers, reason: &Text) {
    let help = Text::trusted("run it as root, outside of containers");
    answers.add(not_determined(expected, subject(expected), reason.clone()).help(help).found(reason.clone()));
}

/// Returns the patterns of a list; what is no pattern means nothing.
pub(super) fn patterns(list: &[String]) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for glob in list.iter().filter_map(|pattern| Glob::new(pattern).ok()) {
        set.add(glob);
    }
    set.build().unwrap_or_default()
}

/// Returns the last part of the path of a program.
pub(super) fn file_name(program: &str) -> &str {
    program.rsplit('/').next().unwrap_or(program)
}

/// Returns why nothing is said of a job.
pub(super) fn no_job() -> Text {
    Text::trusted("this is no job of a CI runner: neither `CI` nor a variable of a service that is known is set")
}
