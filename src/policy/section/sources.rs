//! `[sources]`: what is trusted beside what the base already uses.

use super::super::{Catalogue, Policy, PolicyError, Sourced, Weakening};
use super::{Cursor, Section, Shown, quoted};
use crate::component::Place;
use crate::document::Node;
use crate::text;

pub(super) static SECTION: Section = Section {
    key: "sources",
    summary: "registries, git repositories and images that are trusted",
    read,
    weakened,
    show,
};

fn read(cursor: &Cursor<'_>, node: &Node<'_>, policy: &mut Policy) -> Result<(), PolicyError> {
    for member in cursor.try_members(node, "[sources]")? {
        let list = match member.key.as_ref() {
            "registries" => &mut policy.sources.registries,
            "git" => &mut policy.sources.git,
            "images" => &mut policy.sources.images,
            _ => return Err(cursor.unknown_key(member, "[sources]", ["registries", "git", "images"])),
        };
        let entries = cursor.strings(&member.value, &format!("`{}`", member.key))?;
        for (entry, item) in entries.into_iter().zip(cursor.try_items(&member.value, "a list")?) {
            let place = Place::of(&entry.value);
            if place.host().is_empty() || entry.value.contains(char::is_whitespace) || entry.value.contains('*') {
                return Err(cursor.error(
                    item.span,
                    text!("expected an address such as `https://host.example/path/`, found `{}`", entry.value),
                ));
            }
            cursor.add(list, entry);
        }
    }
    Ok(())
}

fn lists(policy: &Policy) -> [(&'static str, &[Sourced<String>]); 3] {
    let sources = &policy.sources;
    [("git", &sources.git), ("images", &sources.images), ("registries", &sources.registries)]
}

fn weakened(_: &Catalogue<'_>, before: &Policy, now: &Policy, out: &mut Vec<Weakening>) {
    for ((name, was), (_, is)) in lists(before).into_iter().zip(lists(now)) {
        for entry in is {
            let place = Place::of(&entry.value);
            if !was.iter().any(|old| place.is_within(&Place::of(&old.value))) {
                out.push(Weakening {
                    key: text!("sources.{}", name),
                    message: text!("the policy begins to trust `{}`", entry.value),
                    was: None,
                    found: text!("{}", entry.value),
                    origin: entry.origin.clone(),
                });
            }
        }
    }
}

fn show(policy: &Policy, out: &mut Vec<Shown>) {
    for (name, entries) in lists(policy) {
        for entry in entries {
            out.push(Shown {
                line: text!("sources.{} += {}", name, quoted(&entry.value)),
                origin: entry.origin.clone(),
            });
        }
    }
}
