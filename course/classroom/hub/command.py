"""Run ``course hub``, from its options to its exit code."""

from __future__ import annotations

import importlib.util
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO

import psutil

import course
from course.classroom.gradebook.course_folder import CONFIGURATION, CourseError, find_course, load_application
from course.classroom.hub import roster
from course.classroom.hub.backup import back_up
from course.classroom.hub.disk import newly_over_limit
from course.classroom.hub.memory import enforce_memory_limits
from course.classroom.hub.user_ids import change_owner, instructors_user_id, read_user_ids
from course.classroom.hub.workshop import HubError, Workshop, closed_to_others
from course.classroom.sandbox import server_sandbox
from course.install.workspace import StartError, install_files
from course.wording import format_duration, listed, number_of

NEEDED = ("jupyterhub", "nativeauthenticator", "jupyterhub_idle_culler", "configurable_http_proxy")
START_SECONDS = 120
STOP_SECONDS = 60
STOP_REPORT_SECONDS = 2
DISK_CHECK_SECONDS = 30
MEMORY_CHECK_SECONDS = 2
SHORTEST_CODE = 8
_EVERYWHERE = ("", "0.0.0.0", "::")


@dataclass(frozen=True)
class HubOptions:
    """The command line's options. `course.classroom.hub.workshop.Workshop` documents them."""

    folder: Path
    start: Path
    instructors: Sequence[str]
    code: str
    code_file: Path | None
    roster: Path | None
    asks: Sequence[str]
    address: str
    port: int
    memory_mib: int
    memory_all_mib: int
    disk_gib: float
    idle_minutes: float
    one_user: bool


def run(options: HubOptions, say: Callable[[str], None]) -> int:
    """Run a workshop's hub until it is stopped, and return the exit code.

    Raises
    ------
    HubError
        If it cannot start.
    """
    _check_machine()
    options.folder.mkdir(parents=True, exist_ok=True)
    with _locked(options.folder) as lock:
        workshop = prepare(options, say)
        with workshop.log.open("ab") as log:
            log_start = log.tell()
            # A new session keeps the terminal's Ctrl+C from the hub. We send it one signal instead, so that it stops
            # its servers in order.
            process = subprocess.Popen(
                [sys.executable, "-m", "course.classroom.hub.app"],
                cwd=workshop.hub,
                env=os.environ | workshop.to_environment(),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=[lock.fileno()],
            )
        return _supervise(process, workshop, log_start, say)


def _supervise(process: subprocess.Popen[bytes], workshop: Workshop, log_start: int, say: Callable[[str], None]) -> int:
    """Print instructions once the hub is up, check limits until it ends or a signal arrives, and make the backup."""
    signals: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: signals.append(number))
    up = _wait_until_up(process, workshop, signals)
    if up:
        say("\n".join(_instructions(workshop)))
    reported: set[str] = set()
    next_disk_check = next_memory_check = 0.0
    while process.poll() is None and not signals:
        if time.monotonic() > next_disk_check:
            for sentence in newly_over_limit(workshop.learners, workshop.disk_gib, reported):
                say(sentence)
            next_disk_check = time.monotonic() + DISK_CHECK_SECONDS
        if time.monotonic() > next_memory_check:
            for sentence in enforce_memory_limits(workshop):
                say(sentence)
            next_memory_check = time.monotonic() + MEMORY_CHECK_SECONDS
        time.sleep(0.2)
    if signals:
        _stop(process, say)
    if up:
        say(f"Everything the class made is in {back_up(workshop.root, datetime.now())}")
    if signals:
        return 0
    with workshop.log.open("rb") as log:
        log.seek(log_start)
        last = log.read().decode(errors="replace").splitlines()[-15:]
    reason = "The hub stopped by itself." if up else "The hub did not start."
    raise HubError("\n".join([f"{reason} The end of its log, {workshop.log}:", *last]))


def prepare(options: HubOptions, say: Callable[[str], None]) -> Workshop:
    """Create the workshop's folders and copy the course into them. Existing files are not changed.

    Raises
    ------
    HubError
        If something is missing or in the way.
    """
    folder = options.folder.resolve()
    try:
        origin = find_course(options.start)
        course_id = str(load_application(origin).coursedir.course_id)
    except CourseError as error:
        raise HubError(str(error)) from error
    if not (origin / "solutions").is_dir():
        raise HubError(
            f"There is no folder “solutions” in {origin}, and learners' exercises are made from it. The installed "
            "package does not include it: run this in a checkout of the course, or name one with --course."
        )
    own_users = _has_own_users(folder, options.one_user)
    workshop = Workshop(
        folder=str(folder),
        course=course_id,
        instructors=tuple(name.lower() for name in options.instructors),
        own_users=own_users,
        sandbox=not own_users and server_sandbox.is_possible(),
        code=_checked_code(options),
        roster=(),
        asks=tuple(options.asks),
        address=options.address,
        port=_checked_port(options.address, options.port),
        internal_ports=_free_ports(),
        memory_mib=options.memory_mib,
        memory_all_mib=options.memory_all_mib,
        disk_gib=options.disk_gib,
        idle_minutes=options.idle_minutes,
    )
    _make_folders(workshop)
    try:
        parts = ("solutions", "notebooks", "data")
        installed = install_files(workshop.class_folder, version("completely-free"), origin, parts)
    except StartError as error:
        raise HubError(str(error)) from error
    if installed.returned:
        names = listed([str(name) for name in installed.returned])
        say(f"Missing from {workshop.class_folder}, and restored: {names}.")
    if not (workshop.class_folder / CONFIGURATION).exists():
        shutil.copy(origin / CONFIGURATION, workshop.class_folder)
    if options.roster is not None:
        workshop = _with_roster(workshop, options.roster, say)
    if own_users:
        user_id = instructors_user_id(workshop.user_ids)
        change_owner(workshop.class_folder, user_id)
        change_owner(workshop.outbound.parent, user_id)
        # Whoever restored a backup owns everything in it.
        for name, learner in read_user_ids(workshop.user_ids).items():
            for folder in (workshop.learners / name, workshop.handed_in / name):
                if folder.is_dir() and folder.stat().st_uid != learner:
                    change_owner(folder, learner)
        # The hub creates folders in there as root, so instructors must not be able to replace them by links.
        os.chown(workshop.handed_in, 0, user_id)
        os.chown(workshop.people.parent, 0, user_id)
    return workshop


def _with_roster(workshop: Workshop, path: Path, say: Callable[[str], None]) -> Workshop:
    learners = roster.read(path)
    roster.add_to_gradebook(learners, str(load_application(workshop.class_folder).coursedir.db_url), workshop.course)
    names = listed([str(learner["id"]) for learner in learners[:2]])
    say(f"{number_of(len(learners), 'learner')} from {path} in the gradebook. Login names are, for example, {names}.")
    return replace(workshop, roster=tuple(learner["id"] for learner in learners))


def _check_machine() -> None:
    if os.name != "posix":
        raise HubError(
            "JupyterHub does not run on Windows itself. Run the course in WSL (Windows Subsystem for Linux)."
        )
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise HubError(
            f"The hub needs packages that are not installed ({', '.join(missing)}). "
            "Install them with: pip install 'completely-free[hub]'"
        )


def _has_own_users(folder: Path, one_user: bool) -> bool:
    """Whether each learner's server runs as a separate system user: as root, unless ``--one-user`` is given."""
    if os.geteuid() != 0 or one_user:
        return False
    python = (Path(sys.executable), Path(sys.prefix), Path(sys.base_prefix), Path(course.__file__))
    closed = [*closed_to_others(*python), *closed_to_others(folder.parent)]
    if closed:
        raise HubError(
            f"Learners' servers run as separate users, and these have no access to {closed[0]}, which is on the path "
            "to Python, to the course or to the workshop's folder. Install the course where everybody can read it, "
            "such as /opt, and choose a workshop folder such as /srv/workshop. Or accept that all servers run as "
            "your own user, with: --one-user"
        )
    return True


def _make_folders(workshop: Workshop) -> None:
    # With 0o711 others may pass through a folder but not list it.
    modes = {
        workshop.root: 0o711,
        workshop.class_folder: 0o700,
        workshop.learners: 0o711,
        workshop.handed_in: 0o751,
        # nbgrader requires write access here, although it writes only into the three folders below.
        workshop.exchange: 0o1777 if workshop.own_users else 0o711,
        workshop.exchange / workshop.course: 0o755,
        workshop.outbound: 0o755,
        workshop.inbound: 0o700,
        workshop.feedback: 0o711,
        workshop.settings: 0o755,
        workshop.user_ids.parent: 0o700,
        workshop.people.parent: 0o750,
        workshop.python: 0o755,
        workshop.hub: 0o700,
        workshop.backups: 0o700,
    }
    try:
        for folder, mode in modes.items():
            folder.mkdir(exist_ok=True)
            folder.chmod(mode)
        package = workshop.python / "course"
        package.unlink(missing_ok=True)
        package.symlink_to(Path(course.__file__).resolve().parent)
    except OSError as error:
        raise HubError(f"{workshop.root} cannot be written: {error.strerror}. Choose another folder.") from error


def _checked_code(options: HubOptions) -> str:
    code, file = options.code, options.code_file
    if code and file:
        raise HubError("Give the class code with --code or with --code-file, not both.")
    if file:
        try:
            code = file.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise HubError(f"{file} cannot be read: {error}. It should contain the class code.") from error
        if not code:
            raise HubError(f"{file} is empty. It should contain the class code.")
    if code and len(code) < SHORTEST_CODE:
        raise HubError(
            f"A class code needs at least {SHORTEST_CODE} characters, so that nobody guesses it, such as: "
            f"{secrets.token_hex(4)}"
        )
    return code


def _checked_port(address: str, port: int) -> int:
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((address or "0.0.0.0", port))
        except OSError as error:
            raise HubError(f"Port {port} cannot be used: {error.strerror}. Choose another with: --port") from error
        free_port: int = trial.getsockname()[1]
        return free_port


def _free_ports() -> tuple[int, int]:
    with socket.socket() as first, socket.socket() as second:
        first.bind(("127.0.0.1", 0))
        second.bind(("127.0.0.1", 0))
        return first.getsockname()[1], second.getsockname()[1]


@contextmanager
def _locked(folder: Path) -> Iterator[IO[bytes]]:
    """Lock the folder against a second hub for as long as this process or the hub's lives."""
    import fcntl

    with (folder / ".lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise HubError(f"A hub is already running in {folder}. Stop it first, or choose another folder.") from error
        yield lock


def _wait_until_up(process: subprocess.Popen[bytes], workshop: Workshop, signals: Sequence[int]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    # Ask through the proxy, as browsers do: the hub is up a moment before the proxy has a route to it.
    here = "127.0.0.1" if workshop.address in _EVERYWHERE else workshop.address
    while time.monotonic() < deadline and process.poll() is None and not signals:
        try:
            with urllib.request.urlopen(f"http://{here}:{workshop.port}/hub/api", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    if not signals:
        _stop(process)
    return False


def _stop(process: subprocess.Popen[bytes], say: Callable[[str], None] = lambda _: None) -> None:
    """Stop the hub with all servers, and say what it waits for."""
    begun = time.monotonic()
    if running := _servers(process.pid):
        say(f"Stopping {number_of(len(running), 'server')}: {listed(running)}.")
    process.terminate()
    while process.poll() is None and (seconds := time.monotonic() - begun) < STOP_SECONDS:
        try:
            process.wait(STOP_REPORT_SECONDS)
        except subprocess.TimeoutExpired:
            still = listed(_servers(process.pid)) or "its own processes"
            say(f"After {format_duration(seconds + STOP_REPORT_SECONDS)} the hub is still waiting for {still}.")
    if process.poll() is None:
        process.kill()
        process.wait()
    say(f"Stopped after {format_duration(time.monotonic() - begun)}.")


def _servers(hub: int) -> list[str]:
    """Return whose servers are running, sorted."""
    names = set()
    with suppress(psutil.Error):
        for server in psutil.Process(hub).children():
            with suppress(psutil.Error):
                names.add(server.environ().get("JUPYTERHUB_USER", ""))
    return sorted(names - {""})


def _instructions(workshop: Workshop) -> list[str]:
    """Return what an instructor needs to know, in the order they need it."""
    address = f"http://{_reachable(workshop.address)}:{workshop.port}"
    first = workshop.instructors[0]
    lines = [
        "",
        f"The class goes to:   {address}",
        "",
        f"You log in as:       {', '.join(workshop.instructors)}, with the password in {workshop.password(first)}",
        "",
    ]
    if workshop.code:
        whom = "People in the roster who give it" if workshop.roster else "People who give it"
        lines.append(f"Class code:          {workshop.code}   {whom} at sign-up are let in at once.")
    lines += [
        f"To let people in:    {address}/hub/authorize",
        "To hand out, collect, grade and return work: in JupyterLab's menu, choose Nbgrader, Formgrader.",
        "",
        *_describe_isolation(workshop),
        f"Each process of a learner may take {workshop.memory_mib} MiB, all together {workshop.memory_all_mib} MiB. A "
        f"server that nobody has had open for {workshop.idle_minutes:g} minutes is stopped; saved work is not lost.",
        "Connections are not encrypted: use this on a network you trust, with passwords used nowhere else.",
        "",
        f"Everything is in     {workshop.root}",
        "To stop, press Ctrl+C here, once. Everything the class made is then backed up.",
    ]
    return lines


def _describe_isolation(workshop: Workshop) -> list[str]:
    if workshop.own_users:
        return [
            "Each learner's server runs as a separate system user: the system keeps learners out of each other's "
            "folders, the solutions and the gradebook."
        ]
    if workshop.sandbox:
        return [
            "All servers run as one system user, yours. A sandbox in the Linux kernel keeps each learner's server to "
            "its own folder, away from others' work, the solutions and the gradebook; it has no terminal. Run this "
            "as root to give learners separate users, which keeps them apart in everything else too."
        ]
    return [
        "All servers run as one system user, yours. Learners do not see each other's folders in JupyterLab, but with "
        "a line of code they can read every file that you can: others' work, the solutions, the gradebook. Use this "
        "among people who trust each other, or run it as root for real separation."
    ]


def _reachable(address: str) -> str:
    """Return the address by which other machines reach this one. Nothing is sent to find out."""
    if address not in _EVERYWHERE:
        return address
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        try:
            # Connecting a datagram socket picks the local address it would send from.
            trial.connect(("192.0.2.1", 9))
        except OSError:
            return socket.gethostname()
        own_address: str = trial.getsockname()[0]
        return own_address
