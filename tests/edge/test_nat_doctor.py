"""The reported scenario on a real edge: it registers and calls out, and no call comes in (S-132)."""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Callable
from queue import Queue
from typing import Self

from cxtui.models.company import Company
from cxtui.models.findings import Severity
from cxtui.rules.digest import ha1
from cxtui.rules.nat import diagnose
from cxtui.services import nat_doctor
from cxtui.services.context import Context
from cxtui.services.edge_states import way
from cxtui.services.nat_doctor import Examination
from cxtui.services.registrations import of_user, pings
from tests.edge.bench import Bench
from tests.edge.clients.messages import Message
from tests.edge.clients.raw import Datagrams, request
from tests.services.test_registrations import give
from tests.support import PASSWORD, REALM

INSIDE = "192.168.1.20:5060"


class NattedPhone:
    """A phone that names its address behind the NAT; while ``forgotten``, the NAT lets nothing in.

    ``pings`` are the From of the OPTIONS that came through.
    """

    def __init__(self, edge: str, user: str) -> None:
        self.forgotten = False
        self.pings: list[str] = []
        self._edge, self._user = edge, user
        self._outside = Datagrams("127.0.0.25")
        self.endpoint = self._outside.endpoint
        self._replies: Queue[Message] = Queue()
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._listen)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()
        self._outside.__exit__()

    def register(self) -> int:
        """Register, which opens the way in again; the final status."""
        self.forgotten = False
        challenge = self._ask([])
        realm, nonce = (
            re.search(f'{name}="([^"]+)"', challenge.header("www-authenticate")) for name in ("realm", "nonce")
        )
        assert realm
        assert nonce
        return self._ask([self._authorization(realm[1], nonce[1])]).status

    def _ask(self, headers: list[str]) -> Message:
        uri, more = f"sip:{REALM}", ["User-Agent: Fake Phone/1", "Expires: 600", *headers]
        self._outside.send(
            request("REGISTER", INSIDE, uri=uri, user=self._user, domain=REALM, headers=more), self._edge
        )
        return self._replies.get(timeout=5)

    def _authorization(self, realm: str, nonce: str) -> str:
        uri, cnonce, count = f"sip:{REALM}", "0a4f113b", "00000001"
        secret = ha1(self._user, realm, PASSWORD).md5
        asked = hashlib.md5(f"REGISTER:{uri}".encode(), usedforsecurity=False).hexdigest()
        words = f"{secret}:{nonce}:{count}:{cnonce}:auth:{asked}"
        response = hashlib.md5(words.encode(), usedforsecurity=False).hexdigest()
        return (
            f'Authorization: Digest username="{self._user}", realm="{realm}", nonce="{nonce}", uri="{uri}", '
            f'response="{response}", algorithm=MD5, qop=auth, nc={count}, cnonce="{cnonce}"'
        )

    def _listen(self) -> None:
        while not self._over.is_set():
            message = self._outside.receive(0.05)
            if message is None or self.forgotten:
                continue
            if message.status:
                self._replies.put(message)
            elif message.method == "OPTIONS":
                self.pings.append(message.header("from"))
                self._outside.send(_answer(message), self._edge)


def _answer(message: Message) -> str:
    vias = [f"Via: {value}" for value in message.all("via")]
    same = [f"{name}: {message.header(name)}" for name in ("From", "Call-ID", "CSeq")]
    return "\r\n".join(["SIP/2.0 200 OK", *vias, *same, f"To: {message.header('to')};tag=phone", *_END])


_END = ("Content-Length: 0", "", "")


def outcome(edge: Bench, noc: Context, examination: Examination) -> Examination:
    """The examination once an OPTIONS to the contact as it is registered now has come to something."""
    newest = [examination]

    def ended() -> bool:
        found = nat_doctor.again(noc, newest[0])
        newest[0] = nat_doctor.ask(noc, found) if found.unasked else found
        return bool(newest[0].jobs) and not newest[0].pending

    edge.until(ended, "the OPTIONS has an outcome")
    return newest[0]


def test_a_device_that_the_nat_forgot_is_found_and_pings_keep_it_reachable(
    edges: Callable[..., Bench], noc: Context, acme: Company
) -> None:
    """S-132, S-133, S-134, S-136, S-137, S-101, W-018, W-019, W-020, W-100."""
    edge = edges(ping_interval=1)
    user = give(noc, acme, "1001")
    edge.until_proven()

    with NattedPhone(edge.address, "1001") as phone:
        assert phone.register() == 200
        (contact,) = edge.until(lambda: of_user(noc, user), "the registration is known")
        assert (contact.received, contact.nat) == (phone.endpoint, True)

        phone.forgotten = True
        found = outcome(edge, noc, nat_doctor.examine(noc, user))
        assert found.diagnosis.verdict == (
            f"The NAT binding has expired: contact {INSIDE} received from {phone.endpoint}, "
            "last ping never, OPTIONS lost 1/1."
        )
        wrong = {one.test for one in found.diagnosis.evidence if one.result == "bad"}
        assert wrong >= {"private Contact", "private Via", "source and Via", "source and Contact", "keep-alive"}
        assert phone.pings == []

        assert found.diagnosis.fix is not None
        change = nat_doctor.fix(noc, found.user, found.diagnosis.fix)
        edge.until(lambda: way(noc, change.generation).verified == 1, "the fix is proven")
        found = outcome(edge, noc, nat_doctor.examine(noc, user))
        assert (found.due, found.diagnosis.severity) == (True, Severity.ERROR)
        assert "the switch pings 1001 from its next REGISTER on" in found.diagnosis.verdict

        assert phone.register() == 200
        edge.until(lambda: not nat_doctor.again(noc, found).due, "the new REGISTER is known")
        found = outcome(edge, noc, nat_doctor.again(noc, found))
        assert found.diagnosis.verdict.startswith(f"The path is open: contact {INSIDE}")
        assert "OPTIONS answered in" in found.diagnosis.verdict
        assert "sip:noc@" in phone.pings[-1]

        edge.until(lambda: any("sip:ping@" in sender for sender in phone.pings), "the switch pings of its own accord")
        asked = found.at
        edge.until(lambda: pings(of_user(noc, user)[0])[-1][0] > asked, "the answer to it stands in the history")
        assert diagnose(nat_doctor.situation(noc, user)).verdict.startswith("The path is open:")
