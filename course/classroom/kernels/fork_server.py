"""The fork server: a process that has imported the learner's libraries and forks one child for each notebook.

It is executed anew (never forked from the grading process, which may have threads), imports the libraries, runs some
neutral cells with pandas, a chart and a traceback, never a solution or a test, and then waits for requests. It starts
no thread, so that forking is safe. It ends when the grading process does, however that ends, because the socket between
them is closed then; and its children end with it.
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

from course.checks.answer_key import FOLDER as KEYS
from course.classroom import sandbox
from course.classroom.kernels import chart_renderer
from course.classroom.kernels.deferred_charts import defer_charts
from course.classroom.kernels.forked_kernel import ForkedKernel, serve, serve_referee
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
    """
from course import Ledger, ScopeLens
from course.case import shipped_cases
for case in shipped_cases():
    for table in case.tables:
        case.table(table)
case.quantities.query("unit == 'km2'")
ScopeLens(ledger=Ledger())
""",
    "print(rows)\nfor kind, part in rows.groupby('kind'):\n    print(f'{kind}: {part.number.sum():.2f}')",
    "def deep(number):\n    return deep(number - 1) if number else missing\ndeep(2)",
    "assert rows is None, 'shown as an error'",
)
"""Cells that run common code once, so that its lazy imports and caches are ready in every child."""

LONGEST_REQUEST: Final = 1 << 16
POLL_SECONDS: Final = 0.1
"""Seconds between checks of the children, which enforce their limits."""


def main() -> None:
    """Serve the socket whose file descriptor is the first argument; the second is a JSON list of libraries."""
    control = socket.socket(fileno=int(sys.argv[1]))
    # Ctrl-C in a terminal goes to the whole process group, but the grading process decides when to end.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with tempfile.TemporaryDirectory(prefix="course-grading-") as home:
        os.environ["IPYTHONDIR"] = home
        # ipykernel imports a debugger, which would write a warning about frozen modules to standard error.
        os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
        failures = warm_up(json.loads(sys.argv[2]))
        server = ForkServer(ForkedKernel.instance(), control)
        gc.collect()
        # Keep the children's garbage collectors from touching these objects, so that their memory stays shared.
        gc.freeze()
        server.serve(failures)
    # Skip the libraries' exit handlers.
    os._exit(0)


def warm_up(libraries: Sequence[str]) -> dict[str, str]:
    """Import the libraries and run the neutral cells in a kernel that is then discarded.

    Returns
    -------
    dict of str
        Error messages by library. A library that is not installed is not an error.
    """
    failures = {}
    kernel = ForkedKernel.instance()
    # pandas asks while it is imported whether it is in a notebook, and shows tables accordingly.
    with kernel.shell.builtin_trap:
        for name in libraries:
            try:
                importlib.import_module(name)
            except ModuleNotFoundError as error:
                if error.name != name.partition(".")[0]:
                    failures[name] = str(error)
            except Exception as error:
                failures[name] = f"{type(error).__name__}: {error}"
    defer_charts()
    if "altair" in sys.modules:
        cache_schema_hashes()
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        contextlib.redirect_stdout(nowhere),
        contextlib.redirect_stderr(nowhere),
    ):
        for cell in WARM_UP:
            asyncio.run(
                kernel.answer(kernel.pipe_session.msg("execute_request", {"code": cell, "store_history": True}))
            )
    type(kernel.shell).clear_instance()
    ForkedKernel.clear_instance()
    return failures


def cache_schema_hashes() -> None:
    """Have Altair cache the hash of each class's schema. Otherwise it computes all 568 for each encoding of a chart.

    This is not public in Altair; a version that is built differently is left unchanged.
    """
    with contextlib.suppress(ImportError, AttributeError):
        from altair.utils import schemapi

        original = schemapi._FromDict.hash_schema
        schemas = [kind._schema for kind in schemapi._subclasses(schemapi.SchemaBase) if kind._schema is not None]
        # By identity, because a class keeps its schema as long as it exists.
        cached = {id(schema): original(schema) for schema in schemas}

        def hash_schema(schema: dict[str, Any], use_json: bool = True) -> int:
            return cached[id(schema)] if id(schema) in cached else original(schema, use_json)

        schemapi._FromDict.hash_schema = staticmethod(hash_schema)  # type: ignore[method-assign]


class ForkServer:
    """Answers requests of the grading process and of workers forked from it: start, interrupt, check and end children.

    Parameters
    ----------
    kernel : ForkedKernel
        The kernel that each child serves.
    control : socket.socket
        Where the grading process's requests arrive.
    """

    def __init__(self, kernel: ForkedKernel, control: socket.socket) -> None:
        self._kernel = kernel
        self._children_of: dict[socket.socket, set[int]] = {control: set()}
        self._layers = sandbox.probe()
        self._readable = sandbox.readable_by_default()
        self._children: dict[int, SandboxedProcess] = {}
        self._number = 0
        self._renders_charts = importlib.util.find_spec(chart_renderer.LIBRARY) is not None

    def serve(self, failures: Mapping[str, str]) -> None:
        """Report that the server is ready, then answer requests until all its clients have ended."""
        threads = len(os.listdir("/proc/self/task"))  # noqa: PTH208
        about = {"failures": failures, "threads": threads, "layers": [asdict(layer) for layer in self._layers]}
        commands: dict[str, Callable[..., dict[str, Any]]] = {
            "start": self.start,
            "start_renderer": self.start_renderer,
            "interrupt": self.interrupt,
            "is_running": self.is_running,
            "end": self.end,
        }
        self._send(next(iter(self._children_of)), about)
        last_poll = time.monotonic()
        while self._children_of:
            ready = select.select([*self._children_of], [], [], POLL_SECONDS if self._children else None)[0]
            if (now := time.monotonic()) - last_poll >= POLL_SECONDS:
                last_poll = now
                for child in self._children.values():
                    with contextlib.suppress(IsolationError):  # raised again by the next request for this child
                        child.poll()
            for control in ready:
                try:
                    request, descriptors, _, _ = socket.recv_fds(control, LONGEST_REQUEST, 3)
                except ConnectionError:  # it ended with a reply unread
                    request = b""
                if not request:
                    self._disconnect(control)
                    continue
                options = json.loads(request)
                if (command := options.pop("command")) == "connect":
                    another = socket.socket(fileno=descriptors[0])
                    self._children_of[another] = set()
                    self._send(another, about)
                    continue
                try:
                    reply = commands[command](*descriptors, **options)
                except (OSError, IsolationError) as error:
                    reply = {"error": str(error)}
                except KeyError:
                    reply = {"error": "There is no such child."}
                if command.startswith("start"):
                    self._children_of[control].add(reply.get("child", 0))
                for descriptor in descriptors:
                    os.close(descriptor)
                self._send(control, reply)

    def _disconnect(self, control: socket.socket) -> None:
        """End the children of a process that has ended."""
        for number in self._children_of.pop(control) & self._children.keys():
            with contextlib.suppress(IsolationError):
                self._children.pop(number).end()
        control.close()

    def _send(self, control: socket.socket, reply: Mapping[str, Any]) -> None:
        with contextlib.suppress(BrokenPipeError):  # the client has ended; reading its socket will notice
            control.send(json.dumps(reply).encode())

    def start(
        self,
        pipe: int,
        chart_pipe: int,
        bridge: int | None = None,
        *,
        folder: str,
        limits: Mapping[str, Any],
        environment: Mapping[str, str],
        referee: Mapping[str, Any] | None = None,
    ) -> dict[str, Any]:
        """Fork a child that serves the socket `pipe` in `folder` and sends its charts over the socket `chart_pipe`.

        Parameters
        ----------
        bridge : int or None
            The socket between the two kernels of a submission.
        referee : mapping or None
            The options of `course.classroom.kernels.forked_kernel.serve_referee`, for the referee's kernel.

        Returns
        -------
        dict
            The child's number.
        """
        # Created here, because a sandboxed child may not create memory that no limit counts.
        printed = [os.memfd_create("stdout"), os.memfd_create("stderr")]
        between = [] if bridge is None else [bridge]

        def run() -> None:
            os.environ.update(environment)
            if self._renders_charts:
                sys.modules[chart_renderer.LIBRARY] = chart_renderer.RendererProxy(socket.socket(fileno=chart_pipe))
            sockets = [socket.socket(fileno=each) for each in (pipe, *between)]
            if referee is not None:
                serve_referee(self._kernel, sockets[0], printed, sockets[1], **referee)
            else:
                serve(self._kernel, sockets[0], printed, *sockets[1:])

        # The answers are for the referee alone; without one, the checks run here and need them.
        hidden = [KEYS] if bridge is not None and referee is None else []
        try:
            return self._fork(run, folder, Limits(**limits), [pipe, chart_pipe, *between, *printed], hidden)
        finally:
            for file in printed:
                os.close(file)

    def start_renderer(self, channel: int, folder: str) -> dict[str, Any]:
        """Fork a child that renders the charts that arrive on the socket `channel`, and return its number."""
        return self._fork(
            lambda: chart_renderer.serve(socket.socket(fileno=channel)), folder, chart_renderer.LIMITS, [channel]
        )

    def _fork(
        self,
        run: Callable[[], None],
        folder: str,
        limits: Limits,
        keep: Sequence[int],
        hidden: Sequence[Path] = (),
    ) -> dict[str, Any]:
        child = sandbox.start(
            run,
            folder=Path(folder),
            readable=self._readable,
            limits=limits,
            layers=self._layers,
            keep=keep,
            hidden=hidden,
        )
        self._number += 1
        self._children[self._number] = child
        return {"child": self._number}

    def interrupt(self, child: int) -> dict[str, Any]:
        """Send SIGINT to a child and the programs it has started."""
        with contextlib.suppress(ProcessLookupError):
            if self._children[child].poll() is None:
                os.killpg(self._children[child].pid, signal.SIGINT)
        return {}

    def is_running(self, child: int) -> dict[str, Any]:
        """Return whether a child is running."""
        return {"running": self._children[child].poll() is None}

    def end(self, child: int) -> dict[str, Any]:
        """Kill a child and return how it ended."""
        return asdict(self._children.pop(child).end())


if __name__ == "__main__":
    main()
