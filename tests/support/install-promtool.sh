#!/usr/bin/env bash
# tests/support/install-promtool.sh BUILD-DIRECTORY
#
# Puts promtool, which checks metrics and alert rules, into BUILD-DIRECTORY/promtool: out of Debian's
# package prometheus, without installing that, as it would start a server. Does nothing when it is there.
set -euo pipefail
target=$(mkdir -p "$1/promtool" && cd "$1/promtool" && pwd)
[ -x "$target/promtool" ] && exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
apt-get download prometheus >/dev/null 2>&1 || {
  echo "the package prometheus cannot be fetched" >&2
  exit 1
}
dpkg-deb -x prometheus_*.deb .
mv usr/bin/promtool "$target/promtool"
