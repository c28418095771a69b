#!/usr/bin/env bash
# Packs a release: an archive of each binary, the SBOM, the provenance, and SHA256SUMS over all files in OUT. The same
# binaries at the same commit give the same bytes.
#
# usage: pack.sh BINARIES OUT [SBOM-OPTION]...
#
# BINARIES holds <target>/portcullis for each target; packages that deb.sh left in OUT are listed too. SBOM-OPTIONs go to
# `portcullis sbom generate`. PORTCULLIS names a binary that runs here; by default it is the static one for this machine.
set -euo pipefail

if [ $# -lt 2 ]; then echo 'usage: pack.sh BINARIES OUT [SBOM-OPTION]...' >&2; exit 2; fi
mkdir -p "$2"
binaries="$(cd "$1" && pwd)"
out="$(cd "$2" && pwd)"
shift 2
here="$(cd "$(dirname "$0")" && pwd)"
cd "$here/../.."

portcullis="${PORTCULLIS:-$binaries/$(uname -m)-unknown-linux-musl/portcullis}"
version="$(sed -n '/^\[package\]$/,/^$/s/^version = "\(.*\)"$/\1/p' Cargo.toml)"
SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct)}"
export SOURCE_DATE_EPOCH
stage="$(mktemp -d)"
trap 'rm -rf "$stage"' EXIT

"$here/share.sh" "$portcullis" "$stage/share"
for binary in "$binaries"/*/portcullis; do
  name="portcullis-$version-$(basename "$(dirname "$binary")")"
  mkdir "$stage/$name"
  cp -r "$stage/share/." "$stage/$name/"
  cp LICENSE-APACHE LICENSE-MIT README.md CHANGELOG.md Dockerfile "$stage/$name/"
  install -m 755 "$binary" "$stage/$name/portcullis"
  # Nothing of this machine goes in: no owner, no mode beyond what matters, one time for all, one order.
  tar --create --directory "$stage" --format ustar --sort name --mtime "@$SOURCE_DATE_EPOCH" \
    --owner 0 --group 0 --numeric-owner --mode 'u=rwX,go=rX' "$name" |
    gzip --no-name --best > "$out/$name.tar.gz"
done

# What the binary is made of, and not what the tests, the examples and the workflows of the repository use.
mkdir "$stage/sources"
cp -r Cargo.toml Cargo.lock src benches "$stage/sources/"
"$portcullis" sbom generate "$@" "$stage/sources" -o "cyclonedx-json=$out/portcullis-$version.cdx.json"

rm -f "$out"/SHA256SUMS* "$out/portcullis-$version.provenance.json"
# It tells of a run of the workflow, so only such a run can make it; all else can be packed by anybody, to compare.
if [ "${GITHUB_ACTIONS:-}" = true ]; then
  "$here/provenance.sh" "$out" > "$stage/provenance.json"
  install -m 644 "$stage/provenance.json" "$out/portcullis-$version.provenance.json"
else
  echo 'note: no provenance, which a run of the release workflow writes' >&2
fi
cd "$out"
find . -maxdepth 1 -type f -printf '%f\n' | LC_ALL=C sort | xargs --delimiter '\n' sha256sum > "$stage/SHA256SUMS"
install -m 644 "$stage/SHA256SUMS" SHA256SUMS
