//! `sbom/stale`: an SBOM no longer matches the lock files beside it.

use std::collections::{BTreeMap, BTreeSet};

use super::reach::{Pinned, Reach};
use super::{listing, subject};
use crate::component::Scope;
use crate::ecosystem;
use crate::fact::{FactKind, Location};
use crate::finding::{Level, Reference};
use crate::rule::{Answers, Context, Draft, Judge, Rule};
use crate::sbom::{ListedPackage, Listing, SbomFile};
use crate::text;
use crate::text::Text;

pub(super) static RULE: Rule = Rule {
    id: "sbom/stale",
    level: Level::Warn,
    summary: "an SBOM no longer matches the lock files beside it",
    why: "whoever looks into it for a package with a flaw finds what was there once, not what is installed now",
    help: "make the SBOM anew, with the tool that made it, and commit it with the lock file",
    page: include_str!("stale.md"),
    needs: &[FactKind::Sbom],
    parameters: &[],
    references: &[Reference { scheme: "cwe", id: "CWE-1068" }],
    judge: Judge::Sbom(judge),
};

/// How many differences the evidence of a finding names.
const MAX_NAMED: usize = 50;

/// Packages that are no modules of Go, and stand in no lock file.
const GO_ITSELF: [&str; 2] = ["pkg:golang/std", "pkg:golang/stdlib"];

/// A package on which an SBOM and the lock files differ, those first that cannot be meant.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Difference<'a> {
    kind: DifferenceKind,
    key: &'a str,
    listed: BTreeSet<&'a str>,
    locked: BTreeSet<&'a str>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum DifferenceKind {
    Version,
    NotListed,
    NotLocked,
}

/// Fails once for each SBOM that lists other packages or versions than the lock files in its folder and below.
fn judge(sbom: &SbomFile, context: &Context<'_>, answers: &mut Answers) {
    let held = listing(sbom).and_then(|listing| Ok((listing, Reach::of(sbom, listing, context.now)?)));
    let (listing, reach) = match held {
        Ok(held) => held,
        Err(answer) => return answers.add(answer),
    };
    let listed = listed(listing);
    let mut differences = differences(&listed, &reach, sbom);
    differences.sort();
    match differences.first() {
        None => answers.pass(),
        Some(first) => answers.add(draft(sbom, first, &differences, &listed, &reach)),
    }
}

/// Returns the packages of an SBOM by their keys, but what it is about.
fn listed(listing: &Listing) -> BTreeMap<&str, Vec<&ListedPackage>> {
    let mut out: BTreeMap<&str, Vec<&ListedPackage>> = BTreeMap::new();
    for package in listing.packages.iter().filter(|package| !package.is_root) {
        out.entry(&package.key).or_default().push(package);
    }
    out
}

fn differences<'a>(
    listed: &BTreeMap<&'a str, Vec<&'a ListedPackage>>,
    reach: &'a Reach<'_>,
    sbom: &SbomFile,
) -> Vec<Difference<'a>> {
    let described = described(listed, reach, sbom);
    let mut out = Vec::new();
    for (key, pinned) in &reach.locked {
        let all: BTreeSet<&str> = pinned.iter().filter_map(|one| one.version.as_deref()).collect();
        // Without a version there is nothing to compare: a dependency on a commit.
        let is_open = pinned.iter().any(|one| one.version.is_none());
        let needed: BTreeSet<&str> = pinned
            .iter()
            .filter(|one| described.contains(&one.inventory) && must_be_listed(one))
            .filter_map(|one| one.version.as_deref())
            .collect();
        let Some(packages) = listed.get(&**key) else {
            if !needed.is_empty() && !reach.own.contains(key) {
                let kind = DifferenceKind::NotListed;
                out.push(Difference { kind, key, listed: BTreeSet::new(), locked: needed });
            }
            continue;
        };
        let versions: BTreeSet<&str> = packages.iter().filter_map(|one| one.version.as_deref()).collect();
        let is_unsaid = packages.iter().any(|one| one.version.is_none());
        let is_same = versions.is_subset(&all) && needed.is_subset(&versions);
        if !(is_open || is_unsaid || is_same) {
            out.push(Difference { kind: DifferenceKind::Version, key, listed: versions, locked: all });
        }
    }
    for (key, packages) in listed {
        let Some(first) = packages.first() else { continue };
        if is_closed(&first.kind, &described, reach)
            && !reach.locked.contains_key(*key)
            && !reach.own.contains(*key)
            && !GO_ITSELF.contains(key)
        {
            let listed = packages.iter().filter_map(|one| one.version.as_deref()).collect();
            out.push(Difference { kind: DifferenceKind::NotLocked, key, listed, locked: BTreeSet::new() });
        }
    }
    out
}

/// Returns the lock files that the SBOM describes: those in its own folder, and of others those of which it lists most.
fn described(listed: &BTreeMap<&str, Vec<&ListedPackage>>, reach: &Reach<'_>, sbom: &SbomFile) -> BTreeSet<usize> {
    let mut keys: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    for (key, pinned) in &reach.locked {
        for at in pinned.iter().map(|one| one.inventory).collect::<BTreeSet<_>>() {
            let (known, all) = keys.entry(at).or_default();
            *all += 1;
            *known += usize::from(listed.contains_key(&**key));
        }
    }
    let of_its_folder = reach.inventories.iter().enumerate();
    let of_its_folder = of_its_folder.filter(|(_, one)| one.path.parent() == sbom.path.parent()).map(|(at, _)| at);
    let of_most = keys.into_iter().filter(|(_, (known, all))| 2 * known > *all).map(|(at, _)| at);
    of_its_folder.chain(of_most).collect()
}

/// Whether an SBOM of what is delivered has to list it: tools leave out, rightly, what only developing needs, and what
/// this platform does not install.
fn must_be_listed(pinned: &Pinned<'_>) -> bool {
    matches!(pinned.component.scope, Scope::Runtime | Scope::Build | Scope::Unknown)
}

/// Whether the lock files tell all packages of a kind: the SBOM describes one of them, and none is a list by hand, which
/// pins what it names and leaves the rest to the installation.
fn is_closed(kind: &str, described: &BTreeSet<usize>, reach: &Reach<'_>) -> bool {
    let mut of_kind = reach.inventories.iter().enumerate().filter(|(_, one)| *one.ecosystem == *kind).peekable();
    of_kind.peek().is_some()
        && of_kind.clone().any(|(at, _)| described.contains(&at))
        && of_kind.all(|(_, one)| one.capability.transitive && !ecosystem::may_pin(&one.path))
}

fn draft(
    sbom: &SbomFile,
    first: &Difference<'_>,
    all: &[Difference<'_>],
    listed: &BTreeMap<&str, Vec<&ListedPackage>>,
    reach: &Reach<'_>,
) -> Draft {
    let others = match all.len() - 1 {
        0 => Text::default(),
        1 => Text::trusted(", and differs on another package"),
        count => text!(", and differs on {} other packages", count),
    };
    let pinned = reach.locked.get(first.key).and_then(|pinned| pinned.first());
    let inventory = pinned.map(|one| one.inventory).or_else(|| described(listed, reach, sbom).first().copied());
    let lock_file = inventory.and_then(|at| reach.inventories.get(at)).map(|inventory| &inventory.path);
    let against = lock_file.map_or_else(|| Text::trusted("the lock files"), |path| text!("`{}`", *path));
    let message = text!("`{}` does not match {}: {}{}", sbom.path, against, first.words(), others);
    let place = listed.get(first.key).and_then(|packages| packages.first());
    let related = pinned.and_then(|one| one.component.at(one.component.version_at));
    let mut named: Vec<String> = all.iter().take(MAX_NAMED).map(|one| one.words().to_string()).collect();
    if all.len() > MAX_NAMED {
        named.push(format!("{} more", all.len() - MAX_NAMED));
    }
    let draft = Draft::fail(subject(sbom), message)
        .at(Some(place.map_or_else(|| Location::file(sbom.path.clone()), |package| sbom.at(package.at))))
        .with_related(related)
        .label(first.words())
        .with("count", text!("{}", all.len()))
        .with("differences", Text::trusted(named.join("; ")));
    let mut sorted: Vec<String> = all.iter().map(|one| one.words().to_string()).collect();
    sorted.sort();
    sorted.into_iter().fold(draft, Draft::fact)
}

impl Difference<'_> {
    fn words(&self) -> Text {
        let name = self.key.split_once('/').map_or(self.key, |(_, name)| name);
        let joined = |versions: &BTreeSet<&str>| versions.iter().copied().collect::<Vec<_>>().join(", ");
        let (listed, locked) = (joined(&self.listed), joined(&self.locked));
        match self.kind {
            DifferenceKind::Version => text!("`{}` is listed as {} and locked as {}", name, listed, locked),
            DifferenceKind::NotListed => text!("`{} {}` is locked and not listed", name, locked),
            DifferenceKind::NotLocked if listed.is_empty() => text!("`{}` is listed and not locked", name),
            DifferenceKind::NotLocked => text!("`{} {}` is listed and not locked", name, listed),
        }
    }
}
