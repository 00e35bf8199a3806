"""Checks of the completions."""
import re
import shutil
import subprocess
import tempfile
from pathlib import Path

from judged import Skipped, check, output

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
        raise Skipped("fish is not installed")
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
def completes_in_zsh(case):
    if not shutil.which("zsh"):
        raise Skipped("zsh is not installed")
    with tempfile.TemporaryDirectory() as directory:
        Path(directory, "event.json").touch()
        for name, completed in (("zsh", "_observerd"), ("plugin-check.zsh", "_observerd-plugin-check")):
            file = Path(directory, completed)
            shutil.copy(case.manual / "completions" / name, file)
            done = subprocess.run(["zsh", "-f", "-n", file], capture_output=True, text=True, check=False)
            case.expect(done.returncode == 0 and not done.stderr, f"{name}: {done.stderr.strip()}")
        lines = [(" ".join(words), " ".join([*words[:-1], *wanted])) for words, wanted in COMPLETIONS]
        script = Path(__file__).parent / "complete.zsh"
        answers = output("zsh", "-f", script, directory, *(line for line, _ in lines), cwd=directory, timeout=120).splitlines()
        case.expect(len(answers) == len(lines), f"zsh: {len(answers)} answers to {len(lines)} lines")
        for (line, wanted), found in zip(lines, answers):
            case.expect(found.strip() == wanted, f"zsh, {line}: {found} and not {wanted}")
    text = (case.manual / "completions" / "zsh").read_text()
    for words, options in case.commands():
        line = next((line for line in text.splitlines() if f"('{' '.join(words)}')" in line), "")
        for option in options:
            case.expect(f"'{option}[" in line, f"zsh, {' '.join(words)}: no {option}")
