#!/usr/bin/env python3
"""Judges manual pages and completions by what the programs say of themselves:

    manual.py CHECK MANUAL BIN PLUGINS BUILD

MANUAL: what packaging/manual/make.py has made, compressed or not. BUILD: whose installation the pages may
speak of. It shares no code with what makes the pages; that each check finds faults is checked by `sees_faults`.
"""
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

CHECKS = {}
# Named by pages as examples, or made by maintainer scripts and administrators.
NOT_FROM_A_PACKAGE = ("/usr/lib/observerd/plugins-1/acme.so", "/usr/local/lib/observerd/plugins-1", "/etc/observerd/credentials/NAME")


def check(function):
    CHECKS[function.__name__] = function
    return function


def output(*command, **options):
    return subprocess.run(command, capture_output=True, text=True, check=True, **options).stdout


def one_line(text):
    return " ".join(text.split())


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


def sections(text, indent):
    """heading -> text of the sections whose headings stand at that column."""
    parts = re.split(rf"^ {{{indent}}}(\S.*)$", text, flags=re.M)
    return dict(zip(parts[1::2], parts[2::2]))


def has_term(text, term):
    return re.search(rf"^ {{7}}(?:.*, )?{re.escape(term)}(?:[ ,]|$)", text, re.M)


@check
def renders_without_warnings(case):
    for page in case.pages:
        done = subprocess.run(["man", "--warnings=w", "-E", "UTF-8", "-l", "-Tutf8", "-Z", page], capture_output=True, text=True, check=False)
        case.expect(done.returncode == 0 and not done.stderr, f"{page.name}: {done.stderr.strip()}")
        case.expect("NAME" in done.stdout, f"{page.name} renders to nothing")


@check
def names_every_command(case):
    described = sections(case.text("observerd.8"), 3)
    everywhere = sections(case.text("observerd.8"), 0)["OPTIONS OF EVERY COMMAND"]
    for words, options in case.commands():
        name = " ".join(words)
        found = next((text for heading, text in described.items() if re.match(rf"{name}( [^a-z]|$)", heading)), None)
        case.expect(found is not None, f"observerd(8) has no command {name}")
        for option in options if found is not None else []:
            case.expect(has_term(found, option) or has_term(everywhere, option), f"observerd(8), {name}: no option {option}")
    text = case.text("observerd-plugin-check.1")
    for option in re.findall(r"^  (?:-\w \[ )?(--[\w-]+)", output(case.checker, "--help"), re.M):
        case.expect(has_term(text, option), f"observerd-plugin-check(1) has no option {option}")


def described_properties(node):
    """(name, description) of everything below a node of a schema that has one."""
    if isinstance(node, dict):
        properties = node.get("properties", {})
        for name, member in properties.items():
            twin = name.endswith("_env") and name.removesuffix("_env") in properties
            if isinstance(member, dict) and "description" in member and not twin:
                yield name, member["description"].removesuffix(" Templates: {{ field }}.")
        node = list(node.values())
    for inner in node if isinstance(node, list) else []:
        yield from described_properties(inner)


@check
def names_every_setting(case):
    with tempfile.NamedTemporaryFile("w", suffix=".json") as configuration:
        json.dump({"database": {"url": "postgresql:///"}, "plugins": {"directories": [case.plugins]}}, configuration)
        configuration.flush()
        schema = json.loads(output(case.observerd, "schema", "--config", configuration.name))
    definitions = schema.pop("definitions")
    types = {name.removeprefix("action-") for name in definitions if name.startswith("action-")}
    case.expect(len(types) >= 9, f"plugins are missing: {sorted(types)}")
    configuration, plugins = case.text("observerd.json.5"), sections(case.text("observerd-plugins.7"), 0)

    def look(where, text, name, description):
        case.expect(name in types or re.search(rf"^ {{7}}(?:\S*\.)?{re.escape(name)}(?: |$)", text, re.M), f"{where}: no setting {name}")
        case.expect(one_line(description) in one_line(text), f"{where}, {name}: not to the letter: {description}")

    for name, description in described_properties(schema):
        look("observerd.json(5)", configuration, name, description)
    in_every_type = set.intersection(*(set(described_properties(definitions[f"action-{kind}"])) for kind in types))
    for name, description in in_every_type:
        look("observerd.json(5)", configuration, name, description)
    for kind in types - {"null"}:
        text = plugins.get(f"ACTION TYPE {kind}", "")
        summary = definitions[f"action-{kind}"]["properties"]["type"]["description"]
        case.expect(summary in text, f"observerd-plugins(7), {kind}: nothing says what it does")
        for definition in (definitions[f"action-{kind}"], definitions[f"module-{kind}"]):
            for name, description in set(described_properties(definition)) - in_every_type - {("type", summary)}:
                look(f"observerd-plugins(7), {kind}", text, name, description)
    case.expect("null" not in re.findall(r"[\w-]+", configuration), "observerd.json(5) names null, which no package has")


@check
def names_every_error(case):
    text = case.text("observerd-errors.7")
    for error in json.loads(output(case.observerd, "help", "--json")):
        case.expect(f"\n{error['code']} {error['title']}\n" in text, f"observerd-errors(7) has no {error['code']}")
        for part in ("cause", "example", "what_to_do"):
            case.expect(one_line(error[part]).replace("`", "") in one_line(text), f"observerd-errors(7), {error['code']}: not to the letter: {error[part]}")


@check
def names_only_what_is_installed(case):
    with tempfile.TemporaryDirectory() as root:
        for component in ("observerd", "sdk", "plugin_check"):
            output("cmake", "--install", case.build, "--prefix", "/usr", "--component", component, env={**os.environ, "DESTDIR": root})
        for page in case.pages:
            name = page.name.removesuffix(".gz")
            case.expect(list(Path(root).glob(f"usr/share/man/man*/{name}.gz")), f"nothing installs {name}")
            text = case.text(name)
            for path in re.findall(r"(?<![\w/.:{}-])/(?:etc|usr|var|run|opt|home|path|srv|tmp|work)/[\w./@*-]*\w/?", text):
                known = path.rstrip("/") in NOT_FROM_A_PACKAGE or list(Path(root).glob(path.strip("/"))) or "*" in path and Path(root, path.strip("/")).parent.is_dir()
                case.expect(known, f"{name} names {path}, which is not installed")
            for file in re.findall(r"(?<![\w/.-])[\w-]+(?:/[\w.-]+)*/[\w.-]+\.(?:md|cpp|hpp|cmake|sh|sql|yml)\b|(?<![/\w])README(?:\.md)?", text):
                case.expect(False, f"{name} names {file}, which is nowhere for its reader")
            for other, section in re.findall(r"\b(observerd[\w.-]*)\((\d)\)", text):
                case.expect(list(case.manual.glob(f"man/*/{other}.{section}*")), f"{name} refers to {other}({section})")


# words of a command line, the last one being completed: what must be offered.
COMPLETIONS = [
    (["observerd", "stat"], ["status"]),
    (["observerd", "--config", "x.json", "dlq", "re"], ["retry"]),
    (["observerd", "-c", "x.json", "plugins", "i"], ["info"]),
    (["observerd", "dlq", "list", "--status", "pending", "--obs"], ["--observer"]),
    (["observerd", "migrate", "--status", "--dry"], ["--dry-run"]),
    (["observerd", "capture", "add", "orders", "--on-error", "a"], ["abort"]),
    (["observerd", "eval", "--event", "ev"], ["event.json"]),
    (["observerd", "plugins", "check", "ev"], ["event.json"]),
    (["observerd-plugin-check", "--only"], ["--only-failed"]),
    (["observerd-plugin-check", "--config", "ev"], ["event.json"]),
]


def every_completion(case):
    yield from COMPLETIONS
    for words, options in case.commands():
        yield ["observerd", *words], [words[-1]]
        for option in options:
            yield ["observerd", *words, option], [option]


def offered(case, script, words, directory):
    done = subprocess.run(script + words, capture_output=True, text=True, check=False, cwd=directory)
    case.expect(done.returncode == 0 and not done.stderr, f"{' '.join(words)}: {done.stderr.strip()}")
    return done.stdout.split("\n")


@check
def completes_in_bash(case):
    files = [case.manual / "completions" / name for name in ("bash", "plugin-check.bash")]
    script = ["bash", "--norc", "-c", """source "$1"; source "$2"; shift 2
        COMP_WORDS=("$@") COMP_CWORD=$(($# - 1)); function=$(complete -p "$1" | sed 's/.*-F \\(\\S*\\).*/\\1/')
        "$function" "$1"; printf '%s\\n' "${COMPREPLY[@]}" """, "bash", *files]
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "event.json").touch()
        for words, wanted in every_completion(case):
            found = offered(case, script, words, directory)
            case.expect(set(wanted) <= set(found), f"bash, {' '.join(words)}: {found} and not {wanted}")
        # What bash makes of --config=x.
        found = offered(case, script, ["observerd", "--config", "=", "x.json", "dlq", "re"], directory)
        case.expect(found[0] == "retry", f"bash, --config=x.json: {found}")


@check
def completes_in_fish(case):
    if not shutil.which("fish"):
        raise SystemExit("SKIPPED: fish is not installed")
    files = [case.manual / "completions" / name for name in ("fish", "plugin-check.fish")]
    for file in files:
        subprocess.run(["fish", "--no-config", "--no-execute", file], check=True)
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "event.json").touch()
        lines = list(COMPLETIONS)
        text = "\n".join(f"echo '> {at}'; complete -C '{' '.join(words)}'" for at, (words, _) in enumerate(lines))
        done = output("fish", "--no-config", "-c", "source $argv[1]; source $argv[2]\n" + text, *files, cwd=directory)
        answers = re.split(r"^> \d+\n", done, flags=re.M)[1:]
        for (words, wanted), answer in zip(lines, answers):
            found = [line.split("\t")[0] for line in answer.splitlines()]
            case.expect(set(wanted) <= set(found), f"fish, {' '.join(words)}: {found} and not {wanted}")


@check
def is_read_by_zsh(case):
    if not shutil.which("zsh"):
        raise SystemExit("SKIPPED: zsh is not installed")
    for name in ("zsh", "plugin-check.zsh"):
        file = case.manual / "completions" / name
        done = subprocess.run(["zsh", "-f", "-n", file], capture_output=True, text=True, check=False)
        case.expect(done.returncode == 0 and not done.stderr, f"{name}: {done.stderr.strip()}")
        case.expect(file.read_text().startswith("#compdef observerd"), f"{name} does not say what it completes")
    text = (case.manual / "completions" / "zsh").read_text()
    for words, options in case.commands():
        line = next((line for line in text.splitlines() if f"('{' '.join(words)}')" in line), "")
        for option in options:
            case.expect(f"'{option}[" in line, f"zsh, {' '.join(words)}: no {option}")


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
    ("completions/zsh", r"^  esac$", "", "is_read_by_zsh"),
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
            except SystemExit as skipped:
                print(skipped)
                continue
            case.expect(other.faults, f"{name} does not see {pattern} replaced by \"{replacement}\" in {file}")


def main():
    case = Case(*sys.argv[2:6])
    CHECKS[sys.argv[1]](case)
    for fault in case.faults:
        print(fault, file=sys.stderr)
    sys.exit(1 if case.faults else 0)


if __name__ == "__main__":
    main()
