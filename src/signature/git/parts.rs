//! What stands in an object of git: its headers, what is signed of it, and the signature.

use std::borrow::Cow;

use jiff::Timestamp;

use super::Kind;
use crate::signature::{Fault, FaultKind, Function, Hashes, Hashing};
use crate::text;
use crate::text::{Text, hex};

/// What a signature by X.509 begins with.
pub(super) const X509: &[u8] = b"-----BEGIN SIGNED MESSAGE-----";
/// What a signature begins with (git, `gpg-interface.c`).
const BEGINNINGS: [&[u8]; 4] =
    [b"-----BEGIN PGP SIGNATURE-----", b"-----BEGIN PGP MESSAGE-----", X509, b"-----BEGIN SSH SIGNATURE-----"];

/// How a repository names its objects.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Sha1,
    Sha256,
}

impl Format {
    pub(super) fn of(id: &str) -> Option<Self> {
        match id.len() {
            40 => Some(Self::Sha1),
            64 => Some(Self::Sha256),
            _ => None,
        }
    }

    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Sha1 => "git-sha1",
            Self::Sha256 => "git-sha256",
        }
    }

    /// Returns the header of a commit that holds its signature.
    fn header(self) -> &'static [u8] {
        match self {
            Self::Sha1 => b"gpgsig",
            Self::Sha256 => b"gpgsig-sha256",
        }
    }

    /// Returns the id that bytes have.
    pub(super) fn id(self, kind: Kind, bytes: &[u8]) -> Option<String> {
        let function = match self {
            Self::Sha1 => Function::Sha1,
            Self::Sha256 => Function::Sha256,
        };
        let prefix = format!("{} {}\0", kind.word(), bytes.len()).into_bytes().into();
        let hashing = Hashing { prefix, ..Hashing::plain(function) };
        let mut hashes = Hashes::new([hashing.clone()]);
        hashes.update(bytes);
        hashes.digest(&hashing, &[]).map(|digest| hex(&digest))
    }

    fn is_id(self, text: &[u8]) -> bool {
        let is_hex = |byte: &u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(byte);
        Self::of(&String::from_utf8_lossy(text)) == Some(self) && text.iter().all(is_hex)
    }
}

/// A header with the lines that continue it.
pub(super) struct Header<'a> {
    pub(super) name: &'a [u8],
    whole: Cow<'a, [u8]>,
}

impl Header<'_> {
    /// Returns the value without the blank before each line.
    fn value(&self) -> Vec<u8> {
        let mut value = Vec::new();
        for (at, line) in self.whole.split_inclusive(|byte| *byte == b'\n').enumerate() {
            let start = if at == 0 { self.name.len() + 1 } else { 1 };
            value.extend_from_slice(line.get(start..).unwrap_or_default());
        }
        value
    }

    /// Returns the value of a header of one line.
    pub(super) fn line(&self) -> Option<Vec<u8>> {
        let value = self.value();
        value.strip_suffix(b"\n").filter(|line| !line.contains(&b'\n')).map(<[u8]>::to_vec)
    }
}

/// Splits the headers off, and returns the rest with the empty line before it.
pub(super) fn headers(bytes: &[u8]) -> Option<(Vec<Header<'_>>, &[u8])> {
    let mut headers: Vec<Header<'_>> = Vec::new();
    let mut rest = bytes;
    while !rest.is_empty() && !rest.starts_with(b"\n") {
        let end = rest.iter().position(|byte| *byte == b'\n').map_or(rest.len(), |end| end + 1);
        let (line, below) = rest.split_at(end);
        rest = below;
        if line.starts_with(b" ") {
            headers.last_mut()?.whole.to_mut().extend_from_slice(line);
            continue;
        }
        let end = line.iter().position(|byte| matches!(byte, b' ' | b'\n')).unwrap_or(line.len());
        let (name, _) = line.split_at(end);
        headers.push(Header { name, whole: Cow::Borrowed(line) });
    }
    Some((headers, rest))
}

/// Returns when a commit was made: what its `committer` says.
pub(super) fn time_of(commit: &[u8]) -> Option<Timestamp> {
    let (headers, _) = headers(commit)?;
    let line = headers.iter().find(|header| header.name == b"committer")?.line()?;
    let mut words = line.rsplit(|byte| *byte == b' ').skip(1);
    let seconds: i64 = std::str::from_utf8(words.next()?).ok()?.parse().ok()?;
    Timestamp::from_second(seconds).ok()
}

/// The id and the kind of what an object names, and the name that a tag has.
pub(super) type Head = (String, &'static [u8], Option<Vec<u8>>);

/// Reads what an object is about: the id and kind of its target, and a tag's name.
pub(super) fn head(kind: Kind, format: Format, headers: &[Header<'_>]) -> Option<Head> {
    let value = |at: usize, name: &[u8]| headers.get(at).filter(|header| header.name == name)?.line();
    let id = |bytes: Vec<u8>| String::from_utf8(bytes).ok().filter(|id| format.is_id(id.as_bytes()));
    match kind {
        Kind::Commit => Some((id(value(0, b"tree")?)?, b"tree", None)),
        Kind::Tag => {
            let target = id(value(0, b"object")?)?;
            let written = value(1, b"type")?;
            let kinds: [&'static [u8]; 4] = [b"commit", b"tree", b"blob", b"tag"];
            let target_kind = kinds.into_iter().find(|kind| *kind == written)?;
            Some((target, target_kind, Some(value(2, b"tag")?)))
        }
    }
}

/// What is signed, and the signature over it.
pub(super) type Parts = (Vec<u8>, Option<Vec<u8>>);

/// Cuts the signature out of a commit's headers.
pub(super) fn commit_parts(format: Format, headers: &[Header<'_>], rest: &[u8]) -> Result<Parts, Text> {
    let mut payload = Vec::new();
    let mut signature = None;
    for header in headers {
        if !header.name.starts_with(b"gpgsig") {
            payload.extend_from_slice(&header.whole);
        } else if header.name == format.header() {
            if signature.replace(header.value()).is_some() {
                return Err(Text::trusted("holds several signatures, of which git joins the parts"));
            }
        } else if !is_signature_header(header.name) {
            // git leaves it out of what is signed, whatever it says.
            return Err(text!("the header `{}` is not signed", header.name));
        }
    }
    payload.extend_from_slice(rest);
    match signature.as_deref().map(beginnings) {
        Some(places) if places.len() > 1 => Err(several()),
        _ => Ok((payload, signature)),
    }
}

/// Cuts the signature off a tag's end.
pub(super) fn tag_parts(bytes: &[u8]) -> Result<Parts, Text> {
    let places = beginnings(bytes);
    if places.len() > 1 {
        return Err(several());
    }
    let Some((payload, signature)) = places.first().map(|place| bytes.split_at(*place)) else {
        return Ok((bytes.to_vec(), None));
    };
    // A header holds the signature over the same tag in a repository of the other format.
    let (headers, rest) = headers(payload).ok_or_else(|| Text::trusted("the headers are damaged"))?;
    let mut signed = Vec::new();
    for header in headers.iter().filter(|header| !is_signature_header(header.name)) {
        signed.extend_from_slice(&header.whole);
    }
    signed.extend_from_slice(rest);
    Ok((signed, Some(signature.to_vec())))
}

fn is_signature_header(name: &[u8]) -> bool {
    [Format::Sha1, Format::Sha256].iter().any(|format| format.header() == name)
}

fn several() -> Text {
    Text::trusted("holds several signatures, of which git looks at the last alone")
}

/// Returns where lines stand that begin a signature.
fn beginnings(bytes: &[u8]) -> Vec<usize> {
    let mut at = 0;
    let mut places = Vec::new();
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        if BEGINNINGS.iter().any(|beginning| line.starts_with(beginning)) {
            places.push(at);
        }
        at += line.len();
    }
    places
}

/// Returns that something stands behind a signature's end, where nothing is signed.
pub(super) fn trailing(signature: &[u8]) -> Option<Fault> {
    let mut behind = signature.split(|byte| *byte == b'\n').skip_while(|line| !line.starts_with(b"-----END "));
    let _end = behind.next()?;
    let is_blank = behind.all(|line| line.trim_ascii().is_empty());
    (!is_blank).then(|| Fault::new(FaultKind::UnsignedContent, Text::trusted("text stands behind the signature")))
}
