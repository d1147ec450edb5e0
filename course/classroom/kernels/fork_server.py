"""The warm process: it has imported the learner's libraries and forks one child for each notebook.

It is started afresh (never forked from the grading process, which may have threads), imports, takes one neutral run
through pandas, a chart and a traceback, never through a solution or a test, and then waits for what it is asked. It
starts no thread, so that a fork is safe. It ends when the grading process does, however that ends, because its socket
does; and its children with it.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
import importlib
import importlib.util
import json
import os
import select
import signal
import socket
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Final

from course.classroom import sandbox
from course.classroom.kernels import chart_renderer
from course.classroom.kernels.forked_kernel import Kernel, serve
from course.classroom.sandbox import IsolationError, Limits, SandboxedProcess

WARM_UP: Final = (
    """
import io
import pandas as pd
days = pd.date_range("2001-01-01", periods=20).strftime("%Y-%m-%d")
rows = pd.DataFrame({"day": days, "kind": ["a", "b"] * 10, "number": range(20), "part": [0.5, 1.5, None, 2.5] * 5})
rows["day"] = pd.to_datetime(rows["day"])
rows.head()
""",
    "rows.describe()",
    "rows.groupby('kind')['number'].agg(['sum', 'mean']).round(1)",
    """
rows.pivot_table(index=rows["day"].dt.isocalendar().week, columns="kind", values="number", aggfunc="sum")
rows.set_index("day")["number"].resample("7D").sum().diff().cumsum()
rows.merge(rows.groupby("kind", as_index=False)["part"].mean(), on="kind").sort_values(["kind", "number"])
rows[rows["number"] > 3].fillna(0).assign(share=lambda part: part["number"] / part["number"].sum()).query("share > 0")
rows["kind"].str.upper().value_counts().idxmax(), rows["number"].apply(abs).rolling(3).max(), rows.isna().sum()
pd.read_csv(io.StringIO(rows.to_csv(index=False)), parse_dates=["day"]).drop_duplicates().melt(id_vars="kind")
pd.concat([rows, rows]).astype({"number": "float"}).loc[:, ["number", "part"]].iloc[0].to_dict()
pd.testing.assert_frame_equal(rows, rows.copy())
rows["number"]
""",
    "pd.testing.assert_frame_equal(rows, rows.assign(number=0))",
    """
import altair as alt
lines = alt.Chart(rows, title="warm").mark_line().encode(x="day:T", y="sum(number):Q", color="kind:N", tooltip=["day"])
(lines + alt.Chart(rows).mark_bar().encode(x=alt.X("number:Q").bin(), y="count()")).to_dict()
lines
""",
    "alt.Chart(rows).mark_bar().encode(x='nothing')",
    """
import ipywidgets
ipywidgets.VBox([ipywidgets.IntSlider(3), ipywidgets.Label("warm")])
""",
    """
from course.checks.expect import expect_items, expect_number, expect_table
expect_number("three", 3, answer=3)
expect_items("letters", ["a"], answer=["a"])
expect_table("rows", rows, answer=rows)
""",
    "expect_number('three', 4, answer=3)",
    "print(rows)\nfor kind, part in rows.groupby('kind'):\n    print(f'{kind}: {part.number.sum():.2f}')",
    "def deep(number):\n    return deep(number - 1) if number else missing\ndeep(2)",
    "assert rows is None, 'shown as an error'",
)
"""Cells that take the usual ways once, so that no child has to take them for the first time."""

LONGEST_REQUEST: Final = 1 << 16
LOOK_SECONDS: Final = 0.1
"""How often a child is looked at, which is what keeps its limits."""


def main() -> None:
    """Serve the socket whose file descriptor is the first argument, until it ends; the second is the libraries."""
    control = socket.socket(fileno=int(sys.argv[1]))
    # Ctrl-C in a terminal goes to every process of its group; when to end is for the grading process to say.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with tempfile.TemporaryDirectory(prefix="course-grading-") as home:
        os.environ["IPYTHONDIR"] = home
        # ipykernel imports a debugger, which would explain on standard error how to debug.
        os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
        failures = warm(json.loads(sys.argv[2]))
        parent = Parent(Kernel.instance(), control)
        gc.collect()
        # What is here now is looked through by no child's garbage collector, so that it stays shared memory.
        gc.freeze()
        parent.serve(failures)
    # What libraries want to do at the end is for a Python that ends; this one is only copied.
    os._exit(0)


def warm(libraries: Sequence[str]) -> dict[str, str]:
    """Import the libraries and run the neutral cells in a kernel that is thrown away.

    Returns
    -------
    dict of str
        Why a library could not be imported; one that is not installed is no failure.
    """
    failures = {}
    for name in libraries:
        try:
            importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name != name.partition(".")[0]:
                failures[name] = str(error)
        except Exception as error:
            failures[name] = f"{type(error).__name__}: {error}"
    if "altair" in sys.modules:
        remember_schemas()
    kernel = Kernel.instance()
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        for cell in WARM_UP:
            asyncio.run(kernel.answer(kernel.wire.msg("execute_request", {"code": cell, "store_history": True})))
    type(kernel.shell).clear_instance()
    Kernel.clear_instance()
    return failures


def remember_schemas() -> None:
    """Have Altair remember a fingerprint of each class's schema. It makes all 568 anew for each encoding of a chart.

    It is no public part of Altair; where it is built differently one day, it is left alone.
    """
    with contextlib.suppress(ImportError, AttributeError):
        from altair.utils import schemapi

        plain = schemapi._FromDict.hash_schema
        schemas = [kind._schema for kind in schemapi._subclasses(schemapi.SchemaBase) if kind._schema is not None]
        # By identity: a class keeps its schema as long as it lives.
        known = {id(schema): plain(schema) for schema in schemas}

        def hash_schema(schema: dict[str, Any], use_json: bool = True) -> int:
            return known[id(schema)] if id(schema) in known else plain(schema, use_json)

        schemapi._FromDict.hash_schema = staticmethod(hash_schema)  # type: ignore[method-assign]


class Parent:
    """Answers the grading process, and those forked from it: starts children, tells how they are, ends them."""

    def __init__(self, kernel: Kernel, control: socket.socket) -> None:
        self._kernel = kernel
        self._children_of: dict[socket.socket, set[int]] = {control: set()}
        self._layers = sandbox.probe()
        self._readable = sandbox.readable_by_default()
        self._children: dict[int, SandboxedProcess] = {}
        self._number = 0
        self._draws = importlib.util.find_spec(chart_renderer.LIBRARY) is not None

    def serve(self, failures: Mapping[str, str]) -> None:
        """Say what there is, then answer requests until the grading process has ended."""
        threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208
        about = {"failures": failures, "threads": threads, "layers": [asdict(layer) for layer in self._layers]}
        orders: dict[str, Callable[..., dict[str, Any]]] = {
            "start": self.start,
            "start_draughtsman": self.start_draughtsman,
            "interrupt": self.interrupt,
            "look": self.look,
            "end": self.end,
        }
        self._send(next(iter(self._children_of)), about)
        looked = time.monotonic()
        while self._children_of:
            asking = select.select([*self._children_of], [], [], LOOK_SECONDS if self._children else None)[0]
            if (now := time.monotonic()) - looked >= LOOK_SECONDS:
                looked = now
                for child in self._children.values():
                    with contextlib.suppress(IsolationError):  # said when the child is asked for
                        child.poll()
            for control in asking:
                try:
                    request, descriptors, _, _ = socket.recv_fds(control, LONGEST_REQUEST, 2)
                except ConnectionError:  # it ended with an answer unread
                    request = b""
                if not request:
                    self._leave(control)
                    continue
                order = json.loads(request)
                if (do := order.pop("do")) == "connect":
                    another = socket.socket(fileno=descriptors[0])
                    self._children_of[another] = set()
                    self._send(another, about)
                    continue
                try:
                    answer = orders[do](*descriptors, **order)
                except (OSError, IsolationError) as error:
                    answer = {"error": str(error)}
                except KeyError:
                    answer = {"error": "There is no such child."}
                if do.startswith("start"):
                    self._children_of[control].add(answer.get("child", 0))
                for descriptor in descriptors:
                    os.close(descriptor)
                self._send(control, answer)

    def _leave(self, control: socket.socket) -> None:
        """End the children of a process that has ended."""
        for number in self._children_of.pop(control) & self._children.keys():
            with contextlib.suppress(IsolationError):
                self._children.pop(number).end()
        control.close()

    def _send(self, control: socket.socket, answer: Mapping[str, Any]) -> None:
        with contextlib.suppress(BrokenPipeError):  # nobody waits for it; the next request will be the end
            control.send(json.dumps(answer).encode())

    def start(
        self, pipe: int, easel: int, folder: str, limits: Mapping[str, Any], environment: Mapping[str, str]
    ) -> dict[str, Any]:
        """Fork a child that serves the socket `pipe` in `folder` and has its charts drawn over the socket `easel`.

        Returns
        -------
        dict
            The child's number.
        """
        # Made here, because a submission may not keep anything in memory where no limit counts it.
        printed = [os.memfd_create("stdout"), os.memfd_create("stderr")]

        def run() -> None:
            os.environ.update(environment)
            if self._draws:
                sys.modules[chart_renderer.LIBRARY] = chart_renderer.Borrowed(socket.socket(fileno=easel))
            serve(self._kernel, socket.socket(fileno=pipe), printed)

        try:
            return self._fork(run, folder, Limits(**limits), [pipe, easel, *printed])
        finally:
            for file in printed:
                os.close(file)

    def start_draughtsman(self, easel: int, folder: str) -> dict[str, Any]:
        """Fork a child that draws what comes over the socket `easel`, and return its number."""
        return self._fork(
            lambda: chart_renderer.serve(socket.socket(fileno=easel)), folder, chart_renderer.LIMITS, [easel]
        )

    def _fork(self, run: Callable[[], None], folder: str, limits: Limits, keep: Sequence[int]) -> dict[str, Any]:
        child = sandbox.start(
            run, folder=Path(folder), readable=self._readable, limits=limits, layers=self._layers, keep=keep
        )
        self._number += 1
        self._children[self._number] = child
        return {"child": self._number}

    def interrupt(self, child: int) -> dict[str, Any]:
        """Send a child, and the programs it has started, what Ctrl-C sends."""
        with contextlib.suppress(ProcessLookupError):
            if self._children[child].poll() is None:
                os.killpg(self._children[child].pid, signal.SIGINT)
        return {}

    def look(self, child: int) -> dict[str, Any]:
        """Say whether a child runs."""
        return {"runs": self._children[child].poll() is None}

    def end(self, child: int) -> dict[str, Any]:
        """End a child and say how it ended."""
        return asdict(self._children.pop(child).end())


if __name__ == "__main__":
    main()
