"""JupyterLab's page, widgets in it, and JupyterLite: what our scripts, styles and settings find there."""

from __future__ import annotations

import json
import sys
import tarfile
from functools import cache
from importlib.resources import files
from pathlib import Path

import anywidget
import jupyterlab
import jupyterlite_core  # type: ignore[import-untyped]
import traitlets
from ipywidgets import Widget
from jupyterlab.labapp import LabApp
from jupyterlite_core.config import LiteBuildConfig  # type: ignore[import-untyped]

from course.charts import VEGA_LITE
from course.classroom.lite.build import BY_NAME
from tests.upstream import parameters, require

LAB = Path(sys.prefix, "share/jupyter/lab")


@cache
def scripts_of_lab() -> str:
    """Return JupyterLab's own scripts, as it sends them to a browser."""
    return "".join(path.read_text(encoding="utf-8") for path in sorted(LAB.glob("static/*.js")))


def test_a_control_may_keep_its_keys() -> None:
    require(
        'hasAttribute("data-lm-suppress-shortcuts")' in scripts_of_lab(),
        "F1",
        "JupyterLab leaves a control its keys if it has the attribute data-lm-suppress-shortcuts",
    )


def test_a_cell_is_known_by_its_class() -> None:
    require('"jp-Cell"' in scripts_of_lab(), "F2", "JupyterLab gives each cell the class jp-Cell")


def test_themes_say_light_or_dark_and_name_their_colours() -> None:
    require("jpThemeLight" in scripts_of_lab(), "F3", "JupyterLab says data-jp-theme-light on its page")
    for theme in ("light", "dark"):
        style = (LAB / f"themes/@jupyterlab/theme-{theme}-extension/index.css").read_text(encoding="utf-8")
        for name in ("ui-font-color0", "ui-font-color1", "ui-font-family", "layout-color1", "layout-color2"):
            require(f"--jp-{name}:" in style, "F3", f"JupyterLab's {theme} theme has the colour or font --jp-{name}")


def test_lab_draws_charts_of_vega_lite_5() -> None:
    require(
        VEGA_LITE.replace("application/", "") in scripts_of_lab(), "F4", f"JupyterLab draws outputs of type {VEGA_LITE}"
    )


def test_settings_that_are_overridden_exist() -> None:
    overrides = json.loads(
        files("course").joinpath("share/jupyter/labconfig/default_setting_overrides.json").read_text(encoding="utf-8")
    )
    for plugin, settings in overrides.items():
        package, _, name = plugin.partition(":")
        path = LAB / "schemas" / package / f"{name}.json"
        schema = json.loads(path.read_text(encoding="utf-8"))["properties"] if path.is_file() else {}
        for setting in settings:
            require(setting in schema, "F5", f"JupyterLab's {plugin} has the setting {setting}")
    page = json.loads(files("course").joinpath("share/jupyter/labconfig/page_config.json").read_text(encoding="utf-8"))
    for plugin in page["disabledExtensions"]:
        require(f'"{plugin}"' in scripts_of_lab(), "F5", f"JupyterLab has the plugin {plugin}")
    for name in ("check_for_updates_class", "extension_manager", "news_url"):
        require(hasattr(LabApp, name), "F5", f"JupyterLab has the option LabApp.{name}")
    require(hasattr(jupyterlab, "NeverCheckForUpdate"), "F5", "JupyterLab has NeverCheckForUpdate")


def test_a_trait_may_be_worked_out_when_it_is_sent() -> None:
    class Counter(Widget):  # type: ignore[misc]
        asked = traitlets.Int().tag(sync=True, to_json=lambda value, widget: [value, type(widget).__name__])

    require(
        Counter(asked=3).get_state("asked") == {"asked": [3, "Counter"]},
        "F6",
        "ipywidgets sends of a trait what its to_json(value, widget) returns",
    )
    require(
        parameters(Widget.on_msg)[:2] == ["self", "callback"] and parameters(Widget.send)[:2] == ["self", "content"],
        "F6",
        "ipywidgets has on_msg(callback) and send(content)",
    )


def test_a_widget_says_what_it_is() -> None:
    class Empty(anywidget.AnyWidget):
        _esm = "export default {}"

        def __repr__(self) -> str:
            return "nothing to see"

    state = Empty().get_state()
    require(
        str(state.get("_anywidget_id", "")).endswith(".Empty"),
        "F6",
        "anywidget puts the name of a widget's class into its state as _anywidget_id",
    )
    shown = Empty()._repr_mimebundle_() or ({},)
    require(
        shown[0].get("text/plain") == "nothing to see"
        and "model_id" in shown[0].get("application/vnd.jupyter.widget-view+json", {}),
        "F6",
        "anywidget shows a widget as its repr and as the model_id of its view",
    )


def test_a_widget_without_a_model_is_told_by_a_sentence() -> None:
    folder = Path(sys.prefix, "share/jupyter/labextensions/@jupyter-widgets/jupyterlab-manager/static")
    require(
        any(
            "Error displaying widget: model not found" in path.read_text(encoding="utf-8")
            for path in folder.glob("*.js")
        ),
        "F10",
        "JupyterLab writes “Error displaying widget: model not found” where a widget has no model",
    )


def test_jupyterlite_finds_what_runs_by_a_notebooks_name() -> None:
    (archive,) = Path(jupyterlite_core.__file__).parent.glob("jupyterlite-app-*.tgz")
    with tarfile.open(archive) as app:
        hits = [
            name.name
            for name in app
            if name.name.endswith(".js") and (part := app.extractfile(name)) and BY_NAME.encode() in part.read()
        ]
    require(
        len(hits) == 1,
        "F7",
        "one of JupyterLite's minified scripts finds a session by the notebook's name, in the words of BY_NAME",
    )


def test_jupyterlite_is_built_by_these_options() -> None:
    for name in (
        *("apps", "contents", "federated_extensions", "ignore_sys_prefix", "no_sourcemaps"),
        *("no_unused_shared_packages", "settings_overrides"),
    ):
        require(hasattr(LiteBuildConfig, name), "F7", f"JupyterLite has the option LiteBuildConfig.{name}")
