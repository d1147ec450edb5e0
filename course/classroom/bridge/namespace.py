"""The names in the referee's kernel: its own, and behind them those of the learner."""

from __future__ import annotations

import builtins
import keyword
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, Final

from course.classroom.bridge.asking import ABSENT, Asker
from course.classroom.bridge.messages import digest

LEDGER: Final = "ledger.json"


class Names(dict[str, Any]):
    """The global names of the referee's cells.

    A name that the instructor's cells define nowhere is asked of the learner's kernel, once for each cell. So is one
    that a locked cell leaves open by setting it to None, such as ``frozen = None``. Names of Python's own functions and
    those that begin with an underscore are never asked.

    Parameters
    ----------
    present : mapping
        The names that are there from the beginning.
    asker : Asker
        Asks the learner's kernel.
    instructors : collection of str
        The names that some locked cell defines. Otherwise a check that runs after another one has failed could find a
        value of the learner's in the place of its own.
    """

    def __init__(self, present: Mapping[str, Any], asker: Asker, instructors: Collection[str] = ()) -> None:
        super().__init__(present)
        self._asker = asker
        self._instructors = frozenset(instructors)
        self._asking = False
        self._open: set[str] = set()
        self._none_before: set[str] = set()
        self._borrowed: dict[str, Any] = {}
        self._seen = ""

    def begin(self) -> None:
        """Begin a cell: from now on names are asked of the learner's kernel, each anew."""
        self._borrowed.clear()
        self._none_before = self._none()
        self._asking = True
        self._update_ledgers()

    def end(self, *, is_check: bool) -> None:
        """End a cell. Names that it has set to None are left open, unless it was a check."""
        self._asking = False
        if not is_check:
            self._open |= self._none() - self._none_before

    def _none(self) -> set[str]:
        return {name for name, value in self.items() if value is None and not name.startswith("_")}

    def __getitem__(self, name: str) -> Any:
        value = super().get(name, ABSENT)
        is_open = value is None and name in self._open
        if is_open or (value is ABSENT and name not in self._instructors):
            borrowed = self._borrow(name)
            value = value if borrowed is ABSENT else borrowed
        if value is ABSENT:
            raise KeyError(name)
        return value

    def get(self, name: str, default: Any = None) -> Any:
        """Return the value of a name, or `default` if nobody has it."""
        try:
            return self[name]
        except KeyError:
            return default

    def __contains__(self, name: object) -> bool:
        return self.get(name, ABSENT) is not ABSENT if isinstance(name, str) else False

    def _borrow(self, name: str) -> Any:
        if not self._asking or name.startswith("_") or keyword.iskeyword(name) or hasattr(builtins, name):
            return ABSENT
        if name not in self._borrowed:
            self._borrowed[name] = self._asker.name(name)
        return self._borrowed[name]

    def _update_ledgers(self) -> None:
        """Bring the ledger's file, and every ledger that a locked cell has opened, up to the learner's."""
        from course.ledger import Ledger

        try:
            content = self._asker.file(LEDGER, self._seen)
            if content is None:
                return
            if content is ABSENT:
                self._seen = ""
                Path(LEDGER).unlink(missing_ok=True)
            else:
                self._seen = digest(content)
                Path(LEDGER).write_bytes(content)
        except Exception:  # whatever the learner's end says; what was handed in stays
            return
        for value in list(self.values()):
            # A view of the course's holds its ledger.
            for ledger in (value, getattr(value, "__dict__", {}).get("ledger")):
                if isinstance(ledger, Ledger):
                    ledger.refresh()
