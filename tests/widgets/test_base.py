"""What every widget shares in Python: a state that can be put in order, and a storage key that tells nothing."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from course.ledger import Ledger
from course.widgets.claim_tracer import ClaimTracer


def test_a_state_sent_later_has_a_higher_number_and_can_be_had_whole_again() -> None:
    tool = ClaimTracer(ledger=Ledger())
    sent: list[dict[str, Any]] = []
    tool.send = lambda content, buffers=None: sent.append(content)  # noqa: ARG005
    opened = tool.get_state()["state"]
    tool.write("Syria is free.")
    tool._receive(tool, {"type": "again"}, None)
    change, whole = sent
    assert opened["version"] < change["set"]["version"] < whole["set"]["version"]
    assert whole["set"] == {**opened, **whole["set"]}
    assert whole["merge"] == {}


def test_views_of_one_ledger_share_a_storage_key_that_tells_no_folder(tmp_path: Path) -> None:
    def storage_key(ledger: Ledger) -> str:
        return str(ClaimTracer(ledger=ledger).fixed["storage_key"])

    (tmp_path / "a").mkdir()
    here, again, other = (Ledger.open(tmp_path / name) for name in ("ledger.json", "ledger.json", "a/ledger.json"))
    assert storage_key(here) == storage_key(again) != storage_key(other)
    assert not set(storage_key(here).split("-")) & set(tmp_path.parts)
    assert storage_key(Ledger()) == ""


def test_any_widget_writes_the_whole_ledger_into_its_cell(capsys: pytest.CaptureFixture[str]) -> None:
    ledger = Ledger()
    ledger.answer("00/note", "not the tracer's own")
    tool = ClaimTracer(ledger=ledger)
    tool.write("Syria is free.")
    tool.freeze()
    names: dict[str, str] = {}
    exec(capsys.readouterr().out, names)
    assert Ledger.loads(names["frozen"]).answers == ledger.answers
