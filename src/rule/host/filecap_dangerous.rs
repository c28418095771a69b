//! `host/filecap-dangerous`: a program has a capability that is as good as root.

use super::question::{Question, fail, joined, pass, shown};
use super::setid::{Distribution, other_names, subject, without_effect};
use crate::finding::{Level, Reference};
use crate::host::setid::capability::Capabilities;
use crate::rule::{Answers, Judge, Rule};
use crate::text;

pub(super) static RULE: Rule = Rule {
    id: "host/filecap-dangerous",
    level: Level::Deny,
    summary: "a program has a capability that is as good as root",
    why: "it is setuid root in all but name, and a search for mode bits does not find it",
    help: "take the capabilities away: `setcap -r FILE`",
    page: include_str!("filecap_dangerous.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-250" }],
    judge: Judge::Host { family: "setid", judge },
};

/// Fails for each file that permits a capability of the list which its distribution does not give it.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.filecap.dangerous") else { return };
    let distribution = Distribution::of(question);
    let dangerous = expected.list();
    for (path, capable) in &question.host.setid.capable {
        // What is wrong with an attribute that is none is told by `host/filecap-unexpected`.
        let Some(capabilities) = &capable.capabilities else { continue };
        let given = distribution.capabilities(path);
        let mut found = Capabilities::names(capabilities.permitted);
        found.retain(|name| dangerous.contains(name) && !given.contains(&name.as_str()));
        if found.is_empty() {
            pass(&expected, answers);
            continue;
        }
        let message = text!(
            "`{}` has {}, which is as good as root (all it has: {}){}",
            shown(path),
            joined(&found),
            capable.shown,
            other_names(&capable.other_names)
        );
        let draft = fail(&expected, subject(path), message).found(capable.shown.clone());
        let draft = draft.at(Some(crate::fact::Location::file(path.clone())));
        answers.add(without_effect(question, draft, path));
    }
}
