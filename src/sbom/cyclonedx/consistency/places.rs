//! Where in CycloneDX identifiers and references stand, over all its versions.

/// What a string at a place is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// The identifier of the object it stands in.
    Declares,
    /// The identifier of another object, or a link into another document.
    Refers,
    /// A package URL.
    Purl,
    /// A CPE name.
    Cpe,
}

/// Members that refer wherever they stand.
const REFERS: &[&str] = &[
    "algorithmRef",
    "cryptoRefArray",
    "mitigationStrategies",
    "patentRefs",
    "signatureAlgorithmRef",
    "subjectPublicKeyRef",
];

/// Members that refer where they stand in another.
const REFERS_IN: &[(&str, &str)] = &[
    ("affects", "ref"),
    ("annotations", "subjects"),
    ("attestations", "assessor"),
    ("citations", "attributedTo"),
    ("citations", "process"),
    ("cipherSuites", "algorithms"),
    ("claims", "counterEvidence"),
    ("claims", "evidence"),
    ("claims", "target"),
    ("compositions", "assemblies"),
    ("compositions", "dependencies"),
    ("compositions", "vulnerabilities"),
    ("datasets", "ref"),
    ("dependencies", "dependsOn"),
    ("dependencies", "provides"),
    ("dependencies", "ref"),
    ("identity", "tools"),
    ("levels", "requirements"),
    ("map", "claims"),
    ("map", "counterClaims"),
    ("map", "requirement"),
    ("patentAssertions", "asserter"),
    ("patents", "members"),
    ("relatedCryptographicAssets", "ref"),
    ("requirements", "parent"),
    ("resource", "ref"),
    ("resourceReferences", "ref"),
    ("source", "ref"),
    ("target", "ref"),
];

/// Returns what a string is, by the members that lead to it, outermost first.
pub(super) fn place(names: &[&str]) -> Option<Place> {
    let (&last, above) = names.split_last()?;
    let parent = above.last().copied().unwrap_or_default();
    match last {
        "bom-ref" => Some(Place::Declares),
        // Where components stand, and nowhere else, these are what they are called.
        "purl" if is_component(parent) => Some(Place::Purl),
        "cpe" if is_component(parent) => Some(Place::Cpe),
        last if REFERS.contains(&last) || REFERS_IN.contains(&(parent, last)) => Some(Place::Refers),
        _ => None,
    }
}

fn is_component(parent: &str) -> bool {
    ["ancestors", "component", "components", "descendants", "variants"].contains(&parent)
}

/// Whether nothing inside of a member is of this document: what others sign, and properties.
pub(super) fn is_opaque(key: &str) -> bool {
    ["properties", "signature"].contains(&key)
}
