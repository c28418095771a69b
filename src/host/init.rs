//! Which init system a host is started by.

use super::reading::Reading;
use crate::tree::TreePath;

/// An init system.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Init {
    /// systemd, which is also taken for granted where nothing tells.
    Systemd,
    /// That of BusyBox, or OpenRC of Alpine with the programs of BusyBox.
    Busybox,
    /// Any other.
    Other,
}

impl Init {
    /// Finds out by what `/sbin/init` leads to, else by what is installed.
    pub(super) fn of(reading: &Reading<'_>) -> Self {
        let real = |path: &str| {
            let path = TreePath::root().join(path.as_bytes())?;
            reading.root().real(&path).ok().map(|entry| entry.path)
        };
        let is_there = |path: &str| real(path).is_some();
        let is_alpine = reading.system().is_some_and(|system| &*system.id == "alpine");
        if let Some(init) = real("sbin/init").or_else(|| real("usr/sbin/init")) {
            return match init.file_name() {
                b"systemd" => Self::Systemd,
                b"busybox" => Self::Busybox,
                _ if is_alpine => Self::Busybox,
                _ => Self::Other,
            };
        }
        if is_there("usr/lib/systemd/systemd") || is_there("lib/systemd/systemd") {
            Self::Systemd
        } else if is_alpine {
            Self::Busybox
        } else if is_there("etc/init.d/procps") || is_there("sbin/openrc") {
            Self::Other
        } else {
            Self::Systemd
        }
    }
}
