//! Versions compared by their ecosystem's own rules, one file an ecosystem, and requirements on them.
//!
//! What cannot be read by those rules has no order; no ecosystem is ever compared by another's. Two versions that are
//! equal in order may differ in their text (`1.0` and `1.0.0`), and are then not one version: this says nothing of
//! identity. Most orders are total. Three are not, because their ecosystems' are not, and are only meant for two
//! versions at a time: `alpm` and `rpm` leave the release out where one side has none, and `conan` compares a number
//! with a word as text.

mod alpm;
mod apk;
mod composer;
mod conan;
mod deb;
mod ebuild;
mod gem;
mod generic;
mod golang;
mod hex;
mod maven;
mod npm;
mod nuget;
mod openssl;
mod piece;
mod pub_dev;
mod pypi;
mod requirement;
mod rpm;
mod semver;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;

pub use requirement::satisfies;

/// How the versions of one ecosystem are ordered.
struct Order {
    /// The type of its purls, or the name of a scheme of the version range specification (VERS).
    id: &'static str,
    /// Compares two versions, where both can be read.
    compare: fn(&str, &str) -> Option<Ordering>,
}

/// The orders that are known, by id.
static ORDERS: &[Order] = &[
    Order { id: "alpm", compare: alpm::compare },
    Order { id: "apk", compare: apk::compare },
    Order { id: "cargo", compare: semver::compare },
    Order { id: "composer", compare: composer::compare },
    Order { id: "conan", compare: conan::compare },
    Order { id: "datetime", compare: generic::datetime },
    Order { id: "deb", compare: deb::compare },
    Order { id: "ebuild", compare: ebuild::compare },
    Order { id: "gem", compare: gem::compare },
    Order { id: "gentoo", compare: ebuild::compare },
    Order { id: "golang", compare: golang::compare },
    Order { id: "hex", compare: hex::compare },
    Order { id: "intdot", compare: generic::intdot },
    Order { id: "lexicographic", compare: generic::lexicographic },
    Order { id: "maven", compare: maven::compare },
    Order { id: "npm", compare: npm::compare },
    Order { id: "nuget", compare: nuget::compare },
    Order { id: "openssl", compare: openssl::compare },
    Order { id: "pub", compare: pub_dev::compare },
    Order { id: "pypi", compare: pypi::compare },
    Order { id: "rpm", compare: rpm::compare },
    Order { id: "semver", compare: semver::compare },
];

/// Compares two versions of one ecosystem, `None` where its rules are not known, or a version cannot be read by them.
///
/// A purl of type `rpm` states the epoch as a qualifier; whoever has it puts it in front (`1:2.0-3`).
#[must_use]
pub fn compare(ecosystem: &str, a: &str, b: &str) -> Option<Ordering> {
    let at = ORDERS.binary_search_by(|order| order.id.cmp(ecosystem)).ok()?;
    let order = ORDERS.get(at)?;
    (order.compare)(a, b)
}
