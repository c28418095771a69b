//! The values that kernel settings have now, under `/proc/sys`, and whose they are: the host's, or those of a namespace.

use std::collections::{BTreeMap, BTreeSet};

use serde::{Deserialize, Serialize};

use super::source::{Known, Running as Source};
use crate::fact::{FactKind, Gap, GapReason, Location};
use crate::host::number;
use crate::host::reading::Reading;
use crate::host::sysctl::dotted;
use crate::text;
use crate::text::Text;
use crate::tree::{ReadFault, Shown, TreePath};

/// The id of the family.
pub const ID: &str = "sysctl";

/// How many settings are kept: an interface has about ninety.
const MAX_KEYS: usize = 200_000;

/// How many characters of a value are kept.
const MAX_CHARACTERS: usize = 4_096;

/// Settings that change by themselves, or that nobody sets; folders among them are not entered.
const LEFT_OUT: &[&str] = &[
    // Whoever enters it makes systemd mount something.
    "fs/binfmt_misc",
    "fs/aio-nr",
    "fs/dentry-state",
    "fs/file-nr",
    "fs/inode-nr",
    "fs/inode-state",
    "fs/quota",
    "kernel/cad_pid",
    "kernel/hung_task_detect_count",
    "kernel/hung_task_warnings",
    "kernel/ns_last_pid",
    "kernel/pty/nr",
    "kernel/random/boot_id",
    "kernel/random/entropy_avail",
    "kernel/random/uuid",
    "net/netfilter/nf_conntrack_count",
    // Reading it makes the kernel count anew.
    "vm/stat_refresh",
    // Keys, not settings.
    "net/core/netdev_rss_key",
    "net/ipv4/tcp_fastopen_key",
];

/// Settings of each interface that are a key, or that have a successor and are shown by no tool any more.
const LEFT_OUT_OF_INTERFACES: [&str; 3] = ["/base_reachable_time", "/retrans_time", "/stable_secret"];

/// The values of kernel settings.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Values {
    /// The values, by their keys as systemd writes them: a dot inside a name is a slash.
    #[serde(default)]
    pub values: BTreeMap<Text, Text>,
    /// Settings that could not be read, with the reason.
    #[serde(default)]
    pub unknown: BTreeMap<Text, Text>,
    /// Whether this process is in the first namespace of a kind, which is the host's own, as far as that is known.
    #[serde(default)]
    pub is_first: BTreeMap<Namespace, bool>,
}

/// What a setting belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Namespace {
    /// The kernel as a whole.
    Init,
    /// Queues of messages, semaphores and shared memory.
    Ipc,
    /// A network.
    Net,
    /// Numbers of processes.
    Pid,
    /// Users and their rights.
    User,
    /// The name of the host.
    Uts,
}

impl Namespace {
    /// Returns what a setting belongs to, given by its key with dots.
    #[must_use]
    pub fn of(key: &str) -> Self {
        const IPC: [&str; 5] = ["kernel.shm", "kernel.msg", "kernel.sem", "kernel.auto_msgmni", "fs.mqueue."];
        const UTS: [&str; 5] =
            ["kernel.hostname", "kernel.domainname", "kernel.osrelease", "kernel.ostype", "kernel.version"];
        // Of the network, and of the kernel as a whole all the same: `net_core_table` of `net/core/sysctl_net_core.c`.
        const WHOLE: [&str; 5] =
            ["net.core.bpf_jit_", "net.core.netdev_", "net.core.dev_weight", "net.core.flow_limit_", "net.core.busy_"];
        let begins = |names: &[&str]| names.iter().any(|name| key.starts_with(name));
        if begins(&WHOLE) {
            Self::Init
        } else if begins(&["net."]) {
            Self::Net
        } else if begins(&["user."]) {
            Self::User
        } else if begins(&IPC) {
            Self::Ipc
        } else if UTS.contains(&key) {
            Self::Uts
        } else if key == "vm.memfd_noexec" {
            Self::Pid
        } else {
            Self::Init
        }
    }
}

/// The numbers of the first namespaces, which are fixed (`include/linux/proc_ns.h`). Those of networks are not on every
/// kernel.
const FIRST: [(Namespace, &str, &[u8]); 4] = [
    (Namespace::Ipc, "ns/ipc", b"ipc:[4026531839]"),
    (Namespace::Pid, "ns/pid", b"pid:[4026531836]"),
    (Namespace::User, "ns/user", b"user:[4026531837]"),
    (Namespace::Uts, "ns/uts", b"uts:[4026531838]"),
];

impl Values {
    pub(super) fn collect(reading: &Reading<'_>, source: &Source<'_>) -> Self {
        let (out, is_whole) = Self::of(source);
        if let (false, Some(path)) = (is_whole, TreePath::new(b"proc/sys")) {
            let (kind, reason) = (FactKind::Host, GapReason::Malformed);
            let expected = text!("at most {} settings", MAX_KEYS);
            let found = Text::trusted("more");
            reading.gap(Gap { kind, location: Location::file(path), reason, expected, found, contents: None });
        }
        out
    }

    fn of(source: &Source<'_>) -> (Self, bool) {
        let mut out = Self::default();
        let mut is_whole = true;
        let wants = |path: &str| {
            !LEFT_OUT.contains(&path) && !LEFT_OUT_OF_INTERFACES.iter().any(|ending| path.ends_with(ending))
        };
        source.system().settings(&wants, &mut |path, found| {
            is_whole = out.values.len() + out.unknown.len() < MAX_KEYS;
            if is_whole {
                out.take(path, found);
            }
            is_whole
        });
        for (namespace, link, first) in FIRST {
            if let Known::Is(found) = source.link(Shown::Proc, &source.own(link)) {
                out.is_first.insert(namespace, found == first);
            }
        }
        // What belongs to no network is shown in the first one alone.
        if out.values.contains_key(&Text::trusted("net.core.somaxconn")) {
            let is_first = out.values.contains_key(&Text::trusted("net.core.netdev_budget"));
            out.is_first.insert(Namespace::Net, is_first);
        }
        (out, is_whole)
    }

    fn take(&mut self, path: &str, found: Result<Vec<u8>, ReadFault>) {
        let key = Text::of(&dotted(path));
        match found {
            Ok(bytes) => drop(self.values.insert(key, value(&bytes))),
            Err(fault) => drop(self.unknown.insert(key, text!("`/proc/sys/{}`: found {}", *path, fault))),
        }
    }

    /// Whether any setting is shown.
    #[must_use]
    pub fn is_shown(&self) -> bool {
        !self.values.is_empty()
    }

    /// Returns the value of a key, given with dots.
    #[must_use]
    pub fn get(&self, key: &str) -> Known<&Text> {
        let key = Text::of(key);
        match (self.values.get(&key), self.unknown.get(&key)) {
            (Some(value), _) => Known::Is(value),
            (None, Some(reason)) => Known::Unknown(reason.clone()),
            (None, None) => Known::Absent,
        }
    }

    /// Returns the number that a key has.
    #[must_use]
    pub fn number(&self, key: &str) -> Option<i64> {
        self.values.get(&Text::of(key)).and_then(|value| number(value.as_str()))
    }

    /// Returns the release of the running kernel.
    #[must_use]
    pub fn release(&self) -> Option<&str> {
        self.values.get(&Text::trusted("kernel.osrelease")).map(Text::as_str)
    }

    /// Returns the names of the network interfaces that have settings of a protocol (`ipv4`, `ipv6`), as keys have them.
    #[must_use]
    pub fn interfaces(&self, protocol: &str) -> BTreeSet<&str> {
        let before = format!("net.{protocol}.conf.");
        let from = self.values.range(Text::of(&before)..);
        let keys = from.map(|(key, _)| key.as_str()).take_while(|key| key.starts_with(&before));
        let names = keys.filter_map(|key| key.strip_prefix(&*before)?.split('.').next());
        names.filter(|name| !["all", "default"].contains(name)).collect()
    }

    /// Whether this process is in a container, as far as its namespaces tell.
    #[must_use]
    pub fn is_in_container(&self) -> bool {
        [Namespace::Pid, Namespace::User].iter().any(|namespace| self.is_first.get(namespace) == Some(&false))
    }

    /// Whether a setting is the host's, and this process is in a container that shares it.
    #[must_use]
    pub fn is_of_host(&self, key: &str) -> bool {
        self.is_in_container() && self.is_first.get(&Namespace::of(key)) != Some(&false)
    }
}

/// Returns a value as it is kept: numbers in a row with blanks between them.
fn value(bytes: &[u8]) -> Text {
    let text = String::from_utf8_lossy(bytes);
    Text::of(&text.trim_end().replace('\t', " ")).shortened(MAX_CHARACTERS)
}

#[cfg(test)]
#[expect(clippy::disallowed_methods, reason = "a test makes its own files")]
mod tests {
    use super::*;
    use crate::tree::System;

    #[test]
    fn settings_belong_to_namespaces() {
        let check = |key: &str, expected: Namespace| assert_eq!(Namespace::of(key), expected, "{key}");
        check("kernel.kptr_restrict", Namespace::Init);
        check("net.ipv4.ip_forward", Namespace::Net);
        check("net.core.somaxconn", Namespace::Net);
        check("net.core.bpf_jit_harden", Namespace::Init);
        check("kernel.shmmax", Namespace::Ipc);
        check("kernel.sem", Namespace::Ipc);
        check("kernel.hostname", Namespace::Uts);
        check("kernel.hostname_x", Namespace::Init);
        check("user.max_user_namespaces", Namespace::User);
        check("vm.mmap_min_addr", Namespace::Init);
    }

    #[test]
    fn values_are_read_and_what_changes_by_itself_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let write = |path: &str, text: &str| {
            let path = folder.path().join("proc/sys").join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        };
        write("kernel/kptr_restrict", "0\n");
        write("kernel/printk", "4\t4\t1\t7\n");
        write("kernel/random/uuid", "a\n");
        write("kernel/hostname", "a\u{1b}[31m\n");
        write("net/core/somaxconn", "4096\n");
        write("net/ipv4/conf/eth0.10/rp_filter", "2\n");
        write("net/ipv4/conf/all/rp_filter", "0\n");
        write("net/ipv6/conf/eth0/stable_secret", "fe80::1\n");
        let system = System::at(&folder.path().join("proc"), &folder.path().join("sys"));
        let (values, is_whole) = Values::of(&Source::new(&system));
        let found: Vec<(&str, &str)> =
            values.values.iter().map(|(key, value)| (key.as_str(), value.as_str())).collect();
        let expected = [
            ("kernel.hostname", "a\\x1b[31m"),
            ("kernel.kptr_restrict", "0"),
            ("kernel.printk", "4 4 1 7"),
            ("net.core.somaxconn", "4096"),
            ("net.ipv4.conf.all.rp_filter", "0"),
            ("net.ipv4.conf.eth0/10.rp_filter", "2"),
        ];
        assert_eq!(found, expected);
        assert!(is_whole);
        assert_eq!(values.interfaces("ipv4").into_iter().collect::<Vec<_>>(), ["eth0/10"]);
        assert_eq!(values.get("kernel.kptr_restrict").value().map(|value| value.as_str()), Some("0"));
        assert_eq!(values.get("kernel.kptr"), Known::Absent);
        assert_eq!(values.is_first.get(&Namespace::Net), Some(&false));
        assert!(!values.is_in_container());
    }
}
