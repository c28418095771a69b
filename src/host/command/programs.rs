//! Which programs a script starts: wrappers and interpreters start others in turn.

use super::shell::{Script, script};
use super::{MAX_DEPTH, MAX_PROGRAMS};

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
                    rest = behind_options(arguments, options).get(*before..).unwrap_or_default();
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
pub(super) fn script_option(arguments: &[String]) -> Option<&String> {
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

pub(super) fn behind_options<'a>(mut words: &'a [String], with_value: &str) -> &'a [String] {
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

pub(super) fn behind_env(arguments: &[String]) -> &[String] {
    let mut words = behind_options(arguments, "uCS");
    while let [word, rest @ ..] = words {
        if !word.contains('=') {
            break;
        }
        words = rest;
    }
    words
}

/// Returns the last part of a path.
pub(super) fn base_name(word: &str) -> &str {
    word.rsplit('/').next().unwrap_or(word)
}

const SHELLS: [&str; 11] = ["sh", "bash", "dash", "ash", "ksh", "mksh", "zsh", "csh", "tcsh", "fish", "rbash"];
const LANGUAGES: [&str; 8] = ["python", "perl", "ruby", "php", "node", "lua", "tclsh", "pypy"];

pub(super) fn is_shell(word: &str) -> bool {
    SHELLS.contains(&base_name(word))
}

/// Whether it is an interpreter of another language, whatever its version: `python3.11`.
pub(super) fn is_language(word: &str) -> bool {
    let name = base_name(word).trim_end_matches(|character: char| character.is_ascii_digit() || character == '.');
    LANGUAGES.contains(&name)
}

/// Programs that run the program that their words name: the options that take a value, and how many words stand before it.
pub(super) const WRAPPERS: [(&str, &str, usize); 24] = [
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
}
