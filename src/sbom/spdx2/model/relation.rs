//! How elements relate (SPDX 2.3, section 11): the types of SPDX 2 and the relations of the model.

use std::borrow::Cow;

use crate::sbom::model::{RelationKind, RelationScope, Words};

/// What a type says, where it is not a relation in its own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::sbom::spdx2) enum Meaning {
    /// The first needs the second.
    DependsOn,
    /// The second needs the first, for this.
    DependencyOf(RelationScope),
    /// The first holds the second.
    Contains,
    /// The second holds the first.
    ContainedBy,
    /// The first is the document, and is about the second.
    Describes,
    /// The second is the document, and is about the first.
    DescribedBy,
    /// The second provides what the first specifies.
    SpecificationFor,
    /// The same is said by another type, the other way round.
    InverseOf(&'static str),
    /// It has no other word.
    Own,
}

/// Every type (SPDX 2.3, table 68), with the version that brought it.
pub(in crate::sbom::spdx2) static TYPES: &[(&str, &str, Meaning)] = &[
    ("DESCRIBES", "2.2", Meaning::Describes),
    ("DESCRIBED_BY", "2.2", Meaning::DescribedBy),
    ("CONTAINS", "2.2", Meaning::Contains),
    ("CONTAINED_BY", "2.2", Meaning::ContainedBy),
    ("DEPENDS_ON", "2.2", Meaning::DependsOn),
    ("DEPENDENCY_OF", "2.2", Meaning::DependencyOf(RelationScope::Unstated)),
    ("DEPENDENCY_MANIFEST_OF", "2.2", Meaning::Own),
    ("BUILD_DEPENDENCY_OF", "2.2", Meaning::DependencyOf(RelationScope::Build)),
    ("DEV_DEPENDENCY_OF", "2.2", Meaning::DependencyOf(RelationScope::Development)),
    ("OPTIONAL_DEPENDENCY_OF", "2.2", Meaning::DependencyOf(RelationScope::Optional)),
    ("PROVIDED_DEPENDENCY_OF", "2.2", Meaning::DependencyOf(RelationScope::Provided)),
    ("TEST_DEPENDENCY_OF", "2.2", Meaning::DependencyOf(RelationScope::Test)),
    ("RUNTIME_DEPENDENCY_OF", "2.2", Meaning::DependencyOf(RelationScope::Runtime)),
    ("EXAMPLE_OF", "2.2", Meaning::Own),
    ("GENERATES", "2.2", Meaning::InverseOf("GENERATED_FROM")),
    ("GENERATED_FROM", "2.2", Meaning::Own),
    ("ANCESTOR_OF", "2.2", Meaning::Own),
    ("DESCENDANT_OF", "2.2", Meaning::InverseOf("ANCESTOR_OF")),
    ("VARIANT_OF", "2.2", Meaning::Own),
    ("DISTRIBUTION_ARTIFACT", "2.2", Meaning::Own),
    ("PATCH_FOR", "2.2", Meaning::Own),
    ("PATCH_APPLIED", "2.2", Meaning::Own),
    ("COPY_OF", "2.2", Meaning::Own),
    ("FILE_ADDED", "2.2", Meaning::Own),
    ("FILE_DELETED", "2.2", Meaning::Own),
    ("FILE_MODIFIED", "2.2", Meaning::Own),
    ("EXPANDED_FROM_ARCHIVE", "2.2", Meaning::Own),
    ("DYNAMIC_LINK", "2.2", Meaning::Own),
    ("STATIC_LINK", "2.2", Meaning::Own),
    ("DATA_FILE_OF", "2.2", Meaning::Own),
    ("TEST_CASE_OF", "2.2", Meaning::Own),
    ("BUILD_TOOL_OF", "2.2", Meaning::Own),
    ("DEV_TOOL_OF", "2.2", Meaning::Own),
    ("TEST_OF", "2.2", Meaning::Own),
    ("TEST_TOOL_OF", "2.2", Meaning::Own),
    ("DOCUMENTATION_OF", "2.2", Meaning::Own),
    ("OPTIONAL_COMPONENT_OF", "2.2", Meaning::Own),
    ("METAFILE_OF", "2.2", Meaning::Own),
    ("PACKAGE_OF", "2.2", Meaning::Own),
    ("AMENDS", "2.3", Meaning::Own),
    ("PREREQUISITE_FOR", "2.2", Meaning::InverseOf("HAS_PREREQUISITE")),
    ("HAS_PREREQUISITE", "2.2", Meaning::Own),
    ("REQUIREMENT_DESCRIPTION_FOR", "2.3", Meaning::Own),
    ("SPECIFICATION_FOR", "2.3", Meaning::SpecificationFor),
    ("OTHER", "2.2", Meaning::Own),
];

/// Whether there is such a type.
pub(in crate::sbom::spdx2) fn is_type(word: &str) -> bool {
    TYPES.iter().any(|(known, ..)| *known == word)
}

/// Returns what a type says.
pub(super) fn meaning(word: &str) -> Meaning {
    TYPES.iter().find(|(known, ..)| *known == word).map_or(Meaning::Own, |(.., meaning)| *meaning)
}

/// Returns the type that says a relation, and whether its ends change places; `None` where no type says it.
pub(super) fn word<'n>(kind: &'n RelationKind<'_>, scope: RelationScope) -> Option<(Words<'n>, bool)> {
    Some(match kind {
        RelationKind::Contains => (Cow::Borrowed("CONTAINS"), false),
        RelationKind::Provides => (Cow::Borrowed("SPECIFICATION_FOR"), true),
        RelationKind::DependsOn => match scope {
            RelationScope::Unstated => (Cow::Borrowed("DEPENDS_ON"), false),
            RelationScope::Runtime => (Cow::Borrowed("RUNTIME_DEPENDENCY_OF"), true),
            RelationScope::Optional => (Cow::Borrowed("OPTIONAL_DEPENDENCY_OF"), true),
            RelationScope::Provided => (Cow::Borrowed("PROVIDED_DEPENDENCY_OF"), true),
            RelationScope::Build => (Cow::Borrowed("BUILD_DEPENDENCY_OF"), true),
            RelationScope::Development => (Cow::Borrowed("DEV_DEPENDENCY_OF"), true),
            RelationScope::Test => (Cow::Borrowed("TEST_DEPENDENCY_OF"), true),
        },
        RelationKind::Other(word) => {
            let is_known = TYPES.iter().any(|(known, ..)| *known == word.as_ref());
            return is_known.then_some((Cow::Borrowed(&**word), false));
        }
    })
}
