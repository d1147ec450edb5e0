"""Generate canaries: code like a test that has just passed, but that must raise unless the kernel was tampered with.

A canary calls the same checks by the same names for the same answers, but expects something else than the test did:
another number, other items, a table with another value. A notebook that removed the asserts, replaced a check, or
contains an object that is equal to everything passes the canary, and so is detected. The expected values are random, so
nobody can know them beforehand, and so is the word that the canary raises when all its checks have failed.

Honest answers are safe: none of its checks can hold for a plain value, and whatever may change with every call (a
function of the learner's, an iterator) is checked only at the end, by `late_canary`.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from string import ascii_lowercase
from typing import Final, NamedTuple

MOST: Final = 2
"""How many of a test's checks a canary repeats, chosen at random."""
MOST_LATE: Final = 6
"""The same for all tests of a notebook that call the learner's functions."""
WORD: Final = "QQWORD"
NUMBER: Final = "QQNUMBER"
"""Placeholders for a random word and a random number of four digits."""

EXPECTED: Final = {
    "expect": (1, "condition"),
    "expect_number": (1, "expected"),
    "expect_text": (1, "expected"),
    "expect_items": (1, "expected"),
    "expect_some": (1, "among"),
    "expect_table": (1, "expected"),
    "expect_chart": (None, "drawn"),
    "expect_coherent": (3, "needed"),
}
"""The course's checks, with the position and the keyword of the expected value."""
REPEATED: Final = frozenset({"ordered", "extra_columns", "mark", "x", "y", "either_way", "answer", "given"})
"""Other keywords that a canary repeats, because they change what a check reads; hints and misconceptions do not."""
SEALED: Final = {
    "expect": f"lambda value: value == {NUMBER}, '{WORD}', answer={NUMBER} + 1",
    "expect_number": f"{NUMBER}, answer={NUMBER} + 1",
    "expect_text": f"'{WORD}{NUMBER}', answer='{WORD}'",
    "expect_items": f"['{WORD}'], answer=['{WORD}{NUMBER}']",
    "expect_some": f"['{WORD}'], answer=['{WORD}{NUMBER}']",
    "expect_table": (
        f"__import__('pandas').DataFrame({{'{WORD}': [{NUMBER}]}}), "
        f"answer=__import__('pandas').DataFrame({{'{WORD}': [{NUMBER} + 1]}})"
    ),
}
"""Calls with a value of our own, which each check must refuse."""

SAME: Final = frozenset(
    {
        "assert_frame_equal",
        "assert_series_equal",
        "assert_index_equal",
        "assert_equal",
        "assert_array_equal",
        "assert_allclose",
        "assert_almost_equal",
        "assert_array_almost_equal",
        "assertEqual",
        "assertAlmostEqual",
    }
)
"""Functions of pandas, NumPy and unittest that raise where their second argument differs from their first."""
NEAR: Final = frozenset({"isclose", "allclose"})
"""Functions that return whether two numbers are close to each other."""
HARMLESS: Final = frozenset({"abs", "bool", "float", "int", "len", "max", "min", "round", "str", "sum", "type"})
"""Built-in functions that have no effect when called again."""

OTHER: Final = f"""\
    def other(value):
        if hasattr(value, "columns"):
            if 0 in value.shape:
                return value.assign(**{{'{WORD}': 1}})
            name = value.columns[{NUMBER} % len(value.columns)]
            kind = getattr(value[name].dtype, "kind", "O")
            if not value[name].notna().all():
                return value.rename(columns={{name: '{WORD}'}})
            if kind in "iuf":
                return value.assign(**{{name: value[name] * 3 + {NUMBER}.25 + value[name].abs().max() * 4}})
            if kind in "OUT":
                return value.assign(**{{name: value[name].astype(str) + '{WORD}'}})
            return value.rename(columns={{name: '{WORD}'}})
        if isinstance(value, str):
            return '{WORD}'
        if hasattr(value, "__len__"):
            return ['{WORD}' + str(place) for place in range(max(1, len(value)))]
        return float(value) + {NUMBER}.25 * (1 + abs(float(value)))
"""
"""Source of a function that turns an expected value into a different one of the same kind and size."""


class Canary(NamedTuple):
    """Code, and the word of the AssertionError that it must raise."""

    code: str
    word: str


def canary(source: str, rng: random.Random) -> Canary:
    """Return code that must raise, like a test that has just passed, and that has no effects.

    Parameters
    ----------
    source : str
        The test cell's source, as the instructor wrote it.
    rng : random.Random
        Chooses the numbers, the words and the checks to repeat.
    """
    return _written([probe for probe in _probes(source) if not probe.late], MOST, rng)


def late_canary(sources: Sequence[str], rng: random.Random) -> Canary:
    """Return code that must raise and that calls the learner's own functions again.

    It runs after the last cell, because a function that counts its calls, or returns one item after another, would
    return something else in the next test.

    Parameters
    ----------
    sources : sequence of str
        The sources of all tests that have passed.
    rng : random.Random
        As in `canary`.
    """
    return _written([probe for source in sources for probe in _probes(source) if probe.late], MOST_LATE, rng)


@dataclass(frozen=True)
class _Probe:
    """A statement that must raise, and whether it may have effects, so that it belongs into the late canary."""

    statement: str
    late: bool = False


def _written(probes: Sequence[_Probe], most: int, rng: random.Random) -> Canary:
    chosen = [probe.statement for probe in rng.sample(probes, min(most, len(probes)))]
    chosen.insert(rng.randrange(len(chosen) + 1), f"assert {NUMBER} == {NUMBER} + 1")
    name, word = _word(rng), _word(rng)
    body = "".join(
        f"    try:\n        {statement}\n    except Exception:\n        raised += 1\n" for statement in chosen
    )
    code = (
        f"def {name}():\n{OTHER if 'other(' in body else ''}    raised = 0\n{body}"
        f"    if raised == {len(chosen)}:\n        raise AssertionError({word!r})\n"
        f"try:\n    {name}()\nfinally:\n    del {name}\n"
    )
    return Canary(code.replace(WORD, _word(rng)).replace(NUMBER, str(rng.randrange(1000, 10_000))), word)


def _word(rng: random.Random) -> str:
    return "".join(rng.choices(ascii_lowercase, k=10))


@lru_cache(maxsize=1000)
def _probes(source: str) -> tuple[_Probe, ...]:
    """Return every check of a test that can be repeated. Cached, because all submissions have the same tests."""
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a magic, or another language
        return ()
    return tuple(probe for node, inside in _nodes(tree, inside=False) for probe in _of_a_node(node, inside))


def _of_a_node(node: ast.AST, inside: bool) -> Iterator[_Probe]:
    if isinstance(node, ast.Call):
        name = _name_of(node.func)
        if name in EXPECTED:
            yield from _of_the_course(node, name, inside)
        elif name in SAME and len(node.args) > 1 and not inside:
            yield _same(node)
    elif isinstance(node, ast.Assert) and not inside:
        yield from _of_an_assert(node.test)


def _nodes(node: ast.AST, *, inside: bool) -> Iterator[tuple[ast.AST, bool]]:
    """Yield each descendant of a node, and whether it is inside a function, where names mean something else."""
    for child in ast.iter_child_nodes(node):
        within = inside or isinstance(
            child,
            ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef | ast.comprehension | ast.GeneratorExp,
        )
        yield child, within
        yield from _nodes(child, inside=within)


def _name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _of_the_course(call: ast.Call, name: str, inside: bool) -> Iterator[_Probe]:
    """Call a check of the course with a different expected value."""
    place, keyword = EXPECTED[name]
    checker = ast.unparse(call.func)
    given = {argument.arg: argument.value for argument in call.keywords if argument.arg}
    right = given.get(keyword) or (call.args[place] if place is not None and place < len(call.args) else None)
    if name in SEALED:
        yield _Probe(f"{checker}('{WORD}', {SEALED[name]})")
    if right is None or inside or not call.args or any(isinstance(value, ast.Starred) for value in call.args):
        return
    if name == "expect_coherent":
        before = ", ".join(map(ast.unparse, call.args[:3]))
        yield _Probe(f"{checker}({before}, ['{WORD}'])", late=not _harmless(call.args[1]))
        return
    label = call.args[0]
    kept = [ast.unparse(ast.keyword(key, value)) for key, value in given.items() if key in REPEATED]
    if name == "expect":
        kept.append(f"otherwise='{WORD}'")
    arguments = ", ".join([ast.unparse(label), f"{keyword}={_something_else(name, right)}", *kept])
    yield _Probe(f"{checker}({arguments})", late="given" in given or not _harmless(given.get("answer", label)))


def _something_else(name: str, right: ast.expr) -> str:
    """Return an expression for a different expected value, a short one if the value is known here."""
    if name == "expect":
        return f"lambda value: (value == '{WORD}') is True"
    if name == "expect_text":
        return f"'{WORD}'"
    if name == "expect_number" and (number := _number(right)) is not None:
        return _far(number)
    if isinstance(right, ast.List | ast.Tuple | ast.Set) and not any(
        isinstance(item, ast.Starred) for item in right.elts
    ):
        return repr([f"{WORD}{place}" for place in range(max(1, len(right.elts)))])
    return f"other({ast.unparse(right)})"


def _same(call: ast.Call) -> _Probe:
    """Assert with pandas, NumPy or unittest that the answer is something else."""
    answer, right, *rest = call.args
    arguments = [ast.unparse(answer), f"other({ast.unparse(right)})", *map(ast.unparse, (*rest, *call.keywords))]
    return _Probe(
        f"{ast.unparse(call.func)}({', '.join(arguments)})", late=not (_harmless(answer) and _harmless(right))
    )


def _of_an_assert(test: ast.expr) -> Iterator[_Probe]:
    """Assert of the same expression that it is something else."""
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        for part in test.values:
            yield from _of_an_assert(part)
    elif isinstance(test, ast.Call) and _name_of(test.func) in NEAR and len(test.args) > 1:
        if (number := _number(test.args[1])) is not None:
            answer, _, *rest = test.args
            arguments = [ast.unparse(answer), _far(number), *map(ast.unparse, (*rest, *test.keywords))]
            yield _Probe(f"assert {ast.unparse(test.func)}({', '.join(arguments)})", late=not _harmless(answer))
    elif isinstance(test, ast.Compare) and len(test.ops) == 1:
        left, right, by = test.left, test.comparators[0], test.ops[0]
        if isinstance(by, ast.Eq):
            for side in (left, right):
                if not isinstance(side, ast.Constant):
                    yield _Probe(f"assert ({ast.unparse(side)} == '{WORD}') is True", late=not _harmless(side))
        elif isinstance(by, ast.In):
            yield _Probe(f"assert ({ast.unparse(left)} in ['{WORD}']) is True", late=not _harmless(left))
        elif isinstance(by, ast.Lt | ast.LtE) and (limit := _number(right)) is not None and abs(limit) < 500:
            yield from _of_a_distance(left, limit)


def _of_a_distance(left: ast.expr, limit: float) -> Iterator[_Probe]:
    """Assert ``abs(answer - number) < limit`` for a number far away."""
    if isinstance(left, ast.Call) and getattr(left.func, "id", "") == "abs" and len(left.args) == 1:
        inner = left.args[0]
        if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Sub):
            number = _number(inner.right)
            if number is not None:
                statement = f"assert abs({ast.unparse(inner.left)} - {_far(number)}) < {limit!r}"
                yield _Probe(statement, late=not _harmless(inner.left))


def _far(number: float) -> str:
    return f"({number!r} + {NUMBER}.25 * {1 + abs(number)!r})"


def _number(node: ast.expr) -> float | None:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _harmless(node: ast.expr) -> bool:
    """Return whether an expression can be evaluated again without effects."""
    return all(
        not isinstance(part, ast.Call | ast.Await | ast.Yield | ast.NamedExpr | ast.comprehension)
        or (isinstance(part, ast.Call) and getattr(part.func, "id", "") in HARMLESS)
        for part in ast.walk(node)
    )
