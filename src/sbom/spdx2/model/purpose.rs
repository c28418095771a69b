//! What a package is: `primaryPackagePurpose` (SPDX 2.3, section 7.24).

/// The words of SPDX 2 and those of the model.
static PURPOSES: &[(&str, &str)] = &[
    ("APPLICATION", "application"),
    ("FRAMEWORK", "framework"),
    ("LIBRARY", "library"),
    ("CONTAINER", "container"),
    ("OPERATING_SYSTEM", "operating-system"),
    ("DEVICE", "device"),
    ("FIRMWARE", "firmware"),
    ("SOURCE", "source"),
    ("ARCHIVE", "archive"),
    ("FILE", "file"),
    ("INSTALL", "install"),
    ("OTHER", "other"),
];

/// Returns the kind of the model.
pub(super) fn kind(purpose: &str) -> Option<&'static str> {
    PURPOSES.iter().find(|(word, _)| *word == purpose).map(|(_, kind)| *kind)
}

/// Returns the word of SPDX 2, where it has one.
pub(super) fn purpose(kind: &str) -> Option<&'static str> {
    PURPOSES.iter().find(|(_, known)| *known == kind).map(|(word, _)| *word)
}
