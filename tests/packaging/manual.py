#!/usr/bin/env python3
"""Judges manual pages and completions by what the programs say of themselves:

    manual.py CHECK MANUAL BIN PLUGINS BUILD

MANUAL: what packaging/manual/make.py has made, compressed or not. BUILD: whose installation the pages may
speak of. It shares no code with what makes the pages; that each check finds faults is checked by `sees_faults`.
"""
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import completions  # for its checks
import pages  # for its checks
from judged import CHECKS, Case, Skipped, check

# A fault put into a file of the manual, and the check that must see it.
FAULTS = [
    ("man/man8/observerd.8", r"^\.SS \"status\"$", '.SS "state"', "names_every_command"),
    ("man/man8/observerd.8", r"\\-\\-older\\-than", "\\-\\-older", "names_every_command"),
    ("man/man5/observerd.json.5", r'"\*" for all', '"" for all', "names_every_setting"),
    ("man/man5/observerd.json.5", r"^\\fBruntime\.watch\\fR$", r"\\fBruntime.look\\fR", "names_every_setting"),
    ("man/man7/observerd-plugins.7", r"webhook\\-\*", r"webhook\\-", "names_every_setting"),
    ("man/man7/observerd-errors.7", r"OB019", "OB0190", "names_every_error"),
    ("man/man5/observerd.json.5", r"/usr/share/doc/observerd/examples", "/path/to/observerd/build", "names_only_what_is_installed"),
    ("man/man7/observerd-errors.7", r"observerd\\-conditions\(7\)", "the README", "names_only_what_is_installed"),
    ("man/man7/observerd-conditions.7", r"^\.PP$", ".PPP", "renders_without_warnings"),
    ("completions/bash", r"^    'status'\) .*$", "", "completes_in_bash"),
    ("completions/fish", r"^.* -a retry .*$", "", "completes_in_fish"),
    ("completions/zsh", r"^  esac$", "", "completes_in_zsh"),
    ("completions/zsh", r":argument:\(\)", ":argument: ", "completes_in_zsh"),
]


@check
def sees_faults(case):
    for file, pattern, replacement, name in FAULTS:
        with tempfile.TemporaryDirectory() as copy:
            shutil.copytree(case.manual, copy, dirs_exist_ok=True)
            subprocess.run(["gzip", "-drq", f"{copy}/man"], check=False)
            target = Path(copy, file)
            text, count = re.subn(pattern, replacement, target.read_text(), flags=re.M)
            target.write_text(text)
            case.expect(count > 0, f"{file}: there is no {pattern} to be replaced")
            other = Case(copy, Path(case.observerd).parent, case.plugins, case.build)
            try:
                CHECKS[name](other)
            except Skipped as skipped:
                print(f"not judged: {skipped}")
                continue
            case.expect(other.faults, f"{name} does not see {pattern} replaced by \"{replacement}\" in {file}")


def main():
    case = Case(*sys.argv[2:6])
    try:
        CHECKS[sys.argv[1]](case)
    except Skipped as skipped:
        print(f"SKIPPED: {skipped}", file=sys.stderr)
        sys.exit(77)
    for fault in case.faults:
        print(fault, file=sys.stderr)
    sys.exit(1 if case.faults else 0)


if __name__ == "__main__":
    main()
