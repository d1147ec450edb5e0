"""What a learner is told about an answer: one message, about the first thing that stands in the way."""

import math
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.checks.expect import (
    NotAnswered,
    NotYet,
    expect,
    expect_bool,
    expect_date,
    expect_items,
    expect_number,
    expect_person,
    expect_some,
    expect_table,
    expect_text,
)

COMPOUND = "You added 14 % and 16 %; they compound."


def message_of(check: Callable[[], None]) -> str:
    """What a check says about an answer that does not pass."""
    with pytest.raises(NotYet) as caught:
        check()
    return str(caught.value)


# --- is there an answer? ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("untouched", [..., None, "", "  ", "...", "…"])
def test_an_untouched_answer_is_not_answered_whatever_was_asked(untouched: object) -> None:
    for check in (
        lambda: expect("it", bool, "no", answer=untouched),
        lambda: expect_number("it", 1, answer=untouched),
        lambda: expect_text("it", "a", answer=untouched),
        lambda: expect_items("it", ["a"], answer=untouched),
        lambda: expect_table("it", pd.DataFrame({"a": [1]}), answer=untouched),
    ):
        assert message_of(check) == "it is not answered yet."


def test_a_name_the_learner_has_not_made_is_not_answered() -> None:
    with pytest.raises(NotAnswered, match="share_lost is not answered yet"):
        expect_number("share_lost", 27.76)


def test_an_answer_is_found_by_its_name_where_the_check_stands() -> None:
    share_lost = 27.76
    expect_number("share_lost", share_lost)


def test_nothing_of_the_tool_itself_is_taken_for_an_answer() -> None:
    with pytest.raises(NotAnswered):
        expect_text("COMPOUND_", "x")
    with pytest.raises(NotAnswered):
        expect_number("NotYetHere", 1)


def test_a_passing_check_says_one_line_and_does_not_praise(capsys: pytest.CaptureFixture[str]) -> None:
    expect_number("share_lost", 27.76, within=0.05, answer=27.8)
    assert capsys.readouterr().out == "share_lost: as far as this check can see, right.\n"


def test_a_notebook_shows_the_message_and_no_traceback() -> None:
    assert NotYet("Look again.")._render_traceback_() == ["Not yet. Look again."]
    assert NotAnswered("It is not answered yet.")._render_traceback_() == ["It is not answered yet."]


def test_a_notebook_adds_where_to_look_for_an_answer_that_was_written_and_not_found() -> None:
    nothing = None
    for name, advice in (("share_last", "compare the spelling: share_last"), ("nothing", "only show a value")):
        with pytest.raises(NotAnswered) as caught:
            expect_number(name, 27.76)
        assert str(caught.value) == f"{name} is not answered yet."
        assert advice in caught.value._render_traceback_()[1]
    assert nothing is None


# --- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "number", [28, 28.0, np.int64(28), np.float64(28), np.float32(28), Decimal(28), Fraction(28), 28.04, 27.96]
)
def test_every_way_to_write_a_number_counts(number: object) -> None:
    expect_number("n", 28, within=0.05, answer=number)


def test_rounding_by_the_machine_is_no_mistake() -> None:
    expect_number("n", 0.3, answer=0.1 + 0.2)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("27.76", "n is text ('27.76'), and a number is needed. Write it without quotation marks"),
        ("28 %", "Write it without quotation marks, units"),
        (True, "n is a truth value (True), and a number is needed. A comparison gives"),
        (np.bool_(True), "A comparison gives"),
        (float("nan"), "something it was worked out from is missing"),
        ((27, 76), "For a decimal point write 27.5, not 27,5"),
        ([27.76], "n is a list, and a number is needed. len(…) counts"),
        (pd.Series([27.76, 3]), "n is a column (Series), and a number is needed. len(…) counts its rows"),
        (pd.Timedelta(days=27), "n is a span of time (Timedelta), and a number is needed. Put .days behind it"),
        (pd.DataFrame({"a": [1]}).groupby("a"), "Say what to ask of the groups"),
        ([27.76].index, "n is a verb that has not been run, and a number is needed. Call it"),
        (float("nan"), "a filter that kept none"),
        (pd.Series([27.76]), "n is a column (Series), and a number is needed. It holds one value; take it out with"),
        (np.array([27.76]), "take it out with .item()"),
        (pd.DataFrame({"a": [27.76]}), "Pick one column"),
        (abs, "Call it, with round brackets"),
        (30, COMPOUND),
        (30.04, COMPOUND),
        (0.2776, "a fraction of one. The question asks for percent"),
        (26, "n is 26 percent, which is not the expected answer. Start from what was held."),
    ],
)
def test_each_way_a_number_is_wrong_gets_its_own_message(wrong: object, message: str) -> None:
    text = message_of(
        lambda: expect_number(
            "n",
            27.76,
            within=0.05,
            unit="percent",
            unless={30: COMPOUND},
            hint="Start from what was held.",
            answer=wrong,
        )
    )
    assert message in text


def test_a_right_number_close_to_a_misconception_is_still_right() -> None:
    expect_number("n", 27.76, within=3, unless={30: COMPOUND}, answer=28)


def test_a_misconception_can_be_described() -> None:
    assert message_of(
        lambda: expect_number("n", 5, unless=[(lambda n: n < 0, "It cannot be negative.")], answer=-2)
    ) == ("n: It cannot be negative.")


def test_no_message_gives_the_answer_away() -> None:
    for wrong in ("12", True, [1], 12, 0.2776, float("nan")):
        assert "27.76" not in message_of(lambda wrong=wrong: expect_number("n", 27.76, unit="percent", answer=wrong))  # type: ignore[misc]


# --- functions -------------------------------------------------------------------------------------------------------


def test_a_function_is_asked_with_given_values() -> None:
    def compound(first: float, second: float) -> float:
        return 100 - (100 - first) * (100 - second) / 100

    expect_number("compound", 27.76, given=(14, 16))
    assert "compound(14, 16) is 27.76" in message_of(
        lambda: expect_number("compound", 30, answer=compound, given=(14, 16))
    )


def test_a_function_that_is_none_or_stops_is_told_so() -> None:
    def unwritten(_: int) -> None: ...

    def breaks(n: int) -> float:
        return n / 0

    with pytest.raises(NotAnswered, match=r"unwritten\(1\) gives nothing back yet"):
        expect_number("unwritten", 1, given=(1,))
    assert "breaks(1) stops with ZeroDivisionError" in message_of(
        lambda: expect_number("breaks", 1, answer=breaks, given=(1,))
    )
    assert "a function is needed" in message_of(lambda: expect_number("n", 1, answer=3, given=(1,)))


# --- texts -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["Max Abrahms", " max  abrahms ", "MAX ABRAHMS"])
def test_capitals_and_spaces_do_not_make_a_text_wrong(text: str) -> None:
    expect_text("speaker", "Max Abrahms", answer=text)


def test_several_texts_can_be_right() -> None:
    expect_text("speaker", ("Abrahms", "Max Abrahms"), answer="abrahms")


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (4, "r is 4, which is not on the list. Choose from: A, B, C, F. Write it between quotation marks."),
        (["C"], "is a list, and text is needed. Write one text, without the brackets, between quotation marks."),
        (pd.Series(["C"]), "Look at it, then write the text you mean between quotation marks."),
        ("G", "is 'G', which is not on the list. Choose from: A, B, C, F."),
        ("F", "F means unknown, not worst."),
        ("A", "is 'A', which is not the expected answer. Who pays them?"),
    ],
)
def test_each_way_a_text_is_wrong_gets_its_own_message(wrong: object, message: str) -> None:
    unless = {"F": "F means unknown, not worst."}
    assert message in message_of(
        lambda: expect_text("r", "C", among=("A", "B", "C", "F"), unless=unless, hint="Who pays them?", answer=wrong)
    )


# --- several things --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "items",
    [["S02", "S03"], ("S03", "S02"), {"S02", "S03"}, pd.Series(["S03", "S02"]), np.array(["S02", "S03"])],
    ids=["list", "tuple", "set", "Series", "array"],
)
def test_several_things_may_come_as_any_collection(items: object) -> None:
    expect_items("repeats", ["S02", "S03"], answer=items)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("S02", "is text ('S02'), and a list is needed. Write ['S02'], in square brackets."),
        (7, "The question asks which ones, not how many."),
        ("S02, S03", "Each item has quotation marks of its own"),
        (["S02, S03"], "Each item has quotation marks of its own"),
        (["S02", ...], "repeats is not finished"),
        (["S02"], "repeats: 1 is missing. Who confirms whom?"),
        (["S02", "S03", "S03"], "repeats: S03"),
        (["S02", "S03", "S09"], "S09 contradicts; it does not repeat."),
        (["S02", "S07", ["odd"]], "should not be there and 1 is missing"),
    ],
)
def test_each_way_a_collection_is_wrong_gets_its_own_message(wrong: object, message: str) -> None:
    unless = {"S09": "S09 contradicts; it does not repeat."}
    text = message_of(
        lambda: expect_items("repeats", ["S02", "S03"], unless=unless, hint="Who confirms whom?", answer=wrong)
    )
    assert message in text.replace("'", "") or message in text


def test_capitals_do_not_make_an_item_wrong_but_a_function_gives_back_what_the_question_says() -> None:
    expect_items("repeats", ["S02", "S03"], answer=["s03", "S02 "])
    expect_items("order", ["A", "B"], ordered=True, answer=["a", "b"])
    unless = {"S09": "S09 contradicts."}
    assert "S09 contradicts." in message_of(lambda: expect_items("r", ["S02"], unless=unless, answer=["s02", "s09"]))
    assert "'S02' should not be there" in message_of(
        lambda: expect_items("r", ["s02"], answer=lambda text: [text], given=["S02"])
    )


def test_order_counts_only_where_asked() -> None:
    expect_items("order", [1, 2, 3], answer=[3, 1, 2])
    assert "look at number 1" in message_of(lambda: expect_items("order", [1, 2, 3], ordered=True, answer=[3, 1, 2]))
    assert "keeps no order" in message_of(lambda: expect_items("order", [1, 2, 3], ordered=True, answer={1, 2, 3}))


# --- a choice of items -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("chosen", [["a"], ("b", "a"), {"a", "b"}, np.array(["b"]), pd.Series(["a", "a"])])
def test_any_choice_from_the_list_counts(chosen: object) -> None:
    expect_some("rests_on", ["a", "b"], answer=chosen)


def test_an_item_that_is_not_on_the_list_is_named_or_explained() -> None:
    assert "c should not be there" in message_of(lambda: expect_some("rests_on", ["a"], answer=["a", "c"])).replace(
        "'", ""
    )
    explained = message_of(lambda: expect_some("rests_on", ["a"], unless={"c": "c is hindsight."}, answer=["b", "c"]))
    assert explained == "rests_on: c is hindsight."


def test_an_empty_choice_is_not_answered() -> None:
    assert "at least one" in message_of(lambda: expect_some("rests_on", ["a"], answer=[]))


# --- tables ----------------------------------------------------------------------------------------------------------

RIGHT = pd.DataFrame(
    {
        "origin": ["abrahms", "cnn", "un"],
        "items": [4, 1, 2],
        "first": pd.to_datetime(["2017-12-06", "2017-12-07", "2018-07-27"]),
        "direct": [True, False, True],
    }
)


@pytest.mark.parametrize(
    "same",
    [
        RIGHT,
        RIGHT[["direct", "first", "items", "origin"]],
        RIGHT.iloc[::-1],
        RIGHT.set_index(pd.Index(["x", "y", "z"])),
        RIGHT.astype({"items": "Int64", "origin": object, "direct": "boolean"}),
        RIGHT.astype({"items": float, "origin": "category", "direct": object}),
        RIGHT.assign(first=[date(2017, 12, 6), date(2017, 12, 7), date(2018, 7, 27)]),
    ],
    ids=["same", "columns", "rows", "index", "nullable", "category", "date"],
)
def test_a_table_counts_by_what_it_says_not_how_it_is_stored(same: pd.DataFrame) -> None:
    expect_table("by_origin", RIGHT, answer=same)


def test_missing_values_are_equal_to_each_other_and_to_nothing_else() -> None:
    gaps = pd.DataFrame({"a": ["x", None, "z"], "n": [1.0, None, 3.0]})
    expect_table("t", gaps, answer=pd.DataFrame({"n": pd.array([3, None, 1], dtype="Int64"), "a": ["z", None, "x"]}))
    assert "'n'" in message_of(lambda: expect_table("t", gaps, answer=gaps.fillna({"n": 0})))


TWICE = pd.concat([RIGHT, RIGHT.iloc[[0]]])


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ([1, 2], "by_origin is a list, and a table (DataFrame) is needed."),
        (RIGHT["items"], "is a column (Series), and a table (DataFrame) is needed. Turn its index into a column"),
        (
            RIGHT.groupby("origin"),
            "is a table cut into groups (groupby), and a table (DataFrame) is needed. Say what to ask",
        ),
        (RIGHT.groupby("origin").size, "is a verb that has not been run"),
        ("RIGHT", "The name of a table has no quotation marks."),
        (RIGHT.drop(columns="items"), "has no column 'items'. Its columns are: origin, first, direct."),
        (RIGHT.assign(extra=1), "has a column that was not asked for: 'extra'."),
        (TWICE, "The repeat is counted twice."),
        (RIGHT.head(1), "has 1 row, which is too few."),
        (RIGHT.assign(items=["4", "1", "2"]), "has text in column 'items', where numbers are needed."),
        (RIGHT.assign(first=RIGHT["first"].astype(str)), "has text in column 'first', where dates are needed."),
        (RIGHT.assign(items=[4, 3, 2]), "in column 'items': look at 3 in the row where 'origin' is 'cnn'. Count."),
        (RIGHT.assign(first=pd.Timestamp("2017-12-06")), "in column 'first': look at '2017-12-06' in the row where"),
    ],
)
def test_each_way_a_table_is_wrong_gets_its_own_message(wrong: object, message: str) -> None:
    unless = [(TWICE, "The repeat is counted twice.")]
    assert message in message_of(lambda: expect_table("by_origin", RIGHT, unless=unless, hint="Count.", answer=wrong))


def test_row_order_extra_columns_and_tolerance_are_the_testers_choice() -> None:
    assert "in row 1" in message_of(lambda: expect_table("t", RIGHT, ordered=True, answer=RIGHT.iloc[::-1]))
    expect_table("t", RIGHT, extra_columns=True, answer=RIGHT.assign(extra=1))
    expect_table("t", RIGHT, within=0.1, answer=RIGHT.assign(items=[4.05, 0.95, 2]))


def test_an_empty_table_is_compared_too() -> None:
    empty = RIGHT.head(0)
    expect_table("t", empty, answer=empty)
    assert "too many" in message_of(lambda: expect_table("t", empty, answer=RIGHT))


# --- anything else ---------------------------------------------------------------------------------------------------


def test_a_condition_that_stops_says_why_and_what_was_wanted() -> None:
    expect("ratings", lambda ratings: len(ratings) == 2, "Rate two statements.", answer=[1, 2])
    assert (
        message_of(lambda: expect("ratings", lambda ratings: len(ratings) == 2, "Rate two.", answer=[1]))
        == "ratings: Rate two."
    )
    text = message_of(lambda: expect("ratings", lambda ratings: len(ratings) == 2, "Rate two.", answer=5))
    assert text.startswith("ratings could not be checked (TypeError")
    assert text.endswith("Rate two.")


def test_a_filter_that_was_never_put_to_the_table_is_told_apart_from_a_list() -> None:
    with pytest.raises(NotYet, match=r"In square brackets behind the table's name"):
        expect_items("ids", ["S09"], answer=pd.Series([True, False]))


def test_a_table_whose_names_are_its_index_is_not_sent_to_a_column_it_does_not_have() -> None:
    table = pd.DataFrame({"id": ["S09"], "speaker": ["abrahms"]}).set_index("id")
    with pytest.raises(NotYet, match=r"For its index, id: list\(….index\)"):
        expect_items("ids", ["S09"], answer=table)


def test_a_function_that_stops_is_told_why_and_where_to_look() -> None:
    with pytest.raises(NotYet, match=r"stops with KeyError: 'b'\. One level deeper\.$"):
        expect_text("word", "x", given=[{"a": {}}], answer=lambda value: value["b"], hint="One level deeper.")


def test_a_dictionary_is_told_how_to_become_a_text_or_a_table() -> None:
    with pytest.raises(NotYet, match=r"a dictionary, and text is needed\. Take one value out"):
        expect_text("word", "x", answer={"a": "x"})
    with pytest.raises(NotYet, match=r"pd\.DataFrame\(…\) makes a table of it"):
        expect_table("left", pd.DataFrame({"a": [1]}), answer={"a": [1]})


def test_a_table_where_a_list_is_needed_is_told_how_to_become_one() -> None:
    with pytest.raises(NotYet, match=r'a list is needed\. Pick one column of it, for example with \["id"\]'):
        expect_items("mine", ["S09"], answer=pd.DataFrame({"id": ["S09"]}))


# --- in any form -----------------------------------------------------------------------------------------------------


def test_scalars_of_numpy_are_pythons() -> None:
    expect_bool("b", True, answer=pd.Series(["a", "b"]).eq("a").any())
    expect_bool("says", False, answer=lambda text: np.bool_(text == "x"), given=["y"])
    expect_text("t", "place", answer=np.str_("Place"))
    expect_text("grade", "6", among=list("123456"), answer=np.int64(6))
    expect_number("n", 6, answer=np.array(6))
    expect_items("ids", ["a", "b"], answer=np.array(["b", "a"]))
    expect_items("holds", [True, False], answer=pd.Series([True, False]))


def test_truth_values() -> None:
    assert message_of(lambda: expect_bool("b", True, answer=False)) == "b is False, which is not the expected answer."
    assert message_of(lambda: expect_bool("b", True, answer=False, otherwise="Look at C04.")) == "b: Look at C04."
    for wrong in ("True", 1, pd.Series([True, False])):
        assert "True or False is needed. Write" in message_of(partial(expect_bool, "b", True, answer=wrong))
    assert "End it with a comparison" in message_of(lambda: expect_bool("says", True, answer=len, given=["a"]))


def test_a_column_that_is_asked_for_may_be_the_index() -> None:
    counts = pd.DataFrame({"origin": ["cnn", "us"], "n": [1, 2]})
    for answer in (
        counts.set_index("origin"),
        counts.set_index("origin").rename_axis(None),
        counts.set_index("origin")["n"],
        counts.set_index("origin")["n"].rename(None),
        counts.set_index(["origin", "n"]),
    ):
        expect_table("by_origin", counts, answer=answer)
    two = pd.DataFrame({"origin": ["cnn", "us"], "kind": ["a", "b"], "n": [1, 2]})
    expect_table("by_origin", two, answer=two.groupby(["origin", "kind"])["n"].sum())
    assert "Turn its index into a column" in message_of(lambda: expect_table("t", counts, answer=counts["n"]))


@pytest.mark.parametrize(
    "wrong",
    [[1, 2], (1, 2), {1}, np.array([1, 2]), 3, "t", {"a": 1}, object(), len, RIGHT["items"] > 1, RIGHT["items"], 1.5],
)
def test_a_wrong_kind_always_comes_with_a_next_step(wrong: object) -> None:
    for check, needed in (
        (lambda: expect_table("t", RIGHT, answer=wrong), "is needed. "),
        (lambda: expect_items("t", ["x"], answer=wrong), "is needed. "),
        (lambda: expect_number("t", 99, answer=wrong), "is needed. "),
        (lambda: expect_text("t", "x", answer=wrong), "is needed. "),
        (lambda: expect_date("t", "2017-12-06", answer=wrong), "is needed. "),
        (lambda: expect_person("t", "Valery Gerasimov", answer=wrong), "is needed. "),
    ):
        message = message_of(check)
        assert message.startswith("t")
        if needed in message:
            assert len(message.split(needed)[1].split()) >= 3, message


# --- one precision ---------------------------------------------------------------------------------------------------


@given(st.floats(0.5, 1000), st.integers(0, 2))
def test_exact_and_rounded_numbers_pass_at_every_precision_and_the_next_place_does_not(
    exact: float, decimals: int
) -> None:
    for answer in (exact, round(exact, decimals), np.float64(exact), exact + 1e-12):
        expect_number("n", exact, decimals=decimals, answer=answer)
    with pytest.raises(NotYet):
        expect_number("n", exact, decimals=decimals, answer=exact + 0.6 * 10**-decimals)


def test_a_number_rounded_too_early_is_recognised_everywhere() -> None:
    assert "round only the result" in message_of(
        lambda: expect_number("n", 27.76, decimals=1, hint="Divide.", answer=28)
    )
    assert "round only the result" not in message_of(lambda: expect_number("n", 27.76, decimals=1, answer=31))
    assert "COMPOUND" in message_of(
        lambda: expect_number("n", 27.76, decimals=1, unless={28: "COMPOUND"}, answer=28)
    ), "a known mistake comes first"
    right = pd.DataFrame({"origin": ["cnn", "us"], "share": [33.333, 66.667]})
    expect_table("t", right, decimals=1, answer=right.round(1))
    assert "round only the result" in message_of(lambda: expect_table("t", right, decimals=1, answer=right.round(0)))
    assert "round only" not in message_of(
        lambda: expect_table("t", right, decimals=1, answer=right.assign(share=[3, 6]))
    )


# --- days and people -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "right", ["6 Dec. 2017", "December 6th", "06/12/2017", "12/06/2017", date(2017, 12, 6), np.datetime64("2017-12-06")]
)
def test_a_day_in_any_form(right: object) -> None:
    expect_date("when", "2017-12-06", answer=right)
    expect_date("when", [date(2017, 12, 1), date(2017, 12, 6)], answer=right)


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ("7 Dec 2017", "when is '7 Dec 2017', which is another day. Look at C05."),
        ("6 Dec 2018", "which is another day"),
        ("5 December 2017", "when: That is C01."),
        ("December 2017", "when has a month and no day."),
        ("soon", "when is text ('soon'), and one date is needed. Write the day"),
        (6, "when is a number (6), and one date is needed."),
    ],
)
def test_each_way_a_day_is_wrong_gets_its_own_message(wrong: object, message: str) -> None:
    assert message in message_of(
        lambda: expect_date(
            "when", "2017-12-06", unless={"2017-12-05": "That is C01."}, hint="Look at C05.", answer=wrong
        )
    )


def test_a_month_is_enough_where_no_day_is_known() -> None:
    expect_date("when", "December 2017", answer="Dec 2017")
    assert "another day" in message_of(lambda: expect_date("when", "December 2017", answer="6 Dec 2017"))


def test_a_person_in_any_form() -> None:
    expect_person("who", "Valery Gerasimov", answer="Gen. V. Gerasimov")
    expect_person("who", ["Vladimir Putin", "Valery Gerasimov"], answer="President Putin")
    unless = {"Sergei Rudskoi": "He spoke a day later."}
    for wrong, message in (
        ("Rudskoi", "who: He spoke a day later."),
        ("Russia", "who is 'Russia', which does not name the right person."),
        (4, "a name is needed. Put it between quotation marks."),
    ):
        assert message in message_of(partial(expect_person, "who", "Valery Gerasimov", unless=unless, answer=wrong))


@pytest.mark.parametrize(("number", "passes"), [(math.inf, True), (np.inf, True), (1800, False), (-math.inf, False)])
def test_no_end_is_a_number_like_others(number: float, passes: bool) -> None:
    if passes:
        expect_number("at_most", math.inf, answer=number)
    else:
        with pytest.raises(NotYet, match="at_most is"):
            expect_number("at_most", math.inf, answer=number)


def test_a_whole_number_where_a_decimal_was_asked_for_was_rounded() -> None:
    with pytest.raises(NotYet, match="round only the result"):
        expect_number("change", -22.56, decimals=1, answer=-23)


@pytest.mark.parametrize("kept", [slice(1, None), [1, 2]], ids=["a slice", "a filter"])
def test_the_numbers_of_rows_that_a_filter_left_over_are_no_column(kept: slice | list[int]) -> None:
    table = pd.DataFrame({"id": ["a", "b", "c"], "days": [1, 2, 3]}).iloc[kept]
    right = pd.DataFrame({"id": ["b", "c"], "days_old": [2, 3]})
    with pytest.raises(NotYet, match="has no column 'days_old'"):
        expect_table("ages", right, extra_columns=True, answer=table)
