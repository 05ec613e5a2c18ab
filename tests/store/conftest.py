"""What several tests of the store start with."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.store.image import Image


@pytest.fixture(scope="module")
def image(template: Path) -> Image:
    image = Image(template)
    link = image.open()
    link.execute("DELETE FROM company")
    link.execute("INSERT INTO company VALUES (1, 1, 'One', 'customer', 'active', 0, 0, 0, 0, '')")
    link.execute("INSERT INTO company VALUES (2, 1, 'Two', 'customer', 'active', 0, 0, 0, 0, '')")
    image.content = link.serialize()
    link.close()
    return image
