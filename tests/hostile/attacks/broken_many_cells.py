"""Hand in a notebook with more cells than anybody can write, which held a grading process for minutes."""

from typing import Any

from tests.hostile.attack import Attack, Handin

CELL: dict[str, Any] = {"cell_type": "code", "execution_count": None, "metadata": {}, "outputs": [], "source": "1"}


def add(handin: Handin) -> None:
    handin.edit(lambda content: content["cells"].extend({**CELL, "id": f"x{number}"} for number in range(100_000)))


ATTACK = Attack("failed", because="too large to be read", spoil=add)
