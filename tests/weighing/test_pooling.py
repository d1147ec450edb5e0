"""What pooling a class promises: the middle, the spread and how far the learners agree."""

from __future__ import annotations

import random
from statistics import median

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.ledger.judgement import Judgement
from course.weighing import chance, weigh_all, word
from course.weighing.pooling import SCALES, agreement, pool
from tests.strategies import boards

classes = st.lists(boards(max_size=5), min_size=1, max_size=6).filter(any)


def named(lists: list[list[Judgement]]) -> dict[str, list[Judgement]]:
    return {f"learner {place}": judgements for place, judgements in enumerate(lists)}


def moved(strength: str) -> list[Judgement]:
    return [Judgement("S09", "F", "A", 1, "direct", strength, origin="Abrahms", interest="against interest")]


def graded(*letters: str) -> list[Judgement]:
    """One learner's letters for S01, S02, …; a dot where there is none."""
    return [
        Judgement(f"S{place:02d}", "F", letter, 3, "direct", "slight for")
        for place, letter in enumerate(letters, start=1)
        if letter != "."
    ]


# --- the pooled answer -------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(classes, st.floats(0.05, 0.95))
def test_the_class_stands_where_its_middle_learner_stands(lists: list[list[Judgement]], prior: float) -> None:
    pooled = pool(named(lists), "F", prior)
    odds = [weigh_all(board, "F", prior).odds_db for board in lists if board]
    assert pooled.posterior == pytest.approx(chance(median(odds)))
    assert pooled.learners == len(odds) == sum(pooled.words.values())
    assert pooled.word == word(pooled.posterior)
    assert min(map(chance, odds)) <= pooled.spread.low <= pooled.spread.point == pooled.posterior
    assert pooled.posterior <= pooled.spread.high <= max(map(chance, odds))


@settings(deadline=None)
@given(classes, st.randoms(use_true_random=False))
def test_who_the_learners_are_and_in_what_order_makes_no_difference(
    lists: list[list[Judgement]], dice: random.Random
) -> None:
    first = pool(named(lists), "F")
    other = pool({f"someone {place}": board for place, board in enumerate(dice.sample(lists, len(lists)))}, "F")
    assert (first.posterior, first.spread, first.words) == (other.posterior, other.spread, other.words)
    for scale in SCALES:
        assert first.agreement[scale] == pytest.approx(other.agreement[scale])


def test_the_spread_is_the_quartiles_of_the_class() -> None:
    strengths = ["decisive against", "strong against", "none", "moderate for", "decisive for"]
    pooled = pool(named([moved(strength) for strength in strengths]), "F")
    second, fourth = (weigh_all(moved(strengths[place]), "F").posterior.point for place in (1, 3))
    assert (pooled.spread.low, pooled.spread.point, pooled.spread.high) == pytest.approx((second, 0.5, fourth))
    assert list(pooled.words) == [
        "almost no chance",
        "very unlikely",
        "roughly even chance",
        "likely",
        "almost certain",
    ]


def test_one_extreme_learner_does_not_move_the_class_far() -> None:
    calm = [moved("slight against")] * 4
    shouting = [Judgement(f"S{n}", "F", "A", 1, "direct", "decisive for", origin=f"o{n}") for n in range(10, 20)]
    assert pool(named([*calm, shouting]), "F").posterior == pool(named(calm), "F").posterior


def test_a_class_of_one_has_its_answer_no_spread_and_no_agreement() -> None:
    pooled = pool({"Ada": moved("strong against")}, "F")
    assert pooled.spread.low == pooled.spread.high == pooled.posterior
    assert set(pooled.agreement.values()) == {None}


def test_who_has_not_rated_the_reading_is_not_counted() -> None:
    started = [Judgement("S09", "F", "B")]
    other = [Judgement("S09", "T", "B", 2, "direct", "strong for")]
    assert pool({"Ada": moved("strong against"), "Ben": started, "Cy": other, "Di": []}, "F").learners == 1
    with pytest.raises(ValueError, match="nobody has a complete judgement of reading F yet"):
        pool({"Ben": started, "Cy": other}, "F")


# --- agreement ---------------------------------------------------------------------------------------------------


def test_agreement_is_the_published_value_for_krippendorffs_own_example() -> None:
    """Four observers, twelve units, gaps: ordinal α = 0.815 (Krippendorff 2011, Computing Krippendorff's Alpha)."""
    observers = {
        "A": graded(*"ABCCBADAB..."),
        "B": graded(*"ABCCBBDABE.C"),
        "C": graded(*".CCCBCDBBEA."),
        "D": graded(*"ABCCBDDABEA."),
    }
    assert agreement(observers, "reliability") == pytest.approx(0.815, abs=0.0005)


def test_agreement_by_hand() -> None:
    """Two learners, three items, one apart by one step: 1 − (6 − 1) · 1 / (3 · 3) = 4/9."""
    assert agreement({"Ada": graded(*"ABA"), "Ben": graded(*"ABB")}, "reliability") == pytest.approx(4 / 9)


def test_a_grade_further_apart_disagrees_more() -> None:
    near = agreement({"Ada": graded(*"ABCDE"), "Ben": graded(*"ABCDD")}, "reliability")
    far = agreement({"Ada": graded(*"ABCDE"), "Ben": graded(*"ABCDA")}, "reliability")
    assert near is not None
    assert far is not None
    assert far < near < 1


def test_learners_who_always_differ_agree_less_than_chance() -> None:
    value = agreement({"Ada": graded(*"AEAE"), "Ben": graded(*"EAEA")}, "reliability")
    assert value is not None
    assert value < 0


@pytest.mark.parametrize(
    "by_learner",
    [
        {},
        {"Ada": graded(*"ABC")},
        {"Ada": graded(*"ABC"), "Ben": []},
        {"Ada": graded(*"AB.."), "Ben": graded(*"..AB")},
        {"Ada": graded(*"AAA"), "Ben": graded(*"AAA")},
        {"Ada": graded(*"FFF"), "Ben": graded(*"ABC")},
    ],
    ids=["nobody", "one", "one and an idle one", "nothing in common", "one grade throughout", "only F in common"],
)
def test_agreement_has_no_value_where_there_is_nothing_to_compare(by_learner: dict[str, list[Judgement]]) -> None:
    assert agreement(by_learner, "reliability") is None


def test_f_and_6_are_not_grades_and_count_as_not_rated() -> None:
    with_f = agreement({"Ada": graded(*"ABCF"), "Ben": graded(*"ABBE"), "Cy": graded(*"AB.D")}, "reliability")
    with_gap = agreement({"Ada": graded(*"ABC."), "Ben": graded(*"ABBE"), "Cy": graded(*"AB.D")}, "reliability")
    assert with_f == with_gap

    def numbered(*numbers: int) -> list[Judgement]:
        return [Judgement(f"S{n:02d}", "F", credibility=number) for n, number in enumerate(numbers)]

    unknown = agreement({"Ada": numbered(1, 2, 3, 6), "Ben": numbered(1, 2, 2, 5)}, "credibility")
    assert unknown == agreement({"Ada": numbered(1, 2, 3), "Ben": numbered(1, 2, 2)}, "credibility")


def test_a_learner_with_nothing_in_common_changes_no_agreement() -> None:
    two = {"Ada": graded(*"ABCD."), "Ben": graded(*"ABBE.")}
    assert agreement({**two, "Cy": graded(*"....A")}, "reliability") == agreement(two, "reliability")


@settings(deadline=None)
@given(boards(max_size=5))
def test_learners_who_rate_alike_agree_in_full_or_have_no_value(board: list[Judgement]) -> None:
    for scale in SCALES:
        assert agreement({"Ada": board, "Ben": board}, scale) in (None, pytest.approx(1.0))


def test_a_scale_that_has_no_order_is_refused() -> None:
    with pytest.raises(ValueError, match="'origin' is not a scale with an order"):
        agreement({}, "origin")
