"""A person in a workshop: what their browser asks of the hub and of their server, without the browser."""

from __future__ import annotations

import json
import time
from typing import Any
from urllib.parse import quote

import requests
from websocket import create_connection

PATIENCE = 300


class Person:
    """Somebody with a browser of their own.

    Parameters
    ----------
    hub : str
        The hub's address, without a slash at the end.
    name, password : str
        What they sign up and log in with.
    called : tuple of str
        Their first and last name.
    """

    def __init__(
        self,
        hub: str,
        name: str,
        password: str = "a fine long password",
        called: tuple[str, str] = ("Zoë", "O’Hara-Núñez"),
    ) -> None:
        self.hub, self.name, self.password, self.called = hub, name, password, called
        self.browser = requests.Session()
        # As browsers do, which read the encoding in the page.
        self.browser.hooks["response"].append(_read_as_utf8)

    def __repr__(self) -> str:
        return self.name

    @property
    def server(self) -> str:
        return f"{self.hub}/user/{self.name}"

    def sign_up(self, code: str = "") -> str:
        """Fill in the form and return the page that answers."""
        form = {
            "first_name": self.called[0],
            "last_name": self.called[1],
            "username": self.name,
            "signup_password": self.password,
            "signup_password_confirmation": self.password,
            "code": code,
        }
        return self._send_form("signup", form)

    def log_in(self) -> str:
        """Fill in the form and return the page that answers. The hub starts the server at once."""
        return self._send_form("login", {"username": self.name, "password": self.password})

    def is_in(self) -> bool:
        """Whether the hub knows who this is."""
        return bool(self.browser.get(f"{self.hub}/hub/home", allow_redirects=False).status_code == 200)

    def let_in(self, other: Person) -> None:
        """As an instructor, press the button beside a name on the page of those who wait."""
        self.browser.get(f"{self.hub}/hub/authorize/{other.name}").raise_for_status()

    def start_server(self) -> None:
        """Press the button on the page that says that the server is not running."""
        self._ask_hub("POST", f"users/{self.name}/server").raise_for_status()

    def wait_for_server(self) -> None:
        """Wait until the server is up, and go there, as the browser does by itself."""
        deadline = time.monotonic() + PATIENCE
        while not self.about_me()["servers"].get("", {}).get("ready"):
            assert time.monotonic() < deadline, f"the server of {self} did not start"
            time.sleep(0.2)
        page = self.browser.get(f"{self.server}/")
        page.raise_for_status()
        assert page.url.startswith(self.server), page.url

    def about_me(self) -> Any:
        """Return what the hub says about this person."""
        return self._ask_hub("GET", f"users/{self.name}").json()

    def get(self, path: str, **query: str) -> Any:
        """Ask the person's own server, and return its answer."""
        return self._ask("GET", path, params=query).json()

    def post(self, path: str, content: object = None) -> Any:
        """Ask the person's own server to do something, and return its answer."""
        return self._ask("POST", path, json=content).json()

    def put(self, path: str, content: object) -> Any:
        """Change something on the person's own server, and return its answer."""
        return self._ask("PUT", path, json=content).json()

    def act(self, action: str, assignment: str, course: str) -> Any:
        """Press a button in nbgrader's list of assignments: ``fetch``, ``submit`` or ``fetch_feedback``."""
        return self.post(f"assignments/{action}", {"assignment_id": assignment, "course_id": course})

    def read(self, path: str) -> Any:
        """Return what is in a file, or the list of what is in a folder."""
        return self.get(f"api/contents/{quote(path)}")["content"]

    def write(self, path: str, content: Any) -> None:
        """Save a notebook or a text."""
        kind = {"type": "file", "format": "text"} if isinstance(content, str) else {"type": "notebook"}
        self._ask("PUT", f"api/contents/{quote(path)}", json={**kind, "content": content}).raise_for_status()

    def run(self, code: str, timeout: float = PATIENCE, *, keep: bool = False) -> str:
        """Run a cell in a fresh kernel and return what it prints, or its error's name and text.

        The kernel is ended, unless it is to be kept.
        """
        kernel = self._ask("POST", "api/kernels", json={"name": "python3"}).json()["id"]
        cookies = "; ".join(f"{cookie.name}={cookie.value}" for cookie in self.browser.cookies)
        address = f"{self.server}/api/kernels/{kernel}/channels".replace("http:", "ws:")
        channel = create_connection(address, cookie=cookies, timeout=timeout)
        try:
            header = {"msg_id": "1", "msg_type": "execute_request", "username": "", "session": "1", "version": "5.3"}
            content = {"code": code, "silent": False, "store_history": False}
            message = {"header": header, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell"}
            channel.send(json.dumps(message))
            printed = ""
            while True:
                answer = json.loads(channel.recv())
                if answer["parent_header"].get("msg_id") != "1":
                    continue
                if answer["msg_type"] == "stream":
                    printed += answer["content"]["text"]
                if answer["msg_type"] == "error":
                    printed += f"{answer['content']['ename']}: {answer['content']['evalue']}"
                if answer["msg_type"] == "status" and answer["content"]["execution_state"] == "idle":
                    return printed.strip()
        finally:
            channel.close()
            if not keep:
                self._ask("DELETE", f"api/kernels/{kernel}")

    def _send_form(self, page: str, form: dict[str, str]) -> str:
        self.browser.get(f"{self.hub}/hub/{page}").raise_for_status()
        answer = self.browser.post(f"{self.hub}/hub/{page}", data=form | {"_xsrf": self._key("/hub/")})
        assert answer.status_code < 500, answer.text
        return str(answer.text)

    def _ask_hub(self, method: str, path: str) -> Any:
        headers = {"X-XSRFToken": self._key("/hub/"), "Content-Type": "application/json"}
        return self.browser.request(method, f"{self.hub}/hub/api/{path}", headers=headers)

    def _ask(self, method: str, path: str, **options: Any) -> Any:
        headers = {"X-XSRFToken": self._key(f"/user/{self.name}/")}
        answer = self.browser.request(method, f"{self.server}/{path}", headers=headers, timeout=PATIENCE, **options)
        assert answer.status_code < 500, f"{method} {path}: {answer.status_code} {answer.text[:2000]}"
        return answer

    def _key(self, path: str) -> str:
        """Return what a page has to send along so that the server knows the request comes from its own page."""
        return str(next((c.value for c in self.browser.cookies if c.name == "_xsrf" and c.path == path), ""))


def _read_as_utf8(answer: requests.Response, *_: Any, **__: Any) -> None:
    answer.encoding = "utf-8"
