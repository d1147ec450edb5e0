"""What the course's own kernel transport saves: a forked kernel over one socket against stock ipykernel over ZeroMQ.

Both kernels are forked from a process that has imported the same libraries and run the same cells, both enter the same
sandbox, and both run the same notebook (`benchmarks.classroom`: 30 cells with pandas, Altair and ipywidgets) through
nbclient. The stock one is ipykernel's own `IPKernelApp`, which listens on Unix sockets (Jupyter's transport ``ipc``),
behind a provisioner of jupyter_client. That provisioner is a prototype, and exists here only.

For each kernel this measures four parts, by the clock and as CPU time of the kernel, of the process that forks it and
of this process: from asking for a kernel to its first reply, from the first cell to the last, and the end. Memory is
what a kernel has for itself at the end of the notebook. The medians of all rounds are printed, and the ratios.

Run it with ``python benchmarks/kernels.py``; ``--rounds 5`` for fewer rounds. Nothing else should run on the machine.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import signal
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import nbformat
import psutil
from jupyter_client.connect import KernelConnectionInfo
from jupyter_client.manager import AsyncKernelManager
from jupyter_client.provisioning.provisioner_base import KernelProvisionerBase
from nbclient import NotebookClient
from rich.console import Console
from rich.table import Table

ROOT: Final = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT)]

from benchmarks import classroom  # noqa: E402 - found from wherever this is started
from course.classroom import sandbox  # noqa: E402
from course.classroom.kernels.fork_server import warm_up  # noqa: E402
from course.classroom.kernels.fork_server_client import (  # noqa: E402
    LIBRARIES,
    ONE_THREAD,
    ForkServerClient,
    get_fork_server,
)
from course.classroom.kernels.manager import ForkedKernelManager  # noqa: E402
from course.classroom.sandbox import Limits  # noqa: E402
from course.classroom.sandbox.scratch_folder import HOME, private_folder  # noqa: E402

PARTS: Final = ("start", "cells", "end")


class StockForkServer:
    """A process that has imported what the course's fork server imports, and forks stock kernels."""

    def __init__(self) -> None:
        self._socket, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        with theirs:
            self.process = subprocess.Popen(
                [sys.executable, "-P", __file__, "--fork-server", str(theirs.fileno())],
                pass_fds=[theirs.fileno()],
                stdin=subprocess.DEVNULL,
                # ipykernel says how to connect to it.
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **ONE_THREAD, "PYDEVD_DISABLE_FILE_VALIDATION": "1"},
            )
        self._socket.recv(100)

    def ask(self, **request: Any) -> Any:
        """Send a request and return the reply."""
        self._socket.send(json.dumps(request).encode())
        return json.loads(self._socket.recv(1000))

    def close(self) -> None:
        """End the process."""
        self._socket.close()
        self.process.wait()


def fork_stock_kernels(control: socket.socket) -> None:
    """Fork stock kernels as they are asked for, until the socket is closed."""
    warm_up(LIBRARIES)
    # Imported before the fork, as everything else is.
    from ipykernel.kernelapp import IPKernelApp

    layers, readable = sandbox.probe(), sandbox.readable_by_default()
    children: dict[int, sandbox.SandboxedProcess] = {}
    control.send(b"ready")
    control.settimeout(0.1)
    while True:
        try:
            request = control.recv(1000)
        except TimeoutError:
            for child in children.values():
                child.poll()
            continue
        if not request:
            return
        asked = json.loads(request)
        reply: Any = None
        if "folder" in asked:

            def run(file: str = asked["file"]) -> None:
                app = IPKernelApp.instance(connection_file=file)
                app.initialize([])  # type: ignore[no-untyped-call]
                app.start()  # type: ignore[no-untyped-call]

            child = sandbox.start(
                run,
                folder=Path(asked["folder"]),
                readable=readable,
                limits=Limits(),
                layers=layers,
                listening=True,
            )
            children[child.pid] = child
            reply = child.pid
        elif asked["end"]:
            children.pop(asked["pid"]).end()
        else:
            status = children[asked["pid"]].poll()
            reply = None if status is None else status.code or 1
        control.send(json.dumps(reply).encode())


class ForkProvisioner(KernelProvisionerBase):
    """Has a fork server fork the kernel. A prototype."""

    server: StockForkServer
    pid: int | None = None

    @property
    def has_process(self) -> bool:
        """Whether a kernel was forked and has not been ended."""
        return self.pid is not None

    async def poll(self) -> int | None:
        """Return the exit code, or None while the kernel runs."""
        return self.server.ask(pid=self.pid, end=False) if self.pid is not None else 0

    async def wait(self) -> int | None:
        """End the kernel, which has been asked to."""
        if self.pid is not None:
            self.server.ask(pid=self.pid, end=True)
        self.pid = None
        return 0

    async def send_signal(self, signum: int) -> None:
        """Send the kernel a signal."""
        if self.pid is not None and signum == signal.SIGINT:
            os.kill(self.pid, signum)

    async def kill(self, restart: bool = False) -> None:  # noqa: ARG002
        """End the kernel and everything that it has started."""
        await self.wait()

    async def terminate(self, restart: bool = False) -> None:  # noqa: ARG002
        """End the kernel and everything that it has started."""
        await self.wait()

    async def launch_kernel(self, cmd: list[str], **options: Any) -> KernelConnectionInfo:  # noqa: ARG002
        """Have the kernel forked."""
        manager: Any = self.parent
        self.pid = self.server.ask(folder=options["cwd"], file=manager.connection_file)
        return self.connection_info

    async def cleanup(self, restart: bool = False) -> None:
        """No-op: the folder is removed with everything in it."""

    async def pre_launch(self, **options: Any) -> dict[str, Any]:
        """Write the connection file."""
        manager: Any = self.parent
        manager.write_connection_file()
        self.connection_info = manager.get_connection_info()
        return await super().pre_launch(cmd=[], **options)


class StockKernelManager(AsyncKernelManager):
    """Starts stock kernels by having them forked."""

    def __init__(self, server: StockForkServer, **traits: Any) -> None:
        super().__init__(**traits)
        self._server = server

    async def start_kernel(self, *, cwd: str) -> None:  # type: ignore[override]
        """Fork a kernel with the working directory `cwd`."""
        home = Path(cwd) / HOME
        home.mkdir(parents=True)
        self.transport, self.ip = "ipc", str(home / "socket")
        self.connection_file = str(home / "connection.json")
        await super().start_kernel(cwd=cwd)

    async def _async_pre_start_kernel(self, **options: Any) -> tuple[list[str], dict[str, Any]]:
        self.shutting_down = False
        self.provisioner = ForkProvisioner(kernel_id="stock", kernel_spec=self.kernel_spec, parent=self)
        self.provisioner.server = self._server
        options = await self.provisioner.pre_launch(**options)
        return options.pop("cmd"), options


@dataclass(frozen=True)
class Measured:
    """What one kernel took: seconds and CPU seconds of each part, and MiB."""

    seconds: Mapping[str, float]
    cpu_seconds: Mapping[str, float]
    memory_mib: float


def cpu(server: psutil.Process) -> float:
    """Return the CPU time of this process, of a fork server, and of all its children, running and ended."""
    own, forked = psutil.Process().cpu_times(), server.cpu_times()
    running = [child.cpu_times() for child in server.children(recursive=True)]
    return float(
        own.user
        + own.system
        + forked.user
        + forked.system
        + forked.children_user
        + forked.children_system
        + sum(times.user + times.system for times in running)
    )


async def measure(manager: AsyncKernelManager, server: psutil.Process, notebook: Any) -> Measured:
    """Start a kernel, run every cell of the notebook in it, and end it."""
    with private_folder() as folder:
        clock, spent = [time.perf_counter()], [cpu(server)]

        def lap() -> None:
            clock.append(time.perf_counter())
            spent.append(cpu(server))

        before = {child.pid for child in server.children()}
        await manager.start_kernel(cwd=str(folder))
        client = manager.client()
        client.start_channels()
        await client.wait_for_ready(timeout=60)
        request = client.execute("")
        while (await client.shell_channel.get_msg(timeout=60))["parent_header"].get("msg_id") != request:
            pass
        lap()
        runner = NotebookClient(notebook, km=manager, timeout=60, allow_errors=True)
        runner.kc = client
        runner.reset_execution_trackers()
        for index, cell in enumerate(notebook.cells):
            await runner.async_execute_cell(cell, index)
        lap()
        memory = sum(child.memory_full_info().uss for child in server.children() if child.pid not in before)
        client.stop_channels()
        await manager.shutdown_kernel(now=True)
        lap()
    return Measured(
        dict(zip(PARTS, (later - earlier for earlier, later in pairwise(clock)), strict=True)),
        dict(zip(PARTS, (later - earlier for earlier, later in pairwise(spent)), strict=True)),
        memory / (1 << 20),
    )


def answered() -> Any:
    """Return the benchmark's notebook with right answers."""
    with TemporaryDirectory() as name:
        classroom.make(Path(name))
        (path,) = Path(name).rglob("*.ipynb")
        return nbformat.read(path, as_version=4)  # type: ignore[no-untyped-call]


def kernels(rounds: int) -> tuple[list[Measured], list[Measured]]:
    """Measure both kinds of kernels by turns: the course's, and stock ones. The first of each does not count."""
    ours: ForkServerClient = get_fork_server()
    ours.about()
    assert ours._process is not None
    stock = StockForkServer()
    of_ours, of_stock = psutil.Process(ours._process.pid), psutil.Process(stock.process.pid)
    notebook = answered()
    measured: tuple[list[Measured], list[Measured]] = [], []
    for _ in range(rounds + 1):
        for results, manager, server in (
            (measured[0], ForkedKernelManager(), of_ours),
            (measured[1], StockKernelManager(stock), of_stock),
        ):
            results.append(asyncio.run(measure(manager, server, notebook)))
    stock.close()
    return measured[0][1:], measured[1][1:]


def main(arguments: list[str] | None = None) -> int:
    """Print what both took. Returns the exit code."""
    parser = argparse.ArgumentParser(prog="python benchmarks/kernels.py", description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=20, help="kernels of each kind (default: 20)")
    parser.add_argument("--fork-server", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.fork_server is not None:
        fork_stock_kernels(socket.socket(fileno=options.fork_server))
        return 0
    console = Console(highlight=False)
    console.print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f} before anything was started.")
    ours, stock = kernels(options.rounds)
    table = Table("", "ours", "stock", "ratio", title=f"Medians of {options.rounds} kernels", title_justify="left")
    for column in table.columns[1:]:
        column.justify = "right"

    def row(name: str, values: tuple[list[float], list[float]], digits: int = 3) -> None:
        own, other = map(statistics.median, values)
        table.add_row(name, f"{own:.{digits}f}", f"{other:.{digits}f}", f"{other / own:.1f}" if own > 0.001 else "")

    for part in PARTS:
        row(f"{part}, seconds", ([each.seconds[part] for each in ours], [each.seconds[part] for each in stock]))
    row("all, seconds", ([sum(each.seconds.values()) for each in ours], [sum(each.seconds.values()) for each in stock]))
    for part in PARTS:
        row(f"{part}, CPU s", ([each.cpu_seconds[part] for each in ours], [each.cpu_seconds[part] for each in stock]))
    row("all, CPU s", tuple([sum(each.cpu_seconds.values()) for each in kind] for kind in (ours, stock)))  # type: ignore[arg-type]
    row("memory, MiB", ([each.memory_mib for each in ours], [each.memory_mib for each in stock]), 1)
    console.print(table)
    return 0


if __name__ == "__main__":
    sys.exit(main())
