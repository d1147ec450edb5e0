"""The ledger's promise: whatever happens to the file, nothing a learner made is lost or overwritten silently."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course.ledger import Ledger, LedgerError, merge
from course.ledger.judgement import BEARINGS, CREDIBILITY, DIRECTNESS, RELIABILITY, Judgement

NINE = Judgement("S09", "F", "C", 2, "direct", "decisive against", "Abrahms", "Él dice: «some remain» – naïve? 🤔")
TEN = Judgement("S10", "T", "B", 3, "partly", "moderate for", "", "A map, but of which day?")


@contextmanager
def as_nobody() -> Iterator[None]:
    """Root may write anywhere; permission bits count only for others."""
    if sys.platform == "win32":
        pytest.skip("Windows has no permission bits on folders")
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def read_only() -> Iterator[Path]:
    # Not tmp_path: pytest's folders are closed to others, who could not even look in.
    with TemporaryDirectory() as name:
        folder = Path(name)
        folder.chmod(0o555)
        yield folder
        folder.chmod(0o755)


def kept_aside(folder: Path) -> list[Path]:
    return sorted(folder.glob("*kept-aside*"))


def rated(ledger: Ledger) -> set[tuple[str, str, str]]:
    return {(rating.statement, rating.reading, rating.reason) for rating in ledger.judgements()}


def filled(path: Path) -> Ledger:
    """A ledger with something of every kind in it."""
    ledger = Ledger.open(path)
    ledger.judge(NINE)
    ledger.judge(TEN)
    ledger.judge(Judgement("S11", "U", reason="taken back"))
    ledger.withdraw("S11", "U")
    ledger.answer("00/hello", {"text": "Ünïcode", "list": [1, 2.5, None, True]})
    ledger.open_hint("06/q1", 2)
    return ledger


judgements = st.builds(
    Judgement,
    statement=st.sampled_from(["S01", "S02", "X01"]),
    reading=st.sampled_from(("T", "U", "F", "A", "W")),
    reliability=st.none() | st.sampled_from(list(RELIABILITY)),
    credibility=st.none() | st.sampled_from(list(CREDIBILITY)),
    directness=st.none() | st.sampled_from(list(DIRECTNESS)),
    bearing=st.none() | st.sampled_from(BEARINGS),
    origin=st.text(max_size=8),
    reason=st.text(max_size=20),
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@st.composite
def ledgers(draw: st.DrawFn) -> Ledger:
    """Any ledger, with few names and times, so that two of them often disagree about the same thing."""
    moments = st.sampled_from(["", *(f"2026-01-0{day}T00:00:00+00:00" for day in range(1, 6))])
    small = st.builds(
        lambda rating, moment: {**rating.to_dict(), "reading": "F", "updated": moment},
        st.builds(Judgement, st.sampled_from(["S01", "S02"]), st.just("F"), reason=st.sampled_from("ab")),
        moments,
    )
    answers = st.fixed_dictionaries({"key": st.sampled_from("pq"), "value": st.integers(0, 2), "updated": moments})
    hints = st.fixed_dictionaries({"question": st.just("q"), "number": st.integers(1, 2), "opened": moments})
    gone = st.builds(lambda item, moment: {**item, "withdrawn": moment}, small | answers, moments)
    parts = {"judgements": small, "answers": answers, "hints": hints, "withdrawn": gone}
    text = json.dumps({"schema": 1, **{name: draw(st.lists(entry, max_size=3)) for name, entry in parts.items()}})
    ledger = Ledger.loads(text)
    assert not ledger.messages
    return ledger


# Keeping


def test_file_appears_with_the_first_change_and_is_found_again(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    ledger = Ledger.open(path)
    assert ledger.save()
    assert not ledger.refresh()
    assert list(tmp_path.iterdir()) == []
    assert ledger.kept
    filled(path)
    again = Ledger.open(path)
    assert [rating.statement for rating in again.judgements()] == ["S09", "S10"]
    assert [rating.statement for rating in again.judgements("T")] == ["S10"]
    assert again.answers == {"00/hello": {"text": "Ünïcode", "list": [1, 2.5, None, True]}}
    assert list(again.hints) == [("06/q1", 2)]
    assert again.messages == ()
    assert [file.name for file in tmp_path.iterdir()] == ["ledger.json"]


def test_file_is_readable_by_a_person(tmp_path: Path) -> None:
    filled(tmp_path / "ledger.json")
    lines = (tmp_path / "ledger.json").read_text(encoding="utf-8").splitlines()
    assert lines[1] == '  "schema": 1,'
    assert any("Él dice: «some remain» – naïve? 🤔" in line for line in lines)
    assert list(json.loads("\n".join(lines))) == [
        "schema",
        "checksum",
        "judgements",
        "answers",
        "hints",
        "withdrawn",
    ]


@settings(max_examples=60, deadline=None)
@given(rating=st.lists(judgements, max_size=5), answers=st.dictionaries(st.text(min_size=1), values, max_size=3))
def test_whatever_is_put_in_comes_out(rating: list[Judgement], answers: dict[str, Any]) -> None:
    ledger = Ledger()
    stored = {judgement.key: ledger.judge(judgement) for judgement in rating}
    for key, value in answers.items():
        ledger.answer(key, value)
    again = Ledger.loads(ledger.dumps())
    assert {judgement.key: judgement for judgement in again.judgements()} == stored
    assert again.answers == answers
    assert again.dumps() == ledger.dumps()
    assert again.messages == ()


def test_half_an_emoji_from_a_browser_is_kept(tmp_path: Path) -> None:
    Ledger.open(tmp_path / "ledger.json").judge(Judgement("S01", "T", reason="cut \ud83d"))
    assert Ledger.open(tmp_path / "ledger.json").judgements()[0].reason == "cut \ud83d"


def test_each_change_is_later_than_the_last_even_if_the_clock_is_put_back() -> None:
    ahead = Ledger.loads(json.dumps([{"statement": "S01", "reading": "T", "updated": "2090-01-01T00:00:00Z"}]))
    times = [ahead.judge(Judgement("S01", "T", reason=reason)).updated for reason in ("one", "two")]
    assert "2090" < times[0] < times[1]


def test_the_same_judgement_again_changes_nothing(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    ledger = Ledger.open(path)
    first = ledger.judge(NINE)
    before = path.read_bytes()
    assert ledger.judge(NINE) == first
    assert path.read_bytes() == before


def test_withdrawn_judgement_is_not_lost(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "ledger.json")
    rating = ledger.judge(NINE)
    ledger.withdraw("S09", "F")
    again = Ledger.open(tmp_path / "ledger.json")
    assert again.judgements() == ()
    assert again.withdrawn == (rating,)
    with pytest.raises(LedgerError, match="no judgement of 'S09' for reading 'F'"):
        again.withdraw("S09", "F")
    again.judge(NINE)
    assert rated(Ledger.open(tmp_path / "ledger.json")) == {("S09", "F", NINE.reason)}


def test_hint_is_recorded_once() -> None:
    ledger = Ledger()
    ledger.open_hint("06/q1", 1)
    first = ledger.hints
    ledger.open_hint("06/q1", 1)
    assert ledger.hints == first
    for number in (0, True, "1"):
        with pytest.raises(LedgerError, match="a number from 1"):
            ledger.open_hint("06/q1", number)  # type: ignore[arg-type]


@pytest.mark.parametrize("value", [{1, 2}, float("nan"), (1, 2), {1: "a"}, pd.NA, object(), [10**5000]])
def test_answer_that_json_cannot_hold_is_refused_by_name(value: object) -> None:
    ledger = Ledger()
    with pytest.raises(LedgerError, match="06/verdict"):
        ledger.answer("06/verdict", value)
    assert ledger.answers == {}


def test_answer_needs_a_name() -> None:
    with pytest.raises(LedgerError, match="key is text"):
        Ledger().answer("", 1)


def test_changing_what_was_handed_out_does_not_change_the_ledger() -> None:
    ledger = Ledger()
    value = [1]
    ledger.answer("list", value)
    value.append(2)
    ledger.answers["list"].append(3)
    assert ledger.answers == {"list": [1]}


def test_working_folder_may_change(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    ledger = Ledger.open()
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    ledger.judge(NINE)
    assert (tmp_path / "ledger.json").exists()


def test_missing_folder_is_said_at_once(tmp_path: Path) -> None:
    with pytest.raises(LedgerError, match=r"no folder .*nowhere"):
        Ledger.open(tmp_path / "nowhere" / "ledger.json")


@pytest.mark.skipif(sys.platform == "win32", reason="permission bits")
def test_a_file_shared_with_a_group_stays_shared(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    ledger = Ledger.open(path)
    ledger.judge(NINE)
    path.chmod(0o664)
    ledger.judge(TEN)
    assert path.stat().st_mode & 0o777 == 0o664


# Views


def test_views_hear_of_every_change_until_they_stop(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "ledger.json")
    heard: list[int] = []
    stop = ledger.on_change(lambda: heard.append(len(ledger.judgements())))
    ledger.judge(NINE)
    ledger.judge(TEN, save=False)
    ledger.withdraw("S09", "F")
    assert heard == [1, 2, 1]
    stop()
    stop()
    ledger.judge(NINE)
    assert len(heard) == 3


def test_a_failing_view_costs_neither_the_save_nor_the_other_views(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    ledger = Ledger.open(tmp_path / "ledger.json")
    heard: list[str] = []
    ledger.on_change(lambda: 1 / 0)
    ledger.on_change(lambda: heard.append("second"))
    ledger.judge(NINE)
    assert heard == ["second"]
    assert rated(Ledger.open(tmp_path / "ledger.json")) == rated(ledger)
    assert "ZeroDivisionError" in caplog.text


def test_saving_can_wait_until_the_view_is_answered(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    ledger = Ledger.open(path)
    ledger.judge(NINE, save=False)
    assert not path.exists()
    assert ledger.save()
    assert rated(Ledger.open(path)) == rated(ledger)


# Several windows


def test_two_windows_do_not_lose_each_others_work(tmp_path: Path) -> None:
    first, second = Ledger.open(tmp_path / "ledger.json"), Ledger.open(tmp_path / "ledger.json")
    heard: list[str] = []
    first.on_change(lambda: heard.append("one"))
    first.judge(NINE)
    second.judge(TEN)
    first.answer("a", 1)
    second.answer("b", 2)
    heard.clear()
    assert first.refresh()
    assert heard == ["one"]
    assert not first.refresh()
    assert first.dumps() == second.dumps() == Ledger.open(tmp_path / "ledger.json").dumps()
    assert first.answers == {"a": 1, "b": 2}
    assert rated(first) == {("S09", "F", NINE.reason), ("S10", "T", TEN.reason)}


def test_withdrawal_in_one_window_is_not_undone_by_the_other(tmp_path: Path) -> None:
    first = Ledger.open(tmp_path / "ledger.json")
    first.judge(NINE)
    second = Ledger.open(tmp_path / "ledger.json")
    first.withdraw("S09", "F")
    second.judge(TEN)
    assert {rating.statement for rating in second.judgements()} == {"S10"}


def test_a_window_that_is_merely_behind_makes_no_conflict(tmp_path: Path) -> None:
    first = Ledger.open(tmp_path / "ledger.json")
    first.judge(Judgement("S01", "T", reason="first"))
    second = Ledger.open(tmp_path / "ledger.json")
    first.judge(Judgement("S01", "T", reason="second"))
    second.judge(NINE)
    assert second.withdrawn == ()
    assert ("S01", "T", "second") in rated(second)


def test_of_two_real_changes_the_older_is_kept_in_withdrawn(tmp_path: Path) -> None:
    first, second = Ledger.open(tmp_path / "ledger.json"), Ledger.open(tmp_path / "ledger.json")
    first.judge(Judgement("S01", "T", reason="older"))
    second.judge(Judgement("S01", "T", reason="newer"))
    assert rated(second) == {("S01", "T", "newer")}
    assert [item.reason for item in second.withdrawn if isinstance(item, Judgement)] == ["older"]


def test_a_deleted_file_is_written_again_with_the_next_change(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger.json")
    (tmp_path / "ledger.json").unlink()
    ledger.answer("more", 1)
    assert Ledger.open(tmp_path / "ledger.json").dumps() == ledger.dumps()


WRITER = """
import sys
from course.ledger.judgement import Judgement
from course.ledger import Ledger
ledger = Ledger.open(sys.argv[1])
print("ready", flush=True)
for number in range(int(sys.argv[3])):
    ledger.judge(Judgement(f"{sys.argv[2]}{number}", "T", reason="because " * 20))
"""


def writer(path: Path, name: str, times: int) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", WRITER, path, name, str(times)], stdout=subprocess.PIPE)


@pytest.mark.skipif(sys.platform == "win32", reason="the lock between processes is POSIX")
def test_two_kernels_writing_as_fast_as_they_can_lose_nothing(tmp_path: Path) -> None:
    kernels = [writer(tmp_path / "ledger.json", name, 40) for name in ("A", "B")]
    for kernel in kernels:
        kernel.communicate(timeout=60)
        assert kernel.returncode == 0
    statements = {rating.statement for rating in Ledger.open(tmp_path / "ledger.json").judgements()}
    assert statements == {f"{name}{number}" for name in "AB" for number in range(40)}


@pytest.mark.parametrize("delay", [0.05, 0.2])
def test_a_killed_kernel_leaves_a_whole_file(tmp_path: Path, delay: float) -> None:
    path = tmp_path / "ledger.json"
    filled(path)
    kernel = writer(path, "K", 100_000)
    assert kernel.stdout is not None
    with kernel.stdout:
        assert kernel.stdout.readline().strip() == b"ready"
    time.sleep(delay)
    kernel.send_signal(signal.SIGTERM if sys.platform == "win32" else signal.SIGKILL)
    kernel.wait(timeout=10)
    left = Ledger.open(path)
    assert left.messages == ()
    assert {("S09", "F", NINE.reason), ("S10", "T", TEN.reason)} <= rated(left)
    numbers = sorted(int(rating.statement[1:]) for rating in left.judgements() if rating.statement.startswith("K"))
    assert numbers == list(range(len(numbers)))


@pytest.mark.skipif(sys.platform == "win32", reason="a limit on the size of files kills the process in mid-write")
@pytest.mark.parametrize("written", [0, 1, 500])
def test_a_kernel_killed_in_mid_write_leaves_the_old_file(tmp_path: Path, written: int) -> None:
    path = tmp_path / "ledger.json"
    filled(path)
    before = path.read_bytes()
    code = (
        "import resource, signal, sys; from course.ledger import Ledger\n"
        f"signal.signal(signal.SIGXFSZ, signal.SIG_DFL); resource.setrlimit(resource.RLIMIT_FSIZE, ({written},) * 2)\n"
        "Ledger.open(sys.argv[1]).answer('a', 1)"
    )
    assert subprocess.run([sys.executable, "-c", code, path], check=False).returncode == -signal.SIGXFSZ
    assert path.read_bytes() == before
    assert Ledger.open(path).messages == ()


# Damage


def test_cut_off_anywhere_it_opens_keeps_the_original_and_finds_every_whole_judgement(tmp_path: Path) -> None:
    whole = tmp_path / "whole.json"
    filled(whole)
    raw = whole.read_bytes()
    ends = {}
    for rating in (NINE, TEN):
        start = raw.index(f'"statement": "{rating.statement}"'.encode())
        ends[rating.statement, rating.reading, rating.reason] = raw.index(b"\n    }", start) + len(b"\n    }")
    for cut in range(len(raw) - 1):
        folder = tmp_path / str(cut)
        folder.mkdir()
        path = folder / "ledger.json"
        path.write_bytes(raw[:cut])
        ledger = Ledger.open(path)
        assert rated(ledger) == {rating for rating, end in ends.items() if end <= cut}, cut
        (aside,) = kept_aside(folder)
        assert aside.read_bytes() == raw[:cut]
        (message,) = ledger.messages
        assert aside.name in message
        assert f"Recovered: {len(ledger.judgements())} judgement" in message
        # What was recovered is on disk, so opening again neither complains nor keeps another copy.
        assert Ledger.open(path).messages == ()
        assert rated(Ledger.open(path)) == rated(ledger)


def with_letter_g(text: str) -> bytes:
    return text.replace('"reliability": "C"', '"reliability": "G"').encode()


DAMAGE: dict[str, tuple[Callable[[str], bytes], str, set[str]]] = {
    "a letter off the scale": (with_letter_g, "reliability 'G' is not on the scale", {"S09", "S10"}),
    "a missing comma": (lambda text: text.replace("},", "}", 1).encode(), "from line 17 .* JSON", {"S09", "S10"}),
    "saved as ANSI": (lambda text: text.encode("cp1252", "replace"), "not UTF-8", {"S09", "S10"}),
    "a list on top": (lambda text: json.dumps(json.loads(text)["judgements"]).encode(), "no schema", {"S09", "S10"}),
    "no schema": (lambda text: text.replace('"schema": 1,', "").encode(), "no schema", {"S09", "S10"}),
    "schema 0": (lambda text: text.replace('"schema": 1', '"schema": 0').encode(), "older schema 0", {"S09", "S10"}),
    "schema as text": (lambda text: text.replace('a": 1', 'a": "1"').encode(), "no schema", {"S09", "S10"}),
    "a section twice": (lambda text: text.replace('"answers"', '"judgements"').encode(), "twice", {"S09", "S10"}),
    "a note beside": (lambda text: text.replace('"hints"', '"notes"').encode(), "'notes'", {"S09", "S10"}),
    "a note inside": (lambda text: text.replace('"origin"', '"note"').encode(), "called 'note'", {"S09", "S10"}),
    "no time": (lambda text: text.replace('"updated": "2', '"updated": "x').encode(), "not a time", {"S09", "S10"}),
    "no statement": (lambda text: text.replace('"S09"', "null").encode(), "statement must be text", {"S10"}),
    "section is text": (lambda _: b'{"schema": 1, "judgements": "none"}', "not a list", set()),
    "entry is a number": (lambda _: b'{"schema": 1, "judgements": [7]}', "something else: 7", set()),
    "just text": (lambda _: b"my notes", "JSON", set()),
    "just a number": (lambda _: b"12", "no schema", set()),
    "empty": (lambda _: b"", "empty", set()),
    "zeros after a power cut": (lambda text: bytes(len(text)), "JSON", set()),
    "merge marks": (
        lambda text: f"<<<<<<< HEAD\n{text}=======\n{text}>>>>>>>".encode(),
        "both versions were merged",
        {"S09", "S10"},
    ),
    "too deep": (lambda text: text.replace("2.5", "[" * 99999 + "]" * 99999).encode(), "deeply", {"S09", "S10"}),
}


@pytest.mark.parametrize("kind", DAMAGE)
def test_damage_is_said_kept_aside_and_mended(tmp_path: Path, kind: str) -> None:
    damage, pattern, statements = DAMAGE[kind]
    path = tmp_path / "ledger.json"
    filled(path)
    raw = damage(path.read_text(encoding="utf-8"))
    path.write_bytes(raw)
    ledger = Ledger.open(path)
    assert {rating.statement for rating in ledger.judgements()} == statements
    assert ledger.kept
    (aside,) = kept_aside(tmp_path)
    assert aside.read_bytes() == raw
    (message,) = ledger.messages
    assert re.search(pattern, message), message
    assert aside.name in message
    assert Ledger.open(path).messages == ()


def test_only_the_part_off_its_scale_is_left_out(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    filled(path)
    path.write_bytes(with_letter_g(path.read_text(encoding="utf-8")))
    nine = Ledger.open(path).judgements("F")[0]
    assert (nine.reliability, nine.credibility, nine.reason) == (None, 2, NINE.reason)


def test_letters_survive_an_ansi_editor(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    Ledger.open(path).judge(Judgement("S01", "T", reason="Él – naïve"))
    path.write_bytes(path.read_text(encoding="utf-8").encode("cp1252"))
    assert Ledger.open(path).judgements()[0].reason == "Él – naïve"


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16"])
def test_what_notepad_saves_is_no_damage(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "ledger.json"
    ledger = filled(path)
    path.write_bytes(ledger.dumps().replace("\n", "\r\n").encode(encoding))
    again = Ledger.open(path)
    assert again.messages == ()
    assert again.dumps() == ledger.dumps()


def test_damage_while_the_ledger_is_open_loses_nothing_and_no_copy_replaces_another(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    ledger = filled(path)
    for number in range(3):
        path.write_text(f"scribble {number}")
        ledger.answer("number", number)
        assert Ledger.open(path).dumps() == ledger.dumps()
    assert sorted(aside.read_text() for aside in kept_aside(tmp_path)) == [f"scribble {n}" for n in range(3)]
    path.write_text("scribble 3")
    ledger.refresh()
    assert Ledger.open(path).dumps() == ledger.dumps()


def test_hand_edit_while_the_ledger_is_open_is_taken_over(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    ledger = Ledger.open(path)
    ledger.answer("a", 1)
    values = json.loads(path.read_bytes())
    values["judgements"] = [{"statement": "S09", "reading": "F", "reason": "by hand"}]
    path.write_text(json.dumps(values))
    ledger.answer("b", 2)
    assert rated(Ledger.open(path)) == {("S09", "F", "by hand")}
    (message,) = ledger.messages
    assert "was changed after it was saved" in message


@pytest.mark.parametrize("letter", ["B", "D"])
def test_hand_edit_of_a_judgement_wins_though_its_time_is_the_same(tmp_path: Path, letter: str) -> None:
    path = tmp_path / "ledger.json"
    ledger = filled(path)
    path.write_bytes(path.read_bytes().replace(b'"reliability": "C"', f'"reliability": "{letter}"'.encode()))
    assert ledger.refresh()
    assert ledger.judgements("F")[0].reliability == letter


def test_a_time_after_which_nothing_can_come_is_no_time() -> None:
    end = {"statement": "S01", "reading": "T", "updated": "9999-12-31T23:59:59.999999+00:00"}
    ledger = Ledger.loads(json.dumps([end]))
    assert "not a time" in ledger.messages[0]
    assert ledger.judge(Judgement("S01", "T", reason="later")).updated


@pytest.mark.skipif(sys.platform == "win32", reason="a limit on the size of files stands in for a full disk")
def test_a_full_disk_leaves_the_old_file_and_says_so(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    filled(path)
    before = path.read_bytes()
    code = (
        "import resource, signal, sys; from course.ledger import Ledger\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (500, 500))\n"
        "ledger = Ledger.open(sys.argv[1]); ledger.answer('a', 1); print(ledger.kept, *ledger.messages)"
    )
    output = subprocess.run([sys.executable, "-c", code, path], capture_output=True, text=True, check=True).stdout
    assert output.startswith("False Nothing will be kept: ledger.json cannot be saved, because File too large")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("cut", [None, -40])
def test_a_newer_file_is_shown_and_left_alone(tmp_path: Path, cut: int | None) -> None:
    path = tmp_path / "ledger.json"
    filled(path)
    raw = path.read_bytes().replace(b'"schema": 1', b'"schema": 2')[:cut]
    path.write_bytes(raw)
    ledger = Ledger.open(path)
    assert len(ledger.judgements()) == 2
    ledger.answer("new", 1)
    assert not ledger.save()
    assert not ledger.kept
    assert path.read_bytes() == raw
    assert kept_aside(tmp_path) == []
    (message,) = ledger.messages
    assert "Update the course" in message


def test_text_that_is_no_ledger_is_told_not_raised() -> None:
    ledger = Ledger.loads('[{"statement": "S09", "reading": "F"}, {"statement": "S1')
    assert rated(ledger) == {("S09", "F", "")}
    assert "Recovered: 1 judgement," in ledger.messages[0]
    assert not ledger.kept


@settings(max_examples=150, deadline=None)
@given(raw=st.binary(max_size=60) | values.map(lambda value: json.dumps(value).encode()))
def test_no_file_whatever_keeps_a_ledger_from_opening(raw: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    folder = tmp_path_factory.mktemp("any")
    (folder / "ledger.json").write_bytes(raw)
    ledger = Ledger.open(folder / "ledger.json")
    ledger.judge(NINE)
    assert rated(Ledger.open(folder / "ledger.json")) >= {("S09", "F", NINE.reason)}
    assert [aside.read_bytes() for aside in kept_aside(folder)] == [raw]


# Where nothing can be kept


def test_read_only_folder_works_and_says_that_nothing_is_kept(read_only: Path) -> None:
    with as_nobody():
        ledger = Ledger.open(read_only / "ledger.json")
        assert not ledger.kept
        ledger.judge(NINE)
        assert not ledger.save()
        (message,) = ledger.messages
    assert len(ledger.judgements()) == 1
    assert "Nothing will be kept" in message
    assert "read-only" in message
    assert "ledger.dumps()" in message
    assert list(read_only.iterdir()) == []


def test_damaged_file_in_a_read_only_folder_is_read_and_left_alone(read_only: Path) -> None:
    path = read_only / "ledger.json"
    read_only.chmod(0o755)
    filled(path)
    raw = path.read_bytes()[:-60]
    path.write_bytes(raw)
    path.chmod(0o444)
    read_only.chmod(0o555)
    with as_nobody():
        ledger = Ledger.open(path)
        assert len(ledger.judgements()) == 2
        ledger.answer("new", 1)
        assert not ledger.kept
        recovered, nothing_kept = ledger.messages
    assert "left as it is" in recovered
    assert "Nothing will be kept" in nothing_kept
    assert path.read_bytes() == raw
    assert list(read_only.iterdir()) == [path]


def test_folder_in_the_files_place_is_left_alone_until_it_is_moved(tmp_path: Path) -> None:
    path = tmp_path / "ledger.json"
    path.mkdir()
    ledger = Ledger.open(path)
    ledger.judge(NINE)
    assert not ledger.kept
    assert "a folder has that name" in ledger.messages[0]
    path.rename(tmp_path / "moved")
    assert ledger.save()
    assert ledger.messages == ()
    assert rated(Ledger.open(path)) == rated(ledger)


# Merging


@settings(max_examples=100, deadline=None)
@given(ledgers(), ledgers(), ledgers())
def test_merging_depends_neither_on_order_nor_on_repetition(a: Ledger, b: Ledger, c: Ledger) -> None:
    before = a.dumps(), b.dumps()
    both = merge(a, b)
    assert both.dumps() == merge(b, a).dumps()
    assert merge(both, c).dumps() == merge(a, merge(b, c)).dumps()
    assert merge(a, a).dumps() == a.dumps()
    assert merge(both, b).dumps() == both.dumps()
    assert (a.dumps(), b.dumps()) == before


@settings(max_examples=100, deadline=None)
@given(ledgers(), ledgers())
def test_merging_loses_nothing(a: Ledger, b: Ledger) -> None:
    def everything(ledger: Ledger) -> set[str]:
        held = json.loads(ledger.dumps())
        items = held["judgements"] + held["answers"] + held["withdrawn"]
        return {json.dumps({k: v for k, v in item.items() if k != "withdrawn"}) for item in items}

    assert everything(merge(a, b)) == everything(a) | everything(b)


def test_newer_judgement_and_newer_answer_win() -> None:
    older, newer = Ledger(), Ledger()
    for ledger, word in ((older, "old"), (newer, "new")):
        ledger.judge(Judgement("S01", "T", reason=word))
        ledger.answer("06/verdict", word)
    both = merge(newer, older)
    assert rated(both) == {("S01", "T", "new")}
    assert both.answers == {"06/verdict": "new"}
    assert len(both.withdrawn) == 2


def test_an_exported_ledger_can_be_taken_in(tmp_path: Path) -> None:
    ledger = Ledger.open(tmp_path / "ledger.json")
    ledger.judge(TEN)
    other = Ledger()
    other.judge(NINE)
    ledger.merge(Ledger.loads(other.dumps()))
    assert {rating.statement for rating in Ledger.open(tmp_path / "ledger.json").judgements()} == {"S09", "S10"}


# Tables


def test_table_has_a_row_for_each_judgement(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger.json")
    ledger.judge(Judgement("S12", "W"))
    table = ledger.table()
    assert list(table.columns) == list(NINE.to_dict())
    assert table["statement"].tolist() == ["S09", "S10", "S12"]
    assert table["credibility"].dtype == "Int64"
    assert table["credibility"].isna().tolist() == [False, False, True]
    assert list(Ledger().table().columns) == list(table.columns)


def test_csv_is_read_back_and_never_overwritten_unasked(tmp_path: Path) -> None:
    ledger = filled(tmp_path / "ledger.json")
    path = tmp_path / "ratings.csv"
    path.write_text("something else")
    with pytest.raises(LedgerError, match="exists already"):
        ledger.to_csv(path)
    assert path.read_text() == "something else"
    ledger.to_csv(path, overwrite=True)
    assert pd.read_csv(path)["reason"].tolist() == [NINE.reason, TEN.reason]


def test_importing_the_ledger_needs_only_the_standard_library() -> None:
    code = "import sys, course.ledger; print(sorted({'pandas', 'numpy', 'altair', 'anywidget'} & set(sys.modules)))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_entries_say_when_each_judgement_and_answer_was_last_changed() -> None:
    ledger = Ledger()
    rating = ledger.judge(Judgement("S09", "F", "C", 2))
    ledger.answer("00/hello", "Good morning")
    ledger.withdraw("S09", "F")
    (entry,) = ledger.entries
    assert entry.updated > rating.updated
    assert list(ledger.withdrawn_at) == [rating]
    assert ledger.withdrawn_at[rating] > rating.updated


def test_answers_are_those_of_the_moment_they_were_asked_for() -> None:
    ledger = Ledger()
    ledger.answer("01/list", ["first"])
    before = ledger.answers
    before["01/list"].append("slipped in")
    ledger.answer("01/list", ["second"])
    assert before == {"01/list": ["first"]}
    assert ledger.answers == {"01/list": ["second"]}
