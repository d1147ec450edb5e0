"""What coherence promises: a finding for each fault, none without, and never for an opinion."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.case import Case
from course.ledger.judgement import Judgement
from course.weighing import WORD_ORDER, WORDS, weigh_all
from course.weighing.coherence import (
    Incoherence,
    coherence,
    nothing_bears,
    one_reason_for_most,
    other_measure,
    rated_alike,
    turned_round,
    without_reason,
)
from tests.strategies import boards

THEN = date(2017, 12, 11)

REGISTER = {str(row["id"]): row for row in Case.load().rows("statements")}

FACTS: dict[str, dict[str, Any]] = {
    "S05": {"scope": "Syria", "as_of": date(2017, 12, 6), "as_of_precision": "day", "known_from": date(2017, 12, 6)},
    "S07": {"scope": "Syria", "as_of": date(2017, 12, 6), "known_from": date(2017, 12, 7), "repeats": "S05"},
    "S08": {"scope": "Syria", "as_of": date(2017, 12, 7), "known_from": date(2017, 12, 7), "repeats": "S05"},
    "S09": {"scope": "Syria", "as_of": date(2017, 12, 11), "as_of_precision": "month", "known_from": THEN},
    "S12": {"scope": "Iraq+Syria", "as_of": date(2017, 12, 6), "known_from": date(2017, 12, 6), "repeats": None},
    "S26": {"scope": "Iraq+Syria", "as_of": date(2017, 11, 7), "known_from": date(2017, 11, 7)},
    "S35": {"scope": "Syria", "as_of": date(2016, 3, 14), "as_of_precision": "day", "known_from": date(2016, 3, 14)},
    "X03": {"scope": "Syria", "as_of": date(2018, 5, 23), "as_of_precision": "day", "known_from": date(2018, 5, 23)},
}


def judged(statement: str, bearing: str = "slight for", **parts: Any) -> Judgement:
    ratings: dict[str, Any] = {
        "reliability": "C",
        "credibility": 3,
        "directness": "partly",
        "reason": "He says so himself.",
    }
    return Judgement(statement, parts.pop("reading", "F"), bearing=bearing, **(ratings | parts))


def codes(*judgements: Judgement, facts: Any = FACTS, **more: Any) -> list[str]:
    return [finding.code for finding in coherence(judgements, facts, **more)]


# --- never agreement with us -------------------------------------------------------------------------------------


@settings(deadline=None)
@given(boards())
def test_no_opinion_is_a_fault(board: list[Judgement]) -> None:
    """Whatever the grades and strengths: with origins shared, reasons given, nothing called direct or put backward."""
    careful = [
        replace(judgement, origin="one origin", directness="partly", reason="He says some remain.")
        for judgement in board
    ]
    assert {finding.code for finding in coherence(careful, REGISTER)} <= {"backward"}


@settings(deadline=None)
@given(boards(complete=False))
def test_what_is_not_fully_rated_or_does_not_bear_is_left_alone(board: list[Judgement]) -> None:
    idle = [judgement for judgement in board if not judgement.complete or judgement.side is None]
    codes_found = {finding.code for finding in coherence(idle, REGISTER, clock=THEN)}
    assert codes_found <= {"unknown-as-false"}


@settings(deadline=None)
@given(boards())
def test_the_order_of_judgements_does_not_matter(board: list[Judgement]) -> None:
    assert coherence(board, REGISTER, clock=THEN) == coherence(board[::-1], REGISTER, clock=THEN)


def test_every_finding_names_its_statement_and_says_what_to_do() -> None:
    incoherences = coherence([judged("S12", directness="direct", reason="")], FACTS)
    assert [(finding.code, finding.statements) for finding in incoherences] == [
        ("not-direct", ("S12",)),
        ("no-reason", ("S12",)),
    ]
    assert all("S12" in finding.message for finding in incoherences)


# --- an origin counts once ---------------------------------------------------------------------------------------


def test_a_repeat_under_another_origin_is_counted_twice_until_both_have_the_same() -> None:
    first = judged("S05", origin="Russian command")
    assert codes(first, judged("S08", origin="Rudskoi")) == ["counted-twice"]
    assert codes(first, judged("S08")) == ["counted-twice"]
    assert codes(first, judged("S08", origin="russian  Command")) == []


def test_two_repeats_are_counted_twice_also_where_what_they_repeat_is_not_judged() -> None:
    (finding,) = coherence([judged("S07", origin="RT"), judged("S08", origin="Rudskoi")], FACTS)
    assert (finding.code, finding.statements) == ("counted-twice", ("S08", "S07"))
    assert "S05" in finding.message


def test_a_repeat_of_a_repeat_is_traced_to_the_start_and_a_circle_does_no_harm() -> None:
    chain = {"S01": {"repeats": "S02"}, "S02": {"repeats": "S03"}, "S03": {}}
    assert codes(judged("S01", origin="a"), judged("S03", origin="b"), facts=chain) == ["counted-twice"]
    circle = {"S01": {"repeats": "S02"}, "S02": {"repeats": "S01"}}
    assert set(codes(judged("S01", origin="a"), judged("S02", origin="a"), facts=circle)) == set()


def test_a_repeat_without_weight_or_for_the_other_side_or_another_reading_is_not_counted_twice() -> None:
    first = judged("S05", origin="Russian command")
    assert codes(first, judged("S08", "none")) == []
    assert codes(judged("S07", "none"), judged("S08", "none")) == []
    assert codes(first, judged("S08", "slight against")) == []
    assert codes(first, judged("S08", reading="T")) == []


# --- direct ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("statement", "why"), [("S12", "Iraq"), ("S26", "Iraq and it describes"), ("S35", "earlier")])
def test_off_place_or_off_time_cannot_be_direct(statement: str, why: str) -> None:
    (finding,) = coherence([judged(statement, directness="direct")], FACTS)
    assert finding.code == "not-direct"
    assert why in finding.message
    for fits in ("partly", "indirect"):
        assert codes(judged(statement, directness=fits)) == []
    assert codes(judged(statement, "none", directness="direct")) == []


@pytest.mark.parametrize("statement", ["S05", "S09", "X03"])
def test_on_place_and_not_before_its_time_may_be_called_direct(statement: str) -> None:
    """Also what was reported later: a unit found in May may have been there in December, and that is an opinion."""
    assert codes(judged(statement, directness="direct")) == []


def test_who_achieved_it_was_decided_before_december_so_earlier_evidence_may_be_direct() -> None:
    assert codes(judged("S35", directness="direct", reading="A")) == []
    assert codes(judged("S35", directness="direct", reading="W")) == ["not-direct"]


@pytest.mark.parametrize(
    ("as_of", "precision", "stale"),
    [
        (date(2017, 11, 29), "day", False),
        (date(2017, 11, 28), "day", True),
        (date(2017, 12, 1), "month", False),
        (date(2017, 11, 1), "month", False),  # the month reaches to the 30th
        (date(2017, 10, 31), "month", True),
        (date(2017, 10, 1), "quarter", False),
        (date(2017, 9, 30), "quarter", True),
        (date(2017, 1, 1), "year", False),
        (date(2014, 1, 1), "year", True),
        (None, None, False),
    ],
)
def test_a_vague_date_is_stale_only_where_all_of_it_is(as_of: date | None, precision: str | None, stale: bool) -> None:
    facts = {"S01": {"scope": "Syria", "as_of": as_of, "as_of_precision": precision}}
    assert codes(judged("S01", directness="direct"), facts=facts) == (["not-direct"] if stale else [])


# --- unknown is not false ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reason",
    [
        "This is false.",
        "Untrue, and he knows it.",
        "He isn’t named, and the claim is wrong.",
        "He is lying about it.",
        "The army made up the number.",
        "False because nobody confirmed it.",
        "I could not check, so it is false.",
        "It is not true.",
        "It isn't true.",
    ],
)
def test_calling_false_what_is_graded_unknown_is_found(reason: str) -> None:
    assert codes(judged("S09", reliability="F", reason=reason)) == ["unknown-as-false"]
    assert codes(judged("S09", credibility=6, reason=reason)) == ["unknown-as-false"]
    assert codes(judged("S09", reliability="E", credibility=5, reason=reason)) == []


@pytest.mark.parametrize(
    "reason",
    [
        "Not necessarily false.",
        "He could be wrong, nobody knows.",
        "I cannot tell whether it is true or false.",
        "It might not be true.",
        "Not shown to be false.",
        "Can’t say that it is false.",
        "Graded F not because it is false.",
        "Unknown, not false.",
        "Beaten in land, leaders and propaganda, he says.",
        "The village lies east of the river.",
        "Wrong country, wrong month.",
        "The date is wrong, and no basis is given.",
        "No basis is given.",
    ],
)
def test_doubt_caution_and_talk_of_place_or_date_are_not_taken_for_calling_it_false(reason: str) -> None:
    assert codes(judged("S09", reliability="F", credibility=6, reason=reason)) == []


# --- reasons -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("reason", ["", "  ", "Putin", "x x x", "... ... ...", "yes yes yes", "1 2 3"])
def test_a_weight_without_a_reason_is_found(reason: str) -> None:
    assert codes(judged("S09", reason=reason)) == ["no-reason"]


def test_reasons_that_are_missing_are_asked_for_once() -> None:
    board = [judged("S09", reason="Expert"), judged("S11", reason=""), judged("S12", reason="Wrong country.")]
    (finding,) = without_reason(board)
    assert finding.statements == ("S09", "S11")
    assert finding.message.startswith("S09 and S11 have a weight and no reason of at least two words.")


@pytest.mark.parametrize("reason", ["Interested party.", "Wrong country.", "Er nennt keine Quelle.", "Нет источника."])
def test_a_short_reason_in_any_language_is_a_reason(reason: str) -> None:
    assert codes(judged("S09", reason=reason)) == []


# --- the clock ---------------------------------------------------------------------------------------------------


def test_evidence_from_after_the_clock_is_found_from_the_day_after_on() -> None:
    assert codes(judged("S09"), judged("X03"), clock=THEN) == ["after-clock"]
    assert codes(judged("S09"), judged("X03")) == []
    assert codes(judged("X03"), clock=date(2018, 5, 23)) == []
    assert codes(judged("X03"), clock=date(2018, 5, 22)) == ["after-clock"]
    assert codes(judged("X03", "none"), clock=THEN) == []


def test_later_evidence_may_be_judged_as_long_as_the_verdict_known_then_leaves_it_out() -> None:
    """One ledger serves both clocks."""
    both = [judged("S09"), judged("X03")]
    assert codes(*both, clock=THEN, weighing=weigh_all(both[:1], "F")) == []
    assert codes(*both, clock=THEN, weighing=weigh_all(both, "F")) == ["after-clock"]


def test_a_date_that_is_text_is_refused_and_not_passed_over() -> None:
    with pytest.raises(TypeError, match=r"X03: known_from should be a date, not '2018-05-23'"):
        coherence([judged("X03")], {"X03": {"known_from": "2018-05-23"}}, clock=THEN)


# --- the verdict's word ------------------------------------------------------------------------------------------


@settings(deadline=None)
@given(boards(reading="A"), st.sampled_from([name for name, _, _ in WORDS]))
def test_the_word_must_not_claim_more_than_the_learners_own_interval_and_may_be_more_cautious(
    board: list[Judgement], verdict: str
) -> None:
    weighing = weigh_all(board, "A")
    places = [WORD_ORDER[name] for name in (*weighing.words, "roughly even chance")]
    low, high = min(places), max(places)
    incoherences = [
        finding for finding in coherence(board, {}, verdict=verdict, weighing=weighing) if not finding.statements
    ]
    assert [finding.code for finding in incoherences] == (
        [] if low <= WORD_ORDER[verdict] <= high else ["word-outside"]
    )
    assert all(verdict in finding.message and weighing.phrase in finding.message for finding in incoherences)


@settings(deadline=None)
@given(boards())
def test_a_word_the_posterior_allows_is_never_outside(board: list[Judgement]) -> None:
    weighing = weigh_all(board, "F")
    for verdict in weighing.words:
        assert "word-outside" not in codes(*board, facts={}, verdict=verdict, weighing=weighing)


def test_a_good_counter_example_decides_however_much_speaks_for_the_reading() -> None:
    trends = [judged(f"S{n}", "strong for", reliability="B", credibility=2, origin=f"o{n}") for n in range(10, 20)]
    good = judged("S09", "decisive against", reliability="A", credibility=1, directness="direct", origin="Abrahms")
    board = [*trends, good]
    weighing = weigh_all(board, "F")
    assert weighing.is_capped
    for verdict in ("very unlikely", "unlikely", "roughly even chance"):
        assert codes(*board, facts={}, verdict=verdict, weighing=weighing) == []
    assert codes(*board, facts={}, verdict="almost certain", weighing=weighing) == ["word-outside"]
    assert codes(*trends, facts={}, verdict="very unlikely", weighing=weigh_all(trends, "F")) == ["word-outside"]


def test_a_bearing_that_points_the_wrong_way_is_found() -> None:
    there, claimed = {"S09": {"measures": "presence", "scope": "Syria"}}, {"S05": {"measures": "claim"}}
    assert codes(judged("S09", "slight for"), facts=there) == ["backward"]
    assert codes(judged("S09", "slight against"), facts=there) == []
    assert codes(judged("S05", "strong against"), facts=claimed) == ["backward"]
    assert codes(judged("S05", "strong for"), facts=claimed) == []
    assert codes(judged("S09", "slight for"), facts={"S09": {"measures": "decline", "scope": "Syria"}}) == []


def test_a_word_that_is_not_on_the_scale_is_refused_with_the_scale() -> None:
    with pytest.raises(ValueError, match=r"'probably' is not a word of the scale\. Use one of: almost no chance"):
        coherence([], {}, verdict="probably", weighing=weigh_all([], "F"))


# --- rules that exercises ask for beside these ---------------------------------------------------------------------


def test_the_same_ratings_without_reasons_of_their_own_are_no_ratings() -> None:
    alike = [judged(statement, reason="x") for statement in ("S05", "S08", "S09", "S12")]
    (finding,) = rated_alike(alike)
    assert (finding.code, finding.statements) == ("rated-alike", ("S05", "S08", "S09", "S12"))
    assert list(rated_alike([replace(judgement, bearing="none", reason="") for judgement in alike]))
    assert not list(rated_alike(alike[:3])), "three may well be alike"
    assert not list(rated_alike([*alike[:3], judged("S12", "none")])), "one has no bearing"
    reasons = ["Wrong country.", "An ally.", "A scholar.", "Too early."]
    own = [replace(judgement, reason=reason) for judgement, reason in zip(alike, reasons, strict=True)]
    assert not list(rated_alike(own)), "each has a reason of its own"


def test_one_reason_for_most_of_the_weight_is_found_and_three_may_share_one() -> None:
    board = [judged(statement, reason="As I see it.") for statement in ("S05", "S08", "S09", "S11")]
    (finding,) = one_reason_for_most([*board, judged("S12", reason="Iraq too.")])
    assert finding.statements == ("S05", "S08", "S09", "S11")
    assert not list(one_reason_for_most([*board[:3], judged("S12", reason="Iraq too.")]))
    assert not list(one_reason_for_most([replace(judgement, bearing="none") for judgement in board]))


def test_a_statement_that_measures_something_else_is_not_direct() -> None:
    tells = {"intent": "tells what somebody means to do"}
    (finding,) = other_measure(
        [judged("S02", directness="direct"), judged("S09", directness="direct")], REGISTER, tells
    )
    assert (finding.code, finding.statements) == ("not-direct", ("S02",))
    assert not list(other_measure([judged("S02"), judged("S02", "none", directness="direct")], REGISTER, tells))


def test_a_bearing_that_cannot_stand_on_its_side_is_named() -> None:
    tells = {"S30": "tells of fighters who were left"}
    (finding,) = turned_round([judged("S30", "strong for")], tells, "for", ("decisive", "strong"))
    assert "S30 tells of fighters who were left; you rated it for “none was left”" in finding.message
    assert not list(turned_round([judged("S30", "slight for")], tells, "for", ("decisive", "strong")))
    assert not list(turned_round([judged("S30", "strong against"), judged("S09", "strong for")], tells, "for"))


# --- the real register -------------------------------------------------------------------------------------------


def test_on_the_real_register_what_covers_iraq_or_is_stale_cannot_be_direct_and_the_rest_can() -> None:
    board = [judged(statement, directness="direct", origin="one origin") for statement in REGISTER]
    incoherences: tuple[Incoherence, ...] = tuple(
        finding for finding in coherence(board, REGISTER) if finding.code != "backward"
    )
    assert {finding.code for finding in incoherences} == {"not-direct"}
    not_direct = {finding.statements[0] for finding in incoherences}
    assert {"S12", "S22", "S24", "S26", "S28", "S30", "S33", "S34"} <= not_direct
    assert not_direct.isdisjoint({"S05", "S08", "S09", "S11", "X03"})


def test_none_for_everything_is_named_and_one_bearing_is_enough() -> None:
    none = [Judgement(statement, "F", bearing="none") for statement in ("S09", "S11", "S12")]
    (incoherence,) = nothing_bears(none, REGISTER)
    assert (incoherence.code, incoherence.statements) == ("nothing-bears", ("S09", "S11"))
    one_bears = replace(none[2], reliability="C", credibility=3, directness="partly", bearing="slight for")
    assert not list(nothing_bears([*none[:2], one_bears], REGISTER))
    assert not list(nothing_bears(none[2:], REGISTER))
    assert not list(nothing_bears([replace(judgement, reading="W") for judgement in none], REGISTER))
