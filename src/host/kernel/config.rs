//! How kernels were built: `/boot/config-VERSION`, `/lib/modules/VERSION/config`.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use crate::host::line::lines;
use crate::host::reading::{Reading, Unread};
use crate::text::Text;
use crate::tree::TreePath;

/// Options that are kept, without `CONFIG_` in front.
const OPTIONS: &[&str] = &[
    "BPF_JIT",
    "BPF_SYSCALL",
    "BPF_UNPRIV_DEFAULT_OFF",
    "DEBUG_FS_ALLOW_ALL",
    "DEBUG_FS_ALLOW_NONE",
    "DEBUG_FS_DISALLOW_MOUNT",
    "DEFAULT_SECURITY_APPARMOR",
    "DEFAULT_SECURITY_SELINUX",
    "DEVMEM",
    "INIT_ON_ALLOC_DEFAULT_ON",
    "INIT_ON_FREE_DEFAULT_ON",
    "IO_STRICT_DEVMEM",
    "IO_URING",
    "KALLSYMS",
    "KEXEC_CORE",
    "LEGACY_VSYSCALL_NONE",
    "LOCK_DOWN_KERNEL_FORCE_CONFIDENTIALITY",
    "LOCK_DOWN_KERNEL_FORCE_INTEGRITY",
    "LSM",
    "MAGIC_SYSRQ",
    "MODULES",
    "MODULE_SIG",
    "MODULE_SIG_ALL",
    "MODULE_SIG_FORCE",
    "PERF_EVENTS",
    "RANDOMIZE_KSTACK_OFFSET_DEFAULT",
    "SECCOMP",
    "SECCOMP_FILTER",
    "SECURITY_APPARMOR",
    "SECURITY_LOCKDOWN_LSM",
    "SECURITY_SELINUX",
    "SECURITY_YAMA",
    "SHUFFLE_PAGE_ALLOCATOR",
    "SLAB_MERGE_DEFAULT",
    "STRICT_DEVMEM",
    "USERFAULTFD",
    "USER_NS",
];

/// How a kernel was built.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KernelConfig {
    /// The file that says so.
    pub path: TreePath,
    /// The options that are on, with what each is set to; those that matter.
    pub options: BTreeMap<Text, Text>,
}

impl KernelConfig {
    /// Returns what an option is set to, `None` where it is off.
    #[must_use]
    pub fn value(&self, option: &str) -> Option<&str> {
        self.options.get(&Text::of(option)).map(Text::as_str)
    }

    /// Whether an option is built in.
    #[must_use]
    pub fn is_on(&self, option: &str) -> bool {
        self.value(option) == Some("y")
    }
}

/// Reads how a kernel was built: `CONFIG_NAME=value`; what is off stands as a comment or not at all.
#[must_use]
pub fn read(bytes: &[u8]) -> BTreeMap<Text, Text> {
    let option = |line: crate::host::line::Line<'_>| {
        let text = line.text();
        let (name, value) = text.trim().strip_prefix("CONFIG_")?.split_once('=')?;
        let value = value.strip_prefix('"').map_or(value, |inside| inside.strip_suffix('"').unwrap_or(inside));
        let is_kept = OPTIONS.binary_search(&name).is_ok() && value != "n";
        is_kept.then(|| (Text::of(name), Text::of(value)))
    };
    lines(bytes).filter_map(option).collect()
}

pub(super) fn collect(reading: &Reading<'_>, unread: &mut Vec<Unread>) -> Vec<KernelConfig> {
    let mut out = Vec::new();
    let mut seen = BTreeSet::new();
    let mut paths: Vec<TreePath> = Vec::new();
    let listed = |folder: &str, unread: &mut Vec<Unread>| match reading.list_at(folder) {
        Ok(entries) => entries.into_iter().map(|entry| entry.path).collect(),
        Err(fault) => {
            unread.push(fault);
            Vec::new()
        }
    };
    let boot: Vec<TreePath> = listed("boot", unread);
    paths.extend(boot.into_iter().filter(|path| path.file_name().starts_with(b"config-")));
    let kernels: Vec<TreePath> = listed("lib/modules", unread);
    paths.extend(kernels.iter().map(|kernel| kernel.child(b"config")));
    for path in paths {
        match reading.read_at(&path) {
            Ok(Some(file)) if seen.insert(file.real.clone()) => {
                out.push(KernelConfig { path, options: read(&file.bytes) });
            }
            Ok(_) => {}
            Err(fault) => unread.push(fault),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_read() {
        let check = |text: &str, expected: &[(&str, &str)]| {
            let found = read(text.as_bytes());
            let found: Vec<(&str, &str)> = found.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("", &[]);
        check("CONFIG_SECCOMP=y\nCONFIG_LSM=\"yama,bpf\"\n", &[("LSM", "yama,bpf"), ("SECCOMP", "y")]);
        check("# CONFIG_SECCOMP is not set\nCONFIG_DEVMEM=n\n#CONFIG_DEVMEM=y\n", &[]);
        check("CONFIG_SOMETHING_ELSE=y\n", &[]);
    }

    #[test]
    fn the_options_are_in_order() {
        assert!(OPTIONS.is_sorted());
    }
}
