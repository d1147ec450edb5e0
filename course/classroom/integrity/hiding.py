"""Hide the source of a test from the places where a notebook could read it."""

from __future__ import annotations

import linecache
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def named(shell: Any, names: set[str]) -> Iterator[None]:
    """Add the file names under which cells are compiled to `names`."""
    cache = shell.compile.cache

    def note(*arguments: Any, **options: Any) -> str:
        name: str = cache(*arguments, **options)
        names.add(name)
        return name

    with instead(shell.compile, "cache", note):
        yield


@contextmanager
def hidden(shell: Any, names: set[str]) -> Iterator[None]:
    """Hide the source of a test from the places where a notebook could read it, except to show a traceback."""
    store, cache, show = shell.history_manager.store_inputs, shell.compile.cache, shell.showtraceback
    lines: dict[str, Any] = {}

    def keep_out(*arguments: Any, **options: Any) -> str:
        name: str = cache(*arguments, **options)
        names.add(name)
        lines[name] = linecache.cache.pop(name, None)
        return name

    def with_source(*arguments: Any, **options: Any) -> Any:
        linecache.cache.update(lines)
        try:
            return show(*arguments, **options)
        finally:
            for name in lines:
                linecache.cache.pop(name, None)

    def store_nothing(number: int, *_: str, **__: str) -> None:
        store(number, "", "")

    with (
        instead(shell.history_manager, "store_inputs", store_nothing),
        instead(shell.compile, "cache", keep_out),
        instead(shell, "showtraceback", with_source),
    ):
        yield
    if shell.last_execution_result is not None:
        shell.last_execution_result.info.raw_cell = ""
        shell.last_execution_result.info.transformed_cell = ""
    for name in ("last_value", "last_traceback", "last_type", "last_exc"):
        vars(sys).pop(name, None)


@contextmanager
def instead(thing: Any, name: str, function: Any) -> Iterator[None]:
    """Replace a method of an object within this context."""
    own = vars(thing)
    before = {name: own[name]} if name in own else {}
    own[name] = function
    try:
        yield
    finally:
        own.pop(name, None)
        own.update(before)
