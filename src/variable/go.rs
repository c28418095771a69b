//! Go's variables (Go Modules Reference, "Environment variables", and `go help environment`).

use super::{Check, SwitchedOff, Variable};

const ECOSYSTEM: &str = "golang";

pub(super) static VARIABLES: &[Variable] = &[
    Variable { name: "GOFLAGS", ecosystem: ECOSYSTEM, switches_off: flags },
    Variable { name: "GOINSECURE", ecosystem: ECOSYSTEM, switches_off: insecure },
    // The name it had before Go 1.13 was out, when it was a number.
    Variable { name: "GONOSUMCHECK", ecosystem: ECOSYSTEM, switches_off: no_sum_check },
    Variable { name: "GONOSUMDB", ecosystem: ECOSYSTEM, switches_off: private },
    Variable { name: "GOPRIVATE", ecosystem: ECOSYSTEM, switches_off: private },
    Variable { name: "GOSUMDB", ecosystem: ECOSYSTEM, switches_off: database },
];

/// The database of digests, and its mirror; either with its key and address.
const DATABASES: [&str; 2] = ["sum.golang.org", "sum.golang.google.cn"];

/// Hosts on which anybody may have modules, so that one of them as a whole is nobody's own.
const SHARED_HOSTS: [&str; 9] = [
    "bitbucket.org",
    "codeberg.org",
    "git.sr.ht",
    "gitea.com",
    "gitee.com",
    "github.com",
    "gitlab.com",
    "golang.org",
    "gopkg.in",
];

/// `-insecure` fetches without TLS, and does not ask the database; Go 1.17 and later refuse it.
fn flags(value: &str) -> Vec<SwitchedOff> {
    let is_it = |flag: &str| {
        let flag = flag.strip_prefix("--").or_else(|| flag.strip_prefix('-')).unwrap_or_default();
        matches!(flag.split_once('='), Some(("insecure", on)) if on != "false") || flag == "insecure"
    };
    if value.split_whitespace().any(is_it) {
        vec![off(Check::Encryption, None), off(Check::Publication, None)]
    } else {
        vec![]
    }
}

fn insecure(value: &str) -> Vec<SwitchedOff> {
    patterns(value).map(|pattern| off(Check::Encryption, covers(pattern))).collect()
}

fn no_sum_check(value: &str) -> Vec<SwitchedOff> {
    if matches!(value, "" | "0" | "false" | "off") { vec![] } else { vec![off(Check::Publication, None)] }
}

/// What the database cannot know need not be asked of it, as far as it is one's own.
fn private(value: &str) -> Vec<SwitchedOff> {
    patterns(value).filter(|pattern| is_wide(pattern)).map(|pattern| off(Check::Publication, covers(pattern))).collect()
}

fn database(value: &str) -> Vec<SwitchedOff> {
    let name = value.split([' ', '+']).next().unwrap_or_default();
    if name.is_empty() || DATABASES.contains(&name) { vec![] } else { vec![off(Check::Publication, None)] }
}

fn off(check: Check, only_for: Option<&str>) -> SwitchedOff {
    SwitchedOff { check, only_for: only_for.map(Into::into) }
}

/// Returns the patterns of a list (`path.Match` against the leading elements of a module's path), expressions left out.
fn patterns(value: &str) -> impl Iterator<Item = &str> {
    value.split(',').map(str::trim).filter(|pattern| !pattern.is_empty() && !pattern.starts_with(['$', '{']))
}

/// Returns what a pattern is for, `None` where that is everything.
fn covers(pattern: &str) -> Option<&str> {
    (!is_any(pattern.split('/').next().unwrap_or_default())).then_some(pattern)
}

/// Whether a pattern covers modules of more than one owner.
fn is_wide(pattern: &str) -> bool {
    let mut elements = pattern.split('/');
    let host = elements.next().unwrap_or_default();
    let names_owner = elements.next().is_some_and(|owner| !is_any(owner));
    let labels: Vec<&str> = host.split('.').collect();
    match labels.as_slice() {
        _ if is_any(host) => true,
        // A whole top-level domain.
        [any, _] if is_any(any) => true,
        _ => SHARED_HOSTS.contains(&host) && !names_owner,
    }
}

/// Whether an element of a pattern holds nothing of a name.
fn is_any(element: &str) -> bool {
    element.bytes().all(|byte| matches!(byte, b'*' | b'?' | b'.'))
}
