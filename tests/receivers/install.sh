#!/usr/bin/env bash
# tests/receivers/install.sh BUILD-DIRECTORY
#
# Puts the npm packages of package-lock.json into BUILD-DIRECTORY/receivers, for the tests that
# verify what observerd sends with the libraries that receivers use. Does nothing, and needs no
# network, when they are there. Runs no script of any package.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
target=$1/receivers
cmp -s "$here/package-lock.json" "$target/installed.json" && exit 0
mkdir -p "$target"
cp "$here/package.json" "$here/package-lock.json" "$target/"
(cd "$target" && npm ci --ignore-scripts --no-audit --no-fund --loglevel=error)
cp "$here/package-lock.json" "$target/installed.json"
