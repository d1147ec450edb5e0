"""What one person's server reads beside the course's own settings: nbgrader's way to the exchange, and its menu."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from course.classroom.hub.workshop import Workshop

FOR_INSTRUCTORS = ("formgrader", "course-list", "create-assignment")
SERVER_PARTS_FOR_INSTRUCTORS = ("formgrader", "course_list")
# A kernel says what its notebook does to whoever listens at its port, and everybody on the machine can. With keys of
# its own, only the server it belongs to understands it.
KERNELS = {part: {"transport_encryption": "auto"} for part in ("KernelManager", "MappingKernelManager")}
EXCHANGE_MODULE = "course.classroom.hub.exchange"
PORTS_MODULE = "course.classroom.hub.ports"


def for_learner(workshop: Workshop, name: str, folder: Path, first_port: int) -> dict[str, Any]:
    """Return the files, by their paths, for a learner: assignments go beside the lessons, where the lessons say.

    Kernels take the block of ports that begins at `first_port`.
    """
    hidden = {f"@jupyter/nbgrader:{part}": True for part in FOR_INSTRUCTORS}
    off = {f"nbgrader.server_extensions.{part}": False for part in SERVER_PARTS_FOR_INSTRUCTORS}
    return {
        "jupyter_config.json": KERNELS,
        "nbgrader_config.json": {
            # nbgrader would ask the system for the name, and the system knows none, or one for all.
            "CourseDirectory": {"course_id": workshop.course, "student_id": name},
            "Exchange": {"root": str(workshop.exchange), "assignment_dir": str(folder / "exercises")},
            "ExchangeFactory": {"submit": f"{EXCHANGE_MODULE}.Submit"},
            "Submit": {"place": str(workshop.handed_in / name)},
        },
        # A terminal inside the fence would not start.
        "jupyter_server_config.json": {
            "ServerApp": {"jpserver_extensions": off | {PORTS_MODULE: True}, "terminals_enabled": not workshop.fence},
            "PortsOfTheSeat": {"first": first_port},
        },
        "labconfig/page_config.json": {"disabledExtensions": hidden},
    }


def for_instructor(workshop: Workshop) -> dict[str, Any]:
    """Return the files, by their paths, for an instructor: everything nbgrader has."""
    nbgrader = {
        "CourseDirectory": {"course_id": workshop.course},
        "Exchange": {"root": str(workshop.exchange)},
        "ExchangeFactory": {
            "release_assignment": f"{EXCHANGE_MODULE}.ReleaseAssignment",
            "release_feedback": f"{EXCHANGE_MODULE}.ReleaseFeedback",
            "collect": f"{EXCHANGE_MODULE}.Collect",
        },
        "Collect": {"handed_in": str(workshop.handed_in), "check_owner": False},
        # What a learner's cell shows could be a script, and formgrader would run it as the instructor.
        "HTMLExporter": {"sanitize_html": True},
    }
    return {"jupyter_config.json": KERNELS, "nbgrader_config.json": nbgrader}


def write(folder: Path, files: dict[str, Any]) -> None:
    """Write the files where every server can read them."""
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
