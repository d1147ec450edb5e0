"""What our own steps warn of while they run, for the instructor."""

from __future__ import annotations

import logging
import threading
from pathlib import Path


class Said(logging.Handler):
    """Keeps the warnings of this package that come from the thread which made it.

    nbgrader's own warnings are left out: they repeat what `fitness` says in words.
    """

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.words: list[str] = []
        self.thread = threading.get_ident()

    def emit(self, record: logging.LogRecord) -> None:
        """Keep one warning."""
        if record.thread == self.thread and Path(record.pathname).parent == Path(__file__).parent:
            self.words.append(record.getMessage())
