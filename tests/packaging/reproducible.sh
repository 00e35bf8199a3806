#!/usr/bin/env bash
# Two builds of the last commit in different places, without a compiler cache, give the same packages, byte by byte.
#
#   tests/packaging/reproducible.sh WORK
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
mkdir -p "$1"
work=$(realpath "$1")
export CCACHE_DISABLE=1
commit=$(git -C "$root" rev-parse HEAD)  # of both, whatever comes meanwhile
for place in "$work/one" "$work/another/deeper"; do
  rm -rf "$place"
  mkdir -p "$(dirname "$place")"
  git clone --quiet "$root" "$place"
  git -C "$place" checkout --quiet --detach "$commit"
  "$place/packaging/build.sh" --quick >/dev/null
done
diff "$work/one/build-packages/packages/SHA256SUMS" "$work/another/deeper/build-packages/packages/SHA256SUMS" && echo "the same: $(wc -l <"$work/one/build-packages/packages/SHA256SUMS") files"
