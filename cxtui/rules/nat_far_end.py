"""The far-end NAT tests: what Contact, Via and source say about a NAT in between (W-100)."""

from __future__ import annotations

from cxtui.rules.nat_endpoints import Address, parse_address, shown, unrouted
from cxtui.rules.nat_facts import Evidence, bad, note, ok, unknown
from cxtui.rules.nat_paths import Path

CODE = "W-100"
SIP_ALG = "SIP ALG"


def far_end_tests(path: Path) -> list[Evidence]:
    """The tests of one contact in their order; "bad" is a sign of a NAT, which a connection bridges by itself."""
    tests = [
        _contact_address(path),
        _via_source(path),
        _via_address(path),
        _contact_source(path),
        _via_port(path),
        _contact_port(path),
    ]
    if path.contact.sdp:
        tests.append(_sdp(path))
    tests.append(_alg(path))
    return tests


def _contact_address(path: Path) -> Evidence:
    test = "private Contact"
    if path.target is None:
        return unknown(test, _unreadable(path), CODE)
    if path.target.address is None:
        return unknown(test, _host_name(path), CODE)
    return _private(test, "the Contact", path.target.address, path)


def _via_address(path: Path) -> Evidence:
    test = "private Via"
    if path.via is None:
        return unknown(test, "the Via of the REGISTER is not known", CODE)
    if path.via.address is None:
        return unknown(test, f"the Via names a host, {path.via.host}", CODE)
    return _private(test, "the Via", path.via.address, path)


def _private(test: str, whose: str, address: Address, path: Path) -> Evidence:
    why = unrouted(address)
    if not why:
        return ok(test, f"{whose} has a public address, {address}", CODE)
    if address == path.source or (path.source and address.is_loopback and path.source.is_loopback):
        return ok(test, f"{whose} says {address}, {why}, but packets do come from there: no NAT in between", CODE)
    return bad(test, f"{whose} says {address}, which is {why}: calls cannot be sent there", CODE)


def _via_source(path: Path) -> Evidence:
    test = "source and Via"
    if path.source is None or path.via is None:
        return unknown(test, f"{_missing(path)} is not known", CODE)
    if path.via.address is None:
        return unknown(test, f"the Via names a host, {path.via.host}; the source is {path.source}", CODE)
    if path.via.address == path.source:
        return ok(test, f"both are {path.source}", CODE)
    return bad(test, f"the Via says {path.via.address}, the REGISTER came from {path.source}", CODE)


def _via_port(path: Path) -> Evidence:
    test = "source port and Via port"
    if not path.source_port or path.via is None:
        return unknown(test, f"{_missing(path)} is not known", CODE)
    return _ports(test, "the Via", path.via.port, path)


def _contact_source(path: Path) -> Evidence:
    test = "source and Contact"
    if path.target is None:
        return unknown(test, _unreadable(path), CODE)
    if path.source is None:
        return unknown(test, "the source of the REGISTER is not known", CODE)
    if path.target.address is None:
        return unknown(test, f"{_host_name(path)}; the source is {path.source}", CODE)
    if path.target.address == path.source:
        return ok(test, f"both are {path.source}", CODE)
    return bad(test, f"the Contact says {path.target.address}, the REGISTER came from {path.source}", CODE)


def _contact_port(path: Path) -> Evidence:
    test = "source port and Contact port"
    if path.target is None:
        return unknown(test, _unreadable(path), CODE)
    if not path.source_port:
        return unknown(test, "the source port of the REGISTER is not known", CODE)
    return _ports(test, "the Contact", path.target.port, path)


def _ports(test: str, whose: str, port: int, path: Path) -> Evidence:
    if port == path.source_port:
        return ok(test, f"both are {port}", CODE)
    words = f"{whose} says port {port}, the REGISTER came from port {path.source_port}"
    if path.stream:
        return ok(test, f"{words}, as connections by {path.name} do", CODE)
    return bad(test, words, CODE)


def _sdp(path: Path) -> Evidence:
    test = "private SDP"
    address = parse_address(path.contact.sdp)
    if address is None:
        return unknown(test, f"the SDP says “{shown(path.contact.sdp)}”, which is not an address", CODE)
    return _private(test, "the SDP", address, path)


def _alg(path: Path) -> Evidence:
    """What a gateway leaves behind that rewrites SIP on its way, or rewrites half of it."""
    target, via = path.target, path.via
    if target is None or target.address is None or path.source is None:
        return unknown(SIP_ALG, "Contact and source do not tell whether a gateway rewrites SIP", "S-132")
    if target.address != path.source or unrouted(target.address):
        return ok(SIP_ALG, "no sign that a gateway rewrites SIP", "S-132")
    if via and via.address and via.address != target.address and unrouted(via.address):
        words = f"the Contact has the public address {target.address}, the Via still {via.address}"
        return note(SIP_ALG, f"{words}: a SIP ALG in the gateway rewrites SIP, or the device uses STUN", "S-132")
    if path.source_port and target.port != path.source_port and not path.stream:
        words = f"the Contact has the public address, but port {target.port} instead of {path.source_port}"
        return note(SIP_ALG, f"{words}: a SIP ALG in the gateway, or STUN behind a symmetric NAT", "S-132")
    return ok(SIP_ALG, "no sign that a gateway rewrites SIP", "S-132")


def _missing(path: Path) -> str:
    return "the Via of the REGISTER" if path.via is None else "the source of the REGISTER"


def _host_name(path: Path) -> str:
    name = path.target.host if path.target else ""
    if path.stream and name.endswith(".invalid"):
        return f"the Contact names {name}, as WebSocket clients do (RFC 7118)"
    return f"the Contact names a host, {name}, which is not looked up"


def _unreadable(path: Path) -> str:
    return f"the Contact cannot be read: “{shown(path.contact.contact)}”"
