"""nbgrader's exchange with a submission folder for each learner, and for system users without an account.

nbgrader itself lets everybody write into one folder, and can only warn if somebody submits under another's name.
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
    """Submit an assignment into the learner's own folder."""

    folder = Unicode(config=True, help="The learner's folder for submissions.")

    def init_dest(self) -> None:
        """Set the folder and the name of the submission."""
        learner = self.coursedir.student_id
        self.inbound_path = self.folder
        self.cache_path = str(Path(self.cache) / self.coursedir.course_id)
        self.assignment_filename = (
            f"{learner}+{self.coursedir.assignment_id}+{self.timestamp}+{secrets.token_urlsafe(9)}"
        )


class Collect(ExchangeCollect):  # type: ignore[misc]
    """Collect submissions from the learners' own folders."""

    handed_in = Unicode(config=True, help="The folder that holds each learner's folder for submissions.")

    def init_src(self) -> None:
        """Import new submissions, then let nbgrader find the latest one of each learner."""
        inbound = Path(self.root) / self.coursedir.course_id / "inbound"
        most = 1000 * self.coursedir.max_dir_size
        assignment = self.coursedir.assignment_id
        for warning in submissions.import_submissions(Path(self.handed_in), inbound, assignment, most):
            self.log.warning(warning)
        super().init_src()


class _OwnedByUserId:
    """Check ownership by user id. nbgrader compares account names, and our system users have none."""

    def ensure_directory(self, path: str, mode: int) -> None:
        """Create the folder, or check that we own it."""
        if not Path(path).is_dir() or Path(path).stat().st_uid != os.getuid():
            super().ensure_directory(path, mode)  # type: ignore[misc]


class ReleaseAssignment(_OwnedByUserId, ExchangeReleaseAssignment):  # type: ignore[misc]
    """Release an assignment."""


class ReleaseFeedback(_OwnedByUserId, ExchangeReleaseFeedback):  # type: ignore[misc]
    """Release feedback, except to learners whose submission has no valid receipt."""

    def copy_files(self) -> None:
        """Copy the feedback to where learners fetch it."""
        excluded = [self.coursedir.student_id_exclude] if self.coursedir.student_id_exclude else []
        for folder in map(Path, glob.glob(self.src_path)):  # noqa: PTH207 - a path with a pattern in it
            if problem := submissions.receipt_problem(folder):
                learner = folder.parent.name
                self.log.warning("%s gets no feedback on %s, because %s.", learner, folder.name, problem)
                excluded.append(learner)
        self.coursedir.student_id_exclude = ",".join(excluded)
        super().copy_files()
