"""Notice who fills the disk: there are no quotas, and one learner's loop can take it from everybody."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from course.classroom.gradebook.course_folder import entries

GIB = 2**30


def newly_over(learners: Path, most_gib: float, told: set[str]) -> Iterator[str]:
    """Yield a sentence for each learner whose folder has grown too large, once.

    Parameters
    ----------
    learners : pathlib.Path
        Where every learner has a folder.
    most_gib : float
        How much of the disk a folder may take.
    told : set of str
        The names that were told of before; new ones are added.
    """
    for folder in sorted(learners.iterdir()):
        if folder.name in told or (size := _taken(folder)) <= most_gib * GIB:
            continue
        told.add(folder.name)
        yield (
            f"The folder of {folder.name} takes {size / GIB:.1f} GiB of the disk, more than --disk says "
            f"({most_gib:g} GiB). {shutil.disk_usage(learners).free / GIB:.1f} GiB are free."
        )


def _taken(folder: Path) -> int:
    """Return how many bytes of the disk a folder's files take: none for the holes in one, or behind a link."""
    blocks = 0
    for path in entries(folder):
        try:
            blocks += path.lstat().st_blocks
        except OSError:
            # Removed since the folder was listed.
            continue
    return blocks * 512
