"""Mark instructors' pods, so that they alone reach the cluster that grades. JupyterHub reads this file.

It is handed to the chart: ``helm upgrade … --set-file hub.extraConfig.instructors=deploy/instructors_config.py``. Who
is an instructor stands in values.yaml, as a group.
"""

from typing import Any

c = get_config()  # noqa: F821 - JupyterHub puts it here


def mark_instructor(spawner: Any, pod: Any) -> Any:
    """Give an instructor's pod the label that dask.yaml looks for. Nobody can give it to themselves."""
    if any(group.name == "instructors" for group in spawner.user.groups):
        pod.metadata.labels["completely-free/role"] = "instructor"
    return pod


c.KubeSpawner.modify_pod_hook = mark_instructor
