"""CLI allow lists from the shell: shown, changed, tried; companies on one address told apart."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from cxtui.models.company import Company
from cxtui.models.findings import Finding, error, errors
from cxtui.rules.cli_lists import FIELD, parse, stored
from cxtui.services import companies, sharing
from cxtui.services.outcome import Refused
from cxtui.services.sharing import Sharing

from . import picking
from .call import Call
from .entities import reason_option
from .grammar import Parser, UsageError, whole_number
from .output import finding_record
from .tables import Column, table

LONGEST_INPUT = 1_000_000
"""Bytes that are read from standard input."""

ONE_BY_ONE = 'numbers, or regular expressions in quotes; - reads them from standard input; "" empties the list'


def furnish(parser: Parser) -> None:
    """Give ``cli`` its verbs."""
    add = parser.verbs()
    add("show", _show, help="a company's CLI allow list, a line each", usage="COMPANY")
    words = "replace the list, or add to it, or take from it"
    add("set", _set, help=words, usage="COMPANY NUMBER|REGEX… [--add|--remove]")
    words = "who shares an address, and whether their lists keep the calls apart; exit code 1 if not"
    add("share", _share, help=words, usage="ADDRESS [--apply]")
    words = "whose call each number makes it; exit code 1 if one is nobody's or several companies'"
    add("test", _test, help=words, usage="ADDRESS CLI…")


def _show(parser: Parser) -> None:
    parser.add_argument("company", metavar="COMPANY", help="a name, or an id")
    parser.set_defaults(act=_shown)


def _shown(call: Call) -> int:
    company = picking.company(call.context, call.given("company"))
    lines = stored(company.cli_allow_list).lines
    if call.output.as_json:
        call.output.record({"id": company.id, "company": company.name, FIELD: lines})
        return 0
    call.output.lines(lines)
    if not lines:
        call.output.note(f"{company.name} has no CLI list: every number passes.")
    return 0


def _set(parser: Parser) -> None:
    parser.add_argument("company", metavar="COMPANY", help="a name, or an id")
    parser.add_argument("lines", metavar="NUMBER|REGEX", nargs="+", help=ONE_BY_ONE)
    how = parser.add_mutually_exclusive_group()
    how.add_argument("--add", action="store_true", help="keep what is on the list")
    how.add_argument("--remove", action="store_true", help="take these from the list")
    reason_option(parser)
    parser.set_defaults(act=_saved)


def _saved(call: Call) -> int:
    given = _given(call, "lines")
    company = picking.company(call.context, call.given("company"))
    text = "\n".join(given)
    if call.given("add"):
        text = f"{company.cli_allow_list}\n{text}"
    if call.given("remove"):
        text = _without(company, parse(text).list.lines)
    return call.changed(companies.save(call.context, company, {FIELD: text}, reason=call.reason))


def _without(company: Company, lines: Sequence[str]) -> str:
    there = stored(company.cli_allow_list).lines
    missing = [line for line in lines if line not in there]
    if missing:
        raise Refused([error(FIELD, f"{line} is not on the list of {company.name}") for line in missing])
    return "\n".join(line for line in there if line not in lines)


def _where(parser: Parser) -> None:
    parser.add_argument("address", metavar="ADDRESS", help="an address or network from which they send to us")
    parser.add_argument(
        "--port", metavar="N", type=whole_number, help="needed where entries with several ports are meant"
    )


def _share(parser: Parser) -> None:
    _where(parser)
    parser.add_argument("--apply", action="store_true", help="set CLI Authentication on all entries of all of them")
    reason_option(parser)
    parser.set_defaults(act=_shared)


def _shared(call: Call) -> int:
    found = sharing.at(call.context, call.given("address"), call.given("port"))
    if call.given("apply"):
        return call.changed(sharing.save(call.context, found, {}, reason=call.reason))
    findings = [*_lacking(found), *sharing.check(call.context, found, {})]
    if call.output.as_json:
        call.output.record(_record(found, findings))
    else:
        columns = [
            Column("Company"),
            Column("Entry"),
            Column("Port", right=True),
            Column("CLI auth"),
            Column("CLI list"),
        ]
        call.output.lines(table(columns, _cells(found), call.output.room))
        for finding in findings:
            call.output.note(f"{finding.severity}: {finding.text}")
    return 1 if errors(findings) else 0


def _lacking(found: Sharing) -> list[Finding]:
    words = "CLI Authentication is not set on {} of {}; --apply sets it on all of them"
    return [
        error(sharer.company.name, words.format(entry.address, sharer.company.name), "W-008", "share")
        for sharer in found.sharers
        for entry in sharer.lacking
        if found.shared
    ]


def _cells(found: Sharing) -> list[list[str]]:
    return [
        [
            sharer.company.name,
            entry.address,
            str(entry.port),
            "yes" if entry.cli_authentication else "no",
            ", ".join(stored(sharer.company.cli_allow_list).lines),
        ]
        for sharer in found.sharers
        for entry in sharer.entries
    ]


def _record(found: Sharing, findings: Sequence[Finding]) -> dict[str, object]:
    return {
        "address": found.address,
        "port": found.port,
        "sharers": [
            {
                "id": sharer.company.id,
                "company": sharer.company.name,
                FIELD: stored(sharer.company.cli_allow_list).lines,
                "entries": [
                    {"id": entry.id, "address": entry.address, "cli_authentication": entry.cli_authentication}
                    for entry in sharer.entries
                ],
            }
            for sharer in found.sharers
        ],
        "findings": [finding_record(finding) for finding in findings],
    }


def _test(parser: Parser) -> None:
    _where(parser)
    parser.add_argument("clis", metavar="CLI", nargs="+", help="callers' numbers; - reads them from standard input")
    parser.set_defaults(act=_tested)


def _tested(call: Call) -> int:
    found = sharing.at(call.context, call.given("address"), call.given("port"))
    tried = sharing.explained(found, _given(call, "clis"))
    if call.output.as_json:
        call.output.records(
            {"cli": row.cli, "companies": row.companies, "settled": row.settled, "words": row.words, "why": row.why}
            for row in tried
        )
    else:
        columns = [Column("CLI"), Column("Whose call"), Column("By")]
        call.output.lines(table(columns, ([row.cli, row.words, row.why] for row in tried), call.output.room))
    return 0 if all(row.settled for row in tried) else 1


def _given(call: Call, name: str) -> list[str]:
    """The lines that were given, a single - meaning those of standard input."""
    given: list[str] = call.given(name)
    if given != ["-"]:
        return given
    read = sys.stdin.buffer.read(LONGEST_INPUT + 1)
    if len(read) > LONGEST_INPUT:
        raise UsageError(f"standard input holds more than {LONGEST_INPUT} bytes")
    try:
        lines = [line.strip() for line in read.decode("utf-8").split("\n") if line.strip()]
    except UnicodeDecodeError:
        raise UsageError("standard input is not UTF-8 text") from None
    if not lines:
        # What was to write them may have failed, and an empty list lets every number pass.
        raise UsageError("standard input is empty")
    return lines
