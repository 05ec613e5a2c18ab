"""The page for man: made of the manual and of the real parsers, and roff without a complaint."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest

from cxtui.cli import man
from cxtui.cli.examples import EXAMPLES
from cxtui.cli.manual import MANUAL
from cxtui.cli.tree import tree

MACROS = {".TH", ".SH", ".SS", ".TP", ".PP", ".RS", ".RE", ".nf", ".fi"}
SECTIONS = (
    *("NAME", "SYNOPSIS", "DESCRIPTION", "VERBS", "OPTIONS", "EXAMPLES", "EXIT CODES", "FILES", "ENVIRONMENT"),
    "SEE ALSO",
)


@pytest.fixture(scope="module")
def page() -> list[str]:
    """The lines of the page."""
    return list(man.page())


def plain(line: str) -> str:
    """A line of roff as it is read, for the escapes that the page uses."""
    for escape, sign in ((r"\-", "-"), (r"\(aq", "'"), (r"\(ga", "`"), (r"\(ha", "^"), (r"\(ti", "~"), (r"\&", "")):
        line = line.replace(escape, sign)
    line = re.sub(r"\\f[BIR]", "", line)
    return re.sub(r"\\\[u([0-9A-F]+)\]", lambda found: chr(int(found[1], 16)), line).replace(r"\e", "\\")


def test_help_prints_the_page_without_a_database(bare, page):
    assert bare.ok("help", "--man").out.splitlines() == page
    assert not bare.path.exists()


def test_the_page_has_the_sections_of_a_manual_in_their_order(page):
    assert page[0].startswith(".TH CXTUI 1 ")
    assert tuple(line[4:].strip('"') for line in page if line.startswith(".SH")) == SECTIONS


def test_the_manual_has_the_same_sections_but_for_its_groups_of_verbs():
    assert [title for title in man.manual_sections() if title in SECTIONS] == [
        title for title in SECTIONS if title != "VERBS"
    ]
    assert MANUAL.splitlines()[:2] == ["NAME", f"  {plain(list(man.page())[2])}"]


def test_every_verb_stands_there_with_all_its_options_and_examples(page):
    text = "\n".join(plain(line) for line in page)
    for verb in tree().walk():
        if verb.verbs:
            continue
        assert f'.SS "{verb.path}"' in text
        part = text.partition(f'.SS "{verb.path}"')[2].partition("\n.S")[0]
        assert [name for option in verb.options for name in option.names if name not in part] == []
        assert [line for line in EXAMPLES[verb.path.partition(" ")[2]] if line.replace("…", "...") not in part] == []


def test_every_line_that_begins_with_a_point_is_a_macro_and_all_of_it_is_ascii(page):
    assert {line.split()[0] for line in page if line.startswith(".")} <= MACROS
    assert [line for line in page if line.startswith("'") or not line.isascii() or "\t" in line] == []


@pytest.mark.parametrize("text", [".nf", "'quoted'", "a\\b", "-x", "→ ä ^~`"])
def test_no_text_is_taken_for_roff(text):
    escaped = man._escaped(text)
    assert not escaped.startswith((".", "'"))
    assert plain(escaped) == text


def test_groff_reads_it_without_a_warning_where_there_is_one(page):
    groff = shutil.which("groff")
    if groff is not None:
        done = subprocess.run(
            [groff, "-ww", "-man", "-Tutf8", "-Kutf8"],
            input="\n".join(page),
            capture_output=True,
            text=True,
            check=True,
        )
        assert done.stderr == ""
        assert "cxtui sip add" in re.sub(r"\x1b\[[0-9;]*m|.\x08", "", done.stdout)
