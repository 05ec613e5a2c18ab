"""Commits are heard of at once."""

from __future__ import annotations

import asyncio
from pathlib import Path

from cxtui.edge.noticing import Notice


async def test_what_is_written_in_the_folder_is_heard_and_nothing_after_the_end(tmp_path: Path) -> None:
    heard = asyncio.Event()
    notice = Notice(tmp_path, heard.set)
    (tmp_path / "cxtui.db-wal").write_bytes(b"x")
    await asyncio.wait_for(heard.wait(), 5)
    heard.clear()
    for _ in range(200):
        (tmp_path / "cxtui.db-wal").write_bytes(b"y")
    await asyncio.wait_for(heard.wait(), 5)
    notice.stop()
    await asyncio.sleep(0.05)
    heard.clear()
    (tmp_path / "cxtui.db-wal").write_bytes(b"z")
    await asyncio.sleep(0.05)
    assert not heard.is_set()


async def test_a_folder_that_is_gone_is_no_trouble(tmp_path: Path) -> None:
    Notice(tmp_path / "none", lambda: None).stop()
