//! What rules about boot entries share: each entry that can be started counts, and on a running host how it was started.

use std::collections::BTreeSet;

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
    /// The configuration of the kernel in which it stands, where no argument says otherwise.
    pub built: Option<Place>,
}

impl Fault {
    /// Returns where it stands, of an entry.
    fn place_in<'a>(&'a self, entry: &'a BootEntry) -> &'a Place {
        match (&self.built, &self.found) {
            (Some(place), _) => place,
            (None, Some(found)) => entry.place_of(found),
            (None, None) => &entry.place,
        }
    }
}

/// Says where a fault stands, in words that go on with names of entries.
fn what(entry: &BootEntry, fault: &Fault) -> Text {
    let Some(found) = &fault.found else { return text!("it is not in the boot entry") };
    let place = fault.place_in(entry);
    if fault.built.is_some() {
        text!("`{}` stands in {}, and nothing else is said in the boot entry", *found, place.shown())
    } else if is_of(entry, place) {
        text!("`{}` stands in the boot entry", *found)
    } else if entry.is_source {
        text!("`{}` stands in {}, in a variable of", *found, place.shown())
    } else {
        text!("`{}` stands in {}, in a variable of the boot entry", *found, place.shown())
    }
}

/// Whether a place is of the entry itself. One that has a file to itself is known by that, and so is what entries are made of,
/// to which other files may add.
fn is_of(entry: &BootEntry, place: &Place) -> bool {
    text!("/{}", place.path) == entry.name || (*place == entry.place && !entry.is_source)
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
        let place = first.place_in(entry);
        let message = text!("{} {}{}{}: {}", what(entry, first), joined(&named), more, *source, first.effect);
        let mut seen = BTreeSet::from([place]);
        let places = faulty.iter().flat_map(|(entry, fault)| {
            let place = fault.place_in(entry);
            [Some(place), (!is_of(entry, place)).then_some(&entry.place)]
        });
        let related = places.flatten().filter(|place| seen.insert(place)).map(Place::location);
        let mut draft = at(fail(expected, subject, message), place).help(mend.words(question)).with_related(related);
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
        let what = match (&fault.found, &fault.built) {
            (Some(found), Some(built)) => text!(
                "`{}` stands in {}, and nothing else is said on the command line of the running kernel",
                *found,
                built.shown()
            ),
            (Some(found), None) => text!("`{}` stands on the command line of the running kernel", *found),
            (None, _) => text!("it is not on the command line of the running kernel"),
        };
        let entries = if boot.entries.is_empty() { "" } else { ", unlike in the boot entries" };
        let message = text!("{}{}: {}", what, *entries, fault.effect);
        let mut draft =
            at(fail(expected, subject, message), fault.place_in(running)).help(match boot.entries.is_empty() {
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
        parts: Vec::new(),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::kernel::{Arguments, Part};

    fn place(path: &str, line: Option<u32>) -> Place {
        Place { path: TreePath::new(path.as_bytes()).unwrap(), line }
    }

    #[test]
    fn the_file_is_named_in_which_a_fault_stands() {
        let check = |found: Option<&str>, built: Option<&str>, expected: &str| {
            let part = |path: &str, line: u32, arguments: &str| Part {
                place: place(path, Some(line)),
                arguments: Arguments::read(arguments),
            };
            let entry = BootEntry {
                name: Text::trusted("/boot/loader/entries/a.conf"),
                place: place("boot/loader/entries/a.conf", Some(3)),
                arguments: Arguments::read("nopti nosmep ro selinux=0"),
                parts: vec![
                    part("boot/loader/entries/a.conf", 3, "nopti"),
                    part("boot/loader/entries/a.conf", 4, "nosmep"),
                    part("boot/grub2/grubenv", 2, "ro selinux=0"),
                ],
                is_for_recovery: false,
                is_source: false,
            };
            let fault = Fault {
                found: found.map(Text::of),
                effect: Text::default(),
                at_most: None,
                built: built.map(|path| place(path, None)),
            };
            assert_eq!(what(&entry, &fault).as_str(), expected, "{found:?}");
        };
        check(None, None, "it is not in the boot entry");
        check(Some("nopti"), None, "`nopti` stands in the boot entry");
        check(Some("nosmep"), None, "`nosmep` stands in the boot entry");
        check(Some("selinux=0"), None, "`selinux=0` stands in /boot/grub2/grubenv:2, in a variable of the boot entry");
        check(
            Some("CONFIG_LSM=yama"),
            Some("boot/config-6.1"),
            "`CONFIG_LSM=yama` stands in /boot/config-6.1, and nothing else is said in the boot entry",
        );
    }

    #[test]
    fn a_file_that_adds_to_what_entries_are_made_of_is_named() {
        let part =
            |path: &str, arguments: &str| Part { place: place(path, Some(2)), arguments: Arguments::read(arguments) };
        let entry = BootEntry {
            name: Text::trusted("/etc/default/grub"),
            place: place("etc/default/grub.d/50.cfg", Some(2)),
            arguments: Arguments::read("quiet nopti"),
            parts: vec![part("etc/default/grub.d/50.cfg", "nopti"), part("etc/default/grub", "quiet")],
            is_for_recovery: false,
            is_source: true,
        };
        let check = |found: &str, expected: &str| {
            let fault = Fault { found: Some(Text::of(found)), effect: Text::default(), at_most: None, built: None };
            assert_eq!(what(&entry, &fault).as_str(), expected, "{found}");
        };
        check("nopti", "`nopti` stands in /etc/default/grub.d/50.cfg:2, in a variable of");
        check("quiet", "`quiet` stands in the boot entry");
    }
}
