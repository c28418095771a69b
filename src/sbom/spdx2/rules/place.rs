//! Where a value stands in the tree, told only when it is asked for.

use crate::document::Node;

/// The way to a value: its step, and the place before it.
#[derive(Clone, Copy)]
pub(super) struct Place<'p> {
    parent: Option<&'p Place<'p>>,
    step: Step<'p>,
}

/// A step down the tree.
#[derive(Clone, Copy)]
enum Step<'p> {
    Key(&'p str),
    Item(usize),
}

impl<'p> Place<'p> {
    /// Returns the place of a member of the document.
    pub(super) fn member(key: &'p str) -> Self {
        Self { parent: None, step: Step::Key(key) }
    }

    /// Returns the place of a member of what stands here.
    pub(super) fn key(&'p self, key: &'p str) -> Self {
        Self { parent: Some(self), step: Step::Key(key) }
    }

    /// Returns the place of an item of the list that stands here.
    pub(super) fn item(&'p self, at: usize) -> Self {
        Self { parent: Some(self), step: Step::Item(at) }
    }

    /// Returns the number of the item that stands here, zero where it is none.
    pub(super) fn index(&self) -> usize {
        match self.step {
            Step::Key(_) => 0,
            Step::Item(at) => at,
        }
    }

    /// Returns the JSON pointer.
    pub(super) fn pointer(&self) -> String {
        let mut out = self.parent.map(Self::pointer).unwrap_or_default();
        out.push('/');
        match self.step {
            Step::Key(key) => out.push_str(key),
            Step::Item(at) => out.push_str(&at.to_string()),
        }
        out
    }

    /// Gives `f` each item of the list under a key of `node`, which stands at `place`, with its place.
    pub(super) fn each<'n, 'a>(
        place: Option<&Place<'_>>,
        node: &'n Node<'a>,
        key: &str,
        mut f: impl FnMut(&'n Node<'a>, Place<'_>),
    ) {
        let list = Place { parent: place, step: Step::Key(key) };
        for (at, item) in super::items(node, key).iter().enumerate() {
            f(item, list.item(at));
        }
    }
}
