//! The running system, as families ask it.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use serde::{Deserialize, Serialize};

use super::processes::Processes;
use crate::parallel;
use crate::text;
use crate::text::Text;
use crate::tree::{ReadFault, Shown, System, Target};

/// The table of sockets that take in whatever comes along (`packet(7)`).
pub(super) const PACKETS: &str = "net/packet";

/// The running system, as families ask it.
pub struct Running<'a> {
    system: &'a System,
    own_number: OnceLock<Option<u32>>,
    processes: OnceLock<Processes>,
    sockets: OnceLock<BTreeMap<&'static str, Known<Vec<u8>>>>,
}

/// Something that a running system says, or the reason why it does not.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "kind", content = "value", rename_all = "kebab-case")]
pub enum Known<T> {
    /// It says so.
    Is(T),
    /// There is no such thing on this system.
    #[default]
    Absent,
    /// It cannot be known, for this reason.
    Unknown(Text),
}

impl<T> Known<T> {
    /// Returns what it says.
    pub fn value(&self) -> Option<&T> {
        match self {
            Self::Is(value) => Some(value),
            Self::Absent | Self::Unknown(_) => None,
        }
    }

    /// Returns why it is not known, if that is so.
    pub fn reason(&self) -> Option<&Text> {
        match self {
            Self::Unknown(reason) => Some(reason),
            Self::Is(_) | Self::Absent => None,
        }
    }

    /// Turns what it says into something else.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Known<U> {
        match self {
            Self::Is(value) => Known::Is(change(value)),
            Self::Absent => Known::Absent,
            Self::Unknown(reason) => Known::Unknown(reason),
        }
    }
}

impl<'a> Running<'a> {
    pub(in crate::host) fn new(system: &'a System) -> Self {
        Self { system, own_number: OnceLock::new(), processes: OnceLock::new(), sockets: OnceLock::new() }
    }

    /// Returns the system itself.
    #[must_use]
    pub fn system(&self) -> &'a System {
        self.system
    }

    /// Whether a folder is there with anything in it.
    #[must_use]
    pub fn has(&self, shown: Shown, folder: &str) -> bool {
        self.system.list(shown, folder).is_ok_and(|names| !names.is_empty())
    }

    /// Returns the processes, which are looked at once for all families.
    #[must_use]
    pub fn processes(&self) -> &Processes {
        self.processes.get_or_init(|| Processes::read(self))
    }

    /// Returns the number of this very process, as `/proc` shows it.
    #[must_use]
    pub fn own_number(&self) -> Option<u32> {
        let read = || std::str::from_utf8(&self.system.link(Shown::Proc, "self").ok()??).ok()?.parse().ok();
        *self.own_number.get_or_init(read)
    }

    /// Returns where a file that is told of this very process stands below `/proc`: `status`, `net/tcp`. Folders are entered
    /// without following a link, so that its number is taken for `self`.
    #[must_use]
    pub fn own(&self, path: &str) -> String {
        match self.own_number() {
            Some(number) => format!("{number}/{path}"),
            None if self.has(Shown::Proc, "self") => format!("self/{path}"),
            None => path.to_owned(),
        }
    }

    /// Returns a table of sockets, `net/tcp`, as this process's network has it. They are read once for all that ask: the kernel
    /// looks through all there may be for each.
    #[must_use]
    pub fn sockets(&self, table: &'static str) -> &Known<Vec<u8>> {
        const ABSENT: &Known<Vec<u8>> = &Known::Absent;
        let read = || {
            let names: Vec<&str> = super::network::TABLES.iter().map(|(table, _)| *table).chain([PACKETS]).collect();
            let own: Vec<(&str, String)> = names.into_iter().map(|table| (table, self.own(table))).collect();
            let tables = parallel::map(&own, |(table, own)| (*table, self.system.read(Shown::Proc, own), own));
            tables.into_iter().map(|(table, found, own)| (table, Self::known(Shown::Proc, own, found))).collect()
        };
        self.sockets.get_or_init(read).get(table).unwrap_or(ABSENT)
    }

    /// Reads a file under `/proc` or `/sys`.
    #[must_use]
    pub fn read(&self, shown: Shown, path: &str) -> Known<Vec<u8>> {
        Self::known(shown, path, self.system.read(shown, path))
    }

    /// Reads a file of one value, without the end of its line.
    #[must_use]
    pub fn text(&self, shown: Shown, path: &str) -> Known<String> {
        self.read(shown, path).map(|bytes| String::from_utf8_lossy(&bytes).trim_end().to_owned())
    }

    /// Returns the text of a link.
    #[must_use]
    pub fn link(&self, shown: Shown, path: &str) -> Known<Vec<u8>> {
        Self::known(shown, path, self.system.link(shown, path))
    }

    /// Returns what stands at the end of a link.
    #[must_use]
    pub fn target(&self, shown: Shown, path: &str) -> Known<Target> {
        Self::known(shown, path, self.system.target(shown, path))
    }

    fn known<T>(shown: Shown, path: &str, found: Result<Option<T>, ReadFault>) -> Known<T> {
        let folder = match shown {
            Shown::Proc => "/proc",
            Shown::Sys => "/sys",
        };
        match found {
            Ok(Some(found)) => Known::Is(found),
            Ok(None) => Known::Absent,
            Err(fault) => Known::Unknown(text!("`{}/{}`: found {}", folder, path, fault)),
        }
    }
}
