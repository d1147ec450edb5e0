"""What the weighing model promises, whatever a learner rates."""

from __future__ import annotations

import random
import subprocess
import sys
from dataclasses import replace
from itertools import pairwise
from math import copysign, inf, isclose, nextafter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.case import Case
from course.ledger.judgement import BEARINGS, CREDIBILITY, INTERESTS, RELIABILITY, Judgement
from course.weighing import (
    DIRECTNESS_SHARE,
    NOTHING,
    STRENGTH_DB,
    WORDS,
    Interval,
    chance,
    chance_informative,
    confidence,
    decibans,
    refutation_chance,
    weigh,
    weigh_all,
    weight_through_doubt,
    word,
)
from tests.strategies import boards, judgements

LETTERS = "ABCDE"


def close(first: Interval, other: Interval) -> bool:
    return all(
        isclose(getattr(first, bound), getattr(other, bound), abs_tol=1e-9) for bound in ("low", "point", "high")
    )


def mirrored(judgement: Judgement) -> Judgement:
    return replace(judgement, bearing=BEARINGS[len(BEARINGS) - 1 - BEARINGS.index(str(judgement.bearing))])


# --- one judgement -----------------------------------------------------------------------------------------------


@given(judgements())
def test_doubt_never_turns_evidence_round_nor_makes_it_heavier(judgement: Judgement) -> None:
    weight = weigh(judgement)
    full = STRENGTH_DB[judgement.strength] if judgement.strength else 0.0
    if judgement.side == "against":
        weight = -weight
    assert 0 <= weight.low <= weight.point <= weight.high <= full + 1e-9


@given(st.sampled_from(sorted(STRENGTH_DB.values())), st.floats(0.01, 1))
def test_a_source_that_knows_nothing_weighs_nothing_and_one_that_surely_knows_weighs_in_full(
    strength: float, t: float
) -> None:
    assert weight_through_doubt(0.0, strength, t) == 0.0
    assert isclose(weight_through_doubt(1.0, strength, t), strength)


@pytest.mark.parametrize(
    ("grades", "interest", "left"),
    [
        *((("A", 1), *row) for row in (("no stake", 5.7), ("serves interest", 9.7), ("against interest", 2.0))),
        *((("B", 2), *row) for row in (("no stake", 18.6), ("serves interest", 26.6), ("against interest", 5.9))),
        *((("C", 3), *row) for row in (("no stake", 32.4), ("serves interest", 39.2), ("against interest", 13.7))),
        *((("D", 4), *row) for row in (("no stake", 42.0), ("serves interest", 46.0), ("against interest", 26.2))),
        *((("E", 5), *row) for row in (("no stake", 48.8), ("serves interest", 49.4), ("against interest", 44.8))),
        (("F", 6), "unknown", 37.6),
    ],
)
def test_the_weights_are_those_of_the_design_to_the_tenth_of_a_deciban_that_is_shown(
    grades: tuple[str, int], interest: str, left: float
) -> None:
    """What is left of a reading at even odds, in percent, after one direct and decisive statement against it."""
    weight = weigh(Judgement("S09", "F", *grades, "direct", "decisive against", interest=interest))
    assert round(100 * chance(round(weight.point, 1)), 1) == left


def test_what_cannot_be_judged_leaves_anything_from_almost_nothing_to_an_even_chance() -> None:
    left = weigh_all([Judgement("S09", "F", "F", 6, "direct", "decisive against")], "F").posterior
    assert (round(100 * left.low), round(100 * left.high)) == (1, 50)


@given(st.sampled_from("ABCDEF"), st.sampled_from(tuple(CREDIBILITY)))
def test_a_decisive_statement_without_a_stake_stays_within_a_point_of_jeffreys_rule(letter: str, number: int) -> None:
    """Jeffrey (1965): of an even chance, (1 − q) / 2 is left."""
    q = chance_informative(letter, number, "direct").point
    left = weigh_all([Judgement("S09", "A", letter, number, "direct", "decisive against", interest="no stake")], "A")
    assert abs(left.posterior.point - (1 - q) / 2) < 0.01


@given(judgements())
def test_who_would_say_so_anyway_never_weighs_more(judgement: Judgement) -> None:
    order = ("against interest", "no stake", "serves interest")
    weights = [weigh(replace(judgement, interest=interest)) for interest in order]
    sizes = [-weight if judgement.side == "against" else weight for weight in weights]
    for heavier, lighter in pairwise(sizes):
        assert heavier.low >= lighter.low
        assert heavier.point >= lighter.point
        assert heavier.high >= lighter.high
    unknown = weigh(replace(judgement, interest="unknown"))
    assert unknown.low == min(weight.low for weight in weights)
    assert unknown.high == max(weight.high for weight in weights)


@given(st.lists(st.sampled_from(tuple(INTERESTS)), min_size=1, max_size=40), st.sampled_from(("for", "against")))
def test_no_number_of_unreliable_sources_moves_an_even_chance_by_more_than_a_word(
    interests: list[str], side: str
) -> None:
    board = [
        Judgement(f"S{n}", "F", "E", 5, "direct", f"decisive {side}", f"origin {n}", interest=interest)
        for n, interest in enumerate(interests)
    ]
    weighing = weigh_all(board, "F")
    assert word(weighing.posterior.point) in ("unlikely", "roughly even chance", "likely")
    assert confidence(weighing, board).level == "low"


@given(judgements())
def test_swapping_for_and_against_mirrors_the_weight(judgement: Judgement) -> None:
    assert close(weigh(mirrored(judgement)), -weigh(judgement))


@given(judgements(), st.integers(0, 3))
def test_a_better_source_never_weighs_less(judgement: Judgement, place: int) -> None:
    better = weigh(replace(judgement, reliability=LETTERS[place]))
    worse = weigh(replace(judgement, reliability=LETTERS[place + 1]))
    if judgement.side == "against":
        better, worse = -better, -worse
    assert better.low >= worse.low
    assert better.point >= worse.point
    assert better.high >= worse.high


@given(judgements())
def test_unknown_is_a_range_that_holds_every_known_grade(judgement: Judgement) -> None:
    unknown = weigh(replace(judgement, reliability="F"))
    for letter in LETTERS:
        known = weigh(replace(judgement, reliability=letter))
        assert unknown.low <= known.low
        assert known.high <= unknown.high


def test_unknown_is_not_the_worst_grade() -> None:
    unknown = chance_informative("F", 2, "direct")
    assert unknown.point > chance_informative("E", 2, "direct").point
    assert unknown.low == 0.0


def test_a_judgement_that_is_not_complete_is_refused_and_the_message_says_what_is_missing() -> None:
    with pytest.raises(ValueError, match=r"S09 is not weighed yet: rate its credibility, directness first"):
        weigh(Judgement("S09", "F", reliability="B", bearing="strong against"))


# --- many together -----------------------------------------------------------------------------------------------


@given(boards(complete=False), st.randoms(use_true_random=False))
def test_the_order_of_judgements_does_not_matter(board: list[Judgement], dice: random.Random) -> None:
    shuffled = dice.sample(board, len(board))
    assert weigh_all(shuffled, "F") == weigh_all(board, "F")


@given(boards(), judgements(statement="S99"))
def test_a_repeat_adds_nothing_beyond_its_origins_strongest(board: list[Judgement], repeat: Judgement) -> None:
    """Whatever is added from an origin that already stands, that origin ends at its own strongest item."""
    board = [replace(judgement, origin="one briefing") for judgement in board]
    repeat = replace(repeat, origin="One  Briefing")
    total = weigh_all([*board, repeat], "F").total
    for_it = [weigh(judgement) for judgement in [*board, repeat] if judgement.side == "for"]
    against = [weigh(judgement) for judgement in [*board, repeat] if judgement.side == "against"]
    assert isclose(
        total.point,
        max((weight.point for weight in for_it), default=0) + min((weight.point for weight in against), default=0),
        abs_tol=1e-9,
    )


@given(boards())
def test_a_weaker_repeat_changes_nothing(board: list[Judgement]) -> None:
    repeats = [
        replace(judgement, statement=f"R{judgement.statement}", origin=judgement.origin or judgement.statement)
        for judgement in board
    ]
    assert weigh_all([*board, *repeats], "F").total == weigh_all(board, "F").total


@given(boards(), st.floats(0.01, 0.99))
def test_swapping_for_and_against_mirrors_the_total_and_the_posterior(board: list[Judgement], prior: float) -> None:
    there = weigh_all(board, "F", prior)
    back = weigh_all([mirrored(judgement) for judgement in board], "F", 1 - prior)
    assert close(back.total, -there.total)
    assert isclose(back.summed.point, 1 - there.summed.point, abs_tol=1e-9)


@given(boards(), st.data())
def test_a_better_source_never_lowers_a_total_it_speaks_for(board: list[Judgement], data: st.DataObject) -> None:
    """Bound by bound, also when the better item takes over as its origin's strongest."""
    known = [judgement for judgement in board if judgement.reliability in tuple("BCDE") and judgement.side == "for"]
    if not known:
        return
    chosen = data.draw(st.sampled_from(known))
    letter = LETTERS[LETTERS.index(str(chosen.reliability)) - 1]
    raised = [replace(judgement, reliability=letter) if judgement is chosen else judgement for judgement in board]
    before, after = weigh_all(board, "F").total, weigh_all(raised, "F").total
    assert after.low >= before.low - 1e-9
    assert after.point >= before.point - 1e-9
    assert after.high >= before.high - 1e-9


@given(boards(complete=False), st.floats(0.001, 0.999))
def test_every_interval_holds_its_point_and_every_chance_lies_between_nothing_and_certainty(
    board: list[Judgement], prior: float
) -> None:
    weighing = weigh_all(board, "F", prior)
    intervals = [weighing.total, weighing.summed, weighing.posterior, weighing.refutation, *weighing.weights.values()]
    assert all(interval is not None and interval.low <= interval.point <= interval.high for interval in intervals)
    assert 0 <= weighing.posterior.low <= weighing.posterior.high <= 1
    assert len(weighing.weights) + len(weighing.incomplete) == len(board)


def test_other_readings_and_unfinished_judgements_carry_no_weight() -> None:
    other = Judgement("S12", "T", "B", 2, "direct", "strong against")
    started = Judgement("S09", "F", reliability="B", bearing="strong against")
    weighing = weigh_all([other, started], "F")
    assert weighing.total == NOTHING
    assert weighing.incomplete == ("S09",)


def test_one_origin_may_speak_on_both_sides() -> None:
    for_it = Judgement("S10", "F", "B", 2, "indirect", "slight for", origin="Abrahms")
    against = Judgement("S09", "F", "B", 2, "direct", "strong against", origin="Abrahms")
    weighing = weigh_all([for_it, against], "F")
    assert weighing.origins == 1
    assert [contribution.side for contribution in weighing.contributions] == ["against", "for"]
    assert close(weighing.total, weigh(for_it) + weigh(against))


def test_the_same_statement_twice_is_refused() -> None:
    judgement = Judgement("S09", "F", "B", 2, "direct", "strong against")
    with pytest.raises(ValueError, match="S09 is judged more than once"):
        weigh_all([judgement, judgement], "F")


@pytest.mark.parametrize("prior", [0.0, 1.0, -0.5, 2.0])
def test_a_prior_that_no_evidence_could_move_is_refused(prior: float) -> None:
    with pytest.raises(ValueError, match="above 0 and below 1"):
        weigh_all([], "F", prior)


def test_a_reading_that_does_not_exist_is_refused_and_not_weighed_as_empty() -> None:
    with pytest.raises(ValueError, match=r"There is no reading 'f'\. Use one of: T, U, F, A, W"):
        weigh_all([], "f")


def test_what_does_not_bear_weighs_nothing_however_unknown_its_source() -> None:
    """Unknown is a range of trust in the item; where the item would move nobody, there is nothing to be unsure of."""
    board = [Judgement("S04", "F", "F", 6, "direct", "none")]
    weighing = weigh_all(board, "F")
    assert weighing.total == NOTHING
    assert weighing.contributions == ()
    assert "cannot be judged" not in " ".join(confidence(weighing, board).reasons)


def test_nothing_against_is_nothing_and_not_minus_nothing() -> None:
    """Unknown leaves a bound at 0, and −0.0 dB would puzzle a learner."""
    weight = weigh(Judgement("S09", "F", "F", 6, "direct", "strong against"))
    assert copysign(1, weight.high) == 1


def test_a_heap_too_heavy_for_a_float_still_has_a_posterior() -> None:
    heap = [Judgement(f"S{n}", "F", "A", 1, "direct", "decisive against", origin=f"origin {n}") for n in range(400)]
    assert weigh_all(heap, "F").posterior.point == pytest.approx(0)
    assert weigh_all([mirrored(judgement) for judgement in heap], "F").posterior.point == pytest.approx(1)


# --- readings that say "none" ------------------------------------------------------------------------------------


def refuting(statement: str, origin: str) -> Judgement:
    return Judgement(statement, "F", "C", 3, "direct", "decisive against", origin=origin)


def test_independent_counter_examples_add_up_and_repeated_ones_do_not() -> None:
    alone = refutation_chance([refuting("S09", "Abrahms")])
    assert alone.point == pytest.approx(0.36)
    assert refutation_chance([refuting("S09", "Abrahms"), refuting("S27", "abrahms")]) == alone
    two = refutation_chance([refuting("S09", "Abrahms"), refuting("S11", "U.S. government")])
    assert two.point == pytest.approx(1 - 0.64 * 0.64)


def test_of_one_origins_counter_examples_the_best_stands() -> None:
    best, worse = refuting("S09", "Abrahms"), replace(refuting("S27", "Abrahms"), reliability="D")
    assert refutation_chance([best, worse]) == refutation_chance([worse, best]) == refutation_chance([best])


@pytest.mark.parametrize(
    "parts",
    [
        {"directness": "partly"},
        {"directness": "indirect"},
        {"bearing": "moderate against"},
        {"bearing": "decisive for"},
        {"reliability": None},
    ],
    ids=str,
)
def test_only_direct_and_strong_statements_against_it_are_counter_examples(parts: dict[str, Any]) -> None:
    assert refutation_chance([replace(refuting("S09", "Abrahms"), **parts)]) == NOTHING


@given(boards(), judgements(statement="S99"))
def test_one_more_statement_never_makes_a_refutation_less_likely(board: list[Judgement], more: Judgement) -> None:
    before, after = refutation_chance(board), refutation_chance([*board, more])
    assert after.low >= before.low - 1e-12
    assert after.high >= before.high - 1e-12


def test_no_heap_of_supporting_trends_drowns_a_counter_example() -> None:
    trends = [Judgement(f"S{n}", "F", "B", 2, "partly", "strong for", origin=f"origin {n}") for n in range(10, 20)]
    weighing = weigh_all([refuting("S09", "Abrahms"), *trends], "F")
    assert weighing.summed.point > 0.9
    assert weighing.refutation is not None
    assert weighing.refutation.point == pytest.approx(0.36)
    assert weighing.posterior.point == pytest.approx(0.64)
    assert weighing.is_capped
    assert not weigh_all([refuting("S09", "Abrahms")], "F").is_capped


@given(boards(), st.floats(0.01, 0.99))
def test_the_chance_shown_is_the_smaller_of_the_sums_and_of_what_the_counter_examples_leave(
    board: list[Judgement], prior: float
) -> None:
    weighing = weigh_all(board, "F", prior)
    assert weighing.refutation is not None
    assert weighing.posterior.point == min(weighing.summed.point, 1 - weighing.refutation.point)
    assert chance(weighing.odds_db) == pytest.approx(weighing.posterior.point, abs=1e-9)


def test_nothing_rated_is_not_an_even_chance() -> None:
    assert weigh_all([], "F").phrase == "not rated yet"
    assert weigh_all([Judgement("S09", "F", reliability="B")], "F").phrase == "not rated yet"


def test_readings_that_do_not_say_none_have_no_counter_examples() -> None:
    assert weigh_all([Judgement("S15", "A", "C", 3, "direct", "strong against")], "A").refutation is None


def test_the_case_says_which_readings_fall_to_a_counter_example() -> None:
    for row in Case.load().rows("readings"):
        reading = str(row["id"])
        against = [Judgement("S09", reading, "B", 2, "direct", "strong against")]
        assert (weigh_all(against, reading).refutation is not None) == row["universal"]


# --- words and confidence ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("probability", "expected"),
    [
        (0.05, "very unlikely"),
        (0.20, "unlikely"),
        (0.45, "roughly even chance"),
        (0.55, "roughly even chance"),
        (0.80, "likely"),
        (0.95, "very likely"),
        (0.0, "almost no chance"),
        (1.0, "almost certain"),
    ],
)
def test_a_shared_edge_goes_to_the_more_cautious_word(probability: float, expected: str) -> None:
    assert word(probability) == expected


@given(st.floats(0, 1))
def test_a_word_covers_the_chance_it_is_given(probability: float) -> None:
    low, high = next((low, high) for name, low, high in WORDS if name == word(probability))
    assert low - 1e-9 <= min(max(probability, 0.01), 0.99) <= high + 1e-9


def test_the_edges_in_decibans_are_those_of_the_case() -> None:
    assert [round(decibans(edge), 1) for edge in (0.55, 0.80, 0.95, 0.99)] == [0.9, 6.0, 12.8, 20.0]


@given(st.floats(-300, 300))
def test_decibans_and_chances_are_two_ways_to_say_one_thing(db: float) -> None:
    p = chance(db)
    assert chance(-db) == pytest.approx(1 - p, abs=1e-12)
    if 1e-6 < p < 1 - 1e-6:
        assert decibans(p) == pytest.approx(db, abs=1e-6)


@given(st.floats(-60, 60))
def test_a_heavier_weight_never_gives_a_lower_chance_not_even_in_the_last_digit(db: float) -> None:
    """Or an interval of two learners who differ by a rounding would have its bounds in the wrong order."""
    assert chance(db) <= chance(nextafter(db, inf))


def test_a_difference_in_the_last_digit_does_not_lower_a_chance() -> None:
    """These two once did, by 6e-17."""
    assert chance(-3.2692490661489515) <= chance(-3.269249066148951)


def test_scales_in_the_data_and_in_the_model_are_the_same() -> None:
    rows = Case.load().rows("scales")
    codes = {(row["method"], row["code"]): (row["label"], row["low"], row["high"]) for row in rows}
    labels = {label: (low, high) for label, low, high in codes.values()}
    for letter, label in RELIABILITY.items():
        q = chance_informative(letter, 1, "direct")
        assert labels[label][0] == pytest.approx(q.low / 0.9)
        assert labels[label][1] == pytest.approx(q.high)
    assert set(CREDIBILITY.values()) <= set(labels)
    for name, low, high in WORDS:
        assert labels[name] == pytest.approx((low * 100, high * 100))
    assert {"direct", "partly", "indirect"} == set(DIRECTNESS_SHARE)


def test_confidence_is_about_the_basis_and_not_about_the_likelihood() -> None:
    def origins(count: int, grades: tuple[str, int] = ("A", 1), directness: str = "direct") -> list[Judgement]:
        return [
            Judgement(f"S{n}", "F", *grades, directness, "strong against", f"origin {n}", interest="no stake")
            for n in range(10, 10 + count)
        ]

    def level(board: list[Judgement]) -> str:
        return confidence(weigh_all(board, "F"), board).level

    assert [level(origins(count)) for count in (4, 2, 1)] == ["high", "moderate", "low"]
    assert level(origins(4, directness="partly")) == "moderate"
    assert level([replace(judgement, origin="") for judgement in origins(4)]) == "moderate"
    for bad in (("E", 1), ("D", 2), ("A", 5), ("F", 6)):
        assert level(origins(10, bad)) == "low"


@given(boards(), st.integers(1, 5))
def test_repeating_what_is_already_counted_improves_no_basis(board: list[Judgement], times: int) -> None:
    board = [replace(judgement, origin=judgement.origin or judgement.statement) for judgement in board]
    weaker = [
        replace(judgement, statement=f"{judgement.statement} again {n}", bearing=f"slight {judgement.side}")
        for n in range(times)
        for judgement in board
        if judgement.side
    ]
    repeated = [*board, *weaker]
    assert confidence(weigh_all(repeated, "F"), repeated) == confidence(weigh_all(board, "F"), board)


def test_repeats_with_good_grades_do_not_hide_that_origins_are_unknown() -> None:
    unknown = [Judgement(f"S{n}", "F", "F", 2, "direct", "strong for", f"origin {n}") for n in range(10, 13)]
    repeats = [Judgement(f"S{n}", "F", "A", 2, "direct", "slight for", "origin 10") for n in range(20, 30)]
    board = [*unknown, *repeats]
    assert confidence(weigh_all(board, "F"), board).level == "low"


def test_weighing_needs_nothing_but_the_standard_library() -> None:
    code = (
        "import sys; from course.weighing import coherence, pooling, sensitivity;"
        "heavy = {'numpy', 'pandas', 'altair', 'krippendorff'} & set(sys.modules); sys.exit(str(heavy) if heavy else 0)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
