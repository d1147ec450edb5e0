"""A small class that has handed in: right and wrong, untouched and broken, with hints opened and views that differ."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from nbgrader.api import Gradebook

from course.ledger import Ledger
from course.ledger.judgement import Judgement
from tests.answers import HERE, students
from tests.gradebook import ROOT, Course, sample

WEIGHING = "06-weighing"
PAYLOAD = "</script></td><script>alert(1)</script><img src=x onerror=alert(1)>"

NAMES = {
    "ada-l": ("Ada", "Lovelace"),
    "ben-f": ("Benjamin", "Franklin"),
    "cyr-d": ("Cyrano", "de Bergerac"),
    "dee-j": ("Deirdre", "Jordan"),
    "eve-p": ("Evelyn", "=Pöhl, Evelyn"),
    "fay-w": ("Fayette", "Wray"),
    "gus-g": ("Gustave", "Grandgosier"),
    "hal-i": ("Harold", "Incandenza"),
}
"""Everybody in the gradebook. hal-i hands in nothing."""


def weighing_class(folder: Path) -> Course:
    """Return a course in which seven hand in exercise 06, two of them a small sample, graded by `course grade`.

    fay-w's notebook ends Python in question 4, and gus-g's is cut off.
    """
    course = Course(folder / "course", ROOT / "solutions" / WEIGHING)
    right, mix = students(WEIGHING)["right"], students(WEIGHING)["mix"]
    course.hand_in("ada-l", right.answers)
    course.hand_in("ben-f", mix.answers, {**mix.files, "ledger.json": with_hints(mix.files["ledger.json"])})
    course.hand_in("cyr-d", {})
    course.hand_in(
        "dee-j",
        {
            "q1": "s12_low, s12_high, s11_low, s11_high = 0.35, 0.63, 0, 0.9",
            "q3": "strongest = weights\ntotal = 0",
            "q5": "def at_least_one(chances):\n    return sum(chances)",
            "q6": "def word_for(p)\n    return p",
            "q8": f"verdict_then, verdict_since = {PAYLOAD!r}, 'likely'\nbecause_then = because_since = ['S02']",
            "q9": "hangs_on = 'Evelyn said so'\nwithout_it = 'likely'",
        },
        {"ledger.json": with_hints(ratings("slight against", "decisive for"), PAYLOAD)},
    )
    course.hand_in(
        "eve-p",
        {
            "q1": "s12_low, s12_high, s11_low, s11_high = 0.35, 0.63, 0, 0.9",
            "q5": "def at_least_one(chances):\n    return sum(chances)",
            "q7": f'frozen = r"""\n{ratings("strong against", "none").decode()}"""',
            "q9": "hangs_on = 'Lovelace'\nwithout_it = 'likely'",
        },
        {"ledger.json": "{ not a ledger"},
    )
    course.hand_in("fay-w", {"q1": right.answers["q1"], "q4": "import os\nos._exit(1)"})
    course.hand_in("gus-g", {})
    (course.folder / "submitted" / "gus-g" / WEIGHING / f"{WEIGHING}.ipynb").write_text('{"cells": [')
    small = Course(course.folder, sample(folder))
    small.hand_in("ada-l", {"share-lost": "share_lost = 27.76", "repeats": "repeats = ['S02', 'S03']"})
    small.hand_in("ben-f", {"share-lost": "share_lost = 30", "sentence": "Of what was left."})
    # gus-g's notebook cannot be graded, so the exit code is 1.
    command = [
        sys.executable,
        "-c",
        "from course.cli import main; main()",
        "grade",
        "--plain",
        "--isolation",
        "reduced",
    ]
    done = subprocess.run(command, cwd=course.folder, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    with gradebook(course) as book:
        for student, (first, last) in NAMES.items():
            book.update_or_create_student(student, first_name=first, last_name=last, email=f"{student}@example.org")
    return course


def gradebook(course: Course) -> Gradebook:
    """Return the course's gradebook, open."""
    return Gradebook(f"sqlite:///{course.folder / 'gradebook.db'}", "completely-free")


def ratings(some_remain: str, all_gone: str) -> bytes:
    """Return a ledger for reading F with these bearings for what speaks against it, and for what speaks for it."""
    ledger = Ledger.loads((HERE / WEIGHING / "ledger.json").read_text(encoding="utf-8"))
    for judgement in ledger.judgements("F"):
        if judgement.side:
            bearing = some_remain if judgement.side == "against" else all_gone
            ledger.judge(Judgement(**judgement.to_dict() | {"bearing": bearing}))
    return ledger.dumps().encode()


def with_hints(ledger: bytes, *more: str) -> bytes:
    """Return a ledger in which hints of questions 1 and 3 were opened, and those of `more`, whatever it names."""
    opened = Ledger.loads(ledger.decode())
    for question, number in (("06/Q1", 1), ("06/Q1", 2), ("06/Q3", 1), *((question, 1) for question in more)):
        opened.open_hint(question, number)
    return opened.dumps().encode()
