"""What a voicemail password and the address for messages may be (S-111, S-112).

The password never appears in a finding.
"""

from __future__ import annotations

import string
from collections.abc import Iterator

from cxtui.models.findings import Finding, error, warning

from .hostnames import parse_fqdn
from .networks import AddressError, clip

SHORTEST = 4
LONGEST = 12
_LONGEST_ADDRESS = 254
_LONGEST_LOCAL_PART = 64
_LOCAL_PART = frozenset(string.ascii_letters + string.digits + "._+=-")
_RUNS = ("01234567890", "09876543210")


class EmailError(ValueError):
    """An e-mail address that is refused; the message is in the operator's words."""


def check_password(password: str, user: str = "", field: str = "voicemail_password") -> list[Finding]:
    """What is wrong with a voicemail password, which is typed on a telephone (S-112).

    ``user`` is the mailbox it is for. A password that is guessed at the first try is only warned of.
    """
    if not (password.isascii() and password.isdigit()):
        return [error(field, "digits only: it is typed on a telephone", "S-112")]
    if not SHORTEST <= len(password) <= LONGEST:
        return [error(field, f"{SHORTEST}–{LONGEST} digits, this has {len(password)}", "S-112")]
    return [warning(field, words, "S-112") for words in _guessable(password, user)]


def check_email(text: str, field: str = "voicemail_email") -> list[Finding]:
    """What is wrong with the address that receives messages (S-111); nothing typed is no address and no mistake."""
    if not text.strip():
        return []
    try:
        parse_email(text)
    except EmailError as problem:
        return [error(field, str(problem), "S-111")]
    return []


def parse_email(text: str) -> str:
    """One plain e-mail address (RFC 5321 and 5322), its domain in lower case. Raises ``EmailError``."""
    typed = text.strip()
    if not typed:
        raise EmailError("write an e-mail address, such as noc@example.com")
    if not (typed.isascii() and typed.isprintable()):
        raise EmailError("an e-mail address holds only plain ASCII characters, without line breaks")
    if len(typed) > _LONGEST_ADDRESS:
        raise EmailError(f"an e-mail address has at most {_LONGEST_ADDRESS} characters, this one has {len(typed)}")
    if any(mark in typed for mark in ",;"):
        raise EmailError("one address only; for several people use a mailing list")
    local_part, domain = _split(typed)
    _refuse_local_part(local_part)
    try:
        return f"{local_part}@{parse_fqdn(domain)}"
    except AddressError as problem:
        raise EmailError(str(problem)) from None


def _split(typed: str) -> tuple[str, str]:
    """The two halves of an address."""
    from email.errors import MessageError
    from email.headerregistry import Address

    try:
        address = Address(addr_spec=typed)
    except (MessageError, ValueError, LookupError, AttributeError, TypeError):
        # The last three are the parser's own stumbling over what it should refuse.
        raise EmailError(f"{clip(typed)} is not an e-mail address, such as noc@example.com") from None
    # The parser would take a comment, a blank or a quoted name out without a word.
    if not (address.username and address.domain and f"{address.username}@{address.domain}" == typed):
        raise EmailError(f"{clip(typed)} is not an e-mail address, such as noc@example.com")
    return address.username, address.domain


def _refuse_local_part(local_part: str) -> None:
    if len(local_part) > _LONGEST_LOCAL_PART:
        raise EmailError(f"at most {_LONGEST_LOCAL_PART} characters may stand before the @, here are {len(local_part)}")
    odd = next((character for character in local_part if character not in _LOCAL_PART), "")
    if odd:
        # RFC 5321 knows more, but mod_voicemail mails through a shell, and its older versions do not quote the address.
        raise EmailError(f"“{odd}” is not taken before the @: voicemail servers pass the address through a shell")
    if local_part.startswith("-"):
        raise EmailError("an e-mail address cannot begin with “-”: mail programs take that for an option")


def _guessable(password: str, user: str) -> Iterator[str]:
    if password == user:
        yield "is the number of the mailbox: the first one an attacker tries"
    elif len(set(password)) == 1:
        yield "is one digit repeated: among the first an attacker tries"
    elif any(password in run for run in _RUNS):
        yield "is a run of digits: among the first an attacker tries"
