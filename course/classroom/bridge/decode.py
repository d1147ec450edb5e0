"""Read what `course.classroom.bridge.encode` has written, and trust nothing of it.

Every value is of one of the types named here, exactly; no code and no class of the sender's is involved.
"""

from __future__ import annotations

import json
import math
import re
import sys
from base64 import b64decode
from collections.abc import Callable, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from course.classroom.bridge import stand_ins
from course.classroom.bridge.limits import DEEPEST, LARGEST, MOST, NULLABLE, SHOWN

RAW_TYPE: Final = re.compile(
    r"[<>|=]?(?:[biufc][0-9]{1,2}|[mM]8\[[0-9]{0,4}(?:Y|M|W|D|h|m|s|ms|us|ns)\]|[US][0-9]{1,6})"
)
"""NumPy's types that are read from their bytes."""
ZONE: Final = re.compile(r"UTC(?:[+-][0-9:]{5,8})?|[A-Z][A-Za-z_]{1,20}(?:/[A-Za-z_+-]{1,30}){0,2}")
UNITS: Final = frozenset({"s", "ms", "us", "ns"})


class DecodeError(ValueError):
    """What has arrived is not in the format."""


class ValueDecoder:
    """Decodes one message.

    Parameters
    ----------
    call : callable or None
        Calls a function of the learner's by its number, with arguments. None where no function is accepted.
    """

    def __init__(self, call: Callable[[int, tuple[Any, ...], Mapping[str, Any]], Any] | None = None) -> None:
        self._call = call
        self._left = MOST
        self._kinds: dict[str, Callable[..., Any]] = {
            name.removeprefix("_read_"): getattr(self, name) for name in dir(self) if name.startswith("_read_")
        }

    def decode(self, content: Any, depth: int = 0) -> Any:
        """Return the value that JSON stands for.

        Raises
        ------
        DecodeError
            If it is in no known format, or larger or deeper than what may cross.
        """
        self._left -= 1
        if self._left < 0 or depth > DEEPEST:
            raise DecodeError("it is too large, or too deep")
        if content is None or isinstance(content, bool | int | float):
            if isinstance(content, float) and not math.isfinite(content):
                raise DecodeError("a number that JSON does not have")
            return content
        if isinstance(content, str):
            return _text(content)
        if not isinstance(content, list) or not content or not isinstance(content[0], str):
            raise DecodeError("it is of no known kind")
        read = self._kinds.get(content[0])
        if read is None:
            raise DecodeError("it is of no known kind")
        try:
            return read(depth + 1, *content[1:])
        except DecodeError:
            raise
        except Exception as error:  # a wrong number of parts, a date that does not exist, a label that has no hash
            raise DecodeError(f"{content[0]}: {type(error).__name__}") from error

    def _each(self, depth: int, contents: object) -> list[Any]:
        if not isinstance(contents, list):
            raise DecodeError("not a list of values")
        return [self.decode(item, depth) for item in contents]

    # Python's own

    def _read_float(self, _: int, text: str) -> float:
        if text not in ("nan", "inf", "-inf"):
            raise DecodeError("not a number")
        return float(text)

    def _read_list(self, depth: int, contents: object) -> list[Any]:
        return self._each(depth, contents)

    def _read_tuple(self, depth: int, contents: object) -> tuple[Any, ...]:
        return tuple(self._each(depth, contents))

    def _read_set(self, depth: int, contents: object) -> set[Any]:
        return set(self._each(depth, contents))

    def _read_frozenset(self, depth: int, contents: object) -> frozenset[Any]:
        return frozenset(self._each(depth, contents))

    def _read_dict(self, depth: int, contents: list[list[Any]]) -> dict[Any, Any]:
        return {self.decode(key, depth): self.decode(value, depth) for key, value in contents}

    def _read_dict_keys(self, depth: int, contents: object) -> Any:
        return dict.fromkeys(self._each(depth, contents)).keys()

    def _read_dict_values(self, depth: int, contents: object) -> Any:
        return dict(enumerate(self._each(depth, contents))).values()

    def _read_dict_items(self, depth: int, contents: object) -> Any:
        return dict(self._each(depth, contents)).items()

    def _read_ellipsis(self, _: int) -> Any:
        return ...

    def _read_bytes(self, _: int, content: str) -> bytes:
        return _bytes(content)

    def _read_complex(self, depth: int, real: Any, imaginary: Any) -> complex:
        return complex(_float(self.decode(real, depth)), _float(self.decode(imaginary, depth)))

    def _read_decimal(self, _: int, text: str) -> Decimal:
        return Decimal(_short(text))

    def _read_fraction(self, _: int, numerator: int, denominator: int) -> Fraction:
        return Fraction(_int(numerator), _int(denominator))

    def _read_range(self, _: int, start: int, stop: int, step: int) -> range:
        return _short_range(range(_int(start), _int(stop), _int(step)))

    def _read_datetime(self, _: int, text: str) -> datetime:
        return datetime.fromisoformat(_short(text))

    def _read_date(self, _: int, text: str) -> date:
        return date.fromisoformat(_short(text))

    def _read_time(self, _: int, text: str) -> time:
        return time.fromisoformat(_short(text))

    def _read_timedelta(self, _: int, days: int, seconds: int, microseconds: int) -> timedelta:
        return timedelta(_int(days), _int(seconds), _int(microseconds))

    # NumPy's

    def _read_scalar(self, _: int, kind: str, content: str) -> Any:
        return _raw(kind, [], content)[()]

    def _read_array(self, _: int, kind: str, shape: list[int], content: str) -> Any:
        return _raw(kind, shape, content)

    def _read_objects(self, depth: int, shape: list[int], contents: object) -> Any:
        import numpy as np

        values = self._each(depth, contents)
        array = np.empty(len(values), dtype=object)
        for place, value in enumerate(values):
            array[place] = value
        return array.reshape(_shape(shape))

    # pandas'

    def _read_nat(self, _: int) -> Any:
        import pandas as pd

        return pd.NaT

    def _read_na(self, _: int) -> Any:
        import pandas as pd

        return pd.NA

    def _read_timestamp(self, _: int, number: int, unit: str, zone: str | None) -> Any:
        import numpy as np
        import pandas as pd

        moment = pd.Timestamp(np.datetime64(_int(number), _unit(unit)))
        return moment if zone is None else moment.tz_localize("UTC").tz_convert(_zone(zone))

    def _read_span(self, _: int, number: int, unit: str) -> Any:
        import numpy as np
        import pandas as pd

        return pd.Timedelta(np.timedelta64(_int(number), _unit(unit)))

    def _read_period(self, _: int, ordinal: int, frequency: str) -> Any:
        import pandas as pd

        return pd.Period(ordinal=_int(ordinal), freq=_short(frequency))

    def _read_frame(self, depth: int, columns: Any, index: Any, contents: list[Any]) -> Any:
        import pandas as pd

        rows = self._index(depth, index)
        result = pd.DataFrame(
            {place: self._column(depth, item, len(rows)) for place, item in enumerate(contents)}, index=rows
        )
        result.columns = self._index(depth, columns)
        return result

    def _read_series(self, depth: int, name: Any, index: Any, content: Any) -> Any:
        import pandas as pd

        rows = self._index(depth, index)
        return pd.Series(self._column(depth, content, len(rows)), index=rows, name=self.decode(name, depth))

    def _read_index(self, depth: int, name: Any, content: Any) -> Any:
        import pandas as pd

        return pd.Index(self._column(depth, content), name=self.decode(name, depth))

    def _read_steps(self, depth: int, start: int, stop: int, step: int, name: Any) -> Any:
        import pandas as pd

        steps = _short_range(range(_int(start), _int(stop), _int(step)))
        return pd.RangeIndex(steps.start, steps.stop, steps.step, name=self.decode(name, depth))

    def _read_multi(self, depth: int, names: object, levels: list[Any]) -> Any:
        import pandas as pd

        arrays = [self._column(depth, level) for level in levels]
        return pd.MultiIndex.from_arrays(arrays, names=self._each(depth, names))

    def _read_extension(self, depth: int, content: Any) -> Any:
        return self._column(depth, content)

    def _index(self, depth: int, content: Any) -> Any:
        import pandas as pd

        index = self.decode(content, depth)
        if not isinstance(index, pd.Index):
            raise DecodeError("not an index")
        return index

    def _column(self, depth: int, content: Any, length: int | None = None) -> Any:
        """Return the values of a column: a NumPy array with one dimension, or one of pandas' arrays."""
        import numpy as np
        import pandas as pd

        kind, *parts = content
        column: Any
        name: Any = parts[0] if isinstance(parts[0], str) else ""
        if kind in ("array", "objects"):
            column = self.decode(content, depth)
            if column.ndim != 1:
                raise DecodeError("a column has one dimension")
        elif kind == "categories":
            categories, codes, ordered = parts
            column = pd.Categorical.from_codes(
                self._column(depth, codes), self._column(depth, categories), ordered=ordered is True
            )
        elif kind == "strings":
            values = self._each(depth, parts[1])
            if name not in ("str", "string") or not all(item is None or isinstance(item, str) for item in values):
                raise DecodeError("not a column of text")
            column = pd.array(values, dtype=name)
        elif kind == "zoned":
            unit, zone, moments = parts
            numbers = self._column(depth, moments).astype("i8").view(f"M8[{_unit(unit)}]")
            column = pd.DatetimeIndex(numbers, tz="UTC").tz_convert(_zone(zone)).array
        elif kind == "periods":
            ordinals = np.array(self._each(depth, parts[1]), dtype="i8")
            column = pd.PeriodIndex.from_ordinals(  # type: ignore[attr-defined]
                ordinals, freq=_short(parts[0])
            ).array
        elif kind == "nullable" and NULLABLE.fullmatch(name):
            column = pd.array(self._each(depth, parts[1]), dtype=name)
        else:
            raise DecodeError("not a column")
        if length is not None and len(column) != length:
            raise DecodeError("columns have different lengths")
        return column

    # Stand-ins

    def _read_chart(self, depth: int, kind: str, specification: str, data: Any, error: str) -> Any:
        result = json.loads(specification)
        if not isinstance(result, dict) or kind not in {base.__name__ for base in stand_ins.CHARTS()}:
            raise DecodeError("not a chart")
        return stand_ins.make_chart(kind, result, self.decode(data, depth), _text(error))

    def _read_iterator(self, depth: int, kind: str, contents: object) -> Any:
        return stand_ins.named(stand_ins.ReceivedIterator, _short(kind))(self._each(depth, contents))

    def _read_items(self, depth: int, kind: str, contents: object) -> Any:
        return stand_ins.named(stand_ins.ReceivedItems, _short(kind))(self._each(depth, contents))

    def _read_module(self, _: int, name: str) -> Any:
        # Only what the fork server has imported: nothing is loaded because a submission names it.
        if name.partition(".")[0] not in ("numpy", "pandas", "altair", "math", "re", "json", "datetime", "statistics"):
            raise DecodeError("a module")
        if name not in sys.modules:
            raise DecodeError("a module")
        return sys.modules[name]

    def _read_function(self, _: int, kind: str, name: str, number: int) -> Any:
        if self._call is None:
            raise DecodeError("a function")
        return stand_ins.named(stand_ins.RemoteFunction, _short(kind))(self._call, _int(number), _short(name))

    def _read_shown(self, _: int, kind: str, text: str, is_callable: bool) -> Any:
        base = stand_ins.ShownCallable if is_callable is True else stand_ins.Shown
        return stand_ins.named(base, _short(kind))(_short(text))


def load(content: bytes) -> Any:
    """Return the JSON of a message.

    Raises
    ------
    DecodeError
        If it is none.
    """
    try:
        return json.loads(content, parse_constant=_refuse)
    except (ValueError, RecursionError) as error:
        raise DecodeError("it is not JSON") from error


def _refuse(_: str) -> None:
    raise ValueError


def _text(text: object) -> str:
    if not isinstance(text, str):
        raise DecodeError("not text")
    # A lone half of a pair of surrogates can be neither printed nor saved.
    return text if text.isascii() else text.encode("utf-8", "replace").decode("utf-8")


def _short(text: object) -> str:
    if not isinstance(text, str) or len(text) > 4 * SHOWN:
        raise DecodeError("not a short text")
    return _text(text)


def _int(number: object) -> int:
    if type(number) is not int:
        raise DecodeError("not a whole number")
    return number


def _float(number: object) -> float:
    if type(number) is not float and type(number) is not int:
        raise DecodeError("not a number")
    return float(number)


def _zone(name: object) -> str:
    # pandas opens a file for some names.
    if not isinstance(name, str) or not ZONE.fullmatch(name):
        raise DecodeError("not a time zone")
    return name


def _unit(unit: object) -> Any:
    if unit not in UNITS:
        raise DecodeError("not a unit of time")
    return unit


def _short_range(steps: range) -> range:
    # Not len(…), which fails for a range that is longer than memory.
    if abs(steps.stop - steps.start) // abs(steps.step) > MOST:
        raise DecodeError("a range that is too long")
    return steps


def _bytes(content: object) -> bytes:
    if not isinstance(content, str) or len(content) > 2 * LARGEST:
        raise DecodeError("not bytes")
    return b64decode(content, validate=True)


def _shape(shape: object) -> tuple[int, ...]:
    if not isinstance(shape, list) or len(shape) > 32 or not all(0 <= _int(size) <= LARGEST for size in shape):
        raise DecodeError("not a shape")
    return tuple(shape)


def _raw(kind: object, shape: object, content: object) -> Any:
    import numpy as np

    if not isinstance(kind, str) or not RAW_TYPE.fullmatch(kind):
        raise DecodeError("not a type of numbers")
    dtype, raw, sizes = np.dtype(kind), _bytes(content), _shape(shape)
    if dtype.itemsize == 0 or len(raw) != dtype.itemsize * math.prod(sizes):
        raise DecodeError("not as many numbers as it says")
    return np.frombuffer(raw, dtype=dtype).reshape(sizes).copy()
