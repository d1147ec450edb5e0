"""The minutes that are printed are those that `benchmarks.minutes` computes, and no lesson takes more than an hour."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks.minutes import FOLDERS, ROOT, SECONDS, Effort, reading, seconds

HOUR = 60
LESSONS = sorted(ROOT.glob(FOLDERS["lesson"]))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_a_lesson_prints_its_minutes_and_takes_an_hour_at_most(path: Path) -> None:
    effort = Effort.of(path)
    assert effort.core <= HOUR
    assert re.findall(r"\*\*Time:\*\* (\d+) minutes", path.read_text(encoding="utf-8")) == [str(effort.printed)]


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_readme_prints_the_same_minutes(path: Path) -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert re.findall(rf"\(notebooks/{path.name}\) \| (\d+) \|", readme) == [str(Effort.of(path).printed)]


def test_an_action_takes_its_seconds_beside_the_reading() -> None:
    asked = {"cell_type": "markdown", "id": "a", "metadata": {}, "source": ["**Predict:** how many?"]}
    assert seconds(asked) == SECONDS["predict"] + reading("Predict: how many?")


def test_a_tool_counts_where_the_learner_works_in_it() -> None:
    own, shown = (
        {"cell_type": "code", "id": "a", "metadata": {}, "source": [f"lens = ScopeLens(ledger={ledger})"]}
        for ledger in ("ledger", "Ledger()")
    )
    assert seconds(own) - seconds(shown) == 180


def test_a_cell_may_state_its_own_minutes() -> None:
    cell = {
        "cell_type": "code",
        "id": "a",
        "metadata": {"tags": ["minutes-1"]},
        "source": ["VerdictDesk(ledger=ledger)"],
    }
    assert seconds(cell) == SECONDS["run a cell and look at what it shows"] + 60
