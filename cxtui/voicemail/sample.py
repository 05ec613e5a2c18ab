"""A voicemail store of FreeSWITCH for the demonstration: real tables and recordings that can be heard."""

from __future__ import annotations

import hashlib
import math
import os
import sqlite3
import sys
import uuid
import wave
from array import array
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from .errors import VoicemailError, files_in_words, store_in_words
from .freeswitch import FreeSwitchStore

PROFILE = "default"
SCHEMA = (
    "CREATE TABLE voicemail_msgs (created_epoch INTEGER, read_epoch INTEGER, username VARCHAR(255),"
    " domain VARCHAR(255), uuid VARCHAR(255), cid_name VARCHAR(255), cid_number VARCHAR(255), in_folder VARCHAR(255),"
    " file_path VARCHAR(255), message_len INTEGER, flags VARCHAR(255), read_flags VARCHAR(255),"
    " forwarded_by VARCHAR(255))",
    "CREATE TABLE voicemail_prefs (username VARCHAR(255), domain VARCHAR(255), name_path VARCHAR(255),"
    " greeting_path VARCHAR(255), password VARCHAR(255))",
    "CREATE INDEX voicemail_msgs_idx1 ON voicemail_msgs(created_epoch)",
    "CREATE INDEX voicemail_msgs_idx2 ON voicemail_msgs(username)",
    "CREATE INDEX voicemail_msgs_idx3 ON voicemail_msgs(domain)",
    "CREATE INDEX voicemail_msgs_idx4 ON voicemail_msgs(uuid)",
    "CREATE INDEX voicemail_msgs_idx5 ON voicemail_msgs(in_folder)",
    "CREATE INDEX voicemail_msgs_idx6 ON voicemail_msgs(read_flags)",
    "CREATE INDEX voicemail_msgs_idx7 ON voicemail_msgs(forwarded_by)",
    "CREATE INDEX voicemail_msgs_idx8 ON voicemail_msgs(read_epoch)",
    "CREATE INDEX voicemail_msgs_idx9 ON voicemail_msgs(flags)",
    "CREATE INDEX voicemail_prefs_idx1 ON voicemail_prefs(username)",
    "CREATE INDEX voicemail_prefs_idx2 ON voicemail_prefs(domain)",
)
"""The tables and indexes that mod_voicemail makes."""

RATE = 8_000
"""Samples per second."""

_ROW = (
    "INSERT INTO voicemail_msgs (created_epoch, read_epoch, username, domain, uuid, cid_name, cid_number, in_folder,"
    " file_path, message_len, flags, read_flags, forwarded_by) VALUES (?, ?, ?, ?, ?, ?, ?, 'inbox', ?, ?, ?, ?, '')"
)
_LOW = (697, 770, 852, 941)
_HIGH = (1209, 1336, 1477)
_KEYS = "123456789*0#"
_LOUDNESS = 8_000
_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Call:
    """One that left a message: who, how long ago and for how long, in seconds."""

    name: str
    number: str
    ago: int
    duration: int
    is_read: bool = False
    is_urgent: bool = False


# Numbers that are kept free for fiction: 020 7946 0000–0999 and 202 555 0100–0199.
_CALLS = (
    Call("Nadia Rahman", "+442079460127", 4 * 60, 4, is_urgent=True),
    Call("", "+12025550143", 2 * 3600 + 300, 3),
    Call("anonymous", "anonymous", _DAY + 1800, 2),
    Call("Harbour Logistics", "+442079460812", 12 * _DAY, 5, is_read=True),
    Call("Front desk", "2104", 35 * 60, 2),
    Call("Dr. Elif Öztürk", "+12025550178", 3 * _DAY + 7200, 4, is_read=True),
    Call("Accounts", "1012", 5 * 3600, 3),
)


def make_sample(folder: Path, domain: str, users: Sequence[str], now: float) -> FreeSwitchStore:
    """Make a store in a folder that holds none yet, with 1–4 messages for each of ``users``.

    The first user has one of every kind: urgent, without a name, withheld, heard long ago. The same arguments make the
    same rows and the same files, but for where they stand. Raises ``VoicemailError``.
    """
    database = folder.absolute() / "db" / f"voicemail_{PROFILE}.db"
    storage = folder.absolute() / "storage"
    for name in (domain, *users):
        if name in {"", ".", ".."} or Path(name).name != name:
            raise VoicemailError("A sample mailbox needs a name that can be the name of a folder.")
    with files_in_words(folder, "no sample was made"), store_in_words(database):
        database.parent.mkdir(parents=True)
        storage.mkdir()
        database.touch(0o600)
        with closing(sqlite3.connect(database, isolation_level=None)) as link:
            link.execute("BEGIN")
            for statement in SCHEMA:
                link.execute(statement)
            for place, user in enumerate(users):
                _fill(link, storage / "voicemail" / PROFILE / domain / user, place, int(now))
            link.execute("COMMIT")
    return FreeSwitchStore(database, storage, PROFILE)


def _fill(link: sqlite3.Connection, mailbox: Path, place: int, now: int) -> None:
    domain, user = mailbox.parts[-2:]
    seed = hashlib.sha256(f"{domain}/{user}".encode()).digest()
    calls = (
        _CALLS[:4] if place == 0 else [_CALLS[(seed[1] + turn * 3) % len(_CALLS)] for turn in range(1 + seed[0] % 4)]
    )
    mailbox.mkdir(parents=True)
    for turn, call in enumerate(calls):
        created = now - call.ago - place * 97 % 3600
        name = str(uuid.uuid5(uuid.NAMESPACE_URL, f"voicemail:{domain}/{user}/{turn}"))
        path = mailbox / f"msg_{name}.wav"
        write_tones(path, call.number, call.duration)
        os.utime(path, (created, created))
        read = created + 1800 if call.is_read else 0
        flags = "save" if call.is_read else ""
        urgency = "A_URGENT" if call.is_urgent else "B_NORMAL"
        caller = (call.name, call.number)
        link.execute(_ROW, (created, read, user, domain, name, *caller, str(path), call.duration, flags, urgency))
    password = "".join(str(byte % 10) for byte in seed[2:8])
    link.execute("INSERT INTO voicemail_prefs VALUES (?, ?, '', '', ?)", (user, domain, password))


def write_tones(path: Path, number: str, seconds: int) -> None:
    """Write a recording of a beep and then the dialled digits of a number, over and over: 8 kHz, 16 bit, mono."""
    samples = array("h", _tone((1000,), 0.4))
    digits = [digit for digit in number if digit in _KEYS] or ["*"]
    for sound in _endless(digits):
        samples.extend(sound)
        if len(samples) >= seconds * RATE:
            break
    del samples[seconds * RATE :]
    if sys.byteorder == "big":
        samples.byteswap()
    with path.open("xb") as file, wave.open(file, "wb") as recording:
        recording.setnchannels(1)
        recording.setsampwidth(2)
        recording.setframerate(RATE)
        recording.writeframes(samples.tobytes())


def _endless(digits: Sequence[str]) -> Iterator[array[int]]:
    while True:
        yield _tone((), 0.3)
        for digit in digits:
            key = _KEYS.index(digit)
            yield _tone((_LOW[key // 3], _HIGH[key % 3]), 0.12)
            yield _tone((), 0.06)


@cache
def _tone(frequencies: tuple[int, ...], seconds: float) -> array[int]:
    """Sine waves added up; none is silence."""
    steps = [2 * math.pi * frequency / RATE for frequency in frequencies]
    return array(
        "h", [int(_LOUDNESS * sum(math.sin(step * place) for step in steps)) for place in range(int(seconds * RATE))]
    )
