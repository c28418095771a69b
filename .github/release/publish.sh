#!/usr/bin/env bash
# Publishes the files in a folder as the release of a tag, with the tag's section of CHANGELOG.md as its notes.
#
# usage: publish.sh TAG FOLDER
set -euo pipefail

if [ $# -ne 2 ]; then echo 'usage: publish.sh TAG FOLDER' >&2; exit 2; fi
tag="$1"
folder="$2"

if [ ! -f "$folder/SHA256SUMS.sig" ]; then
  echo "error: expected a signature in $folder/SHA256SUMS.sig, found none" >&2
  exit 1
fi
# A version such as 1.0.0-rc.1 does not become the latest one.
options=()
case "$tag" in *-*) options+=(--prerelease) ;; esac
section="$(awk -v heading="## [${tag#v}]" '/^## \[/ { inside = index($0, heading) == 1; next } inside' CHANGELOG.md)"
gh release create "$tag" --verify-tag --title "$tag" "${options[@]}" --notes "$section

Verify these files before you use them: docs/install.md says how." "$folder"/*
