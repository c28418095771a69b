//! Which files run on the machine of whoever builds a project, by their names.

use crate::tree::TreePath;

/// Whole names, in small letters.
const NAMES: [&str; 41] = [
    "autogen.sh",
    "binding.gyp",
    "bootstrap",
    "build",
    "build.gradle",
    "build.gradle.kts",
    "build.rs",
    "build.xml",
    "build.zig",
    "cargo.toml",
    "cmakelists.txt",
    "compile",
    "conanfile.py",
    "config.guess",
    "config.sub",
    "configure",
    "configure.ac",
    "configure.in",
    "configure.py",
    "depcomp",
    "dockerfile",
    "gnumakefile",
    "gradlew",
    "install-sh",
    "justfile",
    "ltmain.sh",
    "makefile",
    "makefile.am",
    "makefile.in",
    "makefile.pl",
    "meson.build",
    "meson_options.txt",
    "missing",
    "mvnw",
    "package.json",
    "pom.xml",
    "pyproject.toml",
    "rakefile",
    "sconstruct",
    "setup.cfg",
    "setup.py",
];

/// What stands behind the last dot.
const EXTENSIONS: [&str; 13] =
    ["ac", "am", "bash", "bat", "bzl", "cmake", "gradle", "in", "m4", "mak", "mk", "ps1", "sh"];

/// What a name begins with.
const BEGINNINGS: [&str; 5] = ["configure.", "makefile.", "dockerfile.", "build.bazel", "workspace"];

/// Whether a file is one of them.
pub(super) fn is_one(path: &TreePath) -> bool {
    let name = String::from_utf8_lossy(path.file_name()).to_ascii_lowercase();
    let extension = name.rsplit_once('.').map(|(_, extension)| extension);
    NAMES.contains(&name.as_str())
        || extension.is_some_and(|extension| EXTENSIONS.contains(&extension))
        || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn build_scripts_are_known_by_their_names() {
        let is = |path: &str| is_one(&TreePath::new(path.as_bytes()).unwrap());
        for path in ["configure", "m4/build-to-host.m4", "src/Makefile.am", "CMakeLists.txt", "a/b.cmake", "run.sh"] {
            assert!(is(path), "{path}");
        }
        for path in ["src/main.c", "README.md", "tests/files/good.xz", "m4/README"] {
            assert!(!is(path), "{path}");
        }
    }
}
