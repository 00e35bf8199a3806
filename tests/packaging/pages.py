"""Checks of the manual pages."""
import json
import os
import re
import subprocess
import tempfile
from pathlib import Path

from judged import check, output

# Named by pages as examples, or made by maintainer scripts and administrators.
NOT_FROM_A_PACKAGE = ("/usr/lib/observerd/plugins-1/acme.so", "/usr/local/lib/observerd/plugins-1", "/etc/observerd/credentials/NAME")


def one_line(text):
    return " ".join(text.split())


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
