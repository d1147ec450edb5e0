"""Give each learner's kernels their own block of ports, so that forty people can start kernels at the same time.

Jupyter asks the system for a free port, releases it, and has the kernel bind it a second later. In between, the system
may give the port to another server; with forty learners, one in ten then waited for a kernel that never started. The
blocks lie below the ephemeral ports that the system hands out.
"""

from __future__ import annotations

import socket
from itertools import count
from typing import TYPE_CHECKING, Final

from jupyter_client.connect import LocalPortCache
from traitlets import Int

if TYPE_CHECKING:
    from jupyter_server.serverapp import ServerApp

FIRST: Final = 10_000
BLOCK_SIZE: Final = 45
"""Ports for each learner; a kernel uses five."""


def first_port(index: int) -> int:
    """Return the first port of the block of learner number `index`, counted from 0."""
    return FIRST + index * BLOCK_SIZE


class BlockPortCache(LocalPortCache):
    """Find ports for kernels in one block, in turn; if the block is full, fall back on the system."""

    first = Int(config=True, help="The first port of the block.")

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        self._turns = count()

    def find_available_port(self, ip: str) -> int:
        """Return a port that nothing listens on."""
        for _ in range(BLOCK_SIZE):
            port = self.first + next(self._turns) % BLOCK_SIZE
            if port not in self.currently_used_ports and _is_free(ip, port):
                self.currently_used_ports.add(port)
                return port
        return super().find_available_port(ip)


def _is_free(ip: str, port: int) -> bool:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((ip, port))
        except OSError:
            return False
    return True


def _load_jupyter_server_extension(app: ServerApp) -> None:
    """Install our port cache. Jupyter uses the class's singleton, so creating it first is enough."""
    BlockPortCache.instance(parent=app)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]
