"""A process that runs submissions in the sandbox and reports how they ended: a grading process without notebooks.

``python -m tests.classroom.sandbox.parent_of_submissions`` reads one request a line and answers with two: the
child's process number, and how it ended.
"""

from __future__ import annotations

import json
import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from course.classroom.sandbox import IsolationError, Layer, Limits, limits, readable_by_default, start


def serve() -> None:
    for line in sys.stdin:
        request = json.loads(line)
        reader, writer = os.pipe()
        child = start(
            lambda request=request, writer=writer: run(request["source"], writer),  # type: ignore[misc]
            folder=Path(request["folder"]),
            readable=readable_by_default(),
            limits=Limits(**request["limits"]),
            layers=[Layer(name, True, "") for name in request["layers"]],
            keep=[writer],
            listening=request.get("listening", False),
        )
        os.close(writer)
        send({"pid": child.pid})
        os.set_blocking(reader, False)
        answer = b""
        while True:
            try:
                status = child.poll()
            except IsolationError as error:
                send({"trouble": str(error)})
                break
            with suppress(BlockingIOError):
                answer += os.read(reader, 1 << 20)
            if status is not None:
                left = list(limits.process_tree(os.getpid()))[1:]
                send({"answer": answer.decode(), "left": left, **vars(status)})
                break
            time.sleep(0.005)
        os.close(reader)


def run(source: str, writer: int) -> None:
    """Run a submission, and report what it has put into `answer`, or how it failed."""
    names: dict[str, Any] = {"parent": PARENT}
    try:
        exec(compile(source, "submission", "exec"), names)
        outcome = {"answer": names.get("answer"), "error": None}
    except BaseException as error:
        outcome = {"answer": str(error), "error": type(error).__name__}
    os.write(writer, json.dumps(outcome).encode())


def send(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)  # noqa: T201


PARENT = os.getpid()

if __name__ == "__main__":
    serve()
