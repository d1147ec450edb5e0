"""nbgrader's exchange with a folder for each learner to hand in, and for system users without an account.

nbgrader lets everybody write into one folder, and can only warn if somebody hands in under another's name.
"""

from __future__ import annotations

import glob
import os
import secrets
from pathlib import Path

from nbgrader.exchange.default import (
    ExchangeCollect,
    ExchangeReleaseAssignment,
    ExchangeReleaseFeedback,
    ExchangeSubmit,
)
from traitlets import Unicode

from course.classroom.hub import submissions


class Submit(ExchangeSubmit):  # type: ignore[misc]
    """Hand in, as a learner, into a folder of one's own."""

    place = Unicode(config=True, help="The learner's folder for what they hand in.")

    def init_dest(self) -> None:
        """Say where a submission goes, and what it is called."""
        learner = self.coursedir.student_id
        self.inbound_path = self.place
        self.cache_path = str(Path(self.cache) / self.coursedir.course_id)
        self.assignment_filename = (
            f"{learner}+{self.coursedir.assignment_id}+{self.timestamp}+{secrets.token_urlsafe(9)}"
        )


class Collect(ExchangeCollect):  # type: ignore[misc]
    """Collect what learners have handed in into their own folders."""

    handed_in = Unicode(config=True, help="Where every learner has a folder for what they hand in.")

    def init_src(self) -> None:
        """Take in what is new, and find the newest submission of each learner."""
        inbound = Path(self.root) / self.coursedir.course_id / "inbound"
        most = 1000 * self.coursedir.max_dir_size
        for left_out in submissions.take_in(Path(self.handed_in), inbound, self.coursedir.assignment_id, most):
            self.log.warning(left_out)
        super().init_src()


class _OwnedByNumber:
    """nbgrader compares names of accounts, and a system user that is only a number has none."""

    def ensure_directory(self, path: str, mode: int) -> None:
        """Make the folder, or see to it that it is ours."""
        if not Path(path).is_dir() or Path(path).stat().st_uid != os.getuid():
            super().ensure_directory(path, mode)  # type: ignore[misc]


class ReleaseAssignment(_OwnedByNumber, ExchangeReleaseAssignment):  # type: ignore[misc]
    """Release an assignment."""


class ReleaseFeedback(_OwnedByNumber, ExchangeReleaseFeedback):  # type: ignore[misc]
    """Release feedback to all whose submission says where it goes."""

    def copy_files(self) -> None:
        """Copy feedback to where learners fetch it."""
        excluded = [self.coursedir.student_id_exclude] if self.coursedir.student_id_exclude else []
        for folder in map(Path, glob.glob(self.src_path)):  # noqa: PTH207 - a path with a pattern in it
            if problem := submissions.receipt_problem(folder):
                learner = folder.parent.name
                self.log.warning("%s gets no feedback on %s, because %s.", learner, folder.name, problem)
                excluded.append(learner)
        self.coursedir.student_id_exclude = ",".join(excluded)
        super().copy_files()
