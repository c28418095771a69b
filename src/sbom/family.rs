//! A family of formats, which share one shape and one way into the model.

use super::Document;
use super::model::{Bom, Loss, Unread};
use super::violation::Violation;
use crate::document::Node;

/// A family of formats: what its documents mean, whatever they are written in.
pub struct Family {
    /// Its id: `cyclonedx`, `spdx2`, `spdx3`.
    pub id: &'static str,
    /// Returns what a tree of a version says.
    pub model: for<'n> fn(&'n Node<'_>, &str, &'n Unread) -> Bom<'n>,
    /// Returns the tree of a version that says it.
    pub write: for<'n> fn(&'n Bom<'_>, &'static str, Origin) -> Written<'n>,
    /// Returns a tree in another version, with what that cannot hold.
    pub revise: for<'n> fn(Node<'n>, &'static str) -> Written<'n>,
    /// Returns what is wrong with a document beyond its schema: references that lead nowhere and their kin.
    pub inconsistencies: fn(&Document<'_>) -> Vec<Violation>,
}

/// Where a model comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Another document, whose values may be anything: what is made of them is fitted to the schema.
    Document,
    /// The files of a tree, read by this program: its values suit the usual versions as they are.
    Tree,
}

/// A tree that was made to be written.
pub struct Written<'n> {
    /// The tree.
    pub root: Node<'n>,
    /// What it could not hold.
    pub losses: Vec<Loss>,
}
