"""Serve the room's board to the instructor's browser, under an address that nobody can guess."""

from __future__ import annotations

import asyncio
import secrets
import signal
from collections.abc import Callable
from contextlib import suppress
from datetime import datetime
from functools import cache
from importlib.resources import files as resources
from pathlib import Path
from typing import Any, Final

from tornado.httpserver import HTTPServer
from tornado.netutil import bind_sockets
from tornado.web import Application, RequestHandler, url

from course.case import Case
from course.classroom.room.page import Choice, board, page, snapshots
from course.classroom.room.session import RoomSession
from course.wording.pages import TOKENS

REFRESH_SECONDS: Final = 0.5
"""Between two looks at the folder."""
LARGEST_PASTE: Final = 4_000_000
"""Bytes that can be pasted at once."""


class RoomError(Exception):
    """The board cannot be shown. The message says why, and what to do."""


class _Handler(RequestHandler):
    """What every address of the board has in common."""

    @property
    def session(self) -> RoomSession:
        session: RoomSession = self.settings["session"]
        return session

    @property
    def choice(self) -> Choice:
        given = {
            name: self.get_query_argument(name, "") for name in ("reading", "clock", "statement", "before", "after")
        }
        return Choice.of(given, self.session)

    def set_default_headers(self) -> None:
        self.set_header(
            "Content-Security-Policy",
            "default-src 'none'; style-src 'self'; script-src 'self'; "
            "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
        )
        self.set_header("X-Content-Type-Options", "nosniff")
        # The address is the key to the board, so no other site may be told.
        self.set_header("Referrer-Policy", "no-referrer")
        self.set_header("Cache-Control", "no-store")


class _PageHandler(_Handler):
    def get(self) -> None:
        self.write(page(self.session, self.choice, names=self.settings["names"]))


class _BoardHandler(_Handler):
    def get(self) -> None:
        self.write(board(self.session, self.choice, names=self.settings["names"]))


class _ActionHandler(_Handler):
    """What a button does. A browser without scripts gets the page with the answer on it."""

    def act(self) -> str:
        raise NotImplementedError

    def post(self) -> None:
        text = self.act()
        if "text/html" in self.request.headers.get("Accept", ""):
            self.write(page(self.session, self.choice, names=self.settings["names"], message=text))
            return
        self.write({"text": text, "snapshots": snapshots(self.session)})


class _SnapshotHandler(_ActionHandler):
    def act(self) -> str:
        return self.session.take_snapshot(datetime.now())


class _CodesHandler(_ActionHandler):
    def act(self) -> str:
        return self.session.paste(self.get_body_argument("text", ""))


class _FileHandler(_Handler):
    def initialize(self, content: str, kind: str) -> None:
        self.content, self.kind = content, kind

    def get(self) -> None:
        self.set_header("Content-Type", f"{self.kind}; charset=utf-8")
        self.write(self.content)


@cache
def _stylesheet() -> str:
    # A bar is as wide as its class says: a style attribute would need a laxer content security policy.
    widths = "\n".join(f".w{share} {{ inline-size: {share}%; }}" for share in range(101))
    return "\n".join([TOKENS.read_text(encoding="utf-8"), _asset("room.css"), widths])


def _asset(name: str) -> str:
    return (resources(__package__) / name).read_text(encoding="utf-8")


def make_app(session: RoomSession, key: str, *, names: bool) -> Application:
    """Return the web application of a board. It answers below ``/KEY/`` and nowhere else."""
    return Application(
        [
            url(f"/{key}/", _PageHandler),
            url(f"/{key}/board", _BoardHandler),
            url(f"/{key}/snapshot", _SnapshotHandler),
            url(f"/{key}/codes", _CodesHandler),
            url(f"/{key}/style.css", _FileHandler, {"content": _stylesheet(), "kind": "text/css"}),
            url(f"/{key}/script.js", _FileHandler, {"content": _asset("room.js"), "kind": "text/javascript"}),
        ],
        session=session,
        names=names,
        log_function=lambda _: None,
    )


def run(folder: Path, case: Case, say: Callable[[str], None], **options: Any) -> None:
    """Show the board until it is stopped with Ctrl+C.

    Parameters
    ----------
    folder : pathlib.Path
        Where the ledgers are.
    case : Case
    say : callable
        Called with what the instructor should know.
    **options
        Those of `serve`.

    Raises
    ------
    RoomError
        If the folder cannot be read, or the port is taken.
    """
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(folder, case, say, **options))


async def serve(
    folder: Path,
    case: Case,
    say: Callable[[str], None],
    *,
    address: str = "127.0.0.1",
    port: int = 0,
    names: bool = False,
    open_page: Callable[[str], object] | None = None,
) -> None:
    """Serve the board until SIGTERM or Ctrl+C; parameters and errors as `run`."""
    session = RoomSession(folder, case)
    try:
        session.refresh()
    except OSError as error:
        raise RoomError(
            f"{folder} cannot be read: {error.strerror or error}. Name the folder with the ledgers."
        ) from error
    key = secrets.token_urlsafe(16)
    try:
        sockets = bind_sockets(port, address)
    except OSError as error:
        raise RoomError(f"Port {port} cannot be used: {error.strerror}. Choose another with: --port") from error
    server = HTTPServer(make_app(session, key, names=names), max_body_size=LARGEST_PASTE)
    server.add_sockets(sockets)
    host = "127.0.0.1" if address in ("", "0.0.0.0", "::") else address
    where = f"http://{host}:{sockets[0].getsockname()[1]}/{key}/"
    say(f"The board is at {where}\nWhoever has this address can see it. To stop it, press Ctrl+C.")
    if open_page:
        open_page(where)
    stopped = asyncio.Event()
    with suppress(NotImplementedError):  # Windows
        asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    while not stopped.is_set():
        with suppress(OSError):
            # In a thread, so that a slow disk never keeps the page waiting.
            await asyncio.to_thread(session.refresh)
        with suppress(TimeoutError):
            await asyncio.wait_for(stopped.wait(), REFRESH_SECONDS)
    server.stop()
