"""Import `course.charts` before the fork, and let it change Altair only where a notebook imports it.

Importing the course's charts enables their renderer and theme for every chart of a kernel. A notebook that never
imports them must not have these, or its charts would differ from those that it shows elsewhere.
"""

from __future__ import annotations

import sys
from collections.abc import Mapping
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Final

NAME: Final = "course.charts"


def defer_charts() -> None:
    """Undo what importing `course.charts` has changed, and have its next import do that again.

    No-op if it is not imported.
    """
    if NAME not in sys.modules:
        return
    import altair as alt

    alt.renderers.enable("default")
    alt.theme.enable("default")
    # Its modules too, because Python imports a package only for a module of it that it does not know.
    parts = {name: module for name, module in sys.modules.items() if name == NAME or name.startswith(f"{NAME}.")}
    for name in parts:
        del sys.modules[name]
    delattr(sys.modules["course"], "charts")
    sys.meta_path.insert(0, _Deferred(parts.pop(NAME), parts))


class _Deferred(MetaPathFinder, Loader):
    """Finds a package that has been imported already, and finishes its import."""

    def __init__(self, charts: ModuleType, parts: Mapping[str, ModuleType]) -> None:
        self._charts, self._spec, self._parts = charts, charts.__spec__, parts

    def find_spec(self, fullname: str, *_: object) -> ModuleSpec | None:
        return ModuleSpec(NAME, self, is_package=True) if fullname == NAME else None

    def create_module(self, spec: ModuleSpec) -> ModuleType:  # noqa: ARG002
        return self._charts

    def exec_module(self, module: ModuleType) -> None:
        module.__spec__ = self._spec
        sys.meta_path.remove(self)
        sys.modules.update(self._parts)
        module.enable()
