"""Passwords: generated, typed, read out."""

from __future__ import annotations

import random
import secrets
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.models.findings import Severity
from cxtui.rules.passwords import PROFILES, PasswordPolicy, check_typed, generate, read_out

GOOD = "Tr7kMwq_Zp4d"


def texts(password: str, username: str = "1001", severity: Severity = Severity.ERROR) -> str:
    return "\n".join(finding.text for finding in check_typed(password, username) if finding.severity is severity)


@pytest.mark.parametrize(("name", "length"), [("default", 16), ("legacy", 12), ("max34", 34), ("alnum", 16)])
@given(source=st.randoms(use_true_random=False))
def test_every_generated_password_is_above_reproach(name, length, source):
    """C-06, S-121."""
    policy = PROFILES[name]
    password = generate(policy, source.choice, "1001")
    assert check_typed(password, "1001", policy) == []
    assert len(password) == length
    assert not set(password) & set("0O1lI")
    symbols = [character for character in password if not character.isalnum()]
    assert len(symbols) == (0 if name == "alnum" else 1)
    assert set(symbols) <= set("_-")
    assert password[0].isalnum()
    assert password[-1].isalnum()
    for kind in (string.ascii_uppercase, string.ascii_lowercase, string.digits):
        assert set(password) & set(kind)


def test_the_symbol_can_stand_at_every_inner_place():
    """C-06."""
    source = random.Random(7)
    places = set()
    for _ in range(2000):
        password = generate(PROFILES["legacy"], source.choice)
        places.add(next(place for place, character in enumerate(password) if not character.isalnum()))
    assert places == set(range(1, 11))


def test_the_systems_own_source_of_randomness_fits():
    """S-121, S-125."""
    assert len({generate(PROFILES["default"], secrets.choice) for _ in range(50)}) == 50


def test_a_source_that_always_draws_the_same_still_ends():
    password = generate(PasswordPolicy(), lambda options: options[0])
    assert check_typed(password, "1001") == []
    with pytest.raises(ValueError, match="username") as refusal:
        generate(PasswordPolicy(), lambda options: options[0], username=password[3:8])
    assert password[3:8] not in str(refusal.value)


def test_a_drawn_password_with_the_username_in_it_is_drawn_again():
    source = random.Random(3)
    unlucky = generate(PROFILES["default"], random.Random(3).choice)[4:8]
    assert unlucky.lower() not in generate(PROFILES["default"], source.choice, unlucky).lower()


@pytest.mark.parametrize(("length", "longest"), [(7, 64), (0, 64), (20, 12)])
def test_a_policy_that_breaks_the_minimum_rules_is_refused(length, longest):
    with pytest.raises(ValueError, match="password length"):
        PasswordPolicy(length=length, max_length=longest)


@pytest.mark.parametrize(
    ("password", "word"),
    [
        ("Tr7_kMw", "minimum 8 characters"),
        ("tr7kmwq_zp4d", "an upper case letter is missing"),
        ("TR7KMWQ_ZP4D", "a lower case letter is missing"),
        ("TrxkMwq_Zpxd", "a digit is missing"),
        ("Tr7kMwqxZp4d", "a symbol is missing"),
        ("Tr7kMwq_Zp4d" * 6, "at most 64 characters"),
        ("Tr7kMwq_Zp4dé", "plain ASCII"),
        ("Tr7kMwq_\tZp4d", "plain ASCII"),
        ("Tr7kMwq_Zp4d\x7f", "plain ASCII"),
        ("Tr7kMwq_Zp4d ", "ends with a blank"),
        ("xTr7-1001-Mwq", "contains the username"),
        ("Password1!", "first an attacker tries"),
        ("P@ssw0rd1", "first an attacker tries"),
        ("Qwerty123!", "first an attacker tries"),
        ("Welcome2024!", "first an attacker tries"),
        ("$ecret2024!", "first an attacker tries"),
    ],
)
def test_a_typed_password_that_breaks_a_rule_is_an_error(password, word):
    """W-013."""
    assert word in texts(password)


def test_a_good_typed_password_has_no_findings():
    """W-013."""
    assert check_typed(GOOD, "1001") == []


def test_all_missing_kinds_are_said_at_once():
    """W-013."""
    assert len(check_typed("", "1001")) == 5


def test_the_username_is_found_in_any_case_but_a_single_letter_is_not_held_against_anyone():
    assert "contains the username" in texts("x7ALICE_zzp", "alice")
    assert check_typed(GOOD, "z") == []


@pytest.mark.parametrize("character", list("%@$:+#=&\\<>'\""))
def test_a_character_that_breaks_devices_is_a_warning_that_names_it(character):
    """C-06."""
    findings = check_typed(f"Tr7kMwq{character}Zp4d", "1001")
    assert [finding.severity for finding in findings] == [Severity.WARNING]
    assert findings[0].text.startswith(f"{character}: ")


def test_a_blank_inside_is_a_warning():
    assert texts("Tr7kM wq_Zp4d", severity=Severity.WARNING).startswith("a blank: ")


def test_more_than_34_characters_is_a_warning():
    """Linphone takes no more."""
    assert "34" in texts(GOOD * 3, severity=Severity.WARNING)
    assert check_typed((GOOD * 3)[:34], "1001") == []


def test_the_alphanumeric_policy_asks_for_no_symbol():
    assert check_typed("Tr7kMwqxZp4d", "1001", PROFILES["alnum"]) == []


@given(st.text(max_size=80), st.text(max_size=80))
def test_no_finding_holds_what_was_typed(before, after):
    """S-122: a password is never shown but in the hand-over window."""
    for finding in check_typed(f"{before}zQ9j{after}", f"{before}zQ9j"):
        assert finding.field == "password"
        assert "zq9j" not in finding.text.lower()


def test_a_password_is_read_out_word_by_word():
    """S-122."""
    assert read_out("kK7_-") == ("kilo", "capital Kilo", "seven", "underscore", "dash")
    assert read_out("") == ()


def test_every_printable_character_has_a_word_of_its_own():
    spoken = read_out(string.ascii_letters + string.digits + string.punctuation + " é")
    assert len(set(spoken)) == len(spoken)
    assert spoken[-1] == "character U+00E9"
