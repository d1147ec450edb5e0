"""Sandbox a program that is executed instead of forked, such as a kernel of another language."""

from __future__ import annotations

import json
import os
import signal
import sys
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from course.classroom.sandbox.layers import Layer
from course.classroom.sandbox.limits import Limits
from course.classroom.sandbox.paths import PACKAGE
from course.classroom.sandbox.process import start
from course.classroom.sandbox.scratch_folder import HOME


def wrap(
    command: Sequence[str],
    *,
    folder: Path,
    readable: Sequence[Path],
    limits: Limits,
    layers: Sequence[Layer],
    environment: Mapping[str, str] | None = None,
) -> list[str]:
    """Return a command line that runs `command` in its layers, such as a Jupyter kernel that is not forked.

    The command may listen on Unix sockets in its folder (Jupyter's transport ``ipc``) and connect to none. The process
    around it stays outside of the layers: it enforces the limits, passes SIGINT on, and kills everything on SIGTERM.

    Parameters
    ----------
    command : sequence of str
        What to run. Its connection file lies in `folder`.
    folder, readable, limits, layers
        As for `start`.
    environment : mapping, optional
        Environment variables besides those that every submission has.
    """
    options = {
        "folder": str(folder.resolve()),
        "readable": [str(path) for path in readable],
        "limits": asdict(limits),
        "layers": [layer.name for layer in layers if layer.active],
        "environment": dict(environment or {}),
    }
    return [sys.executable, "-m", __package__, json.dumps(options), *command]


def main(arguments: Sequence[str]) -> int:
    """Run a command line that `wrap` returned, and return the exit code."""
    options = json.loads(arguments[0])
    folder, command = Path(options["folder"]), list(arguments[1:])
    # A new Python finds `course` by listing the folder that holds it, which is not readable. Give it one that is.
    packages = folder / HOME / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        (packages / "course").symlink_to(PACKAGE)

    def run() -> None:
        os.environ.update({"PYTHONPATH": str(packages)} | options["environment"])
        os.execvp(command[0], command)

    received: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: received.append(number))
    child = start(
        run,
        folder=folder,
        readable=[Path(path) for path in options["readable"]],
        limits=Limits(**options["limits"]),
        layers=[Layer(name, True, "") for name in options["layers"]],
        listening=True,
    )
    while (status := child.poll()) is None:
        while received:
            if received.pop() == signal.SIGTERM:
                child.end()
            else:
                os.kill(child.pid, signal.SIGINT)
        time.sleep(0.02)
    if status.reason:
        sys.stderr.write(f"{status.reason}\n")
    return status.code if status.code is not None else 128 + (status.signal or 0)
