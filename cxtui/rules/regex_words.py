"""Why a regular expression is refused, in the operator's words."""

from __future__ import annotations

NOT_CARRIED = {
    "verb": "(* begins a command to the matching engine; the edge takes none from a rule",
    "comment": "a comment cannot be kept at the edge: leave it out",
    "condition": "a condition (?(…)…) is not carried to the edge: write two rules, or alternatives with |",
    "reset": "(?| is not carried to the edge: number the groups one by one",
    "callout": "a callout (?C) is not known at the edge",
    "recursion": "calling a group again, as (?1) or \\g<1> do, means something else at the edge: write the group out",
    "flags": "of the settings only (?i) is carried to the edge: nothing else matters for a number",
}

_CONTROL = "a number holds no control characters"
_CODE = "a character code is read differently in places: write the character, or \\x and two hex digits"
UNKNOWN_ESCAPES = {
    **dict.fromkeys("aefnrtc", _CONTROL),
    **dict.fromkeys("0o", _CODE),
    **{letter: f"\\{letter} is not carried to the edge: write a class such as [0-9]" for letter in "vVNRXpPCu"},
    "K": "\\K is not carried to the edge: put what stays into a group and write $1 in New",
    "G": "\\G is not carried to the edge: write ^ for the beginning of the number",
    "Q": "\\Q…\\E is not carried to the edge: write \\ before each special character",
    "E": "\\E ends a \\Q that is not there",
}


class RegexRefused(ValueError):
    """An expression that the edge cannot carry: `place` counts characters from 0, `words` say why.

    `bare_plus` tells the most common slip, a `+` that was meant as a plus sign (C-09).
    """

    def __init__(self, place: int, words: str, *, bare_plus: bool = False) -> None:
        """Keep the place apart from the words."""
        super().__init__(f"character {place + 1}: {words}")
        self.place = place
        self.words = words
        self.bare_plus = bare_plus
