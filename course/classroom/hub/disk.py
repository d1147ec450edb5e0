"""Report learners whose folders grow too large: without quotas, one endless loop can fill the disk for everybody."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

from course.classroom.gradebook.course_folder import entries

GIB = 2**30


def newly_over_limit(learners: Path, most_gib: float, reported: set[str]) -> Iterator[str]:
    """Yield a sentence for each learner whose folder has grown too large, once.

    Parameters
    ----------
    learners : pathlib.Path
        The folder with a folder for every learner.
    most_gib : float
        Limit for each folder in GiB.
    reported : set of str
        The learners already reported; new ones are added.
    """
    for folder in sorted(learners.iterdir()):
        if folder.name in reported or (size := _disk_usage(folder)) <= most_gib * GIB:
            continue
        reported.add(folder.name)
        yield (
            f"The folder of {folder.name} takes {size / GIB:.1f} GiB on the disk, more than --disk allows "
            f"({most_gib:g} GiB). {shutil.disk_usage(learners).free / GIB:.1f} GiB are free."
        )


def _disk_usage(folder: Path) -> int:
    """Return the bytes that a folder's files take on the disk. Holes in sparse files and link targets do not count."""
    blocks = 0
    for path in entries(folder):
        try:
            blocks += path.lstat().st_blocks
        except OSError:
            # It was removed after the folder was listed.
            continue
    return blocks * 512
