//! `host/apparmor-boot`: a boot entry leaves AppArmor off.

use super::boot::{Fault, Mend, judge as judge_entries};
use super::question::{Question, not_applicable, not_determined};
use crate::finding::{Level, Reference, Subject};
use crate::host::Place;
use crate::host::kernel::{Arguments, KernelConfig};
use crate::host::mac::apparmor::FOLDER;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/apparmor-boot",
    level: Level::Deny,
    summary: "a boot entry leaves AppArmor off",
    why: "the profiles that are installed confine nothing",
    help: "name apparmor in the list of `lsm=` of every boot entry, and take `apparmor=0` out",
    page: include_str!("apparmor_boot.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Host { family: "kernel", judge },
};

/// Fails where AppArmor has profiles, and the arguments of any entry leave it off.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let Some(expected) = question.fact("host.kernel.apparmor.cmdline") else { return };
    let subject = Subject::new("kernel argument", Text::trusted("apparmor"));
    let apparmor = &question.host.mac.apparmor;
    if apparmor.profiles.is_empty() {
        if let Some(unread) = apparmor.unread.first() {
            let message = text!(
                "whether AppArmor is used here is not known: `/{}` could not be read, found {}",
                unread.path,
                unread.found
            );
            return answers.add(not_determined(&expected, subject, message));
        }
        let message = text!("AppArmor is not used here: there is no profile in /{}", *FOLDER);
        return answers.add(not_applicable(&expected, subject, message));
    }
    let mend = Mend { remove: "apparmor=0 lsm= security=", add: "apparmor=1 security=apparmor" };
    judge_entries(question, &expected, subject, &mend, answers, |entry| {
        if let Some((found, effect)) = fault(&entry.arguments) {
            return Some(Fault { found: Some(found), effect, at_most: None, built: None });
        }
        let says_so = ["apparmor", "lsm", "security"].iter().any(|name| entry.arguments.last(name).is_some());
        let (config, list) = question.host.kernel.configs.iter().find_map(left_out)?;
        (!says_so).then(|| Fault {
            found: Some(text!("CONFIG_LSM={}", *list)),
            effect: text!("the kernel leaves apparmor out unless it is asked for"),
            at_most: None,
            built: Some(Place::file(&config.path)),
        })
    });
}

/// Returns the list of security modules that a kernel was built with, if it leaves AppArmor out.
fn left_out(config: &KernelConfig) -> Option<(&KernelConfig, &str)> {
    let list = config.value("LSM")?;
    (!list.split(',').any(|name| name == "apparmor")).then_some((config, list))
}

/// Finds the argument that leaves AppArmor off, with what it does.
fn fault(arguments: &Arguments) -> Option<(Text, Text)> {
    if let Some(last) = arguments.last("apparmor")
        && last.value.as_ref().is_some_and(|value| {
            value.as_str().trim_start_matches("0x").bytes().all(|byte| byte == b'0') && !value.as_str().is_empty()
        })
    {
        return Some((last.shown(), text!("the kernel starts without AppArmor")));
    }
    if let Some(last) = arguments.last("lsm") {
        let lists = |value: &Text| value.as_str().split(',').any(|name| name.trim() == "apparmor");
        let is_left_out = !last.value.as_ref().is_some_and(lists);
        return is_left_out.then(|| (last.shown(), text!("the list of security modules leaves apparmor out")));
    }
    let last = arguments.last("security")?;
    let is_other = last.value.as_ref().is_none_or(|value| value.as_str() != "apparmor");
    is_other.then(|| (last.shown(), text!("another security module is chosen in the place of apparmor")))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_that_leave_apparmor_off_are_known() {
        let check = |line: &str, expected: Option<&str>| {
            let found = fault(&Arguments::read(line)).map(|(found, _)| found.to_string());
            assert_eq!(found.as_deref(), expected, "{line}");
        };
        check("ro", None);
        check("apparmor=0", Some("apparmor=0"));
        check("apparmor=0 apparmor=1", None);
        check("apparmor=off", None);
        check("lsm=yama", Some("lsm=yama"));
        check("lsm=yama lsm=yama,apparmor", None);
        check("lsm=notapparmor", Some("lsm=notapparmor"));
        check("security=selinux", Some("security=selinux"));
        check("security=selinux lsm=apparmor", None);
    }

    #[test]
    fn lists_that_a_kernel_was_built_with_are_known() {
        let check = |list: Option<&str>, expected: Option<&str>| {
            let options = list.map(|list| (Text::trusted("LSM"), Text::of(list)));
            let config = KernelConfig { path: crate::tree::TreePath::root(), options: options.into_iter().collect() };
            assert_eq!(left_out(&config).map(|(_, list)| list), expected, "{list:?}");
        };
        check(None, None);
        check(Some("yama,apparmor,bpf"), None);
        check(Some("yama,bpf"), Some("yama,bpf"));
        check(Some("yama,notapparmor"), Some("yama,notapparmor"));
    }
}
