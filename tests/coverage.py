#!/usr/bin/env python3
"""Line coverage of host, sdk and plugins, from a build with OBSERVERD_COVERAGE=ON whose tests have run.

    tests/coverage.py BUILD-DIRECTORY [--at-least PERCENT] [--files]

A line counts once, however many objects it was compiled into (headers, templates), and is covered when any of
them ran it. Sources that are built but that no test ran count with all their lines. Exit code 1 when the total
is below --at-least, 2 when there is nothing to measure. Needs gcc's gcov and Python's standard library only.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
MEASURED = ("host", "sdk", "plugins")
NOTES_PER_RUN = 16  # starting gcov costs more than reading a small file


def notes_files(build):
    """The .gcno of every object: there since it was compiled, unlike .gcda, which a run leaves."""
    return sorted(build.rglob("*.gcno"))


def read_reports(build, notes):
    """What gcov says about some objects, one document each."""
    command = ["gcov", "--json-format", "--stdout", *map(str, notes)]
    done = subprocess.run(command, cwd=build, capture_output=True, text=True)
    if done.returncode != 0:
        raise RuntimeError(f"gcov failed: {done.stderr.strip()}")
    if "stamp mismatch" in done.stderr:
        raise RuntimeError(f"counters of another build: {done.stderr.strip().splitlines()[0]}; "
                           "remove the *.gcda files and run the tests again")
    return [json.loads(line) for line in done.stdout.splitlines() if line.startswith("{")]


def measured_path(name, directory):
    """The path below the root when the file is one of ours, else None."""
    path = pathlib.Path(os.path.normpath(os.path.join(directory, name)))
    if not path.is_relative_to(ROOT):
        return None
    path = path.relative_to(ROOT)
    return path if path.parts[0] in MEASURED else None


def measure(build):
    """Path -> line number -> whether anything ran it."""
    notes = notes_files(build)
    runs = [notes[i:i + NOTES_PER_RUN] for i in range(0, len(notes), NOTES_PER_RUN)]
    lines = collections.defaultdict(dict)
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for reports in pool.map(lambda run: read_reports(build, run), runs):
            for report in reports:
                for file in report["files"]:
                    path = measured_path(file["file"], report["current_working_directory"])
                    if path is None:
                        continue
                    for line in file["lines"]:
                        number = line["line_number"]
                        lines[path][number] = lines[path].get(number, False) or line["count"] > 0
    return lines


def percent(covered, total):
    # Rounded down: 89.96 is not 90.0.
    return int(1000 * covered / total) / 10 if total else 100.0


def ranges(numbers):
    """1,2,3,7 -> "1-3 7"."""
    parts = []
    for number in numbers:
        if parts and parts[-1][1] == number - 1:
            parts[-1][1] = number
        else:
            parts.append([number, number])
    return " ".join(str(a) if a == b else f"{a}-{b}" for a, b in parts)


def print_table(title, lines, key):
    """One row for each value of `key`; returns covered and total lines."""
    sums = collections.defaultdict(lambda: [0, 0])
    for path, numbers in lines.items():
        row = sums[key(path)]
        row[0] += sum(numbers.values())
        row[1] += len(numbers)
    width = max(len(name) for name in [title, *sums])
    print(f"{title:<{width}}  {'lines':>7}  {'covered':>7}  {'percent':>7}")
    for name in sorted(sums):
        covered, total = sums[name]
        print(f"{name:<{width}}  {total:>7}  {covered:>7}  {percent(covered, total):>7.1f}")
    covered, total = (sum(row[i] for row in sums.values()) for i in (0, 1))
    print(f"{'total':<{width}}  {total:>7}  {covered:>7}  {percent(covered, total):>7.1f}")
    return covered, total


def print_uncovered(lines):
    for path in sorted(lines):
        missing = sorted(number for number, ran in lines[path].items() if not ran)
        if missing:
            print(f"{path}: {ranges(missing)}")


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("build", type=pathlib.Path, metavar="BUILD-DIRECTORY")
    parser.add_argument("--at-least", type=float, metavar="PERCENT", default=0)
    parser.add_argument("--files", action="store_true", help="also which lines nothing ran")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    if next(build.rglob("*.gcda"), None) is None:
        print(f"no counters in {build}: build with -DOBSERVERD_COVERAGE=ON and run the tests first",
              file=sys.stderr)
        return 2
    try:
        lines = measure(build)
    except (RuntimeError, OSError, ValueError) as error:
        print(error, file=sys.stderr)
        return 2
    if not lines:
        print(f"no source of {', '.join(MEASURED)} was built in {build}", file=sys.stderr)
        return 2
    if arguments.files:
        print_uncovered(lines)
        print()
    covered, total = print_table("directory", lines, lambda path: str(path.parent))
    if 100 * covered < arguments.at_least * total:
        print(f"line coverage is below {arguments.at_least:g} %", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
