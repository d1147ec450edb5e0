"""What scope promises: bounds that hold everything a figure leaves possible, and nothing said that it does not say."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from course.case import Case
from course.methods.bounds import KM2_IN_SQ_MI, NOTHING, Assumption, Bounds, number
from course.methods.scope import Interpretation, Quantity, denominators, interpret, quantities, survey

CASE = Case.load()
FIGURES = quantities(CASE.rows("quantities"), CASE.rows("statements"))
SCOPES = tuple(CASE.subject.places)
CLAIM_DAY = date(2017, 12, 6)


def read(
    figure: str, base: str = "", on: date | None = CLAIM_DAY, scope: str = "Syria", **assumed: float
) -> Interpretation:
    return interpret(
        FIGURES[figure],
        base=FIGURES[base] if base else None,
        scope=scope,
        on=on,
        assumption=Assumption(assumed.get("low", 0), assumed.get("high", 1), bool(assumed.get("unchanged"))),
    )


def plain(text: str) -> str:
    return text.replace("\u00a0", " ")


# --- the figures of the case -----------------------------------------------------------------------------------------


def test_97_percent_of_34_000_square_miles_leaves_syria_between_none_and_1_020() -> None:
    seen = read("Q12", "Q01")
    assert (seen.total.low, seen.total.high) == (1020, 1020)
    assert (seen.low, seen.high, seen.open, seen.unit) == (0, 1020, False, "sq_mi")
    assert seen.means("T") == "fits both none and some: does not decide"


def test_4_to_5_percent_of_34_000_square_miles_is_1_360_to_1_700_and_a_month_too_old() -> None:
    seen = read("Q11", "Q01")
    assert (seen.total.low, seen.total.high) == (1360, 1700)
    assert (seen.low, seen.open) == (0, True)
    own_day = read("Q11", "Q01", on=None)
    assert (own_day.low, own_day.high) == (0, 1700)


def test_from_4_to_5_percent_down_to_3_loses_25_to_40_percent_of_what_was_left() -> None:
    before, after = read("Q11", "Q01").total, read("Q12", "Q01").total
    assert 1 - after.low / before.low == pytest.approx(0.25)
    assert 1 - after.high / before.high == pytest.approx(0.40)


@pytest.mark.parametrize(
    ("figure", "square_miles"), [("Q02", 35_058), ("Q03", 30_116), ("Q05", 25_290), ("Q06", 23_321), ("Q07", 23_320)]
)
def test_ihs_areas_in_square_miles(figure: str, square_miles: int) -> None:
    assert round(FIGURES[figure].bounds().into("sq_mi").low) == square_miles


@pytest.mark.parametrize(("figure", "square_kilometres"), [("Q01", 88_060), ("Q07", 60_399)])
def test_square_miles_in_square_kilometres(figure: str, square_kilometres: int) -> None:
    assert round(FIGURES[figure].bounds().into("km2").low) == square_kilometres


def test_a_fall_leaves_the_rest_of_its_base() -> None:
    assert FIGURES["Q09"].bounds(FIGURES["Q02"]).low == pytest.approx(78_088)
    assert read("Q09", "Q02", on=date(2015, 12, 31)).same_day


def test_more_than_3_000_in_both_gives_syria_none_to_no_upper_end() -> None:
    seen = read("Q16", on=None)
    assert (seen.low, seen.high, seen.open) == (0, math.inf, True)
    assert any("no upper end" in line for line in seen.cannot)
    assumed = read("Q16", on=None, low=0.3, high=0.6).assumed
    assert assumed == Bounds(900, math.inf, "people", above_low=True, below_high=False)


def test_fewer_than_3_000_in_both_gives_syria_none_to_below_3_000() -> None:
    seen = read("Q14", on=None)
    assert seen.free == Bounds(0, 3000, "people", below_high=True)
    assert not seen.free.has(3000)
    assert any("also fits none" in line for line in seen.cannot)


def test_fewer_than_1_000_is_of_another_day_and_says_nothing_about_the_day_of_the_claim() -> None:
    assert read("Q17").free.nothing
    assert read("Q17", unchanged=True).assumed == Bounds(0, 1000, "people", below_high=True)


def test_about_3_000_for_syria_keeps_its_point_is_marked_and_its_weakness_is_said() -> None:
    seen = read("Q15")
    assert seen.free == Bounds(3000, 3000, "people", approximate=True)
    assert plain(seen.free.text) == "about 3,000 people"
    assert seen.means("F") == "if right, cannot be squared with F"
    assert any("second-hand" in line for line in seen.cannot)
    assert any("both countries" in line for line in seen.cautions)


def test_the_97_percent_release_speaks_of_people_and_land_and_says_no_base() -> None:
    seen = read("Q12")
    assert seen.unit == "percent"
    assert (seen.low, seen.high) == (0, 3)
    assert any("denominator" in line for line in seen.cannot)
    assert any("people and land" in line for line in seen.cautions)


def test_one_figure_only_speaks_against_no_fighters_and_none_against_no_ground_with_nothing_assumed() -> None:
    looks = [read(figure) for figure in FIGURES]
    assert {figure.quantity.id: figure.against for figure in looks if figure.against} == {"Q15": ("F",)}
    summary = survey(looks)
    assert "2 of 28 figures of ground or fighters set any bounds here: Q12, Q15. " in summary
    assert summary.endswith("Q15 (against F).")
    assert survey([read("Q16")]).endswith("none of them.")


def test_the_last_enclave_the_day_before_speaks_against_no_ground_only_if_nothing_changed() -> None:
    assert "does not decide" in read("Q13").means("T")
    assert (
        read("Q13", unchanged=True)
        .means("T")
        .endswith("With your assumption: if both are right, cannot be squared with T")
    )


@pytest.mark.parametrize("figure", ["Q20", "Q24", "Q29", "Q31", "Q33"])
def test_bombs_troops_strikes_and_events_measure_another_thing(figure: str) -> None:
    seen = read(figure, low=0.3, high=0.6, unchanged=True)
    assert all(seen.means(reading).startswith("measures another thing") for reading in "TF")
    assert seen.assumed is None
    assert "does not apply" in seen.finding


def test_a_count_over_months_says_nothing_about_one_day_whatever_is_assumed() -> None:
    assert read("Q33", unchanged=True).free.nothing
    assert any("not one day" in line for line in read("Q33").cannot)


def test_a_length_and_a_percentage_of_the_whole_do_not_split_up() -> None:
    assert read("Q13", scope="Iraq", on=None).free.nothing
    assert read("Q20", on=None).free.nothing


def test_a_date_known_to_the_year_is_not_a_day_of_it() -> None:
    assert read("Q01", on=date(2014, 1, 1), scope="Iraq+Syria").free.nothing
    assert FIGURES["Q01"].when == "2014"
    assert FIGURES["Q19"].when == "mid-2018"


def test_a_reading_is_only_answered_for_its_own_place_and_day() -> None:
    elsewhere = "speaks of Syria on 6 December 2017, and you ask about another place or day"
    assert read("Q12", "Q01", scope="Iraq").means("T") == elsewhere
    assert read("Q12", "Q01", on=date(2017, 12, 7)).means("T") == elsewhere
    assert read("Q12", "Q01", on=None).means("T") == "fits both none and some: does not decide"


def test_a_chosen_base_is_the_learners_step_and_more_than_is_not_forgotten() -> None:
    limits = " ".join(read("Q12", "Q01").cannot)
    assert "Q01 is the right denominator" in limits
    assert "more than 34,000" in limits


def test_denominators_are_land_of_the_same_place_that_is_not_later() -> None:
    assert [base.id for base in denominators(FIGURES["Q09"], FIGURES.values())] == ["Q01", "Q02"]
    assert len(denominators(FIGURES["Q12"], FIGURES.values())) == 8
    assert denominators(FIGURES["Q16"], FIGURES.values()) == ()


def test_the_text_has_all_of_it() -> None:
    seen = read("Q12", "Q01", low=0.3, high=0.6)
    assert str(seen) == seen.text
    for part in (seen.finding, *seen.can, *seen.cannot, seen.means("T"), seen.means("F"), "no reason"):
        assert part in seen.text


# --- every figure ----------------------------------------------------------------------------------------------------

shares = st.floats(0, 1).map(lambda share: round(share, 3))
ordered = st.tuples(shares, shares).map(sorted)
assumptions = st.builds(lambda span: Assumption(span[0], span[1]), ordered)
scopes = st.sampled_from(list(SCOPES))
days = st.dates(date(2014, 1, 1), date(2019, 12, 31))


def fighters(qualifier: str, value: int, scope: str) -> Quantity:
    return replace(FIGURES["Q16"], qualifier=qualifier, value=value, scope=scope)


def about_right(bounds: Bounds, value: float) -> bool:
    """Whether the bounds have the value, but for the last digits of floating-point arithmetic."""
    slack = 1e-9 * max(1.0, abs(value))
    return bounds.low - slack <= value <= bounds.high + slack


@given(
    qualifier=st.sampled_from(["exactly", "about", "more than", "fewer than"]),
    value=st.integers(0, 10_000),
    scope=scopes,
    asked=scopes,
    assumed=assumptions,
    where=st.floats(0, 1),
    total=st.integers(1, 20_000),
)
def test_bounds_hold_every_world_in_which_figure_and_assumption_are_right(
    *, qualifier: str, value: int, scope: str, asked: str, assumed: Assumption, where: float, total: int
) -> None:
    share = assumed.low + where * (assumed.high - assumed.low)
    world = {"Syria": share * total, "Iraq": (1 - share) * total, "Iraq+Syria": float(total)}
    if qualifier in ("exactly", "about"):
        assume(world[scope] > 0)
        grown = value / world[scope]  # the same world, of the size that the figure gives
        world = {place: amount * grown for place, amount in world.items()}
    figure = fighters(qualifier, value, scope)
    assume(qualifier in ("exactly", "about") or figure.bounds().has(world[scope]))
    seen = interpret(figure, scope=asked, assumption=assumed)
    assert about_right(seen.free, world[asked])
    if seen.applies:
        assert seen.assumed
        assert about_right(seen.assumed, world[asked])


@given(st.integers(0, 10_000), scopes, scopes, st.floats(0.001, 0.999), st.floats(0.001, 0.999))
def test_bounds_are_no_wider_than_they_must_be(value: int, scope: str, asked: str, first: float, other: float) -> None:
    low, high = sorted((first, other))
    seen = interpret(fighters("exactly", value, scope), scope=asked, assumption=Assumption(low, high))
    assert seen.assumed is not None
    reached = []
    for share in (low, high):
        parts = {"Syria": share, "Iraq": 1 - share, "Iraq+Syria": 1.0}
        reached.append(value * parts[asked] / parts[scope])
    assert seen.assumed.low == pytest.approx(min(reached))
    assert seen.assumed.high == pytest.approx(max(reached))


@given(
    qualifier=st.sampled_from(["exactly", "more than", "fewer than"]),
    value=st.integers(0, 10_000),
    scope=scopes,
    asked=scopes,
    narrow=assumptions,
    other=assumptions,
)
def test_assuming_less_never_narrows(
    *, qualifier: str, value: int, scope: str, asked: str, narrow: Assumption, other: Assumption
) -> None:
    wide = Assumption(min(narrow.low, other.low), max(narrow.high, other.high))
    figure = fighters(qualifier, value, scope)
    inner, outer = (interpret(figure, scope=asked, assumption=each) for each in (narrow, wide))
    if inner.assumed is None:
        return  # nothing assumed, or a contradiction: no bounds to be inside of others
    widest = outer.assumed or outer.free
    assert widest.low <= inner.assumed.low + 1e-9
    assert widest.high >= inner.assumed.high - 1e-9
    assert outer.free.low <= widest.low
    assert outer.free.high >= widest.high


@given(st.integers(0, 100_000), shares)
def test_syria_and_iraq_make_the_whole(value: int, share: float) -> None:
    figure, assumed = fighters("exactly", value, "Iraq+Syria"), Assumption(share, share, unchanged=True)
    syria, iraq, both = (interpret(figure, scope=scope, assumption=assumed).assumed for scope in SCOPES)
    assert syria
    assert iraq
    assert both
    assert syria.low + iraq.low == pytest.approx(both.low)
    assert syria.high + iraq.high == pytest.approx(both.high)


@given(st.floats(0, 1e7), st.sampled_from(["sq_mi", "km2"]))
def test_units_round_trip(area: float, unit: str) -> None:
    other = {"sq_mi": "km2", "km2": "sq_mi"}[unit]
    bounds = Bounds(area, area, unit)
    back = bounds.into(other).into(unit)
    assert back.low == pytest.approx(area)
    assert back.unit == unit
    assert Bounds(1, 1, "sq_mi").into("km2").high == KM2_IN_SQ_MI


@given(st.sampled_from(sorted(FIGURES)), scopes, days, assumptions)
def test_another_day_is_bounded_only_by_assuming_that_nothing_changed(
    figure: str, scope: str, on: date, assumed: Assumption
) -> None:
    assume(on != FIGURES[figure].day)
    seen = interpret(FIGURES[figure], scope=scope, on=on, assumption=assumed)
    assert seen.free.nothing
    assert seen.assumed is None or seen.assumed.nothing or seen.clash
    assert any("How it was on" in line for line in seen.cannot)


@given(
    figure=st.sampled_from(sorted(FIGURES)),
    with_base=st.booleans(),
    scope=scopes,
    on=st.sampled_from([None, CLAIM_DAY]),
    assumed=assumptions,
    unchanged=st.booleans(),
)
def test_every_look_can_be_read_and_its_verdict_follows_from_its_bounds(
    *, figure: str, with_base: bool, scope: str, on: date | None, assumed: Assumption, unchanged: bool
) -> None:
    bases = denominators(FIGURES[figure], FIGURES.values())
    base = bases[0] if with_base and bases else None
    seen = interpret(FIGURES[figure], base=base, scope=scope, on=on, assumption=replace(assumed, unchanged=unchanged))
    text = seen.text.replace(FIGURES[figure].locator, "")  # Kazinform is no infinity.
    assert "nan" not in text
    assert "inf" not in text
    for reading in "TF":
        if seen.means(reading).startswith("if right, cannot be squared"):
            assert not seen.free.has(0)
        if seen.means(reading).startswith("fits both"):
            assert seen.free.has(0)


# --- words -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bounds", "text"),
    [
        (Bounds(0, math.inf, "people"), "0 to no upper end"),
        (Bounds(3000, math.inf, "people", above_low=True), "more than 3,000 people, with no upper end"),
        (Bounds(5000, math.inf, "people", approximate=True), "at least about 5,000 people, with no upper end"),
        (Bounds(900, math.inf, "people"), "at least 900 people, with no upper end"),
        (Bounds(0, 3000, "people", below_high=True), "0 to below 3,000 people"),
        (Bounds(90, 100, "percent", above_low=True), "more than 90, up to 100 %"),
        (Bounds(34, 34, "count"), "34"),
        (Bounds(0, 0, "sq_mi", approximate=True), "0 sq mi"),
        (Bounds(0, 1020, "sq_mi", approximate=True), "0 to about 1,020 sq mi (0 to about 2,642 km²)"),
        (Bounds(7, 10, "km", approximate=True), "about 7 to 10 km"),
    ],
)
def test_bounds_in_words(bounds: Bounds, text: str) -> None:
    assert plain(bounds.text) == text


def test_small_numbers_keep_their_digits() -> None:
    assert [number(value) for value in (0.0, 4.5, 23.456, 99.99, 100.4, 60398.5)] == [
        *("0", "4.5", "23.5", "100", "100", "60,398"),
    ]


def test_an_assumption_says_what_it_assumes_and_why() -> None:
    text = plain(Assumption(0.3, 0.6, unchanged=True, because=" the desert is Syrian. ").text)
    assert "between 30 % and 60 %" in text
    assert "nothing has changed" in text
    assert text.endswith("because: the desert is Syrian.")
    assert plain(Assumption(0.5, 0.5).text).endswith("exactly 50 %, and no reason is given yet.")
    assert NOTHING.text == "You assume nothing."


def test_a_figure_and_an_assumption_may_contradict_each_other() -> None:
    seen = read("Q15", low=0, high=0)
    assert seen.clash
    assert "cannot both be right" in seen.finding
    assert "cannot both be right" in seen.means("F")
    assert read("Q15", low=0, high=0, scope="Iraq").clash


def test_assuming_that_syria_had_none_says_none() -> None:
    assert read("Q12", "Q01", low=0, high=0).assumed == Bounds(0, 0, "sq_mi", approximate=True)
    assert read("Q14", on=None, low=0, high=0).assumed == Bounds(0, 0, "people")
    assert read("Q12", "Q01", low=0, high=0).means("T").endswith("if both are right, none is left, as T says")


# --- what is refused -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [-0.1, 1.1, 30, math.nan, "0.3", True, None])
def test_a_share_that_is_none_is_refused(share: object) -> None:
    with pytest.raises(ValueError, match="from 0 to 1"):
        Assumption(low=share)  # type: ignore[arg-type]


def test_shares_the_wrong_way_round_are_refused() -> None:
    with pytest.raises(ValueError, match="60\u00a0%, is above the higher one, 30\u00a0%"):
        Assumption(0.6, 0.3)


@pytest.mark.parametrize("wrong", [{"unchanged": "yes"}, {"because": 3}])
def test_other_parts_of_the_wrong_kind_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Assumption(**wrong)  # type: ignore[arg-type]


def test_what_a_part_has_the_whole_has_at_least_and_may_have_more() -> None:
    case = Case.load("case-2018")
    figures = quantities(case.rows("quantities"), case.rows("statements"), case.subject)
    pocket, fewer, whole = figures["Q16"], figures["Q13"], figures["Q14"]
    assert (interpret(pocket, scope="Syria").low, interpret(pocket, scope="Syria").open) == (2_000, True)
    # "Fewer than" in a part says nothing about the whole, and the whole nothing about a part.
    assert interpret(fewer, scope="Syria").free.nothing
    assert interpret(whole, scope="part of Syria").free.nothing
    # A later day is another question.
    assert interpret(pocket, scope="Syria", on=date(2019, 3, 23)).free.nothing


def test_an_unknown_scope_is_refused_with_those_there_are() -> None:
    with pytest.raises(ValueError, match=r"Scopes: Syria, Iraq, Iraq\+Syria"):
        interpret(FIGURES["Q12"], scope="Turkey")


@pytest.mark.parametrize(("figure", "base", "why"), [("Q16", "Q01", "no share"), ("Q09", "Q08", "not later")])
def test_a_base_that_does_not_fit_is_refused(figure: str, base: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        interpret(FIGURES[figure], base=FIGURES[base])


def test_an_unknown_reading_is_refused() -> None:
    with pytest.raises(ValueError, match="T, F"):
        read("Q12").means("A")


def test_only_areas_change_their_unit() -> None:
    with pytest.raises(ValueError, match="sq_mi and km2"):
        Bounds(0, 1, "people").into("km2")


def test_a_scope_that_is_no_part_of_two_places_together_is_not_split_up() -> None:
    """In a case with such a scope, an amount for it says nothing about the others, whatever share is assumed."""
    places = {**CASE.subject.places, "part of Syria": "a part of Syria"}
    subject = replace(CASE.subject, places=places)
    part = replace(FIGURES["Q15"], scope="part of Syria", subject=subject)
    seen = interpret(part, scope="Syria", assumption=Assumption(0.3, 0.6))
    assert seen.free.nothing
    assert seen.assumed is not None
    assert seen.assumed.nothing
    assert seen.cannot[0] == "How much there was in Syria: it covers a part of Syria only."
    assert interpret(part, scope="part of Syria").low == part.value
