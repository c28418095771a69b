//! `host/bootloader-password`: whoever stands before the machine may change how it starts.

use super::distribution::Kin;
use super::question::{Question, at, fail, not_applicable, not_determined, pass};
use crate::finding::{Level, Reference, Subject};
use crate::host::Place;
use crate::host::kernel::Lock;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/bootloader-password",
    level: Level::Deny,
    summary: "the boot loader lets anybody change its entries",
    why: "one argument more gives a shell of root before anybody is asked for a password",
    help: "set a password in the boot loader, or switch its editor off",
    page: include_str!("bootloader_password.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-306" }],
    judge: Judge::Host { family: "kernel", judge },
};

/// Fails for each boot loader whose entries may be changed without a password.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.kernel.bootloader.password") else { return };
    let boot = &question.host.kernel.boot;
    let help = match Kin::of(question.host) {
        Kin::Rhel => Text::trusted("run `grub2-setpassword`"),
        Kin::Debian => Text::trusted(
            "make a digest with `grub-mkpasswd-pbkdf2`, write `set superusers=\"root\"` and `password_pbkdf2 root DIGEST` into \
             /etc/grub.d/40_custom, then run `update-grub`",
        ),
        Kin::Alpine | Kin::Other => Text::trusted("set a password in the boot loader, or switch its editor off"),
    };
    for loader in &boot.editing {
        let subject = Subject::new("boot loader", text!("/{}", loader.path));
        let (message, found) = match loader.lock {
            Lock::Digest | Lock::NoEditor => {
                pass(&expected, answers);
                continue;
            }
            // Whether the password stands in what could not be read is not known.
            Lock::None if !boot.unread.is_empty() => continue,
            Lock::None => {
                (text!("/{} lets anybody change the boot entries: it asks for no password", loader.path), "no password")
            }
            Lock::Plain => (
                text!(
                    "the password that /{} asks for stands in it as it is: whoever reads the file knows it",
                    loader.path
                ),
                "a password in plain text",
            ),
        };
        let place = loader.place.clone().unwrap_or_else(|| Place::file(&loader.path));
        answers.add(at(fail(&expected, subject, message), &place).help(help.clone()).found(Text::trusted(found)));
    }
    let all = Subject::new("boot loader", Text::trusted("/boot"));
    if let Some(unread) = boot.unread.first() {
        let message = text!(
            "whether the boot loader asks for a password is not known: `/{}` could not be read, found {}",
            unread.path,
            unread.found
        );
        answers.add(not_determined(&expected, all, message));
    } else if boot.editing.is_empty() {
        let message = text!(
            "no boot loader is installed here that has entries to change: there is neither a grub.cfg nor a loader.conf below /boot and /efi"
        );
        answers.add(not_applicable(&expected, all, message));
    }
}
