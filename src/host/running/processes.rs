//! One pass over the processes, for all families that ask about them. What is kept of each is small.

use std::collections::{HashMap, HashSet};
use std::fmt;

use super::process_files::{Regions, first_word, is_bracketed, preloads, regions, socket_of, status, unit_of};
use super::sockets::{packet_sockets, sockets};
use super::source::{Known, PACKETS, Running as Source};
use crate::parallel;
use crate::text;
use crate::text::{Inspected, Text};
use crate::tree::{FileIdentity, Shown, ShownFolder};

/// How many of several processes are named.
const MAX_NAMED: usize = 5;

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
    /// Which of the variables it was given by which the loader loads a library into it.
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
            Ok(Some(folder)) => match folder.read_whole("status") {
                Ok(Some(bytes)) => (folder, status(&bytes)),
                Ok(None) => return Seen::Nothing,
                Err(_) => return Seen::Refused,
            },
            Ok(None) => return Seen::Nothing,
            Err(_) => return Seen::Refused,
        };
        let text = |name: &str| folder.read_whole(name).ok().flatten();
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
        process.regions = folder.read("maps").ok().flatten().map(|maps| regions(&maps)).unwrap_or_default();
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
