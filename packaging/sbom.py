#!/usr/bin/env python3
"""The software bill of materials, CycloneDX 1.5: what the packages hold and what that is made of.

    sbom.py BIN PLUGINS VERSION PACKAGES > observerd.cdx.json

Each package of the directory PACKAGES (deb, ddeb, rpm) with the digests of its files as they are delivered; the
libraries that programs and plugins of BIN and PLUGINS load, and those whose headers are compiled in, with the
Debian package and version they were built against; and which needs which.
"""
import functools
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile
import time
import uuid
from pathlib import Path
from urllib.parse import quote

# By Debian's source package; copyright files there list what is in the source, build scripts and tests too.
LICENCES = {
    "boost": "BSL-1.0",
    "curl": "curl",
    "fmtlib": "MIT",
    "gcc": "GPL-3.0-or-later WITH GCC-exception-3.1",
    "glibc": "LGPL-2.1-or-later",
    "libidn2": "LGPL-3.0-or-later OR GPL-2.0-or-later",
    "libpqxx": "BSD-3-Clause",
    "libseccomp": "LGPL-2.1-only",
    "openssl": "Apache-2.0",
    "poco": "BSL-1.0",
    "postgresql": "PostgreSQL",
    "prometheus-cpp": "MIT",
    "rapidjson": "MIT",
    "re2": "BSD-3-Clause",
    "spdlog": "MIT",
}

# Headers whose code is compiled in: with a library, into what loads that; alone, into both programs. The
# notices are in packaging/copyright.
COMPILED_IN = ("Poco/Foundation.h", "boost/version.hpp", "fmt/format.h", "pqxx/pqxx", "prometheus/counter.h", "rapidjson/document.h",
               "re2/re2.h", "spdlog/spdlog.h")
HEADERS_ALONE = ("boost", "rapidjson")
PROGRAMS = ("observerd", "observerd-plugin-check")


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@functools.cache
def owner(file):
    """The Debian package that owns a file; those of /lib are registered without /usr, or with it."""
    path = os.path.realpath(file)
    for name in (str(file), path, path.removeprefix("/usr")):
        found = subprocess.run(["dpkg-query", "--search", name], capture_output=True, text=True, check=False)
        if found.returncode == 0:
            return found.stdout.split(": ")[0].split(":")[0]
    raise SystemExit(f"sbom.py: no Debian package owns {file}")


def needed(file):
    """What a file itself asks for, resolved."""
    names = set(re.findall(r"NEEDED\s+(\S+)", output("objdump", "-p", file)))
    return {path for name, path in re.findall(r"(\S+) => (\S+)", output("ldd", file)) if name in names}


def licence(expression):
    return [{"expression": expression}] if " " in expression else [{"license": {"id": expression}}]


class Library:
    """A Debian package that is loaded, or compiled in."""

    def __init__(self, package, compiled_in):
        fields = output("dpkg-query", "-W", "-f", "${source:Package}\t${Version}\t${Architecture}\n", package).split("\n")[0]
        source, self.version, architecture = fields.split("\t")
        self.package, self.compiled_in = package, compiled_in
        self.source = source if source in LICENCES else re.sub(r"-?[\d.]+$", "", source)
        if self.source not in LICENCES:
            raise SystemExit(f"sbom.py: under which licence is {package} (source {source})? Add it to LICENCES")
        self.purl = f"pkg:deb/debian/{package}@{quote(self.version, safe='')}?arch={architecture}"

    def card(self):
        return {"type": "library", "bom-ref": self.purl, "name": self.package, "version": self.version, "purl": self.purl,
                "licenses": licence(LICENCES[self.source]), "scope": "required",
                "properties": [{"name": "observerd:used", "value": "headers, compiled in" if self.compiled_in else "loaded"}]}


class Package:
    """One of ours, as it is delivered."""

    def __init__(self, file):
        self.kind = "rpm" if file.suffix == ".rpm" else "deb"
        self.digest = hashlib.sha256(file.read_bytes()).hexdigest()
        if self.kind == "deb":
            fields = dict(line.split(": ", 1) for line in output("dpkg-deb", "-f", file, "Package", "Version", "Architecture", "Depends").splitlines())
            self.name, self.version, self.architecture = fields["Package"], fields["Version"], fields["Architecture"]
            asked = fields.get("Depends", "")
            tar = subprocess.run(["dpkg-deb", "--fsys-tarfile", file], capture_output=True, check=True).stdout
            with tarfile.open(fileobj=io.BytesIO(tar)) as members:
                self.files = {member.name.removeprefix("."): hashlib.sha256(members.extractfile(member).read()).hexdigest()
                              for member in members if member.isfile()}
        else:
            card = output("rpm", "-qp", "--qf", "%{NAME}\t%{VERSION}-%{RELEASE}\t%{ARCH}\n[%{FILENAMES}\t%{FILEDIGESTS}\n]", file).splitlines()
            self.name, self.version, self.architecture = card[0].split("\t")
            asked = output("rpm", "-qp", "--requires", file).replace("\n", ", ")
            self.files = dict(row for row in (line.split("\t") for line in card[1:]) if row[1])
        # Whoever provides the ABI is observerd.
        self.asks = {re.split(r"[ (:]", name)[0].replace("observerd-abi-1", "observerd") for name in asked.split(", ")}
        self.purl = f"pkg:{self.kind}/{self.name}@{quote(self.version, safe='')}?arch={self.architecture}"

    def card(self):
        files = [{"type": "file", "name": name, "hashes": [{"alg": "SHA-256", "content": digest}]} for name, digest in sorted(self.files.items())]
        return {"type": "application", "bom-ref": self.purl, "name": self.name, "version": self.version, "purl": self.purl,
                "licenses": licence("Apache-2.0"), "hashes": [{"alg": "SHA-256", "content": self.digest}], "components": files}


def main():
    if len(sys.argv) != 5:
        raise SystemExit(__doc__)
    binaries, plugins, version, directory = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3], Path(sys.argv[4])
    built = {path.name: path for path in [*(binaries / name for name in PROGRAMS), *plugins.glob("*.so")]}
    libraries, uses = {}, {}
    headers = [Library(owner(f"/usr/include/{header}"), True) for header in COMPILED_IN]
    for name, path in built.items():
        loaded = [libraries.setdefault(package, Library(package, False)) for package in sorted({owner(library) for library in needed(path)})]
        sources = {library.source for library in loaded}
        compiled = [header for header in headers if header.source in sources or name in PROGRAMS and header.source in HEADERS_ALONE]
        uses[name] = {library.purl for library in loaded + compiled}

    packages = sorted((Package(file) for file in directory.glob("*") if file.suffix in (".deb", ".ddeb", ".rpm")), key=lambda package: package.purl)
    if not packages:
        raise SystemExit(f"sbom.py: no packages in {directory}")
    graph = {}
    for package in packages:
        graph[package.purl] = {other.purl for other in packages if other.kind == package.kind and other.name in package.asks}
        # Debug symbols have names of their own.
        held = {Path(file).name for file in package.files if not file.startswith("/usr/share/")} & set(built)
        graph[package.purl] |= {purl for name in held for purl in uses[name]}
    used = set().union(*graph.values())
    others = [library for library in sorted([*libraries.values(), *headers], key=lambda library: library.purl) if library.purl in used]

    when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH") or time.time())))
    own = f"observerd@{version}"
    graph[own] = {package.purl for package in packages}
    json.dump({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, f'observerd {version} {when}')}",
        "metadata": {"timestamp": when, "component": {
            "type": "application", "bom-ref": own, "name": "observerd", "version": version, "licenses": licence("Apache-2.0")}},
        "components": [entry.card() for entry in [*packages, *others]],
        "dependencies": [{"ref": ref, "dependsOn": sorted(asked)} for ref, asked in sorted(graph.items())] +
                        [{"ref": library.purl} for library in others],
        # What the libraries themselves need is the distribution's to say.
        "compositions": [{"aggregate": "complete", "assemblies": [package.purl for package in packages]},
                         {"aggregate": "unknown", "dependencies": [library.purl for library in others]}],
    }, sys.stdout, indent=2)
    print()


main()
