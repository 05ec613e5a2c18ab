"""Hostile text through every field that is stored and every field that is typed into: it is shown, never obeyed.

What a rule would refuse is written into the file behind the services' back, as a bad agent or an old import could.
"""

from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from tests.pty.console import READY, console, pasted, prepared, query, wait_until_at_rest, wait_until_gone
from tests.pty.terminal import Terminal

MARK = "31337"
NEXT_TAB, LEAVE = "\x1b[17~", "\x1b[20~"
"""What the keys F6 and F9 send."""

CORPUS = (
    "[/foo][a-z]+[/ [type=x, v={'a[0]'}] sip:[2001:db8::1]:5060 [red]b[/] [@click=app.quit]q[/] $name {0} %s \\[x] \\",
    f"o\x1b]52;c;{MARK}\x07n\x1b]0;{MARK}\x1b\\l\x1b]8;;{MARK}\x07u\x1b]8;;\x07",
    f"c\x1b[{MARK}mx\x1b[{MARK};1H\x1b[?{MARK}h\x1bc\x1b#8\x1bP{MARK}\x1b\\\x1b_{MARK}\x1b\\\x1b^{MARK}\x1b\\",
    f"1\x9b{MARK}m \x9d52;c;{MARK}\x9c \x90{MARK}\x9c \x85 \x8d",
    "b\x08\x08\x07\x0e\x0f\x7f\x00\r\n\t\x0b\x0c.",
    "r\u202egnp.exe\u202c \u2066i\u2069 \u200e\u200f\u061c z\u200b\u2060\ufeff \u2028 \u2029",
    "a" + "\u0301" * 60 + "é 漢字 \U0001f469\u200d\U0001f467 \U0001f3f3\ufe0f\u200d\U0001f308 \U000e0041" + "L" * 2000,
)
"""Markup; sequences for clipboard, title, links, cursor and modes; the same in C1; controls; direction; length."""

OBEYED = re.compile(
    rf"\x1b\][^\x07\x1b]*{MARK}"  # OSC: clipboard, title, links
    rf"|\x1b[P_^X]+{MARK}"  # DCS, APC, PM
    rf"|\x1b\[[?\d;]*{MARK}"  # CSI
    r"|\x1bc|\x1b#8"  # reset, alignment test
    r"|[\x00\x08\x0b\x0c\x0e\x7f]"  # what moves the cursor or changes the character set
    r"|[\x80-\x9f]"  # C1
    r"|[\u202a-\u202e\u2066-\u2069\u200e\u200f\u061c\u2028\u2029]"  # direction, line ends
)
TEXTS = {
    "company": ("name", "notes"),
    "sip_profile": ("name", "flags", "barge_group"),
    "ip_auth": (
        *("address", "manufacturer", "switch_version", "cli_prefix", "tech_prefix", "force_from"),
        *("uac_username", "uac_realm", "outbound_proxy"),
    ),
    "sip_user": ("username",),
    "block": ("address", "notes", "reason", "usernames", "user_agent", "source"),
}


def poison(path: Path) -> None:
    """Copy a row of each table for each text of the corpus, and put the text into every column that holds text."""
    link = sqlite3.connect(path)
    for table, columns in TEXTS.items():
        cursor = link.execute(f"SELECT * FROM {table} ORDER BY id LIMIT 1")
        names = [column[0] for column in cursor.description]
        model = dict(zip(names, cursor.fetchone(), strict=True))
        for number, text in enumerate(CORPUS):
            row = {**model, **dict.fromkeys(columns, text), "id": None}
            row.update({name: f"{number}{text}" for name in ("name", "username") if name in row})
            row.update({name: bytes([number]) * 16 for name in ("first", "last", "packed") if name in row})
            row.update({"company_id": 3 + number} if "company_id" in row else {})
            row.update({"ours": 1} if "ours" in row else {})
            marks = ",".join("?" * len(row))
            link.execute(f"INSERT INTO {table}({','.join(row)}) VALUES ({marks})", list(row.values()))
    edge = "INSERT INTO edge(version, name, heartbeat_at, generation) VALUES (1, ?, 9e9, 99)"
    hold = "INSERT INTO hold(version, block_id, edge_id, layer, seen_at) SELECT 1, id, ?, ?, 0 FROM block"
    for text in CORPUS:
        key = link.execute(edge, (text,)).lastrowid
        link.execute(hold, (key, text))
    link.execute("UPDATE account SET realm = ?", (CORPUS[0],))
    link.execute("UPDATE audit SET operator = ?, label = ?", (CORPUS[1], CORPUS[2]))
    link.commit()
    link.close()


def assert_harmless(terminal: Terminal) -> None:
    """Neither obeyed by the terminal nor an end of the console."""
    written = terminal.raw.decode(errors="surrogateescape")
    found = OBEYED.search(written)
    assert found is None, written[max(0, found.start() - 60) : found.end() + 60]
    assert "Traceback" not in written
    assert "unexpected" not in written


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """The database of the test, poisoned."""
    path = prepared(tmp_path)
    poison(path)
    return path


def walk(terminal: Terminal, tab: str, title: str, *doings: str) -> None:
    """Stand on every row of a list; on each, do what is to be done, and let each be painted."""
    terminal.send(tab)
    terminal.wait_for(title)
    terminal.send("home")
    for _ in range(len(CORPUS) + 4):
        for doing in doings:
            terminal.send(doing)
            painted(terminal)
        terminal.send("down")
    painted(terminal)


def painted(terminal: Terminal) -> None:
    """Wait until what was asked for is on the screen."""
    wait_until_at_rest(terminal, 0.05)


@pytest.mark.parametrize("cols", [80, 160])
def test_hostile_text_in_the_database_is_shown_harmlessly_in_lists_and_explanations(path: Path, cols: int) -> None:
    """Textual.md §5.6, lists, explain lines, status line."""
    with console(path, cols=cols, rows=24 if cols == 80 else 50) as terminal:
        terminal.wait_for(READY)
        for tab, title in [("1", READY), ("2", "IP auth"), ("3", READY), ("7", "Firewall"), ("c", "Companies")]:
            walk(terminal, tab, title)
        walk(terminal, "i", "SIP profiles")
        assert_harmless(terminal)
        terminal.send("q")
        assert terminal.wait_exit() == 0


@pytest.mark.parametrize(("tab", "title"), [("2", "IP auth"), ("3", READY), ("c", "Companies"), ("i", "SIP profiles")])
def test_hostile_text_is_shown_harmlessly_in_forms_and_dialogs(path: Path, tab: str, title: str) -> None:
    """Textual.md §5.6, the fields of forms, titles of dialogs, names of rows that are about to be deleted."""
    with console(path, rows=60) as terminal:
        terminal.wait_for(READY)
        walk(terminal, tab, title, "e", *([NEXT_TAB] if tab == "2" else []), LEAVE)
        for _ in range(len(CORPUS) if tab == "3" else 0):
            terminal.send("p")
            terminal.wait_for("New password for")
            terminal.send("esc")
            wait_until_gone(terminal, "New password for")
            terminal.send("up")
        terminal.send("home", *["space"] * 6, "d")
        terminal.wait_for("Delete 6 ")
        painted(terminal)
        terminal.send("n", *["space"] * 15, "d")
        terminal.wait_for("Delete ")
        painted(terminal)
        assert_harmless(terminal)


def test_hostile_text_is_shown_harmlessly_in_toasts_hits_and_the_status_line(path: Path) -> None:
    """Textual.md §5.6, sentences of verbs, what the search finds, the company in the status line."""
    with console(path) as terminal:
        terminal.wait_for(READY)
        walk(terminal, "7", "Firewall", "A", LEAVE + "u")
        # A form that opened later than a key is held back is still there.
        while "new IP entry" in terminal.text():
            terminal.send(LEAVE)
            painted(terminal)
        terminal.send("z")
        terminal.wait_for("Undone")
        for number, text in enumerate(CORPUS):
            terminal.send("/", typed(text[:50]), "enter")
            painted(terminal)
            terminal.send("c", "home", *["down"] * number, "enter")
            painted(terminal)
        assert_harmless(terminal)


def typed(text: str) -> str:
    """A text as terminals paste it: they take the escape character out."""
    return pasted(text.replace("\x1b", ""))


TYPED = (CORPUS[0], *CORPUS[3:])
"""What of the corpus is left when a terminal has taken out the escape character."""

FORMS = {"2": 8, "3": 10, "c": 8, "i": 4, "7": 3}
"""The tab on which `a` opens each form, and how many fields its first page has."""


@pytest.mark.parametrize("tab", FORMS)
def test_hostile_text_pasted_into_every_field_of_a_form_is_shown_and_refused_harmlessly(path: Path, tab: str) -> None:
    """Textual.md §5.6; the fields, and what the rules say beside them of what was typed."""
    with console(path, rows=50) as terminal:
        terminal.wait_for(READY)
        terminal.send(tab, "a")
        terminal.wait_for("^s Save")
        for text in TYPED:
            terminal.send(*(part for _ in range(FORMS[tab]) for part in (typed(text), "tab")))
            painted(terminal)
            terminal.send("ctrl+s")
            painted(terminal)
        assert "new" in terminal.screen()[2]
        assert_harmless(terminal)
        terminal.send(LEAVE)
        terminal.wait_for("Leave without saving")


def test_hostile_text_pasted_into_the_filter_the_search_and_the_dialogs_is_harmless(path: Path) -> None:
    """Textual.md §5.6; a password that is typed, a word that confirms."""
    with console(path) as terminal:
        terminal.wait_for(READY)
        for text in TYPED:
            terminal.send("2", "f", "ctrl+u", typed(text), "enter")
            painted(terminal)
        terminal.send("/", "1002", "enter", "p", "t")
        terminal.wait_for("the password, as the device has it")
        for text in TYPED:
            terminal.send("ctrl+u", typed(text[:70]), "enter")
            painted(terminal)
        assert_harmless(terminal)


def test_hostile_text_typed_for_a_word_that_confirms_changes_nothing(path: Path) -> None:
    """Textual.md §5.6, W-030."""
    with console(path) as terminal:
        terminal.wait_for(READY)
        terminal.send("7", "b", "203.0.113.10", "ctrl+s")
        terminal.wait_for("their calls will stop")
        for text in TYPED:
            terminal.send("ctrl+u", typed(text), "enter")
            painted(terminal)
        terminal.wait_for("That is not the word")
        assert_harmless(terminal)
    assert query(path, "SELECT count(*) FROM block WHERE address = '203.0.113.10'") == [(0,)]
