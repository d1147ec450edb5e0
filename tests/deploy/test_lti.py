"""Who comes by a signed link of the learning platform is logged in, and nobody else: deploy/lti_config.py, in a hub."""

from __future__ import annotations

import json
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import requests

pytest.importorskip("ltiauthenticator", reason="it is not installed: `make test` does")

from tests.deploy.campus import KEY, SECRET, Campus, Launched, running_campus

LTI_1_3 = {
    "LTI_CLIENT_ID": "the-course",
    "LTI_ISSUER": "https://example.org",
    "LTI_AUTHORIZE_URL": "https://example.org/authorize",
    "LTI_JWKS_ENDPOINT": "https://example.org/keys",
}


@pytest.fixture(scope="module")
def campus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Campus]:
    folder = tmp_path_factory.mktemp("campus") / "it"
    with running_campus(folder, {"LTI_CONSUMER_KEY": KEY, "LTI_SHARED_SECRET": SECRET}) as campus:
        yield campus


def test_who_comes_from_the_platform_is_in(campus: Campus) -> None:
    learner = Launched(campus.address, "2001")
    assert not learner.is_in()

    assert learner.launch().ok
    assert learner.is_in()
    assert learner.about_me()["admin"] is False


def test_who_comes_without_the_platform_is_told_how_to_come(campus: Campus) -> None:
    page = requests.get(f"{campus.address}/hub/home", timeout=30)

    assert page.status_code == 403
    assert "through its link in your learning platform" in page.text


def test_a_link_in_the_platform_can_lead_to_a_place_in_the_hub(campus: Campus) -> None:
    place = "/hub/user-redirect/git-pull?repo=https%3A%2F%2Fexample.org%2Fcourse&urlpath=lab%2Ftree%2Fa.ipynb"
    learner = Launched(campus.address, "2004")

    answer = learner.launch(custom_next=place)

    assert f"{campus.address}{place}" in {page.url for page in answer.history}


def test_a_link_brings_material_into_a_learners_folder(campus: Campus, tmp_path: Path) -> None:
    """nbgitpuller's link; the page that it leads to does what is done here."""
    material = tmp_path / "material"
    material.mkdir()
    (material / "reading.md").write_text("# For next week\n", encoding="utf-8")
    git = ["git", "-C", str(material), "-c", "user.name=We", "-c", "user.email=we@example.org"]
    for command in (["init", "--quiet", "--initial-branch=main"], ["add", "."], ["commit", "--quiet", "-m", "Begin"]):
        subprocess.run([*git, *command], check=True)
    learner = Launched(campus.address, "2005")
    learner.launch().raise_for_status()
    learner.browser.get(f"{learner.hub}/hub/spawn").raise_for_status()
    learner.wait_for_server()
    link = {"repo": material.as_uri(), "branch": "main", "urlpath": "lab/tree/material/reading.md"}

    page = learner.browser.get(f"{campus.address}/hub/user-redirect/git-pull", params=link)
    assert page.url.startswith(f"{learner.server}/git-pull?")
    pulled = learner.browser.get(f"{learner.server}/git-pull/api", params=link)

    assert json.loads(pulled.text.split("data: ")[-1]) == {"phase": "finished"}, pulled.text
    assert learner.read("material/reading.md") == "# For next week\n"


def test_who_the_platform_did_not_sign_for_is_not_let_in(campus: Campus) -> None:
    mallory = Launched(campus.address, "1001")

    assert mallory.launch(secret="another secret of thirty-two chars").status_code == 401
    assert mallory.send(mallory.signed_form() | {"user_id": "2001"}).status_code == 401, "signed for somebody else"
    assert mallory.browser.post(f"{mallory.hub}/hub/lti/launch").status_code == 400
    assert not mallory.is_in()


def test_a_launch_that_was_overheard_cannot_be_used_again(campus: Campus) -> None:
    learner = Launched(campus.address, "2003")
    form = learner.signed_form()
    assert learner.send(form).status_code == 200

    assert Launched(campus.address, "2003").send(form).status_code == 401


@pytest.mark.parametrize("name", ["../2001", "2001+sample", "2001/2002", "x" * 65])
def test_a_name_that_is_no_name_for_a_folder_is_refused(campus: Campus, name: str) -> None:
    person = Launched(campus.address, name)

    assert person.launch().status_code == 403
    assert not person.is_in()


def test_the_platform_can_ask_how_to_launch(campus: Campus) -> None:
    page = requests.get(f"{campus.address}/hub/lti11/config", timeout=30)

    assert page.ok
    assert f"{campus.address}/hub/lti/launch" in page.text


def test_lti_1_3_tells_the_platform_where_to_send_people_and_sends_them_on(tmp_path: Path) -> None:
    with running_campus(tmp_path / "it", LTI_1_3) as campus:
        configuration = requests.get(f"{campus.address}/hub/lti13/config", timeout=30).json()
        click = {"iss": "https://example.org", "login_hint": "2001", "target_link_uri": f"{campus.address}/hub/lti13"}
        click |= {"client_id": "the-course"}
        answer = requests.post(f"{campus.address}/hub/lti13/oauth_login", data=click, allow_redirects=False, timeout=30)

    assert configuration["target_link_uri"].startswith(campus.address)
    assert answer.status_code == 302
    assert answer.headers["Location"].startswith("https://example.org/authorize?")


@pytest.mark.parametrize(
    ("environment", "message"),
    [
        ({}, "set either LTI_CONSUMER_KEY and LTI_SHARED_SECRET, or LTI_CLIENT_ID"),
        ({"LTI_CONSUMER_KEY": KEY}, "LTI_CONSUMER_KEY is set, but not LTI_SHARED_SECRET"),
        ({"LTI_CONSUMER_KEY": KEY, "LTI_SHARED_SECRET": "short"}, "openssl rand -hex 32"),
        ({"LTI_CONSUMER_KEY": KEY, "LTI_SHARED_SECRET": SECRET, **LTI_1_3}, "set either"),
        (dict(list(LTI_1_3.items())[:3]), "but not LTI_JWKS_ENDPOINT"),
    ],
)
def test_a_hub_that_is_told_too_little_does_not_start_and_says_what_is_missing(
    tmp_path: Path, environment: dict[str, str], message: str
) -> None:
    with pytest.raises(RuntimeError, match=re.escape(message)), running_campus(tmp_path / "it", environment):
        pass
