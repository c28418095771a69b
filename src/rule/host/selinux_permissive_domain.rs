//! `host/selinux-permissive-domain`: a domain of SELinux is permissive.

use super::question::{Question, at, fail, not_determined, pass};
use super::selinux_words::answered;
use crate::finding::{Level, Reference, Subject};
use crate::host::Place;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/selinux-permissive-domain",
    level: Level::Deny,
    summary: "a domain of SELinux is permissive",
    why: "the mode is enforcing and still nothing confines what runs in this domain",
    help: "run `semanage permissive -d DOMAIN`, or remove the module that makes it permissive: `semodule -r MODULE`",
    page: include_str!("selinux_permissive_domain.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Host { family: "mac", judge },
};

/// Fails for each domain that an active module of the policy in use makes permissive.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.kernel.selinux.permissive") else { return };
    let selinux = &question.host.mac.selinux;
    let all = Subject::new("domain", Text::trusted("every domain"));
    if answered(question, &expected, &all, answers) {
        return;
    }
    let may = expected.list();
    let mut is_clean = true;
    for domain in &selinux.permissive {
        if may.iter().any(|name| *name == domain.name.as_str()) {
            continue;
        }
        is_clean = false;
        let subject = Subject::new("domain", domain.name.clone());
        let message = text!(
            "the domain `{}` is permissive: the module `{}` in /{} makes it so",
            domain.name,
            domain.module,
            domain.path
        );
        let help = text!("run `semanage permissive -d {}`, or `semodule -r {}`", domain.name, domain.module);
        answers.add(at(fail(&expected, subject, message), &Place::file(&domain.path)).help(help));
    }
    let modules = |path: &[u8]| path.windows(8).any(|part| part == b"/modules");
    if let Some(unread) = selinux.unread.iter().find(|unread| modules(unread.path.as_bytes())) {
        let message = text!("`/{}` could not be read: found {}", unread.path, unread.found);
        answers.add(not_determined(&expected, all, message));
    } else if is_clean {
        pass(&expected, answers);
    }
}
