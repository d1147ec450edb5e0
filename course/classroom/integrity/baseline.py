"""Record what tests depend on before the first cell runs, and compare it whenever a test runs."""

from __future__ import annotations

import builtins
import signal
import sys
import threading
import traceback
import types
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Literal

from course.classroom.integrity.fingerprint import fingerprint
from course.classroom.integrity.hiding import hidden, named
from course.classroom.integrity.kept import functions, holders
from course.classroom.integrity.learners import is_learners, is_learners_code
from course.classroom.integrity.machine import listeners, machine
from course.classroom.integrity.names import FACTS, WORDS, Names, is_true
from course.classroom.integrity.watch import Watch

Role = Literal["learner", "locked", "test", "canary"]
"""Whose code a cell is: the learner's, the instructor's (a locked cell), a test, or a canary."""


class Baseline:
    """What tests depend on, as it was before the first cell ran, and every change detected since.

    Parameters
    ----------
    shell : ipykernel.zmqshell.ZMQInteractiveShell
        The kernel's shell, after all libraries are imported.
    """

    def __init__(self, shell: Any) -> None:
        self._shell, self._namespace = shell, shell.user_ns
        self._holders = list(holders())
        self._machine = {name: (thing, type(thing), dict(vars(thing))) for name, thing in machine(shell).items()}
        self._listeners = {name: list(things) for name, things in listeners(shell).items()}
        self._checks = {
            name: check
            for module in ("expect", "expect_chart", "exercise")
            for name, check in vars(sys.modules.get(f"course.checks.{module}", types)).items()
            if name.startswith("expect")
        }
        self._defined: dict[str, Any] = {}
        self._answers: set[str] = set()
        self._changes: dict[str, None] = {}
        self.passed = 0
        """How many tests have passed, as counted in the kernel."""
        # Keep these methods in the instance: replacing one in the class later has no effect here, and is detected.
        for name in ("around", "report", "changes", "_redefined", "_replaced", "_moved", "_listening"):
            setattr(self, name, getattr(self, name))
        self._watch = Watch({id(function): name for name, function in functions(self._holders)})

    def report(self) -> dict[str, Any]:
        """Return a description of each change so far, and how many tests have passed."""
        return {"changes": list(self._changes | dict.fromkeys(self._watch.seen)), "passed": self.passed}

    def changes(self) -> list[str]:
        """Compare everything now; return a description of each change so far."""
        with self._watch.paused():
            for changes in (self._replaced(), self._moved(), self._listening(), self._watch.seen):
                self._changes |= dict.fromkeys(changes)
        return list(self._changes)

    @contextmanager
    def around(self, role: Role, source: str) -> Iterator[None]:
        """Watch one cell, which runs inside of this context.

        Parameters
        ----------
        role : str
            Whose code it is.
        source : str
            Its source.
        """
        # Keep what a cell replaces alive until the cell ends: the finalizer of an object that is deleted during a test
        # would run then, and could read the test's variables.
        held = dict(self._namespace)
        if role == "test":
            self.changes()
            words = WORDS.findall(source)
            self._changes |= dict.fromkeys(self._redefined(words, source))
            before = {name: fingerprint(held[name]) for name in self._answers.intersection(words) if name in held}
            with self._watch.during_test(), hidden(self._shell, self._watch.instructors):
                yield
            self.passed += bool(self._shell.last_execution_succeeded)
            if changed := [name for name in before if before[name] != fingerprint(self._namespace.get(name))]:
                self._changes |= dict.fromkeys(
                    f"{name}, which a test looks at, was changed while the test ran"
                    for name in Names(source).read.intersection(changed)
                )
        elif role == "locked":
            with named(self._shell, self._watch.instructors):
                yield
        else:
            yield
        new = {name: value for name, value in self._namespace.items() if held.get(name) is not value}
        if role == "learner":
            self._answers |= new.keys()
        elif role != "canary":
            self._defined |= {
                name: value
                for name, value in new.items()
                if isinstance(value, types.FunctionType | type | types.ModuleType)
            }

    def _redefined(self, words: Iterable[str], source: str) -> Iterator[str]:
        """Find names that a test uses and that are not what the course, a locked cell or Python defined."""
        replaced, own = [], []
        for name in self._namespace.keys() & set(words):
            value = self._namespace[name]
            if value is not self._defined.get(name, self._checks.get(name, value)):
                replaced.append(name)
            elif name in FACTS and callable(value) and not is_true(name, value):
                own.append(name)
        if replaced or own:
            used = Names(source).used
            yield from (f"{name}, which a test uses, was replaced" for name in sorted(used.intersection(replaced)))
            yield from (f"{name}, which a test uses, is not Python’s" for name in sorted(used.intersection(own)))

    def _replaced(self) -> Iterator[str]:
        for holder in self._holders:
            if not holder.is_as_it_was():
                yield from holder.changes()
        now = machine(self._shell)
        for name, (thing, kind, was) in self._machine.items():
            if type(thing) is not kind or now.get(name) is not thing:
                yield f"{name} was replaced"
            for key, value in vars(thing).items():
                if was.get(key) is not value and callable(value) and hasattr(kind, key) and is_learners(value):
                    yield f"{key} of {name} was replaced"

    def _moved(self) -> Iterator[str]:
        if self._shell.user_ns is not self._namespace or type(self._namespace) is not dict:
            yield "the notebook’s names were moved to another namespace"
        elif not all(type(name) is str for name in self._namespace):
            yield "a name of the notebook’s is no text and runs code whenever a name is looked up"
        own = self._namespace.get("__builtins__", builtins)
        if own is not builtins and own is not vars(builtins):
            yield "__builtins__ was replaced"

    def _listening(self) -> Iterator[str]:
        """Find learner's code that runs by itself, or that comes between a cell and its result."""
        for name, things in listeners(self._shell).items():
            known = {id(thing) for thing in self._listeners.get(name, ())}
            if any(id(thing) not in known and is_learners(thing) for thing in things):
                yield f"code of the notebook’s own was added to {name}"
        if self._shell.custom_exceptions:
            yield "a handler for exceptions was set in IPython"
        if any(any(signal.getitimer(which)) for which in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL)):
            yield "a timer was running"
        here = threading.get_ident()
        for number, frame in sys._current_frames().items():
            if number != here and any(is_learners_code(caller.f_code) for caller, _ in traceback.walk_stack(frame)):
                yield "a thread of the notebook’s own was running"
        if any(
            isinstance(thread, threading.Timer) and is_learners(thread.function) for thread in threading.enumerate()
        ):
            yield "a timer was running"
