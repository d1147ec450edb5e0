"""Give every learner's kernels ports of their own, so that forty people who start one at the same moment do not clash.

Jupyter asks the system for a free port, lets go of it, and has the kernel take it a second later. Between the two, the
system may give it to somebody else's server. One learner in ten then waits for a kernel that never comes. Here each
server has a block of ports, below those that the system gives out by itself.
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
IN_A_BLOCK: Final = 45
"""A kernel takes five."""


def block(place: int) -> int:
    """Return the first port of a learner's block.

    Parameters
    ----------
    place : int
        Counts the learners from 0.
    """
    return FIRST + place * IN_A_BLOCK


class PortsOfTheSeat(LocalPortCache):
    """Finds ports for kernels in one block, in turn; past its end wherever the system has one."""

    first = Int(config=True, help="The first port of the block.")

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        self._turns = count()

    def find_available_port(self, ip: str) -> int:
        """Return a port that nobody listens on."""
        for _ in range(IN_A_BLOCK):
            port = self.first + next(self._turns) % IN_A_BLOCK
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
    """Make Jupyter ask here. It keeps one finder of ports for each server, and takes the first that there is."""
    PortsOfTheSeat.instance(parent=app)


def _jupyter_server_extension_points() -> list[dict[str, str]]:
    return [{"module": __name__}]
