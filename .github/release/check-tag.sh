#!/usr/bin/env bash
# Refuses a tag that does not name what it releases: the version in Cargo.toml, a section of CHANGELOG.md, and a commit
# that has been reviewed on the main branch.
#
# usage: check-tag.sh TAG MAIN
set -euo pipefail

if [ $# -ne 2 ]; then echo 'usage: check-tag.sh TAG MAIN' >&2; exit 2; fi
tag="$1"
main="$2"
refuse() { echo "error: $*" >&2; exit 1; }

version="$(sed -n '/^\[package\]$/,/^$/s/^version = "\(.*\)"$/\1/p' Cargo.toml)"
[ "$tag" = "v$version" ] || refuse "expected the tag \`v$version\`, which Cargo.toml names, found \`$tag\`"
grep --quiet --fixed-strings "## [$version]" CHANGELOG.md ||
  refuse "expected a section \`## [$version]\` in CHANGELOG.md, found none"
git merge-base --is-ancestor HEAD "$main" || refuse "expected a commit of \`$main\`, found $(git rev-parse HEAD)"
