"""nbgrader's preprocessor `Execute`, with forked and sandboxed kernels.

It replaces nbgrader's own in ``c.Autograde.autograde_preprocessors``, so that ``nbgrader autograde`` and formgrader use
it too. Honest work gets the scores, comments and notebooks that nbgrader's own would give, with one exception: a test
that passed keeps its points even if it wrote to standard error.
"""

from __future__ import annotations

import os
import signal
import sys
from functools import cache
from pathlib import Path
from queue import Empty
from random import SystemRandom
from typing import Any, Final

from jupyter_client.kernelspec import KernelSpec, KernelSpecManager
from jupyter_core.utils import run_sync
from nbclient.exceptions import CellTimeoutError, DeadKernelError
from nbformat import NotebookNode
from nbformat.v4 import new_output
from nbgrader.converters.base import NbGraderException
from nbgrader.preprocessors import Execute as NbGraderExecute
from nbgrader.utils import is_grade, is_locked, is_solution
from traitlets import Dict, Enum, List, Unicode

from course.classroom.integrity import IntegrityError, Role
from course.classroom.integrity.canary import Canary, canary, late_canary
from course.classroom.kernels.client import ForkedKernelClient
from course.classroom.kernels.fork_server_client import LIBRARIES, get_fork_server
from course.classroom.kernels.manager import ForkedKernelManager, WrappedKernelManager, layers_here
from course.classroom.sandbox import ExitStatus, Limits, has_barrier
from course.classroom.sandbox.scratch_folder import copy_in, copy_out, private_folder

FULL_PATH_ONE_IN: Final = 20
"""One canary in this many runs as a full cell, at ten times the cost. The last canary always does."""
MOST_LISTED: Final = 4
"""How many changes a message lists one by one."""
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

    _random: Final = SystemRandom()

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
        self._passed: list[str] = []
        self._limits = Limits(**self.limits)
        self._kernel = nb.metadata.get("kernelspec", {}).get("name") or "python3"
        self._forks = is_this_python(self._kernel)
        self._check_barrier()
        autograded = Path(resources["metadata"]["path"] or ".")
        with private_folder() as folder:
            notes = copy_in(autograded, folder, self._limits)
            for notebook in folder.glob("*.ipynb"):
                # The notebook holds the hidden tests.
                notebook.unlink()
            inside = {**resources, "metadata": {**resources["metadata"], "path": str(folder)}}
            super().preprocess(nb, inside, km)
            notes += copy_out(folder, autograded, self._limits)[1]
        for note in notes:
            self.log.warning(note)
        self.resources = resources
        return nb, resources

    def _check_barrier(self) -> None:
        layers = get_fork_server(tuple(self.libraries)).layers if self._forks else layers_here()
        if not has_barrier(layers) and self.isolation != "reduced":
            raise NoBarrier(
                "Nothing on this machine keeps a submission from your files while it runs, so none was run. "
                "Grade on Linux, or accept the risk with c.Execute.isolation = 'reduced' in nbgrader_config.py."
            )

    def create_kernel_manager(self) -> ForkedKernelManager | WrappedKernelManager:
        """Return the manager of a forked kernel, or Jupyter's own if the notebook does not use this Python."""
        environment = passed_environment()
        manager: ForkedKernelManager | WrappedKernelManager
        if self._forks:
            manager = ForkedKernelManager(limits=self._limits, libraries=self.libraries, environment=environment)
        else:
            manager = WrappedKernelManager(
                kernel_name=self._kernel, limits=self._limits, environment=environment, config=self.config
            )
        self.km = manager
        return manager

    def preprocess_cell(
        self, cell: NotebookNode, resources: dict[str, Any], index: int
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Run one cell. If the kernel ends, points earned before stay, and the remaining cells say what happened."""
        if self._stopped:
            self._not_run(cell)
            return cell, resources
        if isinstance(self.kc, ForkedKernelClient):
            self.kc.role = role(cell)
        try:
            cell, resources = super().preprocess_cell(cell, resources, index)
            if role(cell) == "test":
                _keep_last_result(cell)
            if role(cell) == "test" and not _failed(cell):
                _move_stderr_to_stdout(cell)
                self._passed.append(cell.source)
                self._prove_fair(canary(cell.source, self._random), whole=self._random.randrange(FULL_PATH_ONE_IN) == 0)
        except DeadKernelError:
            self._stop(cell, index, "Its kernel does not answer any more.")
        except (CellTimeoutError, Empty):
            self._stop(cell, index, "The cell ran too long and did not stop when it was interrupted.")
        return cell, resources

    def set_widgets_metadata(self) -> None:
        """Run the last canary, which calls the learner's own functions, then save the widgets' state."""
        if self._passed and not self._stopped:
            try:
                self._prove_fair(late_canary(self._passed, self._random), whole=True)
            except (DeadKernelError, Empty):
                self.log.warning("The kernel ended after the last cell, while its tests were asked again.")
        super().set_widgets_metadata()

    def _prove_fair(self, bird: Canary, *, whole: bool) -> None:
        """Run a canary, a check that must fail; with `whole`, run it as a full cell.

        Raises
        ------
        IntegrityError
            If the canary passes, or anything that tests rely on has changed.
        """
        if not isinstance(self.kc, ForkedKernelClient):
            return
        raised, changes, passed = run_sync(self.kc.try_canary)(bird.code, self.timeout, whole=whole)
        if raised != bird.word:
            changes.append("a check that must fail passed")
        if passed < len(self._passed):
            changes.append("a test that failed was reported as passed")
        if changes:
            listed = changes[:MOST_LISTED]
            if len(changes) > MOST_LISTED:
                listed.append(f"and {len(changes) - MOST_LISTED} more")
            raise IntegrityError(f"The notebook interfered with its grading: {'; '.join(listed)}.")

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


def role(cell: NotebookNode) -> Role:
    """Return whose code a cell is. Everything not locked by the instructor is the learner's."""
    if cell.cell_type != "code" or is_solution(cell) or not is_locked(cell):
        return "learner"
    return "test" if is_grade(cell) else "locked"


def describe_end(ended: ExitStatus) -> str:
    """Describe why a kernel stopped by itself, for the learner and the instructor."""
    if ended.reason:
        return f"It was stopped. {ended.reason}"
    if ended.signal == signal.SIGKILL:
        return "Python was killed; most often because there was no memory left."
    if ended.signal is not None:
        return f"Python crashed ({signal.Signals(ended.signal).name})."
    return f"It ended Python itself (exit code {ended.code})."


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
