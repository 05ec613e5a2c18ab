"""What an attempt to authenticate showed, in words for the operator (S-080, S-083, W-103)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from cxtui.rules.challenge import Challenge, algorithm_name, choose
from cxtui.rules.printable import clean

from .message import SipMessage
from .statuses import meaning, says_unknown_user
from .wire import Target

_LONGEST = 80


class Outcome(StrEnum):
    """What is known of the password after an attempt."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    FORBIDDEN = "forbidden"
    NOT_ASKED = "not asked"
    OTHER_REALM = "other realm"
    UNANSWERABLE = "unanswerable"
    NO_ANSWER = "no answer"
    UNREACHABLE = "unreachable"
    NOT_SIP = "not SIP"
    NOT_TRIED = "not tried"


@dataclass(frozen=True, slots=True)
class Verdict:
    """An outcome and the sentence that goes with it."""

    outcome: Outcome
    sentence: str


def unusable(challenges: list[Challenge], realm: str, answer: SipMessage) -> Verdict | None:
    """Why a 401 or 407 is not answered; None when it can be: an HA1 holds for one realm only."""
    if not challenges:
        text = f"{named(answer)}, without a Digest challenge{_because(answer)}."
        return Verdict(Outcome.UNANSWERABLE, text)
    ours = [challenge for challenge in challenges if challenge.realm == realm]
    if not ours:
        asked = _shown(challenges[0].realm)
        text = f"The edge asks for realm “{asked}”; this password was made for “{_shown(realm)}” and cannot fit."
        return Verdict(Outcome.OTHER_REALM, text)
    if choose(ours) is None:
        asked = ", ".join(_shown(algorithm_name(challenge.algorithm)) for challenge in ours)
        return Verdict(Outcome.UNANSWERABLE, f"The edge asks for {asked}, for which no hash is kept.")
    return None


def refused(answer: SipMessage, stale: bool) -> Verdict:
    """Of a challenge that followed credentials."""
    if stale:
        text = "The edge called its own nonce stale again and again; the password itself was not refused."
        return Verdict(Outcome.UNANSWERABLE, text)
    return Verdict(Outcome.REFUSED, f"Refused with another {answer.status}: wrong password or unknown user.")


def after_credentials(answer: SipMessage, method: str) -> Verdict:
    """Of the final answer to a request with credentials that was not challenged again."""
    if answer.status < 300:
        done = "the call was answered and ended again" if method == "INVITE" else "the edge answered"
        return Verdict(Outcome.ACCEPTED, f"The password is right: {done} ({named(answer)}).")
    if says_unknown_user(answer.status, answer.reason):
        return Verdict(Outcome.REFUSED, f"{named(answer)}{_because(answer)}.")
    if answer.status == 403 or (answer.status == 404 and method == "REGISTER"):
        return Verdict(Outcome.FORBIDDEN, f"{named(answer)}, after the credentials were sent{_because(answer)}.")
    if answer.status == 487:
        return Verdict(Outcome.ACCEPTED, f"The password is right; it rang until it was cancelled ({named(answer)}).")
    return Verdict(Outcome.ACCEPTED, f"The password is right; then came {named(answer)}{_because(answer)}.")


def without_challenge(answer: SipMessage) -> Verdict:
    """Of a final answer to a request without credentials that was not challenged."""
    if answer.status < 300 or answer.status == 487:
        text = f"{named(answer)} without asking for a password: this address is authorised by IP."
        return Verdict(Outcome.NOT_ASKED, text)
    text = f"{named(answer)} without asking for a password{_because(answer)}."
    return Verdict(Outcome.FORBIDDEN if answer.status == 403 else Outcome.NOT_ASKED, text)


def silent(target: Target, timeout: float, provisional: SipMessage | None, garbage: int, asked: bool) -> Verdict:
    """Of a wait without a final answer; `asked` when a challenge had come before."""
    if provisional:
        text = f"{named(provisional)}, but no final answer within {timeout:g} s"
        if asked and provisional.status > 100:
            return Verdict(Outcome.ACCEPTED, f"The password is right; then {text}.")
        return Verdict(Outcome.NO_ANSWER, f"{text}.")
    if garbage:
        return Verdict(Outcome.NOT_SIP, f"{target} answers, but not in SIP.")
    when = "the credentials" if asked else "the request"
    return Verdict(Outcome.NO_ANSWER, f"{target} gave no answer to {when} within {timeout:g} s.")


def named(answer: SipMessage) -> str:
    """Status and reason, cleaned."""
    return f"{answer.status} {_shown(answer.reason)}".rstrip()


def _because(answer: SipMessage) -> str:
    text = meaning(answer.status, answer.reason)
    return f": {text}" if text else ""


def _shown(text: str) -> str:
    return clean(text[:_LONGEST])
