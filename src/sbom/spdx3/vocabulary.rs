//! The words of SPDX 3 beside those of the model.

use std::borrow::Cow;

/// What begins the names of properties that stand for what SPDX 3 has no member for.
pub(super) const GROUP: &str = "portcullis:group";
/// The property that names the publisher of a component.
pub(super) const PUBLISHER: &str = "portcullis:publisher";
/// The property that says whether a component is needed.
pub(super) const SCOPE: &str = "portcullis:scope";
/// The property that says that a component stands outside of what is delivered.
pub(super) const EXTERNAL: &str = "portcullis:external";
/// The property that says where a component was found: a line, a colon and a path.
pub(super) const FOUND_AT: &str = "portcullis:found-at";
/// The property that names an agent who wrote a component, of those who brought it forth.
pub(super) const AUTHOR: &str = "portcullis:author";
/// The property that tells the edition of a document.
pub(super) const EDITION: &str = "portcullis:edition";
/// The property that names the agent who supplied what a document is about.
pub(super) const SUPPLIER: &str = "portcullis:supplier";
/// The property that tells in which part of the life of the product a document was made, in the words it came with.
pub(super) const LIFECYCLE: &str = "portcullis:lifecycle";
/// The property that names who makes a tool.
pub(super) const TOOL_VENDOR: &str = "portcullis:tool-vendor";
/// The property that names a tool without its version.
pub(super) const TOOL_NAME: &str = "portcullis:tool-name";
/// The property that says what a component does not tell, though asked (the `cdx:cisa` taxonomy of CycloneDX).
pub(super) const UNKNOWN: &str = "cdx:cisa:unknown-information";
/// The property that says what a component withholds (the same).
pub(super) const WITHHELD: &str = "cdx:cisa:withheld-information";
/// The property that tells what else an element is for, in the words of `SoftwarePurpose`.
pub(super) const PURPOSE: &str = "spdx:purpose";

/// When nobody says when a document was made, SPDX 3 still demands a time.
pub(super) const NO_TIME: &str = "1970-01-01T00:00:00Z";
/// What is said of that time.
pub(super) const NO_TIME_REMARK: &str = "It is not stated when the data was put together; the time stands for none.";
/// What is said of the agent who stands in for an author whom nobody names.
pub(super) const NO_AUTHOR_REMARK: &str = "It is not stated who put the data together; the agent stands for nobody.";

/// The classes whose elements are components.
pub(super) const COMPONENT_CLASSES: &[&str] =
    &["software_Package", "software_File", "ai_AIPackage", "dataset_DatasetPackage", "build_Build"];

/// The purposes that CycloneDX has a word for: `SoftwarePurpose`, and that word.
const KINDS: &[(&str, &str)] = &[
    ("operatingSystem", "operating-system"),
    ("deviceDriver", "device-driver"),
    ("model", "machine-learning-model"),
    ("diskImage", "disk-image"),
    ("filesystemImage", "filesystem-image"),
];

/// The purposes that there are, but for those with another word in the model.
const PURPOSES: &[&str] = &[
    "application",
    "archive",
    "bom",
    "configuration",
    "container",
    "data",
    "device",
    "documentation",
    "evidence",
    "executable",
    "file",
    "firmware",
    "framework",
    "install",
    "library",
    "manifest",
    "module",
    "other",
    "patch",
    "platform",
    "requirement",
    "source",
    "specification",
    "test",
];

/// Returns the kind of a component that a purpose makes it.
pub(super) fn kind(purpose: Cow<'_, str>) -> Cow<'_, str> {
    KINDS.iter().find(|(known, _)| *known == purpose).map_or(purpose, |(_, kind)| Cow::Borrowed(kind))
}

/// Returns the purpose that a kind of components is, `None` where SPDX 3 has none.
pub(super) fn purpose(kind: &str) -> Option<&'static str> {
    let renamed = KINDS.iter().find(|(_, known)| *known == kind).map(|(purpose, _)| *purpose);
    renamed.or_else(|| PURPOSES.iter().find(|known| **known == kind).copied())
}

/// Returns the purpose that is written so.
pub(super) fn known_purpose(written: &str) -> Option<&'static str> {
    let renamed = KINDS.iter().find(|(purpose, _)| *purpose == written).map(|(purpose, _)| *purpose);
    renamed.or_else(|| PURPOSES.iter().find(|known| **known == written).copied())
}

/// The types of external references (`ExternalRefType`) and the words of CycloneDX for them, empty where it has none.
const REFERENCES: &[(&str, &str)] = &[
    ("altDownloadLocation", ""),
    ("altWebPage", "website"),
    ("binaryArtifact", "distribution"),
    ("bower", ""),
    ("buildMeta", "build-meta"),
    ("buildSystem", "build-system"),
    ("certificationReport", "certification-report"),
    ("chat", "chat"),
    ("componentAnalysisReport", "component-analysis-report"),
    ("cwe", ""),
    ("documentation", "documentation"),
    ("dynamicAnalysisReport", "dynamic-analysis-report"),
    ("eolNotice", ""),
    ("exportControlAssessment", ""),
    ("funding", ""),
    ("issueTracker", "issue-tracker"),
    ("license", "license"),
    ("mailingList", "mailing-list"),
    ("mavenCentral", ""),
    ("metrics", "quality-metrics"),
    ("npm", ""),
    ("nuget", ""),
    ("privacyAssessment", ""),
    ("productMetadata", ""),
    ("purchaseOrder", ""),
    ("qualityAssessmentReport", ""),
    ("releaseHistory", ""),
    ("releaseNotes", "release-notes"),
    ("riskAssessment", "risk-assessment"),
    ("runtimeAnalysisReport", "runtime-analysis-report"),
    ("secureSoftwareAttestation", "attestation"),
    ("securityAdversaryModel", "adversary-model"),
    ("securityAdvisory", "advisories"),
    ("securityFix", ""),
    // As BSI TR-03183-2, section 8, has it.
    ("securityOther", "rfc-9116"),
    ("securityPenTestReport", "pentest-report"),
    ("securityPolicy", ""),
    ("securityThreatModel", "threat-model"),
    ("socialMedia", "social"),
    ("sourceArtifact", "source-distribution"),
    ("staticAnalysisReport", "static-analysis-report"),
    ("support", "support"),
    ("vcs", "vcs"),
    ("vulnerabilityDisclosureReport", "vulnerability-assertion"),
    ("vulnerabilityExploitabilityAssessment", "exploitability-statement"),
];

/// The words of CycloneDX for references that SPDX 3 has no type for: such a one is told by its comment.
const OTHER_REFERENCES: &[&str] = &[
    "bom",
    "citation",
    "codified-infrastructure",
    "configuration",
    "digital-signature",
    "distribution-intake",
    "electronic-signature",
    "evidence",
    "formulation",
    "log",
    "maturity-report",
    "model-card",
    "patent",
    "patent-assertion",
    "patent-family",
    "poam",
    "rfc-9116",
    "security-contact",
    "source-distribution",
];

/// Returns the word of CycloneDX for a type of references, `None` where it has none.
pub(super) fn reference_kind(written: &str) -> Option<&'static str> {
    REFERENCES.iter().find(|(known, kind)| *known == written && !kind.is_empty()).map(|(_, kind)| *kind)
}

/// Returns the type of references that is meant by a word of CycloneDX, or by a type of SPDX however it is spelt.
pub(super) fn reference_type(word: &str) -> Option<&'static str> {
    let folded = |text: &str| text.replace(['-', '_'], "").to_ascii_lowercase();
    let by_kind = REFERENCES.iter().find(|(_, kind)| *kind == word && !kind.is_empty());
    by_kind.or_else(|| REFERENCES.iter().find(|(known, _)| folded(known) == folded(word))).map(|(known, _)| *known)
}

/// Returns the word of CycloneDX that SPDX 3 has no type for.
pub(super) fn other_reference(word: &str) -> Option<&'static str> {
    OTHER_REFERENCES.iter().find(|known| **known == word).copied()
}

/// The types of external identifiers (`ExternalIdentifierType`) that stand for themselves in the model.
pub(super) const IDENTIFIERS: &[&str] = &["cve", "email", "gitoid", "securityOther", "swhid", "swid", "urlScheme"];

/// The types of an SBOM (`SbomType`).
pub(super) const SBOM_TYPES: &[&str] = &["analyzed", "build", "deployed", "design", "runtime", "source"];

/// Returns the type of an SBOM that was made in a phase that CycloneDX names, after CISA's Types of SBOM Documents.
pub(super) fn sbom_type(lifecycle: &str) -> Option<&'static str> {
    let word = match lifecycle {
        "pre-build" => "source",
        "post-build" | "discovery" => "analyzed",
        "operations" => "deployed",
        other => other,
    };
    SBOM_TYPES.iter().find(|known| **known == word).copied()
}

/// Which end of a relation of SPDX 2 is the `from` of the one of SPDX 3.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    /// The same.
    Along,
    /// The other.
    Against,
}

/// The types of relationships of SPDX 3 and those of SPDX 2 that say the same, the first of them for reading: SPDX 3.0.1,
/// annex "Diffs from previous editions", section "Relationships".
pub(super) const RELATIONS: &[(&str, &str, Way)] = &[
    ("amendedBy", "AMENDS", Way::Against),
    ("ancestorOf", "ANCESTOR_OF", Way::Along),
    ("copiedTo", "COPY_OF", Way::Against),
    ("descendantOf", "ANCESTOR_OF", Way::Against),
    ("descendantOf", "DESCENDANT_OF", Way::Along),
    ("describes", "DESCRIBES", Way::Along),
    ("describes", "DESCRIBED_BY", Way::Against),
    ("expandsTo", "EXPANDED_FROM_ARCHIVE", Way::Against),
    ("generates", "GENERATED_FROM", Way::Against),
    ("generates", "GENERATES", Way::Along),
    ("hasAddedFile", "FILE_ADDED", Way::Along),
    ("hasDataFile", "DATA_FILE_OF", Way::Against),
    ("hasDeletedFile", "FILE_DELETED", Way::Along),
    ("hasDependencyManifest", "DEPENDENCY_MANIFEST_OF", Way::Against),
    ("hasDistributionArtifact", "DISTRIBUTION_ARTIFACT", Way::Along),
    ("hasDocumentation", "DOCUMENTATION_OF", Way::Against),
    ("hasDynamicLink", "DYNAMIC_LINK", Way::Along),
    ("hasExample", "EXAMPLE_OF", Way::Against),
    ("hasMetadata", "METAFILE_OF", Way::Against),
    ("hasOptionalComponent", "OPTIONAL_COMPONENT_OF", Way::Against),
    ("hasPrerequisite", "HAS_PREREQUISITE", Way::Along),
    ("hasPrerequisite", "PREREQUISITE_FOR", Way::Against),
    ("hasRequirement", "REQUIREMENT_DESCRIPTION_FOR", Way::Against),
    ("hasStaticLink", "STATIC_LINK", Way::Along),
    ("hasTest", "TEST_OF", Way::Against),
    ("hasTestCase", "TEST_CASE_OF", Way::Against),
    ("hasVariant", "VARIANT_OF", Way::Against),
    ("modifiedBy", "FILE_MODIFIED", Way::Against),
    ("other", "OTHER", Way::Along),
    ("packagedBy", "PACKAGE_OF", Way::Against),
    ("patchedBy", "PATCH_FOR", Way::Against),
    ("patchedBy", "PATCH_APPLIED", Way::Against),
];

/// The types of relationships between components that SPDX 2 has no word for: they stand for themselves in the model.
pub(super) const OWN_RELATIONS: &[&str] = &[
    "availableFrom",
    "configures",
    "delegatedTo",
    "hasEvidence",
    "hasHost",
    "hasInput",
    "hasOutput",
    "invokedBy",
    "serializedInArtifact",
    "testedOn",
    "trainedOn",
    "usesTool",
];
