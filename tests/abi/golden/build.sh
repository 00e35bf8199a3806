#!/bin/sh
# Builds the golden plugins of the ABI that the tree has, into a directory: build.sh DIRECTORY
set -eu
root=$(cd "$(dirname "$0")/../../.." && pwd)
out=$1
cd "$root"
minor=$(sed -n 's/^#define OBSERVERD_ABI_NEWEST_MINOR //p' sdk/include/observerd/plugin.h)
# No path of this machine gets into the files: they are the same wherever they are built.
flags="-O2 -fPIC -fvisibility=hidden -ffile-prefix-map=$root=. -Isdk/include -shared -Wl,--build-id=none
  -Wl,--version-script=sdk/cmake/plugin.map -Wl,-z,defs -Wl,-z,now -Wl,-z,nodelete"
# shellcheck disable=SC2086  # the flags are several words
gcc-12 -std=c11 $flags -o "$out/good-1.$minor.so" tests/plugins/good.c
# shellcheck disable=SC2086
g++-12 -std=c++17 -fvisibility-inlines-hidden $flags -o "$out/async-1.$minor.so" tests/plugins/async.cpp -pthread
strip --strip-unneeded "$out/good-1.$minor.so" "$out/async-1.$minor.so"
cd "$out" && sha256sum "good-1.$minor.so" "async-1.$minor.so"
