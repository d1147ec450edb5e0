"""`course grade --scheduler`: notebooks run on a real Dask cluster of processes, and grades are the same."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import psutil
import pytest

from tests.classroom.grading.command import COURSE, RIGHT, begin, by_student, grade, journal, new_course, slow_class

pytestmark = [pytest.mark.nbgrader, pytest.mark.filterwarnings("ignore::sqlalchemy.exc.SAWarning")]

CLUSTER = """
import sys
from distributed import LocalCluster

if __name__ == "__main__":
    with LocalCluster(n_workers=2, threads_per_worker=1, host="127.0.0.1", dashboard_address=None) as cluster:
        print(cluster.scheduler_address, *(nanny.pid for nanny in cluster.workers.values()), flush=True)
        sys.stdin.read()
"""


@dataclass(frozen=True)
class Machines:
    """A cluster: the scheduler's address, and the processes of its workers."""

    address: str
    workers: tuple[int, ...]


@pytest.fixture(scope="module")
def machines(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machines]:
    script = tmp_path_factory.mktemp("cluster") / "cluster.py"
    script.write_text(CLUSTER)
    with subprocess.Popen(
        [sys.executable, script], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        assert process.stdin
        address, *workers = process.stdout.readline().split()
        yield Machines(address, tuple(map(int, workers)))
        process.stdin.close()


def test_files_go_there_and_back_and_scores_are_the_same(machines: Machines, tmp_path: Path) -> None:
    course = new_course(tmp_path)
    reads = "repeats = open('answer.txt').read().split()\nopen('made.txt', 'w').write('made')"
    course.hand_in("ada", RIGHT | {"repeats": reads}, {"answer.txt": "S02 S03"})
    course.hand_in("ben", {"repeats": "import os; os._exit(3)"})
    document = grade(course, "--scheduler", machines.address)
    outcomes = by_student(document)
    assert (outcomes["ada"]["score"], outcomes["ben"]["score"]) == (3, 0)
    assert "The notebook ended Python" in outcomes["ben"]["notes"][0]
    assert {layer["name"] for layer in document["layers"] if layer["active"]}
    assert (course.folder / "autograded" / "ada" / "sample" / "made.txt").read_text() == "made"


def test_what_a_lost_machine_had_is_given_to_another(machines: Machines, tmp_path: Path) -> None:
    course = slow_class(tmp_path)
    process = begin(course, "--scheduler", machines.address)
    psutil.Process(machines.workers[0]).kill()
    assert process.communicate()[0].count("3 of 6 points") == 6
    assert process.returncode == 0
    assert len(journal(course, "ended")) == 8


def test_an_address_where_no_scheduler_is_is_refused(tmp_path: Path) -> None:
    course = new_course(tmp_path)
    course.hand_in("ada", RIGHT)
    done = subprocess.run(
        [COURSE, "grade", "--scheduler", "tcp:/nowhere"], capture_output=True, text=True, check=False, cwd=course.folder
    )
    assert done.returncode == 2
    assert "No Dask scheduler answers at tcp:/nowhere" in done.stderr
