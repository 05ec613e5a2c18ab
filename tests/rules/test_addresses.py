"""The address grammar and the packed form that indexes compare."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cxtui.rules.addresses import (
    AddressError,
    Line,
    Network,
    contains,
    covering_firsts,
    name_range,
    overlaps,
    pack,
    parse_fqdn,
    parse_host,
    parse_network,
    parse_port,
    special,
    split_many,
    unpack,
)
from cxtui.rules.special_ranges import never_a_source

ACCEPTED = [
    ("203.0.113.77", "203.0.113.77"),
    (" 203.0.113.77\n", "203.0.113.77"),
    ("203.0.113.77/32", "203.0.113.77"),
    ("203.0.113.96/27", "203.0.113.96/27"),
    ("128.0.0.0/1", "128.0.0.0/1"),
    ("0.0.0.0", "0.0.0.0"),
    ("255.255.255.255", "255.255.255.255"),
    ("2001:DB8:0:0:0:0:0:1", "2001:db8::1"),
    ("2001:db8::1/128", "2001:db8::1"),
    ("2001:DB8::/32", "2001:db8::/32"),
    ("2001:0db8:0000::/48", "2001:db8::/48"),
    ("::1", "::1"),
    ("64:ff9b::192.0.2.1", "64:ff9b::c000:201"),
]

REFUSED = [
    ("", "the address is empty"),
    (" \t ", "the address is empty"),
    ("203.0.113.300", "300 is not an octet (0–255)"),
    ("1.2.3.-4", "-4 is not an octet (0–255)"),
    ("0x7f.0.0.1", "0x7f is not an octet (0–255)"),
    ("٣.2.3.4", "٣ is not an octet (0–255)"),
    ("010.1.1.1", "leading zero in 010: write 10"),
    ("1.2.3.000", "leading zero in 000: write 0"),
    ("1.2..4", "an octet is missing in 1.2..4"),
    ("1.2.3.4.", "an octet is missing in 1.2.3.4."),
    ("1.2.3", "1.2.3 has 3 octets: an IPv4 address has 4"),
    ("1.2.3.4.5", "1.2.3.4.5 has 5 octets: an IPv4 address has 4"),
    ("1.2.3/24", "1.2.3 has 3 octets: an IPv4 address has 4"),
    ("16909060", "16909060 is not an octet (0–255)"),
    ("203.0.113.77/24", "203.0.113.77/24 has host bits set: did you mean 203.0.113.0/24?"),
    ("2001:db8::1/64", "2001:db8::1/64 has host bits set: did you mean 2001:db8::/64?"),
    ("1.2.3.4/33", "mask 33: 0–32 for IPv4"),
    ("2001:db8::/129", "mask 129: 0–128 for IPv6"),
    ("1.2.3.4/+24", "mask +24: 0–32 for IPv4"),
    ("1.2.3.4/024", "leading zero in mask 024: write 24"),
    ("1.2.3.4/", "1.2.3.4/: the mask is missing after /"),
    ("1.2.3.0/24/25", "1.2.3.0/24/25 has more than one /"),
    ("/24", "/24: a mask without an address"),
    ("1.2.3.0/255.255.255.0", "write the mask 255.255.255.0 as a length: 1.2.3.0/24"),
    ("1.2.3.0/255.0.255.0", "255.0.255.0 is not a network mask"),
    ("0.0.0.0/0", "0.0.0.0/0 would authorise the whole Internet"),
    ("::/0", "::/0 would authorise the whole Internet"),
    (
        "pbx.acme.example",
        "pbx.acme.example looks like a host name: names are only for switches that receive calls (ingress)",
    ),
    ("localhost", "localhost looks like a host name: names are only for switches that receive calls (ingress)"),
    ("1.2.3.4 5", "“1.2.3.4 5” has a space inside"),
    ("1.2.3.4\u00a0/24", "“1.2.3.4\u00a0/24” has a space inside"),
    ("1.2.3.4\u200b", "an invisible character (U+200B) is in the address"),
    ("1.2.3.4\x1b[2J", "an invisible character (U+001B) is in the address"),
    ("fe80::1%eth0", "fe80::1%eth0: zone ids (%…) have no meaning outside their own host"),
    ("::ffff:203.0.113.7", "::ffff:203.0.113.7 is IPv4 in IPv6 clothes: write 203.0.113.7"),
    ("::ffff:cb00:7100/120", "::ffff:cb00:7100/120 is IPv4 in IPv6 clothes: write 203.0.113.0/24"),
    ("::ffff:0:0/96", "::ffff:0:0/96 is IPv4 in IPv6 clothes: write the IPv4 network"),
    ("::/64", "::/64 includes all IPv4-mapped addresses (::ffff:0:0/96): write IPv4 networks as IPv4"),
    ("1.2.3.4:5060", "1.2.3.4:5060: put the port in its own field"),
    ("pbx.acme.example:5060", "pbx.acme.example:5060: put the port in its own field"),
    ("[2001:db8::1]:5060", "[2001:db8::1]:5060: put the port in its own field"),
    ("[2001:db8::1]", "[2001:db8::1]: write the address without brackets"),
    ("sip:1.2.3.4", "sip:1.2.3.4: write the address alone, without sip:"),
    ("1.2.3.*", "1.2.3.*: write a network as address/mask, such as 203.0.113.0/24"),
    ("1.2.3.4-1.2.3.9", "1.2.3.4-1.2.3.9: ranges are written as networks, such as 203.0.113.0/24"),
    ("2001:db8::1::2", "2001:db8::1::2: “::” may stand only once in an IPv6 address"),
    ("2001:db8:12345::", "12345 is not an IPv6 group (1–4 hex digits)"),
    ("2001:db8", "2001:db8 has 2 groups: an IPv6 address has 8, or “::” for the missing ones"),
    ("1:2:3:4:5:6:7:8:9", "1:2:3:4:5:6:7:8:9 has too many groups: an IPv6 address has 8"),
    ("::1.2.3.400", "::1.2.3.400 is not an IPv6 address"),
]

# What the switch takes with "Reload OK" and then matches wrongly or never (edge.md §3, "What bad input does").
MISREAD_BY_THE_EDGE = [
    "1.2.3.300",  # stored as 1.2.3.44
    "2001:db8::1/32",  # an IPv6 host with an IPv4 mask becomes a /32 network
    "1.2.3.4/0",  # mask 0 becomes a host
    "::1/0",
    "1.2.3.4/24",  # host bits become a masked match
    "1.2.3",  # taken as a domain name
    "",  # taken as a domain name
    "1.2.3.4/33",  # the whole reload is refused
    "1.2.3.4/-1",
    "1.2.3.4/128",
    "localhost",  # loads, never matches
]

v4_numbers = st.integers(0, 2**32 - 1)
v6_numbers = st.integers(0, 2**128 - 1)


@st.composite
def ip_networks(draw) -> ipaddress.IPv4Network | ipaddress.IPv6Network:
    """Any network but the mapped block, what covers it, and the whole Internet."""
    if draw(st.booleans()):
        return ipaddress.IPv4Network((draw(v4_numbers), draw(st.integers(1, 32))), strict=False)
    network = ipaddress.IPv6Network((draw(v6_numbers), draw(st.integers(1, 128))), strict=False)
    mapped = ipaddress.IPv6Network("::ffff:0:0/96")
    return ipaddress.IPv6Network("2001:db8::/32") if network.overlaps(mapped) else network


def accepted(text: str) -> bool:
    try:
        parse_network(text)
    except AddressError:
        return False
    return True


@pytest.mark.parametrize(("typed", "canonical"), ACCEPTED)
def test_an_address_or_network_gets_its_canonical_text(typed, canonical):
    """S-020."""
    assert parse_network(typed).text == canonical


@pytest.mark.parametrize(("typed", "words"), REFUSED)
def test_a_refusal_names_its_cause_in_the_operators_words(typed, words):
    """S-020, S-021."""
    with pytest.raises(AddressError) as refusal:
        parse_network(typed)
    assert str(refusal.value) == words


@pytest.mark.parametrize("typed", MISREAD_BY_THE_EDGE)
def test_what_the_edge_misreads_is_refused(typed):
    with pytest.raises(AddressError):
        parse_network(typed)


def test_a_leading_blank_never_reaches_the_edge():
    """Kamailio takes " 1.2.3.4" for a domain name; the canonical text has no blank."""
    assert parse_network(" 1.2.3.4").text == "1.2.3.4"


@pytest.mark.parametrize("typed", ["70000", "0", "-1", "65536", "5060x", "", "５０６０", "9" * 5000])
def test_what_is_not_a_port_is_refused(typed):
    """Kamailio takes port 70000 without a word."""
    with pytest.raises(AddressError):
        parse_port(typed)


def test_a_port_is_a_number():
    assert [parse_port(text) for text in ("1", "5060", " 65535 ")] == [1, 5060, 65535]


@given(st.text())
def test_any_text_is_either_a_network_or_an_address_error(text):
    accepted(text)
    split_many(text, names_allowed=True)


def test_hostile_lengths_are_refused_with_a_short_message():
    with pytest.raises(AddressError) as refusal:
        parse_network("1" * 100_000)
    assert len(str(refusal.value)) < 120


@given(ip_networks())
def test_every_proper_network_is_accepted_and_agrees_with_the_standard_library(network):
    parsed = parse_network(str(network))
    assert (parsed.version, parsed.prefix) == (network.version, network.prefixlen)
    assert parsed.count == network.num_addresses
    assert parsed.is_host == (network.num_addresses == 1)
    assert parsed.first == pack(str(network.network_address))
    assert parsed.last == pack(str(network.broadcast_address))


@given(ip_networks())
def test_canonical_text_parses_to_the_same_network(network):
    parsed = parse_network(str(network))
    assert parse_network(parsed.text) == parsed


@given(v4_numbers.map(ipaddress.IPv4Address) | v6_numbers.map(ipaddress.IPv6Address))
def test_packing_and_unpacking_an_address_gives_it_back(address):
    mapped = getattr(address, "ipv4_mapped", None)
    packed = pack(str(address))
    assert len(packed) == 16
    assert unpack(packed) == str(mapped or address)


@given(v4_numbers, v4_numbers)
def test_packed_addresses_sort_as_their_numbers(a, b):
    assert (pack(str(ipaddress.IPv4Address(a))) < pack(str(ipaddress.IPv4Address(b)))) == (a < b)


@pytest.mark.parametrize(
    "text", ["", "1.2.3", "1.2.3.300", "1.2.3.0/24", "fe80::1%eth0", "pbx.acme.example", " 1.2.3.4"]
)
def test_only_one_complete_address_can_be_packed(text):
    with pytest.raises(AddressError):
        pack(text)


@pytest.mark.parametrize("packed", [b"", b"\x00" * 4, b"\x00" * 17, b"\xff" * 17])
def test_bytes_of_no_address_cannot_be_unpacked(packed):
    with pytest.raises(AddressError):
        unpack(packed)


@given(ip_networks())
def test_covering_firsts_are_those_of_all_supernets_and_no_others(network):
    supernets = {network.supernet(new_prefix=length) for length in range(network.prefixlen + 1)}
    assert all(supernet.supernet_of(network) for supernet in supernets)
    firsts = covering_firsts(parse_network(str(network)))
    assert set(firsts) == {pack(str(supernet.network_address)) for supernet in supernets}
    assert list(firsts) == sorted(set(firsts))


@given(st.lists(ip_networks(), max_size=12), ip_networks())
def test_the_index_probe_finds_exactly_the_networks_that_cover(stored, network):
    """`first IN covering_firsts AND last >= mine.last`, the probe of the store."""
    mine = parse_network(str(network))
    stored += [network.supernet(new_prefix=max(1, network.prefixlen - 3)), network]
    stored = [one for one in stored if accepted(str(one))]
    probes = covering_firsts(mine)
    rows = [parse_network(str(one)) for one in stored]
    found = [row.text for row in rows if row.first in probes and row.last >= mine.last]
    same = [one for one in stored if one.version == network.version]
    assert sorted(found) == sorted(parse_network(str(one)).text for one in same if one.supernet_of(network))


@given(ip_networks(), ip_networks())
def test_containment_and_overlap_agree_with_the_standard_library(a, b):
    mine, other = parse_network(str(a)), parse_network(str(b))
    same = a.version == b.version
    assert contains(mine, other) == (same and b.subnet_of(a))
    assert overlaps(mine, other) == (same and a.overlaps(b))
    ranges_meet = mine.first <= other.last and other.first <= mine.last
    assert ranges_meet == overlaps(mine, other)


def test_a_single_address_has_no_mask():
    assert parse_host("1.2.3.4").is_host
    for typed, words in [
        ("1.2.3.4/32", "1.2.3.4/32: no mask here, write 1.2.3.4"),
        ("1.2.3.0/24", "1.2.3.0/24: no mask here, write a single address"),
    ]:
        with pytest.raises(AddressError) as refusal:
            parse_host(typed)
        assert str(refusal.value) == words


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("PBX.Acme.Example", "pbx.acme.example"),
        (" pbx.acme.example. ", "pbx.acme.example"),
        ("xn--bcher-kva.example", "xn--bcher-kva.example"),
        ("3com.example", "3com.example"),
        ("1.2.3.4a", "1.2.3.4a"),
        (f"{'a' * 63}.example", f"{'a' * 63}.example"),
    ],
)
def test_a_host_name_is_lower_case_without_its_trailing_dot(typed, name):
    """S-021, S-024."""
    assert parse_fqdn(typed) == name


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("", "empty"),
        ("pbx", "has no domain"),
        ("pbx acme.example", "space inside"),
        ("pbx..example", "empty part"),
        (".example.com", "empty part"),
        ("pbx.example..", "empty part"),
        ("-pbx.example", "cannot begin or end"),
        ("pbx-.example", "cannot begin or end"),
        ("pbx_1.example", "“_” is not allowed"),
        ("*.example.com", "“*” is not allowed"),
        ("bücher.example", "xn--"),
        ("pbx.example.5", "ends in a number"),
        ("1.2.3.4", "ends in a number"),
        ("pbx.example:5060", "port in its own field"),
        ("pbx.example/24", "“/” is not allowed"),
        ("pbx.exam\x07ple", "invisible"),
        (f"{'a' * 64}.example", "63 characters"),
        (".".join(["a" * 60] * 5), "253 characters"),
    ],
)
def test_what_is_not_a_host_name_is_refused_with_the_reason(typed, word):
    with pytest.raises(AddressError, match=word.replace("*", r"\*")):
        parse_fqdn(typed)


def test_a_host_name_sorts_after_every_address_and_equals_only_itself():
    first, last = name_range("pbx.acme.example")
    assert first == last
    assert first > pack("ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff")
    assert first != name_range("pbx.acme.example.net")[0]
    assert unpack(first) == "pbx.acme.example"


def test_a_pasted_list_takes_any_separators_and_keeps_the_order():
    """W-001."""
    lines = split_many("203.0.113.10, 203.0.113.64/28;2001:db8::5\r\n\t198.51.100.4  198.51.100.5\n\n")
    assert [line.network.text for line in lines if line.network] == [
        "203.0.113.10",
        "203.0.113.64/28",
        "2001:db8::5",
        "198.51.100.4",
        "198.51.100.5",
    ]
    assert len(lines) == 5


def test_a_repeat_is_flagged_however_it_is_written():
    lines = split_many("1.2.3.4 1.2.3.4/32 2001:DB8::1 2001:db8:0::1")
    assert [line.repeat for line in lines] == [False, True, False, True]
    assert lines[1] == Line("1.2.3.4/32", repeat=True)


def test_each_bad_entry_of_a_list_has_its_own_error_and_the_others_stand():
    lines = split_many("203.0.113.77\n203.0.113.300\npbx.acme.example\n")
    assert [bool(line.network) for line in lines] == [True, False, False]
    assert lines[1].error == "300 is not an octet (0–255)"
    assert "only for switches that receive calls (ingress)" in lines[2].error


def test_names_are_taken_from_a_list_where_they_are_allowed():
    """S-024."""
    lines = split_many(
        "PBX.acme.example, 203.0.113.7, pbx.acme.example., bad_name.example, 1.2.3.300", names_allowed=True
    )
    assert [line.fqdn for line in lines] == ["pbx.acme.example", None, None, None, None]
    assert lines[1].network is not None
    assert lines[2].repeat
    assert lines[3].error == "“_” is not allowed in a host name"
    assert lines[4].error == "300 is not an octet (0–255)"


@pytest.mark.parametrize(
    ("typed", "word"),
    [
        ("10.1.2.3", "private (RFC 1918)"),
        ("172.31.0.0/16", "private (RFC 1918)"),
        ("192.168.1.0/24", "private (RFC 1918)"),
        ("100.64.0.1", "carrier-grade NAT"),
        ("127.0.0.1", "loopback"),
        ("169.254.1.1", "link-local"),
        ("203.0.113.7", "documentation"),
        ("224.0.0.1", "multicast"),
        ("240.0.0.1", "reserved"),
        ("255.255.255.255", "broadcast"),
        ("0.0.0.0", "never a source"),
        ("172.0.0.0/8", "includes 172.16.0.0/12"),
        ("128.0.0.0/1", "wider than any one company"),
        ("::1", "loopback"),
        ("::", "unspecified"),
        ("fe80::1", "link-local"),
        ("fd00::1", "unique local"),
        ("ff02::1", "multicast"),
        ("2001:db8::/48", "documentation"),
        ("2000::/3", "wider than any one company"),
        ("4000::1", "outside the global IPv6 range"),
    ],
)
def test_a_range_that_seldom_belongs_here_gets_a_word_of_warning(typed, word):
    assert word in special(parse_network(typed))


@pytest.mark.parametrize("typed", ["8.8.8.8", "81.2.69.0/24", "172.15.255.255", "2a00:1450::1", "2001:4860::/32"])
def test_an_ordinary_address_gets_no_warning(typed):
    assert special(parse_network(typed)) == ""


def test_a_network_is_immutable_and_hashable():
    assert len({parse_network("1.2.3.4"), parse_network("1.2.3.4/32")}) == 1
    assert isinstance(parse_network("1.2.3.4"), Network)


@pytest.mark.parametrize(
    ("typed", "never"),
    [
        ("224.0.0.1", True),
        ("0.0.0.0/8", True),
        ("255.255.255.255", True),
        ("ff02::1", True),
        ("::", True),
        ("127.0.0.1", False),
        ("192.168.0.0/16", False),
        ("192.0.0.0/3", False),
        ("2001:db8::1", False),
    ],
)
def test_networks_from_which_no_call_can_come_are_known(typed, never):
    """S-098"""
    assert never_a_source(parse_network(typed)) is never
