#!/usr/bin/env python3
"""An independent reading of what changed between two lock files.

This program exists to check another one. It answers one question, "which
(name, version) pairs did the lock file hold before and not after, and the other
way round?", in another language, from the formats' descriptions alone, sharing no
code with the program it checks. It uses nothing but the standard library and
reads only the few lines of each format that answer the question.

    lock_changes.py OLD NEW [--format cargo|go|npm|pipenv|pnpm|poetry|pylock|requirements|uv|yarn]

OLD or NEW may be /dev/null (no lock file on that side). Prints
{"removed": [[name, version], ...], "added": [[name, version], ...]}.

What counts as a pair:
  Cargo.lock         every [[package]] table
  package-lock 1     `dependencies`, recursively; an alias by its real name
  package-lock 2, 3  every entry of `packages` but the root and links
  pnpm 5, 6, 9       every key of `packages`, peer suffix stripped; `name` and
                     `version` inside the entry win; of a file of several YAML
                     documents (pnpm 11 puts its own tools first) all count
  go.mod             every `require`; by a `replace` the module that takes its place,
                     or the module itself where that is a folder
  Pipfile.lock       every entry of every category, names in normal form (PEP 503);
                     one of a repository, a folder or an address has no version
  poetry.lock        every [[package]] table, names in normal form
  pylock.toml        every [[packages]] table, names in normal form
  requirements       every line that names one version (`==`, `===`), an address or
                     a repository, names in normal form; the version of an address
                     is the one in the archive's name, if any
  uv.lock            every [[package]] table, names in normal form; a package
                     without a version has the empty one
  yarn classic       every block; an alias by its real name
  yarn berry         every `resolution` but the root workspace's
"""

import argparse
import json
import os
import re
import sys
import tomllib
import urllib.parse

NAMES = {
    "Cargo.lock": "cargo",
    "go.mod": "go",
    "package-lock.json": "npm",
    "npm-shrinkwrap.json": "npm",
    "Pipfile.lock": "pipenv",
    "pnpm-lock.yaml": "pnpm",
    "poetry.lock": "poetry",
    "uv.lock": "uv",
    "yarn.lock": "yarn",
}


class Unreadable(Exception):
    """The text is not a lock file this reader understands."""


def format_of(path):
    folder, name = os.path.split(path)
    if name in NAMES:
        return NAMES[name]
    if re.fullmatch(r"pylock(\.[^.]+)?\.toml", name):
        return "pylock"
    if re.fullmatch(r".*requirements.*\.(txt|lock)|.*constraints.*\.txt", name):
        return "requirements"
    return "requirements" if os.path.basename(folder) == "requirements" and name.endswith(".txt") else None


def split_name(text):
    """`@scope/name@rest` -> (`@scope/name`, `rest`); the first character may be an @."""
    at = text.find("@", 1)
    return (text, "") if at < 0 else (text[:at], text[at + 1:])


# Each reader gives (variant, entries): the format's version as the file states it, and
# a list of (name, version), one for every entry, duplicates included.

def read_cargo(text):
    lock = tomllib.loads(text)
    entries = [(p["name"], p["version"]) for p in lock.get("package", [])]
    return f"cargo {lock.get('version', '1 or 2')}", entries


def normalised(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def read_poetry(text):
    lock = tomllib.loads(text)
    entries = [(normalised(p["name"]), p["version"]) for p in lock.get("package", [])]
    return f"poetry {lock.get('metadata', {}).get('lock-version', 'unstated')}", entries


def read_uv(text):
    lock = tomllib.loads(text)
    entries = [(normalised(p["name"]), p.get("version", "")) for p in lock.get("package", [])]
    return f"uv {lock['version']}", entries


def read_go(text):
    required, replaced = [], {}
    for words in go_lines(text):
        if words[0] == "require":
            required.append((words[1], words[2]))
        elif words[0] == "replace":
            arrow = words.index("=>")
            new = words[arrow + 1:]
            replaced[tuple(words[1:arrow])] = tuple(new) if len(new) == 2 else None
    entries = []
    for module in required:
        key = module if module in replaced else module[:1]
        entries.append(replaced.get(key) or module)
    return "go.mod", entries


def go_lines(text):
    """The words of every directive; those of a block with the block's name in front."""
    block = None
    for number, line in enumerate(text.split("\n"), 1):
        words = [word.strip('"`') for word in re.sub(r"//.*", "", line).replace("(", " ( ").replace(")", " ) ").split()]
        if not words or words[1:] == ["(", ")"]:
            continue
        if block is None and words[-1] == "(":
            block = words[0]
        elif words == [")"] and block is not None:
            block = None
        elif words[0] in ("<<<<<<<", ">>>>>>>", "======="):
            raise Unreadable(f"line {number}: a conflict marker")
        else:
            yield words if block is None else [block, *words]
    if block is not None:
        raise Unreadable(f"the block `{block}` does not end")


def read_pylock(text):
    lock = tomllib.loads(text)
    entries = [(normalised(p["name"]), p.get("version", "")) for p in lock.get("packages", [])]
    return f"pylock {lock['lock-version']}", entries


def read_pipenv(text):
    lock = json.loads(text)
    spec = lock.pop("_meta").get("pipfile-spec", "unstated")
    return f"pipfile-spec {spec}", [
        (normalised(name), package.get("version", "").lstrip("=").replace("*", ""))
        for category in lock.values() for name, package in category.items()]


def read_requirements(text):
    """Lines as pip joins them: a backslash at the end continues, but not that of a comment."""
    entries, hashed = [], False
    for line in re.sub(r"\\\n", "", re.sub(r"^\s*#.*", " #", text, flags=re.M)).split("\n"):
        line = re.sub(r"(^|\s)#.*", "", line).strip()
        if re.match(r"[<>=]{7}", line):
            raise Unreadable(f"a conflict marker: {line[:60]}")
        hashed = hashed or "--hash" in line
        line = re.sub(r"^(-e|--editable)[ =]", "", line).split(" --")[0].strip()
        if not line or line.startswith("-"):
            continue
        entries += requirement(line)
    return "requirements with hashes" if hashed else "requirements", entries


def requirement(line):
    """The pair that a line pins, in a list, which is empty where it pins none."""
    named = re.match(r"([A-Za-z0-9][\w.-]*)\s*(?:\[[^\]]*\])?\s*(.*)$", line)
    if named and named[2].startswith("@"):
        return [(normalised(named[1]), version_of_address(named[2][1:].strip()))]
    if "://" in line:
        address = line.split(" ")[0]
        egg = re.search(r"[#&]egg=([\w.-]+)", address)
        file = address.split("#")[0].rstrip("/").rsplit("/", 1)[-1]
        name = egg[1] if egg else re.split(r"\.git|@", file)[0] if address[:4] == "git+" else file.split("-")[0]
        return [(normalised(name), version_of_address(address))]
    if not named:
        return []
    pinned = re.search(r"(?:^|[,(\s])={2,3}\s*([^\s,;)]+)", named[2].split(";")[0])
    return [(normalised(named[1]), pinned[1])] if pinned and not pinned[1].endswith("*") else []


def version_of_address(address):
    """What the name of a wheel or a source archive at an address says."""
    if address[:4] in ("git+", "hg+h", "svn+", "bzr+"):
        return ""
    file = urllib.parse.urlsplit(address.split(" ")[0]).path.rsplit("/", 1)[-1]
    found = re.match(r".+?-(\d[^-]*?)(?:-.*\.whl|\.tar\.\w+|\.zip|\.tgz)$", file)
    return found[1] if found else ""


def read_npm(text):
    lock = json.loads(text)
    variant = f"npm {lock.get('lockfileVersion', 1)}"
    if "packages" in lock:
        return variant, list(npm_packages(lock["packages"]))
    return variant, list(npm_dependencies(lock.get("dependencies", {})))


def npm_packages(packages):
    for path, entry in packages.items():
        if path == "" or entry.get("link"):
            continue
        head, marker, tail = path.rpartition("node_modules/")
        name = entry.get("name") or (tail if marker else path.rsplit("/", 1)[-1])
        yield name, entry.get("version") or entry.get("resolved") or ""


def npm_dependencies(dependencies):
    for name, entry in dependencies.items():
        version = entry.get("version") or entry.get("resolved") or ""
        if version.startswith("npm:"):
            name, version = split_name(version[4:])
        yield name, version
        yield from npm_dependencies(entry.get("dependencies", {}))


def unquoted(scalar):
    """A YAML scalar of one line as pnpm and yarn write them."""
    if scalar[:1] == "'":
        return scalar[1:-1].replace("''", "'")
    if scalar[:1] == '"':
        return json.loads(scalar)
    return scalar


def read_pnpm(text):
    found = re.findall(r"^lockfileVersion:\s*'?([0-9.]+)", text, re.M)
    if not found:
        raise Unreadable("no lockfileVersion")
    entries = []
    for key, fields in pnpm_entries(text):
        name, version = pnpm_key(key, float(found[-1]))
        entries.append((fields.get("name", name), fields.get("version", version)))
    documents = "" if len(found) == 1 else f" ({len(found)} documents)"
    return f"pnpm {found[-1]}{documents}", entries


def pnpm_entries(text):
    """The keys of every top-level `packages:`, each with the entry's scalar fields."""
    inside, key, fields = False, None, {}
    for number, line in enumerate(text.split("\n"), 1):
        line = line.rstrip()
        if line[:1] not in ("", " ", "#"):  # a top-level key, or `---`
            if not re.match(r"---$|\w+:", line):
                raise Unreadable(f"line {number}: no key: {line[:60]}")
            if key is not None:
                yield key, fields
            inside, key = line == "packages:", None
        elif not inside or not line:
            continue
        elif line.startswith("  : ") and key is not None:  # value of a long key
            note(line[4:], fields)
        elif line[:2] == "  " and line[2] != " ":
            if key is not None:
                yield key, fields
            body = line[2:]
            if body.startswith("? "):  # YAML's spelling of a long key
                body = body[2:]
            elif body.endswith(":"):
                body = body[:-1]
            else:
                raise Unreadable(f"line {number}: no key: {line[:60]}")
            key, fields = unquoted(body), {}
        elif line[:4] == "    " and line[4] != " ":
            note(line[4:], fields)
    if key is not None:
        yield key, fields


def note(field, fields):
    name, colon, value = field.partition(": ")
    if colon and name in ("name", "version"):
        fields[name] = unquoted(value.strip())


def pnpm_key(key, lock_version):
    """(name, version) as the key of an entry states them."""
    if lock_version >= 6:
        plain = key.split("(", 1)[0]
        if lock_version >= 9:
            return split_name(plain)
        return split_name(plain[1:]) if plain.startswith("/") else (plain, plain)
    if not key.startswith("/"):
        return key, key
    parts = key[1:].split("/")
    scoped = 2 if parts[0].startswith("@") else 1
    return "/".join(parts[:scoped]), parts[scoped].split("_", 1)[0]


def read_yarn(text):
    berry = re.search(r"^__metadata:\s*\n  version: (\S+)", text, re.M)
    variant = f"yarn berry {berry[1]}" if berry else "yarn classic"
    entries = []
    for header, fields in yarn_blocks(text):
        if header == "__metadata":
            continue
        if "version" not in fields:
            raise Unreadable(f"no version: {header[:60]}")
        if not berry:
            entries += [(name, fields["version"]) for name in yarn_names(header)]
        elif not fields["resolution"].endswith("@workspace:."):
            entries.append((split_name(fields["resolution"])[0], fields["version"]))
    return variant, entries


def yarn_blocks(text):
    """Every block's header, and its `version` and `resolution`."""
    header, fields = None, {}
    for number, line in enumerate(text.split("\n"), 1):
        line = line.rstrip()
        if line in ("", ":") or line.startswith("#"):
            continue
        if not line.startswith(" "):
            if header is not None:
                yield header, fields
            if line.startswith("? "):  # YAML's spelling of a long key, `:` on its own line
                line = line[2:] + ":"
            if not line.endswith(":"):
                raise Unreadable(f"line {number}: no header: {line[:60]}")
            header, fields = line[:-1], {}
        elif found := re.match(r'  "?(version|resolution)"?:? (.+)$', line):
            fields[found[1]] = unquoted(found[2])
    if header is not None:
        yield header, fields


def yarn_names(header):
    """The real names a classic header stands for: one, unless it is a strange file."""
    names = set()
    for pattern in re.findall(r'"[^"]*"|[^",\s]+', header):
        name, wanted = split_name(unquoted(pattern))
        names.add(split_name(wanted[4:])[0] if wanted.startswith("npm:") else name)
    return sorted(names)


READERS = {"cargo": read_cargo, "go": read_go, "npm": read_npm, "pipenv": read_pipenv, "pnpm": read_pnpm,
           "poetry": read_poetry, "pylock": read_pylock, "requirements": read_requirements, "uv": read_uv,
           "yarn": read_yarn}


def read(text, format):
    """(variant, entries) of a lock file's text; nothing at all of an empty one."""
    if not text.strip():
        return None, []
    try:
        return READERS[format](text.removeprefix("\ufeff").replace("\r\n", "\n"))
    except (ValueError, KeyError, AttributeError, TypeError, IndexError) as wrong:
        raise Unreadable(f"{type(wrong).__name__}: {wrong}") from wrong


def changes(old, new):
    """The distinct pairs gone and come."""
    old, new = set(old), set(new)
    return {
        "removed": [list(pair) for pair in sorted(old - new)],
        "added": [list(pair) for pair in sorted(new - old)],
    }


def main():
    parser = argparse.ArgumentParser(description="Which packages two lock files differ in.")
    parser.add_argument("old")
    parser.add_argument("new")
    parser.add_argument("--format", choices=sorted(READERS))
    asked = parser.parse_args()
    format = asked.format or format_of(asked.old) or format_of(asked.new)
    if format is None:
        parser.error("the names do not tell the format: give --format")
    sides = []
    for path in (asked.old, asked.new):
        with open(path, encoding="utf-8", newline="") as file:
            try:
                sides.append(read(file.read(), format)[1])
            except Unreadable as wrong:
                sys.exit(f"{path}: {wrong}")
    json.dump(changes(*sides), sys.stdout, indent=1, ensure_ascii=False)
    print()


if __name__ == "__main__":
    main()
