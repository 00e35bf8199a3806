#!/usr/bin/env bash
# All packages, deb and rpm, in one command:
#
#   packaging/build.sh [--build DIR] [--output DIR] [--deb | --rpm] [--quick]
#
# Builds into DIR (build-packages), or takes what was built there before, with the flags it was
# configured with. The packages, an SBOM and SHA256SUMS go to the other DIR (DIR/packages). The time inside
# them is SOURCE_DATE_EPOCH, by default that of the last commit, so that the same source gives the
# same bytes. --quick: compressed less, for tests.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=$root/build-packages output='' generators='DEB;RPM' compression=xz
usage() {
  sed -n '2,9p' "$0" | cut -c3-
  exit "$1"
}
while [ $# -gt 0 ]; do
  case "$1" in
    --build) build=$(realpath -m "${2:?--build wants a directory}") && shift ;;
    --output) output=$(realpath -m "${2:?--output wants a directory}") && shift ;;
    --deb) generators=DEB ;;
    --rpm) generators=RPM ;;
    --quick) compression=gzip ;;
    -h | --help) usage 0 ;;
    *) usage 2 >&2 ;;
  esac
  shift
done
output=${output:-$build/packages}
umask 022
if [ -z "${SOURCE_DATE_EPOCH:-}" ]; then
  SOURCE_DATE_EPOCH=$(git -C "$root" log -1 --format=%ct 2>/dev/null) ||
    { echo "packaging/build.sh: no git here, so SOURCE_DATE_EPOCH has to say which time the packages carry" >&2; exit 2; }
fi
export SOURCE_DATE_EPOCH

if command -v dpkg >/dev/null; then
  "$root/packaging/install-dependencies.sh" build package
else
  generators=${generators/DEB;/}  # where there is no dpkg, what packaging/dependencies names has to be there
fi
log=$(mktemp)
trap 'rm -f "$log"' EXIT
quietly() {
  if ! "$@" >"$log" 2>&1; then
    tail -n 40 "$log" >&2
    exit 1
  fi
}
if [ ! -f "$build/CMakeCache.txt" ]; then
  # As distributions harden what they build; nothing in the files tells where they were built.
  flags="-fstack-protector-strong -fstack-clash-protection -fcf-protection -Wformat -Werror=format-security"
  flags+=" -D_FORTIFY_SOURCE=2 -ffile-prefix-map=$build=. -ffile-prefix-map=$root=."
  links="-Wl,-z,relro -Wl,-z,now"
  quietly cmake -S "$root" -B "$build" -G Ninja -DOBSERVERD_BUILD_TESTS=OFF -DOBSERVERD_DEBUG_INFO=2 \
    "-DCMAKE_CXX_FLAGS=$flags" "-DCMAKE_C_FLAGS=$flags" \
    "-DCMAKE_EXE_LINKER_FLAGS=$links" "-DCMAKE_MODULE_LINKER_FLAGS=$links"
fi
quietly cmake --build "$build" --target packaging_manual
if [ -d "$output" ] && [ ! -f "$output/SHA256SUMS" ] && [ -n "$(ls -A "$output")" ]; then
  echo "packaging/build.sh: $output is not empty and holds no packages of before; choose another --output" >&2
  exit 2
fi
rm -rf "$output"
mkdir -p "$output"
: >"$output/SHA256SUMS"  # ours, also when this is interrupted
# Only what the packages are asked for: file names and sums are the result.
quietly env -C "$build" cpack -G "$generators" -B "$output" -D "CPACK_DEBIAN_COMPRESSION_TYPE=$compression"
rm -rf "$output/_CPack_Packages"
version=$(sed -n 's/^CMAKE_PROJECT_VERSION:STATIC=//p' "$build/CMakeCache.txt")
"$root/packaging/sbom.py" "$build/bin" "$build/plugins" "$version" "$output" >"$output/observerd.cdx.json"
cd "$output"
shopt -s nullglob
sha256sum -- *.deb *.rpm *.json >SHA256SUMS
ls "$output"
