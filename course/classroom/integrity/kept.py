"""The contents of the modules and classes that tests depend on, compared by identity and not by name."""

from __future__ import annotations

import builtins
import functools
import sys
import types
from collections.abc import Iterable, Iterator
from operator import is_
from typing import Any, Final

from course.classroom.integrity.learners import is_learners, unwrapped

EXACT: Final = ("builtins", "course", "pandas.testing", "pandas._testing", "numpy.testing", "unittest.case")
"""Packages and modules in which nothing may be replaced at all, because tests are written with them."""
KEPT: Final = (
    "inspect", "math", "operator", "numbers", "json", "IPython.core.interactiveshell", "IPython.core.compilerop",
    "IPython.core.events", "IPython.core.history", "IPython.core.inputtransformer2", "IPython.core.displayhook",
    "ipykernel.ipkernel", "ipykernel.kernelbase", "ipykernel.zmqshell", "jupyter_client.session",
)  # fmt: skip
"""Modules in which nothing may be replaced by learner's code. Libraries may change them."""
KEPT_CLASSES: Final = {
    "pandas": ("DataFrame", "Series", "Index", "Timestamp"),
    "altair": ("Chart", "LayerChart", "TopLevelMixin"),
}
"""Classes of libraries for which the same applies."""
NOT_KEPT: Final = frozenset({"_", "__", "___"})
"""Names in `builtins` that a display hook sets."""
_WRAPPED: Final = (staticmethod, classmethod, property, functools.cached_property)


class Holder:
    """A module or a class, and what it contained."""

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
        """Return whether nothing has changed at all: the fast check, which usually succeeds."""
        return (
            len(self._live) == len(self._all)
            and all(map(is_, self._live.values(), self._all))
            and (self._module is None or not self._is_elsewhere())
        )

    def _is_elsewhere(self) -> bool:
        """Return whether the name now refers to another module."""
        name = self.name.rpartition(".")[2]
        return sys.modules.get(self.name) is not self._module or (
            vars(self._package).get(name, self._module) is not self._module
        )

    def changes(self) -> Iterator[str]:
        """Find what was replaced, and what shadows a built-in name."""
        if self._module and self._is_elsewhere():
            yield f"{self.name} was replaced"
        for name, value in self.was.items():
            now = self._live.get(name)
            if now is not value and (self._exact or is_learners(now)):
                yield f"{self.name}.{name} was replaced"
        if self._exact and self._module:
            for name in self._live.keys() & vars(builtins).keys() - self.was.keys() - NOT_KEPT:
                yield f"{self.name}.{name} was put before Python’s own"


def holders() -> Iterator[Holder]:
    """Yield every imported module and class that tests depend on."""
    for name, module in list(sys.modules.items()):
        exact = any(name == package or name.startswith(f"{package}.") for package in EXACT)
        if isinstance(module, types.ModuleType) and (exact or name in KEPT):
            yield Holder(name, module, exact=exact)
            for key, value in list(vars(module).items()):
                if isinstance(value, type) and value.__module__ == name and name != "builtins":
                    yield Holder(f"{name}.{key}", value, exact=exact)
    for name, classes in KEPT_CLASSES.items():
        for key in classes:
            if isinstance(kind := getattr(sys.modules.get(name), key, None), type):
                yield Holder(f"{name}.{key}", kind, exact=False)


def functions(kept: Iterable[Holder]) -> Iterator[tuple[str, types.FunctionType]]:
    """Yield the functions in them, with their names."""
    for holder in kept:
        for name, value in holder.was.items():
            if isinstance(inner := unwrapped(value), types.FunctionType):
                yield f"{holder.name}.{name}", inner
