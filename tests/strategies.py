"""What Hypothesis draws: judgements as learners make them, and whole boards of them."""

from __future__ import annotations

from hypothesis import strategies as st

from course.ledger.judgement import BEARINGS, CREDIBILITY, DIRECTNESS, INTERESTS, RELIABILITY, Judgement

ORIGINS = ("", "Russian command", "U.S. government", "Abrahms", "IHS")


def judgements(
    statement: str | None = None, reading: str = "F", *, complete: bool = True
) -> st.SearchStrategy[Judgement]:
    """One judgement; unless complete is asked for, any part may still be missing."""

    def rated(values: tuple[object, ...]) -> st.SearchStrategy[object]:
        return st.sampled_from(values) if complete else st.none() | st.sampled_from(values)

    return st.builds(
        Judgement,
        statement=st.just(statement) if statement else st.integers(1, 37).map("S{:02d}".format),
        reading=st.just(reading),
        reliability=rated(tuple(RELIABILITY)),
        credibility=rated(tuple(CREDIBILITY)),
        directness=rated(tuple(DIRECTNESS)),
        bearing=rated(BEARINGS),
        interest=st.sampled_from(tuple(INTERESTS)),
        origin=st.sampled_from(ORIGINS),
        reason=st.sampled_from(("", "He says some remain.", "Interested, and no basis is given.")),
    )


def boards(*, complete: bool = True, reading: str = "F", max_size: int = 12) -> st.SearchStrategy[list[Judgement]]:
    """A list of judgements of one reading, one for each statement at most."""
    return st.lists(
        judgements(reading=reading, complete=complete), max_size=max_size, unique_by=lambda judgement: judgement.key
    )
