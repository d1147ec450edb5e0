"""The pictures of the tools are small, made by a script, and described wherever a page shows them."""

from __future__ import annotations

import re

import pytest

from tests.screenshots import FOLDER, LARGEST_BYTES, PICTURES, Picture

ROOT = FOLDER.parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]


def test_every_picture_is_one_that_the_script_makes() -> None:
    assert sorted(path.name for path in FOLDER.iterdir()) == sorted(picture.path.name for picture in PICTURES)


@pytest.mark.parametrize("picture", PICTURES, ids=lambda picture: picture.name)
def test_it_is_small_and_shown_with_its_own_description(picture: Picture) -> None:
    assert picture.path.read_bytes().startswith(b"\x89PNG")
    assert picture.path.stat().st_size <= LARGEST_BYTES
    for page in PAGES:
        for alternative in re.findall(rf"!\[([^\]]*)\]\([^)]*{picture.path.name}\)", page.read_text(encoding="utf-8")):
            assert " ".join(alternative.split()) == picture.description, page.name
