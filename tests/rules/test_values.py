"""What is typed, read as the values of fields."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.models.company import Company
from cxtui.models.fields import Kind, form_specs, specs
from cxtui.models.ip_auth import IpAuth
from cxtui.models.sip_profile import SipProfile
from cxtui.models.sip_user import SipUser
from cxtui.rules.values import networks_line, read, show

ENTITIES = (Company, IpAuth, SipProfile, SipUser)


def value(entity: type, field: str, typed: object) -> object:
    parsed = read(entity, {field: typed})
    assert [finding for finding in parsed.findings if finding.severity == "error"] == []
    return parsed.values[field]


def fault(entity: type, field: str, typed: object) -> str:
    parsed = read(entity, {field: typed})
    assert field not in parsed.values
    (finding,) = parsed.findings
    assert (finding.field, finding.severity) == (field, "error")
    return finding.text


@pytest.mark.parametrize(("typed", "number"), [("0", 0), (" 30 ", 30), (30, 30), ("", 0), (None, 0), ("007", 7)])
def test_a_whole_number_is_read(typed: object, number: int) -> None:
    assert value(IpAuth, "channels", typed) == number


@pytest.mark.parametrize("typed", ["-1", "+1", "1.0", "1e3", "0x10", "٣", "１", "1 000", "ten", "1\n2", True])
def test_what_is_no_whole_number_is_refused(typed: object) -> None:
    assert fault(IpAuth, "channels", typed) == "write a whole number, in digits only"


@pytest.mark.parametrize("typed", ["0", "65536", "999999999999999999"])
def test_a_number_outside_its_limits_is_named_with_them(typed: str) -> None:
    """W-003."""
    assert fault(IpAuth, "port", typed) == f"{typed} is outside 1–65535"


@pytest.mark.parametrize("typed", ["9" * 19, "9" * 10_000])
def test_a_number_longer_than_any_limit_is_refused_before_it_is_converted(typed: str) -> None:
    assert "whole number" in fault(IpAuth, "port", typed)
    assert "there is no SIP Profile 999" in fault(SipUser, "profile_id", typed)
    assert len(fault(SipUser, "profile_id", typed)) < 100


def test_an_empty_number_is_the_default() -> None:
    """S-037."""
    assert value(IpAuth, "port", " ") == 5060


@pytest.mark.parametrize(
    ("typed", "yes"),
    [("yes", True), ("On", True), ("1", True), (True, True), ("no", False), ("", False), (False, False)],
)
def test_yes_and_no_are_read(typed: object, yes: bool) -> None:
    assert value(IpAuth, "enabled", typed) is yes


@pytest.mark.parametrize("typed", ["maybe", "2", "yesno", None])
def test_what_is_neither_yes_nor_no_is_refused(typed: object) -> None:
    assert fault(IpAuth, "enabled", typed) == "write yes or no"


@pytest.mark.parametrize(
    ("typed", "stored"), [("udp", "udp"), ("TLS & SRTP", "tls_srtp"), (" tls_srtp ", "tls_srtp"), ("tcp", "tcp")]
)
def test_a_choice_is_read_by_value_or_label(typed: str, stored: str) -> None:
    """S-031…S-035."""
    assert value(IpAuth, "protocol", typed) == stored


def test_a_choice_that_is_shown_only_cannot_be_taken() -> None:
    """S-036."""
    assert fault(SipUser, "protocol", "SMPP") == "SMPP is not currently supported"


def test_a_choice_that_does_not_exist_is_refused_with_those_that_do() -> None:
    assert fault(SipUser, "nat_ping", "sometimes") == "choose one of disabled, enabled, timeout"
    assert "smpp" not in fault(SipUser, "protocol", "sctp")


@pytest.mark.parametrize(("typed", "code"), [("a\x1b[31mb", "U+001B"), ("a\nb", "U+000A"), ("a\u202eb", "U+202E")])
def test_a_control_character_is_named_and_refused(typed: str, code: str) -> None:
    assert fault(Company, "name", typed) == f"holds the control character {code}"


def test_half_a_character_is_refused() -> None:
    assert "U+DCFF" in fault(Company, "name", "a\udcff")


def test_notes_may_have_lines() -> None:
    assert value(Company, "notes", "one\ntwo") == "one\ntwo"
    assert "U+000D" in fault(Company, "notes", "one\r\ntwo")


def test_text_is_stripped_and_bounded() -> None:
    assert value(Company, "name", "  Acme  ") == "Acme"
    assert value(Company, "name", "x" * 80) == "x" * 80
    assert fault(Company, "name", "x" * 81) == "81 characters: at most 80 are allowed"
    assert fault(Company, "name", "   ") == "Name is required"


def test_a_reference_is_an_id_or_nothing() -> None:
    assert value(SipUser, "profile_id", "7") == 7
    assert value(SipUser, "profile_id", "") is None
    assert value(SipUser, "profile_id", None) is None
    assert fault(SipUser, "profile_id", "seven") == "there is no SIP Profile seven"


def test_networks_are_read_with_any_separators_and_stored_canonical() -> None:
    """S-098."""
    assert value(SipUser, "allow_list", "192.0.2.1, 2001:DB8::/32;192.0.2.1") == "192.0.2.1\n2001:db8::/32"
    assert value(SipUser, "allow_list", None) == ""
    assert value(SipUser, "allow_list", " \n") == ""


def test_every_wrong_network_has_its_own_finding() -> None:
    findings = read(SipUser, {"allow_list": "10.0.0.1/8 x 192.0.2.1"}).findings
    assert [finding.text.partition(":")[0] for finding in findings] == ["10.0.0.1/8", "x"]
    assert "at most 20000" in fault(SipUser, "allow_list", "1" * 20_001)


def test_a_long_line_is_cut_where_it_is_quoted() -> None:
    assert networks_line("x" * 41) == "x" * 39 + "…"
    assert networks_line("x" * 40) == "x" * 40


@pytest.mark.parametrize("name", ["password", "id", "version", "company_id", "first", "linked_id", ""])
def test_a_field_that_no_form_has_is_refused_without_its_value(name: str) -> None:
    """S-122: what was typed into it may be a secret."""
    (finding,) = read(IpAuth, {name: "s3cret"}).findings
    assert "there is no field" in finding.text
    assert "s3cret" not in finding.text


@pytest.mark.parametrize(
    ("entity", "field"),
    [
        (IpAuth, "cli_prefix"),
        (IpAuth, "tech_prefix"),
        (IpAuth, "force_from"),
        (IpAuth, "strip_digits"),
        (IpAuth, "bandwidth"),
        (SipUser, "smart_extension"),
    ],
)
def test_a_field_with_advice_is_warned_about_while_it_is_set(entity: type, field: str) -> None:
    """S-039, S-104, W-004."""
    (finding,) = read(entity, {field: "1"}).findings
    assert (finding.field, finding.severity, finding.code) == (field, "warning", "S-039")
    assert read(entity, {field: "0" if field not in ("cli_prefix", "tech_prefix", "force_from") else ""}).findings == ()


@given(
    entity=st.sampled_from(ENTITIES),
    typed=st.one_of(st.text(max_size=40), st.integers(), st.none(), st.booleans(), st.floats()),
    data=st.data(),
)
def test_anything_typed_into_any_field_is_a_value_or_a_finding(
    entity: type, typed: object, data: st.DataObject
) -> None:
    field = data.draw(st.sampled_from(sorted(form_specs(entity))))
    parsed = read(entity, {field: typed})
    errors = [finding for finding in parsed.findings if finding.severity == "error"]
    assert (field in parsed.values) != bool(errors)


@pytest.mark.parametrize("entity", ENTITIES)
def test_what_is_shown_of_a_value_reads_back_as_the_value(entity: type) -> None:
    for name, spec in form_specs(entity).items():
        samples: dict[Kind, list[object]] = {
            Kind.BOOLEAN: [True, False],
            Kind.INTEGER: [max(spec.minimum or 0, 7)],
            Kind.CHOICE: [choice.value for choice in spec.choices if choice.selectable],
            Kind.REFERENCE: [None, 3],
            Kind.CODECS: ["AMR,G729"],
        }
        for sample in samples.get(spec.kind, ["203.0.113.1"]):
            assert read(entity, {name: show(spec, sample)}).values[name] == sample


def test_a_value_that_is_no_choice_any_more_is_shown_as_it_is() -> None:
    assert show(form_specs(SipUser)["protocol"], "sctp") == "sctp"


@pytest.mark.parametrize(
    ("value", "shown"),
    [(1_700_000_000.0, "2023-11-14 22:13 UTC"), (None, ""), (0.0, "0.0"), (1e300, "1e+300"), (float("nan"), "nan")],
)
def test_a_moment_is_shown_as_a_day_and_a_time(value: float | None, shown: str) -> None:
    assert show(specs(SipUser)["password_set_at"], value) == shown
