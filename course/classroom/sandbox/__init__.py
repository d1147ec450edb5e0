"""Run a submission inside layers of isolation that keep it away from everything but its own folder.

A child process is forked, enters every layer that this machine supports, and only then runs the submission. The layers
are independent of each other, so that one can fail or be missing:

- always: a private folder with HOME and TMPDIR in it, a clean environment, no inherited file descriptors, a session of
  its own, and resource limits;
- namespaces: no other process, no network, a root file system that holds only what the submission may read, and a user
  ID of its own where the grader is root;
- Landlock: no file outside of that, no TCP, no signals to other processes;
- seccomp: no sockets, no ptrace, no mounts.

All three are Linux's. Other systems have no barrier around files; `has_barrier` says so.

The modules, in reading order: `layers` names the layers, and `layer_probe` tries each of them on this machine.
`process` starts a child, watches it and ends it; `enter` is what the child does between the fork and the submission.
`paths` lists what a submission may read, `limits` what it may use, and `scratch_folder` copies its files in and out.
`namespaces`, `landlock` and `seccomp` are one layer each, built on the system calls in `linux`. `wrapped_command`
sandboxes a program that is executed instead of forked, such as a kernel of another language. `server_sandbox` is the
lighter sandbox of a learner's Jupyter server on a hub where all learners share one system user.

Nothing here imports nbgrader, Jupyter or another part of the course.
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
