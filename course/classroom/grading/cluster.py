"""Notebooks run on a Dask cluster; everything else of grading stays here.

A notebook and the files beside it go there as bytes, and the notebook comes back with its outputs. Its machines need
this package and what the exercises import; they see neither gradebook nor course folder. Each runs a submission as it
would be run here, in the layers that it has. When a machine is lost, Dask gives what it had to another one.
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

from course.classroom.gradebook.course_folder import CourseError, entries
from course.classroom.grading.execute import Execute, passed_on
from course.classroom.grading.step_warnings import Said
from course.classroom.kernels.fork_server_client import get_fork_server
from course.classroom.sandbox import Layer

SECONDS_TO_ANSWER: Final = 20


class ClusterError(Exception):
    """The cluster could not run a notebook. The message says why."""


@dataclass(frozen=True)
class Cluster:
    """What a cluster has: threads, and which layers of isolation on every machine."""

    threads: int
    layers: tuple[Layer, ...]


@dataclass(frozen=True)
class _Job:
    """A notebook to run, as JSON, the files beside it, and how `Execute` is configured."""

    notebook: str
    files: Mapping[str, bytes]
    config: Mapping[str, Mapping[str, Any]]
    environment: Mapping[str, str]


@dataclass(frozen=True)
class _Done:
    """A notebook that was run, as JSON, the files it made, and what was warned of."""

    notebook: str
    files: Mapping[str, bytes]
    said: tuple[str, ...]


class ClusterExecute(Execute):
    """Runs a submission's notebook on a Dask cluster."""

    scheduler = Unicode(help="The address of Dask's scheduler, such as tcp://10.0.0.1:8786.").tag(config=True)

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any], _: Any = None
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """Have every cell run, as `Execute` does.

        Raises
        ------
        ClusterError
            If the cluster is gone, or has lost every machine that began with it.
        """
        from distributed import KilledWorker
        from distributed.comm.core import CommClosedError

        folder = Path(resources["metadata"]["path"] or ".")
        sections = {kind.__name__ for kind in type(self).__mro__} & set(self.config)
        job = _Job(
            notebook=json.dumps(nb),
            files=_pack(folder),
            config={name: dict(self.config[name]) for name in sections},
            environment=passed_on(),
        )
        try:
            done: _Done = _client(self.scheduler).submit(_run, job, pure=False).result()
        except KilledWorker as error:
            raise ClusterError("Every machine of the cluster that began with it was lost.") from error
        except (OSError, CommClosedError) as error:
            raise ClusterError(f"The cluster at {self.scheduler} does not answer: {error}.") from error
        for words in done.said:
            self.log.warning(words)
        _unpack(done.files, folder)
        return nbformat.from_dict(json.loads(done.notebook)), resources  # type: ignore[no-untyped-call]


def look(address: str, libraries: tuple[str, ...]) -> Cluster:
    """Return what the cluster at an address has.

    Raises
    ------
    CourseError
        If none answers there, it has no workers, or they lack this package.
    """
    try:
        from distributed import Client
    except ImportError as error:
        raise CourseError("Grading on a cluster needs Dask: pip install 'completely-free[cluster]'") from error
    try:
        with Client(address, timeout=SECONDS_TO_ANSWER) as client:  # type: ignore[no-untyped-call]
            threads: dict[str, int] = client.nthreads()
            asked = [client.submit(_layers, libraries, workers=[worker], pure=False) for worker in threads]
            found: list[tuple[Layer, ...]] = client.gather(asked)
    except (OSError, ValueError) as error:
        raise CourseError(f"No Dask scheduler answers at {address}: {error}") from error
    except ImportError as error:
        raise CourseError(f"The machines of the cluster at {address} lack what grading needs: {error}") from error
    if not found:
        raise CourseError(f"The cluster at {address} has no workers. Start some: dask worker {address}")
    # A layer counts if every machine has it.
    layers = tuple(min(same, key=lambda layer: layer.active) for same in zip(*found, strict=True))
    return Cluster(sum(threads.values()), layers)


def _layers(libraries: tuple[str, ...]) -> tuple[Layer, ...]:
    return get_fork_server(libraries).layers


@functools.cache
def _client(address: str) -> Any:
    from distributed import Client

    return Client(address, timeout=SECONDS_TO_ANSWER)  # type: ignore[no-untyped-call]


def _run(job: _Job) -> _Done:
    """Run a notebook: what a machine of the cluster does."""
    os.environ.update(job.environment)
    execute = Execute(config=Config(job.config))
    said = Said()
    execute.log.addHandler(said)
    try:
        with tempfile.TemporaryDirectory(prefix="course-", ignore_cleanup_errors=True) as place:
            folder = Path(place)
            _unpack(job.files, folder)
            notebook = nbformat.from_dict(json.loads(job.notebook))  # type: ignore[no-untyped-call]
            notebook, _ = execute.preprocess(notebook, {"metadata": {"path": place}})
            made = {name: content for name, content in _pack(folder).items() if name not in job.files}
    finally:
        execute.log.removeHandler(said)
    return _Done(json.dumps(notebook), made, tuple(said.words))


def _pack(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder, without its notebooks, which hold the tests."""
    found = {path.relative_to(folder).as_posix(): path for path in entries(folder) if not path.is_symlink()}
    return {name: path.read_bytes() for name, path in found.items() if path.is_file() and path.suffix != ".ipynb"}


def _unpack(files: Mapping[str, bytes], folder: Path) -> None:
    """Write files into a folder, over none that is there."""
    for name, content in files.items():
        path = folder / name
        if not path.exists():
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
