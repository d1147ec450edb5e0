"""The layers of isolation, and whether they keep a submission away from other people's files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

NAMESPACES: Final = "namespaces"
LANDLOCK: Final = "Landlock"
SECCOMP: Final = "seccomp"
_BARRIERS: Final = frozenset({NAMESPACES, LANDLOCK})


class IsolationError(Exception):
    """A child process could not enter its layers and has run nothing. The message says which layer, and why."""


@dataclass(frozen=True)
class Layer:
    """One layer, whether this machine has it, and what it does or why it is missing."""

    name: str
    active: bool
    detail: str


def has_barrier(layers: Iterable[Layer]) -> bool:
    """Return whether an active layer keeps a submission away from files that are not its own."""
    return any(layer.active and layer.name in _BARRIERS for layer in layers)
