"""A phone is called where it registered from at a real switch, whatever its Contact says (RFC 3261 §10.3)."""

from __future__ import annotations

import socket
import ssl
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.edge.clients import ports
from tests.edge.clients.messages import Message
from tests.edge.devices import Device, status
from tests.edge.dialling import response
from tests.edge.ground import Ground
from tests.support import REALM

BUSY = (486, "Busy Here")
OFFLINE = (480, "Offline")
PHONE, OTHER = "127.0.0.61", "127.0.0.62"


@pytest.fixture(scope="module")
def ground(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Ground]:
    ground = Ground(template, tmp_path_factory.mktemp("contacts"), tls=True)
    for number in range(5):
        ground.user(ground.beta, f"phone{number}", channels="0")
    with ground:
        yield ground


@pytest.fixture
def phone(ground: Ground) -> Iterator[Device]:
    """A phone that is registered as the test says, and no longer afterwards."""
    with Device(ground.edge, "phone0", source=PHONE) as phone:
        yield phone
        registers(phone, "*;expires=0")


def registers(phone: Device, *contacts: str) -> Message | None:
    """The final response to a REGISTER with these Contact headers, "*;expires=0" for none."""
    phone.ask("REGISTER")
    headers = [contact if ": " in contact else f"Contact: {contact};expires=60" for contact in contacts]
    if contacts == ("*;expires=0",):
        headers = ["Contact: *", "Expires: 0"]
    return phone.ask("REGISTER", *headers, f"Authorization: {phone.credentials('REGISTER', f'sip:{REALM}')}")


def rung(ground: Ground, user: str, *phones: Device) -> list[Message]:
    """The INVITEs of one call from the core, which each of these phones has to get, and nobody else.

    Each is answered, and only when all have been, the core hears of it.
    """
    with ground.from_core() as line:
        call = line.invite(user, host=REALM)
        found = []
        for phone in phones:
            asked = phone.hears()
            while asked and asked.method != "INVITE":
                asked = phone.hears()
            assert asked, "the phone is not called"
            phone.send(response(asked, "486 Busy Here"))
            found.append(asked)
        assert line.settled(call) == (BUSY if phones else OFFLINE)
        assert not ground.arrived(call)
    return found


ELSEWHERE = {
    "core": "<sip:900@{core}>",
    "edge": "<sip:phone1@{edge}>",
    "world": "<sip:900@192.0.2.1>",
    "world by IPv6": "<sip:900@[2001:db8::1]:5060>",
    "bare": "sip:900@{core}",
    "named": '"sip:a@{own}" <sip:900@{core}>',
    "quoted": '"\\"<sip:a@{own}>\\"" <sip:900@{core}>',
    "user like a host": "<sip:{own}@{core}>",
    "sips": "<sips:900@{core}>",
    "tcp": "<sip:900@{core};transport=tcp>",
    "alias": "<sip:900@192.0.2.1;alias={alias}~1>",
    "escaped alias": "<sip:900@192.0.2.1;%61lias={alias}~1>",
    "maddr": "<sip:900@192.0.2.1;maddr={core}>",
    "route": "<sip:900@192.0.2.1?Route=%3Csip:{core}%3E>",
    "host name": "<sip:phone0@localhost>",
    "name that nobody knows": "<sip:phone0@phone.invalid>",
    "nat": "<sip:phone0@192.168.1.20:5060>",
}
"""Contacts that would have the edge call somebody else in its own name, and those of phones that know no better."""

HERE = ["", ";alias={alias}~1", ";%61lias={alias}~1", ";ALIAS={alias}~1", ";maddr={core}", "?Route=%3Csip:{core}%3E"]
"""What may follow a phone's own address and leads elsewhere."""


def filled(contact: str, ground: Ground, own: str) -> str:
    """A contact with the addresses of this run."""
    core = ground.core.endpoint
    return contact.format(core=core, edge=ground.edge, own=own, alias=core.replace(":", "~"))


@pytest.mark.parametrize("contact", ELSEWHERE.values(), ids=ELSEWHERE)
def test_a_contact_elsewhere_is_called_where_it_registered_from(ground: Ground, phone: Device, contact: str) -> None:
    assert status(registers(phone, filled(contact, ground, PHONE))) == 200
    rung(ground, "phone0", phone)


@pytest.mark.parametrize("more", HERE)
def test_nothing_in_a_contact_leads_elsewhere(ground: Ground, phone: Device, more: str) -> None:
    """RFC 5923, RFC 3261 §19.1.1: alias, maddr and headers are what our own side writes, or nobody."""
    assert status(registers(phone, filled(f"<sip:phone0@{{own}}{more}>", ground, phone.endpoint))) == 200
    rung(ground, "phone0", phone)


@pytest.mark.parametrize("one_header", [True, False])
def test_of_several_contacts_none_is_called_elsewhere(ground: Ground, phone: Device, one_header: bool) -> None:
    several = [f"<sip:a@{phone.endpoint}>", f"<sip:900@{ground.core.endpoint}>"]
    assert status(registers(phone, *([", ".join(several)] if one_header else several))) == 200
    rung(ground, "phone0", phone, phone)


RECEIVED = {
    "plain": '{good};received="sip:{core}"',
    "upper case": "{good};RECEIVED=sip:{core}",
    "blanks": "{good} ; received\t = sip:{core}",
    "folded": '{good};\r\n received\r\n ="sip:{core}"',
    "later": '{good};q=0.5;x="a";received="sip:{core}"',
    "second": '<sip:b@127.0.0.61>, {good};received="sip:{core}"',
    "second header": 'Contact: <sip:b@127.0.0.61>\r\nContact: {good};received="sip:{core}"',
    "compact": 'm: {good};received="sip:{core}"',
}


@pytest.mark.parametrize("contact", RECEIVED.values(), ids=RECEIVED)
def test_where_a_phone_was_seen_is_not_its_own_to_say(ground: Ground, phone: Device, contact: str) -> None:
    """The registrar would believe it before its own eyes."""
    written = contact.format(good=f"<sip:a@{phone.endpoint}>", core=ground.core.endpoint)
    answer = registers(phone, written)
    assert answer
    assert (answer.status, answer.reason) == (400, "Bad Contact")
    rung(ground, "phone0")


@pytest.mark.parametrize("contact", ["<sip:a@192.0.2.1?Route=%3Csip:a;lr%3E>", "<sip:a@b:99999>", "<mailto:a@b>"])
def test_who_registers_what_is_no_uri_is_offline(ground: Ground, phone: Device, contact: str) -> None:
    """The switch could neither send a call there nor say so; who calls would wait for half a minute."""
    registers(phone, contact)
    rung(ground, "phone0")


@pytest.mark.parametrize("contact", ["<sip:phone1@{endpoint}>", "<sip:phone1@[2001:db8::7]>", "<sip:phone1@192.0.2.7>"])
def test_a_phone_is_reached_over_ipv6(ground: Ground, contact: str) -> None:
    with Device(ground.bench.address6, "phone1", source="::1") as phone:
        assert status(registers(phone, contact.format(endpoint=phone.endpoint))) == 200
        rung(ground, "phone1", phone)
        registers(phone, "*;expires=0")


def test_all_phones_of_a_user_ring(ground: Ground) -> None:
    """RFC 3261 §10.2.1.2: each from its own address."""
    with (
        Device(ground.edge, "phone2", source=PHONE) as desk,
        Device(ground.edge, "phone2", source=OTHER) as cell,
    ):
        assert status(registers(desk, f"<sip:phone2@{desk.endpoint}>")) == 200
        assert status(registers(cell, "<sip:phone2@192.168.1.20:5060>")) == 200
        rung(ground, "phone2", desk, cell)
        registers(desk, "*;expires=0")


@pytest.mark.parametrize("leaving", ["Contact: <sip:a@192.168.1.20:5060>;expires=0", "*;expires=0"])
@pytest.mark.parametrize("source", [PHONE, OTHER])
def test_a_phone_leaves_from_wherever_it_is_now(ground: Ground, leaving: str, source: str) -> None:
    """RFC 3261 §10.2.2."""
    with (
        Device(ground.edge, "phone0", source=PHONE) as before,
        Device(ground.edge, "phone0", source=source) as now,
    ):
        assert status(registers(before, "<sip:a@192.168.1.20:5060>")) == 200
        rung(ground, "phone0", before)
        assert status(registers(now, leaving)) == 200
        rung(ground, "phone0")


STREAMS = [
    ("tcp", "<sip:phone3@{own};transport=tcp>"),
    ("tcp", "<sip:phone3@127.0.0.61:5060;transport=tcp>"),
    ("tcp", "<sip:phone3@127.0.0.61>"),
    ("tcp", "<sip:phone3@192.168.1.20:5060;transport=tcp>"),
    ("tls", "<sips:phone3@192.168.1.20:5061>"),
    ("tls", "<sip:phone3@127.0.0.61:5061;transport=tls>"),
]


@pytest.mark.parametrize(("transport", "contact"), STREAMS)
def test_a_phone_is_reached_by_the_connection_that_it_made(ground: Ground, transport: str, contact: str) -> None:
    """RFC 5626: nobody listens where its Contact says."""
    with ExitStack() as stack, Device(ground.edge, "phone3", source="127.0.0.63") as device:
        line = stack.enter_context(connected(ground, transport))
        own = contact.format(own=ports.join(*line.getsockname()))
        spoken = device.request("REGISTER", f"sip:{REALM}", "phone3", []).replace("/UDP", f"/{transport.upper()}")
        line.sendall(spoken.encode())
        device.learn(heard(line))
        proof = f"Authorization: {device.credentials('REGISTER', f'sip:{REALM}')}"
        spoken = device.request("REGISTER", f"sip:{REALM}", "phone3", [f"Contact: {own};expires=60", proof])
        line.sendall(spoken.replace("/UDP", f"/{transport.upper()}").encode())
        assert heard(line).status == 200
        with ground.from_core() as core:
            call = core.invite("phone3", host=REALM)
            asked = heard(line)
            assert asked.method == "INVITE"
            line.sendall(response(asked, "486 Busy Here").encode())
            assert core.settled(call) == BUSY
            assert heard(line).method == "ACK"
        leave = device.request("REGISTER", f"sip:{REALM}", "phone3", ["Contact: *", "Expires: 0", proof])
        line.sendall(leave.replace("/UDP", f"/{transport.upper()}").encode())
        assert heard(line).status == 200


def connected(ground: Ground, transport: str) -> socket.socket:
    """A connection of a phone to the edge."""
    edge = ground.edge if transport == "tcp" else ground.address_tls
    line = socket.create_connection(ports.split(edge), timeout=3, source_address=(PHONE, 0))
    if transport == "tcp":
        return line
    trust = ssl.create_default_context(cafile=ground.bench.site.tls_certificate)
    trust.check_hostname = False
    return trust.wrap_socket(line)


def heard(line: socket.socket) -> Message:
    """The next message of a connection that is not provisional."""
    text = b""
    while not text.endswith(b"\r\n\r\n"):
        text += line.recv(1)
    message = Message.parse(text.decode())
    length = int(message.header("content-length") or 0)
    while length:
        length -= len(line.recv(length))
    return message
