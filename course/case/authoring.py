"""A case of one's own: lay out a folder to start from, begin one from a ClaimReview, and check what is in a folder."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from datetime import date
from pathlib import Path
from typing import Any, Final

from course import files
from course.case.case import Case, CaseError
from course.case.datapackage import DESCRIPTION, Problem
from course.case.shape import TEMPLATE

NOTEBOOK: Final = "my-case.ipynb"
GUIDE: Final = "README.md"

_UNKNOWN: Final = "not known yet"
_PREFIXES: Final = {"claims": "C", "statements": "S", "timeline": "E"}


class AuthoringError(Exception):
    """A case cannot be laid out or checked. The message says why, and what to do."""


def new_case(folder: Path, review: Path | None = None) -> list[Path]:
    """Lay out a small, valid case in a new or an empty folder, and return the paths of its files.

    Parameters
    ----------
    folder : pathlib.Path
        Where it goes. Created if it does not exist.
    review : pathlib.Path, optional
        A ClaimReview as JSON, from which the claim, its speaker and its day are taken. Default: an invented example.

    Raises
    ------
    AuthoringError
        If there is something in the folder, it cannot be written, or the file is no ClaimReview.
    """
    if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        raise AuthoringError(f"{folder} exists and is not an empty folder, so nothing was written. Name a new folder.")
    contents = {path.name: path.read_bytes() for path in sorted(TEMPLATE.iterdir()) if path.is_file()}
    package = json.loads(contents[DESCRIPTION])
    package["name"] = _slug(folder.resolve().name) or "my-case"
    if review is not None:
        started = _Started.read(review)
        package = started.described(package)
        for resource in package["resources"]:
            names = [field["name"] for field in resource["schema"]["fields"]]
            contents[resource["path"]] = _table(names, started.rows(resource["name"]))
    contents[DESCRIPTION] = (json.dumps(package, ensure_ascii=False, indent=2) + "\n").encode()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for name, content in contents.items():
            files.write(folder / name, content)
    except OSError as error:
        raise AuthoringError(f"{folder} cannot be written: {error.strerror or error}. Name another folder.") from None
    return [folder / name for name in contents]


def check_case(folder: Path) -> tuple[Problem, ...]:
    """Return everything that keeps a folder from being used as a case; nothing if it can be used.

    Raises
    ------
    AuthoringError
        If there is no such folder, or no case in it.
    """
    if not folder.is_dir():
        raise AuthoringError(f"There is no folder {folder}. Create one with: course new-case {folder}")
    if not (folder / DESCRIPTION).is_file():
        raise AuthoringError(
            f"There is no {DESCRIPTION} in {folder}, so it is not a case. Create one elsewhere with: "
            "course new-case FOLDER"
        )
    try:
        Case.load(folder.resolve())
    except CaseError as error:
        return error.problems
    return ()


class _Started:
    """The rows that a ClaimReview gives a new case: the claim, who made it, who checked it, and what they said."""

    def __init__(self, review: Mapping[str, Any], file: Path) -> None:
        item = _mapping(review.get("itemReviewed"))
        rating = _mapping(review.get("reviewRating"))
        self.claim = _text(review.get("claimReviewed")) or _text(item.get("name"))
        if not self.claim:
            raise AuthoringError(f"{file.name} does not say what was claimed: claimReviewed is missing or empty.")
        self.checked_on = _day(review.get("datePublished"), "datePublished", file) or date.today()
        self.said_on = _day(item.get("datePublished"), "itemReviewed.datePublished", file) or self.checked_on
        if self.said_on > self.checked_on:
            raise AuthoringError(
                f"{file.name} has a claim of {self.said_on} that was checked on {self.checked_on}. Correct the days."
            )
        self.speaker = _name(item.get("author")) or "The speaker"
        self.checker = _name(review.get("author")) or _name(review.get("publisher")) or "The fact-checker"
        self.rating = _text(rating.get("alternateName")) or _text(rating.get("ratingValue")) or "no rating given"
        self.url = re.sub(r"^https?://", "", _text(review.get("url")))

    @classmethod
    def read(cls, file: Path) -> _Started:
        """Read the first ClaimReview in a file of JSON or JSON-LD.

        Raises
        ------
        AuthoringError
            If there is no such file, it is not JSON, or there is no ClaimReview in it.
        """
        try:
            value = json.loads(file.read_text(encoding="utf-8-sig"))
        except OSError as error:
            raise AuthoringError(f"{file} cannot be read: {error.strerror or error}. Check the name.") from None
        except UnicodeDecodeError:
            raise AuthoringError(f"{file.name} is not UTF-8 text. Save it again with the encoding UTF-8.") from None
        except (json.JSONDecodeError, RecursionError) as error:
            where = f" (line {error.lineno}: {error.msg})" if isinstance(error, json.JSONDecodeError) else ""
            raise AuthoringError(
                f'{file.name} is not JSON{where}. Copy all of what stands between <script type="application/ld+json"> '
                "and </script>, without these two."
            ) from None
        review = next(_reviews(value), None)
        if review is None:
            raise AuthoringError(f'{file.name} is JSON, but there is no ClaimReview in it: no "@type": "ClaimReview".')
        return cls(review, file)

    def described(self, package: dict[str, Any]) -> dict[str, Any]:
        """Return the description of the case: the template's, with this claim in place of the invented one."""
        package |= {"title": self.claim, "description": f"Begun from a ClaimReview by {self.checker}."}
        package["claim"] = {
            "text": self.claim,
            "said_on": self.said_on.isoformat(),
            "known_until": self.checked_on.isoformat(),
        }
        places = [{"value": "here", "label": "the place of the claim"}]
        values: dict[tuple[str, str], list[dict[str, Any]]] = {
            (table, "scope"): [*places, {"value": "none", "label": "no place"}]
            for table in ("statements", "quantities", "timeline")
        }
        values["statements", "measures"] = [
            {"value": "claim", "label": "the claim itself", "says": "says that the claim is true"},
            {"value": "counter", "label": "a counter-example", "says": "reports a counter-example"},
            {"value": "none", "label": "nothing measured"},
        ]
        values["quantities", "name"] = [{"value": "amount", "label": "amount", "reading": "R"}]
        for resource in package["resources"]:
            for field in resource["schema"]["fields"]:
                if categories := values.get((resource["name"], field["name"])):
                    field["categories"] = categories
                    field["constraints"]["enum"] = [category["value"] for category in categories]
        return package

    def rows(self, table: str) -> list[dict[str, str]]:
        """Return the rows of a table that the ClaimReview gives, and what has to be filled in."""
        said_on, checked_on = self.said_on.isoformat(), self.checked_on.isoformat()
        speaker, checker = _slug(self.speaker) or "speaker", _slug(self.checker) or "fact-checker"
        if speaker == checker:
            checker = f"{checker}-check"
        theirs = {"source": checker, "locator": "its ClaimReview", "address": self.url, "confidence": "M"}
        mine = {"source": "me", "locator": "my own wording", "confidence": "H"}
        who = {"kind": "person", "funded_by": _UNKNOWN, "interest": _UNKNOWN}
        claimed, checked = (f"{_PREFIXES['statements']}{number:02}" for number in (1, 2))
        measured = {"scope": "here", "as_of_precision": "day"}
        given: dict[str, list[dict[str, str]]] = {
            "claims": [
                {"said_on": said_on, "speaker": speaker, "attributed_to": speaker, "content": self.claim}
                | {"kind": "report", "covers": _UNKNOWN, "thing": _UNKNOWN, "extent": _UNKNOWN, "absolute": "true"}
                | {"note": "As the fact-checker words it. Look for the speaker's own words."}
                | theirs,
            ],
            "sources": [
                {"id": speaker, "name": self.speaker, "role": "Made the claim", "origin": "speaker"} | who | theirs,
                {"id": checker, "name": self.checker, "role": "Checked the claim", "origin": "fact-checker"}
                | {**who, "kind": "fact-checker"}
                | theirs,
                {"id": "me", "name": "The author of this case", "role": "Wrote the rows down", "origin": "author"}
                | who
                | mine,
            ],
            "origins": [
                {"id": "speaker", "name": self.speaker, "description": "What the speaker knows, and from where."}
                | mine,
                {"id": "fact-checker", "name": self.checker, "description": "What the fact-checker found out."} | mine,
                {"id": "author", "name": "The author of this case", "description": "My own wording."} | mine,
            ],
            "readings": [
                {"id": "R", "text": self.claim, "universal": "false", "fails_if": "Say what would show it false."}
                | {"short": "the claim", "day": said_on, "stated_by": "claim", "countered_by": "counter"}
                | mine,
            ],
            "statements": [
                {"set": "register", "speaker": speaker, "said_on": said_on, "known_from": said_on}
                | {"content": self.claim, "measures": "claim", "as_of": said_on, "origin": "speaker"}
                | {"caution": "As the fact-checker words it."}
                | measured
                | theirs,
                {"set": "register", "speaker": checker, "said_on": checked_on, "known_from": checked_on}
                | {"content": f"Rates the claim: {self.rating}.", "measures": "none", "as_of": checked_on}
                | {"origin": "fact-checker", "caution": "A rating is no evidence. What does it rest on?"}
                | measured
                | theirs,
            ],
            "timeline": [
                {"date": said_on, "date_precision": "day", "event": "The claim is made."}
                | {
                    "kind": "statement",
                    "scope": "here",
                    "origin": "speaker",
                    "known_from": said_on,
                    "statement": claimed,
                }
                | theirs,
                {"date": checked_on, "date_precision": "day", "event": "The fact-check is published."}
                | {"kind": "report", "scope": "none", "origin": "fact-checker", "known_from": checked_on}
                | {"statement": checked}
                | theirs,
            ],
        }
        return [
            {"id": f"{_PREFIXES.get(table)}{number:02}", "confirmed_by": "0", **row}
            for number, row in enumerate(given.get(table, []), 1)
        ]


def _table(names: list[str], rows: list[dict[str, str]]) -> bytes:
    """Return a table as CSV that spreadsheets open: UTF-8 with a byte order mark."""
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, names, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode("utf-8-sig")


def _reviews(value: object) -> Iterator[Mapping[str, Any]]:
    """Yield every ClaimReview in a value, wherever it is: alone, in a list, or in a graph."""
    if isinstance(value, list):
        for part in value:
            yield from _reviews(part)
    elif isinstance(value, dict):
        kinds = value.get("@type")
        if "ClaimReview" in (kinds if isinstance(kinds, list) else [kinds]):
            yield value
        for part in value.values():
            if isinstance(part, list | dict):
                yield from _reviews(part)


def _mapping(value: object) -> Mapping[str, Any]:
    value = value[0] if isinstance(value, list) and value else value
    return value if isinstance(value, dict) else {}


def _name(value: object) -> str:
    return _text(_mapping(value).get("name")) or _text(value)


def _text(value: object) -> str:
    return " ".join(str(value).split()) if isinstance(value, str | int | float) else ""


def _day(value: object, name: str, file: Path) -> date | None:
    if not (text := _text(value)):
        return None
    try:
        return date.fromisoformat(text[:10])
    except ValueError:
        raise AuthoringError(f"{file.name}: {name} is {text!r}. Write the day as YYYY-MM-DD.") from None


def _slug(name: str) -> str:
    return "-".join(re.findall(r"[a-z0-9]+", name.casefold()))
