//! `pyproject.toml` and `Pipfile`.

use super::{facts, gaps, source};
use crate::component::SettingKind;

pub(super) const PYPROJECT: &str = r#"[project]
name = "Meter_Tool"
version = "2.0.0"
license = "MIT"
dependencies = ["attrs >=25", "wire", "pip @ https://files.example/pip.zip"]

[project.optional-dependencies]
cli = ["click==8.1"]
all = ["meter-tool[cli]"]

[dependency-groups]
test = ["pytest", {include-group = "lint"}]

[build-system]
requires = ["hatchling"]

[tool.uv]
index-strategy = "unsafe-best-match"
override-dependencies = ["six==1.0"]

[tool.uv.sources]
wire = { git = "https://git.example/acme/wire", branch = "main" }

[[tool.uv.index]]
name = "nightly"
url = "https://nightly.example/simple"

[[tool.uv.index]]
name = "bound"
url = "https://bound.example/simple"
explicit = true

[tool.uv.workspace]
members = ["packages/*"]

[tool.poetry.group.docs.dependencies]
sphinx = { version = "^7", optional = true }

[[tool.poetry.source]]
name = "own"
url = "https://own.example/simple"
priority = "supplemental"
"#;

pub(super) const PIPFILE: &str = r#"[[source]]
name = "pypi"
url = "https://pypi.example/simple"
verify_ssl = false

[packages]
attrs = "*"
wire = { git = "https://git.example/acme/wire", ref = "main" }
idna = { version = ">=3", index = "pypi" }

[dev-packages]
pytest = "==8.0"

[requires]
python_version = "3.12"
"#;

fn asked(path: &str, text: &str) -> Vec<String> {
    let facts = facts(path, text);
    assert_eq!(facts.gaps, []);
    let requirements = facts.manifests.iter().flat_map(|it| &it.requirements);
    requirements
        .map(|it| {
            let line = it.place.position.unwrap().line;
            let specifier = it.specifier.as_deref().unwrap_or_default();
            format!("{}{specifier} :{line} {:?} {}", it.name, it.scope, source(&it.source))
        })
        .collect()
}

#[test]
fn pyproject_is_read() {
    assert_eq!(
        asked("pyproject.toml", PYPROJECT),
        [
            "attrs>=25 :5 Runtime registry ",
            "wire :5 Runtime git https://git.example/acme/wire Branch(\"main\") ",
            "pip :5 Runtime archive https://files.example/pip.zip",
            "click==8.1 :8 Optional registry ",
            "pytest :12 Dev registry ",
            "hatchling :15 Build registry ",
            "sphinx^7 :37 Dev registry ",
        ]
    );
    let facts = facts("pyproject.toml", PYPROJECT);
    let manifest = &facts.manifests[0];
    assert_eq!(manifest.name.as_deref(), Some("meter-tool"));
    assert_eq!(manifest.members, ["packages/*".into()]);
    assert_eq!(manifest.replacements.iter().map(|it| &*it.name).collect::<Vec<_>>(), ["six"]);
    let urls: Vec<_> = facts.settings.iter().filter_map(|it| it.kind.url()).map(ToString::to_string).collect();
    assert_eq!(urls, ["https://own.example/simple", "https://nightly.example/simple"]);
    assert!(facts.settings.iter().any(|it| matches!(&it.kind, SettingKind::Unchecked { .. })));
}

#[test]
fn a_file_that_only_configures_tools_asks_for_nothing() {
    assert!(facts("pyproject.toml", "[tool.ruff]\nline-length = 100\n").manifests.is_empty());
    assert_eq!(
        gaps("pyproject.toml", "[project]\nname = \"a\"\ndependencies = [\"b=1\"]\n"),
        [":3 expected a requirement, found `b=1`"]
    );
}

#[test]
fn pipfile_is_read() {
    assert_eq!(
        asked("Pipfile", PIPFILE),
        [
            "attrs :7 Runtime registry ",
            "wire :8 Runtime git https://git.example/acme/wire Named(\"main\") ",
            "idna>=3 :9 Runtime registry https://pypi.example/simple",
            "pytest==8.0 :12 Dev registry ",
        ]
    );
    assert_eq!(facts("Pipfile", PIPFILE).settings.len(), 2);
}
