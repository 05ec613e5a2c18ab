"""CLI allow lists: which callers' numbers a company sends, and whose call a number makes it (W-007, W-009, S-045).

A line is a number, compared with the caller's as it arrives (+44… and 44… are two numbers), or a regular expression in
the edge's dialect. An empty list lets every number pass; the first line bars all others.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from cxtui.models.findings import Finding, error, warning

from .printable import clean

FIELD = "cli_allow_list"
RESTRICTED = "none: CLI restriction in effect"
NO_LIST = "it has no CLI list"
LONGEST_REGEX = 200
MOST_REGEXES = 100
LONGEST_NUMBER = 15
"""Digits of an E.164 number (W-045)."""

_NUMBER = re.compile(rf"\+?[0-9]{{1,{LONGEST_NUMBER}}}\Z")
_DIGITS = re.compile(r"\+?[0-9]+\Z")
_WRITTEN_OUT = re.compile(r"\+?[0-9][0-9 ()/-]*\Z")
_LINES = re.compile(r"[\r\n]+")
_SEPARATORS = frozenset(" ,;")
_COMMAS = re.compile(r"[,;]")
_QUOTED = 40


@dataclass(frozen=True, slots=True)
class CliList:
    """The lines of a company's CLI allow list in their order, the numbers and the expressions among them."""

    lines: tuple[str, ...]
    numbers: frozenset[str]
    regexes: tuple[str, ...]

    @property
    def text(self) -> str:
        """The list as it is stored."""
        return "\n".join(self.lines)

    def admitting(self, cli: str) -> str | None:
        """The line that lets a caller's number pass, "" where there is no list, None where it is barred (W-009)."""
        if not self.lines:
            return ""
        if cli in self.numbers:
            return cli
        return next((regex for regex in self.regexes if matches(regex, cli)), None)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A list that was typed, and what is wrong with its lines; one with something wrong admits nobody."""

    list: CliList
    findings: tuple[Finding, ...]


@dataclass(frozen=True, slots=True)
class Decision:
    """Whose call a caller's number makes it: ``takers`` are the companies that admit it, each with the line that does.

    A line is "" where the company has no list, so that every number passes.
    """

    cli: str
    takers: Mapping[str, str]

    @property
    def settled(self) -> bool:
        """Whether the call is exactly one company's."""
        return len(self.takers) == 1

    @property
    def words(self) -> str:
        """Whose it is: a name, none, or how many and which."""
        if not self.takers:
            return RESTRICTED
        names = ", ".join(self.takers)
        return names if self.settled else f"{len(self.takers)}: {names}"

    @property
    def why(self) -> str:
        """The lines that decide."""
        return ", ".join(line or NO_LIST for line in self.takers.values())


def parse(text: str, field: str = FIELD) -> Parsed:
    """Read a list as typed or pasted, one entry a line; numbers may stand on one line with commas between them.

    Each line is judged on its own and named in what is said of it, beside ``field``.
    """
    lines: dict[str, None] = {}
    findings: list[Finding] = []
    for line in _entries(text):
        if line in lines:
            findings.append(warning(field, f"{quoted(line)} stands twice; it is kept once"))
            continue
        lines[line] = None
        wrong, remark = _judged(line)
        if wrong:
            findings.append(error(field, f"{quoted(line)}: {wrong}", "S-045"))
        elif remark:
            findings.append(warning(field, f"{quoted(line)} {remark}", "S-045"))
    read = stored("\n".join(lines))
    if len(read.regexes) > MOST_REGEXES:
        words = f"{len(read.regexes)} regular expressions: at most {MOST_REGEXES} are tried on a call"
        findings.append(error(field, words, "S-045"))
    return Parsed(read, tuple(findings))


def stored(text: str) -> CliList:
    """A list as it is stored; a line in which something is wrong, of another program's making, admits nobody."""
    lines = tuple(dict.fromkeys(filter(None, _LINES.split(text))))
    numbers = frozenset(line for line in lines if is_number(line))
    return CliList(lines, numbers, tuple(line for line in lines if line not in numbers))


def is_number(line: str) -> bool:
    """Whether a line is a number rather than an expression: 1 to 15 digits, with a + before them or without."""
    return _NUMBER.match(line) is not None


def matches(regex: str, cli: str) -> bool:
    """Whether an expression matches a caller's number; one that would be refused is not even tried."""
    if _judged(regex)[0]:
        return False
    from .pcre import TooSlow, compile_pattern

    try:
        return compile_pattern(regex).search(cli.encode("utf-8", "replace")) is not None
    except TooSlow:
        return False


def admits(allowed: CliList, cli: str) -> bool:
    """Whether a list lets a caller's number pass (W-009)."""
    return allowed.admitting(cli) is not None


def deciding(lists: Mapping[str, CliList], cli: str) -> Decision:
    """Whose call it is among companies on one address, ``lists`` being theirs by name (W-007)."""
    found = {company: allowed.admitting(cli) for company, allowed in lists.items()}
    return Decision(cli, {company: line for company, line in found.items() if line is not None})


def quoted(line: str) -> str:
    """A line, short enough to stand in a sentence, and harmless."""
    return clean(line if len(line) <= _QUOTED else line[: _QUOTED - 1] + "…")


def _entries(text: str) -> Iterator[str]:
    for line in _LINES.split(text):
        parts = [part.strip() for part in _COMMAS.split(line) if part.strip()]
        if all(_WRITTEN_OUT.match(part) for part in parts):
            yield from parts
        else:
            # A comma may be a part of an expression, as in {8,10}.
            yield line.strip()


def _judged(line: str) -> tuple[str, str]:
    """What is wrong with a line, and what is to be remarked of one that is not wrong."""
    if is_number(line):
        return "", ""
    if _DIGITS.match(line):
        return f"{len(line.lstrip('+'))} digits: a number has at most {LONGEST_NUMBER}", ""
    if _WRITTEN_OUT.match(line):
        plain = re.sub(r"[^+0-9]", "", line)
        return f"a number is compared as it arrives, in digits only: write {plain}", ""
    if len(line) > LONGEST_REGEX:
        return f"{len(line)} characters: an expression has at most {LONGEST_REGEX}", ""
    return _judged_regex(line)


@lru_cache(maxsize=4096)
def _judged_regex(line: str) -> tuple[str, str]:
    from .pcre import CompileError, compile_pattern
    from .regex_parser import parse as parse_regex
    from .regex_speed import slow_number
    from .regex_tree import Characters, anchored_start, parts
    from .regex_words import RegexRefused

    try:
        tree = parse_regex(line)
        compile_pattern(line)
    except (RegexRefused, CompileError) as refused:
        return str(refused), ""
    if any(isinstance(part, Characters) and part.text in _SEPARATORS for part in parts(tree)):
        return "no number holds a blank, comma or semicolon: write one entry a line", ""
    if slow_number(line, tree) is not None:
        return "too slow: a caller could stop the edge with a long number; repeat only one thing at a time", ""
    return "", "" if anchored_start(tree) else "matches anywhere in the number: begin with ^"
