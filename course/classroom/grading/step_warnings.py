"""What our own steps warn of while they run, for the instructor."""

from __future__ import annotations

import logging
import threading
from pathlib import Path

CLASSROOM = Path(__file__).parents[1]


class Said(logging.Handler):
    """Keeps the warnings of the instructor's side that come from the thread which made it.

    nbgrader's own warnings are left out: they repeat what `submission_check` says in words.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.words: list[str] = []
        self.thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one warning."""
        if record.thread == self.thread and CLASSROOM in Path(record.pathname).parents:
            self.words.append(record.getMessage())
