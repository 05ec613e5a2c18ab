"""Text safety: nothing that comes from outside may steer a terminal, be read as markup or break the columns."""

from __future__ import annotations

import sys
from unicodedata import category

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from rich.cells import cell_len
from textual.content import Content

from cxtui.ui.text import MAX_MARKS, UNSHOWN, clean, fit, mix, plain, styled

HOSTILE = (
    "[/foo]",
    "[a-z]+",
    "[/",
    "[type=x, v={'a[0]'}]",
    "user[tag]=1",
    "[@click=app.quit]x[/]",
    "sip:[2001:db8::1]:5060",
    "\x1b]52;c;cm0gLXJmIC8=\x07",
    "\x1b[2J\x1b[H",
    "\x9b31m",
    "\u202eevil",
    "a\u0300" + "\u0301" * 500,
    "\ud800",
    "zero\u200bwidth\u2060\ufeff",
    "line\nbreak\r\n\u2028\u2029\x85",
    "$name ${name}",
)
any_text = st.text(st.characters(codec=None, categories=None), max_size=60)


def is_harmless(char: str) -> bool:
    return category(char) not in {"Cc", "Cf", "Cs", "Zl", "Zp"}


def test_every_control_and_format_character_of_unicode_has_a_picture():
    leaking = [hex(code) for code in range(sys.maxunicode + 1) if not all(map(is_harmless, clean(chr(code))))]
    assert leaking == []


@given(any_text)
@example("\x1b[0m")
@example("\u202e\u2066")
def test_cleaned_text_holds_no_control_character_and_can_be_encoded(text: str):
    cleaned = clean(text)
    cleaned.encode()
    assert all(map(is_harmless, cleaned))
    assert clean(cleaned) == cleaned


@pytest.mark.parametrize("text", ["", "203.0.113.77", "Zażółć gęślą jaźń", "서울", "Tiếng Việt", "اتصال", "हिन्दी"])
def test_ordinary_text_of_any_script_stays_as_it_is(text: str):
    assert clean(text) == text


def test_an_escape_is_shown_as_its_picture():
    assert clean("\x1b[2J\x7f\x85") == "␛[2J␡␤"


def test_a_flood_of_combining_marks_is_cut_with_a_sign():
    assert clean("a" + "\u0301" * 500 + "b") == "a" + "\u0301" * MAX_MARKS + UNSHOWN + "b"


def test_a_mark_without_a_letter_does_not_sit_on_its_neighbour():
    assert clean("\u0301x") == "◌\u0301x"


@pytest.mark.parametrize("text", HOSTILE)
def test_no_text_is_read_as_markup(text: str):
    expected = clean(text)
    for content in (plain(text), styled(text, "bold"), mix("[b]$value[/b]", value=text)):
        assert isinstance(content, Content)
        assert content.plain == expected


def test_values_cannot_take_the_style_of_the_template():
    content = mix("[b]$who[/b] called $whom", who="[red]a[/red]", whom="$who")
    assert content.plain == "[red]a[/red] called $who"
    assert [(span.start, span.end, str(span.style)) for span in content.spans] == [(0, 12, "b")]


@given(any_text, st.integers(0, 30), st.sampled_from(["left", "right", "center"]), st.sampled_from(["…", "~"]))
@example("서울서울", 5, "left", "…")
def test_a_fitted_text_is_exactly_as_wide_as_asked(text: str, width: int, align, ellipsis: str):
    assert cell_len(fit(clean(text), width, align, ellipsis)) == width


def test_what_is_cut_off_is_marked():
    assert fit("registered", 6) == "regis…"
    assert fit("registered", 6, ellipsis="~") == "regis~"
    assert fit("서울특별시", 6) == "서울… "
    assert fit("12", 4, "right") == "  12"
