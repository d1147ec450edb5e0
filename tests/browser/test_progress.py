"""Progress in a real JupyterLab: files go both ways, and on a lent machine the browser asks before a loss."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Dialog, Locator, expect

from course.ledger import Ledger
from tests.browser.lab import Lab
from tests.browser.views import check_reachable, ledger_of, wait_until_kept

pytestmark = pytest.mark.browser

CHANGED = "Ledger.open().answer('00/note', 'It works.')"
LENT = f"from course import Ledger, Progress\n{CHANGED}\nProgress(temporary=True)"


@pytest.fixture
def progress(lab: Lab, request: pytest.FixtureRequest) -> Callable[[str], Locator]:
    """Open a notebook with this cell in a folder of its own, run and save it, and return the view."""

    def start(cell: str) -> Locator:
        lab.open(lab.write(f"{request.node.name}/progress.ipynb", (cell,)))
        lab.run_all()
        lab.save()
        view = lab.page.locator(".cf-progress")
        expect(view).to_be_visible()
        # A browser asks only those who have done something on the page.
        view.get_by_text("lessons done").click()
        return view

    return start


def leave(lab: Lab) -> None:
    lab.page.evaluate("() => { setTimeout(() => { location.href = 'about:blank'; }); }")


def is_asked_before_leaving(lab: Lab) -> bool:
    """Leave, and stay if the browser asks. JupyterLab itself asks only where a notebook is not saved."""
    asked: list[Dialog] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog)
        dialog.dismiss()

    lab.page.on("dialog", stay)
    leave(lab)
    for _ in range(100):
        if asked or lab.page.url == "about:blank":
            break
        lab.page.wait_for_timeout(50)
    lab.page.remove_listener("dialog", stay)
    return [dialog.type for dialog in asked] == ["beforeunload"]


def download(lab: Lab, view: Locator, name: str, folder: Path) -> Path:
    with lab.page.expect_download() as begun:
        view.get_by_role("button", name=name).click()
    path = folder / begun.value.suggested_filename
    begun.value.save_as(path)
    return path


def test_what_is_downloaded_can_be_taken_in_and_what_is_no_ledger_is_refused(
    progress: Callable[[str], Locator], lab: Lab, tmp_path: Path
) -> None:
    view = progress(LENT)
    expect(view.get_by_text("Not downloaded yet; 1 change.")).to_be_visible()
    path = download(lab, view, "Download your ledger", tmp_path)
    assert Ledger.loads(path.read_text(encoding="utf-8")).answers["00/note"] == "It works."
    expect(view.get_by_text("no changes since.")).to_be_visible()
    assert "statement" in download(lab, view, "Download your judgements", tmp_path).read_text(encoding="utf-8-sig")

    (tmp_path / "other.json").write_text("Something else.", encoding="utf-8")
    theirs = Ledger()
    theirs.answer("claim/wording", "No fighter was left.")
    (tmp_path / "theirs.json").write_text(theirs.dumps(), encoding="utf-8")
    take_in = view.get_by_role("button", name="Import it")
    take_in.click()
    expect(view.get_by_role("alert")).to_contain_text("Choose a file first")
    for name in ("other.json", "theirs.json"):
        view.get_by_label("A ledger you downloaded before").set_input_files(tmp_path / name)
        take_in.click()
        if name == "other.json":
            expect(view.get_by_role("alert")).to_contain_text("That is not a ledger")
    expect(view.get_by_text("1 answer imported.")).to_be_visible()
    expect(view.get_by_role("alert")).to_be_hidden()
    expect(view.get_by_text("1 change since.")).to_be_visible()
    wait_until_kept(lab, lambda ledger: ledger.answers.get("claim/wording") == "No fighter was left.")
    check_reachable(view)


def test_on_a_lent_machine_the_browser_asks_until_everything_is_downloaded(
    progress: Callable[[str], Locator], lab: Lab, tmp_path: Path
) -> None:
    """What another notebook writes into the same ledger counts too."""
    view = progress(LENT)
    assert is_asked_before_leaving(lab)
    download(lab, view, "Download your ledger", tmp_path)
    expect(view.get_by_text("no changes since.")).to_be_visible()
    ledger_of(lab).answer("06/word-then", "unlikely")
    expect(view.get_by_text("1 change since.")).to_be_visible()
    assert is_asked_before_leaving(lab)
    download(lab, view, "Download your ledger", tmp_path)
    expect(view.get_by_text("no changes since.")).to_be_visible()
    assert not is_asked_before_leaving(lab)


def test_the_browser_no_longer_asks_once_the_view_is_gone(progress: Callable[[str], Locator], lab: Lab) -> None:
    view = progress(LENT)
    lab.page.evaluate("() => jupyterapp.commands.execute('notebook:clear-all-cell-outputs')")
    expect(view).to_have_count(0)
    lab.save()
    assert not is_asked_before_leaving(lab)


def test_on_your_own_machine_the_browser_never_asks(progress: Callable[[str], Locator], lab: Lab) -> None:
    view = progress(LENT.replace("temporary=True", "temporary=False"))
    expect(view.get_by_text("Not downloaded yet; 1 change.")).to_be_visible()
    expect(view.get_by_text("Before you leave")).to_have_count(0)
    assert not is_asked_before_leaving(lab)
