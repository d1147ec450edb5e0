"""Does the kernel still grade as the instructor meant it to? What is compared before, while and after a test runs.

Learner and test share one process, as nbgrader has it, so nothing in it can be proof against the learner's code. What
is done makes each known way to points that were not earned either fail or be noticed:

- A canary (`canary`) after each passed test must raise. It notices asserts that are taken out, checks that let
  everything through, exceptions that are swallowed, and answers that are equal to everything. The grading process
  makes it from random words and reads what becomes of it off the kernel's reply.
- A `Baseline`, taken before the first cell runs, knows what tests rest on, by identity and not by name. What was
  replaced, and who listens in (a trace, a thread, a signal, a hook into IPython), is found before each test and when
  `Baseline.changes` is asked. What the instructor's own locked cells define must still be the same when a test uses
  it, and an answer must not change while a test looks at it.
- While a test runs, an audit hook sees code of the learner's that climbs into the test's frames, where the right
  answers are; at any time, code that rewrites a function of ours in place. Python cannot take an audit hook out again.
- The kernel counts the tests that passed in it, so that an answer sent in its name before its own is noticed.
- A test's source is in no process of the learner's before its turn, and it is kept out of `In`, the history, the
  kernel's messages and `linecache` while it runs and afterwards.

What is *not* certain: code that knows this module can look for it in memory and disarm it, or answer in the kernel's
name. What a function picks up from a test's global names, which the released notebook shows, is no tampering. And what
a later cell learns of a test that is over changes no score; nbgrader's own feedback shows hidden tests, too.
"""

from __future__ import annotations

import ast
import asyncio.base_tasks
import asyncio.tasks
import bdb
import builtins
import functools
import gc
import hashlib
import inspect
import linecache
import pickle
import re
import signal
import site
import sys
import sysconfig
import threading
import traceback
import types
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from operator import is_
from pathlib import Path
from typing import Any, Final, Literal

Role = Literal["learner", "locked", "test", "canary"]
"""Whose code a cell is: the learner's, the instructor's own (a locked cell), a test's, or a canary."""


class Tampered(Exception):  # noqa: N818 - nothing is wrong with the program
    """A submission interfered with its own grading. The message says how, in words for the instructor."""


EXACT: Final = ("builtins", "course", "pandas.testing", "pandas._testing", "numpy.testing", "unittest.case")
"""Packages and modules in which nothing may be replaced by anything: tests are written with them."""
KEPT: Final = (
    "inspect", "math", "operator", "numbers", "json", "IPython.core.interactiveshell", "IPython.core.compilerop",
    "IPython.core.events", "IPython.core.history", "IPython.core.inputtransformer2", "IPython.core.displayhook",
    "ipykernel.ipkernel", "ipykernel.kernelbase", "ipykernel.zmqshell", "jupyter_client.session",
)  # fmt: skip
"""Modules in which nothing may be replaced by the learner's code. What a library does to them is its own affair."""
KEPT_CLASSES: Final = {
    "pandas": ("DataFrame", "Series", "Index", "Timestamp"),
    "altair": ("Chart", "LayerChart", "TopLevelMixin"),
}
"""Classes of libraries for which the same holds."""
NOT_KEPT: Final = frozenset({"_", "__", "___"})
"""Names in `builtins` that belong to whoever displays something."""
INTO_FRAMES: Final = frozenset({"sys._getframe", "sys._current_frames", "gc.get_objects", "gc.get_referrers"})
"""What Python's audit events call the ways from running code to another's variables."""
FRAMES_OF: Final = frozenset({"tb_frame", "gi_frame", "cr_frame", "ag_frame"})
"""Attributes that lead there, too."""
HANDS_ON: Final = frozenset(
    module.__file__ for module in (inspect, traceback, bdb, asyncio.tasks, asyncio.base_tasks) if module.__file__
)
"""Modules that hand frames on to their caller."""
REWRITES: Final = frozenset({"__code__", "__defaults__", "__kwdefaults__"})
"""Attributes of a function that say what it does."""
FACTS: Final = {
    "abs": "abs(-{0}) == {0}",
    "all": "all([{0}, 0]) is False and all([{0}]) is True",
    "any": "any([0, {0}]) is True and any([0]) is False",
    "bool": "bool({0}) is True and bool(0) is False",
    "dict": "dict([({0}, 1)]) == {{{0}: 1}}",
    "float": "float('{0}.5') == {0}.5",
    "int": "int('{0}') == {0}",
    "isinstance": "isinstance({0}, str) is False and isinstance('{0}', str) is True",
    "len": "len('{0}' * 5) == 20",
    "list": "list(({0}, 1)) == [{0}, 1]",
    "max": "max([{0}, 3, {0} + 7]) == {0} + 7",
    "min": "min([{0}, 3, {0} + 7]) == 3",
    "round": "round({0}.2345, 2) == {0}.23",
    "set": "set([{0}, {0}, 2]) == {{2, {0}}}",
    "sorted": "sorted([{0}, 3, {0} - 7]) == [3, {0} - 7, {0}]",
    "str": "str({0}) == '{0}'",
    "sum": "sum([{0}, 3]) == {0} + 3",
    "tuple": "tuple([{0}, 1]) == ({0}, 1)",
    "type": "type({0}) is (1).__class__",
    "zip": "[pair for pair in zip([{0}], [3])] == [({0}, 3)]",
}
"""What is true of built-in functions, for a number of four figures: a notebook may call its own function `sum`, but
where a test uses it, it must do what its name says."""
SIGNALS: Final = tuple(
    getattr(signal, name) for name in ("SIGALRM", "SIGVTALRM", "SIGPROF", "SIGUSR1", "SIGUSR2", "SIGINT", "SIGTERM",
    "SIGHUP", "SIGCHLD", "SIGIO", "SIGWINCH", "SIGURG", "SIGTRAP") if hasattr(signal, name)
)  # fmt: skip
"""Signals that come by themselves, or that another process may send."""
LARGEST: Final = 1 << 20
"""Bytes of an answer that are compared; what is longer is compared up to here."""
MOST_CELLS: Final = 100_000
"""Cells of a table that are compared; of a larger one, only whether it is still the same."""


def _roots() -> tuple[str, ...]:
    paths = sysconfig.get_paths()
    places = {paths[name] for name in ("stdlib", "platstdlib", "purelib", "platlib")}
    places |= {*site.getsitepackages(), site.getusersitepackages(), str(Path(__file__).parents[2])}
    return (*(str(Path(place, "_"))[:-1] for place in sorted(places)), "<frozen ")


ROOTS: Final = _roots()
"""Where code lies that is not the learner's."""


class Baseline:
    """What tests rest on, as it was before the first cell ran, and what was found to be different since.

    Parameters
    ----------
    shell : ipykernel.zmqshell.ZMQInteractiveShell
        The kernel's shell, when everything is imported that every notebook starts with.
    """

    def __init__(self, shell: Any) -> None:
        self._shell, self._namespace = shell, shell.user_ns
        self._holders = list(_holders())
        self._machine = {name: (thing, type(thing), dict(vars(thing))) for name, thing in _machine(shell).items()}
        self._listeners = {name: list(things) for name, things in _listeners(shell).items()}
        self._checks = {
            name: check
            for module in ("feedback", "chart_feedback", "exercise")
            for name, check in vars(sys.modules.get(f"course.{module}", types)).items()
            if name.startswith("expect")
        }
        self._defined: dict[str, Any] = {}
        self._answers: set[str] = set()
        self._found: dict[str, None] = {}
        self.passed = 0
        """How many tests have passed, as it looks from here."""
        # Who replaces a method of this class later does not take it from here, and is found by it.
        for name in ("around", "report", "changes", "_redefined", "_replaced", "_moved", "_listening"):
            setattr(self, name, getattr(self, name))
        self._watch = _Watch({id(function): name for name, function in _functions(self._holders)})

    def report(self) -> dict[str, Any]:
        """Return what was found so far, in words, and how many tests have passed."""
        return {"changes": list(self._found | dict.fromkeys(self._watch.seen)), "passed": self.passed}

    def changes(self) -> list[str]:
        """Look for what is different now; return everything that was found, in words."""
        with self._watch.looking_away():
            for found in (self._replaced(), self._moved(), self._listening(), self._watch.seen):
                self._found |= dict.fromkeys(found)
        return list(self._found)

    @contextmanager
    def around(self, role: Role, source: str) -> Iterator[None]:
        """Watch over one cell; it runs inside of this.

        Parameters
        ----------
        role : str
            Whose code it is.
        source : str
            Its source.
        """
        # What a cell replaces lives on until the cell is over: an object that dies in the middle of a test could run
        # code of its own then, and see what the test knows.
        held = dict(self._namespace)
        if role == "test":
            self.changes()
            words = _WORDS.findall(source)
            self._found |= dict.fromkeys(self._redefined(words, source))
            before = {name: _fingerprint(held[name]) for name in self._answers.intersection(words) if name in held}
            with self._watch.over_a_test(), _hidden(self._shell, self._watch.instructors):
                yield
            self.passed += bool(self._shell.last_execution_succeeded)
            if changed := [name for name in before if before[name] != _fingerprint(self._namespace.get(name))]:
                self._found |= dict.fromkeys(
                    f"{name}, which a test looks at, was changed while the test ran"
                    for name in _Names(source).looked_at.intersection(changed)
                )
        elif role == "locked":
            with _named(self._shell, self._watch.instructors):
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
        """Find names that a test uses and that are not what the course, a locked cell or Python made them."""
        replaced, own = [], []
        for name in self._namespace.keys() & set(words):
            value = self._namespace[name]
            if value is not self._defined.get(name, self._checks.get(name, value)):
                replaced.append(name)
            elif name in FACTS and callable(value) and not _is_true(name, value):
                own.append(name)
        if replaced or own:
            used = _Names(source).used
            yield from (f"{name}, which a test uses, was replaced" for name in sorted(used.intersection(replaced)))
            yield from (f"{name}, which a test uses, is not Python’s" for name in sorted(used.intersection(own)))

    def _replaced(self) -> Iterator[str]:
        for holder in self._holders:
            if not holder.is_as_it_was():
                yield from holder.changes()
        machine = _machine(self._shell)
        for name, (thing, kind, was) in self._machine.items():
            if type(thing) is not kind or machine.get(name) is not thing:
                yield f"{name} was replaced"
            for key, value in vars(thing).items():
                if was.get(key) is not value and callable(value) and hasattr(kind, key) and _is_learners(value):
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
        """Find code of the learner's that runs by itself, or stands between a cell and its result."""
        for name, things in _listeners(self._shell).items():
            known = {id(thing) for thing in self._listeners.get(name, ())}
            if any(id(thing) not in known and _is_learners(thing) for thing in things):
                yield f"code of the notebook’s own was added to {name}"
        if self._shell.custom_exceptions:
            yield "a handler for exceptions was set in IPython"
        if any(signal.getitimer(which)[0] for which in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL)):
            yield "a timer was running"
        here = threading.get_ident()
        for number, frame in sys._current_frames().items():
            if number != here and any(_is_learners_code(one.f_code) for one, _ in traceback.walk_stack(frame)):
                yield "a thread of the notebook’s own was running"
        if any(isinstance(one, threading.Timer) and _is_learners(one.function) for one in threading.enumerate()):
            yield "a timer was running"


class _Watch:
    """An audit hook for one process: what code of the learner's does that no answer needs to do.

    Parameters
    ----------
    functions : mapping of int to str
        Identities and names of functions that must stay what they are.
    """

    def __init__(self, functions: Mapping[int, str]) -> None:
        self.seen: list[str] = []
        self.instructors: set[str] = set()
        """Names under which the instructor's own cells were compiled."""
        self._testing = self._busy = False

        def hook(event: str, arguments: tuple[Any, ...]) -> None:
            if event == "object.__setattr__":
                thing, name, *_ = arguments
                if name in REWRITES and id(thing) in functions:
                    self.seen.append(f"{functions[id(thing)]} was rewritten")
            elif (
                self._testing
                and not self._busy
                and (event in INTO_FRAMES or (event == "object.__getattr__" and arguments[1] in FRAMES_OF))
            ):
                self._busy = True
                try:
                    frame = sys._getframe(1)
                    while frame.f_code.co_filename in HANDS_ON and frame.f_back is not None:
                        frame = frame.f_back
                    if _is_learners_code(frame.f_code) and frame.f_code.co_filename not in self.instructors:
                        self.seen.append(f"code of the notebook’s own looked into a test’s variables ({event})")
                finally:
                    self._busy = False

        sys.addaudithook(hook)

    @contextmanager
    def over_a_test(self) -> Iterator[None]:
        """Look out for code that looks into frames."""
        self._testing = True
        try:
            yield
        finally:
            self._testing = False

    @contextmanager
    def looking_away(self) -> Iterator[None]:
        """Let the baseline itself look where it has to."""
        self._busy = True
        try:
            yield
        finally:
            self._busy = False


class _Holder:
    """A module or a class, and what was in it."""

    def __init__(self, name: str, thing: Any, *, exact: bool) -> None:
        self.name, self._exact, self._live = name, exact, vars(thing)
        self._all = tuple(self._live.values())
        self._module = thing if isinstance(thing, types.ModuleType) else None
        self._package = sys.modules.get(name.rpartition(".")[0], thing)
        self.was = {
            key: value
            for key, value in self._live.items()
            if key not in NOT_KEPT and ((exact and self._module) or callable(value) or isinstance(value, _WRAPPED))
        }

    def is_as_it_was(self) -> bool:
        """Whether nothing at all has changed: the quick way, which is the usual one."""
        return (
            len(self._live) == len(self._all)
            and all(map(is_, self._live.values(), self._all))
            and (self._module is None or not self._is_elsewhere())
        )

    def _is_elsewhere(self) -> bool:
        """Whether the name stands for another module now."""
        name = self.name.rpartition(".")[2]
        return sys.modules.get(self.name) is not self._module or (
            vars(self._package).get(name, self._module) is not self._module
        )

    def changes(self) -> Iterator[str]:
        """Find what was replaced, and what was put before a built-in name."""
        if self._module and self._is_elsewhere():
            yield f"{self.name} was replaced"
        for name, value in self.was.items():
            now = self._live.get(name)
            if now is not value and (self._exact or _is_learners(now)):
                yield f"{self.name}.{name} was replaced"
        if self._exact and self._module:
            for name in self._live.keys() & vars(builtins).keys() - self.was.keys() - NOT_KEPT:
                yield f"{self.name}.{name} was put before Python’s own"


_WORDS: Final = re.compile(r"[^\W\d]\w*")
_WRAPPED: Final = (staticmethod, classmethod, property, functools.cached_property)


def _holders() -> Iterator[_Holder]:
    for name, module in list(sys.modules.items()):
        exact = any(name == one or name.startswith(f"{one}.") for one in EXACT)
        if isinstance(module, types.ModuleType) and (exact or name in KEPT):
            yield _Holder(name, module, exact=exact)
            for key, value in list(vars(module).items()):
                if isinstance(value, type) and value.__module__ == name and name != "builtins":
                    yield _Holder(f"{name}.{key}", value, exact=exact)
    for name, classes in KEPT_CLASSES.items():
        for key in classes:
            if isinstance(kind := getattr(sys.modules.get(name), key, None), type):
                yield _Holder(f"{name}.{key}", kind, exact=False)


def _functions(holders: Iterable[_Holder]) -> Iterator[tuple[str, types.FunctionType]]:
    for holder in holders:
        for name, value in holder.was.items():
            if isinstance(inner := _unwrapped(value), types.FunctionType):
                yield f"{holder.name}.{name}", inner


def _machine(shell: Any) -> dict[str, Any]:
    """Return the parts of a kernel through which a cell and its result go."""
    kernel = getattr(shell, "kernel", None)
    parts = {
        "the kernel": kernel,
        "the kernel’s session": getattr(kernel, "session", None),
        "IPython’s shell": shell,
        "IPython’s compiler": shell.compile,
        "IPython’s events": shell.events,
        "IPython’s history": shell.history_manager,
        "IPython’s input transformers": shell.input_transformer_manager,
        "IPython’s display hook": shell.displayhook,
        "IPython’s display publisher": shell.display_pub,
    }
    return {name: part for name, part in parts.items() if part is not None}


def _listeners(shell: Any) -> dict[str, list[Any]]:
    """Return what is called without a cell calling it."""
    manager, kernel = shell.input_transformer_manager, getattr(shell, "kernel", None)
    return {
        "IPython’s AST transformers": list(shell.ast_transformers),
        "IPython’s input transformers": [
            *shell.input_transformers_post,
            *manager.cleanup_transforms,
            *manager.line_transforms,
            *manager.token_transformers,
        ],
        "IPython’s events": [one for callbacks in shell.events.callbacks.values() for one in callbacks],
        "the kernel’s handlers of messages": list(getattr(kernel, "shell_handlers", {}).values()),
        "sys.settrace": [sys.gettrace(), threading.gettrace()],
        "sys.setprofile": [sys.getprofile(), threading.getprofile()],
        "gc.callbacks": list(gc.callbacks),
        "the handlers of signals": [signal.getsignal(number) for number in SIGNALS],
        "the import system": [*sys.meta_path, *sys.path_hooks],
    }


def _is_learners_code(code: types.CodeType) -> bool:
    return not code.co_filename.startswith(ROOTS)


def _is_learners(thing: Any) -> bool:
    """Return whether something that is called was written in the notebook or beside it, or stands in for a function."""
    while isinstance(thing, functools.partial | types.MethodType):
        thing = thing.func if isinstance(thing, functools.partial) else thing.__func__
    if isinstance(thing, types.FunctionType):
        return _is_learners_code(thing.__code__)
    kind = thing if isinstance(thing, type) else type(thing)
    return kind.__module__ == "unittest.mock" or any(
        isinstance(inner, types.FunctionType) and _is_learners_code(inner.__code__)
        for base in kind.__mro__
        for inner in map(_unwrapped, vars(base).values())
    )


def _unwrapped(thing: Any) -> Any:
    """Return the function in a method of a class."""
    return getattr(thing, "__func__", None) or getattr(thing, "fget", None) or thing


class _Names:
    """Names that a test uses without binding them itself, and those of them that it looks at and does not change."""

    def __init__(self, source: str) -> None:
        self.used: set[str] = set()
        self.looked_at: set[str] = set()
        with suppress(SyntaxError):  # a magic, or another language
            self._read(ast.parse(source))

    def _read(self, tree: ast.Module) -> None:
        bound, touched = set(), set()
        for node in ast.walk(tree):
            match node:
                case ast.Name(id=name, ctx=ast.Load()):
                    self.used.add(name)
                case ast.Name(id=name) | ast.FunctionDef(name=name) | ast.ClassDef(name=name) | ast.arg(arg=name):
                    bound.add(name)
                case ast.alias(name=name, asname=asname):
                    bound.add(asname or name.partition(".")[0])
                case ast.Constant(value=str(name)) if name.isidentifier():
                    self.looked_at.add(name)
                case ast.Call(func=function, args=args):
                    # An argument, or what a method is called on, may be meant to change.
                    inner = function.value if isinstance(function, ast.Attribute) else None
                    touched |= {one.id for one in (*args, inner) if isinstance(one, ast.Name)}
                case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                    touched.add(name)
        self.used -= bound
        self.looked_at = (self.looked_at | self.used) - bound - touched


def _is_true(name: str, function: Any) -> bool:
    """Return whether a function does what the built-in one of that name does, or takes something else altogether."""
    try:
        return bool(eval(FACTS[name].format(4271), {name: function}))
    except Exception:  # whatever it is made for
        return True


class _OpaqueError(Exception):
    """An object whose content cannot be told without running its own code."""


class _Digest:
    """A file that keeps nothing but a fingerprint of the first bytes written to it."""

    def __init__(self) -> None:
        self._hash, self._left = hashlib.blake2b(), LARGEST

    def write(self, data: Any) -> int:
        size = memoryview(data).nbytes
        self._hash.update(memoryview(data).cast("B")[: self._left])
        self._left -= size
        if self._left <= 0:
            raise EOFError
        return size

    def value(self) -> bytes:
        return self._hash.digest()


class _Pickler(pickle.Pickler):
    """Takes plain data and tables, and no object that could run the learner's code."""

    def reducer_override(self, thing: Any) -> Any:
        package = type(thing).__module__.partition(".")[0]
        if package == "pandas" and hasattr(thing, "columns"):
            if thing.size > MOST_CELLS:
                raise _OpaqueError
            columns = [thing.iloc[:, place].tolist() for place in range(thing.shape[1])]
            return tuple, ((thing.columns.tolist(), thing.index.tolist(), columns),)
        if package in ("pandas", "numpy", "datetime", "decimal", "fractions") or thing is tuple:
            return NotImplemented
        raise _OpaqueError


def _fingerprint(value: Any) -> Any:
    """Return something that is equal as long as plain data says the same, and any other object is the same one."""
    digest = _Digest()
    try:
        _Pickler(digest, protocol=pickle.HIGHEST_PROTOCOL).dump(value)
    except EOFError:
        pass
    except Exception:  # whatever an object does when it is asked
        return id(value)
    return digest.value()


@contextmanager
def _named(shell: Any, names: set[str]) -> Iterator[None]:
    """Note the name under which a cell is compiled."""
    cache = shell.compile.cache

    def note(*arguments: Any, **options: Any) -> str:
        name: str = cache(*arguments, **options)
        names.add(name)
        return name

    with instead(shell.compile, "cache", note):
        yield


@contextmanager
def _hidden(shell: Any, names: set[str]) -> Iterator[None]:
    """Keep the source of a test from where a notebook can read it, except to draw a traceback."""
    store, cache, show = shell.history_manager.store_inputs, shell.compile.cache, shell.showtraceback
    lines: dict[str, Any] = {}

    def keep_out(*arguments: Any, **options: Any) -> str:
        name: str = cache(*arguments, **options)
        names.add(name)
        lines[name] = linecache.cache.pop(name, None)
        return name

    def with_source(*arguments: Any, **options: Any) -> Any:
        linecache.cache.update(lines)
        try:
            return show(*arguments, **options)
        finally:
            for name in lines:
                linecache.cache.pop(name, None)

    def store_nothing(number: int, *_: str, **__: str) -> None:
        store(number, "", "")

    with (
        instead(shell.history_manager, "store_inputs", store_nothing),
        instead(shell.compile, "cache", keep_out),
        instead(shell, "showtraceback", with_source),
    ):
        yield
    if shell.last_execution_result is not None:
        shell.last_execution_result.info.raw_cell = ""
        shell.last_execution_result.info.transformed_cell = ""
    for name in ("last_value", "last_traceback", "last_type", "last_exc"):
        vars(sys).pop(name, None)


@contextmanager
def instead(thing: Any, name: str, function: Any) -> Iterator[None]:
    """Give an object another method for a while."""
    own = vars(thing)
    before = {name: own[name]} if name in own else {}
    own[name] = function
    try:
        yield
    finally:
        own.pop(name, None)
        own.update(before)
