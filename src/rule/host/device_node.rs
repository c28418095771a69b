//! `host/device-node`: a device stands outside of `/dev`.

use super::question::{Question, fail, mounted_with, octal, owner, pass, shown};
use super::setid::subject;
use crate::finding::{Level, Reference};
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/device-node",
    level: Level::Deny,
    summary: "a device stands outside of `/dev`",
    why: "whoever may open it reads or writes a disk or memory past every permission of the files on it",
    help: "remove it: `rm FILE`; a chroot that needs `null` or `random` lies on a file system of its own, or in a mount namespace",
    page: include_str!("device_node.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-732" }],
    judge: Judge::Host { family: "setid", judge },
};

/// Fails for each device that the walk met; `/dev` itself is not walked.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.fs.device_nodes") else { return };
    if question.host.setid.devices.is_empty() {
        pass(&expected, answers);
    }
    for (path, device) in &question.host.setid.devices {
        let kind = if device.is_block { "block" } else { "character" };
        let which = device.number.map_or_else(Text::default, |(major, minor)| text!(" {}:{}", major, minor));
        let message = text!(
            "`{}` is the {} device{} ({} {}) outside of `/dev`",
            shown(path),
            kind,
            which,
            octal(device.mode),
            owner(&device.user, &device.group)
        );
        let mut draft = fail(&expected, subject(path), message).at(Some(crate::fact::Location::file(path.clone())));
        if let Some((major, minor)) = device.number {
            draft = draft.with("device", text!("{}:{}", major, minor));
        }
        if let Some(mount) = mounted_with(question, path, "nodev") {
            let remark = text!("{} is mounted with nodev: it cannot be opened there", mount);
            draft = draft.at_most(Level::Allow).with("mount", remark);
        }
        answers.add(draft);
    }
}
