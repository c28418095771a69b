//! The configuration of GRUB, as far as its script language says which kernels are started and who may change that.
//!
//! Both branches of a condition count: which one is taken depends on the machine.

use super::variables::{Filled, Variables, expanded, written};
use crate::host::line::{Place, lines};
use crate::tree::TreePath;

/// How many commands are read.
const MAX_COMMANDS: usize = 100_000;

/// How many bytes the commands may have, variables filled in.
const MAX_TEXT_BYTES: usize = 64 << 20;

/// How many bytes a variable may hold.
const MAX_VARIABLE_BYTES: usize = 64 << 10;

/// What a configuration says.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Configuration {
    /// The kernels that are started, in their order.
    pub entries: Vec<Entry>,
    /// Whether entries of the Boot Loader Specification are shown.
    pub shows_entries: bool,
    /// The variables at its end.
    pub variables: Variables,
    /// Whether there is more than is read.
    pub is_cut: bool,
    /// The users that have a password, with whether it is kept as a digest and the line.
    pub passwords: Vec<(String, bool, u32)>,
}

/// A kernel that is started.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The title of the menu entry.
    pub title: String,
    /// The kernel.
    pub kernel: String,
    /// Its arguments, with their places where variables bring some of them.
    pub arguments: Filled,
    /// The line of the command, from one.
    pub line: u32,
}

/// Reads the environment block: `name=value` lines, a backslash before what would end one (`grub-editenv(1)`).
#[must_use]
pub fn read_environment(path: &TreePath, bytes: &[u8]) -> Variables {
    let mut out = Variables::new();
    for line in lines(bytes) {
        let text = line.text();
        if text.starts_with('#') {
            continue;
        }
        if let Some((name, value)) = text.split_once('=') {
            let mut plain = String::new();
            let mut characters = value.chars();
            while let Some(character) = characters.next() {
                plain.push(if character == '\\' { characters.next().unwrap_or('\\') } else { character });
            }
            let place = Place { path: path.clone(), line: Some(line.number) };
            out.insert(name.to_owned(), Filled::at(&plain, place));
        }
    }
    out
}

/// Reads a configuration that stands at a path, with the variables of its environment block.
#[must_use]
pub fn read(path: &TreePath, bytes: &[u8], environment: &Variables) -> Configuration {
    let mut out = Configuration { variables: environment.clone(), ..Configuration::default() };
    out.run(path, bytes, environment);
    out
}

/// Reads a file of the shell that `grub-mkconfig` takes in, on top of what others set.
#[must_use]
pub fn read_defaults(path: &TreePath, bytes: &[u8], before: Variables) -> Variables {
    let mut out = Configuration { variables: before, ..Configuration::default() };
    out.run(path, bytes, &Variables::new());
    out.variables
}

#[derive(Default)]
struct State {
    /// The file that is read.
    path: TreePath,
    /// The titles of the menu entries around, empty for other blocks.
    blocks: Vec<String>,
    /// How many conditions are open.
    conditions: usize,
    /// How many bytes the commands had so far, variables filled in.
    bytes: usize,
}

impl Configuration {
    fn run(&mut self, path: &TreePath, bytes: &[u8], environment: &Variables) {
        let mut state = State { path: path.clone(), ..State::default() };
        let commands = commands(bytes);
        self.is_cut = commands.len() == MAX_COMMANDS;
        for command in commands {
            if state.bytes > MAX_TEXT_BYTES {
                self.is_cut = true;
                break;
            }
            self.take(&command, environment, &mut state);
        }
    }

    fn take(&mut self, command: &Command, environment: &Variables, state: &mut State) {
        let mut words: Vec<String> = Vec::new();
        for word in &command.words {
            let text = word.expanded(&self.variables);
            state.bytes += text.len();
            if state.bytes > MAX_TEXT_BYTES {
                return;
            }
            words.push(if word.is_quoted && is_kernel(command) { quoted(&text) } else { text });
        }
        let before = words.iter().take_while(|word| matches!(word.as_str(), "then" | "else" | "do")).count();
        words.drain(..before);
        let raw = command.words.get(before..).unwrap_or_default();
        let rest = || words.iter().skip(1);
        match words.first().map(String::as_str) {
            Some("if" | "while" | "for" | "until") => state.conditions += 1,
            Some("fi" | "done") => state.conditions = state.conditions.saturating_sub(1),
            Some("}") => {
                let closed = words.iter().take_while(|word| *word == "}").count();
                state.blocks.truncate(state.blocks.len().saturating_sub(closed));
            }
            Some("blscfg") => self.shows_entries = true,
            Some("linux" | "linux16" | "linuxefi" | "module" | "module2") => {
                let mut rest = rest().filter(|word| !word.is_empty());
                let kernel = rest.next().cloned().unwrap_or_default();
                let is_module = words.first().is_some_and(|name| name.starts_with("module"));
                // Xen is given the kernel as a module, and the initial files as another.
                if kernel.is_empty() || (is_module && !kernel.contains("vmlinu")) {
                    return;
                }
                let title = state.blocks.iter().rev().find(|title| !title.is_empty()).cloned().unwrap_or_default();
                let text = rest.cloned().collect::<Vec<_>>().join(" ");
                let arguments = self.arguments(text, raw.get(2..).unwrap_or_default(), state.place(command));
                self.entries.push(Entry { title, kernel, arguments, line: command.line });
            }
            Some(name @ ("password" | "password_pbkdf2")) => {
                let user = rest().next().cloned().unwrap_or_default();
                let secret = rest().nth(1).map(String::as_str).unwrap_or_default();
                let is_digest = name == "password_pbkdf2";
                // A digest in a variable that nothing sets is no password.
                let is_set = if is_digest { secret.starts_with("grub.pbkdf2.") } else { !secret.is_empty() };
                if is_set {
                    self.passwords.push((user, is_digest, command.line));
                }
            }
            Some(first) => {
                let at = usize::from(first == "set");
                if let (Some(assignment), Some(word)) = (words.get(at), raw.get(at)) {
                    self.assign(assignment, word, state.place(command), environment, state);
                }
            }
            None => {}
        }
        if command.opens {
            let is_entry = matches!(words.first().map(String::as_str), Some("menuentry" | "submenu"));
            state.blocks.push(if is_entry { words.get(1).cloned().unwrap_or_default() } else { String::new() });
        }
    }

    /// Returns the arguments of a kernel. Where variables bring some of them, those that the command itself has come last.
    fn arguments(&self, text: String, words: &[Word], place: Place) -> Filled {
        let mut brought = Filled::default();
        words.iter().for_each(|word| word.take_sources(&mut brought, &self.variables));
        if brought.sources.is_empty() {
            return Filled { text, ..brought };
        }
        let own = |word: &Word| if word.is_quoted { quoted(&word.written()) } else { word.written() };
        let own: Vec<String> = words.iter().map(own).collect();
        let own = Filled::at(&own.join(" "), place);
        Filled { text, sources: brought.sources.into_iter().chain(own.sources).collect() }
    }

    /// What stands in a condition is a default where the environment block has a value: `if [ -z "${kernelopts}" ]`.
    fn assign(&mut self, assignment: &str, word: &Word, place: Place, environment: &Variables, state: &State) {
        let Some((name, value)) = assignment.split_once('=') else { return };
        let is_name = !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        let is_kept = state.conditions > 0 && environment.get(name).is_some_and(|value| !value.text.is_empty());
        if is_name && !is_kept && value.len() <= MAX_VARIABLE_BYTES {
            let own = word.written();
            let own = Filled::at(own.split_once('=').map(|(_, own)| own).unwrap_or_default(), place);
            let mut filled = Filled::plain(value);
            word.take_sources(&mut filled, &self.variables);
            filled.sources.extend(own.sources);
            self.variables.insert(name.to_owned(), filled);
        }
    }
}

impl State {
    fn place(&self, command: &Command) -> Place {
        Place { path: self.path.clone(), line: Some(command.line) }
    }
}

/// Whether a command starts a kernel, by the beginning of its name.
fn is_kernel(command: &Command) -> bool {
    let name = command.words.first().and_then(|word| word.parts.first());
    name.is_some_and(|(name, _)| name.starts_with("linux") || name.starts_with("module"))
}

/// A word that holds blanks is handed to the kernel in quotes.
fn quoted(word: &str) -> String {
    if word.contains(|character: char| character.is_ascii_whitespace()) && !word.contains('"') && !word.contains('=') {
        format!("\"{word}\"")
    } else if let (true, Some((name, value))) = (word.contains(' ') && !word.contains('"'), word.split_once('=')) {
        format!("{name}=\"{value}\"")
    } else {
        word.to_owned()
    }
}

struct Command {
    words: Vec<Word>,
    line: u32,
    /// Whether a block begins behind it.
    opens: bool,
}

/// A word: text, and whether variables in it are filled in.
#[derive(Default)]
struct Word {
    parts: Vec<(String, bool)>,
    is_there: bool,
    /// Whether a part stands in quotes; else blanks in a variable separate words.
    is_quoted: bool,
}

impl Word {
    fn push(&mut self, character: char, fills_in: bool) {
        self.is_there = true;
        match self.parts.last_mut() {
            Some((text, is_same)) if *is_same == fills_in => text.push(character),
            Some(_) | None => self.parts.push((character.to_string(), fills_in)),
        }
    }

    fn expanded(&self, variables: &Variables) -> String {
        let part = |(text, fills_in): &(String, bool)| {
            if *fills_in { expanded(text, variables) } else { text.clone() }
        };
        self.parts.iter().map(part).collect()
    }

    /// Returns what stands in it itself, variables left out.
    fn written(&self) -> String {
        let part = |(text, fills_in): &(String, bool)| if *fills_in { written(text) } else { text.clone() };
        self.parts.iter().map(part).collect()
    }

    /// Remembers the places of what variables in it bring.
    fn take_sources(&self, filled: &mut Filled, variables: &Variables) {
        let parts = self.parts.iter().filter(|(_, fills_in)| *fills_in);
        parts.for_each(|(text, _)| filled.take_sources(text, variables));
    }
}

/// Splits a script into commands: at ends of lines, `;`, and braces that stand alone.
fn commands(bytes: &[u8]) -> Vec<Command> {
    let text = String::from_utf8_lossy(bytes);
    let mut out = Vec::new();
    let mut words: Vec<Word> = Vec::new();
    let mut word = Word::default();
    let (mut line, mut start) = (1_u32, 1_u32);
    let mut characters = text.chars().peekable();
    let mut quote = None;
    let end_word = |word: &mut Word, words: &mut Vec<Word>| {
        if word.is_there {
            words.push(std::mem::take(word));
        }
    };
    let end_command = |words: &mut Vec<Word>, out: &mut Vec<Command>, line: u32| {
        let opens = words.last().is_some_and(|last| matches!(last.parts.as_slice(), [(text, true)] if text == "{"));
        if opens {
            words.pop();
        }
        if !words.is_empty() && out.len() < MAX_COMMANDS {
            out.push(Command { words: std::mem::take(words), line, opens });
        }
        words.clear();
    };
    while let Some(character) = characters.next() {
        if words.is_empty() && !word.is_there {
            start = line;
        }
        line = line.saturating_add(u32::from(character == '\n'));
        match (quote, character) {
            (Some('\''), '\'') | (Some('"'), '"') => quote = None,
            (Some('\''), other) => word.push(other, false),
            (Some(_), '\\') => match characters.peek() {
                Some(next @ ('$' | '"' | '\\')) => {
                    word.push(*next, false);
                    characters.next();
                }
                _ => word.push('\\', false),
            },
            (Some(_), other) => word.push(other, true),
            (None, '\'' | '"') => {
                quote = Some(character);
                (word.is_there, word.is_quoted) = (true, true);
            }
            (None, '\\') => match characters.next() {
                Some('\n') => line = line.saturating_add(1),
                Some(next) => word.push(next, false),
                None => {}
            },
            (None, '#') if !word.is_there => while characters.next_if(|next| *next != '\n').is_some() {},
            (None, '\n' | ';') => {
                end_word(&mut word, &mut words);
                end_command(&mut words, &mut out, start);
            }
            (None, other) if other.is_ascii_whitespace() => {
                end_word(&mut word, &mut words);
                // A brace that stands alone begins a block, and the next command.
                let is_brace =
                    words.last().is_some_and(|last| matches!(last.parts.as_slice(), [(text, true)] if text == "{"));
                if is_brace && words.len() > 1 {
                    end_command(&mut words, &mut out, start);
                }
            }
            (None, other) => word.push(other, true),
        }
    }
    end_word(&mut word, &mut words);
    end_command(&mut words, &mut out, start);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn environment(pairs: &[(&str, &str)]) -> Variables {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), Filled::plain(value))).collect()
    }

    fn configuration(text: &str, environment: &Variables) -> Configuration {
        read(&TreePath::new(b"boot/grub/grub.cfg").unwrap(), text.as_bytes(), environment)
    }

    #[test]
    fn entries_are_read() {
        let check = |text: &str, saved: &[(&str, &str)], expected: &[(&str, &str, u32)]| {
            let found = configuration(text, &environment(saved)).entries;
            let found: Vec<(&str, &str, u32)> =
                found.iter().map(|one| (&*one.title, &*one.arguments.text, one.line)).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("", &[], &[]);
        check(
            "menuentry 'Debian GNU/Linux' --class debian {\n\tlinux\t/vmlinuz ro quiet\n\tinitrd /i\n}\n",
            &[],
            &[("Debian GNU/Linux", "ro quiet", 2)],
        );
        check("# linux /vmlinuz a\nmenuentry a {\necho 'linux /vmlinuz b'\n}\n", &[], &[]);
        check(
            "submenu 'More' { menuentry 'b' { linux16 /vmlinuz x; } }\nlinux /v y\n",
            &[],
            &[("b", "x", 1), ("", "y", 2)],
        );
        check(
            "set opts=\"ro selinux=0\"\nmenuentry a {\nlinux /v $opts ${nothing} z\n}\n",
            &[],
            &[("a", "ro selinux=0 z", 3)],
        );
        check("if [ -z \"${o}\" ]; then\n set o=a\nfi\nlinux /v $o\n", &[("o", "b")], &[("", "b", 4)]);
        check("if [ -z \"${o}\" ]; then\n set o=a\nfi\nlinux /v $o\n", &[], &[("", "a", 4)]);
        check("linuxefi /v a \\\n b\n", &[], &[("", "a b", 1)]);
        check("linux /v dyndbg='file x +p'\n", &[], &[("", "dyndbg=\"file x +p\"", 1)]);
        check("multiboot2 /xen.gz\nmodule2 /vmlinuz-6 ro\nmodule2 /initrd.img\n", &[], &[("", "ro", 2)]);
    }

    #[test]
    fn passwords_are_found() {
        let check = |text: &str, expected: &[(&str, bool, u32)]| {
            let found = configuration(text, &Variables::new()).passwords;
            let found: Vec<(&str, bool, u32)> = found.iter().map(|(user, is, line)| (&**user, *is, *line)).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("set superusers=\"root\"\npassword_pbkdf2 root grub.pbkdf2.sha512.1.A.B\n", &[("root", true, 2)]);
        check("password root secret\n", &[("root", false, 1)]);
        check("# password root secret\n", &[]);
        check("password_pbkdf2 root ${GRUB2_PASSWORD}\n", &[]);
    }

    #[test]
    fn the_environment_block_is_read() {
        let path = TreePath::new(b"boot/grub2/grubenv").unwrap();
        let found =
            read_environment(&path, b"# GRUB Environment Block\nkernelopts=root=/dev/x ro\na=b\\\\c\n########\n");
        let found: Vec<(&str, &str, Option<u32>)> = found
            .iter()
            .map(|(name, value)| (&**name, &*value.text, value.sources.first().and_then(|source| source.place.line)))
            .collect();
        assert_eq!(found, [("a", "b\\c", Some(3)), ("kernelopts", "root=/dev/x ro", Some(2))]);
    }

    #[test]
    fn arguments_are_told_with_the_lines_in_which_they_stand() {
        let check = |text: &str, expected: &[(u32, &str)]| {
            let entries = configuration(text, &Variables::new()).entries;
            let sources = &entries.first().unwrap().arguments.sources;
            let found: Vec<(u32, &str)> =
                sources.iter().map(|source| (source.place.line.unwrap(), &*source.text)).collect();
            assert_eq!(found, expected, "{text}");
        };
        check("set a=\"nopti b\"\nset c=\"$a d\"\nlinux /v ro $c e\n", &[(1, "nopti b"), (2, " d"), (3, "ro  e")]);
        check("if true; then set a=x; fi\nlinux /v ${a}\n", &[(1, "x"), (2, "")]);
        check("set a=x\nlinux /v '$a' $b\n", &[]);
    }

    #[test]
    fn later_files_of_defaults_add_to_what_stands_before() {
        let path = |path: &str| TreePath::new(path.as_bytes()).unwrap();
        let first = read_defaults(&path("etc/default/grub"), b"# x\nA=\"quiet\"\nB=b\n", Variables::new());
        let text = b"if true; then\nA=\"$A nopti\"\nfi\n";
        let found = read_defaults(&path("etc/default/grub.d/50.cfg"), text, first);
        let shown = |name: &str| {
            let value = found.get(name).unwrap();
            let sources = value.sources.iter().map(|source| source.place.shown().to_string());
            (value.text.clone(), sources.collect::<Vec<_>>().join(" "))
        };
        let expected = ("quiet nopti".to_owned(), "/etc/default/grub:2 /etc/default/grub.d/50.cfg:2".to_owned());
        assert_eq!(shown("A"), expected);
        assert_eq!(shown("B"), ("b".to_owned(), "/etc/default/grub:3".to_owned()));
    }
}
