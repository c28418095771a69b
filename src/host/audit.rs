//! Rules of the kernel's audit, as `augenrules` and `auditctl` load them (`audit.rules(7)`, `augenrules(8)`).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::Family;
use super::configuration::open;
use super::line::{self, Place};
use super::reading::Reading;
use crate::text::Text;
use crate::tree::{EntryKind, TreePath};

/// The family of audit rules.
pub(super) static FAMILY: Family = Family {
    id: "audit",
    summary: "rules of the kernel's audit",
    reads: &["etc/audit/audit.rules", "etc/audit/rules.d/*"],
};

/// How many rules are read.
const MAX_RULES: usize = 20_000;

/// What is known of audit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// Where the daemon stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub daemon: Option<TreePath>,
    /// The rules that are loaded, in order.
    pub rules: Vec<AuditRule>,
    /// Rules that stand behind the lock, which the kernel does not take.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub behind_lock: Vec<AuditRule>,
    /// What locks them in the end: `-e 2`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub switch: Option<Switch>,
}

/// A rule.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AuditRule {
    /// The rule as it is written.
    pub name: Text,
    /// Where; `None` where it is not known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    /// The file or folder that it watches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub watches: Option<Text>,
    /// What it watches for there: `w` write, `a` change of attributes, `r` read, `x` execute.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub permissions: String,
    /// The system calls.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub calls: Vec<Text>,
    /// Whether it keeps something out of the log.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_never: bool,
    /// Whether it is for programs of 32 bits alone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_of_32_bits: bool,
    /// The first condition by which it is for some users, programs or results alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub only: Option<Text>,
}

/// Whether audit is on, and locked.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Switch {
    /// `0` off, `1` on, `2` on and locked.
    pub value: Text,
    /// Where.
    pub place: Place,
}

/// A line of a file of rules that means something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Said {
    /// A rule.
    Rule(AuditRule),
    /// A rule that is put before all others.
    First(AuditRule),
    /// A rule that is taken away again.
    Without(AuditRule),
    /// `-e`.
    Switch(String),
    /// `-D`: no rule that was loaded before stays.
    Clear,
}

impl Audit {
    pub(super) fn collect(reading: &Reading<'_>) -> Self {
        let daemon = ["usr/sbin/auditd", "sbin/auditd"].iter().find_map(|path| {
            let path = TreePath::new(path.as_bytes())?;
            matches!(reading.real(&path), Ok(Some(_))).then_some(path)
        });
        let mut out = Self { daemon, ..Self::default() };
        let mut paths: Vec<TreePath> = reading
            .list_at("etc/audit/rules.d")
            .unwrap_or_default()
            .into_iter()
            .filter(|entry| entry.kind != EntryKind::Folder && entry.path.file_name().ends_with(b".rules"))
            .map(|entry| entry.path)
            .collect();
        // `augenrules` puts the files together by `ls -v`, and `-D` first and `-e` last, wherever they stand.
        let is_generated = !paths.is_empty();
        paths.sort_by_cached_key(|path| natural(path.file_name()));
        if !is_generated {
            paths.extend(TreePath::new(b"etc/audit/audit.rules"));
        }
        let mut loaded = Loaded::default();
        for path in paths {
            let Some(file) = open(reading, &path) else { continue };
            for (line, said) in read(&file.bytes) {
                let is_locked = !is_generated && out.switch.as_ref().is_some_and(|switch| switch.value.as_str() == "2");
                let placed = |rule: AuditRule| AuditRule { place: Some(file.at(line)), ..rule };
                match said {
                    Said::Switch(value) => out.switch = Some(Switch { value: Text::of(&value), place: file.at(line) }),
                    Said::Clear if !is_generated => loaded = Loaded::default(),
                    Said::Clear => {}
                    // The kernel takes no rule behind the lock.
                    Said::Rule(rule) | Said::First(rule) if is_locked => out.behind_lock.push(placed(rule)),
                    Said::Without(_) if is_locked => {}
                    Said::Rule(rule) => loaded.take(placed(rule), false),
                    Said::First(rule) => loaded.take(placed(rule), true),
                    Said::Without(rule) => loaded.take_away(&rule),
                }
            }
        }
        out.rules = loaded.in_order();
        out
    }
}

/// The rules that are loaded, as lines add to them and take away.
#[derive(Default)]
struct Loaded {
    /// Those that were put behind all others, and before them; `None` where one was taken away again.
    behind: Vec<Option<AuditRule>>,
    before: Vec<Option<AuditRule>>,
    /// Where the same rule stands in these, and in which.
    known: BTreeMap<AuditRule, Vec<(bool, usize)>>,
}

impl Loaded {
    fn list(&mut self, is_before: bool) -> &mut Vec<Option<AuditRule>> {
        if is_before { &mut self.before } else { &mut self.behind }
    }

    fn take(&mut self, rule: AuditRule, is_before: bool) {
        if self.behind.len() + self.before.len() < MAX_RULES {
            let list = self.list(is_before);
            let at = list.len();
            let same = rule.wherever_written();
            list.push(Some(rule));
            self.known.entry(same).or_default().push((is_before, at));
        }
    }

    fn take_away(&mut self, rule: &AuditRule) {
        for (is_before, at) in self.known.remove(&rule.wherever_written()).unwrap_or_default() {
            if let Some(rule) = self.list(is_before).get_mut(at) {
                *rule = None;
            }
        }
    }

    /// Returns them in the order in which the kernel asks them: of those that were put before all others the last one first.
    fn in_order(self) -> Vec<AuditRule> {
        self.before.into_iter().rev().chain(self.behind).flatten().collect()
    }
}

impl AuditRule {
    /// Returns what the rule says, wherever and however it is written.
    fn wherever_written(&self) -> Self {
        Self { name: Text::default(), place: None, ..self.clone() }
    }

    /// Takes a condition, as far as it makes the rule one for less than everybody does.
    fn take(&mut self, condition: &str) -> Option<()> {
        const OPERATORS: &[char] = &['=', '!', '<', '>', '&'];
        let (field, comparison) = condition.split_at(condition.find(OPERATORS)?);
        let value = comparison.trim_start_matches(OPERATORS);
        let operator = comparison.strip_suffix(value)?;
        match (field, operator) {
            ("path" | "dir", "=") => self.watches = Some(Text::of(value)),
            ("perm", "=") => value.clone_into(&mut self.permissions),
            ("arch", "=") => self.is_of_32_bits = matches!(value, "b32" | "i386" | "i686" | "ppc" | "s390"),
            ("key", "=") => {}
            ("success", "=") if matches!(value, "1" | "yes") => {}
            // People, as everybody asks for: those who logged in.
            ("auid", ">=" | ">") => {}
            ("auid", "!=") if matches!(value, "unset" | "-1" | "4294967295") => {}
            _ => self.only = self.only.take().or_else(|| Some(Text::of(condition).shortened(100))),
        }
        Some(())
    }
}

/// Returns the key by which `ls -v` sorts: numbers in names by their value.
fn natural(name: &[u8]) -> Vec<(u64, Vec<u8>)> {
    let mut out = Vec::new();
    let mut rest = name;
    while !rest.is_empty() {
        let word = rest.iter().position(u8::is_ascii_digit).unwrap_or(rest.len());
        let (text, behind) = rest.split_at(word);
        let digits = behind.iter().position(|byte| !byte.is_ascii_digit()).unwrap_or(behind.len());
        let (number, behind) = behind.split_at(digits);
        let number =
            number.iter().fold(0_u64, |sum, digit| sum.saturating_mul(10).saturating_add(u64::from(digit & 0xf)));
        // The text before a number comes first in the comparison.
        out.push((0, text.to_vec()));
        out.push((number, Vec::new()));
        rest = behind;
    }
    out
}

/// Reads a file of rules, with the lines.
#[must_use]
pub fn read(bytes: &[u8]) -> Vec<(u32, Said)> {
    line::lines(bytes).filter_map(|line| Some((line.number, read_line(&line.text())?))).take(MAX_RULES).collect()
}

fn read_line(text: &str) -> Option<Said> {
    let text = text.trim();
    if text.is_empty() || text.starts_with('#') {
        return None;
    }
    let mut rule = AuditRule { name: Text::of(text).shortened(300), ..AuditRule::default() };
    let mut said: fn(AuditRule) -> Said = Said::Rule;
    let mut is_rule = false;
    let mut words = text.split_ascii_whitespace();
    while let Some(word) = words.next() {
        match word {
            "-D" => return Some(Said::Clear),
            "-e" => return Some(Said::Switch(words.next()?.to_owned())),
            "-w" | "-W" => {
                rule.watches = words.next().map(Text::of);
                is_rule = true;
                if word == "-W" {
                    said = Said::Without;
                }
            }
            "-p" => words.next()?.clone_into(&mut rule.permissions),
            "-a" | "-A" | "-d" => {
                let list = words.next()?;
                // Only what happens at the end of a system call is of files and calls.
                let has = |word: &str| list.split(',').any(|part| part == word);
                rule.is_never = has("never");
                // What is never asked about a new process is not asked about its calls either.
                let is_of_all = has("task") && rule.is_never;
                if is_of_all {
                    rule.calls.push(Text::trusted("all"));
                }
                is_rule = has("exit") || is_of_all;
                said = match word {
                    "-d" => Said::Without,
                    "-A" => Said::First,
                    _ if is_of_all => Said::First,
                    _ => Said::Rule,
                };
            }
            "-S" => rule.calls.extend(words.next()?.split(',').map(Text::of)),
            "-F" => rule.take(words.next()?)?,
            // One field is compared with another.
            "-C" => rule.only = Some(Text::of(words.next()?).shortened(100)),
            _ => {}
        }
    }
    if rule.watches.is_some() && rule.permissions.is_empty() {
        // Without `-p` a watch is for everything.
        "rwxa".clone_into(&mut rule.permissions);
    }
    is_rule.then(|| said(rule))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_are_read() {
        let check = |text: &str, expected: Option<(Option<&str>, &str, &[&str])>| {
            let found = match read_line(text) {
                Some(Said::Rule(rule)) => Some(rule),
                _ => None,
            };
            let found = found.as_ref().map(|rule| {
                let calls: Vec<&str> = rule.calls.iter().map(Text::as_str).collect();
                (rule.watches.as_ref().map(Text::as_str), rule.permissions.as_str(), calls)
            });
            assert_eq!(found, expected.map(|(path, permissions, calls)| (path, permissions, calls.to_vec())), "{text}");
        };
        check("", None);
        check("# -w /etc/passwd", None);
        check("-w /etc/passwd -p wa -k identity", Some((Some("/etc/passwd"), "wa", &[])));
        check("-w /etc/sudoers.d/", Some((Some("/etc/sudoers.d/"), "rwxa", &[])));
        check(
            "-a always,exit -F arch=b64 -S init_module,finit_module -S delete_module -k m",
            Some((None, "", &["init_module", "finit_module", "delete_module"])),
        );
        check("-a exit,always -F path=/etc/shadow -F perm=wa", Some((Some("/etc/shadow"), "wa", &[])));
        check("-a always,user -F uid=0", None);
        check("-d always,exit -S mount", None);
        check("-W /etc/passwd -p wa", None);
        check("-D", None);
        check("-e 2", None);
    }

    #[test]
    fn conditions_make_a_rule_one_for_less() {
        let check = |text: &str, is_of_32_bits: bool, only: Option<&str>| {
            let Some(Said::Rule(rule)) = read_line(text) else { panic!("{text}") };
            assert_eq!((rule.is_of_32_bits, rule.only.as_ref().map(Text::as_str)), (is_of_32_bits, only), "{text}");
        };
        check("-a always,exit -F arch=b64 -S mount -F auid>=1000 -F auid!=unset -k m", false, None);
        check("-a always,exit -F arch=b32 -S mount", true, None);
        check("-a always,exit -S mount -F auid=1000", false, Some("auid=1000"));
        check("-a always,exit -S mount -F success=0", false, Some("success=0"));
        check("-a always,exit -S execve -C uid!=euid -F euid=0", false, Some("uid!=euid"));
        assert_eq!(read_line("-a always,exit -F nothing -S mount"), None);
    }

    #[test]
    fn rules_are_taken_away_and_put_first() {
        let same = |one: &str, other: &str| match (read_line(one), read_line(other)) {
            (Some(Said::Rule(one)), Some(Said::Without(other) | Said::First(other))) => {
                one.wherever_written() == other.wherever_written()
            }
            _ => false,
        };
        assert!(same("-w /etc/passwd -p wa -k identity", "-W /etc/passwd -p wa"));
        assert!(!same("-w /etc/passwd -p wa -k identity", "-W /etc/passwd -p w"));
        assert!(same("-a always,exit -S mount", "-d always,exit -S mount"));
        assert!(same("-a never,exit -S mount", "-A never,exit -S mount"));
        assert!(same("-a never,exit -S all", "-a task,never"));
        assert!(!same("-a always,exit -S mount", "-d never,exit -S mount"));
    }

    #[test]
    fn rules_are_loaded_in_the_order_in_which_they_are_asked() {
        let rule = |name: &str| AuditRule {
            name: Text::of(name),
            watches: Some(Text::of(name.trim_end_matches('+'))),
            ..AuditRule::default()
        };
        let mut loaded = Loaded::default();
        for (name, is_before) in [("a", false), ("b", true), ("c", false), ("d", true), ("a+", true)] {
            loaded.take(rule(name), is_before);
        }
        loaded.take_away(&rule("a"));
        loaded.take_away(&rule("none"));
        loaded.take(rule("a"), false);
        let names: Vec<String> = loaded.in_order().iter().map(|rule| rule.name.to_string()).collect();
        assert_eq!(names, ["d", "b", "c", "a"]);
    }

    #[test]
    fn rules_are_bounded_wherever_they_are_put() {
        let mut loaded = Loaded::default();
        (0..=MAX_RULES).for_each(|at| loaded.take(AuditRule::default(), at % 2 == 0));
        assert_eq!(loaded.in_order().len(), MAX_RULES);
    }

    #[test]
    fn files_are_sorted_by_their_numbers() {
        let check = |first: &str, second: &str| {
            assert!(natural(first.as_bytes()) < natural(second.as_bytes()), "{first} {second}");
        };
        check("9-a.rules", "10-a.rules");
        check("a.rules", "b.rules");
        check("30-a.rules", "99-finalize.rules");
    }
}
