"""The referee's kernel: it runs the locked cells as the instructor wrote them, and nothing of the learner's.

It is a forked kernel like the learner's, with names of its own (`course.classroom.bridge.namespace`). A locked cell
that is no check shows nothing here, because the learner's kernel shows it. What a hidden test prints is dropped, and
where it fails, the error says only that: what learners get back must not tell them the hidden cases.
"""

from __future__ import annotations

import ast
import re
import socket
import symtable
import sys
import types
from collections.abc import Collection
from typing import Any, Final

from course.classroom.bridge.asking import Asker
from course.classroom.bridge.namespace import Names

HIDDEN: Final = re.compile(r"(BEGIN|END) HIDDEN TESTS")
"""What a line holds that begins or ends hidden tests, as nbgrader has it."""
SHOWS: Final = frozenset({"stream", "display_data", "update_display_data", "execute_result", "error", "clear_output"})
"""Messages that show something in the notebook."""
FAILED: Final = (
    "A hidden check does not pass. It tries your answer on cases that this notebook does not show, such as other "
    "values, an edge, or nothing at all."
)
COLOUR: Final = re.compile(r"\x1b\[[0-9;]*m")
"""A colour in a traceback."""
SECRET: Final = 4
"""How many characters a line has at least that can give something away."""
SWITCH: Final = "__hidden__"
"""The function in the referee's names that a cell calls where a hidden test begins and ends."""


class Referee:
    """Turns a kernel into the referee's.

    Parameters
    ----------
    kernel : course.classroom.kernels.forked_kernel.ForkedKernel
        Not used before.
    bridge : socket.socket
        Where to ask for the learner's values.
    instructors : collection of str
        The names that the locked cells define.
    shows_hidden : bool
        Whether hidden tests show what they find.
    """

    def __init__(self, kernel: Any, bridge: socket.socket, *, instructors: Collection[str], shows_hidden: bool) -> None:
        self._kernel, self._session = kernel, kernel.pipe_session
        self._names = Names(kernel.shell.user_ns, Asker(bridge), instructors)
        self._is_hidden = False
        kernel.shell.user_ns = self._names
        # As IPython makes it for names that it is given.
        kernel.shell.user_module = type("Main", (types.ModuleType,), {"__dict__": self._names})("__main__")
        kernel.referee = self
        if not shows_hidden:
            self._names[SWITCH] = self._hide
            kernel.shell.ast_transformers.append(self)

    def begin(self) -> None:
        """Begin a check."""
        self._names.begin()

    def end(self) -> None:
        """End a check, shown or hidden."""
        self._hide(False)
        self._names.end(is_check=True)

    def run_locked(self, code: str) -> None:
        """Run a locked cell that is no check, and show nothing of it."""
        self._session.muted = SHOWS
        self._names.begin()
        try:
            self._kernel.shell.run_cell(code, silent=True, store_history=False)
        finally:
            self._names.end(is_check=False)
            _flush()
            self._session.muted = frozenset()

    def visit(self, tree: ast.Module) -> ast.Module:
        """Put a switch before and behind each hidden test of a cell. IPython calls this with the cell's syntax tree."""
        hidden = hidden_lines(self._kernel.shell.transformed[1])
        body: list[ast.stmt] = []
        before = False
        for statement in tree.body:
            is_hidden = not hidden.isdisjoint(range(_first_line(statement), (statement.end_lineno or 0) + 1))
            if is_hidden != before:
                switch = ast.parse(f"{SWITCH}({is_hidden})").body[0]
                body.append(ast.copy_location(switch, statement))
            body.append(statement)
            before = is_hidden
        tree.body = body
        return tree

    def mask(self, message: Any, traceback: list[str]) -> tuple[Any, list[str]]:
        """Return what to show of an error: of one in a hidden test only that it failed, of any other no hidden line."""
        if self._is_hidden:
            self._hide(False)
            return FAILED, [f"Not yet. {FAILED}"]
        if SWITCH not in self._names:
            return message, traceback
        source = self._kernel.shell.transformed[1] if self._kernel.shell.transformed else ""
        numbers = hidden_lines(source)
        hidden = {line.strip() for number, line in enumerate(source.splitlines(), start=1) if number in numbers}
        return message, [_without_lines(part, {line for line in hidden if len(line) >= SECRET}) for part in traceback]

    def _hide(self, is_hidden: bool) -> None:
        _flush()
        self._is_hidden = is_hidden
        # A result counts as points, so it is shown all the same.
        self._session.muted = SHOWS - {"execute_result"} if is_hidden else frozenset()


def hidden_lines(source: str) -> set[int]:
    """Return the numbers of the lines that hold hidden tests, counted from 1, with those of their marks."""
    lines: set[int] = set()
    inside = False
    for number, line in enumerate(source.splitlines(), start=1):
        mark = HIDDEN.search(line)
        inside = inside or mark is not None
        if inside:
            lines.add(number)
        if mark is not None and mark[1] == "END":
            inside = False
    return lines


def without_hidden(source: str) -> str:
    """Return the source of a test without its hidden tests."""
    hidden = hidden_lines(source)
    return "\n".join(line for number, line in enumerate(source.splitlines(), start=1) if number not in hidden).strip()


def defined_names(source: str) -> set[str]:
    """Return the global names that a cell defines; none if it is not plain Python."""
    try:
        symbols = symtable.symtable(source, "cell", "exec").get_symbols()
    except (SyntaxError, ValueError):
        return set()
    return {symbol.get_name() for symbol in symbols if symbol.is_assigned() or symbol.is_imported()}


def _without_lines(text: str, hidden: set[str]) -> str:
    """Return a part of a traceback without the lines that hold one of these."""
    return "\n".join(line for line in text.split("\n") if not any(secret in COLOUR.sub("", line) for secret in hidden))


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])


def _flush() -> None:
    sys.stdout.flush()
    sys.stderr.flush()
