"""Collect the warnings that our own nbgrader steps log, for the instructor."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

CLASSROOM = Path(__file__).parents[1]


class WarningCollector(logging.Handler):
    """Collect warnings logged by `course.classroom` in the thread that created the collector.

    nbgrader's own warnings are left out, because `submission_check` reports the same problems.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []
        self.thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Add one warning to the messages."""
        if record.thread == self.thread and CLASSROOM in Path(record.pathname).parents:
            self.messages.append(record.getMessage())
