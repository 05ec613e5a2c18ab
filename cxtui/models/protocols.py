"""What IP entries and SIP users share: the transport choices and their limits."""

from __future__ import annotations

from .fields import Choice

PROTOCOLS = (
    Choice("udp", "UDP", "SIP and RTP are unencrypted and transported over UDP."),
    Choice("tcp", "TCP", "SIP is sent over TCP, RTP over UDP."),
    Choice("tls", "TLS", "SIP is sent over TLS (TCP), RTP over UDP."),
    Choice("tls_srtp", "TLS & SRTP", "SIP is sent over TLS (over TCP), RTP is encrypted with SRTP."),
    Choice("smpp", "SMPP", "For SMS; not currently supported.", selectable=False),
)

DEFAULT_PORT = 5060
TLS_PORT = 5061


def usual_port(protocol: str) -> int:
    """The port that goes with ``protocol``: 5061 for TLS, else 5060 (S-037)."""
    return TLS_PORT if protocol in ("tls", "tls_srtp") else DEFAULT_PORT
