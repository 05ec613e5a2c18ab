"""Phones by baresip: they register, answer calls and take messages by themselves."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Literal, Self

from tests.edge.clients import ports
from tests.edge.clients.accounts import refuse_odd
from tests.edge.clients.messages import Message, requests
from tests.edge.clients.process import Child
from tests.edge.clients.waiting import TIMEOUT, wait_until

# It wants an address for an interface, and without a terminal it cannot have the module that reads keys.
_CONFIG = """\
poll_method epoll
net_interface {address}
sip_listen {address}:{port}
call_max_calls 100
audio_player aubridge,none
audio_source aubridge,none
audio_alert aubridge,none
module_path /usr/lib/baresip/modules
module g711.so
module uuid.so
module aubridge.so
module_tmp account.so
module_app menu.so
"""
_ACCOUNT = (
    "<sip:{user}@{domain};transport={transport}>;auth_user={user};auth_pass={password};regint={expires};"
    'outbound="sip:{edge};transport={transport}";answermode=auto\n'
)
_TRACED = re.compile(r"\x1b\[36;1m#\n\w+ (\S+) -> (\S+)\n(.*?)\x1b\[;m\n", re.DOTALL)


class Phone:
    """One baresip with an account at the edge ("address:port"), or with several, without any sound device.

    As a context manager it runs from the entry on; leaving it deregisters. It listens at `address`, at a free port and
    the next one; over TCP it connects from an address that the kernel chooses. A refused password it tries again a
    dozen times at once.
    """

    def __init__(
        self,
        user: str,
        password: str,
        edge: str,
        *,
        address: str = "127.0.0.60",
        domain: str = "sip.test",
        transport: Literal["udp", "tcp"] = "udp",
        expires: int = 60,
        more: Sequence[tuple[str, str]] = (),
    ) -> None:
        """Say who it is; `more` are users with their passwords in the same process. ValueError for odd passwords."""
        __tracebackhide__ = True
        self._passwords = {user: password, **dict(more)}
        refuse_odd(*self._passwords, *self._passwords.values())
        self._common = {"domain": domain, "transport": transport, "edge": edge, "expires": expires}
        self.user = user
        self.address = address
        self.port = ports.free(2)

    def __enter__(self) -> Self:
        """Start it, and return once it has read its accounts."""
        self._folder = Path(tempfile.mkdtemp(prefix="cxtui-baresip-"))
        (self._folder / "config").write_text(_CONFIG.format(address=self.address, port=self.port))
        (self._folder / "contacts").touch()
        (self._folder / "accounts").touch(mode=0o600)
        try:
            self._start()
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Deregister, end it and remove its files."""
        self.quit()
        shutil.rmtree(self._folder, ignore_errors=True)

    def _start(self) -> None:
        lines = [_ACCOUNT.format(user=user, password=word, **self._common) for user, word in self._passwords.items()]
        (self._folder / "accounts").write_text("".join(lines))
        self._child = Child(["baresip", "-s", "-f", str(self._folder)], self._folder / "log")
        wait_until(self._is_ready, "baresip")

    def _is_ready(self) -> bool:
        assert not self._child.ended, f"baresip ended: {self._child.tail()}"
        return "baresip is ready." in self._child.log.read_text(errors="replace")

    @property
    def pid(self) -> int:
        """baresip's process."""
        return self._child.pid

    def quit(self) -> None:
        """Deregister and end."""
        if child := getattr(self, "_child", None):
            child.stop()

    def vanish(self) -> None:
        """End without a word to the edge, as a phone does that loses its power."""
        self._child.kill()

    def restart(self, password: str = "", user: str = "") -> None:
        """Quit and start again, with a new password of the first account or of `user`."""
        __tracebackhide__ = True
        if password:
            refuse_odd(password)
            self._passwords[user or self.user] = password
        self.quit()
        self._start()

    @property
    def messages(self) -> list[Message]:
        """Everything since the last start, sent and received."""
        if not self._child.log.exists():
            return []
        with self._child.log.open(encoding="utf-8", errors="replace", newline="") as log:
            traced = _TRACED.findall(log.read())
        own = ports.join(self.address, self.port)
        edge = self._common["edge"]
        return [Message.parse(text, sent=source == own or target == edge) for source, target, text in traced]

    def requests(self, method: str) -> list[Message]:
        """The requests of a method received since the last start, without retransmissions."""
        return requests(self.messages, method)

    def wait_for(self, method: str, count: int = 1, timeout: float = TIMEOUT) -> list[Message]:
        """The requests of a method, once there are `count` of them."""
        wait_until(lambda: len(self.requests(method)) >= count, f"{count} × {method} at {self.user}", timeout)
        return self.requests(method)

    def received_messages(self) -> list[str]:
        """The texts of the SIP MESSAGEs since the last start (RFC 3428)."""
        return [message.body for message in self.requests("MESSAGE")]

    def registration(self, user: str = "") -> int:
        """The status of the last REGISTER of the first account or of `user` that is decided, 0 while none is.

        A challenge decides nothing, unless it answers credentials.
        """
        address = f"<sip:{user or self.user}@{self._common['domain']}>"
        proven: set[tuple[str, int]] = set()
        status = 0
        for message in self.messages:
            if message.method == "REGISTER" and message.header("to").startswith(address):
                one = (message.header("call-id"), message.sequence)
                if message.sent and message.has("authorization"):
                    proven.add(one)
                elif message.status >= 200 and (one in proven or message.status not in (401, 407)):
                    status = message.status
        return status

    def registered(self, timeout: float = TIMEOUT) -> None:
        """Return once every account is registered."""
        wait_until(
            lambda: all(self.registration(user) == 200 for user in self._passwords),
            f"the registration of {', '.join(self._passwords)}",
            timeout,
        )

    def refused(self, timeout: float = TIMEOUT) -> int:
        """The status by which the first account's registration is refused, once it is."""
        wait_until(lambda: self.registration() >= 300, f"the refusal of {self.user}", timeout)
        return self.registration()
