//! `host/module-loadable`: a kernel module can be loaded that nobody needs.

use super::question::{Question, at, fail, not_determined, pass};
use crate::finding::{Level, Reference, Subject};
use crate::host::Place;
use crate::host::kernel::modprobe::{Modprobe, underscored};
use crate::policy::host::Expected;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/module-loadable",
    level: Level::Deny,
    summary: "a kernel module can be loaded that nobody needs",
    why: "file systems and protocols that nobody uses are read by code that few have looked at",
    help: "write `install MODULE /bin/false` and `blacklist MODULE` into a file of /etc/modprobe.d that ends in .conf",
    page: include_str!("module_loadable.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "man", id: "modprobe.d(5)" }],
    judge: Judge::Host { family: "kernel", judge },
};

/// Fails for each module that is there and that no `install` line keeps out.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    for expected in question.facts() {
        for module in expected.list() {
            judge_module(question, &expected, &module, answers);
        }
    }
}

fn judge_module(question: &Question<'_>, expected: &Expected<'_>, module: &str, answers: &mut Answers) {
    let kernel = &question.host.kernel;
    let subject = Subject::new("module", text!("{}", *module));
    let name = Text::of(&underscored(module));
    if kernel.is_built_without("MODULES") == Some(true) {
        return pass(expected, answers);
    }
    if let Some((version, _)) = kernel.modules.iter().find(|(_, modules)| modules.built_in.contains(&name)) {
        let message = text!(
            "the module `{}` is built in: it is part of the kernel {}, and no line keeps it out",
            *module,
            *version
        );
        let help =
            text!("use a kernel without it, or switch it off by an argument of the kernel: `initcall_blacklist=…`");
        return answers.add(fail(expected, subject, message).help(help));
    }
    // Where no kernel is installed here, it comes from elsewhere, with its modules.
    let is_there = kernel.modules.is_empty()
        || kernel.modules.values().any(|modules| modules.loadable.as_ref().is_none_or(|names| names.contains(&name)));
    if !is_there {
        return pass(expected, answers);
    }
    let instead = kernel.modprobe.instead_of(module);
    let lines = instead.map_or(usize::MAX, |(at, _)| at);
    if let Some(file) = kernel.modprobe.unread.iter().find(|file| file.after <= lines) {
        let message = text!(
            "whether the module `{}` can be loaded is not known: `/{}` could not be read, found {}",
            *module,
            file.unread.path,
            file.unread.found
        );
        return answers.add(not_determined(expected, subject, message));
    }
    let (blacklisted, off) = (kernel.modprobe.blacklist.get(&name), kernel.modprobe.off.get(&name));
    let (message, place): (Text, Option<&Place>) = match (instead, blacklisted, off) {
        (Some((_, install)), ..) if install.does_nothing() => return pass(expected, answers),
        // Neither its name nor its aliases lead to it.
        (None, Some(_), Some(_)) => return pass(expected, answers),
        (Some((_, install)), ..) => (
            text!(
                "the module `{}` can be loaded: `{}` in {} is run instead, and may load it",
                *module,
                install.command,
                install.place.shown()
            ),
            Some(&install.place),
        ),
        (None, Some(place), None) => (
            text!(
                "the module `{}` can be loaded: `blacklist` in {} only keeps its aliases from loading it",
                *module,
                place.shown()
            ),
            Some(place),
        ),
        (None, None, Some(place)) => (
            text!(
                "the module `{}` can be loaded: `alias … off` in {} hides its name, not its aliases",
                *module,
                place.shown()
            ),
            Some(place),
        ),
        (None, None, None) => {
            (text!("the module `{}` can be loaded: no `install` line in /etc/modprobe.d keeps it out", *module), None)
        }
    };
    let help = text!(
        "write `install {} /bin/false` and `blacklist {}` into a file of /etc/modprobe.d that ends in .conf",
        *module,
        *module
    );
    let (lost, places) = lost(&kernel.modprobe, module, instead.map(|(at, _)| at));
    let message = text!("{}{}", message, lost);
    let draft = fail(expected, subject, message).help(help).with_related(places.into_iter().map(Place::location));
    answers.add(match place {
        Some(place) => at(draft, place),
        None => draft,
    });
}

/// Says which line would keep a module out and does not count, with the places that tell.
fn lost<'a>(modprobe: &'a Modprobe, module: &str, at: Option<usize>) -> (Text, Vec<&'a Place>) {
    if let Some(behind) = at.and_then(|at| modprobe.behind(module, at)) {
        let place = &behind.place;
        let words = text!("; `{}` in {} comes behind it, and the first line counts", behind.command, place.shown());
        return (words, vec![place]);
    }
    let Some(unused) = modprobe.unused_of(module) else { return (Text::default(), Vec::new()) };
    let place = &unused.install.place;
    let because = match &unused.hidden_by {
        Some(by) => text!("/{} hides its file", *by),
        None if place.path.file_name().ends_with(b".conf") => text!("the name of its file begins with a dot"),
        None => text!("the name of its file does not end in .conf"),
    };
    (text!("; the `install` line in {} is not read, as {}", place.shown(), because), vec![place])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::host::kernel::modprobe::{Install, Unused};
    use crate::tree::TreePath;

    #[test]
    fn a_line_that_does_not_count_is_named() {
        let path = |path: &str| TreePath::new(path.as_bytes()).unwrap();
        let install = |at: &str, command: &str| Install {
            name: Text::trusted("cramfs"),
            command: Text::of(command),
            place: Place { path: path(at), line: Some(1) },
        };
        let check = |counts: &[Install], unused: Option<(&str, Option<&str>)>, expected: &str| {
            let unused = unused.map(|(at, by)| Unused { install: install(at, "/bin/false"), hidden_by: by.map(path) });
            let modprobe =
                Modprobe { install: counts.to_vec(), unused: unused.into_iter().collect(), ..Modprobe::default() };
            let at = modprobe.instead_of("cramfs").map(|(at, _)| at);
            assert_eq!(lost(&modprobe, "cramfs", at).0.as_str(), expected);
            assert_eq!(lost(&modprobe, "udf", None).0.as_str(), "");
        };
        let loads = install("etc/modprobe.d/a.conf", "/sbin/modprobe -i cramfs");
        check(&[], None, "");
        check(std::slice::from_ref(&loads), None, "");
        check(
            &[loads, install("etc/modprobe.d/b.conf", "/bin/false")],
            Some(("etc/modprobe.d/c", None)),
            "; `/bin/false` in /etc/modprobe.d/b.conf:1 comes behind it, and the first line counts",
        );
        check(
            &[],
            Some(("usr/lib/modprobe.d/h.conf", Some("etc/modprobe.d/h.conf"))),
            "; the `install` line in /usr/lib/modprobe.d/h.conf:1 is not read, as /etc/modprobe.d/h.conf hides its file",
        );
        check(
            &[],
            Some(("etc/modprobe.d/h", None)),
            "; the `install` line in /etc/modprobe.d/h:1 is not read, as the name of its file does not end in .conf",
        );
        check(
            &[],
            Some(("etc/modprobe.d/.h.conf", None)),
            "; the `install` line in /etc/modprobe.d/.h.conf:1 is not read, as the name of its file begins with a dot",
        );
    }
}
