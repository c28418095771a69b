//! Every reader of a file that says something of a host, by its name: what is fuzzed, and what is tried on whatever no file
//! should hold.

use std::collections::BTreeMap;
use std::hint::black_box;

use super::setid::capability::Capabilities;
use super::{Names, accounts, acl, audit, catrust, ci_runner, command, kernel, lines, logging, mac, mounts, package, pam};
use super::{persistence, running, settings, ssh_keys, sshd, sysctl, systemd};

/// A reader, and what its bytes are.
pub type Reader = (&'static str, fn(&[u8]));

/// Every reader, in the order of the names.
pub static READERS: &[Reader] = &[
    ("acl", |bytes| drop(black_box(acl::writers(bytes, &Names::default())))),
    ("apparmor", |bytes| drop(black_box(mac::apparmor::read(bytes)))),
    ("apt-conf", |bytes| drop(black_box(package::apt_conf(bytes)))),
    ("apt-hooks", |bytes| drop(black_box(persistence::assignments(bytes)))),
    ("apt-lines", |bytes| drop(black_box(package::apt_lines(bytes)))),
    ("apt-stanzas", |bytes| drop(black_box(package::apt_stanzas(bytes)))),
    ("audit", |bytes| drop(black_box(audit::read(bytes)))),
    ("authorized-keys", |bytes| drop(black_box(ssh_keys::read(bytes)))),
    ("binary-format", |bytes| drop(black_box(persistence::binary_format(&text(bytes))))),
    ("boot-arguments", |bytes| drop(black_box(kernel::Arguments::read(&text(bytes))))),
    ("boot-entry", |bytes| drop(black_box(kernel::read_entry(bytes)))),
    ("capability", |bytes| drop(black_box(Capabilities::read(bytes).map(|found| found.shown())))),
    ("certificates", |bytes| drop(black_box(catrust::certificates(bytes)))),
    ("command", |bytes| drop(black_box(command::signs(&command::script(&text(bytes)))))),
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
        formats.into_iter().for_each(|format| drop(black_box(ci_runner::secret(bytes, format))));
    }),
    ("crontab", |bytes| {
        use persistence::{CrontabFields, crontab};
        drop(black_box([CrontabFields::WithUser, CrontabFields::WithoutUser, CrontabFields::Anacron].map(|fields| crontab(bytes, fields))));
    }),
    ("extlinux", |bytes| drop(black_box(kernel::read_extlinux(bytes)))),
    ("fstab", |bytes| drop(black_box(mounts::read(bytes)))),
    ("group", |bytes| accounts::groups(bytes).for_each(|found| drop(black_box(found)))),
    ("grub", |bytes| {
        let environment = kernel::grub::read_environment(bytes);
        drop(black_box(kernel::grub::read(bytes, &environment)));
        drop(black_box(kernel::grub::read(bytes, &BTreeMap::new())));
    }),
    ("ini", |bytes| drop(black_box(package::ini(bytes)))),
    ("kernel-config", |bytes| drop(black_box(kernel::config::read(bytes)))),
    ("lines", |bytes| lines(bytes).for_each(|line| drop(black_box(line.text())))),
    ("loader", |bytes| {
        drop(black_box(persistence::libraries(bytes)));
        drop(black_box(persistence::loader_folders(bytes)));
    }),
    ("log-records", |bytes| {
        drop(black_box(running::logging::records(bytes)));
        drop(black_box(running::logging::lastlog(bytes)));
    }),
    ("log-times", |bytes| {
        drop(black_box(running::logging::told(bytes, true)));
        drop(black_box(running::logging::told(bytes, false)));
    }),
    ("modprobe", |bytes| drop(black_box(kernel::modprobe::read(bytes)))),
    ("module-list", |bytes| {
        drop(black_box(kernel::read_modules(bytes)));
        drop(black_box(running::kernel::modules(bytes)));
    }),
    ("mount-unit-name", |bytes| drop(black_box(mounts::mount_point(bytes)))),
    ("mountinfo", |bytes| drop(black_box(running::mounts::read(bytes)))),
    ("pam", |bytes| drop(black_box([true, false].map(|has_service| pam::read(bytes, has_service))))),
    ("passwd", |bytes| accounts::users(bytes).for_each(|found| drop(black_box(found)))),
    ("private-key", |bytes| drop(black_box(ci_runner::private_key(bytes)))),
    ("process", |bytes| {
        drop(black_box(running::status(bytes)));
        drop(black_box(running::regions(bytes)));
        drop(black_box(running::unit_of(bytes)));
    }),
    ("profiles", |bytes| drop(black_box(running::mac::profiles(bytes)))),
    ("rsyslog", |bytes| drop(black_box(logging::rsyslog(bytes)))),
    ("selinux-cil", |bytes| drop(black_box(mac::selinux::permissive_of_cil(bytes)))),
    ("selinux-config", |bytes| drop(black_box(mac::selinux::read(bytes)))),
    ("settings", |bytes| drop(black_box(settings(bytes)))),
    ("shadow", |bytes| accounts::secrets(bytes).for_each(|found| drop(black_box(found)))),
    ("sockets", |bytes| {
        use running::Protocol;
        drop(black_box([Protocol::Tcp, Protocol::Udp, Protocol::Raw].map(|protocol| running::sockets(protocol, bytes))));
        drop(black_box(running::packet_sockets(bytes)));
    }),
    ("sshd", |bytes| drop(black_box(sshd::read(bytes)))),
    ("sudoers", |bytes| drop(black_box(accounts::sudo::read(bytes)))),
    ("sysctl", |bytes| drop(black_box(sysctl::read(bytes)))),
    ("syslog-ng", |bytes| drop(black_box(logging::syslog_ng(bytes)))),
    ("udev", |bytes| drop(black_box(persistence::udev_runs(bytes)))),
    ("unit-words", |bytes| drop(black_box(systemd::words(&text(bytes))))),
];

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
            b"", b"\n", b"\0", b"=", b"[", b"\\", b"\\\n", b"\"", b"-----BEGIN CERTIFICATE-----\n", b"\xff\xfe\n=\xff",
            &long, &deep, &lines, &every,
        ];
        for (name, read) in READERS {
            for bytes in odd {
                let started = std::time::Instant::now();
                read(bytes);
                // Hundreds of times what it takes: an answer, however slow the machine is.
                assert!(started.elapsed().as_secs() < 60, "{name} takes too long");
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
