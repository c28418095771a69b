//! Orders of versions: what is published of them, what is tricky, and what holds of every order.

mod published;
mod tricky;

use std::cmp::Ordering;

use proptest::prelude::*;

use super::{ORDERS, compare};

#[test]
fn orders_are_listed_once_in_order() {
    assert!(ORDERS.is_sorted_by(|a, b| a.id < b.id));
}

#[test]
fn an_ecosystem_without_rules_has_no_order() {
    for ecosystem in ["", "cpan", "githubactions", "generic", "Npm", "maven2"] {
        assert_eq!(compare(ecosystem, "1.0.0", "1.0.0"), None, "{ecosystem}");
    }
}

#[test]
fn numbers_have_no_end() {
    let nines = "9".repeat(5000);
    let more = format!("1{}", "0".repeat(5000));
    // Cargo's numbers and those of Python, NuGet, npm and Hex do have one, by the rules of theirs.
    for order in ORDERS.iter().filter(|order| !["datetime", "hex", "npm", "nuget", "pypi"].contains(&order.id)) {
        let dress = |number: &str| match order.id {
            "golang" => format!("v1.2.{number}"),
            "lexicographic" => format!("{number:0>5001}"),
            _ => format!("1.2.{number}"),
        };
        assert_eq!(compare(order.id, &dress(&nines), &dress(&more)), Some(Ordering::Less), "{}", order.id);
    }
    for id in ["hex", "npm", "nuget", "pypi"] {
        assert_eq!(compare(id, &format!("1.2.{nines}"), "1.2.3"), None, "{id}");
    }
}

#[test]
fn long_versions_take_linear_time() {
    // Quadratic time would take minutes.
    for pattern in ["1.", "1-", "a-1", "a1", "-", "~", "^", "_p", "0.", "a.", "+", "1-rc.", "1:", "é"] {
        let long = format!("1{}", pattern.repeat(200_000 / pattern.len()));
        let longer = format!("{long}2");
        for order in ORDERS {
            let _either = compare(order.id, &long, &longer);
        }
    }
}

/// What versions are made of.
const VERSION: &str = "(v|[0-9]:)?[0-9]{1,2}([.][0-9]{1,2}){0,3}([-._~^+]?(a|b|rc|alpha|dev|pre|p|sp|x|SNAPSHOT|final|r|[0-9]){1,2}){0,3}";

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn nothing_makes_an_order_stumble(a in "\\PC{0,16}", b in "[!-~]{0,16}") {
        for order in ORDERS {
            let _none = compare(order.id, &a, &b);
            prop_assert!(compare(order.id, &a, &a).is_none_or(Ordering::is_eq), "{}", order.id);
            prop_assert!(compare(order.id, &b, &b).is_none_or(Ordering::is_eq), "{}", order.id);
        }
    }

    #[test]
    fn orders_read_the_same_from_either_end(a in VERSION, b in VERSION) {
        for order in ORDERS {
            let (there, back) = (compare(order.id, &a, &b), compare(order.id, &b, &a));
            prop_assert_eq!(there, back.map(Ordering::reverse), "{}", order.id);
            // Whether a version is read does not depend on the other, but for branches, which have no order.
            if order.id != "composer" {
                let both = compare(order.id, &a, &a).and(compare(order.id, &b, &b));
                prop_assert_eq!(there.is_some(), both.is_some(), "{}", order.id);
            }
        }
    }

    #[test]
    fn orders_are_transitive(a in VERSION, b in VERSION, c in VERSION) {
        // Those of these are not, by the rules of their ecosystems (see the module).
        for order in ORDERS.iter().filter(|order| !["alpm", "conan", "rpm"].contains(&order.id)) {
            let found = (compare(order.id, &a, &b), compare(order.id, &b, &c), compare(order.id, &a, &c));
            let (Some(first), Some(second), Some(whole)) = found else { continue };
            if first.is_le() && second.is_le() {
                prop_assert!(whole.is_le(), "{}", order.id);
                prop_assert_eq!(whole.is_eq(), first.is_eq() && second.is_eq(), "{}", order.id);
            }
        }
    }

    #[test]
    fn releases_of_pacman_and_rpm_are_transitive_where_all_have_one(
        versions in proptest::collection::vec("[0-9]:[0-9]{1,2}([.+_]?[0-9a-c]{1,2}){0,3}-[0-9]", 3)
    ) {
        for ecosystem in ["alpm", "rpm"] {
            let found = |a: usize, b: usize| compare(ecosystem, &versions[a], &versions[b]).unwrap();
            if found(0, 1).is_le() && found(1, 2).is_le() {
                prop_assert!(found(0, 2).is_le(), "{ecosystem}");
            }
        }
    }
}
