//! Where apt takes packages from: `sources.list(5)` in both of its forms.

use super::{Packages, Setting, Source, apt_conf, flag, without_secret};
use crate::host::line::lines as lines_of;
use crate::host::reading::{HostFile, Reading};
use crate::text;
use crate::text::Text;
use crate::tree::{Entry, TreePath};

/// The options that let packages in without a signature that is worth anything.
const OPTIONS: [&str; 4] = ["trusted", "allow-insecure", "allow-weak", "allow-downgrade-to-insecure"];

/// The settings of apt that do so for all sources.
const SETTINGS: [&str; 4] = [
    "apt::get::allowunauthenticated",
    "acquire::allowinsecurerepositories",
    "acquire::allowweakrepositories",
    "acquire::allowdowngradetoinsecurerepositories",
];

/// A source as a file of either form has it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct AptSource {
    /// The line it begins on.
    pub line: u32,
    /// Its addresses.
    pub uris: Vec<String>,
    /// What is taken from there.
    pub suites: String,
    /// Its options and fields that say anything about signatures: the name, the value, and the line.
    pub options: Vec<(String, String, u32)>,
}

pub(super) fn collect(reading: &Reading<'_>, out: &mut Packages) {
    if let Ok(Some(file)) = reading.read("etc/apt/sources.list") {
        add(&file, lines(&file.bytes), out);
    }
    for entry in reading.list_at("etc/apt/sources.list.d").unwrap_or_default() {
        let read: fn(&[u8]) -> Vec<AptSource> = match ending(entry.path.file_name()) {
            Some(b"list") => lines,
            Some(b"sources") => stanzas,
            _ => continue,
        };
        if let Ok(Some(file)) = reading.read_at(&entry.path) {
            add(&file, read(&file.bytes), out);
        }
    }
    let parts = reading.list_at("etc/apt/apt.conf.d").unwrap_or_default().into_iter().filter(is_part);
    let main = TreePath::new(b"etc/apt/apt.conf");
    let mut set: Vec<Setting> = Vec::new();
    for path in parts.map(|entry| entry.path).chain(main) {
        let Ok(Some(file)) = reading.read_at(&path) else { continue };
        for (key, value, line) in apt_conf::read(&file.bytes) {
            let known = key.to_ascii_lowercase();
            if !SETTINGS.contains(&known.as_str()) {
                continue;
            }
            let is_unsigned = flag(&value) == Some(true);
            let setting = Setting { key: Text::of(&*key), value: Text::of(&*value), place: file.at(line), is_unsigned };
            // The last value of a setting counts.
            set.retain(|other| !other.key.as_str().eq_ignore_ascii_case(&key));
            set.push(setting);
        }
    }
    out.settings.extend(set);
}

fn add(file: &HostFile, sources: Vec<AptSource>, out: &mut Packages) {
    for source in sources {
        let unsigned = source.options.iter().find(|(_, value, _)| flag(value) == Some(true));
        let uris: Vec<Text> = source.uris.iter().map(|uri| without_secret(uri)).collect();
        let first = uris.first().cloned().unwrap_or_default();
        out.sources.push(Source {
            name: text!("{} {}", first, source.suites),
            uris,
            place: file.at(source.line),
            unsigned: unsigned.map(|(key, value, line)| Setting {
                key: Text::of(&**key),
                value: Text::of(&**value),
                place: file.at(*line),
                is_unsigned: true,
            }),
        });
    }
}

/// Returns how a name ends that apt reads; it passes over others, hidden ones too.
fn ending(name: &[u8]) -> Option<&[u8]> {
    let is_read = name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    let at = name.iter().rposition(|byte| *byte == b'.').filter(|at| is_read && *at > 0 && !name.starts_with(b"."))?;
    name.get(at + 1..)
}

/// Whether apt reads a file of its configuration: one without an ending, or with `conf`.
fn is_part(entry: &Entry) -> bool {
    let name = entry.path.file_name();
    let is_plain = name.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'));
    is_plain || ending(name) == Some(b"conf")
}

/// Reads the form of a line a source: `deb [option=value …] uri suite component…`.
#[must_use]
pub fn lines(bytes: &[u8]) -> Vec<AptSource> {
    lines_of(bytes).filter_map(|line| one_line(&line.text(), line.number)).collect()
}

fn one_line(text: &str, number: u32) -> Option<AptSource> {
    let rest = text.trim();
    let (kind, rest) = rest.split_once(|c: char| c.is_ascii_whitespace() || c == '[')?;
    if !matches!(kind, "deb" | "deb-src") {
        return None;
    }
    // The bracket may stand right behind the word.
    let rest = text.trim().strip_prefix(kind).unwrap_or(rest).trim_start();
    let mut options = Vec::new();
    let rest = match rest.strip_prefix('[') {
        Some(inside) => {
            let (inside, rest) = inside.split_once(']')?;
            for word in inside.split_ascii_whitespace() {
                let (name, value) = word.split_once('=').unwrap_or((word, ""));
                take_option(name, value.trim_matches('"'), number, &mut options);
            }
            rest
        }
        None => rest,
    };
    let rest = rest.split('#').next().unwrap_or_default();
    let mut words = rest.split_ascii_whitespace();
    let uri = words.next()?.to_owned();
    let suites = words.collect::<Vec<_>>().join(" ");
    Some(AptSource { line: number, uris: vec![uri], suites, options })
}

fn take_option(name: &str, value: &str, line: u32, options: &mut Vec<(String, String, u32)>) {
    if OPTIONS.iter().any(|known| known.eq_ignore_ascii_case(name)) {
        options.push((name.to_owned(), value.to_owned(), line));
    }
}

/// Reads the form of a stanza a source: `URIs:`, `Suites:` and others, with `Enabled: no` where it is not to be used.
#[must_use]
pub fn stanzas(bytes: &[u8]) -> Vec<AptSource> {
    let mut out = Vec::new();
    let mut fields: Vec<(String, String, u32)> = Vec::new();
    for line in lines_of(bytes) {
        let text = line.text();
        if text.starts_with('#') {
            continue;
        }
        if text.is_empty() {
            out.extend(stanza(&std::mem::take(&mut fields)));
        } else if text.starts_with([' ', '\t']) {
            if let Some((_, value, _)) = fields.last_mut() {
                value.push('\n');
                value.push_str(&text);
            }
        } else if let Some((name, value)) = text.split_once(':') {
            fields.push((name.trim().to_owned(), value.trim().to_owned(), line.number));
        }
    }
    out.extend(stanza(&fields));
    out
}

fn stanza(fields: &[(String, String, u32)]) -> Option<AptSource> {
    // Of a field that stands twice the last one counts.
    let field = |name: &str| fields.iter().rev().find(|(known, ..)| known.eq_ignore_ascii_case(name));
    let value = |name: &str| field(name).map(|(_, value, _)| value.trim());
    if value("Enabled").and_then(flag) == Some(false) {
        return None;
    }
    let (_, uris, line) = field("URIs").or_else(|| field("URI"))?;
    let mut options = Vec::new();
    for known in OPTIONS {
        if let Some((name, value, line)) = field(known) {
            take_option(name, value.trim(), *line, &mut options);
        }
    }
    Some(AptSource {
        line: *line,
        uris: uris.split_ascii_whitespace().map(str::to_owned).collect(),
        suites: value("Suites").or_else(|| value("Suite")).unwrap_or_default().to_owned(),
        options,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(sources: &[AptSource]) -> Vec<String> {
        let options = |source: &AptSource| {
            let options: Vec<String> =
                source.options.iter().map(|(name, value, line)| format!(" {name}={value}@{line}")).collect();
            options.concat()
        };
        let one = |source: &AptSource| {
            format!("{} {} {}{}", source.line, source.uris.join(","), source.suites, options(source))
        };
        sources.iter().map(one).collect()
    }

    #[test]
    fn lines_are_sources() {
        let check = |text: &str, expected: &[&str]| assert_eq!(shown(&lines(text.as_bytes())), expected, "{text}");
        check("deb http://a.example/d bookworm main # b\n", &["1 http://a.example/d bookworm main"]);
        check("deb [trusted=yes arch=amd64] http://a.example x y\n", &["1 http://a.example x y trusted=yes@1"]);
        check("deb [ Trusted=yes ] http://a.example x\n", &["1 http://a.example x Trusted=yes@1"]);
        check("deb[allow-insecure=yes] http://a.example x\n", &["1 http://a.example x allow-insecure=yes@1"]);
        check("# deb [trusted=yes] http://a.example x y\n", &[]);
        check("deb [trusted=yes http://a.example x y\n", &[]);
        check("rpm http://a.example x y\n", &[]);
        check("\n", &[]);
    }

    #[test]
    fn stanzas_are_sources() {
        let check = |text: &str, expected: &[&str]| assert_eq!(shown(&stanzas(text.as_bytes())), expected, "{text}");
        check("Types: deb\nURIs: http://a http://b\nSuites: x\n", &["2 http://a,http://b x"]);
        check(
            "URIs: http://a\nSuites: x\n\n\nURIs:\n http://b\nSuites: y\nTrusted: yes\n",
            &["1 http://a x", "5 http://b y Trusted=yes@8"],
        );
        check("URIs: http://a\nSuites: x\n# Trusted: yes\ntrusted: no\n", &["1 http://a x trusted=no@4"]);
        check("Enabled: no\nURIs: http://a\nSuites: x\nTrusted: yes\n", &[]);
        check("Suites: x\nTrusted: yes\n", &[]);
    }

    #[test]
    fn names_that_apt_passes_over_end_in_nothing() {
        let check = |name: &str, expected: Option<&str>| {
            assert_eq!(ending(name.as_bytes()), expected.map(str::as_bytes), "{name}");
        };
        check("a.list", Some("list"));
        check("a.list.save", Some("save"));
        check("a b.list", None);
        check(".list", None);
        check("a", None);
    }
}
