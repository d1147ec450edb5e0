"""What the sensitivity analysis promises: it says which ratings the word hangs on, and misses none."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.ledger.judgement import BEARINGS, DIRECTNESS, Judgement
from course.weighing import origin_of, weigh_all, word
from course.weighing.sensitivity import (
    PRIORS,
    Change,
    leave_one_origin_out,
    one_reliability_step,
    prior_sweep,
    prior_that_crosses,
    smallest_changes,
)
from tests.strategies import boards

SCALES = {
    "reliability": "ABCDE",
    "credibility": (1, 2, 3, 4, 5),
    "directness": tuple(DIRECTNESS),
    "bearing": BEARINGS,
    "interest": ("against interest", "no stake", "serves interest"),
}

priors = st.sampled_from((0.01, 0.2, 0.45, 0.5, 0.8, 0.99))


def word_of(board: list[Judgement], prior: float) -> str:
    return word(weigh_all(board, "F", prior).posterior.point)


def every_single_change(board: list[Judgement]) -> Iterator[tuple[str, int, list[Judgement]]]:
    """Each way to change one thing: what it is called, how many steps it is, and the board it leads to."""
    for origin in {origin_of(judgement) for judgement in board if judgement.complete and judgement.side}:
        yield f"without {origin}", 1, [judgement for judgement in board if origin_of(judgement) != origin]
    for place, judgement in enumerate(board):
        for name, scale in SCALES.items():
            now = getattr(judgement, name)
            for value in scale:
                if judgement.complete and now is not None and value != now:
                    distance = abs(scale.index(value) - scale.index(now)) if now in scale else 1
                    parts: dict[str, Any] = {name: value}
                    changed = replace(judgement, **parts)
                    label = f"{judgement.statement} {name} {now} → {value}"
                    yield label, distance, [*board[:place], changed, *board[place + 1 :]]


@settings(max_examples=60, deadline=None)
@given(boards(complete=False, max_size=6), priors, st.booleans())
def test_the_smallest_changes_are_those_that_trying_everything_finds(
    board: list[Judgement], prior: float, one_origin: bool
) -> None:
    if one_origin:
        board = [replace(judgement, origin="one briefing") for judgement in board]
    here = word_of(board, prior)
    crossing = [
        (label, distance) for label, distance, changed in every_single_change(board) if word_of(changed, prior) != here
    ]
    fewest = min((distance for _, distance in crossing), default=0)
    expected = {label.casefold() for label, distance in crossing if distance == fewest}
    changes = smallest_changes(board, "F", prior)
    assert {change.label.casefold() for change in changes} == expected
    assert all(change.steps == fewest and change.crosses and change.word != here for change in changes)


@settings(deadline=None)
@given(boards(), priors)
def test_the_change_that_reaches_furthest_comes_first(board: list[Judgement], prior: float) -> None:
    total = weigh_all(board, "F", prior).total.point
    for changes in (smallest_changes(board, "F", prior), leave_one_origin_out(board, "F", prior)):
        reach = [abs(change.total.point - total) for change in changes]
        assert reach == sorted(reach, reverse=True)


def test_a_repeat_can_change_a_mind_only_by_taking_over_from_its_origins_strongest() -> None:
    """Any of the four crosses when it gets stronger; none does by getting weaker, as three still stand."""
    repeats = [
        Judgement(f"S{n}", "F", "A", 1, "direct", "moderate against", origin="the briefing") for n in range(10, 14)
    ]
    labels = {change.label for change in smallest_changes(repeats, "F")}
    assert {f"S{n} bearing moderate against → strong against" for n in range(10, 14)} <= labels
    assert "S10 bearing moderate against → slight against" not in labels


def test_a_verdict_that_no_single_change_can_move_says_so() -> None:
    heap = [Judgement(f"S{n}", "F", "A", 1, "direct", "decisive against", origin=f"origin {n}") for n in range(10, 20)]
    assert smallest_changes(heap, "F") == ()


def test_finding_out_about_an_unknown_source_is_one_step_whatever_is_found() -> None:
    unknown = Judgement("S09", "F", "F", 1, "direct", "strong against")
    changes = [change for change in smallest_changes([unknown], "F") if "reliability" in change.label]
    assert [(change.label, change.steps) for change in changes] == [
        ("S09 reliability F → A", 1),
        ("S09 reliability F → B", 1),
    ]


@settings(deadline=None)
@given(boards(complete=False), priors)
def test_leaving_an_origin_out_is_weighing_without_it(board: list[Judgement], prior: float) -> None:
    base = weigh_all(board, "F", prior)
    changes = {change.label.casefold(): change for change in leave_one_origin_out(board, "F", prior)}
    assert set(changes) == {
        f"without {origin_of(rated)}" for rated in board if rated.statement in base.weights and rated.side
    }
    for judgement in board:
        if judgement.statement in base.weights and judgement.side:
            rest = weigh_all([kept for kept in board if origin_of(kept) != origin_of(judgement)], "F", prior)
            change = changes[f"without {origin_of(judgement)}"]
            assert (change.total, change.posterior) == (rest.total, rest.posterior)
            assert change.crosses == (word(rest.posterior.point) != word(base.posterior.point))


def test_an_origin_spelled_with_other_capitals_is_left_out_as_a_whole() -> None:
    for_it = Judgement("S10", "F", "B", 2, "direct", "slight for", origin="abrahms")
    against = Judgement("S09", "F", "B", 2, "direct", "strong against", origin=" Abrahms ")
    (change,) = leave_one_origin_out([for_it, against], "F")
    assert change.total.point == 0


@settings(deadline=None)
@given(boards(complete=False))
def test_one_step_of_reliability_goes_up_and_down_and_never_off_the_scale(board: list[Judgement]) -> None:
    labels = {change.label for change in one_reliability_step(board, "F")}
    expected = {
        f"{judgement.statement} reliability {grade} → {other}"
        for judgement in board
        if judgement.complete and judgement.side
        for grade, other in (*pairwise("ABCDE"), *pairwise("EDCBA"))
        if grade == judgement.reliability
    }
    assert labels == expected


@settings(deadline=None)
@given(boards())
def test_another_order_of_judgements_asks_for_the_same_changes(board: list[Judgement]) -> None:
    backwards = board[::-1]
    for analysis in (smallest_changes, leave_one_origin_out):
        assert analysis(board, "F") == analysis(backwards, "F")
    assert set(one_reliability_step(board, "F")) == set(one_reliability_step(backwards, "F"))


@settings(deadline=None)
@given(boards(), priors)
def test_a_better_start_never_ends_lower_and_leaves_the_evidence_alone(board: list[Judgement], prior: float) -> None:
    sweep = prior_sweep(board, "F", prior)
    assert len(sweep) == len(PRIORS)
    assert {change.total for change in sweep} == {weigh_all(board, "F", prior).total}
    for bound in ("low", "point", "high"):
        chances = [getattr(change.posterior, bound) for change in sweep]
        assert chances == sorted(chances)


def test_a_start_is_named_as_it_is_given() -> None:
    labels = [change.label for change in prior_sweep([], "F", priors=(0.005, 0.07, 0.5))]
    assert labels == ["starting from 0.5 %", "starting from 7 %", "starting from 50 %"]


@settings(deadline=None)
@given(boards(), st.floats(0.01, 0.99))
def test_no_nearer_start_crosses_than_the_one_named(board: list[Judgement], prior: float) -> None:
    weighing = weigh_all(board, "F", prior)
    here = word_of(board, prior)
    crossing = [p / 100 for p in range(1, 100) if word_of(board, p / 100) != here]
    named = prior_that_crosses(weighing)
    if named is None:
        assert not crossing
    else:
        assert named in crossing
        assert abs(named - prior) == pytest.approx(min(abs(start - prior) for start in crossing))


def test_of_two_starts_as_near_the_lower_one_is_named() -> None:
    """From even, with no evidence, 44 % and 56 % are as near; a float's last digit has no say."""
    assert prior_that_crosses(weigh_all([], "F", 0.5)) == 0.44
    assert prior_that_crosses(weigh_all([], "F", 0.49)) == 0.44
    assert prior_that_crosses(weigh_all([], "F", 0.51)) == 0.56


def test_a_heap_that_no_start_can_outweigh_has_none() -> None:
    heap = [Judgement(f"S{n}", "F", "A", 1, "direct", "decisive against", origin=f"origin {n}") for n in range(10, 20)]
    assert prior_that_crosses(weigh_all(heap, "F")) is None


@pytest.mark.parametrize(
    "analysis", [smallest_changes, leave_one_origin_out, one_reliability_step], ids=lambda analysis: analysis.__name__
)
def test_an_empty_board_has_nothing_to_change(analysis: object) -> None:
    assert callable(analysis)
    assert analysis([], "F") == ()


def test_what_does_not_bear_can_only_start_to_bear() -> None:
    unrated = Judgement("S04", "F", bearing="none")
    rated = Judgement("S06", "F", "B", 2, "direct", "none")
    changes: tuple[Change, ...] = smallest_changes([unrated, rated], "F")
    assert {change.label for change in changes} <= {
        f"S06 bearing none → {bearing}" for bearing in BEARINGS if bearing != "none"
    }
    assert changes
    assert one_reliability_step([unrated, rated], "F") == ()


def test_a_board_that_no_single_change_can_move_is_searched_to_the_end_and_says_so() -> None:
    heap = [Judgement(f"S{n}", "F", "A", 1, "direct", "decisive against", origin=f"origin {n}") for n in range(37)]
    assert smallest_changes(heap, "F") == ()
