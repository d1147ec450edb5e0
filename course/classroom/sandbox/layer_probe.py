"""Which layers this machine has, tried for real: a child enters each, and attempts what it is there to refuse."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from course.classroom.sandbox import landlock, linux, seccomp
from course.classroom.sandbox.layers import LANDLOCK, MACOS, NAMESPACES, SECCOMP, IsolationError, Layer
from course.classroom.sandbox.limits import Limits
from course.classroom.sandbox.paths import readable_by_default
from course.classroom.sandbox.process import start


def probe() -> tuple[Layer, ...]:
    """Try each layer on this machine, in a child that attempts what the layer is there to refuse.

    Returns
    -------
    tuple of Layer
        Every layer this kind of system can have, active or not, and what it does or why it is missing.
    """
    always = Layer("private folder", True, "clean environment, own home, no links, limits, everything ended afterwards")
    if sys.platform == "darwin":
        return (always, _try(MACOS, "file system and network", _is_shut_in))
    if sys.platform != "linux":
        return (Layer("reduced", True, "this system has no way to shut a submission in"),)
    without_landlock = "" if landlock.version() else "this kernel has none, or it is switched off"
    return (
        always,
        _try(NAMESPACES, "no other process, no network, a root folder of its own", _is_alone),
        _try(LANDLOCK, landlock.describe(), _is_shut_in, without_landlock),
        _try(SECCOMP, "no sockets, no tracing, no mounts", _is_cut_off, seccomp.missing()),
    )


def _try(name: str, detail: str, holds: Callable[[Path], bool], missing: str = "") -> Layer:
    """Return the layer, active if it is not `missing`, can be entered, and `holds`, given a file outside of it."""
    if missing:
        return Layer(name, False, missing)
    with tempfile.TemporaryDirectory() as place:
        outside = Path(place) / "outside"
        outside.touch()
        folder = Path(place) / "folder"
        result, tell = os.pipe()
        with os.fdopen(result, "rb") as answer, os.fdopen(tell, "wb", buffering=0) as said:

            def run() -> None:
                said.write(b"y" if holds(outside) else b"n")

            try:
                child = start(
                    run,
                    folder=folder,
                    readable=readable_by_default(),
                    limits=Limits(),
                    layers=(Layer(name, True, detail),),
                    keep=(tell,),
                )
                said.close()
                held = answer.read() == b"y"
                child.end()
            except IsolationError as error:
                return Layer(name, False, f"this machine does not let it be entered. {error}")
    return Layer(name, held, detail if held else "it can be entered, but does not hold")


def _is_alone(outside: Path) -> bool:
    processes = [name for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
    return not outside.exists() and processes == ["1"] and socket.if_nameindex() == [(1, "lo")]


def _is_shut_in(outside: Path) -> bool:
    return _is_refused(outside.open) and _is_refused((outside.parent / "new").touch)


def _is_cut_off(_: Path) -> bool:
    return _is_refused(socket.socket) and _is_refused(lambda: linux.unshare(linux.CLONE_NEWUSER))


def _is_refused(deed: Callable[[], object]) -> bool:
    try:
        deed()
    except PermissionError:
        return True
    return False
