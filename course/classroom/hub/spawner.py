"""Start a person's server as a local process, in a folder of their own."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

from jupyterhub.spawner import LocalProcessSpawner  # type: ignore[import-untyped]

import course
from course.classroom.hub import ports, settings
from course.classroom.hub.launch_spec import Fence, Seat
from course.classroom.hub.user_ids import FIRST, instructors_number, number_of
from course.classroom.hub.workshop import Workshop

SHARE = Path(course.__file__).resolve().parent / "share" / "jupyter"

# A server and a few kernels have under a hundred, threads counted; a program that starts itself again and again stops
# here instead of taking the machine.
PROCESSES = 500


class SeatSpawner(LocalProcessSpawner):  # type: ignore[misc]
    """Give every learner a folder and every instructor the class's, and start servers that open there."""

    @property
    def _workshop(self) -> Workshop:
        return Workshop.from_environment()

    @property
    def _is_instructor(self) -> bool:
        return self.user.name in self._workshop.instructors

    @property
    def _folder(self) -> Path:
        return self._workshop.class_folder if self._is_instructor else self._workshop.learners / self.user.name

    @property
    def _handed_in(self) -> Path:
        return Path(self._workshop.handed_in, self.user.name)

    async def start(self) -> tuple[str, int]:
        """Make the folder if it is new, and start the server. Return the address it listens on."""
        workshop, folder = self._workshop, self._folder
        number = None
        # The hub itself makes only the empty folder. What goes into it is the seat's matter, with the person's rights.
        folder.mkdir(mode=0o700, exist_ok=True)
        if not self._is_instructor:
            self._handed_in.mkdir(exist_ok=True)
            self._handed_in.chmod(0o750)
        if workshop.own_users:
            record = workshop.numbers
            instructors = instructors_number(record)
            number = instructors if self._is_instructor else number_of(self.user.name, record)
            os.chown(folder, number, number)
            if not self._is_instructor:
                os.chown(self._handed_in, number, instructors)
        seat = Seat(
            folder=str(folder),
            number=number,
            memory_mib=None if self._is_instructor else workshop.memory_mib,
            processes=PROCESSES if workshop.own_users and not self._is_instructor else None,
            lessons=not self._is_instructor,
            fence=self._fence(),
        )
        files = (
            settings.for_instructor(workshop)
            if self._is_instructor
            else settings.for_learner(workshop, self.user.name, folder, ports.block(self._place))
        )
        settings.write(workshop.settings / self.user.name, files)
        self.notebook_dir = str(folder)
        self.default_url = "/lab" if self._is_instructor else "/lab/tree/notebooks/00-start-here.ipynb"
        self.cmd = [sys.executable, "-m", "course.classroom.hub.launch_spec", seat.to_text()]
        self.cmd += [sys.executable, "-m", "jupyterhub.singleuser"]
        if os.geteuid() == 0 and not workshop.own_users:
            # Jupyter refuses to run as root unless it is told.
            self.cmd.append("--allow-root")
        address: tuple[str, int] = await super().start()
        return address

    @property
    def _place(self) -> int:
        """Which learner this is, counted from 0."""
        return number_of(self.user.name, self._workshop.numbers) - FIRST

    def _fence(self) -> Fence | None:
        """Return what a learner's server needs outside its folder; None if it has no fence."""
        workshop = self._workshop
        if self._is_instructor or not workshop.fence:
            return None
        own_settings = workshop.settings / self.user.name
        return Fence(
            readable=[str(own_settings), str(workshop.outbound), str(workshop.python)],
            known=[str(workshop.feedback)],
            droppable=[str(self._handed_in)],
        )

    def make_preexec_fn(self, name: str) -> Callable[[], None] | None:  # noqa: ARG002
        """Leave the new process as it is: the seat does the rest, where it can be seen and tried."""
        return None

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """Add the settings for learners or instructors, and folders that are the person's own."""
        folder = self._folder
        paths = (self._workshop.settings / self.user.name, SHARE)
        scripts = sysconfig.get_path("scripts")
        return env | {
            "USER": self.user.name,
            "LOGNAME": self.user.name,
            "HOME": str(folder),
            "SHELL": "/bin/bash",
            "TMPDIR": str(folder / ".tmp"),
            "JUPYTER_CONFIG_PATH": os.pathsep.join(map(str, paths)),
            "PYTHONPATH": os.pathsep.join(filter(None, (str(self._workshop.python), env.get("PYTHONPATH")))),
            "JUPYTERHUB_ACTIVITY_INTERVAL": str(self._workshop.report_seconds),
            # nbgrader starts `alembic` by its bare name, and a terminal should know `course`.
            "PATH": os.pathsep.join((scripts, env.get("PATH", os.defpath))),
            # Forty learners share the cores; libraries that take them all only get in each other's way.
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
        }
