"""What the editor's checks promise: they find what a desk would strike out, and leave good sentences alone."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.ledger.judgement import Judgement
from course.publishing.editing import (
    HEADLINE_CHARACTERS,
    SUMMARY_WORDS,
    Remark,
    absolutes,
    certainties,
    characters,
    label_against_word,
    numbers,
    remarks,
    two_scales,
    words,
)
from course.publishing.verdict import Ruling, Verdict
from tests.verdicts import BLANK, JUDGED, SINCE, SOUND, THEN, rests_on


def codes(verdict: Verdict, judgements: tuple[Judgement, ...] = JUDGED) -> list[tuple[str, str]]:
    return [(remark.code, remark.where) for remark in remarks_on(verdict, judgements)]


def remarks_on(verdict: Verdict, judgements: tuple[Judgement, ...] = JUDGED) -> tuple[Remark, ...]:
    return remarks(verdict, rests_on(verdict, judgements))


def test_a_sound_verdict_and_an_empty_one_get_no_remark() -> None:
    assert codes(SOUND) == []
    assert codes(BLANK) == []


@pytest.mark.parametrize(
    "text",
    [
        "All IS fighters had left Syria.",
        "No fighter remained.",
        "Syria was completely free.",
        "It ended and never came back.",
        "Putin’s words were completely false.",
        "Not a single unit was left.",
        "Nothing was left of IS.",
        "Everyone had gone.",
        "Nobody was there, nowhere in the east.",
        "Pushed out everywhere, IS was totally beaten.",
        "He said some stayed. None did.",
        "Putin’s claim ‘completely free’ is entirely wrong",
    ],
)
def test_absolute_words_of_our_own_are_found(text: str) -> None:
    assert [remark.code for remark in absolutes(text, "headline")] == ["absolute"]


@pytest.mark.parametrize(
    "text",
    [
        "Putin’s “completely free” went too far.",
        "'Completely free' is too much for Syria’s east.",
        "‘All units’ is Gerasimov’s wording; IS’s last pockets’ size is open.",
        '«Completely free» and "all units" are not Putin’s own words.',
        "Not all IS fighters had left Syria.",
        "Syria was not completely free of IS.",
        "Russia didn’t drive out every fighter.",
        "Russia did not destroy all IS units.",
        "Nearly all of the land was lost, almost completely.",
        "IS no longer held cities.",
        "He spoke of no more than 3,000 fighters.",
        "No, Syria was not free of IS.",
        "IS was not gone at all.",
        "All but a few pockets were lost.",
        "It is very unlikely that no fighter was left.",
        "There is almost no chance that Syria was free.",
        "Gerasimov said all IS units were destroyed.",
        "All units were destroyed, according to Gerasimov.",
        "The claim that all units were destroyed is false.",
        "UCDP records no week without violence.",
        "The fall of Raqqa was overall a turning point; nonetheless IS stayed.",
    ],
)
def test_quoted_attributed_and_negated_absolutes_are_left_alone(text: str) -> None:
    assert list(absolutes(text, "headline")) == []


def test_an_absolute_word_is_backed_by_direct_evidence_that_is_cited() -> None:
    bold = replace(SOUND, headline="The claim was completely wrong")
    indirect = tuple(replace(judgement, directness="partly") for judgement in JUDGED)
    assert ("absolute", "headline") in codes(bold, indirect)
    assert ("absolute", "headline") not in codes(bold)
    assert ("absolute", "headline") in codes(replace(bold, citations=()))


@pytest.mark.parametrize(
    "text",
    [
        "This proves that Putin was wrong.",
        "IS was clearly still there.",
        "No doubt some stayed.",
        "The record is proof that IS stayed.",
        "Beyond any doubt, IS was there.",
        "Beyond a reasonable doubt, IS was there.",
        "It was certainly wrong.",
        "He said so. Obviously that was wrong.",
        "Of course some stayed.",
    ],
)
def test_unattributed_certainty_is_found(text: str) -> None:
    (remark,) = certainties(text, "summary")
    assert "Say who says so" in remark.message


@pytest.mark.parametrize(
    "text",
    [
        "Putin’s claim is a lie.",
        "Putin lied.",
        "It was a deliberate lie.",
        "Liars!",
        "Putin's lie about Syria",
        "The general’s latest lies fall apart",
        "His lie, and what it cost",
        "The lie about Islamic State",
    ],
)
def test_calling_it_a_lie_needs_evidence_of_what_somebody_knew(text: str) -> None:
    (remark,) = certainties(text, "headline")
    assert "knew and meant" in remark.message


@pytest.mark.parametrize(
    "text",
    [
        "According to the Pentagon, this proves that IS stayed.",
        "The sources do not prove it.",
        "Nobody has proved it.",
        "Unproven: IS gone from Syria.",
        "It is almost certainly wrong.",
        "The burden of proof is on the speaker.",
        "“Clearly” was his word.",
        "IS fighters hid on land that lies east of the river.",
        "The victory proved premature.",
        "It is unclear, and not certain, who was there.",
        "Critics called it “a lie”.",
        "Putin’s interests lie elsewhere, and the town that lies about there is small.",
        "The lie of the land decides.",
    ],
)
def test_attributed_negated_or_innocent_words_are_left_alone(text: str) -> None:
    assert list(certainties(text, "summary")) == []


@pytest.mark.parametrize(
    ("text", "missing"),
    [
        ("IS lost 97 percent.", "of what, for which place and as of when"),
        ("IS lost 97 % of its land.", "for which place and as of when"),
        ("3,000 fighters were left in Syria.", "as of when"),
        ("3000 fighters were left in Syria.", "as of when"),
        ("More than 3,000 fighters remained in December 2017.", "for which place"),
        ("In Syria and Iraq, 97 percent was lost by December 2017.", "of what"),
        ("4 or 5 percent was left in Syria in November 2017.", "of what"),
        ("34 strikes followed.", "for which place and as of when"),
    ],
)
def test_a_number_says_of_what_where_and_as_of_when(text: str, missing: str) -> None:
    (remark,) = numbers(text, "summary")
    assert f"does not say {missing}." in remark.message


@pytest.mark.parametrize(
    "text",
    [
        "On 6 December 2017 Putin spoke; by December 7, 2017, he was quoted.",
        "From 6–11 December it stood, and in 2018 it fell.",
        "On 7 November, IS held 4–5 percent of its land in Iraq and Syria.",
        "In Syria in December 2017, 3,000 fighters were left.",
        "In December 2017 the coalition spoke of Iraq and Syria. It counted 3,000 fighters.",
        "U.S. data for Iraq and Syria, 6 Dec. 2017: 97 % of the land lost.",
        "S09 and X03 contradict it, see ¶9.",
        "We weighed 12 statements from 5 origins.",
        "The “97 percent” has no scope.",
        "In the 1990s it was another group.",
        "Its last stronghold fell in 2019, 15 months after the claim.",
        "It went back to resolution 2254 and an F-16.",
        "On 2017-12-06 he spoke, and again on 12/11/2017.",
    ],
)
def test_dates_scoped_and_quoted_numbers_are_left_alone(text: str) -> None:
    assert list(numbers(text, "summary")) == []


@pytest.mark.parametrize(
    "text",
    [
        "It is very unlikely, with moderate confidence, that Syria was free.",
        "We are confident that the claim is unlikely.",
        "With high confidence, the claim is almost certainly false.",
    ],
)
def test_likelihood_and_confidence_in_one_sentence_are_found(text: str) -> None:
    assert [remark.code for remark in two_scales(text, "then")] == ["two-scales"]


@pytest.mark.parametrize(
    "text",
    [
        "The claim is very unlikely. Our confidence is moderate.",
        "The U.S. view is that it is unlikely. We have moderate confidence in this basis.",
        "The Pentagon said it was confident that IS was likely to return.",
    ],
)
def test_likelihood_and_confidence_in_two_sentences_are_fine(text: str) -> None:
    assert list(two_scales(text, "then")) == []


def test_grounds_are_read_for_two_scales_too() -> None:
    mixed = replace(SOUND, then=replace(THEN, because="With low confidence, it is unlikely."))
    assert codes(mixed) == [("two-scales", "then")]


def test_length_is_counted_to_the_letter_and_to_the_word() -> None:
    exact = replace(SOUND, headline="b" * HEADLINE_CHARACTERS, summary="word " * SUMMARY_WORDS)
    assert codes(exact) == []
    over = replace(exact, headline=exact.headline + "b", summary=exact.summary + "more")
    assert codes(over) == [("too-long", "headline"), ("too-long", "summary")]
    assert characters(" four ") == 4


@given(st.lists(st.text("abc", min_size=1), max_size=80))
def test_every_word_counts_once(parts: list[str]) -> None:
    assert words(" \n".join(parts)) == words(" – ".join(parts)) == len(parts)


def test_a_ruling_needs_grounds() -> None:
    assert codes(replace(SOUND, then=replace(THEN, because=" "))) == [("no-grounds", "then")]


def test_a_word_outside_the_learners_own_interval_is_named_for_its_clock() -> None:
    wrong = replace(SOUND, since=replace(SINCE, likelihood="very likely"))
    assert codes(wrong) == [("word-outside", "since"), ("label-word", "since")]
    assert "“very likely”" in remarks_on(wrong)[0].message


@pytest.mark.parametrize(
    ("rating", "likelihood", "contradicts"),
    [
        ("False", "almost no chance", False),
        ("False", "unlikely", False),
        ("False", "roughly even chance", True),
        ("Mostly False", "roughly even chance", False),
        ("Mostly False", "likely", True),
        ("Pants on Fire", "almost certain", True),
        ("Refuted", "likely", True),
        ("Half True", "almost no chance", False),
        ("Not Enough Evidence", "likely", False),
        ("Mostly True", "roughly even chance", False),
        ("Mostly True", "unlikely", True),
        ("Supported", "roughly even chance", True),
        ("True", "very likely", False),
        ("True", "", False),
        ("", "very likely", False),
    ],
)
def test_a_label_does_not_contradict_the_likelihood_word(rating: str, likelihood: str, contradicts: bool) -> None:
    remarks_found = list(label_against_word(Ruling(rating=rating, likelihood=likelihood), "then"))
    assert [remark.code for remark in remarks_found] == ["label-word"] * contradicts


def test_without_weight_there_is_nothing_to_lie_outside_of() -> None:
    blank = tuple(replace(judgement, bearing="none") for judgement in JUDGED)
    assert codes(SOUND, blank) == []


def test_then_cannot_rest_on_what_became_known_later() -> None:
    named = replace(SOUND, then=replace(THEN, because="X03 shows units left."))
    assert codes(named) == [("after-clock", "then")]
    assert "23 May 2018" in remarks_on(named)[0].message
    year = replace(SOUND, then=replace(THEN, because="In 2018 units were still there."))
    assert codes(year) == [("after-clock", "then")]


def test_what_is_cited_from_later_asks_for_the_verdict_it_can_serve_and_blames_no_other() -> None:
    only_then = replace(SOUND, since=Ruling())
    assert codes(only_then) == [("after-clock", "since")]
    assert "X03" in remarks_on(only_then)[0].message
    assert "still open" in remarks_on(only_then)[0].message
    assert codes(replace(only_then, citations=("S09", "S11"))) == []


def test_a_difference_between_the_verdicts_needs_evidence_known_in_between() -> None:
    assert codes(replace(SOUND, citations=("S09", "S11"))) == [("no-difference", "since")]
    same = replace(SOUND, since=replace(THEN, because="Nothing that became known later changes this."))
    assert codes(replace(same, citations=("S09", "S11")), JUDGED[:2]) == []


def test_the_same_grounds_twice_are_no_difference() -> None:
    assert codes(replace(SOUND, since=replace(SINCE, because=THEN.because))) == [("no-difference", "since")]


def test_a_verdict_cites_several_statements_of_several_origins() -> None:
    assert ("too-few", "citations") in codes(replace(SOUND, citations=("X03",)))
    one_origin = tuple(replace(judgement, origin="Pentagon") for judgement in JUDGED)
    assert ("one-origin", "citations") in codes(SOUND, one_origin)


def test_what_is_cited_has_been_judged() -> None:
    stranger = replace(SOUND, citations=(*SOUND.citations, "X09"))
    assert codes(stranger) == [("not-judged", "citations")]
    assert "X09" in remarks_on(stranger)[0].message


@given(st.text(alphabet="“”\"'’ .,abN0%n o", max_size=60))
def test_any_text_can_be_checked(text: str) -> None:
    for check in (absolutes, certainties, numbers, two_scales):
        for remark in check(text, "headline"):
            assert remark.message
