"""What every widget shares: it shows a ledger, answers its view, and reports what it refuses."""

from __future__ import annotations

import asyncio
import atexit
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, cast

import anywidget
import traitlets

from course.case import Case, CaseError, default_case
from course.case.notebook_table import table_html
from course.ledger import CaseLedger, Ledger
from course.ledger.judgement import JudgementError
from course.wording.pages import TOKENS

if TYPE_CHECKING:
    import pandas as pd

HERE = Path(__file__).parent

SAVE_AFTER_SECONDS = 0.03
"""Long enough for an answer to leave the kernel, too short for anybody to notice."""


def assets(name: str) -> tuple[str, str]:
    """Return a widget's ES module and stylesheet: the shared part followed by its own. No build step, no network."""
    script = (HERE / "common.js", HERE / f"{name}.js")
    style = (TOKENS, HERE / "common.css", HERE / f"{name}.css")
    return (
        "\n".join(path.read_text(encoding="utf-8") for path in script),
        "\n".join(path.read_text(encoding="utf-8") for path in style),
    )


class LedgerWidget(anywidget.AnyWidget):
    """A widget whose truth is the ledger.

    The view sends messages such as ``{"type": "judge", …}``; `MESSAGES` names the method that handles each. Then the
    widget's state is computed again and what differs is sent back, which also brings every other view of the same
    ledger up to date. The file is written once the view has been answered, so nobody waits for a disk.

    Parameters
    ----------
    ledger : Ledger, optional
        Default: ``ledger.json`` in the folder of the notebook.
    case : Case, optional
        Default: the case the course ships.
    """

    # What never changes while the widget lives; sent once.
    fixed = traitlets.Dict().tag(sync=True)
    # Everything else. The trait is read only when a view opens or the page is loaded again; changes go as messages,
    # which hold a small part of it and reach the screen sooner.
    state = traitlets.Dict().tag(sync=True, to_json=lambda _, widget: widget._current_state())

    MESSAGES: ClassVar[Mapping[str, str]] = {}
    """Message types the view may send, each with the method that handles it."""

    AT_A_GLANCE: ClassVar[tuple[str, ...]] = ()
    """The columns of `table` to show where no kernel runs; all of them if it is empty."""

    # A widget that refused its arguments is closed without ever having listened or saved.
    _stop_listening: Callable[[], None] | None = None
    _saving: asyncio.TimerHandle | None = None
    _answering = False

    def __init__(self, ledger: Ledger | None = None, case: Case | None = None) -> None:
        self.case = case or default_case()
        self.ledger = Ledger.open() if ledger is None else ledger
        self._ledger: Ledger | CaseLedger = self._part_of(self.ledger)
        self._prepare()
        # The highest number of each view's messages that have been handled, so that a view knows whether it is current.
        self._handled: dict[str, int] = {}
        self._shown: dict[str, Any] = {}
        self._version = 0
        super().__init__(fixed={**self._make_fixed(), "storage_key": self._storage_key()})
        self._stop_listening = self._ledger.on_change(self._follow)
        self.on_msg(self._receive)

    def _part_of(self, ledger: Ledger) -> Ledger | CaseLedger:
        """Return the part of a ledger that belongs to the case, so that cases do not get into each other's way."""
        return CaseLedger(ledger, self.case.subject.name) if self.case.ledger_prefix else ledger

    def _prepare(self) -> None:
        """Set up what the first state needs, once the case and the ledger are there."""

    def table(self) -> pd.DataFrame:
        """Return what the widget shows as a table."""
        raise NotImplementedError

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """Return what the cell's output holds: the view, and a table to read where no kernel answers the view."""
        data, metadata = cast("tuple[dict[str, Any], dict[str, Any]]", super()._repr_mimebundle_(**kwargs))
        return {**data, "text/html": self._static_html()}, metadata

    def _static_html(self) -> str:
        """Return what an exported page, and a notebook that is opened and not run, show in place of the view."""
        name, table = type(self).__name__, self.table()
        if self.AT_A_GLANCE:
            first, *others = self.AT_A_GLANCE
            table = table.set_index(first)[others]
        style = "max-height: 26rem; overflow: auto"
        return (
            f"<p><strong>{name}</strong>, as it was when this cell last ran. Run the cell to use it.</p>\n"
            f'<div tabindex="0" role="group" aria-label="{name} as a table" style="{style}">\n'
            f"{table_html(table)}\n</div>"
        )

    def _make_fixed(self) -> dict[str, Any]:
        """Return what never changes while the widget lives, as JSON."""
        raise NotImplementedError

    def _make_state(self) -> dict[str, Any]:
        """Return what the views show now, as JSON."""
        raise NotImplementedError

    def _answer(self, key: str, value: object) -> None:
        """Put an answer into the ledger. A change that a view sent is saved after the view has been answered."""
        self._ledger.answer(key, value, save=not self._answering)

    def _settings_under(self, key: str) -> dict[str, Any]:
        """Return the mapping the ledger holds under a key; a value from another version counts as empty."""
        settings = self._ledger.answers.get(key)
        return settings if isinstance(settings, dict) else {}

    def _name_of(self, source: object) -> str:
        """Return a source's name."""
        return str(self.case.row("sources", str(source))["name"])

    def _storage_key(self) -> str:
        """Return the key under which a browser tab stores changes that a lost kernel has not answered.

        It is the same for every view of one widget, ledger and case, and says nothing of the learner's folders, because
        notebooks are handed in.
        """
        if self._ledger.path is None:
            return ""
        place = f"{self._ledger.path}{self.case.subject.name}"
        return f"{type(self).__name__}-{sha256(place.encode()).hexdigest()[:16]}"

    def _current_state(self) -> dict[str, Any]:
        """Compute what the views should show now, and remember it as what they have."""
        self._version += 1
        self._shown = {
            **self._make_state(),
            "version": self._version,
            "handled": dict(self._handled),
            "messages": list(self._ledger.messages),
            "kept": self._ledger.kept,
        }
        return self._shown

    def _repaint(self) -> None:
        """Send the views what has changed."""
        before = self._shown
        self.send({"type": "state", **_difference(before, self._current_state())})

    def _follow(self) -> None:
        """Show a change that came from elsewhere; a change from our own view is shown once, when it is done."""
        if not self._answering:
            self._repaint()

    def _receive(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        if content.get("type") == "again":
            # A whole state that was on its way when a change went out has overtaken it on the other side.
            self.send({"type": "state", "set": self._current_state(), "merge": {}})
            return
        values = dict(content)
        view, number = str(values.pop("view", "")), int(values.pop("number", 0))
        # While a kernel is being connected to, messages can overtake each other. Were an earlier one to set the number
        # back, the view would wait for an answer that it has had.
        self._handled[view] = max(number, self._handled.get(view, 0))
        handler = self.MESSAGES.get(str(values.pop("type", "")))
        self._answering = True
        try:
            if handler is None:
                raise ValueError("The view asked for something this widget does not do. Run the cell again.")
            getattr(self, handler)(**values)
        except (JudgementError, CaseError, ValueError, TypeError) as error:
            self.send({"type": "refused", "message": str(error)})
        finally:
            self._answering = False
        self._repaint()
        self._save_soon()

    def _save_soon(self) -> None:
        """Save once the answer is on its way: shortly after in a kernel, now where there is no event loop."""
        try:
            loop = asyncio.get_running_loop()
        except RuntimeError:
            self._save()
            return
        if self._saving is None:
            self._saving = loop.call_later(SAVE_AFTER_SECONDS, self._save)
            # A kernel that stops in between still saves.
            atexit.register(self._save)

    def _save(self) -> None:
        self._saving = None
        atexit.unregister(self._save)
        self._ledger.save()
        if list(self._ledger.messages) != self._shown.get("messages"):
            self._repaint()

    def freeze(self) -> None:
        """Write the ledger into this cell, so that the notebook alone can be handed in.

        In a notebook the cell's content is replaced by the frozen ledger; elsewhere, and in a browser-only notebook,
        it is printed to be copied.
        """
        from IPython import get_ipython

        note = "# Frozen from your ledger. To change it, change the widget and freeze again."
        text = f'{note}\nfrozen = r"""\n{self._ledger.dumps()}"""'
        if shell := get_ipython():
            shell.set_next_input(text, replace=True)
        else:
            print(text)  # noqa: T201 - to be copied

    def close(self) -> None:
        """Close the widget; the ledger keeps everything."""
        if self._stop_listening is not None:
            self._stop_listening()
        if self._saving is not None:
            self._saving.cancel()
            self._save()
        super().close()


def given(**values: Any) -> dict[str, Any]:
    """Return the arguments that were given: those that are not None."""
    return {name: value for name, value in values.items() if value is not None}


def labelled(scale: Mapping[Any, str]) -> list[list[str]]:
    """Return a scale as options for a view: each code with its label."""
    return [[str(code), f"{code}: {label}"] for code, label in scale.items()]


def _difference(before: Mapping[str, Any], now: Mapping[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what differs: whole values under ``set``; under ``merge`` the parts of mappings whose keys stayed."""
    whole: dict[str, Any] = {}
    parts: dict[str, Any] = {}
    for key, value in now.items():
        old = before.get(key)
        if isinstance(value, dict) and isinstance(old, dict) and value.keys() == old.keys():
            if changed := {name: part for name, part in value.items() if part != old[name]}:
                parts[key] = changed
        elif value != old:
            whole[key] = value
    return {"set": whole, "merge": parts}
