"""Names say what they hold: no two classes share one, and no variable is called one, it or found."""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[1]
EMPTY = frozenset({"found", "it", "look", "made", "one", "said", "told"})
"""Words that say nothing about what they stand for."""
TYPED_BY_LEARNERS = {("course/widgets/scope_lens.py", "look")}
"""Methods that lessons and exercises call: `lens.look(…)`."""


def trees(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Yield the path of each module, relative to the root, and its syntax tree."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*.py")):
            yield path.relative_to(ROOT).as_posix(), ast.parse(path.read_text(encoding="utf-8"))


def bound(tree: ast.Module) -> Iterator[tuple[str, int]]:
    """Yield every name that a module binds, with its line."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.arg(arg=name) | ast.alias(asname=str(name)):
                yield name, node.lineno
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
                yield name, node.lineno
            case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)) | ast.ExceptHandler(name=str(name)):
                yield name, node.lineno


def test_no_two_classes_share_a_name() -> None:
    places = defaultdict(list)
    for path, tree in trees("course"):
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef):
                places[node.name].append(f"{path}:{node.lineno}")
    assert not {name: where for name, where in places.items() if len(where) > 1}


def test_every_name_says_what_it_holds() -> None:
    empty = [
        f"{path}:{line}: {name}"
        for path, tree in trees("course", "tests", "benchmarks")
        for name, line in bound(tree)
        if name in EMPTY and (path, name) not in TYPED_BY_LEARNERS
    ]
    assert not empty, "\n".join(empty)
