"""Frame Jupyter messages on the socket between the grading process and the child that runs a notebook.

A frame is a header line of JSON (channel, message type, which request it answers, sizes), the message itself as JSON,
and its binary buffers. Because of the header, a message that is too long can be dropped without being read.

Why not ZeroMQ, with stock ipykernel in the child behind a provisioner of jupyter_client? That was measured by
``benchmarks/kernels.py`` (medians of 10 kernels by turns, the same libraries loaded, the same sandbox, a notebook of 30
cells, 2 cores at work with other things too):

==================  ============  ============  =====
part                this one      ZeroMQ        ratio
==================  ============  ============  =====
until it answers    0.04 CPU s    0.14 CPU s    4.0
30 cells            0.21 CPU s    0.42 CPU s    2.0
end                 0.05 CPU s    0.05 CPU s    1.0
all                 0.30 CPU s    0.59 CPU s    2.0
all, by the clock   0.58 s        1.32 s        2.3
memory of its own   27 MiB        41 MiB        1.5
==================  ============  ============  =====

Grading a light notebook takes 0.42 CPU seconds in all, with 12.9 times nbgrader's throughput. With 0.29 more it would
be some 7.6 times; the goal is 10. ZeroMQ's contexts, heartbeat, control and output threads start anew in each child,
and each output crosses two of them. Besides, the stock kernel lost the output of programs that a cell starts, because
the sandbox gives it no TCP; and ZeroMQ has no way to count or drop a message before it is in the grading process's
memory.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

LONGEST_LINE: Final = 4096
"""Bytes of a header line."""


class FramingError(ValueError):
    """The bytes on the socket are not a valid frame."""


@dataclass(frozen=True)
class Envelope:
    """The header line of a frame.

    Parameters
    ----------
    channel : str
        Jupyter's channel: ``shell``, ``iopub`` or ``control``.
    kind : str
        Jupyter's message type.
    parent : str
        The ID of the request that it answers; empty if none.
    sizes : tuple of int
        Bytes of the message and of each buffer.
    """

    channel: str
    kind: str
    parent: str
    sizes: tuple[int, ...]

    @classmethod
    def read(cls, line: bytes) -> Envelope:
        """Parse a header line.

        Raises
        ------
        FramingError
            If it is not one.
        """
        try:
            channel, kind, parent, *sizes = json.loads(line)
        except (ValueError, TypeError) as error:
            raise FramingError(f"not the line before a message: {line[:80]!r}") from error
        texts, numbers = (channel, kind, parent), all(type(size) is int and size >= 0 for size in sizes)
        if not (sizes and numbers and all(isinstance(text, str) for text in texts)):
            raise FramingError(f"not the line before a message: {line[:80]!r}")
        return cls(channel, kind, parent, tuple(sizes))

    @property
    def size(self) -> int:
        """Bytes of everything that follows the header line."""
        return sum(self.sizes)


def encode(
    channel: str,
    message: Mapping[str, Any],
    pack: Callable[[Any], bytes],
    buffers: Sequence[Any] = (),
) -> bytes:
    """Return a message as a frame. `pack` serializes it to JSON."""
    raw = [memoryview(buffer).cast("B") for buffer in buffers]
    body = pack({**message, "buffers": []})
    parent = message["parent_header"].get("msg_id", "")
    line = json.dumps([channel, message["msg_type"], parent, len(body), *map(len, raw)])
    return b"".join([line.encode(), b"\n", body, *raw])


class Decoder:
    """Assembles messages from the chunks that a socket delivers.

    Parameters
    ----------
    wanted : callable or None
        Returns whether the message of an envelope is wanted. One that is not is skipped without being held in memory.
    """

    def __init__(self, wanted: Callable[[Envelope], bool] | None = None) -> None:
        self._is_wanted = wanted
        self._buffer = bytearray()
        self._envelope: Envelope | None = None
        self._wanted = True
        self._to_skip = 0

    def feed(self, chunk: bytes) -> Iterator[tuple[Envelope, dict[str, Any] | None]]:
        """Add a chunk and yield each message that is now complete, or None for one that is not wanted.

        Raises
        ------
        FramingError
            If the bytes are not a valid frame.
        """
        self._buffer += chunk
        while True:
            if self._envelope is None:
                end = self._buffer.find(b"\n", 0, LONGEST_LINE)
                if end < 0:
                    if len(self._buffer) >= LONGEST_LINE:
                        raise FramingError("the line before a message does not end")
                    return
                self._envelope = Envelope.read(bytes(self._buffer[:end]))
                del self._buffer[: end + 1]
                self._wanted = self._is_wanted is None or self._is_wanted(self._envelope)
                self._to_skip = 0 if self._wanted else self._envelope.size
            envelope = self._envelope
            if not self._wanted:
                skipped = min(self._to_skip, len(self._buffer))
                del self._buffer[:skipped]
                self._to_skip -= skipped
                if self._to_skip:
                    return
                self._envelope = None
                yield envelope, None
            else:
                if len(self._buffer) < envelope.size:
                    return
                parts, start = [], 0
                for size in envelope.sizes:
                    parts.append(bytes(self._buffer[start : start + size]))
                    start += size
                del self._buffer[:start]
                self._envelope = None
                yield envelope, _message(envelope, parts)


def _message(envelope: Envelope, parts: list[bytes]) -> dict[str, Any]:
    """Parse a message, and check that it is what its header line says."""
    try:
        message = json.loads(parts[0])
        header, parent = message["header"], message["parent_header"]
        fits = (
            header["msg_type"] == message["msg_type"] == envelope.kind
            and isinstance(header["msg_id"], str)
            and parent.get("msg_id", "") == envelope.parent
            and isinstance(message["content"], dict)
            and isinstance(message["metadata"], dict)
        )
        header["date"] = datetime.fromisoformat(header["date"])
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
        raise FramingError(f"a message of the type {envelope.kind!r} cannot be read") from error
    if not fits:
        raise FramingError(f"a message is not the {envelope.kind!r} that its line says")
    message["buffers"] = [memoryview(part) for part in parts[1:]]
    return dict(message)
