"""A voicemail store for each test: two mailboxes as FreeSWITCH leaves them."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxtui.voicemail.freeswitch import FreeSwitchStore
from cxtui.voicemail.sample import make_sample
from tests.voicemail.mailbox import DOMAIN, NOW, OTHER, USER


@pytest.fixture
def store(tmp_path: Path) -> FreeSwitchStore:
    """The sample store."""
    return make_sample(tmp_path / "freeswitch", DOMAIN, [USER, OTHER], NOW)
