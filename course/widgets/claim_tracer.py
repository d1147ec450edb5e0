"""ClaimTracer: follow the claim from the first words spoken to the article, and write down what to check."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final

from course.methods import lineage
from course.methods.lineage import Difference, WordingRemark
from course.widgets.base import LedgerWidget, assets

if TYPE_CHECKING:
    import pandas as pd

ENTERED: Final = "claim/entered"
BECAUSE: Final = "claim/because"
WORDING: Final = "claim/wording"
SETTINGS: Final = "claim/settings"

CONTENT: Final = ("covers", "thing", "extent", "hedge")
"""The aspects of what a wording says, in the order of the table."""


@dataclass(frozen=True, slots=True)
class _Tracing:
    """What the ledger holds of the learner's tracing, read once, because every reading goes through all answers."""

    marked: str | None
    because: str
    wording: str
    asked: str
    before: str
    after: str


class ClaimTracer(LedgerWidget):
    """Trace the claim's wordings, mark where the absolute entered, and write the wording to be checked.

    The tracer has three faces: what you see when it is the last line of a cell, the methods below, which do the same
    without a mouse, and `table`. Every change is kept in the ledger.

    Parameters
    ----------
    ledger : Ledger, optional
        Default: ``ledger.json`` in the folder of the notebook.
    case : Case, optional
        Default: the case the course ships.

    Examples
    --------
    >>> from course.ledger import Ledger
    >>> tracer = ClaimTracer(ledger=Ledger())
    >>> tracer.mark("C03", because="He reports first.")
    >>> tracer.consequences[0]
    'This one still has a limit: Operations on both banks of one river, not all of Syria.'
    >>> tracer.write("On 6 December 2017 Sergei Shoigu said that operations in Syria were finished.")
    >>> [remark.code for remark in tracer.remarks]
    ['thing']
    """

    MESSAGES: ClassVar[Mapping[str, str]] = {
        "compare": "_choose",
        "mark": "mark",
        "because": "_give_reason",
        "write": "_write",
    }
    _esm, _css = assets("claim_tracer")

    def _prepare(self) -> None:
        self._rows = self.case.rows("claims")
        self._wordings = lineage.wordings(self._rows, self.case.rows("sources"))

    # --- the plain face ---------------------------------------------------------------------------------------

    def compare(self, before: str, after: str) -> pd.DataFrame:
        """Put two wordings side by side, in the view too, and return how they differ.

        Parameters
        ----------
        before, after : str
            Identifiers, such as ``"C05"`` and ``"C06"``.

        Returns
        -------
        pandas.DataFrame
            One row for each aspect: ``aspect``, ``before``, ``after`` (text, None where nothing is said of it) and
            ``change`` (same, added, lost or changed). Once you have marked where the absolute entered, a last row says
            which of the two states it.

        Raises
        ------
        ValueError
            If there is no such wording; the message names those there are. If both are the same.
        """
        import pandas as pd

        self._choose(before, after)
        rows = [
            (row.aspect, "; ".join(row.before) or None, "; ".join(row.after) or None, row.change)
            for row in self._differences(self._read())
        ]
        return pd.DataFrame(rows, columns=["aspect", "before", "after", "change"], dtype=object)

    def mark(self, wording: str | None, *, because: str | None = None) -> None:
        """Mark the wording in which the absolute entered.

        Parameters
        ----------
        wording : str or None
            Identifier, such as ``"C05"``; None takes the mark back.
        because : str, optional
            Your reason. What is left out stays as it was.

        Raises
        ------
        ValueError
            If there is no such wording; the message names those there are. If the reason is not text.
        """
        if because is not None:
            _check_text("The reason", because)
        if wording:
            self.case.row("claims", wording)
        self._answer(ENTERED, wording or "")
        if because is not None:
            self._give_reason(because)

    def write(self, wording: str) -> None:
        """Write the wording that is to be checked. `remarks` says what it still lacks.

        Raises
        ------
        ValueError
            If it is not text.
        """
        self._write(wording)

    @property
    def marked(self) -> str | None:
        """The wording marked, or None."""
        return self._read().marked

    @property
    def because(self) -> str:
        """The reason given for the mark."""
        return self._read().because

    @property
    def wording(self) -> str:
        """The wording to be checked."""
        return self._read().wording

    @property
    def consequences(self) -> tuple[str, ...]:
        """What follows from the mark; empty before there is one."""
        return self._consequences(self._read())

    @property
    def remarks(self) -> tuple[WordingRemark, ...]:
        """What to look at in the wording to be checked; empty if nothing is missing."""
        return self._remarks(self._read())

    def table(self) -> pd.DataFrame:
        """Return one row for each wording, in order of time.

        Columns: ``id``, ``said_on`` (``datetime64[ns]``), ``speaker``, ``attributed_to``, ``kind``, the aspects
        ``covers``, ``thing``, ``extent`` and ``hedge``, ``follows``, and ``marked`` (bool). ``absolute`` and ``note``
        are empty until you have marked where the absolute entered.
        """
        import pandas as pd

        names = ["id", "said_on", "speaker", "attributed_to", "kind", "covers", "thing", "extent", "hedge", "follows"]
        rows, marked = [], self.marked
        for wording in self._wordings.values():
            shown = (wording.absolute, wording.note) if marked else (None, None)
            rows.append([*(getattr(wording, name) or None for name in names), *shown, wording.id == marked])
        frame = pd.DataFrame(rows, columns=[*names, "absolute", "note", "marked"], dtype=object)
        return frame.astype({"said_on": "datetime64[ns]", "absolute": "boolean", "marked": bool})

    def __repr__(self) -> str:
        mark = f"the absolute entered in {self.marked}" if self.marked else "nothing marked yet"
        return f"ClaimTracer: {mark}. Wording to be checked: {lineage.standing(self.remarks)}"

    # --- the view ---------------------------------------------------------------------------------------------

    def _choose(self, before: str, after: str) -> None:
        """Compare two wordings. An empty `before` stands for the one that `after` follows."""
        for name in (before, after) if before else (after,):
            self.case.row("claims", name)
        if before == after:
            raise ValueError(f"{after} cannot be compared with itself. Choose two different wordings.")
        self._answer(SETTINGS, {"before": before, "after": after})

    def _give_reason(self, text: str) -> None:
        self._answer(BECAUSE, _check_text("The reason", text))

    def _write(self, text: str) -> None:
        self._answer(WORDING, _check_text("The wording", text))

    def _make_fixed(self) -> dict[str, Any]:
        lanes = lineage.lanes(self._wordings)
        return {
            "wordings": [
                {
                    "id": wording.id,
                    "label": wording.label,
                    "speaker": wording.speaker,
                    "day": f"{wording.said_on.day} {wording.said_on:%b %Y}" if wording.said_on else wording.day,
                    "follows": wording.follows,
                    "lane": lanes[wording.id],
                    "content": _content(row),
                    "row": [getattr(wording, name) for name in ("label", "attributed_to", "follows", *CONTENT)],
                }
                for wording, row in zip(self._wordings.values(), self._rows, strict=True)
            ],
            "columns": [
                "Wording",
                lineage.ASPECTS["attributed_to"],
                "Follows",
                *(lineage.ASPECTS[name] for name in CONTENT),
                "Marked",
                lineage.ABSOLUTE,
                "What an editor would add",
            ],
        }

    def _make_state(self) -> dict[str, Any]:
        tracing = self._read()
        differences, remarks = self._differences(tracing), self._remarks(tracing)
        return {
            "before": tracing.asked,
            "after": tracing.after,
            "compared": [tracing.before, tracing.after],
            "differences": [_marked_up(difference) for difference in differences],
            "summary": f"From {tracing.before} to {tracing.after}: {lineage.summary(differences)}"
            if tracing.before
            else f"{tracing.after} is the first of its line. Choose a wording to put beside it.",
            "marked": tracing.marked or "",
            "revealed": [["yes" if wording.absolute else "no", wording.note] for wording in self._wordings.values()]
            if tracing.marked
            else [],
            "because": tracing.because,
            "consequences": list(self._consequences(tracing)),
            "chain": lineage.describe_chain(self._wordings, tracing.marked),
            "wording": tracing.wording,
            "standing": lineage.standing(remarks),
            "remarks": [remark.message for remark in remarks if remark.code != "empty"],
        }

    # --- details ----------------------------------------------------------------------------------------------

    def _read(self) -> _Tracing:
        """Read the ledger. What this version of the course does not know counts as blank."""
        answers = self.ledger.answers

        def text(key: str) -> str:
            return value if isinstance(value := answers.get(key), str) else ""

        def known_id(value: object) -> str:
            return value if isinstance(value, str) and value in self._wordings else ""

        settings = self._settings_under(SETTINGS)
        after = known_id(settings.get("after")) or next(
            wording.id for wording in self._wordings.values() if wording.follows
        )
        asked = known_id(settings.get("before"))
        if asked == after:
            asked = ""
        return _Tracing(
            marked=known_id(answers.get(ENTERED)) or None,
            because=text(BECAUSE),
            wording=text(WORDING),
            asked=asked,
            before=asked or self._wordings[after].follows,
            after=after,
        )

    def _differences(self, tracing: _Tracing) -> tuple[Difference, ...]:
        if not tracing.before:
            return ()
        before, after = self._wordings[tracing.before], self._wordings[tracing.after]
        return lineage.compare(before, after, absolute=tracing.marked is not None)

    def _consequences(self, tracing: _Tracing) -> tuple[str, ...]:
        return lineage.what_follows(tracing.marked, self._wordings, tracing.because) if tracing.marked else ()

    def _remarks(self, tracing: _Tracing) -> tuple[WordingRemark, ...]:
        return lineage.remarks(tracing.wording, self._wordings, tracing.marked)


def _content(row: Mapping[str, Any]) -> list[str]:
    """Return what a wording says, how we have it and from where, without comment."""
    quoted = [f"Words quoted: “{row['quoted']}”"] if row["quoted"] else []
    return [row["content"], *quoted, f"How we have it: {lineage.KINDS[row['kind']]}; {row['locator']}"]


def _check_text(what: str, text: str) -> str:
    if not isinstance(text, str):
        raise ValueError(f"{what} is text, not {text!r}. Put it in quotation marks.")
    return text


def _marked_up(difference: Difference) -> dict[str, Any]:
    """Return a difference for the view: every item with the word for how it changed, or with none."""
    lost, added = ("changed from", "changed to") if difference.swapped else ("lost", "added")
    return {
        "aspect": difference.aspect,
        "change": difference.change,
        "before": [[item, lost if item in difference.lost else ""] for item in difference.before],
        "after": [[item, added if item in difference.added else ""] for item in difference.after],
    }
