"""Run what was handed in inside layers that keep it from everything but its own folder.

A child is forked, enters every layer this machine has, and only then runs. Each layer is a part of the system that is
kept by others, and each is there in case another one fails or is missing:

- a private folder with HOME and TMPDIR in it, a clean environment, no open files but those it needs, a session of its
  own, and limits (`limits`): always;
- namespaces (`namespaces`): no other process, no network, a root folder with nothing in it but what it may read, and a
  user of its own where root grades;
- Landlock (`landlock`): no file beyond that, no TCP, no signals to others;
- Seccomp (`seccomp`): no sockets, no tracing, no mounts;
- the sandbox of macOS (`macos`).

`probe` tries each of them on this machine. Where there is no barrier round files, `has_barrier` says so.
"""

from __future__ import annotations

import json
import os
import select
import signal
import site
import socket
import sys
import sysconfig
import tempfile
import time
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import course
from course.classroom.grading import landlock, linux, macos, namespaces, seccomp
from course.classroom.grading.folder import HOME, excess
from course.classroom.grading.limits import (
    Limits,
    apply,
    apply_processes,
    children,
    family,
    is_limited,
    measure,
    measure_shared,
    use,
)

__all__ = [
    "Ended",
    "Isolated",
    "IsolationError",
    "Layer",
    "Limits",
    "has_barrier",
    "probe",
    "readable_by_default",
    "start",
    "wrap",
]

NAMESPACES: Final = "namespaces"
LANDLOCK: Final = "Landlock"
SECCOMP: Final = "seccomp"
MACOS: Final = "macOS sandbox"

_BARRIERS: Final = frozenset({NAMESPACES, LANDLOCK, MACOS})
_KEPT_ENVIRONMENT: Final = ("LANG", "LC_ALL", "LC_CTYPE", "TZ")
_SYSTEM: Final = tuple(
    Path(name)
    for name in (
        "/bin", "/lib", "/lib32", "/lib64", "/usr/bin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/share",
        "/usr/local/bin", "/usr/local/lib", "/usr/local/lib64", "/usr/local/share/fonts",
        "/etc/alternatives", "/etc/fonts", "/etc/ld.so.cache", "/etc/localtime", "/etc/mime.types", "/etc/timezone",
        "/sys/devices/system/cpu", "/var/cache/fontconfig",
    )
)  # fmt: skip
_DEVICES: Final = tuple(Path("/dev") / name for name in ("null", "zero", "full", "random", "urandom"))
_OF_THE_MACHINE: Final = tuple(
    Path("/proc") / name for name in ("cpuinfo", "filesystems", "loadavg", "meminfo", "stat", "uptime", "version")
)
# A user number nobody has, another one for each child: what one may do to its own processes, it may do to no other's.
_FIRST_USER: Final = 2_100_000_000
# The children that run, to tell them from what they left behind.
_RUNNING: Final[set[int]] = set()


class IsolationError(Exception):
    """A child could not be put into its layers, and has run nothing. The message says which one, and why."""


@dataclass(frozen=True)
class Layer:
    """One layer, whether this machine has it, and what it does or why it is missing."""

    name: str
    active: bool
    detail: str


@dataclass(frozen=True)
class Ended:
    """How a child ended.

    Parameters
    ----------
    reason : str
        In words why it was ended; empty if it ended by itself, or because it was told to.
    code : int or None
        Its exit code, if it ended by itself.
    signal : int or None
        The signal that ended it.
    cpu_seconds : float
        What it and the processes it waited for worked.
    memory_mib : float
        The most memory it had at a time, with what it was started with.
    """

    reason: str
    code: int | None
    signal: int | None
    cpu_seconds: float
    memory_mib: float


class Isolated:
    """A child in its layers. Ask `poll` several times a second: it is what keeps the limits on time, memory and files.

    Parameters
    ----------
    pid : int
        The child, as this process sees it.
    """

    def __init__(self, pid: int, folder: Path, limits: Limits, report: int, *, orphans: bool) -> None:
        self.pid = pid
        self._folder = folder
        self._limits = limits
        self._report = report
        self._orphans = orphans
        _RUNNING.add(pid)
        # The child has this process's libraries in its memory, without having asked for any.
        self._at_start_mib = use(os.getpid()).memory_mib if sys.platform == "linux" else 0.0
        self._started = time.monotonic()
        self._look_again = 0.0
        self._reason = ""
        self._ended: Ended | None = None
        self._trouble = ""

    def poll(self) -> Ended | None:
        """Return how the child ended, or None while it runs. One that uses too much is ended.

        Raises
        ------
        IsolationError
            If the child never ran, because a layer could not be entered.
        """
        if self._ended is None:
            pid, status, usage = os.wait4(self.pid, os.WNOHANG)
            if pid:
                self._finish(status, usage)
            elif (now := time.monotonic()) > self._look_again:
                self._reason = self._excess(now - self._started)
                if self._reason:
                    return self.end()
                # A folder with very many files takes its time. Most of this process's goes elsewhere.
                self._look_again = time.monotonic() + max(0.05, 20 * (time.monotonic() - now))
        return self._answer()

    def end(self) -> Ended:
        """End the child and everything it started, and return how it ended. May be called again.

        Raises
        ------
        IsolationError
            If the child never ran, because a layer could not be entered.
        """
        if self._ended is None:
            _kill_family(self.pid)
            _, status, usage = os.wait4(self.pid, 0)
            self._finish(status, usage, told=True)
        ended = self._answer()
        assert ended is not None
        return ended

    def _answer(self) -> Ended | None:
        if self._trouble:
            raise IsolationError(f"A submission could not be isolated, and was not run: {self._trouble}.")
        return self._ended

    def _excess(self, seconds: float) -> str:
        limits = self._limits
        if seconds > limits.wall_seconds:
            return f"It ran for more than {limits.wall_seconds:g} seconds."
        if sys.platform == "linux":
            used = measure(self.pid)
            if used.processes > limits.processes:
                return f"It started more than {limits.processes} processes."
            # The kernel comes first, with an error that the notebook survives: this is for what it does not count.
            most = self._at_start_mib + limits.memory_mib * 1.1
            if used.memory_mib > most and measure_shared(self.pid) > most:
                return f"It used more than {limits.memory_mib} MiB of memory."
        return excess(self._folder, limits)

    def _finish(self, status: int, usage: Any, *, told: bool = False) -> None:
        _RUNNING.discard(self.pid)
        if self._orphans:
            _end_orphans(self._limits)
        cpu = usage.ru_utime + usage.ru_stime
        killed = os.WTERMSIG(status) if os.WIFSIGNALED(status) else None
        # The kernel counts in ticks of its clock where it enforces, and exactly where it reports.
        if not told and killed == signal.SIGKILL and cpu > 0.75 * self._limits.cpu_seconds:
            self._reason = f"It computed for more than {self._limits.cpu_seconds:g} seconds."
        unit = 1 << 20 if sys.platform == "darwin" else 1 << 10
        self._ended = Ended(
            self._reason,
            os.WEXITSTATUS(status) if os.WIFEXITED(status) else None,
            killed,
            cpu,
            usage.ru_maxrss / unit,
        )
        with os.fdopen(self._report, "rb") as report:
            self._trouble = report.read().decode(errors="replace")


def _kill_family(pid: int) -> None:
    """Kill a process and all its descendants: stopped first, so that none can start another one meanwhile."""
    for deed in (signal.SIGSTOP, signal.SIGKILL):
        for member in family(pid) if sys.platform == "linux" else (pid,):
            try:
                os.kill(member, deed)
            except ProcessLookupError:
                continue


def _end_orphans(limits: Limits) -> None:
    """End what has left the family of a child that could start processes unseen. Its orphans are this process's.

    They are told from children that this process has for other ends by a limit, which nothing can raise again.
    """
    while orphans := [pid for pid in set(children(os.getpid())) - _RUNNING if is_limited(pid, limits)]:
        for pid in orphans:
            _kill_family(pid)
            os.waitpid(pid, 0)


def start(
    run: Callable[[], None],
    *,
    folder: Path,
    readable: Sequence[Path],
    limits: Limits,
    layers: Sequence[Layer],
    keep: Sequence[int] = (),
    listening: bool = False,
) -> Isolated:
    """Fork a child, put it into every active layer, and have it `run`. It ends when `run` returns.

    Parameters
    ----------
    run : callable
        What the child does. An error in it is shown on standard error, and ends the child with exit code 1.
    folder : pathlib.Path
        The submission's private folder: where the child stands, and all that it can write to.
    readable : sequence of pathlib.Path
        What it can read besides; usually `readable_by_default`.
    limits : Limits
        What it may use.
    layers : sequence of Layer
        What `probe` found.
    keep : sequence of int
        Open files that it keeps, beside standard output and error. Standard input is empty.
    listening : bool
        Whether it may listen on Unix sockets in its folder, as a Jupyter kernel does.

    Returns
    -------
    Isolated
        The child, which runs already.

    Raises
    ------
    IsolationError
        If the child cannot be forked. What goes wrong later, `Isolated.poll` and `Isolated.end` raise.
    """
    active = frozenset(layer.name for layer in layers if layer.active)
    folder = folder.resolve()
    for name in ("tmp", "root"):
        (folder / HOME / name).mkdir(parents=True, exist_ok=True)
    report, trouble = os.pipe()
    # What all children need alike is found out here, once.
    places = tuple(readable)
    if NAMESPACES in active:
        namespaces.view(places)
    if SECCOMP in active:
        seccomp.prepare(alone=NAMESPACES not in active, listening=listening)
    # Where nothing else ends or forbids them, processes that lose their parent come to this one.
    orphans = sys.platform == "linux" and not active & {NAMESPACES, SECCOMP}
    if orphans:
        linux.adopt_orphans()
    # What waits to be written is the parent's, and must not be written twice.
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        pid = namespaces.fork_inside() if NAMESPACES in active else os.fork()
    except OSError as error:
        os.close(report)
        os.close(trouble)
        raise IsolationError(f"No process for a submission could be made: {error}.") from error
    if pid:
        os.close(trouble)
        return Isolated(pid, folder, limits, report, orphans=orphans)
    code = 1
    try:
        _close_all_but((*keep, trouble))
        _enter(active, folder, places, limits, listening=listening)
        if not _is_read(trouble):
            raise IsolationError("the process that started it has ended")
    except BaseException as error:
        os.write(trouble, str(error).encode())
        os._exit(code)
    os.close(trouble)
    try:
        run()
        sys.stdout.flush()
        code = 0
    except BaseException:
        traceback.print_exc()
    finally:
        # Nothing of the parent may go on in the child.
        os._exit(code)


def _close_all_but(keep: Iterable[int]) -> None:
    """Close what the parent had open. Standard input becomes empty; no terminal is left to type into."""
    empty = os.open(os.devnull, os.O_RDWR)
    os.dup2(empty, 0)
    for descriptor in (1, 2):
        try:
            terminal = os.isatty(descriptor)
        except OSError:
            terminal = True
        if terminal:
            os.dup2(empty, descriptor)
    first = 3
    for descriptor in sorted({*keep}):
        os.closerange(first, descriptor)
        first = max(first, descriptor + 1)
    os.closerange(first, os.sysconf("SC_OPEN_MAX"))


def _enter(
    active: frozenset[str], folder: Path, readable: tuple[Path, ...], limits: Limits, *, listening: bool
) -> None:
    os.setsid()
    _reset_signals()
    contained = NAMESPACES in active
    if sys.platform == "linux":
        if contained:
            _enter_namespaces(folder, readable, limits)
        linux.drop_capabilities()
        linux.die_with_parent(signal.SIGKILL)
        linux.gain_no_privileges()
    _clean_environment(folder)
    apply(limits)
    if LANDLOCK in active:
        proc = (Path("/proc"),) if contained else (Path("/proc") / str(os.getpid()), *_OF_THE_MACHINE)
        places = (folder, Path("/tmp"), Path("/dev/pts")) if contained else (folder,)
        landlock.restrict((*readable, *proc), (*places, *_DEVICES))
    if SECCOMP in active:
        seccomp.restrict(alone=not contained, listening=listening)
    if MACOS in active:
        macos.restrict(readable, folder)


def _enter_namespaces(folder: Path, readable: tuple[Path, ...], limits: Limits) -> None:
    user = _FIRST_USER + int(os.readlink("/proc/self"))  # noqa: PTH115 (the number outside of the namespace)
    # Root may be somebody else. Another user, who has a namespace of their own, is the only one there is in it.
    changes = os.geteuid() == 0 and linux.has_user(user)
    namespaces.enter(namespaces.view(readable), folder, folder / HOME / "root")
    if changes:
        for path in (folder, *folder.rglob("*")):
            os.chown(path, user, user, follow_symlinks=False)
        os.setgroups(())
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
        linux.show_itself()
    apply_processes(limits)


def _reset_signals() -> None:
    signal.set_wakeup_fd(-1)
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGCHLD, signal.SIGALRM):
        signal.signal(number, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    signal.pthread_sigmask(signal.SIG_SETMASK, ())


def _clean_environment(folder: Path) -> None:
    """Stand in the folder, with a home in it, and know nothing of whoever grades."""
    os.chdir(folder)
    home = folder / HOME
    kept = {name: os.environ[name] for name in _KEPT_ENVIRONMENT if name in os.environ}
    os.environ.clear()
    os.environ.update(
        {"LANG": "C.UTF-8"}
        | kept
        | {
            "HOME": str(home),
            "IPYTHONDIR": str(home / "ipython"),
            "TMPDIR": str(home / "tmp"),
            "USER": "learner",
            "LOGNAME": "learner",
            "PATH": os.pathsep.join((str(Path(sys.executable).parent), "/usr/local/bin", "/usr/bin", "/bin")),
        }
    )
    tempfile.tempdir = None
    if sys.platform == "linux":
        linux.forget_first_environment()


def _is_read(descriptor: int) -> bool:
    """Whether anybody holds the other end of a pipe that can be written to."""
    look = select.poll()
    look.register(descriptor, 0)
    return not look.poll(0)


def readable_by_default() -> list[Path]:
    """Return what every submission may read.

    That is Python and its libraries, the system's programs, fonts and time zones, and the course's package and data: no
    home, no gradebook, no solutions, no temporary files.
    """
    package = Path(course.__file__).resolve().parent
    python = {Path(sys.prefix), Path(sys.base_prefix), Path(sys.exec_prefix), Path(sys.base_exec_prefix)}
    python |= {Path(path) for path in sysconfig.get_paths().values()}
    python |= {Path(path) for path in (*site.getsitepackages(), sys.executable)}
    return [path for path in (*sorted(python), package, package.parent / "data", *_SYSTEM) if path.exists()]


def has_barrier(layers: Iterable[Layer]) -> bool:
    """Whether one of the active layers keeps a submission from files that are not its own."""
    return any(layer.active and layer.name in _BARRIERS for layer in layers)


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


def wrap(
    command: Sequence[str],
    *,
    folder: Path,
    readable: Sequence[Path],
    limits: Limits,
    layers: Sequence[Layer],
    environment: Mapping[str, str] | None = None,
) -> list[str]:
    """Return a command that runs another one in its layers, such as a Jupyter kernel that is not forked.

    It may listen on Unix sockets in its folder (Jupyter's transport ``ipc``), and connect to none. The command that is
    returned stands outside of the layers: it keeps the limits, hands SIGINT on, and ends everything on SIGTERM.

    Parameters
    ----------
    command : sequence of str
        What to run. Its connection file lies in `folder`.
    folder, readable, limits, layers
        As for `start`.
    environment : mapping, optional
        What its environment has besides what every submission's has.
    """
    order = {
        "folder": str(folder.resolve()),
        "readable": [str(path) for path in readable],
        "limits": asdict(limits),
        "layers": [layer.name for layer in layers if layer.active],
        "environment": dict(environment or {}),
    }
    return [sys.executable, "-m", __name__, json.dumps(order), *command]


def main(arguments: Sequence[str]) -> int:
    """Run what `wrap` has put together. Returns its exit code."""
    order = json.loads(arguments[0])
    folder, command = Path(order["folder"]), list(arguments[1:])
    # A fresh Python looks for the course in a folder that it may not list. Here it finds it in one that it may.
    packages = folder / HOME / "packages"
    packages.mkdir(parents=True, exist_ok=True)
    with suppress(FileExistsError):
        (packages / "course").symlink_to(Path(course.__file__).parent)

    def run() -> None:
        os.environ.update({"PYTHONPATH": str(packages)} | order["environment"])
        os.execvp(command[0], command)

    told: list[int] = []
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda number, _: told.append(number))
    child = start(
        run,
        folder=folder,
        readable=[Path(path) for path in order["readable"]],
        limits=Limits(**order["limits"]),
        layers=[Layer(name, True, "") for name in order["layers"]],
        listening=True,
    )
    while (ended := child.poll()) is None:
        while told:
            if told.pop() == signal.SIGTERM:
                child.end()
            else:
                os.kill(child.pid, signal.SIGINT)
        time.sleep(0.02)
    if ended.reason:
        sys.stderr.write(f"{ended.reason}\n")
    return ended.code if ended.code is not None else 128 + (ended.signal or 0)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
