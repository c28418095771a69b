//! The lines of `passwd(5)`, `shadow(5)` and `group(5)`, as glibc reads them: blanks in front are passed over, a line that
//! begins with `#` is a comment, one with `+` or `-` speaks of NIS, and the numbers must be numbers.

use super::password::{Password, password};
use crate::host::line::{Line, lines};
use crate::text::Text;

/// How many lines of a file are read.
const MAX_RECORDS: usize = 1_000_000;

/// What a line is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Record<T> {
    /// A record of its own.
    Own(T),
    /// A line of NIS.
    Nis {
        /// What stands in the place of the name, where it lets in names from elsewhere (`+`) rather than keeping some
        /// out (`-`).
        lets_in: Option<Text>,
    },
    /// No record: it is passed over.
    Broken,
}

/// How many characters of what stands in the place of a name are kept.
const MAX_NIS_NAME: usize = 256;

/// A line of passwd.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// The name.
    pub name: Text,
    /// The password, or where it stands.
    pub password: Password,
    /// The number.
    pub user: u32,
    /// The number of the primary group.
    pub group: u32,
    /// The home folder.
    pub home: Vec<u8>,
    /// What is started at login.
    pub shell: Vec<u8>,
}

/// A line of group.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Members {
    /// The name.
    pub name: Text,
    /// The number.
    pub group: u32,
    /// Who is in it, beside those whose primary group it is.
    pub members: Vec<Text>,
}

/// Reads passwd.
pub fn users(bytes: &[u8]) -> impl Iterator<Item = (u32, Record<User>)> {
    records(bytes, |fields| {
        let [name, secret, user, group] = *fields.first_chunk::<4>()?;
        let field = |at: usize| fields.get(at).copied().unwrap_or_default().to_vec();
        Some(User {
            name: Text::of(name),
            password: password(secret),
            user: number(user)?,
            group: number(group)?,
            home: field(5),
            shell: fields.get(6..).unwrap_or_default().join(&b':'),
        })
    })
}

/// Reads shadow. Numbers may be missing, their places not.
pub fn secrets(bytes: &[u8]) -> impl Iterator<Item = (u32, Record<(Text, Password)>)> {
    records(bytes, |fields| {
        let (name, secret) = (fields.first()?, fields.get(1)?);
        let numbers = fields.get(2..).unwrap_or_default();
        let is_whole = numbers.len() > 3 || matches!(numbers, [_, _, last] if !last.is_empty());
        let is_number = |field: &&[u8]| field.is_empty() || number(field).is_some() || *field == b"-1".as_slice();
        (is_whole && numbers.iter().take(7).all(is_number)).then(|| (Text::of(*name), password(secret)))
    })
}

/// Reads group.
pub fn groups(bytes: &[u8]) -> impl Iterator<Item = (u32, Record<Members>)> {
    records(bytes, |fields| {
        let [name, _, group] = *fields.first_chunk::<3>()?;
        let members = fields.get(3).copied().unwrap_or_default().split(|byte| *byte == b',');
        let members = members.map(<[u8]>::trim_ascii).filter(|name| !name.is_empty()).map(Text::of);
        Some(Members { name: Text::of(name), group: number(group)?, members: members.collect() })
    })
}

fn records<'a, T>(
    bytes: &'a [u8],
    read: impl Fn(&[&'a [u8]]) -> Option<T> + 'a,
) -> impl Iterator<Item = (u32, Record<T>)> + 'a {
    lines(bytes).take(MAX_RECORDS).filter_map(move |Line { number, bytes }| {
        let line = bytes.trim_ascii_start();
        let record = match line.first()? {
            b'#' => return None,
            b'+' => {
                let name = line.split(|byte| *byte == b':').next().unwrap_or(line);
                Record::Nis { lets_in: Some(Text::of(name).shortened(MAX_NIS_NAME)) }
            }
            b'-' => Record::Nis { lets_in: None },
            _ => {
                let fields: Vec<&[u8]> = line.split(|byte| *byte == b':').collect();
                match fields.first().filter(|name| !name.is_empty()).and_then(|_| read(&fields)) {
                    Some(record) => Record::Own(record),
                    None => Record::Broken,
                }
            }
        };
        Some((number, record))
    })
}

/// Reads a number of passwd: blanks and a sign may stand in front, nothing behind.
fn number(field: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(field).ok()?.trim_ascii_start();
    match text.strip_prefix('-') {
        // Minus nothing is nothing.
        Some(digits) => (!digits.is_empty() && digits.bytes().all(|byte| byte == b'0')).then_some(0),
        None => text.strip_prefix('+').filter(|rest| !rest.starts_with('+')).unwrap_or(text).parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn users_are_read_as_glibc_reads_them() {
        let check = |line: &str, expected: Option<(&str, u32, u32)>| {
            let found = users(line.as_bytes()).find_map(|(_, record)| match record {
                Record::Own(user) => Some((user.name.to_string(), user.user, user.group)),
                Record::Nis { .. } | Record::Broken => None,
            });
            let expected = expected.map(|(name, user, group)| (name.to_owned(), user, group));
            assert_eq!(found, expected, "{line}");
        };
        // Measured with getent of glibc 2.36.
        check("root:x:0:0:root:/root:/bin/bash", Some(("root", 0, 0)));
        check("  blank:x: 7:0::/x:/bin/sh", Some(("blank", 7, 0)));
        check("short:x:0:0", Some(("short", 0, 0)));
        check("plus:x:+0:0::/:/bin/sh", Some(("plus", 0, 0)));
        check("minus:x:-0:0::/:/bin/sh", Some(("minus", 0, 0)));
        check("bob:x:10000:100:Bob 0:/home/bob:/bin/bash", Some(("bob", 10_000, 100)));
        check("#cmt:x:0:0:::/bin/sh", None);
        check("nogid:x:5", None);
        check("hexa:x:0x0:0::/:/bin/sh", None);
        check("big:x:4294967296:0::/:/bin/sh", None);
        check("empty:x::0::/:/bin/sh", None);
        check("trail:x:0 :0::/:/bin/sh", None);
        check(":x:0:0::/:/bin/sh", None);
        check("+nis::::::", None);
        check("", None);
    }

    #[test]
    fn secrets_are_read_as_glibc_reads_them() {
        let check = |line: &str, is_record: bool| {
            let found = secrets(line.as_bytes()).any(|(_, record)| matches!(record, Record::Own(_)));
            assert_eq!(found, is_record, "{line}");
        };
        check("svc::19700:0:99999:7:::", true);
        check("svc:::::::", true);
        check("svc::1:2:3", true);
        check("svc::::", false);
        check("svc:", false);
        check("svc::x:0:99999:7:::", false);
        check("+::::::::", false);
    }

    #[test]
    fn groups_are_read_as_glibc_reads_them() {
        let check = |line: &str, expected: &[&str]| {
            let found = groups(line.as_bytes()).find_map(|(_, record)| match record {
                Record::Own(group) => Some(group.members.iter().map(ToString::to_string).collect::<Vec<_>>()),
                Record::Nis { .. } | Record::Broken => None,
            });
            assert_eq!(found.unwrap_or_default(), expected, "{line}");
        };
        check("docker:x:998:alice,bob", &["alice", "bob"]);
        check("docker:x:998:", &[]);
        check("docker:x:998", &[]);
        check("docker:x::alice", &[]);
    }
}
