"""What was known when: everything is on the axis once, the clock only ever opens, and no conflict is told unasked."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.case import Case
from course.methods.chronology import (
    Settings,
    chosen,
    clock_day,
    conflicts,
    counted,
    describe_clock,
    describe_doubts,
    entries,
    headline,
    hindsight,
    is_known,
    label,
    not_yet,
    periods,
    read_clock,
    still_to_come,
    stretches,
    undated,
)
from course.wording import span

CASE = Case.load()
SUBJECT = CASE.subject
PERIODS = periods()
TIMELINE, STATEMENTS = CASE.rows("timeline"), CASE.rows("statements")
EVERY = entries(TIMELINE, STATEMENTS)
BY_ID = {entry.id: entry for entry in EVERY}
ORIGINS = sorted({entry.origin for entry in EVERY})

days = st.dates(date(2010, 1, 1), date(2021, 12, 31))
settings = st.builds(
    Settings,
    clock=days.map(read_clock),
    period=st.sampled_from(sorted(PERIODS)),
    origins=st.none() | st.lists(st.sampled_from(ORIGINS), unique=True).map(tuple),
    kinds=st.none() | st.lists(st.sampled_from(sorted(SUBJECT.kinds)), unique=True).map(tuple),
)


# --- the axis -------------------------------------------------------------------------------------------------------


def test_every_event_and_every_dated_statement_is_on_the_axis_once() -> None:
    assert len(BY_ID) == len(EVERY)
    assert {str(row["id"]) for row in TIMELINE} <= set(BY_ID)
    with_event = {row["statement"] for row in TIMELINE}
    for row in STATEMENTS:
        own = row["id"] in BY_ID
        dated = bool(row["said_on"] or row["as_of"])
        assert own == (dated and row["set"] != "further" and row["id"] not in with_event), row["id"]


def test_statements_without_a_date_are_named_rather_than_lost() -> None:
    assert undated(TIMELINE, STATEMENTS) == ("S23", "S28")
    on_axis = {entry.statement for entry in EVERY}
    assert {row["id"] for row in STATEMENTS if row["set"] != "further"} - on_axis == {"S23", "S28"}


def test_entries_are_in_order_of_time() -> None:
    assert [entry.first for entry in EVERY] == sorted(entry.first for entry in EVERY)


def test_a_statement_is_dated_by_when_it_was_said_or_else_by_what_it_describes() -> None:
    assert (BY_ID["S25"].dated, BY_ID["S25"].when) == ("said", "7 November 2017")
    assert (BY_ID["S09"].dated, BY_ID["S09"].when) == ("describes", "December 2017")


@pytest.mark.parametrize(
    ("entry", "when"),
    [
        ("E02", "2014"),
        ("E10", "July to September 2017"),
        ("E12", "October 2017"),
        ("E27", "6 December 2017"),
    ],
)
def test_a_date_is_no_more_exact_than_its_source(entry: str, when: str) -> None:
    assert BY_ID[entry].when == when


@given(days, st.sampled_from(["day", "month", "quarter", "year"]))
def test_a_span_holds_its_day_and_meets_its_neighbours(day: date, precision: str) -> None:
    first, last = span(day, precision)
    assert first <= day <= last
    if precision != "day":
        assert span(last, precision) == (first, last)
        assert span(last + timedelta(days=1), precision)[0] == last + timedelta(days=1)


def test_everything_fits_on_the_whole_axis() -> None:
    _, first, last = PERIODS["all"]
    assert all(first <= entry.first and entry.last <= last for entry in EVERY)
    assert chosen(EVERY, Settings()) == EVERY


# --- the clock ------------------------------------------------------------------------------------------------------


@given(days, days)
def test_a_later_clock_never_makes_an_entry_unknown(first: date, other: date) -> None:
    earlier, later = (read_clock(day) for day in sorted((first, other)))
    known = {entry.id for entry in EVERY if is_known(entry, earlier)}
    assert known <= {entry.id for entry in EVERY if is_known(entry, later)}


@given(days)
def test_what_is_not_known_says_from_when_and_what_is_known_says_nothing(day: date) -> None:
    clock = read_clock(day)
    for entry in EVERY:
        assert bool(not_yet(entry, clock)) == (not is_known(entry, clock))


@pytest.mark.parametrize(
    ("value", "clock"),
    [
        ("then", "then"),
        ("since", "since"),
        ("2017-12-07", "2017-12-07"),
        (date(2017, 12, 7), "2017-12-07"),
        (datetime(2017, 12, 7, 23, 59), "2017-12-07"),
        ("2017-12-11", "then"),
        (date.max, "since"),
    ],
)
def test_a_clock_is_a_name_or_a_day_and_is_kept_one_way(value: object, clock: str) -> None:
    assert read_clock(value) == clock
    assert read_clock(clock) == clock


@pytest.mark.parametrize("value", ["yesterday", "2017-13-01", "7 Dec 2017", "", None, 20171207])
def test_what_is_no_clock_is_refused_with_what_is(value: object) -> None:
    with pytest.raises(ValueError, match=r"'then' \(11 December 2017\), 'since' \(today\), or a day .*'2017-12-07'"):
        read_clock(value)


def test_the_named_clocks_are_the_days_they_say() -> None:
    assert {name: clock_day(name) for name in SUBJECT.clocks} == {"then": SUBJECT.known_until, "since": date.max}
    assert [describe_clock(clock) for clock in ("then", "since", "2017-12-07")] == [
        "11 December 2017",
        "today",
        "7 December 2017",
    ]


def test_what_rudskoi_said_of_yarmouk_is_greyed_on_the_day_of_the_article_in_words() -> None:
    assert not_yet(BY_ID["E36"], "then") == "not known until 23 May 2018"
    assert not_yet(BY_ID["E36"], "2018-05-23") == ""


def test_every_statement_of_the_article_could_be_known_on_its_day() -> None:
    unknown = [entry for entry in EVERY if not is_known(entry, "then")]
    assert not [entry.id for entry in unknown if str(entry.statement).startswith("S")]
    assert [entry.id for entry in unknown] == ["E30", "E34", "E35", "E37", "E36", "E38", "E39", "E40"]


@given(settings)
def test_the_result_counts_what_is_shown(settings: Settings) -> None:
    shown = chosen(EVERY, settings)
    known = sum(is_known(entry, settings.clock) for entry in shown)
    if shown:
        assert f"{known} of {len(shown)} entr" in counted(shown, settings.clock)
        assert bool(still_to_come(shown, settings.clock)) == (known < len(shown))
    else:
        assert "No entry is shown" in counted(shown, settings.clock)


def test_the_result_names_what_came_out_first_and_counts_the_rest() -> None:
    assert counted(EVERY, "then") == "Clock at 11 December 2017: 49 of 57 entries could be known."
    later = still_to_come(EVERY, "then")
    assert later.startswith("Not yet known: ")
    assert "Yarmouk camp" in later
    assert later.endswith("(23 May 2018); and 5 more.")
    assert counted(EVERY, "since") == "Clock at today: 57 of 57 entries could be known."
    assert still_to_come(EVERY, "since") == ""


def test_a_headline_is_short_and_has_no_full_stop() -> None:
    assert headline(BY_ID["E11"]) == "Hawija, near Kirkuk, falls"
    assert all(len(headline(entry)) <= 70 for entry in EVERY)


@pytest.mark.parametrize(("clock", "warned"), [("2017-12-06", False), ("then", False), ("2017-12-12", True)])
def test_only_a_clock_later_than_the_article_brings_a_word_on_hindsight(clock: str, warned: bool) -> None:
    assert bool(hindsight(clock)) == warned


# --- filters --------------------------------------------------------------------------------------------------------


@given(settings)
def test_filters_only_ever_remove_and_keep_the_order(settings: Settings) -> None:
    shown = chosen(EVERY, settings)
    assert list(shown) == [entry for entry in EVERY if entry in shown]


@given(settings)
def test_lifting_a_filter_never_hides_anything(settings: Settings) -> None:
    shown = set(chosen(EVERY, settings))
    for wider in (replace(settings, origins=None), replace(settings, kinds=None), replace(settings, period="all")):
        assert shown <= set(chosen(EVERY, wider))


@given(settings)
def test_settings_are_read_back_as_they_were_kept(settings: Settings) -> None:
    assert Settings.of(json.loads(json.dumps(settings.to_dict()))) == settings


@pytest.mark.parametrize(
    "kept",
    [None, "then", [], {"clock": 5, "period": ["week"], "origins": "all"}, {"clock": "noon", "period": "1999"}],
)
def test_settings_of_another_version_fall_back_to_the_whole_axis(kept: object) -> None:
    assert Settings.of(kept) == Settings()


def test_a_month_that_may_lie_in_the_claims_week_is_shown_there() -> None:
    week = {entry.id for entry in chosen(EVERY, Settings(period="week"))}
    assert {"E18", "E27", "E28", "E33", "S09", "S10"} <= week
    assert not {"E16", "E17", "E34"} & week


# --- dates that do not fit ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("doubted", ["E27", "E28"])
def test_doubting_either_date_of_rudskois_briefing_brings_out_both(doubted: str) -> None:
    by_entry = conflicts(EVERY, [doubted])
    assert set(by_entry) == {"E27", "E28"}
    assert all("The 7th is right" in " ".join(texts) for texts in by_entry.values())


def test_nothing_stands_out_before_a_doubt() -> None:
    assert conflicts(EVERY, []) == {}


def test_a_doubt_without_a_known_conflict_brings_nothing_out_and_is_told_so() -> None:
    assert conflicts(EVERY, ["E03"]) == {}
    assert "About E03 our sources agree, as far as we know." in describe_doubts(EVERY, ["E03"])


def test_doubting_the_briefing_does_not_give_away_what_came_out_in_2018() -> None:
    assert "E36" not in conflicts(EVERY, ["E28"])
    assert set(conflicts(EVERY, ["E36"])) == {"E28", "E36"}


def test_an_entry_without_a_conflict_of_its_own_is_found_from_the_other_side() -> None:
    assert set(conflicts(EVERY, ["E23"])) == {"E23", "E24"}


@given(st.sets(st.sampled_from(sorted(BY_ID))), st.sampled_from(sorted(BY_ID)))
def test_only_what_is_doubted_and_its_other_side_ever_stands_out(doubted: set[str], more: str) -> None:
    by_entry = conflicts(EVERY, sorted(doubted))
    for entry_id in by_entry:
        sides = {entry.id for entry in EVERY if entry_id in (entry.id, entry.conflict_with) and entry.conflict}
        sides |= {str(entry.conflict_with) for entry in EVERY if entry.id in sides}
        assert doubted & (sides | {entry_id})
    assert set(by_entry) <= set(conflicts(EVERY, sorted(doubted | {more})))


def test_the_rows_of_the_case_name_the_other_side_of_every_conflict() -> None:
    for entry in EVERY:
        assert bool(entry.conflict) == bool(entry.conflict_with), entry.id
        assert entry.conflict_with != entry.id


def test_the_doubts_in_words_say_which_stand_out() -> None:
    assert describe_doubts(EVERY, []) == "You doubt no entry yet."
    assert "You doubt E27. Our sources do not fit either: E27, E28 stand out." in describe_doubts(EVERY, ["E27"])


# --- what the lanes show --------------------------------------------------------------------------------------------


def test_the_lanes_have_every_entry_and_those_of_the_week_are_the_weeks() -> None:
    parts = {stretch.code: stretch for stretch in stretches(EVERY)}
    assert list(parts) == ["before", "year", "week", "after"]
    shown = {code: [entry for column in part.columns for entry in column.entries] for code, part in parts.items()}
    assert {entry.id for entry in EVERY} == set().union(*shown.values())
    assert sorted(shown["week"]) == sorted(entry.id for entry in chosen(EVERY, Settings(period="week")))
    assert all(len(set(ids)) == len(ids) for ids in shown.values())
    assert [(column.first.day, column.precision) for column in parts["week"].columns] == [
        *((day, "day") for day in (5, 6, 7, 11)),
        (5, ""),
    ]
    assert all(len(part.columns) <= 8 for part in parts.values())


def test_a_label_is_short_and_loses_no_limit_of_a_text_that_is_a_little_longer() -> None:
    texts = {
        "Putin: complete defeat on both banks; isolated pockets possible.": (
            "Putin: complete defeat on both banks; isolated pockets possible"
        ),
        "Croft takes it as a sign that IS is falling apart, as a caliphate and as an owner of land.": (
            "Croft takes it as a sign that IS is falling apart …"
        ),
        "The U.S. suspends its talks with Russia and calls home the staff sent to set the Joint Center up.": (
            "The U.S. suspends its talks with Russia and calls home …"
        ),
        "x" * 90: "x" * 62 + " …",
    }
    for text, short in texts.items():
        assert label(replace(EVERY[0], text=text)) == short
