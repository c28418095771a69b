//! Answers that rest on a file which could not be read.

use super::question::{Question, not_determined, unread};
use crate::finding::Subject;
use crate::policy::host::Expected;
use crate::rule::Draft;
use crate::text;
use crate::tree::TreePath;

/// Returns the answer that a fact rests on a file that could not be read.
pub(super) fn rests_on(question: &Question<'_>, expected: &Expected<'_>, subject: Subject, path: &TreePath) -> Draft {
    match question.host.gap_at(path) {
        Some(gap) => unread(expected, subject, gap),
        None => not_determined(expected, subject, text!("`/{}` could not be read", *path)),
    }
}
