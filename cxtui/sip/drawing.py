"""A ladder drawn as text, for a terminal of any width, in Unicode or in ASCII."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from unicodedata import combining, east_asian_width

from .steps import Step, Tone

TIME_CELLS = 11
"""Cells of the relative time, `99999.9 ms`, and the space behind it."""

WIDEST_GAP = 60
NARROWEST_GAP = 18
NARROWEST = 40
_MARGIN = 3

_MARKS = {Tone.PLAIN: " ", Tone.GOOD: "✔", Tone.BAD: "✖", Tone.MISSING: "!"}
_LIKE = str.maketrans(
    {"─": "-", "│": "|", "→": ">", "←": "<", "·": "-", "✔": "+", "✖": "x", "…": "~", "×": "x", "“": '"', "”": '"'}
)


@dataclass(frozen=True, slots=True)
class Line:
    """A line as it is drawn; `tone` is that of a note, None for the ladder itself."""

    text: str
    tone: Tone | None = None


@dataclass(frozen=True, slots=True)
class Canvas:
    """Where things stand: `lanes` holds the column of each party's line, empty when they do not fit side by side."""

    width: int
    lanes: tuple[int, ...]
    names: tuple[str, ...]


def draw(names: Sequence[str], addresses: Sequence[str], steps: Sequence[Step], width: int) -> list[Line]:
    """Lines of at most `width` cells: who takes part, then each step with its notes beneath."""
    canvas = Canvas(max(width, NARROWEST), _lanes(len(names), max(width, NARROWEST)), tuple(names))
    parties = [f"{name} {address}" for name, address in zip(names, addresses, strict=True)]
    beside = " · ".join(parties)
    lines = [Line(text) for text in ([beside] if cells(beside) <= canvas.width else parties)]
    if canvas.lanes:
        lines.append(Line(_heads(canvas)))
    for step in steps:
        lines.append(Line(_arrow(canvas, step) if canvas.lanes else _entry(canvas, step)))
        for note in step.notes:
            told = wrapped(note.text, canvas.width, f"{' ' * TIME_CELLS}{_MARKS[note.tone]} ")
            lines += [Line(text, note.tone) for text in told]
    return [Line(clip(line.text.rstrip(), canvas.width), line.tone) for line in lines]


def cells(text: str) -> int:
    """How many terminal cells cleaned text takes."""
    if text.isascii():
        return len(text)
    return sum(0 if combining(char) else 2 if east_asian_width(char) in "WF" else 1 for char in text)


def clip(text: str, width: int) -> str:
    """`text` in at most `width` cells, with an ellipsis when something was cut off."""
    if cells(text) <= width:
        return text
    kept: list[str] = []
    room = width - 1
    for char in text:
        room -= cells(char)
        if room < 0:
            break
        kept.append(char)
    return "".join(kept).rstrip() + "…"


def wrapped(text: str, width: int, start: str = "") -> list[str]:
    """`text` behind `start`, broken between words into lines of `width` cells; the later ones hang by two."""
    lines: list[str] = []
    line, begun = start, False
    for word in text.split():
        if begun and cells(line) + 1 + cells(word) > width:
            lines.append(line)
            line, begun = " " * (len(start) + 2), False
        line += f" {word}" if begun else word
        begun = True
    return [*lines, line]


def in_ascii(text: str) -> str:
    """The same line in ASCII, cell for cell."""
    text = text.translate(_LIKE)
    return "".join(char if char.isascii() else "?" * cells(char) for char in text)


def line_in_ascii(line: Line) -> Line:
    """The same line in ASCII, in its tone."""
    return Line(in_ascii(line.text), line.tone)


def _lanes(count: int, width: int) -> tuple[int, ...]:
    """The columns of the parties' lines."""
    if count < 2:
        return ()
    gap = min(WIDEST_GAP, (width - TIME_CELLS - _MARGIN - 1) // (count - 1))
    if gap < NARROWEST_GAP:
        return ()
    return tuple(TIME_CELLS + _MARGIN + gap * place for place in range(count))


def _heads(canvas: Canvas) -> str:
    """Each name over the middle of its line, as far as the edges allow."""
    line = ""
    gap = canvas.lanes[1] - canvas.lanes[0]
    for lane, name in zip(canvas.lanes, canvas.names, strict=True):
        name = clip(name, gap - 2)
        start = max(min(lane - cells(name) // 2, canvas.width - cells(name)), cells(line) + bool(line))
        line += " " * (start - cells(line)) + name
    return line


def _arrow(canvas: Canvas, step: Step) -> str:
    left, right = sorted((canvas.lanes[step.source], canvas.lanes[step.destination]))
    row = [" "] * (canvas.lanes[-1] + 1)
    for lane in canvas.lanes:
        row[lane] = "│"
    if left == right:
        return f"{_time(step.at)} {''.join(row)[TIME_CELLS:]} {step.label}{_copies(step)}"
    room = right - left - 2
    text = f" {clip(step.label, room - 2 - len(_copies(step)))}{_copies(step)} "
    before = (room - cells(text)) // 2
    shaft = "─" * before + text + "─" * (room - before - cells(text))
    shaft = f"{shaft}→" if step.source < step.destination else f"←{shaft}"
    return f"{_time(step.at)} {''.join(row[TIME_CELLS : left + 1])}{shaft}{''.join(row[right:])}"


def _entry(canvas: Canvas, step: Step) -> str:
    """A step as words, where the parties are too many to stand side by side."""
    return (
        f"{_time(step.at)} {canvas.names[step.source]} → {canvas.names[step.destination]}: {step.label}{_copies(step)}"
    )


def _copies(step: Step) -> str:
    return "" if step.times == 1 else f" ×{step.times}"


def _time(ms: float) -> str:
    text = f"{ms:.1f} ms" if ms < 99_999.95 else f"{ms / 1000:.1f} s"
    return text.rjust(TIME_CELLS - 1)
