"""Registrations and pings by sipsak."""

from __future__ import annotations

import math
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.edge.clients import ports
from tests.edge.clients.process import Child

_T1 = 1.0
"""Seconds until the first retransmission: twice those of RFC 3261 §17.1.2.2, as a busy machine is no lossy line."""

_STATUS = re.compile(r"^SIP/2\.0 ([1-6]\d\d)", re.MULTILINE)
_RTT = re.compile(r"reply received after ([\d.]+) ms")


@dataclass(frozen=True, slots=True)
class Reply:
    """The final status, 0 for none, and the round trip in milliseconds as sipsak took it, 0 for a REGISTER."""

    status: int
    rtt: float = 0.0


def register(
    user: str,
    password: str,
    edge: str,
    *,
    domain: str = "sip.test",
    source: str = "127.0.0.31",
    transport: str = "udp",
    expires: int = 60,
    contact: str = "",
    patience: float = 2.0,
) -> int:
    """Register `user`@`domain` at the edge ("address:port") from `source`; the final status, 0 without an answer.

    A challenge is answered once. `contact` is a SIP URI, by default one at the port that sipsak has just then. It
    takes a password only on its command line, which everyone on the machine may read: accounts of tests only.
    """
    __tracebackhide__ = True
    # It cuts a user out of its URI with the "@" unless it is also given the name for the digest.
    account = ["-U", "-i", "-u", user, "-a", password, "-x", str(expires), *(["-C", contact] if contact else [])]
    return _run([*account, "-s", f"sip:{user}@{domain}"], edge, source, transport, patience).status


def options(
    edge: str, uri: str = "sip:sip.test", *, source: str = "127.0.0.31", transport: str = "udp", patience: float = 2.0
) -> Reply:
    """Ask the edge ("address:port") from `source` what it can do (RFC 3261 §11)."""
    return _run(["-s", uri], edge, source, transport, patience)


def _run(arguments: list[str], edge: str, source: str, transport: str, patience: float) -> Reply:
    """Run sipsak; the edge goes as the proxy, because a host in its URI would have to resolve."""
    __tracebackhide__ = True
    timing = ["-Z", str(round(_T1 * 1000)), "-D", str(math.ceil(patience / _T1))]
    where = ["-p", edge, "-k", source, "-H", source, "-l", str(ports.free()), "-E", transport]
    with tempfile.TemporaryDirectory(prefix="cxtui-sipsak-") as folder:
        child = Child(["sipsak", "-vvv", *where, *timing, *arguments], Path(folder, "output"))
        child.wait(patience + 5)
        output = child.log.read_text(errors="replace")
    statuses = _STATUS.findall(output)
    rtt = _RTT.search(output)
    return Reply(int(statuses[-1]) if statuses else 0, float(rtt[1]) if rtt else 0.0)
