"""A program in its layers that is started anew instead of forked, such as a kernel of another language."""

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
    """Return a command that runs another one in its layers, such as a Jupyter kernel that is not forked.

    It may listen on Unix sockets in its folder (Jupyter's transport ``ipc``), and connect to none. The command that is
    returned stands outside of the layers: it keeps the limits, hands SIGINT on, and ends everything on SIGTERM.

    Parameters
    ----------
    command : sequence of str
        What to run. Its connection file lies in `folder`.
    folder, readable, limits, layers
        As for `start`.
    environment : mapping, optional
        What its environment has besides what every submission's has.
    """
    order = {
        "folder": str(folder.resolve()),
        "readable": [str(path) for path in readable],
        "limits": asdict(limits),
        "layers": [layer.name for layer in layers if layer.active],
        "environment": dict(environment or {}),
    }
    return [sys.executable, "-m", __package__, json.dumps(order), *command]


def main(arguments: Sequence[str]) -> int:
    """Run what `wrap` has put together. Returns its exit code."""
    order = json.loads(arguments[0])
    folder, command = Path(order["folder"]), list(arguments[1:])
    # A fresh Python looks for the course in a folder that it may not list. Here it finds it in one that it may.
    packages = folder / HOME / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        (packages / "course").symlink_to(PACKAGE)

    def run() -> None:
        os.environ.update({"PYTHONPATH": str(packages)} | order["environment"])
        os.execvp(command[0], command)

    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: told.append(number))
    child = start(
        run,
        folder=folder,
        readable=[Path(path) for path in order["readable"]],
        limits=Limits(**order["limits"]),
        layers=[Layer(name, True, "") for name in order["layers"]],
        listening=True,
    )
    while (ended := child.poll()) is None:
        while told:
            if told.pop() == signal.SIGTERM:
                child.end()
            else:
                os.kill(child.pid, signal.SIGINT)
        time.sleep(0.02)
    if ended.reason:
        sys.stderr.write(f"{ended.reason}\n")
    return ended.code if ended.code is not None else 128 + (ended.signal or 0)
