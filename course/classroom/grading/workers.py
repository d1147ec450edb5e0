"""Processes that grade, each one submission at a time. One that dies is replaced, and its submission tried once more.

`concurrent.futures` has no use here: there, one killed process ends the whole pool and everything it has to do.
"""

from __future__ import annotations

import asyncio
import contextlib
import contextvars
import multiprocessing
import os
import signal
import sys
import tempfile
import threading
import time
from collections import Counter, deque
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from course.classroom.gradebook.outcome import Outcome, Submission

if TYPE_CHECKING:
    from course.classroom.grading.submission import Wish

TRIES: Final = 2
"""How often a submission is tried whose worker dies."""
STILLBORN: Final = 3
"""So many workers that end before they can do anything mean that none ever will."""
SECONDS_TO_END: Final = 10.0


class WorkerError(Exception):
    """No worker can be started. The message holds what it said."""


@dataclass(frozen=True)
class Began:
    """A worker has taken a submission."""

    submission: Submission


@dataclass(frozen=True)
class Ended:
    """A worker is done with a submission; or it was `lost` with it, and has told the gradebook nothing."""

    submission: Submission
    outcome: Outcome
    lost: bool = False


def grade_all(
    submissions: Iterable[Submission], wish: Wish, workers: int, deadline: float
) -> Generator[Began | Ended | None]:
    """Grade submissions in processes, and yield each as it begins and as it ends. Closing the iterator ends them all.

    Whenever nothing has happened for a second, None is yielded.

    Parameters
    ----------
    submissions : iterable of Submission
        In the order in which to begin.
    wish : Wish
        How to grade.
    workers : int
        How many processes.
    deadline : float
        Seconds after which a worker is taken for stuck; above what a notebook may take.

    Raises
    ------
    WorkerError
        If no worker can be started.
    """
    waiting = deque(submissions)
    tries: Counter[Submission] = Counter()
    stillborn = 0
    with contextlib.ExitStack() as stack:
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="course-grade-")))
        at_work = [_Worker(wish, logs) for _ in range(min(workers, len(waiting)))]
        stack.callback(lambda: [worker.end() for worker in at_work])
        while waiting or any(worker.task for worker in at_work):
            if not wait([worker.connection for worker in at_work], timeout=1.0):
                yield None
            for place, worker in enumerate(at_work):
                task = worker.task
                try:
                    outcome = worker.heard(deadline)
                except EOFError as error:
                    words = worker.end()
                    at_work[place] = _Worker(wish, logs)
                    if task is None:
                        stillborn += not worker.ready
                        if stillborn == STILLBORN:
                            raise WorkerError(words or "It said nothing.") from error
                    elif tries[task] < TRIES and not worker.stuck:
                        waiting.appendleft(task)
                    else:
                        yield Ended(task, Outcome("failed", _why(worker, deadline), detail=words), lost=True)
                    continue
                if task and outcome:
                    yield Ended(task, outcome)
                if worker.ready and worker.task is None and waiting:
                    task = waiting.popleft()
                    tries[task] += 1
                    # Said first, so that it is known to have begun whatever happens next.
                    yield Began(task)
                    worker.take(task)


def _why(worker: _Worker, deadline: float) -> str:
    if worker.stuck:
        return f"Grading it did not end within {deadline / 60:.0f} minutes, so it was stopped."
    code = worker.process.exitcode or 0
    how = f"was ended by the signal {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
    return f"The process that graded it {how}, twice. Does it need more memory than there is?"


class _Worker:
    """The near end of a worker."""

    def __init__(self, wish: Wish, logs: Path) -> None:
        context = _context(wish)
        handle, name = tempfile.mkstemp(dir=logs)
        os.close(handle)
        self.log = Path(name)
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, wish, name), daemon=True)
        self.process.start()
        theirs.close()
        self.ready = self.stuck = False
        self.task: Submission | None = None
        self.since = 0.0

    def take(self, task: Submission) -> None:
        """Send it a submission; a dead worker shows when it is next heard."""
        self.task, self.since = task, time.monotonic()
        with contextlib.suppress(OSError):
            self.connection.send(task)

    def heard(self, deadline: float) -> Outcome | None:
        """Return the outcome of its task, if there is one now.

        Raises
        ------
        EOFError
            If it is dead, or stuck and therefore killed.
        """
        if self.task and time.monotonic() - self.since > deadline:
            self.stuck = True
            raise EOFError
        try:
            if not self.connection.poll():
                return None
            outcome: Outcome | None = self.connection.recv()
        except OSError as error:
            raise EOFError from error
        self.ready, self.task = True, None
        return outcome

    def end(self) -> str:
        """End it, by force unless it is idle, and return its last words on standard error."""
        if self.task:
            self.process.kill()
        with contextlib.suppress(OSError):
            # Said in so many words: a copy of this process has copies of this connection, which nobody closes.
            self.connection.send(None)
        self.connection.close()
        self.process.join(SECONDS_TO_END)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:].strip()


def shares_a_warm_process(wish: Wish) -> bool:
    """Return whether workers are copies of this process, so that what it has warmed serves them all.

    They are where that is safe: where this process has one thread, which is why nothing that ``course grade`` does here
    starts another. Dask does, and so may whoever else calls this.
    """
    return sys.platform == "linux" and not wish.scheduler and threading.active_count() == 1


def _context(wish: Wish) -> Any:
    """Return how processes are started."""
    return multiprocessing.get_context("fork" if shares_a_warm_process(wish) else "spawn")


def _work(connection: Connection, wish: Wish, log: str) -> None:
    """Grade what comes over the connection until nothing does: the life of a worker."""
    # An event loop that was copied would wait for the same files as those of all other workers, and for threads that
    # were not copied. Jupyter keeps its loop in a context variable, so in a new context it makes a new one.
    asyncio.set_event_loop(None)
    contextvars.Context().run(_grade_what_comes, connection, wish, log)


def _grade_what_comes(connection: Connection, wish: Wish, log: str) -> None:
    threading.Thread(target=_end_with_parent, daemon=True).start()
    # Ctrl+C goes to all processes of a terminal. The near end decides. (Ignored, it would be so in every kernel too.)
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # What others print must not come between the lines of progress, nor into a JSON document.
    with Path(log).open("ab", buffering=0) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    from course.classroom.grading.submission import Grader

    grader = Grader(wish)
    with contextlib.suppress(EOFError, OSError):
        connection.send(None)
        while (submission := connection.recv()) is not None:
            connection.send(grader.grade(submission))


def _end_with_parent() -> None:
    """End this process at once when the one that started it is gone, also by ``kill -9``."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
