//! What the files of a process below `/proc` say (`proc_pid_status(5)`, `proc_pid_maps(5)` and their kin).

use crate::host::line::lines;

/// The variables by which the loader is told to load a library into a program (`ld.so(8)`).
pub(super) const PRELOADS: [&str; 2] = ["LD_AUDIT", "LD_PRELOAD"];

/// What of the memory of a process may be both written and executed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Regions {
    /// Its stack.
    pub stack: bool,
    /// Its heap.
    pub heap: bool,
    /// What no file is behind.
    pub anonymous: bool,
    /// What a file is behind.
    pub file: bool,
}

/// Returns the number in `socket:[NUMBER]`.
pub(super) fn socket_of(target: &[u8]) -> Option<u64> {
    let number = target.strip_prefix(b"socket:[")?.strip_suffix(b"]")?;
    std::str::from_utf8(number).ok()?.parse().ok()
}

/// Returns the first word of a command line, which is what a process calls itself, without blanks behind it.
pub(super) fn first_word(title: &[u8]) -> &[u8] {
    title.split(|byte| *byte == 0).next().unwrap_or_default().trim_ascii_end()
}

/// Whether a process calls itself by a name in brackets.
pub(super) fn is_bracketed(title: &[u8]) -> bool {
    matches!(first_word(title), [b'[', name @ .., b']'] if !name.is_empty())
}

/// What `/proc/PID/status` tells of a process.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Status {
    /// The name that it bears.
    pub name: Vec<u8>,
    /// The user as whom it acts.
    pub user: u32,
    /// The group as whom it acts.
    pub group: u32,
    /// Further groups.
    pub groups: Vec<u32>,
    /// The number of the process that traces it; 0 where none does.
    pub tracer: u32,
    /// Whether it has memory of its own: threads of the kernel have none, nor has what is dead.
    pub has_memory: bool,
    /// The capabilities in force, a bit each.
    pub capabilities: Option<u64>,
    /// Whether a program that it starts gets no more rights than it has.
    pub has_no_new_privileges: Option<bool>,
    /// How calls of the system are filtered: 0 not, 1 all but four are refused, 2 by a filter.
    pub filter: Option<u8>,
}

/// Reads `/proc/PID/status`.
#[must_use]
pub fn status(bytes: &[u8]) -> Status {
    let mut out = Status::default();
    for line in lines(bytes) {
        let Some(colon) = line.bytes.iter().position(|byte| *byte == b':') else { continue };
        let (key, rest) = line.bytes.split_at(colon);
        let value = rest.get(1..).unwrap_or_default().trim_ascii();
        let words = || std::str::from_utf8(value).unwrap_or_default().split_ascii_whitespace();
        // The effective one stands second, behind the real one.
        let effective = || words().nth(1).and_then(|word| word.parse().ok());
        match key {
            b"Name" => out.name = unescaped(value),
            b"Uid" => out.user = effective().unwrap_or(u32::MAX),
            b"Gid" => out.group = effective().unwrap_or(u32::MAX),
            b"Groups" => out.groups = words().filter_map(|word| word.parse().ok()).collect(),
            b"TracerPid" => out.tracer = words().next().and_then(|word| word.parse().ok()).unwrap_or(0),
            b"VmSize" => out.has_memory = true,
            b"CapEff" => out.capabilities = words().next().and_then(|word| u64::from_str_radix(word, 16).ok()),
            b"NoNewPrivs" => out.has_no_new_privileges = words().next().map(|word| word == "1"),
            b"Seccomp" => out.filter = words().next().and_then(|word| word.parse().ok()),
            _ => {}
        }
    }
    out
}

/// Takes back how the kernel writes a line break and a backslash in a name.
fn unescaped(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    let mut rest = name.iter();
    while let Some(byte) = rest.next() {
        match (byte, rest.as_slice().first()) {
            (b'\\', Some(b'n')) => {
                rest.next();
                out.push(b'\n');
            }
            (b'\\', Some(b'\\')) => {
                rest.next();
                out.push(b'\\');
            }
            (byte, _) => out.push(*byte),
        }
    }
    out
}

/// Returns what of the memory of a process may be both written and executed, by `/proc/PID/maps`.
#[must_use]
pub fn regions(bytes: &[u8]) -> Regions {
    let mut out = Regions::default();
    for line in bytes.split(|byte| *byte == b'\n') {
        let Some(blank) = line.iter().position(|byte| *byte == b' ') else { continue };
        let rest = line.get(blank + 1..).unwrap_or_default();
        if !matches!(rest, [_, b'w', b'x', ..]) {
            continue;
        }
        // Permissions, offset, device and number stand before the name, which is padded.
        let mut fields = rest.splitn(5, |byte| *byte == b' ');
        match fields.nth(4).unwrap_or_default().trim_ascii() {
            b"[stack]" => out.stack = true,
            b"[heap]" => out.heap = true,
            b"" => out.anonymous = true,
            name if name.starts_with(b"[anon") => out.anonymous = true,
            _ => out.file = true,
        }
    }
    out
}

/// Returns which of the variables of [`PRELOADS`] are set. No value is kept.
pub(super) fn preloads(environment: &[u8]) -> Vec<&'static str> {
    let is_set = |name: &str| {
        environment
            .split(|byte| *byte == 0)
            .any(|variable| matches!(variable.strip_prefix(name.as_bytes()), Some([b'=', _, ..])))
    };
    PRELOADS.into_iter().filter(|name| is_set(name)).collect()
}

/// Returns the service of systemd that a process is of, by `/proc/PID/cgroup`. Sessions and other scopes are numbered, and
/// are not told.
#[must_use]
pub fn unit_of(bytes: &[u8]) -> Option<Box<str>> {
    let path = |line: &str| {
        let mut fields = line.splitn(3, ':');
        let (number, controllers, path) = (fields.next()?, fields.next()?, fields.next()?);
        let is_of_systemd = (number == "0" && controllers.is_empty()) || controllers == "name=systemd";
        is_of_systemd.then(|| path.to_owned())
    };
    let text = String::from_utf8_lossy(bytes);
    let paths = text.lines().filter_map(path);
    paths.filter_map(|path| Some(path.rsplit('/').find(|part| part.ends_with(".service"))?.into())).next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_status_of_a_process_is_read() {
        let text = b"Name:\ta\\nb\\\\c\nTgid:\t7\nTracerPid:\t9\nUid:\t1\t2\t3\t4\nGid:\t5\t6\t7\t8\nGroups:\t10 20 \n\
                     VmSize:\t  3060 kB\nCapEff:\t000001ffffffffff\nNoNewPrivs:\t1\nSeccomp:\t2\n";
        let expected = Status {
            name: b"a\nb\\c".to_vec(),
            user: 2,
            group: 6,
            groups: vec![10, 20],
            tracer: 9,
            has_memory: true,
            capabilities: Some(0x1ff_ffff_ffff),
            has_no_new_privileges: Some(true),
            filter: Some(2),
        };
        assert_eq!(status(text), expected);
        assert!(!status(b"Name:\tkthreadd\nKthread:\t1\n").has_memory);
        assert_eq!(status(b"\0\xff:\nUid:\nCapEff:\tz\n").user, u32::MAX);
    }

    #[test]
    fn memory_to_be_written_and_executed_is_told() {
        let check = |line: &str, expected: Regions| assert_eq!(regions(line.as_bytes()), expected, "{line}");
        let none = Regions::default();
        check("", none);
        check("55d0-55d1 r-xp 00002000 fe:00 123                        /usr/bin/cat", none);
        check("55d0-55d1 rw-p 00000000 00:00 0                          [heap]", none);
        check("7ffd-7ffe rwxp 00000000 00:00 0                          [stack]", Regions { stack: true, ..none });
        check("55d0-55d1 rwxp 00000000 00:00 0                          [heap]\n", Regions { heap: true, ..none });
        check("7f00-7f01 rwxp 00000000 00:00 0 ", Regions { anonymous: true, ..none });
        check("7f00-7f01 rwxp 00000000 00:00 0                          [anon:x]", Regions { anonymous: true, ..none });
        check("7f00-7f01 -wxs 00000000 fe:00 7                          /a rwxp b", Regions { file: true, ..none });
        check("7f00-7f01 r--p 00000000 fe:00 7                          /a rwxp b", none);
    }

    #[test]
    fn the_service_of_a_process_is_told() {
        let check =
            |text: &str, expected: Option<&str>| assert_eq!(unit_of(text.as_bytes()).as_deref(), expected, "{text}");
        check("", None);
        check("0::/\n", None);
        check("0::/system.slice/ssh.service\n", Some("ssh.service"));
        check("9:pids:/x.service\n1:name=systemd:/system.slice/cron.service\n", Some("cron.service"));
        check("0::/user.slice/user-0.slice/session-3.scope\n", None);
        check("0::/user.slice/user-1.slice/user@1.service/app.slice/a.service\n", Some("a.service"));
    }

    #[test]
    fn names_in_brackets_are_told() {
        let check = |title: &[u8], expected: bool| assert_eq!(is_bracketed(title), expected, "{title:?}");
        check(b"[kworker/0:1]\0", true);
        check(b"[kworker/0:1]   \0\0", true);
        check(b"[kworker/0:1]\x00600\0", true);
        check(b"[\0", false);
        check(b"[\0-f\0/x\0]\0", false);
        check(b"[]\0", false);
        check(b"nginx: worker process\0", false);
        check(b"", false);
    }

    #[test]
    fn variables_are_told_without_their_values() {
        assert_eq!(preloads(b"A=LD_PRELOAD=x\0LD_PRELOAD=\0LD_AUDITS=1"), Vec::<&str>::new());
        assert_eq!(preloads(b"LD_PRELOAD=/x.so\0PATH=/"), ["LD_PRELOAD"]);
    }
}
