#!/usr/bin/env bash
# From nothing to a running demonstration: installs what the build needs, builds, and runs the main
# job on a private PostgreSQL. Safe to run twice and to interrupt. Arguments go to `observerd demo`
# (--keep leaves it running).
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=${OBSERVERD_BUILD_DIR:-$root/build}
step() { if [ -t 1 ]; then printf '\033[1m== %s\033[0m\n' "$*"; else printf '== %s\n' "$*"; fi; }

case "${1:-}" in
  -h | --help)
    echo "Usage: packaging/quickstart.sh [--keep]"
    exit 0
    ;;
esac

step "Packages"
"$root/packaging/install-dependencies.sh" build run

step "Build (a few minutes the first time)"
configure=(cmake -S "$root" -B "$build" -G Ninja -DOBSERVERD_BUILD_TESTS=OFF)
# A build directory that tests were configured in keeps them.
[ -f "$build/CMakeCache.txt" ] && configure=(cmake -S "$root" -B "$build")
log=$(mktemp)
trap 'rm -f "$log"' EXIT
if ! "${configure[@]}" >"$log" 2>&1; then
  cat "$log" >&2
  exit 1
fi
if [ -t 1 ]; then
  cmake --build "$build" --target observerd plugins
elif ! cmake --build "$build" --target observerd plugins >"$log" 2>&1; then
  tail -n 40 "$log" >&2
  exit 1
fi

step "Demonstration"
exec "$build/bin/observerd" demo "$@"
