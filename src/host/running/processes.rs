//! One pass over the processes, for all families that ask about them. What is kept of each is small.

use std::collections::{HashMap, HashSet};
use std::fmt;

use super::sockets::{packet_sockets, sockets};
use super::source::{Known, PACKETS, Running as Source};
use crate::host::line::lines;
use crate::parallel;
use crate::text;
use crate::text::{Inspected, Text};
use crate::tree::{FileIdentity, Shown, ShownFolder};

/// How many of several processes are named.
const MAX_NAMED: usize = 5;

/// The variables by which the loader is told to load a library into a program (`ld.so(8)`).
pub(super) const PRELOADS: [&str; 2] = ["LD_AUDIT", "LD_PRELOAD"];

/// Why there may be more processes than are told.
const HIDDEN: &str = "processes of other users are hidden (`hidepid`)";

/// The processes.
#[derive(Debug, Default)]
pub struct Processes {
    /// Those that could be looked at, in the order of their numbers, without threads of the kernel and this very process.
    pub list: Vec<Process>,
    /// Why there may be more than are told.
    pub hidden: Option<Text>,
    /// Why of some of them less is told than of the others.
    pub denied: Option<Text>,
    /// Whether `/proc` shows any.
    pub is_shown: bool,
    by_socket: HashMap<u64, Vec<usize>>,
    /// Sockets that nobody held, and that were gone once that was known.
    gone: HashSet<u64>,
}

/// What was seen of a process.
enum Seen {
    /// It is gone, or a thread of the kernel.
    Nothing,
    /// Nobody but its user may look at it.
    Refused,
    /// It runs, and holds these of the sockets that are asked for.
    Process(Process, Vec<u64>),
}

/// A process.
#[derive(Debug)]
pub struct Process {
    /// Its number.
    pub number: u32,
    /// The name that it bears, at most fifteen bytes of it.
    pub name: Box<[u8]>,
    /// The user as whom it acts.
    pub user: u32,
    /// The number of the process that traces it; 0 where none does.
    pub tracer: u32,
    /// What it runs.
    pub program: Executable,
    /// The unit of systemd it is of.
    pub unit: Option<Box<str>>,
    /// What it calls itself, where that is a name in brackets, as `ps` shows threads of the kernel.
    pub title: Option<Box<[u8]>>,
    /// Its root folder, where that is another than `/`.
    pub root: Option<Box<[u8]>>,
    /// What of its memory may be both written and executed.
    pub regions: Regions,
    /// Which of the variables of [`PRELOADS`] it was given.
    pub preloads: Vec<&'static str>,
    /// Whether it holds an input device.
    pub has_input: bool,
}

/// What a process runs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Executable {
    /// A file.
    File {
        /// Where it stands, or stood, in the process's own root.
        path: Box<[u8]>,
        /// Whether no name leads to it any more.
        is_deleted: bool,
        /// Device and inode.
        identity: FileIdentity,
    },
    /// A file that was never on a disk, by its name.
    Memory(Box<[u8]>),
    /// It may not be seen.
    Denied,
}

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

/// The numbers of processes, for a reader: never part of a snapshot, for they change by themselves.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pids {
    first: Vec<u32>,
    more: usize,
}

impl Pids {
    /// Adds one.
    pub fn add(&mut self, number: u32) {
        if self.first.len() < MAX_NAMED {
            self.first.push(number);
        } else {
            self.more += 1;
        }
    }
}

impl fmt::Display for Pids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let numbers: Vec<String> = self.first.iter().map(u32::to_string).collect();
        match (numbers.as_slice(), self.more) {
            ([], _) => f.write_str("a process that is not told"),
            ([one], 0) => write!(f, "process {one}"),
            (_, 0) => write!(f, "processes {}", numbers.join(", ")),
            (_, more) => write!(f, "processes {} and {more} more", numbers.join(", ")),
        }
    }
}

impl Inspected for Pids {
    fn neutralise_into(&self, out: &mut String) {
        out.push_str(&self.to_string());
    }
}

impl Processes {
    pub(super) fn read(source: &Source<'_>) -> Self {
        let numbers = match source.system().processes() {
            Ok(numbers) => numbers,
            Err(fault) => {
                return Self { hidden: Some(text!("`/proc`: found {}", fault)), ..Self::default() };
            }
        };
        let own = source.own_number();
        let mut hidden = if numbers.is_empty() || own.is_none() {
            Some(Text::trusted("`/proc` shows no processes"))
        } else if numbers.first() != Some(&1) {
            // Every namespace of processes has a first one.
            Some(Text::trusted(HIDDEN))
        } else {
            None
        };
        let sought = inodes(|table| source.sockets(table).clone());
        let system = source.system();
        let looked = parallel::map(&numbers, |number| {
            if Some(*number) == own { Seen::Nothing } else { Process::read(system, *number, &sought) }
        });
        let mut out = Self { is_shown: !numbers.is_empty(), ..Self::default() };
        for seen in looked {
            match seen {
                Seen::Nothing => {}
                // Their numbers alone are shown.
                Seen::Refused => hidden = hidden.or(Some(Text::trusted(HIDDEN))),
                Seen::Process(process, sockets) => {
                    for socket in sockets {
                        out.by_socket.entry(socket).or_default().push(out.list.len());
                    }
                    out.list.push(process);
                }
            }
        }
        out.hidden = hidden;
        if out.list.iter().any(|process| process.program == Executable::Denied) {
            let own_user = match source.read(Shown::Proc, &source.own("status")) {
                Known::Is(bytes) => status(&bytes).user,
                Known::Absent | Known::Unknown(_) => u32::MAX,
            };
            out.denied = Some(Text::trusted(match own_user {
                0 => {
                    "the kernel shows root of this namespace what some processes run, hold and map as little as others"
                }
                _ => "what processes of other users run, hold and map cannot be seen without the rights of root",
            }));
        }
        // Who held a socket may have ended before anybody looked: then the socket is gone too.
        let mut unheld = sought.into_iter().filter(|socket| !out.by_socket.contains_key(socket)).peekable();
        if out.unseen().is_none() && unheld.peek().is_some() {
            let now = inodes(|table| source.read(Shown::Proc, &source.own(table)));
            out.gone = unheld.filter(|socket| !now.contains(socket)).collect();
        }
        out
    }

    /// Whether a socket that stands in a table is gone.
    #[must_use]
    pub fn is_gone(&self, socket: u64) -> bool {
        self.gone.contains(&socket)
    }

    /// Returns the processes that hold a socket.
    pub fn holders(&self, socket: u64) -> impl Iterator<Item = &Process> {
        self.by_socket.get(&socket).into_iter().flatten().filter_map(|at| self.list.get(*at))
    }

    /// Returns why something of a process may not be known, if so.
    #[must_use]
    pub fn unseen(&self) -> Option<&Text> {
        self.hidden.as_ref().or(self.denied.as_ref())
    }
}

/// Returns the numbers of the sockets whose holders are asked for.
fn inodes(read: impl Fn(&'static str) -> Known<Vec<u8>>) -> HashSet<u64> {
    let mut out = HashSet::new();
    for (table, protocol) in super::network::TABLES {
        if let Known::Is(bytes) = read(table) {
            out.extend(sockets(protocol, &bytes).iter().map(|socket| socket.inode));
        }
    }
    if let Known::Is(bytes) = read(PACKETS) {
        out.extend(packet_sockets(&bytes).iter().map(|socket| socket.inode));
    }
    // A number of 0 is of no socket.
    out.remove(&0);
    out
}

impl Process {
    /// Looks at a process.
    fn read(system: &crate::tree::System, number: u32, sought: &HashSet<u64>) -> Seen {
        let (folder, told) = match system.enter(Shown::Proc, &number.to_string()) {
            Ok(Some(folder)) => match folder.read("status") {
                Ok(Some(bytes)) => (folder, status(&bytes)),
                Ok(None) => return Seen::Nothing,
                Err(_) => return Seen::Refused,
            },
            Ok(None) => return Seen::Nothing,
            Err(_) => return Seen::Refused,
        };
        let text = |name: &str| folder.read(name).ok().flatten();
        let Some(program) = Some(()).filter(|()| told.has_memory).and_then(|()| executable(&folder)) else {
            return Seen::Nothing;
        };
        let cgroup = text("cgroup").unwrap_or_default();
        let title = text("cmdline").filter(|title| is_bracketed(title)).map(|title| first_word(&title).into());
        let mut process = Self {
            number,
            name: told.name.into(),
            user: told.user,
            tracer: told.tracer,
            program,
            unit: unit_of(&cgroup),
            title,
            root: None,
            regions: Regions::default(),
            preloads: Vec::new(),
            has_input: false,
        };
        // Whoever may not see the program may see none of the rest (`ptrace(2)`, PTRACE_MODE_READ_FSCREDS).
        if process.program == Executable::Denied {
            return Seen::Process(process, Vec::new());
        }
        process.root = folder.link("root").ok().flatten().filter(|root| root != b"/").map(Into::into);
        process.regions = text("maps").map(|maps| regions(&maps)).unwrap_or_default();
        process.preloads = text("environ").map(|environment| preloads(&environment)).unwrap_or_default();
        let mut held = Vec::new();
        for target in folder.links("fd").unwrap_or_default() {
            process.has_input |= target.starts_with(b"/dev/input/");
            held.extend(socket_of(&target).filter(|socket| sought.contains(socket)));
        }
        Seen::Process(process, held)
    }
}

fn executable(process: &ShownFolder) -> Option<Executable> {
    let link = match process.link("exe") {
        Ok(Some(link)) => link,
        // It is gone, or gave up its program on the way out.
        Ok(None) => return None,
        Err(_) => return Some(Executable::Denied),
    };
    let target = match process.target("exe") {
        Ok(Some(target)) => target,
        Ok(None) => return None,
        Err(_) => return Some(Executable::Denied),
    };
    // The end of the text proves nothing: a file may be called so.
    let is_deleted = target.names == 0;
    let path = if is_deleted { link.strip_suffix(b" (deleted)").unwrap_or(&link) } else { &link };
    Some(match path.strip_prefix(b"/memfd:") {
        Some(name) if is_deleted => Executable::Memory(name.into()),
        _ => Executable::File { path: path.into(), is_deleted, identity: target.identity },
    })
}

/// Returns the number in `socket:[NUMBER]`.
fn socket_of(target: &[u8]) -> Option<u64> {
    let number = target.strip_prefix(b"socket:[")?.strip_suffix(b"]")?;
    std::str::from_utf8(number).ok()?.parse().ok()
}

/// Returns the first word of a command line, which is what a process calls itself, without blanks behind it.
fn first_word(title: &[u8]) -> &[u8] {
    title.split(|byte| *byte == 0).next().unwrap_or_default().trim_ascii_end()
}

/// Whether a process calls itself by a name in brackets.
fn is_bracketed(title: &[u8]) -> bool {
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
fn preloads(environment: &[u8]) -> Vec<&'static str> {
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
