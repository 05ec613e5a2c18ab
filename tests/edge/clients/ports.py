"""Ports on loopback that no other test, worker or test run on this machine has."""

from __future__ import annotations

import random
import socket
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Literal

# Below the range the kernel takes ports of outgoing connections from, so that none of those is in the way.
_LOWEST, _HIGHEST = 20_000, 32_000
_BLOCK = 200
_TABLES = {"udp": ("udp", "07"), "tcp": ("tcp", "0A")}


class _Block:
    """The ports of this process: the kernel lets one process have the name of a block, and forgets it with that."""

    def __init__(self) -> None:
        self._name = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        starts = list(range(_LOWEST, _HIGHEST, _BLOCK))
        random.shuffle(starts)
        self._first = next(start for start in starts if self._take(start))
        self._next = 0

    def _take(self, start: int) -> bool:
        try:
            self._name.bind(f"\0cxtui-test-ports-{start}")
        except OSError:
            return False
        return True

    def ports(self, count: int) -> range:
        """The next neighbours; they come again once all others have had their turn."""
        if self._next + count > _BLOCK:
            self._next = 0
        first = self._first + self._next
        self._next += count
        return range(first, first + count)


@cache
def _block() -> _Block:
    return _Block()


def free(count: int = 1) -> int:
    """The first of `count` neighbouring ports that are free for UDP and TCP, on every address.

    No other process is given the same ones while this one lives, so parallel workers and parallel runs never meet.
    """
    candidates = (_block().ports(count) for _ in range(_BLOCK))
    return next(ports[0] for ports in candidates if all(map(_unused, ports)))


def _unused(port: int) -> bool:
    return all(_binds(kind, port) for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM))


def _binds(kind: socket.SocketKind, port: int) -> bool:
    """Whether nobody has the port, on any address of either family."""
    with socket.socket(socket.AF_INET6, kind) as probe:
        probe.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        try:
            probe.bind(("::", port))
        except OSError:
            return False
    return True


def split(endpoint: str) -> tuple[str, int]:
    """The address and the port of "127.0.0.1:5060" or "[::1]:5060"."""
    host, _, port = endpoint.rpartition(":")
    return host.strip("[]"), int(port)


def join(host: str, port: int) -> str:
    """What `split` takes apart."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def has_bound(pid: int, host: str, port: int, transport: Literal["udp", "tcp"] = "udp") -> bool:
    """Whether a process receives (UDP) or listens (TCP) on exactly that address and port, as the kernel sees it."""
    version6 = ":" in host
    packed = socket.inet_pton(socket.AF_INET6 if version6 else socket.AF_INET, host)
    words = [packed[at : at + 4][::-1].hex().upper() for at in range(0, len(packed), 4)]
    table, state = _TABLES[transport]
    lines = Path("/proc/net", table + "6" * version6).read_text().splitlines()[1:]
    wanted = (f"{''.join(words)}:{port:04X}", state)
    found = {f"socket:[{fields[9]}]" for fields in map(str.split, lines) if (fields[1], fields[3]) == wanted}
    with suppress(FileNotFoundError):
        return any(str(link.readlink()) in found for link in Path("/proc", str(pid), "fd").iterdir())
    return False
