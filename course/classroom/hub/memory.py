"""Keep what all processes of a learner take together within bounds: each has a limit, and five kernels have five."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import psutil

from course.classroom.hub.user_ids import recorded
from course.classroom.hub.workshop import Workshop

MIB = 2**20


def end_what_is_too_much(workshop: Workshop) -> Iterator[str]:
    """End the largest process of each learner whose processes take too much together, and yield a sentence for it.

    What counts is what would come free if they all ended: pages of their own, and their share of others (PSS).

    Parameters
    ----------
    workshop : Workshop
        Whose learners, and how much they may take.
    """
    taken: defaultdict[str, list[psutil.Process]] = defaultdict(list)
    names = {number: name for name, number in recorded(workshop.numbers).items()}
    for process in psutil.process_iter():
        try:
            taken[_learner(process, workshop, names)].append(process)
        except psutil.Error:
            # It has ended meanwhile, or is none of ours.
            continue
    del taken[""]
    most = workshop.memory_all_mib * MIB
    for learner, processes in sorted(taken.items()):
        # The first sum is quickly made, and counts what copies of a process still share for each of them.
        if sum(map(_at_most, processes)) <= most or (total := sum(map(_share, processes))) <= most:
            continue
        # Their first process is the server, and with it they would lose everything that is open.
        server, *others = sorted(processes, key=psutil.Process.create_time)
        try:
            max(others or [server], key=_share).kill()
        except psutil.NoSuchProcess:
            continue
        yield (
            f"What {learner} has running took {total / MIB:,.0f} MiB together, more than --memory-all says "
            f"({workshop.memory_all_mib:,} MiB), so the largest of it was ended. What was saved is there."
        )


def _learner(process: psutil.Process, workshop: Workshop, names: dict[int, str]) -> str:
    """Return whose process it is; empty if no learner's."""
    if workshop.own_users:
        name = names.get(process.uids().real, "")
        return "" if name.startswith("(") else name
    temporary = Path(process.environ().get("TMPDIR", ""))
    return temporary.parent.name if temporary.parent.parent == workshop.learners else ""


def _at_most(process: psutil.Process) -> int:
    """Return how many bytes a process can have for itself at most; none if it has ended."""
    try:
        memory = process.memory_info()
    except psutil.Error:
        return 0
    return int(memory.rss - getattr(memory, "shared", 0))


def _share(process: psutil.Process) -> int:
    """Return the bytes of a process with its share of what others use too; none if it has ended."""
    try:
        memory = process.memory_full_info()
    except psutil.Error:
        return 0
    return int(getattr(memory, "pss", memory.uss))
