//! Capabilities of files, as their extended attribute keeps them (`linux/capability.h`, `struct vfs_ns_cap_data`).

use serde::{Deserialize, Serialize};

use crate::text;
use crate::text::Text;

/// The names, in the order of their numbers (`linux/capability.h`).
pub const NAMES: [&str; 41] = [
    "cap_chown",
    "cap_dac_override",
    "cap_dac_read_search",
    "cap_fowner",
    "cap_fsetid",
    "cap_kill",
    "cap_setgid",
    "cap_setuid",
    "cap_setpcap",
    "cap_linux_immutable",
    "cap_net_bind_service",
    "cap_net_broadcast",
    "cap_net_admin",
    "cap_net_raw",
    "cap_ipc_lock",
    "cap_ipc_owner",
    "cap_sys_module",
    "cap_sys_rawio",
    "cap_sys_chroot",
    "cap_sys_ptrace",
    "cap_sys_pacct",
    "cap_sys_admin",
    "cap_sys_boot",
    "cap_sys_nice",
    "cap_sys_resource",
    "cap_sys_time",
    "cap_sys_tty_config",
    "cap_mknod",
    "cap_lease",
    "cap_audit_write",
    "cap_audit_control",
    "cap_setfcap",
    "cap_mac_override",
    "cap_mac_admin",
    "cap_syslog",
    "cap_wake_alarm",
    "cap_block_suspend",
    "cap_audit_read",
    "cap_perfmon",
    "cap_bpf",
    "cap_checkpoint_restore",
];

/// The bit of the first word that says that what is permitted is effective at once.
const EFFECTIVE: u32 = 1;

/// The capabilities of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Capabilities {
    /// What a process gets that executes it.
    pub permitted: u64,
    /// What it keeps of what the process before had.
    pub inheritable: u64,
    /// Whether it has them without asking.
    pub is_effective: bool,
    /// The number of the root in whose user namespace alone they count, 0 for the machine's own.
    #[serde(default)]
    pub root: u32,
}

impl Capabilities {
    /// Reads the attribute.
    ///
    /// # Errors
    /// What was found instead of one that a kernel writes.
    pub fn read(value: &[u8]) -> Result<Self, Text> {
        let word = |at: usize| {
            let bytes = value.get(4 * at..4 * at + 4)?;
            bytes.try_into().ok().map(u32::from_le_bytes)
        };
        let wrong = || text!("a `security.capability` of {} bytes that no kernel writes", value.len());
        let first = word(0).ok_or_else(wrong)?;
        let (words, has_root) = match (first >> 24, value.len()) {
            (1, 12) => (1, false),
            (2, 20) => (2, false),
            (3, 24) => (2, true),
            _ => return Err(wrong()),
        };
        if first & 0x00ff_ffff & !EFFECTIVE != 0 {
            return Err(wrong());
        }
        let set = |which: usize| {
            (0..words).try_fold(0_u64, |set, at| Some(set | u64::from(word(1 + 2 * at + which)?) << (32 * at)))
        };
        let (permitted, inheritable) = (set(0).ok_or_else(wrong)?, set(1).ok_or_else(wrong)?);
        let root = if has_root { word(5).ok_or_else(wrong)? } else { 0 };
        Ok(Self { permitted, inheritable, is_effective: first & EFFECTIVE != 0, root })
    }

    /// Returns the names of a set.
    #[must_use]
    pub fn names(set: u64) -> Vec<String> {
        let named = |bit: u32| match usize::try_from(bit).ok().and_then(|bit| NAMES.get(bit)) {
            Some(name) => (*name).to_owned(),
            None => format!("{bit}"),
        };
        (0..u64::BITS).filter(|bit| set >> bit & 1 == 1).map(named).collect()
    }

    /// Returns them as `getcap` shows them: names and flags, one group of flags after the other.
    #[must_use]
    pub fn shown(&self) -> Text {
        let both = self.permitted & self.inheritable;
        let effective = if self.is_effective { "e" } else { "" };
        let groups = [
            (both, format!("{effective}ip")),
            (self.permitted & !both, format!("{effective}p")),
            (self.inheritable & !both, format!("{effective}i")),
        ];
        let shown: Vec<String> = groups
            .iter()
            .filter(|(set, _)| *set != 0)
            .map(|(set, flags)| format!("{}={flags}", Self::names(*set).join(",")))
            .collect();
        let root = if self.root == 0 { String::new() } else { format!(" [rootid={}]", self.root) };
        Text::trusted(format!("{}{root}", if shown.is_empty() { "=".to_owned() } else { shown.join(" ") }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bytes(words: &[u32]) -> Vec<u8> {
        words.iter().flat_map(|word| word.to_le_bytes()).collect()
    }

    #[test]
    fn attributes_are_read_and_shown_as_getcap_does() {
        let check = |value: &[u8], expected: Option<&str>| {
            let found = Capabilities::read(value).ok().map(|capabilities| capabilities.shown().to_string());
            assert_eq!(found.as_deref(), expected, "{value:?}");
        };
        check(&bytes(&[0x0200_0001, 1 << 13, 0, 0, 0]), Some("cap_net_raw=ep"));
        check(&bytes(&[0x0200_0000, 1 << 13, 0, 0, 0]), Some("cap_net_raw=p"));
        check(&bytes(&[0x0200_0001, 0x3000, 0x3000, 0, 0]), Some("cap_net_admin,cap_net_raw=eip"));
        check(&bytes(&[0x0200_0000, 1, 2, 0, 0]), Some("cap_chown=p cap_dac_override=i"));
        check(&bytes(&[0x0100_0001, 1 << 21, 0]), Some("cap_sys_admin=ep"));
        check(&bytes(&[0x0200_0001, 0, 0, 1 << 7, 0]), Some("cap_bpf=ep"));
        check(&bytes(&[0x0200_0001, 0, 0, 1 << 31, 0]), Some("63=ep"));
        check(&bytes(&[0x0300_0001, 1 << 13, 0, 0, 0, 100_000]), Some("cap_net_raw=ep [rootid=100000]"));
        check(&bytes(&[0x0200_0000, 0, 0, 0, 0]), Some("="));
        check(&bytes(&[0x0200_0001, 1 << 13]), None);
        check(&bytes(&[0x0200_0001, 1 << 13, 0]), None);
        check(&bytes(&[0x0400_0001, 1 << 13, 0, 0, 0]), None);
        check(&bytes(&[0x0200_0003, 1 << 13, 0, 0, 0]), None);
        check(b"", None);
        check(&[0x01], None);
    }
}
