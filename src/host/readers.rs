//! Every reader of a file that says something of a host, by its name: what is fuzzed, and what is tried on whatever no file
//! should hold.

use std::hint::black_box;

use super::setid::capability::Capabilities;
use super::{
    Names, accounts, acl, audit, catrust, ci_runner, command, kernel, lines, logging, mac, mounts, package, pam,
};
use super::{persistence, running, settings, ssh_keys, sshd, sysctl, systemd};
use crate::tree::TreePath;

/// A reader, and what its bytes are.
pub type Reader = (&'static str, fn(&[u8]));

/// Every reader, in the order of the names.
pub static READERS: &[Reader] = &[
    ("acl", |bytes| done(acl::writers(bytes, &Names::default()))),
    ("apparmor", |bytes| done(mac::apparmor::read(bytes))),
    ("apt-conf", |bytes| done(package::apt_conf(bytes))),
    ("apt-hooks", |bytes| done(persistence::assignments(bytes))),
    ("apt-lines", |bytes| done(package::apt_lines(bytes))),
    ("apt-stanzas", |bytes| done(package::apt_stanzas(bytes))),
    ("audit", |bytes| done(audit::read(bytes))),
    ("authorized-keys", |bytes| done(ssh_keys::read(bytes))),
    ("binary-format", |bytes| done(persistence::binary_format(&text(bytes)))),
    ("boot-arguments", |bytes| done(kernel::Arguments::read(&text(bytes)))),
    ("boot-entry", |bytes| done(kernel::read_entry(bytes))),
    ("capability", |bytes| done(Capabilities::read(bytes).map(|found| found.shown()))),
    ("certificates", |bytes| done(catrust::certificates(bytes))),
    ("command", |bytes| done(command::signs(&command::script(&text(bytes))))),
    ("credentials", |bytes| {
        use ci_runner::Format;
        let formats = [
            Format::Netrc,
            Format::Urls,
            Format::Docker,
            Format::Keys(&["token"]),
            Format::Elements(&["password"]),
            Format::Git,
            Format::Whole,
        ];
        formats.into_iter().for_each(|format| done(ci_runner::secret(bytes, format)));
    }),
    ("crontab", |bytes| {
        use persistence::{CrontabFields, crontab};
        done(([CrontabFields::WithUser, CrontabFields::WithoutUser, CrontabFields::Anacron]
            .map(|fields| crontab(bytes, fields)),));
    }),
    ("extlinux", |bytes| done(kernel::read_extlinux(bytes))),
    ("fstab", |bytes| done(mounts::read(bytes))),
    ("group", |bytes| accounts::groups(bytes).for_each(done)),
    ("grub", |bytes| {
        let path = TreePath::root();
        let environment = kernel::grub::read_environment(&path, bytes);
        done(kernel::grub::read(&path, bytes, &environment));
        done(kernel::grub::read(&path, bytes, &kernel::Variables::new()));
    }),
    ("ini", |bytes| done(package::ini(bytes))),
    ("kernel-config", |bytes| done(kernel::config::read(bytes))),
    ("lines", |bytes| lines(bytes).for_each(|line| done(line.text()))),
    ("loader", |bytes| {
        done(persistence::libraries(bytes));
        done(persistence::loader_folders(bytes));
    }),
    ("log-records", |bytes| {
        done(running::logging::records(bytes));
        done(running::logging::lastlog(bytes));
    }),
    ("log-times", |bytes| {
        done(running::logging::told(bytes, true));
        done(running::logging::told(bytes, false));
    }),
    ("modprobe", |bytes| done(kernel::modprobe::read(bytes))),
    ("module-list", |bytes| {
        done(kernel::read_modules(bytes));
        done(running::kernel::modules(bytes));
    }),
    ("mount-unit-name", |bytes| done(mounts::mount_point(bytes))),
    ("mountinfo", |bytes| done(running::mounts::read(bytes))),
    ("pam", |bytes| done([true, false].map(|has_service| pam::read(bytes, has_service)))),
    ("passwd", |bytes| accounts::users(bytes).for_each(done)),
    ("private-key", |bytes| done(ci_runner::private_key(bytes))),
    ("process", |bytes| {
        done(running::status(bytes));
        done(running::regions(bytes));
        done(running::unit_of(bytes));
    }),
    ("profiles", |bytes| done(running::mac::profiles(bytes))),
    ("rsyslog", |bytes| done(logging::rsyslog(bytes))),
    ("selinux-cil", |bytes| done(mac::selinux::permissive_of_cil(bytes))),
    ("selinux-config", |bytes| done(mac::selinux::read(bytes))),
    ("settings", |bytes| done(settings(bytes))),
    ("shadow", |bytes| accounts::secrets(bytes).for_each(done)),
    ("sockets", |bytes| {
        use running::Protocol;
        done(([Protocol::Tcp, Protocol::Udp, Protocol::Raw].map(|protocol| running::sockets(protocol, bytes)),));
        done(running::packet_sockets(bytes));
    }),
    ("sshd", |bytes| done(sshd::read(bytes))),
    ("sudoers", |bytes| done(accounts::sudo::read(bytes))),
    ("sysctl", |bytes| done(sysctl::read(bytes))),
    ("syslog-ng", |bytes| done(logging::syslog_ng(bytes))),
    ("udev", |bytes| done(persistence::udev_runs(bytes))),
    ("unit-words", |bytes| done(systemd::words(&text(bytes)))),
];

/// Takes what was read, so that reading it is not left out.
fn done<T>(read: T) {
    let _read = black_box(read);
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn readers_are_in_order() {
        assert!(READERS.iter().map(|(name, _)| name).is_sorted());
    }

    #[test]
    fn no_reader_breaks_on_what_no_file_should_hold() {
        let long = b"a = b c:d\"e'f\\ ".repeat(20_000);
        let deep = [&b"{([\"'".repeat(20_000)[..], &b"}])".repeat(20_000)[..]].concat();
        let lines = b"x\n".repeat(100_000);
        let every: Vec<u8> = (0..=255).cycle().take(4_096).collect();
        let odd: [&[u8]; 14] = [
            b"",
            b"\n",
            b"\0",
            b"=",
            b"[",
            b"\\",
            b"\\\n",
            b"\"",
            b"-----BEGIN CERTIFICATE-----\n",
            b"\xff\xfe\n=\xff",
            &long,
            &deep,
            &lines,
            &every,
        ];
        for (_, read) in READERS {
            for bytes in odd {
                read(bytes);
            }
        }
    }

    proptest::proptest! {
        #[test]
        fn no_reader_breaks_on_any_text(bytes in "[ -~\\n\\t\u{e9}]{0,200}") {
            for (_, read) in READERS {
                read(bytes.as_bytes());
            }
        }
    }
}
