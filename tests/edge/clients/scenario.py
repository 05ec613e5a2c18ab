"""The commands of sipp's scenarios, as XML text."""

from __future__ import annotations

from collections.abc import Iterable

from tests.edge.clients.accounts import refuse_odd

PROVISIONAL = (100, 180, 181, 182, 183, 199)


def scenario(name: str, *commands: str) -> str:
    """A whole scenario."""
    inside = "\n".join(commands)
    return f'<?xml version="1.0" encoding="UTF-8" ?>\n<scenario name="{name}">\n{inside}\n</scenario>\n'


def send(start: str, headers: Iterable[str], body: str = "", *, retransmit: bool = False, then: int = 0) -> str:
    """Send a message; with `retransmit` until it is answered, `then` goes on at a label.

    The texts may hold sipp's keywords; what comes from a test goes through `literal` first.
    """
    described = ["Content-Type: application/sdp", "Content-Length: [len]"] if body else ["Content-Length: 0"]
    text = "\n".join([start, *filter(None, headers), *described, "", body])
    return f"<send{_attributes(retrans=500 * retransmit, next=then)}><![CDATA[\n{text}\n]]></send>"


def answer(
    start: str, *, request: str = "", tag: bool = False, headers: Iterable[str] = (), body: str = "", then: int = 0
) -> str:
    """Send a response to the last request; `tag` makes its side of a dialog, `request` says that it takes an ACK."""
    copied = ["[last_Via:]", "[last_From:]", f"[last_To:]{';tag=[pid]s[call_number]' * tag}", "[last_Call-ID:]"]
    lines = [*copied, "[last_CSeq:]", "[last_Record-Route:]", *headers]
    return send(f"SIP/2.0 {start}", lines, body, retransmit=request == "INVITE", then=then)


def request(
    method: str,
    *,
    optional: bool = False,
    then: int = 0,
    test: str = "",
    wait: int = 0,
    late: int = 0,
    actions: str = "",
) -> str:
    """Wait for a request, up to `wait` ms and then go on at the label `late`; the routes are kept from it.

    It goes on at `then`, if it is given; only if the variable `test` holds, if that is.
    """
    attributes = _attributes(
        request=method, optional=optional, rrs=True, next=then, test=test, timeout=wait, ontimeout=late
    )
    inside = f"<action>{actions}</action>" if actions else ""
    return f"<recv{attributes}>{inside}</recv>"


def response(status: int, *, optional: bool = True, then: int = 0, challenge: bool = False) -> str:
    """Wait for a response; a `challenge` is kept for the next message's credentials."""
    return f"<recv{_attributes(response=status, optional=optional, next=then, auth=challenge, rrs=status == 200)}/>"


def label(number: int) -> str:
    """A place to go on at."""
    return f'<label id="{number}"/>'


def credentials(user: str, password: str) -> str:
    """The keyword for the digest that answers a challenge (MD5)."""
    __tracebackhide__ = True
    refuse_odd(user, password)
    return f"[authentication username={user} password={password}]"


def literal(text: str) -> str:
    """Text that sipp sends as it is. ValueError for line ends and for what a scenario cannot hold."""
    if not text.isprintable() or "]]>" in text:
        raise ValueError(f"a scenario cannot hold {text!r}")
    return text.replace("\\", "\\x5c").replace("[", "\\x5b")


def _attributes(**values: str | int | bool) -> str:
    """Attributes with a value; sipp reads "true"."""
    shown = {name: "true" if value is True else value for name, value in values.items() if value}
    return "".join(f' {name}="{value}"' for name, value in shown.items())
