"""UPSTREAM.md and tests/upstream/ list the same uses of other projects."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
UNTESTED = {"F8", "F9"}
"""Entries whose heading says why no test of ours can notice a change."""


def test_every_entry_has_its_test_and_every_test_its_entry() -> None:
    listed = re.findall(r"^### ([A-Z]\d+) ", (ROOT / "UPSTREAM.md").read_text(encoding="utf-8"), re.MULTILINE)
    tested = {
        entry
        for path in (ROOT / "tests/upstream").glob("test_*.py")
        for entry in re.findall(r'"([A-Z]\d+)"', path.read_text(encoding="utf-8"))
    }
    assert len(listed) == len(set(listed))
    assert set(listed) - UNTESTED == tested
