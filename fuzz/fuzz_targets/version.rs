//! Compares any three texts as versions of every ecosystem: no panic, each is equal to itself where it can be read, orders
//! read the same from either end, and lists are in one order.
#![no_main]

use std::cmp::Ordering;

use libfuzzer_sys::fuzz_target;
use portcullis::component::version::{compare, ecosystems, listed};

fuzz_target!(|text: &str| {
    let mut lines = text.split('\n');
    let (a, b) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let c = lines.next().unwrap_or_default();
    for ecosystem in ecosystems() {
        assert!(compare(ecosystem, a, a).is_none_or(Ordering::is_eq));
        assert_eq!(compare(ecosystem, a, b), compare(ecosystem, b, a).map(Ordering::reverse), "{ecosystem}");
        assert_eq!(listed(ecosystem, a, b), listed(ecosystem, b, a).reverse(), "{ecosystem}");
        if listed(ecosystem, a, b).is_le() && listed(ecosystem, b, c).is_le() {
            assert!(listed(ecosystem, a, c).is_le(), "{ecosystem}");
        }
    }
});
