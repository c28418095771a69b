//! What rules about sources of packages share.

use super::question::{Question, not_applicable, unread};
use crate::finding::Subject;
use crate::policy::host::Expected;
use crate::rule::Answers;
use crate::text::Text;

/// Where lists of sources and the settings of package managers stand.
const PLACES: [&str; 12] = [
    "etc/apt/",
    "etc/yum.conf",
    "etc/yum.repos.d/",
    "etc/dnf/",
    "etc/distro.repos.d/",
    "usr/share/dnf5/",
    "etc/zypp/",
    "etc/pacman.conf",
    "etc/pacman.d/",
    "etc/apk/",
    "etc/opkg.conf",
    "etc/opkg/",
];

/// Answers for each list of sources that could not be read.
pub(super) fn unread_lists(question: &Question<'_>, expected: &Expected<'_>, answers: &mut Answers) {
    for gap in question.host.gaps_of("package") {
        let path = &gap.location.path;
        if PLACES.iter().any(|place| path.as_bytes().starts_with(place.as_bytes())) {
            answers.add(unread(expected, Question::subject_of_file(path), gap));
        }
    }
}

/// Answers that there is no source of packages.
pub(super) fn no_source(expected: &Expected<'_>, answers: &mut Answers) {
    let reason = Text::trusted(
        "no source of packages stands at /etc/apt, /etc/yum.repos.d, /etc/zypp, /etc/pacman.conf, \
         /etc/apk/repositories or /etc/opkg.conf",
    );
    answers.add(not_applicable(expected, Subject::new("source", Text::trusted("packages")), reason));
}
