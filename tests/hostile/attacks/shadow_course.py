"""Lay a course of its own, in which every check passes, beside the notebook."""

from tests.hostile.attack import Attack

ATTACK = Attack(
    "graded",
    0,
    files={
        "course/__init__.py": "",
        "course/checks/__init__.py": "",
        "course/checks/expect.py": "def expect_number(*a, **k): pass\nexpect = expect_items = expect_number\n",
        "course/checks/exercise.py": "def handed_in(*a): pass\n",
        "ledger.json": None,
    },
    blank=True,
)
