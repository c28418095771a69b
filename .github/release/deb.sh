#!/usr/bin/env bash
# Makes a Debian package of each binary that build.sh built, into OUT.
#
# usage: deb.sh BINARIES OUT
#
# PORTCULLIS names a binary that runs here; by default it is the static one for this machine.
set -euo pipefail

cargo_deb=3.8.0

if [ $# -ne 2 ]; then echo 'usage: deb.sh BINARIES OUT' >&2; exit 2; fi
mkdir -p "$2"
binaries="$(cd "$1" && pwd)"
out="$(cd "$2" && pwd)"
here="$(cd "$(dirname "$0")" && pwd)"
cd "$here/../.."

tools="$(mktemp -d)"
trap 'rm -rf "$tools"' EXIT
if [ "$(cargo-deb --version 2>/dev/null || true)" != "cargo-deb $cargo_deb" ]; then
  cargo install --quiet --locked --version "$cargo_deb" --root "$tools" cargo-deb
  export PATH="$tools/bin:$PATH"
fi

SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}"
export SOURCE_DATE_EPOCH
# The paths that `package.metadata.deb` in Cargo.toml names.
"$here/share.sh" "${PORTCULLIS:-$binaries/$(uname -m)-unknown-linux-musl/portcullis}" target/share
for binary in "$binaries"/*/portcullis; do
  target="$(basename "$(dirname "$binary")")"
  install -D -m 755 "$binary" "${CARGO_TARGET_DIR:-target}/$target/release/portcullis"
  cargo deb --locked --no-build --no-strip --target "$target" --output "$out/"
done
