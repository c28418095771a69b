//! What a file holds, for whoever wants to see it: names and values, one inside the other. Nothing is judged, and nothing
//! is verified.
//!
//! No secret is ever put into a description: of a secret key only the public half.

use std::time::SystemTime;

use jiff::Timestamp;

use super::{Fault, FaultKind, Material};
use crate::text;
use crate::text::Text;

/// How many of a kind are listed in one place; of the rest it is said how many they are.
const MOST_LISTED: usize = 100;

/// The longest value, in characters.
const LONGEST: usize = 500;

/// What an answer about a file is: what it holds, or why it cannot be read; `None` where it is of another kind.
pub type Described = Option<Result<Description, Fault>>;

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Description {
    /// What kind of file it is. A closed set, which `docs/signatures.md` lists.
    pub kind: &'static str,
    /// What stands in it.
    pub parts: Parts,
}

/// Something that stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// What it is.
    pub name: &'static str,
    /// Its value; empty where it is told by its parts alone.
    pub value: Text,
    /// What stands in it.
    pub parts: Parts,
}

/// What stands in something, in the order of the file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts {
    listed: Vec<Part>,
    more: usize,
}

/// The name of a part that cannot be read.
const DAMAGED: &str = "damaged";

impl Description {
    /// Returns the description of a file of a kind, in which nothing stands so far.
    #[must_use]
    pub fn new(kind: &'static str) -> Self {
        Self { kind, parts: Parts::default() }
    }

    /// Returns what is wrong with the first part that is damaged.
    #[must_use]
    pub fn damage(&self) -> Option<&Text> {
        self.parts.damage()
    }
}

impl Part {
    /// Returns a part in which nothing stands so far.
    #[must_use]
    pub fn new(name: &'static str, value: Text) -> Self {
        Self { name, value: value.shortened(LONGEST), parts: Parts::default() }
    }

    /// Returns what stands for something that is not read.
    #[must_use]
    pub fn not_read(fault: &Fault) -> Self {
        let is_damage = matches!(fault.kind, FaultKind::Malformed | FaultKind::Bad);
        Self::new(if is_damage { DAMAGED } else { "not-read" }, fault.message.clone())
    }
}

impl Parts {
    /// Returns those that are listed.
    #[must_use]
    pub fn listed(&self) -> &[Part] {
        &self.listed
    }

    /// Returns how many there are beside them.
    #[must_use]
    pub fn more(&self) -> usize {
        self.more
    }

    /// Adds a part.
    pub fn push(&mut self, part: Part) {
        self.listed.push(part);
    }

    /// Adds a value.
    pub fn add(&mut self, name: &'static str, value: Text) {
        self.push(Part::new(name, value));
    }

    /// Adds a value of the file, if there is one.
    pub fn add_stated(&mut self, name: &'static str, value: Option<&str>) {
        if let Some(value) = value.filter(|value| !value.is_empty()) {
            self.add(name, Text::of(value));
        }
    }

    /// Adds a time, if there is one.
    pub fn add_time(&mut self, name: &'static str, time: Option<SystemTime>) {
        if let Some(time) = time {
            let shown =
                Timestamp::try_from(time).map_or_else(|_range| "beyond the year 9999".to_owned(), |at| at.to_string());
            self.add(name, Text::of(&shown));
        }
    }

    /// Adds one of each, as far as they are listed.
    pub fn list<T>(&mut self, all: impl IntoIterator<Item = T>, mut part: impl FnMut(T) -> Part) {
        let mut all = all.into_iter();
        let shown: Vec<Part> = all.by_ref().take(MOST_LISTED).map(&mut part).collect();
        self.listed.extend(shown);
        self.more += all.count();
    }

    /// Shows every part that is listed, whatever it stands in.
    pub fn for_each(&self, see: &mut dyn FnMut(&Part)) {
        for part in &self.listed {
            see(part);
            part.parts.for_each(see);
        }
    }

    fn damage(&self) -> Option<&Text> {
        self.listed.iter().find_map(|part| if part.name == DAMAGED { Some(&part.value) } else { part.parts.damage() })
    }
}

/// Returns what a file holds of which every line that says something is one of the things listed.
pub(super) fn lines(bytes: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let lines = (1_usize..).zip(bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii));
    lines.filter(|(_, line)| !line.is_empty() && !line.starts_with(b"#"))
}

/// Returns the fault of a file that is of a kind and damaged.
pub(super) fn damaged(file: &Material, expected: &'static str) -> Fault {
    Fault::new(FaultKind::Malformed, text!("{}: expected {}, found something else", file.name, expected))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_listed_is_counted() {
        let mut parts = Parts::default();
        parts.list(0..MOST_LISTED + 7, |number| Part::new("number", text!("{}", number)));
        assert_eq!((parts.listed().len(), parts.more()), (MOST_LISTED, 7));
    }

    #[test]
    fn values_are_bounded_and_damage_is_found_inside() {
        let mut description = Description::new("kind");
        description.parts.add("long", Text::trusted("x".repeat(LONGEST + 1)));
        assert_eq!(description.parts.listed()[0].value.as_str().chars().count(), LONGEST);
        assert_eq!(description.damage(), None);
        let mut part = Part::new("outer", Text::default());
        part.parts.push(Part::not_read(&Fault::new(FaultKind::Unsupported, Text::trusted("of tomorrow"))));
        part.parts.push(Part::not_read(&Fault::new(FaultKind::Malformed, Text::trusted("cut off"))));
        description.parts.push(part);
        assert_eq!(description.damage(), Some(&Text::trusted("cut off")));
    }
}
