"""nbgrader's exchange for system users that are numbers without an account.

nbgrader compares names of accounts, and there are none. Comparing numbers instead also lets collecting refuse what one
learner handed in under another's name; nbgrader itself can only warn.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseAssignment, ExchangeReleaseFeedback
from traitlets import Unicode

from course.classroom.hub.numbers import recorded


class _OwnedByNumber:
    def ensure_directory(self, path: str, mode: int) -> None:
        """Make the folder, or see to it that it is ours."""
        if not Path(path).is_dir() or Path(path).stat().st_uid != os.getuid():
            super().ensure_directory(path, mode)  # type: ignore[misc]


class ReleaseAssignment(_OwnedByNumber, ExchangeReleaseAssignment):  # type: ignore[misc]
    """Release an assignment."""


class ReleaseFeedback(_OwnedByNumber, ExchangeReleaseFeedback):  # type: ignore[misc]
    """Release feedback."""


class Collect(ExchangeCollect):  # type: ignore[misc]
    """Collect what learners have handed in themselves."""

    src_records: list[dict[str, Any]]

    numbers = Unicode(config=True, help="The file that says which system user is whose.")

    def init_src(self) -> None:
        """Find the newest submission of each learner, and leave out what others have put there in their name."""
        super().init_src()
        refused = [record for record in self.src_records if not self._is_genuine(record)]
        for record in refused:
            self.log.warning(
                "Left in the exchange: %s bears the name of %s and was written by somebody else.",
                *(record["filename"], record["username"]),
            )
        self.src_records = [record for record in self.src_records if record not in refused]

    def _sort_by_timestamp(self, records: list[dict[str, Any]]) -> list[dict[str, Any]]:
        genuine = [record for record in records if self._is_genuine(record)]
        newest_first: list[dict[str, Any]] = super()._sort_by_timestamp(genuine or records)
        return newest_first

    def _is_genuine(self, record: dict[str, Any]) -> bool:
        owner: int = (Path(self.inbound_path) / record["filename"]).lstat().st_uid
        return recorded(Path(self.numbers)).get(str(record["username"])) == owner
