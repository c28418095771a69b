//! The classes of the model, and what its members lead to.

use std::collections::HashMap;
use std::sync::OnceLock;

/// What the ontology says, as a table: see its head for where it comes from.
static TABLE: &str = include_str!("../model.tsv");

struct Model {
    /// The parent of each class, empty where it has none.
    parents: HashMap<&'static str, &'static str>,
    /// The classes that have a member, the class it leads to there, and where that is said.
    ranges: HashMap<&'static str, Vec<(&'static str, &'static str, &'static str)>>,
}

fn model() -> &'static Model {
    static MODEL: OnceLock<Model> = OnceLock::new();
    MODEL.get_or_init(|| {
        let mut model = Model { parents: HashMap::new(), ranges: HashMap::new() };
        for line in TABLE.lines() {
            match line.split('\t').collect::<Vec<&str>>().as_slice() {
                ["class", class, parent, _] => {
                    model.parents.insert(class, parent);
                }
                ["property", class, member, wanted] => {
                    // Made once, of a table of fixed size.
                    let source = format!("SPDX 3.0.1, {class}, {member}");
                    model.ranges.entry(member).or_default().push((class, wanted, source.leak()));
                }
                _ => {}
            }
        }
        model
    })
}

/// Whether there is such a class, an abstract one too.
pub(super) fn is_class(class: &str) -> bool {
    model().parents.contains_key(class)
}

/// Whether a class is another, or is derived from it.
pub(super) fn is_a(class: &str, wanted: &str) -> bool {
    class == wanted || ancestors(class).any(|parent| parent == wanted)
}

/// Returns the class that a member of a class leads to, and where the model says so; `None` where it leads to no object.
pub(super) fn range(class: &str, member: &str) -> Option<(&'static str, &'static str)> {
    let of_member = model().ranges.get(member)?;
    let of_class =
        |class: &str| of_member.iter().find(|(of, ..)| *of == class).map(|(_, wanted, source)| (*wanted, *source));
    of_class(class).or_else(|| ancestors(class).find_map(of_class))
}

/// Returns the classes that a class is derived from, the nearest first.
fn ancestors(class: &str) -> impl Iterator<Item = &'static str> {
    let parents = &model().parents;
    std::iter::successors(parents.get(class).copied(), |parent| parents.get(parent).copied())
}
