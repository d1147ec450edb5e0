"""What every widget shares: it shows a ledger, answers its view, and says what it could not do."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import Any, ClassVar

import anywidget
import traitlets

from course.case import Case, CaseError
from course.judgement import JudgementError
from course.ledger import Ledger

HERE = Path(__file__).parent


def assets(name: str) -> tuple[str, str]:
    """Return a widget's ES module and stylesheet: the shared part followed by its own. No build step, no network."""
    script, style = ((HERE / f"common.{kind}", HERE / f"{name}.{kind}") for kind in ("js", "css"))
    return (
        "\n".join(path.read_text(encoding="utf-8") for path in script),
        "\n".join(path.read_text(encoding="utf-8") for path in style),
    )


class LedgerWidget(anywidget.AnyWidget):
    """A widget whose truth is the ledger.

    The view sends messages such as ``{"type": "judge", …}``; a method of that name (``_on_judge``) handles each. Then
    the widget's `state` is worked out anew and sent back in one trait, which also brings every other view of the same
    ledger up to date. The file is written after the view has been answered, so nobody waits for a disk.

    Parameters
    ----------
    ledger : Ledger, optional
        Default: ``ledger.json`` in the folder of the notebook.
    case : Case, optional
        Default: the case the course ships.
    """

    # What never changes while the widget lives; sent once.
    fixed = traitlets.Dict().tag(sync=True)
    # Everything else; sent whole at every change.
    state = traitlets.Dict().tag(sync=True)

    MESSAGES: ClassVar[Mapping[str, str]] = {}
    """Message types the view may send, each with the method that handles it."""

    def __init__(self, ledger: Ledger | None = None, case: Case | None = None) -> None:
        self.case = case or default_case()
        self.ledger = Ledger.open() if ledger is None else ledger
        self._prepare()
        # The last message of each view that has been handled, so that a view knows when its numbers are current.
        self._handled: dict[str, int] = {}
        self._answering = False
        super().__init__(fixed=self._make_fixed(), state=self._whole_state())
        self._stop_listening: Callable[[], None] = self.ledger.on_change(self._follow)
        self.on_msg(self._receive)

    def _prepare(self) -> None:
        """Set up what the first state needs, once the case and the ledger are there."""

    def _make_fixed(self) -> dict[str, Any]:
        raise NotImplementedError

    def _make_state(self) -> dict[str, Any]:
        raise NotImplementedError

    def _whole_state(self) -> dict[str, Any]:
        return {**self._make_state(), "handled": dict(self._handled), "messages": list(self.ledger.messages)}

    def _repaint(self) -> None:
        self.state = self._whole_state()

    def _follow(self) -> None:
        """Show what somebody else changed; a change of our own view's is shown once, when it is done."""
        if not self._answering:
            self._repaint()

    def _receive(self, _widget: object, content: dict[str, Any], _buffers: object) -> None:
        values = dict(content)
        view, number = str(values.pop("view", "")), int(values.pop("number", 0))
        self._handled[view] = number
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
        self.ledger.save()
        if list(self.ledger.messages) != self.state["messages"]:
            self._repaint()

    def close(self) -> None:
        """Close the widget; the ledger keeps everything."""
        self._stop_listening()
        super().close()


@cache
def default_case() -> Case:
    """Return the case the course ships, read once per kernel."""
    return Case.load()
