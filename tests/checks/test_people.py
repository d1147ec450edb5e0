"""A person is recognised by the name in any form, and nobody else by it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from course.checks.people import is_person

GENERAL = "Valery Gerasimov"


@pytest.mark.parametrize(
    "typed",
    [
        "Valery Gerasimov", "Gerasimov", "gerasimov", "valery gerasimov", "GERASIMOV", "V. Gerasimov", "Gerasimov, V.",
        "Gen. Valery Gerasimov", "General Gerasimov", "Gerasimov, Valery", "Gerasimov V.", "Valeriy Gerasimov",
        "the Russian general Gerasimov", "Chief of the General Staff Gerasimov", "Valéry Gerasimov", " Gerasimov. ",
        "General Valery Gerasimov, Chief of the General Staff", "Valery Gerasimov (Chief of the General Staff)",
        "Army General Valery Vasilyevich Gerasimov", "Gerasimov’s",
    ],
)  # fmt: skip
def test_one_person_in_many_forms(typed: str) -> None:
    assert is_person(typed, GENERAL)


@pytest.mark.parametrize(
    "typed",
    [
        "", "Valery", "Vladimir Gerasimov", "vladimir gerasimov", "Vladimir Putin", "not Gerasimov",
        "Gerasimov or Putin", "anybody but Gerasimov", "Gerasimov said so", "the General Staff", "Russia", "Gerasim",
        "Gerasimov, Vladimir", "Gerasimov and Putin",
    ],
)  # fmt: skip
def test_nobody_else_is_that_person(typed: str) -> None:
    assert not is_person(typed, GENERAL)


def test_two_people_are_not_one() -> None:
    assert is_person("Putin, told by Gerasimov", "Vladimir Putin") != is_person(
        "Putin, told by Gerasimov", "Vladimir Putin", others=[GENERAL]
    )


@given(st.text())
def test_no_text_stops_it(text: str) -> None:
    is_person(text, GENERAL)
    is_person(f"{text} Gerasimov {text}", GENERAL)
