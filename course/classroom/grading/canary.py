"""Code much like a test that has just passed, and that must raise: if it passes, the kernel has been tampered with.

A canary calls the same checks by the same names about the same answers, and asks for something else than the test did:
another number, other items, a table with another value. Who has taken the asserts out, replaced a check, or handed in
an object that is equal to everything passes it, and is noticed. What is asked for is random, so it cannot be known
beforehand.

It is honest to honest work: nothing in it can be true of an answer that is what it seems, and what could change with
every call (a function of the learner's, an iterator) is asked only at the end, by `late_canary`.
"""

from __future__ import annotations

import ast
import random
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from string import ascii_lowercase
from typing import Final

MOST: Final = 3
"""How many of a test's checks are asked again, chosen at random: enough to be met, few enough to be quick."""

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
"""The course's checks: where each says what is right, by place and by keyword."""
ASKED_AGAIN: Final = frozenset({"ordered", "extra_columns", "mark", "x", "y", "either_way", "answer", "given"})
"""What a check is told besides and that shapes what it looks at; hints and misconceptions are left out."""

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
"""Functions that say whether two numbers are near each other."""
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
HARMLESS: Final = frozenset({"abs", "bool", "float", "int", "len", "max", "min", "round", "str", "sum", "type"})
"""Built-in functions that change nothing by being asked again."""

OTHER: Final = """\
    def other(value):
        if hasattr(value, "columns"):
            if 0 in value.shape:
                return value.assign(**{{{token!r}: 1}})
            name = value.columns[{number} % len(value.columns)]
            kind = getattr(value[name].dtype, "kind", "O")
            if not value[name].notna().all():
                return value.rename(columns={{name: {token!r}}})
            if kind in "iuf":
                return value.assign(**{{name: value[name] * 3 + {number}.25 + value[name].abs().max() * 4}})
            if kind in "OUT":
                return value.assign(**{{name: value[name].astype(str) + {token!r}}})
            return value.rename(columns={{name: {token!r}}})
        if isinstance(value, str):
            return {token!r}
        if hasattr(value, "__len__"):
            return [{token!r} + str(place) for place in range(max(1, len(value)))]
        return float(value) + {number}.25 * (1 + abs(float(value)))
"""
"""Turns what is right into something else of the same kind and size."""


def canary(source: str, rng: random.Random) -> str:
    """Return code that must raise, much like a test that has just passed, and that changes nothing.

    Parameters
    ----------
    source : str
        The test cell's source, as the instructor wrote it.
    rng : random.Random
        Where the numbers, the words and the choice among the test's checks come from.
    """
    return _written([probe for probe in _probes(source, rng) if not probe.late], _facts(source, rng), rng)


def late_canary(source: str, rng: random.Random) -> str:
    """Return code that must raise and that asks the learner's own functions again; empty where a test asks none.

    It belongs after the last cell: a function that counts its calls, or hands out one thing after another, would say
    something else to the next test.

    Parameters
    ----------
    source, rng
        As in `canary`.
    """
    late = [probe for probe in _probes(source, rng) if probe.late]
    return _written(late, [], rng) if late else ""


@dataclass(frozen=True)
class _Probe:
    """One statement that must raise, and whether it may change something, so that it has to wait."""

    statement: str
    late: bool = False


def _written(probes: Sequence[_Probe], facts: Sequence[str], rng: random.Random) -> str:
    chosen = [probe.statement for probe in rng.sample(probes, min(MOST, len(probes)))]
    wrong, wanted = rng.sample(range(1000, 10_000), 2)
    chosen.insert(rng.randrange(len(chosen) + 1), f"assert {wrong} == {wanted}")
    if facts:
        chosen.insert(rng.randrange(len(chosen) + 1), f"assert not ({' and '.join(facts)})")
    name, raised = _word(rng), _word(rng)
    asked = "".join(f"    try:\n        {one}\n    except Exception:\n        {raised} += 1\n" for one in chosen)
    other = OTHER.format(token=_word(rng), number=rng.randrange(1000, 10_000)) if "other(" in asked else ""
    return (
        f"def {name}():\n{other}    {raised} = 0\n{asked}"
        f"    if {raised} == {len(chosen)}:\n        raise AssertionError({_word(rng)!r})\n"
        f"try:\n    {name}()\nfinally:\n    del {name}\n"
    )


def _word(rng: random.Random) -> str:
    return "".join(rng.choices(ascii_lowercase, k=10))


def _probes(source: str, rng: random.Random) -> Iterator[_Probe]:
    try:
        tree = ast.parse(source)
    except SyntaxError:  # a magic, or another language
        return
    for node, inside in _nodes(tree, inside=False):
        if isinstance(node, ast.Call):
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name in EXPECTED:
                yield from _of_the_course(node, name, inside, rng)
            elif name in SAME and len(node.args) > 1 and not inside:
                yield _same(node)
        elif isinstance(node, ast.Assert) and not inside:
            yield from _of_an_assert(node.test, rng)


def _facts(source: str, rng: random.Random) -> list[str]:
    """Return what is true of the built-in functions that a test calls."""
    with suppress(SyntaxError):
        called = {
            node.func.id
            for node in ast.walk(ast.parse(source))
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        }
        return [FACTS[name].format(rng.randrange(1000, 10_000)) for name in sorted(called & FACTS.keys())]
    return []


def _nodes(node: ast.AST, *, inside: bool) -> Iterator[tuple[ast.AST, bool]]:
    """Yield what is below a node, and whether it stands inside a function, where names mean something else."""
    for child in ast.iter_child_nodes(node):
        within = inside or isinstance(
            child,
            ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda | ast.ClassDef | ast.comprehension | ast.GeneratorExp,
        )
        yield child, within
        yield from _nodes(child, inside=within)


def _of_the_course(call: ast.Call, name: str, inside: bool, rng: random.Random) -> Iterator[_Probe]:
    """Ask a check of the course for something else than the test did."""
    place, keyword = EXPECTED[name]
    checker, token = ast.unparse(call.func), _word(rng)
    given = {one.arg: one.value for one in call.keywords if one.arg}
    right = given.get(keyword) or (call.args[place] if place is not None and place < len(call.args) else None)
    plain = right is not None and call.args and not any(isinstance(one, ast.Starred) for one in call.args)
    if name == "expect_coherent":
        if plain and not inside and len(call.args) > 3:
            before = ", ".join(ast.unparse(one) for one in call.args[:3])
            yield _Probe(f"{checker}({before}, [{token!r}])", late=not _harmless(call.args[1]))
        return
    if name != "expect_chart":  # it looks names up itself, and takes no answer without one
        yield _Probe(f"{checker}({token!r}, {_sealed(name, token, rng)})")
    if not plain or right is None or inside:
        return
    label = call.args[0]
    kept = [ast.keyword(one, value) for one, value in given.items() if one in ASKED_AGAIN]
    other = f"lambda made: (made == {token!r}) is True" if name == "expect" else f"other({ast.unparse(right)})"
    if name == "expect_text":
        other = repr(token)
    rest = "".join(f", {ast.unparse(one)}" for one in kept) + (f", otherwise={token!r}" if name == "expect" else "")
    asked = f"{checker}({ast.unparse(label)}, {keyword}={other}{rest})"
    yield _Probe(asked, late="given" in given or not _harmless(given.get("answer", label)))


def _sealed(name: str, token: str, rng: random.Random) -> str:
    """Return arguments that ask a check about a value of our own, and that it must refuse."""
    first, second = rng.sample(range(1000, 10_000), 2)
    return {
        "expect": f"lambda made: made == {first}, {token!r}, answer={second}",
        "expect_number": f"{first}, answer={second}",
        "expect_text": f"'{token}{first}', answer='{token}'",
        "expect_items": f"['{token}'], answer=['{token}{second}']",
        "expect_some": f"['{token}'], answer=['{token}{second}']",
        "expect_table": (
            f"__import__('pandas').DataFrame({{'{token}': [{first}]}}), "
            f"answer=__import__('pandas').DataFrame({{'{token}': [{second}]}})"
        ),
    }[name]


def _same(call: ast.Call) -> _Probe:
    """Ask pandas, NumPy or unittest whether the answer is something else."""
    answer, right, *rest = call.args
    arguments = [ast.unparse(answer), f"other({ast.unparse(right)})", *(ast.unparse(one) for one in rest)]
    arguments += [ast.unparse(one) for one in call.keywords]
    return _Probe(
        f"{ast.unparse(call.func)}({', '.join(arguments)})", late=not (_harmless(answer) and _harmless(right))
    )


def _of_an_assert(test: ast.expr, rng: random.Random) -> Iterator[_Probe]:
    """Assert of the same expression that it is something else."""
    token, far = _word(rng), rng.randrange(1000, 10_000)
    if isinstance(test, ast.BoolOp) and isinstance(test.op, ast.And):
        for part in test.values:
            yield from _of_an_assert(part, rng)
    elif isinstance(test, ast.Call):
        name = test.func.attr if isinstance(test.func, ast.Attribute) else getattr(test.func, "id", "")
        if name in NEAR and len(test.args) > 1 and (number := _number(test.args[1])) is not None:
            rest = "".join(f", {ast.unparse(one)}" for one in (*test.args[2:], *test.keywords))
            call = f"{ast.unparse(test.func)}({ast.unparse(test.args[0])}, {_far(number, far)}{rest})"
            yield _Probe(f"assert {call}", late=not _harmless(test.args[0]))
    elif isinstance(test, ast.Compare) and len(test.ops) == 1:
        left, right, by = test.left, test.comparators[0], test.ops[0]
        if isinstance(by, ast.Eq):
            for side in (left, right):
                if not isinstance(side, ast.Constant):
                    yield _Probe(f"assert ({ast.unparse(side)} == {token!r}) is True", late=not _harmless(side))
        elif isinstance(by, ast.In):
            yield _Probe(f"assert ({ast.unparse(left)} in [{token!r}]) is True", late=not _harmless(left))
        elif isinstance(by, ast.Lt | ast.LtE) and (limit := _number(right)) is not None and abs(limit) < 500:
            yield from _of_a_distance(left, limit, far)


def _of_a_distance(left: ast.expr, limit: float, far: int) -> Iterator[_Probe]:
    """Ask ``abs(answer - number) < limit`` for a number far away."""
    if isinstance(left, ast.Call) and getattr(left.func, "id", "") == "abs" and len(left.args) == 1:
        inner = left.args[0]
        if isinstance(inner, ast.BinOp) and isinstance(inner.op, ast.Sub):
            number = _number(inner.right)
            if number is not None:
                asked = f"assert abs({ast.unparse(inner.left)} - {_far(number, far)}) < {limit!r}"
                yield _Probe(asked, late=not _harmless(inner.left))


def _far(number: float, far: int) -> str:
    return repr(number + far * (1 + abs(number)))


def _number(node: ast.expr) -> float | None:
    try:
        value = ast.literal_eval(node)
    except ValueError:
        return None
    return value if isinstance(value, int | float) and not isinstance(value, bool) else None


def _harmless(node: ast.expr) -> bool:
    """Return whether an expression can be worked out again without changing anything."""
    return all(
        not isinstance(one, ast.Call | ast.Await | ast.Yield | ast.NamedExpr | ast.comprehension)
        or (isinstance(one, ast.Call) and getattr(one.func, "id", "") in HARMLESS)
        for one in ast.walk(node)
    )
