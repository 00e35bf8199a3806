"""Completions for bash, zsh and fish, from the same help texts as the manual: a file for each program
and shell, since shells look for a file by the name of the command."""
from helptext import leaves


def takes_file(option):
    return option.value.split(".")[0] in ("FILE", "DIR")


def choices(option):
    """abort|skip"""
    return option.value.split("|") if "|" in option.value else []


def takes_files(leaf):
    """As arguments."""
    return "FILE" in leaf.usage.split(" --")[0]


def names(option):
    return [option.short, option.name] if option.short else [option.name]


def groups(command):
    """The commands that have commands, the program itself first."""
    if not command.commands:
        return []
    return [command] + [group for inner in command.commands for group in groups(inner)]


def group_names(tree):
    return [" ".join(group.words) for group in groups(tree) if group.words]


def kind(option):
    """What stands after it: "" for nothing."""
    if not option.value:
        return ""
    return "files" if takes_file(option) else "|".join(choices(option)) or "anything"


def by_kind(tree):
    """kind -> patterns of COMMAND:OPTION. A name that means the same everywhere needs no command; one
    that does not (`migrate --status`, `dlq list --status STATUS`) is told with each."""
    seen = {}
    for leaf in leaves(tree):
        for option in leaf.options:
            for name in names(option):
                seen.setdefault(name, {}).setdefault(kind(option), []).append(" ".join(leaf.words))
    found = {}
    for name, kinds in sorted(seen.items()):
        for what, commands in kinds.items():
            patterns = [f"*:{name}"] if len(kinds) == 1 else [f"'{command}:{name}'" for command in commands]
            found.setdefault(what, []).extend(patterns)
    return found


# bash

# Sets `current` and `before`; of --name=value, which bash takes for three words, too.
BASH_WORDS = """  local current=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]}
  if [[ $current == = ]]; then
    current=
  elif [[ $before == = ]]; then
    before=${COMP_WORDS[COMP_CWORD-2]}
  fi
"""


def bash_values(kinds):
    """What completes after an option that wants a value."""
    words = {"files": 'mapfile -t COMPREPLY < <(compgen -f -- "$current"); return', "anything": "return"}
    for what in kinds:
        words.setdefault(what, f"mapfile -t COMPREPLY < <(compgen -W \"{what.replace('|', ' ')}\" -- \"$current\"); return")
    return "\n".join(f"    {'|'.join(patterns)}) {words[what]} ;;" for what, patterns in kinds.items() if what)


def skipping(tree, indent):
    """The cases of $command:$word that decide about the word: an option, one whose value is skipped, a part of the command."""
    kinds = by_kind(tree)
    valued = [pattern for what, patterns in kinds.items() if what for pattern in patterns]
    begun = "|".join(f"'{name}'" for name in group_names(tree))
    return "\n".join(indent + line for line in (
        f"({'|'.join(valued)}) skip=1 ;;", "(*:-*) ;;",
        f"(*) case $command in (''|{begun}) command=\"${{command:+$command }}$word\" ;; esac ;;"))


def bash(tree):
    """One table from the words of a command to what may follow."""
    rows = [(group.words, [inner.words[-1] for inner in group.commands]) for group in groups(tree)]
    for leaf in leaves(tree):
        words = [option.name for option in leaf.options]
        if leaf.words == ["help"]:
            words += [inner.words[0] for inner in tree.commands]
        rows.append((leaf.words, words))
    cases = "\n".join(f"    '{' '.join(words)}') words=\"{' '.join(follow)}\" ;;" for words, follow in rows)
    with_files = "|".join(f"'{' '.join(leaf.words)}'" for leaf in leaves(tree) if takes_files(leaf))
    return f"""# bash completion for observerd; made from its help texts.
_observerd() {{
{BASH_WORDS}  local command='' word words skip=''
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    if [[ -n $skip ]]; then
      [[ $word == = ]] || skip=
      continue
    fi
    case $command:$word in
{skipping(tree, "      ")}
    esac
  done
  case $command:$before in
{bash_values(by_kind(tree))}
  esac
  case $command in
{cases}
    *) words= ;;
  esac
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  case $command in
    {with_files}) [[ $current == -* ]] || mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
  esac
}}
complete -o filenames -F _observerd observerd
"""


def checker_bash(options):
    kinds = {}
    for option in options:
        kinds.setdefault(kind(option), []).extend(names(option))
    return f"""# bash completion for observerd-plugin-check; made from its help text.
_observerd_plugin_check() {{
{BASH_WORDS}  case $before in
{bash_values(kinds)}
  esac
  case $current in
    -*) mapfile -t COMPREPLY < <(compgen -W "{' '.join(option.name for option in options)}" -- "$current") ;;
    *) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
  esac
}}
complete -o filenames -F _observerd_plugin_check observerd-plugin-check
"""


# zsh

def zsh_words(text):
    """For the inside of single quotes, without what _arguments and _describe take for their own."""
    return text.replace("'", "'\\''").replace("[", "(").replace("]", ")").replace(":", " -")


def zsh_option(option):
    value = ""
    if option.value:
        action = "_files" if takes_file(option) else f"({' '.join(choices(option))})" if choices(option) else " "
        value = f":{zsh_words(option.value.replace('|', ' '))}:{action}"
    return " ".join(f"'{name}[{zsh_words(option.text)}]{value}'" for name in names(option))


def zsh(tree):
    lines = ["#compdef observerd", "# Made from the help texts.", "_observerd() {", "  local -a list", "  local command='' word skip=''",
             "  for word in ${words[2,CURRENT-1]}; do", "    if [[ -n $skip ]]; then", "      skip=", "      continue", "    fi",
             "    case $command:$word in", skipping(tree, "      "), "    esac", "  done", "  case $command in"]
    for group in groups(tree):
        entries = " ".join(f"'{inner.words[-1]}:{zsh_words(inner.summary)}'" for inner in group.commands)
        lines += [f"    ('{' '.join(group.words)}') list=({entries}); _describe command list ;;"]
    for leaf in leaves(tree):
        options = " ".join(zsh_option(option) for option in leaf.options)
        files = "_files" if takes_files(leaf) else "()"
        lines += [f"    ('{' '.join(leaf.words)}') _arguments {options} '*:argument:{files}' ;;"]
    return "\n".join(lines + ["  esac", "}", '_observerd "$@"', ""])


def checker_zsh(options):
    return "\n".join(["#compdef observerd-plugin-check", "# Made from the help text.",
                      "_arguments " + " ".join(zsh_option(option) for option in options) + " '*:file:_files'", ""])


# fish

def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish_option(program, condition, option):
    short = f" -s {option.short[1:]}" if option.short else ""
    value = f" -x -a {quoted(' '.join(choices(option)))}" if choices(option) else " -r -F" if takes_file(option) else " -x" if option.value else ""
    return f"complete -c {program}{condition} -l {option.name[2:]}{short}{value} -d {quoted(option.text)}"


def fish(tree):
    lines = ["# Made from the help texts.", "complete -c observerd -f"]
    in_groups = " ".join(group_names(tree))

    def within(words, none_of):
        conditions = [f"__fish_seen_subcommand_from {word}" for word in words]
        if none_of:
            conditions.append(f"not __fish_seen_subcommand_from {none_of}")
        return " -n " + quoted("; and ".join(conditions))

    for group in groups(tree):
        condition = within(group.words, " ".join(inner.words[-1] for inner in group.commands))
        lines += [f"complete -c observerd{condition} -a {inner.words[-1]} -d {quoted(inner.summary)}" for inner in group.commands]
    for leaf in leaves(tree):
        # `check` is a command, and one of `plugins`.
        condition = within(leaf.words, in_groups if len(leaf.words) == 1 else "")
        lines += [fish_option("observerd", condition, option) for option in leaf.options]
        if takes_files(leaf):
            lines.append(f"complete -c observerd{condition} -F")
    return "\n".join(lines) + "\n"


def checker_fish(options):
    return "\n".join(["# Made from the help text.", *(fish_option("observerd-plugin-check", "", option) for option in options)]) + "\n"
