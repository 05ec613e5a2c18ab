"""Whether a number is in E.164 form as we keep it: country code and subscriber, digits alone (S-061, W-045)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from phonenumbers import PhoneNumber

MOST_DIGITS = 15

SHORT = "short"
LONG = "long"
NO_SUCH_CODE = "no such country code"
NOT_VALID = "not a valid number"
WORLDWIDE = "worldwide"
"""Stands for a region where the country code belongs to none, such as 800 (international freephone)."""


class E164(NamedTuple):
    """The verdict in one word: the region (ISO 3166, such as GB) when `ok`, else what is wrong."""

    ok: bool
    word: str


@lru_cache(maxsize=16_384)
def judge_e164(number: str) -> E164:
    """The verdict about a number; whether its region uses it is for `phonenumbers` to say (offline, as of its release).

    Takes 50 µs the first time, and 30 ms more the very first time of all.
    """
    if not number:
        return E164(False, "empty")
    if number.startswith("+"):
        return E164(False, "has +")
    if not (number.isascii() and number.isdigit()):
        return E164(False, "not digits")
    if number.startswith("0"):
        return E164(False, "begins with 0")
    if len(number) > MOST_DIGITS:
        return E164(False, LONG)
    return _judge_digits(number)


def _judge_digits(number: str) -> E164:
    from phonenumbers import NumberParseException, is_valid_number, parse, region_code_for_number

    try:
        parsed = parse(f"+{number}")
    except NumberParseException as refused:
        unknown = refused.error_type == NumberParseException.INVALID_COUNTRY_CODE
        return E164(False, NO_SUCH_CODE if unknown else SHORT)
    if not is_valid_number(parsed):
        return E164(False, _what_is_wrong(parsed))
    if _written(parsed) != number:
        code = str(parsed.country_code)
        return E164(False, f"0 after {code}" if number.startswith(f"{code}0") else NOT_VALID)
    region = region_code_for_number(parsed) or ""
    return E164(True, WORLDWIDE if region in ("", "001") else region)


def _what_is_wrong(parsed: PhoneNumber) -> str:
    from phonenumbers import ValidationResult, is_possible_number_with_reason

    reason = is_possible_number_with_reason(parsed)
    if reason in (ValidationResult.TOO_SHORT, ValidationResult.IS_POSSIBLE_LOCAL_ONLY):
        return SHORT
    return {ValidationResult.TOO_LONG: LONG, ValidationResult.INVALID_LENGTH: "wrong length"}.get(reason, NOT_VALID)


def _written(parsed: PhoneNumber) -> str:
    """The number as E.164 writes it: `phonenumbers` reads over a national prefix, the networks do not."""
    from phonenumbers import PhoneNumberFormat, format_number

    return format_number(parsed, PhoneNumberFormat.E164).removeprefix("+")
