//! What the rules about SELinux share: whether it is used here at all.

use super::question::Question;
use crate::finding::Subject;
use crate::policy::host::Expected;
use crate::rule::Answers;
use crate::text;
use crate::text::Text;

/// The file of its configuration.
pub(super) const CONFIG: &str = crate::host::mac::selinux::CONFIG;

/// Whether SELinux is configured here, or a policy of it is installed.
pub(super) fn is_used(question: &Question<'_>) -> bool {
    let selinux = &question.host.mac.selinux;
    selinux.config.is_some() || !selinux.policies.is_empty() || !selinux.other_types.is_empty()
}

/// Says why SELinux is not used here, naming what was looked at.
pub(super) fn not_used(question: &Question<'_>) -> Text {
    let name = question.host.system.as_ref().map_or_else(
        || Text::trusted("the distribution is not known"),
        |system| text!("the distribution is {}", system.name.as_deref().unwrap_or(&system.id)),
    );
    text!("SELinux is not used here: there is no /{}, no compiled policy below /etc/selinux, and {}", *CONFIG, name)
}

/// Answers for a host of which it is not known, or known not to be, that it uses SELinux. Returns whether it did.
pub(super) fn answered(
    question: &Question<'_>,
    expected: &Expected<'_>,
    subject: &Subject,
    answers: &mut Answers,
) -> bool {
    let selinux = &question.host.mac.selinux;
    if let (None, Some(unread)) =
        (&selinux.config, selinux.unread.iter().find(|unread| unread.path.as_bytes() == CONFIG.as_bytes()))
    {
        let message = text!("`/{}` could not be read: found {}", unread.path, unread.found);
        answers.add(super::question::not_determined(expected, subject.clone(), message));
        return true;
    }
    if !is_used(question) {
        answers.add(super::question::not_applicable(expected, subject.clone(), not_used(question)));
        return true;
    }
    false
}
