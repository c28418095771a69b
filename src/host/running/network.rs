//! What can be reached over the network: who listens, who reads frames, which interfaces take in what is meant for others,
//! and what is known of a firewall. No socket is opened to find out.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use super::processes::{Executable, Process, Processes};
use super::sockets::{Protocol, packet_sockets, sockets};
use super::source::{Known, PACKETS, Running as Source};
use crate::host::line::lines;
use crate::host::names::Principal;
use crate::host::reading::Reading;
use crate::host::settings::settings;
use crate::text;
use crate::text::Text;
use crate::tree::{Shown, TreePath};

/// The id of the family.
pub const ID: &str = "network";

/// The tables of sockets that wait for whoever comes.
pub(super) const TABLES: [(&str, Protocol); 6] = [
    ("net/tcp", Protocol::Tcp),
    ("net/tcp6", Protocol::Tcp),
    ("net/udp", Protocol::Udp),
    ("net/udp6", Protocol::Udp),
    ("net/raw", Protocol::Raw),
    ("net/raw6", Protocol::Raw),
];

/// The bit of an interface that takes in what is meant for others (`IFF_PROMISC`, `netdevice(7)`).
const PROMISCUOUS: u32 = 0x100;

/// What is known of the network.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Network {
    /// The sockets that wait for whoever comes.
    pub listeners: Vec<Listener>,
    /// The sockets that get frames as they arrive.
    pub packet_sockets: Vec<PacketSocket>,
    /// The interfaces that take in what is meant for others.
    pub interfaces: Known<Vec<Interface>>,
    /// What is known of a firewall.
    pub firewall: Firewall,
    /// The servers that are asked for names.
    pub nameservers: BTreeSet<Text>,
    /// The tables that cannot be read, and why.
    pub unread: BTreeMap<Text, Text>,
}

/// A socket that waits for whoever comes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Listener {
    /// Protocol, address and port: `tcp/0.0.0.0:22`.
    pub name: Text,
    /// Whether only this host reaches it.
    pub is_local: bool,
    /// Whether it waits on every address.
    pub is_everywhere: bool,
    /// Who opened it.
    pub user: Principal,
    /// The programs that hold it; absent where it is the kernel's own.
    pub holders: Known<BTreeSet<Holder>>,
}

/// A socket that gets frames as they arrive.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PacketSocket {
    /// The programs that hold it, in one text.
    pub name: Text,
    /// Who opened it.
    pub user: Principal,
    /// The programs that hold it; absent where it is the kernel's own.
    pub holders: Known<BTreeSet<Holder>>,
}

/// A program that holds a socket.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Holder {
    /// The program.
    pub program: Text,
    /// The service of systemd it is of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<Text>,
}

/// An interface that takes in what is meant for others.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Interface {
    /// Its name.
    pub name: Text,
    /// Whether it is a port of a bridge, which works no other way.
    pub is_bridge_port: bool,
}

/// What is known of a firewall. Its rules cannot be read without a socket to the kernel.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Firewall {
    /// The tables of iptables that the kernel holds.
    pub tables: Known<BTreeSet<Text>>,
    /// Whether the kernel has nftables, and parts of it are in use by rules.
    pub nftables: Known<bool>,
    /// The settings of a firewall that turn away what nobody asked for.
    pub kept_by: BTreeSet<Text>,
}

impl Network {
    pub(super) fn collect(reading: &Reading<'_>, source: &Source<'_>) -> Self {
        let processes = source.processes();
        let mut out = Self::default();
        out.listeners(reading, source, processes);
        out.packet_sockets(reading, source, processes);
        out.interfaces = interfaces(source);
        out.firewall = Firewall::read(reading, source, processes);
        if let Ok(Some(file)) = reading.read("etc/resolv.conf") {
            let server = |line: super::super::Line<'_>| {
                let text = line.text().trim().to_owned();
                Some(text!("{}", *text.strip_prefix("nameserver")?.split_whitespace().next()?))
            };
            out.nameservers = file.lines().filter_map(server).collect();
        }
        out
    }

    fn listeners(&mut self, reading: &Reading<'_>, source: &Source<'_>, processes: &Processes) {
        let mut found = BTreeSet::new();
        for (table, protocol) in TABLES {
            let bytes = match source.sockets(table) {
                Known::Is(bytes) => bytes,
                // A kernel without IPv6 has no tables of it.
                Known::Absent if table.ends_with('6') => continue,
                Known::Absent => {
                    self.unread.insert(text!("{}", table), Text::trusted("is not there"));
                    continue;
                }
                Known::Unknown(reason) => {
                    self.unread.insert(text!("{}", table), reason.clone());
                    continue;
                }
            };
            for socket in sockets(protocol, bytes).into_iter().filter(|socket| !processes.is_gone(socket.inode)) {
                let address = match socket.address {
                    IpAddr::V4(address) => address.to_string(),
                    IpAddr::V6(address) => format!("[{address}]"),
                };
                let ip = socket.address.to_canonical();
                found.insert(Listener {
                    name: text!("{}/{}:{}", protocol.word(), address, u32::from(socket.port)),
                    is_local: ip.is_loopback(),
                    is_everywhere: ip.is_unspecified(),
                    user: reading.names().user(socket.user),
                    holders: holders(processes, socket.inode),
                });
            }
        }
        self.listeners = found.into_iter().collect();
    }

    fn packet_sockets(&mut self, reading: &Reading<'_>, source: &Source<'_>, processes: &Processes) {
        let bytes = match source.sockets(PACKETS) {
            Known::Is(bytes) => bytes,
            // A kernel without them has none.
            Known::Absent if self.unread.is_empty() => return,
            Known::Absent => {
                self.unread.insert(Text::trusted(PACKETS), Text::trusted("is not there"));
                return;
            }
            Known::Unknown(reason) => {
                self.unread.insert(Text::trusted(PACKETS), reason.clone());
                return;
            }
        };
        let mut found = BTreeSet::new();
        for socket in packet_sockets(bytes).into_iter().filter(|socket| !processes.is_gone(socket.inode)) {
            let holders = holders(processes, socket.inode);
            let name = match &holders {
                Known::Is(holders) => Text::trusted(
                    holders.iter().map(|holder| holder.program.as_str()).collect::<Vec<_>>().join(" and "),
                ),
                Known::Absent => Text::trusted("the kernel"),
                Known::Unknown(_) => Text::trusted("a program that cannot be seen"),
            };
            found.insert(PacketSocket { name, user: reading.names().user(socket.user), holders });
        }
        self.packet_sockets = found.into_iter().collect();
    }
}

/// Returns the programs that hold a socket. Where the first process holds one together with others, it only handed it on.
fn holders(processes: &Processes, socket: u64) -> Known<BTreeSet<Holder>> {
    let all: Vec<&Process> = processes.holders(socket).collect();
    let others = all.iter().filter(|process| process.number != 1);
    let holder = |process: &&Process| Holder {
        program: program_name(&process.program),
        unit: process.unit.as_ref().map(|unit| text!("{}", **unit)),
    };
    let found: BTreeSet<Holder> = match others.clone().next() {
        Some(_) => others.map(holder).collect(),
        None => all.iter().map(holder).collect(),
    };
    match (found.is_empty(), processes.unseen()) {
        (false, _) => Known::Is(found),
        (true, Some(reason)) => Known::Unknown(reason.clone()),
        (true, None) => Known::Absent,
    }
}

/// Returns a program as it is shown.
pub(super) fn program_name(program: &Executable) -> Text {
    match program {
        Executable::File { path, .. } => Text::of(&**path),
        Executable::Memory(name) => text!("memfd:{}", **name),
        Executable::Denied => Text::trusted("a program that cannot be seen"),
    }
}

/// Returns the interfaces that take in what is meant for others. `/sys` shows those of the network namespace in which it was
/// mounted, `/proc` those of this process's own.
fn interfaces(source: &Source<'_>) -> Known<Vec<Interface>> {
    let own = match source.read(Shown::Proc, &source.own("net/dev")) {
        Known::Is(bytes) => names_of_interfaces(&bytes),
        Known::Absent => return Known::Absent,
        Known::Unknown(reason) => return Known::Unknown(reason),
    };
    let listed = match source.system().list(Shown::Sys, "class/net") {
        Ok(listed) => listed,
        Err(fault) => return Known::Unknown(text!("`/sys/class/net`: found {}", fault)),
    };
    if listed.is_empty() && !own.is_empty() {
        return Known::Unknown(Text::trusted("`/sys/class/net` shows no interfaces"));
    }
    let folders: Vec<(Box<[u8]>, String)> = listed
        .into_iter()
        .filter_map(|name| {
            let shown = std::str::from_utf8(&name).ok()?.to_owned();
            // A bonding driver puts a file of settings beside the interfaces.
            let link = source.link(Shown::Sys, &format!("class/net/{shown}")).value()?.clone();
            let folder = TreePath::new(b"class/net")?.join(&link)?;
            Some((name, String::from_utf8(folder.as_bytes().to_vec()).ok()?))
        })
        .collect();
    if folders.iter().map(|(name, _)| &**name).collect::<BTreeSet<&[u8]>>()
        != own.iter().map(Vec::as_slice).collect::<BTreeSet<&[u8]>>()
    {
        return Known::Unknown(Text::trusted("`/sys/class/net` shows the interfaces of another network namespace"));
    }
    let mut out = Vec::new();
    for (name, folder) in folders {
        let flags = match source.text(Shown::Sys, &format!("{folder}/flags")) {
            Known::Is(flags) => u32::from_str_radix(flags.trim_start_matches("0x"), 16).unwrap_or(0),
            Known::Absent => continue,
            Known::Unknown(reason) => return Known::Unknown(reason),
        };
        if flags & PROMISCUOUS != 0 {
            let is_bridge_port =
                source.system().list(Shown::Sys, &format!("{folder}/brport")).is_ok_and(|names| !names.is_empty());
            out.push(Interface { name: Text::of(&*name), is_bridge_port });
        }
    }
    Known::Is(out)
}

/// Returns the names of the interfaces in `/proc/net/dev`, behind its two lines of headings.
fn names_of_interfaces(bytes: &[u8]) -> Vec<Vec<u8>> {
    let name = |line: super::super::Line<'_>| {
        // A name may hold a colon of its own (an alias); the counters hold none.
        let colon = line.bytes.iter().rposition(|byte| *byte == b':')?;
        Some(line.bytes.get(..colon)?.trim_ascii().to_vec())
    };
    lines(bytes).skip(2).filter_map(name).collect()
}

impl Firewall {
    fn read(reading: &Reading<'_>, source: &Source<'_>, processes: &Processes) -> Self {
        let mut tables: Known<BTreeSet<Text>> = Known::Absent;
        for path in ["net/ip_tables_names", "net/ip6_tables_names"] {
            match source.read(Shown::Proc, &source.own(path)) {
                Known::Is(bytes) => {
                    let names = lines(&bytes).map(|line| Text::of(line.trimmed()));
                    let mut all = tables.value().cloned().unwrap_or_default();
                    all.extend(names);
                    tables = Known::Is(all);
                }
                Known::Absent => {}
                Known::Unknown(reason) => {
                    tables = Known::Unknown(reason);
                    break;
                }
            }
        }
        Self { tables, nftables: nftables(source), kept_by: kept_by(reading, processes) }
    }

    /// Whether the kernel holds something that may be a firewall; `None` where that cannot be known.
    #[must_use]
    pub fn may_be(&self) -> Option<bool> {
        let has_tables = match &self.tables {
            Known::Is(tables) => Some(tables.iter().any(|table| table.as_str() == "filter")),
            Known::Absent => Some(false),
            Known::Unknown(_) => None,
        };
        let has_rules = match &self.nftables {
            Known::Is(is_used) => Some(*is_used),
            Known::Absent => Some(false),
            Known::Unknown(_) => None,
        };
        match (has_tables, has_rules) {
            (Some(true), _) | (_, Some(true)) => Some(true),
            (Some(false), Some(false)) => Some(false),
            _ => None,
        }
    }
}

/// Whether the kernel has nftables, and a part of it is in use: each rule holds the modules of its expressions.
fn nftables(source: &Source<'_>) -> Known<bool> {
    let modules = match source.read(Shown::Proc, "modules") {
        Known::Is(modules) => modules,
        Known::Absent => Vec::new(),
        Known::Unknown(reason) => return Known::Unknown(reason),
    };
    match is_nftables_used(&modules) {
        Some(is_used) => Known::Is(is_used),
        // Built into the kernel, it has no number of users, and no folder of its own but for parameters.
        None => match source.system().list(Shown::Sys, "module/nf_tables") {
            Ok(names) if names.is_empty() => Known::Absent,
            Ok(_) => {
                Known::Unknown(Text::trusted("nftables is built into the kernel, which does not tell who uses it"))
            }
            Err(fault) => Known::Unknown(text!("`/sys/module/nf_tables`: found {}", fault)),
        },
    }
}

/// Whether modules of nftables are in use by more than one another, by `/proc/modules`; `None` where it is not loaded.
fn is_nftables_used(modules: &[u8]) -> Option<bool> {
    let mut is_loaded = false;
    let mut is_used = false;
    for line in lines(modules) {
        let text = line.text();
        let mut fields = text.split_ascii_whitespace();
        let (Some(name), _, Some(users), Some(by)) = (fields.next(), fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        is_loaded |= name == "nf_tables";
        let modules = by.split(',').filter(|module| !module.is_empty() && *module != "-").count();
        let users: usize = users.parse().unwrap_or(0);
        is_used |= (name == "nf_tables" || name.starts_with("nft_")) && users > modules;
    }
    is_loaded.then_some(is_used)
}

/// Returns the settings of a firewall that turn away what nobody asked for, where something keeps to them.
fn kept_by(reading: &Reading<'_>, processes: &Processes) -> BTreeSet<Text> {
    let mut out = BTreeSet::new();
    if processes.list.iter().any(|process| process.unit.as_deref() == Some("firewalld.service")) {
        out.insert(Text::trusted("firewalld.service"));
    }
    let value = |path: &str, key: &str| {
        let file = reading.read(path).ok().flatten()?;
        let found = settings(&file.bytes).into_iter().rev().find(|setting| setting.key == key)?;
        Some(found.value.trim_matches('"').to_ascii_lowercase())
    };
    let turns_away = matches!(value("etc/default/ufw", "DEFAULT_INPUT_POLICY").as_deref(), Some("drop" | "reject"));
    if turns_away && value("etc/ufw/ufw.conf", "ENABLED").as_deref() == Some("yes") {
        out.insert(Text::trusted("ufw (`/etc/ufw/ufw.conf`)"));
    }
    for path in ["etc/nftables.conf", "etc/sysconfig/nftables.conf", "etc/nftables.nft"] {
        if reading.read(path).ok().flatten().is_some_and(|file| drops_input(&file.bytes)) {
            out.insert(text!("`/{}`", path));
        }
    }
    out
}

/// Whether a file of nftables has a chain at the hook `input` whose policy is to drop (`nft(8)`).
#[must_use]
pub fn drops_input(bytes: &[u8]) -> bool {
    let mut words = String::new();
    for line in lines(bytes) {
        let text = line.text();
        words.push_str(text.split('#').next().unwrap_or_default());
        words.push(' ');
    }
    let words = words.replace([';', '{', '}'], " ; ");
    let words: Vec<&str> = words.split_ascii_whitespace().collect();
    // Hook and policy stand in one chain; its first statement ends the declaration of the hook.
    words.windows(2).enumerate().any(|(at, pair)| {
        let chain = words.iter().skip(at).take_while(|word| **word != "chain").take(32).collect::<Vec<_>>();
        pair == ["hook", "input"]
            && chain.windows(2).any(|pair| matches!(pair, [first, second] if **first == "policy" && **second == "drop"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_chain_that_drops_is_told_from_one_that_lets_in() {
        let check = |text: &str, expected: bool| assert_eq!(drops_input(text.as_bytes()), expected, "{text}");
        check("", false);
        check("table inet f {\n chain input {\n type filter hook input priority 0; policy drop;\n }\n}\n", true);
        check("chain input { type filter hook input priority filter; policy accept; }", false);
        check(
            "chain i { type filter hook input priority 0; }\nchain f { type filter hook forward priority 0; policy drop; }",
            false,
        );
        check("# type filter hook input priority 0; policy drop;\n", false);
    }

    #[test]
    fn rules_of_nftables_hold_their_modules() {
        let check =
            |text: &str, expected: Option<bool>| assert_eq!(is_nftables_used(text.as_bytes()), expected, "{text}");
        check("", None);
        check("ext4 1 2 - Live 0x0\n", None);
        check("nf_tables 372736 0 - Live 0x0\n", Some(false));
        check("nf_tables 372736 1 nft_ct, Live 0x0\nnft_ct 24576 0 - Live 0x0\n", Some(false));
        check("nf_tables 372736 1 nft_ct, Live 0x0\nnft_ct 24576 2 - Live 0x0\n", Some(true));
        check("nf_tables 372736 9 nft_ct, Live 0x0\nnft_ct 24576 0 - Live 0x0\n", Some(true));
    }

    #[test]
    fn interfaces_are_named() {
        let text = "Inter-|   Receive |\n face |bytes |\n    lo: 1 2 3\n  eth0:1: 4 5\nwlan0:6\n";
        assert_eq!(names_of_interfaces(text.as_bytes()), [b"lo".to_vec(), b"eth0:1".to_vec(), b"wlan0".to_vec()]);
    }
}
