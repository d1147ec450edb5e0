"""ScopeLens's plain methods, its messages, and what it makes of a ledger that others have written."""

from __future__ import annotations

import math
from datetime import date
from typing import Any

import pandas as pd
import pytest

from course import Ledger, ScopeLens
from course.case import CaseError
from course.methods.bounds import NOTHING, Bounds

WHY = "Most of what was left is desert on the Syrian side."


@pytest.fixture
def lens() -> ScopeLens:
    return ScopeLens(ledger=Ledger())


def send(lens: ScopeLens, kind: str, **values: Any) -> list[dict[str, Any]]:
    """Do as the view does; return what was refused."""
    sent: list[dict[str, Any]] = []
    lens.send = lambda content, *_: sent.append(content)
    lens._receive(lens, {"type": kind, "view": "v", "number": 1, **values}, None)
    return [content for content in sent if content["type"] == "refused"]


def state(lens: ScopeLens) -> dict[str, Any]:
    now: dict[str, Any] = lens.get_state()["state"]
    return now


def test_it_starts_with_the_figure_as_published_and_nothing_assumed(lens: ScopeLens) -> None:
    seen = lens.result
    assert (seen.quantity.id, seen.scope, seen.on, seen.base) == ("Q12", "Iraq+Syria", None, None)
    assert lens.assumption == NOTHING
    assert lens.ledger.answers == {}


def test_looking_gives_the_bounds_and_turns_the_view(lens: ScopeLens) -> None:
    seen = lens.look("Q12", denominator="Q01", scope="Syria", on="2017-12-06")
    assert (seen.low, seen.high, seen.open) == (0, 1020, False)
    assert state(lens)["finding"] == seen.finding
    assert state(lens)["can"] == list(seen.can)
    assert state(lens)["cannot"] == list(seen.cannot)


def test_it_opens_with_a_question(lens: ScopeLens) -> None:
    assert state(lens)["question"].replace("\u00a0", " ") == "About 97 % of what?"
    assert state(lens)["hint"] == "Share lost of what was once held. Choose what it is a share of."
    lens.look("Q12", denominator="Q01", scope="Syria", on="2017-12-06")
    asked = "what does that say about Syria, 6 December 2017?"
    assert state(lens)["question"].replace("\u00a0", " ") == f"About 97 %: {asked}"
    lens.look("Q16")
    assert state(lens)["question"].replace("\u00a0", " ") == f"More than 3,000 people: {asked}"
    assert state(lens)["hint"] == "Fighters."


def test_what_is_left_out_stays_as_it_was(lens: ScopeLens) -> None:
    lens.look("Q12", denominator="Q01", scope="Syria", on="2017-12-06")
    assert lens.look("Q15").on == date(2017, 12, 6)
    assert lens.look("Q12").high == 1020
    assert lens.look(denominator="").unit == "percent"
    assert lens.look(on="own").on is None


def test_a_day_may_be_a_date_or_a_timestamp(lens: ScopeLens) -> None:
    for day in (date(2017, 12, 6), pd.Timestamp("2017-12-06 10:00")):
        assert lens.look(on="own").on is None
        assert lens.look(on=day).on == date(2017, 12, 6)


def test_an_assumption_gives_bounds_of_its_own_until_it_is_dropped(lens: ScopeLens) -> None:
    lens.look("Q16", scope="Syria", on="2017-12-06")
    lens.assume(low=0.3, high=0.6, because=WHY)
    assert lens.result.assumed == Bounds(0, math.inf, "people")
    lens.assume(low=0.3, high=0.6, unchanged=True, because=WHY)
    assert lens.result.assumed == Bounds(900, math.inf, "people", above_low=True)
    assert WHY.rstrip(".") in lens.result.text
    lens.drop_assumption()
    assert lens.result.assumed is None
    assert lens.assumption == NOTHING


def test_the_view_and_the_plain_methods_do_the_same(lens: ScopeLens) -> None:
    send(lens, "look", scope="Syria")
    send(lens, "look", denominator="Q01")
    send(lens, "look", on="2017-12-06")
    send(lens, "assume", low=30, high=60, unchanged=True, because=WHY)
    plain = ScopeLens(ledger=Ledger())
    plain.look("Q12", denominator="Q01", scope="Syria", on="2017-12-06")
    plain.assume(low=0.3, high=0.6, unchanged=True, because=WHY)
    ours, theirs = ({**state(first), "handled": 0, "version": 0} for first in (lens, plain))
    assert ours == theirs
    assert lens.ledger.answers == plain.ledger.answers
    send(lens, "drop")
    assert lens.assumption == NOTHING


@pytest.mark.parametrize("percent", [0, 7, 14, 29, 33.3, 57, 58, 100])
def test_percent_come_back_as_they_were_typed(lens: ScopeLens, percent: float) -> None:
    send(lens, "assume", low=percent, high=100, unchanged=False, because="")
    assert state(lens)["low"] == str(percent)


def test_two_lenses_on_one_ledger_agree_and_another_finds_it_again() -> None:
    ledger = Ledger()
    first, other = ScopeLens(ledger=ledger), ScopeLens(ledger=ledger)
    first.look("Q11", denominator="Q02", scope="Syria")
    first.assume(low=0.5, because=WHY)
    assert other.result == first.result == ScopeLens(ledger=Ledger.loads(ledger.dumps())).result


def test_what_another_version_wrote_is_passed_over_part_by_part() -> None:
    ledger = Ledger()
    ledger.answer("scope/settings", {"figure": "Q99", "scope": "Syria", "on": "yesterday", "denominator": ["Q01"]})
    ledger.answer("scope/assumption", {"low": 2, "high": "much"})
    lens = ScopeLens(ledger=ledger)
    assert (lens.result.quantity.id, lens.result.scope, lens.result.on) == ("Q12", "Syria", None)
    assert lens.assumption == NOTHING
    for odd in (None, 3, ["Q12"], {"because": 3}, {"share": 0.5}):
        ledger.answer("scope/settings", odd)
        ledger.answer("scope/assumption", odd)
        assert state(lens)["figure"] == "Q12"
        assert lens.assumption == NOTHING


def test_a_denominator_stays_chosen_for_shares_and_is_left_out_for_the_rest(lens: ScopeLens) -> None:
    lens.look("Q12", denominator="Q08")
    assert lens.look("Q16").base is None
    assert state(lens)["bases"] == []
    assert lens.look("Q09").base is None
    assert state(lens)["bases"] == ["Q01", "Q02"]
    chosen = lens.look("Q12").base
    assert chosen
    assert chosen.id == "Q08"


def test_the_table_has_every_figure_for_the_place_and_day(lens: ScopeLens) -> None:
    lens.look("Q12", denominator="Q01", scope="Syria", on="2017-12-06")
    frame = lens.table().set_index("figure")
    assert len(frame) == len(lens.case.rows("quantities"))
    assert (frame.loc["Q12", "low"], frame.loc["Q12", "high"]) == (0, 1020)
    assert list(frame.index[frame["F"].str.startswith("if right")]) == ["Q15"]
    assert not frame["T"].str.startswith("if right").any()
    assert frame["assumed_low"].isna().all()


def test_the_table_of_the_view_is_worked_out_only_while_it_is_open(lens: ScopeLens) -> None:
    assert state(lens)["table"] == []
    send(lens, "table", is_open=True)
    assert len(state(lens)["table"]) == len(lens.case.rows("quantities"))
    assert "set any bounds" in state(lens)["survey"]
    send(lens, "table", is_open=False)
    assert state(lens)["table"] == []


def test_the_view_says_nothing_of_the_table_before_it_is_opened(lens: ScopeLens) -> None:
    lens.look("Q16", scope="Syria", on="2017-12-06")
    assert "Q15" not in str(state(lens))


def test_the_chart_has_the_finding_and_the_same_rows(lens: ScopeLens) -> None:
    lens.look("Q12", denominator="Q01", scope="Syria", on="2017-12-06")
    lens.assume(low=0.3, high=0.6, because=WHY)
    figure = lens.chart()
    assert figure.title.endswith(lens.result.finding)
    assert list(figure.as_table()["what"]) == [row["label"] for row in state(lens)["rows"]]
    assert list(figure.as_table()["lowest"]) == [1020, 0, 306]


@pytest.mark.parametrize("figure", ["Q12", "Q13", "Q15", "Q16", "Q17", "Q20", "Q33"])
@pytest.mark.parametrize("on", ["own", "2017-12-06"])
def test_every_kind_of_bounds_can_be_drawn(lens: ScopeLens, figure: str, on: str) -> None:
    lens.look(figure, scope="Iraq", on=on)
    assert lens.chart().svg().count("NaN") == 0
    lens.assume(low=1, unchanged=True, because=WHY)  # none of it in Iraq
    table = lens.chart().as_table()
    assert (table["lowest"] <= table["highest"]).all()


def test_its_line_of_text_is_the_finding(lens: ScopeLens) -> None:
    lens.look("Q14", scope="Syria")
    assert repr(lens).replace("\u00a0", " ") == (
        "Q14: Syria, 5 December 2017: with nothing assumed, 0 to below 3,000 people."
    )


@pytest.mark.parametrize(
    ("wrong", "names"),
    [
        ({"figure": "Q99"}, "Q01, Q02"),
        ({"denominator": "Q99"}, "Q01, Q02"),
        ({"figure": "Q16", "denominator": "Q01"}, "leave the denominator out"),
        ({"figure": "Q12", "denominator": "Q15"}, "land held"),
        ({"scope": "both"}, r"Syria, Iraq, Iraq\+Syria"),
        ({"on": "6 December"}, "2017-12-06"),
        ({"on": 2017}, "2017-12-06"),
    ],
)
def test_what_there_is_not_is_refused_with_what_there_is(lens: ScopeLens, wrong: dict[str, Any], names: str) -> None:
    with pytest.raises((ValueError, CaseError), match=names):
        lens.look(**wrong)
    assert lens.ledger.answers == {}


def test_shares_the_wrong_way_round_are_refused_and_nothing_is_kept(lens: ScopeLens) -> None:
    with pytest.raises(ValueError, match="is above the higher one"):
        lens.assume(low=0.6, high=0.3, because=WHY)
    [refused] = send(lens, "assume", low=60, high=30, unchanged=False, because=WHY)
    assert "is above the higher one" in refused["message"]
    assert lens.ledger.answers == {}
