"""What the repository as a whole promises: no borrowed sentences, no stray outputs, a wheel that stands alone."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ARTICLE = ROOT.parent / "shared/case/article.txt"
RUN = 11
"""Words in a row that make a borrowed sentence. A speaker's few words are shorter."""


def tracked() -> list[Path]:
    names = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    return [ROOT / name for name in names.split("\0") if name and (ROOT / name).is_file()]


def words(text: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", text.lower())


def runs(text: str) -> set[tuple[str, ...]]:
    every = words(text)
    return {tuple(every[start : start + RUN]) for start in range(len(every) - RUN + 1)}


@pytest.mark.skipif(not ARTICLE.exists(), reason="the article is not part of the repository")
def test_no_sentence_of_the_article_is_anywhere() -> None:
    article = runs(ARTICLE.read_text(encoding="utf-8"))
    borrowed = {}
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        if path.suffix == ".ipynb":
            text = "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
        if common := runs(text) & article:
            borrowed[path.name] = " ".join(next(iter(common)))
    assert not borrowed


def test_locks_pin_everything_with_hashes_and_name_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        text = (ROOT / name).read_text(encoding="utf-8")
        assert "://" not in text
        pins = re.split(r"\n(?=\S)", re.sub(r"^\s*#.*\n", "", text, flags=re.MULTILINE).strip())
        assert len(pins) > 50
        for pin in pins:
            assert "==" in pin.splitlines()[0], pin
            assert "--hash=sha256:" in pin, pin


def test_both_locks_agree() -> None:
    def versions(name: str) -> set[str]:
        text = (ROOT / name).read_text(encoding="utf-8")
        # Which extras of a package are asked for may differ; which version of it may not.
        return {re.sub(r"\[.*\]", "", pin) for pin in re.findall(r"^\S+==\S+", text, flags=re.MULTILINE)}

    assert versions("requirements.lock") < versions("requirements-dev.lock")


def test_no_notebook_carries_outputs_or_counts() -> None:
    notebooks = [path for path in tracked() if path.suffix == ".ipynb"]
    assert notebooks
    for path in notebooks:
        for cell in json.loads(path.read_text(encoding="utf-8"))["cells"]:
            assert not cell.get("outputs"), path
            assert cell.get("execution_count") is None, path


def test_importing_the_course_loads_nothing_heavy() -> None:
    heavy = "{'pandas', 'numpy', 'altair', 'anywidget', 'ipywidgets', 'IPython', 'nbformat', 'typer', 'rich'}"
    code = f"import sys, course; found = {heavy} & set(sys.modules); sys.exit(str(found) if found else 0)"
    subprocess.run([sys.executable, "-c", code], check=True)


def test_the_wheel_stands_alone(tmp_path: Path) -> None:
    """It carries the case, the lessons and the exercises, so the course runs without a checkout; and no solutions."""
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "unpacked")
        names = archive.namelist()
    assert "course/share/data/case-2017/datapackage.json" in names
    assert "course/case/tables/scales.csv" in names
    assert "course/share/notebooks/00-start-here.ipynb" in names
    assert "course/share/exercises/06-weighing/06-weighing.ipynb" in names
    assert "course/widgets/evidence_board.js" in names
    assert not [
        name for name in names if "solutions" in name or "reference_judgements" in name or "ledger.json" in name
    ]
    code = "import course; print(course.__file__); print(len(course.Case.load().rows('statements')))"
    ran = subprocess.run(
        [sys.executable, "-P", "-c", f"import sys; sys.path.insert(0, {str(tmp_path / 'unpacked')!r}); {code}"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    assert str(tmp_path) in ran[0]
    assert int(ran[1]) >= 37
