//! The options that may stand in a requirements file.

use super::lines::Word;

/// What an option means here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    IndexUrl,
    ExtraIndexUrl,
    FindLinks,
    TrustedHost,
    RequireHashes,
    Include,
    Editable,
    Hash,
    /// Nothing that is a fact here.
    Other,
}

/// An option with its value.
pub(super) struct Given {
    pub(super) kind: Kind,
    /// Its long name.
    pub(super) name: &'static str,
    /// Its value, empty where it takes none.
    pub(super) value: String,
    /// Where it begins in the line's text, and its length there as far as it is one word.
    pub(super) start: usize,
    pub(super) length: usize,
}

struct Known {
    long: &'static str,
    short: Option<char>,
    takes_value: bool,
    kind: Kind,
}

const fn known(long: &'static str, short: Option<char>, takes_value: bool, kind: Kind) -> Known {
    Known { long, short, takes_value, kind }
}

/// The options of pip's `SUPPORTED_OPTIONS` and `SUPPORTED_OPTIONS_REQ`, those of older versions behind them.
static KNOWN: [Known; 29] = [
    known("--index-url", Some('i'), true, Kind::IndexUrl),
    known("--pypi-url", None, true, Kind::IndexUrl),
    known("--extra-index-url", None, true, Kind::ExtraIndexUrl),
    known("--no-index", None, false, Kind::Other),
    known("--constraint", Some('c'), true, Kind::Include),
    known("--requirement", Some('r'), true, Kind::Include),
    known("--editable", Some('e'), true, Kind::Editable),
    known("--find-links", Some('f'), true, Kind::FindLinks),
    known("--no-binary", None, true, Kind::Other),
    known("--only-binary", None, true, Kind::Other),
    known("--prefer-binary", None, false, Kind::Other),
    known("--require-hashes", None, false, Kind::RequireHashes),
    known("--pre", None, false, Kind::Other),
    known("--all-releases", None, true, Kind::Other),
    known("--only-final", None, true, Kind::Other),
    known("--trusted-host", None, true, Kind::TrustedHost),
    known("--use-feature", None, true, Kind::Other),
    known("--global-option", None, true, Kind::Other),
    known("--hash", None, true, Kind::Hash),
    known("--config-settings", Some('C'), true, Kind::Other),
    known("--config-setting", None, true, Kind::Other),
    known("--install-option", None, true, Kind::Other),
    known("--always-unzip", Some('Z'), false, Kind::Other),
    known("--process-dependency-links", None, false, Kind::Other),
    known("--use-wheel", None, false, Kind::Other),
    known("--no-use-wheel", None, false, Kind::Other),
    known("--allow-external", None, true, Kind::Other),
    known("--allow-unverified", None, true, Kind::Other),
    known("--allow-all-external", None, false, Kind::Other),
];

/// Reads options as Python's `optparse` does: `--name=value`, `--name value`, `-nvalue`, and names cut short.
///
/// # Errors
/// The word that is no option, or lacks its value.
pub(super) fn read(words: Vec<Word>) -> Result<Vec<Given>, Word> {
    let mut out = Vec::new();
    let mut words = words.into_iter();
    while let Some(word) = words.next() {
        if word.text == "--" {
            break;
        }
        let (found, attached) = if word.text.starts_with("--") {
            let (name, value) = match word.text.split_once('=') {
                Some((name, value)) => (name, Some(value.to_owned())),
                None => (word.text.as_str(), None),
            };
            (long(name), value)
        } else if let Some(short) = word.text.strip_prefix('-').filter(|rest| !rest.is_empty()) {
            let mut characters = short.chars();
            let name = characters.next();
            let rest = characters.as_str();
            (KNOWN.iter().find(|known| known.short == name), (!rest.is_empty()).then(|| rest.to_owned()))
        } else {
            // Words that are neither option nor value are passed over, as pip does.
            continue;
        };
        let Some(found) = found else { return Err(word) };
        let value = match (found.takes_value, attached) {
            (true, Some(value)) => value,
            (true, None) => match words.next() {
                Some(value) => value.text,
                None => return Err(word),
            },
            (false, None) => String::new(),
            (false, Some(_)) => return Err(word),
        };
        out.push(Given { kind: found.kind, name: found.long, value, start: word.start, length: word.text.len() });
    }
    Ok(out)
}

/// Finds an option by its name, or by a beginning of it that no other has.
fn long(name: &str) -> Option<&'static Known> {
    if let Some(exact) = KNOWN.iter().find(|known| known.long == name) {
        return Some(exact);
    }
    let mut all = KNOWN.iter().filter(|known| known.long.starts_with(name));
    let first = all.next()?;
    all.all(|other| other.kind == first.kind && other.takes_value == first.takes_value).then_some(first)
}

#[cfg(test)]
mod tests {
    use super::super::lines::words;
    use super::*;

    #[test]
    fn options_are_read_as_optparse_does() {
        let check = |text: &str, expected: Option<&[(&str, &str)]>| {
            let found = read(words(text, 0).unwrap()).ok();
            let found = found.map(|all| all.into_iter().map(|it| (it.name, it.value)).collect::<Vec<_>>());
            let found: Option<Vec<(&str, &str)>> =
                found.as_ref().map(|all| all.iter().map(|(name, value)| (*name, value.as_str())).collect());
            assert_eq!(found.as_deref(), expected, "{text}");
        };
        check("-i https://a", Some(&[("--index-url", "https://a")]));
        check("-ihttps://a --pre", Some(&[("--index-url", "https://a"), ("--pre", "")]));
        check("--extra=https://a", Some(&[("--extra-index-url", "https://a")]));
        check("--hash sha256:00 stray", Some(&[("--hash", "sha256:00")]));
        check("--config-set x=y", Some(&[("--config-settings", "x=y")]));
        check("--no", None);
        check("--pre=yes", None);
        check("--hash", None);
        check("--frobnicate", None);
        check("-x", None);
    }
}
