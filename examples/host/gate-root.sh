#!/bin/sh
# Gates a root filesystem before it ships: gate-root.sh ROOT [OPTION…]
#
# ROOT is a directory, a tarball of one, or an image; options go on to `portcullis host check`. Beside ROOT stand in the end
# ROOT.sarif for code scanning, ROOT.report.json for programs and, if it passes, ROOT.host.json: what is known of it, to compare
# the next one with (`--baseline`). The exit code is the verdict: 0 it may ship, 1 it may not, 2 it could not be judged.
set -eu

root=${1:?expected a directory, a tarball or an image}
shift
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
name=${root%/}

portcullis host check --root "$root" --policy "$here/portcullis-host.toml" \
    --format human --format "sarif=$name.sarif" --format "json=$name.report.json" "$@"
portcullis host snapshot --root "$root" -o "$name.host.json"
