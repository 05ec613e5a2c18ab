"""The live CIDR view."""

from __future__ import annotations

import ipaddress

import netaddr
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.rules.cidr import BOUNDARY, preview


def test_the_view_of_a_network_shows_bounds_masks_and_bits():
    """S-071."""
    view = preview("203.0.113.96/27")
    assert view is not None
    assert (view.first, view.last, view.count, view.usable) == ("203.0.113.96", "203.0.113.127", 32, 30)
    assert (view.mask, view.wildcard) == ("255.255.255.224", "0.0.0.31")
    assert view.bits == "11001011.00000000.01110001.011▏00000"
    assert view.span == ".96 – .127"
    assert view.exact


@pytest.mark.parametrize(
    ("typed", "bits"),
    [
        ("203.0.113.0/24", "11001011.00000000.01110001.▏00000000"),
        ("203.0.113.96", "11001011.00000000.01110001.01100000"),
        ("2001:db8::/48", "2001:0db8:0000:▏0000:0000:0000:0000:0000"),
        ("2001:db8:8000::/34", "2001:0db8:(10▏00)000:0000:0000:0000:0000:0000"),
        ("2001:db8:1230::/44", "2001:0db8:123▏0:0000:0000:0000:0000:0000"),
        ("2001:db8::1", "2001:0db8:0000:0000:0000:0000:0000:0001"),
    ],
)
def test_the_boundary_stands_between_network_and_host_part(typed, bits):
    """S-071."""
    view = preview(typed)
    assert view is not None
    assert view.bits == bits


@pytest.mark.parametrize("typed", ["203.0.113.96/", " 203.0.113.96"])
def test_an_unfinished_mask_shows_the_host_itself(typed):
    view = preview(typed)
    assert view is not None
    assert (view.network, view.count, view.usable, view.span) == ("203.0.113.96", 1, 1, "203.0.113.96")


def test_host_bits_are_shown_and_told_apart():
    view = preview("203.0.113.77/24")
    assert view is not None
    assert (view.exact, view.network) == (False, "203.0.113.0/24")
    assert view.bits.endswith("▏01001101")


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "203",
        "203.0.113",
        "203.0.113.",
        "203.0.113.300",
        "1.2.3.4/33",
        "1.2.3.4/x",
        "1.2.3.4/٢",
        "::/129",
        "a.b",
        "/",
    ],
)
def test_there_is_no_view_without_a_complete_address(typed):
    assert preview(typed) is None


@pytest.mark.parametrize(
    ("typed", "span"),
    [
        ("10.0.0.0/8", ".0.0.0 – .255.255.255"),
        ("10.4.0.0/14", ".4.0.0 – .7.255.255"),
        ("128.0.0.0/1", "128.0.0.0 – 255.255.255.255"),
        ("0.0.0.0/0", "0.0.0.0 – 255.255.255.255"),
        ("2001:db8::/127", "2001:db8:: – 2001:db8::1"),
    ],
)
def test_the_span_leaves_out_the_shared_octets(typed, span):
    view = preview(typed)
    assert view is not None
    assert view.span == span


@given(st.text(alphabet="0123456789abcdef.:/ %[]-x٣", max_size=50))
def test_the_preview_never_raises(text):
    preview(text)


@given(st.integers(0, 2**32 - 1), st.integers(0, 32))
def test_an_ipv4_view_agrees_with_netaddr(number, prefix):
    text = f"{ipaddress.IPv4Address(number)}/{prefix}"
    view, other = preview(text), netaddr.IPNetwork(text)
    assert view is not None
    assert view.first == str(netaddr.IPAddress(other.first))
    assert view.last == str(netaddr.IPAddress(other.last))
    assert (view.count, view.mask, view.wildcard) == (other.size, str(other.netmask), str(other.hostmask))
    assert view.bits.replace(BOUNDARY, "").replace(".", "") == f"{number:032b}"
    before, _, after = view.bits.partition(BOUNDARY)
    assert len(before.replace(".", "")) == prefix
    assert len(after.replace(".", "")) == 32 - prefix


@given(st.integers(2**125, 2**128 - 1), st.integers(0, 128))
def test_an_ipv6_view_agrees_with_netaddr(number, prefix):
    text = f"{ipaddress.IPv6Address(number)}/{prefix}"
    view, other = preview(text), netaddr.IPNetwork(text)
    assert view is not None
    assert int(ipaddress.IPv6Address(view.first)) == other.first
    assert int(ipaddress.IPv6Address(view.last)) == other.last
    assert view.count == view.usable == other.size
    assert (BOUNDARY in view.bits) == (prefix < 128)
