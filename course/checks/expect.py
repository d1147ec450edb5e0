"""Checks for exercises: the functions that test cells are written with.

A check examines one answer in layers and reports the first that fails: is there an answer, is it of the right kind,
does it have the right shape, is it a known misconception, is it the right value. A check that fails raises `NotYet`,
which a notebook shows as one message without a traceback; a check that passes prints one line. ::

    from course.checks.expect import expect_number

    expect_number("share_lost", 27.76, decimals=1, unit="percent",
                  unless={30: "You added 14 % and 16 %. The second loss is a share of what was left: they compound."})

The parameters that most checks share:

name : str
    The learner's name for the answer, as text, so that a missing name counts as "not answered" and is not an error.
unless : Misconceptions
    Known wrong answers and what to say about each.
hint : str
    What to say if the answer is wrong in no known way.
answer : object
    The value itself, if it has no name (such as a value in the ledger).
given : sequence
    Arguments for the learner's function; the check examines what it returns.
decimals : int
    How precise the question asks a number to be: 1 for "to one decimal", 0 for whole numbers, -1 for tens. An answer
    passes if it is at most half a unit of that place away, so a rounded number and an exact one both do. This is the
    course's one tolerance; a question states the place.

An answer counts in any form: numbers, truth values and text from NumPy or pandas are read as Python's.

Every check raises `NotAnswered` if there is no answer, and `NotYet` if the answer does not pass. Every message names
the answer it is about. The right answer never appears in a message, because learners run the test cells again and again
while they work.
"""

from __future__ import annotations

import inspect
import math
import operator
import re
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence, Sized
from decimal import Decimal
from functools import partial
from numbers import Real
from typing import TYPE_CHECKING, Any, Final, TypeAlias

from course.checks.dates import Day, read_day
from course.checks.people import is_person
from course.wording.lookalikes import describe_lookalikes

if TYPE_CHECKING:
    import pandas as pd

Misconceptions: TypeAlias = Mapping[Any, str] | Sequence[tuple[Any, str]]
"""Known wrong answers, each with what to say about it. A wrong answer may also be a function that takes the answer and
returns whether it is this misconception. Pairs are for wrong answers that cannot be keys, such as tables."""


class NotYet(AssertionError):  # noqa: N818 - a learner reads this name; an unfinished answer is not an error
    """An answer does not pass a check yet. The message says what to look at."""

    def _render_traceback_(self) -> list[str]:
        # IPython calls this to get what it shows instead of a traceback.
        return [f"Not yet. {self}"]


class NotAnswered(NotYet):
    """There is no answer yet.

    `advice` is for a learner who is sure that there is an answer. Only a notebook shows it, below the message; in a
    table of all questions it would be repeated too often.
    """

    def __init__(self, message: str, advice: str = "") -> None:
        super().__init__(message)
        self.advice = advice

    def _render_traceback_(self) -> list[str]:
        return [line for line in (str(self), self.advice) if line]


_LOOK_UP: Final = object()


def expect(
    name: str,
    condition: Callable[[Any], object],
    otherwise: str,
    *,
    answer: object = _LOOK_UP,
    given: Sequence[object] | None = None,
) -> None:
    """Check any condition.

    Parameters
    ----------
    condition : callable
        Takes the answer and returns whether it passes. An exception counts as not passing.
    otherwise : str
        What to say if it does not pass.

    Examples
    --------
    >>> headline = "IS lost its towns, not its last fighters"
    >>> expect("headline", lambda text: "completely" not in text, "The headline repeats the absolute.")
    headline: as far as this check can see, right.
    """
    label, value = _find(name, answer, given)
    try:
        holds = bool(condition(value))
    except Exception as error:
        raise NotYet(f"{label} could not be checked ({type(error).__name__}: {error}). {otherwise}") from error
    if not holds:
        raise NotYet(_about(label, otherwise))
    _passed(label)


def expect_number(
    name: str,
    expected: float,
    *,
    decimals: int | None = None,
    within: float = 0.0,
    unit: str = "",
    unless: Misconceptions = (),
    hint: str = "",
    answer: object = _LOOK_UP,
    given: Sequence[object] | None = None,
) -> None:
    """Check a number: an integer or a float, from Python or NumPy.

    A number that is close to the right one and not close enough was probably rounded before the last step, and the
    message says so.

    Parameters
    ----------
    expected : float
        The right number, in `unit`, with all its digits.
    decimals : int, optional
        The precision that the question states; None if the number is exact, such as a count.
    within : float
        A tolerance in `unit` beyond that, also for the misconceptions; only where the question allows for a reading by
        eye.
    unit : str
        Used in messages. With ``"percent"`` there is a special message for a fraction (0.28 for 28).

    Examples
    --------
    >>> share_lost = 30
    >>> expect_number("share_lost", 27.76, decimals=1, unless={30: "You added; losses compound."})
    Traceback (most recent call last):
    ...
    course.checks.expect.NotYet: share_lost: You added; losses compound.
    """
    label, value = _find(name, answer, given, hint)
    within = max(within, tolerance(decimals))
    if isinstance(value, bool) or not isinstance(value, Real | Decimal):
        raise NotYet(f"{label} is {_kind(value)}, and a number is needed. {_way_to_a_number(value)}".strip())
    number = float(value)
    if math.isnan(number):
        raise NotYet(
            f"{label} is NaN, “not a number”: something it was worked out from is missing, or it was divided by the 0 "
            "rows of a filter that kept none."
        )

    def near(target: float) -> bool:
        # The tolerance for rounding makes 0.1 + 0.2 equal to 0.3 where `within` is 0.
        if math.isinf(target):
            return number == target
        return abs(number - target) <= within + 1e-9 * max(1.0, abs(target))

    if not near(expected):
        if message := _known(value, unless, lambda wrong: near(float(wrong))):
            raise NotYet(_about(label, message))
        if unit == "percent" and math.isclose(number * 100, expected, rel_tol=1e-9, abs_tol=within):
            raise NotYet(f"{label} is {value}, a fraction of one. The question asks for percent.")
        if decimals is not None and is_rounded_early(number, expected, within):
            raise NotYet(f"{label} is {_show(value)}{f' {unit}' if unit else ''}. {ROUNDED_EARLY}")
        raise NotYet(
            f"{label} is {_show(value)}{f' {unit}' if unit else ''}, which is not the expected answer. {hint}".strip()
        )
    _passed(label)


def expect_text(
    name: str,
    expected: str | Iterable[str],
    *,
    among: Sequence[str] = (),
    unless: Misconceptions = (),
    hint: str = "",
    answer: object = _LOOK_UP,
    given: Sequence[object] | None = None,
) -> None:
    """Check a short text, such as a name or a label from a scale. Capitals and extra spaces do not matter.

    Parameters
    ----------
    expected : str or iterable of str
        The right text, or every text that is right.
    among : sequence of str
        The labels to choose from, if there is a list.

    Examples
    --------
    >>> speaker = "abrahms"
    >>> expect_text("speaker", "Abrahms")
    speaker: as far as this check can see, right.
    """
    label, value = _find(name, answer, given, hint)
    right = [expected] if isinstance(expected, str) else list(expected)
    is_whole = isinstance(value, int | float) and not isinstance(value, bool) and value % 1 == 0
    if is_whole and all(text.isdigit() for text in [*right, *among]):
        value = str(int(value))  # a label that is a digit, such as a credibility
    if among and isinstance(value, int | float):
        raise NotYet(
            f"{label} is {value}, which is not on the list. Choose from: {', '.join(among)}. Write it between "
            "quotation marks."
        )
    if not isinstance(value, str):
        raise NotYet(f"{label} is {_kind(value)}, and text is needed. {_way_to_text(value)}")
    if not any(_plain(value) == _plain(text) for text in right):
        if among and not any(_plain(value) == _plain(text) for text in among):
            raise NotYet(f"{label} is {_show(value)}, which is not on the list. Choose from: {', '.join(among)}.")
        if message := _known(value, unless, lambda wrong: _plain(value) == _plain(str(wrong))):
            raise NotYet(_about(label, message))
        raise NotYet(f"{label} is {_show(value)}, which is not the expected answer. {hint}".strip())
    _passed(label)


def expect_items(
    name: str,
    expected: Iterable[object],
    *,
    ordered: bool = False,
    unless: Misconceptions = (),
    hint: str = "",
    answer: object = _LOOK_UP,
    given: Sequence[object] | None = None,
) -> None:
    """Check a collection: a list, tuple, set, array or column.

    Capitals in text do not matter, except in what a function gives back: there the question says how to write it.

    Parameters
    ----------
    expected : iterable
        The right items, each as often as it should occur.
    ordered : bool
        Whether the order matters. If so, a set is the wrong kind, because it has no order.
    unless : Misconceptions
        Items that do not belong and what to say about each.

    Examples
    --------
    >>> repeats = ["S02", "S03", "S09"]
    >>> expect_items("repeats", ["S02", "S03"], unless={"S09": "S09 contradicts; it does not repeat."})
    Traceback (most recent call last):
    ...
    course.checks.expect.NotYet: repeats: S09 contradicts; it does not repeat.
    """
    label, items = _find_items(name, answer, given, hint, ordered=ordered)
    same = _same_item if given is None else operator.eq
    right = list(expected)
    surplus, lacking = items.copy(), 0
    for item in right:
        place = next((place for place, candidate in enumerate(surplus) if same(candidate, item)), None)
        if place is None:
            lacking += 1
        else:
            del surplus[place]
    if surplus or lacking:
        for item in surplus:
            if message := _known(item, unless, partial(same, item)):
                raise NotYet(_about(label, message))
        faults = [f"{_list(surplus)} should not be there"] if surplus else []
        faults += [f"{lacking} {'is' if lacking == 1 else 'are'} missing"] if lacking else []
        way = _EACH_ITS_OWN if any(isinstance(item, str) and _several(item) for item in surplus) else hint
        if surplus and all(type(item).__name__ in ("bool", "bool_") for item in surplus):
            way = _FILTER
        raise NotYet(f"{label}: {' and '.join(faults)}. {way}".strip())
    pairs = zip(items, right, strict=True)
    if ordered and (other := next((place for place, pair in enumerate(pairs, start=1) if not same(*pair)), None)):
        raise NotYet(f"{label} has the right items in another order: look at number {other}. {hint}".strip())
    _passed(label)


def expect_some(
    name: str,
    among: Iterable[object],
    *,
    unless: Misconceptions = (),
    hint: str = "",
    answer: object = _LOOK_UP,
    given: Sequence[object] | None = None,
) -> None:
    """Check that the answer is one or more items from the list `among`; which of them is up to the learner.

    `unless` has items that do not belong and what to say about each.

    Examples
    --------
    >>> rests_on = ["S09", "X03"]
    >>> expect_some("rests_on", ["S09", "S11"], unless={"X03": "X03 is from 2018: nobody knew it then."})
    Traceback (most recent call last):
    ...
    course.checks.expect.NotYet: rests_on: X03 is from 2018: nobody knew it then.
    """
    label, items = _find_items(name, answer, given, hint)
    if not items:
        raise NotAnswered(f"{label} is empty. Put at least one item between the square brackets.")
    allowed = list(among)
    strangers = [item for item in items if item not in allowed]
    for item in strangers:
        if message := _known(item, unless, partial(operator.eq, item)):
            raise NotYet(_about(label, message))
    if strangers:
        raise NotYet(f"{label}: {_list(strangers)} should not be there. {hint}".strip())
    _passed(label)


def expect_table(
    name: str,
    expected: pd.DataFrame,
    *,
    ordered: bool = False,
    extra_columns: bool = False,
    decimals: int | None = None,
    within: float = 0.0,
    unless: Misconceptions = (),
    hint: str = "",
    answer: object = _LOOK_UP,
    given: Sequence[object] | None = None,
) -> None:
    """Check a DataFrame by its content: the order of columns and the dtypes do not matter.

    What is asked for as a column may be the index. A Series whose index has a name counts as a table of two columns.

    Parameters
    ----------
    expected : pandas.DataFrame
        The right table.
    ordered : bool
        Whether the order of the rows matters.
    extra_columns : bool
        Whether there may be columns that were not asked for.
    decimals : int, optional
        The precision that the question states for numbers; None if they are exact.
    within : float
        A tolerance for numbers beyond that, in the unit of their column.
    """
    import pandas as pd

    label, value = _find(name, answer, given, hint)
    within = max(within, tolerance(decimals))
    value = _with_index_as_columns(value, list(expected.columns))
    if not isinstance(value, pd.DataFrame):
        raise NotYet(f"{label} is {_kind(value)}, and a table (DataFrame) is needed. {_way_to_a_table(value)}".strip())

    def difference(right: pd.DataFrame) -> str:
        """Return the first difference as the second half of a sentence, or "" if the content is the same."""
        return _shape_difference(value, right, extra_columns) or _value_difference(value, right, ordered, within)

    if fault := difference(expected):
        # Try the misconceptions first even if the shape is wrong: a repeat that is counted twice makes a table too
        # long, and "one row too many" would not say why.
        message = _known(value, unless, lambda wrong: not difference(wrong))
        if not message and decimals is not None and not _shape_difference(value, expected, extra_columns):
            near = _value_difference(value, expected, ordered, within, is_rounded_early)
            message = "" if near else f"{label} {fault} {ROUNDED_EARLY}"
        raise NotYet(_about(label, message) if message else f"{label} {fault} {hint}".strip())
    _passed(label)


def expect_bool(
    name: str,
    expected: bool,
    *,
    otherwise: str = "",
    hint: str = "",
    answer: object = _LOOK_UP,
    given: Sequence[object] | None = None,
) -> None:
    """Check a truth value, from Python, NumPy or pandas.

    Parameters
    ----------
    otherwise : str
        What to say if it is the other one.

    Examples
    --------
    >>> holds = True
    >>> expect_bool("holds", True)
    holds: as far as this check can see, right.
    """
    label, value = _find(name, answer, given, hint)
    if not isinstance(value, bool):
        way = "Write True or False, without quotation marks." if given is None else "End it with a comparison."
        raise NotYet(f"{label} is {_kind(value)}, and True or False is needed. {way}")
    if value is not expected:
        message = otherwise or f"{label} is {value}, which is not the expected answer. {hint}".strip()
        raise NotYet(_about(label, message))
    _passed(label)


def expect_date(
    name: str,
    expected: object,
    *,
    unless: Misconceptions = (),
    hint: str = "",
    answer: object = _LOOK_UP,
    given: Sequence[object] | None = None,
) -> None:
    """Check a day, in any form: text such as "December 6th, 2017" or "06.12.2017", or a date of Python's or pandas'.

    A text that can be read in two ways passes if one of them is right. The year may be left out.

    Parameters
    ----------
    expected : date, str or iterable of these
        The right day, or every day that is right; as text in any form, such as "2015-01-31", or "January 2015" if only
        the month is known.
    unless : Misconceptions
        Known wrong days, in any form.

    Examples
    --------
    >>> when = "the sixth of December 2017"
    >>> expect_date("when", "2017-12-06")
    when: as far as this check can see, right.
    """
    label, value = _find(name, answer, given, hint)
    days = read_day(value)
    if not days:
        raise NotYet(
            f"{label} is {_kind(value)}, and one date is needed. Write the day, the month and the year, such as "
            '"31 January 2015", and nothing else.'
        )
    many = isinstance(expected, Iterable) and not isinstance(expected, str)
    right = [day for item in (expected if many else [expected]) for day in read_day(item)]  # type: ignore[attr-defined]
    if not any(_is_same_day(day, other) for day in days for other in right):
        message = _known(value, unless, lambda wrong: any(_is_same_day(a, b) for a in days for b in read_day(wrong)))
        if not message and any(day.day is None and other.agrees_with(day) for day in days for other in right):
            message = f"{label} has a month and no day. Give the day, too."
        raise NotYet(_about(label, message or f"{label} is {_show(value)}, which is another day. {hint}".strip()))
    _passed(label)


def expect_person(
    name: str,
    expected: str | Iterable[str],
    *,
    others: Iterable[str] = (),
    unless: Misconceptions = (),
    hint: str = "",
    answer: object = _LOOK_UP,
    given: Sequence[object] | None = None,
) -> None:
    """Check the name of a person, in any form: with a title or a role, with an initial, or the family name alone.

    Parameters
    ----------
    expected : str or iterable of str
        The full name, given name first; or several, if each of them is right.
    others : iterable of str
        Other people's full names, so that an answer with two people in it does not pass.
    unless : Misconceptions
        Full names of people whom learners confuse with the right one.

    Examples
    --------
    >>> who = "Gen. V. Gerasimov"
    >>> expect_person("who", "Valery Gerasimov")
    who: as far as this check can see, right.
    """
    label, value = _find(name, answer, given, hint)
    if not isinstance(value, str):
        raise NotYet(f"{label} is {_kind(value)}, and a name is needed. {_way_to_text(value)}")
    right = [expected] if isinstance(expected, str) else list(expected)
    if not any(is_person(value, person, others) for person in right):
        message = _known(value, unless, lambda wrong: is_person(value, str(wrong)))
        raise NotYet(
            _about(label, message or f"{label} is {_show(value)}, which does not name the right person. {hint}".strip())
        )
    _passed(label)


def tolerance(decimals: int | None) -> float:
    """Return how far a number may be from the exact one: half a unit of the place that the question states.

    >>> tolerance(1), tolerance(0), tolerance(-1), tolerance(None)
    (0.05, 0.5, 5.0, 0.0)
    """
    return 0.0 if decimals is None else 0.5 * 10.0**-decimals


ROUNDED_EARLY: Final = (
    "That is close, and not as precise as the question asks. Did you round or shorten a number on the way? Calculate "
    "with all its digits, and round only the result."
)


def is_rounded_early(number: float, expected: float, within: float) -> bool:
    """Whether a wrong number is so close to the right one that it was probably rounded before the last step."""
    size = abs(expected)
    if within < 0.5 and size >= 1 and number == round(expected):
        return True
    return within < abs(number - expected) <= max(0.01 * size, min(5 * within, 0.03 * size))


def _find(name: str, answer: object, given: Sequence[object] | None, hint: str = "") -> tuple[str, Any]:
    """Return the answer's label and value. The hint is for a function that raises an error."""
    label = name if given is None else f"{name}({', '.join(map(_argument, given))})"
    value = as_python(answer_named(name) if answer is _LOOK_UP else answer)
    if value is None or value is Ellipsis or (isinstance(value, str) and value.strip(" .…\n") == ""):
        raise NotAnswered(f"{name} is not answered yet.", advice_for(name, value) if answer is _LOOK_UP else "")
    if given is None:
        return label, value
    if not callable(value):
        raise NotYet(f"{name} is {_kind(value)}, and a function is needed. Begin it with: def {name}(…):")
    try:
        result = as_python(value(*given))
    except Exception as error:
        raise NotYet(f"{label} stops with {type(error).__name__}: {error}. {hint}".strip()) from error
    if result is None or result is Ellipsis:
        raise NotAnswered(
            f"{label} gives nothing back yet. Write the function's body, and end it with: return …",
            "Have you? print(…) only shows a value; return hands it over. And run the cell again after each change.",
        )
    return label, result


def _argument(value: object) -> str:
    return f"a table of {len(value)} rows" if hasattr(value, "columns") and isinstance(value, Sized) else repr(value)


def as_python(value: Any) -> Any:
    """Return a scalar of NumPy's as Python's, such as a truth value, a number or a text; anything else as it is.

    An array without a dimension holds one value, and is that value. Dates stay as they are.
    """
    if type(value).__module__ == "numpy" and getattr(value, "shape", None) == () and value.dtype.kind in "biufUSO":
        return value.item()
    return value


def advice_for(name: str, value: object) -> str:
    """Return advice for a learner who has written an answer that the check does not find."""
    if value is None:
        return f"{name} holds nothing (None). print(…) and display(…) only show a value: give it its name before that."
    return (
        f"Have you written it? Run its cell again. If that stops with an error, fix the error first. If not, compare "
        f"the spelling: {name}, small and capital letters too."
    )


def _find_items(
    name: str, answer: object, given: Sequence[object] | None, hint: str, *, ordered: bool = False
) -> tuple[str, list[object]]:
    """Return the label and the items of an answer that is a collection."""
    label, value = _find(name, answer, given, hint)
    if isinstance(value, str | bytes | Mapping) or not isinstance(value, Iterable) or hasattr(value, "columns"):
        raise NotYet(f"{label} is {_kind(value)}, and a list is needed. {_way_to_a_list(value)}".strip())
    if ordered and isinstance(value, set | frozenset):
        raise NotYet(f"{label} is a set, which keeps no order, and the order matters. Use a list, in square brackets.")
    items = [as_python(item) for item in value]
    if any(item is Ellipsis for item in items):
        raise NotAnswered(f"{label} is not finished: “...” is still in it.")
    return label, items


def answer_named(name: str) -> object:
    """Return the test cell's value of this name, or `...`. The test cell is the first caller outside this room."""
    frame = inspect.currentframe()
    while frame is not None and _is_of_this_room(frame.f_globals):
        frame = frame.f_back
    return ... if frame is None else frame.f_locals.get(name, frame.f_globals.get(name, ...))


def _is_of_this_room(names: Mapping[str, Any]) -> bool:
    module = str(names.get("__name__", ""))
    return module.startswith(f"{__package__}.") and names is vars(sys.modules.get(module, sys))


def _about(label: str, message: str) -> str:
    """Return a message that names the answer it is about."""
    return message if re.search(rf"(?<!\w){re.escape(label)}(?!\w)", message) else f"{label}: {message}"


def _is_same_day(day: Day, right: Day) -> bool:
    """Whether a day that was typed is the right one. The year may be left out."""
    return (day.month, day.day) == (right.month, right.day) and day.agrees_with(right)


def _with_index_as_columns(value: object, columns: Sequence[Any]) -> object:
    """Return a table in which the columns that are asked for and are its index are columns; else the value itself."""
    import pandas as pd

    names = list(value.index.names) if isinstance(value, pd.Series | pd.DataFrame) else []
    lacking = [column for column in columns if column not in getattr(value, "columns", ())]
    if isinstance(value, pd.Series) and set(names) < set(columns) and len(columns) == len(names) + 1:
        rest = next(column for column in columns if column not in names)
        return value.rename(rest).reset_index() if value.name in (None, rest) else value
    if isinstance(value, pd.DataFrame) and lacking:
        if set(lacking) <= set(names):
            return value.reset_index(level=[name for name in names if name in lacking])
        # The numbers of rows that a filter has left over are no column.
        if names == [None] and len(lacking) == 1 and value.index.dtype.kind not in "iuf":
            return value.rename_axis(lacking[0]).reset_index()
    return value


def _known(value: object, unless: Misconceptions, same: Callable[[Any], bool]) -> str | None:
    """Return what to say about the misconception that the answer is, or None if it is not a known one."""
    for wrong, message in unless.items() if isinstance(unless, Mapping) else unless:
        if callable(wrong):
            try:
                matches = bool(wrong(value))
            except Exception:
                # The test for one wrong answer need not work for every other answer.
                matches = False
        else:
            matches = same(wrong)
        if matches:
            return message
    return None


def _same_item(item: object, right: object) -> bool:
    """Whether two items are equal; in text capitals and extra spaces do not matter."""
    if isinstance(item, str) and isinstance(right, str):
        return _plain(item) == _plain(right)
    return bool(item == right)


def _passed(label: str) -> None:
    sys.stdout.write(f"{label}: as far as this check can see, right.\n")


def _plain(text: str) -> str:
    return " ".join(text.replace("’", "'").replace("“", '"').replace("”", '"').split()).casefold()


def _show(value: object) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else repr(value) if isinstance(value, str) else str(value)
    shown = text if len(text) <= 60 else f"{text[:59]}…"
    lookalikes = describe_lookalikes(value) if isinstance(value, str) else ""
    return f"{shown} ({lookalikes})" if lookalikes else shown


def _list(items: Sequence[object]) -> str:
    shown = ", ".join(_show(item) for item in items[:3])
    return shown if len(items) <= 3 else f"{shown} and {len(items) - 3} more"


_KINDS: Final = {
    "bool": "a truth value",
    "str": "text",
    "list": "a list",
    "tuple": "several values in round brackets",
    "dict": "a dictionary",
    "set": "a set",
    "function": "a function",
    "DataFrame": "a table (DataFrame)",
    "Series": "a column (Series)",
    "ndarray": "an array",
    "Timedelta": "a span of time (Timedelta)",
    "timedelta": "a span of time",
    "DataFrameGroupBy": "a table cut into groups (groupby)",
    "SeriesGroupBy": "a column cut into groups (groupby)",
    "method": "a verb that has not been run",
    "builtin_function_or_method": "a verb that has not been run",
}


def _kind(value: object) -> str:
    if isinstance(value, Real | Decimal) and not isinstance(value, bool):
        return f"a number ({_show(value)})"
    named = _KINDS.get(type(value).__name__, f"of the kind {type(value).__name__}")
    return f"{named} ({_show(value)})" if isinstance(value, str | bool) else named


def _way_to_a_number(value: object) -> str:
    ways = (
        (type(value).__name__ == "bool", "A comparison gives True or False; the number is one of the things compared."),
        (isinstance(value, str), "Write it without quotation marks, units or thousands separators."),
        (isinstance(value, tuple), "For a decimal point write 27.5, not 27,5; for thousands 12000, not 12,000."),
        ("timedelta" in type(value).__name__.casefold(), "Put .days behind it: that is the number of days."),
        (_GROUPED in type(value).__name__, "Say what to ask of the groups, and of which."),
        (hasattr(value, "columns"), "Pick one column, then one value from it. Or is it how many rows? len(…) counts."),
        (getattr(value, "size", 0) == 1, "It holds one value; take it out with .item()."),
        (callable(value), _CALL),
        (hasattr(value, "index") and hasattr(value, "dtype"), "len(…) counts its rows, .sum() adds them up."),
        (isinstance(value, Sized), "len(…) counts what is in it."),
        (True, "Give the name a number, or a calculation whose result is a number."),
    )
    return _first(ways)


def _way_to_text(value: object) -> str:
    ways = (
        (hasattr(value, "dtype") or hasattr(value, "columns"), "Look at it, then write the text you mean"),
        (isinstance(value, list | tuple | set), "Write one text, without the brackets,"),
        (isinstance(value, Mapping), "Take one value out of it, with [ and ], or write the text"),
        (True, "Put it"),
    )
    return f"{_first(ways)} between quotation marks."


def _way_to_a_list(value: object) -> str:
    names = getattr(getattr(value, "index", None), "name", None)
    ways = (
        (hasattr(value, "columns") and names, f"For its index, {names}: list(….index)."),
        (hasattr(value, "columns"), 'Pick one column of it, for example with ["id"] behind its name.'),
        (isinstance(value, str) and _several(value), _EACH_ITS_OWN),
        (isinstance(value, str), f"Write [{value!r}], in square brackets."),
        (isinstance(value, Real), "The question asks which ones, not how many."),
        (callable(value), _CALL),
        (True, "Put the items between square brackets, with commas between them."),
    )
    return _first(ways)


def _way_to_a_table(value: object) -> str:
    kind = type(value).__name__
    ways = (
        (kind == "Series" and _is_filter(value), _FILTER),
        (
            kind == "Series",
            "Turn its index into a column with .reset_index(). If you picked it from a table, two pairs of square "
            "brackets leave a table.",
        ),
        (_GROUPED in kind, "Say what to ask of each group, for example with .size() behind it."),
        (callable(value), _CALL),
        (isinstance(value, str), "The name of a table has no quotation marks."),
        (isinstance(value, Mapping), "pd.DataFrame(…) makes a table of it."),
        (
            isinstance(value, list | tuple | set | frozenset) or kind == "ndarray",
            "Start from the table that you were given and keep its rows and columns: two pairs of square brackets, "
            'such as [["id", "name"]], pick columns and leave a table.',
        ),
        (isinstance(value, Real), "Show what the number was worked out from: a table with the columns asked for."),
        (True, "Start from the table that you were given, and filter, group or sort it."),
    )
    return _first(ways)


def _first(ways: Iterable[tuple[object, str]]) -> str:
    return next((way for applies, way in ways if applies), "")


def _is_filter(value: object) -> bool:
    return str(getattr(value, "dtype", "")) in ("bool", "boolean")


def _several(text: str) -> bool:
    return "," in text or " and " in text


_EACH_ITS_OWN: Final = 'Each item has quotation marks of its own, and all stand in square brackets: ["…", "…"].'
_FILTER: Final = (
    "True and False answer a question for each row. In square brackets behind the table's name they keep rows."
)
_GROUPED: Final = "GroupBy"
_CALL: Final = "Call it, with round brackets: () behind its name."


def _shape_difference(table: pd.DataFrame, right: pd.DataFrame, extra_columns: bool) -> str:
    columns, expected = list(table.columns), list(right.columns)
    if lacking := [str(column) for column in expected if column not in columns]:
        return f"has no column {_list(lacking)}. Its columns are: {', '.join(map(str, columns)) or 'none'}."
    surplus = [str(column) for column in columns if column not in expected]
    if surplus and not extra_columns:
        return f"has a column that was not asked for: {_list(surplus)}."
    if len(set(columns)) < len(columns):
        return "has two columns of the same name."
    if len(table) != len(right):
        rows = "1 row" if len(table) == 1 else f"{len(table)} rows"
        return f"has {rows}, which is too {'many' if len(table) > len(right) else 'few'}."
    return ""


def _value_difference(
    table: pd.DataFrame,
    right: pd.DataFrame,
    ordered: bool,
    within: float,
    forgives: Callable[[float, float, float], bool] | None = None,
) -> str:
    """Return the first value that differs, as half a sentence, or "". `forgives` lets more numbers pass."""
    kinds = {column: _column_kind(right[column]) for column in right.columns}
    for column, kind in kinds.items():
        actual = _column_kind(table[column])
        if actual != kind and "nothing" not in (actual, kind):
            return f"has {actual} in column {column!r}, where {kind} {'is' if kind == 'text' else 'are'} needed."
    # Numbers may differ within the tolerance, so rows are sorted by everything else first.
    columns = sorted(kinds, key=lambda column: kinds[column] == "numbers")
    rows, right_rows = (_rows(frame, columns, kinds, ordered) for frame in (table, right))
    for place, column in enumerate(columns):
        for number, (row, right_row) in enumerate(zip(rows, right_rows, strict=True), start=1):
            if not _same_cell(row[place], right_row[place], within, forgives):
                where = f"row {number}" if ordered or not place else f"the row where {columns[0]!r} is {_show(row[0])}"
                return f"has another value than expected in column {column!r}: look at {_show(row[place])} in {where}."
    return ""


def _column_kind(column: pd.Series[Any]) -> str:
    """Return what a column holds, whatever its dtype: numbers, dates, truth values, text or nothing."""
    from pandas.api.types import infer_dtype

    if column.isna().all():
        return "nothing"
    # As objects, so that a categorical column counts by its values.
    return _COLUMN_KINDS.get(infer_dtype(column.astype(object), skipna=True), "text")


_COLUMN_KINDS: Final = {
    "integer": "numbers",
    "floating": "numbers",
    "mixed-integer-float": "numbers",
    "decimal": "numbers",
    "datetime64": "dates",
    "datetime": "dates",
    "date": "dates",
    "boolean": "truth values",
}


def _rows(
    table: pd.DataFrame, columns: Sequence[Any], kinds: Mapping[Any, str], ordered: bool
) -> list[tuple[object, ...]]:
    """Return the rows as Python values, sorted unless their order matters. A missing value is None."""
    import pandas as pd

    as_kind: Mapping[str, Callable[[Any], object]] = {
        "numbers": float,
        "dates": lambda value: str(pd.Timestamp(value)).removesuffix(" 00:00:00"),
        "truth values": bool,
    }

    def plain(column: Any) -> list[object]:
        convert = as_kind.get(kinds[column], str)
        return [
            None if missing else convert(value)
            for value, missing in zip(table[column], table[column].isna(), strict=True)
        ]

    rows = list(zip(*(plain(column) for column in columns), strict=True))
    return rows if ordered else sorted(rows, key=lambda row: [(value is None, value) for value in row])


def _same_cell(
    value: object, right: object, within: float, forgives: Callable[[float, float, float], bool] | None
) -> bool:
    if isinstance(value, float) and isinstance(right, float):
        is_near = abs(value - right) <= within + 1e-9 * max(1.0, abs(right))
        return is_near or (forgives is not None and forgives(value, right, within))
    return value == right
