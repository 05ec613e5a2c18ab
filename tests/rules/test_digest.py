"""HA1 against the worked example of RFC 7616."""

from __future__ import annotations

import hashlib
from collections.abc import Callable

import pytest

from cxtui.rules.digest import Ha1, ha1

NONCE = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v"
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"


def response(secret: str, hashed: Callable[[bytes], str]) -> str:
    """RFC 7616 §3.4.1 with qop=auth for the request of §3.9.1."""
    ha2 = hashed(b"GET:/dir/index.html")
    return hashed(f"{secret}:{NONCE}:00000001:{CNONCE}:auth:{ha2}".encode())


def test_the_hashes_give_the_responses_of_rfc_7616_section_3_9_1():
    """S-082, S-122."""
    hashes = ha1("Mufasa", "http-auth@example.org", "Circle of Life")
    md5 = response(hashes.md5, lambda data: hashlib.md5(data, usedforsecurity=False).hexdigest())
    sha256 = response(hashes.sha256, lambda data: hashlib.sha256(data).hexdigest())
    assert md5 == "8ca523f5e9506fed4657c9700eebdbec"
    assert sha256 == "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"


def test_the_hashes_are_lower_case_hex_of_fixed_length():
    hashes = ha1("1001", "sip.example.net", "Pa_ssw0rd")
    assert (len(hashes.md5), len(hashes.sha256)) == (32, 64)
    assert set(hashes.md5 + hashes.sha256) <= set("0123456789abcdef")


@pytest.mark.parametrize("changed", [("1002", "r", "p"), ("1001", "s", "p"), ("1001", "r", "q")])
def test_username_realm_and_password_each_change_the_hashes(changed):
    """Why a new realm or username needs a new password."""
    assert ha1("1001", "r", "p") != ha1(*changed)


def test_neither_repr_nor_str_shows_a_hash():
    """S-124."""
    hashes = ha1("1001", "sip.example.net", "secret")
    for shown in (repr(hashes), str(hashes), f"{[hashes]}"):
        assert hashes.md5 not in shown
        assert hashes.sha256 not in shown
    assert repr(Ha1("a", "b")) == "Ha1()"


@pytest.mark.parametrize(
    ("username", "realm"),
    [
        ("", "realm"),
        ("user", ""),
        ("us:er", "realm"),
        ('us"er', "realm"),
        ("user", 'r"ealm'),
        ("us\\er", "realm"),
        ("us\ner", "realm"),
        ("user", "re\x00alm"),
        ("user", "re\x7falm"),
        ("\ud800", "realm"),
    ],
)
def test_parts_that_a_digest_header_cannot_carry_are_refused_without_the_password(username, realm):
    with pytest.raises(ValueError, match=r"username|realm") as refusal:
        ha1(username, realm, "Circle of Life")
    assert "Circle" not in str(refusal.value)


def test_an_unencodable_password_is_refused_without_showing_it():
    with pytest.raises(ValueError, match="cannot be encoded") as refusal:
        ha1("1001", "realm", "abc\ud800")
    assert "abc" not in str(refusal.value)
    assert refusal.value.__cause__ is None
    assert refusal.value.__suppress_context__


def test_an_empty_password_is_refused():
    with pytest.raises(ValueError, match="password is empty"):
        ha1("1001", "realm", "")
