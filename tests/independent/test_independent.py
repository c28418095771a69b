#!/usr/bin/env python3
"""Tests of the two scripts: `python3 test_independent.py`. Standard library only."""

import json
import os
import pathlib
import stat
import subprocess
import sys
import tempfile
import textwrap
import unittest

import lock_changes

HERE = pathlib.Path(__file__).resolve().parent


def pairs(format, text):
    return sorted(set(lock_changes.read(textwrap.dedent(text), format)[1]))


class Reading(unittest.TestCase):
    def test_cargo(self):
        self.assertEqual(pairs("cargo", """\
            version = 4
            [[package]]
            name = "a"
            version = "1.0.0"
            [[package]]
            name = "a"
            version = "2.0.0+b"
            source = "git+https://git.example/a#0123"
            """), [("a", "1.0.0"), ("a", "2.0.0+b")])

    def test_poetry(self):
        self.assertEqual(pairs("poetry", """\
            [[package]]
            name = "Zope.Interface"
            version = "5.0"
            [[package]]
            name = "attrs"
            version = "25.3.0"
            [metadata]
            lock-version = "2.1"
            """), [("attrs", "25.3.0"), ("zope-interface", "5.0")])

    def test_uv(self):
        self.assertEqual(pairs("uv", """\
            version = 1
            [[package]]
            name = "meter"
            source = { virtual = "." }
            [[package]]
            name = "numpy"
            version = "2.0.2"
            [[package]]
            name = "numpy"
            version = "2.3.0"
            """), [("meter", ""), ("numpy", "2.0.2"), ("numpy", "2.3.0")])

    def test_go(self):
        self.assertEqual(pairs("go", """\
            module git.example/acme/store // the store
            go 1.24
            require git.example/a v1.0.0
            require (
            \tgit.example/b v1.0.0 // indirect
            \t"git.example/c" v1.0.0
            \tgit.example/d v1.0.0
            )
            exclude git.example/a v0.9.0
            replace git.example/c => git.example/fork v1.0.1
            replace (
            \tgit.example/d v1.0.0 => ../d
            \tgit.example/b v0.9.0 => git.example/fork v0.9.1
            )
            retract [v0.1.0, v0.2.0]
            """), [("git.example/a", "v1.0.0"), ("git.example/b", "v1.0.0"), ("git.example/d", "v1.0.0"),
                   ("git.example/fork", "v1.0.1")])

    def test_pylock(self):
        self.assertEqual(pairs("pylock", """\
            lock-version = "1.0"
            [[packages]]
            name = "Attrs"
            version = "25.3.0"
            [[packages]]
            name = "meter"
            directory = { path = "." }
            """), [("attrs", "25.3.0"), ("meter", "")])

    def test_pipenv(self):
        lock = {"_meta": {"pipfile-spec": 6}, "default": {
            "Attrs": {"version": "==25.3.0"}, "wire": {"git": "https://git.example/wire", "ref": "01"}},
            "develop": {"idna": {"version": "*"}}}
        self.assertEqual(pairs("pipenv", json.dumps(lock)), [("attrs", "25.3.0"), ("idna", ""), ("wire", "")])

    def test_requirements(self):
        self.assertEqual(pairs("requirements", """\
            # written by hand \\
            --index-url https://pypi.example/simple
            -r base.txt
            Zope.Interface[test]==5.0 ; python_version >= "3.8" \\
                --hash=sha256:00 \\
                # via meter
            attrs>=1,==25.3.0  # pinned
            idna (===3.10)
            requests>=2.8
            numpy==2.*
            wire @ git+https://git.example/acme/wire@v1.0.0
            -e git+https://git.example/acme/tool.git@main#egg=Tool
            git+https://git.example/acme/bare.git
            six @ https://files.example/six-1.17.0-py2.py3-none-any.whl#sha256=00
            https://files.example/pip-25.0.tar.gz
            """), [("attrs", "25.3.0"), ("bare", ""), ("idna", "3.10"), ("pip", "25.0"), ("six", "1.17.0"),
                   ("tool", ""), ("wire", ""), ("zope-interface", "5.0")])

    def test_names_tell_the_format(self):
        for path, format in [("a/uv.lock", "uv"), ("pylock.dev.toml", "pylock"), ("requirements.lock", "requirements"),
                             ("requirements-dev.txt", "requirements"), ("requirements/main.txt", "requirements"),
                             ("docs/main.txt", None), ("requirements/main.in", None)]:
            with self.subTest(path):
                self.assertEqual(lock_changes.format_of(path), format)

    def test_npm_1_recurses_and_sees_through_an_alias(self):
        lock = {"lockfileVersion": 1, "dependencies": {
            "a": {"version": "1.0.0", "dependencies": {"b": {"version": "2.0.0"}}},
            "c": {"version": "npm:@s/real@3.0.0"}}}
        self.assertEqual(pairs("npm", json.dumps(lock)), [("@s/real", "3.0.0"), ("a", "1.0.0"), ("b", "2.0.0")])

    def test_npm_3(self):
        lock = {"lockfileVersion": 3, "packages": {
            "": {"name": "root", "version": "0.0.1"},
            "node_modules/a": {"version": "1.0.0"},
            "node_modules/a/node_modules/@s/b": {"version": "2.0.0"},
            "node_modules/alias": {"name": "real", "version": "3.0.0"},
            "node_modules/w": {"resolved": "packages/w", "link": True},
            "packages/w": {"version": "0.1.0"},
            "packages/v": {"name": "@s/v"},
            "node_modules/g": {"resolved": "git+ssh://git@git.example/g.git#01"}}}
        self.assertEqual(pairs("npm", json.dumps(lock)), [
            ("@s/b", "2.0.0"), ("@s/v", ""), ("a", "1.0.0"), ("g", "git+ssh://git@git.example/g.git#01"),
            ("real", "3.0.0"), ("w", "0.1.0")])

    def test_pnpm_5(self):
        self.assertEqual(pairs("pnpm", """\
            lockfileVersion: 5.4
            packages:

              /@s/a/1.0.0_b@2.0.0:
                resolution: {integrity: sha512-x}
                dependencies:
                  name: not-this
              /c/1.0.0/d@1.0.0:
                resolution: {integrity: sha512-x}
              git.example/e/0123:
                resolution: {tarball: https://git.example/e}
                name: e
                version: 3.0.0
            """), [("@s/a", "1.0.0"), ("c", "1.0.0"), ("e", "3.0.0")])

    def test_pnpm_6(self):
        self.assertEqual(pairs("pnpm", """\
            lockfileVersion: '6.0'
            packages:
              /@s/a@1.0.0(b@2.0.0)(@s/c@1.0.0):
                resolution: {integrity: sha512-x}
              ? /long@1.0.0(b@2.0.0)
              : resolution: {integrity: sha512-x}
                dev: true
              file:dir:
                resolution: {directory: dir, type: directory}
                name: e
            """), [("@s/a", "1.0.0"), ("e", "file:dir"), ("long", "1.0.0")])

    def test_pnpm_9_and_two_documents(self):
        self.assertEqual(pairs("pnpm", """\
            ---
            lockfileVersion: '9.0'
            packages:
              pnpm@11.0.0:
                resolution: {integrity: sha512-x}
            ---
            lockfileVersion: '9.0'
            packages:
              '@s/a@1.0.0':
                resolution: {integrity: sha512-x}
              b@https://git.example/b/tar.gz/01:
                resolution: {tarball: https://git.example/b/tar.gz/01}
                version: 2.0.0
            snapshots:
              '@s/a@1.0.0(b@9.9.9)': {}
            """), [("@s/a", "1.0.0"), ("b", "2.0.0"), ("pnpm", "11.0.0")])

    def test_yarn_classic(self):
        self.assertEqual(pairs("yarn", """\
            # yarn lockfile v1
            "@s/a@^1.0.0", "@s/a@^1.0.1":
              version "1.0.1"
              dependencies:
                version "^9.0.0"
            "alias@npm:@s/real@^2":
              version "2.0.0"
            bare:
              "version" "3.0.0"
            g@https://git.example/g.git:
              version "4.0.0"
            """), [("@s/a", "1.0.1"), ("@s/real", "2.0.0"), ("bare", "3.0.0"), ("g", "4.0.0")])

    def test_yarn_berry(self):
        self.assertEqual(pairs("yarn", """\
            __metadata:
              version: 8

            "@s/a@npm:^1, @s/a@npm:~1.0":
              version: 1.0.0
              resolution: "@s/a@npm:1.0.0"
              dependencies:
                version: "npm:^9"
            "alias@npm:real@2":
              version: 2.0.0
              resolution: "real@npm:2.0.0"
            "root@workspace:.":
              version: 0.0.0-use.local
              resolution: "root@workspace:."
            "w@workspace:packages/w":
              version: 0.0.0-use.local
              resolution: "w@workspace:packages/w"
            ? "long@npm:1"
            :
              version: 1.0.0
              resolution: "long@npm:1.0.0"
            """), [("@s/a", "1.0.0"), ("long", "1.0.0"), ("real", "2.0.0"), ("w", "0.0.0-use.local")])

    def test_what_is_no_lock_file(self):
        conflict = "lockfileVersion: '9.0'\npackages:\n<<<<<<< HEAD\n  a@1.0.0:\n"
        for format, text in [("cargo", "<<<<<<<"), ("go", "<<<<<<< ours"), ("go", "require ("), ("npm", "{"),
                             ("npm", "[]"), ("pipenv", "[]"), ("pnpm", conflict), ("pnpm", "a: b\n"),
                             ("pylock", "a = 1"), ("requirements", "<<<<<<< ours"),
                             ("yarn", "<<<<<<< HEAD\na@1:\n  version \"1\"\n")]:
            with self.subTest(format), self.assertRaises(lock_changes.Unreadable):
                lock_changes.read(text, format)

    def test_the_command(self):
        with tempfile.TemporaryDirectory() as at:
            new = pathlib.Path(at, "Cargo.lock")
            new.write_text('[[package]]\nname = "a"\nversion = "1.0.0"\n')
            said = subprocess.check_output([sys.executable, HERE / "lock_changes.py", os.devnull, new])
        self.assertEqual(json.loads(said), {"removed": [], "added": [["a", "1.0.0"]]})


# A stand-in that answers `changes` and `gate` as portcullis's documentation says, over the
# fixed history below: right about the first change, wrong about the second.
STAND_IN = """\
#!%s
import json, subprocess, sys
command, rest = sys.argv[1], sys.argv[2:]
where = [{"path": "sub/Cargo.lock", "line": 1}]
def c(version): return {"purl": "pkg:cargo/a@" + version, "name": "a", "version": version}
head = rest[0].split("..")[1] if command == "changes" else rest[rest.index("--head") + 1]
repo = rest[rest.index("--repo") + 1]
about = subprocess.check_output(["git", "--git-dir=" + repo, "log", "-1", "--format=%%s", head], text=True).strip()
if command == "changes":
    changes = [{"kind": "changed", "before": c("1"), "after": c("2"), "fields": ["version"], "locations": where},
               {"kind": "changed", "before": c("3"), "after": c("3"), "fields": ["digest"], "locations": where},
               {"kind": "added", "before": None, "after": c("9"), "fields": [], "locations": [{"path": "Cargo.lock", "line": 1}]}]
    if about == "three":
        changes = [{"kind": "added", "before": None, "after": c("4"), "fields": [], "locations": where}]
    print(json.dumps({"schema_version": 1, "changes": changes, "gaps": []}))
else:
    finding = {"rule": "change/x", "level": "deny" if about == "three" else "warn", "state": "fail", "baseline": "new",
               "subject": {"kind": "component", "id": "a"}, "message": "m"}
    print(json.dumps({"findings": [finding, dict(finding, rule="change/old", baseline="unchanged")]}))
    sys.exit(about == "three")
""" % sys.executable


class Comparing(unittest.TestCase):
    def setUp(self):
        at = tempfile.TemporaryDirectory()
        self.addCleanup(at.cleanup)
        self.at = pathlib.Path(at.name)
        self.git("init", "-q", "-b", "main")
        (self.at / "sub").mkdir()
        for message, version in [("none", None), ("one", "1"), ("two", "2"), ("three", "3")]:
            if version:
                text = f'[[package]]\nname = "a"\nversion = "{version}"\n'
                (self.at / "sub" / "Cargo.lock").write_text(text)
            self.git("add", ".")
            self.git("commit", "-q", "--allow-empty", "-m", message)
        self.stand_in = self.at / "portcullis"
        self.stand_in.write_text(STAND_IN)
        self.stand_in.chmod(self.stand_in.stat().st_mode | stat.S_IXUSR)

    def git(self, *arguments):
        subprocess.run(["git", "-c", "user.name=t", "-c", "user.email=t@t.example", "-C", self.at, *arguments], check=True)

    def compare(self, *arguments):
        return subprocess.run([sys.executable, HERE / "compare_history.py", *arguments], capture_output=True,
                              text=True, cwd=self.at)

    def test_a_difference_and_a_stop_are_told(self):
        done = self.compare(self.at / ".git", "sub/Cargo.lock", self.stand_in)
        self.assertEqual((done.returncode, done.stderr), (1, ""))
        cells = [cell.strip() for cell in done.stdout.splitlines()[-1].split("|")]
        # commits, left out, packages, pairs changed, equal, differing, stopped, warned, failed
        self.assertEqual(cells[5:-1], ["2", "0", "1 … 1", "4", "1", "1", "1", "1", "0"])
        told = (self.at / "details.md").read_text()
        for line in ["difference: only independent: removed `a` `2`", "difference: only independent: added `a` `3`",
                     "difference: only portcullis: added `a` `4`", "stopped (exit 1): 1 denied",
                     "deny change/x fail: `a`: m", "warn change/x fail: `a`: m"]:
            self.assertIn(line, told)
        self.assertNotIn("change/old", told)

    def test_equal_is_0(self):
        done = self.compare(self.at / ".git", "sub/Cargo.lock", self.stand_in, "--head", "HEAD~1")
        self.assertEqual((done.returncode, done.stderr), (0, ""))

    def test_a_program_that_cannot_run_is_2(self):
        self.assertEqual(self.compare(self.at / ".git", "sub/Cargo.lock", "/bin/false").returncode, 2)

    def test_self_check(self):
        done = self.compare("--self-check", self.at / ".git", "sub/Cargo.lock", "--last", "1")
        self.assertEqual(done.returncode, 0)
        self.assertIn("| cargo 1 or 2 |", done.stdout)
        self.assertIn("| 1 | 0 | 1 … 1 | 2 | 1 |", done.stdout)


if __name__ == "__main__":
    unittest.main()
