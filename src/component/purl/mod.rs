//! Package URLs (ECMA-427): read, built, and written in their canonical form.

mod encoding;
mod fault;
mod locked;
mod parse;
#[cfg(test)]
mod tests;
mod types;

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;

pub use fault::{Part, PurlFault};
pub use locked::purl;

use crate::text::Text;
use encoding::{SHOWN, encode, encode_segments};
use types::{Namespace, Shape, Type};

/// Returns the type of a package URL as it is written, sound or not.
#[must_use]
pub fn purl_type(purl: &str) -> Option<&str> {
    purl.strip_prefix("pkg:")?.split('/').next()
}

/// A package URL whose parts are as ECMA-427 and the definition of its type want them.
///
/// Two are equal where their canonical forms are. Nothing is left out that is the default of its type.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Purl {
    kind: String,
    namespace: Option<String>,
    name: String,
    version: Option<String>,
    qualifiers: BTreeMap<String, String>,
    subpath: Option<String>,
}

/// The parts of a package URL, decoded, as whoever builds one has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PurlParts {
    /// The type: `cargo`, `npm`.
    pub kind: String,
    /// What stands before the name, its segments with slashes between them.
    pub namespace: Option<String>,
    /// The name.
    pub name: String,
    /// The version; an empty one is none.
    pub version: Option<String>,
    /// The qualifiers, in any order; one without a value is none.
    pub qualifiers: Vec<(String, String)>,
    /// A path within the package, relative to its root.
    pub subpath: Option<String>,
}

impl Purl {
    /// Reads a package URL; what is not canonical is made so where ECMA-427 lets readers do it.
    ///
    /// # Errors
    /// Where the text is no package URL, or not one of its type.
    pub fn parse(text: &str) -> Result<Self, PurlFault> {
        parse::parts(text).and_then(Self::build)
    }

    /// Builds a package URL from its parts, written as its type wants them.
    ///
    /// # Errors
    /// Where the parts make no package URL, or not one of its type.
    pub fn build(parts: PurlParts) -> Result<Self, PurlFault> {
        let PurlParts { kind: given, namespace, name, version, qualifiers: pairs, subpath: path } = parts;
        let kind = kind(&given)?;
        let rules = Type::of(&kind);
        let qualifiers = qualifiers(pairs)?;
        let place = qualifiers.get("repository_url").map(String::as_str);
        let (namespace, name) = namespace_and_name(&kind, namespace.as_deref().unwrap_or_default(), &name, place)?;
        let version = version.filter(|version| !version.is_empty());
        let version = version.map(|version| rules.version.apply(&version, None).into_owned());
        if let Some(version) = &version {
            check_characters(Part::Version, version)?;
            if let Some(expected) = rules.shape.fault_of_version(version) {
                return Err(not_permitted(&kind, Part::Version, expected, version));
            }
        }
        let subpath = subpath(rules, path.as_deref().unwrap_or_default())?;
        if let Some(key) = rules.requires.iter().find(|key| !qualifiers.contains_key(**key)) {
            return Err(PurlFault::QualifierMissing { kind: Text::of(&kind), key });
        }
        // "Use of this key is mutually exclusive with the version component" (Annex B).
        if version.is_some() && qualifiers.contains_key("vers") {
            return Err(PurlFault::VersionAndRange);
        }
        Ok(Self { kind, namespace, name, version, qualifiers, subpath })
    }

    /// Returns the type, in lower case.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.kind
    }

    /// Returns what stands before the name, decoded, with slashes between its segments.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        self.namespace.as_deref()
    }

    /// Returns the name, decoded.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Returns the version, decoded.
    #[must_use]
    pub fn version(&self) -> Option<&str> {
        self.version.as_deref()
    }

    /// Returns the qualifiers, decoded, in the order of their keys.
    #[must_use]
    pub fn qualifiers(&self) -> &BTreeMap<String, String> {
        &self.qualifiers
    }

    /// Returns the path within the package, decoded, with slashes between its segments.
    #[must_use]
    pub fn subpath(&self) -> Option<&str> {
        self.subpath.as_deref()
    }

    /// Returns it without its version, or its range of versions: what an update leaves as it is.
    #[must_use]
    pub fn without_version(&self) -> Self {
        let mut out = Self { version: None, ..self.clone() };
        out.qualifiers.remove("vers");
        out
    }

    /// Returns it without the qualifiers that say what they would mean if they were left out.
    #[must_use]
    pub fn without_defaults(&self) -> Self {
        let mut out = self.clone();
        for (key, value) in Type::of(&self.kind).defaults {
            if out.qualifiers.get(*key).is_some_and(|found| found == value) {
                out.qualifiers.remove(*key);
            }
        }
        out
    }

    /// Returns it with the name as its registry looks names up: two with the same key name one package, though they
    /// may be spelt differently (`Newtonsoft.Json` of nuget, `zope.interface` of pypi).
    #[must_use]
    pub fn join_key(&self) -> Self {
        Self { name: Type::of(&self.kind).joined.apply(&self.name).into_owned(), ..self.clone() }
    }
}

impl FromStr for Purl {
    type Err = PurlFault;

    fn from_str(text: &str) -> Result<Self, PurlFault> {
        Self::parse(text)
    }
}

impl fmt::Display for Purl {
    /// Writes the canonical form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = format!("pkg:{}/", self.kind);
        if let Some(namespace) = &self.namespace {
            encode_segments(namespace, &mut out);
            out.push('/');
        }
        match Type::of(&self.kind).shape {
            Shape::Path => encode_segments(&self.name, &mut out),
            _ => encode(&self.name, &mut out),
        }
        if let Some(version) = &self.version {
            out.push('@');
            encode(version, &mut out);
        }
        for (at, (key, value)) in self.qualifiers.iter().enumerate() {
            out.extend([if at == 0 { "?" } else { "&" }, key, "="]);
            encode(value, &mut out);
        }
        if let Some(subpath) = &self.subpath {
            out.push('#');
            encode_segments(subpath, &mut out);
        }
        f.write_str(&out)
    }
}

/// Returns a type as it is written.
fn kind(text: &str) -> Result<String, PurlFault> {
    let is_permitted = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    if !text.starts_with(|first: char| first.is_ascii_alphabetic()) || !text.bytes().all(is_permitted) {
        return Err(PurlFault::Type { found: shown(text) });
    }
    Ok(text.to_ascii_lowercase())
}

fn qualifiers(pairs: Vec<(String, String)>) -> Result<BTreeMap<String, String>, PurlFault> {
    let mut out = BTreeMap::new();
    for (key, value) in pairs {
        let is_permitted = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
        if !key.starts_with(|first: char| first.is_ascii_alphabetic()) || !key.bytes().all(is_permitted) {
            return Err(PurlFault::QualifierKey { found: shown(&key) });
        }
        check_characters(Part::Qualifier, &value)?;
        // "A key=value pair with an empty value is the same as if no key=value pair exists for this key."
        if value.is_empty() {
            continue;
        }
        let key = key.to_ascii_lowercase();
        if out.contains_key(&key) {
            return Err(PurlFault::QualifierTwice { key: shown(&key) });
        }
        out.insert(key, value);
    }
    Ok(out)
}

/// Returns namespace and name as the type has them written.
fn namespace_and_name(
    kind: &str,
    namespace: &str,
    name: &str,
    repository_url: Option<&str>,
) -> Result<(Option<String>, String), PurlFault> {
    let rules = Type::of(kind);
    // "All leading and trailing slashes are not significant."
    let name = name.trim_matches('/');
    if name.is_empty() {
        return Err(PurlFault::NoName);
    }
    check_characters(Part::Namespace, namespace)?;
    check_characters(Part::Name, name)?;
    let mut segments: Vec<&str> = namespace.split('/').filter(|segment| !segment.is_empty()).collect();
    let mut whole = Cow::Borrowed(name);
    if rules.shape == Shape::Path {
        segments.extend(name.split('/').filter(|segment| !segment.is_empty()));
        whole = Cow::Owned(segments.get(1..).unwrap_or_default().join("/"));
        segments.truncate(1);
    }
    let name = rules.name(&whole, repository_url).into_owned();
    let namespace: Vec<Cow<'_, str>> = segments.into_iter().map(|segment| rules.segment(segment)).collect();
    let namespace = (!namespace.is_empty()).then(|| namespace.join("/"));
    match (rules.namespace, &namespace) {
        (Namespace::Required(_), None) => return Err(PurlFault::NamespaceMissing { kind: Text::of(kind) }),
        (Namespace::Prohibited, Some(found)) => {
            return Err(PurlFault::NamespaceProhibited { kind: Text::of(kind), found: shown(found) });
        }
        _ => {}
    }
    if name.is_empty() {
        return Err(PurlFault::NoName);
    }
    if let Some(expected) = rules.shape.fault_of_name(&name) {
        return Err(not_permitted(kind, Part::Name, expected, &name));
    }
    Ok((namespace, name))
}

fn subpath(rules: &Type, text: &str) -> Result<Option<String>, PurlFault> {
    check_characters(Part::Subpath, text)?;
    // A segment that is empty or `.` leads nowhere else when it is left out; `..` does.
    let segments: Vec<&str> = text.split('/').filter(|segment| !matches!(*segment, "" | ".")).collect();
    if segments.contains(&"..") {
        return Err(PurlFault::Upwards { found: shown(text) });
    }
    let joined = segments.join("/");
    Ok((!joined.is_empty()).then(|| rules.subpath.apply(&joined, None).into_owned()))
}

/// Refuses control characters: they have no business in a name, and an attacker's log line or header is made of them.
fn check_characters(part: Part, text: &str) -> Result<(), PurlFault> {
    if text.chars().any(char::is_control) {
        return Err(PurlFault::Control { part, found: shown(text) });
    }
    Ok(())
}

fn not_permitted(kind: &str, part: Part, expected: &'static str, found: &str) -> PurlFault {
    PurlFault::NotPermitted { kind: Text::of(kind), part, expected, found: shown(found) }
}

fn shown(found: &str) -> Text {
    Text::of(found).shortened(SHOWN)
}
