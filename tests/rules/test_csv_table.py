"""CSV: whatever a spreadsheet writes is read, whatever it broke is said with its line, and nothing raises."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.models.findings import errors
from cxtui.rules import csv_table
from cxtui.rules.csv_table import Row, Table, defused, line, lines_of, plain, read

any_text = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)
cells = st.lists(any_text, min_size=3, max_size=3).filter(lambda row: any(map(str.strip, row)))


def rows_of(data: bytes) -> list[Row]:
    return list(read(data).rows)


def said(table: Table) -> str:
    return "; ".join(finding.text for finding in errors(table.findings))


@given(st.lists(cells, min_size=1, max_size=5))
def test_what_is_written_is_read_again(rows: list[list[str]]) -> None:
    """W-090: leading zeros, plus signs, quotes, line ends and formulas included."""
    data = "".join(lines_of([["a", "b", "c"], *rows])).encode()
    found = [tuple(plain(cell) for cell in row.cells) for row in rows_of(data)]
    assert found == [tuple(row) for row in rows]


@given(any_text)
def test_no_cell_is_a_formula_and_each_is_what_it_was(text: str) -> None:
    written = defused(text)
    assert not written.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert plain(written) == text


@pytest.mark.parametrize(
    "text", ["=1+1", "+441782", "-1", "@SUM(A1)", "\t=1", "\r=1", "'=1", "''+1", "=", "'", "'x", ""]
)
def test_only_what_was_put_before_a_formula_is_taken_off(text: str) -> None:
    assert plain(defused(text)) == text
    assert defused("plain") == "plain"
    assert plain("'plain") == "'plain"
    assert plain("+441782123456") == "+441782123456"


@given(st.binary(max_size=300), st.sampled_from([b"", b"a,b\n", b"a;b\r\n1;2\r\n", b"\xff\xfe", b'a,b\n"']))
def test_no_bytes_raise(data: bytes, before: bytes) -> None:
    table = read(before + data)
    assert table.header or errors(table.findings)
    for row in table.rows:
        assert row.problem or len(row.cells) == len(table.header)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("separator", [",", ";", "\t"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_a_file_is_read_however_it_was_saved(encoding: str, separator: str, end: str) -> None:
    text = end.join(["name{0}number{0}note", 'Müller{0}007{0}"a{0}b"', "", "Ärzte{0}+44{0}"]).format(separator)
    table = read(text.encode(encoding))
    assert table.header == ("name", "number", "note")
    assert [*table.rows] == [Row(2, ("Müller", "007", f"a{separator}b")), Row(4, ("Ärzte", "+44", ""))]
    assert bool(table.findings) is (encoding == "cp1252")
    assert not errors(table.findings)


def test_a_row_has_the_line_it_begins_on() -> None:
    data = b'a,b\n\n"one\ntwo\n",x\n,\n3,"4\r\n"\n'
    assert rows_of(data) == [Row(3, ("one\ntwo\n", "x")), Row(7, ("3", "4\r\n"))]


def test_empty_columns_at_the_end_are_no_columns() -> None:
    table = read(b"a;b;;\n1;2;;\n3;4\n")
    assert table.header == ("a", "b")
    assert [row.cells for row in table.rows] == [("1", "2"), ("3", "4")]


REFUSED = {
    "empty": (b"", "empty"),
    "only blanks": (b" \r\n\n", "empty"),
    "only a heading": (b"a,b\n\n", "no row under the heading"),
    "a heading of nothing": (b",,\n,,\n", "is no heading"),
    "a column without a name": (b"a,,c\n1,2,3\n", "column 2 has no heading"),
    "a heading twice": (b"a,b,A\n1,2,3\n", "columns 1 and 3 have the same heading"),
    "UTF-16 without its mark": ("a,b\n1,2\n".encode("utf-16-le"), "no text"),
    "a program": (b"\x7fELF\2\1\1\0\0\0\0", "no text"),
    "half of UTF-16": (b"\xff\xfea\0,", "UTF-16"),
    "UTF-32": ("a,b\n1,2\n".encode("utf-32"), "no text"),
    "a quote in the heading that never ends": (b'"a,b\n1,2\n', "never closed"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_a_file_that_is_no_table_is_refused_as_a_whole(name: str) -> None:
    data, words = REFUSED[name]
    table = read(data)
    assert words in said(table)
    assert [*table.rows] == []


BROKEN = {
    "a NUL byte": (b"a,b\n1,2\n3\0,4\n5,6\n", 3, "NUL", True),
    "too many columns": (b"a,b\n1,2\n3,4,5\n5,6\n", 3, "3 columns, but the heading has 2", True),
    "too few columns": (b"a,b\n1,2\n3\n5,6\n", 3, "1 columns, but the heading has 2", True),
    "text after a quote": (b'a,b\n1,2\n"3"x,4\n5,6\n', 3, "closing quote", True),
    "a quote that never ends": (b'a,b\n1,2\n"3,4\n5,6\n', 3, "never closed", False),
    "a cell of more than a megabyte": (b'a,b\n1,2\n"' + b"x\n" * 600_000 + b'",4\n5,6\n', 3, "never closed", False),
    "a line of ten megabytes": (b"a,b\n1,2\n" + b"x" * 10_000_000 + b",4\n5,6\n", 3, "longer than", False),
    "no character of Windows-1252": (b"a,b\n1,2\n\x81,4\n5,6\n", 3, "Windows-1252", True),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_row_is_named_by_its_line_and_the_others_are_read(name: str) -> None:
    data, number, words, goes_on = BROKEN[name]
    rows = rows_of(data)
    assert rows[0] == Row(2, ("1", "2"))
    assert (rows[1].line, rows[1].cells) == (number, ())
    assert words in rows[1].problem
    assert [row.cells for row in rows[2:]] == ([("5", "6")] if goes_on else [])


def test_a_file_is_not_larger_than_can_be_held(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(csv_table, "MOST_BYTES", 100)
    assert "larger than" in said(read(b"a,b\n" + b"1,2\n" * 25))
    monkeypatch.setattr(csv_table, "MOST_ROWS", 3)
    rows = rows_of(b"a,b\n" + b"1,2\n" * 9)
    assert [row.line for row in rows] == [2, 3, 4, 5]
    assert "more than 3 rows" in rows[-1].problem


def test_a_heading_cannot_steer_a_terminal() -> None:
    table = read("a\x1b[2J,\u202eb\n1,2\n".encode())
    assert table.header == ("a␛[2J", "\ufffdb")


@pytest.mark.parametrize(
    ("row", "written"),
    [(["a", "b"], "a,b\n"), (["a,b", 'c"d'], '"a,b","c""d"\n'), (["a\r", " b"], '"a\r"," b"\n'), ([""], '""\n')],
)
def test_a_line_quotes_what_needs_it(row: list[str], written: str) -> None:
    """RFC 4180, with LF alone."""
    assert line(row) == written
