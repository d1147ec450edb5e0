"""Distinguish the learner's code from all other code, by the folder that it is in."""

from __future__ import annotations

import functools
import site
import sysconfig
import types
from pathlib import Path
from typing import Any, Final


def _roots() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    folders = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    folders |= {*site.getsitepackages(), site.getusersitepackages(), str(Path(__file__).parents[2])}
    return (*(str(Path(folder, "_"))[:-1] for folder in sorted(folders)), "<frozen ")


ROOTS: Final = _roots()
"""Prefixes of the file names of code that is not the learner's."""


def is_learners_code(code: types.CodeType) -> bool:
    """Return whether code is from the notebook or from a file next to it."""
    return not code.co_filename.startswith(ROOTS)


def is_learners(thing: Any) -> bool:
    """Return whether a callable is from the notebook or from a file next to it, or is a mock."""
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
