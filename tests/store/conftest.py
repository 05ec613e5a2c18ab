"""What several tests of the store start with."""

from __future__ import annotations

from pathlib import Path

import pytest

from cxtui.models.company import Company
from tests.store.image import Image


@pytest.fixture(scope="module")
def image(template: Path) -> Image:
    image = Image(template)
    link = image.open()
    link.execute("DELETE FROM company")
    for key, name in ((1, "One"), (2, "Two")):
        company = Company(id=key, name=name)
        names = Company.__dataclass_fields__
        statement = f"INSERT INTO company({', '.join(names)}) VALUES ({', '.join('?' * len(names))})"
        link.execute(statement, [getattr(company, name) for name in names])
    image.content = link.serialize()
    link.close()
    return image
