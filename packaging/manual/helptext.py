"""The command line as the programs themselves tell it: --help of every command, read."""
import re
import subprocess
from dataclasses import dataclass, field


@dataclass
class Option:
    name: str  # --config
    short: str  # -c, or empty
    value: str  # FILE, or empty
    text: str
    default: str = ""  # where the program shows one; is in the text then


@dataclass
class Command:
    words: list
    summary: str
    usage: str = ""
    text: str = ""
    options: list = field(default_factory=list)
    commands: list = field(default_factory=list)  # of a group


def run(program, *arguments):
    done = subprocess.run([program, *arguments], capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise SystemExit(f"{program} {' '.join(arguments)} ended with {done.returncode}: {done.stderr}")
    return done.stdout


def read_options(text):
    """What stands below "Options:": a name, a value perhaps, words that may go on below."""
    options = []
    head = re.compile(r"  (?:(-\w) \[ )?(--[\w-]+)(?: \])?(?: (?!\(=)(\S+))?(?: \(=(\S+)\))?(?: +(.*))?$")
    for line in text.split("\n"):
        found = head.match(line)
        if found:
            short, name, value, default, words = found.groups()
            options.append(Option(name, short or "", value or "", words or "", default or ""))
        elif line.startswith("   ") and options:
            options[-1].text = (options[-1].text + " " + line.strip()).strip()
        elif line.strip():
            raise SystemExit(f"this line of a help text is no option: {line}")
        elif options:
            break
    for option in options:
        option.text = " ".join(option.text.split())
        if option.default:
            option.text += f" (by default {option.default})"
    return options


def read_command(program, words, summary):
    """The command `words` and, of a group, those in it."""
    text = run(program, *words, "--help")
    command = Command(words, summary)
    head, _, options = text.partition("\nOptions:\n")
    usage, _, command.text = head.partition("\n\n")
    command.usage = usage.removeprefix("Usage: ").strip()
    command.options = read_options(options)
    if not options:
        command.text = ""
        listed = re.findall(r"^  (\S+)  +(\S.*)$", head, re.M)
        if not listed:
            raise SystemExit(f"neither options nor commands in: {' '.join(words)} --help")
        command.commands = [read_command(program, words + [name], about) for name, about in listed]
    command.text = command.text.strip()
    return command


def leaves(command):
    """The commands that do something."""
    if not command.commands:
        return [command]
    return [leaf for inner in command.commands for leaf in leaves(inner)]
