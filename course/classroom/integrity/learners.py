"""Whose code is it? What lies where Python and its libraries do is not the learner's."""

from __future__ import annotations

import functools
import site
import sysconfig
import types
from pathlib import Path
from typing import Any, Final


def _roots() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    places = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    places |= {*site.getsitepackages(), site.getusersitepackages(), str(Path(__file__).parents[2])}
    return (*(str(Path(place, "_"))[:-1] for place in sorted(places)), "<frozen ")


ROOTS: Final = _roots()
"""Where code lies that is not the learner's."""


def is_learners_code(code: types.CodeType) -> bool:
    """Return whether code was written in the notebook or beside it."""
    return not code.co_filename.startswith(ROOTS)


def is_learners(thing: Any) -> bool:
    """Return whether something that is called was written in the notebook or beside it, or stands in for a function."""
    while isinstance(thing, functools.partial | types.MethodType):
        thing = thing.func if isinstance(thing, functools.partial) else thing.__func__
    if isinstance(thing, types.FunctionType):
        return is_learners_code(thing.__code__)
    kind = thing if isinstance(thing, type) else type(thing)
    return kind.__module__ == "unittest.mock" or any(
        isinstance(inner, types.FunctionType) and is_learners_code(inner.__code__)
        for base in kind.__mro__
        for inner in map(unwrapped, vars(base).values())
    )


def unwrapped(thing: Any) -> Any:
    """Return the function in a method of a class."""
    return getattr(thing, "__func__", None) or getattr(thing, "fget", None) or thing
