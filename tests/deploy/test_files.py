"""The files of deploy/ fit the course and each other, as far as can be seen without a cluster."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

from tests.gradebook import ROOT

DEPLOY = ROOT / "deploy"
VALUES = yaml.safe_load((DEPLOY / "values.yaml").read_text(encoding="utf-8"))
RESOURCES = {
    name: list(yaml.safe_load_all((DEPLOY / f"{name}.yaml").read_text(encoding="utf-8")))
    for name in ("ngshare", "dask")
}
PINS = re.compile(r"^([a-z0-9-]+)(?:\[.*?\])?==([^ ]+)(?: ; (.*?))? \\$", re.M)


def pins(lock: Path) -> set[tuple[str, str, str]]:
    return set(PINS.findall(lock.read_text(encoding="utf-8")))


def test_what_a_campus_adds_to_the_course_changes_no_version_of_it() -> None:
    ours: dict[str, set[str]] = {}
    for name, version, _ in pins(ROOT / "requirements.lock"):
        ours.setdefault(name, set()).add(version)
    added = pins(DEPLOY / "requirements.lock")

    assert {(name, version) for name, version, _ in added if name in ours and version not in ours[name]} == set()
    assert {"jupyterhub", "ngshare-exchange", "nbgitpuller", "distributed"} <= {name for name, _, _ in added}


def test_ngshare_gets_the_sqlalchemy_with_which_it_keeps_what_it_is_given() -> None:
    (version,) = (version for name, version, _ in pins(DEPLOY / "ngshare/requirements.lock") if name == "sqlalchemy")
    assert version.startswith("1.4.")
    assert "ngshare" not in {name for name, _, _ in pins(DEPLOY / "requirements.lock")}
    (deployment, *_) = RESOURCES["ngshare"]
    assert container(deployment)["command"][0] == "/opt/ngshare/bin/python"


def test_everything_installed_in_the_image_is_pinned_with_its_hash() -> None:
    recipe = (DEPLOY / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    installs = re.findall(r"pip install ([^&\n]*)", recipe)
    assert len(installs) == 5
    assert all("--no-deps" in line for line in installs)
    (without_hash,) = (line for line in installs if "--require-hashes" not in line)
    assert without_hash.split()[-1] == "/tmp/wheel/*.whl", "our own"


def test_what_the_image_copies_is_there_and_nobody_is_root_in_it() -> None:
    recipe = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
    copied = re.findall(r"^COPY (?!--from)(\S+) ", recipe, re.M)
    assert "deploy/start-server" in copied
    assert all((ROOT / name).exists() for name in copied)
    assert re.findall(r"^USER (.*)$", recipe, re.M) == [str(VALUES["singleuser"]["uid"])]
    assert f"--uid {VALUES['singleuser']['uid']}" in recipe
    assert f"HOME={VALUES['singleuser']['storage']['homeMountPath']}" in recipe


def test_all_run_the_same_image_without_more_rights_than_they_need() -> None:
    image = VALUES["singleuser"]["image"]
    deployment, cluster = RESOURCES["ngshare"][0], RESOURCES["dask"][0]
    pods = [deployment["spec"]["template"]["spec"]]
    pods += [cluster["spec"][part]["spec"] for part in ("scheduler", "worker")]

    for pod in pods:
        (only,) = pod["containers"]
        assert only["image"] == f"{image['name']}:{image['tag']}"
        assert only["securityContext"] == {"allowPrivilegeEscalation": False, "capabilities": {"drop": ["ALL"]}}
        assert only["resources"]["limits"]["memory"]
        assert pod["securityContext"]["runAsNonRoot"]
        assert pod["automountServiceAccountToken"] is False


def test_servers_hub_and_ngshare_speak_of_the_same_address(nbgrader: Config) -> None:
    deployment, service, *_ = RESOURCES["ngshare"]
    settings = {item["name"]: item.get("value") for item in container(deployment)["env"]}
    address = VALUES["hub"]["services"]["ngshare"]["url"]

    assert address == f"http://{service['metadata']['name']}:{service['spec']['ports'][0]['port']}"
    assert (
        nbgrader.ExchangeFactory.exchange._ngshare_url
        == f"{address}{settings['JUPYTERHUB_SERVICE_PREFIX'].rstrip('/')}"
    )
    (way,) = VALUES["singleuser"]["networkPolicy"]["egress"]
    labels = deployment["spec"]["template"]["metadata"]["labels"]
    assert way["to"][0]["podSelector"]["matchLabels"].items() <= labels.items()


def test_nbgrader_puts_assignments_where_the_lessons_say(nbgrader: Config) -> None:
    assert Path(nbgrader.Exchange.assignment_dir) == Path.home() / "exercises"
    ours = (ROOT / "nbgrader_config.py").read_text(encoding="utf-8")
    assert f'c.CourseDirectory.course_id = "{nbgrader.CourseDirectory.course_id}"' in ours


@pytest.mark.parametrize(("groups", "marked"), [(["instructors"], True), (["others"], False), ([], False)])
def test_only_instructors_pods_get_the_label_that_opens_the_way_to_the_cluster(groups: list[str], marked: bool) -> None:
    hook = PyFileConfigLoader("instructors_config.py", path=str(DEPLOY)).load_config().KubeSpawner.modify_pod_hook
    pod = SimpleNamespace(metadata=SimpleNamespace(labels={"component": "singleuser-server"}))
    user = SimpleNamespace(groups=[SimpleNamespace(name=name) for name in groups])

    labels = hook(SimpleNamespace(user=user), pod).metadata.labels

    asked = [
        source["podSelector"]["matchLabels"]
        for policy in RESOURCES["dask"][1:]
        for rule in policy["spec"].get("ingress", [])
        for source in rule["from"]
        if "completely-free/role" in source["podSelector"]["matchLabels"]
    ]
    assert [wanted.items() <= labels.items() for wanted in asked] == [marked]
    assert "instructors" in VALUES["hub"]["config"]["JupyterHub"]["load_groups"]


def test_a_server_starts_with_lessons_for_a_learner_and_in_the_class_for_an_instructor(tmp_path: Path) -> None:
    learner, instructor = start(tmp_path / "learner"), start(tmp_path / "instructor", checkout=True)

    assert learner["folder"] == str(tmp_path / "learner")
    assert learner["config"].startswith(f"{DEPLOY / 'learner'}:")
    assert learner["there"] == ["data", "exercises", "notebooks"]
    assert instructor["folder"] == str(tmp_path / "instructor" / "class")
    assert instructor["config"] == "/ours"


def test_a_second_start_keeps_what_a_learner_wrote(tmp_path: Path) -> None:
    start(tmp_path)
    lesson = tmp_path / "notebooks/00-start-here.ipynb"
    lesson.write_text("mine", encoding="utf-8")

    start(tmp_path)

    assert lesson.read_text(encoding="utf-8") == "mine"


@pytest.fixture
def nbgrader(monkeypatch: pytest.MonkeyPatch) -> Config:
    """What deploy/nbgrader_config.py sets."""
    # ngshare_exchange asks for the name when it is imported.
    monkeypatch.setenv("JUPYTERHUB_USER", "2001")
    monkeypatch.delenv("NGSHARE_URL", raising=False)
    pytest.importorskip("ngshare_exchange", reason="it is not installed: `make test` does")
    return PyFileConfigLoader("nbgrader_config.py", path=str(DEPLOY)).load_config()


def container(deployment: Any) -> Any:
    (only,) = deployment["spec"]["template"]["spec"]["containers"]
    return only


def start(home: Path, checkout: bool = False) -> Any:
    """Run start-server, with a program in the place of JupyterHub's server that says where it is."""
    home.mkdir(exist_ok=True)
    if checkout:
        (home / "class").mkdir()
        (home / "class" / "nbgrader_config.py").touch()
    programs = home.parent / f"programs-{home.name}"
    programs.mkdir(exist_ok=True)
    server = programs / "jupyterhub-singleuser"
    server.write_text(
        f"#!{sys.executable}\nimport json, os\n"
        "print(json.dumps({'folder': os.getcwd(), 'config': os.environ['JUPYTER_CONFIG_PATH'],"
        " 'there': sorted(name for name in os.listdir() if name[0] != '.')}))\n",
        encoding="utf-8",
    )
    server.chmod(0o755)
    environment = {
        "HOME": str(home),
        "PATH": f"{programs}:{Path(sys.executable).parent}:{os.environ['PATH']}",
        "CAMPUS_LEARNER": str(DEPLOY / "learner"),
        "JUPYTER_CONFIG_PATH": "/ours",
    }
    done = subprocess.run([DEPLOY / "start-server"], env=environment, capture_output=True, text=True, check=True)
    return json.loads(done.stdout)
