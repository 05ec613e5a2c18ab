"""What was typed, read as the values a field holds; the same for form, shell and file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from cxtui.models.fields import Choice, Entity, FieldSpec, Kind, form_specs
from cxtui.models.findings import Finding, error, warning

from . import addresses
from .codecs import CODECS, CodecError, canonical, none_left

_YES = frozenset({"yes", "y", "true", "on", "1", "enabled"})
_NO = frozenset({"no", "n", "false", "off", "0", "disabled", ""})


@dataclass(frozen=True, slots=True)
class Values:
    """The values that could be read, by field name, and what is wrong with the rest."""

    values: Mapping[str, Any]
    findings: tuple[Finding, ...]


def read(
    entity: type[Entity], typed: Mapping[str, object], choices: Mapping[str, Sequence[Choice]] | None = None
) -> Values:
    """Read each typed field of ``entity``; one that is not in its form is an error.

    ``choices`` are what some fields, by name, choose from on this account.
    """
    known = form_specs(entity)
    values: dict[str, Any] = {}
    findings: list[Finding] = []
    for name, entered in typed.items():
        spec = known.get(name)
        if spec is None:
            findings.append(error(name, f"there is no field {name}; there are {', '.join(known)}"))
            continue
        if choices and name in choices:
            spec = replace(spec, choices=tuple(choices[name]))
        value, found = _READERS.get(spec.kind, _text)(spec, entered)
        findings += found
        if not any(finding.severity == "error" for finding in found):
            values[name] = value
            if spec.advice and value:
                findings.append(warning(name, spec.advice, code="S-039"))
    return Values(values, tuple(findings))


def show(spec: FieldSpec, value: Any) -> str:
    """A value as an operator reads it; a moment in UTC."""
    if spec.kind is Kind.TIME and value:
        return _moment(float(value))
    if spec.kind is Kind.BOOLEAN:
        return "yes" if value else "no"
    if spec.kind is Kind.CHOICE:
        return next((choice.label for choice in spec.choices if choice.value == value), str(value))
    if spec.kind is Kind.CODECS:
        return str(value).replace(",", ", ")
    return "" if value is None else str(value)


def _moment(value: float) -> str:
    from datetime import UTC, datetime

    try:
        return datetime.fromtimestamp(value, UTC).strftime("%Y-%m-%d %H:%M UTC")
    except (ValueError, OverflowError, OSError):
        return str(value)


def as_typed(value: object) -> str:
    """A value as it would have to be typed."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _text(spec: FieldSpec, entered: object) -> tuple[str, list[Finding]]:
    text = str(entered if entered is not None else "").strip()
    if spec.required and not text:
        return text, [error(spec.name, f"{spec.label} is required")]
    if len(text) > spec.max_length:
        return text, [error(spec.name, f"{len(text)} characters: at most {spec.max_length} are allowed")]
    allowed = "\n" if spec.kind is Kind.MULTILINE else ""
    bad = next((character for character in text if not character.isprintable() and character not in allowed), None)
    if bad is not None:
        return text, [error(spec.name, f"holds the control character U+{ord(bad):04X}")]
    return text, []


def _integer(spec: FieldSpec, entered: object) -> tuple[int, list[Finding]]:
    text = str(entered if entered is not None else "").strip()
    if not text:
        return int(spec.default), []
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        return 0, [error(spec.name, "write a whole number, in digits only")]
    number = int(text)
    if not (spec.minimum or 0) <= number <= (spec.maximum or number):
        return number, [error(spec.name, f"{number} is outside {spec.minimum}–{spec.maximum}")]
    return number, []


def _boolean(spec: FieldSpec, entered: object) -> tuple[bool, list[Finding]]:
    text = str(entered).strip().lower()
    if text in _YES or text in _NO:
        return text in _YES, []
    return False, [error(spec.name, "write yes or no")]


def _choice(spec: FieldSpec, entered: object) -> tuple[str, list[Finding]]:
    text = str(entered).strip().lower()
    for choice in spec.choices:
        if text in (choice.value.lower(), choice.label.lower()):
            if choice.selectable:
                return choice.value, []
            return choice.value, [error(spec.name, f"{choice.label} is not currently supported", code="S-036")]
    usable = ", ".join(choice.value for choice in spec.choices if choice.selectable)
    return "", [error(spec.name, f"choose one of {usable}")]


def _reference(spec: FieldSpec, entered: object) -> tuple[int | None, list[Finding]]:
    text = str(entered if entered is not None else "").strip()
    if not text:
        return None, [] if spec.nullable else [error(spec.name, f"{spec.label} is required")]
    if text.isascii() and text.isdigit() and len(text) < 19:
        return int(text), []
    return None, [error(spec.name, f"there is no {spec.label} {networks_line(text)}")]


def _networks(spec: FieldSpec, entered: object) -> tuple[str, list[Finding]]:
    text = str(entered if entered is not None else "")
    if len(text) > spec.max_length:
        return text, [error(spec.name, f"{len(text)} characters: at most {spec.max_length} are allowed")]
    lines = addresses.split_many(text)
    findings = [error(spec.name, f"{networks_line(line.raw)}: {line.error}") for line in lines if line.error]
    return "\n".join(line.network.text for line in lines if line.network), findings


def _codecs(spec: FieldSpec, entered: object) -> tuple[str, list[Finding]]:
    text = str(entered if entered is not None else "")
    if len(text) > spec.max_length:
        return text, [error(spec.name, f"{len(text)} characters: at most {spec.max_length} are allowed")]
    known = spec.choices or CODECS
    try:
        restricted = canonical(text, known)
    except CodecError as refused:
        return text, [error(spec.name, problem, code="C-08") for problem in refused.problems]
    none = none_left(spec.name, restricted, known)
    return restricted, [none] if none else []


def _clis(spec: FieldSpec, entered: object) -> tuple[str, list[Finding]]:
    from .cli_lists import parse

    text = str(entered if entered is not None else "")
    if len(text) > spec.max_length:
        return text, [error(spec.name, f"{len(text)} characters: at most {spec.max_length} are allowed")]
    parsed = parse(text, spec.name)
    return parsed.list.text, list(parsed.findings)


def networks_line(raw: str) -> str:
    """A pasted line, short enough to stand in front of what is wrong with it."""
    return raw if len(raw) <= 40 else raw[:39] + "…"


_READERS = {
    Kind.INTEGER: _integer,
    Kind.BOOLEAN: _boolean,
    Kind.CHOICE: _choice,
    Kind.REFERENCE: _reference,
    Kind.NETWORKS: _networks,
    Kind.CODECS: _codecs,
    Kind.CLIS: _clis,
}
