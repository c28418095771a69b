//! `host/selinux-policy`: the policy that SELinux is to load is not installed, or is no confining one.

use super::distribution::Kin;
use super::question::{Question, at, fail, not_determined, pass};
use super::selinux_words::{CONFIG, answered};
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/selinux-policy",
    level: Level::Deny,
    summary: "the policy that SELinux is to load is not installed, or does not confine",
    why: "without a policy to load the host halts, or runs with nothing confined",
    help: "name a policy that is installed in SELINUXTYPE of /etc/selinux/config, or install the one named",
    page: include_str!("selinux_policy.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Host { family: "mac", judge },
};

/// Fails where the type that is configured has no compiled policy, or is not one of those expected.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.kernel.selinux.type") else { return };
    let selinux = &question.host.mac.selinux;
    let name = selinux.config.as_ref().map_or_else(|| Text::trusted("targeted"), |config| config.policy.clone());
    let subject = Subject::new("policy", name.clone());
    if answered(question, &expected, &subject, answers) {
        return;
    }
    let at_config = |draft| match selinux.config.as_ref().and_then(|config| config.policy_place.as_ref()) {
        Some(place) => at(draft, place),
        None => draft,
    };
    if selinux.policies.is_empty() {
        let below = format!("etc/selinux/{name}");
        let unread = selinux.unread.iter().find(|unread| {
            below.as_bytes().starts_with(unread.path.as_bytes()) || unread.path.as_bytes().starts_with(below.as_bytes())
        });
        if let Some(unread) = unread {
            let message = text!("`/{}` could not be read: found {}", unread.path, unread.found);
            return answers.add(not_determined(&expected, subject, message));
        }
        let others: Vec<Text> = selinux.other_types.iter().cloned().collect();
        let others = match others.as_slice() {
            [] => text!("no other is"),
            others => text!("{} is", super::question::joined(others)),
        };
        let message = text!(
            "/{} names the policy `{}`, of which no compiled file is installed in /etc/selinux/{}/policy; {}",
            *CONFIG,
            name,
            name,
            others
        );
        let help = match Kin::of(question.host) {
            Kin::Rhel => text!("run `dnf install selinux-policy-{}`, or name an installed policy in SELINUXTYPE", name),
            Kin::Debian => {
                text!("run `apt install selinux-policy-{}`, or name an installed policy in SELINUXTYPE", name)
            }
            Kin::Alpine | Kin::Other => text!("install the policy `{}`, or name an installed one in SELINUXTYPE", name),
        };
        return answers.add(at_config(fail(&expected, subject, message)).help(help).found(name));
    }
    if expected.accepts(name.as_str()) == Some(true) {
        return pass(&expected, answers);
    }
    let message = text!("/{} names the policy `{}`, expected {}", *CONFIG, name, expected.words());
    answers.add(at_config(fail(&expected, subject, message)).found(name));
}
