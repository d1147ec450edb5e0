"""EvidenceBoard: weigh the statements for one reading, and see at once what they amount to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar, Final

from course.case import Case
from course.ledger import Ledger
from course.ledger.judgement import (
    BEARINGS,
    CREDIBILITY,
    DIRECTNESS,
    INTERESTS,
    INTERESTS_IN_SHORT,
    RELIABILITY,
    Judgement,
)
from course.methods import sourcing
from course.weighing import WORDS, Confidence, Interval, Weighing, confidence, explain, weigh_all, word
from course.weighing.coherence import Facts, Incoherence, coherence
from course.weighing.sensitivity import (
    Change,
    leave_one_origin_out,
    one_reliability_step,
    prior_sweep,
    smallest_changes,
)
from course.widgets.base import LedgerWidget, assets, given, labelled
from course.wording import format_date

if TYPE_CHECKING:
    import pandas as pd

    from course.charts import Figure

SETTINGS: Final = "board/settings"

_PARTS: Final = ("reliability", "credibility", "directness", "bearing", "interest", "origin", "reason")


class EvidenceBoard(LedgerWidget):
    """Weigh statements for one reading of the claim.

    Where a statement is not judged yet, the board starts from your source cards: its speaker's reliability, its
    credibility, its interest and its origin stand there already, but weigh only once you have judged it.

    The board has three faces: what you see when it is the last line of a cell, the methods below, which do the same
    without a mouse, and `table`. Every change is kept in the ledger.

    Parameters
    ----------
    reading : str, optional
        A reading of the case. Default: the one shown last, or the one the case begins with.
    statements : sequence of str, optional
        Identifiers to show. Default: the register, what an editor would put beside it first, and of the further
        statements (``set`` is ``"further"``) those that are judged.
    prior : float, optional
        Chance of the reading before the evidence, above 0 and below 1. Default: the one used last, or 0.5.
    clock : str, optional
        ``"then"`` (known when the claim was fresh) or ``"since"`` (known today). Default: the one used last, or
        ``"then"``.
        Statements that became known later are not shown and do not count.
    ledger : Ledger, optional
        Default: ``ledger.json`` in the folder of the notebook.
    case : Case, optional
        Default: the case the course ships.

    Raises
    ------
    ValueError
        If the reading, a statement, the prior or the clock is not one there is; the message names those there are.

    Examples
    --------
    >>> board = EvidenceBoard("F", ledger=Ledger())
    >>> board.weighing.phrase
    'not rated yet'
    >>> board.judge("S09", reliability="B", credibility=2, directness="direct", bearing="decisive against",
    ...             interest="no stake", origin="Abrahms", because="He studies them and says some remain.")
    >>> board.weighing.phrase
    'very unlikely to unlikely'
    """

    AT_A_GLANCE = ("statement", "content", "origin", "weight", "counts")
    MESSAGES: ClassVar[Mapping[str, str]] = {
        "judge": "_judge_part",
        "withdraw": "withdraw",
        "show": "show",
        "sensitivity": "_open_sensitivity",
    }
    _esm, _css = assets("evidence_board")

    def __init__(
        self,
        reading: str | None = None,
        statements: Sequence[str] | None = None,
        *,
        prior: float | None = None,
        clock: str | None = None,
        ledger: Ledger | None = None,
        case: Case | None = None,
    ) -> None:
        self._wanted = statements
        self._arguments = given(reading=reading, prior=prior, clock=clock)
        self._sensitivity_is_open = False
        super().__init__(ledger, case)

    def _prepare(self) -> None:
        rows = self.case.rows("statements")
        self._facts: Facts = {str(row["id"]): row for row in rows}
        self._rows: tuple[Mapping[str, Any], ...] = (
            rows if self._wanted is None else tuple(self.case.row("statements", wanted) for wanted in self._wanted)
        )
        usual = {"reading": self.case.subject.reading, "prior": 0.5, "clock": "then"}
        settings = {**usual, **self._settings_under(SETTINGS), **self._arguments}
        self._set(settings["reading"], settings["prior"], settings["clock"])

    # --- the plain face ---------------------------------------------------------------------------------------

    def judge(
        self,
        statement: str,
        *,
        reliability: str | None = None,
        credibility: int | None = None,
        directness: str | None = None,
        bearing: str | None = None,
        interest: str | None = None,
        origin: str | None = None,
        because: str | None = None,
    ) -> None:
        """Rate a statement for the board's reading. What is left out stays as it was.

        Parameters
        ----------
        statement : str
            Identifier, such as ``"S09"``.
        reliability, credibility, directness, bearing, interest : optional
            See `course.ledger.judgement.Judgement`.
        origin : str, optional
            Where the knowledge comes from. Statements with the same origin count once.
        because : str, optional
            Your reason.

        Raises
        ------
        ValueError
            If there is no such statement or a value is not on its scale; the message names those there are.
        """
        self.case.row("statements", statement)
        changes = given(
            reliability=reliability,
            credibility=credibility,
            directness=directness,
            bearing=bearing,
            interest=interest,
            origin=origin,
            reason=because,
        )
        self._ledger.judge(replace(self._judgements_to_show()[statement], **changes))

    def withdraw(self, statement: str) -> None:
        """Take a judgement back. The ledger keeps it aside.

        Raises
        ------
        ValueError
            If the statement has no judgement for the board's reading.
        """
        self._ledger.withdraw(statement, self.reading)

    def show(self, reading: str | None = None, *, prior: float | None = None, clock: str | None = None) -> None:
        """Turn the board to another reading, prior or clock.

        Raises
        ------
        ValueError
            As for the board itself.
        """
        self._set(reading or self.reading, self.prior if prior is None else prior, clock or self.clock)
        self._answer(SETTINGS, {"reading": self.reading, "prior": self.prior, "clock": self.clock})
        self._follow()

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """The judgements that count: of the board's reading, and of the statements it shows."""
        shown = {row["id"] for row in self._visible()}
        return tuple(judgement for judgement in self._ledger.judgements(self.reading) if judgement.statement in shown)

    @property
    def weighing(self) -> Weighing:
        """What the judgements amount to."""
        return weigh_all(self.judgements, self.reading, self.prior, self.case.subject)

    @property
    def findings(self) -> tuple[Incoherence, ...]:
        """What does not hang together in the judgements."""
        return coherence(self.judgements, self._facts, subject=self.case.subject)

    @property
    def confidence(self) -> Confidence:
        """How good the basis is, which is another question than how likely the reading is."""
        return confidence(self.weighing, self.judgements)

    def why(self, statement: str | None = None) -> str:
        """Say how a statement's weight came about or, without a statement, how the chance did.

        Raises
        ------
        ValueError
            If there is no such statement; the message names those there are.
        """
        if statement is not None:
            self.case.row("statements", statement)
            return explain.weight_of(self._judgements_to_show()[statement])
        weighing = self.weighing
        texts = [explain.posterior_of(weighing)]
        if self.reading in self.case.subject.universal:
            texts.append(explain.refutation_of(weighing))
        return " ".join([*texts, explain.confidence_of(self.confidence)])

    def table(self) -> pd.DataFrame:
        """Return one row for each statement on the board: its ratings, its weight in dB and how it counts."""
        import pandas as pd

        weighing, judgements = self.weighing, self._judgements_to_show()
        rows = []
        for row in self._visible():
            judgement = judgements[str(row["id"])]
            weight = weighing.weights.get(judgement.statement)
            rows.append(
                {
                    "statement": judgement.statement,
                    "speaker": self._name_of(row["speaker"]),
                    "content": row["content"],
                    **{part: getattr(judgement, part) for part in _PARTS},
                    "weight_low": weight.low if weight else None,
                    "weight": weight.point if weight else None,
                    "weight_high": weight.high if weight else None,
                    "counts": explain.standing_of(judgement.statement, weighing.contributions),
                }
            )
        return pd.DataFrame(rows).astype({"credibility": "Int64"})

    def contributions(self) -> pd.DataFrame:
        """Return one row for each origin and side: what it adds in dB (low, point, high) and its statements."""
        import pandas as pd

        columns = ["origin", "side", "low", "point", "high", "statements"]
        rows = [
            (item.origin, item.side, item.weight.low, item.weight.point, item.weight.high, ", ".join(item.statements))
            for item in self.weighing.contributions
        ]
        return pd.DataFrame(rows, columns=columns)

    def sensitivity(self) -> pd.DataFrame:
        """Return what changes when one thing does: columns kind, change, word, crosses, low, point, high (chances).

        The first row is the board as rated, so that `course.charts.sensitivity` can draw the table as it is.
        """
        import pandas as pd

        columns = ["kind", "change", "word", "crosses", "low", "point", "high"]
        now = self.weighing.posterior
        rows: list[tuple[Any, ...]] = [("now", "as rated", word(now.point), False, *_bounds(now))]
        rows += [
            (kind, change.label, change.word, change.crosses, *_bounds(change.posterior))
            for kind, changes in self._sensitivity().items()
            for change in changes
        ]
        return pd.DataFrame(rows, columns=columns)

    def chart(self) -> Figure:
        """Return the accumulated weight as a chart: what each origin adds, heaviest first.

        Raises
        ------
        ValueError
            If nothing on the board carries weight yet.
        """
        from course import charts

        frame = self.contributions()
        if frame.empty:
            raise ValueError("Nothing on the board carries weight yet, so there is nothing to draw. Rate a statement.")
        return charts.accumulated_weight(frame.assign(label=frame["origin"] + " (" + frame["side"] + ")"))

    def __repr__(self) -> str:
        weighing = self.weighing
        return f"Reading {self.reading}: {weighing.phrase}. {_numbers(weighing)}"

    # --- the view ---------------------------------------------------------------------------------------------

    def _judge_part(self, statement: str, part: str, value: str) -> None:
        """Take one control's value. An emptied control means "not rated"."""
        if part not in _PARTS:
            raise ValueError(f"{part!r} is no part of a judgement. Parts: {', '.join(_PARTS)}.")
        self.case.row("statements", statement)
        text_part = part in ("origin", "reason")
        rated: Any = value if text_part else (int(value) if part == "credibility" and value else value or None)
        changed: dict[str, Any] = {part: rated}
        self._ledger.judge(replace(self._judgements_to_show()[statement], **changed), save=False)

    def _open_sensitivity(self, is_open: bool) -> None:
        # Computed only while it is open: it weighs the board some hundred times.
        self._sensitivity_is_open = bool(is_open)

    def _make_fixed(self) -> dict[str, Any]:
        return {
            "readings": [[row["id"], f"{row['id']}: {row['text']}"] for row in self.case.rows("readings")],
            "clocks": [[code, name] for code, name in self.case.subject.clock_names.items()],
            "reliability": labelled(RELIABILITY),
            "credibility": labelled(CREDIBILITY),
            "directness": labelled(DIRECTNESS),
            # Left is against.
            "bearing": [[code, code] for code in reversed(BEARINGS)],
            "interest": [[*option, INTERESTS_IN_SHORT[option[0]]] for option in labelled(INTERESTS)],
            "words": [[name, low, high] for name, low, high in WORDS],
            "origins": [row["name"] for row in self.case.rows("origins")],
            "statements": [
                {
                    "id": row["id"],
                    "who": self._name_of(row["speaker"]),
                    "content": row["content"],
                    "quoted": row["quoted"] or "",
                    "about": self._about(row),
                    "caution": row["caution"] or "",
                }
                for row in self._rows
            ],
        }

    def _make_state(self) -> dict[str, Any]:
        judgements, to_show = self.judgements, self._judgements_to_show()
        subject = self.case.subject
        weighing = weigh_all(judgements, self.reading, self.prior, subject)
        return {
            "reading": self.reading,
            "prior": str(round(self.prior * 100)),
            "clock": self.clock,
            "items": {str(row["id"]): _item(to_show[str(row["id"])], weighing) for row in self._visible()},
            "contributions": [
                {
                    "label": f"{contribution.origin}, {contribution.side}",
                    "origin": contribution.origin,
                    "side": contribution.side,
                    "sum": explain.db(contribution.weight.point),
                    "low": round(contribution.weight.low, 2),
                    "point": round(contribution.weight.point, 2),
                    "high": round(contribution.weight.high, 2),
                    "value": explain.db_range(contribution.weight),
                    "statements": ", ".join(contribution.statements),
                }
                for contribution in weighing.contributions
            ],
            "posterior": list(_bounds(weighing.posterior)) if weighing.is_rated else [],
            **_headline(weighing),
            "phrase": f"Reading {self.reading}: {weighing.phrase}.",
            "numbers": _numbers(weighing),
            "how": explain.posterior_of(weighing),
            "refutation": explain.refutation_of(weighing) if self.reading in subject.universal else "",
            "confidence": explain.confidence_of(confidence(weighing, judgements)),
            "findings": [finding.message for finding in coherence(judgements, self._facts, subject=subject)],
            "sensitivity": self._sensitivity_rows() if self._sensitivity_is_open else [],
        }

    def _sensitivity(self) -> dict[str, tuple[Change, ...]]:
        arguments = (self.judgements, self.reading, self.prior, self.case.subject)
        return {
            "would change your mind": smallest_changes(*arguments),
            "one origin left out": leave_one_origin_out(*arguments),
            "one step of reliability": one_reliability_step(*arguments),
            "another start": prior_sweep(*arguments),
        }

    def _sensitivity_rows(self) -> list[list[str]]:
        return [
            [
                f"{kind}: {change.label}",
                f"{change.word}{' (another word)' if change.crosses else ''}",
                f"{explain.percent(change.posterior.point)} ({explain.percent_range(change.posterior)})",
            ]
            for kind, changes in self._sensitivity().items()
            for change in changes
        ]

    # --- details ----------------------------------------------------------------------------------------------

    def _set(self, reading: str, prior: float, clock: str) -> None:
        subject = self.case.subject
        subject.check_reading(reading)
        if clock not in subject.clocks:
            raise ValueError(f"There is no clock {clock!r}. Clocks: {', '.join(subject.clocks)}.")
        weigh_all((), reading, prior, subject)  # refuses a prior that no evidence could move
        self.reading, self.prior, self.clock = reading, prior, clock

    def _judgements_to_show(self) -> dict[str, Judgement]:
        """Return the judgement of every statement. One not begun yet starts from the source cards."""
        begun = {judgement.statement: judgement for judgement in self._ledger.judgements(self.reading)}
        answers = self._ledger.answers
        sources = sourcing.source_ratings(answers, {str(row["speaker"]) for row in self._facts.values()})
        items = sourcing.item_ratings(answers, self._facts)
        return {
            statement: begun.get(statement)
            or sourcing.carry_over(Judgement(statement, self.reading), sources[str(row["speaker"])], items[statement])
            for statement, row in self._facts.items()
        }

    def _visible(self) -> tuple[Mapping[str, Any], ...]:
        known = tuple(row for row in self._rows if row["known_from"] <= self.case.subject.clocks[self.clock])
        if self._wanted is not None:
            return known
        # With every further statement the board would be too long to work through; each appears once it is judged.
        judged = {judgement.statement for judgement in self._ledger.judgements(self.reading)}
        return tuple(row for row in known if row["set"] != "further" or row["id"] in judged)

    def _about(self, row: Mapping[str, Any]) -> str:
        """Return where to find a statement and what it covers, in one line."""
        as_of = f"as of {format_date(row['as_of'], row['as_of_precision'])}" if row["as_of"] else "no date given"
        return f"{row['locator']} · {row['scope']} · {as_of} · measures {row['measures']}"


def _item(judgement: Judgement, weighing: Weighing) -> dict[str, Any]:
    weight = weighing.weights.get(judgement.statement)
    # Only the ledger dates a judgement, so one without a date has not been started.
    started = bool(judgement.updated)
    return {
        "rated": ["" if getattr(judgement, part) is None else str(getattr(judgement, part)) for part in _PARTS],
        "status": "rated" if started and judgement.complete else "started" if started else "blank",
        "bar": [round(bound, 2) for bound in _bounds(weight)] if weight else [],
        "value": explain.db(weight.point) if weight else "",
        "weight": explain.db_range(weight) if weight else "not weighed yet",
        "counts": explain.standing_of(judgement.statement, weighing.contributions),
        "how": explain.weight_of(judgement),
        "carried": "" if started else _carried(judgement),
    }


def _carried(judgement: Judgement) -> str:
    """Return what a judgement not begun yet has from the source cards."""
    parts = [name for name in ("reliability", "credibility", "origin") if getattr(judgement, name)]
    if judgement.interest != "unknown":
        parts.append("interest")
    return f"From your source cards: {', '.join(parts)}." if parts else ""


def _headline(weighing: Weighing) -> dict[str, Any]:
    """Return the word of the best guess, the chance beside it, and the first and the last word of its range."""
    if not weighing.is_rated:
        return {"word": weighing.phrase, "chance": f"starting chance {explain.percent(weighing.prior)}", "here": []}
    chance = weighing.posterior
    names = [name for name, _, _ in WORDS]
    return {
        "word": word(chance.point),
        "chance": f"{explain.percent_range(chance)}, best guess {explain.percent(chance.point)}",
        "here": [names.index(end) for end in weighing.words],
    }


def _numbers(weighing: Weighing) -> str:
    if not weighing.is_rated:
        return "Nothing is fully rated yet, so there is no chance to show."
    return (
        f"Chance {explain.percent_range(weighing.posterior)}, total {explain.db_range(weighing.total)}. "
        f"{len(weighing.weights)} rated, origins that count: {weighing.origins}."
    )


def _bounds(interval: Interval) -> tuple[float, float, float]:
    return interval.low, interval.point, interval.high
