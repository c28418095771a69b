//! Envelopes of others, and what becomes of them when a byte is another.

use proptest::prelude::*;

use super::*;
use crate::signature::published::{self, Verdict};

#[test]
fn published_envelopes_get_their_verdict() {
    let Some(cases) = published::cases(&["dsse"]) else { return };
    let mut wrong = Vec::new();
    for case in &cases {
        let (verdict, why) = case.judge(&case.trust());
        if case.expected != Verdict::Either && verdict != case.expected {
            wrong.push(format!("{}: {verdict:?}, expected {:?}: {why}", case.id, case.expected));
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
