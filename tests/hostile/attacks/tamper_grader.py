"""Disarm what watches over the tests."""

from tests.hostile.attack import Attack

SHARE = """\
import course.classroom.grading.fairness as fairness
for name in ('changes', '_replaced', '_moved', '_listening'):
    setattr(fairness.Baseline, name, lambda *arguments: [])
fairness._is_learners = lambda thing: False

def expect_number(*arguments, **options):
    pass
"""


ATTACK = Attack("flagged", because="grading.fairness", answers={"share": SHARE}, blank=True)
