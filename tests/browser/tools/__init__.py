"""What each widget is asked to do in `tests/browser/test_tools.py`: one module here describes one widget.

A description holds one typical change, made in every way the course promises: with a mouse, with the keyboard alone and
by the plain methods. A new widget needs a module with a ``TOOL`` and is then held to the same promises as all others.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from pkgutil import iter_modules

from playwright.sync_api import Locator

from course.ledger import Ledger


@dataclass(frozen=True)
class Tool:
    """One widget and one typical change in it.

    Parameters
    ----------
    name : str
        The class, as it is imported from `course`.
    root : str
        CSS selector of the view's frame.
    change : callable
        Makes the change in the view, as with a mouse.
    shows : callable
        Expects the change on screen, in the controls and in the result.
    keys : sequence of (str, str)
        The same change with the keyboard: a control's label (or ``legend|label``) and what to press or type there, see
        `tests.browser.views.press`.
    plain : str
        The same change by the plain methods, as code; the widget is called ``tool``.
    kept : callable
        Whether a ledger holds the change.
    open_all : str
        Selector of what has to be opened for everything to be seen.
    repaint : tuple
        For the benchmark: selector of a select or a group of radios (or of a checkbox or button, with no values), the
        two values it takes in turn, and the selector of what changes. "card >> control" opens a folded card before.
    whole : str
        The constructor's arguments that show the most, for the first view.
    """

    name: str
    root: str
    change: Callable[[Locator], None]
    shows: Callable[[Locator], None]
    keys: tuple[tuple[str, str], ...]
    plain: str
    kept: Callable[[Ledger], bool]
    repaint: tuple[str, tuple[str, ...], str]
    open_all: str = "details > summary"
    whole: str = ""

    @property
    def cell(self) -> str:
        """The cell that shows the widget."""
        return f"from course import {self.name}\ntool = {self.name}()\ntool"


def tools() -> list[Tool]:
    """Return every tool described in this folder."""
    names = sorted(module.name for module in iter_modules(__path__))
    return [import_module(f"{__name__}.{name}").TOOL for name in names]
