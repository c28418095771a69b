//! What rules about boot entries share: each entry that can be started counts, and on a running host how it was started.

use super::distribution::Kin;
use super::question::{Question, at, fail, joined, not_applicable, not_determined, pass};
use crate::finding::{Level, Subject};
use crate::host::Place;
use crate::host::kernel::BootEntry;
use crate::policy::host::Expected;
use crate::rule::Answers;
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

/// How many entries are named in a message.
const MAX_NAMED: usize = 3;

/// Where boot entries are looked for, in words.
const LOOKED_AT: &str = "/boot/grub/grub.cfg, /boot/grub2/grub.cfg, /boot/loader/entries, /boot/efi, /boot/extlinux.conf, \
    /etc/default/grub and /etc/kernel/cmdline";

/// What is wrong with a boot entry.
pub(super) struct Fault {
    /// What was found, or `None` where something is not there.
    pub found: Option<Text>,
    /// What that does, in words that go on behind "in ENTRY,".
    pub effect: Text,
    /// The highest level that it may have.
    pub at_most: Option<Level>,
}

/// Judges every boot entry by one fact; `remove` and `add` are the arguments for the mend.
pub(super) fn judge(
    question: &Question<'_>,
    expected: &Expected<'_>,
    subject: Subject,
    mend: &Mend<'_>,
    answers: &mut Answers,
    fault: impl Fn(&BootEntry) -> Option<Fault>,
) {
    let boot = &question.host.kernel.boot;
    let running = running(question);
    let faulty: Vec<(&BootEntry, Fault)> =
        boot.entries.iter().filter_map(|entry| fault(entry).map(|fault| (entry, fault))).collect();
    if let Some((entry, first)) = faulty.first() {
        let named: Vec<Text> = faulty.iter().take(MAX_NAMED).map(|(entry, _)| text!("`{}`", entry.name)).collect();
        let more = match faulty.len().saturating_sub(named.len()) {
            0 => Text::default(),
            more => text!(" and {} more", more),
        };
        let source = if entry.is_source { " (no entry is made of it yet)" } else { "" };
        let what = match &first.found {
            Some(found) => text!("`{}` stands in the boot entry", *found),
            None => text!("it is not in the boot entry"),
        };
        let message = text!("{} {}{}{}: {}", what, joined(&named), more, *source, first.effect);
        let mut draft = at(fail(expected, subject, message), &entry.place)
            .help(mend.words(question))
            .with_related(faulty.iter().skip(1).map(|(entry, _)| entry.place.location()));
        if let Some(found) = &first.found {
            draft = draft.found(found.clone());
        }
        let levels: Vec<Option<Level>> = faulty.iter().map(|(_, fault)| fault.at_most).collect();
        if let Some(highest) =
            levels.iter().copied().collect::<Option<Vec<Level>>>().and_then(|all| all.into_iter().max())
        {
            draft = draft.at_most(highest.min(expected.level()));
        }
        answers.add(draft);
    } else if let Some((running, fault)) = running.as_ref().and_then(|running| Some((running, fault(running)?))) {
        // No entry says so: it was started by another, or by one that was changed since.
        let what = match &fault.found {
            Some(found) => text!("`{}` stands on the command line of the running kernel", *found),
            None => text!("it is not on the command line of the running kernel"),
        };
        let entries = if boot.entries.is_empty() { "" } else { ", unlike in the boot entries" };
        let message = text!("{}{}: {}", what, *entries, fault.effect);
        let mut draft = at(fail(expected, subject, message), &running.place).help(match boot.entries.is_empty() {
            true => mend.words(question),
            false => text!("start the machine again, by an entry of the boot loader"),
        });
        if let Some(found) = fault.found {
            draft = draft.found(found);
        }
        if let Some(highest) = fault.at_most {
            draft = draft.at_most(highest.min(expected.level()));
        }
        answers.add(draft);
    } else if let Some(unread) = boot.unread.first() {
        let message =
            text!("a boot entry may say otherwise: `/{}` could not be read, found {}", unread.path, unread.found);
        answers.add(not_determined(expected, subject, message));
    } else if boot.entries.is_empty() && running.is_none() {
        let message = text!("nothing here starts a kernel: there is no boot entry in {}", *LOOKED_AT);
        answers.add(not_applicable(expected, subject, message));
    } else {
        pass(expected, answers);
    }
}

/// Returns how the running kernel was started, where it was asked.
fn running(question: &Question<'_>) -> Option<BootEntry> {
    let arguments = question.host.running.as_ref()?.kernel.arguments.value()?.clone();
    Some(BootEntry {
        name: Text::trusted("the running kernel"),
        place: Place::file(&TreePath::new(b"proc/cmdline")?),
        arguments,
        is_for_recovery: false,
        is_source: false,
    })
}

/// What the arguments of a kernel should become.
pub(super) struct Mend<'a> {
    /// Arguments to take out.
    pub remove: &'a str,
    /// Arguments to put in.
    pub add: &'a str,
}

impl Mend<'_> {
    /// Says how, in the words of the distribution.
    fn words(&self, question: &Question<'_>) -> Text {
        let Self { remove, add } = self;
        let what = match (*remove, *add) {
            ("", add) => text!("add `{}` to", *add),
            (remove, "") => text!("take `{}` out of", *remove),
            (remove, add) => text!("put `{}` for `{}` in", *add, *remove),
        };
        match Kin::of(question.host) {
            Kin::Debian => text!("{} GRUB_CMDLINE_LINUX in /etc/default/grub, then run `update-grub`", what),
            Kin::Rhel => {
                let argument = |option: &str, arguments: &str| {
                    if arguments.is_empty() { Text::default() } else { text!(" {}={}", *option, *arguments) }
                };
                let (remove, add) = (argument("--remove-args", remove), argument("--args", add));
                text!("run `grubby --update-kernel=ALL{}{}`", remove, add)
            }
            Kin::Alpine => {
                text!("{} default_kernel_opts in /etc/update-extlinux.conf, then run `update-extlinux`", what)
            }
            Kin::Other => text!("{} the arguments of the kernel in the configuration of the boot loader", what),
        }
    }
}
