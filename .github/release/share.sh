#!/usr/bin/env bash
# Writes what an installation has beside the binary, as the binary itself prints it: the manual page and completions.
#
# usage: share.sh PORTCULLIS OUT
set -euo pipefail

if [ $# -ne 2 ]; then echo 'usage: share.sh PORTCULLIS OUT' >&2; exit 2; fi
portcullis="$1"
out="$2"

mkdir -p "$out/man" "$out/completions"
"$portcullis" man > "$out/man/portcullis.1"
"$portcullis" completions bash > "$out/completions/portcullis.bash"
"$portcullis" completions fish > "$out/completions/portcullis.fish"
"$portcullis" completions zsh > "$out/completions/_portcullis"
