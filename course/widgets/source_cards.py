"""SourceCards: rate who says so apart from what they say, and see how few origins stand behind many statements."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from course.case import Case
from course.ledger import Ledger
from course.ledger.judgement import CREDIBILITY, INTERESTS, INTERESTS_IN_SHORT, RELIABILITY
from course.methods import sourcing
from course.methods.sourcing import ItemRating, Origin, SourceRating
from course.weighing.coherence import Incoherence
from course.widgets.base import LedgerWidget, assets, given, labelled

if TYPE_CHECKING:
    import pandas as pd

    from course.charts import Figure


class SourceCards(LedgerWidget):
    """Rate sources and what they say, name their interests, and group statements by origin.

    There is a card for every statement shown, one line until it is opened, and on it the rating of its source, which
    all statements of that source share. Like every tool, the cards have three faces:
    what you see when they are the last line of a cell, the methods below, which do the same without a mouse, and
    `table`. Every change is kept in the ledger, and the evidence board starts from it.

    Parameters
    ----------
    statements : sequence of str, optional
        Identifiers to show. Default: the whole register.
    ledger : Ledger, optional
        Default: ``ledger.json`` in the folder of the notebook.
    case : Case, optional
        Default: the case the course ships.

    Raises
    ------
    ValueError
        If there is no such statement; the message names those there are.

    Examples
    --------
    >>> cards = SourceCards(["S01", "S05", "S09"], ledger=Ledger())
    >>> cards
    3 statements → 3 origins
    >>> cards.rate("abrahms", reliability="B", interest="to be seen to be right", because="A scholar of the field.")
    >>> cards.rate_item("S09", credibility=3)
    >>> cards.group("S01", "S05", into="Russian command")
    >>> cards
    3 statements → 2 origins
    """

    AT_A_GLANCE = ("statement", "source", "content", "reliability", "credibility", "origin")
    MESSAGES: ClassVar[Mapping[str, str]] = {
        "rate": "_rate_part",
        "rate_item": "_rate_item",
        "rate_interest": "rate_interest",
        "move": "_move",
        "add": "add_origin",
        "remove": "remove_origin",
    }
    _esm, _css = assets("source_cards")

    def __init__(
        self, statements: Sequence[str] | None = None, *, ledger: Ledger | None = None, case: Case | None = None
    ) -> None:
        self._wanted = statements
        super().__init__(ledger, case)

    def _prepare(self) -> None:
        rows = self.case.rows("statements")
        wanted = [str(row["id"]) for row in rows if row["set"] == "register"] if self._wanted is None else self._wanted
        if not wanted:
            raise ValueError("There are no cards without statements. Name at least one.")
        self._facts = {statement: self.case.row("statements", statement) for statement in wanted}
        speakers = dict.fromkeys(str(row["speaker"]) for row in self._facts.values())
        self._people = {speaker: self.case.row("sources", speaker) for speaker in speakers}

    # --- the plain face ---------------------------------------------------------------------------------------

    def rate(
        self, source: str, *, reliability: str | None = None, interest: str | None = None, because: str | None = None
    ) -> None:
        """Rate a source. What is left out stays as it was.

        Parameters
        ----------
        source : str
            Identifier, such as ``"putin"``.
        reliability : str, optional
            A to F, see `course.ledger.judgement.RELIABILITY`.
        interest : str, optional
            What the source stands to gain or protect, in your words.
        because : str, optional
            Why this letter, in your words.

        Raises
        ------
        ValueError
            If no card has this source or the letter is not on the scale; the message names those there are.
        """
        self._change_source(source, given(reliability=reliability, interest=interest, because=because))

    def rate_item(self, statement: str, *, credibility: int | None) -> None:
        """Rate a statement by itself, whoever made it: 1 to 6, as in `ledger.judgement.CREDIBILITY`; None removes it.

        Raises
        ------
        ValueError
            If the statement is on no card or the number is not on the scale; the message names those there are.
        """
        self._change_item(statement, save=not self._answering, credibility=credibility)

    def rate_interest(self, statement: str, interest: str) -> None:
        """Say whether the source would say this anyway, even if it did not know: see `ledger.judgement.INTERESTS`.

        Raises
        ------
        ValueError
            If the statement is on no card or the answer is not on the scale; the message names those there are.
        """
        self._change_item(statement, save=not self._answering, interest=interest)

    def group(self, *statements: str, into: str) -> None:
        """Put statements into an origin. An origin that is not there yet is made.

        Raises
        ------
        ValueError
            If a statement is on no card or the origin's name cannot be used; nothing is changed then.
        """
        self._put(statements, self._origin_name(into))

    def ungroup(self, *statements: str) -> None:
        """Let statements stand on their own again.

        Raises
        ------
        ValueError
            If a statement is on no card; nothing is changed then.
        """
        self._put(statements, "")

    def add_origin(self, name: str) -> None:
        """Name an origin that holds no statement yet.

        Raises
        ------
        ValueError
            If the name is empty, is a statement's, or is there already.
        """
        tidy = self._origin_name(name)
        if tidy in self._origin_names():
            raise ValueError(f"There is an origin “{tidy}” already. Choose it for a statement, or use another name.")
        self._answer(sourcing.origin_key(tidy), tidy)

    def remove_origin(self, name: str) -> None:
        """Remove an origin that holds no statement.

        Raises
        ------
        ValueError
            If there is no such origin, or it still holds statements.
        """
        self._check_known("origin", name, self._origin_names())
        if name in [origin.name for origin in sourcing.group(self.items)]:
            raise ValueError(f"“{name}” still holds statements. Move them first; then it can be removed.")
        self._answer(sourcing.origin_key(name), "")

    @property
    def sources(self) -> dict[str, SourceRating]:
        """Your rating of every source on the cards."""
        return sourcing.source_ratings(self._ledger.answers, self._people)

    @property
    def items(self) -> dict[str, ItemRating]:
        """Your rating of every statement on the cards, and its origin."""
        return sourcing.item_ratings(self._ledger.answers, self._facts)

    @property
    def remarks(self) -> tuple[Incoherence, ...]:
        """What does not hang together in your ratings and groups."""
        return self._remarks(self.sources, self.items)

    def origins(self) -> pd.DataFrame:
        """Return one row for each origin: its name, its statements, how many they are, and who speaks in them."""
        import pandas as pd

        rows = [
            (origin.name, ", ".join(origin.statements), len(origin.statements), self._speakers_of(origin))
            for origin in sourcing.group(self.items)
        ]
        return pd.DataFrame(rows, columns=["origin", "statements", "how many", "sources"])

    def table(self) -> pd.DataFrame:
        """Return one row for each statement: who says it, both ratings, its origin (empty: on its own), the interest.

        Columns: statement, source, content, reliability, credibility, would say so anyway, origin, interest, because.
        """
        import pandas as pd

        sources = self.sources
        rows = []
        for statement, item in self.items.items():
            row = self._facts[statement]
            source = sources[str(row["speaker"])]
            rows.append(
                {
                    "statement": statement,
                    "source": self._speaker_of(statement),
                    "content": row["content"],
                    "reliability": source.reliability,
                    "credibility": item.credibility,
                    "would say so anyway": item.interest,
                    "origin": item.origin,
                    "interest": source.interest,
                    "because": source.because,
                }
            )
        return pd.DataFrame(rows).astype({"credibility": "Int64"})

    def chart(self) -> Figure:
        """Return your grouping as a chart: how many statements come from each origin, and which only repeat another."""
        import pandas as pd

        from course import charts

        origin_of = {name: origin.name for origin in sourcing.group(self.items) for name in origin.statements}
        drawn = charts.origins_and_repetition(
            pd.DataFrame(
                [(statement, origin_of[statement], row["repeats"]) for statement, row in self._facts.items()],
                columns=["id", "origin", "repeats"],
            )
        )
        # The chart draws the course's origins elsewhere; here they are the learner's, and it has to say so.
        return charts.Figure.of(
            drawn.chart,
            title=f"{self!r}, as you group them",
            description=drawn.description,
            notes=(),
            source="the register of statements; origins as you have grouped them",
            table=drawn.table,
        )

    def __repr__(self) -> str:
        return sourcing.count(self.items)

    # --- the view ---------------------------------------------------------------------------------------------

    def _rate_part(self, source: str, part: str, value: str) -> None:
        if part not in ("reliability", "interest", "because"):
            raise ValueError(f"{part!r} is no part of a source's rating. Parts: reliability, interest, because.")
        rated = (value or None) if part == "reliability" else value
        self._change_source(source, {part: rated})

    def _rate_item(self, statement: str, value: str) -> None:
        self.rate_item(statement, credibility=int(value) if value else None)

    def _move(self, statement: str, origin: str) -> None:
        """Put one statement into an origin; without a name it stands on its own."""
        self._change_item(statement, save=False, origin=self._origin_name(origin) if origin else "")

    def _make_fixed(self) -> dict[str, Any]:
        return {
            "reliability": labelled(RELIABILITY),
            "credibility": labelled(CREDIBILITY),
            "interest": [[*option, INTERESTS_IN_SHORT[option[0]]] for option in labelled(INTERESTS)],
            "sources": [
                {
                    "id": source,
                    "name": row["name"],
                    "role": row["role"],
                    "funded": row["funded_by"],
                    "statements": [name for name, fact in self._facts.items() if fact["speaker"] == source],
                }
                for source, row in self._people.items()
            ],
            "statements": [
                {
                    "id": statement,
                    "content": row["content"],
                    "quoted": row["quoted"] or "",
                    "where": row["locator"],
                    "who": self._speaker_of(statement),
                    "via": self._name_of(row["via"]) if row["via"] else "",
                    "repeats": row["repeats"] if row["repeats"] in self._facts else "",
                }
                for statement, row in self._facts.items()
            ],
        }

    def _make_state(self) -> dict[str, Any]:
        answers = self._ledger.answers
        sources = sourcing.source_ratings(answers, self._people)
        items = sourcing.item_ratings(answers, self._facts)
        groups = sourcing.group(items)
        home = {statement: origin.name for origin in groups if origin.named for statement in origin.statements}
        return {
            "count": sourcing.count(items),
            "sources": {source: self._source_state(rating, items) for source, rating in sources.items()},
            "items": {
                name: [str(item.credibility or ""), home.get(name, ""), item.interest] for name, item in items.items()
            },
            "rated": [
                name
                for name, item in items.items()
                if item.credibility and sources[str(self._facts[name]["speaker"])].reliability
            ],
            "origins": list(sourcing.origin_names(answers, items)),
            "repetition": sourcing.repetition(items, self._facts),
            "rows": [
                [origin.name, str(len(origin.statements)), ", ".join(origin.statements), self._speakers_of(origin)]
                for origin in groups
                if origin.named
            ],
            "remarks": [remark.message for remark in self._remarks(sources, items)],
        }

    def _source_state(self, rating: SourceRating, items: Mapping[str, ItemRating]) -> dict[str, Any]:
        row = self._people[rating.source]
        spoken = [item for name, item in items.items() if self._facts[name]["speaker"] == rating.source]
        rated = sum(item.credibility is not None for item in spoken)
        return {
            "rated": [rating.reliability or "", rating.interest, rating.because],
            "status": f"source {rating.reliability or 'not rated yet'}, items rated: {rated} of {len(spoken)}",
            # Not sent before the learner has thought of one.
            "editor": f"{row['interest']} {row['note'] or ''}".strip() if rating.names_interest else "",
        }

    # --- details ----------------------------------------------------------------------------------------------

    def _remarks(self, sources: Mapping[str, SourceRating], items: Mapping[str, ItemRating]) -> tuple[Incoherence, ...]:
        return sourcing.remarks(sources, items, self._facts, self._people, self.case.subject)

    def _change_source(self, source: str, parts: Mapping[str, Any]) -> None:
        self._check_known("source", source, self._people)
        rating = replace(self.sources[source], **parts)
        self._answer(sourcing.SOURCE + source, rating.to_answer())

    def _change_item(self, statement: str, *, save: bool, **parts: Any) -> None:
        self._check_known("statement", statement, self._facts)
        rating = replace(self.items[statement], **parts)
        self._ledger.answer(sourcing.ITEM + statement, rating.to_answer(), save=save)

    def _put(self, statements: Sequence[str], origin: str) -> None:
        for statement in statements:
            self._check_known("statement", statement, self._facts)
        for statement in statements:
            self._change_item(statement, save=False, origin=origin)
        self._ledger.save()

    def _check_known(self, what: str, name: str, known: Iterable[str]) -> None:
        if name not in known:
            raise ValueError(f"The cards have no {what} {name!r}. Use one of: {', '.join(known)}.")

    def _origin_names(self) -> tuple[str, ...]:
        return sourcing.origin_names(self._ledger.answers, self.items)

    def _origin_name(self, name: str) -> str:
        statements = (str(row["id"]) for row in self.case.rows("statements"))
        return sourcing.origin_name(name, self._origin_names(), statements)

    def _speakers_of(self, origin: Origin) -> str:
        return ", ".join(dict.fromkeys(self._speaker_of(statement) for statement in origin.statements))

    def _speaker_of(self, statement: str) -> str:
        return str(self._people[str(self._facts[statement]["speaker"])]["name"])
