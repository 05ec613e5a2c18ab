"""HA1, the only form a password is kept in (RFC 7616 §3.4.2; S-122, S-124)."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Ha1:
    """The two hashes of username, realm and password, lower-case hex (32 and 64 digits); never shown by repr."""

    md5: str = field(repr=False)
    sha256: str = field(repr=False)


def ha1(username: str, realm: str, password: str) -> Ha1:
    """H(username ":" realm ":" password), with UTF-8 as the encoding (RFC 7616 §4).

    Raises ValueError, without the password in its words, for parts a digest header cannot carry: changing username or
    realm afterwards needs a new password, so they are refused before the hash exists.
    """
    _refuse("username", username)
    _refuse("realm", realm)
    if ":" in username:
        raise ValueError("a username with “:” cannot be used for digest authentication")
    if not password:
        raise ValueError("the password is empty")
    try:
        secret = f"{username}:{realm}:{password}".encode()
    except UnicodeEncodeError:
        raise ValueError("username, realm or password has characters that cannot be encoded") from None
    md5 = hashlib.md5(secret, usedforsecurity=False).hexdigest()
    return Ha1(md5, hashlib.sha256(secret).hexdigest())


def _refuse(what: str, text: str) -> None:
    if not text:
        raise ValueError(f"the {what} is empty")
    if '"' in text or "\\" in text:
        raise ValueError(f'a {what} with " or \\ cannot be used for digest authentication')
    if not text.isprintable():
        raise ValueError(f"the {what} has an invisible character")
