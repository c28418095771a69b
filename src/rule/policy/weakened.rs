//! `policy/weakened`: a change makes the policy that judges it weaker.

use super::place;
use crate::fact::{FactKind, Location};
use crate::finding::{Level, Reference, Subject};
use crate::policy::{Origin, POLICY_FILE};
use crate::rule::{Answers, Context, Draft, Judge, PolicyChange, Rule};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

pub(super) static RULE: Rule = Rule {
    id: "policy/weakened",
    level: Level::Deny,
    summary: "a change makes the policy that judges it weaker",
    why: "who may change the gate with the change it judges has no gate",
    help: "change the policy apart from what it lets pass, and let somebody outside the change accept it (--accept-policy)",
    page: include_str!("weakened.md"),
    needs: &[FactKind::Policy],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Policy(judge),
};

fn respects(count: usize) -> String {
    if count == 1 { "one respect".to_owned() } else { format!("{count} respects") }
}

/// Fails for each respect in which the policy is weaker. A first policy, and one that was accepted from outside,
/// only warn; one that cannot be read is not determined.
fn judge(change: &PolicyChange<'_>, _: &Context<'_>, answers: &mut Answers) {
    let file = Location::file(TreePath::new(POLICY_FILE.as_bytes()).unwrap_or_default());
    let digest = match change.now {
        Some(Err(error)) => {
            let subject = Subject::new("policy", Text::trusted(POLICY_FILE));
            let at = Origin { position: error.position, ..Origin::whole(error.file.clone()) };
            let help = match &error.hint {
                Some(hint) => text!("mend the policy: {}", hint),
                None => Text::trusted("mend the policy; `portcullis policy check` reads it alone"),
            };
            answers.add(
                Draft::not_determined(subject, text!("the changed policy cannot be read: {}", error.message))
                    .at(Some(place(&at).unwrap_or(file)))
                    .help(help)
                    .fact(error.message.as_str()),
            );
            return;
        }
        Some(Ok(now)) => text!("{}", now.digest),
        None => Text::trusted("no policy file"),
    };
    if let (None, Some(Ok(now))) = (change.before, change.now) {
        let subject = Subject::new("policy", Text::trusted(POLICY_FILE));
        let weaker: Vec<String> = change.weakenings.iter().map(|weakening| weakening.message.to_string()).collect();
        let weaker = Text::trusted(weaker.join("; "));
        let (message, help) = match change.weakenings.len() {
            0 => (
                Text::trusted("a first policy is added; until it stands in the base, the built-in one judges"),
                Text::trusted("have it reviewed by those who own the repository"),
            ),
            count => (
                text!("a first policy is added, weaker than the built-in one in {}", respects(count)),
                text!("have it reviewed by those who own the repository: {}", weaker),
            ),
        };
        let draft = Draft::fail(subject, message).at(Some(file)).at_most(Level::Warn).help(help);
        answers.add(draft.with("digest", digest).with("weaker", weaker).fact(now.digest.as_str()));
        return;
    }
    if change.weakenings.is_empty() {
        answers.pass();
    }
    for weakening in &change.weakenings {
        let subject = Subject::new("policy", weakening.key.clone());
        let help = match change.now {
            Some(_) if change.accepted => Text::trusted("nothing to mend: this very policy was accepted from outside"),
            Some(Ok(now)) => text!(
                "change the policy apart from what it lets pass; to accept this very policy, run the gate with --accept-policy {}",
                now.digest
            ),
            Some(Err(_)) | None => {
                text!("restore {}, or have one accepted that only extends a built-in policy", POLICY_FILE)
            }
        };
        let draft = Draft::fail(subject, weakening.message.clone())
            .at(Some(place(&weakening.origin).unwrap_or_else(|| file.clone())))
            .found(weakening.found.clone())
            .with("digest", digest.clone())
            .help(help)
            .fact(weakening.found.as_str());
        let draft = match &weakening.was {
            Some(was) => draft.was(was.clone()),
            None => draft.with("was", Text::trusted("nothing")).label(Text::trusted("was not there")),
        };
        answers.add(if change.accepted { draft.at_most(Level::Warn) } else { draft });
    }
}
