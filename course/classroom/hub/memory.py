"""Limit the memory of all processes of a learner together: each has its own limit, but five kernels have five."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

import psutil

from course.classroom.hub.user_ids import read_user_ids
from course.classroom.hub.workshop import Workshop

MIB = 2**20


def enforce_memory_limits(workshop: Workshop) -> Iterator[str]:
    """Kill the largest process of each learner whose processes take too much memory, and yield a sentence for each.

    The total is the proportional set size (PSS): what would come free if all of the learner's processes ended.

    Parameters
    ----------
    workshop : Workshop
        The workshop, with its limit in MiB for each learner.
    """
    by_learner: defaultdict[str, list[psutil.Process]] = defaultdict(list)
    names = {user_id: name for name, user_id in read_user_ids(workshop.user_ids).items()}
    for process in psutil.process_iter():
        try:
            by_learner[_learner(process, workshop, names)].append(process)
        except psutil.Error:
            # The process has ended, or belongs to somebody else.
            continue
    del by_learner[""]
    most = workshop.memory_all_mib * MIB
    for learner, processes in sorted(by_learner.items()):
        # The upper bound is quick to read, but counts memory shared by forked processes once for each of them.
        if sum(map(_upper_bound, processes)) <= most or (total := sum(map(_proportional_set_size, processes))) <= most:
            continue
        # The first process is the server. Without it the learner would lose everything that is open.
        server, *others = sorted(processes, key=psutil.Process.create_time)
        try:
            max(others or [server], key=_proportional_set_size).kill()
        except psutil.NoSuchProcess:
            continue
        yield (
            f"{learner}’s processes took {total / MIB:,.0f} MiB together, more than --memory-all allows "
            f"({workshop.memory_all_mib:,} MiB), so the largest was ended. Saved work is not lost."
        )


def _learner(process: psutil.Process, workshop: Workshop, names: dict[int, str]) -> str:
    """Return the learner whose process it is; empty if it is no learner's."""
    if workshop.own_users:
        name = names.get(process.uids().real, "")
        return "" if name.startswith("(") else name
    temporary = Path(process.environ().get("TMPDIR", ""))
    return temporary.parent.name if temporary.parent.parent == workshop.learners else ""


def _upper_bound(process: psutil.Process) -> int:
    """Return the bytes that a process can have to itself at most; 0 if it has ended."""
    try:
        memory = process.memory_info()
    except psutil.Error:
        return 0
    return int(memory.rss - getattr(memory, "shared", 0))


def _proportional_set_size(process: psutil.Process) -> int:
    """Return a process's memory in bytes, with its share of what other processes use too; 0 if it has ended."""
    try:
        memory = process.memory_full_info()
    except psutil.Error:
        return 0
    return int(getattr(memory, "pss", memory.uss))
