"""The instructor's part of the ``course`` command. What each command does stands in a module of its own."""

from __future__ import annotations

import typer

app = typer.Typer(rich_markup_mode=None)
