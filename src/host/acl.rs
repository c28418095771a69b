//! Access control lists of files, as their extended attribute keeps them (`acl(5)`, `linux/posix_acl_xattr.h`).

use super::names::Names;
use crate::text;
use crate::text::Text;

/// The extended attribute.
pub(super) const ATTRIBUTE: &[u8] = b"system.posix_acl_access";

/// The version of its form.
const VERSION: u32 = 2;

/// The tags of entries.
const NAMED_USER: u16 = 0x02;
const NAMED_GROUP: u16 = 0x08;
const MASK: u16 = 0x10;

/// The bit of the right to write.
const WRITE: u16 = 0x02;

/// How many entries a list may have: thousands of times what anybody sets.
const MAX_ENTRIES: usize = 10_000;

/// Returns whom else than root a list lets write by name: `the user bob`, `the group staff`.
///
/// # Errors
/// What was found instead of a list that a kernel writes.
pub fn writers(value: &[u8], names: &Names) -> Result<Vec<Text>, Text> {
    let wrong = || text!("an access control list of {} bytes that no kernel writes", value.len());
    let (version, rest) = value.split_first_chunk::<4>().ok_or_else(wrong)?;
    if u32::from_le_bytes(*version) != VERSION || rest.len() % 8 != 0 || rest.len() / 8 > MAX_ENTRIES {
        return Err(wrong());
    }
    let entries: Vec<(u16, u16, u32)> = rest
        .chunks_exact(8)
        .filter_map(|entry| match entry {
            [a, b, c, d, e, f, g, h] => {
                Some((u16::from_le_bytes([*a, *b]), u16::from_le_bytes([*c, *d]), u32::from_le_bytes([*e, *f, *g, *h])))
            }
            _ => None,
        })
        .collect();
    let mask = entries.iter().find(|(tag, ..)| *tag == MASK).map_or(WRITE, |(_, rights, _)| *rights);
    let may_write = |rights: u16| rights & mask & WRITE != 0;
    let named = entries.iter().filter(|(_, rights, id)| may_write(*rights) && *id != 0);
    Ok(named
        .filter_map(|(tag, _, id)| match *tag {
            NAMED_USER => Some(text!("the user {}", names.user(*id))),
            NAMED_GROUP => Some(text!("the group {}", names.group(*id))),
            _ => None,
        })
        .collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(entries: &[(u16, u16, u32)]) -> Vec<u8> {
        let mut out = 2_u32.to_le_bytes().to_vec();
        for (tag, rights, id) in entries {
            out.extend(tag.to_le_bytes());
            out.extend(rights.to_le_bytes());
            out.extend(id.to_le_bytes());
        }
        out
    }

    #[test]
    fn who_is_named_and_may_write_is_told() {
        let names = Names::read(Some(b"bob:x:1001:1001::/:/bin/sh\n"), Some(b"staff:x:50:\n"));
        let check = |value: &[u8], expected: Result<&[&str], ()>| {
            let found = writers(value, &names).map_err(drop);
            let found = found.map(|found| found.iter().map(ToString::to_string).collect::<Vec<_>>());
            assert_eq!(found, expected.map(|expected| expected.iter().map(|one| (*one).to_owned()).collect()));
        };
        let whole = [(0x01, 6, u32::MAX), (0x02, 6, 1001), (0x04, 4, u32::MAX), (0x08, 7, 50), (0x10, 7, u32::MAX)];
        check(&list(&whole), Ok(&["the user bob", "the group staff"]));
        check(&list(&[(0x01, 6, u32::MAX), (0x02, 4, 1001), (0x10, 7, u32::MAX)]), Ok(&[]));
        check(&list(&[(0x02, 6, 1001), (0x10, 4, u32::MAX)]), Ok(&[]));
        check(&list(&[(0x02, 6, 0)]), Ok(&[]));
        check(&list(&[(0x02, 6, 77)]), Ok(&["the user 77"]));
        check(&list(&[]), Ok(&[]));
        check(b"", Err(()));
        check(&[1, 0, 0, 0], Err(()));
        check(&[2, 0, 0, 0, 1], Err(()));
    }
}
