//! Which tag is which member of which element (SPDX 2.3, sections 6 to 13).

/// The form of a value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// A text.
    Text,
    /// One of a list of texts.
    Item,
    /// `true` or `false`.
    Flag,
    /// A digest, one of a list: `SHA1: …`.
    Checksum,
    /// The code that verifies a package, with the files left out of it.
    Code,
    /// A reference of a package: category, type and locator.
    Reference,
    /// A range of a snippet, in bytes.
    Bytes,
    /// A range of a snippet, in lines.
    Lines,
}

/// A tag: its name, its member, and the form of its values.
pub(super) type Tag = (&'static str, &'static str, Form);

pub(super) static DOCUMENT: &[Tag] = &[
    ("SPDXVersion", "spdxVersion", Form::Text),
    ("DataLicense", "dataLicense", Form::Text),
    ("DocumentName", "name", Form::Text),
    ("DocumentNamespace", "documentNamespace", Form::Text),
    ("DocumentComment", "comment", Form::Text),
];

pub(super) static CREATION: &[Tag] = &[
    ("LicenseListVersion", "licenseListVersion", Form::Text),
    ("Creator", "creators", Form::Item),
    ("Created", "created", Form::Text),
    ("CreatorComment", "comment", Form::Text),
];

pub(super) static PACKAGE: &[Tag] = &[
    ("PackageName", "name", Form::Text),
    ("PackageVersion", "versionInfo", Form::Text),
    ("PackageFileName", "packageFileName", Form::Text),
    ("PackageSupplier", "supplier", Form::Text),
    ("PackageOriginator", "originator", Form::Text),
    ("PackageDownloadLocation", "downloadLocation", Form::Text),
    ("FilesAnalyzed", "filesAnalyzed", Form::Flag),
    ("PackageVerificationCode", "packageVerificationCode", Form::Code),
    ("PackageChecksum", "checksums", Form::Checksum),
    ("PackageHomePage", "homepage", Form::Text),
    ("PackageSourceInfo", "sourceInfo", Form::Text),
    ("PackageLicenseConcluded", "licenseConcluded", Form::Text),
    ("PackageLicenseInfoFromFiles", "licenseInfoFromFiles", Form::Item),
    ("PackageLicenseDeclared", "licenseDeclared", Form::Text),
    ("PackageLicenseComments", "licenseComments", Form::Text),
    ("PackageCopyrightText", "copyrightText", Form::Text),
    ("PackageSummary", "summary", Form::Text),
    ("PackageDescription", "description", Form::Text),
    ("PackageComment", "comment", Form::Text),
    ("ExternalRef", "externalRefs", Form::Reference),
    ("PackageAttributionText", "attributionTexts", Form::Item),
    ("PrimaryPackagePurpose", "primaryPackagePurpose", Form::Text),
    ("ReleaseDate", "releaseDate", Form::Text),
    ("BuiltDate", "builtDate", Form::Text),
    ("ValidUntilDate", "validUntilDate", Form::Text),
];

pub(super) static FILE: &[Tag] = &[
    ("FileName", "fileName", Form::Text),
    ("FileType", "fileTypes", Form::Item),
    ("FileChecksum", "checksums", Form::Checksum),
    ("LicenseConcluded", "licenseConcluded", Form::Text),
    ("LicenseInfoInFile", "licenseInfoInFiles", Form::Item),
    ("LicenseComments", "licenseComments", Form::Text),
    ("FileCopyrightText", "copyrightText", Form::Text),
    ("FileComment", "comment", Form::Text),
    ("FileNotice", "noticeText", Form::Text),
    ("FileContributor", "fileContributors", Form::Item),
    ("FileAttributionText", "attributionTexts", Form::Item),
    ("FileDependency", "fileDependencies", Form::Item),
];

/// The project that a file is of, one object that begins with its name (section 8.9, deprecated).
pub(super) static PROJECT: &[Tag] = &[
    ("ArtifactOfProjectName", "name", Form::Text),
    ("ArtifactOfProjectHomePage", "homePage", Form::Text),
    ("ArtifactOfProjectURI", "projectUri", Form::Text),
];

pub(super) static SNIPPET: &[Tag] = &[
    ("SnippetSPDXID", "SPDXID", Form::Text),
    ("SnippetFromFileSPDXID", "snippetFromFile", Form::Text),
    ("SnippetByteRange", "ranges", Form::Bytes),
    ("SnippetLineRange", "ranges", Form::Lines),
    ("SnippetLicenseConcluded", "licenseConcluded", Form::Text),
    ("LicenseInfoInSnippet", "licenseInfoInSnippets", Form::Item),
    ("SnippetLicenseComments", "licenseComments", Form::Text),
    ("SnippetCopyrightText", "copyrightText", Form::Text),
    ("SnippetComment", "comment", Form::Text),
    ("SnippetName", "name", Form::Text),
    ("SnippetAttributionText", "attributionTexts", Form::Item),
];

pub(super) static LICENSE: &[Tag] = &[
    ("LicenseID", "licenseId", Form::Text),
    ("ExtractedText", "extractedText", Form::Text),
    ("LicenseName", "name", Form::Text),
    ("LicenseCrossReference", "seeAlsos", Form::Item),
    ("LicenseComment", "comment", Form::Text),
];

pub(super) static ANNOTATION: &[Tag] = &[
    ("Annotator", "annotator", Form::Text),
    ("AnnotationDate", "annotationDate", Form::Text),
    ("AnnotationType", "annotationType", Form::Text),
    ("SPDXREF", "SPDXREF", Form::Text),
    ("AnnotationComment", "comment", Form::Text),
];

pub(super) static REVIEW: &[Tag] = &[
    ("Reviewer", "reviewer", Form::Text),
    ("ReviewDate", "reviewDate", Form::Text),
    ("ReviewComment", "comment", Form::Text),
];
