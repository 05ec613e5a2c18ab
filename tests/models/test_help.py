"""What the fields say of themselves: the words that the portal's pages and their mistakes demand."""

from __future__ import annotations

from cxtui.models.fields import form_specs
from cxtui.models.ip_auth import IpAuth
from cxtui.models.rewrite import RewriteRule
from cxtui.models.sip_user import SipUser


def test_an_ip_entry_is_told_to_be_a_trusted_source_linked_to_the_account() -> None:
    """S-010."""
    said = form_specs(IpAuth)["address"].help
    assert "trusted source" in said
    assert "account" in said


def test_pings_are_told_to_be_options_because_nothing_answers_a_bare_udp_packet() -> None:
    """C-03: both modes ping with OPTIONS every 60 seconds; the second also ends the registration."""
    helps = {choice.value: choice.help for choice in form_specs(SipUser)["nat_ping"].choices}
    assert "OPTIONS every 60 seconds" in helps["enabled"]
    assert "OPTIONS every 60 seconds" in helps["timeout"]
    assert "terminate the registration" in helps["timeout"]


def test_a_rewrite_is_told_to_be_the_first_thing_done_with_a_number() -> None:
    """S-060, W-040: before aliases and routing."""
    said = form_specs(RewriteRule)["parameter"].help
    assert "as the call comes into the system" in said
    assert "before aliases and routing" in said


def test_fields_that_change_numbers_lead_to_parameter_rewrite() -> None:
    """S-039."""
    for name in ("cli_prefix", "tech_prefix", "strip_digits", "force_from"):
        assert "Parameter Rewrite" in form_specs(IpAuth)[name].advice
