"""nbgrader's exchange for system users that are numbers without an account.

nbgrader compares names of accounts, and there are none. Comparing numbers instead also lets collecting refuse what one
learner handed in under another's name; nbgrader itself can only warn.
"""

from __future__ import annotations

import os
import secrets
import shutil
import stat
from pathlib import Path
from typing import Any

from nbgrader.exchange.default import ExchangeCollect, ExchangeReleaseAssignment, ExchangeReleaseFeedback
from nbgrader.utils import ignore_patterns
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

    def do_copy(self, src: str, dest: str, log: Any = None) -> None:  # noqa: ARG002
        """Copy a submission, and of it only files that its learner owns.

        Following a link would copy with the instructor's rights: a learner could lay one to a solution, and find it in
        their feedback.

        Raises
        ------
        RuntimeError
            If it is larger than the course allows.
        """
        most = 1000 * self.coursedir.max_dir_size
        if self.get_size(src) > most:
            raise RuntimeError(f"{src} has more than the {most} bytes that CourseDirectory.max_dir_size allows.")
        ignore = ignore_patterns(
            exclude=self.coursedir.ignore,
            include=self.coursedir.include,
            max_file_size=self.coursedir.max_file_size,
            log=self.log,
        )
        owner = Path(src).lstat().st_uid

        def copy(source: str, target: str) -> None:
            descriptor = os.open(source, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
            with os.fdopen(descriptor, "rb") as file:
                found = os.fstat(descriptor)
                if stat.S_ISREG(found.st_mode) and found.st_uid == owner:
                    with Path(target).open("wb") as to:
                        shutil.copyfileobj(file, to)

        try:
            shutil.copytree(src, dest, symlinks=True, ignore=ignore, copy_function=copy)
        except OSError as error:
            # One learner who closes a file to others must not keep the class from being collected.
            self.log.warning("Not all of %s could be read: %s", src, error)
        for path in list(Path(dest).rglob("*")):
            if path.is_symlink():
                self.log.warning("Left out of %s, because it is a link: %s", src, path.name)
                path.unlink()
        # nbgrader hands these in by itself and cannot give feedback to anybody while one submission lacks them.
        for name, content in (
            ("submission_secret.txt", secrets.token_hex(32)),
            ("timestamp.txt", Path(src).name.split("+")[2]),
        ):
            if Path(dest).is_dir() and not (Path(dest) / name).is_file():
                (Path(dest) / name).write_text(content, encoding="utf-8")

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
        found = (Path(self.inbound_path) / record["filename"]).lstat()
        owner = recorded(Path(self.numbers)).get(str(record["username"]))
        return stat.S_ISDIR(found.st_mode) and found.st_uid == owner
