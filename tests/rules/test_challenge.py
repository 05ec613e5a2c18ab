"""Digest challenges and answers, against the worked examples of the RFCs and against odd headers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.rules.challenge import (
    HOW_IT_WORKS,
    MAX_CHALLENGES,
    Challenge,
    ChallengeError,
    Credentials,
    answer,
    choose,
    matches,
    parse_challenges,
    parse_credentials,
    quote,
)
from cxtui.rules.digest import Ha1, ha1

MUFASA = ha1("Mufasa", "http-auth@example.org", "Circle of Life")
RFC_7616 = (
    'Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm={},'
    ' nonce="7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", opaque="FQhe/qaU925kfnzjCev0ciny7QMkPqMAFRtzCUYo5tdS"'
)
CNONCE = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
SHA256_RESPONSE = "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"
MD5_RESPONSE = "8ca523f5e9506fed4657c9700eebdbec"

RFC_2617 = (
    'Digest realm="testrealm@host.com", qop="auth,auth-int", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093",'
    ' opaque="5ccc069c403ebaf9f0171e9517f40e41"'
)

printable = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=40)


def mufasa(challenge: Challenge, secret: Ha1 = MUFASA) -> Credentials:
    return answer(challenge, "Mufasa", secret, "GET", "/dir/index.html", CNONCE)


@pytest.mark.parametrize(("algorithm", "expected"), [("SHA-256", SHA256_RESPONSE), ("MD5", MD5_RESPONSE)])
def test_the_answers_of_rfc_7616_section_3_9_1_are_computed_and_recognised(algorithm: str, expected: str) -> None:
    """S-082, S-083."""
    [challenge] = parse_challenges([RFC_7616.format(algorithm)])
    credentials = mufasa(challenge)
    assert credentials.response == expected
    assert (credentials.nc, credentials.qop, credentials.algorithm) == ("00000001", "auth", algorithm)
    assert parse_credentials(credentials.header()) == credentials
    assert matches(credentials, MUFASA, "GET") is True
    assert matches(credentials, MUFASA, "POST") is False
    assert matches(credentials, ha1("Mufasa", "http-auth@example.org", "circle of life"), "GET") is False


def test_the_answer_of_rfc_2617_is_computed() -> None:
    [challenge] = parse_challenges([RFC_2617])
    secret = ha1("Mufasa", "testrealm@host.com", "Circle Of Life")
    credentials = answer(challenge, "Mufasa", secret, "GET", "/dir/index.html", "0a4f113b")
    assert credentials.response == "6629fae49393a05397450978507c4ef1"
    assert "algorithm" not in credentials.header()


def test_a_challenge_without_qop_is_answered_as_the_oldest_clients_do() -> None:
    """The example of RFC 2069 as corrected by its erratum 749."""
    [challenge] = parse_challenges(['Digest realm="testrealm@host.com", nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"'])
    secret = ha1("Mufasa", "testrealm@host.com", "CircleOfLife")
    credentials = answer(challenge, "Mufasa", secret, "GET", "/dir/index.html", "")
    assert credentials.response == "1949323746fe6a43ef61f9606e7febea"
    assert "nc=" not in credentials.header()
    assert matches(credentials, secret, "GET") is True


def test_a_session_variant_mixes_both_nonces_into_the_secret() -> None:
    [challenge] = parse_challenges([RFC_7616.format("MD5-sess")])
    credentials = mufasa(challenge)
    assert credentials.response not in (MD5_RESPONSE, "")
    assert matches(credentials, MUFASA, "GET") is True
    assert matches(credentials, ha1("Mufasa", "http-auth@example.org", "other"), "GET") is False


def test_of_several_challenges_the_topmost_that_can_be_answered_is_chosen() -> None:
    """RFC 8760 §2.4."""
    unknown, sha256, md5 = (RFC_7616.format(name) for name in ("SHA-512-256", "SHA-256", "MD5"))
    apart = parse_challenges([unknown, sha256, md5])
    together = parse_challenges([f"{unknown}, {sha256}, Basic realm=x, {md5}"])
    assert apart == together
    assert [challenge.algorithm for challenge in apart] == ["SHA-512-256", "SHA-256", "MD5"]
    chosen = choose(apart)
    assert chosen is not None
    assert chosen.algorithm == "SHA-256"
    assert choose(apart[:1]) is None
    with pytest.raises(ChallengeError, match="SHA-512-256"):
        mufasa(apart[0])


def test_a_challenge_that_asks_for_the_body_too_is_not_answered() -> None:
    [challenge] = parse_challenges(['Digest realm="r", nonce="n", qop="auth-int"'])
    assert not challenge.usable
    credentials = Credentials(username="u", realm="r", nonce="n", uri="/", response="0" * 32, qop="auth-int")
    assert matches(credentials, ha1("u", "r", "p"), "GET") is None


@pytest.mark.parametrize(("written", "stale"), [("stale=TRUE", True), ('stale="true"', True), ("stale=false", False)])
def test_stale_is_read_in_any_spelling(written: str, stale: bool) -> None:
    assert [entry.stale for entry in parse_challenges([f'digest NONCE="n",realm = "r" , {written}'])] == [stale]


@pytest.mark.parametrize(
    "value",
    [
        "",
        "Digest",
        "Digest ,,,=",
        'Digest realm="r"',
        'Digest realm="r", nonce="unterminated',
        'Digest realm="r", nonce="a\r\nInjected: yes"',
        'Digest realm="r\x00", nonce="n"',
        'Basic realm="r", nonce="n"',
        'realm="r", nonce="n"',
    ],
)
def test_what_is_not_a_complete_digest_challenge_is_left_out(value: str) -> None:
    assert parse_challenges([value]) == []
    assert parse_credentials(value) is None


def test_only_so_many_challenges_are_read() -> None:
    assert len(parse_challenges(['Digest realm="r", nonce="n"'] * 100)) == MAX_CHALLENGES


def test_credentials_that_were_not_kept_whole_are_compared_with_nothing() -> None:
    """S-083: what was cut off tells nobody whether a guess is right."""
    [challenge] = parse_challenges([RFC_7616.format("MD5")])
    header = mufasa(challenge).header()

    def kept(whole: str, part: str) -> bool | None:
        assert whole in header
        credentials = parse_credentials(header.replace(whole, part))
        assert credentials is not None
        return matches(credentials, MUFASA, "GET")

    assert kept(MD5_RESPONSE, MD5_RESPONSE) is True
    assert kept(MD5_RESPONSE, MD5_RESPONSE[:8]) is False
    assert kept(MD5_RESPONSE, "é" * 32) is False
    for whole in (MD5_RESPONSE, challenge.nonce, CNONCE):
        assert kept(whole, whole[:8] + "…") is None


@given(printable, printable)
def test_what_is_quoted_is_read_back_unchanged(realm: str, nonce: str) -> None:
    header = f"Digest realm={quote(realm)}, nonce={quote(nonce)}, opaque={quote('')}"
    found = [(entry.realm, entry.nonce, entry.opaque) for entry in parse_challenges([header])]
    assert found == ([(realm, nonce, "")] if realm and nonce else [])


@pytest.mark.parametrize("text", ["a\r\nVia: x", "\x00", "\x7f"])
def test_a_control_character_is_never_quoted(text: str) -> None:
    with pytest.raises(ChallengeError):
        quote(text)


@given(st.text(max_size=300))
def test_no_text_makes_the_parsers_raise(text: str) -> None:
    parse_challenges([text, f"Digest {text}"])
    parse_credentials(f"Digest {text}")


@given(st.text(max_size=40), st.text(max_size=40))
def test_comparing_never_raises_whatever_stood_in_the_header(name: str, response: str) -> None:
    credentials = Credentials(username=name, realm=name, nonce=name, uri=name, response=response, cnonce=name)
    assert matches(credentials, MUFASA, name) in (False, None)


@pytest.mark.parametrize("piece", ['a="', 'a="\\', "a ", ", ", '="', "a=\\"])
@pytest.mark.timeout(20)
def test_a_hostile_header_is_read_in_no_time(piece: str) -> None:
    parse_challenges(["Digest " + piece * 20_000] * 20)


def test_repr_does_not_show_the_response() -> None:
    """S-083."""
    [challenge] = parse_challenges([RFC_7616.format("MD5")])
    assert MD5_RESPONSE not in repr(mufasa(challenge))


def test_three_lines_explain_why_the_password_never_travels_and_why_a_new_realm_needs_a_new_one() -> None:
    """C-05."""
    assert len(HOW_IT_WORKS) == 3
    assert "password never travels" in HOW_IT_WORKS[1]
    assert "the realm" in HOW_IT_WORKS[2]
    assert "a new password" in HOW_IT_WORKS[2]
