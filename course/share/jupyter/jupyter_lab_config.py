"""JupyterLab's settings that need the path of this folder; the others are in the JSON file beside this one."""

from pathlib import Path

c = get_config()  # type: ignore[name-defined]  # noqa: F821 - what Jupyter gives to its settings files
c.LabApp.extra_labextensions_path = [str(Path(__file__).with_name("labextensions"))]
