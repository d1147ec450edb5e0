"""VerdictDesk: two verdicts, a headline that holds, and a page to publish."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, Final

from course.publishing import page
from course.publishing.claimreview import claim_review
from course.publishing.editing import HEADLINE_CHARACTERS, SUMMARY_WORDS, Remark, characters, remarks, words
from course.publishing.verdict import (
    CONFIDENCE,
    RULING_PARTS,
    SCALES,
    Basis,
    Ruling,
    Verdict,
    VerdictError,
    basis,
    check_choice,
    check_ruling,
    in_order,
    labels,
    read,
)
from course.weighing import WORDS, confidence, explain
from course.widgets.base import LedgerWidget, assets, given
from course.wording import format_day

if TYPE_CHECKING:
    import pandas as pd

TEXTS: Final = ("headline", "summary", "author", "url", "corrections", "checked_on")
"""What is written, each under a key of its own."""


class VerdictDesk(LedgerWidget):
    """Give the verdict at both clocks, write it up, and publish it.

    The desk has three faces: what you see when it is the last line of a cell, the methods below, which do the same
    without a mouse, and `table`. Every change is kept in the ledger. Its remarks ask whether the verdict hangs
    together; they never say which verdict is right, and none of them keeps you from publishing.

    Parameters
    ----------
    ledger : Ledger, optional
        Default: ``ledger.json`` in the folder of the notebook.
    case : Case, optional
        Default: the case the course ships.

    Examples
    --------
    >>> from course.ledger.judgement import Judgement
    >>> from course.ledger import Ledger
    >>> ledger = Ledger()
    >>> made = ledger.judge(Judgement("S09", "F", "B", 2, "direct", "strong against", "Abrahms", "He studies them."))
    >>> desk = VerdictDesk(ledger=ledger)
    >>> desk.rate("then", rating="Mostly False", likelihood="very unlikely", because="Abrahms says some are left.")
    >>> desk.cite("S09")
    >>> desk
    Then: Mostly False, very unlikely. Since: no verdict yet. Statements cited: 1. Remarks: 1.
    """

    MESSAGES: ClassVar[Mapping[str, str]] = {
        "scale": "scale",
        "check": "check",
        "rate": "_rate_part",
        "write": "_write_part",
        "cite": "_cite_or_not",
        "preview": "_open_preview",
        "download": "_make_file",
        "export": "_export_here",
    }
    _esm, _css = assets("verdict_desk")

    def _prepare(self) -> None:
        self._preview_is_open = False
        # Both last for one answer only: a file the view asked for, and what was done.
        self._file: dict[str, str] | None = None
        self._done = ""

    # --- the plain face ---------------------------------------------------------------------------------------

    def scale(self, scale: str) -> None:
        """Pick the scale of the ratings. Ratings given on another one wait there until it is picked again.

        Parameters
        ----------
        scale : str
            ``"politifact"`` (True to False), ``"averitec"`` (Supported, Refuted, …) or ``"prose"`` (no label).

        Raises
        ------
        ValueError
            If there is no such scale; the message names those there are.
        """
        check_choice("scale", scale, SCALES)
        self._answer("verdict/scale", scale)

    def check(self, *, claim: str | None = None, reading: str | None = None) -> None:
        """Say which wording the verdict is about, and in which precise meaning.

        Parameters
        ----------
        claim : str, optional
            A wording of the claim's lineage, such as ``"C06"``: its speaker and day go on the page. Default: where you
            found that the absolute entered, or the one the case begins with.
        reading : str, optional
            A reading of the case. Default: the one the evidence board shows, or the one the case begins with.

        Raises
        ------
        ValueError
            If there is no such wording or reading; the message names those there are.
        """
        if claim is not None:
            self.case.row("claims", claim)
            self._answer("verdict/claim", claim)
        if reading is not None:
            check_choice("reading", reading, self.case.subject.readings)
            self._answer("verdict/reading", reading)

    def rate(
        self,
        clock: str,
        *,
        rating: str | None = None,
        likelihood: str | None = None,
        confidence: str | None = None,
        because: str | None = None,
    ) -> None:
        """Give the verdict at one clock. What is left out stays as it was; an empty text takes it back.

        Parameters
        ----------
        clock : str
            ``"then"`` (known when the claim was fresh) or ``"since"`` (known today).
        rating : str, optional
            A label of the scale.
        likelihood : str, optional
            How likely the claim is: a word of ICD 203, such as ``"very unlikely"``.
        confidence : str, optional
            How good the evidence is: ``"low"``, ``"moderate"`` or ``"high"``.
        because : str, optional
            Your grounds.

        Raises
        ------
        ValueError
            If there is no such clock or a value is not on its scale; the message names those there are.
        """
        check_choice("clock", clock, self.case.subject.verdict_titles)
        changed = given(rating=rating, likelihood=likelihood, confidence=confidence, because=because)
        for part, value in changed.items():
            check_ruling(self.case, self.verdict.scale, part, value)
        before = self._settings_under(f"verdict/{clock}")
        parts = {part: changed.get(part, before.get(part)) for part in RULING_PARTS}
        self._answer(
            f"verdict/{clock}", {part: value for part, value in parts.items() if value and isinstance(value, str)}
        )

    def write(
        self,
        *,
        headline: str | None = None,
        summary: str | None = None,
        author: str | None = None,
        url: str | None = None,
        corrections: str | None = None,
        checked_on: str | date | None = None,
    ) -> None:
        """Write what stands on the page. What is left out stays as it was.

        Parameters
        ----------
        headline, summary : str, optional
            About 90 characters; 60 words.
        author : str, optional
            Your name. Without one the page has none.
        url : str, optional
            The address where the page will be published.
        corrections : str, optional
            What was corrected, and when.
        checked_on : str or datetime.date, optional
            Day of the check, such as ``"2026-03-02"``. Default, and with ``""``: the day it is shown.

        Raises
        ------
        ValueError
            If a value is no text, or the day is none or is before what was known then.
        """
        if isinstance(checked_on, date):
            checked_on = checked_on.isoformat()
        texts = given(
            headline=headline, summary=summary, author=author, url=url, corrections=corrections, checked_on=checked_on
        )
        for part, value in texts.items():
            self._check_text(part, value)
            self._answer(f"verdict/{part}", value)

    def cite(self, *statements: str) -> None:
        """Cite statements you have judged for the verdict's reading.

        Raises
        ------
        ValueError
            If one is not judged yet, there is no such statement, or several stand in one text or list.
        """
        if not all(isinstance(statement, str) and "," not in statement for statement in statements):
            raise VerdictError('Put quotation marks round each statement, with no list: cite("A", "B").')
        judged = self.basis.judgements
        for statement in statements:
            self.case.row("statements", statement)
            if statement not in judged:
                raise VerdictError(
                    f"You have not judged {statement} for reading {self.verdict.reading}. Judge it on the evidence "
                    f"board first. Judged so far: {', '.join(in_order(self.case, judged)) or 'none'}."
                )
        self._answer("verdict/citations", list(in_order(self.case, {*self.verdict.citations, *statements})))

    def uncite(self, *statements: str) -> None:
        """Take citations back.

        Raises
        ------
        ValueError
            If one is not cited; the message names those that are.
        """
        cited = self.verdict.citations
        for statement in statements:
            if statement not in cited:
                raise VerdictError(f"{statement} is not cited. Cited: {', '.join(cited) or 'none yet'}.")
        self._answer("verdict/citations", [statement for statement in cited if statement not in statements])

    @property
    def verdict(self) -> Verdict:
        """The verdict as the ledger holds it."""
        return read(self._ledger.answers, self.case, date.today())

    @property
    def basis(self) -> Basis:
        """What the verdict rests on: the judgements of its reading, and what they amount to at each clock."""
        return self._basis_of(self.verdict)

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What an editor would ask about."""
        verdict = self.verdict
        return remarks(verdict, self._basis_of(verdict))

    def page(self) -> str:
        """Return the page: one HTML file with everything in it.

        Raises
        ------
        ValueError
            If something a reader needs is missing; the message names all of it.
        """
        return page.page(self.verdict, self.basis, self.case)

    def claim_review(self) -> dict[str, Any]:
        """Return the verdict as data for machines: a ClaimReview.

        Raises
        ------
        ValueError
            If a field the format requires is missing; the message names it.
        """
        return claim_review(self.verdict, self.case)

    def export(self, folder: Path | str = ".", *, overwrite: bool = False) -> tuple[Path, Path]:
        """Write ``verdict.html`` and ``verdict.json`` into a folder and return both paths.

        Raises
        ------
        ValueError
            If something is missing, a file is there already and `overwrite` is False, or the disk refuses.
        """
        return page.export(folder, self.page(), self.claim_review(), overwrite=overwrite)

    def table(self) -> pd.DataFrame:
        """Return both verdicts, one row each, and beside them what your own judgements amount to."""
        import pandas as pd

        evidence = self.basis
        rows = [
            {
                "clock": clock,
                **{part: getattr(ruling, part) for part in RULING_PARTS},
                "judgements_amount_to": _phrase(evidence, clock),
            }
            for clock, ruling in self.verdict.rulings.items()
        ]
        return pd.DataFrame(rows)

    def evidence(self) -> pd.DataFrame:
        """Return one row for each statement cited: who, what, known from when, your ratings and its weight in dB."""
        import pandas as pd

        evidence = self.basis
        columns = ["statement", "who", "content", "known_from", "clocks", "rated", "reason", "weight"]
        weights = evidence.weighings["since"].weights
        rows = []
        for statement in self.verdict.citations:
            row, judgement = evidence.facts[statement], evidence.judgements.get(statement)
            rows.append(
                (
                    statement,
                    self._name_of(row["speaker"]),
                    row["content"],
                    row["known_from"],
                    "since" if evidence.known_later(statement) else "then, since",
                    page.rated(judgement) if judgement else "Not rated.",
                    judgement.reason if judgement else "",
                    weights[statement].point if statement in weights else None,
                )
            )
        return pd.DataFrame(rows, columns=columns)

    def __repr__(self) -> str:
        verdict = self.verdict
        return (
            f"{_in_short(verdict)} Statements cited: {len(verdict.citations)}. "
            f"Remarks: {len(remarks(verdict, self._basis_of(verdict)))}."
        )

    # --- the view ---------------------------------------------------------------------------------------------

    def _receive(self, widget: object, content: dict[str, Any], buffers: object) -> None:
        if content.get("type") in self.MESSAGES:
            self._done = ""
        super()._receive(widget, content, buffers)
        self._file = None

    def _rate_part(self, clock: str, part: str, value: str) -> None:
        check_choice("part of a verdict", part, RULING_PARTS)
        self.rate(clock, **{part: value})

    def _write_part(self, part: str, value: str) -> None:
        check_choice("text", part, TEXTS)
        self.write(**{part: value})

    def _cite_or_not(self, statement: str, cited: bool) -> None:
        if cited:
            self.cite(statement)
        elif statement in self.verdict.citations:
            self.uncite(statement)

    def _open_preview(self, is_open: bool) -> None:
        # Written only while somebody looks.
        self._preview_is_open = bool(is_open)

    def _make_file(self, name: str) -> None:
        check_choice("file", name, (page.PAGE, page.REVIEW))
        is_page = name == page.PAGE
        text = self.page() if is_page else json.dumps(self.claim_review(), ensure_ascii=False, indent=2)
        self._file = {"name": name, "text": text, "kind": "text/html" if is_page else "application/ld+json"}

    def _export_here(self, overwrite: bool) -> None:
        folder = self._ledger.path.parent if self._ledger.path else Path()
        page, review = self.export(folder, overwrite=bool(overwrite))
        self._done = f"Saved beside your notebook: {page.name} and {review.name}."

    def _make_fixed(self) -> dict[str, Any]:
        return {
            "scales": [[code, name] for code, name in SCALES.items()],
            "labels": {scale: list(labels(self.case, scale)) for scale in SCALES},
            "claims": [
                [row["id"], f"{row['id']}: {self._claim_line(str(row['id']))}"] for row in self.case.rows("claims")
            ],
            "readings": [[row["id"], f"{row['id']}: {row['text']}"] for row in self.case.rows("readings")],
            "clocks": [
                [clock, f"{clock.capitalize()}: {title[0].lower()}{title[1:]}"]
                for clock, title in self.case.subject.verdict_titles.items()
            ],
            "likelihood": [[name, f"{name} ({low:.0%} to {high:.0%})"] for name, low, high in WORDS],
            "confidence": [[name, name] for name in CONFIDENCE],
            "statements": [
                [row["id"], f"{row['id']} · {self._name_of(row['speaker'])}: {row['content']}"]
                for row in self.case.rows("statements")
            ],
            "files": {"page": page.PAGE, "review": page.REVIEW},
        }

    def _make_state(self) -> dict[str, Any]:
        verdict = self.verdict
        evidence = self._basis_of(verdict)
        remarked = [remark.message for remark in remarks(verdict, evidence)]
        claim = verdict.claim
        return {
            "scale": verdict.scale,
            "claim": claim.id,
            "reading": verdict.reading,
            "checked": f"The claim, in our words: {claim.wording} ({self._claim_line(claim.id)}.) Read as: "
            f"{self.case.row('readings', verdict.reading)['text']}",
            **{
                clock: {part: getattr(ruling, part) for part in RULING_PARTS}
                for clock, ruling in verdict.rulings.items()
            },
            "texts": {**{part: getattr(verdict, part) for part in TEXTS}, "checked_on": verdict.checked_on.isoformat()},
            "counts": {
                "headline": f"{characters(verdict.headline)} of {HEADLINE_CHARACTERS} characters",
                "summary": f"{words(verdict.summary)} of {SUMMARY_WORDS} words",
            },
            "citations": {
                statement: [statement in verdict.citations, self._note_on(statement, evidence)]
                for statement in in_order(self.case, {*evidence.judgements, *verdict.citations})
            },
            "lead": _in_short(verdict),
            "remarks": remarked,
            "remarked": f"To look at again: {len(remarked)}" if remarked else "Nothing to look at again so far.",
            "amounts": [
                [title, _phrase(evidence, clock), _basis_line(evidence, clock)]
                for clock, title in self.case.subject.verdict_titles.items()
            ],
            "preview": page.draft(verdict, evidence, self.case) if self._preview_is_open else "",
            "file": self._file,
            "done": self._done,
        }

    # --- details ----------------------------------------------------------------------------------------------

    def _basis_of(self, verdict: Verdict) -> Basis:
        prior = self._settings_under("board/settings").get("prior")
        start = prior if isinstance(prior, float) and 0 < prior < 1 else 0.5
        return basis(verdict, self.case, self._ledger.judgements(), start)

    def _check_text(self, part: str, value: object) -> None:
        if not isinstance(value, str):
            raise VerdictError(f"{part} must be text, not {value!r}.")
        if part == "checked_on" and value:
            try:
                day = date.fromisoformat(value)
            except ValueError:
                raise VerdictError(f"{value!r} is no day. Write it as 2026-03-02.") from None
            if day < (known_until := self.case.subject.known_until):
                raise VerdictError(f"Nobody could check this before {format_day(known_until)}. Give a later day.")

    def _claim_line(self, claim: str) -> str:
        """Return who gave a wording, in whose name, and when."""
        wording = read({"verdict/claim": claim}, self.case, self.case.subject.known_until).claim
        return f"{wording.who}, {format_day(wording.said_on) if wording.said_on else 'day not known'}"

    def _note_on(self, statement: str, evidence: Basis) -> str:
        notes = []
        if evidence.known_later(statement):
            notes.append(f"known only since {format_day(evidence.facts[statement]['known_from'])}")
        if statement not in evidence.judgements:
            notes.append("not judged for this reading")
        return f"({'; '.join(notes)})" if notes else ""


def _in_short(verdict: Verdict) -> str:
    return f"Then: {_ruling_in_short(verdict.then)}. Since: {_ruling_in_short(verdict.since)}."


def _ruling_in_short(ruling: Ruling) -> str:
    return ", ".join(part for part in (ruling.rating, ruling.likelihood) if part) or (
        "in prose" if ruling.because else "no verdict yet"
    )


def _phrase(evidence: Basis, clock: str) -> str:
    weighing = evidence.weighings[clock]
    return weighing.phrase if weighing.contributions else "nothing weighed yet"


def _basis_line(evidence: Basis, clock: str) -> str:
    weighing = evidence.weighings[clock]
    if not weighing.contributions:
        return "no evidence weighed yet"
    return explain.confidence_of(confidence(weighing, evidence.judgements.values()))
