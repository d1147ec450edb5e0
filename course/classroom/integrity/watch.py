"""An audit hook that sees code climb into a test's frames, or rewrite a function in place."""

from __future__ import annotations

import asyncio.base_tasks
import asyncio.tasks
import bdb
import inspect
import sys
import traceback
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any, Final

from course.classroom.integrity.learners import is_learners_code

INTO_FRAMES: Final = frozenset({"sys._getframe", "sys._current_frames", "gc.get_objects", "gc.get_referrers"})
"""What Python's audit events call the ways from running code to another's variables."""
FRAMES_OF: Final = frozenset({"tb_frame", "gi_frame", "cr_frame", "ag_frame"})
"""Attributes that lead there, too."""
HANDS_ON: Final = frozenset(
    module.__file__ for module in (inspect, traceback, bdb, asyncio.tasks, asyncio.base_tasks) if module.__file__
)
"""Modules that hand frames on to their caller."""
REWRITES: Final = frozenset({"__code__", "__defaults__", "__kwdefaults__"})
"""Attributes of a function that say what it does."""


class Watch:
    """An audit hook for one process: what code of the learner's does that no answer needs to do.

    Parameters
    ----------
    functions : mapping of int to str
        Identities and names of functions that must stay what they are.
    """

    def __init__(self, functions: Mapping[int, str]) -> None:
        self.seen: list[str] = []
        self.instructors: set[str] = set()
        """Names under which the instructor's own cells were compiled."""
        self._testing = self._busy = False

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            if event == "object.__setattr__":
                thing, name, *_ = arguments
                if name in REWRITES and id(thing) in functions:
                    self.seen.append(f"{functions[id(thing)]} was rewritten")
            elif (
                self._testing
                and not self._busy
                and (event in INTO_FRAMES or (event == "object.__getattr__" and arguments[1] in FRAMES_OF))
            ):
                self._busy = True
                try:
                    frame = sys._getframe(1)
                    while frame.f_code.co_filename in HANDS_ON and frame.f_back is not None:
                        frame = frame.f_back
                    if is_learners_code(frame.f_code) and frame.f_code.co_filename not in self.instructors:
                        self.seen.append(f"code of the notebook’s own looked into a test’s variables ({event})")
                finally:
                    self._busy = False

        sys.addaudithook(hook)

    @contextmanager
    def over_a_test(self) -> Iterator[None]:
        """Look out for code that looks into frames."""
        self._testing = True
        try:
            yield
        finally:
            self._testing = False

    @contextmanager
    def looking_away(self) -> Iterator[None]:
        """Let the baseline itself look where it has to."""
        self._busy = True
        try:
            yield
        finally:
            self._busy = False
