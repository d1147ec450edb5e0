"""Copy a check’s cell, with a source that passes."""

import copy
from typing import Any

from tests.hostile.attack import Attack, Handin, find

SAYS = """\
def says(text, word):
    return 'no idea'
"""


def double(handin: Handin) -> None:
    def change(content: dict[str, Any]) -> None:
        again = copy.deepcopy(find(content, "says-check"))
        content["cells"].append(again | {"id": "again", "source": "pass"})

    handin.edit(change)


ATTACK = Attack("graded", 8, because="more than once", answers={"says": SAYS}, spoil=double)
