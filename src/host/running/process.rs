//! Programs that run and stand out: their file is gone, was never there, or stands where programs do not; they bear the name
//! of another, are traced, may execute what they write. Programs of packages that do none of this are not listed, since they
//! come and go.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde::{Deserialize, Serialize};

use super::network::program_name;
use super::processes::{Executable, Pids, Process, Processes};
use super::source::Running as Source;
use crate::host::files::{Asked, Belongs, Files};
use crate::host::reading::Reading;
use crate::text;
use crate::text::Text;
use crate::tree::root::Unreal;
use crate::tree::{EntryKind, TreePath};

/// The id of the family.
pub const ID: &str = "process";

/// How names of threads of the kernel begin that programs like to bear.
const KERNEL_THREADS: [&str; 22] = [
    "cpuhp/",
    "idle_inject/",
    "irq/",
    "jbd2/",
    "kauditd",
    "kblockd",
    "kcompactd",
    "kdevtmpfs",
    "khugepaged",
    "khungtaskd",
    "kintegrityd",
    "ksmd",
    "ksoftirqd/",
    "kswapd",
    "kthreadd",
    "kworker/",
    "migration/",
    "oom_reaper",
    "rcu_",
    "scsi_eh_",
    "watchdogd",
    "xfsaild/",
];

/// Where programs of systemd stand.
const SYSTEMD: [&str; 6] = ["/usr/lib/systemd/", "/lib/systemd/", "/usr/bin/", "/bin/", "/usr/sbin/", "/sbin/"];

/// The programs that run and stand out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Programs {
    /// The programs.
    pub programs: Vec<Program>,
    /// Whether any process was seen.
    pub is_told: bool,
    /// Why there may be processes that were not seen at all.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub hidden: Option<Text>,
    /// Why of some processes only name, user and tracer are known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub denied: Option<Text>,
    /// Whether no database of packages can be read that would tell whose the programs are.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_ownership_unknown: bool,
}

/// A program that runs.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// Its path, with ` (deleted)` behind it where its file is gone.
    pub name: Text,
    /// Its path in its own root, or its name where it was never a file.
    pub program: Text,
    /// Where it stands on this root, links followed; of one that is gone, what stands in its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub real: Option<TreePath>,
    /// The services of systemd it is of.
    #[serde(default, skip_serializing_if = "BTreeSet::is_empty")]
    pub units: BTreeSet<Text>,
    /// Whether its file is gone.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_deleted: bool,
    /// Whether it was never a file on a disk.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_in_memory: bool,
    /// Whether it stands in another root than this one, a container's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub is_elsewhere: bool,
    /// The root folders that its processes have instead of `/`.
    #[serde(default, skip_serializing_if = "Aspect::is_none")]
    pub roots: Aspect,
    /// What of its memory may be both written and executed.
    #[serde(default, skip_serializing_if = "Aspect::is_none")]
    pub regions: Aspect,
    /// The variables by which the loader was told to load a library into it.
    #[serde(default, skip_serializing_if = "Aspect::is_none")]
    pub preloads: Aspect,
    /// The names that it bears and that are another's.
    #[serde(default, skip_serializing_if = "Aspect::is_none")]
    pub poses_as: Aspect,
    /// The programs that trace it.
    #[serde(default, skip_serializing_if = "Aspect::is_none")]
    pub tracers: Aspect,
    /// Where it reads the keyboard and the like.
    #[serde(default, skip_serializing_if = "Aspect::is_none")]
    pub inputs: Aspect,
    /// Its processes.
    #[serde(skip)]
    pub processes: Pids,
}

/// Something that stands out about a program, and the processes of which it does.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Aspect {
    /// What.
    pub words: BTreeSet<Text>,
    /// Of which processes.
    #[serde(skip)]
    pub processes: Pids,
}

impl Aspect {
    /// Whether there is nothing.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.words.is_empty()
    }

    /// Returns what stands out, in one text.
    #[must_use]
    pub fn listed(&self) -> Text {
        Text::trusted(self.words.iter().map(Text::as_str).collect::<Vec<_>>().join(", "))
    }

    fn add(&mut self, words: impl IntoIterator<Item = Text>, number: u32) {
        let mut is_one = false;
        for word in words {
            is_one = true;
            self.words.insert(word);
        }
        if is_one {
            self.processes.add(number);
        }
    }
}

impl Program {
    /// Whether it stands out, whoever's it is.
    fn stands_out(&self) -> bool {
        let aspects = [&self.roots, &self.regions, &self.preloads, &self.poses_as, &self.tracers, &self.inputs];
        self.is_deleted
            || self.is_in_memory
            || aspects.iter().any(|aspect| !aspect.is_none())
            || Self::is_in_open_folder(self.program.as_str())
    }

    fn is_in_open_folder(program: &str) -> bool {
        ["/tmp/", "/var/tmp/", "/dev/", "/run/", "/var/run/"].iter().any(|folder| program.starts_with(folder))
    }
}

impl Programs {
    pub(super) fn collect(reading: &Reading<'_>, source: &Source<'_>) -> Self {
        let processes = source.processes();
        let mut out = Self {
            is_told: !processes.list.is_empty(),
            hidden: processes.hidden.clone(),
            denied: processes.denied.clone(),
            ..Self::default()
        };
        let by_number: HashMap<u32, &Process> =
            processes.list.iter().map(|process| (process.number, process)).collect();
        let mut programs: BTreeMap<Text, Program> = BTreeMap::new();
        for process in &processes.list {
            let poses = poses_as(process);
            let (name, program) = names(process);
            if process.program == Executable::Denied && poses.is_none() && process.tracer == 0 {
                continue;
            }
            let record = programs.entry(name.clone()).or_insert_with(|| Self::begin(reading, process, name, program));
            let number = process.number;
            record.processes.add(number);
            record.units.extend(process.unit.iter().map(|unit| text!("{}", **unit)));
            record.poses_as.add(poses, number);
            record.roots.add(process.root.iter().map(|root| Text::of(&**root)), number);
            record.preloads.add(process.preloads.iter().copied().map(Text::trusted), number);
            record.inputs.add(process.has_input.then(|| Text::trusted("/dev/input")), number);
            let regions = process.regions;
            let told = [
                (regions.stack, "its stack"),
                (regions.heap, "its heap"),
                (regions.anonymous, "memory without a file"),
                (regions.file, "memory with a file behind it"),
            ];
            record.regions.add(told.iter().filter(|(is, _)| *is).map(|(_, word)| Text::trusted(*word)), number);
            if process.tracer != 0 {
                let tracer = by_number.get(&process.tracer).map(|tracer| program_name(&tracer.program));
                record.tracers.add([tracer.unwrap_or_else(|| Text::trusted("a process out of sight"))], number);
            }
        }
        out.programs = programs.into_values().collect();
        out
    }

    /// Begins the record of a program, and asks which package it is of.
    fn begin(reading: &Reading<'_>, process: &Process, name: Text, program: Text) -> Program {
        let mut out = Program { name, program, ..Program::default() };
        let (path, is_deleted, identity) = match &process.program {
            Executable::File { path, is_deleted, identity } => (path, *is_deleted, *identity),
            Executable::Memory(_) => return Program { is_in_memory: true, ..out },
            Executable::Denied => return out,
        };
        out.is_deleted = is_deleted;
        let Some(path) = TreePath::root().join(path.strip_prefix(b"/").unwrap_or(path)) else { return out };
        match reading.root().real(&path) {
            Ok(entry) if entry.kind == EntryKind::File && (is_deleted || entry.identity == Some(identity)) => {
                out.real = reading.ask_aside(&path, Asked::Package);
            }
            // Another file has that path here, or none: the process sees another root.
            Ok(_) | Err(Unreal::Nothing(_)) => out.is_elsewhere = !is_deleted,
            Err(Unreal::Circle(_) | Unreal::Unread(..)) => {}
        }
        out
    }

    /// Keeps what stands out, once it is known which packages programs are of, and of the files that were asked about aside
    /// those of what is kept. Ordinary programs come and go.
    pub(in crate::host) fn settle(&mut self, files: &mut Files, aside: BTreeSet<TreePath>) {
        let belongs = |program: &Program| files.get(program.real.as_ref()?).map(|file| &file.belongs);
        self.is_ownership_unknown =
            self.programs.iter().any(|program| matches!(belongs(program), Some(Belongs::Unknown)));
        let stands_out =
            |program: &Program| program.stands_out() || matches!(belongs(program), Some(Belongs::Nobody { .. }));
        let kept: Vec<bool> = self.programs.iter().map(stands_out).collect();
        let mut kept = kept.into_iter();
        self.programs.retain(|_| kept.next().unwrap_or(true));
        for path in aside {
            if !self.programs.iter().any(|program| program.real.as_ref() == Some(&path)) {
                files.remove(&path);
            }
        }
    }
}

/// Returns the name by which a program is known, and the program.
fn names(process: &Process) -> (Text, Text) {
    let program = match &process.program {
        // By the name alone: numbers are others tomorrow.
        Executable::Denied => text!("a program called {}", *process.name),
        other => program_name(other),
    };
    match &process.program {
        Executable::File { is_deleted: true, .. } => (text!("{} (deleted)", program), program),
        _ => (program.clone(), program),
    }
}

/// Returns the name that a process bears and that is not its own, if so.
fn poses_as(process: &Process) -> Option<Text> {
    if let Some(title) = &process.title {
        return Some(Text::of(&**title));
    }
    let name = String::from_utf8_lossy(&process.name);
    if KERNEL_THREADS.iter().any(|thread| name.starts_with(thread)) {
        return Some(text!("{}", name));
    }
    let is_called_systemd = name == "systemd" || name.starts_with("systemd-");
    let Executable::File { path, .. } = &process.program else {
        return (is_called_systemd && process.program != Executable::Denied).then(|| text!("{}", name));
    };
    let path = String::from_utf8_lossy(path);
    let file = path.rsplit('/').next().unwrap_or_default();
    // `systemd-udevd` is another name of udevadm.
    let is_systemd = SYSTEMD.iter().any(|folder| path.strip_prefix(folder).is_some_and(|rest| !rest.contains('/')))
        && (file.starts_with("systemd") || file == "udevadm");
    (is_called_systemd && !is_systemd).then(|| text!("{}", name))
}

impl Processes {
    /// Returns the services that have a process.
    #[must_use]
    pub fn units(&self) -> BTreeSet<&str> {
        self.list.iter().filter_map(|process| process.unit.as_deref()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::FileIdentity;

    fn process(name: &str, title: Option<&str>, path: &str) -> Process {
        Process {
            number: 7,
            name: name.as_bytes().into(),
            user: 0,
            tracer: 0,
            program: Executable::File {
                path: path.as_bytes().into(),
                is_deleted: false,
                identity: FileIdentity { device: 1, inode: 1 },
            },
            unit: None,
            title: title.map(|title| title.as_bytes().into()),
            root: None,
            regions: super::super::process_files::Regions::default(),
            preloads: Vec::new(),
            has_input: false,
        }
    }

    #[test]
    fn names_that_are_anothers_are_told() {
        let check = |name: &str, title: Option<&str>, path: &str, expected: Option<&str>| {
            let found = poses_as(&process(name, title, path));
            assert_eq!(found.as_ref().map(Text::as_str), expected, "{name} {path}");
        };
        check("bash", None, "/usr/bin/bash", None);
        check("kworker/0:1", None, "/usr/bin/x", Some("kworker/0:1"));
        check("kdevtmpfsi", None, "/tmp/kdevtmpfsi", Some("kdevtmpfsi"));
        check("kwrite", None, "/usr/bin/kwrite", None);
        check("sleep", Some("[kworker/0:1]"), "/usr/bin/sleep", Some("[kworker/0:1]"));
        check("systemd-journal", None, "/usr/lib/systemd/systemd-journald", None);
        check("systemd-udevd", None, "/usr/bin/udevadm", None);
        check("systemd", None, "/lib/systemd/systemd", None);
        check("systemd-logind", None, "/home/x/systemd-logind", Some("systemd-logind"));
        check("systemd-logind", None, "/usr/bin/perl", Some("systemd-logind"));
        check("systemd-logind", None, "/usr/bin/sub/systemd-logind", Some("systemd-logind"));
        check("(sd-pam)", None, "/usr/lib/systemd/systemd", None);
    }
}
