//! Package URLs read and built: what is made canonical, what is refused, and that nothing is lost.

mod published;

use proptest::prelude::*;

use super::{Purl, PurlParts};

#[test]
fn what_is_not_canonical_is_made_so() {
    let check = |text: &str, expected: &str| assert_eq!(Purl::parse(text).unwrap().to_string(), expected, "{text}");
    check("PKG:NPM/foo@1", "pkg:npm/foo@1");
    check("pkg:///cargo/serde@1.0.0", "pkg:cargo/serde@1.0.0");
    check("pkg:npm/@babel/core@7.0.0", "pkg:npm/%40babel/core@7.0.0");
    check("pkg:npm/@babel/core", "pkg:npm/%40babel/core");
    check("pkg:npm/core@", "pkg:npm/core");
    check("pkg:npm/core/", "pkg:npm/core");
    check("pkg:npm/core?", "pkg:npm/core");
    check("pkg:npm/core?a=&b=1", "pkg:npm/core?b=1");
    check("pkg:npm/core?B=1&a=2", "pkg:npm/core?a=2&b=1");
    check("pkg:maven/a//b@1", "pkg:maven/a/b@1");
    check("pkg:deb/debian/curl@2.4.47-2+b1", "pkg:deb/debian/curl@2.4.47-2%2Bb1");
    check("pkg:deb/debian/curl@1%3A2.4", "pkg:deb/debian/curl@1:2.4");
    check("pkg:generic/%61%2Fb", "pkg:generic/a%2Fb");
    check("pkg:generic/a#/./b//c/", "pkg:generic/a#b/c");
    check("pkg:github/Acme/Wire@refs/heads/main", "pkg:github/acme/wire@refs%2Fheads%2Fmain");
    check("pkg:pypi/Zope.Interface_X@1.0RC1", "pkg:pypi/zope.interface-x@1.0rc1");
    check("pkg:pub/A-b.c", "pkg:pub/a_b_c");
    check("pkg:hackage/a_B", "pkg:hackage/a-B");
    check("pkg:cpan/gdt/URI-PackageURL", "pkg:cpan/GDT/URI-PackageURL");
    check("pkg:git/codeberg.org/Forgejo%2Fforgejo", "pkg:git/codeberg.org/Forgejo/forgejo");
    // A type that is not registered.
    check("pkg:githubactions/Acme/Wire@v1", "pkg:githubactions/Acme/Wire@v1");
}

#[test]
fn lower_case_is_that_of_unicode_in_every_locale() {
    let check = |name: &str, expected: &str| {
        let parts = PurlParts { kind: "oci".to_owned(), name: name.to_owned(), ..PurlParts::default() };
        assert_eq!(Purl::build(parts).unwrap().name(), expected);
    };
    check("TITLE", "title");
    check("ÄÖ", "äö");
    check("\u{130}I", "i\u{307}i");
    check("ΟΔΟΣ", "οδος");
    check("title", "title");
}

#[test]
fn what_is_no_package_url_is_refused_with_what_was_expected() {
    let check = |text: &str, expected: &str| {
        assert_eq!(Purl::parse(text).map_err(|fault| fault.to_string()), Err(expected.to_owned()));
    };
    check("", "expected `pkg:` at the beginning, found ``");
    check("https://a.example/b", "expected `pkg:` at the beginning, found `https://a.example/b`");
    check("pkg:npm", "expected a name, found none");
    check("pkg:", "expected a type of letters, digits, `.` and `-` that begins with a letter, found ``");
    check("pkg:3d/a", "expected a type of letters, digits, `.` and `-` that begins with a letter, found `3d`");
    check("pkg:n%70m/a", "expected a type of letters, digits, `.` and `-` that begins with a letter, found `n%70m`");
    check("pkg:cran/@1", "expected a name, found none");
    check("pkg:swift/a.example/b/@1", "expected a name, found none");
    check("pkg:npm/a b", "expected printable ASCII without blanks, all else percent-encoded, found ` ` at byte 9");
    check(
        "pkg:npm/a\u{1b}[31m",
        "expected printable ASCII without blanks, all else percent-encoded, found `\\x1b` at byte 9",
    );
    check("pkg:npm/ä", "expected printable ASCII without blanks, all else percent-encoded, found `ä` at byte 8");
    check("pkg:npm/a%1b", "expected no control character in the name, found `a\\x1b`");
    check("pkg:npm/a@1%0a2", "expected no control character in the version, found `1\\n2`");
    check("pkg:npm/a?b=%00", "expected no control character in the value of a qualifier, found `\\x00`");
    check("pkg:npm/a%4", "expected two hexadecimal digits behind each `%` of the name, found `a%4`");
    check("pkg:npm/a@%zz", "expected two hexadecimal digits behind each `%` of the version, found `%zz`");
    check("pkg:npm/%ff", "expected the name to be UTF-8 once decoded, found `\\xff`");
    check("pkg:npm/a%2Fb/c", "expected no percent-encoded `/` in a segment of the namespace, found `a%2Fb`");
    check("pkg:npm/c#a%2Fb", "expected no percent-encoded `/` in a segment of the subpath, found `a%2Fb`");
    check("pkg:npm/c#a/../b", "expected a subpath within the package, found the segment `..` in `a/../b`");
    check("pkg:npm/c#%2e%2E", "expected a subpath within the package, found the segment `..` in `..`");
    check(
        "pkg:npm/c?a=b#c#d",
        "expected `#` once at most, found it 2 times; percent-encode those that are no separator",
    );
    check(
        "pkg:npm/c?a=b?c=d",
        "expected `?` once at most, found it 2 times; percent-encode those that are no separator",
    );
    check("pkg:npm/c?a=1&A=2", "expected each qualifier once, found `a` twice");
    check("pkg:npm/c?a", "expected a qualifier to be `key=value`, found `a`");
    check(
        "pkg:npm/c?%61=1",
        "expected the key of a qualifier to begin with a letter and hold letters, digits, `.`, `-` and `_`, found \
         `%61`",
    );
    check("pkg:npm/c@1?vers=vers:npm%2F1", "expected a version or the qualifier `vers`, found both");
    check("pkg:maven/a@1", "expected a namespace, which the type maven requires, found none");
    check("pkg:cargo/a/b@1", "expected no namespace, which the type cargo prohibits, found `a`");
    check("pkg:julia/Dates", "expected the qualifier `uuid`, which the type julia requires, found none");
    check(
        "pkg:cpan/A::B",
        "expected the name of the type cpan to be that of a distribution, without `::`, found `A::B`",
    );
    check(
        "pkg:cocoapods/.a",
        "expected the name of the type cocoapods to be without blank, `+`, and `.` at the beginning, found `.a`",
    );
    check(
        "pkg:chrome-extension/dncgedbnidfkppmdgfgidcepclnokpkb@1.2.3.4.5",
        "expected the version of the type chrome-extension to be one to four numbers with dots between them, found \
         `1.2.3.4.5`",
    );
}

#[test]
fn versions_defaults_and_spellings_can_be_left_out() {
    let read = |text: &str| Purl::parse(text).unwrap();
    assert_eq!(read("pkg:npm/a@1?x=y#z").without_version().to_string(), "pkg:npm/a?x=y#z");
    assert_eq!(read("pkg:gem/a@1?platform=ruby").without_defaults().to_string(), "pkg:gem/a@1");
    assert_eq!(read("pkg:gem/a@1?platform=java").without_defaults().to_string(), "pkg:gem/a@1?platform=java");
    let check = |a: &str, b: &str, joins: bool| {
        assert_eq!(read(a).join_key() == read(b).join_key(), joins, "{a} {b}");
    };
    check("pkg:nuget/Newtonsoft.Json@1", "pkg:nuget/newtonsoft.json@1", true);
    check("pkg:pypi/zope.interface@1", "pkg:pypi/Zope_interface@1", true);
    check("pkg:pypi/zope.-_interface@1", "pkg:pypi/zope-interface@1", true);
    check("pkg:pypi/zopeinterface@1", "pkg:pypi/zope-interface@1", false);
    check("pkg:npm/A@1", "pkg:npm/a@1", false);
    check("pkg:maven/a/B@1", "pkg:maven/a/b@1", false);
    // Raw input is compared as it is.
    check("pkg:gem/a@1?platform=ruby", "pkg:gem/a@1", false);
    assert_ne!(read("pkg:nuget/Newtonsoft.Json@1"), read("pkg:nuget/newtonsoft.json@1"));
}

proptest! {
    #[test]
    fn no_text_makes_the_reader_stumble(text in "(pkg:)?[ -~]{0,40}") {
        if let Ok(purl) = Purl::parse(&text) {
            prop_assert_eq!(Purl::parse(&purl.to_string()), Ok(purl));
        }
    }

    #[test]
    fn whatever_is_built_is_read_back(
        kind in "(cargo|git|golang|maven|npm|oci|otp|pub|pypi|cpan|mlflow|x-y[.]z)",
        namespace in proptest::option::of("\\PC{0,12}"),
        name in "\\PC{1,12}",
        version in proptest::option::of("\\PC{0,12}"),
        qualifiers in proptest::collection::vec(("[a-zA-Z][a-z0-9._-]{0,5}", "\\PC{0,8}"), 0..3),
        subpath in proptest::option::of("\\PC{0,12}"),
    ) {
        let parts = PurlParts { kind, namespace, name, version, qualifiers, subpath };
        if let Ok(purl) = Purl::build(parts) {
            let text = purl.to_string();
            prop_assert!(text.is_ascii());
            prop_assert_eq!(Purl::parse(&text), Ok(purl));
        }
    }
}
