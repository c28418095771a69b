//! `ident`: the blob's id in the place of `$Id$`.

use crate::text::find;

/// Replaces `$Id$`, and what looks like it was replaced before (`ident_to_worktree` in git's `convert.c`).
pub(super) fn identified(blob: Vec<u8>, id: &str) -> Vec<u8> {
    let mut out = Vec::with_capacity(blob.len());
    let mut rest = blob.as_slice();
    let mut changed = false;
    while let Some(at) = find(rest, b"$Id") {
        let (before, keyword) = rest.split_at_checked(at).unwrap_or((rest, b""));
        out.extend_from_slice(before);
        let behind = keyword.get(3..).unwrap_or_default();
        let replaced = match behind {
            [b'$', after @ ..] => Some(after),
            [b':', after @ ..] => expanded(after),
            _ => None,
        };
        match replaced {
            Some(after) => {
                out.extend_from_slice(format!("$Id: {id} $").as_bytes());
                rest = after;
                changed = true;
            }
            None => {
                out.extend_from_slice(b"$Id");
                rest = behind;
            }
        }
    }
    out.extend_from_slice(rest);
    if changed { out } else { blob }
}

/// Returns what stands behind `$Id: … $`; `None` where it is of another system, or goes over a line.
fn expanded(after: &[u8]) -> Option<&[u8]> {
    let dollar = after.iter().position(|byte| *byte == b'$')?;
    let inner = after.get(..dollar)?;
    if inner.contains(&b'\n') {
        return None;
    }
    // A space within, apart from the first and the last, is the mark of other systems.
    let space = inner.iter().skip(1).position(|byte| *byte == b' ').map(|at| at + 1);
    match space {
        Some(at) if at + 1 < inner.len() => None,
        _ => after.get(dollar + 1..),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_are_written_as_git_writes_them() {
        let check = |blob: &str, expected: &str| {
            assert_eq!(String::from_utf8(identified(blob.into(), "0af")).unwrap(), expected, "{blob}");
        };
        check("a $Id$ b", "a $Id: 0af $ b");
        check("$Id: 123 $$Id$", "$Id: 0af $$Id: 0af $");
        check("$Id: x.c 1.2 2001 $", "$Id: x.c 1.2 2001 $");
        check("$Id: a\nb$ $Id$", "$Id: a\nb$ $Id: 0af $");
        check("$Identity$ $Id", "$Identity$ $Id");
    }
}
