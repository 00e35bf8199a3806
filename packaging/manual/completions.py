"""Completions for bash, zsh and fish, from the same help texts as the manual."""
from helptext import leaves

FILES = ("FILE", "DIR", "FILE.so")


def bash(tree, checker):
    """One table from the words of a command to what may follow."""
    rows = []
    for command in groups(tree):
        rows.append((command.words, [inner.words[-1] for inner in command.commands]))
    for command in leaves(tree):
        rows.append((command.words, [option.name for option in command.options]))
    cases = "\n".join(f"    \"{' '.join(words)}\") words=\"{' '.join(follow)}\" ;;" for words, follow in rows)
    names = "|".join(" ".join(command.words) for command in groups(tree) if command.words)
    return f"""# bash completion for observerd and observerd-plugin-check; made from their help texts.
_observerd() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} before=${{COMP_WORDS[COMP_CWORD-1]}} command='' word words skip=''
  case $before in --config|-c|--event) COMPREPLY=($(compgen -f -- "$current")); return ;; esac
  for word in "${{COMP_WORDS[@]:1:COMP_CWORD-1}}"; do
    [[ -z $skip ]] || {{ skip=; continue; }}
    case $word in --config|-c) skip=1; continue ;; esac
    case $command in
      ''|{names}) case $word in -*) ;; *) command="${{command:+$command }}$word" ;; esac ;;
    esac
  done
  case $command in
{cases}
    *) words= ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
  [[ ${{#COMPREPLY[@]}} -gt 0 || $current == -* ]] || COMPREPLY=($(compgen -f -- "$current"))
}}
complete -o filenames -F _observerd observerd
_observerd_plugin_check() {{
  local current=${{COMP_WORDS[COMP_CWORD]}}
  case $current in
    -*) COMPREPLY=($(compgen -W "{' '.join(option.name for option in checker)}" -- "$current")) ;;
    *) COMPREPLY=($(compgen -f -- "$current")) ;;
  esac
}}
complete -o filenames -F _observerd_plugin_check observerd-plugin-check
"""


def groups(command):
    """The commands that have commands, the program itself first."""
    if not command.commands:
        return []
    return [command] + [group for inner in command.commands for group in groups(inner)]


def quoted(text):
    """In single quotes, for fish."""
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def zsh_words(text):
    """For the inside of single quotes, without what _arguments and _describe take for their own."""
    return text.replace("'", "'\\''").replace("[", "(").replace("]", ")").replace(":", " -")


def zsh_option(option):
    words = zsh_words(option.text)
    value = ""
    if option.value:
        value = f":{option.value.replace(':', ' ')}:" + ("_files" if option.value in FILES else "")
    return f"'{option.name}[{words}]{value}'"


def zsh(tree, checker):
    lines = ["#compdef observerd observerd-plugin-check", "# Made from the help texts.", "_observerd() {",
             "  local -a list", "  local command='' word",
             "  if [[ $service == observerd-plugin-check ]]; then",
             "    _arguments " + " ".join(zsh_option(option) for option in checker) + " '*:file:_files'", "    return", "  fi",
             "  for word in ${words[2,CURRENT-1]}; do", "    case $command in",
             "      ''|" + "|".join(f"'{' '.join(group.words)}'" for group in groups(tree) if group.words)
             + ") [[ $word == -* ]] || command=\"${command:+$command }$word\" ;;", "    esac", "  done", "  case $command in"]
    for group in groups(tree):
        entries = " ".join(f"'{inner.words[-1]}:{zsh_words(inner.summary)}'" for inner in group.commands)
        lines += [f"    '{' '.join(group.words)}') list=({entries}); _describe command list ;;"]
    for leaf in leaves(tree):
        options = " ".join(zsh_option(option) for option in leaf.options)
        lines += [f"    '{' '.join(leaf.words)}') _arguments {options} '*:argument:_files' ;;"]
    return "\n".join(lines + ["  esac", "}", '_observerd "$@"', ""])


def fish(tree, checker):
    lines = ["# Made from the help texts.", "complete -c observerd -f"]

    def option_line(program, condition, option):
        short = f" -s {option.short[1:]}" if option.short else ""
        value = " -r" + (" -F" if option.value in FILES else "") if option.value else ""
        return f"complete -c {program}{condition} -l {option.name[2:]}{short}{value} -d {quoted(option.text)}"

    def within(words):
        return " -n " + quoted("; and ".join(f"__fish_seen_subcommand_from {word}" for word in words)) if words else ""

    for group in groups(tree):
        names = " ".join(inner.words[-1] for inner in group.commands)
        place = [f"__fish_seen_subcommand_from {word}" for word in group.words] or []
        condition = " -n " + quoted("; and ".join(place + [f"not __fish_seen_subcommand_from {names}"]))
        lines += [f"complete -c observerd{condition} -a {inner.words[-1]} -d {quoted(inner.summary)}" for inner in group.commands]
    for leaf in leaves(tree):
        lines += [option_line("observerd", within(leaf.words), option) for option in leaf.options]
    lines += [option_line("observerd-plugin-check", "", option) for option in checker]
    return "\n".join(lines) + "\n"
