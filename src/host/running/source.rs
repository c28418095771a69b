//! The running system, as families ask it.

use std::cell::OnceCell;

use serde::{Deserialize, Serialize};

use super::processes::Processes;
use crate::text;
use crate::text::Text;
use crate::tree::{ReadFault, Shown, System, Target};

/// The running system, as families ask it.
pub struct Running<'a> {
    system: &'a System,
    processes: OnceCell<Processes>,
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
        Self { system, processes: OnceCell::new() }
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
        std::str::from_utf8(&self.system.link(Shown::Proc, "self").ok()??).ok()?.parse().ok()
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
