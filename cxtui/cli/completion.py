"""Scripts with which a shell completes verbs, options and the values that can be chosen from, made of the real parsers.

Each is a table and a walk: the words so far lead to a place such as "cxtui sip add", and the table says what may stand
there. Names of companies and users are not looked up: a key in a shell should not wait for a database.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from .call import Call
from .grammar import Parser
from .tree import Option, Verb, tree

_FILES = "<files>"
_LONGEST = 72


def options(parser: Parser) -> None:
    """The options of ``completion``."""
    parser.add_argument("shell", choices=[*SHELLS], help="the shell that is to run it")
    parser.set_defaults(act=_printed)


def _printed(call: Call) -> int:
    lines = SHELLS[call.given("shell")](tree())
    if call.output.as_json:
        call.output.record({"shell": call.given("shell"), "script": "\n".join(lines)})
    else:
        call.output.lines(lines)
    return 0


def bash(root: Verb) -> Iterator[str]:
    """For bash: ``source <(cxtui completion bash)``."""
    yield "# Completion of cxtui for bash. In ~/.bashrc: source <(cxtui completion bash)"
    yield from _case("_cxtui_verbs", ((verb.path, _names(verb)) for verb in root.walk() if verb.verbs))
    yield from _case("_cxtui_options", ((verb.path, _option_names(verb)) for verb in root.walk()))
    yield from _case("_cxtui_values", _values(root))
    yield from _case("_cxtui_valued", _valued(root))
    yield from _BASH.splitlines()


def zsh(root: Verb) -> Iterator[str]:
    """For zsh: a file ``_cxtui`` in a folder of ``$fpath``, or ``source <(cxtui completion zsh)``."""
    yield "#compdef cxtui"
    yield "# Completion of cxtui for zsh: a file _cxtui in a folder of $fpath."
    inner = (
        (verb.path, [f"{one.name}:{_brief(one.help)}" for one in verb.verbs]) for verb in root.walk() if verb.verbs
    )
    yield from _case("_cxtui_verbs", inner, _into_reply)
    described = ((verb.path, [f"{name}:{_brief(one.help)}" for name, one in _options(verb)]) for verb in root.walk())
    yield from _case("_cxtui_options", described, _into_reply)
    yield from _case("_cxtui_values", _values(root), _into_reply)
    yield from _case("_cxtui_valued", _valued(root), _into_reply)
    yield from _ZSH.splitlines()


def fish(root: Verb) -> Iterator[str]:
    """For fish: a file ``cxtui.fish`` in ``~/.config/fish/completions``."""
    yield "# Completion of cxtui for fish: ~/.config/fish/completions/cxtui.fish"
    places = " ".join(_quoted(verb.path) for verb in root.walk() if verb is not root)
    yield "function __cxtui_valued"
    yield "  switch $argv[1]"
    for place, names in _valued(root):
        yield f"    case {_quoted(place)}"
        yield f"      printf '%s\\n' {' '.join(names)}"
    yield "  end"
    yield "end"
    yield from _FISH.format(places=places).splitlines()
    yield "complete -c cxtui -f"
    for verb in root.walk():
        here = f"complete -c cxtui -n {_quoted('__cxtui_is ' + _quoted(verb.path))}"
        for inner in verb.verbs:
            yield f"{here} -a {inner.name} -d {_quoted(_brief(inner.help))}"
        for argument in verb.arguments:
            if argument.file:
                yield f"{here} -F"
            elif argument.values:
                yield f"{here} -a {_quoted(' '.join(argument.values))}"
        for option in (*verb.options, *verb.common):
            yield f"{here} {_fish_option(option)}"


SHELLS: dict[str, Callable[[Verb], Iterator[str]]] = {"bash": bash, "zsh": zsh, "fish": fish}


def _fish_option(option: Option) -> str:
    names = " ".join(f"-l {name[2:]}" if name.startswith("--") else f"-s {name[1:]}" for name in option.names)
    values = f" -a {_quoted(' '.join(option.values))}" if option.values else ""
    value = " -r -F" if option.file else f" -x{values}" if option.metavar else ""
    return f"{names}{value} -d {_quoted(_brief(option.help))}"


def _brief(help: str) -> str:
    """The beginning of a help, as much as fits beside a word."""
    return help.partition(". ")[0].rstrip(".")[:_LONGEST]


def _names(verb: Verb) -> list[str]:
    return [inner.name for inner in verb.verbs]


def _options(verb: Verb) -> list[tuple[str, Option]]:
    return [(name, option) for option in (*verb.options, *verb.common) for name in option.names]


def _option_names(verb: Verb) -> list[str]:
    return [name for name, _ in _options(verb)]


def _values(root: Verb) -> Iterator[tuple[str, list[str]]]:
    """What can be chosen from behind an option ("cxtui ip add --direction") or as an argument ("cxtui export ")."""
    for verb in root.walk():
        offered = [(f"{verb.path} {name}", option) for name, option in _options(verb)]
        for place, option in [*offered, *((f"{verb.path} ", argument) for argument in verb.arguments)]:
            if option.file or option.values:
                yield place, [_FILES] if option.file else [*option.values]


def _valued(root: Verb) -> Iterator[tuple[str, list[str]]]:
    """The options of each verb that take a value."""
    for verb in root.walk():
        yield verb.path, [name for name, option in _options(verb) if option.metavar]


def _into_reply(words: Iterable[str]) -> str:
    return f"reply=({' '.join(map(_quoted, words))})"


def _echo(words: Iterable[str]) -> str:
    return f"echo {_quoted(' '.join(words))}"


def _case(
    function: str, table: Iterable[tuple[str, list[str]]], say: Callable[[Iterable[str]], Any] = _echo
) -> Iterator[str]:
    """A function that answers its argument with the words beside it."""
    yield f"{function}() {{"
    yield "  case $1 in"
    for place, words in table:
        yield f"    {_quoted(place)}) {say(words)} ;;"
    yield "  esac"
    yield "}"


def _quoted(text: str) -> str:
    return "'" + text.replace("'", "'\\''") + "'"


_BASH = r"""
_cxtui() {
  local cur=${COMP_WORDS[COMP_CWORD]} place=cxtui option= helping= word words i
  [[ $cur == = ]] && cur=
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=${COMP_WORDS[i]}
    if [[ $word == = ]]; then continue
    elif [[ $option ]]; then option=
    elif [[ $word == -* ]]; then [[ " $(_cxtui_valued "$place") " == *" $word "* ]] && option=$word
    elif [[ $place$word == cxtuihelp ]]; then helping='cxtui help'
    elif [[ " $(_cxtui_verbs "$place") " == *" $word "* ]]; then place+=" $word"
    fi
  done
  if [[ $option ]]; then words=$(_cxtui_values "$place $option")
  elif [[ $cur == -* ]]; then words=$(_cxtui_options "${helping:-$place}")
  else words="$(_cxtui_verbs "$place") $(_cxtui_values "$place ")"
  fi
  if [[ $words == *'<files>'* ]]; then
    compopt -o filenames 2>/dev/null
    mapfile -t COMPREPLY < <(compgen -f -- "$cur")
  else
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$cur")
  fi
}
complete -F _cxtui cxtui"""

_ZSH = r"""
_cxtui() {
  local place=cxtui option= helping= word
  local -a reply
  for word in "${(@)words[2,CURRENT-1]}"; do
    if [[ -n $option ]]; then option=; continue; fi
    case $word in
      --*=*) ;;
      -*)
        reply=(); _cxtui_valued $place
        (( $reply[(Ie)$word] )) && option=$word
        ;;
      *)
        [[ $place$word == cxtuihelp ]] && helping='cxtui help' && continue
        reply=(); _cxtui_verbs $place
        [[ -n ${(M)reply:#$word:*} ]] && place+=" $word"
        ;;
    esac
  done
  reply=()
  if [[ -n $option ]]; then
    _cxtui_values "$place $option"
  elif [[ $PREFIX == -* ]]; then
    _cxtui_options ${helping:-$place}
    _describe -o option reply
    return
  else
    _cxtui_verbs $place
    (( $#reply )) && _describe verb reply && return
    _cxtui_values "$place "
  fi
  if [[ $reply[1] == '<files>' ]]; then _files; else compadd -a reply; fi
}
if [[ $funcstack[1] == _cxtui ]]; then _cxtui "$@"; else compdef _cxtui cxtui; fi"""

_FISH = r"""
function __cxtui_is
  set -l place cxtui
  set -l option ''
  set -l helping ''
  for word in (commandline -opc)[2..]
    if test -n "$option"
      set option ''
    else if string match -q -- '-*' $word
      contains -- $word (__cxtui_valued $place); and set option $word
    else if test "$place$word" = cxtuihelp
      set helping 'cxtui help'
    else if contains -- "$place $word" {places}
      set place "$place $word"
    end
  end
  if test -n "$helping"; and string match -q -- '-*' (commandline -ct)
    set place $helping
  end
  test "$place" = "$argv[1]"
end"""
