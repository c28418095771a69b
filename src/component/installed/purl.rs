//! The purls of installed packages.

use super::super::operating_system::OperatingSystem;
use super::super::purl::{Part, Purl, PurlFault, PurlParts, purl};
use super::Package;
use crate::text::Text;

/// A purl, and what was taken for granted in it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InstalledPurl {
    /// The purl in its canonical form.
    pub purl: Box<str>,
    /// What was taken for granted, `None` where all of it is recorded.
    pub assumption: Option<Assumption>,
}

/// The namespace of a package for which nothing says which distribution it is of.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Assumption {
    /// The namespace, as in `debian`.
    pub namespace: Box<str>,
    /// Why it was taken.
    pub because: Because,
}

/// Why a namespace was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Because {
    /// The package manager is that distribution's.
    PackageManager,
    /// The package names its vendor.
    Vendor,
    /// Nothing tells: the namespace is `unknown`.
    Nothing,
}

impl Assumption {
    /// Returns the assumption as one message.
    #[must_use]
    pub fn message(&self) -> Text {
        match self.because {
            Because::PackageManager => {
                crate::text!(
                    "no os-release names the distribution: taken for `{}` by the package manager",
                    self.namespace
                )
            }
            Because::Vendor => {
                crate::text!(
                    "no os-release names the distribution: taken for `{}` by the vendor of the package",
                    self.namespace
                )
            }
            Because::Nothing => {
                crate::text!("no os-release names the distribution, nor does the package: `{}`", self.namespace)
            }
        }
    }
}

/// Returns the purl of an installed package of a type.
///
/// Packages of distributions have the namespace of theirs and the qualifiers `arch`, `distro`, `epoch` and `upstream`, the
/// last being syft's: the package of sources, where it is another. All others are named as in lock files.
///
/// # Errors
/// Where the parts make no purl: the name is empty, or a part holds control characters.
pub fn purl_of(kind: &str, package: &Package, system: Option<&OperatingSystem>) -> Result<InstalledPurl, PurlFault> {
    if !matches!(kind, "alpm" | "apk" | "deb" | "opkg" | "rpm") {
        return Ok(InstalledPurl { purl: of_language(kind, package)?, assumption: None });
    }
    let known = system.and_then(|system| system.namespace(kind));
    let assumption = if known.is_some() { None } else { assumed(kind, package) };
    let namespace = known.or(assumption.as_ref().map(|assumption| &*assumption.namespace));
    let (epoch, version) = epoch(kind, package.version.as_deref());
    let installed = &package.installed;
    let qualifiers = [
        ("arch", installed.architecture.as_deref().map(str::to_owned)),
        ("distro", known.and(system).map(OperatingSystem::distro)),
        ("epoch", epoch.map(str::to_owned)),
        ("upstream", upstream(package)),
    ];
    let purl = Purl::build(PurlParts {
        kind: kind.to_owned(),
        namespace: namespace.map(str::to_owned),
        name: package.name.to_string(),
        version: version.map(str::to_owned),
        qualifiers: qualifiers.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect(),
        subpath: None,
    })?;
    Ok(InstalledPurl { purl: purl.to_string().into(), assumption })
}

/// Names a package as lock files do, once its parts hold nothing that no name holds.
fn of_language(kind: &str, package: &Package) -> Result<Box<str>, PurlFault> {
    if package.name.rsplit('/').next().is_none_or(str::is_empty) {
        return Err(PurlFault::NoName);
    }
    let version = package.version.as_deref();
    for (part, text) in [(Part::Name, &*package.name), (Part::Version, version.unwrap_or_default())] {
        if text.chars().any(char::is_control) {
            return Err(PurlFault::Control { part, found: Text::of(text).shortened(SHOWN) });
        }
    }
    Ok(purl(kind, &package.name, version, &package.source))
}

/// How many characters of a part are shown that holds what it must not.
const SHOWN: usize = 80;

/// Returns the namespace where no os-release tells it, `None` where the type can do without.
fn assumed(kind: &str, package: &Package) -> Option<Assumption> {
    let usual = match kind {
        "alpm" => "arch",
        "apk" => "alpine",
        "deb" => "debian",
        "rpm" => return Some(by_vendor(package)),
        _ => return None,
    };
    Some(Assumption { namespace: usual.into(), because: Because::PackageManager })
}

/// The beginnings of what rpm's packages have for their vendor, in lower case, and the namespaces that go with the
/// os-release of the same distributions.
const VENDORS: &[(&str, &str)] = &[
    ("alibaba", "alinux"),
    ("almalinux", "almalinux"),
    ("amazon", "amzn"),
    ("centos", "centos"),
    ("cloudlinux", "cloudlinux"),
    ("fedora", "fedora"),
    ("mageia", "mageia"),
    ("openeuler", "openeuler"),
    ("openmandriva", "openmandriva"),
    ("opensuse", "opensuse"),
    ("oracle", "ol"),
    ("red hat", "redhat"),
    ("rocky", "rocky"),
    ("suse", "sles"),
    ("vmware", "photon"),
];

fn by_vendor(package: &Package) -> Assumption {
    let vendor = package.installed.vendor.as_deref().unwrap_or_default().trim().to_lowercase();
    let vendor = vendor.strip_prefix("http://").unwrap_or(&vendor);
    let known = if vendor.starts_with("microsoft") {
        // Mariner 1 and 2 became Azure Linux 3: the release tells which, as in `2.cm2` and `5.azl3`.
        let is_mariner = package.version.as_deref().is_some_and(|version| version.contains(".cm"));
        Some(if is_mariner { "mariner" } else { "azurelinux" })
    } else {
        VENDORS.iter().find(|(beginning, _)| vendor.starts_with(beginning)).map(|(_, namespace)| *namespace)
    };
    match known {
        Some(namespace) => Assumption { namespace: namespace.into(), because: Because::Vendor },
        None => Assumption { namespace: "unknown".into(), because: Because::Nothing },
    }
}

/// Parts rpm's epoch from a version; purls of other types have it in the version.
fn epoch<'a>(kind: &str, version: Option<&'a str>) -> (Option<&'a str>, Option<&'a str>) {
    match version.and_then(|version| version.split_once(':')) {
        Some((epoch, version)) if kind == "rpm" => (Some(epoch), Some(version)),
        _ => (None, version),
    }
}

/// Returns the package of sources where it differs: `name`, or `name@version`.
fn upstream(package: &Package) -> Option<String> {
    let source = package.installed.built_from.as_ref()?;
    match &source.version {
        Some(version) => Some(format!("{}@{version}", source.name)),
        None => (source.name != package.name).then(|| source.name.to_string()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::component::SourcePackage;
    use crate::fact::Location;
    use crate::tree::TreePath;

    fn system(id: &str, version: Option<&str>) -> OperatingSystem {
        OperatingSystem {
            id: id.into(),
            like: Vec::new(),
            version: version.map(Into::into),
            codename: None,
            build: None,
            name: None,
            cpe: None,
            home: None,
            place: Location::file(TreePath::root()),
        }
    }

    fn package(name: &str, version: &str, architecture: &str, source: Option<(&str, Option<&str>)>) -> Package {
        let mut package = Package::new(name, Some(version), Location::file(TreePath::root()));
        package.installed.architecture = Some(architecture).filter(|text| !text.is_empty()).map(Into::into);
        package.installed.built_from =
            source.map(|(name, version)| SourcePackage { name: name.into(), version: version.map(Into::into) });
        package
    }

    fn check(kind: &str, package: &Package, system: Option<&OperatingSystem>, expected: &str) {
        let found = purl_of(kind, package, system).unwrap();
        assert_eq!(&*found.purl, expected);
        assert_eq!(Purl::parse(expected).unwrap().to_string(), expected, "canonical");
        let needs_one = matches!(kind, "alpm" | "apk" | "deb" | "rpm");
        assert_eq!(found.assumption.is_some(), needs_one && system.is_none_or(|system| &*system.id == "linux"));
    }

    #[test]
    fn packages_of_distributions_are_named_by_theirs() {
        let debian = system("debian", Some("12"));
        let it = package("libc6", "2.36-9+deb12u7", "amd64", Some(("glibc", None)));
        check(
            "deb",
            &it,
            Some(&debian),
            "pkg:deb/debian/libc6@2.36-9%2Bdeb12u7?arch=amd64&distro=debian-12&upstream=glibc",
        );
        let it = package("libgcc1", "1:5.1.1-12", "amd64", Some(("gcc-5", Some("5.1.1-12"))));
        check(
            "deb",
            &it,
            Some(&debian),
            "pkg:deb/debian/libgcc1@1:5.1.1-12?arch=amd64&distro=debian-12&upstream=gcc-5%405.1.1-12",
        );
        let it = package("sed", "4.9-1+b1", "amd64", Some(("sed", Some("4.9-1"))));
        check(
            "deb",
            &it,
            Some(&debian),
            "pkg:deb/debian/sed@4.9-1%2Bb1?arch=amd64&distro=debian-12&upstream=sed%404.9-1",
        );
        let it = package("zlib", "1.2.13-r1", "x86_64", Some(("zlib", None)));
        check(
            "apk",
            &it,
            Some(&system("wolfi", Some("20230201"))),
            "pkg:apk/wolfi/zlib@1.2.13-r1?arch=x86_64&distro=wolfi-20230201",
        );
        check(
            "alpm",
            &it,
            Some(&system("manjaro", None)),
            "pkg:alpm/manjaro/zlib@1.2.13-r1?arch=x86_64&distro=manjaro",
        );
        let it = package("vim", "2:9.0-1.el9", "x86_64", Some(("vim-9.0-1.el9.src.rpm", None)));
        let expected =
            "pkg:rpm/redhat/vim@9.0-1.el9?arch=x86_64&distro=rhel-9.4&epoch=2&upstream=vim-9.0-1.el9.src.rpm";
        check("rpm", &it, Some(&system("rhel", Some("9.4"))), expected);
        let it = package("ubus", "2024.10.20~252a9b0c-r1", "", None);
        check(
            "opkg",
            &it,
            Some(&system("openwrt", Some("23.05"))),
            "pkg:opkg/openwrt/ubus@2024.10.20~252a9b0c-r1?distro=openwrt-23.05",
        );
    }

    #[test]
    fn what_is_assumed_without_an_os_release_is_told() {
        let it = package("sed", "4.9-1", "", None);
        check("deb", &it, None, "pkg:deb/debian/sed@4.9-1");
        check("apk", &it, None, "pkg:apk/alpine/sed@4.9-1");
        check("alpm", &it, None, "pkg:alpm/arch/sed@4.9-1");
        check("opkg", &it, None, "pkg:opkg/sed@4.9-1");
        check("rpm", &it, None, "pkg:rpm/unknown/sed@4.9-1");
        check("deb", &it, Some(&system("linux", None)), "pkg:deb/debian/sed@4.9-1");
        let assumption = purl_of("deb", &it, None).unwrap().assumption.unwrap();
        assert_eq!(assumption.because, Because::PackageManager);
        let message = "no os-release names the distribution: taken for `debian` by the package manager";
        assert_eq!(assumption.message().as_str(), message);
        let assumption = purl_of("rpm", &it, None).unwrap().assumption.unwrap();
        assert_eq!(
            assumption.message().as_str(),
            "no os-release names the distribution, nor does the package: `unknown`"
        );
    }

    #[test]
    fn packages_of_rpm_may_name_their_vendor() {
        let check = |vendor: &str, version: &str, expected: &str| {
            let mut it = package("sed", version, "", None);
            it.installed.vendor = Some(vendor.into());
            let assumption = purl_of("rpm", &it, None).unwrap().assumption.unwrap();
            assert_eq!(&*assumption.namespace, expected, "{vendor}");
            assert_eq!(assumption.because == Because::Vendor, expected != "unknown", "{vendor}");
        };
        check("Red Hat, Inc.", "1-1", "redhat");
        check("CentOS", "1-1", "centos");
        check("Fedora Project", "1-1", "fedora");
        check("openSUSE", "1-1", "opensuse");
        check("SUSE LLC <https://www.suse.com/>", "1-1", "sles");
        check("Amazon Linux", "1-1", "amzn");
        check("Amazon.com", "1-1", "amzn");
        check("Rocky Enterprise Software Foundation", "1-1", "rocky");
        check("AlmaLinux", "1-1", "almalinux");
        check("Oracle America", "1-1", "ol");
        check("Microsoft Corporation", "1.1-9.cm2", "mariner");
        check("Microsoft Corporation", "1.1-9.azl3", "azurelinux");
        check("http://openeuler.org", "1-1", "openeuler");
        check("Docker", "1-1", "unknown");
        check("", "1-1", "unknown");
    }

    #[test]
    fn packages_of_languages_are_named_as_in_lock_files() {
        let debian = system("debian", Some("12"));
        let check = |kind: &str, name: &str, expected: &str| {
            let found = purl_of(kind, &package(name, "1.0", "x86_64", None), Some(&debian)).unwrap();
            assert_eq!((&*found.purl, found.assumption), (expected, None));
        };
        check("npm", "@babel/core", "pkg:npm/%40babel/core@1.0");
        check("pypi", "Zope_Interface", "pkg:pypi/zope-interface@1.0");
        check("flatpak", "org.gimp.GIMP", "pkg:flatpak/org.gimp.GIMP@1.0");
    }

    #[test]
    fn names_that_make_no_purl_are_refused() {
        let check = |kind: &str, name: &str, version: &str, architecture: &str, expected: Option<&str>| {
            let found = purl_of(kind, &package(name, version, architecture, None), None);
            assert_eq!(found.map(|found| found.purl.to_string()).ok().as_deref(), expected, "{kind} {name:?}");
        };
        for kind in ["deb", "rpm", "npm", "flatpak"] {
            check(kind, "", "1", "", None);
            check(kind, "/", "1", "", None);
            check(kind, "a\u{1b}[31m", "1", "", None);
            check(kind, "a", "1\n2", "", None);
        }
        check("deb", "a", "1", "amd64\u{1a}", None);
        check("deb", "a/../b?c#d", "1", "x&y=z", Some("pkg:deb/debian/a%2F..%2Fb%3Fc%23d@1?arch=x%26y%3Dz"));
    }
}
