"""JupyterHub, configured for one workshop. It runs in a separate process."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from course.classroom.hub.workshop import NAME_PATTERN, Workshop

# Forty servers that start together need a minute or two on two cores, and longer on an old laptop.
START_SECONDS = 600


def configuration(workshop: Workshop) -> Any:
    """Return JupyterHub's configuration for a workshop."""
    import nativeauthenticator  # type: ignore[import-untyped]
    from traitlets.config import Config

    from course.classroom.hub.signup import ClassAuthenticator
    from course.classroom.hub.spawner import WorkshopSpawner

    hub_port, proxy_port = workshop.internal_ports
    ours, native = Path(__file__).resolve().parent, Path(nativeauthenticator.__file__).resolve().parent
    c = Config()

    c.JupyterHub.bind_url = f"http://{workshop.address}:{workshop.port}/"
    c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{hub_port}"
    c.JupyterHub.db_url = f"sqlite:///{workshop.hub / 'jupyterhub.sqlite'}"
    c.JupyterHub.cookie_secret_file = str(workshop.hub / "cookie-secret")
    c.JupyterHub.template_paths = [str(ours / "templates"), str(native / "templates")]
    # A whole class logs in within a minute. With a limit, some would get an error page and no server; without one,
    # everybody waits a little longer, on a page that says so.
    c.JupyterHub.concurrent_spawn_limit = 0

    c.ConfigurableHTTPProxy.command = [sys.executable, "-m", "course.classroom.hub.proxy"]
    c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{proxy_port}"
    c.ConfigurableHTTPProxy.pid_file = str(workshop.hub / "proxy.pid")

    c.JupyterHub.authenticator_class = ClassAuthenticator
    c.ClassAuthenticator.admin_users = set(workshop.instructors)
    # The instructor's approval or the class code decides who may log in, not a list of names.
    c.ClassAuthenticator.allow_all = True
    # JupyterHub matches only the beginning of a name, so the pattern must mark the end.
    c.ClassAuthenticator.username_pattern = rf"{NAME_PATTERN}\Z"
    c.ClassAuthenticator.minimum_password_length = 8
    c.ClassAuthenticator.check_common_password = True
    c.ClassAuthenticator.allowed_failed_logins = 10
    c.ClassAuthenticator.seconds_before_next_try = 60
    c.ClassAuthenticator.code = workshop.code
    c.ClassAuthenticator.roster = workshop.roster

    c.JupyterHub.spawner_class = WorkshopSpawner
    c.WorkshopSpawner.start_timeout = START_SECONDS
    c.WorkshopSpawner.http_timeout = START_SECONDS
    # A server that does not end by itself is ended: all of them, at the same time, in less than ten seconds.
    c.WorkshopSpawner.interrupt_timeout = 4
    c.WorkshopSpawner.term_timeout = 2
    c.WorkshopSpawner.kill_timeout = 2

    # By default servers and proxy report activity every five minutes. With a shorter idle time, the hub would stop
    # servers in use.
    c.JupyterHub.last_activity_interval = workshop.report_seconds
    culler = [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={workshop.idle_seconds}"]
    c.JupyterHub.services = [{"name": "idle-culler", "command": culler}]
    c.JupyterHub.load_roles = [
        {
            "name": "idle-culler",
            "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
            "services": ["idle-culler"],
        }
    ]
    return c


def main() -> None:
    """Run the hub until it is told to stop."""
    from jupyterhub.app import JupyterHub  # type: ignore[import-untyped]

    JupyterHub.instance(config=configuration(Workshop.from_environment()))
    JupyterHub.launch_instance([])


if __name__ == "__main__":
    main()
