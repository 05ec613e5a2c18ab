"""One run of sipp: its command line, its files, and the messages that it has traced so far."""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tests.edge.clients import ports
from tests.edge.clients.messages import Message
from tests.edge.clients.process import Child

_ENTRY = re.compile(rb"-{40,} [^\n]*\n\w+ message (sent|received) [\[(](\d+)[\])]? ?bytes[^\n]*\n\n")


class SippRun:
    """sipp on a scenario, in a temporary folder that only this user may read; `close` ends and removes it all."""

    def __init__(self, scenario: str, local: str, *arguments: str, transport: str = "u1") -> None:
        """Start it at the address and port `local` with more `arguments`; a scenario with passwords stays off argv."""
        host, port = ports.split(local)
        self.folder = Path(tempfile.mkdtemp(prefix="cxtui-sipp-"))
        file = self.folder / "scenario.xml"
        file.touch(mode=0o600)
        file.write_text(scenario, encoding="utf-8")
        self._trace = self.folder / "messages"
        self._errors = self.folder / "errors"
        self._read = 0
        self._messages: list[Message] = []
        # Its watchdog would end it on a machine that is busy for a while.
        here = ["-i", host, "-p", str(port), "-bind_local", "-t", transport, "-ci", "127.0.0.1"]
        # Two processes of the switch may send two responses of one call in the other order: no reason to give up.
        here += ["-default_behaviors", "all,-abortunexp"]
        calls = ["-nostdin", "-aa", "-cid_str", f"%u-%p-{self.folder.name}@%s", "-watchdog_interval", "0"]
        traces = ["-trace_msg", "-message_file", str(self._trace), "-trace_err", "-error_file", str(self._errors)]
        argv = ["sipp", "-sf", str(file), *here, *calls, *traces, *arguments]
        self.child = Child(argv, self.folder / "output")

    def messages(self) -> Sequence[Message]:
        """Every message so far, in order, those sent and those received."""
        if self._trace.exists():
            with self._trace.open("rb") as trace:
                trace.seek(self._read)
                self._take(trace.read())
        return self._messages

    def _take(self, new: bytes) -> None:
        """Keep the complete entries of what was traced since the last look."""
        at = 0
        while entry := _ENTRY.search(new, at):
            end = entry.end() + int(entry[2])
            if end > len(new):
                break
            text = new[entry.end() : end].decode(errors="replace")
            self._messages.append(Message.parse(text, sent=entry[1] == b"sent"))
            at = end
        self._read += at

    def complaint(self) -> str:
        """What sipp said of its own accord, for a failing test."""
        errors = self._errors.read_text(errors="replace")[-2000:] if self._errors.exists() else ""
        return f"{self.child.tail()}\n{errors}".strip()

    def close(self) -> None:
        """End sipp, after reading the rest of its trace, and remove its files."""
        self.child.stop()
        self.messages()
        shutil.rmtree(self.folder, ignore_errors=True)
