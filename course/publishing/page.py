"""The verdict as a page: one HTML file that needs no network and no script, reads on a phone and prints.

Whatever a learner wrote is escaped. Machines find the same verdict in it as a ClaimReview.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from course import files
from course.case import Case
from course.ledger.judgement import CREDIBILITY, RELIABILITY, Judgement
from course.publishing.claimreview import PublishError, claim_review
from course.publishing.verdict import ARTICLE_NAME, SCALES, TITLES, Basis, Ruling, Verdict, found_at
from course.weighing import Contribution, explain
from course.wording import format_day

if TYPE_CHECKING:
    from course.charts import Figure

PAGE, REVIEW = "verdict.html", "verdict.json"

NO_CORRECTIONS: Final = "None so far. If something here is wrong, tell the author: it will be put right and said here."

METHOD: Final = (
    "Each statement was rated by hand: how reliable its source is (A to F), how credible the item is (1 to 6), how "
    "directly it speaks to the claim, and how far it would move us if it were right. From these ratings follows a "
    "weight in decibans (dB): 10 dB make the claim ten times more or less likely against its opposite. What comes from "
    "one origin counts once, however often it is repeated.",
    "The weights keep a judgement open to view; they are not measurements. The figures behind the letters are a "
    "convention, somebody else may rate differently, and decimals make nothing exact. F and 6 mean that nobody can "
    "tell, not that a statement is false.",
    "There are two verdicts because there are two fair questions: what could be known when the claim was fresh, and "
    "what is known today. How likely the claim is and how good the evidence is are said apart.",
)

_STYLE: Final = """
:root { color-scheme: light; }
body { margin: 0 auto; max-width: 46rem; padding: 1rem; color: #1b1b1b; background: #fff;
  font: 1.0625rem/1.6 Georgia, "Liberation Serif", serif; overflow-wrap: break-word; }
h1, h2, h3, th, .rating, .draft { font-family: Arial, "Liberation Sans", sans-serif; line-height: 1.25; }
h1 { font-size: 1.75rem; margin: 0.5rem 0; }
h2 { font-size: 1.25rem; margin: 2rem 0 0.5rem; }
h3 { font-size: 1rem; margin: 0; }
.byline, figcaption, .note { color: #4a4a4a; font-size: 0.9375rem; }
.summary { font-size: 1.1875rem; }
.rulings { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fit, minmax(min(100%, 17rem), 1fr)); }
.rulings section { border: 1px solid #767676; border-radius: 4px; padding: 0.75rem 1rem; }
.rating { font-size: 1.375rem; font-weight: 700; margin: 0.25rem 0; }
.draft { border: 3px dashed #8a1c00; padding: 0.5rem 1rem; }
dt { font-weight: 700; } dd { margin: 0 0 0.5rem; }
.wide { overflow-x: auto; } .wide:focus-visible { outline: 3px solid #0063a6; }
table { border-collapse: collapse; font-size: 0.9375rem; min-width: 40rem; }
caption { text-align: start; font-weight: 700; padding-block: 0.25rem; }
th, td { border: 1px solid #767676; padding: 0.375rem 0.5rem; text-align: start; vertical-align: top; }
thead th { background: #f0f0f0; }
figure { margin: 1rem 0; } svg { display: block; min-width: 38rem; max-width: 100%; height: auto; }
@media print {
  @page { margin: 18mm; }
  body { max-width: none; padding: 0; font-size: 10.5pt; }
  .wide { overflow: visible; } table, svg { min-width: 0; } table { font-size: 9pt; }
  h2, h3, caption { break-after: avoid; } section section, tr, figure, li { break-inside: avoid; }
  thead { display: table-header-group; }
}
"""


def page(verdict: Verdict, basis: Basis, case: Case, *, with_charts: bool = True) -> str:
    """Return the verdict as one self-contained HTML page, with its ClaimReview inside.

    Parameters
    ----------
    with_charts : bool
        Whether to draw how the weights add up at each clock, see `pictures_of`. That takes a second or two.

    Raises
    ------
    PublishError
        If something a reader needs is missing; the message names all of it.
    """
    if missing := gaps(verdict, basis):
        raise PublishError("The page cannot be published yet.\n" + "\n".join(f"- {one}" for one in missing))
    data = _data(claim_review(verdict, case))
    return _document(verdict, basis, case, pictures_of(basis) if with_charts else (), data)


def draft(verdict: Verdict, basis: Basis, case: Case) -> str:
    """Return the page as far as it has come, marked as a draft: without pictures, and nothing in it for machines."""
    return _document(verdict, basis, case, (), "")


def gaps(verdict: Verdict, basis: Basis) -> tuple[str, ...]:
    """Return what a reader needs and does not get yet, each with what to do."""
    wanted = [
        (verdict.headline, "The headline is missing. Write it with desk.write(headline=…)."),
        (verdict.summary, "The summary is missing. Write it with desk.write(summary=…)."),
        *(part for clock, ruling in verdict.rulings.items() for part in _wanted_of(clock, ruling, verdict.scale)),
        (_cited(verdict, basis), "No evidence is cited. Cite what you have judged with desk.cite(…)."),
    ]
    return tuple(message for part, message in wanted if not part)


def _wanted_of(clock: str, ruling: Ruling, scale: str) -> Iterator[tuple[str, str]]:
    if scale != "prose":
        yield ruling.rating, f"The rating “{clock}” is missing. Give it with desk.rate({clock!r}, rating=…)."
    yield ruling.because, f"The grounds “{clock}” are missing. Give them with desk.rate({clock!r}, because=…)."


def pictures_of(basis: Basis) -> list[tuple[str, str]]:
    """Return how the weights add up at each clock, as SVG with its description; one picture where both are alike.

    There is none where nothing carries weight, or where vl-convert is not installed, as in a browser-only notebook.
    """
    drawn = {}
    for clock, weighing in basis.weighings.items():
        if weighing.contributions and weighing.contributions not in drawn:
            drawn[weighing.contributions] = (clock, weighing.prior)
    try:
        # Where both clocks weigh the same, the picture stands for both.
        alone = len(drawn) == 1 and len({one.contributions for one in basis.weighings.values()}) == 1
        return [
            _picture(contributions, prior, "" if alone else f"{TITLES[clock]}: ")
            for contributions, (clock, prior) in drawn.items()
        ]
    except ImportError:
        return []


def chart(contributions: Sequence[Contribution], prior: float) -> Figure:
    """Return how weights add up, as a chart."""
    import pandas as pd

    from course import charts

    rows = [(f"{one.origin} ({one.side})", one.weight.low, one.weight.point, one.weight.high) for one in contributions]
    return charts.accumulated_weight(pd.DataFrame(rows, columns=["label", "low", "point", "high"]), prior)


@lru_cache(maxsize=8)  # drawing takes a second or two, and mostly only words change between two pages
def _picture(contributions: tuple[Contribution, ...], prior: float, before: str) -> tuple[str, str]:
    figure = chart(contributions, prior)
    return figure.svg(), f"{before}{figure.title}. {figure.description}"


def export(folder: Path | str, text: str, review: Mapping[str, Any], *, overwrite: bool = False) -> tuple[Path, Path]:
    """Write the page and the ClaimReview into a folder, each whole or not at all, and return both paths.

    Raises
    ------
    PublishError
        If there is no such folder, a file has one of the names already and `overwrite` is False, or the disk refuses.
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise PublishError(f"There is no folder {str(folder)!r}. Make it first, or name another.")
    contents = {folder / PAGE: text, folder / REVIEW: json.dumps(review, ensure_ascii=False, indent=2) + "\n"}
    taken = [path.name for path in contents if path.exists()]
    if taken and not overwrite:
        raise PublishError(
            f"{' and '.join(taken)} {'is' if len(taken) == 1 else 'are'} there already, and nothing was written. Move "
            "or rename what is there, name another folder, or say that it may be replaced (overwrite=True)."
        )
    for path, content in contents.items():
        try:
            files.write(path, content.encode())
        except OSError as error:
            raise PublishError(f"{path.name} cannot be written: {error.strerror or error}.") from None
    saved, beside = contents
    return saved, beside


def _data(review: Mapping[str, Any]) -> str:
    """Return JSON-LD for a page. Nothing in it can end the element it stands in."""
    text = json.dumps(review, ensure_ascii=False, indent=1)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f'<script type="application/ld+json">\n{text}\n</script>\n'


def _document(verdict: Verdict, basis: Basis, case: Case, pictures: Sequence[tuple[str, str]], data: str) -> str:
    title = escape(verdict.headline or "No headline yet")
    by = f"By {escape(verdict.author)}. " if verdict.author else ""
    address = f'<link rel="canonical" href="{escape(verdict.url)}">\n' if data else ""
    missing = () if data else gaps(verdict, basis)
    parts = [
        _draft_note(missing) if not data else "",
        f"<header>\n<h1>{title}</h1>\n"
        f'<p class="byline">{by}Checked on {format_day(verdict.checked_on)}.</p>\n'
        f'<div class="summary">{_paragraphs(verdict.summary)}</div>\n</header>',
        _rulings(verdict),
        _claim(verdict, case),
        _evidence(verdict, basis, case),
        *(_figure(svg, told) for svg, told in pictures),
        f"<section>\n<h2>How the evidence was weighed</h2>\n{''.join(map(_paragraphs, METHOD))}\n</section>",
        _sources(verdict, basis, case),
        f"<section>\n<h2>Corrections</h2>\n{_paragraphs(verdict.corrections or NO_CORRECTIONS)}\n</section>",
    ]
    body = "\n".join(part for part in parts if part)
    return (
        f'<!doctype html>\n<html lang="en-GB">\n<head>\n<meta charset="utf-8">\n'
        f'<meta name="viewport" content="width=device-width, initial-scale=1">\n<title>{title}</title>\n{address}'
        f"<style>{_STYLE}</style>\n{data}</head>\n<body>\n<main>\n{body}\n</main>\n</body>\n</html>\n"
    )


def _draft_note(missing: Sequence[str]) -> str:
    items = "".join(f"<li>{escape(one.partition('. ')[0])}.</li>" for one in missing)
    return f'<div class="draft"><p>A draft, not published.</p>{f"<ul>{items}</ul>" if items else ""}</div>'


def _rulings(verdict: Verdict) -> str:
    sections = []
    for clock, ruling in verdict.rulings.items():
        lines = [f"<h3>{TITLES[clock]}</h3>"]
        if ruling.rating:
            lines.append(f'<p class="rating">{escape(ruling.rating)}</p>')
        if ruling.likelihood:
            lines.append(f"<p>How likely the claim is: <strong>{ruling.likelihood}</strong>.</p>")
        if ruling.confidence:
            lines.append(f"<p>Confidence in the evidence: <strong>{ruling.confidence}</strong>.</p>")
        sections.append("<section>\n" + "\n".join(lines) + f"\n{_paragraphs(ruling.because)}\n</section>")
    scale = "" if verdict.scale == "prose" else f'<p class="note">Rated on this scale: {SCALES[verdict.scale]}.</p>\n'
    return f'<section>\n<h2>The verdict</h2>\n<div class="rulings">\n{"".join(sections)}\n</div>\n{scale}</section>'


def _claim(verdict: Verdict, case: Case) -> str:
    claim = verdict.claim
    rows = [
        ("The claim, in our words", claim.wording),
        ("Who made it", claim.speaker),
        ("As whose words", claim.attributed_to if claim.attributed_to != claim.speaker else ""),
        ("When", format_day(claim.said_on) if claim.said_on else "Day not known"),
        ("Where it is found", claim.found),
        ("A limit the speaker set", claim.hedge),
        ("Read as", str(case.row("readings", verdict.reading)["text"])),
    ]
    listed = "".join(f"<dt>{name}</dt><dd>{escape(text)}</dd>\n" for name, text in rows if text)
    return f"<section>\n<h2>What exactly was claimed</h2>\n<dl>\n{listed}</dl>\n</section>"


def _evidence(verdict: Verdict, basis: Basis, case: Case) -> str:
    rows = "".join(_evidence_row(made, basis, case) for made in _cited(verdict, basis))
    head = "".join(
        f'<th scope="col">{name}</th>'
        for name in ("Statement", "What it says", "Known from", "How it was rated", "Why", "Weight")
    )
    caption = "What the verdict rests on"
    return (
        f"<section>\n<h2>The evidence</h2>\n"
        f'<div class="wide" role="region" aria-label="{caption}" tabindex="0">\n<table>\n<caption>{caption}</caption>\n'
        f"<thead><tr>{head}</tr></thead>\n<tbody>\n{rows}</tbody>\n</table>\n</div>\n</section>"
    )


def _evidence_row(made: Judgement, basis: Basis, case: Case) -> str:
    row = basis.facts[made.statement]
    quoted = f" In the speaker’s words: “{row['quoted']}”." if row["quoted"] else ""
    later = "; too late for the first verdict" if basis.known_later(made.statement) else ""
    weighing = basis.weighings["since"]
    weight = weighing.weights.get(made.statement)
    counts = explain.standing_of(made.statement, weighing.contributions)
    cells = (
        f"{row['content']}{quoted}",
        f"{format_day(row['known_from'])}{later}",
        rated(made),
        made.reason or "No reason given.",
        f"{explain.db_range(weight)}{f': {counts}' if counts else ''}" if weight else "Not weighed.",
    )
    who = f"{made.statement} · {case.row('sources', str(row['speaker']))['name']}"
    return f'<tr><th scope="row">{escape(who)}</th>{"".join(f"<td>{escape(cell)}</td>" for cell in cells)}</tr>\n'


def rated(made: Judgement) -> str:
    """Say how a statement was rated, in the words of the scales."""
    parts = [
        made.reliability and f"Source {made.reliability}: {RELIABILITY[made.reliability]}.",
        made.credibility and f"Item {made.credibility}: {CREDIBILITY[made.credibility]}.",
        made.directness and f"{made.directness.capitalize()}.",
        made.bearing and f"Bearing on the claim: {made.bearing}.",
    ]
    return " ".join(part for part in parts if part) or "Not rated."


def _figure(svg: str, told: str) -> str:
    """Return a picture that can be scrolled where it would be too small to read."""
    name = f"Chart, {told.partition('.')[0]}"
    return (
        f'<figure>\n<div class="wide" role="region" aria-label="{escape(name)}" tabindex="0">{svg}</div>\n'
        f"<figcaption>{escape(told)}</figcaption>\n</figure>"
    )


def _sources(verdict: Verdict, basis: Basis, case: Case) -> str:
    """List each source once, with what it stands to gain and where each of its cited statements is found."""
    found: dict[str, list[str]] = {}
    for made in _cited(verdict, basis):
        row = basis.facts[made.statement]
        found.setdefault(str(row["speaker"]), []).append(f"{made.statement}: {found_at(row)}.")
    items = []
    for name, places in found.items():
        source = case.row("sources", name)
        told = f"{source['role']}. Paid by: {source['funded_by']}. At stake: {source['interest']}"
        items.append(
            f"<li><strong>{escape(str(source['name']))}</strong>. {escape(told)}<br>{escape(' '.join(places))}</li>"
        )
    return f"<section>\n<h2>Sources</h2>\n<ul>\n{''.join(items)}\n</ul>\n{_about_article(case)}\n</section>"


def _about_article(case: Case) -> str:
    """Say what the article is and who pays for it, because it passes on most of what is cited."""
    outlet = case.row("sources", "polygraph")
    return (
        f'<p class="note">The {ARTICLE_NAME} is quoted by paragraph (¶); its address, author and exact date could not '
        f"be found. {escape(str(outlet['name']))} is paid by: {escape(str(outlet['funded_by']))}. "
        f"{escape(str(outlet['interest']))}</p>"
    )


def _cited(verdict: Verdict, basis: Basis) -> list[Judgement]:
    return [basis.judgements[one] for one in verdict.citations if one in basis.judgements]


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(line.strip())}</p>" for line in text.splitlines() if line.strip())
