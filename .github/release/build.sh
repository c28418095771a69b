#!/usr/bin/env bash
# Builds the static binaries of a release, each into OUT/<target>/portcullis.
#
# usage: build.sh OUT
#
# Every tool has one version, so that anybody can build the same again: the Rust toolchain and cargo-zigbuild below, zig
# by the digest in requirements.txt. Paths of this machine are kept out of the binaries.
set -euo pipefail

toolchain=1.95.0
zigbuild=0.24.1
targets=(x86_64-unknown-linux-musl aarch64-unknown-linux-musl)

if [ $# -ne 1 ]; then echo 'usage: build.sh OUT' >&2; exit 2; fi
mkdir -p "$1"
out="$(cd "$1" && pwd)"
here="$(cd "$(dirname "$0")" && pwd)"
cd "$here/../.."

export RUSTUP_TOOLCHAIN="$toolchain"
rustup run "$toolchain" rustc --version >/dev/null 2>&1 ||
  rustup toolchain install "$toolchain" --profile minimal --no-self-update
rustup target add "${targets[@]}"

tools="$(mktemp -d)"
trap 'rm -rf "$tools"' EXIT
python3 -m venv "$tools/python"
"$tools/python/bin/pip" install --quiet --require-hashes --no-deps --only-binary :all: -r "$here/requirements.txt"
if [ "$(cargo-zigbuild --version 2>/dev/null || true)" != "cargo-zigbuild $zigbuild" ]; then
  cargo install --quiet --locked --version "$zigbuild" --root "$tools/cargo" cargo-zigbuild
fi
# cargo-zigbuild asks the first python3 for zig.
export PATH="$tools/python/bin:$tools/cargo/bin:$PATH"

home="${CARGO_HOME:-$HOME/.cargo}"
SOURCE_DATE_EPOCH="$(git log -1 --format=%ct)"
export SOURCE_DATE_EPOCH
export CARGO_INCREMENTAL=0
export RUSTFLAGS="--remap-path-prefix=$home=/cargo --remap-path-prefix=$PWD=/portcullis"
export CFLAGS="-ffile-prefix-map=$home=/cargo -ffile-prefix-map=$PWD=/portcullis"

for target in "${targets[@]}"; do
  cargo zigbuild --release --locked --bin portcullis --target "$target"
  install -D -m 755 "${CARGO_TARGET_DIR:-target}/$target/release/portcullis" "$out/$target/portcullis"
done
