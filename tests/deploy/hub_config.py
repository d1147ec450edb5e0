"""JupyterHub as deploy/ sets it up for a campus, with local processes in place of Kubernetes. JupyterHub reads this."""

import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import yaml

import course
from tests.deploy.campus import NGSHARE


def configure(c: Any, load: Callable[[str], None]) -> None:
    deploy = Path(course.__file__).resolve().parents[1] / "deploy"
    folder = Path(os.environ["CAMPUS_FOLDER"])
    public, hub, proxy, ngshare = (int(port) for port in os.environ["CAMPUS_PORTS"].split())
    values = yaml.safe_load((deploy / "values.yaml").read_text(encoding="utf-8"))

    c.JupyterHub.bind_url = f"http://127.0.0.1:{public}/"
    c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{hub}"
    c.JupyterHub.db_url = f"sqlite:///{folder / 'jupyterhub.sqlite'}"
    c.JupyterHub.cookie_secret_file = str(folder / "cookie-secret")
    c.ConfigurableHTTPProxy.command = [sys.executable, "-m", "course.classroom.hub.proxy"]
    c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{proxy}"
    c.ConfigurableHTTPProxy.pid_file = str(folder / "proxy.pid")

    # What the chart does with hub.config, hub.services and singleuser.
    for section, settings in values["hub"]["config"].items():
        c[section].update(settings)
    if NGSHARE.exists():
        store = ["--database", f"sqlite:///{folder / 'ngshare.db'}", "--storage", str(folder / "ngshare")]
        c.JupyterHub.services = [
            {
                **service,
                "name": name,
                "url": f"http://127.0.0.1:{ngshare}",
                "command": [str(NGSHARE), "-m", "ngshare", "--admins", "1001", *store],
                # Nothing of the course's environment belongs into its own.
                "environment": {"PYTHONPATH": ""},
            }
            for name, service in values["hub"]["services"].items()
        ]
    c.JupyterHub.spawner_class = "simple"
    c.SimpleLocalProcessSpawner.home_dir_template = str(folder / "home" / "{username}")
    c.Spawner.cmd = [str(deploy / values["singleuser"]["cmd"])]
    # Jupyter refuses to run as root unless it is told; in the image nobody is root.
    c.Spawner.args = ["--allow-root"] if os.geteuid() == 0 else []
    c.Spawner.default_url = values["singleuser"]["defaultUrl"]
    c.Spawner.start_timeout = c.Spawner.http_timeout = 120
    # What the image has.
    c.Spawner.environment = {
        "CAMPUS_LEARNER": str(deploy / "learner"),
        "JUPYTER_CONFIG_PATH": f"{folder / 'etc'}:{Path(course.__file__).resolve().parent / 'share' / 'jupyter'}",
        "NGSHARE_URL": f"http://127.0.0.1:{ngshare}/services/ngshare",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
        "PYTHONPATH": str(deploy.parent),
        "SHELL": "/bin/bash",
    }

    load(str(deploy / "lti_config.py"))
    load(str(deploy / "instructors_config.py"))


# JupyterHub gives both to a file that it reads; pytest, which looks for doctests, does not.
if "get_config" in globals():
    configure(globals()["get_config"](), globals()["load_subconfig"])
