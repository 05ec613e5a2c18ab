"""Voicemail passwords and the addresses that receive messages."""

from __future__ import annotations

import email.message
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.models.findings import Finding, Severity, errors
from cxtui.rules.voicemail import EmailError, check_email, check_password, parse_email


def only(findings: list[Finding]) -> str:
    [finding] = findings
    return finding.text


@pytest.mark.parametrize("password", ["4711", "82650394", "190274835561"])
def test_a_password_of_4_to_12_digits_is_taken(password: str) -> None:
    """S-112."""
    assert check_password(password, "1003") == []


@pytest.mark.parametrize(
    ("password", "words"),
    [
        ("", "digits only"),
        ("12a4", "digits only"),
        ("12 34", "digits only"),
        ("47\n11", "digits only"),
        ("٤٧١١", "digits only"),
        ("471", "4–12 digits, this has 3"),
        ("4711471147114", "4–12 digits, this has 13"),
    ],
)
def test_a_password_that_a_telephone_cannot_type_is_refused(password: str, words: str) -> None:
    """S-112."""
    [finding] = errors(check_password(password, "1003", field="pin"))
    assert words in finding.text
    assert finding.field == "pin"
    assert finding.code == "S-112"


@pytest.mark.parametrize(
    ("password", "words"),
    [("1003", "number of the mailbox"), ("0000", "one digit repeated"), ("1234", "a run"), ("98765", "a run")],
)
def test_a_password_that_everybody_tries_first_is_warned_of(password: str, words: str) -> None:
    """S-112."""
    [finding] = check_password(password, "1003")
    assert finding.severity is Severity.WARNING
    assert words in finding.text


@given(st.text(min_size=3, max_size=20), st.text(max_size=8))
def test_no_finding_holds_the_password(password: str, user: str) -> None:
    """S-112."""
    assert not any(f"7{password}9" in str(finding) for finding in check_password(f"7{password}9", user))


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("noc@example.com", "noc@example.com"),
        ("  First.Last+voicemail@Mail.EXAMPLE.com ", "First.Last+voicemail@mail.example.com"),
        ("a_b=c-d@xn--bcher-kva.example", "a_b=c-d@xn--bcher-kva.example"),
    ],
)
def test_an_address_is_taken_with_its_domain_in_lower_case(typed: str, stored: str) -> None:
    """S-111."""
    assert parse_email(typed) == stored
    assert check_email(typed) == []


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("noc", "is not an e-mail address"),
        ("@example.com", "is not an e-mail address"),
        ("noc@", "is not an e-mail address"),
        ("noc@@example.com", "is not an e-mail address"),
        (".noc@example.com", "is not an e-mail address"),
        ("n..oc@example.com", "is not an e-mail address"),
        ("noc @example.com", "is not an e-mail address"),
        ("(boss)noc@example.com", "is not an e-mail address"),
        ('"noc"@example.com', "is not an e-mail address"),
        ("NOC <noc@example.com>", "is not an e-mail address"),
        ("noc@example.com\nBcc: eve@example.org", "without line breaks"),
        ("noc@example.com\r\nBcc: eve@example.org", "without line breaks"),
        ("noc\0@example.com", "without line breaks"),
        ("noc@exämple.com", "plain ASCII"),
        ("noc@example.com, eve@example.org", "one address only"),
        ("noc@example.com;eve@example.org", "one address only"),
        ("noc@example", "has no domain"),
        ("noc@-example.com", "cannot begin or end"),
        ("noc@[192.0.2.1]", "not allowed in a host name"),
        ("$(reboot)@example.com", "is not an e-mail address"),
        ("`reboot`@example.com", "through a shell"),
        ("a|reboot@example.com", "through a shell"),
        ("a&reboot@example.com", "through a shell"),
        ("o'brien@example.com", "through a shell"),
        ("-oQ@example.com", "take that for an option"),
        ("x" * 65 + "@example.com", "at most 64 characters"),
        ("x@" + "y" * 60 + ".example" * 30, "at most 254 characters"),
    ],
)
def test_what_is_no_plain_address_is_refused_in_words(typed: str, words: str) -> None:
    """S-111."""
    [finding] = check_email(typed)
    assert finding.severity is Severity.ERROR
    assert finding.field == "voicemail_email"
    assert words in finding.text


def test_no_address_is_no_mistake_until_one_is_needed() -> None:
    assert check_email("  ") == []
    with pytest.raises(EmailError, match="write an e-mail address"):
        parse_email(" ")


addressish = st.text(st.sampled_from("ab1.@-+_\"'\\()<>[]:;,$`| \t\r\n\0é=?"), max_size=30)


@given(st.one_of(st.text(max_size=40), addressish, st.emails()))
def test_whatever_is_taken_is_one_address_that_no_header_and_no_shell_reads_otherwise(typed: str) -> None:
    """S-111."""
    if check_email(typed) or not typed.strip():
        with pytest.raises(EmailError, match=r"\w"):
            parse_email(typed)
        return
    address = parse_email(typed)
    assert not set(address) - set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789@._+=-")
    message = email.message.EmailMessage(policy=email.policy.SMTP)
    message["To"] = address
    assert [one.addr_spec for one in message["To"].addresses] == [address]
    assert message.as_bytes().strip().count(b"\r\n") <= 1
    assert parse_email(address) == address
