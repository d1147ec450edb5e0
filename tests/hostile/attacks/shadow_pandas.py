"""Lay a pandas of its own, in which every table is right, beside the notebook."""

from tests.hostile.attack import Attack

TOWNS = """\
towns = 'no table'
"""


ATTACK = Attack(
    "graded",
    8,
    answers={"towns": TOWNS},
    files={
        "pandas.py": "class testing:\n    assert_frame_equal = print\nDataFrame = dict\n",
        "altair.py": "raise SystemExit\n",
    },
)
