"""The course's own exercises, with every answer blank, and attacked with each payload that forges marks: no points."""

from __future__ import annotations

import importlib
import pkgutil
from pathlib import Path

import pytest

from tests.answers import solution
from tests.answers.trying import ASSIGNMENTS
from tests.gradebook import ROOT, Course, grade_class
from tests.hostile import attacks
from tests.hostile.classroom import CONFIGURATION

pytestmark = pytest.mark.nbgrader

FORGE = "forge_"
"""How the names of those attacks begin."""


def payloads() -> dict[str, str]:
    """Return the code of each attack that forges marks, by name."""
    names = [info.name for info in pkgutil.iter_modules(attacks.__path__) if info.name.startswith(FORGE)]
    return {name: importlib.import_module(f"{attacks.__name__}.{name}").PAYLOAD for name in names}


def first_answer(assignment: str) -> str:
    """Return the first answer of an assignment that holds code."""
    return next(
        name
        for name, cell in solution(assignment).items()
        if cell["cell_type"] == "code" and cell["metadata"]["nbgrader"]["solution"]
    )


def test_no_payload_earns_a_point_in_an_exercise(tmp_path: Path) -> None:
    assert len(payloads()) >= 20
    for assignment in ASSIGNMENTS:
        course = Course(tmp_path / "course", ROOT / "solutions" / assignment)
        for name, payload in payloads().items():
            course.hand_in(name, {first_answer(assignment): payload})
    with (tmp_path / "course" / "nbgrader_config.py").open("a") as file:
        file.write(CONFIGURATION)
    done = grade_class(tmp_path / "course", code=None)["submissions"]
    assert len(done) == len(ASSIGNMENTS) * len(payloads())
    earned = {f"{entry['assignment']}, {entry['student']}": entry.get("score", 0) for entry in done}
    assert {name: score for name, score in earned.items() if score} == {}
