"""nbgrader's preprocessor `Execute`, with forked and sandboxed kernels.

It replaces nbgrader's own in ``c.Autograde.autograde_preprocessors``, so that ``nbgrader autograde`` and formgrader use
it too. Honest work gets the scores, comments and notebooks that nbgrader's own would give, with two exceptions: a test
that passed keeps its points even if it wrote to standard error, and hidden tests are not shown.

A notebook whose locked cells use `course.checks` gets two kernels: the learner's runs everything but the graded checks,
and the referee's runs the locked cells, as the gradebook has them (see `course.classroom.bridge`). The checks of any
other notebook may need the learner's own process, so it gets one kernel, as with nbgrader.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from functools import cache
from pathlib import Path
from queue import Empty
from typing import Any, Final, Literal

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_core.utils import run_sync
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import Execute as NbGraderExecute
from nbgrader.utils import is_grade, is_locked, is_solution
from traitlets import Bool, Dict, Enum, List, Unicode

from course.classroom.bridge.asking import ENDED
from course.classroom.gradebook.shared_gradebook import LockedCell, locked_cells
from course.classroom.kernels.client import ForkedKernelClient
from course.classroom.kernels.fork_server_client import LIBRARIES, get_fork_server
from course.classroom.kernels.manager import ForkedKernelManager, RefereeManager, WrappedKernelManager, layers_here
from course.classroom.kernels.referee import defined_names, without_hidden
from course.classroom.sandbox import ExitStatus, Limits, has_barrier
from course.classroom.sandbox.scratch_folder import copy_in, copy_out, private_folder

CHECKS: Final = "course.checks"
"""What the locked cells of a notebook import whose checks run in a kernel of their own."""
IMPORTABLE: Final = frozenset({".ipynb", ".py", ".pyc", ".pyi", ".so", ".pth", ".zip", ".egg"})
"""Suffixes of files that the referee's folder does not get: other notebooks, and what Python could import."""

Role = Literal["learner", "locked", "test"]
"""Whose code a cell is: the learner's, the instructor's (a locked cell), or a test."""
PASSED_VARIABLES: Final = ("NBGRADER_EXECUTION",)
"""The environment variables that a graded notebook may see."""


class NoBarrier(NbGraderException):  # type: ignore[misc]
    """Nothing on this machine keeps a submission from the instructor's files."""


class Execute(NbGraderExecute):  # type: ignore[misc]
    """Run a submission's notebook in a forked kernel, in a private copy of its folder."""

    isolation = Enum(
        ("full", "reduced"),
        "full",
        help="With 'full', refuse to run submissions on a machine that cannot keep them from your files; with "
        "'reduced', run them there too.",
    ).tag(config=True)
    limits = Dict(
        help="Limits for one notebook that differ from the defaults: "
        + ", ".join(f"{name} ({value:g})" for name, value in vars(Limits()).items())
    ).tag(config=True)
    libraries = List(
        Unicode(), list(LIBRARIES), help="Modules that the fork server imports before it forks Python kernels."
    ).tag(config=True)

    show_hidden_tests = Bool(
        False,
        help="Show hidden tests and what they find in the autograded notebook, and so in feedback, as nbgrader does. "
        "For exercises whose checks are written with course.checks; other notebooks always show them.",
    ).tag(config=True)

    km: Any
    kc: Any
    locked: Mapping[str, LockedCell] | None = None
    """The notebook's locked cells as the instructor wrote them, by grade_id; None to ask the gradebook."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any], km: Any = None
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Run every cell.

        Raises
        ------
        NoBarrier
            If this machine cannot keep a submission from the instructor's files, and ``isolation`` is 'full'.
        course.classroom.sandbox.scratch_folder.TooLargeError
            If the submission is larger than the limits allow.
        jupyter_client.kernelspec.NoSuchKernel
            If the notebook's kernel is not installed.
        """
        self._stopped = ""
        self._referee: RefereeManager | None = None
        self._limits = Limits(**self.limits)
        self._locked = self.locked if self.locked is not None else instructors_cells(nb, resources)
        self._kernel = nb.metadata.get("kernelspec", {}).get("name") or "python3"
        self._apart = is_refereed(self._locked)
        self._forks = self._apart or is_this_python(self._kernel)
        self._check_barrier()
        autograded = Path(resources["metadata"]["path"] or ".")
        with private_folder() as folder, private_folder() as referees:
            notes = copy_in(autograded, folder, self._limits)
            for notebook in folder.glob("*.ipynb"):
                # The notebook holds the hidden tests.
                notebook.unlink()
            if self._apart:
                copy_in(autograded, referees, self._limits)
                for path in referees.rglob("*"):
                    if path.suffix.lower() in IMPORTABLE and not path.is_dir():
                        path.unlink()
            inside = {**resources, "metadata": {**resources["metadata"], "path": str(folder)}}
            self._referees_folder = referees
            try:
                super().preprocess(nb, inside, km)
            finally:
                self._end_referee()
            notes += copy_out(folder, autograded, self._limits)[1]
        if self._apart and not self.show_hidden_tests:
            for cell in nb.cells:
                if self._role(cell) == "test":
                    cell.source = without_hidden(cell.source)
        for note in notes:
            self.log.warning(note)
        self.resources = resources
        return nb, resources

    def _check_barrier(self) -> None:
        layers = get_fork_server(tuple(self.libraries)).layers if self._forks else layers_here()
        if not has_barrier(layers) and self.isolation != "reduced":
            raise NoBarrier(
                "This machine cannot keep a submission away from your files while it runs, so none was run. "
                "Grade on Linux, or accept the risk with c.Execute.isolation = 'reduced' in nbgrader_config.py."
            )

    def create_kernel_manager(self) -> ForkedKernelManager | WrappedKernelManager:
        """Return the manager of a forked kernel, or Jupyter's own if the notebook does not use this Python."""
        environment = passed_environment()
        if not self._forks:
            self.km = WrappedKernelManager(
                kernel_name=self._kernel, limits=self._limits, environment=environment, config=self.config
            )
        elif self._apart:
            self.km = self._start_referee(environment)
        else:
            self.km = self._forked(environment)
        manager: ForkedKernelManager | WrappedKernelManager = self.km
        return manager

    def _forked(self, environment: Mapping[str, str], bridge: socket.socket | None = None) -> ForkedKernelManager:
        return ForkedKernelManager(
            limits=self._limits, libraries=self.libraries, environment=environment, bridge=bridge
        )

    def _start_referee(self, environment: Mapping[str, str]) -> ForkedKernelManager:
        """Start the referee's kernel, and return the manager of the learner's, which it asks."""
        players_end, referees_end = socket.socketpair()
        player = self._forked(environment, players_end)
        self._referee = RefereeManager(
            limits=self._limits,
            libraries=self.libraries,
            environment=environment,
            bridge=referees_end,
            player=player,
            instructors=sorted(set().union(*(defined_names(cell.source) for cell in self._locked.values()))),
            shows_hidden=self.show_hidden_tests,
        )
        run_sync(self._referee.start_kernel)(cwd=str(self._referees_folder))
        self._referees_client = self._referee.client()
        self._referees_client.start_channels()
        return player

    def _end_referee(self) -> None:
        """End the referee's kernel, if there is one."""
        referee, self._referee = self._referee, None
        if referee is not None:
            self._referees_client.stop_channels()
            run_sync(referee.cleanup_resources)()

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Run one cell. If the kernel ends, points earned before stay, and the remaining cells say what happened."""
        if self._stopped:
            self._not_run(cell)
            return cell, resources
        role = self._role(cell)
        try:
            if role == "learner" and self._referee is not None and is_grade(cell) and not is_solution(cell):
                # nbgrader would count it.
                cell.outputs = [_error("NotRun", "This check is not the instructor's, so it was not run.")]
            elif role == "test" and self._referee is not None:
                self._check(cell, resources, index)
            else:
                super().preprocess_cell(cell, resources, index)
            if role == "locked" and self._referee is not None:
                self._run_locked(cell)
            if role == "test":
                _keep_last_result(cell)
                if not _failed(cell):
                    _move_stderr_to_stdout(cell)
        except DeadKernelError:
            self._stop(cell, index, "Its kernel does not answer any more.")
        except (CellTimeoutError, Empty):
            self._stop(cell, index, "The cell ran too long and did not stop when it was interrupted.")
        return cell, resources

    def _check(self, cell: NotebookNode, resources: dict[str, Any], index: int) -> None:
        """Run a check in the referee's kernel, and go on counting in the learner's.

        Raises
        ------
        DeadKernelError
            If a function of the learner's has ended the learner's kernel, or the referee's kernel has ended.
        """
        number = self.code_cells_executed + 1
        with self._refereed():
            self.kc.count_on(number)
            super().preprocess_cell(cell, resources, index)
        self.kc.count_on(number + 1)
        if ENDED in str(cell.outputs):
            run_sync(self.km.wait)()
        if not self.km.runs():
            raise DeadKernelError("Kernel died")

    def _run_locked(self, cell: NotebookNode) -> None:
        """Run a locked cell that is no check in the referee's kernel, too.

        If it takes too long there, the checks that need it fail.
        """
        with suppress(Empty):
            run_sync(self._referees_client.run_locked)(cell.source, self.timeout)

    @contextmanager
    def _refereed(self) -> Iterator[None]:
        """Within this context, cells run in the referee's kernel."""
        players = self.km, self.kc
        self.km, self.kc = self._referee, self._referees_client
        try:
            yield
        finally:
            self.km, self.kc = players

    def _role(self, cell: NotebookNode) -> Role:
        """Return whose code a cell is. Everything that is not in the instructor's copy is the learner's."""
        name = cell.metadata.get("nbgrader", {}).get("grade_id")
        known = self._locked.get(name) if cell.cell_type == "code" and isinstance(name, str) else None
        if known is None or known.source != cell.source:
            return "learner"
        return "test" if known.is_check else "locked"

    def _stop(self, cell: NotebookNode, index: int, reason: str) -> None:
        """End the kernel, and write the reason into the cell."""
        reason = run_sync(self._end_kernel)() or reason
        cell.outputs = [*cell.get("outputs", []), _error("KernelStopped", reason)]
        self._stopped = f"Not run, because the notebook was stopped in cell {index + 1}. {reason}"
        self.log.warning("The notebook was stopped in cell %s. %s", index + 1, reason)

    async def _end_kernel(self) -> str:
        """End the kernel. Return why it had ended by itself; empty if it had not."""
        if not isinstance(self.km, ForkedKernelManager):
            await self.km.shutdown_kernel(now=True)
            return ""
        by_itself = await self.km.wait()
        ended = await self.km.shutdown_kernel()
        return describe_end(ended) if by_itself or ended.reason else ""

    def _not_run(self, cell: NotebookNode) -> None:
        if cell.cell_type == "code" and cell.source.strip():
            cell.outputs, cell.execution_count = [_error("NotRun", self._stopped)], None

    async def _async_poll_kernel_alive(self) -> None:
        """Wait for the kernel's end, which a socket reports at once, instead of polling every second."""
        if not isinstance(self.kc, ForkedKernelClient):
            await super()._async_poll_kernel_alive()
            return
        await self.kc.ended.wait()
        self.task_poll_for_reply.cancel()


def passed_environment() -> dict[str, str]:
    """Return the environment variables that a graded notebook may see."""
    return {name: os.environ[name] for name in PASSED_VARIABLES if name in os.environ}


def is_this_python(name: str) -> bool:
    """Whether the kernel of that name is ipykernel in this Python, on a system where the fork server runs.

    Raises
    ------
    jupyter_client.kernelspec.NoSuchKernel
        If no kernel of that name is installed.
    """
    spec = _spec(name)
    same = spec.argv[0] in ("python", "python3", f"python3.{sys.version_info.minor}", sys.executable)
    return sys.platform == "linux" and same and "ipykernel_launcher" in spec.argv and not spec.env


@cache
def _spec(name: str) -> KernelSpec:
    return KernelSpecManager().get_kernel_spec(name)


def is_refereed(locked: Mapping[str, LockedCell]) -> bool:
    """Whether the checks of a notebook run in a kernel of their own: where its locked cells use `course.checks`."""
    return sys.platform == "linux" and any(CHECKS in cell.source for cell in locked.values())


def instructors_cells(nb: NotebookNode, resources: Mapping[str, Any]) -> dict[str, LockedCell]:
    """Return the instructor's cells by grade_id: from the gradebook, or from a notebook that belongs to none."""
    if "nbgrader" in resources:
        names = resources["nbgrader"]
        return locked_cells(names["db_url"], names["assignment"], names["notebook"])
    return {
        cell.metadata.nbgrader.grade_id: LockedCell(cell.source, bool(is_grade(cell)))
        for cell in nb.cells
        if cell.cell_type == "code" and is_locked(cell) and not is_solution(cell)
    }


def describe_end(ended: ExitStatus) -> str:
    """Describe why a kernel stopped by itself, for the learner and the instructor."""
    if ended.reason:
        return f"It was stopped. {ended.reason}"
    if ended.signal == signal.SIGKILL:
        return "Python was killed, most often because there was no memory left."
    if ended.signal is not None:
        return f"Python crashed ({signal.Signals(ended.signal).name})."
    return f"The notebook ended Python (exit code {ended.code})."


def _error(name: str, words: str) -> NotebookNode:
    traceback = [f"\x1b[0;31m{name}\x1b[0m: {words}"]
    output: NotebookNode = new_output("error", ename=name, evalue=words, traceback=traceback)  # type: ignore[no-untyped-call]
    return output


def _failed(cell: NotebookNode) -> bool:
    return any(output.output_type == "error" for output in cell.outputs)


def _keep_last_result(cell: NotebookNode) -> None:
    """Keep only the last result of a test, and none if the test failed.

    nbgrader takes the points from the first result, even if an error follows, and a learner's function that the test
    calls can display a result of its own.
    """
    results = [output for output in cell.outputs if output.output_type == "execute_result"]
    for output in results if _failed(cell) else results[:-1]:
        output.output_type = "display_data"
        del output["execution_count"]


def _move_stderr_to_stdout(cell: NotebookNode) -> None:
    """Move a passed test's standard error to standard output, because nbgrader gives no points otherwise."""
    for output in cell.outputs:
        if output.output_type == "stream" and output.name == "stderr":
            output.name = "stdout"
