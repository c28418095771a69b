//! `source/symlink-escape`: a symbolic link leads out of the tree.

use crate::evidence::Leads;
use crate::fact::FactKind;
use crate::finding::{Level, Reference, Subject};
use crate::rule::{Answers, Context, Draft, Judge, Rule};
use crate::text;

pub(super) static RULE: Rule = Rule {
    id: "source/symlink-escape",
    level: Level::Deny,
    summary: "a symbolic link leads out of the tree",
    why: "a tool that follows it reads or writes beside the checkout: keys, other jobs' files, git's own folder",
    help: "remove the link, or let it lead to a file of the tree",
    page: include_str!("symlink_escape.md"),
    needs: &[FactKind::Link],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-59" }],
    judge: Judge::Tree(judge),
};

/// Fails for each link that leads out of the tree or into git's own folder.
fn judge(context: &Context<'_>, answers: &mut Answers) {
    for link in &context.now.links {
        let where_to = match link.leads {
            Leads::Inside | Leads::Nowhere | Leads::Beside => {
                answers.pass();
                continue;
            }
            // A gap of its own.
            Leads::Circle => continue,
            Leads::Outside => "out of the tree",
            Leads::GitFolder => "into git's own folder",
        };
        let path = &link.location.path;
        answers.add(
            Draft::fail(
                Subject::new("file", text!("{}", *path)),
                text!("the link `{}` leads {}, to `{}`", *path, where_to, link.target),
            )
            .at(Some(link.location.clone()))
            .found(link.target.clone())
            .fact(link.target.as_str()),
        );
    }
}
