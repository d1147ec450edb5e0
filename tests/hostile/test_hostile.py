"""Every attack is contained or noticed, and the honest neighbours before and after each get what they have earned."""

from __future__ import annotations

import pytest

from tests.hostile.__main__ import table
from tests.hostile.classroom import FULL, Case, Traces, grade_class, load_attacks

pytestmark = pytest.mark.nbgrader


@pytest.fixture(scope="module")
def graded(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Case], Traces]:
    """All attacks, graded in one class."""
    return grade_class(tmp_path_factory.mktemp("hostile"), load_attacks())


def test_every_attack_comes_out_as_promised(
    graded: tuple[list[Case], Traces], capsys: pytest.CaptureFixture[str]
) -> None:
    cases, traces = graded
    with capsys.disabled():
        print(f"\n{table(cases, traces)}")  # noqa: T201
    assert [case.name for case in cases if not case.kept] == []
    assert len(cases) >= 40


def test_nothing_that_must_not_be_reached_is_reached(graded: tuple[list[Case], Traces]) -> None:
    assert {case.name: case.breaches for case in graded[0] if case.breaches} == {}


def test_an_honest_neighbour_gets_exactly_what_it_has_earned(graded: tuple[list[Case], Traces]) -> None:
    for case in graded[0]:
        for neighbour in case.neighbours:
            assert (neighbour.result, neighbour.score, neighbour.max_score) == ("graded", FULL, FULL), case.name


def test_what_has_failed_has_no_points_from_the_machine_and_a_reason(
    graded: tuple[list[Case], Traces],
) -> None:
    for case in graded[0]:
        if case.outcome.result == "failed":
            assert set(case.scores.values()) <= {None}, case.name
            assert case.outcome.reason, case.name


def test_nothing_is_left_running_or_lying_about_and_the_gradebook_is_as_nbgrader_made_it(
    graded: tuple[list[Case], Traces],
) -> None:
    assert graded[1] == Traces((), (), ())
