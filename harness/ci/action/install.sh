#!/usr/bin/env bash
# Puts `tokenspec` on the path of the steps that follow: builds this checkout, or fetches a release and
# holds it against its checksum.
set -euo pipefail

bin="${RUNNER_TEMP:?}/tokenspec-bin"
mkdir -p "$bin"
version="${TOKENSPEC_VERSION:-source}"
if [ "$version" = source ]; then
  root="$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)"
  cargo build --release --locked --manifest-path "$root/Cargo.toml"
  cp "${CARGO_TARGET_DIR:-$root/target}/release/tokenspec" "$bin/"
else
  case "$(uname -s)-$(uname -m)" in
    Linux-x86_64) triple=x86_64-unknown-linux-musl ;;
    Linux-aarch64) triple=aarch64-unknown-linux-musl ;;
    Darwin-arm64) triple=aarch64-apple-darwin ;;
    Darwin-x86_64) triple=x86_64-apple-darwin ;;
    *) echo "tokenspec: there is no release for $(uname -s) $(uname -m); use version: source" >&2; exit 2 ;;
  esac
  name="tokenspec-$version-$triple.tar.gz"
  base="${TOKENSPEC_RELEASES:-${GITHUB_SERVER_URL:?}/${GITHUB_ACTION_REPOSITORY:?}/releases/download}/$version"
  cd "$bin"
  for file in "$name" "$name.sha256"; do
    curl --fail --silent --show-error --location --retry 3 --output "$file" "$base/$file"
  done
  # The name in the list is the file's alone; anything else is refused.
  if command -v sha256sum >/dev/null; then sha256sum --check --strict "$name.sha256"
  else shasum -a 256 --check "$name.sha256"; fi
  tar -xzf "$name" tokenspec
  rm -f -- "$name" "$name.sha256"
fi
"$bin/tokenspec" --version
echo "$bin" >>"${GITHUB_PATH:?}"
