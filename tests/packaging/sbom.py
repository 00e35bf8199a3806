#!/usr/bin/env python3
"""Holds packaging/sbom.py to what packages and programs are:

    sbom.py CHECK SOURCE BUILD

The packages are small ones made here: what they are named and what lies where is as in ours.
"""
import hashlib
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

SOURCE, BUILD = Path(sys.argv[2]), Path(sys.argv[3])
# Of these nothing is compiled in but declarations and macros; of the last two, what libgcc-s1 and libstdc++6 stand for.
ONLY_DECLARATIONS = r"libc6-dev|linux-libc-dev|lib(curl4-openssl|idn2|pq|seccomp|ssl)-dev|lib(gcc|stdc\+\+)-\d+-dev|(libclang|clang)\S*"
faults = []


def expect(holds, fault):
    if not holds:
        faults.append(fault)


def output(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def package(directory, name, files, depends):
    root = Path(directory, "root", name)
    for path, text in files.items():
        Path(root, path).parent.mkdir(parents=True, exist_ok=True)
        Path(root, path).write_text(text)
    Path(root, "DEBIAN").mkdir()
    Path(root, "DEBIAN", "control").write_text(
        f"Package: {name}\nVersion: 9.9-1\nArchitecture: amd64\nMaintainer: nobody <nobody@example.com>\nDepends: {depends}\nDescription: {name}\n")
    subprocess.run(["dpkg-deb", "--root-owner-group", "--build", root, directory], capture_output=True, check=True)


def bill():
    with tempfile.TemporaryDirectory() as directory:
        package(directory, "observerd", {"usr/sbin/observerd": "a program", "usr/lib/observerd/plugins-1/webhook.so": "a plugin",
                                         "usr/share/doc/observerd/copyright": "whose"}, "libc6 (>= 2.36)")
        package(directory, "observerd-plugin-email", {"usr/lib/observerd/plugins-1/email.so": "mail"}, "libc6, observerd-abi-1 (>= 1.0)")
        package(directory, "observerd-plugins", {"usr/share/doc/observerd-plugins/copyright": "whose"}, "observerd, observerd-plugin-email")
        return json.loads(output(sys.executable, SOURCE / "packaging/sbom.py", BUILD / "bin", BUILD / "plugins", "9.9", directory))


def tells_what_is_in_the_packages():
    told = bill()
    entries = {entry["bom-ref"]: entry for entry in told["components"]}
    expect(len(entries) == len(told["components"]), "two entries have one reference")
    by_name = {entry["name"]: entry for entry in entries.values()}
    graph = {rule["ref"]: {entries[ref]["name"] for ref in rule.get("dependsOn", []) if ref in entries} for rule in told["dependencies"]}
    for rule in told["dependencies"]:
        expect(all(ref in entries for ref in rule.get("dependsOn", [])), f"{rule['ref']} depends on what has no entry")
    expect(set(graph) == set(entries) | {told["metadata"]["component"]["bom-ref"]}, "not every entry stands in the graph")

    files = {file["name"]: file["hashes"] for file in by_name["observerd"]["components"]}
    for name, text in (("/usr/sbin/observerd", "a program"), ("/usr/lib/observerd/plugins-1/webhook.so", "a plugin"), ("/usr/share/doc/observerd/copyright", "whose")):
        expect(files.get(name) == [{"alg": "SHA-256", "content": hashlib.sha256(text.encode()).hexdigest()}], f"{name}: {files.get(name)}")
    needs = {name: graph[by_name[name]["bom-ref"]] for name in ("observerd", "observerd-plugin-email", "observerd-plugins")}
    expect(needs["observerd-plugins"] == {"observerd", "observerd-plugin-email"}, f"observerd-plugins: {needs['observerd-plugins']}")
    expect({"observerd", "libcurl4", "libidn2-0", "libc6"} <= needs["observerd-plugin-email"], f"observerd-plugin-email: {needs['observerd-plugin-email']}")
    expect("libidn2-0" not in needs["observerd"] and {"rapidjson-dev", "libpq5", "libcurl4"} <= needs["observerd"], f"observerd: {needs['observerd']}")
    for name, licence in (("libcurl4", {"license": {"id": "curl"}}), ("libc6", {"license": {"id": "LGPL-2.1-or-later"}}),
                          ("libstdc++6", {"expression": "GPL-3.0-or-later WITH GCC-exception-3.1"})):
        expect(by_name[name]["licenses"] == [licence], f"{name}: {by_name[name]['licenses']}")


def names_what_is_compiled_in():
    deps = subprocess.run(["ninja", "-C", BUILD, "-t", "deps"], capture_output=True, text=True, check=False)
    if deps.returncode != 0 or not deps.stdout:
        print("SKIPPED: no ninja has built this, so nothing tells which headers were read", file=sys.stderr)
        sys.exit(77)
    headers, ours = set(), False
    for line in deps.stdout.splitlines():
        if not line.startswith(" "):
            ours = line.startswith(("host/", "plugins/", "sdk/check/"))
        elif ours and line.strip().startswith("/usr/include/"):
            headers.add(line.strip())
    found = subprocess.run(["dpkg-query", "--search", *sorted(headers)], capture_output=True, text=True, check=False).stdout
    packages = {re.split("[:,]", line)[0] for line in found.splitlines()}
    read = {name for name in packages if not re.fullmatch(ONLY_DECLARATIONS, name)}
    told = {entry["name"]: entry for entry in bill()["components"] if {"name": "observerd:used", "value": "headers, compiled in"} in entry.get("properties", [])}
    expect(read == set(told), f"headers are read of {sorted(read)}, and told of {sorted(told)}")

    notices = (SOURCE / "packaging/copyright").read_text()
    for name, entry in told.items():
        library = re.sub(r"^lib|-dev$|[\d.]+-dev$", "", name).lower()
        expect(re.search(rf"\b(lib)?{re.escape(library)}", notices.lower()), f"packaging/copyright does not name {library}")
        licence = {"MIT": "Expat", "BSD-3-Clause": "BSD-3-Clause-"}.get(entry["licenses"][0]["license"]["id"], entry["licenses"][0]["license"]["id"])
        expect(re.search(rf"^License: {licence}\S*\n [A-Z]", notices, re.M), f"packaging/copyright has no text of {licence}")


def main():
    {check.__name__: check for check in (tells_what_is_in_the_packages, names_what_is_compiled_in)}[sys.argv[1]]()
    for fault in faults:
        print(fault, file=sys.stderr)
    sys.exit(1 if faults else 0)


main()
