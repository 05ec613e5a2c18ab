"""The notes beneath the steps: what each message of a challenge means and what is missing (S-082, S-083, W-103)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from cxtui.rules.challenge import ELLIPSIS, Challenge, Credentials, algorithm_name, parse_challenges
from cxtui.rules.printable import clean

from .exchanges import Exchange, exchanges_of
from .judging import credentials_of
from .message import SipMessage
from .statuses import meaning, misnamed, passed
from .steps import Note, Seen, Tone
from .trace import Proof

_LONGEST_VALUE = 60
_REFUSED = {
    Proof.NONE: "refused: wrong password or unknown user; the edge does not say which",
    Proof.UNKNOWN: "unknown user: nobody of this name and realm can log in",
    Proof.MATCH: "hashes match, and yet refused: an older nonce, another user in From or To, or older data at the edge",
    Proof.DIFFERS: "wrong password: the hashes differ",
}
_NONCE = Note("the nonce is good for a moment; its answer fits no other")


def explain(trace: Sequence[Seen]) -> dict[int, list[Note]]:
    """The notes of each step, by the index of its message; the messages are masked."""
    notes: defaultdict[int, list[Note]] = defaultdict(list)
    exchanges = exchanges_of(trace)
    for place, exchange in enumerate(exchanges):
        credentials = _credentials(exchange)
        if exchange.request and credentials:
            notes[exchange.request.index] += _about_credentials(credentials)
        for answer in exchange.answers:
            notes[answer.index] += _about_name(answer)
        if verdict := _accepted(exchange, credentials):
            seen, note = verdict
            notes[seen.index].append(note)
        if exchange.challenge:
            notes[exchange.challenge.index] += _about_challenge(exchange, credentials)
        elif exchange.final and exchange.final.parsed and exchange.final.parsed.status >= 400:
            notes[exchange.final.index] += _about_failure(exchange.final.parsed)
        for seen, note in _missing(exchange, exchanges[place + 1 :]):
            notes[seen.index].append(note)
    _say_once(notes, trace)
    return notes


def _say_once(notes: dict[int, list[Note]], trace: Sequence[Seen]) -> None:
    """What a nonce is stands beneath the first challenge only."""
    challenged = [notes[seen.index] for seen in trace if _NONCE in notes.get(seen.index, ())]
    for later in challenged[1:]:
        later.remove(_NONCE)


def _credentials(exchange: Exchange) -> Credentials | None:
    if not exchange.request or not exchange.request.parsed:
        return None
    return credentials_of(exchange.request.parsed)


def _about_credentials(credentials: Credentials) -> list[Note]:
    parts = [algorithm_name(credentials.algorithm), *([f"nc {credentials.nc}"] if credentials.nc else [])]
    parts.append(f"response {credentials.response}")
    return [
        Note(f"username {_shown(credentials.username)} travels in clear, the password only hashed"),
        Note("hash: " + " · ".join(map(_shown, parts))),
        Note(_shown(f"for uri {credentials.uri}")),
    ]


def _about_name(answer: Seen) -> list[Note]:
    text = misnamed(answer.parsed.status, answer.parsed.reason) if answer.parsed else ""
    return [Note(text)] if text else []


def _accepted(exchange: Exchange, credentials: Credentials | None) -> tuple[Seen, Note] | None:
    """The step at which the edge showed that it was satisfied, or refused for another reason than the password."""
    if not credentials or exchange.challenge:
        return None
    method, proof = exchange.method, _proof(exchange)
    shown = next((seen for seen in exchange.answers if seen.parsed and passed(seen.parsed.status, method)), None)
    if shown is None:
        text = {Proof.MATCH: "hashes match: the password is right", Proof.DIFFERS: "wrong password: the hashes differ"}
        tone = Tone.GOOD if proof is Proof.MATCH else Tone.BAD
        return (exchange.final, Note(text[proof], tone)) if exchange.final and proof in text else None
    if proof in (Proof.DIFFERS, Proof.UNKNOWN):
        return shown, Note("accepted, though the HA1 kept gave another hash: the password was just changed")
    return shown, Note("hashes match: the edge computed the same response", Tone.GOOD)


def _proof(exchange: Exchange) -> Proof:
    return exchange.request.message.proof if exchange.request else Proof.NONE


def _about_challenge(exchange: Exchange, credentials: Credentials | None) -> list[Note]:
    answer = exchange.challenge.parsed if exchange.challenge else None
    if not answer:
        return []
    challenges = challenges_of(answer)
    if not challenges:
        return [*_about_failure(answer), Note("no Digest challenge stands in it")]
    lines = [*(Note(_challenge_line(challenge)) for challenge in challenges), _NONCE]
    if not exchange.has_credentials:
        return lines
    if not credentials:
        return [Note("refused: the credentials cannot be read", Tone.BAD), *lines]
    return [_refusal(credentials, challenges, _proof(exchange)), *lines]


def challenges_of(answer: SipMessage) -> list[Challenge]:
    """The Digest challenges of a 401 or 407."""
    header = "proxy-authenticate" if answer.status == 407 else "www-authenticate"
    return parse_challenges(answer.every(header))


def _challenge_line(challenge: Challenge) -> str:
    qop = f"qop {' '.join(challenge.qop)}" if challenge.qop else "no qop"
    parts = [f"realm “{challenge.realm}”", algorithm_name(challenge.algorithm), qop]
    parts += [f"nonce {challenge.nonce}", *(["stale"] if challenge.stale else [])]
    return " · ".join(map(_shown, parts))


def _refusal(credentials: Credentials, challenges: list[Challenge], proof: Proof) -> Note:
    """Why credentials were answered by another challenge."""
    if any(challenge.stale for challenge in challenges):
        return Note("stale nonce, asked again: the password itself was not refused")
    if credentials.realm not in {challenge.realm for challenge in challenges}:
        text = f"refused: the credentials are for realm “{credentials.realm}”, which is not the one asked for"
        return Note(_shown(text, 2 * _LONGEST_VALUE), Tone.BAD)
    wanted = list(dict.fromkeys(algorithm_name(challenge.algorithm) for challenge in challenges))
    given = algorithm_name(credentials.algorithm)
    if given not in wanted:
        return Note(_shown(f"refused: answered with {given}, asked for {' or '.join(wanted)}"), Tone.BAD)
    return Note(_REFUSED[proof], Tone.BAD)


def _about_failure(answer: SipMessage) -> list[Note]:
    text = meaning(answer.status, answer.reason)
    return [Note(text, Tone.BAD)] if text else []


def _missing(exchange: Exchange, later: Sequence[Exchange]) -> list[tuple[Seen, Note]]:
    """What should have been seen and was not."""
    found: list[tuple[Seen, str]] = []
    final = exchange.final
    if exchange.request and not exchange.answers:
        found.append((exchange.request, "no answer"))
    elif exchange.answers and not final:
        found.append((exchange.answers[-1], "no final answer"))
    if final and final.parsed and not exchange.acknowledged:
        found.append((final, f"no ACK for the {final.parsed.status} was seen"))
    challenge = exchange.challenge
    if challenge and challenge.parsed and challenges_of(challenge.parsed) and not exchange.has_credentials:
        same = [other for other in later if _call(other) == _call(exchange) and other.has_credentials]
        if exchange.request and not same:
            found.append((challenge, "no second attempt with credentials was seen"))
    return [(seen, Note(text, Tone.MISSING)) for seen, text in found]


def _call(exchange: Exchange) -> tuple[object, ...]:
    seen = exchange.request or exchange.answers[0]
    return (seen.hop, seen.parsed.call_id if seen.parsed else "", exchange.method)


def _shown(text: str, longest: int = _LONGEST_VALUE) -> str:
    text = clean(text[: longest + 1])
    return text if len(text) <= longest else text[: longest - 1] + ELLIPSIS
