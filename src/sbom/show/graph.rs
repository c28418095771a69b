//! Which component leads to which: what it needs, and what it holds.

use crate::sbom::model::{Bom, End, RelationKind};

/// The components that each leads to, in the order of the document, each once.
pub(super) struct Graph {
    pub(super) to: Vec<Vec<usize>>,
    /// Where to begin: what the document is about, else what nothing leads to, else everything.
    pub(super) from: Vec<usize>,
}

impl Graph {
    pub(super) fn of(bom: &Bom<'_>) -> Self {
        let mut to: Vec<Vec<usize>> = vec![Vec::new(); bom.components.len()];
        let mut is_led_to = vec![false; bom.components.len()];
        for relation in &bom.relations {
            let (End::Component(from), End::Component(other)) = (&relation.from, &relation.to) else { continue };
            if !matches!(relation.kind, RelationKind::DependsOn | RelationKind::Contains) || from == other {
                continue;
            }
            if let (Some(list), Some(mark)) = (to.get_mut(*from), is_led_to.get_mut(*other)) {
                list.push(*other);
                *mark = true;
            }
        }
        for list in &mut to {
            list.sort_unstable();
            list.dedup();
        }
        let tops = || (0..to.len()).filter(|at| !is_led_to.get(*at).copied().unwrap_or(false));
        let from = match () {
            () if !bom.roots.is_empty() => bom.roots.clone(),
            () if tops().next().is_some() => tops().collect(),
            () => (0..to.len()).collect(),
        };
        Self { to, from }
    }

    pub(super) fn after(&self, at: usize) -> &[usize] {
        self.to.get(at).map(Vec::as_slice).unwrap_or_default()
    }
}
