//! The members of an object, of which it is remembered which were asked for: the rest is what a reader does not carry
//! over.

use std::borrow::Cow;
use std::collections::{BTreeMap, HashSet};
use std::sync::{Mutex, PoisonError};

use super::{Loss, Words};
use crate::document::{Member, Node, Value};

/// Which members of a document were read.
///
/// To remember costs a tenth of the time of reading; where nobody asks what is lost it is left out.
#[derive(Debug, Default)]
pub struct Unread {
    /// The places of the members that were read, `None` where nothing is remembered.
    read: Option<Mutex<HashSet<usize>>>,
}

impl Unread {
    /// Returns one that remembers nothing.
    #[must_use]
    pub fn forgotten() -> Self {
        Self::default()
    }

    /// Returns one that remembers.
    #[must_use]
    pub fn remembered() -> Self {
        Self { read: Some(Mutex::default()) }
    }

    fn note(&self, member: &Member<'_>) {
        if let Some(read) = &self.read {
            read.lock().unwrap_or_else(PoisonError::into_inner).insert(std::ptr::from_ref(member).addr());
        }
    }

    fn is_read(&self, member: &Member<'_>) -> bool {
        self.read.as_ref().is_some_and(|read| {
            read.lock().unwrap_or_else(PoisonError::into_inner).contains(&std::ptr::from_ref(member).addr())
        })
    }

    /// Notes that a value was read whole.
    pub fn note_all(&self, node: &Node<'_>) {
        if self.read.is_none() {
            return;
        }
        match &node.value {
            Value::Mapping(members) => members.iter().for_each(|member| {
                self.note(member);
                self.note_all(&member.value);
            }),
            Value::Sequence(items) => items.iter().for_each(|item| self.note_all(item)),
            Value::Null | Value::Boolean(_) | Value::Number(_) | Value::String(_) | Value::Datetime(_) => {}
        }
    }

    /// Returns what of a document was not read, by the members that lead there, and how often.
    #[must_use]
    pub fn losses(&self, root: &Node<'_>) -> Vec<Loss> {
        let mut counts = BTreeMap::new();
        if self.read.is_some() {
            self.count(root, "", &mut counts);
        }
        counts.into_iter().map(|(what, count)| Loss { what, count }).collect()
    }

    fn count(&self, node: &Node<'_>, path: &str, counts: &mut BTreeMap<String, usize>) {
        match &node.value {
            Value::Mapping(members) => {
                for member in members {
                    let dot = if path.is_empty() { "" } else { "." };
                    let path = format!("{path}{dot}{}", member.key);
                    if self.is_read(member) {
                        self.count(&member.value, &path, counts);
                    } else {
                        *counts.entry(path).or_insert(0) += 1;
                    }
                }
            }
            Value::Sequence(items) if path == GRAPH => items.iter().for_each(|item| self.count_element(item, counts)),
            Value::Sequence(items) => {
                let path = format!("{path}[]");
                items.iter().for_each(|item| self.count(item, &path, counts));
            }
            Value::Null | Value::Boolean(_) | Value::Number(_) | Value::String(_) | Value::Datetime(_) => {}
        }
    }

    /// Counts what of an element of a graph was not read, by the name of its class: as a whole where nobody asked for that.
    fn count_element(&self, element: &Node<'_>, counts: &mut BTreeMap<String, usize>) {
        let class = match &element.value {
            Value::Mapping(members) => members.iter().find(|member| matches!(&*member.key, "type" | "@type")),
            _ => None,
        };
        let name = class.and_then(|class| words(&class.value)).unwrap_or(Cow::Borrowed("@graph[]"));
        if class.is_none_or(|class| self.is_read(class)) {
            self.count(element, &name, counts);
        } else {
            *counts.entry(name.into_owned()).or_insert(0) += 1;
        }
    }
}

/// The member of JSON-LD under which elements of every class stand side by side.
const GRAPH: &str = "@graph";

/// The members of an object that is being read. What is asked for counts as read, whatever it is.
#[derive(Clone, Copy, Debug)]
pub struct Fields<'n, 'a> {
    node: &'n Node<'a>,
    unread: &'n Unread,
}

impl<'n, 'a> Fields<'n, 'a> {
    /// Returns the members of `node`, none where it is no object.
    #[must_use]
    pub fn of(node: &'n Node<'a>, unread: &'n Unread) -> Self {
        Self { node, unread }
    }

    /// Returns the value itself.
    #[must_use]
    pub fn node(&self) -> &'n Node<'a> {
        self.node
    }

    /// Returns the value under `key`.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&'n Node<'a>> {
        let Value::Mapping(members) = &self.node.value else { return None };
        let member = members.iter().rev().find(|member| member.key == key)?;
        self.unread.note(member);
        Some(&member.value)
    }

    /// Counts members as read that say nothing beside the format.
    pub fn pass_over(&self, keys: &[&str]) {
        for key in keys {
            self.whole(key);
        }
    }

    /// Counts members as read, but not what stands in them.
    pub fn enter(&self, keys: &[&str]) {
        for key in keys {
            let _ = self.get(key);
        }
    }

    /// Returns the value under `key`, all of it read.
    pub fn whole(&self, key: &str) -> Option<&'n Node<'a>> {
        let node = self.get(key)?;
        self.unread.note_all(node);
        Some(node)
    }

    /// Returns the string, or the text of a number, under `key`; `None` where there is none or it is empty.
    #[must_use]
    pub fn text(&self, key: &str) -> Option<Words<'n>> {
        words(self.get(key)?)
    }

    /// Returns the strings of the list under `key`.
    #[must_use]
    pub fn texts(&self, key: &str) -> Vec<Words<'n>> {
        self.items(key).iter().filter_map(words).collect()
    }

    /// Returns whether `true` stands under `key`.
    #[must_use]
    pub fn is_true(&self, key: &str) -> bool {
        matches!(self.get(key), Some(Node { value: Value::Boolean(true), .. }))
    }

    /// Returns the items of the list under `key`, none where there is none.
    #[must_use]
    pub fn items(&self, key: &str) -> &'n [Node<'a>] {
        match self.get(key) {
            Some(Node { value: Value::Sequence(items), .. }) => items,
            _ => &[],
        }
    }

    /// Returns the objects of the list under `key`.
    pub fn objects(&self, key: &str) -> impl Iterator<Item = Self> + use<'n, 'a> {
        let unread = self.unread;
        self.items(key).iter().map(move |node| Self { node, unread })
    }

    /// Returns the object under `key`.
    #[must_use]
    pub fn object(&self, key: &str) -> Option<Self> {
        let node = self.get(key)?;
        matches!(node.value, Value::Mapping(_)).then_some(Self { node, unread: self.unread })
    }
}

/// Returns a string, or the text of a number; `None` where it is neither, or empty.
#[must_use]
pub fn words<'n>(node: &'n Node<'_>) -> Option<Words<'n>> {
    match &node.value {
        Value::String(text) | Value::Number(text) if !text.is_empty() => Some(Cow::Borrowed(text)),
        _ => None,
    }
}
