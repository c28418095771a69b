//! Which settings are in force: the first value of a keyword counts, included files stand where they are named, and what
//! `Match all` says counts before what stands outside of blocks.

use std::collections::{BTreeMap, BTreeSet};

use super::config::{self, Directive};
use super::default::default;
use super::{KEPT, Narrow, Setting};
use crate::host::line::Place;
use crate::host::pattern;
use crate::host::reading::{HostFile, Reading};
use crate::text;
use crate::text::Text;
use crate::tree::TreePath;

/// How deep files may include others (`SERVCONF_MAX_DEPTH` of OpenSSH).
const MAX_DEPTH: usize = 16;

/// How many files are included in all.
const MAX_FILES: usize = 1_000;

/// How many settings of `Match` blocks are kept.
const MAX_NARROW: usize = 10_000;

/// The keywords whose value is a list of algorithms.
const LISTS: [&str; 3] = ["ciphers", "kexalgorithms", "macs"];

/// The keywords that blocks cannot set: `Match all` is no block for them.
const NOT_IN_BLOCKS: [&str; 7] =
    ["ciphers", "kexalgorithms", "logingracetime", "macs", "permituserenvironment", "strictmodes", "usepam"];

/// What the files say.
pub(super) struct Read<'a, 'b> {
    reading: &'a Reading<'b>,
    files: usize,
    /// What stands outside of blocks.
    whole: Layer,
    /// What stands under `Match all`.
    all: Layer,
    blocks: Blocks,
}

/// What a line says.
struct Said {
    value: String,
    place: Place,
    /// The older name of the keyword, where it stands by that.
    word: Option<Text>,
}

#[derive(Default)]
struct Layer {
    settings: BTreeMap<String, Said>,
    /// The first file that could not be read, and what was set before it counts all the same.
    unread: Option<TreePath>,
    unsure: BTreeMap<String, TreePath>,
}

impl Layer {
    fn set(&mut self, keyword: &str, said: Said) {
        if self.settings.contains_key(keyword) {
            return;
        }
        if let Some(unread) = &self.unread {
            self.unsure.entry(keyword.to_owned()).or_insert_with(|| unread.clone());
        }
        self.settings.insert(keyword.to_owned(), said);
    }
}

/// What stands in blocks of some.
#[derive(Default)]
struct Blocks {
    /// With their criteria and the keyword.
    settings: Vec<(String, String, Said)>,
    /// Whose keywords are set, by criteria.
    set: BTreeSet<(String, String)>,
}

impl Blocks {
    /// Takes a value that counts for a login: of all lines in blocks that fit it the first does (`servconf.c` reads the blocks
    /// again for each), so that one under `Match all` or under the same criteria before it leaves nothing to set. Lines outside
    /// of blocks are not among them.
    fn set(&mut self, all: &Layer, criteria: &str, keyword: String, said: Said) {
        if all.settings.contains_key(&keyword) || self.settings.len() == MAX_NARROW {
            return;
        }
        if self.set.insert((criteria.to_owned(), keyword.clone())) {
            self.settings.push((criteria.to_owned(), keyword, said));
        }
    }
}

/// For whom lines hold.
#[derive(Clone)]
enum Scope {
    /// They stand outside of blocks.
    Whole,
    /// `Match all`.
    All,
    /// A block of some.
    Some(String),
}

/// Reads the settings, with what they include.
pub(super) fn read<'a, 'b>(reading: &'a Reading<'b>, file: Option<&str>) -> Read<'a, 'b> {
    let mut read =
        Read { reading, files: 0, whole: Layer::default(), all: Layer::default(), blocks: Blocks::default() };
    if let Some(path) = file.and_then(|file| TreePath::new(file.as_bytes())) {
        read.file(&path, &Scope::Whole, 0);
    }
    read
}

impl Read<'_, '_> {
    fn file(&mut self, path: &TreePath, scope: &Scope, depth: usize) {
        self.files += 1;
        if depth > MAX_DEPTH || self.files > MAX_FILES {
            if self.files <= MAX_FILES + 1 {
                let expected = text!("at most {} files included, {} deep", MAX_FILES, MAX_DEPTH);
                self.reading.malformed(&Place::file(path), expected, Text::trusted("more"));
            }
            return self.unread(path, scope);
        }
        match self.reading.read_at(path) {
            Ok(Some(file)) => self.lines(&file, scope, depth),
            Ok(None) => {}
            Err(unread) => self.unread(&unread.path, scope),
        }
    }

    fn unread(&mut self, path: &TreePath, scope: &Scope) {
        if !matches!(scope, Scope::Some(_)) {
            self.whole.unread.get_or_insert_with(|| path.clone());
        }
        if matches!(scope, Scope::All) {
            self.all.unread.get_or_insert_with(|| path.clone());
        }
    }

    fn lines(&mut self, file: &HostFile, outer: &Scope, depth: usize) {
        let (directives, broken) = config::read(&file.bytes);
        for line in broken {
            let expected = Text::trusted("a keyword and words with closed quotes");
            self.reading.malformed(&file.at(line), expected, Text::trusted("another line"));
        }
        let mut scope = outer.clone();
        for directive in directives {
            match directive.keyword.as_str() {
                "match" => scope = within(outer, &directive),
                "include" => directive.arguments.iter().for_each(|pattern| self.include(pattern, &scope, depth)),
                _ => self.directive(file, directive, &scope),
            }
        }
    }

    fn include(&mut self, named: &str, scope: &Scope, depth: usize) {
        let path = if named.starts_with('/') { named.to_owned() } else { format!("etc/ssh/{named}") };
        if self.files > MAX_FILES {
            return;
        }
        match pattern::expand(self.reading, &path) {
            Ok(paths) => paths.iter().for_each(|path| self.file(path, scope, depth + 1)),
            Err(unread) => self.unread(&unread.path, scope),
        }
    }

    fn directive(&mut self, file: &HostFile, directive: Directive, scope: &Scope) {
        let Directive { keyword, word, arguments, line } = directive;
        if !KEPT.contains(&keyword.as_str()) {
            return;
        }
        let word = word.map(|word| Text::of(&word));
        let said = Said { value: normal(&keyword, &arguments), place: file.at(line), word };
        let is_for_all = NOT_IN_BLOCKS.contains(&keyword.as_str());
        match scope {
            Scope::Some(_) if is_for_all => {}
            Scope::All if is_for_all => self.whole.set(&keyword, said),
            Scope::Whole => self.whole.set(&keyword, said),
            Scope::All => self.all.set(&keyword, said),
            Scope::Some(criteria) => self.blocks.set(&self.all, criteria, keyword, said),
        }
    }

    /// Returns the settings in force, and those of blocks.
    pub(super) fn settled(self, version: Option<(u32, u32)>) -> (BTreeMap<String, Setting>, Vec<Narrow>) {
        let settings = KEPT.iter().map(|keyword| ((*keyword).to_owned(), self.setting(keyword, version))).collect();
        let narrow = self.blocks.settings.iter().map(|(criteria, keyword, said)| Narrow {
            name: text!("Match {}: {}", *criteria, *keyword),
            criteria: text!("{}", *criteria),
            keyword: keyword.clone(),
            value: text!("{}", whole_list(keyword, &said.value, version).unwrap_or_else(|| said.value.clone())),
            place: said.place.clone(),
            word: said.word.clone(),
        });
        (settings, narrow.collect())
    }

    fn setting(&self, keyword: &str, version: Option<(u32, u32)>) -> Setting {
        // What blocks cannot set stands in no layer of its own.
        let layers = if NOT_IN_BLOCKS.contains(&keyword) { &[&self.whole][..] } else { &[&self.all, &self.whole] };
        for layer in layers {
            if let Some(path) = layer.unsure.get(keyword) {
                return Setting::Unread { path: path.clone() };
            }
            if let Some(Said { value, place, word }) = layer.settings.get(keyword) {
                return match whole_list(keyword, value, version) {
                    Some(value) => {
                        Setting::File { value: text!("{}", value), place: place.clone(), word: word.clone() }
                    }
                    None => Setting::Version,
                };
            }
            if let Some(path) = &layer.unread {
                return Setting::Unread { path: path.clone() };
            }
        }
        match default(keyword, version) {
            Some(value) => Setting::Default { value: Text::trusted(value) },
            None => Setting::Version,
        }
    }
}

/// Returns the scope that a `Match` line opens. One in an included file narrows the block it is included in.
fn within(outer: &Scope, directive: &Directive) -> Scope {
    let criteria = directive.arguments.join(" ");
    let is_all = directive.arguments.len() == 1 && criteria.eq_ignore_ascii_case("all");
    match (outer, is_all) {
        (Scope::Whole | Scope::All, true) => Scope::All,
        (Scope::Whole | Scope::All, false) => Scope::Some(criteria),
        (Scope::Some(_), true) => outer.clone(),
        (Scope::Some(before), false) => Scope::Some(format!("{before} {criteria}")),
    }
}

/// Returns a value as `sshd -T` shows it.
fn normal(keyword: &str, arguments: &[String]) -> String {
    let first = arguments.first().cloned().unwrap_or_default();
    match keyword {
        "authorizedkeysfile" => arguments.join(" "),
        "permitrootlogin" if first.eq_ignore_ascii_case("without-password") => "prohibit-password".to_owned(),
        "logingracetime" | "clientaliveinterval" => seconds(&first).map_or(first, |seconds| seconds.to_string()),
        "maxauthtries" | "maxsessions" => first.parse::<u64>().map_or(first, |number| number.to_string()),
        _ => first,
    }
}

/// Reads a time: `90`, `1m30s`, `2h` (`sshd_config(5)`, TIME FORMATS).
fn seconds(text: &str) -> Option<u64> {
    let mut total: u64 = 0;
    let mut rest = text;
    while !rest.is_empty() {
        let end = rest.find(|character: char| !character.is_ascii_digit()).unwrap_or(rest.len());
        let (digits, unit) = rest.split_at_checked(end)?;
        let factor = match unit.chars().next().map(|unit| unit.to_ascii_lowercase()) {
            None | Some('s') => 1,
            Some('m') => 60,
            Some('h') => 3_600,
            Some('d') => 86_400,
            Some('w') => 604_800,
            Some(_) => return None,
        };
        total = total.checked_add(digits.parse::<u64>().ok()?.checked_mul(factor)?)?;
        rest = unit.get(1..).unwrap_or_default();
    }
    (!text.is_empty()).then_some(total)
}

/// Puts a list of algorithms together with the default: `+` adds, `-` takes away, `^` sets in front. `None` where the default
/// is not known.
fn whole_list(keyword: &str, value: &str, version: Option<(u32, u32)>) -> Option<String> {
    let Some(sign) = value.chars().next().filter(|sign| LISTS.contains(&keyword) && "+-^".contains(*sign)) else {
        return Some(value.to_owned());
    };
    let known: Vec<&str> = default(keyword, version)?.split(',').collect();
    let named: Vec<&str> = value.get(1..)?.split(',').collect();
    let list: Vec<&str> = match sign {
        '-' => {
            let patterns: Vec<_> = named.iter().filter_map(|name| pattern::matcher(name)).collect();
            known.into_iter().filter(|name| !patterns.iter().any(|pattern| pattern.is_match(name))).collect()
        }
        '+' => {
            let added = named.into_iter().filter(|name| !known.contains(name));
            known.iter().copied().chain(added).collect()
        }
        _ => {
            let rest = known.into_iter().filter(|name| !named.contains(name));
            named.iter().copied().chain(rest).collect()
        }
    };
    Some(list.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_read_as_openssh_does() {
        let check = |text: &str, expected: Option<u64>| assert_eq!(seconds(text), expected, "{text}");
        check("0", Some(0));
        check("90", Some(90));
        check("1m30s", Some(90));
        check("2H", Some(7_200));
        check("1w", Some(604_800));
        check("", None);
        check("m", None);
        check("10x", None);
        check("99999999999999999999", None);
        check("1é", None);
    }

    #[test]
    fn of_blocks_that_fit_a_login_the_first_value_counts() {
        let lines = |lines: &[(&str, &str)]| {
            let (mut all, mut blocks) = (Layer::default(), Blocks::default());
            let place = Place::file(&TreePath::root());
            for (criteria, value) in lines {
                let keyword = "passwordauthentication".to_owned();
                let said = Said { value: (*value).to_owned(), place: place.clone(), word: None };
                match *criteria {
                    "all" => all.set(&keyword, said),
                    criteria => blocks.set(&all, criteria, keyword, said),
                }
            }
            blocks
                .settings
                .into_iter()
                .map(|(criteria, _, said)| format!("{criteria}: {}", said.value))
                .collect::<Vec<_>>()
        };
        assert_eq!(lines(&[("User a", "no"), ("User a", "yes")]), ["User a: no"]);
        assert_eq!(lines(&[("User a", "no"), ("User b", "yes")]), ["User a: no", "User b: yes"]);
        assert_eq!(lines(&[("all", "no"), ("User a", "yes")]), Vec::<String>::new());
        assert_eq!(lines(&[("User a", "yes"), ("all", "no")]), ["User a: yes"]);
    }

    #[test]
    fn lists_are_put_together_with_the_default() {
        let check = |keyword: &str, value: &str, expected: Option<&str>| {
            assert_eq!(whole_list(keyword, value, Some((9, 2))).as_deref(), expected, "{keyword} {value}");
        };
        check("ciphers", "aes128-cbc", Some("aes128-cbc"));
        check(
            "ciphers",
            "-aes128*",
            Some("chacha20-poly1305@openssh.com,aes192-ctr,aes256-ctr,aes256-gcm@openssh.com"),
        );
        check("maxauthtries", "-3", Some("-3"));
        assert!(whole_list("macs", "^hmac-md5", None).is_some_and(|list| list.starts_with("hmac-md5,umac-64-etm")));
        assert!(whole_list("macs", "+hmac-md5", None).is_some_and(|list| list.ends_with(",hmac-md5")));
        assert_eq!(whole_list("kexalgorithms", "+x", None), None);
    }
}
