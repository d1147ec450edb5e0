"""ClaimTracer: follow the claim from the first words spoken to the article, and write down what to check."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Final

from course.methods import lineage
from course.methods.lineage import Difference, Wording, WordingRemark
from course.widgets.base import LedgerWidget, assets

if TYPE_CHECKING:
    import pandas as pd

ENTERED: Final = "claim/entered"
BECAUSE: Final = "claim/because"
WORDING: Final = "claim/wording"
SETTINGS: Final = "claim/settings"

CONTENT: Final = ("covers", "thing", "extent", "hedge")
"""The aspects of what a wording says, in the order of the table."""


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

    AT_A_GLANCE = ("id", "said_on", "speaker", "thing", "extent", "hedge", "marked")
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
            for row in self._differences()
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
        return self._known_id(self._ledger.answers.get(ENTERED)) or None

    @property
    def because(self) -> str:
        """The reason given for the mark."""
        return self._text(BECAUSE)

    @property
    def wording(self) -> str:
        """The wording to be checked."""
        return self._text(WORDING)

    @property
    def consequences(self) -> tuple[str, ...]:
        """What follows from the mark; empty before there is one."""
        marked = self.marked
        return lineage.what_follows(marked, self._wordings, self.because) if marked else ()

    @property
    def remarks(self) -> tuple[WordingRemark, ...]:
        """What to look at in the wording to be checked; empty if nothing is missing."""
        return lineage.remarks(self.wording, self._wordings, self.marked, self.case.subject)

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
            "absolute": self.case.subject.absolute,
            "wordings": [
                {
                    "id": wording.id,
                    "label": wording.label,
                    "speaker": wording.speaker,
                    "day": f"{wording.said_on.day} {wording.said_on:%b %Y}" if wording.said_on else wording.day,
                    "date": wording.said_on.isoformat() if wording.said_on else "",
                    "follows": wording.follows,
                    "steps": self._steps(wording),
                    "lane": lanes[wording.id],
                    "words": row["content"],
                    "quoted": row["quoted"] or "",
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
        chosen, before, after = self._compared()
        marked, differences, remarks = self.marked, self._differences(), self.remarks
        return {
            "before": chosen,
            "after": after,
            "compared": [before, after],
            "differences": [_marked_up(difference) for difference in differences],
            "summary": f"From {before} to {after}: {lineage.summary(differences)}"
            if before
            else f"{after} is the first of its line. Choose a wording to put beside it.",
            "marked": marked or "",
            "revealed": [["yes" if wording.absolute else "no", wording.note] for wording in self._wordings.values()]
            if marked
            else [],
            "because": self.because,
            "consequences": list(self.consequences),
            "chain": lineage.describe_chain(self._wordings, marked),
            "wording": self.wording,
            "standing": lineage.standing(remarks),
            "remarks": [remark.message for remark in remarks if remark.code != "empty"],
        }

    # --- details ----------------------------------------------------------------------------------------------

    def _text(self, key: str) -> str:
        """Return the text the ledger holds under a key; anything else counts as blank."""
        return value if isinstance(value := self._ledger.answers.get(key), str) else ""

    def _known_id(self, value: object) -> str:
        """Return the id of a wording; anything else, such as one of another version, counts as blank."""
        return value if isinstance(value, str) and value in self._wordings else ""

    def _compared(self) -> tuple[str, str, str]:
        """Return the wording chosen to compare with, if any; the one compared with, if any; and the one compared."""
        settings = self._settings_under(SETTINGS)
        following = (wording.id for wording in self._wordings.values() if wording.follows)
        # A case may have a single wording, or none that follows another.
        after = self._known_id(settings.get("after")) or next(following, next(iter(self._wordings)))
        chosen = self._known_id(settings.get("before"))
        if chosen == after:
            chosen = ""
        return chosen, chosen or self._wordings[after].follows, after

    def _steps(self, wording: Wording) -> list[list[str]]:
        """Return what changed since the wording that this one follows. Whose words they are is seen without it."""
        if not wording.follows:
            return []
        content = {lineage.ASPECTS[name] for name in CONTENT}
        return [
            [difference.aspect, difference.change]
            for difference in lineage.compare(self._wordings[wording.follows], wording)
            if difference.aspect in content and difference.change != "same"
        ]

    def _differences(self) -> tuple[Difference, ...]:
        _, before, after = self._compared()
        if not before:
            return ()
        absolute = self.marked is not None
        return lineage.compare(self._wordings[before], self._wordings[after], absolute=absolute)


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
