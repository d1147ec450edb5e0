"""JupyterHub, its native authenticator, its proxy in Python and LTI: what the hub and the campus override."""

from __future__ import annotations

import sys
from pathlib import Path

import configurable_http_proxy.cli  # type: ignore[import-untyped]
import configurable_http_proxy.configproxy  # type: ignore[import-untyped]
import configurable_http_proxy.handlers  # type: ignore[import-untyped]
import jupyterhub.singleuser.extension  # type: ignore[import-untyped]
import jupyterhub.spawner  # type: ignore[import-untyped]
from jupyterhub.handlers.login import LoginHandler  # type: ignore[import-untyped]
from jupyterhub.spawner import LocalProcessSpawner
from ltiauthenticator.lti11.auth import LTI11Authenticator  # type: ignore[import-untyped]
from ltiauthenticator.lti11.handlers import LTI11AuthenticateHandler  # type: ignore[import-untyped]
from nativeauthenticator import NativeAuthenticator  # type: ignore[import-untyped]
from nativeauthenticator.handlers import LocalBase, SignUpHandler  # type: ignore[import-untyped]
from nativeauthenticator.handlers import LoginHandler as NativeLoginHandler

from tests.upstream import member, parameters, require, source

TEMPLATES = Path(sys.prefix, "share/jupyterhub/templates")


def test_the_page_to_log_in_is_drawn_in_a_method() -> None:
    require(
        parameters(member(LoginHandler, "_render"))[:3] == ["self", "login_error", "username"],
        "H1",
        "JupyterHub draws its page to log in with LoginHandler._render(login_error, username)",
    )
    for block, template in [("login_terms", "login.html"), ("main", "page.html")]:
        text = (TEMPLATES / template).read_text(encoding="utf-8")
        require("{% block " + block + " %}" in text, "H1", f"JupyterHub's {template} has the block {block}")
    require(
        '"xsrf": self.xsrf_token' in source(member(LoginHandler, "_render")),
        "H1",
        "JupyterHub's forms need the hidden field _xsrf, and templates are given it as xsrf",
    )


def test_the_native_authenticator_has_these_pages_and_questions() -> None:
    require(
        issubclass(SignUpHandler, LocalBase) and issubclass(NativeLoginHandler, LocalBase),
        "H2",
        "the native authenticator's pages are built on LocalBase",
    )
    pages = source(NativeAuthenticator.get_handlers)
    require(
        'r"/login", LoginHandler' in pages and 'r"/signup", SignUpHandler' in pages,
        "H2",
        "the native authenticator answers at /login with LoginHandler and at /signup with SignUpHandler",
    )
    for name in (
        *("user_exists", "create_user", "get_user", "is_blocked", "is_password_strong", "validate_username"),
        *("minimum_password_length", "check_common_password", "allowed_failed_logins", "seconds_before_next_try"),
    ):
        require(hasattr(NativeAuthenticator, name), "H2", f"the native authenticator has {name}")


def test_a_server_is_started_in_these_steps() -> None:
    require(
        parameters(member(LocalProcessSpawner, "make_preexec_fn")) == ["self", "name"]
        and parameters(member(LocalProcessSpawner, "user_env")) == ["self", "env"],
        "H3",
        "LocalProcessSpawner has make_preexec_fn(name) and user_env(env)",
    )
    steps = source(LocalProcessSpawner.start)
    require(
        "cmd.extend(self.cmd)" in steps and "preexec_fn=self.make_preexec_fn(" in steps,
        "H3",
        "LocalProcessSpawner starts self.cmd, and what make_preexec_fn returns before it",
    )
    require(
        "JUPYTERHUB_ACTIVITY_INTERVAL" in source(jupyterhub.singleuser.extension),
        "H3",
        "a server reports to the hub as often as JUPYTERHUB_ACTIVITY_INTERVAL says",
    )


def test_the_proxy_asks_as_tornado_is_configured() -> None:
    require(
        "AsyncHTTPClient()" in source(configurable_http_proxy.handlers),
        "H4",
        "the proxy fetches pages with Tornado's AsyncHTTPClient as it is configured for the process",
    )
    command = configurable_http_proxy.cli.main
    require(
        any("--proxy-timeout" in option.opts for option in getattr(command, "params", ())),
        "H4",
        "the proxy's command has the option --proxy-timeout",
    )


def test_the_proxy_notes_the_time_of_its_own_clock() -> None:
    require(
        "datetime.datetime.now()" in source(configurable_http_proxy.configproxy),
        "H4",
        "the proxy notes in local time when a server was last used",
    )


def test_a_platform_sends_people_to_one_address() -> None:
    require(
        '"/lti/launch", LTI11AuthenticateHandler' in source(LTI11Authenticator.get_handlers),
        "H5",
        "ltiauthenticator answers at /lti/launch with LTI11AuthenticateHandler",
    )
    require(
        "post" in vars(LTI11AuthenticateHandler) and "get" not in vars(LTI11AuthenticateHandler),
        "H5",
        "ltiauthenticator has no page for those who come to /lti/launch without the platform",
    )
