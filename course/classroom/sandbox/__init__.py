"""Run what was handed in inside layers that keep it from everything but its own folder.

A child is forked, enters every layer this machine has, and only then runs. Each layer is a part of the system that is
kept by others, and each is there in case another one fails or is missing:

- a private folder with HOME and TMPDIR in it, a clean environment, no open files but those it needs, a session of its
  own, and limits (`limits`): always;
- namespaces (`namespaces`): no other process, no network, a root folder with nothing in it but what it may read, and a
  user of its own where root grades;
- Landlock (`landlock`): no file beyond that, no TCP, no signals to others;
- Seccomp (`seccomp`): no sockets, no tracing, no mounts;
- the sandbox of macOS (`macos`).

`layers` names them, `paths` says what can be read beside them, `layer_probe` tries each of them on this machine, and
where there is no barrier around files, `has_barrier` says so. `process` knows a child from its fork to its end, `enter`
what it does in between before it runs anything, and `wrapped_command` how a program that is not forked gets there.
"""

from course.classroom.sandbox.layer_probe import probe
from course.classroom.sandbox.layers import IsolationError, Layer, has_barrier
from course.classroom.sandbox.limits import Limits
from course.classroom.sandbox.paths import readable_by_default
from course.classroom.sandbox.process import ExitStatus, SandboxedProcess, start
from course.classroom.sandbox.wrapped_command import wrap

__all__ = [
    "ExitStatus",
    "IsolationError",
    "Layer",
    "Limits",
    "SandboxedProcess",
    "has_barrier",
    "probe",
    "readable_by_default",
    "start",
    "wrap",
]
