"""HypothesisMatrix: hold each statement against readings that compete, and see which statements tell them apart."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from textwrap import shorten
from typing import TYPE_CHECKING, Any, ClassVar, Final

from course.case import Case
from course.ledger import Ledger
from course.methods import hypotheses
from course.methods.hypotheses import MARKS, WARNINGS, Matrix, MatrixColumn, RowScore
from course.weighing.coherence import Facts, Incoherence
from course.widgets.base import LedgerWidget, assets, labelled

if TYPE_CHECKING:
    import pandas as pd

NOT_COMPARED: Final = "–"
MOST_WORDS_OF_A_NAME: Final = 4


class HypothesisMatrix(LedgerWidget):
    """Mark how well each statement fits each of several readings.

    The readings stand in rows and the statements in columns. Like every tool, the matrix has three faces: what you see
    when it is the last line of a cell, the methods below, which do the same without a mouse, and `table`. Every change
    is kept in the ledger.

    Parameters
    ----------
    rows : iterable of str, optional
        Readings of the case, or their rival; at least two of those that compete. Default: those shown last, or all
        that compete.
    statements : iterable of str, optional
        Identifiers to show. Default: those shown last, or eight to begin with.
    ledger : Ledger, optional
        Default: ``ledger.json`` in the folder of the notebook.
    case : Case, optional
        Default: the case the course ships.

    Raises
    ------
    ValueError
        If a row or a statement is not one there is, or there is nothing to compare; the message names what there is.

    Examples
    --------
    >>> matrix = HypothesisMatrix(statements=["S09", "S10"], ledger=Ledger())
    >>> for row, mark in {"F": "II", "U": "C", "T": "C", "H": "C"}.items():
    ...     matrix.mark(row, "S09", mark)
    >>> matrix
    1 of 2 statements tells the rows apart. Least inconsistent over the 1 statement marked in every row: U, T and H. 4 \
of 8 cells are filled.
    """

    MESSAGES: ClassVar[Mapping[str, str]] = {"mark": "_mark", "add": "add", "remove": "remove", "show": "show"}
    _esm, _css = assets("hypothesis_matrix")

    def __init__(
        self,
        rows: Iterable[str] | None = None,
        statements: Iterable[str] | None = None,
        *,
        ledger: Ledger | None = None,
        case: Case | None = None,
    ) -> None:
        self._arguments = (rows, statements)
        super().__init__(ledger, case)

    def _prepare(self) -> None:
        self._facts: Facts = {str(row["id"]): row for row in self.case.rows("statements")}
        self._subject = self.case.subject
        self._texts = self._subject.row_texts
        self._names = {statement: self._name_of(row["speaker"]) for statement, row in self._facts.items()}
        self._origin_names = {str(row["id"]): str(row["name"]) for row in self.case.rows("origins")}
        if self._arguments != (None, None):
            self._ledger.answer(hypotheses.SETTINGS, self._settings(*self._arguments), save=False)

    # --- the plain face ---------------------------------------------------------------------------------------

    def mark(self, row: str, statement: str, mark: str) -> None:
        """Mark how well a statement fits a row.

        Parameters
        ----------
        row : str
            One of those shown, such as ``"F"``.
        statement : str
            One of those shown, such as ``"S09"``.
        mark : str
            CC (very consistent), C (consistent), N (neutral or not applicable), I (inconsistent) or II (very
            inconsistent).

        Raises
        ------
        ValueError
            If there is no such row, statement or mark, or the matrix does not show it; the message names those there
            are, or how to show it.
        """
        self._mark(row, statement, hypotheses.check_mark(mark))

    def clear(self, row: str, statement: str) -> None:
        """Empty a cell.

        Raises
        ------
        ValueError
            If there is no such row or statement, or the matrix does not show it.
        """
        self._mark(row, statement, "")

    def add(self, statement: str) -> None:
        """Show another statement. Marks it was given before are shown again.

        Raises
        ------
        ValueError
            If there is no such statement; the message names those there are.
        """
        self.show(statements=(*self.statements, statement))

    def remove(self, statement: str) -> None:
        """Take a statement out. Its marks stay in the ledger.

        Raises
        ------
        ValueError
            If the matrix does not show it, or shows no other.
        """
        self._check_shown(statement)
        self.show(statements=[shown for shown in self.statements if shown != statement])

    def show(self, rows: Iterable[str] | None = None, statements: Iterable[str] | None = None) -> None:
        """Choose the rows, the statements, or both. What is left out stays as it was.

        Raises
        ------
        ValueError
            As for the matrix itself.
        """
        self._answer(hypotheses.SETTINGS, self._settings(rows, statements))

    @property
    def rows(self) -> tuple[str, ...]:
        """The rows shown."""
        return hypotheses.shown(self._ledger.answers, self._facts, self._subject)[0]

    @property
    def statements(self) -> tuple[str, ...]:
        """The statements shown, in the order they were added."""
        return hypotheses.shown(self._ledger.answers, self._facts, self._subject)[1]

    @property
    def marks(self) -> dict[tuple[str, str], str]:
        """The marks shown, by row and statement."""
        return dict(self._read().marks)

    @property
    def warnings(self) -> tuple[str, ...]:
        """What research found about such matrices; to be read with every count."""
        return WARNINGS

    @property
    def findings(self) -> tuple[Incoherence, ...]:
        """What does not hang together in the marks, and what could not yet be known."""
        return self._findings(self._read())

    def discriminating(self) -> pd.DataFrame:
        """Return which statements tell the rows apart, and how far.

        Returns
        -------
        pandas.DataFrame
            One row for each statement, those that tell most first; columns statement, speaker, filled (cells), steps
            (0 to 4 between its marks; empty with fewer than two), discriminates, fits_everything, words.
        """
        import pandas as pd

        names = ["statement", "filled", "steps", "discriminates", "fits_everything", "words"]
        columns = _most_telling_first(hypotheses.columns(*self._read(), self._subject))
        frame = pd.DataFrame([[getattr(column, name) for name in names] for column in columns], columns=names)
        frame.insert(1, "speaker", frame["statement"].map(self._names))
        return frame.astype({"steps": "Int64"})

    def inconsistency(self) -> pd.DataFrame:
        """Return what speaks against each row. Read it with `warnings`.

        Returns
        -------
        pandas.DataFrame
            One row for each row of the matrix; columns row, text, filled (cells), inconsistency (I counts 1, II counts
            2), compared (the same over the statements marked in every row that competes) and origins_once (the same
            with each origin counted once). The last two are empty where nothing can be compared.
        """
        import pandas as pd

        frame = pd.DataFrame([asdict(score) for score in self._row_scores(self._read())])
        frame.insert(1, "text", frame["row"].map(self._texts))
        return frame.astype({"compared": "Int64", "origins_once": "Int64"})

    def table(self) -> pd.DataFrame:
        """Return the matrix itself: one row for each reading, one column for each statement, None in empty cells."""
        import pandas as pd

        marks, rows, statements = self._read()
        cells = [[marks.get((row, statement)) for statement in statements] for row in rows]
        return pd.DataFrame(cells, index=pd.Index(rows, name="row"), columns=list(statements), dtype=object)

    def __repr__(self) -> str:
        now = self._read()
        return hypotheses.describe(hypotheses.columns(*now, self._subject), self._row_scores(now), self._subject)

    # --- the view ---------------------------------------------------------------------------------------------

    def _make_fixed(self) -> dict[str, Any]:
        return {
            "rows": [[row, self._texts[row]] for row in self._subject.rows],
            "marks": labelled(MARKS),
            "nesting": hypotheses.nesting(self._subject),
            "others": hypotheses.other_questions(self._subject),
            "steps": hypotheses.STEPS_IN_WORDS,
            "caveat": hypotheses.CAVEAT,
            "warnings": list(WARNINGS),
            "statements": [
                {
                    "id": statement,
                    "who": self._names[statement],
                    "short": shorten(str(row["content"]), 60, placeholder=" …"),
                    "gist": _without_speaker(str(row["content"])),
                    "content": row["content"],
                    "quoted": row["quoted"] or "",
                    "about": f"{row['locator']} · {row['scope']} · measures {row['measures']}",
                    "caution": row["caution"] or "",
                }
                for statement, row in self._facts.items()
            ],
        }

    def _make_state(self) -> dict[str, Any]:
        now = self._read()
        marks, rows, statements = now
        columns, row_scores = hypotheses.columns(*now, self._subject), self._row_scores(now)
        lead, _, rest = hypotheses.describe(columns, row_scores, self._subject).partition(". ")
        most_steps = max((column.steps or 0 for column in columns), default=0)
        most_against = max((score.compared or 0 for score in row_scores), default=0)
        return {
            "rows": list(rows),
            "statements": list(statements),
            "marks": {f"{row}/{name}": marks.get((row, name), "") for row in rows for name in statements},
            "summary": [f"{lead}.", rest],
            # In words, cells filled, steps, the same in a word, and whether no other statement tells more.
            "columns": {
                column.statement: [
                    column.words,
                    f"{column.filled}",
                    column.steps,
                    column.word or NOT_COMPARED,
                    column.discriminates and column.steps == most_steps,
                ]
                for column in columns
            },
            # What speaks against each row, as its table has it, and as a share of the most.
            "against": [
                [
                    score.row,
                    NOT_COMPARED if score.compared is None else f"{score.compared}",
                    (score.compared or 0) / (most_against or 1),
                ]
                for score in row_scores
            ],
            "order": [column.statement for column in _most_telling_first(columns)],
            "inconsistency": [
                [
                    standing.row,
                    f"{standing.filled} of {len(columns)}",
                    f"{standing.inconsistency}",
                    *(
                        NOT_COMPARED if count is None else f"{count}"
                        for count in (standing.compared, standing.origins_once)
                    ),
                ]
                for standing in row_scores
            ],
            "findings": [finding.message for finding in self._findings(now)],
        }

    # --- details ----------------------------------------------------------------------------------------------

    def _mark(self, row: str, statement: str, mark: str) -> None:
        """Mark a cell; an empty mark clears it."""
        if hypotheses.check_row(row, self._subject) not in self.rows:
            raise ValueError(
                f"The matrix does not show row {row}. It shows {', '.join(self.rows)}; to add it, use "
                f"show(rows={[*self.rows, row]})."
            )
        self._check_shown(statement)
        self._answer(hypotheses.key_of(row, statement), hypotheses.check_mark(mark) if mark else "")

    def _settings(self, rows: Iterable[str] | None, statements: Iterable[str] | None) -> dict[str, list[str]]:
        """Check what is to be shown, and return it as the ledger keeps it. None stands for what is shown now."""
        shown = self.rows if rows is None else hypotheses.check_rows(rows, self._subject)
        wanted = self.statements if statements is None else tuple(dict.fromkeys(statements))
        for statement in wanted:
            self.case.row("statements", statement)
        if not wanted:
            raise ValueError("The matrix needs at least one statement. Add another one before you take out the last.")
        return {"rows": list(shown), "statements": list(wanted)}

    def _read(self) -> Matrix:
        return hypotheses.read(self._ledger.answers, self._facts, self._subject)

    def _check_shown(self, statement: str) -> None:
        self.case.row("statements", statement)
        if statement not in self.statements:
            raise ValueError(
                f"The matrix does not show {statement}. It shows {', '.join(self.statements)}; to add it, use "
                f"add({statement!r})."
            )

    def _row_scores(self, now: Matrix) -> tuple[RowScore, ...]:
        origins = hypotheses.origins_of(
            self._facts, self._origin_names, self._ledger.judgements(), self._ledger.answers
        )
        return hypotheses.row_scores(*now, origins, self._subject)

    def _findings(self, now: Matrix) -> tuple[Incoherence, ...]:
        return (
            *hypotheses.against_nesting(*now, self._subject),
            *hypotheses.known_later(now.statements, self._facts, self._subject),
        )


def _without_speaker(content: str) -> str:
    """Return what was said without the name it may begin with, which stands above it: ``Pahon: more than …``."""
    first, colon, rest = content.partition(": ")
    return rest[:1].upper() + rest[1:] if colon and len(first.split()) <= MOST_WORDS_OF_A_NAME else content


def _most_telling_first(columns: Iterable[MatrixColumn]) -> list[MatrixColumn]:
    return sorted(columns, key=lambda column: -1 if column.steps is None else column.steps, reverse=True)
