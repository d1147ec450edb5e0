"""ScopeLens: what a figure can and cannot say about a place and a day."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Final

from course.methods import scope as scopes
from course.methods.bounds import NOTHING, Assumption
from course.methods.scope import Interpretation
from course.widgets.base import LedgerWidget, assets, given
from course.wording import format_day, listed

if TYPE_CHECKING:
    import pandas as pd

    from course.charts import Figure

SETTINGS: Final = "scope/settings"
ASSUMPTION: Final = "scope/assumption"

OWN: Final = "own"
"""Instead of a day: the date that the figure itself gives."""


class ScopeLens(LedgerWidget):
    """Read a figure of the case for a place and a day.

    The lens has three faces: what you see when it is the last line of a cell, the methods below, which do the same
    without a mouse, and `table`. What you choose and assume is kept in the ledger.

    Parameters
    ----------
    ledger : Ledger, optional
        Default: ``ledger.json`` in the folder of the notebook.
    case : Case, optional
        Default: the case the course ships.

    Examples
    --------
    >>> from course.ledger import Ledger
    >>> lens = ScopeLens(ledger=Ledger())
    >>> seen = lens.look("Q12", denominator="Q01", scope="Syria", on="2017-12-06")
    >>> seen.low, seen.high, seen.unit, seen.open
    (0.0, 1020.0, 'sq_mi', False)
    >>> lens.assume(low=0.3, high=0.6, because="Most of the desert pockets were Syrian.")
    >>> lens.result.assumed.low, lens.result.assumed.high
    (306.0, 612.0)
    """

    AT_A_GLANCE = ("figure", "measure", "says", "covers", "of", "unit")
    MESSAGES: ClassVar[Mapping[str, str]] = {
        "look": "look",
        "assume": "_assume_percent",
        "drop": "drop_assumption",
        "table": "_open_table",
    }
    _esm, _css = assets("scope_lens")

    def _prepare(self) -> None:
        subject = self.case.subject
        self._figures = scopes.quantities(self.case.rows("quantities"), self.case.rows("statements"), subject)
        if not self._figures:
            raise ValueError("This case has no figures, so there is nothing to look at. Add rows to its quantities.")
        first = self._figures[subject.start_with["figure"]]
        self._as_published = {"figure": first.id, "denominator": "", "scope": first.scope, "on": OWN}
        self._table_is_open = False

    # --- the plain face ---------------------------------------------------------------------------------------

    def look(
        self,
        figure: str | None = None,
        *,
        denominator: str | None = None,
        scope: str | None = None,
        on: str | date | None = None,
    ) -> Interpretation:
        """Read a figure for a place and a day. What is left out stays as it was.

        Parameters
        ----------
        figure : str, optional
            Identifier in ``case.quantities``, such as ``"Q12"``.
        denominator : str, optional
            For a share: the amount it is taken of, such as ``"Q01"``; ``""`` for none.
        scope : str, optional
            A place of the case, such as ``"Syria"``, or several together, such as ``"Iraq+Syria"``.
        on : str or datetime.date, optional
            The day, such as ``"2017-12-06"``, or ``"own"`` for the figure's own date.

        Returns
        -------
        course.methods.scope.Interpretation
            With nothing assumed: `low`, `high` (``math.inf`` where there is no upper end), `open`, `unit`; with your
            assumption: `assumed`; in words: `can`, `cannot`, `text`.

        Raises
        ------
        ValueError
            If there is no such figure, scope or day, or the figure is no share of that denominator; the message names
            those there are.
        """
        chosen = {
            **self._chosen(),
            **given(figure=figure, denominator=denominator, scope=scope, on=self._written_day(on)),
        }
        if figure is not None:
            self.case.row("quantities", figure)
        if denominator:
            self.case.row("quantities", denominator)
            self._look(chosen["figure"], chosen, strict=True)
        if chosen["scope"] not in (places := self.case.subject.places):
            raise ValueError(f"There is no scope {scope!r}. Scopes: {', '.join(places)}.")
        self._answer(SETTINGS, chosen)
        return self.result

    def assume(self, *, low: float = 0.0, high: float = 1.0, unchanged: bool = False, because: str) -> None:
        """State what you take for granted. It replaces what you assumed before.

        Parameters
        ----------
        low, high : float
            The claim's place has a share of the joint total that lies between these: 0.3 is 30 percent.
        unchanged : bool
            Whether nothing is taken to have changed between the figure's date and the day it is read for.
        because : str
            Your reason.

        Raises
        ------
        ValueError
            If a share is not a number from 0 to 1, or the lower one is above the higher one.
        """
        self._answer(ASSUMPTION, _kept(Assumption(low, high, unchanged, because)))

    def drop_assumption(self) -> None:
        """Assume nothing again."""
        self._answer(ASSUMPTION, _kept(NOTHING))

    @property
    def assumption(self) -> Assumption:
        """What you assume at present."""
        subject = self.case.subject
        try:
            settings = self._settings_under(ASSUMPTION)
            return Assumption(**settings, place=subject.places[subject.place]) if settings else NOTHING
        except (TypeError, ValueError):
            return NOTHING  # written by another version

    @property
    def result(self) -> Interpretation:
        """The figure as it is read at present."""
        chosen = self._chosen()
        return self._look(chosen["figure"], chosen)

    def table(self) -> pd.DataFrame:
        """Return every figure, read for the place and day chosen: one row each.

        Columns: figure, measure, says (as published), covers and of (its own place and date), low and high (nothing
        assumed; ``inf`` where there is no upper end), assumed_low and assumed_high (empty where no assumption applies),
        unit, and one for each reading that figures bear on (what the figure means for it). Shares are in percent unless
        the chosen denominator fits them.
        """
        import pandas as pd

        rows = []
        for seen in self._looks():
            quantity, assumed = seen.quantity, seen.assumed
            rows.append(
                {
                    "figure": quantity.id,
                    "measure": quantity.measure,
                    "says": quantity.says,
                    "covers": quantity.scope,
                    "of": quantity.when,
                    "low": seen.low,
                    "high": seen.high,
                    "assumed_low": assumed.low if assumed else math.nan,
                    "assumed_high": assumed.high if assumed else math.nan,
                    "unit": seen.unit,
                    **{reading: seen.means(reading) for reading in self.case.subject.counted},
                }
            )
        return pd.DataFrame(rows)

    def chart(self) -> Figure:
        """Return the picture of the view as a chart: the figure, and what it leaves possible for what you ask."""
        from course import charts

        return charts.bounds(self.result)

    def __repr__(self) -> str:
        seen = self.result
        return f"{seen.quantity.id}: {seen.finding}"

    # --- the view ---------------------------------------------------------------------------------------------

    def _assume_percent(self, low: float, high: float, unchanged: bool, because: str) -> None:
        self.assume(low=low / 100, high=high / 100, unchanged=unchanged, because=because)

    def _open_table(self, is_open: bool) -> None:
        # Computed only while it is open.
        self._table_is_open = bool(is_open)

    def _make_fixed(self) -> dict[str, Any]:
        subject = self.case.subject
        shared = {measure.share_of for measure in subject.measures.values()}
        amounts = [figure for figure in self._figures.values() if figure.name in shared]
        day = subject.readings[subject.reading].day or subject.said_on
        return {
            "figures": [[figure.id, figure.label] for figure in self._figures.values()],
            "denominators": [
                ["", "not chosen: the figure does not say"],
                *([amount.id, amount.label] for amount in amounts),
            ],
            "scopes": [[code, name] for code, name in subject.places.items()],
            "days": [
                [OWN, "the figure’s own date"],
                [day.isoformat(), format_day(day)],
                ["another", "another day"],
            ],
            # What “another day” begins with.
            "another": subject.known_until.isoformat(),
            "place": subject.places[subject.place],
            "holds": _holds(list(subject.counted.values())),
        }

    def _make_state(self) -> dict[str, Any]:
        chosen, assumption, seen = self._chosen(), self.assumption, self.result
        looks = self._looks() if self._table_is_open else []
        bases = [base.id for base in scopes.denominators(seen.quantity, self._figures.values())]
        measure = seen.quantity.measure[:1].upper() + seen.quantity.measure[1:]
        of_what = "Choose what it is a share of." if bases else "No figure of this case says how much the whole was."
        return {
            **chosen,
            "denominator": seen.base.id if seen.base else "",
            "bases": bases,
            "question": seen.question,
            "hint": f"{measure}. {of_what}" if seen.quantity.is_share and not seen.base else f"{measure}.",
            "low": f"{assumption.low * 100:.6g}",
            "high": f"{assumption.high * 100:.6g}",
            "unchanged": assumption.unchanged,
            "because": assumption.because,
            "assumption": assumption.text,
            "finding": seen.finding,
            "means": seen.meanings,
            "can": list(seen.can),
            "cannot": list(seen.cannot),
            "cautions": list(seen.cautions),
            "rows": [
                {
                    "label": label,
                    "text": seen.describe(bounds),
                    "low": bounds.low,
                    "high": None if bounds.open else bounds.high,
                    "above": bounds.above_low,
                    "below": bounds.below_high,
                }
                for label, bounds in seen.rows
            ],
            "asked": seen.asked if seen.on else f"{self.case.subject.places[seen.scope]}, each on its own date",
            "survey": scopes.survey(looks) if looks else "",
            "table": [_cells(seen) for seen in looks],
        }

    # --- details ----------------------------------------------------------------------------------------------

    def _chosen(self) -> dict[str, str]:
        """Return what is chosen; a part that the ledger has from another version falls back to as published."""
        chosen = {**self._as_published, **self._settings_under(SETTINGS)}
        fits = {
            "figure": tuple(self._figures),
            "denominator": tuple(self._figures),
            "scope": tuple(self.case.subject.places),
            "on": (chosen["on"],) if _is_day(chosen["on"]) else (),
        }
        return {
            name: chosen[name] if chosen[name] in fits[name] else usual for name, usual in self._as_published.items()
        }

    def _written_day(self, on: str | date | None) -> str | None:
        if isinstance(on, date):
            return f"{on:%Y-%m-%d}"
        if on is None or _is_day(on):
            return on
        such = f"a date such as '{self.case.subject.said_on}', or {OWN!r} for the figure's own date"
        raise ValueError(f"{on!r} is no day. Give {such}.")

    def _looks(self) -> list[Interpretation]:
        chosen = self._chosen()
        return [self._look(figure, chosen) for figure in self._figures]

    def _look(self, figure: str, chosen: Mapping[str, str], *, strict: bool = False) -> Interpretation:
        """Read one figure as chosen. A denominator that does not fit it is left out, or refused if `strict`."""
        quantity, base = self._figures[figure], self._figures.get(chosen["denominator"])
        if base and not strict and not scopes.denominators(quantity, [base]):
            base = None
        on = None if chosen["on"] == OWN else date.fromisoformat(chosen["on"])
        return scopes.interpret(quantity, base=base, scope=chosen["scope"], on=on, assumption=self.assumption)


def _holds(things: list[str]) -> str:
    """Remind of what else an assumption holds for."""
    if len(things) < 2:
        return "It holds for every figure you look at. Does your reason hold for each of them?"
    each = "both" if len(things) == 2 else "all of them"
    return f"It holds for every figure you look at, {listed(things)} alike. Does your reason hold for {each}?"


def _kept(assumption: Assumption) -> dict[str, Any]:
    """Return an assumption as the ledger keeps it; whose share it is follows from the case."""
    return {name: value for name, value in asdict(assumption).items() if name != "place"}


def _cells(seen: Interpretation) -> list[str]:
    quantity = seen.quantity
    verdicts = [f"{reading}: {seen.means(reading)}" for reading in seen.subject.counted if quantity.reading == reading]
    return [
        f"{quantity.id}: {quantity.measure}, {quantity.says}",
        quantity.covers,
        seen.describe(seen.free),
        seen.describe(seen.assumed) if seen.assumed else "cannot both be right" if seen.clash else "–",
        *(verdicts or ["measures another thing"]),
    ]


def _is_day(on: object) -> bool:
    try:
        return on == OWN or (isinstance(on, str) and date.fromisoformat(on).isoformat() == on)
    except ValueError:
        return False
