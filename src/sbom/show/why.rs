//! Why a component is there: the shortest chains that lead to it from what the document is about.

use std::collections::VecDeque;

use super::graph::Graph;
use super::label;
use crate::sbom::model::{Bom, Component};

/// The most chains that are shown.
const MAX_CHAINS: usize = 20;

/// The chains that lead to what was asked for.
#[derive(Debug)]
pub struct Chains {
    /// The text that shows them.
    pub text: String,
    /// How many components are meant by what was asked.
    pub found: usize,
}

/// Returns the shortest chains to the components that `wanted` means: a purl with or without its version, a name, or a
/// name, `@` and a version.
#[must_use]
pub fn why(bom: &Bom<'_>, wanted: &str) -> Chains {
    let graph = Graph::of(bom);
    let distance = distances(&graph, bom.components.len());
    let meant: Vec<usize> =
        bom.components.iter().enumerate().filter(|(_, component)| means(wanted, component)).map(|(at, _)| at).collect();
    let before = reversed(&graph);
    let mut out = String::new();
    for (nth, at) in meant.iter().enumerate() {
        let Some(component) = bom.components.get(*at) else { continue };
        if nth > 0 {
            out.push('\n');
        }
        let chains = chains(*at, &before, &distance);
        if chains.is_empty() {
            out.push_str(&format!("{}: nothing leads to it\n", label(component)));
        }
        for chain in &chains {
            let labels = chain.iter().filter_map(|at| bom.components.get(*at)).map(|one| label(one).to_string());
            out.push_str(&labels.collect::<Vec<_>>().join(" -> "));
            out.push('\n');
        }
        if chains.len() == MAX_CHAINS {
            out.push_str(&format!("{MAX_CHAINS} chains are shown; there may be more\n"));
        }
    }
    Chains { text: out, found: meant.len() }
}

fn means(wanted: &str, component: &Component<'_>) -> bool {
    let versionless = |purl: &str| purl.find(['@', '?', '#']).map_or(purl.len(), |at| at);
    let of_purl = component.purls.iter().any(|purl| {
        let encoded = purl.replace("%40", "@");
        **purl == *wanted
            || encoded == wanted
            || purl.get(..versionless(purl)) == Some(wanted)
            || purl.split(['?', '#']).next() == Some(wanted)
            || encoded.split(['?', '#']).next() == Some(wanted)
    });
    let name = component.full_name();
    let version = component.version.value().map(|version| format!("{name}@{version}"));
    of_purl || name == wanted || version.as_deref() == Some(wanted) || component.id == wanted
}

/// Returns how many steps each component is away from where the graph begins.
fn distances(graph: &Graph, count: usize) -> Vec<Option<usize>> {
    let mut out: Vec<Option<usize>> = vec![None; count];
    let mut left: VecDeque<(usize, usize)> = graph.from.iter().map(|at| (*at, 0)).collect();
    while let Some((at, steps)) = left.pop_front() {
        match out.get_mut(at) {
            Some(slot @ None) => *slot = Some(steps),
            _ => continue,
        }
        left.extend(graph.after(at).iter().map(|next| (*next, steps + 1)));
    }
    out
}

fn reversed(graph: &Graph) -> Vec<Vec<usize>> {
    let mut out: Vec<Vec<usize>> = vec![Vec::new(); graph.to.len()];
    for (from, list) in graph.to.iter().enumerate() {
        for to in list {
            if let Some(before) = out.get_mut(*to) {
                before.push(from);
            }
        }
    }
    out
}

/// Returns the shortest chains to a component, in the order of the document.
fn chains(to: usize, before: &[Vec<usize>], distance: &[Option<usize>]) -> Vec<Vec<usize>> {
    let steps_of = |at: usize| distance.get(at).copied().flatten();
    let Some(steps) = steps_of(to) else { return Vec::new() };
    let mut out = Vec::new();
    // Each holds the end of a chain, last component first.
    let mut left = vec![vec![to]];
    while let Some(chain) = left.pop() {
        let done = chain.len() - 1;
        if done == steps {
            out.push(chain.into_iter().rev().collect());
            if out.len() == MAX_CHAINS {
                break;
            }
            continue;
        }
        let Some(first) = chain.last() else { continue };
        let nearer = before.get(*first).into_iter().flatten().rev();
        for at in nearer.filter(|at| steps_of(**at) == Some(steps - done - 1)).take(MAX_CHAINS) {
            let mut longer = chain.clone();
            longer.push(*at);
            left.push(longer);
        }
    }
    out
}
