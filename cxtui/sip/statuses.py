"""What an answer means to an operator (W-103, C-04)."""

from __future__ import annotations

_BY_REASON = {
    (403, "ip not authorised"): "not on the user's allow list, which is looked at after the password",
    (403, "user disabled"): "user or company is disabled, which is looked at after the password",
    (403, "tls required"): "only TLS is permitted, which is looked at after the password",
    (403, "not your own user"): "the address in To is another user's than the credentials",
    (401, "ip not authorised"): "the address it came from belongs to no customer: add it under IP authentication",
    (503, "unknown user"): "the edge knows no such user: look for a typing error, or a user that was disabled",
    (503, "blocked by dial plan"): "the dial plan of the customer bars this number",
    (580, "no route available"): "no route is left for this number: see the customer's routing",
}
"""Statuses whose reason says more than the number; the reason is in lower case."""

_BY_STATUS = {
    400: "the edge could not make sense of the request",
    401: "who asks has to prove it",
    403: "not on the allow list, barred or blocked",
    404: "this number or user is not known there",
    405: "this method is not allowed there",
    407: "who asks has to prove it",
    408: "no answer in time from the next one on the way",
    415: "the body is of a kind that is not understood there",
    420: "an extension was required that is not known there",
    423: "the registration is too short",
    480: "known, but not to be reached now: not registered, or does not wish to be disturbed",
    481: "the call or request meant is not known any more: it has ended",
    482: "the call went in a loop",
    483: "too many hops: the call probably goes in a circle",
    484: "the number is incomplete",
    486: "busy",
    487: "ended by the caller before it was answered",
    488: "no codec in common, or none that is permitted: see the codecs of this entry",
    491: "both sides changed the call at once; one of them tries again",
    500: "the edge failed",
    502: "the next one on the way answered with nonsense",
    503: "it cannot be taken now: a limit of channels or calls per second, or nobody to send it on to",
    504: "the next one on the way did not answer in time",
    513: "the message is too large",
    580: "the conditions of the call cannot be met",
    600: "busy everywhere",
    603: "declined",
    604: "this number exists nowhere",
    606: "what is offered is acceptable nowhere",
}

_NAMES = {180: "Ringing", 183: "Session Progress"}

_AFTER_CREDENTIALS = frozenset({*range(101, 400), 408, 480, 484, 486, 487, 488, 600, 603, 604, 606})


def passed(status: int, method: str) -> bool:
    """Whether no edge gives this answer before it is satisfied with the credentials.

    A REGISTER may be answered 404 for an unknown user (RFC 3261 §10.3); in a call it means the number.
    """
    return status in _AFTER_CREDENTIALS or (status == 404 and method == "INVITE")


def says_unknown_user(status: int, reason: str) -> bool:
    """Whether the edge says in words that it knows no such user (W-103)."""
    return (status, reason.strip().lower()) == (503, "unknown user")


def meaning(status: int, reason: str) -> str:
    """What a failure means, in words; "" for what needs none."""
    return _BY_REASON.get((status, reason.strip().lower())) or _BY_STATUS.get(status, "")


def misnamed(status: int, reason: str) -> str:
    """The sentence that sets right a reason that belongs to another status: 183 is not Ringing (C-04)."""
    names = {name.lower(): number for number, name in _NAMES.items()}
    other = names.get(reason.strip().lower(), status)
    if other == status or status not in _NAMES:
        return ""
    return f"{status} is {_NAMES[status]}; {_NAMES[other]} is {other}"
