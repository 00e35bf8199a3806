#!/usr/bin/env python3
"""Makes the manual pages and completions from what the built programs say of themselves:

    make.py SOURCE BIN PLUGINS OUTPUT

--help of every command, the error catalogue, the configuration's schema, and chapters of README files.
Nothing is written by hand, so nothing can differ from the programs of the same build.
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
from roff import Markdown, Page
from settings import Settings, twin

NOT_PACKAGED = {"null"}  # there for measurements
EVERYWHERE = ("--config", "--json", "--help")

# What the links of the chapters are in an installation.
PLACES = {
    "../host/capture/README.md": None,
    "../host/source/README.md": None,
    "config/examples": "`/usr/share/doc/observerd/examples`",
    "config/prometheus": "`/usr/share/doc/observerd/prometheus`",
    "host/admin/README.md": "WHO MAY ASK, below,",
    "host/plugin/runner/README.md": "More in WHAT THE HOST GUARANTEES and WHAT A RUNNER CANNOT DO, below",
    "host/templates/README.md": "**observerd-templates(7)**",
    "migrations/README.md": "**observerd-tables(7)**",
    "sdk/README.md": "`/usr/share/doc/observerd-sdk/README.md`",
    "sdk/ABI.md": "{text} (`/usr/share/doc/observerd-sdk/ABI.md`)",
    "sdk/template/README.md": "`/usr/share/observerd/sdk/template`",
}


def names_of(option):
    return ", ".join(filter(None, [option.short, f"{option.name} {option.value}".strip()]))


class Manual:
    def __init__(self, source, binaries, plugins, output):
        self.source, self.output = Path(source), Path(output)
        self.observerd, self.checker = f"{binaries}/observerd", f"{binaries}/observerd-plugin-check"
        self.version = run(self.observerd, "--version").split()[1]
        when = time.gmtime(int(os.environ.get("SOURCE_DATE_EPOCH") or time.time()))
        self.date = time.strftime("%Y-%m-%d", when)
        self.tree = read_command(self.observerd, [], "")
        self.checker_help = run(self.checker, "--help")
        self.checker_options = read_options(self.checker_help.partition("\nOptions:\n")[2])
        with tempfile.NamedTemporaryFile("w", suffix=".json") as configuration:
            json.dump({"database": {"url": "postgresql:///"}, "plugins": {"directories": [os.path.abspath(plugins)]}}, configuration)
            configuration.flush()
            self.settings = Settings(json.loads(run(self.observerd, "schema", "--config", configuration.name)), NOT_PACKAGED)

    def page(self, name, section, summary):
        return Page(name, section, summary, self.date, self.version, Markdown(PLACES))

    def chapter(self, title, file="README.md"):
        """A chapter of a README, without its heading."""
        found = re.search(rf"^## {re.escape(title)}\n(.*?)(?=^## |\Z)", (self.source / file).read_text(), re.S | re.M)
        if not found:
            raise SystemExit(f"{file} has no chapter \"{title}\", which a manual page is made of")
        return found.group(1)

    def part(self, title, pattern):
        """What a pattern finds in a chapter of README.md."""
        found = re.search(pattern, self.chapter(title), re.S | re.M)
        if not found:
            raise SystemExit(f"README.md, \"{title}\": a manual page is made of what {pattern} would find")
        return found.group(1)

    def write(self, page, name, also):
        page.heading("SEE ALSO")
        page.pages(also)
        target = self.output / "man" / f"man{name[-1]}" / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page.text())

    def observerd_page(self):
        page = self.page("observerd", 8, "actions that follow changes in PostgreSQL")
        page.heading("SYNOPSIS")
        page.markdown("`observerd` COMMAND [OPTION…]")
        page.markdown("`observerd --version`")
        page.heading("DESCRIPTION")
        page.markdown((self.source / "README.md").read_text().split("\n\n")[1])
        page.heading("COMMANDS")
        everywhere = {}
        for command in leaves(self.tree):
            page.heading(command.usage.removeprefix("observerd "), 2)
            page.help(command.text)
            for option in command.options:
                if option.name in EVERYWHERE:
                    everywhere[option.name] = option
                else:
                    page.item(names_of(option), option.text)
        page.heading("OPTIONS OF EVERY COMMAND")
        for name in EVERYWHERE:
            page.item(names_of(everywhere[name]), everywhere[name].text + ("; of commands that list or answer something" if name == "--json" else ""))
        page.heading("EXIT STATUS")
        page.paragraph(self.part("Ten lines of configuration", r"Exit codes: (.*?\.)\n"))
        page.heading("OPERATION")
        page.markdown(self.chapter("Operating it"))
        page.heading("WHO MAY ASK")
        page.markdown(self.chapter("Who may ask", "host/admin/README.md"))
        page.heading("WHEN A DESTINATION IS IN TROUBLE")
        page.markdown(self.chapter("When a destination is in trouble"))
        page.heading("FILES")
        for path, text in (("/etc/observerd/observerd.json", "the configuration, see observerd.json(5)"),
                           ("/etc/observerd/conf.d/*.json", "merged into it in the order of their names"),
                           ("/etc/observerd/credentials/NAME", "the credential secret_NAME of the service"),
                           ("/usr/share/doc/observerd/schema/", "the JSON Schemas of what commands print with --json"),
                           ("/usr/lib/observerd/plugins-1/", "action types of packages"),
                           ("/usr/local/lib/observerd/plugins-1/", "action types of the administrator")):
            page.item(path, text)
        self.write(page, "observerd.8", ["observerd.json(5)", "observerd-conditions(7)", "observerd-templates(7)", "observerd-plugins(7)",
                                         "observerd-tables(7)", "observerd-errors(7)", "observerd-plugin-check(1)"])

    def items(self, page, node, prefix="", skip=()):
        for path, words in self.settings.walk(node, prefix, skip):
            page.item(path, words)

    def configuration_page(self):
        page, title = self.page("observerd.json", 5, "configuration of observerd"), "Ten lines of configuration"
        page.heading("DESCRIPTION")
        page.markdown(self.part(title, r"\A(.*?)^```"))
        # Packages need no plugins.directories.
        example = self.part(title, r"^```jsonc\n(.*?)^```")
        page.verbatim("".join(line for line in example.splitlines(keepends=True) if '"directories"' not in line))
        page.markdown(self.part(title, r"(Without `plugins\.directories`.*?searched\.)"))
        page.markdown(self.part(title, r"^(A string may come from elsewhere:.*?)\n\n"))
        page.heading("SETTINGS")
        self.items(page, self.settings.schema)
        page.heading("SETTINGS OF EVERY ACTION")
        page.markdown("In each member of **observers[].actions**, and in **runtime.alert.action**. Those of one action type are in **observerd-plugins(7)**, and `observerd plugins info` shows them.")
        common, schema = self.settings.common(), self.settings.schema
        as_in_defaults = [name for name in common if name in schema["properties"]["defaults"]["properties"]]
        page.item("type", self.settings.words(schema["definitions"]["action"], "type", schema["definitions"]["action"]["properties"]["type"]))
        self.items(page, {"properties": common}, skip=["type", *as_in_defaults])
        page.item(", ".join(name for name in as_in_defaults if not twin(name, common)), "As in defaults, for this action.")
        for title in ("Retries", "Dead letters"):
            page.heading(title.upper())
            page.markdown(self.chapter(title))
        self.write(page, "observerd.json.5", ["observerd(8)", "observerd-conditions(7)", "observerd-templates(7)", "observerd-plugins(7)"])

    def plugins_page(self):
        page, runner = self.page("observerd-plugins", 7, "action types of observerd and their settings"), "host/plugin/runner/README.md"
        page.heading("DESCRIPTION")
        page.markdown(self.chapter("Plugins"))
        common, definitions = self.settings.common(), self.settings.schema["definitions"]
        for kind in self.settings.types:
            if kind in NOT_PACKAGED:
                continue
            action = definitions[f"action-{kind}"]
            page.heading(f"ACTION TYPE {kind}")
            page.paragraph(action["properties"]["type"]["description"])
            self.items(page, action, skip=common)
            if definitions[f"module-{kind}"].get("properties"):
                page.heading(f"plugins.settings.{kind}", 2)
                self.items(page, definitions[f"module-{kind}"])
        for title in ("What the host guarantees", "What a runner cannot do"):
            page.heading(title.upper())
            page.markdown(self.chapter(title, runner))
        self.write(page, "observerd-plugins.7", ["observerd(8)", "observerd.json(5)", "observerd-templates(7)", "observerd-plugin-check(1)"])

    def language_pages(self):
        page = self.page("observerd-conditions", 7, "conditions of observerd's observers")
        page.heading("DESCRIPTION")
        page.markdown(self.chapter("Conditions"))
        self.write(page, "observerd-conditions.7", ["observerd(8)", "observerd.json(5)", "observerd-templates(7)"])
        page = self.page("observerd-templates", 7, "templates in the settings of observerd's actions")
        page.heading("DESCRIPTION")
        page.markdown(self.chapter("Templates").split("\nDetails: ")[0])
        for title, before in (("Language", ""), ("Places", "How values are escaped where **observerd-plugins(7)** says of a setting: A template (PLACE).")):
            page.heading(title.upper())
            page.markdown(before + "\n\n" + self.chapter(title, "host/templates/README.md"))
        self.write(page, "observerd-templates.7", ["observerd(8)", "observerd.json(5)", "observerd-conditions(7)"])

    def tables_page(self):
        page, file = self.page("observerd-tables", 7, "observerd's tables, functions and session settings"), "migrations/README.md"
        page.heading("DESCRIPTION")
        page.markdown((self.source / file).read_text().split("\n\n")[1])
        for title in ("Tables", "Sequences", "Functions", "Settings of a session"):
            page.heading(title.upper())
            page.markdown(self.chapter(title, file))
        self.write(page, "observerd-tables.7", ["observerd(8)", "observerd.json(5)"])

    def errors_page(self):
        page = self.page("observerd-errors", 7, "error numbers of observerd")
        page.heading("DESCRIPTION")
        page.markdown(self.part("Errors", r"^(`observerd help OB005`.*)\Z"))
        for error in json.loads(run(self.observerd, "help", "--json")):
            page.heading(f"{error['code']} {error['title']}")
            page.markdown(error["cause"])
            page.verbatim(error["example"])
            page.markdown(error["what_to_do"])
        self.write(page, "observerd-errors.7", ["observerd(8)", "observerd-conditions(7)"])

    def checker_page(self):
        head, _, rest = self.checker_help.partition("\nOptions:\n")
        usage, _, text = head.partition("\n\n")
        page = self.page("observerd-plugin-check", 1, "says whether a plugin of observerd keeps to the ABI")
        page.heading("SYNOPSIS")
        page.paragraph(usage.removeprefix("Usage: "))
        page.heading("DESCRIPTION")
        page.help(text)
        page.heading("OPTIONS")
        for option in self.checker_options:
            page.item(names_of(option), option.text)
        page.heading("EXIT STATUS")
        page.paragraph(rest.partition("Exit codes: ")[2])
        self.write(page, "observerd-plugin-check.1", ["observerd(8)", "observerd-plugins(7)"])

    def completions(self):
        target = self.output / "completions"
        target.mkdir(parents=True, exist_ok=True)
        for shell in (completions.bash, completions.zsh, completions.fish):
            (target / shell.__name__).write_text(shell(self.tree))
        for shell in (completions.checker_bash, completions.checker_zsh, completions.checker_fish):
            (target / f"plugin-check.{shell.__name__.removeprefix('checker_')}").write_text(shell(self.checker_options))


def main():
    manual = Manual(*sys.argv[1:5])
    for make in (manual.observerd_page, manual.configuration_page, manual.plugins_page, manual.language_pages, manual.tables_page,
                 manual.errors_page, manual.checker_page, manual.completions):
        make()


if __name__ == "__main__":
    main()
