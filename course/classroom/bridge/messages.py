"""Requests and replies on the socket between the two kernels of a submission.

Each is a length in eight bytes, and so many bytes of JSON: a list that begins with the number of the request.
"""

from __future__ import annotations

import hashlib
import socket
from typing import Any, Final

from course.classroom.bridge.decode import DecodeError, load
from course.classroom.bridge.limits import LARGEST

HEAD: Final = 8
"""Bytes of the length before a message."""


def digest(content: bytes) -> str:
    """Return what tells whether a file is still the same."""
    return hashlib.sha256(content).hexdigest()


class Line:
    """One end of the socket.

    Parameters
    ----------
    pipe : socket.socket
        The socket, blocking.
    """

    def __init__(self, pipe: socket.socket) -> None:
        self._pipe = pipe
        # A message that an interruption has cut in two is completed by the next call.
        self._buffer = bytearray()

    def send(self, content: bytes) -> None:
        """Send a message.

        Raises
        ------
        OSError
            If the other end is gone.
        """
        self._pipe.sendall(len(content).to_bytes(HEAD, "big") + content)

    def receive(self) -> list[Any]:
        """Wait for a message and return it.

        Raises
        ------
        DecodeError
            If it is too large, or no list.
        EOFError
            If the other end is gone.
        OSError
            If nothing arrives in time, where the socket has a time limit.
        """
        self._fill(HEAD)
        length = int.from_bytes(self._buffer[:HEAD], "big")
        if length > LARGEST:
            raise DecodeError(f"it is larger than {LARGEST >> 20} MiB")
        self._fill(HEAD + length)
        content = bytes(self._buffer[HEAD : HEAD + length])
        del self._buffer[: HEAD + length]
        message = load(content)
        if not isinstance(message, list) or not message:
            raise DecodeError("it is not a message")
        return message

    def wait_at_most(self, seconds: float | None) -> None:
        """Set how long `receive` waits for each part of a message."""
        self._pipe.settimeout(seconds)

    def _fill(self, size: int) -> None:
        while len(self._buffer) < size:
            chunk = self._pipe.recv(max(1 << 16, size - len(self._buffer)))
            if not chunk:
                raise EOFError("the other end is gone")
            self._buffer += chunk
