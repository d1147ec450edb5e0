"""Progress: what each lesson leaves in the ledger, and how much of it is there.

The parts of each lesson are data (`PARTS`). What counts depends only on the ledger's judgements and answers; an entry
that is invalid or from another version is ignored. How much is wanted is what a learner manages in an hour at most,
which is less than the whole register.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final

from course.case import Subject, default_case
from course.ledger import Ledger, LedgerError
from course.ledger.contents import utc
from course.ledger.judgement import RELIABILITY, Judgement
from course.wording import listed, number_of

LESSONS: Final = {
    "00": "00-start-here",
    "01": "01-the-claim",
    "02": "02-the-sources",
    "03": "03-the-numbers",
    "04": "04-the-timeline",
    "05": "05-the-independent-record",
    "06": "06-weighing",
    "07": "07-the-verdict",
    "08": "08-on-your-own",
}
"""The lessons, each with its notebook's name without the ending."""

DOWNLOADED: Final = "progress/downloaded"
"""The answer that stores when (ISO 8601, UTC) the learner last downloaded the ledger."""

SHOWN: Final = "progress/show"
"""The answer that stores which parts were last shown: a lesson's number, or one of `SPANS`."""

SPANS: Final = {"next": "the lesson to do next", "every": "every lesson"}
"""What can be shown besides the parts of one lesson."""

LARGEST_BYTES: Final = 5_000_000
"""The largest text that is imported. A ledger with every statement rated for every reading has a twentieth of this."""

TEMPORARY_PLACES: Final = {
    "BINDER_LAUNCH_HOST": "Binder",
    "BINDER_REPO_URL": "Binder",
    "COLAB_RELEASE_TAG": "Google Colab",
}
"""Environment variables that exist only on a machine whose files are deleted afterwards, with the name of the place."""

_OURS: Final = "progress/"
_OTHER_CASE: Final = "/"
"""What the name of another case and the name of its statement or answer have between them."""

_CONSISTENCY: Final = ("CC", "C", "N", "I", "II")


@dataclass(frozen=True, slots=True)
class Held:
    """The parts of a ledger that count for progress."""

    judgements: tuple[Judgement, ...]
    answers: Mapping[str, Any]

    @classmethod
    def of(cls, ledger: Ledger) -> Held:
        """Return what a ledger holds now."""
        return cls(ledger.judgements(), ledger.answers)


@dataclass(frozen=True, slots=True)
class LessonPart:
    """One thing a lesson leaves in the ledger.

    Parameters
    ----------
    lesson : str
        Its number, one of `LESSONS`.
    what : str
        What is counted, as it reads after "2 of 6" or, if only 1 is wanted, after "a".
    wanted : int
        How many complete the part, 1 or more.
    todo : str
        What to do next. ``{}`` is replaced by the name of what to do it with, and ``{place}``, as in `what`, by the
        claim's place.
    find : callable
        Returns the identifiers of what the ledger holds.
    first : str
        Where the case says what to suggest for `todo`, in this order: a name in its ``start_with``, or empty. Anything
        else counts as well.
    suggested : tuple of str
        What to suggest where no case says it.
    """

    lesson: str
    what: str
    wanted: int
    todo: str
    find: Callable[[Held, Subject], frozenset[str]]
    first: str = ""
    suggested: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class PartProgress:
    """The progress of one part: how many the ledger holds (`there`), and what to do next (empty once it is done)."""

    part: LessonPart
    there: int
    todo: str

    @property
    def done(self) -> bool:
        """Whether the ledger holds as many as are wanted."""
        return self.there >= self.part.wanted

    @property
    def words(self) -> str:
        """How many of how many or, if only 1 is wanted, whether it is there."""
        if self.part.wanted == 1:
            return f"a {self.part.what}" if self.done else f"no {self.part.what} yet"
        if self.there > self.part.wanted:
            return f"{self.there} {self.part.what} ({self.part.wanted} wanted)"
        return f"{self.there} of {self.part.wanted} {self.part.what}"


def standings(
    held: Held, names: Mapping[str, str] | None = None, subject: Subject | None = None
) -> tuple[PartProgress, ...]:
    """Return the progress of each of `PARTS`, lesson by lesson.

    `names` are what suggestions call a statement or source, by identifier; without a name the identifier is used.
    `subject` is what the case is about; by default that of the course's own case.
    """
    subject = subject or default_case().subject
    return tuple(_standing(part, held, names or {}, subject) for part in PARTS)


def describe_lesson(lesson: str, standing: tuple[PartProgress, ...]) -> str:
    """Say how far a lesson is and what to do next, in two short sentences."""
    parts = within(lesson, standing)
    counts = ", ".join(part.words for part in parts)
    todo = next((part.todo for part in parts if not part.done), "")
    return f"{counts[0].upper()}{counts[1:]}. " + (f"Next: {todo}." if todo else "All there.")


def next_step(standing: tuple[PartProgress, ...]) -> str:
    """Say in one sentence what to do next, and in which notebook."""
    for progress in standing:
        if not progress.done:
            return f"Next, in {LESSONS[progress.part.lesson]}.ipynb: {progress.todo}."
    return "Every lesson has left what it should in your ledger."


def span_shown(answers: Mapping[str, Any]) -> str:
    """Return what the learner wants to see: a lesson's number or one of `SPANS`; by default the next lesson."""
    wanted = answers.get(SHOWN)
    return wanted if isinstance(wanted, str) and wanted in (*SPANS, *LESSONS) else "next"


def within(span: str, standing: tuple[PartProgress, ...]) -> tuple[PartProgress, ...]:
    """Return the progress of the parts within a span, as `span_shown` returns it."""
    if span == "every":
        return standing
    if span == "next":
        span = next((progress for progress in standing if not progress.done), standing[-1]).part.lesson
    return tuple(progress for progress in standing if progress.part.lesson == span)


# --- the copy on the learner's own computer -------------------------------------------------------------------


def downloaded_at(answers: Mapping[str, Any]) -> str:
    """Return when the ledger was last downloaded (ISO 8601, UTC), or "" if never."""
    try:
        return utc(datetime.fromisoformat(answers[DOWNLOADED]))
    except (KeyError, TypeError, ValueError, OverflowError):
        return ""


def changes_since_download(ledger: Ledger) -> int:
    """Return how many entries the downloaded copy lacks; all of them if there is no copy."""
    mark = downloaded_at(ledger.answers)
    return sum(1 for when in _times(ledger) if not mark or when > mark)


def download(ledger: Ledger, *, save: bool = True) -> str:
    """Record in the ledger that it is being downloaded, and return its text."""
    # No entry is later than the mark, even if a clock was set back, because all entries are in the text.
    mark = max([utc(datetime.now(UTC)), *_times(ledger)])
    ledger.answer(DOWNLOADED, mark, save=save)
    return ledger.dumps()


def import_text(ledger: Ledger, text: str, *, save: bool = True) -> str:
    """Merge a downloaded ledger's text into a ledger and say what changed. Nothing is lost on either side.

    Raises
    ------
    LedgerError
        If the text is too large, is not a ledger, or has nothing that can be read.
    """
    other = _read(text)
    before, theirs, hints = _entries(ledger), _entries(other), len(ledger.hints)
    # The other ledger's download does not include what only this ledger has.
    ledger.merge(_without_mark(other) if changes_since_download(ledger) else other, save=save)
    after = _entries(ledger)
    new = [key for key, entry in after.items() if before.get(key) != entry]
    judgements = sum(isinstance(after[key], Judgement) for key in new)
    counts = {"judgement": judgements, "answer": len(new) - judgements, "opened hint": len(ledger.hints) - hints}
    results = [listed([number_of(count, name) for name, count in counts.items() if count]) + " imported"]
    if not any(counts.values()):
        results = ["Nothing in it is newer than what your ledger holds, so nothing was imported"]
    if differed := sum(before[key] != theirs[key] for key in before.keys() & theirs.keys()):
        results.append(f"{differed} differed: the newer one counts, the older one is kept aside")
    if gone := len(before.keys() - after.keys()):
        results.append(f"{gone} of yours had been deleted there and is kept aside here")
    return " ".join(["; ".join(results) + ".", *other.messages])


def temporary_place(environment: Mapping[str, str], platform: str) -> str:
    """Name the place this runs in if its files are deleted afterwards; return "" if that is not certain.

    Parameters
    ----------
    environment : mapping of str to str
        As `os.environ`. A JupyterHub alone is not temporary, because most keep their users' files.
    platform : str
        As `sys.platform`. In a browser (``"emscripten"``) files last only as long as the site's data.
    """
    if platform == "emscripten":
        return "this browser"
    return next((place for name, place in TEMPORARY_PLACES.items() if name in environment), "")


def _read(text: str) -> Ledger:
    if (size := len(text.encode("utf-8", "replace"))) > LARGEST_BYTES:
        raise LedgerError(
            f"That is {size / 1e6:.1f} MB. A ledger has at most {LARGEST_BYTES // 1_000_000} MB: is it another file?"
        )
    other = Ledger.loads(text)
    # A damaged ledger can be read in part, but another file must not be mistaken for a ledger.
    if '"judgements"' not in text or (other.messages and not (_entries(other) or other.hints or other.withdrawn)):
        raise LedgerError(
            "That is not a ledger, so nothing was imported. Choose the file that “Download your ledger” made; its name "
            "begins with course-ledger. A ledger.json from a course folder will do as well."
        )
    return other


def _without_mark(ledger: Ledger) -> Ledger:
    held = json.loads(ledger.dumps())
    held["answers"] = [answer for answer in held["answers"] if answer["key"] != DOWNLOADED]
    return Ledger.loads(json.dumps(held))


def _entries(ledger: Ledger) -> dict[tuple[str, str], object]:
    """Return judgements and answers by key, without their times and without this module's own answers."""
    entries: dict[tuple[str, str], object] = {item.key: replace(item, updated="") for item in ledger.judgements()}
    entries |= {("answer", key): [value] for key, value in ledger.answers.items() if not key.startswith(_OURS)}
    return entries


def _times(ledger: Ledger) -> Iterator[str]:
    """Yield when each entry, except this module's own answers, was last changed or withdrawn."""
    for entry in ledger.entries:
        if isinstance(entry, Judgement) or not entry.name.startswith(_OURS):
            yield entry.updated
    yield from ledger.hints.values()
    # An entry without a time was replaced by another, which is counted.
    yield from filter(None, ledger.withdrawn_at.values())


# --- what each lesson leaves ----------------------------------------------------------------------------------


def _standing(part: LessonPart, held: Held, names: Mapping[str, str], subject: Subject) -> PartProgress:
    place = subject.places[subject.place]
    part = replace(part, what=part.what.replace("{place}", place), todo=part.todo.replace("{place}", place))
    there = part.find(held, subject)
    if len(there) >= part.wanted:
        return PartProgress(part, len(there), "")
    first = subject.start_with[part.first] if part.first else part.suggested
    suggested = next((name for name in first if name not in there), "")
    return PartProgress(part, len(there), part.todo.format(names.get(suggested, suggested)))


def _filled(value: object) -> bool:
    """Whether a value holds something: not None or an empty text, nor a list or mapping of nothing else."""
    if isinstance(value, str):
        return bool(value.strip())
    if isinstance(value, Mapping):
        return any(_filled(part) for part in value.values())
    if isinstance(value, list):
        return any(_filled(part) for part in value)
    return value is not None


def _answered(key: str, holds: Callable[[Any], bool] = _filled) -> Callable[[Held, Subject], frozenset[str]]:
    """Return a function that finds the answer with this key."""
    return lambda held, _: frozenset([key] if holds(held.answers.get(key)) else [])


def _below(prefix: str, holds: Callable[[Any], bool] = _filled) -> Callable[[Held, Subject], frozenset[str]]:
    """Return a function that finds every answer whose key begins with the prefix, and names it by the rest."""
    return lambda held, _: frozenset(
        key.removeprefix(prefix) for key, value in held.answers.items() if key.startswith(prefix) and holds(value)
    )


def _with(*names: str) -> Callable[[Any], bool]:
    return lambda value: isinstance(value, Mapping) and all(_filled(value.get(name)) for name in names)


def _rated_source(value: Any) -> bool:
    return _with("reliability", "interest")(value) and value["reliability"] in tuple(RELIABILITY)


def _weighed(held: Held, subject: Subject) -> frozenset[str]:
    return frozenset(
        judgement.statement
        for judgement in held.judgements
        if not _is_of_second_claim(judgement, subject) and judgement.complete and judgement.reason.strip()
    )


def _cells(held: Held, subject: Subject) -> frozenset[str]:
    marked = _below("matrix/", lambda value: value in _CONSISTENCY)(held, subject)
    return frozenset(key for key in marked if key.count("/") == 1)


def _cited(held: Held, _: Subject) -> frozenset[str]:
    cited = held.answers.get("verdict/citations")
    return frozenset(name for name in cited if isinstance(name, str)) if isinstance(cited, list) else frozenset()


def _verdicts(held: Held, _: Subject) -> frozenset[str]:
    given = {clock: held.answers.get(f"verdict/{clock}") for clock in ("then", "since")}
    return frozenset(clock for clock, verdict in given.items() if _with("likelihood")(verdict))


def _second_claim(held: Held, subject: Subject) -> frozenset[str]:
    rated = (item.statement for item in held.judgements if _is_of_second_claim(item, subject) and item.complete)
    return frozenset(rated) | _below("08/")(held, subject)


def _is_of_second_claim(judgement: Judgement, subject: Subject) -> bool:
    return judgement.reading in subject.second or _OTHER_CASE in judgement.statement


PARTS: Final = (
    LessonPart("00", "note of your own", 1, "write your note", _below("00/")),
    LessonPart(
        "01",
        "step marked where the claim became absolute",
        1,
        "mark where the claim became absolute",
        _answered("claim/entered"),
    ),
    LessonPart("01", "reason for it", 1, "say why it became absolute there", _answered("claim/because")),
    LessonPart("01", "wording to be checked", 1, "write the wording to be checked", _answered("claim/wording")),
    LessonPart(
        "02",
        "sources rated with their interest",
        6,
        "rate {} and name the interest",
        _below("source/", _rated_source),
        "sources",
    ),
    LessonPart("02", "statements rated", 6, "rate statement {}", _below("item/", _with("credibility")), "statements"),
    # Enough to see the many statements of one origin fall together.
    LessonPart(
        "02",
        "statements put into an origin",
        12,
        "put {} into an origin",
        _below("item/", _with("origin")),
        "origins",
    ),
    LessonPart(
        "03",
        "choice of base, place and date",
        1,
        "choose a base, a place and a date in ScopeLens",
        _answered("scope/settings"),
    ),
    LessonPart(
        "03",
        "reasoned guess at {place}’s share",
        1,
        "say what you assume about {place}’s share, and why",
        _answered("scope/assumption", _with("because")),
    ),
    LessonPart("04", "clock set", 1, "set the clock in Timeline", _answered("timeline/settings", _with("clock"))),
    LessonPart(
        "04",
        "date doubted with a reason",
        1,
        "look for dates that cannot all be right, and say why",
        _below("timeline/doubted/"),
    ),
    LessonPart("05", "sentences on the record", 2, "write what the record shows, and what it does not", _below("05/")),
    LessonPart("06", "statements weighed with a reason", 6, "weigh {} and say why", _weighed, "statements"),
    LessonPart("06", "cells of the matrix filled", 6, "say in the matrix how a statement fits each reading", _cells),
    LessonPart(
        "06", "word for what was known then", 1, "choose your word for what was known then", _answered("06/word-then")
    ),
    LessonPart(
        "06", "note on what would change it", 1, "write what would change your word", _answered("06/change-my-mind")
    ),
    LessonPart(
        "07",
        "verdicts given",
        2,
        "give your verdict on what was known {}",
        _verdicts,
        suggested=("then", "since"),
    ),
    LessonPart("07", "headline", 1, "write a headline that holds", _answered("verdict/headline")),
    LessonPart("07", "summary", 1, "write the summary", _answered("verdict/summary")),
    LessonPart("07", "statements cited", 2, "cite what your verdict rests on", _cited),
    LessonPart("08", "ratings and answers on a second claim", 4, "work on a second claim", _second_claim),
)
"""What each lesson leaves in the ledger, in the order of the lessons."""
