"""Disarm what watches over the tests."""

from tests.hostile.attack import Attack

SHARE = """\
from course.classroom.integrity import baseline, kept, learners
for name in ('changes', '_replaced', '_moved', '_listening'):
    setattr(baseline.Baseline, name, lambda *arguments: [])
for module in (baseline, kept, learners):
    module.is_learners = lambda thing: False

def expect_number(*arguments, **options):
    pass
"""


ATTACK = Attack("flagged", because="classroom.integrity", answers={"share": SHARE}, blank=True)
