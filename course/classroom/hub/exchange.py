"""nbgrader's exchange with a submission folder for each learner, and for system users without an account.

nbgrader itself lets everybody write into one folder, and can only warn if somebody submits under another's name. It
collects whatever is newest, also what was handed in with the feedback at hand.
"""

from __future__ import annotations

import glob
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from nbgrader.coursedir import CourseDirectory
from nbgrader.exchange.default import (
    ExchangeCollect,
    ExchangeFetchFeedback,
    ExchangeList,
    ExchangeReleaseAssignment,
    ExchangeReleaseFeedback,
    ExchangeSubmit,
)
from nbgrader.utils import notebook_hash
from traitlets import Unicode
from traitlets.config import Config

from course.classroom.gradebook.course_folder import submission_folder
from course.classroom.gradebook.outcome import Submission
from course.classroom.gradebook.submission_check import handed_in_at
from course.classroom.hub import submissions
from course.classroom.hub.people import add_names


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
    """Collect submissions from the learners' own folders, and put the learners' names into the gradebook.

    What was handed in again after feedback is collected only for a learner who is named (``--student``).
    """

    handed_in = Unicode(config=True, help="The folder that holds each learner's folder for submissions.")
    people = Unicode(config=True, help="The file with what people gave at sign-up.")

    def init_src(self) -> None:
        """Import new submissions, then let nbgrader find the latest one of each learner."""
        inbound = Path(self.root) / self.coursedir.course_id / "inbound"
        most = 1000 * self.coursedir.max_dir_size
        assignment = self.coursedir.assignment_id
        for warning in submissions.import_submissions(Path(self.handed_in), inbound, assignment, most):
            self.log.warning(warning)
        learners = sorted(folder.name for folder in Path(self.handed_in).iterdir())
        add_names(Path(self.people), learners, self.coursedir.db_url, self.coursedir.course_id)
        super().init_src()
        if self.coursedir.student_id in ("", "*"):
            records: list[dict[str, Any]] = self.src_records  # type: ignore[has-type]
            self.src_records = [record for record in records if not self._is_put_off(record)]

    def _is_put_off(self, record: Mapping[str, Any]) -> bool:
        """Whether a submission is newer than the one that its learner has feedback on. If so, say what to do."""
        learner, assignment = record["username"], self.coursedir.assignment_id
        feedback = submission_folder(self.coursedir, Submission(assignment, learner), self.coursedir.feedback_directory)
        when = handed_in_at(feedback)
        if when is None or record["timestamp"] <= when or not self._is_released(feedback):
            return False
        self.log.warning(
            "%s has handed in %s again after feedback, so it was not collected. To collect it, type in a terminal: "
            "nbgrader collect %s --student %s --update",
            *(learner, assignment, assignment, learner),
        )
        return True

    def _is_released(self, feedback: Path) -> bool:
        """Whether the learner has been given this feedback."""
        released = Path(self.root) / self.coursedir.course_id / "feedback"
        secret = (feedback / submissions.SECRET).read_text(encoding="utf-8")
        pages = (notebook_hash(secret=secret, notebook_id=page.stem) for page in feedback.glob("*.html"))
        return any((released / f"{name}.html").exists() for name in pages)


class Listing(ExchangeList):  # type: ignore[misc]
    """List assignments as nbgrader does, and save people clicks.

    Feedback is fetched as soon as there is some, and its page named, so that one click opens it. An assignment whose
    notebook was deleted can be fetched again, which brings back what is missing.
    """

    def parse_assignments(self) -> list[dict[str, Any]]:
        """Return what nbgrader's menu shows."""
        assignments: list[dict[str, Any]] = super().parse_assignments()
        if not self.cached:
            for assignment in assignments:
                path = Path(self.root, assignment["course_id"], "outbound", assignment["assignment_id"])
                if assignment["status"] == "fetched" and _notebooks(path) - _notebooks(Path(assignment["path"])):
                    assignment |= {"status": "released", "path": str(path)}
            return assignments
        waiting = {
            assignment["assignment_id"]
            for assignment in assignments
            for submission in assignment["submissions"]
            if submission["has_exchange_feedback"]
            and (submission["feedback_updated"] or not submission["has_local_feedback"])
        }
        for name in sorted(waiting):
            config = Config(self.config)
            config.CourseDirectory.assignment_id = name
            coursedir = CourseDirectory(parent=self, config=config)
            ExchangeFetchFeedback(coursedir=coursedir, authenticator=self.authenticator, config=config).start()
        if waiting:
            assignments = super().parse_assignments()
        for assignment in assignments:
            for submission in assignment["submissions"]:
                folder = submission["local_feedback_path"]
                if folder and len(submission["notebooks"]) == 1:
                    page = Path(folder, f"{submission['notebooks'][0]['notebook_id']}.html")
                    submission["local_feedback_path"] = str(page)
        return assignments


def _notebooks(folder: Path) -> set[str]:
    """Return the names of the notebooks in a folder."""
    return {notebook.name for notebook in folder.glob("*.ipynb")}


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
