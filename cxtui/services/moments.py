"""Moments to come, as operators write and read them: in the time of the machine they sit at."""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from cxtui.rules.durations import parse_duration

HOW = "write a span such as 90 s, 15 min, 2 h or 3 d, or a time of day such as 22:30"
_OF_DAY = re.compile(r"([0-9]{1,2}):([0-9]{2})\Z")
_SOON = 600.0


def parse_moment(text: str, now: float) -> float:
    """The moment that is ``text`` away, or the next one at that time of day; seconds since the epoch, as ``now`` is.

    Raises ``ValueError`` in words.
    """
    typed = text.strip().lower()
    found = _OF_DAY.match(typed)
    if found:
        return _next_at(int(found[1]), int(found[2]), now)
    if not typed[:1].isdigit() or ":" in typed:
        raise ValueError(HOW)
    try:
        return now + (parse_duration(typed) or 0.0)
    except ValueError as problem:
        raise ValueError(str(problem) if str(problem).startswith("between") else HOW) from None


def moment_words(moment: float, now: float) -> str:
    """A moment in a sentence: "at 22:30", with seconds where it is near, with the day where that is another one."""
    then = _wall(moment)
    near = abs(moment - now) < _SOON and then.second
    day = "" if then.date() == _wall(now).date() else then.strftime("on %a %Y-%m-%d ")
    return day + then.strftime("at %H:%M:%S" if near else "at %H:%M")


def _next_at(hour: int, minute: int, now: float) -> float:
    if hour > 23 or minute > 59:
        raise ValueError("a time of day is 00:00 to 23:59")
    today = _wall(now).replace(hour=hour, minute=minute, second=0, microsecond=0, fold=0)
    moments = []
    for day in (today, today + timedelta(days=1), today + timedelta(days=2)):
        first, second = day.timestamp(), day.replace(fold=1).timestamp()
        # Clocks that are set back show a time twice; those set forward skip one, and the same span after is meant then.
        moments += [first, second] if second > first else [first]
    return min(moment for moment in moments if moment > now)


def _wall(moment: float) -> datetime:
    """What the clock on the wall shows. A time zone would pin its offset, which changes between now and then."""
    return datetime.fromtimestamp(moment)  # noqa: DTZ006
