"""The figures of the benchmark as a table: each beside the empty app's and the targets."""

from __future__ import annotations

from collections.abc import Sequence
from statistics import median

Figures = dict[str, float]

TARGETS: dict[str, tuple[str, str]] = {
    "first rows ms": ("≤ 1.5 x", "≤ 1.2 x"),
    "start CPU ms": ("", ""),
    "start bytes": ("", ""),
    "cursor key ms": ("≤ 2 x", "≤ 1.2 x"),
    "cursor key p95 ms": ("", ""),
    "cursor key bytes": ("≤ 1000", "≤ 450"),
    "other list ms": ("", ""),
    "other list bytes": ("≤ 1000", "≤ 450"),
    "page ms": ("≤ 5 x key", "≤ 3 x key"),
    "page bytes": ("≤ 9000", "≤ 7000"),
    "End ms": ("≤ 5 x key", "≤ 3 x key"),
    "End bytes": ("≤ 9000", "≤ 7000"),
    "Home ms": ("≤ 5 x key", "≤ 3 x key"),
    "new tab ms": ("", ""),
    "new tab bytes": ("", ""),
    "known tab ms": ("", ""),
    "known tab bytes": ("", ""),
    "form ms": ("", ""),
    "form bytes": ("", ""),
    "dialog ms": ("", ""),
    "dialog bytes": ("", ""),
    "filter key ms": ("≤ 50", "≤ 20"),
    "filter key worst ms": ("≤ 250", "≤ 60"),
    "idle bytes/s": ("0", "0"),
    "idle CPU %": ("≤ 0.5", "≤ 0.25"),
    "idle wake-ups/s": ("≤ 25", "≤ 15"),
    "memory MB": ("≤ 2 x", "≤ 1.4 x"),
    "attack bytes/s": ("≤ 40 000", "≤ 25 000"),
    "attack CPU %": ("≤ 10", "≤ 3"),
    "attack key p95 x idle": ("≤ 2", "≤ 1.2"),
    "commit ms": ("", ""),
    "commit worst ms": ("≤ 500", "≤ 250"),
}
"""Every figure in the order of the table, with what it must reach and what is aimed at: as it is, or as a ratio (x)."""

OF_A_KEY = ("page ms", "End ms", "Home ms")
"""Figures whose ratio is to a key of the empty app, which has no pages."""


def table(floor: Sequence[Figures], console: Sequence[Figures], once: Figures) -> str:
    """Medians over the rounds; a ratio is the median of the rounds' own ratios."""
    lines = [f"{'':24}{'empty app':>12}{'console':>12}{'ratio':>9}   {'must':12}{'aim':12}"]
    for name, (must, aim) in TARGETS.items():
        own = [figures[name] for figures in console if name in figures] or [once[name]]
        base = "cursor key ms" if name in OF_A_KEY else name
        beside = [figures[base] for figures in floor if figures.get(base)]
        # A share of a core or a wake-up is compared as it is: the empty app's is too small to divide by.
        rates = [mine / its for mine, its in zip(own, beside, strict=True)] if beside and "idle" not in name else []
        shown = f"{median(beside):>12,.1f}" if beside and base == name else f"{'–':>12}"
        ratio = f"{median(rates):>8.2f}x" if rates else f"{'–':>9}"
        lines.append(f"{name:24}{shown}{median(own):>12,.1f}{ratio}   {must:12}{aim:12}".replace(",", " ").rstrip())
    return "\n".join(lines)
