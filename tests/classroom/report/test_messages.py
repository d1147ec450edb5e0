"""Messages in groups: a misconception is the same in another learner's values, and nobody's words are read out."""

from __future__ import annotations

import pytest

from course.classroom.report.messages import discreet, pattern, same, without_names


@pytest.mark.parametrize(
    ("message", "other"),
    [
        (
            "total is 12.5 dB, which is not the expected value. Count once.",
            "total is −3 dB, which is not the expected value. Count once.",
        ),
        ("name is 'Ada', which is not the expected value.", 'name is "O\'Hara", which is not the expected value.'),
        ("S02 has a weight and no reason.", "S02 has a weight and no reason. S11 has a weight and no reason."),
        (
            "ids: 'S02' should not be there and 1 is missing.",
            "ids: 'S02', 'S03' and 2 more should not be there and 2 are missing.",
        ),
        ("f(3) stops with ValueError: could not convert", "f(3) stops with ValueError: ada was here. Twice."),
        ("SyntaxError: invalid syntax (123.py, line 3)", "SyntaxError: invalid syntax (456.py, line 12)"),
        ("FileNotFoundError: /home/ada/x.csv", "FileNotFoundError: /home/ben/work/y.csv"),
    ],
)
def test_messages_that_differ_in_a_learners_values_are_the_same(message: str, other: str) -> None:
    assert same(message) == same(other)


@pytest.mark.parametrize(
    ("message", "other"),
    [
        ("You added the chances.", "You multiplied the chances."),
        ("f(3) stops with ValueError: x", "f(3) stops with KeyError: x"),
        ("x is text, and a number is needed.", "x is a list, and a number is needed."),
    ],
)
def test_messages_about_different_things_stay_apart(message: str, other: str) -> None:
    assert same(message) != same(other)


def test_an_apostrophe_in_a_word_is_no_quotation_mark() -> None:
    assert pattern("You can't rate what you don't know.") == "You can't rate what you don't know."
    assert discreet("It isn't 'mine' yet.") == "It isn't … yet."


def test_names_are_taken_out_whole_and_never_inside_words() -> None:
    assert without_names("ada-l and Adam and ADA.", ["ada-l", "Ada", "l"]) == "… and Adam and …."
