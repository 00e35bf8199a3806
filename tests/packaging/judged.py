"""A manual that is judged, and the programs whose it is. Knows nothing of how it was made."""
import os
import re
import subprocess
from pathlib import Path

CHECKS = {}


class Skipped(Exception):
    """What is wanted for a check is not here."""


def check(function):
    CHECKS[function.__name__] = function
    return function


def output(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=True, **options).stdout


class Case:
    def __init__(self, manual, binaries, plugins, build):
        self.manual, self.build, self.plugins = Path(manual), Path(build), plugins
        self.observerd, self.checker = f"{binaries}/observerd", f"{binaries}/observerd-plugin-check"
        self.pages = sorted(self.manual.glob("man/man*/*"))
        self.faults = [] if self.pages else [f"there are no pages in {manual}"]

    def expect(self, holds, fault):
        if not holds:
            self.faults.append(fault)

    def text(self, name):
        """A page as it is read, no line broken."""
        environment = {**os.environ, "MANWIDTH": "5000", "LC_ALL": "C.UTF-8"}
        return output("man", "--nh", "--nj", "-l", *self.manual.glob(f"man/*/{name}*"), env=environment)

    def help(self, *words):
        return output(self.observerd, *words, "--help")

    def commands(self, words=()):
        """(words, names of its options) of every command, as --help lists them."""
        head, _, options = self.help(*words).partition("\nOptions:\n")
        if options:
            yield words, re.findall(r"^  (?:-\w \[ )?(--[\w-]+)", options, re.M)
        else:
            for name in re.findall(r"^  (\S+)  +\S", head, re.M):
                yield from self.commands((*words, name))
