"""JupyterHub as deploy/ sets it up for a campus, with local processes in place of Kubernetes. JupyterHub reads this."""

import os
import sys
from pathlib import Path

import yaml  # type: ignore[import-untyped]

import course

c = get_config()  # type: ignore[name-defined] # noqa: F821

DEPLOY = Path(course.__file__).resolve().parents[1] / "deploy"
FOLDER = Path(os.environ["CAMPUS_FOLDER"])
PUBLIC, HUB, PROXY, NGSHARE = (int(port) for port in os.environ["CAMPUS_PORTS"].split())
VALUES = yaml.safe_load((DEPLOY / "values.yaml").read_text(encoding="utf-8"))

c.JupyterHub.bind_url = f"http://127.0.0.1:{PUBLIC}/"
c.JupyterHub.hub_bind_url = f"http://127.0.0.1:{HUB}"
c.JupyterHub.db_url = f"sqlite:///{FOLDER / 'jupyterhub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(FOLDER / "cookie-secret")
c.ConfigurableHTTPProxy.command = [sys.executable, "-m", "course.classroom.hub.proxy"]
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{PROXY}"
c.ConfigurableHTTPProxy.pid_file = str(FOLDER / "proxy.pid")

# What the chart does with hub.config, hub.services and singleuser.
for section, settings in VALUES["hub"]["config"].items():
    c[section].update(settings)
if python := os.environ.get("NGSHARE_PYTHON"):
    store = ["--database", f"sqlite:///{FOLDER / 'ngshare.db'}", "--storage", str(FOLDER / "ngshare")]
    c.JupyterHub.services = [
        {
            **service,
            "name": name,
            "url": f"http://127.0.0.1:{NGSHARE}",
            "command": [python, "-m", "ngshare", "--admins", "1001", *store],
            # It has an environment of its own, and nothing of ours belongs into it.
            "environment": {"PYTHONPATH": ""},
        }
        for name, service in VALUES["hub"]["services"].items()
    ]
c.JupyterHub.spawner_class = "simple"
c.SimpleLocalProcessSpawner.home_dir_template = str(FOLDER / "home" / "{username}")
c.Spawner.cmd = [str(DEPLOY / VALUES["singleuser"]["cmd"])]
# Jupyter refuses to run as root unless it is told; in the image nobody is root.
c.Spawner.args = ["--allow-root"] if os.geteuid() == 0 else []
c.Spawner.default_url = VALUES["singleuser"]["defaultUrl"]
c.Spawner.start_timeout = c.Spawner.http_timeout = 120
# What the image has.
c.Spawner.environment = {
    "CAMPUS_LEARNER": str(DEPLOY / "learner"),
    "JUPYTER_CONFIG_PATH": f"{FOLDER / 'etc'}:{Path(course.__file__).resolve().parent / 'share' / 'jupyter'}",
    "NGSHARE_URL": f"http://127.0.0.1:{NGSHARE}/services/ngshare",
    "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    "PYTHONPATH": str(DEPLOY.parent),
    "SHELL": "/bin/bash",
}

load_subconfig(str(DEPLOY / "lti_config.py"))  # type: ignore[name-defined] # noqa: F821
load_subconfig(str(DEPLOY / "instructors_config.py"))  # type: ignore[name-defined] # noqa: F821
