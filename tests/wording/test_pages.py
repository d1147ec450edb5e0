"""Templates escape what they are given, miss nothing, and cost nothing where no page is made."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from jinja2 import DictLoader, Environment, UndefinedError

from course.wording import pages

ROOT = Path(__file__).resolve().parents[2]
# The hub's own templates extend JupyterHub's, which renders them; the feedback page's extends nbconvert's.
TEMPLATES = sorted(path for path in (ROOT / "course").rglob("*.html.j2") if "templates" not in path.parts)


@pytest.fixture
def environment() -> Environment:
    return pages._environment("course.publishing").overlay(
        loader=DictLoader({"page": "{{ text }}", "data": "<script>{{ text | tojson }}</script>"})
    )


def test_text_is_escaped_and_what_is_missing_is_an_error(environment: Environment) -> None:
    assert environment.get_template("page").render(text="<b>'\"&") == "&lt;b&gt;&#39;&#34;&amp;"
    with pytest.raises(UndefinedError):
        environment.get_template("page").render()


def test_data_cannot_end_the_script_they_stand_in(environment: Environment) -> None:
    shown = environment.get_template("data").render(text="“</script><!--")
    assert shown == '<script>"“\\u003c/script\\u003e\\u003c!--"</script>'


@pytest.mark.parametrize("path", TEMPLATES, ids=lambda path: path.name)
def test_every_template_is_found_beside_its_code(path: Path) -> None:
    package = ".".join(path.parent.relative_to(ROOT).parts)
    assert pages._environment(package).get_template(path.name)


def test_importing_the_course_imports_no_templates() -> None:
    code = "import sys, course, course.publishing.page, course.checks.in_notebook; sys.exit('jinja2' in sys.modules)"
    subprocess.run([sys.executable, "-c", code], check=True)
