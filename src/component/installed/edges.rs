//! Which installed package needs which.

use std::collections::HashMap;

use super::Package;

/// How many packages that meet one need are told. Fonts that all have one capability are some dozens; a hostile database
/// could make every package meet every need.
const MAX_MEETING: usize = 100;

/// How many edges are told before only the first that meets a need is: the largest systems have some hundred thousand.
const MAX_EDGES: usize = 4_000_000;

/// Returns for each package of a record the places of those it needs, in order: everything installed that meets a need, by
/// its name or by what it provides.
///
/// Where one of several names will do, each that is installed counts; versions are not looked at. Of packages for several
/// architectures only those for its own count, unless none of them is. What nothing installed meets is left out.
#[must_use]
pub fn edges(packages: &[Package]) -> Vec<Vec<u32>> {
    let mut meeting: HashMap<&str, Vec<u32>> = HashMap::with_capacity(packages.len());
    for (at, package) in packages.iter().enumerate() {
        let Ok(at) = u32::try_from(at) else { break };
        for name in std::iter::once(&package.name).chain(&package.provides) {
            let places = meeting.entry(name).or_default();
            // Packages come in order: one that provides its own name is the last.
            if places.len() < MAX_MEETING && places.last() != Some(&at) {
                places.push(at);
            }
        }
    }
    let mut total = 0_usize;
    let edges = packages.iter().enumerate().map(|(at, package)| {
        let most = if total < MAX_EDGES { MAX_MEETING } else { 1 };
        let edges = edges_of(at, package, packages, &meeting, most);
        total = total.saturating_add(edges.len());
        edges
    });
    edges.collect()
}

/// Returns the places of what one package needs, of what meets one need `most` at most.
fn edges_of(
    at: usize,
    package: &Package,
    packages: &[Package],
    meeting: &HashMap<&str, Vec<u32>>,
    most: usize,
) -> Vec<u32> {
    let mut out: Vec<u32> = package.needs_at.iter().filter_map(|needed| u32::try_from(*needed).ok()).collect();
    out.retain(|needed| place(*needed, packages).is_some());
    let mut names: Vec<&str> = package.needs.iter().flatten().map(|name| &**name).collect();
    names.sort_unstable();
    names.dedup();
    for name in names {
        let Some(places) = meeting.get(name) else { continue };
        let fits = |needed: &&u32| place(**needed, packages).is_some_and(|needed| is_for(package, needed));
        let before = out.len();
        out.extend(places.iter().filter(fits).take(most));
        if out.len() == before {
            out.extend(places.iter().take(most));
        }
    }
    out.sort_unstable();
    out.dedup();
    out.retain(|needed| usize::try_from(*needed) != Ok(at));
    out
}

fn place(at: u32, packages: &[Package]) -> Option<&Package> {
    packages.get(usize::try_from(at).ok()?)
}

/// Whether two packages are for one architecture, or one of them for all.
fn is_for(package: &Package, needed: &Package) -> bool {
    match (&package.installed.architecture, &needed.installed.architecture) {
        (Some(own), Some(other)) => own == other || [own, other].iter().any(|one| is_for_all(one)),
        _ => true,
    }
}

fn is_for_all(architecture: &str) -> bool {
    matches!(architecture, "all" | "noarch" | "any")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fact::Location;
    use crate::tree::TreePath;

    /// A package as `name[:architecture] [= provided …] [> needed|or …]`.
    fn package(text: &str) -> Package {
        let (text, needs) = text.split_once('>').unwrap_or((text, ""));
        let (text, provides) = text.split_once('=').unwrap_or((text, ""));
        let (name, architecture) = text.trim().split_once(':').unwrap_or((text.trim(), ""));
        let mut package = Package::new(name, Some("1"), Location::file(TreePath::root()));
        package.installed.architecture = Some(architecture).filter(|it| !it.is_empty()).map(Into::into);
        package.provides = provides.split_whitespace().map(Into::into).collect();
        package.needs = needs.split_whitespace().map(|need| need.split('|').map(Into::into).collect()).collect();
        package
    }

    fn check(packages: &[&str], expected: &[&[u32]]) {
        let packages: Vec<Package> = packages.iter().map(|text| package(text)).collect();
        assert_eq!(edges(&packages), expected, "{packages:?}");
    }

    #[test]
    fn needs_are_met_by_names_and_by_what_is_provided() {
        check(&[], &[]);
        check(&["a > b", "b"], &[&[1], &[]]);
        check(&["a > c", "b"], &[&[], &[]]);
        check(&["a > b|c", "c"], &[&[1], &[]]);
        check(&["a > b|c", "c", "b"], &[&[1, 2], &[], &[]]);
        check(&["a > awk", "gawk = awk", "mawk = awk"], &[&[1, 2], &[], &[]]);
        check(&["a > b b", "b = b"], &[&[1], &[]]);
        check(&["a = a > a b", "b > a"], &[&[1], &[0]]);
    }

    #[test]
    fn the_own_architecture_comes_first() {
        check(&["a:amd64 > c", "c:i386", "c:amd64"], &[&[2], &[], &[]]);
        check(&["a:i386 > c", "c:i386", "c:amd64"], &[&[1], &[], &[]]);
        check(&["a:all > c", "c:i386", "c:amd64"], &[&[1, 2], &[], &[]]);
        check(&["a:amd64 > c", "c:all"], &[&[1], &[]]);
        check(&["a:amd64 > c", "c:i386"], &[&[1], &[]]);
        check(&["a > c", "c:i386"], &[&[1], &[]]);
    }

    #[test]
    fn needs_by_place_are_told_too() {
        let mut packages = ["a > c", "b", "c"].map(package);
        packages[0].needs_at = vec![2, 1, 0, 9, usize::MAX];
        assert_eq!(edges(&packages), [vec![1, 2], vec![], vec![]]);
    }

    #[test]
    fn packages_that_all_meet_all_take_no_time() {
        let mut packages = vec![package("a = x > x"); 20_000];
        packages.push(package("z > x"));
        assert_eq!(edges(&packages)[20_000].len(), MAX_MEETING);
    }
}
