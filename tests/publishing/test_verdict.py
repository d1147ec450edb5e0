"""What a verdict promises: two clocks, labels of one scale, and a reader that no ledger can break."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.case import Case
from course.ledger.judgement import Judgement
from course.publishing.verdict import (
    CONFIDENCE,
    SCALES,
    Ruling,
    VerdictError,
    basis,
    check_ruling,
    in_order,
    labels,
    read,
)
from course.weighing import WORD_ORDER, weigh_all

CASE = Case.load()
TODAY = date(2026, 3, 2)

KEYS = ("then", "since", "scale", "claim", "reading", "headline", "summary", "citations", "author", "url", "checked_on")
ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=9),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=9), inner, max_size=3),
    max_leaves=6,
)


def judged(statement: str, bearing: str = "strong against", reading: str = "F") -> Judgement:
    return Judgement(statement, reading, "B", 2, "direct", bearing, f"origin of {statement}", "Said where it counts.")


def test_without_answers_the_claim_is_the_report_in_which_the_absolute_became_putins() -> None:
    claim = read({}, CASE, TODAY).claim
    assert (claim.speaker, claim.attributed_to, claim.said_on) == ("Interfax", "Vladimir Putin", date(2017, 12, 6))
    assert claim.who == "Interfax, reporting Vladimir Putin"
    assert "Putin" in claim.wording
    assert claim.appearance.startswith("Polygraph.info article")
    assert claim.appearance.endswith("¶5")


def test_of_every_wording_it_is_known_whether_a_person_spoke() -> None:
    claims = {str(row["id"]): read({"verdict/claim": row["id"]}, CASE, TODAY).claim for row in CASE.rows("claims")}
    assert {name for name, claim in claims.items() if not claim.by_person} == {"C01", "C06", "C07", "C10"}


def test_the_claim_is_checked_in_the_words_and_of_the_speaker_the_learner_found() -> None:
    answers = {"claim/entered": "C04", "claim/wording": " No IS-held ground is left in Syria. "}
    claim = read(answers, CASE, TODAY).claim
    assert (claim.wording, claim.speaker) == ("No IS-held ground is left in Syria.", "Valery Gerasimov")
    assert read({**answers, "verdict/claim": "C05"}, CASE, TODAY).claim.speaker == "Vladimir Putin"


def test_a_hedge_the_speaker_made_stays_with_the_claim() -> None:
    assert "pockets" in read({"verdict/claim": "C05"}, CASE, TODAY).claim.hedge


def test_a_claim_without_a_date_has_none() -> None:
    assert read({"verdict/claim": "C10"}, CASE, TODAY).claim.said_on is None


def test_labels_are_the_methods_own() -> None:
    assert labels(CASE, "politifact") == ("True", "Mostly True", "Half True", "Mostly False", "False", "Pants on Fire")
    assert len(labels(CASE, "averitec")) == 4
    assert labels(CASE, "prose") == ()


def test_a_rating_waits_for_its_scale_to_come_back() -> None:
    answers = {"verdict/then": {"rating": "False", "likelihood": "very unlikely"}, "verdict/scale": "averitec"}
    assert read(answers, CASE, TODAY).then == Ruling(likelihood="very unlikely")
    assert read({**answers, "verdict/scale": "politifact"}, CASE, TODAY).then.rating == "False"


def test_a_headline_is_one_line() -> None:
    assert read({"verdict/headline": " Some were\n left "}, CASE, TODAY).headline == "Some were left"


def test_the_day_of_the_check_is_today_unless_it_is_given() -> None:
    assert read({}, CASE, TODAY).checked_on == TODAY
    assert read({"verdict/checked_on": "2018-06-01"}, CASE, TODAY).checked_on == date(2018, 6, 1)


def test_the_reading_is_the_learners_then_the_boards() -> None:
    board = {"board/settings": {"reading": "T"}}
    assert read(board, CASE, TODAY).reading == "T"
    assert read({**board, "verdict/reading": "U"}, CASE, TODAY).reading == "U"


def test_citations_are_in_the_registers_order_and_known_to_it() -> None:
    assert read({"verdict/citations": ["X03", "S99", "S09", "X03"]}, CASE, TODAY).citations == ("S09", "X03")
    assert in_order(CASE, ["S11", "S09"]) == ("S09", "S11")


@given(st.dictionaries(st.sampled_from([f"verdict/{key}" for key in KEYS] + ["claim/wording"]), ANY_JSON))
def test_whatever_a_ledger_holds_can_be_read(answers: dict[str, Any]) -> None:
    verdict = read(answers, CASE, TODAY)
    assert verdict.scale in SCALES
    for ruling in verdict.rulings.values():
        assert ruling.rating in ("", *labels(CASE, verdict.scale))
        assert ruling.likelihood in ("", *WORD_ORDER)
        assert ruling.confidence in ("", *CONFIDENCE)


@pytest.mark.parametrize(
    ("scale", "part", "value", "words"),
    [
        ("politifact", "rating", "Fake", "Mostly False, False, Pants on Fire"),
        ("averitec", "rating", "False", "Refuted, Not Enough Evidence"),
        ("prose", "rating", "False", "politifact or averitec"),
        ("politifact", "likelihood", "improbable", "almost no chance, very unlikely"),
        ("politifact", "confidence", "medium", "low, moderate, high"),
        ("politifact", "mood", "grim", "rating, likelihood, confidence, because"),
        ("colours", "rating", "red", "politifact, averitec, prose"),
    ],
)
def test_what_is_not_on_a_scale_is_refused_with_what_is(scale: str, part: str, value: str, words: str) -> None:
    with pytest.raises(VerdictError, match=words):
        check_ruling(CASE, scale, part, value)


@pytest.mark.parametrize("part", ["rating", "likelihood", "confidence", "because"])
def test_every_part_can_be_left_empty_again(part: str) -> None:
    check_ruling(CASE, "prose", part, "")


def test_each_clock_weighs_what_was_known_by_then() -> None:
    verdict = read({}, CASE, TODAY)
    earlier, later = judged("S09"), judged("X03", "decisive against")
    evidence = basis(verdict, CASE, [earlier, later, judged("S11", reading="T")], prior=0.3)
    assert evidence.weighings["then"] == weigh_all([earlier], "F", 0.3)
    assert evidence.weighings["since"] == weigh_all([earlier, later], "F", 0.3)
    assert (evidence.known_later("S09"), evidence.known_later("X03")) == (False, True)
    assert set(evidence.judgements) == {"S09", "X03"}
