"""A switch that takes SIP over TLS and answers everything with 200, because sipp here has no TLS."""

from __future__ import annotations

import re
import socket
import ssl
import subprocess
import threading
from contextlib import suppress
from pathlib import Path
from typing import Self

from tests.edge.clients import ports
from tests.edge.clients.messages import Message
from tests.edge.dialling import response

_LENGTH = re.compile(r"^Content-Length:\s*(\d+)", re.IGNORECASE | re.MULTILINE)


def certified(folder: Path) -> tuple[str, str]:
    """A key and a certificate of nobody in particular, made in a folder: where they stand."""
    key, certificate = str(folder / "key.pem"), str(folder / "certificate.pem")
    kind = ["-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=tests"]
    made = ["openssl", "req", *kind, "-keyout", key, "-out", certificate]
    subprocess.run(made, check=True, capture_output=True)
    return key, certificate


class TlsSwitch:
    """Listens at an address with a certificate that is made in a folder; `requests` are what came."""

    def __init__(self, address: str, folder: Path) -> None:
        """Bind it at once."""
        key, certificate = certified(folder)
        self.requests: list[Message] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(certificate, key)
        plain = socket.create_server((address, 0))
        self.port: int = plain.getsockname()[1]
        self._listener = context.wrap_socket(plain, server_side=True)
        self._links: list[socket.socket] = []
        self._thread = threading.Thread(target=self._serve, daemon=True)

    def __enter__(self) -> Self:
        """Serve one connection."""
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Close what is open."""
        for link in (*self._links, self._listener):
            with suppress(OSError):
                link.shutdown(socket.SHUT_RDWR)
            link.close()
        self._thread.join(2)

    def _serve(self) -> None:
        with suppress(OSError):
            link, _ = self._listener.accept()
            self._links.append(link)
            received = ""
            while data := link.recv(65_536):
                received = self._answered(link, received + data.decode())

    def _answered(self, link: socket.socket, received: str) -> str:
        """Answer each complete request; what is left of an incomplete one."""
        while "\r\n\r\n" in received:
            head, _, rest = received.partition("\r\n\r\n")
            found = _LENGTH.search(head)
            length = int(found[1]) if found else 0
            if len(rest) < length:
                break
            request = Message.parse(f"{head}\r\n\r\n{rest[:length]}")
            received = rest[length:]
            self.requests.append(request)
            if request.method != "ACK":
                contact = f"Contact: <sip:{ports.join(*self._listener.getsockname())};transport=tls>"
                link.sendall(response(request, "200 OK", [contact]).encode())
        return received
