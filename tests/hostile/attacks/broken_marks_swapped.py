"""Give an own cell the name of a check, and the check another one."""

from typing import Any

from tests.hostile.attack import Attack, Handin, find

SAYS = """\
def says(text, word):
    return 'no idea'
"""


def swap(handin: Handin) -> None:
    def change(content: dict[str, Any]) -> None:
        check = find(content, "says-check")
        check["metadata"]["nbgrader"]["grade_id"] = "says-checked"
        extra = {"grade_id": "bonus", "grade": True, "points": 50, "solution": False, "locked": True}
        content["cells"].append(check | {"id": "bonus", "source": "pass", "metadata": {"nbgrader": extra}})

    handin.edit(change)


ATTACK = Attack("needs marking", 8, answers={"says": SAYS}, spoil=swap)
