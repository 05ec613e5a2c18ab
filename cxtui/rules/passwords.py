"""SIP passwords: generated for devices, checked when typed, read out over the phone (C-06, W-013, S-121, S-122).

A password never appears in a finding; the characters that trouble devices are named one by one.
"""

from __future__ import annotations

import string
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from cxtui.models.findings import Finding, error, warning

UPPER = "ABCDEFGHJKLMNPQRSTUVWXYZ"
LOWER = "abcdefghijkmnopqrstuvwxyz"
DIGITS = "23456789"
SHORTEST = 8
_LONGEST_EVERYWHERE = 34
_SHORTEST_USERNAME = 3
_ATTEMPTS = 64


@dataclass(frozen=True, slots=True)
class PasswordPolicy:
    """How passwords are generated (`length`, exactly one of `symbols`) and how long a typed one may be."""

    length: int = 16
    symbols: str = "_-"
    max_length: int = 64

    def __post_init__(self) -> None:
        """Refuse a policy whose own passwords would break the minimum rules."""
        if not SHORTEST <= self.length <= self.max_length:
            raise ValueError(f"the password length is {SHORTEST}–{self.max_length}, not {self.length}")


DEFAULT = PasswordPolicy()
PROFILES = {
    "default": DEFAULT,
    "legacy": PasswordPolicy(length=12, max_length=12),
    "max34": PasswordPolicy(length=34, max_length=34),
    "alnum": PasswordPolicy(symbols=""),
}

# Each was seen to break a device or a parser: see the issue named beside it.
_TROUBLE = {
    "%": "baresip on Android and Matrix ETERNITY misread it",  # baresip-android#43
    "@": "baresip misreads it",  # baresip#273
    "$": "sipML5 misreads it",  # sipml5#112
    ":": "Janus misreads it",  # janus-gateway#3292
    "+": "Matrix ETERNITY refuses it and FreePBX breaks on it",  # FreePBX #164
    "#": "Matrix ETERNITY refuses it",
    "=": "Matrix ETERNITY refuses it",
    "&": "Matrix ETERNITY refuses it",
    "\\": "Matrix ETERNITY refuses it",
    "<": "Matrix ETERNITY refuses it",
    ">": "Matrix ETERNITY refuses it",
    "'": "Matrix ETERNITY refuses it",
    '"': "Matrix ETERNITY refuses it",
    " ": "Matrix ETERNITY refuses it",
}
_WORST_WORDS = (
    "abc abcd abcdef abcdefg admin administrator asdf asdfgh asterisk avaya changeme cisco default extension freepbx "
    "grandstream guest iloveyou kamailio kennwort letmein login opensips passw passwd passwort password phone polycom "
    "qazwsx qwert qwerty qwertyuiop qwertz root secret sip sipuser snom summer telephone temp test user voip welcome "
    "winter yealink"
)
_WORST = frozenset(_WORST_WORDS.split())
_LEET = str.maketrans("@4831!05$7", "aabeiiosst")


def generate(policy: PasswordPolicy, choice: Callable[[Sequence[str]], str], username: str = "") -> str:
    """A password of the policy that `check_typed` has nothing to say about.

    `choice` draws one element uniformly (`secrets.choice`); it is called a bounded number of times. Raises ValueError
    when it keeps drawing passwords that contain the username.
    """
    for _ in range(_ATTEMPTS):
        password = _draw(policy, choice)
        if not check_typed(password, username, policy):
            return password
    raise ValueError("no password without the username in it could be drawn")


def check_typed(password: str, username: str, policy: PasswordPolicy = DEFAULT) -> list[Finding]:
    """Errors by the form's rules (W-013) and warnings per character that is known to break devices.

    A symbol is not asked for where the policy has none.
    """
    errors = [*_length_faults(password, policy), *_missing(password, policy), *_guessable(password, username)]
    if not password.isascii() or any(character in password for character in map(chr, [*range(32), 127])):
        errors.append("only plain ASCII characters: devices hash anything else differently")
    elif password != password.strip():
        errors.append("begins or ends with a blank")
    findings = [error("password", words, "W-013") for words in errors]
    findings += [
        warning("password", f"{'a blank' if character == ' ' else character}: {words}", "C-06")
        for character, words in _TROUBLE.items()
        if character in password
    ]
    if _LONGEST_EVERYWHERE < len(password) <= policy.max_length:
        words = f"longer than {_LONGEST_EVERYWHERE} characters: Linphone, MicroSIP and some Cisco phones cut it off"
        findings.append(warning("password", words, "C-06"))
    return findings


def read_out(password: str) -> tuple[str, ...]:
    """One word or two per character, to be read out over the phone: "kilo", "capital Kilo", "seven", "underscore"."""
    return tuple(_spoken(character) for character in password)


def _draw(policy: PasswordPolicy, choice: Callable[[Sequence[str]], str]) -> str:
    """One character of each kind, the rest from all, shuffled; the symbol, if any, stands inside."""
    letters = policy.length - (1 if policy.symbols else 0)
    drawn = [choice(UPPER), choice(LOWER), choice(DIGITS)]
    drawn += [choice(UPPER + LOWER + DIGITS) for _ in range(letters - len(drawn))]
    shuffled = []
    while drawn:
        picked = choice(drawn)
        drawn.remove(picked)
        shuffled.append(picked)
    if policy.symbols:
        inner = [str(place) for place in range(1, letters)]
        shuffled.insert(int(choice(inner)), choice(policy.symbols))
    return "".join(shuffled)


def _length_faults(password: str, policy: PasswordPolicy) -> Iterable[str]:
    if len(password) < SHORTEST:
        yield f"minimum {SHORTEST} characters required, this has {len(password)}"
    if len(password) > policy.max_length:
        yield f"at most {policy.max_length} characters, this has {len(password)}"


def _missing(password: str, policy: PasswordPolicy) -> Iterable[str]:
    kinds = [
        ("an upper case letter", string.ascii_uppercase),
        ("a lower case letter", string.ascii_lowercase),
        ("a digit", string.digits),
    ]
    if policy.symbols:
        kinds.append(("a symbol", string.punctuation))
    for words, kind in kinds:
        if not any(character in kind for character in password):
            yield f"{words} is missing"


def _guessable(password: str, username: str) -> Iterable[str]:
    lowered = password.lower()
    name = username.lower()
    if name and (name == lowered or (len(name) >= _SHORTEST_USERNAME and name in lowered)):
        yield "contains the username"
    ends = string.digits + string.punctuation
    cores = {lowered.strip(ends), lowered.rstrip(ends)}
    cores |= {core.translate(_LEET) for core in cores}
    if cores & _WORST:
        yield "is among the first an attacker tries"


def _spoken(character: str) -> str:
    if character in string.ascii_lowercase:
        return _NATO[ord(character) - ord("a")]
    if character in string.ascii_uppercase:
        return f"capital {_NATO[ord(character) - ord('A')].capitalize()}"
    if character in string.digits:
        return _NUMBERS[int(character)]
    return _SYMBOLS.get(character, f"character U+{ord(character):04X}")


_NATO_WORDS = (
    "alfa bravo charlie delta echo foxtrot golf hotel india juliett kilo lima mike november oscar papa quebec romeo "
    "sierra tango uniform victor whiskey x-ray yankee zulu"
)
_NATO = _NATO_WORDS.split()
_NUMBERS = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
_SYMBOLS = {
    " ": "blank",
    "!": "exclamation mark",
    '"': "double quote",
    "#": "hash",
    "$": "dollar",
    "%": "percent",
    "&": "ampersand",
    "'": "single quote",
    "(": "open parenthesis",
    ")": "close parenthesis",
    "*": "asterisk",
    "+": "plus",
    ",": "comma",
    "-": "dash",
    ".": "dot",
    "/": "slash",
    ":": "colon",
    ";": "semicolon",
    "<": "less than",
    "=": "equals",
    ">": "greater than",
    "?": "question mark",
    "@": "at",
    "[": "open bracket",
    "\\": "backslash",
    "]": "close bracket",
    "^": "caret",
    "_": "underscore",
    "`": "backtick",
    "{": "open brace",
    "|": "pipe",
    "}": "close brace",
    "~": "tilde",
}
