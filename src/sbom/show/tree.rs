//! The components as a tree, from what the document is about.

use super::graph::Graph;
use super::label;
use crate::sbom::model::Bom;

/// How deep the tree is drawn; what stands deeper is pointed at.
const MAX_DEPTH: usize = 200;

/// Returns the tree. A component that was drawn before is marked `(*)` and not drawn again; what nothing leads to stands
/// behind the tree.
#[must_use]
pub fn tree(bom: &Bom<'_>) -> String {
    let graph = Graph::of(bom);
    let mut out = String::new();
    let mut is_drawn = vec![false; bom.components.len()];
    for root in &graph.from {
        draw(bom, &graph, *root, &mut is_drawn, &mut out);
    }
    let rest: Vec<usize> = (0..is_drawn.len()).filter(|at| !is_drawn.get(*at).copied().unwrap_or(true)).collect();
    if !rest.is_empty() {
        out.push_str("\nnothing leads to:\n");
    }
    for at in rest {
        if let Some(component) = bom.components.get(at) {
            out.push_str(&format!("  {}\n", label(component)));
        }
    }
    out
}

/// A component that is to be drawn.
struct Next {
    at: usize,
    /// Whether each component above it, and itself, is the last of its siblings.
    is_last: Vec<bool>,
}

fn draw(bom: &Bom<'_>, graph: &Graph, root: usize, is_drawn: &mut [bool], out: &mut String) {
    let mut left = vec![Next { at: root, is_last: Vec::new() }];
    while let Some(Next { at, is_last }) = left.pop() {
        let Some(component) = bom.components.get(at) else { continue };
        if let Some((last, above)) = is_last.split_last() {
            above.iter().for_each(|is_last| out.push_str(if *is_last { "    " } else { "│   " }));
            out.push_str(if *last { "└── " } else { "├── " });
        }
        out.push_str(label(component).as_str());
        let after = graph.after(at);
        let was_drawn = is_drawn.get_mut(at).is_none_or(|mark| std::mem::replace(mark, true));
        let is_too_deep = is_last.len() >= MAX_DEPTH;
        out.push_str(match after.is_empty() {
            false if was_drawn => " (*)\n",
            false if is_too_deep => " (...)\n",
            _ => "\n",
        });
        if was_drawn || is_too_deep {
            continue;
        }
        for (place, next) in after.iter().enumerate().rev() {
            let mut is_last = is_last.clone();
            is_last.push(place + 1 == after.len());
            left.push(Next { at: *next, is_last });
        }
    }
}
