"""Find out which layers this machine has: a child process enters each of them and attempts what it should refuse."""

from __future__ import annotations

import os
import socket
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from course.classroom.sandbox import landlock, linux, seccomp
from course.classroom.sandbox.layers import LANDLOCK, NAMESPACES, SECCOMP, IsolationError, Layer
from course.classroom.sandbox.limits import Limits
from course.classroom.sandbox.paths import readable_by_default
from course.classroom.sandbox.process import start


def probe() -> tuple[Layer, ...]:
    """Try each layer on this machine, in a child process that attempts what the layer should refuse.

    Returns
    -------
    tuple of Layer
        Every layer that this operating system can have, active or not, with what it does or why it is missing.
    """
    if sys.platform != "linux":
        return (Layer("reduced", True, "this system has no way to shut a submission in"),)
    no_landlock = "" if landlock.version() else "this kernel has none, or it is switched off"
    return (
        Layer("private folder", True, "clean environment, own home, no links, limits, everything ended afterwards"),
        _try(NAMESPACES, "no other process, no network, a root folder of its own", _is_alone),
        _try(LANDLOCK, landlock.describe(), _cannot_reach_files, no_landlock),
        _try(SECCOMP, "no sockets, no tracing, no mounts", _cannot_make_calls, seccomp.missing()),
    )


def _try(name: str, detail: str, holds: Callable[[Path], bool], missing: str = "") -> Layer:
    """Return the layer; it is active if it can be entered and if `holds`, given a file outside of it, is true there.

    `missing` says why it need not be tried.
    """
    if missing:
        return Layer(name, False, missing)
    with tempfile.TemporaryDirectory() as temporary:
        outside = Path(temporary) / "outside"
        outside.touch()
        reader, writer = os.pipe()
        with os.fdopen(reader, "rb") as result, os.fdopen(writer, "wb", buffering=0) as report:

            def run() -> None:
                report.write(b"y" if holds(outside) else b"n")

            try:
                child = start(
                    run,
                    folder=Path(temporary) / "folder",
                    readable=readable_by_default(),
                    limits=Limits(),
                    layers=(Layer(name, True, detail),),
                    keep=(writer,),
                )
                report.close()
                held = result.read() == b"y"
                child.end()
            except IsolationError as error:
                return Layer(name, False, f"this machine does not let it be entered. {error}")
    return Layer(name, held, detail if held else "it can be entered, but does not hold")


def _is_alone(outside: Path) -> bool:
    processes = [name for name in os.listdir("/proc") if name.isdigit()]  # noqa: PTH208
    return not outside.exists() and processes == ["1"] and socket.if_nameindex() == [(1, "lo")]


def _cannot_reach_files(outside: Path) -> bool:
    return _is_refused(outside.open) and _is_refused((outside.parent / "new").touch)


def _cannot_make_calls(_: Path) -> bool:
    return _is_refused(socket.socket) and _is_refused(lambda: linux.unshare(linux.CLONE_NEWUSER))


def _is_refused(action: Callable[[], object]) -> bool:
    try:
        action()
    except PermissionError:
        return True
    return False
