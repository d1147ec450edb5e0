"""docs/commands.md documents every command of ``course``, and is what `make commands` writes."""

from __future__ import annotations

import typer
from typer.testing import CliRunner

from course.cli import app
from tests.gradebook import ROOT

PAGE = ROOT / "docs" / "commands.md"


def test_every_command_and_option_has_a_help_text_and_a_place_on_the_page() -> None:
    page = PAGE.read_text(encoding="utf-8")
    group = typer.main.get_command(app)
    commands = group.commands  # type: ignore[attr-defined]

    assert {"start", "lab", "check", "grade", "report", "export", "doctor", "demo", "hub"} <= set(commands)
    for name, command in commands.items():
        assert f"## `course {name}`" in page
        assert command.help, name
        for parameter in command.params:
            assert parameter.help, f"{name} {parameter.name}"
            if parameter.param_type_name == "option":
                assert f"`{parameter.opts[0]}" in page


def test_the_page_is_current() -> None:
    from typer.cli import app as typer_app

    written = CliRunner().invoke(typer_app, ["course.cli", "utils", "docs", "--name", "course"])

    assert written.exit_code == 0, written.output
    assert PAGE.read_text(encoding="utf-8").strip() == written.output.strip(), "Run: make commands"
