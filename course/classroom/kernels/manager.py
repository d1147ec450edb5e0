"""The managers of the kernels that a notebook runs in: a child forked from the warm parent, or any other kernel."""

from __future__ import annotations

import asyncio
import socket
from dataclasses import asdict
from functools import cache
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from jupyter_client.session import Session
from traitlets import Dict, Instance, List, Type, Unicode

from course.classroom import sandbox
from course.classroom.kernels.client import Easel, ForkedKernelClient
from course.classroom.kernels.fork_server_client import LIBRARIES, PATIENCE, ForkServerError, get_fork_server
from course.classroom.sandbox import ExitStatus, Layer, Limits
from course.classroom.sandbox.scratch_folder import HOME


class ForkedKernelManager(AsyncKernelManager):
    """Starts Python kernels by having the warm parent fork them."""

    libraries = List(Unicode(), list(LIBRARIES))
    limits = Instance(Limits, ())
    environment = Dict(help="What a child's environment has besides what isolation gives it.")

    client_factory = Type(ForkedKernelClient)
    _ended: ExitStatus | None = None
    _child: int | None = None

    def _session_default(self) -> Session:
        # Nobody else holds the other end of the socket, so there is nothing to sign; an empty key would be warned of.
        return Session(key=b"unsigned", parent=self)

    @property
    def has_kernel(self) -> bool:
        """Whether a child was started and not ended."""
        return self._child is not None

    async def start_kernel(self, *, cwd: str, **_: Any) -> None:  # type: ignore[override]
        """Fork a child that works in the folder `cwd`.

        Raises
        ------
        ForkServerError
            If it cannot be forked.
        """
        self._parent = get_fork_server(tuple(self.libraries))
        self._pipe, theirs = socket.socketpair()
        self._easel, easel = socket.socketpair()
        self._pipe.settimeout(PATIENCE)
        self._easel.settimeout(PATIENCE)
        with theirs, easel:
            order = {"folder": cwd, "limits": asdict(self.limits), "environment": self.environment}
            self._child = self._parent.ask("start", theirs.fileno(), easel.fileno(), **order)["child"]

    def client(self, **traits: Any) -> ForkedKernelClient:  # type: ignore[override]
        """Return the client of the child."""
        limit = self.limits.output_kib << 10
        easel = Easel(self._easel, self._parent.studio, self.limits.wall_seconds)
        return ForkedKernelClient(
            easel, runs=self.runs, session=self.session, pipe=self._pipe, output_bytes=limit, parent=self, **traits
        )

    def runs(self) -> bool:
        """Whether the child runs."""
        try:
            return self._child is not None and bool(self._parent.ask("look", child=self._child)["runs"])
        except ForkServerError:
            return False

    async def is_alive(self) -> bool:  # type: ignore[override]
        """Whether the child runs."""
        return self.runs()

    async def wait(self, seconds: float = 1.0) -> bool:
        """Wait a moment for the child to end by itself, as one does that has said its last. Return whether it did."""
        loop = asyncio.get_running_loop()
        until = loop.time() + seconds
        while runs := await self.is_alive():
            if loop.time() > until:
                break
            await asyncio.sleep(0.01)
        return not runs

    async def interrupt_kernel(self) -> None:  # type: ignore[override]
        """Send the child what Ctrl-C sends."""
        self._parent.ask("interrupt", child=self._child)

    async def shutdown_kernel(self, **_: bool) -> ExitStatus:  # type: ignore[override]
        """End the child and everything that it started, and return how it ended."""
        if self._ended is None:
            self._ended = ExitStatus(**self._parent.ask("end", child=self._child))
            self._child = None
        return self._ended

    async def cleanup_resources(self, **_: bool) -> None:  # type: ignore[override]
        """End the child, if it is still there."""
        if self._child is not None:
            await self.shutdown_kernel()


class WrappedKernelManager(AsyncKernelManager):
    """Starts any other kernel as Jupyter does, inside the layers: it listens on sockets in its own folder."""

    limits = Instance(Limits, ())
    environment = Dict(help="What the kernel's environment has besides what isolation gives it.")

    async def start_kernel(self, *, cwd: str, **options: Any) -> None:  # type: ignore[override]
        """Start the kernel in the folder `cwd`."""
        home = Path(cwd) / HOME
        home.mkdir()
        self.transport, self.ip = "ipc", str(home / "socket")
        self.connection_file = str(home / "connection.json")
        self._folder = Path(cwd)
        await super().start_kernel(cwd=cwd, **options)

    def format_kernel_cmd(self, extra_arguments: list[str] | None = None) -> list[str]:
        """Return the command that starts the kernel in its layers."""
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
    """Return the layers that this machine has, tried once in this process."""
    return sandbox.probe()
