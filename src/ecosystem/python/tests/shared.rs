//! The files of peers and of real projects.

use std::collections::BTreeSet;

use crate::ecosystem::cases::{self, Pair};

/// Where this crate reads other than osv-scalibr's own tests expect, and why that is right.
const OTHER: [(&str, &str); 7] = [
    ("pipfilelock/empty-file", "an empty file is no JSON"),
    ("pipfilelock/no-version.json", "a repository at a commit is a component without a version"),
    ("poetrylock/empty-file.lock", "poetry always writes `[metadata]`"),
    ("pylock/commits.toml", "the project itself is a component, without a version"),
    ("pylock/empty.toml", "PEP 751 requires `lock-version`"),
    ("uvlock/empty.lock", "uv always writes `version`"),
    ("poetrylock/source-legacy.lock", "a file without `[metadata]` was cut off; its packages are read all the same"),
];

#[test]
fn peers_cases_are_read_as_they_expect() {
    let formats = [
        ("python/pipfilelock", "Pipfile.lock"),
        ("python/poetrylock", "poetry.lock"),
        ("python/pylock", "pylock.toml"),
        ("python/uvlock", "uv.lock"),
    ];
    for (format, name) in formats {
        for case in cases::of_osv_scalibr(format, name) {
            let (missing, surplus) = case.differences();
            let has_gap = !case.facts.gaps.is_empty();
            let differs = !missing.is_empty() || !surplus.is_empty() || has_gap != case.error;
            let explained = OTHER.iter().any(|(path, _)| case.path.ends_with(path));
            let about = (&case.path, &missing, &surplus, &case.facts.gaps);
            assert_eq!(differs, explained, "{about:?}");
            assert!(missing.is_empty(), "{about:?}");
        }
    }
}

#[test]
fn real_lock_files_are_read_in_full() {
    for name in ["uv.lock", "poetry.lock"] {
        for case in cases::of_real_projects(name) {
            assert_eq!(case.facts.gaps, [], "{}", case.path);
            let (missing, surplus) = case.differences();
            assert_eq!((missing, surplus), (Vec::<Pair>::new(), Vec::new()), "{}", case.path);
            assert!(case.expected.len() > 10, "{}", case.path);
            let components: Vec<_> = case.facts.inventories.iter().flat_map(|it| &it.components).collect();
            let unverified: BTreeSet<&str> = components
                .iter()
                .filter(|it| it.source.is_digested() && (it.digests.is_empty() || !it.unverified.is_empty()))
                .map(|it| &*it.name)
                .collect();
            assert_eq!(unverified, BTreeSet::new(), "{}", case.path);
        }
    }
}
