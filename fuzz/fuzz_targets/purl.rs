//! Reads any text as a package URL: no panic, what is read is written and read back the same, and a fault is inert.
#![no_main]

use libfuzzer_sys::fuzz_target;
use portcullis::component::{Purl, PurlParts};

fuzz_target!(|text: &str| {
    match Purl::parse(text) {
        Ok(purl) => {
            let written = purl.to_string();
            assert!(written.is_ascii());
            assert_eq!(Purl::parse(&written).as_ref(), Ok(&purl));
            assert_eq!(purl.join_key().join_key(), purl.join_key());
            assert!(purl.without_defaults().without_version().version().is_none());
        }
        Err(fault) => assert!(!fault.to_string().chars().any(char::is_control)),
    }
    // The same text as the parts of one.
    let mut parts = text.split('|').map(str::to_owned);
    let built = Purl::build(PurlParts {
        kind: parts.next().unwrap_or_default(),
        name: parts.next().unwrap_or_default(),
        namespace: parts.next(),
        version: parts.next(),
        subpath: parts.next(),
        qualifiers: parts.filter_map(|pair| pair.split_once('=').map(owned)).collect(),
    });
    if let Ok(purl) = built {
        assert_eq!(Purl::parse(&purl.to_string()), Ok(purl));
    }
});

fn owned((key, value): (&str, &str)) -> (String, String) {
    (key.to_owned(), value.to_owned())
}
