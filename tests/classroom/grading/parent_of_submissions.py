"""A process that runs submissions in layers and tells how they ended: what a grading parent is, without notebooks.

``python -m tests.classroom.grading.parent_of_submissions`` reads one request a line and answers with two: the
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
        said, say = os.pipe()
        child = start(
            lambda request=request, say=say: run(request["source"], say),  # type: ignore[misc]
            folder=Path(request["folder"]),
            readable=readable_by_default(),
            limits=Limits(**request["limits"]),
            layers=[Layer(name, True, "") for name in request["layers"]],
            keep=[say],
            listening=request.get("listening", False),
        )
        os.close(say)
        tell({"pid": child.pid})
        os.set_blocking(said, False)
        answer = b""
        while True:
            try:
                ended = child.poll()
            except IsolationError as error:
                tell({"trouble": str(error)})
                break
            with suppress(BlockingIOError):
                answer += os.read(said, 1 << 20)
            if ended is not None:
                left = list(limits.process_tree(os.getpid()))[1:]
                tell({"answer": answer.decode(), "left": left, **vars(ended)})
                break
            time.sleep(0.005)
        os.close(said)


def run(source: str, say: int) -> None:
    """Run a submission, and say what it has put into `answer`, or how it failed."""
    names: dict[str, Any] = {"parent": PARENT}
    try:
        exec(compile(source, "submission", "exec"), names)
        outcome = {"answer": names.get("answer"), "error": None}
    except BaseException as error:
        outcome = {"answer": str(error), "error": type(error).__name__}
    os.write(say, json.dumps(outcome).encode())


def tell(message: dict[str, Any]) -> None:
    print(json.dumps(message), flush=True)  # noqa: T201


PARENT = os.getpid()

if __name__ == "__main__":
    serve()
