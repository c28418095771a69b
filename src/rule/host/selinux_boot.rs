//! `host/selinux-boot`: a boot entry switches SELinux off, or makes it permissive.

use super::boot::{Fault, Mend, judge as judge_entries};
use super::question::{Question, not_applicable, not_determined};
use super::selinux_words::{CONFIG, is_used, not_used};
use crate::finding::{Level, Reference, Subject};
use crate::host::kernel::Arguments;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/selinux-boot",
    level: Level::Deny,
    summary: "a boot entry switches SELinux off or makes it permissive",
    why: "the kernel's arguments win before the configuration of SELinux is read",
    help: "take the argument out of every boot entry: `grubby --update-kernel=ALL --remove-args=\"selinux enforcing\"`",
    page: include_str!("selinux_boot.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Host { family: "kernel", judge },
};

/// Fails where the arguments of any entry leave SELinux off or permissive.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.kernel.selinux.cmdline") else { return };
    let subject = Subject::new("kernel argument", Text::trusted("selinux"));
    if !is_used(question) {
        if let Some(unread) = question.host.mac.selinux.unread.first() {
            let message = text!(
                "whether SELinux is used here is not known: `/{}` could not be read, found {}",
                unread.path,
                unread.found
            );
            return answers.add(not_determined(&expected, subject, message));
        }
        return answers.add(not_applicable(&expected, subject, not_used(question)));
    }
    let mend = Mend { remove: "selinux enforcing security lsm", add: "" };
    judge_entries(question, &expected, subject, &mend, answers, |entry| {
        let (found, effect) = fault(&entry.arguments)?;
        Some(Fault { found: Some(found), effect, at_most: None, built: None })
    });
}

/// Finds the argument that leaves SELinux off or permissive, with what it does.
fn fault(arguments: &Arguments) -> Option<(Text, Text)> {
    if let Some(last) = arguments.last("selinux")
        && last.value.as_ref().and_then(|value| unsigned(value.as_str())) == Some(0)
    {
        return Some((last.shown(), text!("the kernel starts without SELinux, whatever /{} says", *CONFIG)));
    }
    // The kernel keeps the last of them, and libselinux obeys the first (`selinux_init_load_policy`): neither may be off.
    let permissive = arguments
        .named("enforcing")
        .find(|argument| argument.value.as_ref().is_some_and(|value| leading_number(value.as_str()) == 0));
    if let Some(argument) = permissive {
        let effect = text!("SELinux is permissive: what is no number counts as 0, and it beats /{}", *CONFIG);
        return Some((argument.shown(), effect));
    }
    let lists = |value: &Text| value.as_str().split(',').any(|name| name.trim() == "selinux");
    if let Some(last) = arguments.last("lsm") {
        let is_left_out = !last.value.as_ref().is_some_and(lists);
        return is_left_out.then(|| (last.shown(), text!("the list of security modules leaves selinux out")));
    }
    let last = arguments.last("security")?;
    let is_other = last.value.as_ref().is_none_or(|value| value.as_str() != "selinux");
    is_other.then(|| (last.shown(), text!("another security module is chosen in the place of selinux")))
}

/// A number as `kstrtoul` reads it: decimal, octal behind `0`, hexadecimal behind `0x`, and nothing behind.
fn unsigned(text: &str) -> Option<u64> {
    let text = text.strip_prefix('+').unwrap_or(text);
    if let Some(hex) = text.strip_prefix("0x").or_else(|| text.strip_prefix("0X")) {
        return u64::from_str_radix(hex, 16).ok();
    }
    if text.len() > 1 && text.starts_with('0') {
        return u64::from_str_radix(text, 8).ok();
    }
    text.parse().ok()
}

/// A number as `atoi` reads it: what is none is 0, and what follows one counts for nothing.
fn leading_number(text: &str) -> i64 {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let end = digits.find(|character: char| !character.is_ascii_digit()).unwrap_or(digits.len());
    let digits = digits.get(..end).unwrap_or_default();
    if digits.is_empty() { 0 } else { digits.parse::<i64>().map_or(i64::MAX, |number| sign * number) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_switch_selinux_off_are_known() {
        let check = |line: &str, expected: Option<&str>| {
            let found = fault(&Arguments::read(line)).map(|(found, _)| found.to_string());
            assert_eq!(found.as_deref(), expected, "{line}");
        };
        check("ro quiet", None);
        check("selinux=0", Some("selinux=0"));
        check("selinux=0 selinux=1", None);
        check("selinux=1 selinux=0", Some("selinux=0"));
        check("selinux=00", Some("selinux=00"));
        check("selinux=no", None);
        check("rd.selinux=0 x.enforcing=0", None);
        check("enforcing=0", Some("enforcing=0"));
        check("enforcing=on", Some("enforcing=on"));
        check("enforcing=", Some("enforcing="));
        check("enforcing=1", None);
        check("enforcing", None);
        check("lsm=yama,selinux", None);
        check("lsm=yama,apparmor", Some("lsm=yama,apparmor"));
        check("security=apparmor", Some("security=apparmor"));
        check("security=none lsm=selinux", None);
        check("quiet -- selinux=0", None);
    }
}
