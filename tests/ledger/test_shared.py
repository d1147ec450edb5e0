"""Two views of one ledger never undo each other, and no damage to its file passes without a message."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from course import files
from course.ledger import Ledger
from course.ledger.codec import read
from course.ledger.contents import Contents
from course.ledger.judgement import Judgement

SIDE_BY_SIDE = 400
"""Writes of each of four kernels."""


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Ledger, Ledger]:
    """Return two views of one ledger in which S09 is rated A."""
    first = Ledger.open(tmp_path / "ledger.json")
    first.judge(Judgement("S09", "F", reliability="A"))
    return first, Ledger.open(tmp_path / "ledger.json")


def only(ledger: Ledger) -> Judgement:
    (judgement,) = ledger.judgements()
    return judgement


def change(ledger: Ledger, **fields: str | int) -> None:
    """Change what a view shows of its only judgement, without looking at the file first."""
    ledger.judge(replace(only(ledger), **fields))  # type: ignore[arg-type]


def test_a_reason_typed_in_one_notebook_does_not_take_back_a_rating_from_another(pair: tuple[Ledger, Ledger]) -> None:
    first, second = pair
    change(first, reliability="E")
    change(second, reason="He was there.")
    first.refresh()
    for ledger in pair:
        assert (only(ledger).reliability, only(ledger).reason) == ("E", "He was there.")
        assert ledger.withdrawn == ()
        assert ledger.messages == ()


def test_the_later_of_two_changes_of_one_field_stays_and_the_earlier_is_kept(pair: tuple[Ledger, Ledger]) -> None:
    first, second = pair
    change(first, reliability="E", origin="Abrahms")
    change(second, reliability="B", reason="He was there.")
    first.refresh()
    for ledger in pair:
        judgement = only(ledger)
        assert (judgement.reliability, judgement.reason, judgement.origin) == ("B", "He was there.", "Abrahms")
        assert {item.reliability for item in ledger.withdrawn if isinstance(item, Judgement)} == {"E"}


def test_two_who_begin_the_same_judgement_write_one(tmp_path: Path) -> None:
    first, second = Ledger.open(tmp_path / "ledger.json"), Ledger.open(tmp_path / "ledger.json")
    first.judge(Judgement("S01", "T", reliability="C"))
    second.judge(Judgement("S01", "T", credibility=2))
    assert (only(second).reliability, only(second).credibility) == ("C", 2)


def test_settings_are_merged_by_name(pair: tuple[Ledger, Ledger]) -> None:
    first, second = pair
    first.answer("desk", {"now": "likely", "then": "unlikely"})
    second.refresh()
    first.answer("desk", {"now": "very likely", "then": "unlikely"})
    second.answer("desk", {"now": "likely", "then": "unlikely", "note": "To do."})
    assert second.answers["desk"] == {"now": "very likely", "then": "unlikely", "note": "To do."}
    first.refresh()
    second.answer("desk", {"now": "very likely", "note": "To do."})
    first.refresh()
    assert first.answers["desk"] == {"now": "very likely", "note": "To do."}


def test_a_lock_that_cannot_be_had_is_said_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "PATIENCE_SECONDS", 0.1)
    path = tmp_path / "ledger.json"
    ledger = Ledger.open(path)
    ledger.judge(Judgement("S01", "T", reliability="C"))
    before = path.read_bytes()
    with files.alone(tmp_path, path.name):
        ledger.judge(Judgement("S02", "T", reliability="C"))
        assert not ledger.kept
        (message,) = ledger.messages
        assert "cannot be saved just now, because another program is writing" in message
        assert path.read_bytes() == before
    assert ledger.save()
    assert ledger.messages == ()
    assert len(Ledger.open(path).judgements()) == 2


def test_without_locks_of_the_system_a_file_keeps_writers_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "fcntl", None)
    monkeypatch.setattr(files, "PATIENCE_SECONDS", 0.1)
    path = tmp_path / "ledger.json"
    ledger = Ledger.open(path)
    with files.alone(tmp_path, path.name):
        ledger.judge(Judgement("S01", "T"))
        assert not ledger.kept
        assert not path.exists()
    assert ledger.save()
    assert list(tmp_path.iterdir()) == [path]
    # A process that was killed leaves its lock behind.
    monkeypatch.setattr(files, "STALE_SECONDS", -1.0)
    (tmp_path / ".ledger.json.lock").touch()
    ledger.answer("a", 1)
    assert ledger.kept


WRITER = """
import sys
from dataclasses import replace
from course.ledger import Ledger
from course.ledger.judgement import Judgement
path, name, field, times = *sys.argv[1:4], int(sys.argv[4])
ledger = Ledger.open(path)
print("ready", flush=True)
sys.stdin.readline()
unsaved = 0
for number in range(times):
    if number % 10:
        ledger.judge(Judgement(f"{name}{number % 20}", "T", reason=str(number)))
    else:
        shared = next((item for item in ledger.judgements() if item.statement == "S"), Judgement("S", "T"))
        ledger.judge(replace(shared, **{field: {"credibility": 1 + number % 6}.get(field, f"{name}{number}")}))
    unsaved += not ledger.kept
print(unsaved, ledger.save())
"""


@pytest.mark.skipif(sys.platform == "win32", reason="the lock between processes is POSIX")
def test_four_kernels_that_write_side_by_side_lose_nothing(tmp_path: Path) -> None:
    path, times = tmp_path / "ledger.json", SIDE_BY_SIDE
    kernels = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, path, name, field, str(times)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for name, field in (("A", "origin"), ("B", "reason"), ("C", "credibility"), ("D", "origin"))
    ]
    for kernel in kernels:
        assert kernel.stdout
        assert kernel.stdout.readline() == "ready\n"
    for kernel in kernels:
        assert kernel.stdin
        kernel.stdin.write("\n")
        kernel.stdin.flush()
    for kernel in kernels:
        assert kernel.communicate(timeout=600)[0] == "0 True\n"
    judgements = {judgement.statement: judgement for judgement in Ledger.open(path).judgements()}
    shared = judgements.pop("S")
    last = times - 10
    assert shared.reason == f"B{last}"
    assert shared.credibility == 1 + last % 6
    assert shared.origin in (f"A{last}", f"D{last}")
    own = range(20)
    assert judgements.keys() == {f"{name}{number}" for name in "ABCD" for number in own if number % 10}
    for statement, judgement in judgements.items():
        assert int(judgement.reason) == times - 20 + int(statement[1:])


# Damage


def sample() -> Ledger:
    ledger = Ledger()
    for number in range(12):
        ledger.judge(
            Judgement(f"S{number:02}", "F", "ABCDE"[number % 5], 1 + number % 6, reason=f"Because {number}, é.")
        )
    ledger.answer("06/q3", {"one": 1.5, "words": ["a", "b"]})
    ledger.open_hint("06/Q1", 1)
    ledger.withdraw("S11", "F")
    return ledger


def damages(raw: bytes, chance: random.Random, count: int) -> Iterator[bytes]:
    """Yield the bytes with one truncation, flipped bit, or random edit each."""
    for number in range(count):
        at = chance.randrange(len(raw))
        match number % 4:
            case 0:
                yield raw[:at]
            case 1:
                yield raw[:at] + bytes([raw[at] ^ 1 << chance.randrange(8)]) + raw[at + 1 :]
            case 2:
                yield raw[:at] + raw[at + chance.randrange(1, 200) :]
            case _:
                other = chance.randrange(len(raw))
                yield raw[:at] + raw[other : other + chance.randrange(1, 80)] + raw[at:]


def test_a_thousand_random_damages_are_noticed_and_the_original_is_kept(tmp_path: Path) -> None:
    whole = sample()
    raw, chance = whole.dumps().encode(), random.Random(16)
    unharmed = 0
    for number, damaged in enumerate(damages(raw, chance, 1000)):
        contents, faults, schema = read(damaged)
        if not faults and schema == 1:
            # White space, or nothing at all, was changed.
            assert contents == read(raw)[0], damaged
            unharmed += 1
        elif number % 10 == 0:
            folder = tmp_path / str(number)
            folder.mkdir()
            (folder / "ledger.json").write_bytes(damaged)
            ledger = Ledger.open(folder / "ledger.json")
            ledger.answer("new", 1)
            assert ledger.messages
            assert damaged in [path.read_bytes() for path in folder.iterdir()]
    assert unharmed < 150


def test_every_flipped_bit_is_noticed() -> None:
    whole = Ledger()
    whole.judge(Judgement("S01", "F", "A", 1, reason="é"))
    raw = whole.dumps().encode()
    right: Contents = read(raw)[0]
    for at in range(len(raw)):
        for bit in range(8):
            contents, faults, schema = read(raw[:at] + bytes([raw[at] ^ 1 << bit]) + raw[at + 1 :])
            assert contents == right or faults or schema != 1, (at, bit)


def test_an_edit_by_hand_counts_and_is_said(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    path.write_text(sample().dumps().replace("Because 3", "As 3"), encoding="utf-8")
    ledger = Ledger.open(path)
    assert "As 3, é." in {judgement.reason for judgement in ledger.judgements()}
    (message,) = ledger.messages
    assert "was changed after it was saved, by hand or by a fault of the disk. It counts as it stands" in message
    # Another layout is no change, and a file from before there were checksums is whole.
    values = json.loads(sample().dumps())
    path.write_text(json.dumps(values), encoding="utf-8")
    assert Ledger.open(path).messages == ()
    del values["checksum"]
    path.write_text(json.dumps(values), encoding="utf-8")
    assert Ledger.open(path).messages == ()


@pytest.mark.skipif(sys.platform == "win32", reason="git may write other line ends")
def test_what_git_could_not_merge_is_merged_entry_by_entry(tmp_path: Path) -> None:
    def git(*arguments: str, code: int = 0) -> None:
        about = ["-c", "user.name=a", "-c", "user.email=a@example.org", "-c", "commit.gpgsign=false"]
        ended = subprocess.run(["git", *about, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert ended.returncode == code, ended.stdout + ended.stderr

    path = tmp_path / "ledger.json"
    git("init", "-q", "-b", "main")
    Ledger.open(path).merge(sample())
    git("add", ".")
    git("commit", "-qm", "begin")
    git("checkout", "-qb", "home")
    home = Ledger.open(path)
    home.judge(Judgement("S00", "F", "E", reason="At home."))
    home.judge(Judgement("S20", "T", reason="New at home."))
    git("commit", "-qam", "home")
    git("checkout", "-q", "main")
    here = Ledger.open(path)
    here.judge(Judgement("S05", "F", "D", reason="Here."))
    here.judge(Judgement("S21", "T", reason="New here."))
    git("commit", "-qam", "here")
    git("merge", "home", code=1)
    assert "<<<<<<<" in path.read_text(encoding="utf-8")
    ledger = Ledger.open(path)
    reasons = {judgement.reason for judgement in ledger.judgements()}
    assert {"At home.", "New at home.", "Here.", "New here."} <= reasons
    assert len(ledger.judgements()) == 13
    (message,) = ledger.messages
    assert "both versions were merged, entry by entry" in message
