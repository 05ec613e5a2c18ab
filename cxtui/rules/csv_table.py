"""CSV as it comes out of spreadsheets, and as it must look to go into one (RFC 4180, W-090).

Every cell is text: leading zeros and a ``+`` are kept. Nothing in a file raises; what is wrong with it is said with
the line it stands on. A cell that a spreadsheet would take for a formula is written behind a ``'`` (``defused``), which
``plain`` takes off again.
"""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from typing import NamedTuple

from cxtui.models.findings import Finding, error, warning

from .printable import clean

FILE = "file"
"""The field of findings about a file as a whole."""

MOST_BYTES = 200 << 20
MOST_CHARACTERS = 1 << 20
"""In one line, and in one cell."""
MOST_ROWS = 1_000_000

_SEPARATORS = ",;\t"
_CHUNK = 1 << 20
_QUOTED = re.compile(r'[",\r\n]|\A\s|\s\Z')
_FORMULA = re.compile(r"'*[=+\-@\t\r\n]")
_LONGEST_HEAD = 60
_NO_TEXT = "this is no text: save it as CSV UTF-8"


class Row(NamedTuple):
    """The cells of a row and the line it begins on, from 1; with a ``problem`` the cells mean nothing."""

    line: int
    cells: tuple[str, ...]
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds. ``rows`` can be gone through once; there are none where a finding is an error."""

    header: tuple[str, ...] = ()
    rows: Iterable[Row] = ()
    findings: tuple[Finding, ...] = ()


def read(data: bytes) -> Table:
    """The table in a file: UTF-8, UTF-16 with its mark, or else Windows-1252; commas, semicolons or tabs."""
    if len(data) > MOST_BYTES:
        return _none(f"larger than {MOST_BYTES >> 20} MB: divide it into several files")
    if not data or data.isspace():
        return _none("empty")
    encoding, finding = _encoding(data)
    if not encoding:
        return Table(findings=(finding,) if finding else ())
    remarks = (finding,) if finding else ()
    lines = _Lines(data, encoding)
    try:
        reader = _reader(lines)
        header = next((cells for cells in reader if any(map(str.strip, cells))), [])
    except (_Broken, csv.Error) as problem:
        return _none(f"line {lines.begun}: {_fault(problem)}", *remarks)
    if any("\0" in head for head in header):
        return _none(_NO_TEXT, *remarks)
    heads = _heads(header)
    faults = _faults(heads)
    rows = _rows(reader, lines, len(heads))
    first = None if faults else next(rows, None)
    if not faults and first is None:
        faults = [error(FILE, "there is no row under the heading")]
    if faults or first is None:
        return Table(heads, findings=(*remarks, *faults))
    return Table(heads, chain([first], rows), remarks)


def line(cells: Sequence[str]) -> str:
    """A row as a line of a file, with its end."""
    if len(cells) == 1 and not cells[0]:
        return '""\n'
    return ",".join(_cell(text) for text in cells) + "\n"


def lines_of(rows: Iterable[Sequence[str]]) -> Iterator[str]:
    """A file of ``rows``, line by line, every cell of them defused."""
    for cells in rows:
        yield line([defused(text) for text in cells])


def defused(text: str) -> str:
    """``text`` as no spreadsheet takes it for a formula."""
    return f"'{text}" if _FORMULA.match(text) else text


def plain(text: str) -> str:
    """What was ``defused``, as it was; any other text as it is."""
    return text[1:] if text[:1] == "'" and _FORMULA.match(text, 1) else text


class _Broken(Exception):
    """No row can be told from the next any more."""


class _Lines(Iterator[str]):
    """The lines of a file with their ends; ``begun`` is the one that the present row began on, ``flaw`` is what is
    wrong with one of its lines.
    """

    def __init__(self, data: bytes, encoding: str) -> None:
        self._stream = io.TextIOWrapper(io.BytesIO(data), encoding, errors="replace", newline="")
        # Only there can a character be missing: the others were found to be whole.
        self._bad = ("\0", "\ufffd") if encoding == "cp1252" else ("\0",)
        self.number, self.begun, self.flaw = 0, 1, ""

    def __next__(self) -> str:
        text = self._stream.readline(MOST_CHARACTERS + 1)
        if not text:
            raise StopIteration
        self.number += 1
        if len(text) > MOST_CHARACTERS:
            raise _Broken(f"longer than {MOST_CHARACTERS:,} characters; nothing from here on was read")
        for character in self._bad:
            if character in text:
                words = "a NUL byte" if character == "\0" else "a byte that is no character of Windows-1252"
                self.flaw = f"holds {words}"
        return text

    def next_row(self) -> None:
        """Note that a row begins."""
        self.begun, self.flaw = self.number + 1, ""


def _reader(lines: _Lines) -> Iterator[list[str]]:
    first = next((text for text in lines if text.strip()), "")
    lines.begun = lines.number
    csv.field_size_limit(MOST_CHARACTERS)

    def columns(separator: str) -> int:
        return max((len(cells) for cells in csv.reader([first], delimiter=separator)), default=0)

    separator = max(_SEPARATORS, key=columns)
    return csv.reader(chain([first], lines), delimiter=separator, strict=True)


def _rows(reader: Iterator[list[str]], lines: _Lines, width: int) -> Iterator[Row]:
    count = 0
    while True:
        lines.next_row()
        try:
            cells = next(reader, None)
        except (_Broken, csv.Error) as problem:
            yield Row(lines.begun, (), _fault(problem))
            if _is_end(problem):
                return
            continue
        if cells is None:
            return
        if not "".join(cells).strip():
            continue
        count += 1
        if count > MOST_ROWS:
            yield Row(lines.begun, (), f"more than {MOST_ROWS:,} rows: divide the file into several")
            return
        yield _row(lines, cells, width)


def _row(lines: _Lines, cells: list[str], width: int) -> Row:
    if lines.flaw:
        return Row(lines.begun, (), lines.flaw)
    if len(cells) < width or any(cells[width:]):
        return Row(lines.begun, (), f"{len(cells)} columns, but the heading has {width}")
    return Row(lines.begun, tuple(cells[:width]))


def _is_end(problem: Exception) -> bool:
    return isinstance(problem, _Broken) or "end of data" in str(problem) or "limit" in str(problem)


def _fault(problem: Exception) -> str:
    said = str(problem)
    if isinstance(problem, _Broken):
        return said
    if "end of data" in said or "limit" in said:
        return "a quote is opened here and never closed; nothing from here on was read"
    return "text follows a closing quote: a quote inside a cell is written twice"


def _heads(header: list[str]) -> tuple[str, ...]:
    heads = [clean(head.strip())[:_LONGEST_HEAD] for head in header]
    while heads and not heads[-1]:
        heads.pop()
    return tuple(heads)


def _faults(heads: Sequence[str]) -> list[Finding]:
    if not heads:
        return [error(FILE, "there is no heading: its first line names the columns")]
    faults = [error(FILE, f"column {place} has no heading") for place, head in enumerate(heads, start=1) if not head]
    known: dict[str, int] = {}
    for place, head in enumerate(heads, start=1):
        before = known.setdefault(head.casefold(), place)
        if head and before != place:
            faults.append(error(FILE, f"columns {before} and {place} have the same heading: {head}"))
    return faults


def _encoding(data: bytes) -> tuple[str, Finding | None]:
    """The encoding, "" where there is none that fits, and what is to be said of it."""
    if data.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        if _decodes(data, "utf-16"):
            return "utf-16", None
        return "", error(FILE, "begins as UTF-16 and does not go on so: save it as CSV UTF-8")
    if 0 in data[:4]:
        return "", error(FILE, _NO_TEXT)
    if _decodes(data, "utf-8"):
        return "utf-8-sig", None
    words = "not UTF-8; it was read as Windows-1252: look at letters with accents"
    return "cp1252", warning(FILE, words)


def _decodes(data: bytes, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    view = memoryview(data)
    try:
        for place in range(0, len(data), _CHUNK):
            decoder.decode(view[place : place + _CHUNK])
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _none(words: str, *remarks: Finding) -> Table:
    return Table(findings=(*remarks, error(FILE, words)))


def _cell(text: str) -> str:
    return '"' + text.replace('"', '""') + '"' if _QUOTED.search(text) else text
