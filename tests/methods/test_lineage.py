"""What lineage promises: a chain that is the record's, differences that are the data's, and no verdict on a choice."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.case import Case
from course.methods.lineage import (
    ABSOLUTE,
    ASPECTS,
    LONG,
    Difference,
    Wording,
    compare,
    describe_chain,
    lanes,
    lines,
    remarks,
    standing,
    summary,
    what_follows,
    wordings,
)

CASE = Case.load()
KNOWN = wordings(CASE.rows("claims"), CASE.rows("sources"))
IDS = tuple(KNOWN)

WHOLE = "On 6 December 2017 Interfax reported that Putin called Syria free of all IS fighters."


def plain(name: str, follows: str = "") -> Wording:
    return replace(KNOWN["C01"], id=name, follows=follows)


@st.composite
def records(draw: st.DrawFn) -> dict[str, Wording]:
    """Any record: each wording follows an earlier one or none."""
    known: dict[str, Wording] = {}
    for place in range(draw(st.integers(1, 14))):
        name = f"C{place:02}"
        known[name] = plain(name, draw(st.sampled_from(["", *known])))
    return known


def codes(text: str, marked: str | None = None) -> list[str]:
    return [remark.code for remark in remarks(text, KNOWN, marked)]


def difference(before: str, after: str, aspect: str) -> Difference:
    return next(
        difference for difference in compare(KNOWN[before], KNOWN[after]) if difference.aspect == ASPECTS[aspect]
    )


# --- the data ---------------------------------------------------------------------------------------------------------


def test_every_wording_says_whose_words_it_is_given_as() -> None:
    known = {row["id"] for row in CASE.rows("sources")}
    for row in CASE.rows("claims"):
        assert row["attributed_to"] in known, row["id"]
        # What Shoigu reported is known only from others: his words, and nobody recorded them when spoken.
        own = row["attributed_to"] == row["speaker"] and row["id"] != "C03"
        assert (row["kind"] == "first_hand") == own, row["id"]


def test_the_aspects_are_short_and_agree_with_what_else_a_row_says() -> None:
    for row in CASE.rows("claims"):
        for aspect in ("covers", "thing", "extent"):
            assert 1 <= len(str(row[aspect]).split()) <= 9, (row["id"], aspect)
        # The absolute is about the whole of Syria and leaves no limit; a limit is part of all others. Rudskoi leaves
        # none on ground, and one on fighters.
        assert row["absolute"] == (row["covers"] == "all of Syria"), row["id"]
        assert row["absolute"] == (row["hedge"] is None or row["id"] == "C08"), row["id"]


# --- the chain --------------------------------------------------------------------------------------------------------


def test_the_chain_breaks_where_nobody_has_shown_whose_words_the_report_passes_on() -> None:
    assert lines(KNOWN) == (
        ("C01",),
        ("C02",),
        ("C03", "C05", "C09"),
        ("C04", "C08"),
        ("C06", "C07"),
        ("C06", "C10"),
    )
    assert [KNOWN[name].speaker.split()[-1] for name in ("C03", "C05", "C06")] == ["Shoigu", "Putin", "Interfax"]
    assert [KNOWN[name].speaker.split()[-1] for name in ("C04", "C08")] == ["Gerasimov", "Rudskoi"]


@given(records())
def test_every_step_is_in_exactly_one_line(known: dict[str, Wording]) -> None:
    steps = [pair for line in lines(known) for pair in pairwise(line)]
    assert sorted(steps) == sorted((wording.follows, wording.id) for wording in known.values() if wording.follows)
    assert {name for line in lines(known) for name in line} == set(known)


@given(records())
def test_no_line_is_drawn_through_another_wording(known: dict[str, Wording]) -> None:
    at, order = lanes(known), list(known)
    for wording in known.values():
        if wording.follows:
            between = order[order.index(wording.follows) + 1 : order.index(wording.id)]
            assert at[wording.id] not in [at[name] for name in between]


def test_the_chain_in_words_names_every_step_and_only_the_learners_mark() -> None:
    text = describe_chain(KNOWN)
    assert "C03 → C05 → C09" in text
    assert "C06 → C07" in text
    assert "C04 → C08" in text
    assert "On their own: C01, C02." in text
    assert "marked" not in text
    assert describe_chain(KNOWN, "C08").endswith("You marked C08.")


# --- differences ------------------------------------------------------------------------------------------------------


def test_what_putin_said_lost_its_limit_and_its_place_on_the_way_to_interfax() -> None:
    assert difference("C05", "C06", "hedge").change == "lost"
    place = difference("C05", "C06", "covers")
    assert (place.change, place.lost, place.added) == ("changed", ("both banks of the Euphrates",), ("all of Syria",))
    assert difference("C05", "C06", "attributed_to").change == "same"


def test_the_headline_has_gerasimovs_units_and_not_interfaxs_country() -> None:
    assert difference("C04", "C10", "thing").lost == ("ground",)
    assert difference("C04", "C10", "thing").added == ()
    assert difference("C06", "C10", "thing").change == "changed"


def test_one_thing_in_the_place_of_one_other_is_a_swap() -> None:
    assert difference("C05", "C06", "speaker").swapped
    assert not difference("C05", "C06", "attributed_to").swapped
    assert not difference("C05", "C06", "thing").swapped
    assert not difference("C05", "C06", "hedge").swapped


@given(st.sampled_from(IDS), st.sampled_from(IDS))
def test_the_other_way_round_what_was_added_is_lost(before: str, after: str) -> None:
    there, back = compare(KNOWN[before], KNOWN[after]), compare(KNOWN[after], KNOWN[before])
    assert [difference.lost for difference in there] == [difference.added for difference in back]
    if before == after:
        assert {difference.change for difference in there} == {"same"}


def test_the_absolute_is_compared_only_when_asked_for() -> None:
    assert [difference.aspect for difference in compare(KNOWN["C05"], KNOWN["C06"])] == [*ASPECTS.values()]
    last = compare(KNOWN["C05"], KNOWN["C06"], absolute=True)[-1]
    assert (last.aspect, last.before, last.after) == (ABSOLUTE, ("no",), ("yes",))


def test_the_summary_sorts_every_aspect_under_its_change() -> None:
    text = summary(compare(KNOWN["C05"], KNOWN["C06"]))
    assert text == "lost: limit; changed: who says it, where, what, how complete; same: as whose words."


# --- what follows from a mark -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("marked", IDS)
def test_no_mark_is_called_right_or_wrong(marked: str) -> None:
    texts = what_follows(marked, KNOWN)
    assert not re.search(r"\b(right|wrong|correct|mistaken?|should have|true|false)\b", " ".join(texts), re.I)
    assert texts[-2] == f"What an editor would add: {KNOWN[marked].note}"
    assert texts[-1] == "Say why you chose this one: an editor will ask."
    assert what_follows(marked, KNOWN, "It says all.") == texts[:-1]


@pytest.mark.parametrize("marked", [name for name in IDS if not KNOWN[name].absolute])
def test_a_wording_with_a_limit_names_it(marked: str) -> None:
    assert what_follows(marked, KNOWN)[0] == f"This one still has a limit: {KNOWN[marked].hedge}"


def test_two_wordings_can_be_the_first_and_each_names_the_other() -> None:
    gerasimov, interfax = " ".join(what_follows("C04", KNOWN)), " ".join(what_follows("C06", KNOWN))
    for text, other in ((gerasimov, "C06"), (interfax, "C04")):
        assert "By day it is the first in our record without a limit: 6 December 2017." in text
        assert f"{other} is of the same day and has none either; the record has the day and not the hour." in text
    assert "The article never names him." in gerasimov
    assert "the words to be checked are those of Valery Gerasimov" in gerasimov
    assert "Under the name of Vladimir Putin it is the first" in interfax
    assert "goes back to C04 or to C05 is not proven" in interfax
    assert "what Interfax reported, and first of all whether Vladimir Putin said it" in interfax


@pytest.mark.parametrize(("marked", "earlier"), [("C08", "C04"), ("C10", "C06")])
def test_a_later_absolute_points_to_the_one_before(marked: str, earlier: str) -> None:
    assert what_follows(marked, KNOWN)[0].startswith(f"{earlier}, which it follows, states the absolute too.")


def test_a_record_with_one_start_claims_no_rival_of_the_same_day() -> None:
    later = {**KNOWN, "C06": replace(KNOWN["C06"], said_on=date(2017, 12, 8))}
    assert "By day it is the first" in what_follows("C04", later)[0]
    assert "same day" not in what_follows("C04", later)[0]
    assert "By day" not in what_follows("C06", later)[0]


# --- the wording to be checked ----------------------------------------------------------------------------------------


def test_a_wording_with_everything_leaves_no_remark() -> None:
    assert codes(WHOLE) == []


@pytest.mark.parametrize(
    ("code", "without"),
    [
        ("speaker", "On 6 December 2017 somebody called Syria free of all IS fighters."),
        ("date", "In December 2017 Interfax reported that Putin called Syria free of all IS fighters."),
        ("place", "On 6 December 2017 Interfax reported that Putin called the country free of all IS fighters."),
        ("thing", "On 6 December 2017 Interfax reported that Putin called Syria completely free of IS."),
        ("both", "On 6 December 2017 Interfax reported that Putin called nearly all of Syria free of IS fighters."),
        ("long", f"{WHOLE} {'And so on. ' * 9}"),
    ],
)
def test_what_is_missing_is_named_and_nothing_else(code: str, without: str) -> None:
    assert codes(without) == [code]


@pytest.mark.parametrize("blank", ["", "  \n"])
def test_a_blank_wording_has_one_remark(blank: str) -> None:
    assert codes(blank) == ["empty"]
    assert standing(remarks(blank, KNOWN)).startswith("Nothing is written yet.")


def test_how_a_wording_stands_is_one_line() -> None:
    assert standing(remarks(WHOLE, KNOWN)) == "Nothing missing: it says who, when, where and what."
    assert standing(remarks("Syria is free.", KNOWN)) == "To look at: 3"


@pytest.mark.parametrize(
    "day",
    ["6 December", "December 6", "6 Dec 2017", "Dec. 6", "the 6th of December 2017", "2017-12-06", "6/12/2017"],
)
def test_days_are_seen_in_the_ways_people_write_them(day: str) -> None:
    assert "date" not in codes(f"{day}: Putin calls Syria free of IS fighters.")


@pytest.mark.parametrize(
    "name", ["Vladimir Putin", "putin", "Putin’s", "Defence Ministry", "Channel One", "Zvezda", "Sergei Rudskoi"]
)
def test_speakers_are_seen_by_full_name_or_surname(name: str) -> None:
    assert "speaker" not in codes(f"{name} on 6 December 2017: no IS fighters in Syria.")


def test_no_one_is_no_channel_and_may_is_a_month() -> None:
    assert "speaker" in codes("No one fights in Syria, 6 December 2017.")
    assert "both" not in codes("On 23 May 2018 Rudskoi named all IS units in Syria.")
    assert "both" in codes("Rudskoi: all IS units in Syria may be gone, 7 December 2017.")


@pytest.mark.parametrize("text", ["not all fighters", "no longer any fighters"])
def test_what_leaves_something_open_is_no_absolute(text: str) -> None:
    assert "both" not in codes(f"On 6 December 2017 Putin said that some pockets and {text} are in Syria.")


def test_the_length_is_counted_in_words() -> None:
    sentence = WHOLE.split()
    fits = sentence + ["fighters"] * (LONG - len(sentence))
    assert codes(" ".join(fits)) == []
    assert codes(" ".join([*fits, "fighters"])) == ["long"]


def test_an_absolute_under_another_name_than_the_one_marked_is_remarked_on() -> None:
    putin = "On 6 December 2017 Putin said that all IS units in Syria were destroyed."
    assert codes(putin) == []
    assert codes(putin, "C10") == []
    assert codes(putin, "C04") == ["other-speaker"]
    assert "C04, by Valery Gerasimov" in remarks(putin, KNOWN, "C04")[0].message
    assert codes("On 6 December 2017 Putin said that operations on Syria’s ground were over.", "C04") == []


@given(st.text(max_size=300), st.sampled_from([None, *IDS]))
def test_any_text_gets_remarks_and_each_says_what_to_do(text: str, marked: str | None) -> None:
    shown = remarks(text, KNOWN, marked)
    assert len({remark.code for remark in shown}) == len(shown)
    assert all(remark.message.endswith(".") for remark in shown)
