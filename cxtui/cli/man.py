"""The page for man: the manual, with every verb and its options read off the real parsers (man(7))."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from cxtui import __version__

from .examples import EXAMPLES, examples_of
from .manual import MANUAL
from .tree import Option, Verb, tree

_LITERAL = frozenset({"EXAMPLES"})
_BEFORE = ("NAME", "SYNOPSIS", "DESCRIPTION")
_AFTER = ("OPTIONS", "EXAMPLES", "EXIT CODES", "FILES", "ENVIRONMENT", "SEE ALSO")
_ITEM = re.compile(r"(\S.*?)(?:  +(\S.*))?")
_INDENT = 2
_SPECIAL = str.maketrans({"\\": r"\e", "-": r"\-", "'": r"\(aq", "`": r"\(ga", "^": r"\(ha", "~": r"\(ti", "…": "..."})


def page() -> Iterator[str]:
    """The lines of cxtui.1."""
    sections = manual_sections()
    yield f'.TH CXTUI 1 "" "cxtui {__version__}" "User Commands"'
    for title in _BEFORE:
        yield from _section(title, sections[title])
    yield ".SH VERBS"
    for verb in tree().walk():
        if not verb.verbs:
            yield from _described(verb)
    for title in _AFTER:
        yield from _section(title, sections[title])


def manual_sections() -> dict[str, list[str]]:
    """The lines of the manual by their heading, without the indentation that they all have."""
    found: dict[str, list[str]] = {}
    for line in MANUAL.splitlines():
        if line and not line.startswith(" "):
            title = line
            found[title] = []
        else:
            found[title].append(line[_INDENT:])
    return found


def _section(title: str, lines: list[str]) -> Iterator[str]:
    yield f'.SH "{title}"'
    if title in _LITERAL:
        yield from _literal(filter(None, lines))
    elif title in ("NAME", "DESCRIPTION", "SEE ALSO"):
        yield from _paragraphs(lines)
    else:
        yield from _items(lines)


def _described(verb: Verb) -> Iterator[str]:
    yield f'.SS "{_escaped(verb.path)}"'
    yield r"\fB" + _escaped(verb.path) + r"\fR " + _escaped(verb.usage.removeprefix(verb.path).strip())
    yield ".PP"
    yield _escaped(verb.help[:1].upper() + verb.help[1:] + ".")
    for option in (*verb.arguments, *verb.options):
        yield from _tagged(_tag(option), option.help)
    examples = examples_of(verb.path) if verb.path.partition(" ")[2] in EXAMPLES else ()
    if examples:
        yield ".PP"
        yield "Examples:"
        yield from _literal(examples)


def _tag(option: Option) -> str:
    names = ", ".join(rf"\fB{_escaped(name)}\fR" for name in option.names)
    value = rf"\fI{_escaped(option.metavar)}\fR" if option.metavar else ""
    return " ".join(filter(None, (names, value)))


def _tagged(tag: str, words: str) -> Iterator[str]:
    yield ".TP"
    yield tag
    yield _escaped(words)


def _items(lines: Iterable[str]) -> Iterator[str]:
    """Each line that is not indented begins something that is explained; the others go on with it."""
    for line in filter(None, lines):
        if line.startswith(" "):
            yield _escaped(line.strip())
            continue
        found = _ITEM.fullmatch(line)
        assert found is not None
        yield ".TP"
        yield rf"\fB{_escaped(found[1])}\fR"
        if found[2]:
            yield _escaped(found[2])


def _paragraphs(lines: Iterable[str]) -> Iterator[str]:
    for line in lines:
        yield _escaped(line) if line else ".PP"


def _literal(lines: Iterable[str]) -> Iterator[str]:
    yield ".PP"
    yield ".RS 4"
    yield ".nf"
    yield from (_escaped(line) for line in lines)
    yield ".fi"
    yield ".RE"


def _escaped(text: str) -> str:
    """A text that roff prints as it is, whatever it begins with."""
    escaped = "".join(letter if ord(letter) < 128 else rf"\[u{ord(letter):04X}]" for letter in text.translate(_SPECIAL))
    return rf"\&{escaped}" if escaped[:1] in (".", "'") else escaped
