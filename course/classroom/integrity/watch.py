"""An audit hook that detects code that reads a test's frames or rewrites a function in place."""

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
"""Audit events of functions through which code can reach the variables of other code."""
FRAMES_OF: Final = frozenset({"tb_frame", "gi_frame", "cr_frame", "ag_frame"})
"""Attributes through which it can, too."""
PASSES_ON: Final = frozenset(
    module.__file__ for module in (inspect, traceback, bdb, asyncio.tasks, asyncio.base_tasks) if module.__file__
)
"""Modules that return frames to their caller."""
REWRITES: Final = frozenset({"__code__", "__defaults__", "__kwdefaults__"})
"""Attributes of a function that define what it does."""


class Watch:
    """An audit hook that records what learner's code does and no answer needs to do.

    Parameters
    ----------
    functions : mapping of int to str
        IDs and names of functions that must not change.
    """

    def __init__(self, functions: Mapping[int, str]) -> None:
        self.seen: list[str] = []
        self.instructors: set[str] = set()
        """File names under which the instructor's own cells were compiled."""
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
                    while frame.f_code.co_filename in PASSES_ON and frame.f_back is not None:
                        frame = frame.f_back
                    if is_learners_code(frame.f_code) and frame.f_code.co_filename not in self.instructors:
                        self.seen.append(f"code of the notebook’s own looked into a test’s variables ({event})")
                finally:
                    self._busy = False

        sys.addaudithook(hook)

    @contextmanager
    def during_test(self) -> Iterator[None]:
        """Detect code that reads frames within this context."""
        self._testing = True
        try:
            yield
        finally:
            self._testing = False

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Ignore events within this context, so that the baseline itself can read frames."""
        self._busy = True
        try:
            yield
        finally:
            self._busy = False
