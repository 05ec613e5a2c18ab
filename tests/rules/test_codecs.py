"""Codecs that are restricted: read from what is typed, and turned into what leaves the SDP."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_user import SipUser
from cxtui.rules.codecs import (
    CODECS,
    CodecError,
    canonical,
    codecs_of,
    none_left,
    remaining,
    removed_from_sdp,
    split,
)
from cxtui.rules.values import read

NAMES = tuple(codec.value for codec in CODECS)
EVERY = ",".join(NAMES)


def refusal(text: str, known=CODECS) -> tuple[str, ...]:
    with pytest.raises(CodecError) as refused:
        canonical(text, known)
    return refused.value.problems


def test_there_are_the_nineteen_codecs_of_the_portal() -> None:
    """C-08, W-050."""
    assert " ".join(NAMES) == (
        "AMR AMR-WB G718 G722 G723 G726 G728 G729 GSM GSM-EFR GSM-HR-08 iLBC L16 LPC opus PCMA PCMU SILK speex"
    )
    assert len(CODECS) == 19


def test_every_codec_has_a_note_that_fits_beside_its_name() -> None:
    assert all(codec.help and len(codec.help) <= 22 for codec in CODECS)


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("", ""),
        (" \n,; ", ""),
        ("g729", "G729"),
        ("OPUS,pcma , Ilbc", "iLBC,opus,PCMA"),
        ("PCMU;G729\nAMR\tamr", "AMR,G729,PCMU"),
        (EVERY, EVERY),
    ],
)
def test_a_list_is_stored_in_one_way_however_it_was_typed(typed: str, stored: str) -> None:
    """S-050, S-051."""
    assert canonical(typed) == stored


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("G729a", "G729"),
        ("g729ab", "G729"),
        ("G.729", "G729"),
        ("AAL2-G726-32", "G726"),
        ("G7231", "G723"),
        ("ulaw", "PCMU"),
        ("a-law", "PCMA"),
        ("G711", "PCMA or PCMU"),
        ("g722.2", "AMR-WB"),
        ("SLK", "SILK"),
        ("spex", "speex"),
    ],
)
def test_an_unknown_codec_is_refused_with_the_one_probably_meant(typed: str, meant: str) -> None:
    assert refusal(typed) == (f"{typed}: there is no such codec; did you mean {meant}?",)


@pytest.mark.parametrize("typed", ["evs", "x", "%", "\N{SNOWMAN}"])
def test_a_codec_like_no_other_is_refused_without_a_guess(typed: str) -> None:
    assert refusal(typed) == (f"{typed}: there is no such codec",)


def test_every_wrong_name_is_told_once_and_whole() -> None:
    assert len(refusal("foo,PCMA,bar,FOO")) == 2
    long = refusal("x" * 500)[0]
    assert long.startswith("x" * 39 + "…:")


def test_a_name_that_would_steer_the_terminal_is_shown_as_pictures() -> None:
    assert "\x1b" not in refusal("\x1b]52;c")[0]


@pytest.mark.parametrize("typed", ["telephone-event", "PCMA, Telephone-Event"])
def test_telephone_event_is_refused_with_the_reason(typed: str) -> None:
    """C-08."""
    (problem,) = refusal(typed)
    assert problem.startswith("telephone-event is never removed")


def test_a_restricted_family_takes_its_variants_out_of_the_sdp() -> None:
    """C-08, RFC 3551 section 4.5.4."""
    rates = (16, 24, 32, 40)
    assert removed_from_sdp("G726") == (
        "G726",
        "G721",
        *(f"G726-{rate}" for rate in rates),
        *(f"AAL2-G726-{rate}" for rate in rates),
    )
    assert {"G729", "G729A", "G729D", "G729E"} <= {*removed_from_sdp("G729")}


@pytest.mark.parametrize("alone", sorted({*NAMES} - {"G723", "G726", "G729"}))
def test_a_codec_without_variants_leaves_the_sdp_alone(alone: str) -> None:
    assert removed_from_sdp(alone) == (alone,)


def test_a_variant_that_can_be_chosen_stays_unless_it_is_restricted_itself() -> None:
    known = codecs_of(["G729", "G729A"])
    assert "G729A" not in removed_from_sdp("G729", known)
    assert removed_from_sdp("G729A", known) == ("G729A",)


def test_nothing_restricted_removes_nothing() -> None:
    """S-050."""
    assert removed_from_sdp("") == ()
    assert remaining("") == NAMES


@given(st.text(max_size=60))
def test_whatever_is_stored_never_removes_keypresses_or_breaks_the_list(stored: str) -> None:
    """C-08: a blank in the list would make the edge skip names."""
    for restricted in (stored, f"{stored},telephone-event,{EVERY}"):
        removed = removed_from_sdp(restricted)
        assert "telephone-event" not in {name.lower() for name in removed}
        assert split(",".join(removed)) == removed
        assert len({name.lower() for name in removed}) == len(removed)


@given(st.lists(st.sampled_from(NAMES)), st.sampled_from([" ", ",", "\n", ";", " , "]), st.booleans())
def test_a_list_reads_back_as_it_was_stored(names: list[str], separator: str, upper: bool) -> None:
    text = separator.join(names)
    stored = canonical(text.upper() if upper else text)
    assert canonical(stored) == stored
    assert {*split(stored)} == {*names}
    assert {*remaining(stored)} == {*NAMES} - {*names}


def test_no_codec_left_is_a_warning() -> None:
    """S-050."""
    assert none_left("codecs", "AMR,opus") is None
    found = none_left("codecs", EVERY)
    assert found is not None
    assert (found.field, found.severity) == ("codecs", "warning")
    assert found.text == "no codec is left: every call ends with 488"


def test_a_setting_replaces_the_list() -> None:
    """C-08."""
    known = codecs_of(["pcma", "G7221", "PCMA", "opus"])
    assert [(codec.value, bool(codec.help)) for codec in known] == [("PCMA", True), ("G7221", False), ("opus", True)]
    assert canonical("opus g7221", known) == "G7221,opus"
    assert refusal("PCMU", known) == ("PCMU: there is no such codec; did you mean PCMA?",)
    assert remaining("PCMA,opus", known) == ("G7221",)
    assert codecs_of(()) == CODECS


@pytest.mark.parametrize("name", ["", "a b", "a,b", "PCMU/8000", "x" * 33, "[/]", "\x1b[31m", "telephone-event"])
def test_a_setting_that_names_no_codec_is_refused(name: str) -> None:
    with pytest.raises(CodecError):
        codecs_of(["PCMA", name])


@pytest.mark.parametrize("entity", [IpAuth, SipUser])
def test_the_field_is_read_like_any_other(entity: type) -> None:
    """S-050, S-051."""
    field = "restricted_codecs"
    assert read(entity, {field: "opus; g729"}).values == {field: "G729,opus"}
    assert read(entity, {field: None}).values == {field: ""}
    refused = read(entity, {field: "g729a foo"})
    assert not refused.values
    assert [finding.field for finding in refused.findings] == [field, field]
    assert "at most 1000" in read(entity, {field: "G729," * 201}).findings[0].text


def test_a_field_with_every_codec_is_stored_and_warned_about() -> None:
    parsed = read(SipUser, {"restricted_codecs": EVERY})
    assert parsed.values == {"restricted_codecs": EVERY}
    assert [finding.severity for finding in parsed.findings] == ["warning"]


def test_a_field_is_read_by_the_list_of_the_account() -> None:
    """C-08."""
    choices = {"restricted_codecs": codecs_of(["PCMA", "G7221"])}
    assert read(SipUser, {"restricted_codecs": "g7221"}, choices).values == {"restricted_codecs": "G7221"}
    assert not read(SipUser, {"restricted_codecs": "opus"}, choices).values
