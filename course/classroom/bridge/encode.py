"""Turn a value into JSON, in the closed format that `course.classroom.bridge.decode` reads.

None, booleans, numbers and text are JSON's own. Everything else is a list that begins with the name of its kind. What
has no kind is sent as "shown": the name of its type, and how Python shows it.
"""

from __future__ import annotations

import json
import math
import sys
import types
from base64 import b64encode
from collections.abc import Callable, Iterable
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from itertools import islice
from typing import Any, Final

from course.classroom.bridge.limits import DEEPEST, LARGEST, MOST, NULLABLE, SHOWN

VIEWS: Final[tuple[type[Any], ...]] = (type({}.keys()), type({}.values()), type({}.items()))
ITERATORS: Final[tuple[type[Any], ...]] = (
    map,
    filter,
    zip,
    enumerate,
    reversed,
    types.GeneratorType,
    type(iter([])),
    type(iter({})),
)
RAW_KINDS: Final = "biufcmMUS"
"""Kinds of NumPy's types whose bytes are sent as they are."""


class TooMuchError(ValueError):
    """A value is larger than what may cross. The message says how."""


class ValueEncoder:
    """Encodes one message.

    Parameters
    ----------
    remember : callable or None
        Takes a function and returns the number by which it can be called later. None where functions cannot be sent.
    """

    def __init__(self, remember: Callable[[Any], int] | None = None) -> None:
        self._remember = remember
        self._left = MOST

    def encode(self, value: Any, depth: int = 0) -> Any:
        """Return a value as JSON.

        Raises
        ------
        TooMuchError
            If it holds more than `course.classroom.bridge.limits` allow.
        """
        self._left -= 1
        if self._left < 0:
            raise TooMuchError(f"more than {MOST:,} values")
        if depth > DEEPEST:
            raise TooMuchError(f"more than {DEEPEST} levels, one within the other")
        kind = type(value)
        if value is None or kind is bool or kind is str or kind is int:
            return value
        if kind is float:
            return value if math.isfinite(value) else ["float", repr(value)]
        if kind is list or kind is tuple or kind is set or kind is frozenset:
            return [kind.__name__, self._each(value, depth)]
        if kind is dict:
            return [
                "dict",
                [[self.encode(key, depth + 1), self.encode(item, depth + 1)] for key, item in value.items()],
            ]
        for encoding in (self._plain, self._of_numpy, self._of_pandas, self._of_charts, self._as_base):
            if (encoded := encoding(value, depth)) is not None:
                return encoded
        return self._other(value, depth)

    def _each(self, values: Iterable[Any], depth: int) -> list[Any]:
        return [self.encode(item, depth + 1) for item in values]

    def _plain(self, value: Any, depth: int) -> list[Any] | None:  # noqa: PLR0911 - one for each kind
        match value:
            case types.EllipsisType():
                return ["ellipsis"]
            case bytes() | bytearray():
                return ["bytes", _base64(bytes(value))]
            case complex():
                return ["complex", self.encode(value.real), self.encode(value.imag)]
            case Decimal():
                return ["decimal", str(value)]
            case Fraction():
                return ["fraction", value.numerator, value.denominator]
            case range():
                return ["range", value.start, value.stop, value.step]
        if type(value) is datetime:
            return ["datetime", value.isoformat()]
        if type(value) is date:
            return ["date", value.isoformat()]
        if type(value) is time:
            return ["time", value.isoformat()]
        if type(value) is timedelta:
            return ["timedelta", value.days, value.seconds, value.microseconds]
        if isinstance(value, VIEWS):
            return [type(value).__name__, self._each(value, depth)]
        return None

    def _of_numpy(self, value: Any, depth: int) -> list[Any] | None:
        numpy = sys.modules.get("numpy")
        if numpy is None or not isinstance(value, numpy.generic | numpy.ndarray):
            return None
        if isinstance(value, numpy.ndarray):
            return self._array(numpy.asarray(value), depth)
        # A string of NumPy's own is Python's, too.
        return ["scalar", value.dtype.str, _base64(value.tobytes())] if value.dtype.kind in "biufcmM" else None

    def _array(self, array: Any, depth: int) -> list[Any]:
        if array.dtype.kind in RAW_KINDS:
            if array.nbytes > LARGEST // 2:
                raise TooMuchError(f"{array.nbytes >> 20} MiB of numbers")
            return ["array", array.dtype.str, list(array.shape), _base64(array.tobytes())]
        return ["objects", list(array.shape), self._each(array.ravel().tolist(), depth)]

    def _of_pandas(self, value: Any, depth: int) -> list[Any] | None:  # noqa: PLR0911 - one for each kind
        pandas = sys.modules.get("pandas")
        if pandas is None:
            return None
        if value is pandas.NaT:
            return ["nat"]
        if value is pandas.NA:
            return ["na"]
        match value:
            case pandas.Timestamp():
                zone = None if value.tz is None else str(value.tz)
                return ["timestamp", int(value.asm8.view("i8")), value.unit, zone]
            case pandas.Timedelta():
                return ["span", int(value.asm8.view("i8")), value.unit]
            case pandas.Period():
                return ["period", value.ordinal, value.freqstr]
            case pandas.DataFrame():
                columns = [self._column(value.iloc[:, place], depth) for place in range(value.shape[1])]
                return ["frame", self._index(value.columns, depth), self._index(value.index, depth), columns]
            case pandas.Series():
                name = self.encode(value.name, depth + 1)
                return ["series", name, self._index(value.index, depth), self._column(value, depth)]
            case pandas.Index():
                return self._index(value, depth)
            case pandas.api.extensions.ExtensionArray():
                return ["extension", self._column(value, depth)]
        return None

    def _index(self, index: Any, depth: int) -> list[Any]:
        pandas = sys.modules["pandas"]
        if isinstance(index, pandas.MultiIndex):
            levels = [self._column(index.get_level_values(place), depth) for place in range(index.nlevels)]
            return ["multi", self._each(index.names, depth), levels]
        name = self.encode(index.name, depth + 1)
        if isinstance(index, pandas.RangeIndex):
            return ["steps", index.start, index.stop, index.step, name]
        return ["index", name, self._column(index, depth)]

    def _column(self, column: Any, depth: int) -> list[Any]:  # noqa: PLR0911 - one for each kind
        """Return a one-dimensional pandas object without its index."""
        pandas = sys.modules["pandas"]
        kind = column.dtype
        if isinstance(kind, pandas.CategoricalDtype):
            coded = pandas.Categorical(column)
            categories = self._column(coded.categories, depth)
            return ["categories", categories, self._array(coded.codes, depth), bool(coded.ordered)]
        if isinstance(kind, pandas.StringDtype):
            missing = column.isna()
            values = (None if gone else str(item) for item, gone in zip(column, missing, strict=True))
            return ["strings", str(kind), self._each(values, depth)]
        if isinstance(kind, pandas.DatetimeTZDtype):
            moments = column.to_numpy(dtype=f"M8[{kind.unit}]").view("i8")
            return ["zoned", kind.unit, str(kind.tz), self._array(moments, depth)]
        if isinstance(kind, pandas.PeriodDtype):
            return ["periods", str(kind)[7:-1], self._each((item.ordinal for item in column), depth)]
        if NULLABLE.fullmatch(str(kind)):
            missing = column.isna()
            values = (None if gone else item.item() for item, gone in zip(column, missing, strict=True))
            return ["nullable", str(kind), self._each(values, depth)]
        if getattr(kind, "kind", "O") in RAW_KINDS and not isinstance(kind, pandas.api.extensions.ExtensionDtype):
            return self._array(column.to_numpy(), depth)
        return ["objects", [len(column)], self._each(column.astype(object).to_numpy(), depth)]

    def _of_charts(self, value: Any, depth: int) -> list[Any] | None:
        charts, altair = sys.modules.get("course.charts"), sys.modules.get("altair")
        if charts is not None and isinstance(value, charts.Figure):
            value = value.chart
        if altair is None or not isinstance(value, altair.TopLevelMixin):
            return None
        pandas = sys.modules.get("pandas")
        data = getattr(value, "data", None)
        is_column = pandas is not None and isinstance(data, pandas.Series)
        try:
            specification, error = json.dumps(value.to_dict(), default=str), ""
        except Exception as raised:
            specification, error = (
                "{}",
                str(raised).strip().splitlines()[0] if str(raised).strip() else "no reason given",
            )
        if len(specification) > LARGEST // 2:
            raise TooMuchError(f"{len(specification) >> 20} MiB of chart")
        kind = next(base.__name__ for base in type(value).__mro__ if base.__module__.startswith("altair."))
        return ["chart", kind, specification, self.encode(data, depth + 1) if is_column else None, error]

    def _as_base(self, value: Any, depth: int) -> Any:
        """Return an object of a class that is based on one of Python's own as that."""
        for base in (str, int, float):
            if isinstance(value, base):
                return self.encode(base(value), depth)
        if isinstance(value, dict):
            return self.encode(dict(value.items()), depth)
        items: Any
        for items in (list, tuple, set, frozenset):
            if isinstance(value, items):
                return [items.__name__, self._each(items.__iter__(value), depth)]
        return None

    def _other(self, value: Any, depth: int) -> list[Any]:
        kind = type(value).__name__
        if isinstance(value, ITERATORS):
            values = list(islice(value, MOST))
            return ["iterator", kind, self._each(values, depth)]
        if isinstance(value, types.ModuleType):
            return ["module", value.__name__]
        if callable(value) and self._remember is not None:
            return ["function", kind, str(getattr(value, "__name__", kind))[:SHOWN], self._remember(value)]
        if type(value).__module__.partition(".")[0] in ("collections", "pandas") and isinstance(value, Iterable):
            return ["items", kind, self._each(value, depth)]
        try:
            shown = repr(value)
        except Exception as error:
            shown = f"an object that cannot be shown ({type(error).__name__})"
        return ["shown", kind[:SHOWN], shown[:SHOWN], callable(value)]


def _base64(content: bytes) -> str:
    return b64encode(content).decode("ascii")


def dump(message: Any) -> bytes:
    """Return an encoded message as bytes.

    Raises
    ------
    TooMuchError
        If it is larger than what may cross.
    """
    content = json.dumps(message, allow_nan=False, separators=(",", ":")).encode("ascii")
    if len(content) > LARGEST:
        raise TooMuchError(f"{len(content) >> 20} MiB")
    return content
