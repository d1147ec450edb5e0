"""Which tests run in the same process when pytest-xdist shares them out, and which ones run first.

Tests that share a server, a graded class or another slow set-up stay together, so that it is set up once. The longest
groups go first, so that no process is left with one of them while the others have nothing to do.
"""

from __future__ import annotations

import re
from typing import Final

from xdist.scheduler import LoadScopeScheduling

SPLIT: Final = {
    "tests/browser/test_tools.py": r"\[([A-Z]\w+)",
    "tests/classroom/hub/test_session.py": r"\[(one-user|own-users)",
    "tests/test_lessons.py": r"\[(\d\d-[a-z-]+)",
}
"""Files whose slow fixture has a parameter, and how the parameter looks in a test's name: a group for each value."""

TOGETHER: Final = ({"tests/classroom/report/test_report.py", "tests/classroom/export/test_export.py"},)
"""Files that share a slow fixture with others: the class of `tests.classroom.conftest`."""

LONGEST_FIRST: Final = (
    "tests/classroom/hub/test_session.py",
    "tests/test_answers.py",
    "tests/browser/test_lite.py",
    "tests/hostile",
    "tests/classroom/grading/test_run.py",
    "tests/classroom/gradebook/test_nbgrader.py",
    "tests/deploy",
    "tests/install",
    "tests/browser",
    "tests/classroom",
    "tests/test_lessons.py",
)
"""Where the slow tests are, the slowest first."""


def group_of(test: str) -> str:
    """Return the name of the group that a test belongs to: its file, a part of it, or the first of several files."""
    file, _, name = test.partition("::")
    file = next((min(files) for files in TOGETHER if file in files), file)
    match = re.search(SPLIT[file], name) if file in SPLIT else None
    return f"{file}[{match[1]}]" if match else file


def rank_of(group: str) -> int:
    """Return when a group is started, the lowest rank first."""
    return next((rank for rank, place in enumerate(LONGEST_FIRST) if group.startswith(place)), len(LONGEST_FIRST))


class GroupScheduling(LoadScopeScheduling):  # type: ignore[misc]
    """Give whole groups to the processes, in the order of their ranks."""

    def _split_scope(self, nodeid: str) -> str:
        return group_of(nodeid)

    def _assign_work_unit(self, node: object) -> None:
        if self.workqueue:
            self.workqueue.move_to_end(min(self.workqueue, key=rank_of), last=False)
        super()._assign_work_unit(node)
