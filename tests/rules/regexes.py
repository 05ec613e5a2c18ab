"""Hypothesis strategies for rewrite rules: regular expressions of every accepted kind, replacements and numbers."""

from __future__ import annotations

from hypothesis import strategies as st

from cxtui.models.rewrite import Mode, Parameter
from cxtui.rules.rewrite import Rule, canonical_new

NUMBERS = st.text("0123456789+*#abAB", min_size=1, max_size=20)

_CLASSES = [".", r"\d", r"\D", r"\w", r"\S", "[0-9]", "[^0]", "[]+*]", "[[:digit:]a]", r"[\x30-\x32]", r"[a\-b]"]
_CHARACTERS = st.sampled_from([*"0123456789#ab", r"\+", r"\*", r"\.", r"\x2b", *_CLASSES])
_QUANTIFIERS = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{1,3}", "{2,}", "*?", "+?", "??", "*+", "++", "?+"])
_ASSERTIONS = st.sampled_from(["^", "$", r"\b", r"\B", r"\A", r"\z", r"\Z", "(?i)"])
_GROUPS = st.sampled_from(["(", "(", "(", "(?:", "(?>", "(?i:", "(?<n>", "(?P<m>", "(?'o'"])
_LOOKS = st.sampled_from(["(?=", "(?!", "(?<=", "(?<!"])
_BACKREFERENCES = st.sampled_from([r"\1", r"\g{1}", r"\g{-1}", r"\2", r"\g2", r"\k<n>", "(?P=m)"])


def _repeated(item: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(item, _QUANTIFIERS).map("".join)


def _joined(item: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    sequence = st.lists(item, max_size=4).map("".join)
    return st.lists(sequence, min_size=1, max_size=3).map("|".join)


def _wider(inner: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    group = st.tuples(_GROUPS, _joined(inner), st.just(")")).map("".join)
    look = st.tuples(_LOOKS, _joined(inner), st.just(")")).map("".join)
    return st.one_of(_repeated(group), look, _repeated(_BACKREFERENCES), inner)


PATTERNS = st.tuples(
    st.sampled_from(["", "", "^"]),
    _joined(st.recursive(st.one_of(_repeated(_CHARACTERS), _ASSERTIONS), _wider, max_leaves=8)),
    st.sampled_from(["", "", "$"]),
).map("".join)
REPLACEMENTS = st.lists(st.sampled_from(["", "44", "5", "#", "+", "$0", "$1", r"\1", "${2}", "0"]), max_size=3).map(
    "".join
)


def _rule(mode: Mode, current: str, new: str) -> Rule:
    return Rule(Parameter.DESTINATION, mode, current, canonical_new(new))


RULES = st.one_of(
    st.builds(_rule, st.just(Mode.REGEX), PATTERNS, REPLACEMENTS),
    st.builds(
        _rule,
        st.just(Mode.PREFIX),
        st.text("0123456789+*#.()[]^$|?{}\\-a/%", min_size=1, max_size=4),
        st.sampled_from(["", "44", "+", "#1#"]),
    ),
)
"""Rules as they may be typed: some of them are refused by `check_rule`."""
