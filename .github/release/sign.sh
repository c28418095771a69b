#!/usr/bin/env bash
# Signs SHA256SUMS in a folder with the key in RELEASE_SIGNING_KEY, an OpenSSH private key without a passphrase.
#
# usage: sign.sh FOLDER ALLOWED_SIGNERS
#
# Refuses files that are not what SHA256SUMS says, files it does not list, and a key that ALLOWED_SIGNERS does not allow:
# nobody could verify what such a key signs. A refused folder is left without a signature.
set -euo pipefail

if [ $# -ne 2 ]; then echo 'usage: sign.sh FOLDER ALLOWED_SIGNERS' >&2; exit 2; fi
allowed="$(realpath "$2")"
cd "$1"
refuse() { echo "error: $*" >&2; exit 1; }

rm -f SHA256SUMS.sig
sha256sum --check --strict --quiet SHA256SUMS || refuse 'expected the files that SHA256SUMS lists, found others'
listed="$(sed 's/^[0-9a-f]\{64\} [ *]//' SHA256SUMS | LC_ALL=C sort)"
found="$(find . -mindepth 1 -maxdepth 1 ! -name SHA256SUMS -printf '%f\n' | LC_ALL=C sort)"
[ "$listed" = "$found" ] || refuse "expected only what SHA256SUMS lists, found: $found"

[ -n "${RELEASE_SIGNING_KEY:-}" ] || refuse 'expected a private key in RELEASE_SIGNING_KEY, found none'
keep="$(mktemp -d)"
trap 'rm -rf "$keep"' EXIT
# OpenSSH reads a key only from a file that nobody else can read, and only with a line end at its end.
(umask 077 && printf '%s\n' "$RELEASE_SIGNING_KEY" > "$keep/key")
public="$(ssh-keygen -y -P '' -f "$keep/key")" ||
  refuse 'expected an OpenSSH private key without a passphrase in RELEASE_SIGNING_KEY'

ssh-keygen -q -Y sign -n file -f "$keep/key" < SHA256SUMS > "$keep/signature"
ssh-keygen -q -Y verify -n file -I release@portcullis -f "$allowed" -s "$keep/signature" < SHA256SUMS ||
  refuse "expected a key that $(basename "$allowed") allows for release@portcullis, found: $public"
install -m 644 "$keep/signature" SHA256SUMS.sig
