//! Which files of packages are compared with them without anybody asking about each.

/// How much of packages is compared.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::host) enum Compare {
    /// Nothing but what is asked.
    #[default]
    Nothing,
    /// The programs of the search path, and what lets people in.
    Programs,
    /// Everything.
    All,
}

/// The folders of programs.
const FOLDERS: [&[u8]; 4] = [b"bin", b"sbin", b"usr/bin", b"usr/sbin"];

/// Programs that are compared however large they are: shells and interpreters, those that grant rights or let people in,
/// those that install software, and the first process. Others are left to a deep comparison where they are larger than
/// [`MAX_PROGRAM_BYTES`]: a few large ones would take longer than everything else.
const ALWAYS: &[&str] = &[
    "bash",
    "dash",
    "sh",
    "zsh",
    "ksh",
    "ksh93",
    "mksh",
    "fish",
    "csh",
    "tcsh",
    "busybox",
    "rbash",
    "perl",
    "lua",
    "ruby",
    "su",
    "sudo",
    "doas",
    "pkexec",
    "login",
    "passwd",
    "newgrp",
    "runuser",
    "setpriv",
    "unix_chkpwd",
    "ssh",
    "sshd",
    "scp",
    "sftp",
    "ssh-add",
    "ssh-agent",
    "ssh-keygen",
    "apt",
    "apt-get",
    "apt-key",
    "dpkg",
    "dpkg-deb",
    "rpm",
    "rpmkeys",
    "yum",
    "dnf",
    "dnf5",
    "microdnf",
    "zypper",
    "apk",
    "pacman",
    "opkg",
    "gpg",
    "gpgv",
    "curl",
    "wget",
    "openssl",
    "systemctl",
    "systemd",
    "init",
    "crond",
    "cron",
    "agetty",
    "ip",
    "nft",
    "iptables",
    "auditctl",
    "auditd",
    "getcap",
    "find",
    "ps",
    "ls",
    "ss",
    "netstat",
    "lsof",
    "top",
];

/// The largest program that is compared by default.
pub(super) const MAX_PROGRAM_BYTES: u64 = 1 << 20;

impl Compare {
    /// Whether the file that a package lists at a path is compared.
    pub(super) fn means(self, path: &[u8]) -> bool {
        match self {
            Self::Nothing => false,
            Self::Programs => {
                let (folder, name) = parted(path);
                FOLDERS.contains(&folder) || is_entrance(folder, name)
            }
            Self::All => true,
        }
    }

    /// Whether it is compared though it has so many bytes.
    pub(super) fn takes(self, path: &[u8], bytes: u64) -> bool {
        let (folder, name) = parted(path);
        let is_always = || {
            let name = std::str::from_utf8(name).unwrap_or_default();
            ALWAYS.contains(&name) || name.starts_with("python") || is_entrance(folder, name.as_bytes())
        };
        self == Self::All || bytes <= MAX_PROGRAM_BYTES || is_always()
    }
}

/// Whether it is a module of PAM, a part of sshd or of systemd, or the loader.
fn is_entrance(folder: &[u8], name: &[u8]) -> bool {
    let is_library = folder.starts_with(b"lib") || folder.starts_with(b"usr/lib");
    let (_, last) = parted(folder);
    is_library
        && (last == b"security" && name.ends_with(b".so")
            || last == b"openssh"
            || last == b"systemd" && name.starts_with(b"systemd")
            || name.starts_with(b"ld-linux")
            || name.starts_with(b"ld-musl"))
}

/// Returns the folder and the name of a path.
pub(super) fn parted(path: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memrchr(b'/', path) {
        Some(at) => (path.get(..at).unwrap_or_default(), path.get(at + 1..).unwrap_or_default()),
        None => (&[], path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_and_entrances_are_compared() {
        let check = |path: &str, expected: bool| {
            assert_eq!(Compare::Programs.means(path.as_bytes()), expected, "{path}");
            assert!(Compare::All.means(path.as_bytes()) && !Compare::Nothing.means(path.as_bytes()));
        };
        check("bin/bash", true);
        check("usr/sbin/sshd", true);
        check("usr/bin/x/y", false);
        check("opt/bin/x", false);
        check("lib/x86_64-linux-gnu/security/pam_unix.so", true);
        check("usr/lib64/security/pam_unix.so", true);
        check("etc/security/limits.conf", false);
        check("usr/lib/systemd/systemd", true);
        check("usr/lib/systemd/system/a.service", false);
        check("lib64/ld-linux-x86-64.so.2", true);
        check("usr/lib/libc.so.6", false);
    }

    #[test]
    fn large_programs_are_compared_where_they_matter() {
        let check = |path: &str, bytes: u64, expected: bool| {
            assert_eq!(Compare::Programs.takes(path.as_bytes(), bytes), expected, "{path} {bytes}");
        };
        check("usr/bin/x", 1 << 20, true);
        check("usr/bin/x", (1 << 20) + 1, false);
        check("usr/bin/bash", 1 << 30, true);
        check("usr/bin/python3.11", 1 << 30, true);
        check("usr/lib/systemd/systemd", 1 << 30, true);
    }
}
