"""The codecs of this installation, and how those of an entry or user are restricted."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.rules.codecs import CODECS
from cxtui.services import ip_auth, sip_users, undo
from cxtui.services.codecs import FIELD, known_codecs, without_kept_codecs
from cxtui.services.context import Context
from cxtui.services.outcome import Change, Conflict, Refused
from tests.services.stock import Stock, only, only_row
from tests.support import audit, codes, generation, operator, said

Save = Callable[[Context, Any, Mapping[str, Any]], Change]
BOTH = pytest.mark.parametrize("kind", [IpAuth, SipUser])


def saver(kind: type[Any]) -> Save:
    """The service that saves a row of a kind."""
    return ip_auth.save if kind is IpAuth else sip_users.save


def row_of(context: Context, stock: Stock, kind: type[Any]) -> Any:
    """The row as it is stored."""
    return only_row(context, kind, (stock.uac if kind is IpAuth else stock.user).id)


def speaking(context: Context, codecs: str) -> Context:
    """The same operator where the settings name other codecs."""
    return operator(context.database, "alice", context.now, codecs=codecs)


def names(context: Context) -> list[str]:
    return [choice.value for choice in known_codecs(context)[FIELD]]


def test_without_a_setting_there_are_the_nineteen_codecs(context: Context) -> None:
    """C-08, W-050"""
    assert tuple(known_codecs(context)[FIELD]) == CODECS


def test_a_setting_names_other_codecs_in_its_order(context: Context) -> None:
    """C-08"""
    assert names(speaking(context, "pcma,EVS;opus,PCMA")) == ["PCMA", "EVS", "opus"]


@pytest.mark.parametrize("setting", ["telephone-event", "PCMA,***", "a" * 40])
def test_a_setting_that_names_what_no_codec_can_be_takes_none_away(context: Context, setting: str) -> None:
    assert tuple(known_codecs(speaking(context, setting))[FIELD]) == CODECS


@BOTH
def test_codecs_are_restricted_and_enabled_again(context: Context, stock: Stock, kind: type[Any]) -> None:
    """S-050, S-051, C-08: an empty list enables all."""
    save = saver(kind)
    assert row_of(context, stock, kind).restricted_codecs == ""
    saved = only(save(context, row_of(context, stock, kind), {FIELD: "opus\ng729, PCMA"}))
    assert saved.restricted_codecs == "G729,opus,PCMA"
    saved = only(save(context, saved, {FIELD: "g729"}))
    assert saved.restricted_codecs == "G729"
    assert only(save(context, saved, {FIELD: ""})).restricted_codecs == ""


@BOTH
def test_an_unknown_codec_is_refused_with_the_one_that_was_meant(
    context: Context, stock: Stock, kind: type[Any]
) -> None:
    """C-08"""
    row, counted = row_of(context, stock, kind), generation(context.database)
    with pytest.raises(Refused) as refused:
        saver(kind)(context, row, {FIELD: "G729A, telephone-event"})
    assert "did you mean G729?" in said(refused.value.findings, FIELD)
    assert "never removed" in said(refused.value.findings, FIELD)
    assert (row_of(context, stock, kind), generation(context.database)) == (row, counted)


@BOTH
def test_to_restrict_every_codec_is_warned_of(context: Context, stock: Stock, kind: type[Any]) -> None:
    """C-08"""
    every = ",".join(choice.value for choice in CODECS)
    change = saver(kind)(context, row_of(context, stock, kind), {FIELD: every})
    assert ("warning", FIELD, "C-08") in codes(change.warnings)


@BOTH
def test_a_codec_that_the_settings_no_longer_name_stays_restricted_until_the_list_is_changed(
    context: Context, stock: Stock, kind: type[Any]
) -> None:
    save = saver(kind)
    row = only(save(speaking(context, "EVS,PCMA"), row_of(context, stock, kind), {FIELD: "EVS"}))
    kept = only(save(context, row, {FIELD: "EVS", "channels": "3"}))
    assert (kept.restricted_codecs, kept.channels) == ("EVS", 3)
    with pytest.raises(Refused, match="EVS: there is no such codec"):
        save(context, kept, {FIELD: "EVS,PCMA"})
    assert only(save(context, kept, {FIELD: "PCMA"})).restricted_codecs == "PCMA"


@BOTH
def test_restricting_is_audited_and_taken_back(context: Context, stock: Stock, kind: type[Any]) -> None:
    """W-027"""
    row = row_of(context, stock, kind)
    saver(kind)(context, row, {FIELD: "PCMU"})
    assert (audit(context.database)[-1].before, audit(context.database)[-1].after) == ({FIELD: ""}, {FIELD: "PCMU"})
    undo.undo(context)
    assert row_of(context, stock, kind).restricted_codecs == ""


@BOTH
def test_two_operators_who_restrict_at_once_are_told(
    context: Context, bob: Context, stock: Stock, kind: type[Any]
) -> None:
    row = row_of(context, stock, kind)
    saver(kind)(bob, row, {FIELD: "PCMU"})
    with pytest.raises(Conflict) as clash:
        saver(kind)(context, row, {FIELD: "PCMA"})
    assert (clash.value.fields, clash.value.by) == ((FIELD,), "bob")


def test_only_codecs_that_are_as_they_were_are_left_out(stock: Stock) -> None:
    typed = {FIELD: "", "channels": "3"}
    assert without_kept_codecs(typed, stock.user) == {"channels": "3"}
    assert without_kept_codecs({**typed, FIELD: "PCMA"}, stock.user) == {FIELD: "PCMA", "channels": "3"}
    assert without_kept_codecs(typed, None) == typed
