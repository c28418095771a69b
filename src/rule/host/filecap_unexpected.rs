//! `host/filecap-unexpected`: a program has a capability that its distribution does not give it.

use super::question::{Question, fail, joined, not_determined, pass, shown};
use super::setid::{Distribution, other_names, subject, without_effect};
use crate::finding::{Level, Reference};
use crate::host::setid::capability::Capabilities;
use crate::rule::{Answers, Judge, Rule};
use crate::text;

pub(super) static RULE: Rule = Rule {
    id: "host/filecap-unexpected",
    level: Level::Deny,
    summary: "a program has a capability that its distribution does not give it",
    why: "each capability is a part of what root may do, given to whoever runs the program",
    help: "take the capabilities away: `setcap -r FILE`; or let it pass by the rule's `allow`",
    page: include_str!("filecap_unexpected.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-250" }],
    judge: Judge::Host { family: "setid", judge },
};

/// Fails for each file with more capabilities than the table of its distribution gives it.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.filecap.unexpected") else { return };
    let distribution = Distribution::of(question);
    for (path, capable) in &question.host.setid.capable {
        let names = other_names(&capable.other_names);
        let draft = match &capable.capabilities {
            None => {
                let message = text!("`{}` has {}: it cannot be told what it permits", shown(path), capable.shown);
                not_determined(&expected, subject(path), message)
            }
            Some(capabilities) => {
                let given = distribution.capabilities(path);
                let mut found = Capabilities::names(capabilities.permitted | capabilities.inheritable);
                found.retain(|name| !given.contains(&name.as_str()));
                if found.is_empty() {
                    pass(&expected, answers);
                    continue;
                }
                match distribution.doubt() {
                    None => {
                        let message = text!(
                            "`{}` has {}, which its distribution does not give it{}",
                            shown(path),
                            joined(&found),
                            names
                        );
                        fail(&expected, subject(path), message)
                    }
                    Some(doubt) => {
                        let message = text!("`{}` has {}: {}{}", shown(path), joined(&found), doubt, names);
                        not_determined(&expected, subject(path), message)
                    }
                }
            }
        };
        let draft = draft.at(Some(crate::fact::Location::file(path.clone()))).found(capable.shown.clone());
        answers.add(without_effect(question, draft, path));
    }
}
