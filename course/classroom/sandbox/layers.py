"""Which layers there are, and whether they keep a submission from the files of others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

NAMESPACES: Final = "namespaces"
LANDLOCK: Final = "Landlock"
SECCOMP: Final = "seccomp"
MACOS: Final = "macOS sandbox"
_BARRIERS: Final = frozenset({NAMESPACES, LANDLOCK, MACOS})


class IsolationError(Exception):
    """A child could not be put into its layers, and has run nothing. The message says which one, and why."""


@dataclass(frozen=True)
class Layer:
    """One layer, whether this machine has it, and what it does or why it is missing."""

    name: str
    active: bool
    detail: str


def has_barrier(layers: Iterable[Layer]) -> bool:
    """Whether one of the active layers keeps a submission from files that are not its own."""
    return any(layer.active and layer.name in _BARRIERS for layer in layers)
