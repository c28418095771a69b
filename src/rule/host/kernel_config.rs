//! `host/kernel-config`: a kernel was built without a protection.

use super::question::{Question, at, fail, not_applicable, not_determined, pass};
use crate::finding::{Level, Reference, Subject};
use crate::host::Place;
use crate::host::kernel::KernelConfig;
use crate::policy::host::Expected;
use crate::rule::{Answers, Judge, Rule};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "host/kernel-config",
    level: Level::Deny,
    summary: "a kernel was built without a protection",
    why: "what is not built in cannot be switched on",
    help: "install a kernel of the distribution that has it, or build one with the option",
    page: include_str!("kernel_config.md"),
    needs: &[],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-693" }],
    judge: Judge::Host { family: "kernel", judge },
};

/// Judges the configuration of every kernel by each fact.
fn judge(question: &Question<'_>, answers: &mut Answers) {
    let kernel = &question.host.kernel;
    for expected in question.facts() {
        let wants = Wants::of(&expected);
        let subject = Subject::new("kernel option", wants.name());
        if let Some((config, found)) =
            kernel.configs.iter().find_map(|config| Some((config, wants.fault(question, config)?)))
        {
            let message = text!(
                "the kernel of /{} was built with {}, expected {}; {}",
                config.path,
                found,
                wants.words(),
                expected.fact.why
            );
            answers.add(at(fail(&expected, subject, message), &Place::file(&config.path)).found(found));
        } else if let Some(unread) = kernel.unread_configs.first() {
            let message = text!(
                "how a kernel was built is not known: `/{}` could not be read, found {}",
                unread.path,
                unread.found
            );
            answers.add(not_determined(&expected, subject, message));
        } else if !kernel.configs.is_empty() {
            pass(&expected, answers);
        } else if kernel.modules.is_empty() {
            let message = text!(
                "no kernel is installed here: there is neither /boot/config-* nor a list of modules below /lib/modules"
            );
            answers.add(not_applicable(&expected, subject, message));
        } else {
            let versions: Vec<Text> = kernel.modules.keys().cloned().collect();
            let message = text!(
                "how the kernel {} was built is not known: there is neither /boot/config-* nor /lib/modules/*/config",
                super::question::joined(&versions)
            );
            answers.add(not_determined(&expected, subject, message));
        }
    }
}

/// What a fact wants of the configuration of a kernel.
struct Wants {
    /// One of several `OPTION=value`.
    any: Vec<(String, String)>,
    /// A security module in the list of those that are started.
    module: Option<String>,
    /// What makes the fact nobody's business: an option that is off.
    unless_off: Option<String>,
}

impl Wants {
    /// Reads `OPTION=value` of the fact's values; with the key `LSM` a value is the name of a security module.
    fn of(expected: &Expected<'_>) -> Self {
        let list = expected.list();
        let pair = |text: &String| text.split_once('=').map(|(option, value)| (option.to_owned(), value.to_owned()));
        let absent = expected.fact.absent.as_deref().and_then(|told| told.strip_prefix("kconfig:"));
        let unless_off = absent.and_then(|told| told.strip_suffix("=n->pass")).map(str::to_owned);
        match expected.fact.key.as_deref() {
            Some("LSM") => Self { any: Vec::new(), module: list.into_iter().next(), unless_off },
            _ => Self { any: list.iter().filter_map(pair).collect(), module: None, unless_off },
        }
    }

    fn name(&self) -> Text {
        match self.any.first() {
            Some((option, _)) => text!("CONFIG_{}", *option),
            None => Text::trusted("CONFIG_LSM"),
        }
    }

    fn words(&self) -> Text {
        if let Some(module) = &self.module {
            return text!("`{}` among the security modules", *module);
        }
        let words: Vec<String> = self.any.iter().map(|(option, value)| format!("CONFIG_{option}={value}")).collect();
        text!("{}", words.join(" or "))
    }

    /// Returns what is wrong with a configuration.
    fn fault(&self, question: &Question<'_>, config: &KernelConfig) -> Option<Text> {
        if self.unless_off.as_ref().is_some_and(|option| config.value(option).is_none()) {
            return None;
        }
        if let Some(module) = &self.module {
            return module_fault(question, config, module);
        }
        // An argument does the same as the option.
        let entries = &question.host.kernel.boot.entries;
        let is_asked = |entry: &crate::host::kernel::BootEntry| {
            let value =
                entry.arguments.last("module.sig_enforce").map(|last| last.value.as_ref().map_or("1", Text::as_str));
            value.is_some_and(|value| ["1", "y", "Y", "on"].contains(&value))
        };
        let is_of_signatures = self.any.iter().any(|(option, _)| option == "MODULE_SIG_FORCE");
        if is_of_signatures && !entries.is_empty() && entries.iter().all(is_asked) {
            return None;
        }
        let is_met = |(option, value): &(String, String)| config.value(option).unwrap_or("n") == value;
        if self.any.iter().any(is_met) {
            return None;
        }
        let found = |(option, _): &(String, String)| format!("CONFIG_{option}={}", config.value(option).unwrap_or("n"));
        Some(text!("{}", self.any.iter().map(found).collect::<Vec<_>>().join(" and ")))
    }
}

/// A security module is started where it is built in and the list names it: that of `lsm=`, else that of the kernel.
fn module_fault(question: &Question<'_>, config: &KernelConfig, module: &str) -> Option<Text> {
    let option = format!("SECURITY_{}", module.to_ascii_uppercase());
    if !config.is_on(&option) {
        return Some(text!("CONFIG_{}=n", option));
    }
    let names = |list: &str| list.split(',').any(|name| name.trim() == module);
    let entries = &question.host.kernel.boot.entries;
    let lists: Vec<Option<&str>> = entries
        .iter()
        .map(|entry| entry.arguments.last("lsm").and_then(|argument| argument.value.as_ref()).map(Text::as_str))
        .collect();
    if let Some(list) = lists.iter().flatten().find(|list| !names(list)) {
        return Some(text!("CONFIG_{}=y and started with lsm={}", option, **list));
    }
    let is_named_always = !lists.is_empty() && lists.iter().all(Option::is_some);
    let built = config.value("LSM").unwrap_or_default();
    (!is_named_always && !names(built)).then(|| text!("CONFIG_LSM=\"{}\"", *built))
}
