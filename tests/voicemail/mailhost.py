"""Mail servers for the tests: a real one, and ones that misbehave."""

from __future__ import annotations

import asyncio
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any

from aiosmtpd.smtp import SMTP, Envelope, Session

HOST = "127.0.0.1"


class Mailbox:
    """Takes every mail, unless one of its replies says otherwise, and keeps what it took."""

    def __init__(self, **replies: str) -> None:
        self.replies = replies
        self.taken: list[Envelope] = []
        self.sessions: list[Session] = []

    async def handle_EHLO(
        self, server: SMTP, session: Session, envelope: Envelope, hostname: str, responses: list[str]
    ) -> list[str]:
        """Remember how the client greeted."""
        session.host_name = hostname
        self.sessions.append(session)
        return responses

    async def handle_MAIL(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the sender."""
        envelope.mail_from = address
        return self.replies.get("MAIL", "250 OK")

    async def handle_RCPT(
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        """Take the recipient."""
        envelope.rcpt_tos.append(address)
        return self.replies.get("RCPT", "250 OK")

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:
        """Take the mail."""
        reply = self.replies.get("DATA", "250 OK")
        if reply.startswith("250"):
            self.taken.append(envelope)
        return reply


@contextmanager
def serving(mailbox: Mailbox, tls: ssl.SSLContext | None = None, **options: Any) -> Iterator[int]:
    """A real SMTP server on a free port; with ``tls`` it is encrypted from the first byte."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        made = loop.create_server(lambda: SMTP(mailbox, loop=loop, hostname="mx.test", **options), HOST, 0, ssl=tls)
        server = asyncio.run_coroutine_threadsafe(made, loop).result()
        yield server.sockets[0].getsockname()[1]
        asyncio.run_coroutine_threadsafe(_close(server), loop).result()
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _close(server: asyncio.Server) -> None:
    server.close()
    own = asyncio.current_task()
    tasks = [task for task in asyncio.all_tasks() if task is not own]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


@contextmanager
def answering(talk: Callable[[socket.socket], object]) -> Iterator[int]:
    """Something on a free port that does what ``talk`` says with its first caller, and then hangs up."""
    with closing(socket.create_server((HOST, 0))) as listening:

        def take() -> None:
            with suppress(OSError):
                caller = listening.accept()[0]
                with caller:
                    talk(caller)

        thread = threading.Thread(target=take)
        thread.start()
        try:
            yield listening.getsockname()[1]
        finally:
            with suppress(OSError):
                listening.shutdown(socket.SHUT_RDWR)
            thread.join()


def deserted_port() -> int:
    """A port at which nobody listens."""
    with closing(socket.create_server((HOST, 0))) as listening:
        port: int = listening.getsockname()[1]
        return port


def certificate(folder: Path, name: str = "IP:127.0.0.1") -> tuple[Path, ssl.SSLContext]:
    """A throwaway certificate that signs itself, and a server's context with it."""
    key, signed = folder / "key.pem", folder / "certificate.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-nodes", "-days", "2", "-subj", "/CN=cxtui test"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"),
            *("-addext", f"subjectAltName={name}", "-keyout", str(key), "-out", str(signed)),
        ],
        check=True,
        capture_output=True,
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(signed, key)
    return signed, context
