"""SIP users in the overview."""

from __future__ import annotations

import pytest

from cxtui.models.company import Company
from cxtui.models.sip_user import SipUser
from cxtui.rules.codecs import CODECS
from cxtui.services import credentials, ip_auth, sip_users
from cxtui.services.context import Context
from tests.services.lint.damage import damage
from tests.services.stock import only
from tests.support import PASSWORD, execute


@pytest.fixture
def user(context: Context, acme: Company) -> SipUser:
    """A user in order, with an allow list."""
    typed = {"username": "1001", "allow_list": "198.51.100.0/30"}
    made: SipUser = only(credentials.set_password(context, only(sip_users.add(context, acme.id, typed)), PASSWORD))
    return made


def test_a_user_in_order_has_no_problem(user: SipUser, kinds) -> None:
    assert kinds() == []


@pytest.mark.parametrize(
    ("change", "code", "severity", "words"),
    [
        ("username = '3001'", "S-092", "error", "outside this company's number block"),
        ("username = '01001'", "S-092", "error", "without leading zeros"),
        ("username = 'a b'", "S-091", "error", "Username: a blank is not allowed"),
        ("username = ''", "S-091", "error", "the username is empty"),
        ("username = CAST(x'31ff' AS TEXT)", "damaged", "error", "cannot be read"),
        ("profile_id = 99", "S-090", "error", "there is no such profile"),
        ("channels = 0", "W-011", "error", "0 means unlimited"),
        ("channels = 101", "W-011", "warning", "its SIP users have 101 channels together"),
        ("channels = -1", "damaged", "error", "Channels: write a whole number"),
        ("smart_extension = 1", "S-039", "warning", "Alpha"),
        ("password_set_at = NULL", "no-password", "warning", "no password and cannot register"),
        ("voicemail_email = 'nobody'", "S-111", "error", "is not an e-mail address"),
        ("allow_list = '224.0.0.1'", "S-098", "error", "no call ever comes from"),
        ("allow_list = '224.0.0.1\n198.51.100.0/30'", "damaged", "error", "the edge knows other addresses"),
        ("allow_list = 'nonsense'", "damaged", "error", "nonsense"),
        ("nat_ping = 'often'", "damaged", "error", "NAT/SIP Ping: choose one of"),
        (f"restricted_codecs = '{','.join(codec.value for codec in CODECS)}'", "C-08", "warning", "no codec is left"),
    ],
)
def test_what_the_form_would_say_of_a_stored_user_is_said(
    context: Context, user: SipUser, found, change: str, code: str, severity: str, words: str
) -> None:
    """S-090…S-099, S-111, W-011, C-08"""
    damage(context.database, f"UPDATE sip_user SET {change}")
    said = [(problem.code, problem.severity.value, words in problem.text) for problem in found()]
    assert (code, severity, True) in said


def test_a_password_that_is_bound_to_another_realm_or_gone_is_said(context: Context, user: SipUser, found) -> None:
    """S-124: the HA1 is of no use in another realm."""
    execute(context.database, "UPDATE account SET realm = 'elsewhere.example'")
    (problem,) = found()
    assert (problem.code, "another realm" in problem.text) == ("no-password", True)
    execute(context.database, "UPDATE account SET realm = (SELECT realm FROM credential)")
    assert found() == []
    execute(context.database, "DELETE FROM credential")
    assert [problem.code for problem in found()] == ["no-password"]
    execute(context.database, "UPDATE sip_user SET enabled = 0")
    assert found() == []


@pytest.mark.parametrize("address", ["198.51.100.1", "198.51.100.0/24"])
def test_a_list_under_ip_authentication_is_an_error_on_both_rows(
    context: Context, acme: Company, beta: Company, user: SipUser, kinds, address: str
) -> None:
    """C-13, S-084: whichever of the two is the wider."""
    ip_auth.add(context, beta.id, {"address": address, "enabled": "no"})
    assert kinds() == []
    execute(context.database, "UPDATE ip_auth SET enabled = 1")
    both = [("C-13", "error", "SIP user 1001"), ("C-13", "error", f"IP entry {address} (they send)")]
    assert kinds() == both
    assert kinds(acme) == both[:1]
    assert kinds(beta) == both[1:]
    execute(context.database, "UPDATE ip_auth SET direction = 'ingress'")
    assert [kind for kind in kinds() if kind[0] == "C-13"] == []


def test_a_setting_that_names_other_codecs_since_is_no_problem_of_a_user(
    context: Context, user: SipUser, kinds
) -> None:
    """C-08"""
    execute(context.database, "UPDATE sip_user SET restricted_codecs = 'G729,unheard-of'")
    assert kinds() == []
