//! The operating system of a root filesystem, as its os-release tells it (`os-release(5)`).

use serde::{Deserialize, Serialize};

use crate::fact::Location;

/// The operating system of a root filesystem.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OperatingSystem {
    /// `ID`, in lower case: `debian`, `rhel`, `opensuse-leap`.
    pub id: Box<str>,
    /// `ID_LIKE`, the nearest first.
    pub like: Vec<Box<str>>,
    /// `VERSION_ID`.
    pub version: Option<Box<str>>,
    /// `VERSION_CODENAME`.
    pub codename: Option<Box<str>>,
    /// `BUILD_ID`.
    pub build: Option<Box<str>>,
    /// `PRETTY_NAME`, else `NAME`.
    pub name: Option<Box<str>>,
    /// `CPE_NAME`.
    pub cpe: Option<Box<str>>,
    /// `HOME_URL`.
    pub home: Option<Box<str>>,
    /// The file.
    pub place: Location,
}

impl OperatingSystem {
    /// Returns the namespace that purls of its packages have, `None` where it does not say which distribution it is.
    ///
    /// It is the `ID`, as syft has it: `ol` of Oracle and `amzn` of Amazon too. rpm's packages of Red Hat have `redhat`
    /// (purl-spec, syft and trivy), those of every openSUSE `opensuse` (syft), and those of SUSE `sles` (syft and trivy),
    /// whichever of its products they are for.
    #[must_use]
    pub fn namespace(&self, ecosystem: &str) -> Option<&str> {
        match (ecosystem, &*self.id) {
            // "The default".
            (_, "linux" | "") => None,
            ("rpm", "rhel" | "hummingbird") => Some("redhat"),
            ("rpm", id) if id.starts_with("opensuse") => Some("opensuse"),
            ("rpm", id) if id.starts_with("sles") || matches!(id, "sled" | "sle_hpc" | "sl-micro" | "sle-micro") => {
                Some("sles")
            }
            (_, id) => Some(id),
        }
    }

    /// Returns the qualifier `distro` of its packages' purls: the `ID`, and the version, else the build, else the code name.
    #[must_use]
    pub fn distro(&self) -> String {
        match self.version.as_ref().or(self.build.as_ref()).or(self.codename.as_ref()) {
            Some(version) => format!("{}-{version}", self.id),
            None => self.id.to_string(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tree::TreePath;

    fn system(id: &str, version: &str, build: &str, codename: &str) -> OperatingSystem {
        let text = |text: &str| Some(text).filter(|text| !text.is_empty()).map(Into::into);
        OperatingSystem {
            id: id.into(),
            like: Vec::new(),
            version: text(version),
            codename: text(codename),
            build: text(build),
            name: None,
            cpe: None,
            home: None,
            place: Location::file(TreePath::root()),
        }
    }

    #[test]
    fn packages_are_named_by_the_distribution() {
        let check = |ecosystem: &str, id: &str, expected: Option<&str>| {
            assert_eq!(system(id, "", "", "").namespace(ecosystem), expected, "{ecosystem} {id}");
        };
        check("deb", "debian", Some("debian"));
        check("deb", "rhel", Some("rhel"));
        check("rpm", "rhel", Some("redhat"));
        check("rpm", "opensuse-leap", Some("opensuse"));
        check("rpm", "opensuse-tumbleweed", Some("opensuse"));
        check("rpm", "sles", Some("sles"));
        check("rpm", "sles_sap", Some("sles"));
        check("rpm", "sl-micro", Some("sles"));
        check("rpm", "slackware", Some("slackware"));
        check("rpm", "ol", Some("ol"));
        check("apk", "linux", None);
    }

    #[test]
    fn distributions_are_told_by_what_they_say_of_their_version() {
        let check = |version: &str, build: &str, codename: &str, expected: &str| {
            assert_eq!(system("arch", version, build, codename).distro(), expected);
        };
        check("12", "b", "c", "arch-12");
        check("", "rolling", "c", "arch-rolling");
        check("", "", "sid", "arch-sid");
        check("", "", "", "arch");
    }
}
