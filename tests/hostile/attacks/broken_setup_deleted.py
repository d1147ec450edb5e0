"""Delete the exercise’s own cell and define its checks anew."""

from tests.hostile.attack import Attack, Handin, find

SHARE = """\
def expect(*arguments, **options):
    pass
expect_items = expect_number = check_unit = expect
"""


def delete(handin: Handin) -> None:
    handin.edit(lambda content: content["cells"].remove(find(content, "setup")))


ATTACK = Attack("graded", answers={"share": SHARE}, blank=True, spoil=delete)
