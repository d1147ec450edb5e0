"""The short course: three notebooks for a workshop, made from the cells of the lessons that are tagged ``short``.

``make short`` writes ``notebooks/short/``; `tests/test_short_course.py` fails if a notebook there is not what the
lessons make of it. Between the lessons' cells are a few of its own (`BRIDGES`), each before a cell of a lesson. Code
is folded: nobody writes any.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import nbformat

ROOT: Final = Path(__file__).resolve().parents[1]
FOLDER: Final = ROOT / "notebooks" / "short"
SHORT: Final = "short"


@dataclass(frozen=True)
class Session:
    """One notebook of the short course.

    Parameters
    ----------
    name : str
        Its file's name without the ending.
    lessons : tuple of str
        The numbers of the lessons it takes cells from, in order.
    opening, setup, closing : str
        Its first text, its first code and its last text.
    """

    name: str
    lessons: tuple[str, ...]
    opening: str
    setup: str
    closing: str


SETUP: Final = """\
import pandas as pd

from course import Case, {tools}
{more}
pd.options.display.max_colwidth = None  # show long texts in full
case = Case.load()
ledger = Ledger.open()  # yours
{names}
ledger"""

HOW: Final = """\
**You write no code.** Where a folded cell with three dots (…) comes, click on it and press ▶ at \
the top of the page, or \
press Shift+Enter: it shows a table, a picture or a tool. Run the cells from the top, and leave \
none out. Where it says \
**Predict**, say your guess aloud before you run the cell.

**In your ledger:** what you choose and write in the tools. It is saved by itself, in a file beside this notebook.
"""

SESSIONS: Final = (
    Session(
        "1-who-said-what",
        ("01", "02"),
        "# Short course 1 · Who said what, and how would they know?\n\n**Time:** {minutes} "
        "minutes, of a session of 90.\n\n" + HOW,
        SETUP.format(
            tools="ClaimTracer, Ledger, SourceCards",
            more="",
            names="statements = case.statements\nregister = statements.query(\"set == 'register'\")  # the article’s",
        ),
        "## Take away\n\n1. Trace a quotation before you check it: on the way, the limits are "
        "easily lost, and so is the "
        "speaker.\n2. Rate the source and the item separately. F and 6 mean unknown.\n3. An origin "
        "counts once, on every "
        "side. Repetition is not corroboration.\n\nThe next session: [what the numbers measure, "
        "and what was known when]"
        "(2-what-and-when.ipynb).",
    ),
    Session(
        "2-what-and-when",
        ("03", "04", "05"),
        "# Short course 2 · What do the numbers measure, and what was known when?\n\n**Time:** {minutes} minutes, of a "
        "session of 90.\n\n" + HOW,
        SETUP.format(
            tools="Ledger, ScopeLens, Timeline, charts",
            more="",
            names='figures = case.quantities\nclaim = pd.Timestamp("2017-12-06")  # the day of the claim\n'
            'register = case.statements.query("set == \'register\'")\nsaid = register[register["said_on"].notna()]\n'
            'events = case.events_weekly\nafter = events[events["week_start"] > claim]',
        ),
        "## Take away\n\n1. A number needs a unit, a place, a day and, if it is a share, the whole "
        "it is a share of.\n2. When "
        "it happened, when it was said and when it could be known are three dates.\n3. Judge "
        "*then* by what was known then. "
        "And decline is not absence.\n\nThe next session: [weigh it, write it, publish "
        "it](3-weigh-write-publish.ipynb).",
    ),
    Session(
        "3-weigh-write-publish",
        ("06", "07"),
        "# Short course 3 · How do we weigh it, write it and publish it?\n\n**Time:** {minutes} "
        "minutes, of a session of "
        "90.\n\n" + HOW,
        SETUP.format(
            tools="EvidenceBoard, Ledger, VerdictDesk",
            more="",
            names='statements = case.statements.set_index("id")\nclaims = case.claims.set_index("id")',
        ),
        "## Take away\n\n1. Say what it would mean if it were right. Say separately whether the "
        "source knows, and whether it "
        "would say so anyway.\n2. An origin counts once, and one good counter-example is enough "
        "against *none*.\n3. Two "
        "clocks, two verdicts. How likely and how sure go into separate sentences.\n\nThe whole course begins with "
        "[lesson 00](../00-start-here.ipynb).",
    ),
)

BRIDGES: Final[dict[tuple[str, str], str]] = {
    ("01", "run-article"): (
        "## First, read it\n\n"
        "An article by Polygraph.info checks what Russia’s president said about Islamic State, IS for "
        "short, in December 2017. Here is its first half, retold in our words. ¶5 means its fifth "
        "paragraph. Read it, and note who says that IS is gone from Syria, and who does not."
    ),
    ("01", "run-filter"): (
        "Two rows have Putin himself as their speaker.\n\n"
        "**Predict:** does he say in them that *all* of Syria is free of IS?"
    ),
    ("01", "run-attributed"): (
        "Other rows give words *as his*, but somebody else is speaking.\n\n"
        "**Predict:** who are they, and how many of them keep a limit?"
    ),
    ("01", "run-tracer"): (
        "## Your turn: trace it\n\n"
        "Here are the same wordings in a tool. In *Compare two wordings*, choose **C06**, and put **C05**"
        " beside it: what has happened to the limit? Then compare **C04** with **C10**: which row sounds "
        "most like the headline?\n\n"
        "An *absolute* leaves nothing out: all of IS, all of Syria, no limit. In which wording did the "
        "claim become absolute? Mark it, with a reason; there is more than one good answer. Last, write a "
        "sentence that can be checked: who said what about which place, and when."
    ),
    ("02", "run-speakers"): (
        "# Who says so, and how would they know?\n\n"
        "We cut the article into 37 statements, S01 to S37. Each says one thing that can be checked. The "
        "next cell counts who says how many of them.\n\n"
        "**Predict:** who comes first: Putin, the Pentagon or somebody else?"
    ),
    ("02", "my-cards"): (
        "## Your cards\n\n"
        "The next cell shows a line for each of six statements. Open one. For the statement, choose a number "
        "and answer *Would they say so anyway?* “I cannot say” is an answer too. For its source, choose a "
        "letter, write the interest in a few words, and say why. Leave the origins for later. Take eight minutes."
    ),
    ("02", "run-check-mine"): (
        "The next cell looks at *your* ratings. It says what does not fit together, never whether they "
        "are right. If it says nothing, it has found nothing."
    ),
    ("03", "run-both"): (
        "## Iraq and Syria is not Syria\n\n"
        "The article gives more than 34,000 square miles for 2014, Iraq and Syria together (¶29). Suppose"
        " the 97 percent are taken of that. Then 1,020 square miles were left on 6 December, in both "
        "countries **together**.\n\n"
        "**Predict:** how much of it was in Syria? Say the smallest and the largest area that would fit."
    ),
    ("03", "run-lens"): (
        "## Your turn: look through the lens\n\n"
        "Choose the figure **Q16**, more than 3,000 fighters (¶28). Set the place to Syria and the day to"
        " 6 December 2017. Leave the assumption empty at first.\n\n"
        "**Predict:** how many of these fighters must have been in Syria on that day?"
    ),
    ("04", "run-sort"): (
        "# What was known when?\n\n"
        "For sixteen of the article’s statements we know the day on which they were made. Here they are "
        "in the order of time. The claim was made on 6 December.\n\n"
        "**Predict:** does Tillerson (¶17), whom the article quotes as an answer, come before or after "
        "it?"
    ),
    ("04", "run-weekday"): (
        "¶8 also gives the day of the week: a Thursday.\n\n**Predict:** how can that help you to choose?"
    ),
    ("04", "my-timeline"): (
        "## Your turn: say what does not fit\n\n"
        "The tool opens at the claim’s week. Each row is an origin, each column a day, and each mark an entry. "
        "Click a mark, and you see the whole entry below. Where something does not fit, open *Doubt this entry* "
        "and write why. Start with E27. Then set the clock to *today* and back to *11 December 2017*, and see what "
        "changes."
    ),
    ("04", "run-later"): (
        "## Watch yourself\n\n"
        "Take paper. It is 11 December 2017. From everything that is known on that day, how likely is it "
        "that *no* IS fighter is left in Syria? Write a number from 0 to 100, honestly, before you go on.\n\n"
        "Then run the cell. It shows what came out later."
    ),
    ("04", "explain-guess"): (
        "Now try to forget it, and write a second number for **11 December 2017**. The question is the "
        "same. Compare your two numbers."
    ),
    ("04", "run-yarmouk"): (
        "X03 is about Yarmouk, a camp in Damascus. It is hindsight.\n\n"
        "**Predict:** was there something about the same place that *could* be known on 11 December?"
    ),
    ("05", "run-origin"): (
        "## Who told the researchers?\n\n"
        "One column says how many events cite the Syrian Observatory for Human Rights, SOHR.\n\n"
        "**Predict:** what share of the events after the claim: a third, a half, nearly all?"
    ),
    ("06", "my-board"): (
        "## Your board\n\n"
        "The next cell shows a line for each statement. Open one: rate source, item, directness (do place, day "
        "and measure fit?) and bearing, answer *Would they say so anyway?*, say where the knowledge comes"
        " from, and give a reason in a few words. There are no right ratings. What counts is that yours "
        "fit together. Take ten minutes."
    ),
    ("06", "run-check-mine"): (
        "The next cell says what does not fit together in your ratings. If it says nothing, it has found nothing."
    ),
    ("06", "run-repetition"): (
        "## Said three times\n\n"
        "State television (¶6), RT (¶7) and General Rudskoi (¶8) say that Syria is free. An invented "
        "colleague counts three sources.\n\n"
        "**Predict:** one such statement raises an even chance to 57 %. What will three make of it?"
    ),
    ("06", "run-one-origin"): (
        "But how did each of the three know? The next cell gives all three the same origin, the Russian "
        "command.\n\n"
        "**Predict:** what happens to the chance?"
    ),
    ("07", "run-known"): (
        "# Write it\n\n"
        "Here are six statements against “no fighter was left”. Your editor wants a verdict as it could "
        "have been given on **11 December 2017**.\n\n"
        "**Predict:** how many of the six may you use?"
    ),
    ("07", "my-desk"): (
        "## Your desk\n\n"
        "Go from top to bottom. Choose the wording you check (C06 goes with reading F) and the scale; "
        "give both verdicts with their grounds; cite at least two statements; write a headline of about "
        "90 characters and a summary of about 60 words. Then read “To look at again”: a remark is a "
        "question. The draft of your page is at the bottom. Take fifteen minutes."
    ),
}
"""A text of the short course's own, by the lesson and the cell before which it stands."""

CODE: Final[dict[tuple[str, str], str]] = {
    ("05", "run-origin"): "weeks = charts.events_around_claim(events)\nweeks",
    ("06", "my-board"): 'six = ["S08", "S09", "S10", "S11", "S12", "S30"]\n'
    'statements.loc[six, ["content", "measures", "scope", "as_of", "locator"]]',
    ("07", "my-desk"): "desk = VerdictDesk(ledger=ledger)",
}
"""A code cell of its own, by the same: it stands before the text."""


def tagged(lesson: str) -> list[Any]:
    """Return the cells of a lesson that belong to the short course."""
    (path,) = (ROOT / "notebooks").glob(f"{lesson}-*.ipynb")
    cells = nbformat.read(path, as_version=4).cells  # type: ignore[no-untyped-call]
    return [cell for cell in cells if SHORT in cell.metadata.get("tags", [])]


def notebook_of(session: Session) -> Any:
    """Return the notebook of a session."""
    cells = [_text("title", session.opening), _code("run-setup", session.setup)]
    for lesson in session.lessons:
        for cell in tagged(lesson):
            place = lesson, cell.id
            if place in CODE:
                cells.append(_code(f"before-{cell.id}-{lesson}", CODE[place]))
            if place in BRIDGES:
                cells.append(_text(f"bridge-{cell.id}-{lesson}", BRIDGES[place].replace("\n# ", "\n## ")))
            name = f"{cell.id}-{lesson}"
            # The numbers of a lesson's rounds mean nothing here.
            source = re.sub(r"^(#+) \d+ · ", r"\1 ", cell.source, flags=re.MULTILINE)
            cells.append(_code(name, source) if cell.cell_type == "code" else _text(name, source))
    cells.append(_text("take-away", session.closing))
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    return nbformat.v4.new_notebook(cells=cells, metadata=metadata)  # type: ignore[no-untyped-call]


def _text(name: str, source: str) -> Any:
    return nbformat.v4.new_markdown_cell(re.sub(r"\A# (?!Short)", "## ", source), id=name)  # type: ignore[no-untyped-call]


def _code(name: str, source: str) -> Any:
    folded = {"jupyter": {"source_hidden": True}}
    return nbformat.v4.new_code_cell(source, id=name, metadata=folded)  # type: ignore[no-untyped-call]


def written(session: Session) -> str:
    """Return the text of a session's file, with its minutes in the title."""
    from benchmarks.minutes import seconds, up_to_five

    notebook = notebook_of(session)
    minutes = up_to_five(sum(map(seconds, notebook.cells)) / 60)
    notebook.cells[0].source = notebook.cells[0].source.replace("{minutes}", str(minutes))
    return str(nbformat.writes(notebook)) + "\n"  # type: ignore[no-untyped-call]


def main() -> None:
    """Write the three notebooks."""
    FOLDER.mkdir(exist_ok=True)
    for session in SESSIONS:
        (FOLDER / f"{session.name}.ipynb").write_text(written(session), encoding="utf-8")


if __name__ == "__main__":
    main()
