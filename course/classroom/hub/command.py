"""``course hub`` from its options to its exit code."""

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
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from importlib.metadata import version
from pathlib import Path
from typing import IO

import course
from course.classroom.gradebook.course_folder import CONFIGURATION, CourseError, find, load
from course.classroom.hub import roster
from course.classroom.hub.backup import back_up
from course.classroom.hub.disk import newly_over
from course.classroom.hub.memory import end_what_is_too_much
from course.classroom.hub.user_ids import hand_over, instructors_number
from course.classroom.hub.workshop import HubError, Workshop, closed_to_others
from course.classroom.sandbox import server_sandbox
from course.install.workspace import StartError, install_files
from course.wording import number_of

NEEDED = ("jupyterhub", "nativeauthenticator", "jupyterhub_idle_culler", "configurable_http_proxy")
START_SECONDS = 120
STOP_SECONDS = 60
LOOK_SECONDS = 30
WEIGH_SECONDS = 2
SHORTEST_CODE = 8
_EVERYWHERE = ("", "0.0.0.0", "::")


@dataclass(frozen=True)
class Options:
    """What was asked for on the command line; `course.classroom.hub.workshop.Workshop` says what each part means."""

    folder: Path
    start: Path
    instructors: Sequence[str]
    code: str
    code_file: Path | None
    roster: Path | None
    address: str
    port: int
    memory_mib: int
    memory_all_mib: int
    disk_gib: float
    idle_minutes: float
    one_user: bool


def run(options: Options, say: Callable[[str], None]) -> int:
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
            began = log.tell()
            # The terminal's Ctrl+C goes to everything that was started in it. The hub is told by us instead, once, so
            # that it stops its servers in order.
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
        return _attend(process, workshop, began, say)


def _attend(process: subprocess.Popen[bytes], workshop: Workshop, began: int, say: Callable[[str], None]) -> int:
    """Wait until the hub is up, say what to do, wait until it ends or is to end, and make the backup."""
    asked: list[int] = []
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda number, _: asked.append(number))
    up = _wait_until_up(process, workshop, asked)
    if up:
        say("\n".join(_instructions(workshop)))
    told: set[str] = set()
    next_look = next_weighing = 0.0
    while process.poll() is None and not asked:
        if time.monotonic() > next_look:
            for sentence in newly_over(workshop.learners, workshop.disk_gib, told):
                say(sentence)
            next_look = time.monotonic() + LOOK_SECONDS
        if time.monotonic() > next_weighing:
            for sentence in end_what_is_too_much(workshop):
                say(sentence)
            next_weighing = time.monotonic() + WEIGH_SECONDS
        time.sleep(0.2)
    if asked:
        say("Stopping every server. This takes a moment.")
        _end(process)
    if up:
        say(f"Gradebook, accounts and ledgers are kept in {back_up(workshop, datetime.now())}")
    if asked:
        return 0
    with workshop.log.open("rb") as log:
        log.seek(began)
        last = log.read().decode(errors="replace").splitlines()[-15:]
    reason = "The hub stopped by itself." if up else "The hub did not start."
    raise HubError("\n".join([f"{reason} The end of its log, {workshop.log}:", *last]))


def prepare(options: Options, say: Callable[[str], None]) -> Workshop:
    """Make the workshop's folders, and copy the course into it. What is there already stays as it is.

    Raises
    ------
    HubError
        If something is missing or in the way.
    """
    folder = options.folder.resolve()
    try:
        origin = find(options.start)
        course_id = str(load(origin).coursedir.course_id)
    except CourseError as error:
        raise HubError(str(error)) from error
    if not (origin / "solutions").is_dir():
        raise HubError(
            f"There is no folder “solutions” in {origin}, and learners' exercises are made from it. The installed "
            "package has none: run this in a checkout of the course, or name one with --course."
        )
    own_users = _has_own_users(folder, options.one_user)
    workshop = Workshop(
        folder=str(folder),
        course=course_id,
        instructors=tuple(name.lower() for name in options.instructors),
        own_users=own_users,
        fence=not own_users and server_sandbox.is_possible(),
        code=_checked_code(options),
        roster=(),
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
        install_files(workshop.class_folder, version("completely-free"), origin, ("solutions", "notebooks", "data"))
    except StartError as error:
        raise HubError(str(error)) from error
    if not (workshop.class_folder / CONFIGURATION).exists():
        shutil.copy(origin / CONFIGURATION, workshop.class_folder)
    if options.roster is not None:
        workshop = _with_roster(workshop, options.roster, say)
    if own_users:
        number = instructors_number(workshop.numbers)
        hand_over(workshop.class_folder, number)
        for folder in (workshop.outbound.parent, workshop.outbound, workshop.inbound, workshop.feedback):
            os.chown(folder, number, number)
        # The hub makes folders in there as root. An instructor who could write there could lay a trap for it.
        os.chown(workshop.handed_in, 0, number)
    return workshop


def _with_roster(workshop: Workshop, path: Path, say: Callable[[str], None]) -> Workshop:
    learners = roster.read(path)
    roster.enter(learners, str(load(workshop.class_folder).coursedir.db_url), workshop.course)
    say(f"{number_of(len(learners), 'learner')} from {path} in the gradebook.")
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
    """Whether every learner gets a system user of their own: always as root, unless told otherwise."""
    if os.geteuid() != 0 or one_user:
        return False
    python = (Path(sys.executable), Path(sys.prefix), Path(sys.base_prefix), Path(course.__file__))
    closed = [*closed_to_others(*python), *closed_to_others(folder.parent)]
    if closed:
        raise HubError(
            f"Learners' servers would run as users of their own, and these cannot enter {closed[0]}, which is on the "
            f"way to Python, to the course or to the workshop's folder. Install the course where everybody can read "
            "it, such as /opt, and take a folder such as /srv/workshop. Or accept that all servers run as one user, "
            "you, with: --one-user"
        )
    return True


def _make_folders(workshop: Workshop) -> None:
    # Those who may pass through but not look around have 0o711.
    modes = {
        workshop.root: 0o711,
        workshop.class_folder: 0o700,
        workshop.learners: 0o711,
        workshop.handed_in: 0o751,
        # nbgrader wants to be able to write here; what it writes goes into the three folders below.
        workshop.exchange: 0o1777 if workshop.own_users else 0o711,
        workshop.exchange / workshop.course: 0o755,
        workshop.outbound: 0o755,
        workshop.inbound: 0o700,
        workshop.feedback: 0o711,
        workshop.settings: 0o755,
        workshop.numbers.parent: 0o700,
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


def _checked_code(options: Options) -> str:
    code, file = options.code, options.code_file
    if code and file:
        raise HubError("Give the class code with --code or with --code-file, not both.")
    if file:
        try:
            code = file.read_text(encoding="utf-8").strip()
        except (OSError, ValueError) as error:
            raise HubError(f"{file} cannot be read: {error}. The class code should be in it.") from error
        if not code:
            raise HubError(f"{file} is empty. The class code should be in it.")
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
        found: int = trial.getsockname()[1]
        return found


def _free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as other:
        one.bind(("127.0.0.1", 0))
        other.bind(("127.0.0.1", 0))
        return one.getsockname()[1], other.getsockname()[1]


@contextmanager
def _locked(folder: Path) -> Iterator[IO[bytes]]:
    """Keep a second hub out of the folder for as long as this one or its server lives."""
    import fcntl

    with (folder / ".lock").open("ab") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise HubError(f"A hub runs in {folder} already. Stop it first, or choose another folder.") from error
        yield lock


def _wait_until_up(process: subprocess.Popen[bytes], workshop: Workshop, asked: Sequence[int]) -> bool:
    deadline = time.monotonic() + START_SECONDS
    # Asked through the proxy, as browsers do: the hub is there a moment before the proxy knows the way to it.
    here = "127.0.0.1" if workshop.address in _EVERYWHERE else workshop.address
    while time.monotonic() < deadline and process.poll() is None and not asked:
        try:
            with urllib.request.urlopen(f"http://{here}:{workshop.port}/hub/api", timeout=5):
                return True
        except (urllib.error.URLError, OSError):
            time.sleep(0.2)
    if not asked:
        _end(process)
    return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _instructions(workshop: Workshop) -> list[str]:
    """Say what a teacher needs to know, in the order they need it."""
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
        whom = "Who is in the roster and gives it" if workshop.roster else "Who gives it"
        lines.append(f"Class code:          {workshop.code}   {whom} at sign-up is in at once.")
    lines += [
        f"To let people in:    {address}/hub/authorize",
        "To hand out, collect, grade and give back: in JupyterLab's menu, Nbgrader, Formgrader.",
        "",
        *_who_sees_what(workshop),
        f"Each process of a learner may take {workshop.memory_mib} MiB, all together {workshop.memory_all_mib} MiB. A "
        f"server that nobody has had open for {workshop.idle_minutes:g} minutes is stopped; nothing that was saved is "
        "lost.",
        "Nothing is encrypted on the way, so use this in a network you trust, with passwords used nowhere else.",
        "",
        f"Everything is in     {workshop.root}",
        "To stop, press Ctrl+C here, once. Gradebook and ledgers are then backed up.",
    ]
    return lines


def _who_sees_what(workshop: Workshop) -> list[str]:
    if workshop.own_users:
        return [
            "Every learner's server runs as a system user of its own: the system keeps learners out of each other's "
            "folders, the solutions and the gradebook."
        ]
    if workshop.fence:
        return [
            "All servers run as one system user, yours. A fence in the Linux kernel keeps every learner's server to "
            "its own folder, away from others' work, the solutions and the gradebook; there is no terminal inside it. "
            "Run this as root for users of their own, which keeps learners apart in everything else too."
        ]
    return [
        "All servers run as one system user, yours. Learners do not see each other's folders in JupyterLab, but with "
        "a line of code they can read every file that you can: others' work, the solutions, the gradebook. Use this "
        "among people who trust each other, or run it as root for real separation."
    ]


def _reachable(address: str) -> str:
    """Return the address under which other machines find this one. Nothing is sent anywhere to find out."""
    if address not in _EVERYWHERE:
        return address
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as trial:
        try:
            # Choosing a way for a datagram tells which of our addresses it would leave from.
            trial.connect(("192.0.2.1", 9))
        except OSError:
            return socket.gethostname()
        found: str = trial.getsockname()[0]
        return found
