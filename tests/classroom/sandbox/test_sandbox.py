"""What a submission can and cannot do in the sandbox: source code that runs in the layers, and its outcome."""

from __future__ import annotations

import ast
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from course.classroom.sandbox import Layer, Limits, has_barrier, probe, readable_by_default, wrap
from course.classroom.sandbox.scratch_folder import copy_in, copy_out, remove

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the layers tried here are those of Linux")

ROOT = Path(__file__).resolve().parents[3]
SECRET = "the instructor's key"
REFUSED = {"PermissionError", "FileNotFoundError", "OSError", "ProcessLookupError", "NotADirectoryError"}


@dataclass(frozen=True)
class Outcome:
    """What a submission reports, and what its parent observed."""

    answer: Any
    error: str | None
    reason: str
    code: int | None
    signal: int | None
    left: list[int]


class Parent:
    """A grading process, with a secret in its environment that no submission may read."""

    def __init__(self) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.classroom.sandbox.parent_of_submissions"],
            cwd=ROOT,
            env=os.environ | {"SECRET": SECRET, "PYTHONPATH": str(ROOT)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def begin(self, source: str, folder: Path, layers: list[str], **request: Any) -> int:
        """Start a submission, and return its process ID."""
        assert self.process.stdin is not None
        limits = request.pop("limits", {})
        message = {"source": source, "folder": str(folder), "layers": layers, "limits": limits, **request}
        print(json.dumps(message), file=self.process.stdin, flush=True)
        return int(self._receive()["pid"])

    def wait(self) -> Outcome:
        """Wait for the submission that was started last, and return its outcome."""
        status = self._receive()
        assert "trouble" not in status, status
        result = json.loads(status["answer"] or '{"answer": null, "error": null}')
        return Outcome(
            result["answer"], result["error"], status["reason"], status["code"], status["signal"], status["left"]
        )

    def end(self) -> None:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()

    def _receive(self) -> dict[str, Any]:
        assert self.process.stdout is not None
        message: dict[str, Any] = json.loads(self.process.stdout.readline())
        return message


@pytest.fixture(scope="module")
def machine() -> tuple[Layer, ...]:
    return probe()


@pytest.fixture(scope="module")
def parent() -> Iterator[Parent]:
    parent = Parent()
    yield parent
    parent.end()


@pytest.fixture(scope="module", params=["everything", "in a pod"])
def layers(request: pytest.FixtureRequest, machine: tuple[Layer, ...]) -> list[str]:
    """All layers of this machine; and those that remain where namespaces are forbidden, as in most containers."""
    active = [layer.name for layer in machine if layer.active]
    if request.param == "in a pod":
        if "namespaces" not in active:
            pytest.skip("this machine has no namespaces to do without")
        active.remove("namespaces")
    for layer in machine:
        if layer.name in {"Landlock", "seccomp"} and not layer.active:
            pytest.skip(f"{layer.name}: {layer.detail}")
    return active


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "submission"
    folder.mkdir()
    return folder


Inside = Callable[..., Outcome]


@pytest.fixture
def inside(parent: Parent, layers: list[str], folder: Path) -> Inside:
    """Run a submission in its layers, and check that it leaves no process behind."""

    def run(source: str, **request: Any) -> Outcome:
        parent.begin(source, folder, layers, **request)
        outcome = parent.wait()
        assert outcome.left == []
        return outcome

    return run


def test_the_probe_says_of_each_layer_whether_it_holds_here_and_why(machine: tuple[Layer, ...]) -> None:
    assert [layer.name for layer in machine] == ["private folder", "namespaces", "Landlock", "seccomp"]
    assert all(layer.detail for layer in machine)
    barriers = {"namespaces", "Landlock"}
    assert has_barrier(machine) == any(layer.active for layer in machine if layer.name in barriers)
    assert not has_barrier([layer for layer in machine if layer.name not in barriers])


def test_the_probe_leaves_other_children_of_its_process_alone() -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as child:
        probe()
        assert child.poll() is None
        child.communicate(b"\n")
    assert child.returncode == 0


def test_what_every_submission_may_read_holds_nobodys_work() -> None:
    readable = readable_by_default()
    for private in (
        ROOT,
        ROOT / "solutions",
        ROOT / "gradebook.db",
        ROOT / "submitted",
        Path.home(),
        Path("/etc/shadow"),
    ):
        assert not any(path == private or path in private.parents for path in readable), private


# What it cannot read.


def test_it_reads_no_system_file(inside: Inside) -> None:
    assert inside("open('/etc/shadow').read()").error in REFUSED
    assert inside("open('/etc/passwd').read()").error in REFUSED


def test_it_reads_no_other_submission_and_no_gradebook(inside: Inside, tmp_path: Path, folder: Path) -> None:
    for name in ("gradebook.db", "submitted/anna/06-weighing/ledger.json"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("not yours")
        assert inside(f"open({str(tmp_path / name)!r}).read()").error in REFUSED
        listed = inside(f"import os; answer = os.listdir({str((tmp_path / name).parent)!r})")
        assert listed.error in REFUSED or listed.answer == [folder.name]


def test_it_reads_no_solution(inside: Inside) -> None:
    assert inside(f"import os; os.listdir({str(ROOT / 'solutions')!r})").error in REFUSED
    assert inside(f"open({str(ROOT / 'pyproject.toml')!r}).read()").error in REFUSED


def test_it_reads_nothing_of_whoever_grades(inside: Inside) -> None:
    assert inside(f"import os; os.listdir({str(Path.home())!r})").error in REFUSED
    outcome = inside(
        "import os\n"
        "answer = [dict(os.environ), open('/proc/self/environ').read(), os.path.expanduser('~'), os.getcwd()]"
    )
    assert outcome.error is None
    environment, first_environment, home, here = outcome.answer
    assert SECRET not in environment.values()
    assert SECRET not in first_environment
    assert Path(home).is_relative_to(here)


def test_it_sees_into_no_other_process(inside: Inside) -> None:
    for name in ("environ", "mem", "maps", "fd/0"):
        assert inside(f"open(f'/proc/{{parent}}/{name}', 'rb').read(1)").error in REFUSED
    pid = "parent"
    trace = "import ctypes; answer = ctypes.CDLL(None).ptrace(16, {pid}, 0, 0)"
    assert inside(trace.format(pid=pid)).answer == -1


def test_it_has_no_file_open_but_its_own(inside: Inside) -> None:
    opened = inside(
        "import os\n"
        "answer = {}\n"
        "for name in range(3, 1000):\n"
        "    try: answer[name] = os.readlink(f'/proc/self/fd/{name}')\n"
        "    except OSError: pass"
    ).answer
    assert [target for target in opened.values() if not target.startswith("pipe:")] == []
    assert len(opened) == 1  # the one it was given to answer with
    assert inside("import sys; answer = sys.stdin.read()").answer == ""


# What it cannot change.


def test_it_writes_nowhere_but_in_its_folder(inside: Inside, tmp_path: Path) -> None:
    gradebook, new = tmp_path / "gradebook.db", tmp_path / "new"
    gradebook.write_text("19 points")
    for path, before in ((gradebook, _state(gradebook)), (new, None)):
        for attempt in (
            f"open({str(path)!r}, 'r+').write('40 points')",
            f"open({str(path)!r}, 'w').write('40 points')",
            f"import os; os.truncate({str(path)!r}, 0)",
            f"import os; os.rename({str(path)!r}, 'moved')",
            f"import os; os.remove({str(path)!r})",
            f"import os; os.chmod({str(path)!r}, 0o777)",
            f"import os; os.utime({str(path)!r}, (0, 0))",
        ):
            inside(attempt)
            assert _state(path) == before, attempt
    assert inside("open('mine', 'w').write('x'); answer = open('mine').read()").answer == "x"


def test_it_changes_nothing_that_it_may_read(inside: Inside) -> None:
    for path in (
        ROOT / "course" / "checks" / "expect.py",
        Path(os.__file__),
        Path(pytest.__file__),
        Path("/usr/bin/env"),
    ):
        assert inside(f"open({str(path)!r}, 'r+')").error in REFUSED, path
        assert inside(f"open({str(path.with_name('new.py'))!r}, 'x')").error in REFUSED, path
        assert not path.with_name("new.py").exists()
    for device in ("/dev/vda", "/dev/mem", "/dev/kmsg", "/dev/tty"):
        assert inside(f"open({device!r}, 'rb')").error in REFUSED, device
    assert inside("open('/proc/sys/kernel/hostname', 'w').write('x')").error in REFUSED
    assert inside("open('/dev/null', 'w').write('x')").error is None


def _state(path: Path) -> tuple[int, float, bytes] | None:
    return (path.stat().st_mode, path.stat().st_mtime, path.read_bytes()) if path.exists() else None


def test_nothing_it_leaves_in_temporary_places_is_there_afterwards(inside: Inside) -> None:
    for place in (f"/tmp/left-{os.getpid()}", f"/dev/shm/left-{os.getpid()}", f"/var/tmp/left-{os.getpid()}"):
        outcome = inside(f"open({place!r}, 'w').write('x')")
        assert outcome.error in REFUSED | {None}
        assert not Path(place).exists()


def test_no_link_leads_out(inside: Inside, tmp_path: Path, folder: Path) -> None:
    outside = tmp_path / "gradebook.db"
    outside.write_text("not yours")
    (folder / "handed-in").symlink_to(outside)
    assert inside("open('handed-in').read()").error in REFUSED
    assert inside(f"import os; os.symlink({str(outside)!r}, 'made'); open('made').read()").error in REFUSED
    assert inside(f"import os; os.link({str(outside)!r}, 'hard')").error in REFUSED
    assert inside(f"import os; os.link({os.__file__!r}, 'hard'); open('hard', 'a')").error in REFUSED
    assert inside("import os; os.rename('made', '../moved')").error in REFUSED
    assert sorted(path.name for path in tmp_path.iterdir()) == ["gradebook.db", "submission"]


# Whom it cannot reach.


def test_it_reaches_no_server(inside: Inside) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        port = server.getsockname()[1]
        assert inside(f"import socket; socket.create_connection(('127.0.0.1', {port}), 1)").error in REFUSED
        with pytest.raises(BlockingIOError):
            server.accept()
    assert (
        inside("import socket; socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', ('127.0.0.1', 53))").error
        in REFUSED
    )
    assert inside("import socket; socket.create_server(('127.0.0.1', 0))").error in REFUSED


def test_it_reaches_no_program_through_a_unix_socket(inside: Inside, tmp_path: Path, folder: Path) -> None:
    named = {
        "abstract": f"\0isolation-{os.getpid()}",
        "file": str(tmp_path / "jupyter"),
        "its own": str(folder / "x11"),
    }
    for name in named.values():
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(name)
            server.listen()
            assert inside(f"import socket; socket.socket(socket.AF_UNIX).connect({name!r})").error in REFUSED


def test_it_signals_nobody(inside: Inside, parent: Parent) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as neighbour:
        for pid in (parent.process.pid, neighbour.pid, os.getpid()):
            assert inside(f"import os; os.kill({pid}, 9)").error in REFUSED
        # Everybody but itself; in a process namespace that is nobody.
        assert inside("import os, signal; signal.signal(15, signal.SIG_IGN); os.kill(-1, 15)").error in REFUSED | {None}
        assert neighbour.poll() is None
        neighbour.communicate(b"\n")
    assert parent.process.poll() is None


def test_it_takes_nothing_from_another_process(inside: Inside, parent: Parent) -> None:
    assert inside("import resource; resource.prlimit(parent, resource.RLIMIT_CPU, (1, 1))").error in REFUSED
    inside("import os; os.sched_setaffinity(parent, {0}); os.setpriority(os.PRIO_PROCESS, parent, 19)")
    inside("import os; os.setpriority(os.PRIO_PROCESS, parent, 19)")
    assert os.sched_getaffinity(parent.process.pid) == os.sched_getaffinity(0)
    assert os.getpriority(os.PRIO_PROCESS, parent.process.pid) == os.getpriority(os.PRIO_PROCESS, 0)


# What it cannot get back.


@pytest.mark.parametrize("limit", ["RLIMIT_CPU", "RLIMIT_DATA", "RLIMIT_FSIZE", "RLIMIT_NOFILE", "RLIMIT_CORE"])
def test_it_raises_no_limit(inside: Inside, limit: str) -> None:
    source = f"import resource; resource.setrlimit(resource.{limit}, (resource.RLIM_INFINITY,) * 2)"
    assert inside(source).error in {"ValueError", "PermissionError"}


def test_it_gains_no_right(inside: Inside) -> None:
    call = "import ctypes; answer = ctypes.CDLL(None, use_errno=True).{}"
    for attempt in (
        "setuid(0)",
        "unshare(0x10000000)",
        "unshare(0x00020000)",
        "mount(b'proc', b'/proc', b'proc', 0, None)",
        "chroot(b'/')",
        "prctl(1, 0, 0, 0, 0)",
        "syscall(425, 1, 0)",
        "syscall(321, 0, 0, 0)",
        "open_by_handle_at(0, 0, 0)",
        "memfd_create(b'x', 0)",
        "shmget(0, 4096, 0o1600)",
    ):
        assert inside(call.format(attempt)).answer == -1, attempt


# What it cannot use up.


def test_memory_without_bound_is_refused_and_the_notebook_goes_on(inside: Inside) -> None:
    source = """
try:
    kept = []
    while True:
        kept.append(bytearray(10_000_000))
except MemoryError:
    kept = None
    answer = sum(range(10))
"""
    outcome = inside(source, limits={"memory_mib": 200})
    assert (outcome.answer, outcome.error, outcome.reason) == (45, None, "")


def test_memory_that_is_shared_between_processes_counts_too(inside: Inside) -> None:
    source = """
import mmap
memory = mmap.mmap(-1, 1 << 30)
for page in range(0, 1 << 30, 4096):
    memory[page] = 1
import time
time.sleep(60)
"""
    assert inside(source, limits={"memory_mib": 200}).reason == "It used more than 200 MiB of memory."


def test_processes_without_bound_are_ended(inside: Inside) -> None:
    bomb = "import os\nwhile True:\n    try: os.fork()\n    except BlockingIOError: pass"
    outcome = inside(bomb, limits={"processes": 20, "wall_seconds": 3})
    assert outcome.reason or outcome.error == "PermissionError"


def test_threads_without_bound_are_ended(inside: Inside) -> None:
    source = """
import threading, time
for _ in range(500):
    threading.Thread(target=time.sleep, args=(30,), daemon=True).start()
time.sleep(30)
"""
    outcome = inside(source, limits={"processes": 20})
    assert outcome.error == "RuntimeError" or outcome.reason == "It started more than 20 processes."


DAEMON = """
import os, signal, time
if os.fork() == 0:
    os.setsid()
    for number in (signal.SIGTERM, signal.SIGHUP, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    if os.fork() == 0:
        while True:
            open('alive', 'a').write('.')
            time.sleep(0.01)
    os._exit(0)
while not os.path.exists('alive'):
    time.sleep(0.01)
"""


def test_a_daemon_ends_with_its_submission(inside: Inside, folder: Path) -> None:
    outcome = inside(DAEMON)
    if outcome.error is None:
        size = (folder / "alive").stat().st_size
        time.sleep(0.1)
        assert (folder / "alive").stat().st_size == size
    else:
        assert outcome.error == "PermissionError"


def test_a_daemon_ends_with_its_submission_even_where_nothing_shuts_it_in(parent: Parent, folder: Path) -> None:
    parent.begin(DAEMON, folder, [])
    assert parent.wait().left == []
    size = (folder / "alive").stat().st_size
    time.sleep(0.1)
    assert (folder / "alive").stat().st_size == size


def test_a_file_without_bound_is_refused(inside: Inside, folder: Path) -> None:
    source = "f = open('large', 'wb')\nwhile True: f.write(bytes(1 << 20))"
    outcome = inside(source, limits={"file_mib": 5})
    assert outcome.error == "OSError"
    assert (folder / "large").stat().st_size == 5 << 20


def test_files_without_bound_are_ended(inside: Inside) -> None:
    large = "import itertools\nfor n in itertools.count(): open(f'{n}', 'wb').write(bytes(1 << 20))"
    assert inside(large, limits={"folder_mib": 20}).reason == "It filled its folder with more than 20 MiB."


@pytest.mark.parametrize(
    "keep",
    [
        "held.append(f)",
        "held.append(mmap.mmap(f.fileno(), 1 << 20))\n    f.close()",
        "threading.Thread(target=lambda f=f: time.sleep(60), daemon=True).start()\n    held.append(f)",
    ],
)
def test_files_without_a_name_count_as_long_as_they_are_open_or_mapped(inside: Inside, keep: str) -> None:
    source = f"""
import mmap, os, threading, time
held = []
for number in range(40):
    f = open("x", "w+b")
    f.write(bytes(1 << 20))
    f.flush()
    os.unlink("x")
    {keep}
time.sleep(60)
"""
    assert inside(source, limits={"folder_mib": 20}).reason == "It filled its folder with more than 20 MiB."


def test_empty_files_without_bound_are_ended(inside: Inside) -> None:
    many = "import itertools\nfor n in itertools.count(): open(f'{n}', 'w').close()"
    assert inside(many, limits={"files": 100}).reason == "It made more than 100 files."


def test_folders_without_end_are_ended(inside: Inside) -> None:
    deep = "import os, time\nfor n in range(900): os.mkdir('d'); os.chdir('d')\ntime.sleep(60)"
    assert "deep" in inside(deep).reason


def test_a_loop_without_end_is_ended(inside: Inside) -> None:
    outcome = inside("while True: pass", limits={"cpu_seconds": 1})
    assert outcome.reason == "It computed for more than 1 seconds."
    assert outcome.signal == signal.SIGKILL


def test_processes_compute_on_one_account(inside: Inside) -> None:
    source = """
import os, time
for _ in range(3):
    if not os.fork():
        end = time.process_time() + 0.9
        while time.process_time() < end: pass
        os._exit(0)
for _ in range(3): os.wait()
time.sleep(60)
"""
    outcome = inside(source, limits={"cpu_seconds": 2})
    # Without namespaces it cannot start a process.
    assert outcome.reason == "It computed for more than 2 seconds." or outcome.error == "PermissionError"


def test_processes_that_nobody_waits_for_compute_on_the_same_account(inside: Inside) -> None:
    source = """
import os, signal, time
signal.signal(signal.SIGCHLD, signal.SIG_IGN)
for _ in range(4):
    if not (child := os.fork()):
        end = time.process_time() + 0.9
        while time.process_time() < end: pass
        time.sleep(0.2)
        os._exit(0)
    try: os.waitpid(child, 0)
    except ChildProcessError: pass
time.sleep(60)
"""
    outcome = inside(source, limits={"cpu_seconds": 2})
    assert outcome.reason == "It computed for more than 2 seconds." or outcome.error == "PermissionError"


def test_files_do_not_stay_in_a_socket(inside: Inside) -> None:
    source = """
import os, socket, time
one, other = socket.socketpair()
for number in range(5):
    with open("x", "w+b") as f:
        f.write(bytes(1 << 20))
        f.flush()
        os.unlink("x")
        {send}
time.sleep(60)
"""
    send = "socket.send_fds(one, [b'x'], [f.fileno()])"
    assert inside(source.format(send=send)).reason == "It kept open files in a socket, where their size does not show."
    nested = (
        "inner, ours = socket.socketpair(); socket.send_fds(inner, [b'x'], [f.fileno()]); "
        "socket.send_fds(one, [b'x'], [ours.fileno()]); inner.close(); ours.close()"
    )
    assert inside(source.format(send=nested)).reason.startswith("It kept open files in a socket")
    received = f"{send}; [os.close(each) for each in socket.recv_fds(other, 9, 9)[1]]"
    short = source.replace("time.sleep(60)", "time.sleep(1.5)")
    assert inside(short.format(send=received)).reason == ""


def test_waiting_without_end_is_ended(inside: Inside) -> None:
    source = """
import contextlib, signal, time
for number in range(1, 32):
    with contextlib.suppress(OSError):
        signal.signal(number, signal.SIG_IGN)
time.sleep(600)
"""
    assert inside(source, limits={"wall_seconds": 0.3}).reason == "It ran for more than 0.3 seconds."


def test_it_ends_with_its_parent(layers: list[str], folder: Path) -> None:
    parent = Parent()
    pid = parent.begin("import time\nwhile True: open('alive', 'a').write('.'); time.sleep(0.01)", folder, layers)
    while not (folder / "alive").exists():
        time.sleep(0.01)
    parent.process.kill()
    parent.end()
    deadline = time.monotonic() + 5
    while _runs(pid) and time.monotonic() < deadline:
        time.sleep(0.01)
    assert not _runs(pid)


def _runs(pid: int) -> bool:
    """Return whether a process exists and is not a zombie."""
    try:
        return "State:\tZ" not in Path(f"/proc/{pid}/status").read_text()
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_it_says_how_it_ended(inside: Inside) -> None:
    outcome = inside("import os; os._exit(7)")
    assert (outcome.code, outcome.signal, outcome.reason) == (7, None, "")
    outcome = inside("import os; os.abort()")
    assert outcome.code is None
    assert outcome.signal is not None


# What honest work needs.


def test_a_kernel_that_is_not_forked_answers_from_inside_its_layers(layers: list[str], tmp_path: Path) -> None:
    from jupyter_client.blocking.client import BlockingKernelClient
    from jupyter_client.connect import write_connection_file

    folder, secret = tmp_path / "f", tmp_path / "gradebook.db"
    folder.mkdir()
    secret.write_text("not yours")
    file = str(folder / "kernel.json")
    write_connection_file(file, transport="ipc", ip=str(folder / "k"))
    command = wrap(
        [sys.executable, "-m", "ipykernel_launcher", "-f", file],
        folder=folder,
        readable=readable_by_default(),
        limits=Limits(),
        layers=[Layer(name, True, "") for name in layers],
        environment={"COURSE": "here"},
    )
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as kernel:
        client = BlockingKernelClient(connection_file=file)
        client.load_connection_file()
        client.start_channels(hb=False)
        try:
            client.wait_for_ready(timeout=60)
            source = "import course, os; (os.environ['COURSE'], os.getcwd())"
            reply = client.execute_interactive(
                source, user_expressions={"result": "_"}, output_hook=_ignore, timeout=60
            )
            shown = reply["content"]["user_expressions"]["result"]["data"]["text/plain"]
            # Read back, because IPython breaks a long line.
            assert ast.literal_eval(shown) == ("here", str(folder))
            for attempt in (
                f"open({str(secret)!r})",
                f"__import__('socket').socket(1).connect({str(folder / 'k-1')!r})",
            ):
                reply = client.execute_interactive(attempt, output_hook=_ignore, timeout=60)
                assert reply["content"]["ename"] in REFUSED
        finally:
            client.stop_channels()
            client.context.destroy(linger=0)
            kernel.terminate()


def _ignore(message: dict[str, Any]) -> None:
    """Ignore the output of a cell."""


def test_a_table_a_chart_and_a_ledger(inside: Inside, folder: Path) -> None:
    source = """
import altair, pandas, course
table = pandas.DataFrame({"week": pandas.date_range("2017-12-11", periods=4, freq="W"), "events": [3, 1, 4, 1]})
table.to_csv("events.csv")
chart = altair.Chart(table).mark_line().encode(x="week:T", y="events:Q")
chart.save("events.svg")
chart.save("events.png")
case = course.Case.load()
answer = [len(case.statements), pandas.read_csv("events.csv").events.sum().item()]
"""
    outcome = inside(source)
    assert outcome.error is None, outcome.answer
    assert outcome.answer[1] == 9
    assert (folder / "events.png").read_bytes().startswith(b"\x89PNG")
    assert b"<svg" in (folder / "events.svg").read_bytes()


def test_temporary_files_time_zones_threads_and_databases(inside: Inside) -> None:
    source = """
import concurrent.futures, datetime, sqlite3, tempfile, zoneinfo, numpy
with tempfile.NamedTemporaryFile() as file, tempfile.TemporaryDirectory() as place:
    file.write(b"x")
hour = datetime.datetime(2017, 12, 11, 12, tzinfo=zoneinfo.ZoneInfo("Asia/Damascus")).utcoffset().seconds
with concurrent.futures.ThreadPoolExecutor(4) as pool:
    total = sum(pool.map(lambda n: n * n, range(10)))
database = sqlite3.connect("own.db")
database.execute("create table t (n)")
database.commit()
numpy.arange(3.0).tofile("numbers")
answer = [hour, total]
"""
    outcome = inside(source)
    assert outcome.error is None, outcome.answer
    assert outcome.answer == [7200, 285]


def test_other_programs_run_in_the_same_layers_or_not_at_all(inside: Inside, tmp_path: Path) -> None:
    (tmp_path / "gradebook.db").write_text("not yours")
    source = f"""
import subprocess
done = subprocess.run("echo here; cat {tmp_path}/gradebook.db", shell=True, capture_output=True, text=True)
answer = done.stdout
"""
    outcome = inside(source)
    assert outcome.error == "PermissionError" or outcome.answer == "here\n"


# What is copied in and out.


def test_nothing_but_regular_files_comes_in(tmp_path: Path) -> None:
    source, folder = tmp_path / "submitted", tmp_path / "private"
    (source / "data").mkdir(parents=True)
    (source / "data" / "table.csv").write_text("a,b")
    (tmp_path / "gradebook.db").write_text("not yours")
    (source / "ledger.json").symlink_to(tmp_path / "gradebook.db")
    (source / "others").symlink_to(tmp_path)
    os.mkfifo(source / "endless")
    refused = copy_in(source, folder, Limits())
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*")) == ["data", "data/table.csv"]
    assert refused == [
        "endless is a special file, and was left out.",
        "ledger.json is a link, and was left out.",
        "others is a link, and was left out.",
    ]


def test_new_regular_files_come_out_and_nothing_is_written_over(inside: Inside, folder: Path, tmp_path: Path) -> None:
    destination, gradebook = tmp_path / "autograded", tmp_path / "gradebook.db"
    destination.mkdir()
    gradebook.write_text("19 points")
    (destination / "ledger.json").write_text("as handed in")
    (destination / "elsewhere").symlink_to(tmp_path)
    source = f"""
import os
os.mkdir("figures"); os.mkdir("elsewhere")
for name in ("figures/map.svg", "ledger.json", "elsewhere/gradebook.db", "elsewhere/new", "one"):
    open(name, "w").write("made")
os.symlink({str(gradebook)!r}, "link")
os.link("one", "two")
os.mkfifo("pipe")
"""
    assert inside(source).error is None
    copied, refused = copy_out(folder, destination, Limits())
    assert copied == [Path("figures/map.svg")]
    assert {line.split()[0] for line in refused} == {"elsewhere/new", "link", "one", "two", "pipe"}
    assert (destination / "ledger.json").read_text() == "as handed in"
    assert gradebook.read_text() == "19 points"
    assert not (tmp_path / "new").exists()


def test_no_more_comes_out_than_the_limits_allow(tmp_path: Path) -> None:
    folder, destination = tmp_path / "private", tmp_path / "autograded"
    folder.mkdir()
    destination.mkdir()
    for number in range(5):
        (folder / f"{number}").write_bytes(bytes(1 << 20))
    (folder / "large").write_bytes(bytes(3 << 20))
    copied, refused = copy_out(folder, destination, Limits(files=3, file_mib=2))
    assert copied == [Path("0"), Path("1"), Path("2")]
    assert len(refused) == 1
    assert refused[0].startswith("3 and 2 more left out")


def test_what_a_submission_leaves_can_be_removed_however_deep_and_locked(inside: Inside, folder: Path) -> None:
    source = """
import os
open("kept", "w").close()
os.mkdir("locked")
open("locked/file", "w").close()
os.chmod("locked", 0)
os.chmod("kept", 0)
for _ in range(3000):
    os.mkdir("down")
    os.chdir("down")
"""
    inside(source)
    copy_out(folder, folder.parent / "autograded", Limits())
    remove(folder)
    assert not folder.exists()
