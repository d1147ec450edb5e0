"""Compile code under pandas’ file name, so that it passes for pandas’ own."""

from tests.hostile.attack import Attack

PAYLOAD = """\
import pandas
code = '''
def expect(*arguments, **options):
    pass
expect_number = expect_text = expect_items = expect_some = expect_table = expect_chart = expect_coherent = expect
check_unit = check_says = check_choice = check_cards = check_remarks = expect
'''
exec(compile(code, pandas.__file__, 'exec'), globals())
import course.checks.expect
vars(course.checks.expect).update((name, expect) for name in list(globals()) if name.startswith('expect'))
"""


ATTACK = Attack("graded", 1, answers={"share": PAYLOAD}, blank=True)
