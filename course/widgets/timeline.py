"""Timeline: what was known when, and which dates do not fit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import date
from typing import TYPE_CHECKING, Any, ClassVar, Final

from course.methods import chronology
from course.methods.chronology import Settings, TimeColumn, TimelineEntry
from course.widgets.base import LedgerWidget, assets
from course.wording import format_date, format_day

if TYPE_CHECKING:
    import pandas as pd

    from course.charts import Figure

SETTINGS: Final = "timeline/settings"
DOUBTED: Final = "timeline/doubted/"


class Timeline(LedgerWidget):
    """Events and statements on one axis, up to a clock.

    The view opens at the claim's week, with a lane for each origin. The timeline has three faces: what you see when it
    is the last line of a cell, the methods below, which do the same without a mouse, and `table`. Every change is kept
    in the ledger.

    Parameters
    ----------
    ledger : Ledger, optional
        Default: ``ledger.json`` in the folder of the notebook.
    case : Case, optional
        Default: the case the course ships.

    Examples
    --------
    >>> from course.ledger import Ledger
    >>> timeline = Timeline(ledger=Ledger())
    >>> timeline.set_clock("2017-12-06")
    >>> timeline.show(origins=["Russian command"], period="week")
    >>> timeline
    Clock at 6 December 2017: 5 of 12 entries could be known. You doubt no entry yet.
    """

    AT_A_GLANCE = ("entry", "when", "what", "origin", "known")
    MESSAGES: ClassVar[Mapping[str, str]] = {"clock": "set_clock", "show": "show", "doubt": "_doubt_or_settle"}
    _esm, _css = assets("timeline")

    def _prepare(self) -> None:
        self._subject = self.case.subject
        self._periods = chronology.periods(self._subject)
        events, statements = self.case.rows("timeline"), self.case.rows("statements")
        self._entries = {entry.id: entry for entry in chronology.entries(events, statements)}
        self._undated = chronology.undated(events, statements)
        stating = {measure for reading in self._subject.readings.values() for measure in reading.stated_by}
        claims = {row["id"] for row in statements if row["measures"] in stating}
        said_on = self._subject.said_on
        self._stating_claim = {
            entry.id
            for entry in self._entries.values()
            if entry.statement in claims and entry.first == entry.last == said_on
        }
        used = {entry.origin for entry in self._entries.values()}
        self._origins = {str(row["id"]): str(row["name"]) for row in self.case.rows("origins") if row["id"] in used}

    # --- the plain face ---------------------------------------------------------------------------------------

    def set_clock(self, clock: str | date) -> None:
        """Set the day up to which something could be known. What became known later is greyed, not hidden.

        Parameters
        ----------
        clock : str or datetime.date
            ``"then"`` (the day up to which the case counts what was known then), ``"since"`` (today), or any day, such
            as ``"2017-12-07"``.

        Raises
        ------
        ValueError
            If it is none of these; the message says how to write it.
        """
        self._save_settings(replace(self._settings, clock=chronology.read_clock(clock, self._subject)))

    def show(
        self, *, origins: Sequence[str] | None = None, kinds: Sequence[str] | None = None, period: str | None = None
    ) -> None:
        """Choose what is shown. What is left out stays as it was.

        Parameters
        ----------
        origins : sequence of str, optional
            Names of origins, such as ``["Russian command"]``, or ``"all"``.
        kinds : sequence of str, optional
            Kinds of entries, such as ``["statement", "data"]``, or ``"all"``.
        period : str, optional
            ``"all"``, the year of the claim, such as ``"2017"``, its ``"week"``, or ``"since"`` (since the claim).

        Raises
        ------
        ValueError
            If there is no such origin, kind or period; the message names those there are.
        """
        wanted: dict[str, Any] = {}
        if origins is not None:
            ids = {name: key for key, name in self._origins.items()} | {key: key for key in self._origins}
            wanted["origins"] = _some(origins, ids, "origin", list(self._origins.values()))
        if kinds is not None:
            every = list(self._subject.kinds)
            wanted["kinds"] = _some(kinds, dict(zip(every, every, strict=True)), "kind", every)
        if period is not None:
            if period not in self._periods:
                raise ValueError(f"There is no period {period!r}. Periods: {', '.join(self._periods)}.")
            wanted["period"] = period
        self._save_settings(replace(self._settings, **wanted))

    def doubt(self, entry: str, *, because: str) -> None:
        """Say that an entry does not fit, and why. Then the timeline says whether our sources agree about it.

        Parameters
        ----------
        entry : str
            Identifier, such as ``"E27"`` or, for a statement that no event stands for, ``"S09"``.
        because : str
            Your reason.

        Raises
        ------
        ValueError
            If there is no such entry, or no reason.
        """
        self._check(entry)
        if not because.strip():
            raise ValueError(f"Say what does not fit about {entry}: doubt({entry!r}, because=…).")
        self._answer(DOUBTED + entry, because)

    def settle(self, entry: str) -> None:
        """Take a doubt back.

        Raises
        ------
        ValueError
            If there is no such entry or it is not doubted; the message names those that are.
        """
        self._check(entry)
        if entry not in (doubts := self.doubts):
            raise ValueError(f"You do not doubt {entry}. Doubted: {', '.join(doubts) or 'none yet'}.")
        # Emptied rather than removed, so that taking it back also holds where two ledgers are merged.
        self._answer(DOUBTED + entry, "")

    @property
    def clock(self) -> str:
        """The clock: ``"then"``, ``"since"`` or a day such as ``"2017-12-07"``."""
        return self._settings.clock

    @property
    def doubts(self) -> dict[str, str]:
        """The reasons given, by the entry doubted, in order of time."""
        answers = self._ledger.answers
        reasons = {entry: answers.get(DOUBTED + entry) for entry in self._entries}
        return {entry: reason for entry, reason in reasons.items() if isinstance(reason, str) and reason.strip()}

    def known(self) -> pd.DataFrame:
        """Return the entries shown that could be known by the clock's day, with `table`'s columns."""
        table = self.table()
        return table[table["known"]].reset_index(drop=True)

    def unknown(self) -> pd.DataFrame:
        """Return the entries shown that could not be known yet, with `table`'s columns."""
        table = self.table()
        return table[~table["known"]].reset_index(drop=True)

    def table(self) -> pd.DataFrame:
        """Return the entries shown, in order of time, one row each.

        Columns: entry, when (in words), first and last (the days between which it lies), precision, dated (happened,
        said, or describes, where only the date it describes is known), what, kind, origin, scope, statement,
        known_from, known (by the clock's day), doubt (your reason), conflict (what does not fit, once you doubt it)
        and locator.
        """
        import pandas as pd

        doubts = self.doubts
        conflicts = chronology.conflicts(self._entries.values(), doubts)
        names = ["entry", "when", "first", "last", "precision", "dated", "what", "kind", "origin", "scope", "statement"]
        names += ["known_from", "known", "doubt", "conflict", "locator"]
        rows = [
            (
                *(entry.id, entry.when, entry.first, entry.last, entry.precision, entry.dated, entry.text, entry.kind),
                *(self._origins[entry.origin], entry.scope, entry.statement, entry.known_from),
                *(chronology.is_known(entry, self.clock, self._subject), doubts.get(entry.id, "")),
                *(" ".join(conflicts.get(entry.id, ())), entry.locator),
            )
            for entry in self._shown_entries()
        ]
        dates = dict.fromkeys(("first", "last", "known_from"), "datetime64[ns]")
        return pd.DataFrame(rows, columns=names).astype({**dict.fromkeys(names, object), **dates, "known": bool})

    def chart(self) -> Figure:
        """Return the timeline as a chart: the entries shown, and which of them could be known.

        Raises
        ------
        ValueError
            If the filters leave nothing to draw.
        """
        from course import charts

        _, first, last = self._periods[self._settings.period]
        return charts.timeline(
            self.table(), chronology.clock_day(self.clock, self._subject), (first, last), case=self.case
        )

    def __repr__(self) -> str:
        return f"{chronology.counted(self._shown_entries(), self.clock, self._subject)} {self._describe_doubts()}"

    # --- the view ---------------------------------------------------------------------------------------------

    def _doubt_or_settle(self, entry: str, because: str) -> None:
        """Take the reason's field as it is. An emptied one takes the doubt back."""
        if because.strip():
            self.doubt(entry, because=because)
        elif entry in self.doubts:
            self.settle(entry)

    def _make_fixed(self) -> dict[str, Any]:
        return {
            "entries": [self._described(entry) for entry in self._entries.values()],
            "periods": [[code, name] for code, (name, _, _) in self._periods.items()],
            "stretches": [
                {
                    "code": stretch.code,
                    "name": stretch.name,
                    "from": stretch.first.toordinal(),
                    "to": stretch.last.toordinal() + 1,
                    "columns": [_described_column(column, stretch.code == "week") for column in stretch.columns],
                }
                for stretch in chronology.stretches(self._entries.values(), self._subject)
            ],
            "years": list(range(self._subject.years[0], self._subject.years[1] + 1)),
            "year_starts": [
                date(year, 1, 1).toordinal() for year in range(self._subject.years[0], self._subject.years[1] + 2)
            ],
            "claim_day": self._subject.said_on.toordinal(),
            "origins": [[key, name] for key, name in self._origins.items()],
            "kinds": [[kind, f"{kind}: {meaning}"] for kind, meaning in self._subject.kinds.items()],
            "clocks": [[name, chronology.describe_clock(name, self._subject)] for name in self._subject.clocks],
            "hindsight": chronology.hindsight("since", self._subject),
            "undated": (
                f"{' and '.join(self._undated)} carry no date, so they have no place here." if self._undated else ""
            ),
        }

    def _make_state(self) -> dict[str, Any]:
        settings, every, doubts = self._settings, self._entries.values(), self.doubts
        shown = self._shown_entries()
        conflicts = chronology.conflicts(every, doubts)
        clock = chronology.clock_day(settings.clock, self._subject)
        return {
            "clock": settings.clock,
            "clock_name": chronology.describe_clock(settings.clock, self._subject),
            "day": "" if settings.clock == "since" else clock.isoformat(),
            "clock_end": clock.toordinal() + 1,
            "period": settings.period,
            "origins": list(self._origins if settings.origins is None else settings.origins),
            "kinds": list(self._subject.kinds if settings.kinds is None else settings.kinds),
            "shown": [entry.id for entry in shown],
            "items": {
                entry.id: {
                    "later": chronology.not_yet(entry, settings.clock, self._subject),
                    "doubt": doubts.get(entry.id, ""),
                    "conflicts": list(conflicts.get(entry.id, ())),
                    "agreed": chronology.AGREED if entry.id in doubts and entry.id not in conflicts else "",
                }
                for entry in every
            },
            "counted": chronology.counted(shown, settings.clock, self._subject),
            "still_to_come": chronology.still_to_come(shown, settings.clock, self._subject),
            "hindsight": chronology.hindsight(settings.clock, self._subject),
            "doubts": self._describe_doubts(),
        }

    # --- details ----------------------------------------------------------------------------------------------

    @property
    def _settings(self) -> Settings:
        return Settings.of(self._ledger.answers.get(SETTINGS), self._subject)

    def _save_settings(self, settings: Settings) -> None:
        self._answer(SETTINGS, settings.to_dict())

    def _check(self, entry: str) -> None:
        if entry in self._entries:
            return
        # A statement may be looked for under its own name.
        there = " and ".join(event.id for event in self._entries.values() if event.statement == entry)
        raise ValueError(
            f"There is no entry {entry!r} on the timeline. "
            + (f"It is there as {there}." if there else f"Entries: {', '.join(sorted(self._entries))}.")
        )

    def _shown_entries(self) -> tuple[TimelineEntry, ...]:
        return chronology.chosen(self._entries.values(), self._settings, self._subject)

    def _describe_doubts(self) -> str:
        return chronology.describe_doubts(self._entries.values(), self.doubts)

    def _described(self, entry: TimelineEntry) -> dict[str, Any]:
        """Return what the view shows of an entry from the start: nothing that gives a conflict away."""
        place = "no place named" if entry.scope == "none" else entry.scope.replace("+", " and ")
        about = [entry.kind, place, entry.locator]
        if entry.statement and entry.statement != entry.id:
            about.append(f"statement {entry.statement}")
        return {
            "id": entry.id,
            "when": f"describes {entry.when}" if entry.dated == "describes" else entry.when,
            "datetime": _datetime(entry.first, entry.precision),
            "text": entry.text,
            "label": chronology.label(entry),
            "kind": entry.kind,
            "origin": self._origins[entry.origin],
            "about": " · ".join(about),
            "known_from": format_day(entry.known_from),
            "claim": entry.id in self._stating_claim,
            "middle": (entry.first.toordinal() + entry.last.toordinal() + 1) / 2,
        }


def _some(wanted: Sequence[str], known: Mapping[str, str], what: str, names: Sequence[str]) -> tuple[str, ...] | None:
    """Return the identifiers of what is wanted, in the usual order; None where that is everything."""
    if wanted == "all":
        return None
    wanted = (wanted,) if isinstance(wanted, str) else wanted
    for name in wanted:
        if name not in known:
            raise ValueError(f"There is no {what} {name!r}. Use 'all' or a list of: {', '.join(names)}.")
    ids = {known[name] for name in wanted}
    every = tuple(dict.fromkeys(known.values()))
    return None if ids == set(every) else tuple(identifier for identifier in every if identifier in ids)


def _described_column(column: TimeColumn, in_week: bool) -> dict[str, Any]:
    """Return what heads a column of the lanes, and its entries."""
    day = f"{column.first.day} {column.first:%b}"
    if column.precision == "day":
        above, name = f"{column.first:%A}", day if in_week else f"{day} {column.first.year}"
    elif column.precision == "":
        above, name = "", "day not known"
    else:
        above, name = "", format_date(column.first, column.precision)
    return {
        "above": above,
        "name": name,
        "datetime": _datetime(column.first, column.precision),
        "first": column.first.isoformat(),
        "last": column.last.isoformat(),
        "from": column.first.toordinal(),
        "to": column.last.toordinal() + 1,
        "dated": column.precision != "",
        "entries": list(column.entries),
    }


def _datetime(first: date, precision: str) -> str:
    """Return a date as HTML's ``time`` has it, no more exactly than it is known; "" for a quarter, which it lacks."""
    length = {"day": 10, "month": 7, "year": 4}.get(precision, 0)
    return first.isoformat()[:length]
