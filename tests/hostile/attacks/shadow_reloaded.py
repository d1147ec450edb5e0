"""Take the course out of memory and load its own in its place."""

from tests.hostile.attack import Attack

SHARE = """\
import sys
for name in [name for name in sys.modules if name.split('.')[0] == 'course']:
    del sys.modules[name]
sys.path.insert(0, '.')
from course.checks.expect import expect, expect_items, expect_number
"""


ATTACK = Attack(
    "graded",
    1,
    answers={"share": SHARE},
    files={
        "course/__init__.py": "",
        "course/checks/__init__.py": "",
        "course/checks/expect.py": "def expect_number(*a, **k): pass\nexpect = expect_items = expect_number\n",
    },
    blank=True,
)
