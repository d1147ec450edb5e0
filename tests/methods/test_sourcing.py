"""What sourcing promises: two ratings kept apart, repeats that add no origin, and remarks only on one's own work."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.case import Case
from course.ledger.judgement import CREDIBILITY, RELIABILITY, Judgement, JudgementError
from course.methods.sourcing import (
    ItemRating,
    SourceRating,
    carry_over,
    count,
    group,
    item_ratings,
    origin_key,
    origin_name,
    origin_names,
    remarks,
    repetition,
    source_ratings,
)

CASE = Case.load()
FACTS = {str(row["id"]): row for row in CASE.rows("statements") if row["set"] == "register"}
PEOPLE = {str(row["id"]): row for row in CASE.rows("sources")}
SPEAKERS = {str(row["speaker"]) for row in FACTS.values()}

NAMES = ("", "Russian command", " russian  COMMAND ", "Washington", "Abrahms")
REASONS = ("", "He knows the field.", "What he says is false.")
some_items = st.dictionaries(
    st.sampled_from(sorted(FACTS)),
    st.tuples(st.none() | st.sampled_from(tuple(CREDIBILITY)), st.sampled_from(NAMES)),
    max_size=10,
)
some_letters = st.dictionaries(
    st.sampled_from(sorted(SPEAKERS)),
    st.tuples(st.none() | st.sampled_from(tuple(RELIABILITY)), st.just(""), st.sampled_from(REASONS)),
    max_size=6,
)
registers = some_items.map(lambda touched: {name: ItemRating(name, *touched.get(name, ())) for name in FACTS})
ratings = some_letters.map(lambda rated: {name: SourceRating(name, *rated.get(name, ())) for name in SPEAKERS})


def items(**changes: tuple[int | None, str]) -> dict[str, ItemRating]:
    """The register, untouched but for some statements: number and origin."""
    return {name: ItemRating(name, *changes.get(name, (None, ""))) for name in FACTS}


def sources(**changes: dict[str, Any]) -> dict[str, SourceRating]:
    """Every speaker, unrated but for some. An underscore stands for a hyphen."""
    given = {name.replace("_", "-"): parts for name, parts in changes.items()}
    return {name: SourceRating(name, **given.get(name, {})) for name in SPEAKERS}


def reported(rated: dict[str, SourceRating], grouped: dict[str, ItemRating]) -> list[tuple[str, tuple[str, ...]]]:
    return [(finding.code, finding.statements) for finding in remarks(rated, grouped, FACTS, PEOPLE)]


# --- ratings -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("make", "says"),
    [
        (lambda: SourceRating("putin", reliability="G"), "A, B, C, D, E, F"),
        (lambda: SourceRating("putin", interest=5), "interest must be text"),  # type: ignore[arg-type]
        (lambda: ItemRating("S09", credibility=7), "1, 2, 3, 4, 5, 6"),
        (lambda: ItemRating("S09", credibility=True), "1, 2, 3, 4, 5, 6"),
        (lambda: ItemRating("S09", origin=None), "origin must be text"),  # type: ignore[arg-type]
    ],
)
def test_a_value_off_its_scale_is_refused_and_the_scale_is_named(make: Any, says: str) -> None:
    with pytest.raises(JudgementError, match=says):
        make()


@given(ratings, registers)
def test_what_is_kept_is_read_back(rated: dict[str, SourceRating], grouped: dict[str, ItemRating]) -> None:
    answers = {f"source/{name}": rating.to_answer() for name, rating in rated.items()}
    answers |= {f"item/{name}": rating.to_answer() for name, rating in grouped.items()}
    assert source_ratings(answers, rated) == rated
    assert item_ratings(answers, grouped) == grouped


@pytest.mark.parametrize(
    "strange",
    [
        None,
        "C",
        ["C", 2],
        {"reliability": "G", "interest": None, "because": 4, "credibility": "2", "origin": ["x"]},
        {"reliability": ["C"], "credibility": True, "colour": "blue"},
        {"credibility": 2.0},
    ],
)
def test_what_another_version_or_hand_wrote_counts_as_not_rated(strange: object) -> None:
    answers = {"source/putin": strange, "item/S09": strange}
    assert source_ratings(answers, ["putin"]) == {"putin": SourceRating("putin")}
    assert item_ratings(answers, ["S09"]) == {"S09": ItemRating("S09")}


def test_one_bad_part_does_not_cost_the_others() -> None:
    answers = {"source/putin": {"reliability": "G", "interest": "to be the one who won", "because": "He leads."}}
    read = source_ratings(answers, ["putin"])["putin"]
    assert (read.reliability, read.interest, read.because) == (None, "to be the one who won", "He leads.")


# --- origins -----------------------------------------------------------------------------------------------------


def test_the_register_begins_with_as_many_origins_as_statements() -> None:
    assert count(items()) == "37 statements → 37 origins"


def test_the_count_falls_as_statements_are_grouped() -> None:
    assert count(items(S01=(None, "Russian command"))) == "37 statements → 37 origins"
    shared = items(S01=(None, "Russian command"), S05=(None, "russian  Command"))
    assert count(shared) == "37 statements → 36 origins"
    (first, *_) = group(shared)
    assert (first.name, first.statements, first.named) == ("Russian command", ("S01", "S05"), True)


@given(registers)
def test_every_statement_stands_in_exactly_one_origin(grouped: dict[str, ItemRating]) -> None:
    origins = group(grouped)
    held = [name for origin in origins for name in origin.statements]
    assert sorted(held) == sorted(grouped)
    assert all(len(origin.statements) == 1 for origin in origins if not origin.named)
    assert 1 <= len(origins) <= len(grouped)


@given(registers, st.sampled_from(sorted(FACTS)))
def test_one_more_statement_of_an_origin_there_is_adds_none(grouped: dict[str, ItemRating], name: str) -> None:
    joined = {**grouped, name: ItemRating(name, origin="Russian command")}
    others = {other: item for other, item in joined.items() if other != name}
    there_already = any(item.origin.strip().casefold().startswith("russian") for item in others.values())
    assert len(group(joined)) - len(group(others)) == (0 if there_already else 1)


def test_an_added_origin_is_there_before_it_holds_anything_and_gone_when_removed() -> None:
    answers = {origin_key("The  Kremlin"): "The Kremlin", origin_key("Press"): "", "origin/x": 5}
    grouped = items(S09=(None, "Abrahms"), S05=(None, "the kremlin"))
    assert origin_names(answers, grouped) == ("Abrahms", "the kremlin")
    assert origin_names(answers, items()) == ("The Kremlin",)
    assert origin_names({}, items()) == ()


@pytest.mark.parametrize("wrong", ["", "  ", None, 5, "s09"])
def test_an_origin_needs_a_name_of_its_own(wrong: object) -> None:
    with pytest.raises(ValueError, match=r"name"):
        origin_name(wrong, known=[], statements=FACTS)


def test_how_many_repeat_is_counted_among_the_statements_given() -> None:
    assert repetition(items(), FACTS) == (
        "Of 37 statements 6 repeat another. Under the same origin as what is repeated: 0."
    )
    shared = items(S05=(None, "Kremlin"), S08=(None, "kremlin"), S01=(None, "Outlet"))
    assert repetition(shared, FACTS).endswith(": 1.")


# --- remarks -----------------------------------------------------------------------------------------------------


def test_nothing_is_said_before_anything_is_done() -> None:
    assert reported(sources(), items()) == []


@given(ratings, registers)
def test_remarks_name_only_statements_the_learner_has_touched(
    rated: dict[str, SourceRating], grouped: dict[str, ItemRating]
) -> None:
    for code, statements in reported(rated, grouped):
        if code == "unknown-as-false":
            assert all(rated[str(FACTS[name]["speaker"])].because for name in statements)
        else:
            assert all(grouped[name].touched for name in statements)


@given(ratings)
def test_no_letter_is_a_fault(rated: dict[str, SourceRating]) -> None:
    """Whatever the letters: with the case's own origins, no number yet, and no reason, nothing is remarked."""
    grouped = {name: ItemRating(name, origin=str(row["origin"])) for name, row in FACTS.items()}
    quiet = {name: SourceRating(name, rating.reliability) for name, rating in rated.items()}
    assert reported(quiet, grouped) == []


def test_a_repeat_under_another_origin_is_remarked_until_both_share_one() -> None:
    apart = items(S05=(None, "Kremlin"), S08=(None, "General Staff"))
    assert reported(sources(), apart) == [("counted-twice", ("S08", "S05"))]
    assert reported(sources(), items(S05=(None, "Kremlin"), S08=(3, ""))) == [("counted-twice", ("S08", "S05"))]
    assert reported(sources(), items(S05=(None, "Kremlin"), S08=(None, "kremlin"))) == []


def test_a_repeat_is_not_given_away_to_who_has_not_begun_to_group_it() -> None:
    assert reported(sources(), items(S05=(3, ""), S08=(3, ""))) == []
    assert reported(sources(), items(S05=(3, "Kremlin"))) == []


def test_both_sides_of_the_argument_in_one_origin_are_remarked() -> None:
    mixed = items(S02=(None, "Officials"), S12=(None, "Officials"), S14=(None, "Officials"))
    ((code, statements),) = reported(sources(), mixed)
    assert (code, statements) == ("both-sides", ("S02", "S12", "S14"))
    (finding,) = remarks(sources(), mixed, FACTS, PEOPLE)
    assert "Vladimir Putin (S02)" in finding.message
    assert "(S12)" in finding.message


def test_an_outlet_may_stand_with_those_whose_words_it_carries() -> None:
    """Polygraph.info is paid by one side, and its headline still goes back to the other."""
    assert reported(sources(), items(S01=(None, "Kremlin"), S05=(None, "Kremlin"))) == []
    assert reported(sources(), items(S28=(None, "Research"), S09=(None, "Research"))) == []


def test_an_item_cannot_be_confirmed_by_its_own_origin() -> None:
    circle = items(S05=(1, "Kremlin"), S08=(None, "Kremlin"))
    assert reported(sources(), circle) == [("confirmed-by-itself", ("S05", "S08"))]
    assert reported(sources(), items(S05=(2, "Kremlin"), S08=(None, "Kremlin"))) == []


def test_a_confirmation_that_may_come_from_elsewhere_is_not_denied() -> None:
    """S11 says of Syria what S09 says; S10 and S20 both speak of decline."""
    assert reported(sources(), items(S09=(1, "Abrahms"), S10=(None, "Abrahms"), S27=(None, "Abrahms"))) == []
    assert reported(sources(), items(S10=(1, "Abrahms"), S27=(None, "Abrahms"), S20=(None, "Washington"))) == []
    assert reported(sources(), items(S09=(1, ""))) == []


def test_a_repeat_elsewhere_confirms_nothing() -> None:
    """S01 and S08 both repeat S05: that one of them is left out of its origin makes it no witness."""
    assert reported(sources(), items(S05=(1, "Kremlin"), S01=(None, "Kremlin"))) == [
        ("confirmed-by-itself", ("S05", "S01"))
    ]


def test_unknown_called_false_is_remarked_by_the_sources_name() -> None:
    (finding,) = remarks(sources(abrahms={"reliability": "F", "because": "That is false."}), items(), FACTS, PEOPLE)
    assert (finding.code, finding.statements) == ("unknown-as-false", ("S09", "S10", "S27"))
    assert finding.message.startswith("Max Abrahms: F says")
    assert reported(sources(abrahms={"reliability": "E", "because": "That is false."}), items()) == []
    assert reported(sources(abrahms={"reliability": "F", "because": "His basis is not given."}), items()) == []


def test_a_six_is_held_against_the_reason_only_where_nothing_else_can_be_meant() -> None:
    lied = {"because": "She lied."}
    assert reported(sources(us_military=lied), items(S11=(6, ""))) == [("unknown-as-false", ("S11",))]
    assert reported(sources(us_military={**lied, "reliability": "E"}), items(S11=(6, ""))) == []
    assert reported(sources(putin=lied), items(S02=(6, ""), S03=(4, ""))) == []


def test_letters_and_numbers_in_step_are_remarked_from_six_on() -> None:
    """A with 1, B with 2, F with 6: then the two ratings are one."""
    putin, abrahms = ["S02", "S03", "S04", "S05"], ["S09", "S10"]
    rated = sources(putin={"reliability": "D"}, abrahms={"reliability": "B"})
    in_step = {**dict.fromkeys(putin, (4, "")), **dict.fromkeys(abrahms, (2, ""))}
    assert reported(rated, items(**in_step)) == [("diagonal", (*putin, *abrahms))]
    assert reported(rated, items(**{**in_step, "S10": (3, "")})) == []
    assert reported(rated, items(**{name: in_step[name] for name in (*putin, "S09")})) == []
    assert reported(sources(putin={"reliability": "D"}), items(**in_step)) == []


# --- the board starts from the cards -------------------------------------------------------------------------------


def test_a_blank_judgement_takes_over_both_ratings_and_the_origin_and_nothing_else() -> None:
    begun = carry_over(
        Judgement("S09", "T"), SourceRating("abrahms", "B", "to be right", "Scholar."), ItemRating("S09", 3, "Abrahms")
    )
    assert begun == Judgement("S09", "T", reliability="B", credibility=3, origin="Abrahms")
