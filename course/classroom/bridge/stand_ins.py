"""What arrives in the referee's kernel for a value that cannot cross: a function, a chart, an error, any other object.

Checks look at the name of a value's type to say what it is. So each stand-in gets a class of its own with that name.
"""

from __future__ import annotations

import builtins
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

ERRORS: Final = {
    name: kind for name, kind in vars(builtins).items() if isinstance(kind, type) and issubclass(kind, Exception)
}


class Shown:
    """Any other object: the name of its type, and how it shows itself."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


class ShownCallable(Shown):
    """An object that can be called, but only where it is."""

    def __call__(self, *_: Any, **__: Any) -> Any:
        """Raise TypeError: a call of it cannot cross."""
        raise TypeError(f"a check cannot call {self._text}")


class ReceivedIterator:
    """An iterator over items that have arrived."""

    def __init__(self, items: list[Any]) -> None:
        self._items = iter(items)

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        return next(self._items)


class ReceivedItems:
    """An object over whose items one can go again and again."""

    def __init__(self, items: list[Any]) -> None:
        self._items = items

    def __iter__(self) -> Iterator[Any]:
        return iter(self._items)

    def __len__(self) -> int:
        return len(self._items)


class RemoteFunction:
    """A function of the learner's, which runs in the learner's kernel. Arguments and result cross as data."""

    def __init__(self, call: Callable[[int, tuple[Any, ...], Mapping[str, Any]], Any], number: int, name: str) -> None:
        self._call, self._number, self.__name__ = call, number, name

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        """Call the function, and return its result or raise its error."""
        return self._call(self._number, arguments, options)

    def __repr__(self) -> str:
        return f"<{type(self).__name__} {self.__name__}>"


class NotReceived(Exception):  # noqa: N818 - a learner reads this name in a check's message
    """A value has not arrived. The message says why."""


def named(kind: type, name: str) -> type:
    """Return a subclass of `kind` with another name."""
    return type(name if name.isidentifier() else kind.__name__, (kind,), {"__module__": kind.__module__})


def make_error(name: str, message: str) -> Exception:
    """Return an error like one that was raised in the learner's kernel: of Python's own type, if it is one."""
    base = ERRORS.get(name, Exception)
    if issubclass(base, UnicodeError | StopIteration | StopAsyncIteration | BaseExceptionGroup):
        base = Exception
    kind = type(name if name.isidentifier() else "Exception", (base,), {"__str__": lambda _: message})
    error: Exception = kind(message)
    return error


def make_chart(kind: str, specification: dict[str, Any], data: Any, error: str) -> Any:
    """Return a chart whose specification is given; if it had none, `to_dict` raises ValueError with this message."""
    import altair as alt

    def to_dict(_: Any, *__: Any, **___: Any) -> dict[str, Any]:
        if error:
            raise ValueError(error)
        return specification

    bases = {base.__name__: base for base in CHARTS()}
    chart: Any = object.__new__(type(kind, (bases.get(kind, alt.TopLevelMixin),), {"to_dict": to_dict}))
    # As Altair's own constructor leaves it, without a look at the content.
    object.__setattr__(chart, "_args", ())
    object.__setattr__(chart, "_kwds", {"data": data})
    return chart


def CHARTS() -> tuple[type, ...]:  # noqa: N802
    """Return Altair's kinds of chart."""
    import altair as alt

    return (
        alt.Chart, alt.LayerChart, alt.HConcatChart, alt.VConcatChart, alt.ConcatChart, alt.FacetChart, alt.RepeatChart
    )  # fmt: skip
