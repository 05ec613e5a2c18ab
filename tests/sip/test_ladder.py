"""The ladder of an exchange: its steps, what is said beneath them, and how it is drawn."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cxtui.rules.challenge import answer, choose, parse_challenges
from cxtui.rules.digest import Ha1, ha1
from cxtui.rules.printable import clean
from cxtui.sip.drawing import cells
from cxtui.sip.judging import judged
from cxtui.sip.ladder import MOST_MESSAGES, Ladder, Message, Proof, Tone, Trace, dump, load

PHONE, EDGE, CARRIER = "192.0.2.10:5060", "198.51.100.1:5060", "203.0.113.9:5060"
REALM = "sip.test"
RIGHT = ha1("1001", REALM, "right")
WRONG = ha1("1001", REALM, "wrong")
CHALLENGE = f'Digest realm="{REALM}", nonce="ZxAbCdEfGhIjKlMnOpQrStUvWxYz12345678", qop="auth"'


def known(username: str, realm: str) -> Ha1 | None:
    return RIGHT if (username, realm) == ("1001", REALM) else None


@dataclass
class Tape:
    """Records messages, 10 ms apart."""

    call_id: str = "call-1@192.0.2.10"
    messages: list[Message] = field(default_factory=list)
    method: str = "INVITE"

    def add(
        self, source: str, destination: str, *lines: str, cseq: str = "", branch: str = "", after: float = 0.01
    ) -> None:
        at = self.messages[-1].at + after if self.messages else 1_700_000_000.0
        number, method = cseq.split() if cseq else ("1", self.method)
        head = [lines[0], f"Via: SIP/2.0/UDP x;branch=z9hG4bK{number}", f"Call-ID: {self.call_id}"]
        head += [f"CSeq: {number} {method}", *lines[1:]]
        self.messages.append(Message(at, source, destination, "\r\n".join([*head, "", ""])))

    def ask(self, number: int = 1, *headers: str, source: str = PHONE, destination: str = EDGE) -> None:
        self.add(
            source, destination, f"{self.method} sip:1001@{REALM} SIP/2.0", *headers, cseq=f"{number} {self.method}"
        )

    def reply(self, line: str, number: int = 1, *headers: str, source: str = EDGE, destination: str = PHONE) -> None:
        self.add(source, destination, f"SIP/2.0 {line}", *headers, cseq=f"{number} {self.method}")

    def ack(self, number: int = 1, source: str = PHONE, destination: str = EDGE) -> None:
        self.add(source, destination, f"ACK sip:1001@{REALM} SIP/2.0", cseq=f"{number} ACK")

    def challenge(self, number: int = 1, more: str = "", value: str = CHALLENGE) -> None:
        if self.method == "REGISTER":
            self.reply("401 Unauthorized", number, f"WWW-Authenticate: {value}{more}")
        else:
            self.reply("407 Proxy Authentication Required", number, f"Proxy-Authenticate: {value}{more}")

    def credentials(self, number: int = 2, secret: Ha1 = RIGHT, username: str = "1001", value: str = CHALLENGE) -> None:
        challenge = choose(parse_challenges([value]))
        assert challenge is not None
        made = answer(challenge, username, secret, self.method, f"sip:1001@{REALM}", "cnonce")
        name = "Authorization" if self.method == "REGISTER" else "Proxy-Authorization"
        self.ask(number, f"{name}: {made.header()}")

    def login(self, secret: Ha1 = RIGHT, username: str = "1001", value: str = CHALLENGE) -> Tape:
        """A challenge and the attempt that follows it."""
        self.ask()
        self.challenge(value=value)
        if self.method == "INVITE":
            self.ack()
        self.credentials(secret=secret, username=username, value=value)
        return self


def notes(ladder: Ladder, label: str, place: int = 0) -> list[str]:
    """What stands beneath a step."""
    return [note.text for note in [step for step in ladder.steps if step.label == label][place].notes]


def said(ladder: Ladder, tone: Tone) -> list[str]:
    """All notes of one tone, in order."""
    return [note.text for step in ladder.steps for note in step.notes if note.tone is tone]


CHALLENGED = "407 Proxy Authentication Required"


def test_the_call_of_the_manual_is_told_as_it_really_goes() -> None:
    """S-081, S-082, S-083, C-04."""
    tape = Tape().login()
    tape.reply("100 Trying", 2)
    tape.reply("183 Session Progress", 2)
    tape.reply("200 OK", 2)
    tape.ack(2)
    ladder = Ladder.of(tape.messages)
    assert [step.label for step in ladder.steps] == [
        "INVITE sip:1001@… CSeq 1",
        CHALLENGED,
        "ACK",
        "INVITE sip:1001@… CSeq 2 +auth",
        "100 Trying",
        "183 Session Progress",
        "200 OK",
        "ACK",
    ]
    assert (ladder.parties, ladder.names) == ((PHONE, EDGE), ("phone", "edge"))
    assert [(step.source, step.destination) for step in ladder.steps[:3]] == [(0, 1), (1, 0), (0, 1)]
    assert [round(step.at, 3) for step in ladder.steps[:3]] == [0, 10, 20]
    assert notes(ladder, CHALLENGED) == [
        "realm “sip.test” · MD5 · qop auth · nonce ZxAb…345678",
        "the nonce is good for a moment; its answer fits no other",
    ]
    response = tape.messages[3].text.partition('response="')[2][:32]
    assert notes(ladder, "INVITE sip:1001@… CSeq 2 +auth") == [
        "username 1001 travels in clear, the password only hashed",
        f"hash: MD5 · nc 00000001 · response {response[:8]}…",
        "for uri sip:1001@sip.test",
    ]
    assert notes(ladder, "183 Session Progress") == ["hashes match: the edge computed the same response"]
    assert said(ladder, Tone.GOOD) == notes(ladder, "183 Session Progress")
    assert said(ladder, Tone.BAD) == said(ladder, Tone.MISSING) == []


def test_a_register_is_challenged_with_401() -> None:
    """C-04."""
    tape = Tape(method="REGISTER").login()
    tape.reply("200 OK", 2)
    ladder = Ladder.of(tape.messages, known=known)
    assert [step.label for step in ladder.steps] == [
        "REGISTER sip:1001@… CSeq 1",
        "401 Unauthorized (REGISTER)",
        "REGISTER sip:1001@… CSeq 2 +auth",
        "200 OK (REGISTER)",
    ]
    assert said(ladder, Tone.GOOD) == ["hashes match: the edge computed the same response"]
    assert said(ladder, Tone.MISSING) == []


@pytest.mark.parametrize(
    ("line", "words"),
    [("183 Ringing", "183 is Session Progress; Ringing is 180"), ("180 session progress", "180 is Ringing; ")],
)
def test_a_reason_of_another_status_is_set_right(line: str, words: str) -> None:
    """C-04."""
    tape = Tape()
    tape.ask()
    tape.reply(line)
    assert words in notes(Ladder.of(tape.messages), line)[0]


@pytest.mark.parametrize(
    ("secret", "username", "told", "untold"),
    [
        (WRONG, "1001", "wrong password: the hashes differ", "wrong password or unknown user"),
        (WRONG, "1999", "unknown user: nobody of this name", "wrong password or unknown user"),
        (RIGHT, "1001", "hashes match, and yet refused", "wrong password or unknown user"),
    ],
)
def test_a_second_challenge_is_a_refusal_and_the_reason_is_found(
    secret: Ha1, username: str, told: str, untold: str
) -> None:
    """S-083."""
    tape = Tape().login(secret, username)
    tape.challenge(2)
    tape.ack(2)
    assert [told in text for text in said(Ladder.of(tape.messages, known=known), Tone.BAD)] == [True]
    assert [untold in text for text in said(Ladder.of(tape.messages), Tone.BAD)] == [True]


def _any(secret: Ha1, _username: str, _realm: str) -> Ha1:
    return secret


@pytest.mark.parametrize("secret", [RIGHT, WRONG])
def test_a_stored_trace_says_what_was_found_when_it_was_seen_and_nothing_can_be_found_from_it(secret: Ha1) -> None:
    """W-101, S-083."""
    tape = Tape().login(secret)
    tape.challenge(2)
    tape.ack(2)
    seen = Trace(tuple(judged(message, known) for message in tape.messages), others=2)
    stored = load(dump(seen))
    assert Ladder.of(stored) == replace(Ladder.of(tape.messages, known=known), others=2)
    blind = Trace(tuple(replace(message, proof=Proof.NONE) for message in stored.messages))
    for guess in (RIGHT, WRONG):
        ladder = Ladder.of(blind, known=partial(_any, guess))
        assert said(ladder, Tone.BAD) == ["refused: wrong password or unknown user; the edge does not say which"]


def test_a_stale_nonce_is_no_refusal() -> None:
    """RFC 7616 §3.3."""
    tape = Tape().login()
    tape.challenge(2, ", stale=true")
    ladder = Ladder.of(tape.messages, known=known)
    assert notes(ladder, CHALLENGED, 1)[:2] == [
        "stale nonce, asked again: the password itself was not refused",
        "realm “sip.test” · MD5 · qop auth · nonce ZxAb…345678 · stale",
    ]
    assert said(ladder, Tone.BAD) == []


@pytest.mark.parametrize(
    ("answered", "asked", "words"),
    [
        (CHALLENGE.replace(REALM, "old.test"), CHALLENGE, "the credentials are for realm “old.test”"),
        (CHALLENGE, f"{CHALLENGE}, algorithm=SHA-256", "answered with MD5, asked for SHA-256"),
    ],
)
def test_credentials_for_something_else_are_named(answered: str, asked: str, words: str) -> None:
    """C-05."""
    tape = Tape().login(value=answered)
    tape.challenge(2, value=asked)
    [text] = said(Ladder.of(tape.messages, known=known), Tone.BAD)
    assert words in text


def test_credentials_that_cannot_be_read_are_named() -> None:
    tape = Tape()
    tape.ask(1, 'Proxy-Authorization: Digest username="1001", response=')
    tape.challenge(1)
    tape.ack()
    assert said(Ladder.of(tape.messages), Tone.BAD) == ["refused: the credentials cannot be read"]


def test_an_accepted_answer_that_the_kept_hash_does_not_give_is_explained() -> None:
    tape = Tape().login(WRONG)
    tape.reply("200 OK", 2)
    tape.ack(2)
    ladder = Ladder.of(tape.messages, known=known)
    assert "the password was just changed" in notes(ladder, "200 OK")[0]
    assert said(ladder, Tone.GOOD) == []


@pytest.mark.parametrize(
    ("line", "words", "passed"),
    [
        ("486 Busy Here", "busy", True),
        ("480 Temporarily Unavailable", "not registered", True),
        ("404 Not Found", "not known there", True),
        ("408 Request Timeout", "no answer in time", True),
        ("488 Not Acceptable Here", "no codec in common", True),
        ("403 IP not allowed", "not on the allow list", False),
        ("503 Channel limit", "a limit of channels", False),
        ("503 unknown USER", "knows no such user", False),
        ("503 Blocked by Dial plan", "the dial plan of the customer bars", False),
        ("580 No Route Available", "no route is left", False),
        ("401 IP Not Authorised", "belongs to no customer", False),
    ],
)
def test_a_failure_is_explained_and_claims_a_match_only_where_it_proves_one(
    line: str, words: str, passed: bool
) -> None:
    """W-103."""
    tape = Tape().login()
    tape.reply(line, 2)
    tape.ack(2)
    ladder = Ladder.of(tape.messages)
    assert any(words in text for text in said(ladder, Tone.BAD))
    assert bool(said(ladder, Tone.GOOD)) is passed


@pytest.mark.parametrize(
    ("secret", "words", "tone"),
    [
        (RIGHT, "hashes match: the password is right", Tone.GOOD),
        (WRONG, "wrong password: the hashes differ", Tone.BAD),
    ],
)
@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("403 IP Not Authorised", "not on the user's allow list"),
        ("403 User Disabled", "disabled"),
        ("403 TLS Required", "only TLS is permitted"),
        ("503 Server at max channels", "a limit of channels"),
    ],
)
def test_a_refusal_for_another_reason_says_whether_the_password_was_right(
    secret: Ha1, words: str, tone: Tone, line: str, why: str
) -> None:
    """S-083, W-103."""
    tape = Tape().login(secret)
    tape.reply(line, 2)
    tape.ack(2)
    ladder = Ladder.of(tape.messages, known=known)
    verdict, reason = ladder.verdict
    assert (verdict.text, verdict.tone) == (words, tone)
    assert why in reason.text
    assert [step.notes for step in ladder.steps if step.label == line] == [ladder.verdict]


def test_an_unregistered_404_is_no_proof_of_a_match() -> None:
    tape = Tape(method="REGISTER").login()
    tape.reply("404 Not Found", 2)
    assert said(Ladder.of(tape.messages), Tone.GOOD) == []


def missing_ack() -> Tape:
    tape = Tape()
    tape.ask()
    tape.challenge()
    tape.credentials()
    tape.reply("200 OK", 2)
    tape.ack(2)
    return tape


def missing_answer() -> Tape:
    return Tape().login()


def missing_final() -> Tape:
    tape = Tape().login()
    tape.reply("100 Trying", 2)
    return tape


def missing_second() -> Tape:
    tape = Tape()
    tape.ask()
    tape.challenge()
    tape.ack()
    return tape


def missing_last_ack() -> Tape:
    tape = Tape().login()
    tape.reply("200 OK", 2)
    return tape


@pytest.mark.parametrize(
    ("tape", "words"),
    [
        (missing_ack(), "no ACK for the 407 was seen"),
        (missing_answer(), "no answer"),
        (missing_final(), "no final answer"),
        (missing_second(), "no second attempt with credentials was seen"),
        (missing_last_ack(), "no ACK for the 200 was seen"),
    ],
)
def test_what_is_missing_is_said(tape: Tape, words: str) -> None:
    """C-04, W-101."""
    assert said(Ladder.of(tape.messages), Tone.MISSING) == [words]


def test_copies_are_folded_and_counted() -> None:
    tape = Tape()
    tape.ask()
    first = tape.messages[0]
    tape.messages += [Message(first.at + later, PHONE, EDGE, first.text) for later in (0.5, 1.5)]
    tape.challenge()
    tape.ack()
    ladder = Ladder.of(tape.messages)
    assert [(step.index, step.times) for step in ladder.steps] == [(0, 3), (3, 1), (4, 1)]
    assert "INVITE sip:1001@… CSeq 1 ×3" in ladder.text()
    assert "INVITE sip:1001@~ CSeq 1 x3" in ladder.text(ascii=True)


def test_options_and_keep_alives_are_hidden_and_counted() -> None:
    """C-03."""
    tape = Tape()
    tape.method = "OPTIONS"
    tape.ask(7)
    tape.reply("200 OK", 7)
    chatter = [*tape.messages, Message(tape.messages[-1].at, PHONE, EDGE, "\r\n\r\n")]
    tape.method = "INVITE"
    tape.ask()
    both = [*tape.messages, chatter[-1]]
    ladder = Ladder.of(both)
    assert [step.label for step in ladder.steps] == ["INVITE sip:1001@… CSeq 1"]
    assert ladder.hidden == 3
    assert ladder.lines(80)[-1] == "OPTIONS and keep-alives are hidden: 3"
    assert Ladder.of(both, options=True).hidden == 0
    assert len(Ladder.of(both, options=True).steps) == 4
    assert [step.label for step in Ladder.of(chatter).steps] == [
        "OPTIONS sip:1001@… CSeq 7",
        "200 OK (OPTIONS)",
        "keep-alive",
    ]


def through_the_edge() -> Tape:
    tape = Tape().login()
    tape.ask(2, source=EDGE, destination=CARRIER)
    tape.reply("486 Busy Here", 2, source=CARRIER, destination=EDGE)
    tape.ack(2, EDGE, CARRIER)
    tape.reply("486 Busy Here", 2)
    tape.ack(2)
    return tape


def test_a_call_that_is_sent_on_has_a_third_column() -> None:
    ladder = Ladder.of(through_the_edge().messages)
    assert ladder.names == ("phone", "edge", "next hop")
    assert ladder.parties == (PHONE, EDGE, CARRIER)
    assert said(ladder, Tone.MISSING) == []
    named = Ladder.of(through_the_edge().messages, names={CARRIER: "carrier\x1b", PHONE: "PBX"})
    assert named.names == ("PBX", "edge", "carrier␛")


def test_an_ack_of_another_hop_does_not_count_for_a_failure() -> None:
    tape = through_the_edge()
    tape.messages = [
        message for message in tape.messages if not message.text.startswith("ACK") or message.source == PHONE
    ]
    assert said(Ladder.of(tape.messages), Tone.MISSING) == ["no ACK for the 486 was seen"]


def test_it_is_drawn_in_80_columns_as_people_paste_it() -> None:
    """W-101."""
    ladder = Ladder.of(missing_ack().messages)
    response = missing_ack().messages[2].text.partition('response="')[2][:8]
    assert ladder.text() == (
        "SIP ladder · Call-ID call-1@192.0.2.10\n"
        "started 2023-11-14T22:13:20.000+00:00\n"
        "phone 192.0.2.10:5060 · edge 198.51.100.1:5060\n"
        "            phone                                                       edge\n"
        "    0.0 ms    │──────────────── INVITE sip:1001@… CSeq 1 ────────────────→│\n"
        "   10.0 ms    │←─────────── 407 Proxy Authentication Required ────────────│\n"
        "             realm “sip.test” · MD5 · qop auth · nonce ZxAb…345678\n"
        "             the nonce is good for a moment; its answer fits no other\n"
        "           ! no ACK for the 407 was seen\n"
        "   20.0 ms    │───────────── INVITE sip:1001@… CSeq 2 +auth ─────────────→│\n"
        "             username 1001 travels in clear, the password only hashed\n"
        f"             hash: MD5 · nc 00000001 · response {response}…\n"
        "             for uri sip:1001@sip.test\n"
        "   30.0 ms    │←───────────────────────── 200 OK ─────────────────────────│\n"
        "           ✔ hashes match: the edge computed the same response\n"
        "   40.0 ms    │────────────────────────── ACK ───────────────────────────→│\n"
    )


def test_each_line_has_the_tone_of_what_it_says() -> None:
    drawn = Ladder.of(missing_ack().messages).drawn(80)
    assert [line.text.strip() for line in drawn if line.tone is Tone.GOOD] == [
        "✔ hashes match: the edge computed the same response"
    ]
    assert [line.text.strip() for line in drawn if line.tone is Tone.MISSING] == ["! no ACK for the 407 was seen"]
    assert all("│" in line.text for line in drawn[2:] if line.tone is None)


def test_other_conversations_and_what_was_left_out_are_counted() -> None:
    """W-101."""
    ladder = Ladder.of(Trace(tuple(missing_ack().messages), others=3, unread=7))
    assert ladder.lines(80)[-2:] == [
        "more messages, not shown: 7",
        "other conversations in this time, not shown: 3",
    ]


def test_three_columns_are_drawn_in_118_and_in_ascii() -> None:
    lines = Ladder.of(through_the_edge().messages).lines(118, ascii=True)
    assert lines[1].split() == ["phone", "edge", "next", "hop"]
    assert any("|<----" in line and "486 Busy Here" in line for line in lines)
    assert all(line.isascii() for line in lines)


def test_parties_too_many_to_stand_side_by_side_are_told_in_words() -> None:
    tape = Tape()
    for place in range(9):
        tape.ask(1, source=f"192.0.2.{place}:5060", destination=f"192.0.2.{place + 1}:5060")
    lines = Ladder.of(tape.messages).lines(80)
    assert "phone → edge: INVITE sip:1001@… CSeq 1" in "\n".join(lines)
    assert "phone 192.0.2.0:5060" in lines


def test_nothing_to_draw_is_drawn() -> None:
    ladder = Ladder.of([])
    assert (ladder.steps, ladder.parties, ladder.call_id) == ((), (), "")
    assert ladder.text().startswith("SIP ladder · Call-ID none\nstarted 1970-01-01T00:00:00.000+00:00\n")


def test_other_call_ids_are_counted() -> None:
    tape = Tape()
    tape.ask()
    tape.call_id = "call-2"
    tape.ask(2)
    assert Ladder.of(tape.messages).call_id == "call-1@192.0.2.10 and 1 more"


def test_messages_come_in_any_order() -> None:
    messages = missing_ack().messages
    ladder = Ladder.of(reversed(messages))
    assert [step.label for step in ladder.steps] == [step.label for step in Ladder.of(messages).steps]
    assert [step.index for step in ladder.steps] == [4, 3, 2, 1, 0]


def test_no_secret_is_in_a_ladder() -> None:
    """S-083."""
    tape = Tape().login()
    response = tape.messages[3].text.partition('response="')[2][:32]
    ladder = Ladder.of(tape.messages, known=known)
    for secret in (response[:9], RIGHT.md5, RIGHT.sha256):
        assert secret not in repr(ladder) + ladder.text()


def test_a_password_in_a_uri_is_not_shown() -> None:
    tape = Tape()
    tape.add(PHONE, EDGE, "INVITE sip:1001:hunter2@sip.test SIP/2.0")
    assert "hunter2" not in repr(Ladder.of(tape.messages))


EVIL = "\x1b[2J\u202e\ud800\x00\x9b日本語é\u0301\t"


def test_text_from_the_wire_cannot_steer_the_terminal() -> None:
    tape = Tape(call_id=f"call{EVIL}")
    tape.add(f"192.0.2.1{EVIL}", EDGE, f"INVITE sip:{EVIL.replace(chr(9), '')}@x SIP/2.0")
    tape.reply(
        f"407 {EVIL}", 1, f'Proxy-Authenticate: Digest realm="{EVIL[5:6]}", nonce="{EVIL[5:7]}日本語日本語日本語"'
    )
    tape.messages.append(Message(tape.messages[-1].at, EDGE, PHONE, EVIL))
    for ascii in (False, True):
        text = Ladder.of(tape.messages).text(ascii)
        assert all(line == clean(line) for line in text.split("\n"))
        assert text.encode()


@pytest.mark.timeout(20)
def test_only_so_much_is_drawn_and_in_no_time() -> None:
    text = "INVITE sip:a@b SIP/2.0\r\nCall-ID: x\r\nCSeq: 1 INVITE\r\nX: " + "y" * 60_000
    messages = [Message(float(place), f"192.0.2.1:{place}", EDGE, f"{text}{place}") for place in range(2000)]
    ladder = Ladder.of(messages)
    lines = ladder.lines(80)
    assert len(ladder.steps) == MOST_MESSAGES
    assert lines[-1] == f"more messages, not shown: {2000 - MOST_MESSAGES}"


pieces = st.sampled_from(
    [message.text for message in through_the_edge().messages]
    + ["", "\r\n", "SIP/2.0 407 x\r\nCSeq: 1 INVITE\r\nProxy-Authenticate: Digest", "SIP/2.0 200", EVIL]
)
addresses = st.sampled_from([PHONE, EDGE, CARRIER, "[2001:db8::1]:5060", "x" * 200, EVIL, ""])
moments = st.floats(-1e300, 1e300) | st.floats(1.7e9, 1.7e9 + 9e6)
anything = st.builds(Message, moments, addresses, addresses, pieces | st.text(max_size=60))


@settings(max_examples=150, deadline=None)
@given(st.lists(anything, max_size=12), st.integers(1, 200), st.booleans())
def test_whatever_was_seen_is_drawn_within_the_width(messages: list[Message], width: int, ascii: bool) -> None:
    ladder = Ladder.of(messages, known=known, options=True)
    lines = ladder.lines(width, ascii)
    assert all(cells(line) <= max(width, 40) for line in lines)
    assert all(line == clean(line) for line in lines)
    assert not ascii or all(line.isascii() for line in lines)
    assert sum(step.times for step in ladder.steps) == len(messages)
    assert ladder.text(ascii)
