"""Grade in worker processes, one submission at a time in each. Replace a worker that dies and retry its submission.

`concurrent.futures` does not fit: there, one killed process breaks the whole pool and all of its pending work.
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
    from course.classroom.grading.submission import SubmissionOptions

MOST_TRIES: Final = 2
"""How often a submission is tried if its worker dies."""
MOST_FAILED_STARTS: Final = 3
"""Give up after this many workers have ended before they were ready."""
SECONDS_TO_END: Final = 10.0


class WorkerError(Exception):
    """No worker can be started. The message holds the worker's error output."""


@dataclass(frozen=True)
class SubmissionStarted:
    """A worker starts to grade a submission."""

    submission: Submission


@dataclass(frozen=True)
class SubmissionFinished:
    """A worker has graded a submission; or it `crashed`, and has written nothing to the gradebook."""

    submission: Submission
    outcome: Outcome
    crashed: bool = False


def grade_all(
    submissions: Iterable[Submission], options: SubmissionOptions, workers: int, deadline: float
) -> Generator[SubmissionStarted | SubmissionFinished | None]:
    """Grade submissions in worker processes; yield an event when each starts and finishes, and None once a second.

    Closing the generator ends all workers.

    Parameters
    ----------
    submissions : iterable of Submission
        The submissions, in the order in which to start them.
    options : SubmissionOptions
        How to grade.
    workers : int
        How many processes.
    deadline : float
        Seconds after which a worker counts as stuck and is killed; more than a notebook may take.

    Raises
    ------
    WorkerError
        If no worker can be started.
    """
    waiting = deque(submissions)
    tries: Counter[Submission] = Counter()
    failed_to_start = 0
    with contextlib.ExitStack() as stack:
        logs = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="course-grade-")))
        at_work = [_Worker(options, logs) for _ in range(min(workers, len(waiting)))]
        stack.callback(lambda: [worker.end() for worker in at_work])
        while waiting or any(worker.task for worker in at_work):
            if not wait([worker.connection for worker in at_work], timeout=1.0):
                yield None
            for index, worker in enumerate(at_work):
                task = worker.task
                try:
                    outcome = worker.receive(deadline)
                except EOFError as error:
                    stderr = worker.end()
                    at_work[index] = _Worker(options, logs)
                    if task is None:
                        failed_to_start += not worker.ready
                        if failed_to_start == MOST_FAILED_STARTS:
                            raise WorkerError(stderr or "The worker printed no error message.") from error
                    elif tries[task] < MOST_TRIES and not worker.stuck:
                        waiting.appendleft(task)
                    else:
                        outcome = Outcome("failed", _describe_crash(worker, deadline), detail=stderr)
                        yield SubmissionFinished(task, outcome, crashed=True)
                    continue
                if task and outcome:
                    yield SubmissionFinished(task, outcome)
                if worker.ready and worker.task is None and waiting:
                    task = waiting.popleft()
                    tries[task] += 1
                    # Yielded first, so that the journal records the start whatever happens next.
                    yield SubmissionStarted(task)
                    worker.send(task)


def _describe_crash(worker: _Worker, deadline: float) -> str:
    if worker.stuck:
        return f"Grading it did not finish within {deadline / 60:.0f} minutes, so it was stopped."
    code = worker.process.exitcode or 0
    how = f"was ended by the signal {signal.Signals(-code).name}" if code < 0 else f"ended with code {code}"
    return f"The process that graded it {how}, twice. Does it need more memory than this machine has?"


class _Worker:
    """A worker process, seen from this process."""

    def __init__(self, options: SubmissionOptions, logs: Path) -> None:
        context = _context(options)
        handle, name = tempfile.mkstemp(dir=logs)
        os.close(handle)
        self.log = Path(name)
        self.connection, theirs = context.Pipe()
        self.process = context.Process(target=_work, args=(theirs, options, name), daemon=True)
        self.process.start()
        theirs.close()
        self.ready = self.stuck = False
        self.task: Submission | None = None
        self.since = 0.0

    def send(self, task: Submission) -> None:
        """Send it a submission. If the worker is dead, the next `receive` raises."""
        self.task, self.since = task, time.monotonic()
        with contextlib.suppress(OSError):
            self.connection.send(task)

    def receive(self, deadline: float) -> Outcome | None:
        """Return the outcome of its task; None if there is none yet.

        Raises
        ------
        EOFError
            If the worker is dead or has passed the deadline.
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
        """End the worker, by force unless it is idle, and return the end of its standard error."""
        if self.task:
            self.process.kill()
        with contextlib.suppress(OSError):
            # Closing is not enough: processes forked from this one hold copies of the connection.
            self.connection.send(None)
        self.connection.close()
        self.process.join(SECONDS_TO_END)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()
        return self.log.read_text(encoding="utf-8", errors="replace")[-4000:].strip()


def forks_workers(options: SubmissionOptions) -> bool:
    """Return whether workers are forked from this process, so that they share its fork server.

    Forking is safe only while this process has one thread, so ``course grade`` starts no other. Dask does, and other
    callers may.
    """
    return sys.platform == "linux" and not options.scheduler and threading.active_count() == 1


def _context(options: SubmissionOptions) -> Any:
    """Return the multiprocessing context that starts workers."""
    return multiprocessing.get_context("fork" if forks_workers(options) else "spawn")


def _work(connection: Connection, options: SubmissionOptions, log: str) -> None:
    """Run a worker: grade the submissions that arrive over the connection."""
    # A forked event loop would share its file descriptors with all other workers, and wait for threads that were not
    # forked. Jupyter keeps its loop in a context variable, so a new context gets a new loop.
    asyncio.set_event_loop(None)
    contextvars.Context().run(_serve, connection, options, log)


def _serve(connection: Connection, options: SubmissionOptions, log: str) -> None:
    threading.Thread(target=_exit_with_parent, daemon=True).start()
    # Ctrl+C reaches all processes of a terminal, but the parent decides. SIG_IGN would be inherited by every kernel.
    signal.signal(signal.SIGINT, lambda *_: None)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    # Libraries must not print between the lines of progress or into the JSON document.
    with Path(log).open("ab", buffering=0) as file:
        os.dup2(file.fileno(), 1)
        os.dup2(file.fileno(), 2)
    from course.classroom.grading.submission import Grader

    grader = Grader(options)
    with contextlib.suppress(EOFError, OSError):
        connection.send(None)
        while (submission := connection.recv()) is not None:
            connection.send(grader.grade(submission))


def _exit_with_parent() -> None:
    """Exit this process as soon as its parent is gone, even if that was killed with ``kill -9``."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        wait([parent.sentinel])
        os._exit(1)
