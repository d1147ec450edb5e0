"""A value crosses as it is, or as a stand-in that says what it was; whatever is sent, nothing but data arrives."""

from __future__ import annotations

import math
import socket
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import altair as alt
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.classroom.bridge import stand_ins
from course.classroom.bridge.answering import Answerer
from course.classroom.bridge.asking import ABSENT, Asker
from course.classroom.bridge.decode import DecodeError, ValueDecoder, load
from course.classroom.bridge.encode import TooMuchError, ValueEncoder, dump
from course.classroom.bridge.namespace import Names
from course.classroom.bridge.stand_ins import NotReceived
from course.ledger import Ledger
from course.ledger.judgement import Judgement

TABLE = pd.DataFrame(
    {
        "number": [1, 2, 3],
        "text": ["x", None, "z"],
        "day": [pd.Timestamp("2017-12-06"), pd.NaT, pd.Timestamp("2018-01-01")],
        "part": [1.5, np.nan, 2],
        "kind": pd.Categorical(["u", "v", "u"], ["u", "v"], ordered=True),
        "count": pd.array([1, None, 2], dtype="Int64"),
        "holds": pd.array([True, None, False], dtype="boolean"),
        "object": [[1], {"a": 1}, None],
        "moment": pd.to_datetime(["2017-12-06 12:00"] * 3).tz_localize("Europe/Berlin"),
        "month": pd.period_range("2017-01", periods=3, freq="M"),
        "span": pd.to_timedelta([1, 2, 3], unit="D"),
        "words": pd.array(["a", None, "c"], dtype="string"),
    }
)
PLAIN = (
    None, True, 7, 10**40, -1.5, math.inf, "text “quoted”", b"bytes", ..., 2j,
    [1, (2, {3}), frozenset("a")], {"a": {1: [2]}},
    Decimal("1.20"), Fraction(1, 3), range(2, 9, 3), datetime(2017, 12, 6, 12), date(2017, 12, 6), time(12),
    timedelta(1, 2, 3), np.float64(1.5), np.int64(3), np.datetime64("2017-12-06"), np.timedelta64(3, "D"),
    pd.Timestamp("2017-12-06", tz="UTC"), pd.Timestamp("2017-12-06"), pd.Timedelta(3, "D"), pd.Period("2017-01"),
)  # fmt: skip
HASHABLE = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text() | st.binary() | st.dates()
VALUES = st.recursive(
    HASHABLE | st.decimals(allow_nan=False) | st.fractions() | st.timedeltas() | st.datetimes(),
    lambda inner: (
        st.lists(inner)
        | st.dictionaries(HASHABLE, inner)
        | st.lists(inner).map(tuple)
        | st.frozensets(HASHABLE).map(set)
    ),
    max_leaves=20,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=5)
        | st.dictionaries(st.text(max_size=3), inner, max_size=3)
        | st.tuples(st.sampled_from(sorted(ValueDecoder()._kinds)), inner).map(list)
        | st.tuples(st.sampled_from(sorted(ValueDecoder()._kinds)), inner, inner).map(list)
        | st.tuples(st.sampled_from(sorted(ValueDecoder()._kinds)), inner, inner, inner).map(list)
    ),
    max_leaves=15,
)
ARRIVES: tuple[type, ...] = (
    type(None), bool, int, float, str, bytes, list, tuple, set, frozenset, dict, complex, range, Decimal, Fraction,
    date,    datetime, time, timedelta, type(...), type({}.keys()), type({}.values()), type({}.items()), type(pd.NaT),
    type(pd.NA), pd.Timestamp, pd.Timedelta, pd.Period, np.ndarray, pd.DataFrame, pd.Series, type(math),
)  # fmt: skip
"""The types of what may arrive, besides NumPy's numbers, pandas' arrays and indexes, and stand-ins."""


class Liar:
    """An object that says yes to everything, also to what it is."""

    def __init__(self, kind: type) -> None:
        self._kind = kind

    @property  # type: ignore[misc]
    def __class__(self) -> Any:
        return self._kind

    def __getattr__(self, name: str) -> Any:
        return Liar(self._kind)

    def __call__(self, *_: Any, **__: Any) -> Any:
        return Liar(self._kind)

    def __eq__(self, _: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1

    def __iter__(self) -> Iterator[Any]:
        return iter(())

    def __reduce__(self) -> Any:
        raise AssertionError("it was pickled")


class LyingText(str):
    """Text that is equal to everything."""

    __slots__ = ()

    def __eq__(self, _: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1


class LyingNumber(float):
    """A number that is equal to everything."""

    def __eq__(self, _: object) -> bool:
        return True

    def __hash__(self) -> int:
        return 1


class LyingItems(list[Any]):
    """A list that contains everything."""

    def __contains__(self, _: object) -> bool:
        return True


def crossed(value: Any) -> Any:
    """Return a value as it arrives on the other side."""
    content = dump(ValueEncoder(lambda _: 0).encode(value))
    return ValueDecoder(lambda *_: None).decode(load(content))


def is_data(value: Any) -> bool:
    """Whether a value is of a type that may arrive, and everything in it too."""
    kind = type(value)
    if kind in (list, tuple, set, frozenset):
        return all(map(is_data, value))
    if kind is dict:
        return all(is_data(key) and is_data(item) for key, item in value.items())
    return (
        kind in ARRIVES
        or (kind.__module__ == "numpy" and issubclass(kind, np.generic))
        or isinstance(value, pd.Index | pd.api.extensions.ExtensionArray)
        or kind.__module__ == stand_ins.__name__
    )


@pytest.mark.parametrize("value", PLAIN, ids=repr)
def test_a_plain_value_crosses_as_it_is(value: Any) -> None:
    there = crossed(value)
    assert type(there) is type(value)
    assert there == value


@given(VALUES)
def test_any_plain_value_crosses_as_it_is(value: Any) -> None:
    assert repr(crossed(value)) == repr(value) or crossed(value) == value


def test_tables_columns_and_indexes_cross_as_they_are() -> None:
    tables = (
        TABLE,
        TABLE.set_index(["number", "text"]),
        TABLE.set_index("day")[["part"]],
        TABLE.describe(),
        TABLE.pivot_table(index="number", columns="kind", values="part", observed=False),
        pd.DataFrame([[1, 2]], columns=["twice", "twice"]),
        pd.DataFrame(),
    )
    for table in tables:
        pd.testing.assert_frame_equal(crossed(table), table)
    for name in TABLE.columns:
        pd.testing.assert_series_equal(crossed(TABLE[name]), TABLE[name])
    pd.testing.assert_series_equal(
        crossed(TABLE.groupby(["number", "kind"], observed=True).size()),
        TABLE.groupby(["number", "kind"], observed=True).size(),
    )
    for index in (TABLE.columns, TABLE.index, pd.MultiIndex.from_tuples([(1, "a")], names=["n", None])):
        pd.testing.assert_index_equal(crossed(index), index)
    for array in (np.arange(6).reshape(2, 3), np.array(["a", "bb"]), np.array([None, [1]], dtype=object)):
        assert crossed(array).dtype == array.dtype
        assert crossed(array).tolist() == array.tolist()


def test_a_chart_crosses_as_its_specification() -> None:
    chart = alt.Chart(TABLE[["number", "part"]], title="t").mark_bar().encode(x="number:Q", y="part:Q")
    for sent, kind in ((chart, alt.Chart), (chart + chart, alt.LayerChart), (chart | chart, alt.HConcatChart)):
        there = crossed(sent)
        assert isinstance(there, kind)
        assert there.to_dict() == sent.to_dict()
    broken = crossed(alt.Chart(TABLE[["number"]]).mark_bar().encode(x="nothing"))
    with pytest.raises(ValueError, match="nothing"):
        broken.to_dict()


def test_what_cannot_cross_says_what_it_was() -> None:
    names = {"function": crossed, "DataFrameGroupBy": TABLE.groupby("number"), "object": object(), "type": int}
    for name, value in names.items():
        assert type(crossed(value)).__name__ == name
    assert [*crossed(map(str, [1, 2]))] == ["1", "2"]
    assert [key for key, _ in crossed(TABLE.groupby("number"))] == [1, 2, 3]
    assert str(crossed(object())).startswith("<object object at")


@given(
    st.sampled_from(
        [pd.DataFrame, pd.Series, alt.Chart, float, str, list, dict, int, bytes, range, Decimal, np.ndarray]
    )
)
def test_an_object_of_a_hostile_class_never_arrives(kind: type) -> None:
    for hostile in (Liar(kind), [Liar(kind)], {"a": Liar(kind)}, pd.Series([Liar(kind)], dtype=object)):
        try:
            there = crossed(hostile)
        except Exception:  # what the learner's side raises is answered as an error
            continue
        assert is_data(there)
    for lying, base in ((LyingText("no"), str), (LyingNumber(2), float), (LyingItems([1]), list)):
        there = crossed(lying)
        assert type(there) is base
        assert there != base()
        assert is_data(there)


@settings(max_examples=400)
@given(JSON)
def test_whatever_is_sent_only_data_arrives(content: Any) -> None:
    try:
        there = ValueDecoder(lambda *_: None).decode(content)
    except DecodeError:
        return
    assert is_data(there)


@given(st.binary(max_size=200))
def test_bytes_that_are_no_message_are_refused(content: bytes) -> None:
    try:
        ValueDecoder().decode(load(content))
    except DecodeError:
        return


@pytest.mark.parametrize(
    "value", ["x" * (40 << 20), [0] * 1_100_000, np.zeros(5_000_000)], ids=["text", "list", "array"]
)
def test_what_is_too_large_does_not_cross(value: Any) -> None:
    with pytest.raises(TooMuchError):
        dump(ValueEncoder().encode(value))


def test_what_is_too_deep_does_not_cross() -> None:
    deep: list[Any] = []
    for _ in range(1000):
        deep = [deep]
    with pytest.raises(TooMuchError):
        ValueEncoder().encode(deep)
    content: list[Any] = ["list", []]
    for _ in range(100):
        content = ["list", [content]]
    with pytest.raises(DecodeError):
        ValueDecoder().decode(content)


@contextmanager
def bridged(names: Mapping[str, Any]) -> Iterator[Asker]:
    """Have these names answered by another thread."""
    ours, theirs = socket.socketpair()
    answerer = Answerer(theirs, lambda: names)

    def serve() -> None:
        while answerer.answer():
            pass

    thread = threading.Thread(target=serve)
    thread.start()
    try:
        yield Asker(ours)
    finally:
        ours.close()
        thread.join(10)
        theirs.close()


def fails() -> None:
    """Raise an error of a type of its own."""
    raise type("Odd", (KeyError,), {})("here")


def test_a_function_runs_where_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    def add(first: int, second: int = 1) -> int:
        print("adding", first)  # noqa: T201
        return first + second

    with bridged({"add": add, "fails": fails, "divide": lambda: 1 / 0, "deep": lambda: add}) as asker:
        assert asker.name("add")(2) == 3
        assert asker.name("add")(2, second=5) == 7
        assert asker.name("deep")()(1) == 2
        assert capsys.readouterr().out == "adding 2\nadding 2\nadding 1\n"
        with pytest.raises(ZeroDivisionError, match="division by zero"):
            asker.name("divide")()
        with pytest.raises(Exception, match="'here'") as raised:
            asker.name("fails")()
        assert type(raised.value).__name__ == "Odd"
        with pytest.raises(TypeError, match="cannot hand over"):
            asker.name("add")(print)
        assert asker.name("nothing") is ABSENT


def test_a_value_that_does_not_arrive_is_said_not_to() -> None:
    with bridged({"large": [0] * 1_100_000, "small": 1}) as asker:
        with pytest.raises(NotReceived, match="too large"):
            asker.name("large")
        assert asker.name("small") == 1
    with pytest.raises(NotReceived, match="has ended"):
        asker.name("small")


def test_a_reply_that_is_none_ends_the_asking() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall((1 << 60).to_bytes(8, "big") + b"[]")
        asker = Asker(ours)
        for _ in range(2):
            with pytest.raises(NotReceived, match="does not answer as it should"):
                asker.name("x")


def test_the_referee_s_own_names_come_first_and_the_learner_s_behind_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    learners = {"answer": 1, "own": 2, "abs": 3, "frozen": 4, "later": 5, "_hidden": 6, "check": 7}
    with bridged(learners) as asker:
        names = Names({"own": "ours"}, asker, instructors=["later", "frozen"])
        assert "answer" not in names
        names.begin()
        exec("frozen = None", names)
        names.end(is_check=False)
        names.begin()
        exec("check = None\nseen = answer, own, abs(-2), frozen, check", names)
        assert names.pop("seen") == (1, "ours", 2, 4, None)
        for name in ("later", "_hidden", "nowhere"):
            assert name not in names
            with pytest.raises(NameError):
                exec(name, names)
        learners["answer"] = 8
        assert names["answer"] == 1
        names.end(is_check=True)
        names.begin()
        assert names["answer"] == 8


def test_ledgers_follow_the_learner_s(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("learner", "referee"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path / "learner")
    theirs = Ledger.open()
    with bridged({}) as asker:
        monkeypatch.chdir(tmp_path / "referee")
        ours = Ledger.open()
        names = Names({"ledger": ours}, asker)
        names.begin()
        assert ours.judgements() == ()
        theirs.judge(Judgement("S09", "F", "C", 2, "direct", "decisive against", "Abrahms", "Some remain."))
        names.begin()
        assert [judgement.statement for judgement in ours.judgements()] == ["S09"]
