//! Which property is which member of which element (the vocabulary of `spdx.org/rdf/terms`, and SPDX 2.3's annex C).

/// The form of what a property says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A text, or an address as a text.
    Text,
    /// A word of the vocabulary, `relationshipType_describes`.
    Word,
    /// A category of references.
    Category,
    /// A type of references.
    ReferenceType,
    /// An algorithm of digests.
    Algorithm,
    /// A licence or several.
    License,
    /// The identifier of an element.
    Element,
    /// The namespace of another document.
    Document,
    /// An object with these members.
    Object(&'static [Property]),
}

/// A property: its name, its member, and the form of what it says.
pub(super) type Property = (&'static str, &'static str, Form);

pub(super) static DOCUMENT: &[Property] = &[
    ("specVersion", "spdxVersion", Form::Text),
    ("dataLicense", "dataLicense", Form::License),
    ("name", "name", Form::Text),
    ("comment", "comment", Form::Text),
    ("creationInfo", "creationInfo", Form::Object(CREATION)),
    ("externalDocumentRef", "externalDocumentRefs", Form::Object(OTHER_DOCUMENT)),
    ("describesPackage", "documentDescribes", Form::Element),
    ("annotation", "annotations", Form::Object(ANNOTATION)),
    ("reviewed", "revieweds", Form::Object(REVIEW)),
];

static CREATION: &[Property] = &[
    ("comment", "comment", Form::Text),
    ("created", "created", Form::Text),
    ("creator", "creators", Form::Text),
    ("licenseListVersion", "licenseListVersion", Form::Text),
];

static OTHER_DOCUMENT: &[Property] = &[
    ("externalDocumentId", "externalDocumentId", Form::Text),
    ("spdxDocument", "spdxDocument", Form::Document),
    ("checksum", "checksum", Form::Object(CHECKSUM)),
];

static CHECKSUM: &[Property] =
    &[("algorithm", "algorithm", Form::Algorithm), ("checksumValue", "checksumValue", Form::Text)];

static ANNOTATION: &[Property] = &[
    ("annotationDate", "annotationDate", Form::Text),
    ("annotationType", "annotationType", Form::Word),
    ("annotator", "annotator", Form::Text),
    ("comment", "comment", Form::Text),
];

static REVIEW: &[Property] = &[
    ("reviewer", "reviewer", Form::Text),
    ("reviewDate", "reviewDate", Form::Text),
    ("comment", "comment", Form::Text),
];

static VERIFICATION_CODE: &[Property] = &[
    ("packageVerificationCodeValue", "packageVerificationCodeValue", Form::Text),
    ("packageVerificationCodeExcludedFile", "packageVerificationCodeExcludedFiles", Form::Text),
];

static REFERENCE: &[Property] = &[
    ("referenceCategory", "referenceCategory", Form::Category),
    ("referenceType", "referenceType", Form::ReferenceType),
    ("referenceLocator", "referenceLocator", Form::Text),
    ("comment", "comment", Form::Text),
];

pub(super) static PACKAGE: &[Property] = &[
    ("name", "name", Form::Text),
    ("versionInfo", "versionInfo", Form::Text),
    ("packageFileName", "packageFileName", Form::Text),
    ("supplier", "supplier", Form::Text),
    ("originator", "originator", Form::Text),
    ("downloadLocation", "downloadLocation", Form::Text),
    ("filesAnalyzed", "filesAnalyzed", Form::Text),
    ("packageVerificationCode", "packageVerificationCode", Form::Object(VERIFICATION_CODE)),
    ("checksum", "checksums", Form::Object(CHECKSUM)),
    ("homepage", "homepage", Form::Text),
    ("sourceInfo", "sourceInfo", Form::Text),
    ("licenseConcluded", "licenseConcluded", Form::License),
    ("licenseInfoFromFiles", "licenseInfoFromFiles", Form::License),
    ("licenseDeclared", "licenseDeclared", Form::License),
    ("licenseComments", "licenseComments", Form::Text),
    ("copyrightText", "copyrightText", Form::Text),
    ("summary", "summary", Form::Text),
    ("description", "description", Form::Text),
    ("comment", "comment", Form::Text),
    ("externalRef", "externalRefs", Form::Object(REFERENCE)),
    ("attributionText", "attributionTexts", Form::Text),
    ("primaryPackagePurpose", "primaryPackagePurpose", Form::Word),
    ("releaseDate", "releaseDate", Form::Text),
    ("builtDate", "builtDate", Form::Text),
    ("validUntilDate", "validUntilDate", Form::Text),
    ("hasFile", "hasFiles", Form::Element),
    ("annotation", "annotations", Form::Object(ANNOTATION)),
];

static PROJECT: &[Property] = &[("name", "name", Form::Text), ("homepage", "homePage", Form::Text)];

pub(super) static FILE: &[Property] = &[
    ("fileName", "fileName", Form::Text),
    ("fileType", "fileTypes", Form::Word),
    ("checksum", "checksums", Form::Object(CHECKSUM)),
    ("licenseConcluded", "licenseConcluded", Form::License),
    ("licenseInfoInFile", "licenseInfoInFiles", Form::License),
    ("licenseComments", "licenseComments", Form::Text),
    ("copyrightText", "copyrightText", Form::Text),
    ("comment", "comment", Form::Text),
    ("noticeText", "noticeText", Form::Text),
    ("fileContributor", "fileContributors", Form::Text),
    ("attributionText", "attributionTexts", Form::Text),
    ("fileDependency", "fileDependencies", Form::Element),
    ("artifactOf", "artifactOfs", Form::Object(PROJECT)),
    ("annotation", "annotations", Form::Object(ANNOTATION)),
];

static POINTER: &[Property] = &[
    ("reference", "reference", Form::Element),
    ("offset", "offset", Form::Text),
    ("lineNumber", "lineNumber", Form::Text),
];

static RANGE: &[Property] =
    &[("startPointer", "startPointer", Form::Object(POINTER)), ("endPointer", "endPointer", Form::Object(POINTER))];

pub(super) static SNIPPET: &[Property] = &[
    ("name", "name", Form::Text),
    ("snippetFromFile", "snippetFromFile", Form::Element),
    ("range", "ranges", Form::Object(RANGE)),
    ("licenseConcluded", "licenseConcluded", Form::License),
    ("licenseInfoInSnippet", "licenseInfoInSnippets", Form::License),
    ("licenseComments", "licenseComments", Form::Text),
    ("copyrightText", "copyrightText", Form::Text),
    ("comment", "comment", Form::Text),
    ("attributionText", "attributionTexts", Form::Text),
    ("annotation", "annotations", Form::Object(ANNOTATION)),
];

static CROSS_REFERENCE: &[Property] = &[
    ("url", "url", Form::Text),
    ("isLive", "isLive", Form::Text),
    ("isValid", "isValid", Form::Text),
    ("isWayBackLink", "isWayBackLink", Form::Text),
    ("match", "match", Form::Text),
    ("order", "order", Form::Text),
    ("timestamp", "timestamp", Form::Text),
];

pub(super) static LICENSE: &[Property] = &[
    ("licenseId", "licenseId", Form::Text),
    ("extractedText", "extractedText", Form::Text),
    ("name", "name", Form::Text),
    ("seeAlso", "seeAlsos", Form::Text),
    ("comment", "comment", Form::Text),
    ("crossRef", "crossRefs", Form::Object(CROSS_REFERENCE)),
];

pub(super) static RELATIONSHIP: &[Property] = &[
    ("relationshipType", "relationshipType", Form::Word),
    ("relatedSpdxElement", "relatedSpdxElement", Form::Element),
    ("comment", "comment", Form::Text),
];
