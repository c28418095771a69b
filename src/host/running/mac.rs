//! What mandatory access control does now: the security modules that are active, SELinux, AppArmor, lockdown.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::source::{Known, Running as Source};
use crate::host::line::lines;
use crate::host::reading::Reading;
use crate::text::Text;
use crate::tree::Shown;

/// The id of the family.
pub const ID: &str = "mac";

/// How many profiles of AppArmor are kept.
const MAX_PROFILES: usize = 100_000;

/// What mandatory access control does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Mac {
    /// The active security modules, `yama` and `landlock` among them where they are.
    #[serde(default)]
    pub modules: Known<BTreeSet<Text>>,
    /// Whether `/sys` shows anything.
    #[serde(default)]
    pub is_sys_shown: bool,
    /// What SELinux does.
    #[serde(default)]
    pub selinux: Selinux,
    /// What AppArmor does.
    #[serde(default)]
    pub apparmor: Apparmor,
    /// How far root is kept from the running kernel: `none`, `integrity` or `confidentiality`.
    #[serde(default)]
    pub lockdown: Known<Text>,
}

/// What SELinux does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Selinux {
    /// 1 where its policy is enforced, 0 where violations are only logged.
    #[serde(default)]
    pub enforce: Known<Text>,
    /// Whether a policy is loaded: without one, processes bear the first context of all.
    #[serde(default)]
    pub is_loaded: Known<bool>,
    /// Whether the policy knows levels of confidentiality.
    #[serde(default)]
    pub has_levels: Known<bool>,
    /// The version of policies that the kernel reads.
    #[serde(default)]
    pub policy_version: Known<Text>,
    /// Whether the kernel that runs has it at all.
    #[serde(default)]
    pub is_in_kernel: Known<bool>,
}

/// What AppArmor does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Apparmor {
    /// `Y` where it is active.
    #[serde(default)]
    pub enabled: Known<Text>,
    /// The loaded profiles, each with its mode.
    #[serde(default)]
    pub profiles: Known<BTreeMap<Text, Text>>,
}

impl Mac {
    pub(super) fn collect(_reading: &Reading<'_>, source: &Source<'_>) -> Self {
        Self::of(source)
    }

    fn of(source: &Source<'_>) -> Self {
        let sys = |path: &str| source.text(Shown::Sys, path);
        let has_any = |path: &str| sys(path).map(|text| Text::of(&text));
        Self {
            modules: sys("kernel/security/lsm").map(|text| modules(&text)),
            is_sys_shown: source.has(Shown::Sys, "kernel"),
            selinux: Selinux {
                enforce: has_any("fs/selinux/enforce"),
                is_loaded: is_loaded(source),
                has_levels: sys("fs/selinux/mls").map(|text| text == "1"),
                policy_version: has_any("fs/selinux/policyvers"),
                is_in_kernel: source
                    .read(Shown::Proc, "filesystems")
                    .map(|bytes| lines(&bytes).any(|line| line.trimmed().ends_with(b"selinuxfs"))),
            },
            apparmor: Apparmor {
                enabled: has_any("module/apparmor/parameters/enabled"),
                profiles: source.read(Shown::Sys, "kernel/security/apparmor/profiles").map(|bytes| profiles(&bytes)),
            },
            lockdown: match sys("kernel/security/lockdown").map(|text| bracketed(&text)) {
                Known::Is(Some(mode)) => Known::Is(mode),
                Known::Is(None) => Known::Unknown(Text::trusted("`/sys/kernel/security/lockdown` marks no mode")),
                Known::Absent => Known::Absent,
                Known::Unknown(reason) => Known::Unknown(reason),
            },
        }
    }
}

/// Whether a policy of SELinux is loaded: `kernel` is the context of processes before that.
fn is_loaded(source: &Source<'_>) -> Known<bool> {
    if source.read(Shown::Sys, "fs/selinux/enforce") == Known::Absent {
        return Known::Absent;
    }
    let context = source.text(Shown::Proc, &source.own("attr/current"));
    context.map(|context| context.trim_end_matches('\0') != "kernel")
}

fn modules(text: &str) -> BTreeSet<Text> {
    text.split(',').map(str::trim).filter(|name| !name.is_empty()).map(Text::of).collect()
}

/// Returns the word in brackets, which is the one in force: `none [integrity] confidentiality`.
#[must_use]
pub fn bracketed(text: &str) -> Option<Text> {
    let (_, rest) = text.split_once('[')?;
    let (word, _) = rest.split_once(']')?;
    (!word.is_empty()).then(|| Text::of(word))
}

/// Reads the loaded profiles of AppArmor: a name a line, its mode in parentheses behind it.
#[must_use]
pub fn profiles(bytes: &[u8]) -> BTreeMap<Text, Text> {
    let profile = |line: crate::host::line::Line<'_>| {
        let text = line.text();
        // The name may hold parentheses and blanks itself.
        let (name, mode) = text.trim_end().strip_suffix(')')?.rsplit_once(" (")?;
        Some((Text::of(name), Text::of(mode)))
    };
    lines(bytes).filter_map(profile).take(MAX_PROFILES).collect()
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test makes its own files")]
mod tests {
    use super::*;
    use crate::tree::System;

    #[test]
    fn the_word_in_brackets_is_in_force() {
        let check = |text: &str, expected: Option<&str>| {
            assert_eq!(bracketed(text).as_ref().map(Text::as_str), expected, "{text}");
        };
        check("[none] integrity confidentiality", Some("none"));
        check("none [integrity] confidentiality", Some("integrity"));
        check("none integrity", None);
        check("[]", None);
        check("[none", None);
    }

    #[test]
    fn profiles_are_read() {
        let check = |text: &str, expected: &[(&str, &str)]| {
            let found = profiles(text.as_bytes());
            let found: Vec<(&str, &str)> = found.iter().map(|(name, mode)| (name.as_str(), mode.as_str())).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("", &[]);
        check(
            "/usr/sbin/cupsd (enforce)\nman_filter (complain)\n",
            &[("/usr/sbin/cupsd", "enforce"), ("man_filter", "complain")],
        );
        check("a (b) (kill)\n", &[("a (b)", "kill")]);
        check("a\n(enforce)\n", &[]);
    }

    #[test]
    fn a_machine_is_read() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        let read = || {
            let system = System::at(&folder.path().join("proc"), &folder.path().join("sys"));
            Mac::of(&Source::new(&system))
        };
        assert_eq!(read(), Mac::default());
        write("sys/kernel/security/lsm", "lockdown,capability,yama,selinux");
        write("sys/kernel/security/lockdown", "[none] integrity confidentiality\n");
        write("sys/fs/selinux/enforce", "1");
        write("sys/fs/selinux/mls", "1");
        write("proc/filesystems", "nodev\tsysfs\nnodev\tselinuxfs\n");
        write("proc/self/attr/current", "system_u:system_r:kernel_t:s0\0");
        let found = read();
        assert!(found.modules.value().unwrap().contains(&Text::trusted("selinux")));
        assert_eq!(found.lockdown, Known::Is(Text::trusted("none")));
        assert_eq!(found.selinux.enforce, Known::Is(Text::trusted("1")));
        assert_eq!(found.selinux.is_loaded, Known::Is(true));
        assert_eq!(found.selinux.is_in_kernel, Known::Is(true));
        assert_eq!(found.apparmor, Apparmor::default());
        write("proc/self/attr/current", "kernel\0");
        write("sys/kernel/security/lockdown", "none integrity\n");
        let found = read();
        assert_eq!(found.selinux.is_loaded, Known::Is(false));
        assert!(found.lockdown.reason().is_some());
    }
}
