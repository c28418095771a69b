//! Bundles of others, and what becomes of them when a byte is another.

use proptest::prelude::*;

use super::*;
use crate::signature::published::{self, Case, Verdict};

/// What is refused although its source accepts it, and why; with `--allow-legacy` it is accepted.
const LEGACY: &[&str] = &[
    "sigstore-go-js-provenance",
    "slsa-bundle-valid",
    "slsa-container-based-v1.7.0-dispatch",
    "slsa-delegator-v1.9.0-dispatch",
    "slsa-delegator-v1.9.0-tag-v14.2",
    "slsa-delegator-v2.1.0-dispatch",
    "slsa-delegator-v2.1.0-tag-v14.2",
];

#[test]
fn published_bundles_get_their_verdict() {
    let Some(cases) = published::cases(&["sigstore-bundle", "slsa-provenance"]) else { return };
    let judged = |case: &Case, allows_legacy| {
        let mut trust = case.trust();
        trust.allows_legacy = allows_legacy;
        case.judge(&trust)
    };
    let mut wrong = Vec::new();
    for case in &cases {
        let strict = if LEGACY.contains(&case.id.as_str()) { Verdict::Refused } else { case.expected };
        for (allows_legacy, expected) in [(false, strict), (true, case.expected)] {
            let (verdict, why) = judged(case, allows_legacy);
            if expected != Verdict::Either && verdict != expected {
                wrong.push(format!("{} legacy={allows_legacy}: {verdict:?}, expected {expected:?}: {why}", case.id));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new(), "of {} cases", cases.len());
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        published::exercise(&SCHEME, describe, &bytes);
    }
}
