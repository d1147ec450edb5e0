"""What looks like a plain letter and is another one is named; words of other languages are left alone."""

from __future__ import annotations

import pytest

from course.checks.expect import NotYet, expect_items, expect_text
from course.ledger import Judgement, JudgementError
from course.wording.lookalikes import describe_lookalikes


def test_a_rating_typed_in_cyrillic_is_named_as_such() -> None:
    with pytest.raises(JudgementError, match=r"'В' .В is the Cyrillic capital letter ve, not the letter B on your"):
        Judgement("S02", "F", reliability="В")


def test_an_answer_with_full_width_digits_is_named_as_such() -> None:
    with pytest.raises(NotYet, match="２ is the fullwidth digit two, not 2: type it anew"):
        expect_items("ids", ["S02"], answer=["S0２"])
    with pytest.raises(NotYet, match="А is the Cyrillic capital letter a"):
        expect_text("name", "Abrahms", answer="Аbrahms")


@pytest.mark.parametrize("text", ["", "S09", "Él dijo…", "Москва", "Ünïcode", "莫斯科", "“so-called”", "a – b"])
def test_other_languages_and_plain_text_are_left_alone(text: str) -> None:
    assert describe_lookalikes(text) == ""
