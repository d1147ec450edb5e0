"""Write the settings of each person's server: nbgrader's exchange, its menu, and the kernels' ports."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import course
from course.classroom.gradebook import marking_pages
from course.classroom.hub.workshop import Workshop

FOR_INSTRUCTORS = ("formgrader", "course-list", "create-assignment")
SERVER_PARTS_FOR_INSTRUCTORS = ("formgrader", "course_list")
# Everybody on the machine can connect to a kernel's ports. With encryption, only the kernel's own server can read what
# it sends.
KERNELS = {part: {"transport_encryption": "auto"} for part in ("KernelManager", "MappingKernelManager")}
SHARE = Path(course.__file__).resolve().parent / "share" / "jupyter"
# The hub's own, and the one that `course lab` has too.
LABEXTENSIONS = (Path(__file__).with_name("labextensions"), SHARE / "labextensions")
EXCHANGE_MODULE = "course.classroom.hub.exchange"
SUBMISSION_LIST_MODULE = "course.classroom.gradebook.submission_list"
PORTS_MODULE = "course.classroom.hub.ports"


def for_learner(workshop: Workshop, name: str, folder: Path, first_port: int) -> dict[str, Any]:
    """Return a learner's settings files by path. Assignments go beside the lessons, as the lessons say.

    Kernels use the block of ports that begins at `first_port`.
    """
    hidden = {f"@jupyter/nbgrader:{part}": True for part in FOR_INSTRUCTORS}
    off = {f"nbgrader.server_extensions.{part}": False for part in SERVER_PARTS_FOR_INSTRUCTORS}
    return {
        "jupyter_config.json": KERNELS,
        "nbgrader_config.json": {
            # nbgrader would use the account name, but there is no account, or one for everybody.
            "CourseDirectory": {"course_id": workshop.course, "student_id": name},
            "Exchange": {"root": str(workshop.exchange), "assignment_dir": str(folder / "exercises")},
            "ExchangeFactory": {"submit": f"{EXCHANGE_MODULE}.Submit", "list": f"{EXCHANGE_MODULE}.Listing"},
            "ExchangeFetchAssignment": {"replace_missing_files": True},
            "Submit": {"folder": str(workshop.handed_in / name)},
        },
        # Terminals do not start inside the sandbox.
        "jupyter_server_config.json": {
            "ServerApp": {"jpserver_extensions": off | {PORTS_MODULE: True}, "terminals_enabled": not workshop.sandbox},
            "BlockPortCache": {"first": first_port},
        },
        "jupyter_lab_config.json": {"LabApp": {"extra_labextensions_path": list(map(str, LABEXTENSIONS))}},
        "labconfig/page_config.json": {"disabledExtensions": hidden},
    }


def for_instructor(workshop: Workshop) -> dict[str, Any]:
    """Return an instructor's settings files by path, with all parts of nbgrader enabled."""
    nbgrader = {
        "CourseDirectory": {"course_id": workshop.course},
        "Exchange": {"root": str(workshop.exchange)},
        "ExchangeFactory": {
            "release_assignment": f"{EXCHANGE_MODULE}.ReleaseAssignment",
            "release_feedback": f"{EXCHANGE_MODULE}.ReleaseFeedback",
            "collect": f"{EXCHANGE_MODULE}.Collect",
        },
        "Collect": {
            "handed_in": str(workshop.handed_in),
            "people": str(workshop.people),
            "check_owner": False,
        },
        **marking_pages.SETTINGS,
    }
    # JupyterHub forbids every frame. JupyterLab shows formgrader in one, in a page of the same server.
    headers = {"Content-Security-Policy": "frame-ancestors 'self'"}
    server = {
        "ServerApp": {"tornado_settings": {"headers": headers}, "jpserver_extensions": {SUBMISSION_LIST_MODULE: True}}
    }
    return {"jupyter_config.json": KERNELS, "jupyter_server_config.json": server, "nbgrader_config.json": nbgrader}


def write(folder: Path, files: dict[str, Any]) -> None:
    """Write settings files (as JSON) into a folder that the person's server reads."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
