//! Specifications of gems, as they are written and as they are not.

use proptest::prelude::*;

use super::installed::RECORD;
use crate::ecosystem::tests::{read_installed, told};

const WRITTEN: &str = r#"# -*- encoding: utf-8 -*-
# stub: rack-test 2.1.0 ruby lib

Gem::Specification.new do |s|
  s.name = "rack-test".freeze
  s.version = "2.1.0".freeze

  s.required_rubygems_version = Gem::Requirement.new(">= 0".freeze) if s.respond_to? :required_rubygems_version=
  s.authors = ["Jeremy \"J\" Evans".freeze, "Bryan\u00e9".freeze]
  s.licenses = ["MIT".freeze, "Ruby".freeze]
  s.specification_version = 4

  s.add_runtime_dependency(%q<rack>.freeze, [">= 1.3".freeze])
  s.add_dependency('a-b', "= 1")
  s.add_dependency(%q<rack>.freeze, [">= 1.3".freeze])
  s.add_development_dependency(%q<rake>.freeze, [">= 0".freeze])
end
"#;

#[track_caller]
fn check(text: &str, expected: &[&str]) {
    assert_eq!(told(&read_installed(&RECORD, "specifications/a.gemspec", text.as_bytes())), expected);
}

#[test]
fn what_rubygems_writes_is_read() {
    let whole = "rack-test 2.1.0; license MIT, Ruby; maintainer Jeremy \"J\" Evans, Bryan\u{e9}; needs rack a-b";
    check(WRITTEN, &[whole]);
    check(&WRITTEN.replace("# stub", "# no"), &[whole]);
}

#[test]
fn plain_values_are_read_in_every_spelling() {
    check("spec.name = 'a'\nspec.version = %q{1.0}", &["a 1.0"]);
    check("s.name=%q(a(b)c)\ns.version=Gem::Version.new(\"1\")", &["a(b)c 1"]);
    check("s.name = \"a\"\ns.version = '1'\ns.license = 'MIT'\ns.author = 'J'", &["a 1; license MIT; maintainer J"]);
    check("s.name = \"a\"\ns.version = '1'\ns.licenses = []", &["a 1"]);
}

#[test]
fn what_has_to_be_run_is_a_gap() {
    let stub = "# stub: a 1 ruby lib\n";
    check(&format!("{stub}s.name = NAME\ns.version = A::VERSION"), &["a 1"]);
    check("s.name = NAME\ns.version = '1'", &["gap:1 Malformed: expected `name` as a plain value, found none"]);
    let gap = "gap:1 Malformed: expected `version` as a plain value, found none";
    check("s.name = \"a\"\ns.version = A::VERSION", &["a -", gap]);
    check("s.name = \"a\"\ns.version = \"#{x}\"", &["a -", gap]);
    check("s.name = \"a\"\ns.version = \"1", &["a -", gap]);
    let gap = "gap:2 Malformed: expected the name of a gem as a plain value, found `s.add_dependency(x)`";
    check(&format!("{stub}s.add_dependency(x)"), &["a 1", gap]);
    check("", &["gap:1 Malformed: expected `name` as a plain value, found none"]);
    check("s.name = \"\"\ns.version = \"1\"", &["gap:1 Malformed: expected `name` as a plain value, found none"]);
}

proptest! {
    #[test]
    fn damage_leaves_no_more_than_gaps(at in any::<prop::sample::Index>(), with in any::<String>(), cut in 0_usize..40) {
        let mut bytes = WRITTEN.as_bytes().to_vec();
        let at = at.index(bytes.len());
        let end = bytes.len().min(at + cut);
        bytes.splice(at..end, with.bytes());
        let _packages = read_installed(&RECORD, "specifications/a.gemspec", &bytes);
    }
}
