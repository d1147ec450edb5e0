"""A board that runs: ``course room`` in a process of its own."""

from __future__ import annotations

import re
import signal
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.gradebook import COMMAND


@dataclass(frozen=True)
class RunningBoard:
    """A board, the folder it reads, and its address."""

    folder: Path
    address: str
    process: subprocess.Popen[str]


@contextmanager
def running_board(folder: Path, *options: str) -> Iterator[RunningBoard]:
    """Start the board of a folder, and stop it with Ctrl+C."""
    command = [str(COMMAND), "room", str(folder), "--no-browser", *options]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        try:
            assert process.stdout
            line = process.stdout.readline()
            address = re.search(r"http://\S+/", line)
            assert address, line + process.stdout.read()
            yield RunningBoard(folder, address[0], process)
        finally:
            process.send_signal(signal.SIGINT)
            process.wait(60)
    assert process.returncode == 0
