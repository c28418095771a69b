//! Lock files that name their packages one by one.

use super::{components, facts, gaps, inventory, sha256};
use crate::component::{Relation, Scope, link};

pub(super) fn uv() -> String {
    let (a, b, c) = (sha256(1), sha256(2), sha256(3));
    format!(
        r#"version = 1
revision = 3
requires-python = ">=3.9"

[manifest]
members = ["meter", "meter-core"]
overrides = [{{ name = "Six", specifier = ">=1" }}]

[[package]]
name = "meter"
version = "2.0.0"
source = {{ editable = "." }}
dependencies = [
    {{ name = "meter-core" }},
    {{ name = "numpy", version = "2.0.2", source = {{ registry = "https://pypi.example/simple" }}, marker = "python_full_version < '3.10'" }},
    {{ name = "wire" }},
]

[package.dev-dependencies]
dev = [
    {{ name = "pytest" }},
]

[package.metadata]
requires-dist = [
    {{ name = "numpy", specifier = ">=2, <3" }},
    {{ name = "tomli", marker = "python_full_version < '3.2'", specifier = ">=1" }},
]

[[package]]
name = "meter-core"
version = "0.1.0"
source = {{ editable = "packages/core" }}

[[package]]
name = "numpy"
version = "2.0.2"
source = {{ registry = "https://pypi.example/simple" }}
sdist = {{ url = "https://files.pypi.example/packages/a1/numpy-2.0.2.tar.gz", hash = "{a}", size = 1 }}
wheels = [
    {{ url = "https://files.pypi.example/packages/a2/numpy-2.0.2-cp39-cp39-linux.whl", hash = "{b}", size = 1 }},
]

[[package]]
name = "numpy"
version = "2.3.0"
source = {{ registry = "https://pypi.example/simple" }}
sdist = {{ url = "https://files.pypi.example/packages/a3/numpy-2.3.0.tar.gz", hash = "{c}", size = 1 }}

[[package]]
name = "pytest"
version = "8.0.0"
source = {{ url = "https://files.example/pytest-8.0.0.tar.gz" }}
dependencies = [
    {{ name = "numpy", version = "2.3.0", source = {{ registry = "https://pypi.example/simple" }} }},
]
sdist = {{ hash = "{a}" }}

[[package]]
name = "wire"
version = "1.0.0"
source = {{ git = "https://git.example/acme/wire?tag=v1.0.0#0123456789abcdef0123456789abcdef01234567" }}
"#
    )
}

#[test]
fn uv_lock_is_read() {
    let mut inventory = inventory("py/uv.lock", &uv());
    assert_eq!(
        components(&inventory),
        [
            "pkg:pypi/meter@2.0.0 :9 member",
            "pkg:pypi/meter-core@0.1.0 :30 member",
            "pkg:pypi/numpy@2.0.2 :35 registry https://pypi.example/simple numpy-2.0.2.tar.gz=sha256:0101 numpy-2.0.2-cp39-cp39-linux.whl=sha256:0202",
            "pkg:pypi/numpy@2.3.0 :44 registry https://pypi.example/simple numpy-2.3.0.tar.gz=sha256:0303",
            "pkg:pypi/pytest@8.0.0?download_url=https:%2F%2Ffiles.example%2Fpytest-8.0.0.tar.gz :50 archive https://files.example/pytest-8.0.0.tar.gz pytest-8.0.0.tar.gz=sha256:0101",
            "pkg:pypi/wire@1.0.0?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Facme%2Fwire%400123456789abcdef0123456789abcdef01234567 :59 git https://git.example/acme/wire Tag(\"v1.0.0\") 0123456789abcdef0123456789abcdef01234567",
        ]
    );
    assert_eq!(inventory.overridden, ["six".into()]);
    assert_eq!(inventory.components[2].downloads[0].as_str(), "files.pypi.example/packages");
    let folders: Vec<_> = inventory.projects.iter().map(|it| it.folder.as_ref().unwrap().as_bytes()).collect();
    assert_eq!(folders, [&b"py"[..], b"py/packages/core"]);
    let asked: Vec<_> = inventory.projects[0]
        .requirements
        .iter()
        .map(|it| (&*it.name, it.specifier.as_deref(), it.component))
        .collect();
    assert_eq!(
        asked,
        [
            ("meter-core", None, Some(1)),
            ("numpy", Some("<3,>=2"), Some(2)),
            ("wire", None, Some(5)),
            ("pytest", None, Some(4)),
            ("tomli", Some(">=1"), None),
        ]
    );
    link::link(&mut inventory, &[]);
    let linked: Vec<_> = inventory.components.iter().map(|it| (it.relation, it.scope)).collect();
    assert_eq!(
        linked,
        [
            (Relation::Member, Scope::Runtime),
            (Relation::Member, Scope::Runtime),
            (Relation::Direct, Scope::Runtime),
            (Relation::Transitive, Scope::Dev),
            (Relation::Direct, Scope::Dev),
            (Relation::Direct, Scope::Runtime),
        ]
    );
}

#[test]
fn what_uv_lock_lacks_is_a_gap() {
    let whole = uv();
    assert_eq!(
        gaps("uv.lock", &whole.replace("source = { editable = \"packages/core\" }\n", "")),
        [":30 expected a table with `source`, found one without"]
    );
    let cut = whole.split("\n[[package]]\nname = \"wire\"").next().unwrap();
    assert_eq!(gaps("uv.lock", &format!("{cut}\n")), [":16 expected a package `wire`, found none"]);
    let without_project = "version = 1\n\n[[package]]\nname = \"a\"\nversion = \"1\"\nsource = { registry = \"https://pypi.example/simple\" }\n";
    assert_eq!(gaps("uv.lock", without_project), [":7 expected the project itself, found none"]);
    let (_, wire) = whole.split_once("\n[[package]]\nname = \"wire\"").unwrap();
    let twice = format!("{whole}\n[[package]]\nname = \"wire\"{wire}");
    assert_eq!(gaps("uv.lock", &twice), [":64 expected each package once, found `wire 1.0.0` a second time"]);
    let bad = whole.replace(&sha256(3), "sha256:03");
    // The other numpy is still there, and what needs this one is not told of a second time.
    assert_eq!(
        gaps("uv.lock", &bad),
        [":48 expected a digest such as `sha256:` and 64 hexadecimal digits, found `sha256:03`"]
    );
}

pub(super) fn poetry() -> String {
    let (a, b) = (sha256(1), sha256(2));
    format!(
        r#"# This file is automatically @generated by Poetry 1.1.
[[package]]
name = "Jinja2"
version = "3.1.0"
description = ""
category = "main"
optional = false
python-versions = "*"

[package.dependencies]
MarkupSafe = ">=2.0"

[[package]]
name = "markupsafe"
version = "1.1.0"
category = "dev"
optional = false
python-versions = "*"

[[package]]
name = "markupsafe"
version = "2.1.0"
category = "main"
optional = true
python-versions = "*"

[package.source]
type = "legacy"
url = "https://user:secret@pypi.example/simple"
reference = "own"

[[package]]
name = "wire"
version = "1.0.0"
category = "main"
optional = false
python-versions = "*"

[package.source]
type = "git"
url = "https://git.example/acme/wire.git"
reference = "main"
resolved_reference = "0123456789abcdef0123456789abcdef01234567"

[metadata]
lock-version = "1.1"
python-versions = "*"
content-hash = "{a}"

[metadata.files]
jinja2 = [
    {{file = "Jinja2-3.1.0-py3-none-any.whl", hash = "{a}"}},
]
markupsafe = [
    {{file = "MarkupSafe-1.1.0.tar.gz", hash = "{b}"}},
    {{file = "MarkupSafe-2.1.0.tar.gz", hash = "{a}"}},
]
wire = []
"#
    )
}

#[test]
fn poetry_lock_of_version_1_is_read() {
    let inventory = inventory("poetry.lock", &poetry());
    assert_eq!(
        components(&inventory),
        [
            "pkg:pypi/jinja2@3.1.0 :2 registry  Jinja2-3.1.0-py3-none-any.whl=sha256:0101",
            "pkg:pypi/markupsafe@1.1.0 :13 registry  MarkupSafe-1.1.0.tar.gz=sha256:0202",
            "pkg:pypi/markupsafe@2.1.0 :20 registry https://pypi.example/simple MarkupSafe-2.1.0.tar.gz=sha256:0101",
            "pkg:pypi/wire@1.0.0?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Facme%2Fwire.git%400123456789abcdef0123456789abcdef01234567 :32 git https://git.example/acme/wire.git Named(\"main\") 0123456789abcdef0123456789abcdef01234567",
        ]
    );
    let scopes: Vec<_> = inventory.components.iter().map(|it| it.scope).collect();
    assert_eq!(scopes, [Scope::Runtime, Scope::Dev, Scope::Optional, Scope::Runtime]);
    // Of two versions the one that satisfies the dependency.
    assert_eq!(inventory.components[0].needs, [2]);
}

#[test]
fn what_a_project_of_poetry_asks_for_is_answered_by_any_version_of_the_name() {
    let manifest = "[tool.poetry]\nname = \"meter\"\n[tool.poetry.dependencies]\npython = \"^3\"\nJinja2 = \"^3\"\n\
                    markupsafe = [{version = \"^1\", python = \"<3.8\"}, {version = \"^2\"}]\n";
    let manifests = facts("pyproject.toml", manifest).manifests;
    let mut inventory = inventory("poetry.lock", &poetry());
    link::link(&mut inventory, &manifests);
    let relations: Vec<_> = inventory.components.iter().map(|it| it.relation).collect();
    assert_eq!(relations, [Relation::Direct, Relation::Direct, Relation::Direct, Relation::Unknown]);
    // A manifest of another kind beside it is none of its own.
    let other = facts("Pipfile", "[packages]\nwire = \"*\"\n").manifests;
    assert!(link::manifest_of(&inventory, &inventory.projects[0], &other).is_none());
}

#[test]
fn what_poetry_lock_lacks_is_a_gap() {
    let whole = poetry();
    let cut = whole.split("[metadata]").next().unwrap();
    assert_eq!(gaps("poetry.lock", cut), [":45 expected `[metadata]` with `content-hash` at the end, found none"]);
    assert_eq!(
        gaps("poetry.lock", &whole.replace("\"legacy\"", "\"torrent\"")),
        [":27 expected a source of type git, legacy, url, file or directory, found the type `torrent`"]
    );
    assert_eq!(
        gaps("poetry.lock", &whole.replace("\"1.1\"\npython", "\"3.0\"\npython")),
        [":46 expected a lock file of version 1 or 2, found version 3.0"]
    );
}

pub(super) fn pipfile() -> String {
    let (a, b) = (sha256(1), sha256(2));
    format!(
        r#"{{
    "_meta": {{
        "hash": {{ "sha256": "00" }},
        "pipfile-spec": 6,
        "sources": [
            {{ "name": "pypi", "url": "https://pypi.example/simple", "verify_ssl": true }},
            {{ "name": "own", "url": "https://own.example/simple", "verify_ssl": false }}
        ]
    }},
    "default": {{
        "attrs": {{ "hashes": ["{a}", "{b}"], "index": "own", "version": "==25.3.0" }},
        "idna": {{ "hashes": ["{b}"], "version": "==3.10" }},
        "wire": {{ "git": "https://git.example/acme/wire", "ref": "0123456789abcdef0123456789abcdef01234567" }}
    }},
    "develop": {{
        "idna": {{ "hashes": ["{b}"], "version": "==3.10" }}
    }}
}}
"#
    )
}

#[test]
fn pipfile_lock_is_read() {
    let inventory = inventory("Pipfile.lock", &pipfile());
    assert_eq!(
        components(&inventory),
        [
            "pkg:pypi/attrs@25.3.0 :11 registry https://own.example/simple *=sha256:0101 *=sha256:0202",
            "pkg:pypi/idna@3.10 :12 registry https://pypi.example/simple *=sha256:0202",
            "pkg:pypi/wire?vcs_url=git%2Bhttps:%2F%2Fgit.example%2Facme%2Fwire%400123456789abcdef0123456789abcdef01234567 :13 git https://git.example/acme/wire Commit(\"0123456789abcdef0123456789abcdef01234567\") 0123456789abcdef0123456789abcdef01234567",
        ]
    );
    assert_eq!(inventory.components[1].scope, Scope::Runtime);
    assert_eq!(facts("Pipfile.lock", &pipfile()).settings.len(), 3);
    for unpinned in ["\"version\": \"*\"", "\"markers\": \"os_name == 'nt'\""] {
        let text = pipfile().replace("\"version\": \"==25.3.0\"", unpinned);
        assert!(components(&super::inventory("Pipfile.lock", &text))[0].starts_with("pkg:pypi/attrs :11 "), "{text}");
    }
    assert_eq!(
        gaps("Pipfile.lock", &pipfile().replace("==25.3.0", ">=25.3.0")),
        [":11 expected one version, as in `==1.0`, found `>=25.3.0`"]
    );
}

pub(super) fn pylock() -> String {
    let hex = "01".repeat(32);
    format!(
        r#"lock-version = "1.0"
created-by = "uv"

[[packages]]
name = "attrs"
version = "25.3.0"
index = "https://pypi.example/simple"
dependencies = [{{ name = "idna" }}]
wheels = [{{ name = "attrs-25.3.0-py3-none-any.whl", url = "https://files.pypi.example/packages/x", hashes = {{ sha256 = "{hex}" }} }}]

[[packages]]
name = "idna"
version = "3.10"
archive = {{ url = "https://files.example/idna-3.10.zip", hashes = {{ blake2b = "00", sha256 = "{hex}" }} }}

[[packages]]
name = "wire"
vcs = {{ type = "hg", url = "https://hg.example/wire", commit-id = "0123" }}
"#
    )
}

#[test]
fn pylock_is_read() {
    let inventory = inventory("pylock.dev.toml", &pylock());
    assert_eq!(
        components(&inventory),
        [
            "pkg:pypi/attrs@25.3.0 :4 registry https://pypi.example/simple attrs-25.3.0-py3-none-any.whl=sha256:0101",
            "pkg:pypi/idna@3.10?download_url=https:%2F%2Ffiles.example%2Fidna-3.10.zip :11 archive https://files.example/idna-3.10.zip idna-3.10.zip=sha256:0101",
            "pkg:pypi/wire?vcs_url=git%2Bhg%2Bhttps:%2F%2Fhg.example%2Fwire%400123 :16 git hg+https://hg.example/wire Unstated 0123",
        ]
    );
    assert_eq!(inventory.components[0].needs, [1]);
    let unknown = pylock().replace("blake2b = \"00\", sha256", "blake3");
    assert_eq!(
        gaps("pylock.toml", &unknown),
        [":14 expected a digest of sha256, sha384 or sha512, found one of blake3"]
    );
}
