"""What we use of other projects without their promise, held against the versions that are installed.

Each test belongs to an entry of UPSTREAM.md and fails with a sentence that says what has changed and where to read on.
They import and inspect; none starts a server, a kernel or a browser.
"""

from __future__ import annotations

import ast
import inspect
import textwrap
from collections.abc import Callable
from typing import Any

import pytest


def require(condition: object, entry: str, fact: str) -> None:
    """Fail with a sentence unless a fact still holds.

    Parameters
    ----------
    condition : object
        Whether it holds.
    entry : str
        Its number in UPSTREAM.md.
    fact : str
        The fact, as a sentence without its full stop.
    """
    if not condition:
        pytest.fail(f"No longer true: {fact}. What to do is in UPSTREAM.md under {entry}.", pytrace=False)


def source(thing: Any) -> str:
    """Return the source of a function, class or module without its indentation, or nothing if it has none."""
    try:
        return textwrap.dedent(inspect.getsource(inspect.unwrap(thing) if callable(thing) else thing))
    except (OSError, TypeError):
        return ""


def member(owner: Any, name: str) -> Any:
    """Return an attribute; a function without a body if it is gone, so that a test can go on to its sentence."""
    return getattr(owner, name, lambda: None)


def parameters(function: Callable[..., Any]) -> list[str]:
    """Return the names of a function's parameters, `self` included."""
    return list(inspect.signature(function).parameters)


def assigned(function: Callable[..., Any]) -> set[str]:
    """Return the attributes of `self` that a method assigns."""
    return {
        node.attr
        for node in ast.walk(ast.parse(source(function) or "pass"))
        if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store)
        if isinstance(node.value, ast.Name) and node.value.id == "self"
    }
