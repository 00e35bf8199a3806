#!/usr/bin/env python3
"""Makes the manual pages and completions from what the built programs say of themselves:

    make.py SOURCE BIN PLUGINS OUTPUT

--help of every command, the error catalogue, the configuration's schema, and the chapters of
README.md. Nothing is written by hand, so nothing can differ from the programs of the same build.
"""
import json
import os
import re
import sys
import tempfile
import time
from pathlib import Path

import completions
from helptext import leaves, read_command, read_options, run
from roff import Page

NOT_PACKAGED = {"null"}  # there for measurements


class Manual:
    def __init__(self, source, binaries, plugins, output):
        self.source, self.output = Path(source), Path(output)
        self.observerd, self.checker = f"{binaries}/observerd", f"{binaries}/observerd-plugin-check"
        self.version = run(self.observerd, "--version").split()[1]
        when = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH") or time.time()))
        self.date = time.strftime("%Y-%m-%d", when)
        self.tree = read_command(self.observerd, [], "")
        self.checker_help = run(self.checker, "--help")
        with tempfile.NamedTemporaryFile("w", suffix=".json") as configuration:
            json.dump({"database": {"url": "postgresql:///"}, "plugins": {"directories": [plugins]}}, configuration)
            configuration.flush()
            self.schema = json.loads(run(self.observerd, "schema", "--config", configuration.name))

    def page(self, name, section, summary):
        return Page(name, section, summary, self.date, self.version)

    def chapter(self, title):
        """A chapter of README.md, without its heading."""
        found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", (self.source / "README.md").read_text(), re.S | re.M)
        if not found:
            raise SystemExit(f"README.md has no chapter \"{title}\", which a manual page is made of")
        return found.group(1)

    def write(self, page, name, also):
        page.heading("SEE ALSO")
        page.paragraph(", ".join(f"**{other}**" for other in also))
        target = self.output / "man" / f"man{name[-1]}" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page.text())

    def observerd_page(self):
        page = self.page("observerd", 8, "actions that follow changes in PostgreSQL")
        page.heading("SYNOPSIS")
        page.paragraph("`observerd` COMMAND [OPTION…]")
        page.heading("DESCRIPTION")
        page.markdown((self.source / "README.md").read_text().split("\n\n")[1])
        page.heading("COMMANDS")
        for command in leaves(self.tree):
            page.heading(command.usage.removeprefix("observerd "), 2)
            page.paragraph(" ".join(command.text.split()))
            for option in command.options:
                if option.name not in ("--config", "--help", "--json"):
                    page.item(f"{option.name} {option.value}".strip(), option.text)
        page.heading("OPTIONS OF EVERY COMMAND")
        for option in leaves(self.tree)[0].options:
            if option.name in ("--config", "--help", "--json"):
                page.item(", ".join(filter(None, [option.short, f"{option.name} {option.value}".strip()])), option.text)
        page.heading("EXIT STATUS")
        codes = re.search(r"Exit codes: (.*?\.)\n", self.chapter("Ten lines of configuration"), re.S)
        page.paragraph(" ".join(codes.group(1).split()))
        page.heading("FILES")
        for path, text in (("/etc/observerd/observerd.json", "the configuration, see observerd.json(5)"),
                           ("/etc/observerd/conf.d/*.json", "merged into it in the order of their names"),
                           ("/etc/observerd/credentials/NAME", "the credential secret_NAME of the service"),
                           ("/usr/lib/observerd/plugins-1/", "action types of packages"),
                           ("/usr/local/lib/observerd/plugins-1/", "action types of the administrator")):
            page.item(path, text)
        self.write(page, "observerd.8", ["observerd.json(5)", "observerd-conditions(7)", "observerd-plugins(7)", "observerd-errors(7)", "observerd-plugin-check(1)"])

    def settings(self, page, node, prefix=""):
        """Every setting of a schema's node, one entry each."""
        for inner in node.get("allOf", []) + node.get("anyOf", []) + node.get("oneOf", []):
            if "$ref" not in inner:
                self.settings(page, inner, prefix)
        for name, setting in node.get("properties", {}).items():
            twin = name.removesuffix("_env")
            if name == "$schema" or (twin != name and twin in node["properties"]):
                continue
            path = prefix + name
            if setting.get("description"):
                words = [setting["description"]]
                choices = self.choices(setting)
                if choices:
                    words.append("One of " + ", ".join(choices) + ".")
                if "default" in setting:
                    words.append("By default " + json.dumps(setting["default"]) + ".")
                page.item(path, " ".join(words))
            self.settings(page, setting, path + ".")
            if isinstance(setting.get("items"), dict):
                self.settings(page, setting["items"], path + "[].")

    @staticmethod
    def choices(setting):
        found = setting.get("enum") or next((way["enum"] for way in setting.get("anyOf", []) if "enum" in way), [])
        return [json.dumps(value) for value in found]

    def configuration_page(self):
        page = self.page("observerd.json", 5, "configuration of observerd")
        page.heading("DESCRIPTION")
        page.markdown(self.chapter("Ten lines of configuration").split("With a role")[0])
        page.heading("SETTINGS")
        self.settings(page, self.schema)
        for title in ("Templates", "Retries", "Dead letters"):
            page.heading(title.upper())
            page.markdown(self.chapter(title))
        self.write(page, "observerd.json.5", ["observerd(8)", "observerd-conditions(7)", "observerd-plugins(7)"])

    def plugins_page(self):
        page = self.page("observerd-plugins", 7, "action types of observerd and their settings")
        page.heading("DESCRIPTION")
        page.markdown(self.chapter("Plugins"))
        definitions = self.schema["definitions"]
        types = sorted(name.removeprefix("action-") for name in definitions if name.startswith("action-"))
        for kind in types:
            if kind in NOT_PACKAGED:
                continue
            page.heading(f"ACTION TYPE {kind}")
            self.settings(page, definitions[f"action-{kind}"])
            page.heading(f"plugins.settings.{kind}", 2)
            self.settings(page, definitions[f"module-{kind}"])
        self.write(page, "observerd-plugins.7", ["observerd(8)", "observerd.json(5)", "observerd-plugin-check(1)"])

    def conditions_page(self):
        page = self.page("observerd-conditions", 7, "conditions of observerd's observers")
        page.heading("DESCRIPTION")
        page.markdown(self.chapter("Conditions"))
        self.write(page, "observerd-conditions.7", ["observerd(8)", "observerd.json(5)"])

    def errors_page(self):
        page = self.page("observerd-errors", 7, "error numbers of observerd")
        for error in json.loads(run(self.observerd, "help", "--json")):
            page.heading(f"{error['code']} {error['title']}")
            page.paragraph(error["cause"])
            page.verbatim(error["example"])
            page.paragraph(error["what_to_do"])
        self.write(page, "observerd-errors.7", ["observerd(8)"])

    def checker_page(self):
        head, _, rest = self.checker_help.partition("\nOptions:\n")
        usage, _, text = head.partition("\n\n")
        page = self.page("observerd-plugin-check", 1, "says whether a plugin of observerd keeps to the ABI")
        page.heading("SYNOPSIS")
        page.paragraph(usage.removeprefix("Usage: "))
        page.heading("DESCRIPTION")
        page.paragraph(" ".join(text.split()))
        page.heading("OPTIONS")
        for option in read_options(rest):
            page.item(", ".join(filter(None, [option.short, f"{option.name} {option.value}".strip()])), option.text)
        page.heading("EXIT STATUS")
        page.paragraph(" ".join(rest.partition("Exit codes: ")[2].split()))
        self.write(page, "observerd-plugin-check.1", ["observerd(8)", "observerd-plugins(7)"])

    def completions(self):
        options = read_options(self.checker_help.partition("\nOptions:\n")[2])
        for name, make in (("bash", completions.bash), ("zsh", completions.zsh), ("fish", completions.fish)):
            target = self.output / "completions" / name
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(make(self.tree, options))


def main():
    manual = Manual(*sys.argv[1:5])
    for make in (manual.observerd_page, manual.configuration_page, manual.plugins_page, manual.conditions_page,
                 manual.errors_page, manual.checker_page, manual.completions):
        make()


main()
