#!/usr/bin/env bash
# Installs the Debian packages of packaging/dependencies for the given purposes:
#   packaging/install-dependencies.sh build run test
# Does nothing, and needs no network and no root, when all are there.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)

wanted=()
while read -r purpose package _; do
  for asked in "$@"; do
    if [ "$purpose" = "$asked" ]; then wanted+=("$package"); fi
  done
done < <(grep -v '^#' "$here/dependencies")

missing=()
for package in "${wanted[@]}"; do
  status=$(dpkg-query -W -f='${Status}' "$package" 2>/dev/null || true)
  [ "$status" = "install ok installed" ] || missing+=("$package")
done
[ ${#missing[@]} -gt 0 ] || exit 0

as_root=()
if [ "$(id -u)" != 0 ]; then
  command -v sudo >/dev/null || {
    echo "These packages are missing, and this is neither root nor is there sudo: ${missing[*]}" >&2
    exit 1
  }
  as_root=(sudo)
fi
echo "Installing ${#missing[@]} Debian packages: ${missing[*]}"
export DEBIAN_FRONTEND=noninteractive
log=$(mktemp)
trap 'rm -f "$log"' EXIT
# The postgresql package would start a server of its own: observerd's scripts start private ones.
run() {
  if ! "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive "$@" >"$log" 2>&1; then
    echo "failed: $*" >&2
    tail -n 20 "$log" >&2
    exit 1
  fi
}
run apt-get update
run apt-get install -y --no-install-recommends "${missing[@]}"
