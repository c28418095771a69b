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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
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

    /// Reads them as people write them (`cap_from_text(3)`): names and flags, one group behind the other.
    #[must_use]
    pub fn of_text(text: &str) -> Option<Self> {
        const OPERATORS: [char; 3] = ['=', '+', '-'];
        let (mut effective, mut inheritable, mut permitted) = (0_u64, 0_u64, 0_u64);
        for clause in text.split_ascii_whitespace() {
            let (names, mut actions) = clause.split_at(clause.find(OPERATORS)?);
            let mut set = if names.is_empty() { u64::MAX } else { 0 };
            for name in names.split(',').filter(|name| !name.is_empty()) {
                set |= Self::named(name)?;
            }
            while let Some(operator) = actions.chars().next() {
                let behind = actions.trim_start_matches(OPERATORS);
                let (flags, rest) = behind.split_at(behind.find(OPERATORS).unwrap_or(behind.len()));
                for (flag, state) in [('e', &mut effective), ('i', &mut inheritable), ('p', &mut permitted)] {
                    let is_meant = flags.contains(flag);
                    match operator {
                        '+' if is_meant => *state |= set,
                        '-' if is_meant => *state &= !set,
                        '=' => *state = (*state & !set) | if is_meant { set } else { 0 },
                        _ => {}
                    }
                }
                actions = rest;
            }
        }
        Some(Self { permitted, inheritable, is_effective: effective != 0, root: 0 })
    }

    /// Returns the bit of a name, all bits for `all`.
    fn named(name: &str) -> Option<u64> {
        if name.eq_ignore_ascii_case("all") {
            return Some(u64::MAX);
        }
        let known = NAMES.iter().position(|known| known.eq_ignore_ascii_case(name));
        let bit = known.and_then(|bit| u32::try_from(bit).ok()).or_else(|| name.parse().ok())?;
        1_u64.checked_shl(bit)
    }

    /// Returns what an attribute gives beyond what is written in a text, if anything: all it gives. Fewer are no matter; where
    /// the text means nothing, everything is beyond it.
    #[must_use]
    pub fn beyond(text: &str, value: &[u8]) -> Option<Text> {
        let found = match Self::read(value) {
            Ok(found) => found,
            Err(found) => return Some(found),
        };
        let most = Self::of_text(text).unwrap_or_default();
        let is_within = found.permitted & !most.permitted == 0
            && found.inheritable & !most.inheritable == 0
            && (most.is_effective || !found.is_effective || found.permitted == 0);
        (!is_within).then(|| found.shown())
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

    #[test]
    fn texts_are_read_as_they_are_shown() {
        for text in ["=", "cap_net_raw=ep", "cap_chown=p cap_dac_override=i", "cap_net_admin,cap_net_raw=eip"] {
            let read = Capabilities::of_text(text);
            assert_eq!(read.map(|read| read.shown().to_string()).as_deref(), Some(text));
        }
        let check = |text: &str, expected: Option<&str>| {
            let found = Capabilities::of_text(text).map(|read| read.shown().to_string());
            assert_eq!(found.as_deref(), expected, "{text}");
        };
        check("= cap_net_raw+ep", Some("cap_net_raw=ep"));
        check("CAP_NET_RAW+ep", Some("cap_net_raw=ep"));
        check("cap_net_raw,cap_chown=ep cap_chown-ep", Some("cap_net_raw=ep"));
        check("cap_net_raw=p+i-p", Some("cap_net_raw=i"));
        check("63+p", Some("63=p"));
        check("64+p", None);
        check("nothing+p", None);
        check("cap_net_raw", None);
    }

    #[test]
    fn what_is_beyond_a_text_is_told() {
        let value = bytes(&[0x0200_0001, 1 << 13, 0, 0, 0]);
        let check = |text: &str, expected: Option<&str>| {
            let found = Capabilities::beyond(text, &value);
            assert_eq!(found.as_ref().map(Text::as_str), expected, "{text}");
        };
        check("cap_net_raw=ep", None);
        check("cap_net_admin,cap_net_raw=ep", None);
        check("cap_net_raw=p", Some("cap_net_raw=ep"));
        check("", Some("cap_net_raw=ep"));
        check("what", Some("cap_net_raw=ep"));
        assert!(Capabilities::beyond("all=ep", b"x").is_some());
    }
}
