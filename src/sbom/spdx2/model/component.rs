//! What packages and files have in common.

use crate::document::{Node, Object};
use crate::sbom::model::{Fields, Hash, HashAlgorithm, Losses, Stated, Words};
use crate::sbom::spdx2::{NO_ASSERTION, NONE, expression, syntax};

use super::property::{MEMBER, Property};

/// The members that the model does not know, each a property under its own name.
static TEXTS: &[&str] =
    &["sourceInfo", "licenseComments", "summary", "noticeText", "builtDate", "releaseDate", "validUntilDate", CODE];

/// The code that verifies the files of a package, which is a property as tags have it.
pub(super) const CODE: &str = "packageVerificationCode";

/// Those that are lists of texts: a property an item.
static LISTS: &[&str] = &["attributionTexts", "fileTypes", "licenseInfoFromFiles"];

/// Reads the members that become properties, but for those that were read already.
pub(super) fn read_members<'n>(fields: &Fields<'n, '_>, but: &[&str], out: &mut Vec<Property<'n>>) {
    for key in TEXTS.iter().filter(|key| **key != CODE && !but.contains(key)) {
        out.extend(fields.text(key).map(|text| (format!("{MEMBER}{key}").into(), text)));
    }
    for key in LISTS {
        out.extend(fields.texts(key).into_iter().map(|text| (format!("{MEMBER}{key}").into(), text)));
    }
}

/// Whether a member can have a value.
fn is_sound(key: &str, value: &str) -> bool {
    match key {
        "builtDate" | "releaseDate" | "validUntilDate" => syntax::is_time(value),
        CODE => syntax::is_hexadecimal(value.split(' ').next().unwrap_or_default(), Some(40)),
        "licenseInfoFromFiles" => value == NONE || value == NO_ASSERTION || expression::parse(value).is_ok(),
        _ => !value.is_empty(),
    }
}

/// The properties of a component, parted by how they are written.
pub(super) struct Parted<'n> {
    texts: Vec<(&'static str, &'n str)>,
    lists: Vec<(&'static str, &'n str)>,
    /// Those that become annotations.
    pub(super) others: Vec<(&'n str, &'n str)>,
}

impl<'n> Parted<'n> {
    /// Parts them; `members` are those that the element has.
    pub(super) fn of(properties: &'n [Property<'_>], members: &[&'static str]) -> Self {
        let mut out = Self { texts: Vec::new(), lists: Vec::new(), others: Vec::new() };
        for (name, value) in properties {
            let key = name.strip_prefix(MEMBER);
            let member = |list: &[&'static str]| {
                let key = key.filter(|key| members.contains(key) && is_sound(key, value))?;
                list.iter().copied().find(|known| *known == key)
            };
            match (member(TEXTS), member(LISTS)) {
                (Some(key), _) if out.text(key).is_none() => out.texts.push((key, value)),
                (_, Some(key)) => out.lists.push((key, value)),
                _ => out.others.push((name, value)),
            }
        }
        out
    }

    /// Returns the text of a member.
    pub(super) fn text(&self, key: &str) -> Option<&'n str> {
        self.texts.iter().find(|(known, _)| *known == key).map(|(_, value)| *value)
    }

    /// Returns the items of a list.
    pub(super) fn list(&self, key: &str) -> Vec<Node<'n>> {
        self.lists.iter().filter(|(known, _)| *known == key).map(|(_, value)| Node::from(*value)).collect()
    }
}

/// Reads digests.
pub(super) fn hashes<'n>(fields: &Fields<'n, '_>) -> Vec<Hash<'n>> {
    fields.objects("checksums").filter_map(|one| hash(&one)).collect()
}

/// Reads a digest.
pub(super) fn hash<'n>(one: &Fields<'n, '_>) -> Option<Hash<'n>> {
    Some(Hash { algorithm: HashAlgorithm::named(one.text("algorithm")?), value: one.text("checksumValue")? })
}

/// Writes digests. Their digits are small letters (section 7.10).
pub(super) fn checksums<'n>(hashes: &'n [Hash<'_>], losses: &mut Losses) -> Vec<Node<'n>> {
    let mut out = Vec::with_capacity(hashes.len());
    for hash in hashes {
        let known = hash.algorithm.spelling().and_then(|known| known.spdx2);
        match (spelling(hash), known) {
            (Some(name), _) => out.push(checksum(name, &hash.value)),
            (None, Some(name)) => losses.note(&format!("hashes of {name} that are none")),
            (None, None) => losses.note(&format!("hashes of {}", hash.algorithm.name())),
        }
    }
    out
}

/// Returns the name of the algorithm of a digest that SPDX 2 can hold.
pub(super) fn spelling(hash: &Hash<'_>) -> Option<&'static str> {
    let known = hash.algorithm.spelling()?;
    syntax::is_hexadecimal(&hash.value.to_ascii_lowercase(), known.digits).then_some(known.spdx2).flatten()
}

/// Writes a digest.
pub(super) fn checksum<'n>(algorithm: &'static str, value: &'n str) -> Node<'n> {
    let value = if value.bytes().any(|byte| byte.is_ascii_uppercase()) {
        Node::from(value.to_ascii_lowercase())
    } else {
        value.into()
    };
    Object::new().with("algorithm", algorithm).with("checksumValue", value).into()
}

/// Reads a text that may say that nothing is known, or that there is none.
pub(super) fn stated(text: Option<Words<'_>>) -> Stated<Words<'_>> {
    match text {
        None => Stated::Absent,
        Some(text) if text == NO_ASSERTION => Stated::Unknown,
        Some(text) if text == NONE => Stated::None,
        Some(text) => Stated::Value(text),
    }
}

/// Writes such a text; `None` where nothing is said.
pub(super) fn said<'n>(stated: &'n Stated<Words<'_>>) -> Option<Node<'n>> {
    match stated {
        Stated::Absent => None,
        Stated::Unknown | Stated::Withheld => Some(NO_ASSERTION.into()),
        Stated::None => Some(NONE.into()),
        Stated::Value(text) => Some(text.into()),
    }
}
