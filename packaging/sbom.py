#!/usr/bin/env python3
"""The software bill of materials, CycloneDX 1.5: what the built programs and plugins are made of.

    sbom.py BIN PLUGINS VERSION > observerd.cdx.json

Libraries that they load (with the Debian package and version they were linked against) and headers
that were compiled in. Licences are those that the Debian package's copyright file names.
"""
import json
import os
import re
import subprocess
import sys
import time
import uuid
from pathlib import Path

# Compiled in, so no file tells of them.
HEADER_ONLY = ("rapidjson-dev", "libboost1.74-dev")


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def package_of(library):
    """The Debian package that owns a file; those of /lib are registered without /usr, or with it."""
    path = os.path.realpath(library)
    for name in (library, path, path.removeprefix("/usr")):
        found = subprocess.run(["dpkg-query", "--search", name], capture_output=True, text=True, check=False)
        if found.returncode == 0:
            return found.stdout.split(": ")[0].split(":")[0]
    raise SystemExit(f"sbom.py: no Debian package owns {library}")


def needed(file):
    """What a file itself asks for, resolved."""
    names = set(re.findall(r"NEEDED\s+(\S+)", output("objdump", "-p", file)))
    return {path for name, path in re.findall(r"(\S+) => (\S+)", output("ldd", file)) if name in names}


def licences(package):
    text = Path(f"/usr/share/doc/{package}/copyright").read_text(errors="replace")
    return sorted(set(re.findall(r"^License: *(\S.*?)\s*$", text, re.M)))


def component(package):
    version = output("dpkg-query", "-W", "-f", "${Version}\n", package).split("\n")[0]
    card = {"type": "library", "name": package, "version": version, "purl": f"pkg:deb/debian/{package}@{version}"}
    names = licences(package)
    if names:
        card["licenses"] = [{"license": {"name": name}} for name in names]
    return card


def main():
    binaries, plugins, version = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    files = [binaries / "observerd", binaries / "observerd-plugin-check", *sorted(plugins.glob("*.so"))]
    packages = set(HEADER_ONLY) | {package_of(library) for file in files for library in needed(file)}
    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())))
    json.dump({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'observerd {version} {when}')}",
        "metadata": {"timestamp": when, "component": {
            "type": "application", "name": "observerd", "version": version, "licenses": [{"license": {"id": "Apache-2.0"}}]}},
        "components": [component(package) for package in sorted(packages)],
    }, sys.stdout, indent=2)
    print()


main()
