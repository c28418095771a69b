//! `[tree]`: what of the inspected tree is left out.

use super::super::{Catalogue, Policy, PolicyError, Weakening};
use super::{Cursor, Section, Shown, quoted};
use crate::document::Node;
use crate::text;
use crate::text::Text;

pub(super) static SECTION: Section =
    Section { key: "tree", summary: "files that are left out, and counted", read, weakened, show };

fn read(cursor: &Cursor<'_>, node: &Node<'_>, policy: &mut Policy) -> Result<(), PolicyError> {
    for member in cursor.try_members(node, "[tree]")? {
        if member.key != "exclude" {
            return Err(cursor.unknown_key(member, "[tree]", ["exclude"]));
        }
        for item in cursor.try_items(&member.value, "`exclude`")? {
            let pattern = cursor.pattern(item, "a pattern")?;
            cursor.add(&mut policy.exclude, cursor.sourced(pattern.to_owned(), item.span));
        }
    }
    Ok(())
}

fn weakened(_: &Catalogue<'_>, before: &Policy, now: &Policy, out: &mut Vec<Weakening>) {
    for pattern in &now.exclude {
        if !before.exclude.iter().any(|old| old.value == pattern.value) {
            out.push(Weakening {
                key: Text::trusted("tree.exclude"),
                message: text!("the policy leaves out `{}`", pattern.value),
                was: None,
                found: text!("{}", pattern.value),
                origin: pattern.origin.clone(),
            });
        }
    }
}

fn show(policy: &Policy, out: &mut Vec<Shown>) {
    for pattern in &policy.exclude {
        out.push(Shown { line: text!("tree.exclude += {}", quoted(&pattern.value)), origin: pattern.origin.clone() });
    }
}
