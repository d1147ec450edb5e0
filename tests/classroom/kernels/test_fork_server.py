"""The fork server has one thread, leaves nothing behind, and does not trust what its children send."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from jupyter_client.session import Session

from course.classroom.kernels.fork_server_client import LIBRARIES, get_fork_server
from course.classroom.kernels.framing import Decoder, FramingError, encode
from tests.classroom.grading.test_execute import GOOD, points, run, text_of

FORKER = """
import os
from course.classroom.kernels.fork_server_client import get_fork_server
from tests.classroom.grading.test_execute import run, text_of
from pathlib import Path
get_fork_server()
for number in range(2):
    if os.fork() == 0:
        place = Path(str(number))
        place.mkdir()
        word = text_of(run([f"{number} + 40"], place).cells[0])
        parent = get_fork_server()
        os.write(1, f"{word} {parent._process is None}\\n".encode())
        os._exit(0)
for number in range(2):
    os.wait()
"""
GRADER = """
import asyncio, sys
from course.classroom.kernels.manager import ForkedKernelManager
from course.classroom.kernels.fork_server_client import get_fork_server
async def main():
    manager = ForkedKernelManager()
    await manager.start_kernel(cwd=sys.argv[1])
    client = manager.client()
    client.execute("import os, time\\nif os.fork() == 0: os.setsid()\\ntime.sleep(600)")
    print("begun", flush=True)
    await asyncio.sleep(600)
asyncio.run(main())
"""


def waited(condition: Callable[[], bool], seconds: float = 30) -> bool:
    """Wait until something is so, and return whether it is."""
    until = time.monotonic() + seconds
    while not condition() and time.monotonic() < until:
        time.sleep(0.05)
    return condition()


@pytest.mark.nbgrader
def test_the_fork_server_has_one_thread_and_everything_it_needs() -> None:
    about = get_fork_server().about()
    assert about["threads"] == 1
    assert about["failures"] == {}
    assert "pandas" in LIBRARIES


@pytest.mark.nbgrader
def test_everything_ends_when_the_grading_process_is_killed(tmp_path: Path) -> None:
    grader = subprocess.Popen([sys.executable, "-P", "-c", GRADER, str(tmp_path)], stdout=subprocess.PIPE)
    assert grader.stdout is not None
    assert grader.stdout.readline() == b"begun\n"
    process = psutil.Process(grader.pid)
    # The fork server, the child, and what the child has started.
    assert waited(lambda: len(process.children(recursive=True)) >= 3)
    family = process.children(recursive=True)
    os.kill(grader.pid, signal.SIGKILL)
    grader.wait()
    grader.stdout.close()
    assert waited(lambda: not any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in family))


@pytest.mark.nbgrader
def test_forked_processes_share_one_fork_server(tmp_path: Path) -> None:
    path = {"PYTHONPATH": str(Path(__file__).parents[3])}
    done = subprocess.run(
        [sys.executable, "-P", "-c", FORKER], cwd=tmp_path, env=os.environ | path, capture_output=True, check=True
    )
    assert sorted(done.stdout.decode().split("\n")) == ["", "40 True", "41 True"]


@pytest.mark.nbgrader
def test_nothing_of_one_notebook_is_in_the_next(tmp_path: Path) -> None:
    first = "import pandas, os, sys\npandas.left = os.environ['LEFT'] = sys.left = 'behind'\nopen('left', 'w').close()"
    looks = (
        "import pandas, os, sys\nhasattr(pandas, 'left'), 'LEFT' in os.environ, hasattr(sys, 'left'), 'first' in dir()"
    )
    for name in ("one", "two"):
        (tmp_path / name).mkdir()
    run(["first = 1", first], tmp_path / "one")
    assert text_of(run([looks], tmp_path / "two").cells[0]) == "(False, False, False, False)"


@pytest.mark.nbgrader
@pytest.mark.parametrize(
    ("imports", "enabled"),
    [
        ("from course import Case, EvidenceBoard", "default"),
        ("import course.charts", "course"),
        ("from course import charts\ncharts.timeline", "course"),
        ("from course.charts.theme import INK", "course"),
        ("import course.charts.rendering\ncourse.charts.rendering.render", "course"),
    ],
)
def test_the_course_s_charts_change_altair_only_where_they_are_imported(
    tmp_path: Path, imports: str, enabled: str
) -> None:
    active = "import altair\naltair.renderers.active, altair.theme.active"
    assert text_of(run([f"{imports}\n{active}"], tmp_path).cells[0]) == str((enabled, enabled))


@pytest.mark.nbgrader
def test_children_do_not_produce_the_same_random_numbers(tmp_path: Path) -> None:
    throw = "import random, numpy\nrandom.random(), float(numpy.random.random())"
    assert text_of(run([throw], tmp_path).cells[0]) != text_of(run([throw], tmp_path).cells[0])


@pytest.mark.nbgrader
def test_notebook_knows_nothing_of_whoever_grades(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "secret")
    monkeypatch.setenv("NBGRADER_EXECUTION", "autograde")
    shown = run(["import os\nsorted(os.environ), os.environ['NBGRADER_EXECUTION']"], tmp_path).cells[0]
    assert "'autograde'" in text_of(shown)
    assert "TOKEN" not in text_of(shown)


@pytest.mark.nbgrader
@pytest.mark.parametrize(
    "forged",
    [
        b"\xff\xfe no line of ours\n",
        b'["iopub", "", "stream", "", -1]\n',
        b'["iopub", "", "stream", "", 4]\nnull',
        b"x" * 5000,
        json.dumps(["iopub", "stream", "", 10**12]).encode() + b"\n",
    ],
)
def test_other_bytes_than_messages_cost_only_what_comes_after_them(tmp_path: Path, forged: bytes) -> None:
    send = f"import os\nfor number in range(3, 20):\n    try: os.write(number, {forged!r})\n    except OSError: pass"
    assert points(run([GOOD, f"{send}\nimport time\ntime.sleep(60)", GOOD], tmp_path, timeout=2))[0] == 1


@pytest.mark.nbgrader
@pytest.mark.parametrize("kind", ["status", "error"])
def test_messages_without_end_cost_only_what_comes_after_them(tmp_path: Path, kind: str) -> None:
    # As many as a grading process could hold for hours: the kind that it needs, and one with a new parent each time.
    flood = f"""
session = get_ipython().kernel.session
number = 0
while True:
    number += 1
    session.send("iopub", {kind!r}, {{"status": "x" * 20_000}}, parent={{"msg_id": str(number)}})
"""
    assert points(run([GOOD, flood, GOOD], tmp_path, timeout=60))[0] == 1


MESSAGES = st.lists(st.tuples(st.text(), st.lists(st.binary(max_size=50), max_size=3)), max_size=5)


@given(MESSAGES, st.integers(1, 40))
def test_messages_come_out_as_they_went_in_however_they_are_cut(
    sent: list[tuple[str, list[bytes]]], length: int
) -> None:
    session = Session(key=b"unsigned")
    stream = b"".join(
        encode("iopub", session.msg("stream", {"text": text}), session.pack, buffers) for text, buffers in sent
    )
    decoder = Decoder()
    came = [
        (message["content"]["text"], [bytes(buffer) for buffer in message["buffers"]])
        for start in range(0, len(stream), length)
        for _, message in decoder.feed(stream[start : start + length])
        if message is not None
    ]
    assert came == sent


def test_message_that_is_not_wanted_is_never_held_in_memory() -> None:
    session = Session(key=b"unsigned")
    decoder = Decoder(lambda envelope: envelope.size < 1000)
    large, small = (encode("iopub", session.msg("stream", {"text": text}), session.pack) for text in ("x" * 5000, "y"))
    came = list(decoder.feed(large + small))
    assert [message is None for _, message in came] == [True, False]


def test_message_must_be_what_its_line_says() -> None:
    session = Session(key=b"unsigned")
    reply = encode("shell", session.msg("execute_reply", {}), session.pack).replace(b'"execute_reply"', b'"status"', 1)
    with pytest.raises(FramingError, match="not the 'status'"):
        list(Decoder().feed(reply))
