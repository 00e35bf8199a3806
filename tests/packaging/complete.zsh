# complete.zsh DIRECTORY LINE…: each line as it is after a Tab, in an interactive zsh that finds its
# completions in DIRECTORY.
zmodload zsh/zpty
zpty terminal zsh -f -i
zpty -w terminal "fpath=(${(q)1} \$fpath)"
zpty -w terminal 'PS1=; autoload -U compinit; compinit -u -D; bindkey "^I" complete-word'
zpty -w terminal 'show() { print -r -- "<<$BUFFER>>"; zle kill-whole-line }; zle -N show; bindkey "^X" show; print READY'
zpty -r terminal answer '*READY*READY*'  # what was typed, and what it printed
shift
for line in "$@"; do
  zpty -w -n terminal "$line"$'\t\x18'
  zpty -r terminal answer '*<<*>>*'
  print -r -- "${${answer##*<<}%%>>*}"
done
zpty -d terminal
