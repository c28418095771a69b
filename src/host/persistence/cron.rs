//! Timed jobs, as the schedulers find and read them (`cron(8)`, `crontab(5)`, `run-parts(8)`, `anacrontab(5)`, `at(1)`).

use std::collections::BTreeSet;

use super::super::HostFile;
use super::super::command::{self, Program, Sign};
use super::super::configuration::open;
use super::super::files::Asked;
use super::super::line::{self, Place};
use super::super::reading::Reading;
use super::{Crontab, CrontabKind, Job};
use crate::text;
use crate::text::Text;
use crate::tree::{Entry, EntryKind, TreePath};

/// The search path of a crontab that sets none.
const SEARCH: &str = "/usr/bin:/bin";

/// How many jobs of a table are told.
const MAX_JOBS: usize = 10_000;

/// How many tables are read.
const MAX_TABLES: usize = 20_000;

/// A line of a crontab that means something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// A variable for the jobs below.
    Variable {
        /// Its name.
        name: String,
        /// Its value, without quotes.
        value: String,
    },
    /// A job.
    Job {
        /// The line, from one.
        line: u32,
        /// When: five fields, or a word such as `@reboot`.
        when: String,
        /// As whom, where the table says so.
        user: Option<String>,
        /// The command, without what is given to its input.
        command: String,
    },
}

/// What a table's lines hold beside time and command.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fields {
    /// The user, behind the time.
    WithUser,
    /// No user.
    WithoutUser,
    /// Period, delay and name (`anacrontab(5)`).
    Anacron,
}

/// Reads a crontab.
#[must_use]
pub fn crontab(bytes: &[u8], fields: Fields) -> Vec<Line> {
    line::lines(bytes).filter_map(|line| read_line(&line, fields)).take(MAX_JOBS).collect()
}

fn read_line(line: &line::Line<'_>, fields: Fields) -> Option<Line> {
    let text = line.text();
    let text = text.trim_start();
    if text.is_empty() || text.starts_with('#') {
        return None;
    }
    if let Some((name, value)) = variable(text) {
        return Some(Line::Variable { name, value });
    }
    let count = match (fields, text.starts_with('@')) {
        (Fields::Anacron, _) => 3,
        (_, true) => 1,
        (_, false) => 5,
    };
    let (mut when, mut rest) = (Vec::new(), text);
    for _ in 0..count {
        let (field, behind) = rest.split_once([' ', '\t'])?;
        when.push(field);
        rest = behind.trim_start_matches([' ', '\t']);
    }
    let user = match fields {
        Fields::WithUser => {
            let (user, behind) = rest.split_once([' ', '\t'])?;
            rest = behind.trim_start_matches([' ', '\t']);
            Some(user.to_owned())
        }
        Fields::WithoutUser | Fields::Anacron => None,
    };
    // A minus before the user keeps the job out of the log.
    let user = user.map(|user| user.trim_start_matches('-').to_owned());
    let command = if fields == Fields::Anacron { rest.to_owned() } else { before_input(rest) };
    Some(Line::Job { line: line.number, when: when.join(" "), user, command })
}

/// Reads `name = value`; a time never holds `=` in its first word.
fn variable(text: &str) -> Option<(String, String)> {
    let (name, value) = text.split_once('=')?;
    let bare = |text: &str| {
        let text = text.trim();
        let quoted = ['"', '\''].iter().find_map(|quote| text.strip_prefix(*quote)?.strip_suffix(*quote));
        quoted.unwrap_or(text).to_owned()
    };
    let name = bare(name);
    let is_name = !name.is_empty() && !name.contains(char::is_whitespace) && !name.contains(['*', '/', '@']);
    is_name.then(|| (name, bare(value)))
}

/// Returns the command up to the first `%` that no backslash guards: what follows is its input.
fn before_input(text: &str) -> String {
    let mut out = String::new();
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '%' => break,
            '\\' if characters.peek() == Some(&'%') => out.extend(characters.next()),
            other => out.push(other),
        }
    }
    out
}

/// Which names a scheduler reads in a folder.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Names {
    /// Letters, digits, dashes and underscores (Debian's cron and run-parts).
    Plain,
    /// Those, and names of the LSB with dots between words (`cron -l`, `run-parts --lsbsysinit`).
    Lsb,
    /// All but hidden files and leftovers (cronie, and the run-parts beside it).
    AnyButLeftovers,
}

impl Names {
    fn reads(self, name: &[u8]) -> bool {
        let is_plain = |name: &[u8]| {
            !name.is_empty() && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        };
        let endings: [&[u8]; 8] =
            [b"~", b",", b".rpmsave", b".rpmorig", b".rpmnew", b".swp", b".cfsaved", b".disabled"];
        match self {
            Self::Plain => is_plain(name),
            Self::Lsb => {
                is_plain(name)
                    || (!name.starts_with(b".")
                        && !name.ends_with(b".")
                        && name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'))
                        && !endings.iter().any(|ending| name.ends_with(ending))
                        && ![b".dpkg-old".as_slice(), b".dpkg-dist", b".dpkg-new", b".dpkg-tmp"]
                            .iter()
                            .any(|ending| name.ends_with(ending)))
            }
            Self::AnyButLeftovers => {
                !name.starts_with(b".") && !name.starts_with(b"#") && !endings.iter().any(|end| name.ends_with(end))
            }
        }
    }
}

/// Reads every table of jobs.
pub(super) fn read(reading: &Reading<'_>) -> Vec<Crontab> {
    let is_debian = matches!(reading.read("etc/debian_version"), Ok(Some(_)));
    let options = reading.read("etc/default/cron").ok().flatten();
    let says_lsb = |line: line::Line<'_>| {
        let text = line.text();
        let value = text.trim().strip_prefix("EXTRA_OPTS=").map(|value| value.trim_matches(['"', '\'']).to_owned());
        value.is_some_and(|value| value.split_ascii_whitespace().any(|option| option == "-l"))
    };
    let names = match (is_debian, options.is_some_and(|file| file.lines().any(says_lsb))) {
        (true, true) => Names::Lsb,
        (true, false) => Names::Plain,
        (false, _) => Names::AnyButLeftovers,
    };
    let mut tables = Tables { reading, out: Vec::new(), seen: BTreeSet::new() };
    tables.file("etc/crontab", Fields::WithUser);
    tables.file("etc/anacrontab", Fields::Anacron);
    for entry in tables.list("etc/cron.d") {
        if names.reads(entry.path.file_name()) {
            tables.system(&entry.path, Fields::WithUser);
        }
    }
    tables.users(&["var/spool/cron/crontabs", "var/spool/cron", "etc/crontabs"]);
    let scripts = if is_debian { Names::Plain } else { Names::AnyButLeftovers };
    for period in ["hourly", "daily", "weekly", "monthly", "yearly"] {
        tables.scripts(&format!("etc/cron.{period}"), scripts);
    }
    for period in ["15min", "hourly", "daily", "weekly", "monthly"] {
        tables.scripts(&format!("etc/periodic/{period}"), Names::Plain);
    }
    tables.once(&["var/spool/cron/atjobs", "var/spool/at"]);
    tables.out.sort_by(|a, b| a.path.cmp(&b.path));
    tables.out
}

struct Tables<'a, 'b> {
    reading: &'a Reading<'b>,
    out: Vec<Crontab>,
    seen: BTreeSet<TreePath>,
}

impl Tables<'_, '_> {
    /// Lists what a folder holds beside folders.
    fn list(&self, folder: &str) -> Vec<Entry> {
        let mut entries = self.reading.list_at(folder).unwrap_or_default();
        entries.retain(|entry| entry.kind != EntryKind::Folder);
        if entries.len() > MAX_TABLES {
            let place = Place { path: TreePath::named(folder.as_bytes()), line: None };
            self.reading.malformed(&place, text!("at most {} tables of jobs", MAX_TABLES), text!("{}", entries.len()));
            entries.truncate(MAX_TABLES);
        }
        entries
    }

    fn file(&mut self, path: &str, fields: Fields) {
        if let Some(path) = TreePath::new(path.as_bytes()) {
            self.system(&path, fields);
        }
    }

    fn system(&mut self, path: &TreePath, fields: Fields) {
        if let Some(file) = self.open(path) {
            self.add(&file, CrontabKind::System, None, &crontab(&file.bytes, fields));
        }
    }

    /// Opens a table, unless it was read under another name.
    fn open(&mut self, path: &TreePath) -> Option<HostFile> {
        let file = open(self.reading, path)?;
        self.seen.insert(file.real.clone()).then_some(file)
    }

    fn users(&mut self, folders: &[&str]) {
        for folder in folders {
            for entry in self.list(folder) {
                let name = entry.path.file_name();
                if name.starts_with(b".") || name.starts_with(b"tmp.") || name == b"cron.update" {
                    continue;
                }
                let owner = Text::of(name);
                if let Some(file) = self.open(&entry.path) {
                    let lines = crontab(&file.bytes, Fields::WithoutUser);
                    self.add(&file, CrontabKind::User, Some(owner), &lines);
                }
            }
        }
    }

    fn scripts(&mut self, folder: &str, names: Names) {
        for entry in self.list(folder) {
            if !names.reads(entry.path.file_name()) {
                continue;
            }
            let Ok(Some(real)) = self.reading.real(&entry.path) else { continue };
            // What nobody may execute is not run.
            if real.kind == EntryKind::File && real.mode.is_some_and(|mode| mode & 0o111 == 0) {
                continue;
            }
            if let Some(file) = self.open(&entry.path) {
                self.add_script(&file, CrontabKind::Script, None);
            }
        }
    }

    fn once(&mut self, folders: &[&str]) {
        for folder in folders {
            for entry in self.list(folder) {
                let name = entry.path.file_name();
                if name.starts_with(b".") || name.len() < 9 {
                    continue;
                }
                if let Some(file) = self.open(&entry.path) {
                    let owner = (file.user.id != 0).then(|| text!("{}", file.user));
                    self.add_script(&file, CrontabKind::Once, owner);
                }
            }
        }
    }

    fn add(&mut self, file: &HostFile, kind: CrontabKind, owner: Option<Text>, lines: &[Line]) {
        let mut search = command::search_path(SEARCH);
        let mut jobs = Vec::new();
        for line in lines {
            match line {
                Line::Variable { name, value } if name == "PATH" => search = command::search_path(value),
                Line::Variable { .. } => {}
                Line::Job { line, when, user, command } => {
                    let user = user.as_ref().map(Text::of).or_else(|| owner.clone());
                    let user = user.unwrap_or_else(|| Text::trusted("root"));
                    let script = command::script(command);
                    let home = TreePath::root();
                    jobs.push(Job {
                        name: text!("{} {}", *when, command::told(command)),
                        place: file.at(*line),
                        user,
                        programs: found(self.reading, &script, &search, &home),
                        signs: command::signs(&script),
                    });
                }
            }
        }
        self.push(file, kind, owner, jobs);
    }

    /// Adds a file that is a script itself: what is worth telling of each of its lines is a job.
    fn add_script(&mut self, file: &HostFile, kind: CrontabKind, owner: Option<Text>) {
        let user = owner.clone().unwrap_or_else(|| Text::trusted("root"));
        let mut jobs = Vec::new();
        // A program is no script.
        if !file.bytes.contains(&0) {
            for line in file.lines() {
                let text = line.text();
                let signs: BTreeSet<Sign> = command::signs(&command::script(&text));
                if !signs.is_empty() && jobs.len() < MAX_JOBS {
                    let name = command::told(text.trim());
                    jobs.push(Job {
                        name,
                        place: file.at(line.number),
                        user: user.clone(),
                        programs: Vec::new(),
                        signs,
                    });
                }
            }
        }
        self.push(file, kind, owner, jobs);
    }

    fn push(&mut self, file: &HostFile, kind: CrontabKind, owner: Option<Text>, jobs: Vec<Job>) {
        let real = self.reading.ask(&file.path, Asked::Contents);
        let owner = owner.filter(|owner| owner.as_str() != "root");
        self.out.push(Crontab { path: file.path.clone(), real, owner, kind, jobs });
    }
}

fn found(reading: &Reading<'_>, script: &command::Script, search: &[TreePath], home: &TreePath) -> Vec<Program> {
    let mut out: Vec<Program> = command::programs(script)
        .into_iter()
        .filter_map(|(program, folder)| {
            let folder =
                folder.map_or(Some(home.clone()), |folder| home.join(folder.trim_start_matches('/').as_bytes()));
            Program::find(reading, &program, search, folder.as_ref(), Asked::State)
        })
        .collect();
    out.sort();
    out.dedup();
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_crontabs_are_read() {
        let check = |text: &str, fields: Fields, expected: Option<(&str, Option<&str>, &str)>| {
            let found = crontab(text.as_bytes(), fields).into_iter().find_map(|line| match line {
                Line::Job { when, user, command, .. } => Some((when, user, command)),
                Line::Variable { .. } => None,
            });
            let expected =
                expected.map(|(when, user, command)| (when.to_owned(), user.map(str::to_owned), command.to_owned()));
            assert_eq!(found, expected, "{text:?}");
        };
        use Fields::{Anacron, WithUser, WithoutUser};
        check("17 * * * * root /opt/x -a\n", WithUser, Some(("17 * * * *", Some("root"), "/opt/x -a")));
        check("\t@reboot\troot  /opt/x\n", WithUser, Some(("@reboot", Some("root"), "/opt/x")));
        check("*/5 * * * * A=b /opt/x\n", WithoutUser, Some(("*/5 * * * *", None, "A=b /opt/x")));
        check("0 0 * * * /opt/x a\\%b%input\n", WithoutUser, Some(("0 0 * * *", None, "/opt/x a%b")));
        check(
            "1 5 cron.daily nice run-parts /etc/cron.daily\n",
            Anacron,
            Some(("1 5 cron.daily", None, "nice run-parts /etc/cron.daily")),
        );
        check("# 17 * * * * root /opt/x\n", WithUser, None);
        check("PATH = \"/opt/bin:/bin\"\n", WithUser, None);
        check("17 * * *\n", WithUser, None);
    }

    #[test]
    fn names_are_read_as_the_schedulers_do() {
        let check = |name: &str, expected: [bool; 3]| {
            let found = [Names::Plain, Names::Lsb, Names::AnyButLeftovers].map(|names| names.reads(name.as_bytes()));
            assert_eq!(found, expected, "{name}");
        };
        check("cleanup_1-a", [true, true, true]);
        check("cleanup.disabled", [false, false, false]);
        check("host.example", [false, true, true]);
        check("x.dpkg-old", [false, false, true]);
        check("x.rpmsave", [false, false, false]);
        check(".placeholder", [false, false, false]);
        check("x~", [false, false, false]);
    }
}
