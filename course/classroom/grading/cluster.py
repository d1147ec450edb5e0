"""Run notebooks on a Dask cluster. All other steps of grading stay on this machine.

A notebook and the files beside it are sent as bytes, and the notebook comes back with its outputs. The cluster's
machines need this package and what the exercises import, but neither the gradebook nor the course folder. Each runs a
submission as this machine would, in the isolation layers it has. When a machine is lost, Dask reassigns its work.
"""

from __future__ import annotations

import functools
import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import nbformat
from nbformat import NotebookNode
from traitlets import Unicode
from traitlets.config import Config

from course.classroom.gradebook.course_folder import CHECKPOINTS, CourseError
from course.classroom.gradebook.shared_gradebook import LockedCell
from course.classroom.grading.execute import Execute, instructors_cells, passed_environment
from course.classroom.grading.step_warnings import WarningCollector
from course.classroom.kernels.fork_server_client import get_fork_server
from course.classroom.sandbox import Layer
from course.classroom.sandbox.untrusted_files import walk

SECONDS_TO_ANSWER: Final = 20


class ClusterError(Exception):
    """The cluster could not run a notebook. The message says why."""


@dataclass(frozen=True)
class Cluster:
    """A cluster's threads, and the isolation layers that all of its machines have."""

    threads: int
    layers: tuple[Layer, ...]


@dataclass(frozen=True)
class _Job:
    """A notebook to run (JSON), the files beside it, and the configuration of `Execute`."""

    notebook: str
    files: Mapping[str, bytes]
    config: Mapping[str, Mapping[str, Any]]
    environment: Mapping[str, str]
    locked: Mapping[str, LockedCell]


@dataclass(frozen=True)
class _JobResult:
    """A notebook that was run (JSON), the files it created, and the warnings."""

    notebook: str
    files: Mapping[str, bytes]
    warnings: tuple[str, ...]


class ClusterExecute(Execute):
    """Run a submission's notebook on a Dask cluster."""

    scheduler = Unicode(help="The address of Dask's scheduler, such as tcp://10.0.0.1:8786.").tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any], _: Any = None
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Run every cell as `Execute` does, on the cluster.

        Raises
        ------
        ClusterError
            If the cluster does not answer, or every machine that started the notebook was lost.
        """
        from distributed import KilledWorker
        from distributed.comm.core import CommClosedError

        folder = Path(resources["metadata"]["path"] or ".")
        sections = {kind.__name__ for kind in type(self).__mro__} & set(self.config)
        job = _Job(
            notebook=json.dumps(nb),
            files=_pack(folder),
            config={name: dict(self.config[name]) for name in sections},
            environment=passed_environment(),
            locked=instructors_cells(nb, resources),
        )
        try:
            result: _JobResult = _client(self.scheduler).submit(_run, job, pure=False).result()
        except KilledWorker as error:
            raise ClusterError("Every machine of the cluster that started on it was lost.") from error
        except (OSError, CommClosedError) as error:
            raise ClusterError(f"The cluster at {self.scheduler} does not answer: {error}.") from error
        for message in result.warnings:
            self.log.warning(message)
        _unpack(result.files, folder)
        return nbformat.from_dict(json.loads(result.notebook)), resources  # type: ignore[no-untyped-call]


def inspect_cluster(address: str, libraries: tuple[str, ...]) -> Cluster:
    """Return the threads and isolation layers of the cluster at `address`.

    Raises
    ------
    CourseError
        If no cluster answers there, it has no workers, or the workers lack this package.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise CourseError("Grading on a cluster needs Dask: pip install 'completely-free[cluster]'") from error
    try:
        with Client(address, timeout=SECONDS_TO_ANSWER) as client:  # type: ignore[no-untyped-call]
            threads: dict[str, int] = client.nthreads()
            futures = [client.submit(_layers, libraries, workers=[worker], pure=False) for worker in threads]
            layers_by_worker: list[tuple[Layer, ...]] = client.gather(futures)
    except (OSError, ValueError) as error:
        raise CourseError(f"No Dask scheduler answers at {address}: {error}") from error
    except ImportError as error:
        raise CourseError(f"The machines of the cluster at {address} cannot grade: {error}") from error
    if not layers_by_worker:
        raise CourseError(f"The cluster at {address} has no workers. Start some: dask worker {address}")
    # A layer counts only if every machine has it.
    layers = tuple(min(same, key=lambda layer: layer.active) for same in zip(*layers_by_worker, strict=True))
    return Cluster(sum(threads.values()), layers)


def _layers(libraries: tuple[str, ...]) -> tuple[Layer, ...]:
    return get_fork_server(libraries).layers


@functools.cache
def _client(address: str) -> Any:
    from distributed import Client

    return Client(address, timeout=SECONDS_TO_ANSWER)  # type: ignore[no-untyped-call]


def _run(job: _Job) -> _JobResult:
    """Run a notebook on a machine of the cluster."""
    os.environ.update(job.environment)
    execute = Execute(config=Config(job.config))
    execute.locked = job.locked
    collector = WarningCollector()
    execute.log.addHandler(collector)
    try:
        with tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as temporary:
            folder = Path(temporary)
            _unpack(job.files, folder)
            notebook = nbformat.from_dict(json.loads(job.notebook))  # type: ignore[no-untyped-call]
            notebook, _ = execute.preprocess(notebook, {"metadata": {"path": temporary}})
            new_files = {name: content for name, content in _pack(folder).items() if name not in job.files}
    finally:
        execute.log.removeHandler(collector)
    return _JobResult(json.dumps(notebook), new_files, tuple(collector.messages))


def _pack(folder: Path) -> dict[str, bytes]:
    """Return the regular files of a folder, without its notebooks, which hold the tests."""
    files = [path for path, kind in walk(folder, without=CHECKPOINTS) if kind == "file" and path.suffix != ".ipynb"]
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}


def _unpack(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files into a folder without replacing any."""
    for name, content in files.items():
        path = folder / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
