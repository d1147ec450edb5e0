"""The repository root is the nbgrader course: what nbgrader's own commands, its formgrader and our tests all read."""

import os
import sysconfig
from pathlib import Path

from nbgrader.converters import Autograde
from nbgrader.preprocessors import Execute
from traitlets.config import Config

from course.classroom.gradebook import marking_pages

ROOT = Path(__file__).resolve().parent

# nbgrader starts `alembic` by its bare name when it makes a gradebook, which fails where the environment is not
# activated (`make`, or JupyterLab started by `course lab`).
SCRIPTS = sysconfig.get_path("scripts")
if SCRIPTS not in os.environ.get("PATH", "").split(os.pathsep):
    os.environ["PATH"] = os.pathsep.join((SCRIPTS, os.environ.get("PATH", os.defpath)))

c = get_config()  # noqa: F821 - traitlets puts it here

c.CourseDirectory.course_id = "completely-free"
c.CourseDirectory.root = str(ROOT)
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "exercises"
# The gradebook stays nbgrader's default, gradebook.db beside this file. A large class sets CourseDirectory.db_url to a
# PostgreSQL address instead.

# A stub that runs silently, at the top of a cell as well as inside a function: Run All must never stop at an
# exercise nobody has begun. The checks say what is not answered yet.
c.ClearSolutions.code_stub = {"python": "pass  # your code here, instead of this line"}
c.ClearSolutions.text_stub = "*Your answer here, instead of this line.*"

# A cell that takes a minute is stuck: no cell of ours needs more than a few seconds.
c.Execute.timeout = 60

# nbgrader lays the files of solutions/ over a submission before it grades. A ledger left there by trying out an
# exercise would replace the learner's own, which is graded with the notebook.
c.Autograde.exclude_overwriting = {
    folder.name: [ledger.name for ledger in folder.glob("ledger*.json")] for folder in (ROOT / "solutions").glob("*/")
}

# Tables appear as tables while marking and in feedback, and nothing a learner wrote runs in either. Feedback calls the
# questions by their names; formgrader shows the mark schemes.
c.merge(Config(marking_pages.SETTINGS))

# A submission runs in a kernel that is forked, shut into a folder of its own, and its checks in another. The same step
# serves `nbgrader autograde`, formgrader's button and `course grade`; only the last takes all cores.
c.Autograde.autograde_preprocessors = [
    "course.classroom.grading.execute.Execute" if step is Execute else step
    for step in Autograde.autograde_preprocessors.default()
]
