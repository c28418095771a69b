//! Pairs that are easily got wrong, from the tests and the code of the tools that define each order.

use std::cmp::Ordering;

use super::super::compare;

/// Checks versions in order, `<` or `=` between neighbours; those further apart are compared too.
fn check(ecosystem: &str, chain: &str) {
    let words: Vec<&str> = chain.split_whitespace().collect();
    let versions: Vec<&str> = words.iter().step_by(2).copied().collect();
    let signs: Vec<&str> = words.iter().skip(1).step_by(2).copied().collect();
    assert!(signs.iter().all(|sign| ["<", "="].contains(sign)) && signs.len() + 1 == versions.len(), "{chain}");
    for low in 0..versions.len() {
        for high in low..versions.len() {
            let expected = if signs[low..high].contains(&"<") { Ordering::Less } else { Ordering::Equal };
            let (a, b) = (versions[low], versions[high]);
            assert_eq!(compare(ecosystem, a, b), Some(expected), "{ecosystem}: {a} {b}");
            assert_eq!(compare(ecosystem, b, a), Some(expected.reverse()), "{ecosystem}: {b} {a}");
        }
    }
}

/// Checks that versions cannot be read.
fn check_refused(ecosystem: &str, versions: &[&str]) {
    for version in versions {
        assert_eq!(compare(ecosystem, version, version), None, "{ecosystem}: {version}");
    }
}

/// npm/node-semver, `test/fixtures/comparisons.js`, `equality.js`, `invalid-versions.js`.
#[test]
fn semver_and_npm() {
    for ecosystem in ["cargo", "npm", "semver", "hex", "pub"] {
        check(ecosystem, "1.2.3-4-foo < 1.2.3");
        check(ecosystem, "1.2.3-a < 1.2.3-a.5 < 1.2.3-a.10 < 1.2.3-a.b");
        check(ecosystem, "1.2.3-R2 < 1.2.3-r100 < 1.2.3-r2");
        check(ecosystem, "1.2.3-5-Foo < 1.2.3-5-foo");
        check(ecosystem, "1.9.0 < 1.10.0 < 2.0.0");
        check(ecosystem, "1.0.0-alpha < 1.0.0-alpha.1 < 1.0.0-alpha.beta < 1.0.0-beta < 1.0.0-rc.1 < 1.0.0");
        check_refused(ecosystem, &["", "1.2", "1.2.3.4", "1.2.3-a..b", "1.2.3+", "workspace", "1.2.x", "1.2.3-ä"]);
    }
    for ecosystem in ["cargo", "npm", "semver", "hex"] {
        check(ecosystem, "1.2.3+build = 1.2.3+other = 1.2.3");
    }
    check("cargo", "1.0.0 = 1.0.0+1 < 1.0.1");
    check_refused("cargo", &["v1.2.3", "01.2.3", "1.2.3-01", "1.2.3foo", " 1.2.3", "1.2.3-"]);
    check("npm", "v1.2.3 = 1.2.3 = =1.2.3 = v01.2.03 = =v1.2.3+4");
    check("npm", "1.2.3-01 = 1.2.3-1 < 1.2.3-beta = 1.2.3beta = v1.2.3beta < 1.2.3beta.1 < 1.2.3");
    check("npm", "1.2.3-- < 1.2.3");
    check("npm", "1.2.9007199254740990 < 1.2.9007199254740991");
    assert_eq!(compare("npm", " = v 1.2.3 ", "1.2.3"), Some(Ordering::Equal));
    check_refused("npm", &["1.2.9007199254740992", "hello, world", "1.2.3 foo", &format!("1.2.3-{}", "a".repeat(251))]);
}

/// elixir-lang/elixir, `lib/elixir/test/elixir/version_test.exs`.
#[test]
fn hex() {
    check("hex", "1.5.0-rc.0 < 1.5.0-rc0 < 1.5.0");
    check("hex", "1.0.0-0 < 1.0.0-a < 1.0.0-a.b < 1.0.0-b < 1.0.0 = 1.0.0+build");
    check_refused("hex", &["1.0", "02.3.0", "2.03.0", "2.3.0-01", "v1.0.0", "2.3.0foo", "1.2.123456789012345"]);
    check("hex", "1.2.3 < 1.2.12345678901234");
}

/// pypa/packaging, `tests/test_version.py`.
#[test]
fn pypi() {
    check(
        "pypi",
        "1.0.dev1 < 1.0.dev3 < 1.0a1.dev1 < 1.0a1 < 1.0a1.post1 < 1.0rc1 < 1.0 < 1.0+abc < 1.0+5 < 1.0.post0.dev1 < \
         1.0.post0 < 1.0.1.dev1",
    );
    check("pypi", "2.0 < 1!0.1");
    check("pypi", "2024.1 < 1!1.0");
    check("pypi", "1.2+1.abc < 1.2+1.1");
    check("pypi", "1.0c1 = 1.0rc1 < 1.0 = 1.0.0 = v1.0 < 1.0-1 = 1.0.post1 < 1.0.rev3 = 1.0.post3");
    check("pypi", "1.0A = 1.0a0 < 1.01 = 1.1 < 1.9 < 1.10");
    check("pypi", "1.0+Ubuntu-1 = 1.0+ubuntu.1");
    check("pypi", "1.0 < 1.0+cpu");
    check_refused(
        "pypi",
        &["", "1.0-odd-name", "french toast", "1.0+a+", "1.0+_foobar", "1.0+1+1", "99999999999999999999"],
    );
}

/// guillemj/dpkg, `lib/dpkg/t/t-version.c`.
#[test]
fn deb() {
    check("deb", "1.0~~ < 1.0~ < 1.0 < 1.0a < 1.0+ < 1.0.");
    check("deb", "1.0A < 1.0a");
    check("deb", "1.0+git1 < 1.0.1");
    check("deb", "1.0-1~bpo11+1 < 1.0-1 < 1.0-1+b1");
    check("deb", "1.2 < 1.10 < 2.0 < 1:0.1 = 01:0.1");
    check("deb", "1.0 = 1.0-0");
    check("deb", "0-0 = 00-00 = 0");
    check("deb", "1.0~rc1 < 1.0");
    check("deb", "0:0-0-0 = 0-0-00");
    check("deb", "0:0:0-0 = 0:0:0");
    check_refused("deb", &["", ":1.0", "1:", "1.0-", "-1", "a:1", "1.0 0", "1.0-1_2", "0:0-0:0", "1.0:2", "1.0ä"]);
}

/// rpm-software-management/rpm, `tests/rpmvercmp.at`, `docs/man/rpm-version.7.scd`.
#[test]
fn rpm() {
    check("rpm", "1.0~rc1~git1 < 1.0~rc1 < 1.0~rc1^git1 < 1.0 < 1.0^git1 < 1.0.1");
    check("rpm", "1.0^git1 < 1.01 = 1.1");
    check("rpm", "1.0^20160101 < 1.0^20160101^git1 < 1.0^20160102");
    check("rpm", "6.0 < 6.0.rc1");
    check("rpm", "xyz.4 < 2 < 8");
    check("rpm", "1.0a < 1.0aa");
    check("rpm", "10xyz < 10.1xyz");
    check("rpm", "1 < 1.xyz < 1.0");
    check("rpm", "2.0 = 2_0 < 10.0001 = 10.1");
    check("rpm", "a+ = a_ < b");
    check("rpm", "1.1.α = 1.1.β = 1.1");
    check("rpm", "1.0 = 0:1.0 < 1:0.1");
    check("rpm", "1.0-1 < 1.0-2 < 1.0-10");
    // Where one side has no release, it is not compared.
    check("rpm", "1.0 = 1.0-1");
    check("rpm", "1.0 = 1.0-2");
    check("rpm", "20101121 < 20101122");
    check_refused("rpm", &["", "1:", "-1"]);
}

/// apache/maven, `ComparableVersionTest.java`.
#[test]
fn maven() {
    check(
        "maven",
        "1-alpha2snapshot < 1-alpha2 < 1-alpha-123 < 1-beta-2 < 1-beta123 < 1-m2 < 1-m11 < 1-rc < 1-cr2 < 1-rc123 < \
         1-SNAPSHOT < 1 < 1-sp < 1-sp2 < 1-sp123 < 1-abc < 1-def < 1-pom-1 < 1-1-snapshot < 1-1 < 1-2 < 1-123",
    );
    check("maven", "2.0-1 < 2.0.1");
    check("maven", "2.0.1 < 2.0.1-xyz < 2.0.1-123");
    check("maven", "1.0.RC2 < 1.0-RC3 < 1.0.1");
    check("maven", "6.1.0rc3 < 6.1.0 < 6.1H.5-beta < 6.1.0.1");
    check("maven", "11.a2 < 11.a11 < 11.b2 < 11.b11 < 11.m2 < 11.m11 < 11 < 11.a < 11b < 11c < 11m");
    check("maven", "1 = 1.0 = 1-0 = 1.0-0 = 1ga = 1Final = 1-release");
    check("maven", "1a = 1-a = 1.0-a = 1.0.0-a");
    check("maven", "1a1 = 1-alpha-1 = 1-a1 < 1b2 = 1-beta-2 < 1m3 = 1-Milestone3");
    check("maven", "1x = 1.0x = 1.0.0X = 1-x = 1.0.0-x");
    check("maven", "2-x = 2.0.x = 2.x");
    check(
        "maven",
        "2.0 < 2.0.a = 2.0.0.a < 2-1 < 2.0.2 < 2.0.123 < 2.1.0 < 2.1-a < 2.1b < 2.1-c < 2.1-1 < 2.1.0.1 < 2.2",
    );
    check("maven", "1-0.alpha < 1-0.beta < 1");
    check("maven", "000 = 0 < 0.7 < 2");
    check("maven", "é < 1");
    check("maven", "1-cr1 = 1RC1 = 1.0-rc-1");
    check("maven", "1.0.0-a < 1.0.0-b");
    check("maven", "20190126.230843 < 12345678901234567890 < 12345678901234567891");
    check("maven", "1.2.99999999999999999 < 1.2.100000000000000000");
    check("maven", "1-alpha < 1.0-beta < 1-0.0.1");
    check_refused("maven", &[""]);
}

/// rubygems/rubygems, `test/rubygems/test_gem_version.rb`.
#[test]
fn gem() {
    check("gem", "1.0.a < 1.0 = 1 = 1.0.0");
    check("gem", "1.0.0-1 < 1");
    check("gem", "5.a < 5.0.0.rc2 < 5.x < 5.0.0");
    check("gem", "1.8.2.a9 < 1.8.2.a10 < 1.8.2.b < 1.8.2");
    check("gem", "1.8.2.a < 1.8.2");
    check("gem", "0.0.beta < 0.beta.1 = 0.0.beta.1");
    check("gem", "1.A < 1.a < 1");
    check("gem", "1.0.pre.1 = 1.0-1 < 1.0");
    check("gem", "6.0.rc1 < 6.0");
    assert_eq!(compare("gem", "", "0"), Some(Ordering::Equal));
    assert_eq!(compare("gem", " 1.0\n", "1"), Some(Ordering::Equal));
    check_refused(
        "gem",
        &[
            "junk",
            "1.0\n2.0",
            "1..2",
            "1.2 3.4",
            "2.3422222.222.222222222.22222.ads0as.dasd0.ddd2222.2.qd3e.",
            "a.1",
            "1-",
        ],
    );
}

/// golang/mod, `semver/semver_test.go`, `module/pseudo_test.go`.
#[test]
fn golang() {
    check("golang", "v1.2.3 < v1.2.4-0.20060102150405-abcdef123456 < v1.2.4-rc1 < v1.2.4");
    check("golang", "v1.2.3-pre < v1.2.3-pre.0.20060102150405-abcdef123456 < v1.2.3");
    check("golang", "v0.0.0-20251231235959-ffffffffffff < v0.0.0-20260102030405-0123456789ab < v0.0.0 < v0.1.0");
    check("golang", "v1.2.4-0.20060102150405-abcdef123456 < v1.2.4-0.20070102150405-000000000000");
    check("golang", "v1 = v1.0 = v1.0.0 < v1.2 = v1.2.0 < v1.9.0 < v1.10.0 < v2.0.0 = v2.0.0+incompatible");
    check("golang", "v1.2.9999999999999999999999 < v1.2.10000000000000000000000");
    check_refused(
        "golang",
        &["", "1.0.0", "v", "v1.", "v1.2-pre", "v1+meta", "v01.2.3", "v1.2.3-01", "v1.02", "vx", "V1.0.0"],
    );
}

/// NuGet/NuGet.Client, `VersionComparer.cs`, and its tests.
#[test]
fn nuget() {
    check("nuget", "1.0.0-BETA = 1.0.0-beta < 1.0 = 1.0.0.0 = 1 < 1.0.01 = 1.0.1.0");
    check("nuget", "1.0.0-pre < 1.0.0 < 1.0.0.1-alpha < 1.0.0.1");
    check("nuget", "1.0.0-beta < 1.0.0-beta.1 < 1.0.0-beta2");
    check("nuget", "1.0.0+a = 1.0.0+b");
    // A label is a number where it fits 32 bits, and has a sign where it begins with one.
    check("nuget", "1.0.0--1 < 1.0.0-01 = 1.0.0-1 < 1.0.0-2147483647 < 1.0.0-2147483648 < 1.0.0-3147483648");
    check("nuget", "1.0.0-2147483647 < 1.0.0-10000000000 < 1.0.0-2147483648");
    check_refused(
        "nuget",
        &["", "1.0.0.0.0", "v1.0", "1.0.0-", "1.0.0+", "1..0", "1.2147483648", "1.0.*", "[1.0,2.0)"],
    );
}

/// composer/semver, `tests/VersionParserTest.php`, `tests/ComparatorTest.php`; php/php-src, `version_compare`.
#[test]
fn composer() {
    check("composer", "1.0.0 < 1.2-dev < 1.2");
    check(
        "composer",
        "1.0.0-dev < 1.0.0-alpha1 < 1.0.0-beta1 < 1.0.0-RC1 < 1.0.0 < 1.0.0-pl3 = 1.0.0-patch3 = 1.0.0p3",
    );
    check("composer", "1.0.0-b5 = 1.0.0-beta5 = 1.0.0.beta.5 = v1.0-BETA5 < 1.0.0-beta5.1");
    check("composer", "1.99.99 < 1.x-dev = 1.X.x-dev < 2.0");
    check("composer", "1.0 = 1 = 1.0.0.0 = V1.0.0 = 1.0.0+build.5 = 01.00.0+x < 1.1");
    check("composer", "00.01 = 0.1");
    check("composer", "1.0.0-alpha-dev < 1.0.0-alpha < 1.0.0-alpha1");
    check("composer", "20100102-203040 < 20100102-203041 < 20100103");
    check("composer", "2010-01-02 < 2010.01.02 < 2010-01-02.5 < 2010-01-03");
    check("composer", "dev-main = dev-main");
    check("composer", "master = dev-master = DEV-master");
    let branches = [("dev-main", "dev-next"), ("dev-main", "1.0.0"), ("1.0.0", "master"), ("dev-main", "dev-Main")];
    for (a, b) in branches {
        assert_eq!(compare("composer", a, b), None, "{a} {b}");
    }
    check_refused(
        "composer",
        &[
            "",
            "1.0.0.0.0",
            "2010.1.2.3.4",
            "1.0.1-SNAPSHOT",
            "1.0.0-meh",
            "1.0.0.0-dev-x",
            "1.0#abc",
            "1.0@beta",
            "1.0 as 2.0",
            "a",
            "feature-dev",
            "1.0.0+foo bar",
        ],
    );
}

/// dart-lang/tools, `pkgs/pub_semver/test/version_test.dart`.
#[test]
fn pub_of_dart() {
    check(
        "pub",
        "1.0.0-rc.1 < 1.0.0-rc.1+build.1 < 1.0.0 < 1.0.0+0.3.7 < 1.3.7+build < 1.3.7+build.2.b8 < 1.3.7+build.11.e0",
    );
    check("pub", "1.0.0-10 < 1.0.0-0xA");
    check("pub", "01.2.3 = 1.2.3");
    check("pub", "1.2.3-01 = 1.2.3-1");
    check_refused("pub", &["1.0", "v1.0.0", "1.2.3-pre_release", "1.2.3-pre+bad.build+again"]);
}

/// alpinelinux/apk-tools, `test/unit/version.data`.
#[test]
fn apk() {
    check(
        "apk",
        "1.1_alpha1 < 1.1_beta < 1.1_pre < 1.1_rc < 1.1 < 1.1_cvs < 1.1_svn < 1.1_git < 1.1_hg < 1.1_p < 1.1_p1",
    );
    check("apk", "0.1.0_alpha_pre2 < 0.1.0_alpha < 0.1.0_alpha1");
    check("apk", "8.2.0 < 8.2.001 < 8.2.0015 < 8.2.002");
    check("apk", "1.0_p9 < 1.0_p10");
    check("apk", "2.3.0 < 2.3.0b < 2.3.0b-r1 < 2.3.0b-r2");
    check("apk", "1.3 < 1.3-r0 < 1.3.1-r0");
    check("apk", "01.1 = 1.1");
    check("apk", "1.0~0a < 1.0~0b");
    check("apk", "1.2.99999999999999999999 < 1.2.100000000000000000000");
    check_refused(
        "apk",
        &[
            "",
            "0.1bc",
            "0.1-r2_pre1",
            "0.1_foobar",
            ".1",
            "1.",
            "1-r",
            "1a.1",
            "1_",
            "1.0~",
            "1.0-1",
            "1.0~rc1",
            "1.0_alphabeta",
        ],
    );
}

/// vercmp(8), and its order of letters.
#[test]
fn alpm() {
    check("alpm", "1.0a < 1.0alpha < 1.0b < 1.0beta < 1.0p < 1.0pre < 1.0rc < 1.0 < 1.0.a < 1.0.1");
    check("alpm", "1 < 1.0 < 1.1 < 1.1.1 < 1.2 < 2.0 < 3.0.0");
    check("alpm", "1.1 < 1:1.0");
    check("alpm", "0:1.0 = 1.0 < 2.0 < 1:1.0 < 10:0.1");
    check("alpm", "1.5-1 < 1.5-2 < 1.5-10 < 1.5.1-1");
    // Not transitive: the pkgrel is compared only where both have one.
    check("alpm", "1.5 = 1.5-1");
    check("alpm", "1.5 = 1.5-2");
    check("alpm", "001a = 1a");
    check("alpm", "1..0 = 1..0");
    check_refused("alpm", &["", "1:", "-1"]);
}

/// Package Manager Specification, 3.3.
#[test]
fn ebuild() {
    check("ebuild", "1.0_alpha < 1.0_alpha1 < 1.0_beta < 1.0_pre < 1.0_rc < 1.0 = 1.0-r0 < 1.0-r1 < 1.0_p < 1.0_p1");
    check("ebuild", "1.01 < 1.010.1 < 1.1 < 1.9 < 1.10");
    check("ebuild", "1.0 < 1.0b < 1.0.0");
    check("ebuild", "0 < 0.0");
    check("ebuild", "01 = 1");
    check("ebuild", "1_rc_alpha < 1_rc < 1_rc_p < 1");
    check_refused("ebuild", &["", "1.", ".1", "1ab", "1_foo", "1-r", "1-rx", "1.0~1", "1b.1"]);
}

/// Conan's `Version`, OpenSSL's policy, and the schemes of VERS that belong to no ecosystem.
#[test]
fn the_others() {
    check("conan", "1.0-pre1 = 1-pre1 < 1 = 1.0 < 1+b1 = 1.0+b1.0 < 1.1 < 1.1a < 1.3 < 1.22");
    check("conan", "1.1-alpha.3 < 1.1-alpha.22 < 1.1");
    check_refused("conan", &["", "1 2", "1.ä"]);
    check("openssl", "0.9.8 < 0.9.8lt < 0.9.8ztl < 1.0.1f < 1.1.1z < 1.1.1za < 3.0.0 < 3.0.9 < 3.0.10");
    check_refused("openssl", &["", "1.1", "3.0.0a", "3.0.0-alpha1", "1.1.1A", "1.1.1.1", "1..1"]);
    check("intdot", "1 = 1.0 = 01.0 < 1.2-a = 1.2-b < 1.10 < 10.234.5.12");
    check_refused("intdot", &["", "a", ".1", "1..2", "-1"]);
    check(
        "datetime",
        "2023-12-31T19:00:00-05:00 = 2024-01-01t00:00:00.000z < 2024-01-01T00:00:00.001Z < 2024-01-01T00:00:01Z",
    );
    check_refused(
        "datetime",
        &[
            "",
            "2024-01-01",
            "2024-01-01 00:00:00Z",
            "2024-01-01T00:00:00",
            "2024-13-01T00:00:00Z",
            "2016-12-31T23:59:60Z",
            "2024-01-01T00:00:00Z[UTC]",
        ],
    );
    check("lexicographic", "A < Z < a < aa < z < ä < €");
}

/// The same text is another version elsewhere.
#[test]
fn no_order_is_another_ecosystems() {
    let found = |ecosystem, a, b| compare(ecosystem, a, b);
    let (less, greater) = (Some(Ordering::Less), Some(Ordering::Greater));
    for (ecosystem, expected) in
        [("deb", less), ("rpm", less), ("apk", None), ("npm", None), ("cargo", None), ("pypi", None), ("alpm", greater)]
    {
        assert_eq!(found(ecosystem, "1.0~rc1", "1.0"), expected, "{ecosystem}");
    }
    for (ecosystem, expected) in [
        ("deb", greater),
        ("rpm", Some(Ordering::Equal)),
        ("pypi", greater),
        ("gem", less),
        ("maven", greater),
        ("nuget", less),
        ("npm", None),
    ] {
        assert_eq!(found(ecosystem, "1.0-1", "1.0"), expected, "{ecosystem}");
    }
    for ecosystem in ["npm", "cargo", "hex", "pub", "semver"] {
        assert_eq!(found(ecosystem, "1.0.0-1", "1.0.0"), less, "{ecosystem}");
    }
    for (ecosystem, expected) in [("rpm", greater), ("gem", less), ("alpm", greater), ("deb", greater), ("maven", less)]
    {
        assert_eq!(found(ecosystem, "6.0.rc1", "6.0"), expected, "{ecosystem}");
    }
}
