"""Kernel managers: for a kernel that the fork server forks, and for any other kernel."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.session import Session
from traitlets import Bool, Dict, Instance, List, Type, Unicode

from course.classroom import sandbox
from course.classroom.kernels.client import ChartChannel, ForkedKernelClient
from course.classroom.kernels.fork_server_client import LIBRARIES, TIMEOUT, ForkServerError, get_fork_server
from course.classroom.sandbox import ExitStatus, Layer, Limits
from course.classroom.sandbox.scratch_folder import HOME


class ForkedKernelManager(AsyncKernelManager):
    """Starts Python kernels by having the fork server fork them."""

    libraries = List(Unicode(), list(LIBRARIES))
    limits = Instance(Limits, ())
    environment = Dict(help="Environment variables of a child, besides those of the sandbox.")
    bridge = Instance(socket.socket, None, allow_none=True, help="The child's end of a bridge to another child.")

    client_factory = Type(ForkedKernelClient)
    _status: ExitStatus | None = None
    _child: int | None = None

    def _session_default(self) -> Session:
        # Only the child has the other end of the socket, so no signature is needed; an empty key would log a warning.
        return Session(key=b"unsigned", parent=self)

    @property
    def has_kernel(self) -> bool:
        """Whether a child was started and has not been shut down."""
        return self._child is not None

    async def start_kernel(self, *, cwd: str, **_: Any) -> None:  # type: ignore[override]
        """Fork a child with the working directory `cwd`.

        Raises
        ------
        ForkServerError
            If it cannot be forked.
        """
        self._fork_server = get_fork_server(tuple(self.libraries))
        self._pipe, theirs = socket.socketpair()
        self._chart_pipe, chart_pipe = socket.socketpair()
        self._pipe.settimeout(TIMEOUT)
        self._chart_pipe.settimeout(TIMEOUT)
        pipes = [theirs, chart_pipe] + ([self.bridge] if self.bridge is not None else [])
        try:
            numbers = [pipe.fileno() for pipe in pipes]
            self._child = self._fork_server.ask("start", *numbers, folder=cwd, **self._options())["child"]
        finally:
            for pipe in pipes:
                pipe.close()

    def _options(self) -> dict[str, Any]:
        return {"limits": asdict(self.limits), "environment": self.environment}

    def client(self, **traits: Any) -> ForkedKernelClient:  # type: ignore[override]
        """Return the client of the child."""
        limit = self.limits.output_kib << 10
        charts = ChartChannel(self._chart_pipe, self._fork_server.renderers, self.limits.wall_seconds)
        return ForkedKernelClient(
            charts, runs=self.runs, session=self.session, pipe=self._pipe, output_bytes=limit, parent=self, **traits
        )

    def runs(self) -> bool:
        """Return whether the child is running."""
        try:
            return self._child is not None and bool(self._fork_server.ask("is_running", child=self._child)["running"])
        except ForkServerError:
            return False

    async def is_alive(self) -> bool:  # type: ignore[override]
        """Return whether the child is running."""
        return self.runs()

    async def wait(self, seconds: float = 1.0) -> bool:
        """Wait for the child to exit by itself, and return whether it did."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while runs := await self.is_alive():
            if loop.time() > deadline:
                break
            await asyncio.sleep(0.01)
        return not runs

    async def interrupt_kernel(self) -> None:  # type: ignore[override]
        """Send the child SIGINT."""
        self._fork_server.ask("interrupt", child=self._child)

    async def shutdown_kernel(self, **_: bool) -> ExitStatus:  # type: ignore[override]
        """Kill the child and everything that it started, and return how it ended."""
        if self._status is None:
            self._status = ExitStatus(**self._fork_server.ask("end", child=self._child))
            self._child = None
        return self._status

    async def cleanup_resources(self, **_: bool) -> None:  # type: ignore[override]
        """Shut the child down if it is still running."""
        if self._child is not None:
            await self.shutdown_kernel()


class RefereeManager(ForkedKernelManager):
    """Starts the referee's kernel of a submission."""

    instructors = List(Unicode(), help="The names that the locked cells define.")
    shows_hidden = Bool(help="Whether hidden tests show what they find.")
    player = Instance(ForkedKernelManager, help="The learner's kernel, where functions of the learner's run.")

    def _options(self) -> dict[str, Any]:
        options = {"instructors": self.instructors, "shows_hidden": self.shows_hidden}
        return {**super()._options(), "referee": options}

    async def interrupt_kernel(self) -> None:  # type: ignore[override]
        """Send both kernels SIGINT: a check waits while a function of the learner's runs."""
        await self.player.interrupt_kernel()
        await super().interrupt_kernel()


class WrappedKernelManager(AsyncKernelManager):
    """Starts any other kernel as Jupyter does, but sandboxed: it listens on Unix sockets in its own folder."""

    limits = Instance(Limits, ())
    environment = Dict(help="Environment variables of the kernel, besides those of the sandbox.")

    async def start_kernel(self, *, cwd: str, **options: Any) -> None:  # type: ignore[override]
        """Start the kernel in the folder `cwd`."""
        home = Path(cwd) / HOME
        home.mkdir()
        self.transport, self.ip = "ipc", str(home / "socket")
        self.connection_file = str(home / "connection.json")
        self._folder = Path(cwd)
        await super().start_kernel(cwd=cwd, **options)

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        """Return the command line that starts the kernel in the sandbox."""
        return sandbox.wrap(
            super().format_kernel_cmd(extra_arguments),
            folder=self._folder,
            readable=sandbox.readable_by_default(),
            limits=self.limits,
            layers=layers_here(),
            environment=self.environment,
        )


@cache
def layers_here() -> tuple[Layer, ...]:
    """Return the layers that this machine has. They are tried once per process."""
    return sandbox.probe()
