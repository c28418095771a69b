//! What an archive of Java is called that does not say so in `pom.properties`: by its file name, and by its manifest.
//!
//! As syft chooses: the name of the file comes first, since titles in manifests are written for people; the group is the
//! first name of a domain in the manifest. Where there is none, the group is the name itself, as that of old packages is.

use super::properties::Properties;

/// Name and version of an archive.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Identity {
    /// The group, a slash, and the name.
    pub(super) name: String,
    /// The version.
    pub(super) version: Option<String>,
}

/// The values of a manifest that name an archive, the best first.
const NAMES: [&str; 4] = ["bundle-symbolicname", "automatic-module-name", "extension-name", "implementation-title"];

/// Those that hold its version.
const VERSIONS: [&str; 4] = ["implementation-version", "bundle-version", "specification-version", "plugin-version"];

/// Those that may hold its group.
const GROUPS: [&str; 7] = [
    "group-id",
    "implementation-vendor-id",
    "bundle-symbolicname",
    "extension-name",
    "automatic-module-name",
    "implementation-title",
    "specification-title",
];

impl Identity {
    /// Returns what an archive is called, `None` where nothing tells.
    pub(super) fn of(file: &FileName, manifest: &Properties) -> Option<Self> {
        let stated = |names: &[&str]| names.iter().find_map(|name| manifest.get(name)).map(plain);
        let name = file.name.clone().or_else(|| {
            NAMES.iter().find_map(|name| manifest.get(name)).map(plain).filter(is_name).map(str::to_owned)
        })?;
        let version = file.version.clone().or_else(|| stated(&VERSIONS).map(str::to_owned));
        let group = GROUPS.iter().filter_map(|name| manifest.get(name)).map(plain).find(is_group);
        let group = group.map_or(name.as_str(), |group| {
            // `org.example.thing` names the artifact too.
            let above = group.strip_suffix(name.as_str()).and_then(|above| above.strip_suffix('.'));
            above.filter(is_group_or_word).unwrap_or(group)
        });
        Some(Self { name: format!("{group}/{name}"), version })
    }
}

/// Returns a value without what OSGi writes behind a semicolon.
fn plain(value: &str) -> &str {
    value.split(';').next().unwrap_or(value).trim().trim_matches('"')
}

fn is_name(text: &&str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_'))
}

fn is_group(text: &&str) -> bool {
    text.contains('.') && is_group_or_word(text) && text.starts_with(|c: char| c.is_ascii_alphabetic())
}

fn is_group_or_word(text: &&str) -> bool {
    is_name(text) && !text.starts_with('.') && !text.ends_with('.') && !text.contains("..")
}

/// Name and version as the name of a file has them: `NAME-VERSION.jar`.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct FileName {
    /// The name.
    pub(super) name: Option<String>,
    /// The version.
    pub(super) version: Option<String>,
}

impl FileName {
    /// Takes the name of a file apart.
    pub(super) fn of(path: &[u8]) -> Self {
        let file = path.rsplit(|byte| *byte == b'/').next().unwrap_or(path);
        let Ok(file) = std::str::from_utf8(file) else { return Self::default() };
        let stem = file.rsplit_once('.').map_or(file, |(stem, _)| stem);
        // Behind a hyphen a version begins wherever it can; behind `_` and `.` only where no hyphen has one.
        let parted = [&['-'][..], &['_', '.'][..]].into_iter().find_map(|marks| {
            stem.match_indices(marks).find_map(|(at, mark)| {
                let version = stem.get(at + mark.len()..).filter(|version| is_version(version))?;
                Some((stem.get(..at)?, version))
            })
        });
        let (name, version) = parted.map_or((stem, None), |(name, version)| (name, Some(version)));
        if !name.contains(|c: char| c.is_ascii_alphabetic()) || (version.is_none() && is_version(name)) {
            return Self::default();
        }
        Self { name: Some(name.to_owned()), version: version.map(str::to_owned) }
    }

    /// Whether the file is that of an artifact: it bears its name, or one that begins or ends so.
    pub(super) fn is_of(&self, artifact: &str) -> bool {
        self.name.as_deref().is_some_and(|name| artifact.starts_with(name) || name.ends_with(artifact))
    }
}

/// Whether a text is a version: it begins with a digit, or is a build or a release candidate.
fn is_version(text: &str) -> bool {
    let lower = text.to_ascii_lowercase();
    let is_digit = |c: char| c.is_ascii_digit();
    let is_number = |text: &str| !text.is_empty() && text.chars().all(is_digit);
    lower.starts_with(is_digit)
        || lower.strip_prefix("build").is_some_and(|rest| rest.starts_with(is_digit))
        || lower.strip_prefix("rc").or_else(|| lower.strip_prefix('r')).is_some_and(is_number)
}
