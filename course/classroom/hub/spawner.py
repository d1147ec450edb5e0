"""Start each person's server as a local process in that person's folder."""

from __future__ import annotations

import os
import sys
import sysconfig
from collections.abc import Callable
from pathlib import Path

from jupyterhub.spawner import LocalProcessSpawner  # type: ignore[import-untyped]

from course.classroom.hub import ports, settings
from course.classroom.hub.launch_spec import LaunchSpec
from course.classroom.hub.user_ids import FIRST, instructors_user_id, user_id_of
from course.classroom.hub.workshop import Workshop

# A server and a few kernels have under a hundred processes and threads. A fork bomb stops here instead of taking the
# whole machine.
PROCESSES = 500


class WorkshopSpawner(LocalProcessSpawner):  # type: ignore[misc]
    """Start a learner's server in a folder of its own, and an instructor's in the class folder."""

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
        """Create the person's folder if needed, start the server and return its address and port."""
        workshop, folder = self._workshop, self._folder
        user_id = None
        # The hub creates only the empty folder. `launch_spec` fills it, with the person's rights.
        folder.mkdir(mode=0o700, exist_ok=True)
        if not self._is_instructor:
            self._handed_in.mkdir(exist_ok=True)
            self._handed_in.chmod(0o750)
        if workshop.own_users:
            record = workshop.user_ids
            instructors = instructors_user_id(record)
            user_id = instructors if self._is_instructor else user_id_of(self.user.name, record)
            os.chown(folder, user_id, user_id)
            if not self._is_instructor:
                os.chown(self._handed_in, user_id, instructors)
        spec = LaunchSpec(
            folder=str(folder),
            user_id=user_id,
            memory_mib=None if self._is_instructor else workshop.memory_mib,
            processes=PROCESSES if workshop.own_users and not self._is_instructor else None,
            lessons=not self._is_instructor,
            sandbox=self._sandbox_paths(),
        )
        files = (
            settings.for_instructor(workshop)
            if self._is_instructor
            else settings.for_learner(workshop, self.user.name, folder, ports.first_port(self._index))
        )
        settings.write(workshop.settings / self.user.name, files)
        self.notebook_dir = str(folder)
        self.default_url = "/lab" if self._is_instructor else "/lab/tree/notebooks/00-start-here.ipynb"
        self.cmd = [sys.executable, "-m", "course.classroom.hub.launch_spec", spec.to_text()]
        self.cmd += [sys.executable, "-m", "jupyterhub.singleuser"]
        if os.geteuid() == 0 and not workshop.own_users:
            # Jupyter refuses to run as root without this option.
            self.cmd.append("--allow-root")
        address: tuple[str, int] = await super().start()
        return address

    @property
    def _index(self) -> int:
        """Position of this learner among all users, counted from 0."""
        return user_id_of(self.user.name, self._workshop.user_ids) - FIRST

    def _sandbox_paths(self) -> dict[str, list[str]] | None:
        """Return the paths a learner's server needs outside its folder; None if it runs without a sandbox."""
        workshop = self._workshop
        if self._is_instructor or not workshop.sandbox:
            return None
        own_settings = workshop.settings / self.user.name
        return {
            "readable": [str(own_settings), str(workshop.outbound), str(workshop.python)],
            "known": [str(workshop.feedback)],
            "droppable": [str(self._handed_in)],
        }

    def make_preexec_fn(self, name: str) -> Callable[[], None] | None:  # noqa: ARG002
        """Return None: `launch_spec` sets users and limits, in a process that tests can start on its own."""
        return None

    def user_env(self, env: dict[str, str]) -> dict[str, str]:
        """Add the paths to the person's settings and folders."""
        folder = self._folder
        paths = (self._workshop.settings / self.user.name, settings.SHARE)
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
            # nbgrader starts `alembic` from PATH, and `course` should work in a terminal.
            "PATH": os.pathsep.join((scripts, env.get("PATH", os.defpath))),
            # Forty learners share the cores, so numerical libraries must not start a thread for each core.
            "OPENBLAS_NUM_THREADS": "1",
            "OMP_NUM_THREADS": "1",
        }
