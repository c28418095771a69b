//! The tables of sockets under `/proc/net`, of one network namespace (`proc_net(5)`).

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use crate::host::line::lines;

/// What a socket speaks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Protocol {
    /// TCP.
    Tcp,
    /// UDP.
    Udp,
    /// A protocol of its own above IP, whose number stands for the port.
    Raw,
}

impl Protocol {
    /// Returns its word.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Tcp => "tcp",
            Self::Udp => "udp",
            Self::Raw => "raw",
        }
    }

    /// The state of a socket that waits for whoever comes: `TCP_LISTEN`, and `TCP_CLOSE` of what knows no connections.
    fn waits(self) -> u8 {
        match self {
            Self::Tcp => 0x0a,
            Self::Udp | Self::Raw => 0x07,
        }
    }
}

/// A socket that waits for whoever comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Socket {
    /// The address on which it waits.
    pub address: IpAddr,
    /// The port, or the number of the protocol.
    pub port: u16,
    /// Who opened it.
    pub user: u32,
    /// Its number, by which the process is found that holds it.
    pub inode: u64,
}

/// A socket that gets frames as they arrive.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PacketSocket {
    /// Who opened it.
    pub user: u32,
    /// Its number, by which the process is found that holds it.
    pub inode: u64,
}

/// Reads the sockets that wait for whoever comes; lines of another form are passed over.
#[must_use]
pub fn sockets(protocol: Protocol, bytes: &[u8]) -> Vec<Socket> {
    lines(bytes).skip(1).filter_map(|line| socket(protocol, std::str::from_utf8(line.bytes).ok()?)).collect()
}

fn socket(protocol: Protocol, line: &str) -> Option<Socket> {
    let mut fields = line.split_ascii_whitespace();
    let (address, port) = fields.nth(1)?.split_once(':')?;
    let state = u8::from_str_radix(fields.nth(1)?, 16).ok()?;
    let user = fields.nth(3)?.parse().ok()?;
    let inode = fields.nth(1)?.parse().ok()?;
    let socket = Socket { address: address_of(address)?, port: u16::from_str_radix(port, 16).ok()?, user, inode };
    (state == protocol.waits()).then_some(socket)
}

/// Reads an address: words of 32 bits, each as the machine writes a number.
fn address_of(text: &str) -> Option<IpAddr> {
    let word = |at: usize| {
        let digits = text.get(at * 8..at * 8 + 8)?;
        u32::from_str_radix(digits, 16).ok().map(u32::to_ne_bytes)
    };
    match text.len() {
        8 => Some(IpAddr::V4(Ipv4Addr::from(word(0)?))),
        32 => {
            let words = [word(0)?, word(1)?, word(2)?, word(3)?];
            let bytes: [u8; 16] = words.concat().try_into().ok()?;
            Some(IpAddr::V6(Ipv6Addr::from(bytes)))
        }
        _ => None,
    }
}

/// Reads `/proc/net/packet`.
#[must_use]
pub fn packet_sockets(bytes: &[u8]) -> Vec<PacketSocket> {
    let one = |line: &[u8]| {
        let mut fields = std::str::from_utf8(line).ok()?.split_ascii_whitespace();
        let user = fields.nth(7)?.parse().ok()?;
        Some(PacketSocket { user, inode: fields.next()?.parse().ok()? })
    };
    lines(bytes).skip(1).filter_map(|line| one(line.bytes)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HEADER: &str =
        "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n";

    fn hex(address: IpAddr) -> String {
        let bytes = match address {
            IpAddr::V4(address) => address.octets().to_vec(),
            IpAddr::V6(address) => address.octets().to_vec(),
        };
        bytes.chunks(4).map(|word| format!("{:08X}", u32::from_ne_bytes(word.try_into().unwrap()))).collect()
    }

    #[test]
    fn what_waits_is_told_from_what_is_connected() {
        let check = |protocol: Protocol, address: &str, state: &str, is_told: bool| {
            let address: IpAddr = address.parse().unwrap();
            let line = format!(
                "   0: {}:0016 00000000:0000 {state} 00000000:00000000 00:00000000 00000000  1000        0 54321 1 0 100",
                hex(address)
            );
            let expected = Socket { address, port: 22, user: 1000, inode: 54321 };
            let found = sockets(protocol, format!("{HEADER}{line}\n").as_bytes());
            assert_eq!(found, if is_told { vec![expected] } else { Vec::new() }, "{line}");
        };
        check(Protocol::Tcp, "0.0.0.0", "0A", true);
        check(Protocol::Tcp, "127.0.0.1", "01", false);
        check(Protocol::Tcp, "::1", "0A", true);
        check(Protocol::Tcp, "2001:db8::1:2", "0A", true);
        check(Protocol::Udp, "192.0.2.1", "07", true);
        check(Protocol::Udp, "192.0.2.1", "01", false);
        check(Protocol::Raw, "::", "07", true);
    }

    #[test]
    fn lines_of_another_form_are_passed_over() {
        for text in
            ["", "\n", "x\ny z\n", "head\n 0: 0000:0016 0 0A a b 0 0 1\n", "head\n 0: ZZ000000:0016 0 0A a b c 0 0 1\n"]
        {
            assert_eq!(sockets(Protocol::Tcp, text.as_bytes()), Vec::new(), "{text:?}");
        }
    }

    #[test]
    fn packet_sockets_are_read() {
        let text = "sk               RefCnt Type Proto  Iface R Rmem   User   Inode\n\
                    000000000000 3      3    0003   2     1 0      0      4711\n";
        assert_eq!(packet_sockets(text.as_bytes()), [PacketSocket { user: 0, inode: 4711 }]);
        for text in ["", "\n", "sk\n1 2 3\n", "sk\n0 3 3 0003 2 1 0 root 4711\n"] {
            assert_eq!(packet_sockets(text.as_bytes()), Vec::new(), "{text:?}");
        }
    }
}
