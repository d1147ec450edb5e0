"""The names that a test uses, and facts about Python's built-in functions."""

from __future__ import annotations

import ast
import re
from contextlib import suppress
from typing import Any, Final

WORDS: Final = re.compile(r"[^\W\d]\w*")
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
"""Facts about built-in functions, for a number of four digits. A notebook may call its own function `sum`, but where a
test uses it, it must do what its name says."""


class Names:
    """The names that a test uses without binding them itself, and those of them that it only reads."""

    def __init__(self, source: str) -> None:
        self.used: set[str] = set()
        self.read: set[str] = set()
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
                    self.read.add(name)
                case ast.Call(func=function, args=args):
                    # An argument, or what a method is called on, may be meant to change.
                    inner = function.value if isinstance(function, ast.Attribute) else None
                    touched |= {node.id for node in (*args, inner) if isinstance(node, ast.Name)}
                case ast.Subscript(value=ast.Name(id=name), ctx=ast.Store() | ast.Del()):
                    touched.add(name)
        self.used -= bound
        self.read = (self.read | self.used) - bound - touched


def is_true(name: str, function: Any) -> bool:
    """Return whether a function behaves like the built-in one of that name, or does not accept its arguments."""
    try:
        return bool(eval(FACTS[name].format(4271), {name: function}))
    except Exception:  # it is for something else
        return True
