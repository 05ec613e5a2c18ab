"""Digest challenges and the answers to them (RFC 7616, RFC 8760, RFC 3261 §22; S-080, S-082, S-083).

Parsing never raises and reads no more than `MAX_VALUE` characters of a header; nothing here keeps or sees a password.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from enum import StrEnum

from .digest import Ha1

HOW_IT_WORKS = (
    "The edge asks with a nonce, a value that is good for a moment only. The phone answers with a hash of username,"
    " realm, password, nonce, method and address; the edge computes the same hash and compares.",
    "So the password never travels. The username does, for all on the way to read, and a hash that was overheard"
    " answers no other nonce; a weak password can still be guessed from it.",
    "What is kept is a hash of username, realm and password together (HA1). Change the username or the realm and it"
    " fits no answer any more: a new password has to be set.",
)
"""Three lines that explain digest authentication to an operator (C-05)."""

MAX_VALUE = 4096
MAX_CHALLENGES = 8

ELLIPSIS = "…"
"""Stands for the part of a value that was not kept."""

_TOKEN = r"[A-Za-z0-9\-.!%*_+`'~#$&^|]+"
_PARAMETER = re.compile(
    rf'[\s,]*({_TOKEN})[ \t]*=[ \t]*(?:"((?:[^"\\\x00-\x1f\x7f]|\\[^\x00-\x1f\x7f])*)"|([^\s,"]*))(?=[\s,]|\Z)'
)
_SCHEME = re.compile(rf"[\s,]*({_TOKEN})(?=[\s,]|\Z)")


class ChallengeError(ValueError):
    """A challenge that cannot be answered; the message is in the operator's words."""


class Algorithm(StrEnum):
    """A hash that an HA1 is kept for."""

    MD5 = "MD5"
    SHA256 = "SHA-256"


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """One Digest challenge; `algorithm` is as written, "" when it was left out, which means MD5."""

    realm: str
    nonce: str
    algorithm: str = ""
    qop: tuple[str, ...] = ()
    opaque: str | None = None
    stale: bool = False

    @property
    def usable(self) -> bool:
        """Whether an HA1 is enough to answer: a known hash, and the request's body is not asked for."""
        return bool(self.nonce) and _hash_of(self.algorithm) is not None and (not self.qop or "auth" in self.qop)


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """What answers a challenge, as in an Authorization or Proxy-Authorization header."""

    username: str
    realm: str
    nonce: str
    uri: str
    response: str = field(repr=False)
    algorithm: str = ""
    qop: str = ""
    cnonce: str = ""
    nc: str = ""
    opaque: str | None = None

    def header(self) -> str:
        """The value of the header. Raises ChallengeError when a part cannot be quoted."""
        quoted = ("username", "realm", "nonce", "uri", "response")
        parts = [f"{name}={quote(getattr(self, name))}" for name in quoted]
        if self.algorithm:
            parts.append(f"algorithm={self.algorithm}")
        if self.qop:
            parts.append(f"cnonce={quote(self.cnonce)}, qop={self.qop}, nc={self.nc}")
        if self.opaque is not None:
            parts.append(f"opaque={quote(self.opaque)}")
        return f"Digest {', '.join(parts)}"


def quote(text: str) -> str:
    """`text` as a quoted-string (RFC 3261 §25.1). Raises ChallengeError for what no header can carry."""
    if any(char < " " or char == "\x7f" for char in text):
        raise ChallengeError("a control character cannot stand in a header")
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def parse_challenges(values: Iterable[str]) -> list[Challenge]:
    """The Digest challenges of WWW-Authenticate or Proxy-Authenticate headers, in their order.

    Several may stand in one header or in one header each (RFC 8760 §2.3); other schemes, and those without realm or
    nonce, are left out. No more than `MAX_CHALLENGES` are read.
    """
    found = (entry for value in values for scheme, entry in _schemes(value) if scheme == "digest")
    challenges = [_challenge(entry) for entry in found if entry.get("realm") and entry.get("nonce")]
    return challenges[:MAX_CHALLENGES]


def parse_credentials(value: str) -> Credentials | None:
    """The Digest credentials of an Authorization or Proxy-Authorization header; None when there are none to read."""
    for scheme, entry in _schemes(value):
        if scheme == "digest" and all(entry.get(name) for name in ("username", "realm", "nonce", "uri", "response")):
            names = ("username", "realm", "nonce", "uri", "response", "algorithm", "qop", "cnonce", "nc")
            return Credentials(**{name: entry.get(name, "") for name in names}, opaque=entry.get("opaque"))
    return None


def choose(challenges: Iterable[Challenge]) -> Challenge | None:
    """The topmost challenge that can be answered (RFC 8760 §2.4); None when none can."""
    return next((challenge for challenge in challenges if challenge.usable), None)


def answer(
    challenge: Challenge, username: str, secret: Ha1, method: str, uri: str, cnonce: str, nc: int = 1
) -> Credentials:
    """The credentials of one request. Raises ChallengeError for a challenge that is not `usable`.

    `cnonce` must be unpredictable and `nc` counts the requests answered for this nonce, from 1 (RFC 7616 §3.4).
    """
    if not challenge.usable:
        wanted = f"{algorithm_name(challenge.algorithm)}, qop {' '.join(challenge.qop) or 'none'}"
        raise ChallengeError(f"the challenge cannot be answered: {wanted}")
    unanswered = Credentials(
        username=username,
        realm=challenge.realm,
        nonce=challenge.nonce,
        uri=uri,
        response="",
        algorithm=challenge.algorithm,
        qop="auth" if challenge.qop else "",
        cnonce=cnonce,
        nc=f"{nc:08x}" if challenge.qop else "",
        opaque=challenge.opaque,
    )
    return replace(unanswered, response=_response(unanswered, secret, method))


def matches(credentials: Credentials, secret: Ha1, method: str) -> bool | None:
    """Whether the credentials were made with this HA1; None when an HA1 is not enough to tell, or not all was kept."""
    if _hash_of(credentials.algorithm) is None or credentials.qop.lower() not in ("", "auth"):
        return None
    if ELLIPSIS in credentials.nonce + credentials.cnonce + credentials.response:
        return None
    expected = _response(credentials, secret, method)
    return hmac.compare_digest(expected.encode(), credentials.response.lower().encode("utf-8", "replace"))


def algorithm_name(algorithm: str) -> str:
    """The name of the hash to show: the left-out one is MD5 (RFC 7616 §3.3)."""
    return algorithm.upper() or Algorithm.MD5


def _hash_of(algorithm: str) -> Algorithm | None:
    name = algorithm.upper().removesuffix("-SESS") or Algorithm.MD5
    return Algorithm(name) if name in set(Algorithm) else None


def _response(credentials: Credentials, secret: Ha1, method: str) -> str:
    """RFC 7616 §3.4.1, and RFC 2617 §3.2.2.1 for a challenge without qop."""
    if _hash_of(credentials.algorithm) is Algorithm.SHA256:
        kept, hashed = secret.sha256, _sha256
    else:
        kept, hashed = secret.md5, _md5
    if credentials.algorithm.upper().endswith("-SESS"):
        kept = hashed(f"{kept}:{credentials.nonce}:{credentials.cnonce}")
    middle = f"{credentials.nc}:{credentials.cnonce}:{credentials.qop}:" if credentials.qop else ""
    return hashed(f"{kept}:{credentials.nonce}:{middle}{hashed(f'{method}:{credentials.uri}')}")


def _md5(text: str) -> str:
    return hashlib.md5(text.encode("utf-8", "replace"), usedforsecurity=False).hexdigest()


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _challenge(entry: dict[str, str]) -> Challenge:
    return Challenge(
        realm=entry["realm"],
        nonce=entry["nonce"],
        algorithm=entry.get("algorithm", ""),
        qop=tuple(word for word in re.split(r"[\s,]+", entry.get("qop", "").lower()) if word),
        opaque=entry.get("opaque"),
        stale=entry.get("stale", "").lower() == "true",
    )


def _schemes(value: str) -> list[tuple[str, dict[str, str]]]:
    """Each scheme, lower case, with its parameters; reading ends where the grammar does."""
    value = value[:MAX_VALUE]
    found: list[tuple[str, dict[str, str]]] = []
    at = 0
    while at < len(value):
        if found and (parameter := _PARAMETER.match(value, at)):
            name, quoted, token = parameter.groups()
            text = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else token
            found[-1][1].setdefault(name.lower(), text)
            at = parameter.end()
        elif scheme := _SCHEME.match(value, at):
            found.append((scheme[1].lower(), {}))
            at = scheme.end()
        else:
            break
    return found
