"""Whether credentials were made with the password that is kept, found while the message is still whole (S-083)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from cxtui.rules.challenge import Credentials, matches, parse_credentials
from cxtui.rules.digest import Ha1

from .message import MessageError, SipMessage, parse
from .trace import Message, Proof, mask

Secrets = Callable[[str, str], Ha1 | None]
"""Gives the HA1 of the user with this username and realm, None when there is no such user."""


def credentials_headers(message: SipMessage) -> list[str]:
    """The values of the headers that answer a challenge."""
    return [*message.every("proxy-authorization"), *message.every("authorization")]


def credentials_of(message: SipMessage) -> Credentials | None:
    """The first Digest credentials of a request that can be read."""
    found = (parse_credentials(value) for value in credentials_headers(message))
    return next((credentials for credentials in found if credentials), None)


def judge(text: str, known: Secrets) -> Proof:
    """What the HA1s say of the credentials in the whole text of a message. Raises only what `known` raises."""
    try:
        message = parse(text)
    except MessageError:
        return Proof.NONE
    credentials = credentials_of(message) if message.is_request else None
    if credentials is None:
        return Proof.NONE
    secret = known(credentials.username, credentials.realm)
    if secret is None:
        return Proof.UNKNOWN
    match matches(credentials, secret, message.method):
        case True:
            return Proof.MATCH
        case False:
            return Proof.DIFFERS
    return Proof.NONE


def judged(message: Message, known: Secrets | None) -> Message:
    """The same message with its proof and without its secrets; one that has a proof keeps it."""
    proof = message.proof or (judge(message.text, known) if known else Proof.NONE)
    return replace(message, text=mask(message.text), proof=proof)
