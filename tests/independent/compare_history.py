#!/usr/bin/env python3
"""Compares `portcullis changes` with an independent reading over a repository's history.

For each of the last N commits on the first-parent line that change a lock file, the
set of (name, version) pairs removed and added is computed twice: by portcullis, from
`portcullis changes PARENT..COMMIT`, and by lock_changes.py, from the two texts. Then
`portcullis gate --base PARENT --head COMMIT` judges the same commit, and what it
denies is recorded. The commit that creates the lock file is left out, and so is a
commit one of whose two texts the snapshot lacks; both are counted.

    compare_history.py GITDIR LOCKPATH PORTCULLIS [--head REV] [--last 100]
    compare_history.py --list repositories.tsv --histories DIR PORTCULLIS
    compare_history.py --self-check GITDIR LOCKPATH
    compare_history.py --self-check --list repositories.tsv --histories DIR

Prints a Markdown table, one row a history; writes every difference and every stop to
--details (default details.md in the working directory; none under --self-check).
Exit code: 0 all equal, 1 a difference, 2 something could not be run.

A line of a --list file: label, git directory below DIR, lock path, newest commit
(empty: HEAD), separated by tabs; # begins a comment. Only git plumbing runs on the git
directory.
"""

import argparse
import collections
import concurrent.futures
import dataclasses
import json
import os
import subprocess
import sys

import lock_changes

QUIET = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_NO_REPLACE_OBJECTS": "1",
    "GIT_TERMINAL_PROMPT": "0",
    "LC_ALL": "C.UTF-8",
}
# What would turn the JSON-only output or the verdict of another program's run around.
ENVIRONMENT = {k: v for k, v in os.environ.items() if not k.startswith(("GIT_", "GITHUB_"))} | QUIET


class CannotRun(Exception):
    """A command did not do what was asked of it."""


def run(command, timeout=600):
    try:
        return subprocess.run(command, capture_output=True, env=ENVIRONMENT, timeout=timeout,
                              stdin=subprocess.DEVNULL)
    except (OSError, subprocess.TimeoutExpired) as wrong:
        raise CannotRun(str(wrong)) from wrong


@dataclasses.dataclass
class Commit:
    id: str
    parent: str
    date: str


@dataclasses.dataclass
class History:
    """One lock file of one repository, seen from one commit backwards."""

    label: str
    gitdir: str
    path: str
    head: str = "HEAD"

    def git(self, *arguments):
        done = run(["git", f"--git-dir={self.gitdir}", *arguments])
        if done.returncode:
            raise CannotRun(f"git {' '.join(arguments)}: {done.stderr.decode(errors='replace').strip()}")
        return done.stdout

    def commits(self):
        """All that change the lock file, newest first, but those that create it."""
        log = self.git("log", "--first-parent", "--no-renames", "--format=%H %cs %P", self.head, "--",
                       f":(literal){self.path}")
        for line in log.decode().splitlines():
            id, date, *parents = line.split()
            if parents and self.holds(parents[0]):
                yield Commit(id, parents[0], date)

    def holds(self, revision):
        return bool(self.git("ls-tree", "--name-only", revision, "--", self.path).strip())

    def text(self, revision, path=None):
        """The lock file at that revision: empty when it is not there."""
        if path is None and not self.holds(revision):
            return ""
        return self.git("cat-file", "blob", f"{revision}:{path or self.path}").decode("utf-8")

    def read(self, revision, path=None):
        format = lock_changes.format_of(path or self.path)
        return lock_changes.read(self.text(revision, path), format)


@dataclasses.dataclass
class Outcome:
    """What became of one commit."""

    commit: Commit
    left_out: str | None = None  # why there was no comparison
    variants: tuple = ()
    sizes: tuple = (0, 0)  # distinct pairs before and after
    ours: dict | None = None
    theirs: dict | None = None
    gaps: list = dataclasses.field(default_factory=list)
    differences: list = dataclasses.field(default_factory=list)
    errors: list = dataclasses.field(default_factory=list)  # of runs of portcullis
    gate_exit: int | None = None
    denied: list = dataclasses.field(default_factory=list)
    warned: list = dataclasses.field(default_factory=list)


def compare(history, commit, asked):
    outcome = Outcome(commit)
    try:
        (old_variant, old), (new_variant, new) = history.read(commit.parent), history.read(commit.id)
    except (lock_changes.Unreadable, CannotRun, UnicodeDecodeError) as wrong:
        outcome.left_out = str(wrong)
        return outcome
    outcome.variants = tuple(v for v in (old_variant, new_variant) if v)
    outcome.sizes = len(set(old)), len(set(new))
    outcome.ours = lock_changes.changes(old, new)
    if asked.self_check:
        return outcome
    for step in (judge_changes,) if asked.no_gate else (judge_changes, judge_gate):
        try:
            step(history, commit, asked, outcome)
        except CannotRun as wrong:
            outcome.errors.append(str(wrong))
        except (KeyError, TypeError, AttributeError) as wrong:
            outcome.errors.append(f"{step.__name__}: the report has another shape: {wrong!r}")
    kept = set(old) & set(new)
    outcome.differences = [(*d, remark(history, commit, d, kept)) for d in outcome.differences]
    return outcome


def judge_changes(history, commit, asked, outcome):
    _, report = portcullis(asked, (0,), "changes", f"{commit.parent}..{commit.id}", "--repo", history.gitdir)
    outcome.theirs = pairs_of(report, history.path)
    outcome.gaps = [gap for gap in report.get("gaps", []) if history.path in json.dumps(gap)]
    for side in ("removed", "added"):
        ours, theirs = ({tuple(pair) for pair in those[side]} for those in (outcome.ours, outcome.theirs))
        outcome.differences += [("only independent", side, *pair) for pair in sorted(ours - theirs)]
        outcome.differences += [("only portcullis", side, *pair) for pair in sorted(theirs - ours)]


def judge_gate(history, commit, asked, outcome):
    policy = ["--policy", asked.policy] if asked.policy else []
    outcome.gate_exit, report = portcullis(
        asked, (0, 1), "gate", "--repo", history.gitdir, "--base", commit.parent, "--head", commit.id, *policy)
    for finding in report["findings"]:
        counts = finding["state"] in ("fail", "not-determined", "error")
        if counts and finding.get("baseline") in ("new", None):
            told = (finding["rule"], finding["state"], finding["subject"]["id"], finding["message"])
            {"deny": outcome.denied, "warn": outcome.warned}.get(finding["level"], []).append(told)


def portcullis(asked, expected, *arguments):
    """(exit code, report) of one run."""
    done = run([asked.portcullis, *arguments, "--format", "json"])
    try:
        if done.returncode not in expected:
            raise ValueError(f"exit {done.returncode}")
        return done.returncode, json.loads(done.stdout)
    except ValueError as wrong:
        said = done.stderr.decode(errors="replace").strip()[:500]
        raise CannotRun(f"portcullis {' '.join(arguments)}: {wrong}: {said}") from wrong


def pairs_of(report, path):
    """The removed and added pairs that a report of `changes` states for one lock file.

    A change that keeps name and version (another scope, another digest) states neither.
    """
    pairs = {"removed": set(), "added": set()}
    for change in report["changes"]:
        if path not in {location["path"] for location in change["locations"]}:
            continue
        before, after = (pair_of(change[side]) for side in ("before", "after"))
        if before == after:
            continue
        if before:
            pairs["removed"].add(before)
        if after:
            pairs["added"].add(after)
    return {side: [list(pair) for pair in sorted(those)] for side, those in pairs.items()}


def pair_of(component):
    return component and (component["name"], component["version"] or "")


def remark(history, commit, difference, kept):
    """What may explain a difference. It stays one."""
    who, side, *pair = difference
    if who == "only portcullis" and tuple(pair) in kept:
        return "the pair stands on both sides: another source or qualifier?"
    if who == "only independent":
        # One component in several lock files may be reported once for the whole tree.
        other = commit.parent if side == "added" else commit.id
        for path in history.git("ls-tree", "-r", "-z", "--name-only", other).decode(errors="replace").split("\0"):
            if path == history.path or not lock_changes.format_of(path):
                continue
            try:
                if tuple(pair) in history.read(other, path)[1]:
                    return f"the pair stands in {path} of the other side"
            except (lock_changes.Unreadable, CannotRun, UnicodeDecodeError):
                continue
    return ""


def measure(history, asked):
    """(outcomes of the last N that could be read, outcomes left out)."""
    done, left_out = [], []
    with concurrent.futures.ThreadPoolExecutor(asked.jobs) as pool:
        commits = history.commits()
        while len(done) < asked.last:
            batch = [c for _, c in zip(range(asked.last - len(done)), commits)]
            if not batch:
                break
            for outcome in pool.map(lambda commit: compare(history, commit, asked), batch):
                (left_out if outcome.left_out else done).append(outcome)
    return done, left_out


def cells(text):
    return str(text).replace("|", "\\|").replace("\n", " ")


def variants_of(done):
    counted = collections.Counter(outcome.variants[-1] for outcome in done)
    return ", ".join(variant for variant, _ in counted.most_common())


def row(history, done, left_out, asked):
    sizes = [outcome.sizes[1] for outcome in done]
    pairs = sum(len(outcome.ours["removed"]) + len(outcome.ours["added"]) for outcome in done)
    dates = f"{done[-1].commit.date} … {done[0].commit.date}"
    start = [history.label, history.path, variants_of(done), dates, len(done), len(left_out),
             f"{min(sizes)} … {max(sizes)}", pairs]
    if asked.self_check:
        return start + [sum(1 for o in done if o.ours["removed"] or o.ours["added"])]
    compared = [o for o in done if o.theirs is not None]
    differing = sum(1 for o in compared if o.differences)
    return start + [len(compared) - differing, differing,
                    sum(1 for o in done if o.gate_exit == 1),
                    sum(1 for o in done if o.gate_exit == 0 and o.warned),
                    sum(1 for o in done if o.errors)]


def heading(asked):
    start = ["repository", "lock file", "format", "dates", "commits", "left out", "packages", "pairs changed"]
    if asked.self_check:
        return start + ["commits with a changed pair"]
    return start + ["equal", "differing", "stopped", "warned", "failed to run"]


def table_line(values):
    return "| " + " | ".join(cells(value) for value in values) + " |"


def details(history, done, left_out):
    """Every difference, every stop, every commit left out, as Markdown."""
    yield f"\n## {history.label}: {history.path}\n"
    for outcome in left_out:
        yield f"* {outcome.commit.id} left out: {cells(outcome.left_out)}"
    for outcome in done:
        if not (outcome.differences or outcome.gaps or outcome.errors or outcome.gate_exit or outcome.warned):
            continue
        yield f"* {outcome.commit.id} ({outcome.commit.date}), parent {outcome.commit.parent}"
        for who, side, name, version, why in outcome.differences:
            yield f"    * difference: {who}: {side} `{name}` `{version}`" + (f" ({why})" if why else "")
        for gap in outcome.gaps:
            yield f"    * gap: `{json.dumps(gap, ensure_ascii=False)}`"
        for error in outcome.errors:
            yield f"    * failed to run: {cells(error)}"
        if outcome.gate_exit:
            yield f"    * stopped (exit {outcome.gate_exit}): {len(outcome.denied)} denied"
        for level, findings in (("deny", outcome.denied), ("warn", outcome.warned)):
            for rule, state, subject, message in findings:
                yield f"    * {level} {rule} {state}: `{subject}`: {cells(message)}"


def histories_of(parser, asked):
    """The histories to measure; takes the positional arguments apart."""
    wanted = ([] if asked.list else ["GITDIR", "LOCKPATH"]) + ([] if asked.self_check else ["PORTCULLIS"])
    if len(asked.arguments) != len(wanted):
        parser.error(f"expected {' '.join(wanted) or 'no arguments'}")
    if not asked.self_check:
        asked.portcullis = os.path.abspath(asked.arguments[-1])
    if not asked.list:
        gitdir, path = asked.arguments[:2]
        return [History(os.path.basename(os.path.dirname(os.path.abspath(gitdir))).replace("+", "/"),
                        gitdir, path, asked.head or "HEAD")]
    with open(asked.list, encoding="utf-8") as file:
        lines = [line.rstrip("\n").split("\t") for line in file if line.strip() and line[0] != "#"]
    return [History(label, os.path.join(asked.histories, gitdir), path, (rest or [""])[0] or "HEAD")
            for label, gitdir, path, *rest in lines]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("arguments", nargs="*", metavar="GITDIR LOCKPATH PORTCULLIS")
    parser.add_argument("--list", metavar="FILE", help="measure every history of this file")
    parser.add_argument("--histories", default=".", metavar="DIR", help="where the git directories of --list lie")
    parser.add_argument("--self-check", action="store_true", help="only the independent reader")
    parser.add_argument("--head", metavar="REV", help="newest commit looked at (HEAD)")
    parser.add_argument("--last", type=int, default=100, metavar="N")
    parser.add_argument("--policy", help="handed on to `portcullis gate`")
    parser.add_argument("--no-gate", action="store_true", help="compare only")
    parser.add_argument("--details", default="details.md", metavar="FILE")
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), metavar="N")
    asked = parser.parse_args()
    histories = histories_of(parser, asked)

    exit_code, written = 0, []
    print(table_line(heading(asked)))
    print(table_line("---" for _ in heading(asked)))
    for history in histories:
        try:
            done, left_out = measure(history, asked)
            if not done:
                raise CannotRun("no commit to compare")
        except CannotRun as wrong:
            print(f"{history.label}: {wrong}", file=sys.stderr)
            exit_code = 2
            continue
        print(table_line(row(history, done, left_out, asked)), flush=True)
        written += details(history, done, left_out)
        if exit_code != 2:
            failed = any(outcome.errors for outcome in done)
            differs = any(outcome.differences for outcome in done)
            exit_code = 2 if failed else max(exit_code, int(differs))
    if asked.self_check:
        print("\n".join(line for line in written if "left out" in line), file=sys.stderr)
    else:
        with open(asked.details, "w", encoding="utf-8") as file:
            file.write("# Differences, stops and warnings\n" + "\n".join(written) + "\n")
    return exit_code


if __name__ == "__main__":
    sys.exit(main())
