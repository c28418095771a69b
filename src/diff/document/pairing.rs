//! The components of two documents, each with its partner.

use std::cmp::Ordering;
use std::collections::HashMap;

use crate::component::{Purl, version};
use crate::parallel;
use crate::sbom::model::{Bom, Component};

/// The components of both documents, by their places; one without a partner stands alone.
pub(super) struct Paired {
    pub(super) pairs: Vec<(Option<usize>, Option<usize>)>,
    /// The pair of each component before.
    pub(super) of_before: Vec<usize>,
    /// The pair of each component now.
    pub(super) of_now: Vec<usize>,
}

/// What a component is, whatever its version.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Key {
    /// By its purl, in the form in which purls are joined.
    Purl(String),
    /// By group and name, where it has none.
    Name(String),
}

/// A component that has no partner yet.
#[derive(Clone, Copy)]
struct Single<'a> {
    at: usize,
    key: &'a Key,
    component: &'a Component<'a>,
}

/// Pairs the components of two documents: the subjects, then those of one key and version, then those of one key,
/// the highest versions first, then those of one name and version of which only one side has a purl.
pub(super) fn pair(before: &Bom<'_>, now: &Bom<'_>) -> Paired {
    let keys: Vec<Vec<Key>> = parallel::map(&[before, now], |bom| bom.components.iter().map(key).collect());
    let [old_keys, new_keys] = keys.as_slice() else {
        return Paired { pairs: Vec::new(), of_before: Vec::new(), of_now: Vec::new() };
    };
    let (mut old, mut new) = (singles(before, old_keys), singles(now, new_keys));
    let mut pairs = Vec::with_capacity(old.len().max(new.len()));
    if let ([was], [is]) = (before.roots.as_slice(), now.roots.as_slice()) {
        pairs.push((Some(*was), Some(*is)));
        old.retain(|one| one.at != *was);
        new.retain(|one| one.at != *is);
    }
    pair_off(&mut old, &mut new, &mut pairs, |one| Some((one.component.purls.first()?, one.key, version_of(one))));
    pair_off(&mut old, &mut new, &mut pairs, |one| Some((one.key, version_of(one))));
    sort_highest_first(&mut old);
    sort_highest_first(&mut new);
    pair_off(&mut old, &mut new, &mut pairs, |one| Some(one.key));
    pair_off(&mut old, &mut new, &mut pairs, |one| Some((name(one), version_of(one))));
    // A name alone says little: only where a side has no purl to tell more.
    let is_plain = |one: &Single<'_>| matches!(one.key, Key::Name(_));
    pair_off(&mut old, &mut new, &mut pairs, |one| is_plain(one).then(|| name(one)));
    pairs.extend(old.iter().map(|one| (Some(one.at), None)));
    pairs.extend(new.iter().map(|one| (None, Some(one.at))));
    let mut paired = Paired {
        of_before: vec![usize::MAX; before.components.len()],
        of_now: vec![usize::MAX; now.components.len()],
        pairs,
    };
    for (pair, (was, is)) in paired.pairs.iter().enumerate() {
        if let Some(slot) = was.and_then(|at| paired.of_before.get_mut(at)) {
            *slot = pair;
        }
        if let Some(slot) = is.and_then(|at| paired.of_now.get_mut(at)) {
            *slot = pair;
        }
    }
    paired
}

fn singles<'a>(bom: &'a Bom<'a>, keys: &'a [Key]) -> Vec<Single<'a>> {
    let all = bom.components.iter().zip(keys).enumerate();
    all.map(|(at, (component, key))| Single { at, key, component }).collect()
}

fn version_of<'a>(one: &Single<'a>) -> Option<&'a str> {
    one.component.version.value().map(|version| &**version)
}

fn name(one: &Single<'_>) -> String {
    one.component.full_name()
}

fn key(component: &Component<'_>) -> Key {
    match component.purls.first().and_then(|purl| Purl::parse(purl).ok()) {
        Some(purl) => {
            let purl = purl.join_key();
            let subpath = purl.subpath().unwrap_or_default();
            Key::Purl(format!("{}/{}/{}#{subpath}", purl.kind(), purl.namespace().unwrap_or_default(), purl.name()))
        }
        None => Key::Name(format!("{}\0{}", component.kind, component.full_name())),
    }
}

/// Pairs what has the same key on both sides, in the order given; what has no key stays.
fn pair_off<'a, K: std::hash::Hash + Eq>(
    old: &mut Vec<Single<'a>>,
    new: &mut Vec<Single<'a>>,
    pairs: &mut Vec<(Option<usize>, Option<usize>)>,
    key: impl Fn(&Single<'a>) -> Option<K>,
) {
    let mut waiting: HashMap<K, Vec<usize>> = HashMap::with_capacity(old.len());
    for one in old.iter().rev() {
        if let Some(key) = key(one) {
            waiting.entry(key).or_default().push(one.at);
        }
    }
    let mut partners: HashMap<usize, usize> = HashMap::new();
    new.retain(|one| {
        let partner = key(one).and_then(|key| waiting.get_mut(&key)).and_then(Vec::pop);
        if let Some(partner) = partner {
            partners.insert(partner, one.at);
        }
        partner.is_none()
    });
    old.retain(|one| match partners.get(&one.at) {
        Some(partner) => {
            pairs.push((Some(one.at), Some(*partner)));
            false
        }
        None => true,
    });
}

/// Sorts the versions of one component, so that of two old ones the higher is what a single new one replaces.
fn sort_highest_first(singles: &mut [Single<'_>]) {
    singles.sort_by(|a, b| a.key.cmp(b.key).then_with(|| order(b, a)));
}

fn order(a: &Single<'_>, b: &Single<'_>) -> Ordering {
    let text = |one: &Single<'_>| one.component.version.value().map(ToString::to_string).unwrap_or_default();
    let by_rule = match (a.component.version.value(), b.component.version.value(), a.key) {
        (Some(left), Some(right), Key::Purl(purl)) => {
            purl.split('/').next().and_then(|kind| version::compare(kind, left, right))
        }
        _ => None,
    };
    by_rule.unwrap_or_else(|| text(a).cmp(&text(b)))
}
