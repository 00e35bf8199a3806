#!/usr/bin/env bash
# Installs what is needed, builds, and runs the tests. Ends with ctest's closing lines.
#
#   tests/run.sh             everything that must pass before a change lands
#   tests/run.sh --quick     unit and integration tests of the gcc build, for daily work
#   tests/run.sh --asan      the tests under AddressSanitizer and UBSan
#   tests/run.sh --tsan      the tests under ThreadSanitizer
#   tests/run.sh --coverage  line coverage of host, sdk and plugins
#   tests/run.sh --long      long randomised and fuzzing runs
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
cd "$root"
mode=${1:-}
jobs=${OBSERVERD_JOBS:-$(nproc)}
step() { printf '\n== %s (%s)\n' "$*" "$(date +%H:%M:%S)"; }
quietly() {
  local log
  log=$(mktemp)
  if ! "$@" >"$log" 2>&1; then
    grep -E 'error|FAILED|warning:' -A8 "$log" | head -n 120 >&2 || true
    tail -n 15 "$log" >&2
    rm -f "$log"
    exit 1
  fi
  rm -f "$log"
}
# build DIR TARGET… -- CMAKE-OPTION…
build() {
  local dir=$1 targets=()
  shift
  while [ $# -gt 0 ] && [ "$1" != -- ]; do targets+=("$1"); shift; done
  [ $# -gt 0 ] && shift
  # Said each time: quickstart.sh configures the same directory without tests.
  quietly cmake -S . -B "$dir" -G Ninja -DOBSERVERD_BUILD_TESTS=ON "$@"
  quietly cmake --build "$dir" -j "$jobs" ${targets[@]:+--target "${targets[@]}"}
}
# What tests need that is no Debian package, into DIR: the npm packages of receivers that verify what is
# sent, OpenSearch, promtool. Tests whose part is missing are skipped.
fetch() {
  local dir=$1
  mkdir -p "$dir"
  if command -v npm >/dev/null && ! tests/receivers/install.sh "$dir"; then
    echo "No npm packages: the tests that verify with public receivers will be skipped." >&2
  fi
  if ! tests/support/install-opensearch.sh "$dir"; then
    echo "No OpenSearch: the tests that need it will be skipped." >&2
  fi
  if ! command -v promtool >/dev/null && ! tests/support/install-promtool.sh "$dir"; then
    echo "No promtool: the tests that need it will be skipped." >&2
  fi
}
# Waits for what is fetched in the background: `fetch DIR & fetching=$!`.
run_tests() {
  local dir=$1
  shift
  wait "$fetching"
  PATH="$PATH:$root/$dir/promtool" ctest --test-dir "$dir" -j "$jobs" --output-on-failure --no-tests=error --timeout 300 "$@"
}

# build_with_address_sanitizer ON|SYNTAX: everything with clang, AddressSanitizer and UBSan, and the
# fuzzers; unoptimised, as compiling takes longer than running. With SYNTAX of the integration tests,
# which are not run then, no code is made.
build_with_address_sanitizer() {
  build build-clang -- -DCMAKE_C_COMPILER=clang-14 -DCMAKE_CXX_COMPILER=clang++-14 \
    -DOBSERVERD_SANITIZE=address -DOBSERVERD_BUILD_FUZZERS=ON \
    -DOBSERVERD_INTEGRATION_TESTS="$1" -DCMAKE_BUILD_TYPE=Debug -DCMAKE_CXX_FLAGS_DEBUG="-O0 -g1"
  export ASAN_OPTIONS=detect_stack_use_after_return=1
  export LSAN_OPTIONS=suppressions=$root/tests/lsan.supp:print_suppressions=0
}

# run_fuzzers DIR SECONDS: each for so long, as many at a time as there are processors.
run_fuzzers() {
  fuzz() {
    quietly "$1" -max_total_time="$2" -rss_limit_mb=2048
    echo "$(basename "$1"): no finding"
  }
  export -f fuzz quietly
  printf '%s\0' "$1"/bin/fuzz_* | xargs -0 -P "$jobs" -I{} bash -euc 'fuzz {} '"$2"
}

# What the last commit has changed, or all since OBSERVERD_TIDY_BASE: that is a revision.
tidy() {
  local dir=$1 base files
  base=${OBSERVERD_TIDY_BASE:-$(git rev-parse -q --verify HEAD~1 || git hash-object -t tree /dev/null)}
  files=$(git diff --name-only --diff-filter=d "$base" -- 'host/*.cpp' 'plugins/*.cpp' 'sdk/*.cpp' \
    ':!sdk/template' ':!sdk/examples')  # projects of their own
  if [ -z "$files" ]; then
    echo "nothing has changed that is compiled"
    return
  fi
  echo "$(wc -l <<<"$files") files"
  xargs -P "$jobs" -n 4 clang-tidy-14 -p "$dir" --quiet <<<"$files" 2>/dev/null
}

step "packages"
packaging/install-dependencies.sh build run test
command -v npm >/dev/null || packaging/install-dependencies.sh node

case "$mode" in
  --quick)
    fetch build & fetching=$!
    step "build (gcc)"
    build build
    step "tests"
    run_tests build -L 'unit|integration'
    ;;
  --asan)
    fetch build-clang & fetching=$!
    step "build of everything with clang, AddressSanitizer and UBSan"
    build_with_address_sanitizer ON
    step "tests"
    run_tests build-clang
    ;;
  --tsan)
    fetch build-tsan & fetching=$!
    step "build (gcc, ThreadSanitizer)"
    build build-tsan -- -DOBSERVERD_SANITIZE=thread
    step "tests"
    run_tests build-tsan
    ;;
  --coverage)
    fetch build-coverage & fetching=$!
    step "build (gcc, coverage)"
    build build-coverage -- -DOBSERVERD_COVERAGE=ON
    step "tests"
    run_tests build-coverage || true
    step "line coverage of host, sdk and plugins"
    tests/coverage.py build-coverage
    ;;
  --long)
    fetch build & fetching=$!
    step "build (gcc; clang fuzzers)"
    build build
    build build-fuzz fuzzers -- -DCMAKE_C_COMPILER=clang-14 -DCMAKE_CXX_COMPILER=clang++-14 \
      -DOBSERVERD_BUILD_TESTS=OFF -DOBSERVERD_BUILD_FUZZERS=ON
    step "fuzzers, 10 minutes each"
    run_fuzzers build-fuzz 600
    step "tests, randomised ones for 10 minutes"
    OBSERVERD_TORTURE_SECONDS=600 run_tests build --timeout 1500
    step "200 writers against the source"
    OBSERVERD_TORTURE_SECONDS=120 OBSERVERD_TORTURE_WRITERS=200 build/bin/integration_source --gtest_filter='Torture.*'
    step "packages of two builds"
    tests/packaging/reproducible.sh build/reproducible
    ;;
  "")
    fetch build & fetching=$!
    step "formatting"
    git ls-files '*.cpp' '*.hpp' '*.c' '*.h' 2>/dev/null | grep -v 'observerd/plugin\.h$' |
      xargs -r clang-format-14 --dry-run --Werror
    step "build (gcc)"
    build build -- -DOBSERVERD_BUILD_BENCHMARKS=ON
    step "clang-tidy on what has changed"
    tidy build
    step "build of everything with clang, AddressSanitizer and UBSan"
    build_with_address_sanitizer SYNTAX
    ln -sfn ../build/promtool build-clang/promtool  # all that unit tests need of what is fetched
    step "unit tests with AddressSanitizer and UBSan"
    run_tests build-clang -L unit
    step "fuzzers, a short run each"
    run_fuzzers build-clang 10
    step "speed beside other ways, against the recorded ratios"
    build/bin/bench_matching --check
    build/bin/bench_pipeline --check
    ROUNDS=5 SECONDS_EACH=1 tests/bench/capture.sh --check tests/bench/capture.recorded.json
    step "tests"
    run_tests build
    ;;
  *)
    sed -n '2,11p' "$0" >&2
    exit 2
    ;;
esac
